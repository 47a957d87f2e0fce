"""`loops.py` in PyTorch, eager: stores into clones, and copies of what is overwritten later."""

from __future__ import annotations

from typing import Any

import torch

Tensor = Any


def jacobi_1d(A: Tensor, B: Tensor, steps: int) -> Tensor:
    A, B = A.clone(), B.clone()
    for _ in range(steps):
        B[1:-1] = (A[:-2] + A[1:-1] + A[2:]) / 3.0
        A[1:-1] = (B[:-2] + B[1:-1] + B[2:]) / 3.0
    return torch.sum(A)


def five_points(A: Tensor) -> Tensor:
    return 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])


def jacobi_2d(A: Tensor, B: Tensor, steps: int) -> Tensor:
    A, B = A.clone(), B.clone()
    for _ in range(steps):
        B[1:-1, 1:-1] = five_points(A)
        A[1:-1, 1:-1] = five_points(B)
    return torch.sum(A)


def horizontal_diffusion(field: Tensor, out: Tensor, coeff: Tensor) -> Tensor:
    lap = 4.0 * field[1:-1, 1:-1, :] - (
        field[2:, 1:-1, :] + field[:-2, 1:-1, :] + field[1:-1, 2:, :] + field[1:-1, :-2, :]
    )
    step = lap[1:, 1:-1, :] - lap[:-1, 1:-1, :]
    flux_x = torch.where(step * (field[2:-1, 2:-2, :] - field[1:-2, 2:-2, :]) > 0, 0.0, step)
    step = lap[1:-1, 1:, :] - lap[1:-1, :-1, :]
    flux_y = torch.where(step * (field[2:-2, 2:-1, :] - field[2:-2, 1:-2, :]) > 0, 0.0, step)
    out = out.clone()
    out[:, :, :] = field[2:-2, 2:-2, :] - coeff * (
        flux_x[1:, :, :] - flux_x[:-1, :, :] + flux_y[:, 1:, :] - flux_y[:, :-1, :]
    )
    return torch.sum(out)


def softmax(x: Tensor, weights: Tensor) -> Tensor:
    top = torch.amax(x, dim=-1, keepdim=True)
    e = torch.exp(x - top)
    return torch.sum(weights * (e / torch.sum(e, dim=-1, keepdim=True)))


def seidel_2d(A: Tensor, steps: int) -> Tensor:
    A = A.clone()
    n = A.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            A[i, 1:-1] += (
                A[i - 1, :-2]
                + A[i - 1, 1:-1]
                + A[i - 1, 2:]
                + A[i, 2:]
                + A[i + 1, :-2]
                + A[i + 1, 1:-1]
                + A[i + 1, 2:]
            )
            for j in range(1, n - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0
    return torch.sum(A)


def cholesky(A: Tensor) -> Tensor:
    n = A.shape[0]
    rows: list[Tensor] = []
    for i in range(n):
        row: list[Tensor] = []
        for j in range(i):
            s = A[i, j]
            if j:
                s = s - torch.dot(torch.stack(row), rows[j][:j])
            row.append(s / rows[j][j])
        s = A[i, i]
        if i:
            s = s - torch.sum(torch.stack(row) ** 2)
        row.append(torch.sqrt(s))
        rows.append(torch.stack(row))
    return sum((torch.sum(row) for row in rows), torch.sum(torch.triu(A, 1)))


def trmm(alpha: float, A: Tensor, B: Tensor) -> Tensor:
    original, B = B, B.clone()
    for i in range(B.shape[0]):
        for j in range(B.shape[1]):
            B[i, j] += torch.dot(A[i + 1 :, i], original[i + 1 :, j])
    B *= alpha
    return torch.sum(B)


def syrk(alpha: float, beta: float, C: Tensor, A: Tensor) -> Tensor:
    C = C.clone()
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += alpha * A[i, k] * A[: i + 1, k]
    return torch.sum(C)


def durbin(r: Tensor) -> Tensor:
    alpha = -r[0]
    beta = torch.ones((), dtype=r.dtype)
    y = alpha[None]
    for k in range(1, r.shape[0]):
        beta = beta * (1.0 - alpha * alpha)
        alpha = -(r[k] + torch.dot(torch.flip(r[:k], (0,)), y)) / beta
        y = torch.cat([y + alpha * torch.flip(y, (0,)), alpha[None]])
    return torch.sum(y)
