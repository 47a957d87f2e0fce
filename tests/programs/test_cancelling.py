"""An extremum that only keeps numbers small has no adjoint; any other one has."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def logsumexp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def of_method(x):
    top = x.max()
    e = np.exp(-top + x)
    return np.sum((e / e.sum()) ** 2)


def of_rows(x):
    z = x - np.max(x, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))
    return np.sum(logp[:, 0] * x[:, 1])


def in_a_loop(x):
    total = 0.0
    for row in x:
        top = np.max(row)
        p = np.exp(row - top)
        p /= np.sum(p)
        total += np.sum(p * p)
    return total


def of_the_least(x):
    low = np.min(x)
    return np.log(np.mean(np.exp(2.0 * (x - x) + (x - low)))) + low


def scaled(x):
    top = np.max(x)
    return 2.0 * top + np.log(np.sum(np.exp(x - top)))


def other_axis(x):
    z = x - np.max(x, axis=1, keepdims=True)
    return np.sum((np.exp(z) / np.sum(np.exp(z), axis=0, keepdims=True)) ** 2)


def dropped_axis(x):
    top = np.max(x, axis=0)
    p = np.exp(x - top)
    return np.sum((p / np.sum(p, axis=1, keepdims=True)) ** 2)


def returned_as_well(x):
    top = np.max(x)
    e = np.exp(x - top)
    return np.sum(e / np.sum(e) * x) + np.sum(e)


def kept_for_later(x):
    total, e = 0.0, x
    for row in x:
        total += np.sum(e)
        top = np.max(row)
        e = np.exp(row - top)
        total += np.log(np.sum(e)) + top
    return total


def stored(x):
    e = np.exp(x - np.max(x))
    e[0] = 1.0
    return np.sum((e / np.sum(e)) ** 2)


def in_a_branch(x):
    top = np.max(x)
    if x.flat[0] < 100.0:
        top = top * 2.0
    return top + np.log(np.sum(np.exp(x - top)))


CANCEL = [logsumexp, of_method, of_rows, in_a_loop, of_the_least]
REMAIN = [scaled, other_axis, dropped_axis, returned_as_well, kept_for_later, stored, in_a_branch]


@pytest.mark.parametrize("f", [*CANCEL, *REMAIN], ids=lambda f: f.__name__)
def test_gradient(f):
    x = RNG.normal(size=(3, 4))
    check_grads(f, (x,))
    text = grad(f).lower(x).source
    assert ("count_nonzero" in text or "share_extremum" in text) == (f in REMAIN)
