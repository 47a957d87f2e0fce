"""A matrix product as NumPy writes it and element by element: both give the same dX and dW."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64


def matmul(
    X: Float64[np.ndarray, "n d"], W: Float64[np.ndarray, "d m"]
) -> Float64[np.ndarray, "n m"]:
    """The product, in one operation."""
    Y = X @ W
    return Y


def matmul_loops(
    X: Float64[np.ndarray, "n d"], W: Float64[np.ndarray, "d m"]
) -> Float64[np.ndarray, "n m"]:
    """The same product from its definition."""
    n, d = X.shape
    m = W.shape[1]
    Y = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            for k in range(d):
                Y[i, j] += X[i, k] * W[k, j]
    return Y
