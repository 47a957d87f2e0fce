"""Items of tuples that were just put together."""

import numpy as np

from srcgrad import grad, jvp
from srcgrad.check import check_grads

X = np.random.default_rng().normal(size=5)


def pair(x):
    return np.sin(x), x * x


def first(x):
    return np.sum(pair(x)[0] * pair(x)[-1])


def unpacked(x):
    a, b = pair(x)
    b, a = a, b * 2.0
    return np.sum(a * b)


def kept(x):
    last, total = (x, x), 0.0
    for k in range(3):
        y = x * (k + 1.0)
        total += np.sum(last[0] * y)
        last = (y, last[1])
    return total + np.sum(last[1] * last[0])


def slope(x):
    return np.sum(jvp(lambda v: v**3, (x,), (x,))[1])


def test_gradients():
    for program in first, unpacked, kept, slope:
        check_grads(program, (X,), order=2)


def test_what_is_not_used_is_not_there():
    text = grad(slope).lower(X).source
    code = "\n".join(line for line in text.splitlines() if "#" not in line)
    assert "3 * x**2" in code and "[1]" not in code and "x**3" not in code
