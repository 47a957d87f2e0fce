"""A network of 100 inputs, 300 hidden units and 10 outputs: 33,310 parameters.

`run_big_network.py` takes the whole gradient in one reverse pass and by central differences, which
need two evaluations for each parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64


class Params(TypedDict):
    """Weights and biases of both layers."""

    W1: Float64[np.ndarray, "inputs hidden"]
    b1: Float64[np.ndarray, " hidden"]
    W2: Float64[np.ndarray, "hidden outputs"]
    b2: Float64[np.ndarray, " outputs"]


def init_params(rng: np.random.Generator) -> Params:
    """Small random weights and zero biases."""
    return {
        "W1": 0.1 * rng.normal(size=(100, 300)),
        "b1": np.zeros(300),
        "W2": 0.1 * rng.normal(size=(300, 10)),
        "b2": np.zeros(10),
    }


def loss(
    params: Params, x: Float64[np.ndarray, "n inputs"], onehot: Float64[np.ndarray, "n outputs"]
) -> float:
    """Mean cross-entropy of a sigmoid network on a batch, labels one-hot."""
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    hidden = 1 / (1 + np.exp(-(x @ W1 + b1)))
    scores = hidden @ W2 + b2
    z = scores - np.max(scores, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.sum(onehot * logp) / x.shape[0]
