"""Functions that give a view of some arrays and a copy of others: writes are seen or are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import check_grads, grad

V = np.array([0.3, 0.7, 1.1])
Z = V + 1j * V[::-1]
SQUARE = np.array([[0.3, 0.7], [1.1, 0.2]])


def diagonal_matrix_stays(a):
    v = a * 1.0
    M = np.diag(v)
    v[1:] = 0.0
    return np.sum(np.sin(M))


def diagonal_matrix_is_written(a):
    v = a * 1.0
    M = np.diag(v)
    M[0, 1] = v[2]
    M[1, 1] = 2.0
    return np.sum(np.sin(M)) * np.sum(v**2)


def off_the_diagonal(a):
    v = a * 1.0
    M = np.diag(v, 1)
    v[1:] = 0.0
    return np.sum(np.sin(M) * M)


def diagonal_matrices_in_a_loop(a):
    s = a * 1.0
    total = 0.0
    for _ in range(3):
        S = np.diag(s)
        s *= 0.9
        total += np.trace(S @ S)
    return total


def diagonal_is_a_view(A):
    B = A * 1.0
    v = np.diag(B)
    B[0, 0] = 3.0
    return np.sum(np.sin(v) * v)


def conjugate_is_written(x):
    v = x * 2
    w = v.conj()
    w[0] = 7.0
    return v.sum() * w.sum()


def array_is_written(x):
    v = x * 2
    w = v.conjugate()
    v[0] = 7.0
    return np.sum(w**2) + np.sum(v)


def function_copies(x):
    v = x * 2
    w = np.conj(v)
    w[0] = 7.0
    return v.sum() * w.sum()


def conjugate_of_complex(x):
    v = x * 2j
    w = v.conj()
    w[0] = 7.0
    return np.sum((v * w).real + v.imag)


@pytest.mark.parametrize(
    ("fn", "x"),
    [
        (diagonal_matrix_stays, V),
        (diagonal_matrix_is_written, V),
        (off_the_diagonal, V),
        (diagonal_matrices_in_a_loop, V),
        (diagonal_is_a_view, SQUARE),
        (conjugate_is_written, V),
        (array_is_written, V),
        (function_copies, V),
        (conjugate_of_complex, V),
    ],
)
def test_writes_are_seen_where_memory_is_shared(fn: Callable[..., Any], x: Any) -> None:
    check_grads(fn, (x,), order=1)


def complex_conjugate_stays(z):
    v = z * 2
    w = v.conj()
    v[0] = 7.0
    return np.sum((w * v).real)


def test_the_conjugate_of_complex_numbers_is_a_copy() -> None:
    expected = np.array([14, *(4 * 2 * np.conj(Z[1:]))])
    np.testing.assert_allclose(grad(complex_conjugate_stays)(Z), expected)
