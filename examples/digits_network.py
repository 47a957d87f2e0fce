"""A network of two affine layers that reads handwritten digits; parameters live in a dict.

Only the forward pass is written here. `train_digits.py` trains the network with the gradient that
srcgrad wrote to `digits_network_grad.py`, which runs without srcgrad.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64, Int


class Params(TypedDict):
    """Weights and biases of both layers."""

    W1: Float64[np.ndarray, "inputs hidden"]
    b1: Float64[np.ndarray, " hidden"]
    W2: Float64[np.ndarray, "hidden outputs"]
    b2: Float64[np.ndarray, " outputs"]


def init_params(
    rng: np.random.Generator, inputs: int = 64, hidden: int = 50, outputs: int = 10
) -> Params:
    """Random weights scaled for ReLU, and zero biases."""
    return {
        "W1": rng.normal(size=(inputs, hidden)) * np.sqrt(2 / inputs),
        "b1": np.zeros(hidden),
        "W2": rng.normal(size=(hidden, outputs)) * np.sqrt(2 / hidden),
        "b2": np.zeros(outputs),
    }


def affine(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """One layer on a batch of rows."""
    return np.dot(x, W) + b


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def cross_entropy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of the softmax of `scores` against class numbers."""
    z = scores - np.max(scores, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(labels)), labels])


def predict(params: Params, x: np.ndarray) -> np.ndarray:
    """Scores of the ten classes, one row for each image."""
    hidden = relu(affine(x, params["W1"], params["b1"]))
    return affine(hidden, params["W2"], params["b2"])


def predict_sigmoid(params: Params, x: np.ndarray) -> np.ndarray:
    """The same with a sigmoid between the layers."""
    hidden = sigmoid(affine(x, params["W1"], params["b1"]))
    return affine(hidden, params["W2"], params["b2"])


def loss(
    params: Params, x: Float64[np.ndarray, "n inputs"], labels: Int[np.ndarray, " n"]
) -> float:
    """Mean loss of the network on a batch."""
    scores = predict(params, x)
    return cross_entropy(scores, labels)


def loss_sigmoid(
    params: Params, x: Float64[np.ndarray, "n inputs"], labels: Int[np.ndarray, " n"]
) -> float:
    """Mean loss of the network with a sigmoid between its layers."""
    scores = predict_sigmoid(params, x)
    return cross_entropy(scores, labels)
