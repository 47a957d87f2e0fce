"""Hares and lynxes: how many there are by year follows from four rates, which are fitted.

The gradient of the misfit goes through the solution of the differential equation.
"""

import numpy as np
from scipy.integrate import odeint

YEARS = np.arange(0.0, 5.0)


def growth(counts, t, birth, hunt, feed, death):
    hares, lynxes = counts
    return [birth * hares - hunt * hares * lynxes, feed * hares * lynxes - death * lynxes]


def misfit(rates, start, seen):
    birth, hunt, feed, death = rates
    counts = odeint(growth, start, YEARS, args=(birth, hunt, feed, death), rtol=1e-9, atol=1e-9)
    return np.sum((np.log(counts) - np.log(seen)) ** 2)
