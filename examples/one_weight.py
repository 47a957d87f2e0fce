"""A model of one weight and its squared error; `train_one_weight.py` trains it sample by sample."""

from __future__ import annotations


def predict(x: float, w: float) -> float:
    """The model: a line through the origin."""
    return x * w


def loss(w: float, x: float, y: float) -> float:
    """Squared error of the prediction at one sample."""
    y_pred = predict(x, w)
    return (y_pred - y) ** 2
