"""The loop of `objectives.py` that JAX must have as a scan; the others go to it as they are."""

from __future__ import annotations

from typing import Any

import jax.numpy as np
from jax.lax import fori_loop, scan

Array = Any


def sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


def lstm(weights: Array, biases: Array, extra: Array, sequence: Array) -> Array:
    layers, width = weights.shape[0], sequence.shape[1]

    def step(state: Any, given: Any) -> Any:
        (hidden, cell), (now, ahead) = state, given
        x = now * extra[0]
        hiddens, cells = [], []
        for i in range(layers):
            forget = sigmoid(x * weights[i, 0] + biases[i, 0])
            ingate = sigmoid(hidden[i] * weights[i, 1] + biases[i, 1])
            outgate = sigmoid(x * weights[i, 2] + biases[i, 2])
            change = np.tanh(hidden[i] * weights[i, 3] + biases[i, 3])
            cells.append(cell[i] * forget + ingate * change)
            x = outgate * np.tanh(cells[i])
            hiddens.append(x)
        y = x * extra[1] + extra[2]
        term = np.sum(ahead * (y - np.log(2.0 + np.sum(np.exp(y)))))
        return (np.stack(hiddens), np.stack(cells)), term

    start = np.zeros((layers, width)), np.zeros((layers, width))
    terms = scan(step, start, (sequence[:-1], sequence[1:]))[1]
    return -np.sum(terms) / ((sequence.shape[0] - 1) * width)


def rate(x: Array, y: Array) -> Array:
    return np.concatenate([x[:1], x[1:] * y[:-1]])


def ode(x: Array, steps: int) -> Array:
    h = 1.0 / steps

    def step(_: int, y: Array) -> Array:
        k1 = rate(x, y)
        k2 = rate(x, y + h / 2 * k1)
        k3 = rate(x, y + h / 2 * k2)
        k4 = rate(x, y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    return np.sum(fori_loop(0, steps, step, np.zeros(x.shape[0])))
