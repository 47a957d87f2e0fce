"""`loops.py` as JAX must have it: the same loops as scans, with masks and functional stores."""

from __future__ import annotations

from typing import Any

import jax.numpy as np
from jax.lax import fori_loop

Array = Any


def jacobi_1d(A: Array, B: Array, steps: int) -> Array:
    def step(_: int, state: tuple[Array, Array]) -> tuple[Array, Array]:
        A, B = state
        B = B.at[1:-1].set((A[:-2] + A[1:-1] + A[2:]) / 3.0)
        A = A.at[1:-1].set((B[:-2] + B[1:-1] + B[2:]) / 3.0)
        return A, B

    return np.sum(fori_loop(0, steps, step, (A, B))[0])


def five_points(A: Array) -> Array:
    return 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])


def jacobi_2d(A: Array, B: Array, steps: int) -> Array:
    def step(_: int, state: tuple[Array, Array]) -> tuple[Array, Array]:
        A, B = state
        B = B.at[1:-1, 1:-1].set(five_points(A))
        A = A.at[1:-1, 1:-1].set(five_points(B))
        return A, B

    return np.sum(fori_loop(0, steps, step, (A, B))[0])


def horizontal_diffusion(field: Array, out: Array, coeff: Array) -> Array:
    lap = 4.0 * field[1:-1, 1:-1, :] - (
        field[2:, 1:-1, :] + field[:-2, 1:-1, :] + field[1:-1, 2:, :] + field[1:-1, :-2, :]
    )
    step = lap[1:, 1:-1, :] - lap[:-1, 1:-1, :]
    flux_x = np.where(step * (field[2:-1, 2:-2, :] - field[1:-2, 2:-2, :]) > 0, 0.0, step)
    step = lap[1:-1, 1:, :] - lap[1:-1, :-1, :]
    flux_y = np.where(step * (field[2:-2, 2:-1, :] - field[2:-2, 1:-2, :]) > 0, 0.0, step)
    return np.sum(
        field[2:-2, 2:-2, :]
        - coeff * (flux_x[1:, :, :] - flux_x[:-1, :, :] + flux_y[:, 1:, :] - flux_y[:, :-1, :])
    )


def seidel_2d(A: Array, steps: int) -> Array:
    n = A.shape[0]

    def row_step(i: int, A: Array) -> Array:
        above, row, below = A[i - 1], A[i], A[i + 1]
        row = row.at[1:-1].add(
            above[:-2] + above[1:-1] + above[2:] + row[2:] + below[:-2] + below[1:-1] + below[2:]
        )

        def element(j: int, row: Array) -> Array:
            return row.at[j].set((row[j] + row[j - 1]) / 9.0)

        return A.at[i].set(fori_loop(1, n - 1, element, row))

    return np.sum(fori_loop(0, steps, lambda _, A: fori_loop(1, n - 1, row_step, A), A))


def cholesky(A: Array) -> Array:
    n = A.shape[0]
    columns = np.arange(n)

    def row_step(i: int, A: Array) -> Array:
        def element(j: int, row: Array) -> Array:
            value = (row[j] - np.sum(np.where(columns < j, row * A[j], 0.0))) / A[j, j]
            return row.at[j].set(np.where(j < i, value, row[j]))

        row = fori_loop(0, n, element, A[i])
        last = np.sqrt(row[i] - np.sum(np.where(columns < i, row * row, 0.0)))
        return A.at[i].set(row.at[i].set(last))

    return np.sum(fori_loop(0, n, row_step, A))


def trmm(alpha: float, A: Array, B: Array) -> Array:
    m, n = B.shape
    rows = np.arange(m)

    def row_step(i: int, B: Array) -> Array:
        def element(j: int, row: Array) -> Array:
            return row.at[j].add(np.sum(np.where(rows > i, A[:, i] * B[:, j], 0.0)))

        return B.at[i].set(fori_loop(0, n, element, B[i]))

    return np.sum(alpha * fori_loop(0, m, row_step, B))


def syrk(alpha: float, beta: float, C: Array, A: Array) -> Array:
    n, m = A.shape
    columns = np.arange(n)

    def row_step(i: int, C: Array) -> Array:
        def update(k: int, row: Array) -> Array:
            return row + np.where(columns <= i, alpha * A[i, k] * A[:, k], 0.0)

        row = np.where(columns <= i, beta * C[i], C[i])
        return C.at[i].set(fori_loop(0, m, update, row))

    return np.sum(fori_loop(0, n, row_step, C))


def durbin(r: Array) -> Array:
    n = r.shape[0]
    places = np.arange(n)

    def step(k: int, state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        y, alpha, beta = state
        beta = beta * (1.0 - alpha * alpha)
        back = (k - 1 - places) % n
        alpha = -(r[k] + np.sum(np.where(places < k, r[back] * y, 0.0))) / beta
        y = y + np.where(places < k, alpha * y[back], 0.0)
        return y.at[k].set(alpha), alpha, beta

    start = np.zeros(n).at[0].set(-r[0]), -r[0], np.ones(())
    return np.sum(fori_loop(1, n, step, start)[0])
