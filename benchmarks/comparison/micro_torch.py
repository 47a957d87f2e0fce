"""`micro.py` in PyTorch, eager."""

from __future__ import annotations

from typing import Any

import torch

Tensor = Any


def ten_operations(x: Tensor, y: Tensor) -> Tensor:
    a = x * y
    b = torch.sin(a)
    c = b + x
    d = c * c
    e = torch.exp(-d)
    f = e * y
    g = f + a
    h = torch.sqrt(1.0 + g * g)
    i = torch.log(h)
    return i * b


def scalar_loop(x: Tensor, r: Tensor, steps: int) -> Tensor:
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


def array_loop(x: Tensor, steps: int) -> Tensor:
    for _ in range(steps):
        x = x + 0.1 * torch.sin(x)
    return torch.sum(x)


def logsumexp(x: Tensor) -> Tensor:
    top = torch.max(x)
    return top + torch.log(torch.sum(torch.exp(x - top)))


def mlp(params: list[tuple[Tensor, Tensor]], x: Tensor, y: Tensor) -> Tensor:
    h = x
    for W, b in params:
        h = torch.tanh(h @ W + b)
    return torch.mean((h - y) ** 2)
