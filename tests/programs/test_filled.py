"""Arrays that are filled after they were recorded, or in a loop within a loop."""

import copy
import random

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, value_and_grad
from srcgrad.check import check_grads
from srcgrad.differences import central_differences
from tests.emit.turns import made
from tests.programs.filled import program

RNG = np.random.default_rng()


def by_an_item(x, w):
    t = 0.0
    for i in range(3):
        b = np.zeros(3)
        b[1] = x[i] * w
        t += np.sum(b * b)
    return t


def in_a_branch(x, w):
    t = 0.0
    for i in range(3):
        if x[i] > 0:
            b = np.zeros(3)
            b[1] = x[i] * w
            t += np.sum(b * b)
            b = np.zeros(3)
            b[2] = x[i] * w
            t += np.sum(b * b)
    return t


def behind_a_way_out(x, w):
    t = 0.0
    for i in range(3):
        b = np.zeros(3)
        if x[i] < 0:
            continue
        b[1] = x[i] * w
        t += np.sum(b * b)
    return t


def in_a_loop(x, w):
    t = 0.0
    for i in range(3):
        b = np.zeros(3)
        for j in range(2):
            b[j] = x[i] * w
        t += np.sum(b * b)
    return t


def a_list(x, w):
    t = 0.0
    for i in range(3):
        b = [0.0, 0.0]
        b[1] = x[i] * w
        t += b[0] * b[1] + b[1] ** 2
    return t


def a_dict(x, w):
    t = 0.0
    for i in range(3):
        b = {"a": 1.0, "k": 0.0}
        b["k"] = x[i] * w
        t += b["a"] * b["k"] + b["k"] ** 2
    return t


FILLED = [by_an_item, in_a_branch, behind_a_way_out, in_a_loop, a_list, a_dict]


@pytest.mark.parametrize("program", FILLED, ids=lambda f: f.__name__)
def test_the_adjoint_reads_what_is_filled_in_last(program):
    args = np.array([0.3, -0.2, 0.5]), 0.7
    check_grads(program, args, argnums=(0, 1), order=1)
    expected = central_differences(program, args, (0, 1))
    for make in grad, lambda *of: lambda *a: value_and_grad(*of)(*a)[1]:
        for found, slope in zip(make(program, (0, 1))(*args), expected, strict=True):
            np.testing.assert_allclose(found, slope, rtol=1e-7)


def test_the_record_stands_behind_what_is_filled_in():
    text = grad(by_an_item, (0, 1), optimize="2 -fuse_sweeps").lower(np.ones(3), 0.7).source
    assert text.index("b[1] = ") < text.index("b_tape.append(b)")


@pytest.mark.parametrize("program", FILLED[:4], ids=lambda f: f.__name__)
def test_filled_in_compiled_loops(program):
    args = np.array([0.3, -0.2, 0.5]), 0.7
    expected = central_differences(program, args, (0, 1))
    for found, slope in zip(grad(program, (0, 1), backend="numba")(*args), expected, strict=True):
        np.testing.assert_allclose(found, slope, rtol=1e-7)


# The array of the turn before is stored into at the begin of the next one.


def stored_in_the_next_turn(w, c):
    t = 0.0
    for _ in range(2):
        b = w.copy()
        for _ in range(3):
            b[1:] += c
            b = np.ones(3)
            t += np.dot(b, w)
    return t


def overwritten_in_the_next_turn(w, c):
    t = 0.0
    for _ in range(2):
        b = np.zeros(3)
        for _ in range(3):
            b[1:] = c
            b = w * 2.0
            t += np.dot(b, b)
    return t


def two_loops_within(w, c):
    t = 0.0
    for _ in range(2):
        b = w * c
        for _ in range(2):
            for _ in range(2):
                b[:2] *= c
                b = np.sin(w)
                t += np.dot(b, b)
            b[1:] += t
    return t


@pytest.mark.parametrize(
    "program",
    [stored_in_the_next_turn, overwritten_in_the_next_turn, two_loops_within],
    ids=lambda f: f.__name__,
)
def test_arrays_of_turns_before(program):
    check_grads(program, (RNG.normal(size=3), 0.3), argnums=(0, 1), order=1)


def test_joined_loops_that_have_nothing_left_to_do():
    def f(x, w):
        t, b, y = 0.0, np.zeros(3), w * 1.0
        for i in range(3):
            if x[i] > 0:
                b[:2] *= x[i] * w[i]
                b = np.zeros(3)
            y = b * 2.0
            for i in range(2):
                b[1:] *= np.sin(x[i])
                b = b.copy()
            i = 1
        return t * t

    for gradient in grad(f, (0, 1))(np.ones(3), np.ones(3)):
        np.testing.assert_array_equal(gradient, np.zeros(3))
    assert "for " not in grad(f, (0, 1)).lower(np.ones(3), np.ones(3)).source.split("def f_grad")[1]


@pytest.mark.filterwarnings("ignore:(overflow|invalid value):RuntimeWarning")  # not judged, below
@pytest.mark.parametrize("number", range(60))
def test_random_programs(number):
    seed = int(RNG.integers(1 << 30))
    f = made(program(random.Random(seed)))
    x, w = RNG.normal(size=3), RNG.normal(size=3)
    value = f(x.copy(), w.copy())
    expected = central_differences(lambda *a: f(*copy.deepcopy(a)), (x, w), (0, 1))
    if not all(np.max(np.abs(one)) < 1e3 for one in (value, *expected)):
        return  # differences are too coarse, or there are none
    kept = x.copy(), w.copy()
    try:
        found = grad(f, (0, 1))(x, w), value_and_grad(f, (0, 1))(x, w)[1]
    except UnsupportedError:
        return  # right or refused
    for gradient in found:
        for one, slope in zip(gradient, expected, strict=True):
            size = max(1.0, float(np.max(np.abs(slope))))
            np.testing.assert_allclose(one, slope, rtol=2e-5, atol=2e-5 * size, err_msg=seed)
    for one, two in zip((x, w), kept, strict=True):
        np.testing.assert_array_equal(one, two)
