"""Rows that an adjoint loop indexes get a name before it, if they are there for certain."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()
WITHOUT = "2 -name_rows"


def swept(A):
    for i in range(1, A.shape[0]):
        for j in range(1, A.shape[1]):
            A[i, j] = np.sin(A[i, j]) + 0.3 * A[i, j - 1] * A[i - 1, j]
    return np.sum(A * A)


def triangular(A):
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= 2.0 + A[j, j] ** 2
    return np.sum(A)


def from_the_end(A):
    for i in range(A.shape[0] - 1, -1, -1):
        for j in range(A.shape[1] - 2, -1, -1):
            A[i, j] *= A[i, j + 1]
    return np.sum(A**2)


def parts_of_a_row(A):
    total = 0.0
    for i in range(A.shape[0]):
        A[i, 1:] = A[i, 1:] * 1.5
        for k in range(A.shape[1]):
            total += np.dot(A[i, 1:], A[:1, k] * A[i, 1:]) * A[i, k]
    return total


def stacks(A):
    B = np.stack([A, A * A])
    for i in range(2):
        for j in range(1, A.shape[0]):
            B[i, j, 1:] += B[i, j - 1, 1:] * B[i, j, 0]
    return np.sum(B**2)


NAMED = [swept, triangular, from_the_end, parts_of_a_row]


# The index of a row may be out of bounds where the inner loop runs no step.


def no_steps(A, n):
    total = 0.0
    for i in range(n):
        for j in range(A.shape[1] if i < A.shape[0] else 0):
            total += np.sin(A[i, j]) * A[i, j]
    return total


def below_the_start(A, n):
    total = 0.0
    for i in range(-A.shape[0] - 1, n):
        for j in range(A.shape[1] if -A.shape[0] <= i < A.shape[0] else 0):
            total += np.sin(A[i, j]) * A[i, j]
    return total


def in_a_branch(A, n):
    for i in range(n):
        if i < A.shape[0]:
            for j in range(A.shape[1]):
                A[i, j] = np.sin(A[i, j]) * A[i, j]
    return np.sum(A)


# The row of one name is another array in each step, or another row.


def array_that_changes(A):
    for i in range(A.shape[0]):
        for j in range(1, A.shape[1]):
            A = A * 1.1
            A[i, j] = np.sin(A[i, j]) * A[i, j - 1]
    return np.sum(A)


def row_that_changes(A):
    i = 0
    for j in range(1, A.shape[1]):
        A[i, j] = np.sin(A[i, j]) * A[i, j - 1]
        i = (i + 1) % A.shape[0]
    return np.sum(A * A)


@pytest.mark.parametrize(
    "program", [*NAMED, stacks, array_that_changes, row_that_changes], ids=lambda f: f.__name__
)
def test_gradients(program):
    A = RNG.normal(size=(4, 5))
    order = 1 if program is array_that_changes else 2  # its adjoint takes arrays out of a list
    check_grads(program, (A,), order=order)
    expected = grad(program, optimize=WITHOUT)(A)
    np.testing.assert_array_equal(grad(program)(A), expected)


@pytest.mark.parametrize("program", [no_steps, below_the_start, in_a_branch])
def test_rows_out_of_bounds(program):
    A = RNG.normal(size=(4, 5))
    check_grads(program, (A, 7), argnums=0)
    assert "_row = " not in grad(program).lower(A, 7).source


@pytest.mark.parametrize("program", NAMED, ids=lambda f: f.__name__)
def test_rows_have_names(program):
    A = RNG.normal(size=(40, 50))
    text = grad(program).lower(A).source
    without = grad(program, optimize=WITHOUT).lower(A).source
    assert "_row = " in text
    assert "_row = " not in without


def test_a_part_that_stays_is_taken_once():
    def f(C, A):
        for i in range(A.shape[0]):
            C[i, : i + 1] *= 0.5
            for k in range(A.shape[1]):
                C[i, : i + 1] += 2.0 * A[i, k] * A[: i + 1, k]
        return np.sum(C)

    C, A = RNG.normal(size=(4, 4)), RNG.normal(size=(4, 5))
    check_grads(f, (C, A), argnums=(0, 1), order=2)
    C, A = RNG.normal(size=(20, 20)), RNG.normal(size=(20, 30))
    lines = grad(f, (0, 1)).lower(C, A).source.splitlines()
    inner = next(n for n, line in enumerate(lines) if "for k in reversed" in line)
    assert lines[inner - 1].strip() == "C_bar_slice = C_bar[i, : i + 1]"


def test_elements_that_differ_do_not_hide_each_other():
    """`A_bar[i, j]` is stored at once: `A_bar[j, j]`, with j < i, is another element."""
    text = grad(triangular).lower(RNG.normal(size=(20, 20))).source
    assert "= 0.0" not in text[text.index("# backward") :]


# Parts that a step adds to twice.


def summed_twice(A):
    total = 0.0
    for i in range(1, A.shape[0]):
        total += np.dot(A[i, :i], A[i, :i]) * np.sum(np.sin(A[i, :i]) * A[0, :i])
    return total


def turned_around(A):
    y = A[0] * 1.0
    for k in range(1, A.shape[1]):
        y[:k] += A[1, k] * np.flip(y[:k]) * y[:k]
        y[k] = np.dot(y[:k], A[2, :k])
    return np.sum(y)


def index_that_changes(A):
    total, k = 0.0, 1
    for i in range(A.shape[0]):
        total += np.dot(A[i, :k], A[i, :k]) * A[i, 0]
        k = k + 1
        total += np.dot(A[i, :k], A[i, :k]) * A[i, 0]
    return total


def in_a_branch_of_a_step(A):
    total = 0.0
    for i in range(1, A.shape[0]):
        if A[i, 0] > -9.0:
            total += np.dot(A[i, :i], A[i, :i]) * np.sum(A[i, :i])
        else:
            total += np.sum(A[i])
    return total


def of_a_list(A):
    rows = [A[0] * 1.0, A[1] * 2.0, A[2] * A[3]]
    total = 0.0
    for i in range(1, 3):
        head = rows[:i]
        total += np.sum(head[0] * rows[i]) * np.sum(rows[i])
    return total


PARTS = [summed_twice, turned_around, index_that_changes, in_a_branch_of_a_step, of_a_list]


@pytest.mark.parametrize("program", PARTS, ids=lambda f: f.__name__)
def test_parts(program):
    A = RNG.normal(size=(4, 5))
    check_grads(program, (A,), order=1 if program is of_a_list else 2)
    found, expected = grad(program)(A), grad(program, optimize="2 -name_parts")(A)
    np.testing.assert_array_equal(found, expected)


def test_parts_have_names():
    A = RNG.normal(size=(20, 30))
    text = grad(summed_twice).lower(A).source
    assert "A_bar_part = A_bar[i, :i]\n" in text
    assert "A_bar_part += " in text
    assert "_part" not in grad(summed_twice, optimize="2 -name_parts").lower(A).source
