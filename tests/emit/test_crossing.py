"""Temporaries of an adjoint stand in their reader, behind stores into other memory alone."""

from __future__ import annotations

import linecache
import random

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad
from srcgrad.check import check_grads
from tests.emit.stores import program

RNG = np.random.default_rng()


def made(text):
    name = f"<stores {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    names = {}
    exec(compile(text, name, "exec"), names)
    return names["f"]


def arguments():
    return RNG.normal(size=6), RNG.normal(size=6), RNG.normal(size=(6, 6)), 0.7, 3


def steps(x, y):
    """A part of `y` times a part of `x`, several times; both adjoints are added to."""
    for _ in range(3):
        y = np.concatenate([x[:1], x[1:] * y[:-1]]) + y
        y = np.concatenate([x[:1], x[1:] * np.sin(y[:-1])]) + y
    return np.sum(y * y)


def shared(x, y):
    """`v` and `y` are one array."""
    v = y[1:]
    for k in range(3):
        y[:-1] = v * x[1:]
        v *= x[k]
        y[k] = v[0] * x[k]
    return np.sum(v * v) + np.sum(y)


def of_a_list(x, y):
    rows = [x * 1.0, y * 2.0]
    for k in range(3):
        rows.append(rows[-1] * rows[k])
        x[1:] = rows[k][1:] * x[:-1]
        y[:-1] += rows[-1][1:] * x[1:]
    return np.sum(rows[-1] * y) + np.sum(x)


@pytest.mark.parametrize("function", [steps, shared, of_a_list], ids=lambda f: f.__name__)
def test_gradients(function):
    x, y = RNG.normal(size=5), RNG.normal(size=5)
    check_grads(function, (x, y))
    for a, b in zip(
        grad(function, (0, 1))(x, y), grad(function, (0, 1), optimize=0)(x, y), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def body_of(function, *args):
    text = grad(function, (0, 1)).lower(*args).source
    return text[text.index("# backward") :]


def test_a_sum_into_other_memory():
    text = body_of(steps, RNG.normal(size=5), RNG.normal(size=5))
    assert text.count("x_slice = x[1:]") == text.count("x_bar_part = x_bar[1:]") == 1
    assert text.index("x_slice = ") < text.index("for _ in") > text.index("x_bar_part = ")
    assert "+= y_1_bar[" in text or "_bar * y" in text


@pytest.mark.filterwarnings("ignore:(overflow|invalid value):RuntimeWarning")  # in both
@pytest.mark.parametrize("number", range(30))
def test_random_stores(number):
    """Some of these programs are refused; the others have the gradient of level 0."""
    seed = int(RNG.integers(1 << 30))
    f = made(program(random.Random(seed)))
    args = arguments()
    try:
        expected = grad(f, (0, 1, 2, 3), optimize=0)(*args)
        found = grad(f, (0, 1, 2, 3))(*args)
    except (UnsupportedError, ValueError, IndexError) as error:
        if isinstance(error, UnsupportedError):
            return
        with pytest.raises(type(error)):  # as the program itself
            f(*args)
        return
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10, err_msg=seed)
