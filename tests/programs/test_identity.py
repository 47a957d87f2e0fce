"""Programs that look whose memory an array is: what is done in place stays in place."""

import numpy as np
import pytest

from srcgrad import grad, value_and_grad
from srcgrad.differences import central_differences

RNG = np.random.default_rng()


def may_share(x):
    y = x * 2
    z = np.asarray(y)
    z += 1.0
    return np.sum(z**2) if np.may_share_memory(z, y) else np.sum(z)


def shares(x):
    y = x * 2
    z = y[1:]
    z += 1.0
    return np.sum(z**2) if np.shares_memory(z, y) else np.sum(z)


def same(x):
    y = x * 2
    z = y
    z *= x
    known = z is y
    return np.sum(z**2) if known and np.may_share_memory(z, y) else np.sum(z)


def of_base(x):
    y = x * 2
    z = y[:2]
    z += 1.0
    return np.sum(z**2) if z.base is y else np.sum(z)


def by_number(x):
    y = x * 2
    z = y
    z += 1.0
    return np.sum(z**2) if id(z) == id(y) else np.sum(z)


def owning(x):
    y = x * 2
    z = y[1:]
    z += 1.0
    return np.sum(z) if z.flags.owndata else np.sum(z**2)


def contiguous(x):
    z = (x * 2)[::2]
    z *= 3.0
    return np.sum(z) if z.flags["C_CONTIGUOUS"] else np.sum(z**2)


def turn_by_turn(x):
    t = 0.0
    for i in range(3):
        y = x * (2 + i)
        z = y.reshape(-1)
        z -= i
        t = t + np.sum(z) if z.base is None else t + np.sum(z**2)
    return t


PROGRAMS = [may_share, shares, same, of_base, by_number, owning, contiguous, turn_by_turn]


@pytest.mark.parametrize("options", [{}, {"optimize": 0}], ids=["improved", "plain"])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_identity(f, options):
    x = RNG.uniform(0.3, 1.7, 3)
    value, found = value_and_grad(f, **options)(x)
    np.testing.assert_allclose(value, f(x), rtol=1e-12)
    np.testing.assert_allclose(found, central_differences(f, (x,), 0), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(grad(f, **options)(x), found, rtol=1e-12)
