"""The affine layer of a network on a batch: N rows of D inputs, N rows of M outputs.

dX = dY W^T, dW = X^T dY, and db is the sum of dY over the batch. The annotations tell the ranks, so
the generated derivative needs no helper that undoes broadcasting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64


def affine(
    x: Float64[np.ndarray, "n d"], W: Float64[np.ndarray, "d m"], b: Float64[np.ndarray, " m"]
) -> Float64[np.ndarray, "n m"]:
    """Outputs of the layer, one row for each row of `x`."""
    return np.dot(x, W) + b
