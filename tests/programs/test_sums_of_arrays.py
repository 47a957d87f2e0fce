"""Sums of arrays that begin with a number."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def waves(x):
    s = 0
    for k in range(3):
        s = s + np.sin(k * x)
    return np.sum(s * s)


def waves_by_a_generator(x):
    s = sum(np.sin(k * x) for k in range(3))
    return np.sum(s * s)


def sum_in_two_loops(x, n):
    s = 0.0
    for k in range(n):
        for j in range(k):
            s += x**k * np.cos(j * x)
    return np.sum(np.exp(s))


def rows_and_what_they_are_multiplied_by(x):
    s = 0
    for k in range(4):
        s += x[k] * x[:3]
    s *= 2
    return s @ s


def turns_that_may_be_none(x, n):
    s = 0.0
    for k in range(n):
        s = s + np.sin(k * x)
    return np.sum(s * s) + np.sum(s)


def sum_that_is_read_in_its_loop(x):
    s = t = 0.0
    for k in range(3):
        s = s + k * x
        t = t + np.sum(s * x)
    return t + np.sum(s)


def sums_in_a_loop(x):
    t = 0.0
    for i in range(3):
        s = 0
        for k in range(2):
            s = np.tanh(k * x + i) + s
        t = t + np.sum(s**2) * x[i]
    return t


def sum_with_two_names(x):
    W = np.outer(x, x)
    acc = 0
    for v in x:
        acc = acc + W @ (x * v)
    y = acc
    acc = acc[1:] * y[:-1]
    return np.sum(acc)


def sum_that_is_left(x):
    s = 0
    for k in range(3):
        if x[k] > 0.6:
            break
        s = s + np.sin(k * x)
    return np.sum(s * x)


def index_that_is_the_sum(x):
    s = 0
    for k in range(3):
        s = s + k * x
        k = s
    return np.sum(s * x)


def sum_that_is_written_then(x):
    tot = 0
    for w, p in zip([1.0, 2.0, 0.5], [1, 2, 3]):
        tot = tot + w * x**p
    lo = tot.copy()
    lo[0] = 0.0
    tot[1:] *= lo[:-1]
    return np.sum(tot)


def sums_of_two_shapes(x):
    s = 0
    for k in range(2):
        s = s + np.outer(x, x) * k
    for k in range(2):
        s = s + x
    return np.sum(s * s)


PLAIN = [
    waves, waves_by_a_generator, rows_and_what_they_are_multiplied_by, sum_that_is_read_in_its_loop,
    sums_in_a_loop, sum_with_two_names, sum_that_is_left, index_that_is_the_sum,
    sum_that_is_written_then, sums_of_two_shapes,
]  # fmt: skip


@pytest.mark.parametrize("program", PLAIN, ids=lambda f: f.__name__)
def test_gradients(program):
    refused = program in (sum_with_two_names, sum_that_is_written_then)  # in reverse mode, twice
    check_grads(program, (RNG.uniform(0.3, 1.3, size=6),), order=1 if refused else 2)


@pytest.mark.parametrize("program", [sum_in_two_loops, turns_that_may_be_none])
@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_counts(program, count):
    check_grads(program, (RNG.uniform(0.3, 1.3, size=6), count), order=2)


def test_nothing_is_kept_of_a_sum():
    text = grad(waves).lower(np.ones(6)).source
    assert "s_tape" not in text and "unbroadcast" not in text
    assert "s_tape" not in grad(turns_that_may_be_none).lower(np.ones(6), 3).source


def test_other_sums_are_what_they_are():
    def of_rows_and_columns(x):
        total = 0.0
        for k in range(3):
            total = total + x[:, :1] * k
            total = total + x[:1]
        return np.sum(total**2)

    def of_parts(x):
        total = 0.0
        for k in range(3):
            total = total + np.sin(x[k:])[:1]
        return np.sum(total**2)

    def in_a_branch(x):
        total = 0.0
        for k in range(3):
            if x[k, 0] > 0.5:
                total = total + x[k]
        return np.sum(total**2)

    def started_with_a_parameter(x, start):
        for k in range(3):
            start = start + np.sin(k * x)
        return np.sum(start**2)

    def started_with_a_product(x):
        total = 1.0
        for k in range(3):
            total = total * x
        return np.sum(total)

    for program in (of_rows_and_columns, of_parts, in_a_branch, started_with_a_product):
        check_grads(program, (RNG.uniform(0.3, 1.3, size=(4, 3)),))
    check_grads(started_with_a_parameter, (RNG.uniform(0.3, 1.3, size=4), 0.5), argnums=(0, 1))
