"""Adjoints that read an argument as it was given: where that is the same, and where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, vjp
from srcgrad.differences import central_differences

# --- programs of which nothing that is overwritten is recorded


def rows_below(A, B):
    for i in range(B.shape[0]):
        for j in range(B.shape[1]):
            B[i, j] += np.dot(A[i + 1 :, i], B[i + 1 :, j])
    B *= 3.0
    return np.sum(B)


def before_any_write(A, B):
    s = np.sum(A[0] * B**2)
    B[1:] = 0.0
    return s + np.sum(B * A)


def from_the_end(A, B):
    for i in range(B.shape[0] - 1, 0, -1):
        B[i] = B[i - 1] ** 2 * A[i]
    return np.sum(B)


def own_copy(A, B):
    B = B.copy()
    for i in range(B.shape[0] - 1):
        B[i] *= np.sin(B[i + 1])
    return np.sum(B) + np.sum(A)


# --- programs in which what was given is there no more


def rows_above(A, B):
    for i in range(1, B.shape[0]):
        B[i] *= np.sin(B[i - 1])
    return np.sum(B)


def written_twice(A, B):
    for _ in range(2):
        for i in range(B.shape[0] - 1):
            B[i] = B[i] + B[i + 1] ** 2
    return np.sum(B)


def through_a_view(A, B):
    first = B[0]
    first[1:] = A[0, 1:]
    s = np.sum(B[0] ** 3)
    B[0] = 0.0
    return s + np.sum(B)


def of_another_array(A, B):
    s = np.sum(B**2)
    B[0] = A[0]
    s += np.sum(B**3)
    B = np.cos(A)
    s += np.sum(B**3)
    B[0] = 1.0
    return s


def a_part_of_itself(A, B):
    B[0] = A[0] * 2.0
    B = B[1:]
    s = np.sum(B[0] ** 2)
    B[0] = A[0]
    return s + np.sum(B**2)


def one_of_two(A, B):
    B[0] *= 2.0
    if A[0, 0] > 0.0:
        B = B * 2.0
    s = np.sum(B[1] ** 3)
    B[1] = 0.0
    return s + np.sum(B)


def while_it_lasts(A, B):
    k = 0
    while k < 3:
        B[k + 1] = B[k] * np.sin(B[k + 2])
        k += 1
    return np.sum(B * A)


def places_looked_up(A, B):
    places = [2, 1, 2]
    for k in range(3):
        B[places[k]] = B[places[k]] ** 2 * A[0]
    return np.sum(B)


def two_loops(A, B):
    for i in range(B.shape[0]):
        B[i] = B[i] * np.cos(B[i])
    for i in range(B.shape[0] - 1):
        B[i] *= B[i + 1]
    return np.sum(B)


def negative_places(A, B):
    for i in range(B.shape[0]):
        B[i] *= np.sin(B[i - 1])
    return np.sum(B)


def mixed(A, B):
    s = 0.0
    for i in range(B.shape[0]):
        s += np.sum(B[i:] ** 2)
        B[i] = A[i] * s
    return s + np.sum(B)


KEPT = [rows_below, before_any_write, from_the_end, own_copy]
OTHERS = [
    rows_above,
    written_twice,
    through_a_view,
    of_another_array,
    a_part_of_itself,
    one_of_two,
    while_it_lasts,
    places_looked_up,
    two_loops,
    negative_places,
    mixed,
]


def given(size: int) -> list[Any]:
    r = np.random.default_rng(size)
    return [r.uniform(0.4, 0.9, (size, size)) for _ in range(2)]


@pytest.mark.parametrize("size", [5, 11])
@pytest.mark.parametrize("program", KEPT + OTHERS, ids=lambda f: f.__name__)
def test_gradients(program: Callable[..., Any], size: int) -> None:
    args = given(size)
    before = [a.copy() for a in args]
    expected = central_differences(lambda *a: program(*[x.copy() for x in a]), args, (0, 1))
    for found, right in zip(grad(program, (0, 1))(*args), expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)
        assert not any(np.shares_memory(found, a) for a in args)
    for arg, same in zip(args, before, strict=True):
        np.testing.assert_array_equal(arg, same)


@pytest.mark.parametrize("program", KEPT + OTHERS, ids=lambda f: f.__name__)
def test_pullbacks_may_be_called_again(program: Callable[..., Any]) -> None:
    args = given(9)
    expected = central_differences(lambda *a: program(*[x.copy() for x in a]), args, (0, 1))
    _, pullback = vjp(program, *args)
    for _ in range(2):
        for found, right in zip(pullback(1.0), expected, strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("program", KEPT, ids=lambda f: f.__name__)
def test_nothing_overwritten_is_recorded(program: Callable[..., Any]) -> None:
    assert "B_old" not in grad(program, (0, 1)).lower(*given(9)).source


def test_no_forward_sweep_where_adjoints_read_arguments_alone() -> None:
    text = grad(rows_below, (0, 1)).lower(*given(9)).source
    assert ".copy()" not in text
    assert "B_given" not in text
    assert text.count("for i in") == 1
