"""Prints the full local Jacobians of the linear maps and of ReLU, assembled row by row.

Run: python examples/run_jacobians.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jacobians_grad import batch_vjp, matrix_vjp, scalar_vjp, vector_vjp
from relu_grad import relu_maximum_vjp


def full_jacobians(vjp: Callable[..., Any], *args: Any) -> tuple[np.ndarray, ...]:
    """Jacobians of the result in each variable, of shape result shape + variable shape.

    One call of the pullback for each element of the result, with a one at that element.
    """
    value, pullback = vjp(*args)
    if np.ndim(value) == 0:
        return tuple(np.asarray(row) for row in pullback(1.0))
    rows = []
    for index in np.ndindex(value.shape):
        seed = np.zeros(value.shape)
        seed[index] = 1
        rows.append(pullback(seed))
    blocks = []
    for variable in zip(*rows, strict=True):
        blocks.append(np.reshape(variable, value.shape + np.shape(variable[0])))
    return tuple(blocks)


def main() -> None:
    w, x = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    W, X = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    cases = [
        ("y = w x", scalar_vjp, (2.0, 3.0)),
        ("y = w^T x", vector_vjp, (w, x)),
        ("y = W x", matrix_vjp, (W, x)),
        ("Y = W X", batch_vjp, (W, X)),
    ]
    for title, vjp, args in cases:
        dw, dx = full_jacobians(vjp, *args)
        print(f"{title}: dy/dw has shape {dw.shape}, dy/dx has shape {dx.shape}")
        if dw.ndim <= 1:
            print(f"  dy/dw = {dw}\n  dy/dx = {dx}")
    (diagonal,) = full_jacobians(relu_maximum_vjp, np.array([-1.0, 0.0, 2.0]))
    print(f"ReLU at (-1, 0, 2):\n{diagonal}")


if __name__ == "__main__":
    main()
