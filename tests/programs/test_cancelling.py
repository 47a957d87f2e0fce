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


def of_columns(x):
    top = np.max(x, axis=0)
    return np.sum(x[0] * (top + np.log(np.sum(np.exp(x - top), axis=0))))


def of_rows_dropped(x):
    top = x.max(axis=1)
    e = np.exp(x - top[:, None])
    p = e / e.sum(axis=-1)[:, np.newaxis]
    return np.sum(p * x**2)


def of_rows_put_back(x):
    top = np.max(x, axis=-1)
    e = np.exp(x - np.expand_dims(top, -1))
    return np.sum(x[:, 0] * (np.log(np.sum(e, axis=1)) + top))


def of_two_axes(x):
    y = np.stack([x, x**2])
    top = np.max(y, axis=(0, 2))
    e = np.exp(y - top[..., None])
    return np.sum(x[:, 0] * (np.log(np.sum(e, axis=(0, 2))) + top))


def lined_up_with_columns(x):
    """A top of each row, taken from the column of that number: wrong statistics, right calculus."""
    y = x[:, :3]
    top = np.max(y, axis=1)
    return np.sum(x[0, :3] * (top + np.log(np.sum(np.exp(y - top), axis=0))))


def of_columns_kept(x):
    top = np.max(x, axis=0, keepdims=True)
    e = np.exp(x - top)
    return np.sum((e / np.sum(e, axis=0)) ** 2)


def summed_across(x):
    y = x[:, :3]
    top = np.max(y, axis=1)
    return np.sum(x[0, :3] * (top + np.log(np.sum(np.exp(y - top), axis=1))))


def added_across(x):
    y = x[:, :3]
    top = np.max(y, axis=1)
    lse = np.log(np.sum(np.exp(y - top[:, None]), axis=1))
    return np.sum(y * (top + lse[:, None]))


def one_row(x):
    top = np.max(x, axis=1)
    e = np.exp(x - top[:, None])[1:]
    return np.sum(np.log(np.sum(e, axis=1)) + top[1:])


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


CANCEL = [
    logsumexp, of_method, of_rows, in_a_loop, of_the_least, of_columns, of_rows_dropped,
    of_rows_put_back, of_two_axes, lined_up_with_columns, of_columns_kept,
]  # fmt: skip
REMAIN = [
    scaled, other_axis, dropped_axis, returned_as_well, kept_for_later, stored, in_a_branch,
    summed_across, added_across, one_row,
]  # fmt: skip


@pytest.mark.parametrize("f", [*CANCEL, *REMAIN], ids=lambda f: f.__name__)
def test_gradient(f):
    x = RNG.normal(size=(3, 4))
    check_grads(f, (x,))
    text = grad(f).lower(x).source
    assert ("count_nonzero" in text or "share_extremum" in text) == (f in REMAIN)
