"""Large arrays of a turn go before the next ones are made, and nothing else does."""

import tracemalloc

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()
WITHOUT = "2 -release_in_loops"


def smoothed(a, b):
    for _ in range(3):
        b[1:-1] = (a[:-2] + a[1:-1] + a[2:]) / 3.0
        a[1:-1] = (b[:-2] + b[1:-1] + b[2:]) / 3.0
    return np.sum(a)


def smoothed_in_two(a, b):
    for n in range(4):
        if n % 2:
            b[1:-1] = a[:-2] * a[2:]
        else:
            a[1:-1] = np.sin(b[:-2]) * b[2:]
        a[1:-1] = (b[:-2] + b[1:-1] + b[2:]) / 3.0
        b[:] = a * 0.5
    return np.sum(a * b)


def kept_for_the_next_turn(a, b):
    c = a * b
    for _ in range(3):
        a[1:-1] = (c[:-2] + c[1:-1] + c[2:]) / 3.0
        c = a * b + c
    return np.sum(c * c)


def left_early(a, b):
    for n in range(5):
        b[1:-1] = (a[:-2] + a[1:-1] + a[2:]) / 3.0
        if np.sum(b) > 1.0 + n:
            break
        a[1:-1] = (b[:-2] + b[1:-1] + b[2:]) / 3.0
    return np.sum(a * b)


PROGRAMS = [smoothed, smoothed_in_two, kept_for_the_next_turn, left_early]


def arguments(n=12):
    return RNG.normal(size=n), RNG.normal(size=n)


@pytest.mark.usefixtures("small_arrays_too")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(program):
    a, b = arguments()
    check_grads(program, (a, b), argnums=(0, 1))
    found = grad(program, (0, 1))(a, b)
    expected = grad(program, (0, 1), optimize=WITHOUT)(a, b)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.usefixtures("small_arrays_too")
def test_derivatives_of_gradients():
    """The text that is differentiated again lets go of nothing."""
    check_grads(smoothed, arguments(), argnums=(0, 1), order=2)


@pytest.mark.usefixtures("small_arrays_too")
def test_both_arrays_go():
    text = grad(smoothed, (0, 1)).lower(*arguments()).source
    assert text.count("        del ") == 2
    assert "        del " not in grad(smoothed, (0, 1), optimize=WITHOUT).lower(*arguments()).source


def test_small_arrays_stay():
    def f(a, b):
        for _ in range(3):
            b[1:-1] = (a[:-2] + a[1:-1] + a[2:]) / 3.0
            a[1:-1] = (b[:-2] + b[1:-1] + b[2:]) / 3.0
        return np.sum(a)

    assert "del " not in grad(f, (0, 1)).lower(*arguments()).source
    assert "del " in grad(f, (0, 1)).lower(*arguments(10_000)).source


def test_memory():
    """The two gradients, one array of the turn, and one that is made: 4.1 of a length."""
    a, b = arguments(100_000)
    peaks = []
    for optimize in (None, WITHOUT):
        function = grad(smoothed, (0, 1), optimize=optimize).lower(a, b).function
        tracemalloc.start()
        function(a, b)
        peaks.append(tracemalloc.get_traced_memory()[1] / a.nbytes)
        tracemalloc.stop()
    assert peaks[0] < 4.1 < peaks[1]
