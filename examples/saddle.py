"""A saddle point: min over x of the max over y of f(x, y), both by descent along gradients.

The inner search runs along derivatives, and the outer one differentiates through it.
"""

import numpy as np

from srcgrad import grad


def cost(x, y):
    return np.sum(x**2) - np.sum(y**2)


def minimised(f, x):
    """Where descent ends that doubles its step after ten successes, and halves it on failure."""
    slope = grad(f)
    fx, gx = f(x), slope(x)
    rate, successes = 1e-5, 0
    while np.sqrt(np.sum(gx**2)) > 1e-5:
        if successes == 10:
            rate, successes = 2.0 * rate, 0
            continue
        step = rate * gx
        if np.sqrt(np.sum(step**2)) <= 1e-5:
            break
        there = f(x - step)
        if there < fx:
            x, fx, successes = x - step, there, successes + 1
            gx = slope(x)
        else:
            rate, successes = rate / 2.0, 0
    return x


def worst(x, start):
    """The largest cost that y can make of x."""
    y = minimised(lambda y: -cost(x, y), start)
    return cost(x, y)


def saddle(start):
    """Both coordinates of the saddle point."""
    x = minimised(lambda x: worst(x, start), start)
    y = minimised(lambda y: -cost(x, y), start)
    return x, y
