"""Softmax with cross-entropy, stable for large scores, on one-hot and on integer labels.

The gradient of either loss with respect to the scores is (softmax - onehot) / N.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64, Int


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Logarithm of the class probabilities, row by row; less the maximum, exp cannot overflow."""
    z = scores - np.max(scores, axis=1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))


def loss_onehot(
    scores: Float64[np.ndarray, "n classes"], onehot: Float64[np.ndarray, "n classes"]
) -> float:
    """Mean cross-entropy over the batch, labels given as rows with a single one."""
    return -np.sum(onehot * log_softmax(scores)) / len(scores)


def loss_labels(scores: Float64[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"]) -> float:
    """Mean cross-entropy over the batch, labels given as class numbers."""
    logp = log_softmax(scores)
    rows = np.arange(len(labels))
    return -np.mean(logp[rows, labels])
