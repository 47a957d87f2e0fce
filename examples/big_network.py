"""A network of 100 inputs, 300 hidden units and 10 outputs: 33,310 parameters.

`run_big_network.py` takes the whole gradient in one reverse pass and by central differences, which
need two evaluations for each parameter.
"""

from __future__ import annotations

import numpy as np


def init_params(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Small random weights and zero biases."""
    return {
        "W1": 0.1 * rng.normal(size=(100, 300)),
        "b1": np.zeros(300),
        "W2": 0.1 * rng.normal(size=(300, 10)),
        "b2": np.zeros(10),
    }


def loss(params: dict[str, np.ndarray], x: np.ndarray, onehot: np.ndarray) -> float:
    """Mean cross-entropy of a sigmoid network on a batch, labels one-hot."""
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    hidden = 1 / (1 + np.exp(-(x @ W1 + b1)))
    scores = hidden @ W2 + b2
    z = scores - np.max(scores, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.sum(onehot * logp) / x.shape[0]
