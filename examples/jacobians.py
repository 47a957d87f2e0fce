"""The linear map for scalars, vectors, matrices and a batch, and what its full Jacobians look like.

A pullback gives one row of a Jacobian: the gradient of one element of the result, in the shape of
the variable. Stacking the rows gives the whole, four indices for dY/dW and dY/dX of the batch.
`run_jacobians.py` prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64


def scalar(w: float, x: float) -> float:
    """y = w x: dy/dw = x, dy/dx = w."""
    return w * x


def vector(w: Float64[np.ndarray, " n"], x: Float64[np.ndarray, " n"]) -> float:
    """y = w^T x: dy/dw = x, dy/dx = w."""
    return w.T @ x


def matrix(
    w: Float64[np.ndarray, "m n"], x: Float64[np.ndarray, " n"]
) -> Float64[np.ndarray, " m"]:
    """y = W x: dy_i/dW_jk = [i = j] x_k, dy_i/dx_k = W_ik."""
    return w @ x


def batch(
    w: Float64[np.ndarray, "m n"], x: Float64[np.ndarray, "n b"]
) -> Float64[np.ndarray, "m b"]:
    """Y = W X, the columns of X being the batch.

    dY_ib/dW_jk = [i = j] X_kb, dY_ib/dX_kc = [b = c] W_ik.
    """
    return w @ x
