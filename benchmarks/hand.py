"""The programs that `adjoints.py` measures, each with the adjoint one would write by hand."""

from __future__ import annotations

import numpy as np

Params = dict[str, np.ndarray]


def line(w: float, x: float, b: float, y: float) -> float:
    L = (w * x + b - y) ** 2
    return L


def line_by_hand(w: float, x: float, b: float, y: float) -> float:
    residual = w * x + b - y
    return 2 * residual * x


def scalar_loop(x: float, r: float, steps: int) -> float:
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


def scalar_loop_by_hand(x: float, r: float, steps: int) -> float:
    x_tape = []
    for _ in range(steps):
        x_tape.append(x)
        x = r * x * (1 - x)
    x_bar = 1.0
    for _ in range(steps):
        x = x_tape.pop()
        x_bar = x_bar * r * (1 - x) - x_bar * (r * x)
    return x_bar


def logsumexp(x: np.ndarray) -> float:
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def logsumexp_by_hand(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


def digits(params: Params, x: np.ndarray, labels: np.ndarray) -> float:
    hidden = np.maximum(np.dot(x, params["W1"]) + params["b1"], 0)
    scores = np.dot(hidden, params["W2"]) + params["b2"]
    z = scores - np.max(scores, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(labels)), labels])


def digits_by_hand(params: Params, x: np.ndarray, labels: np.ndarray) -> Params:
    h = np.dot(x, params["W1"]) + params["b1"]
    hidden = np.maximum(h, 0)
    scores = np.dot(hidden, params["W2"]) + params["b2"]
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    scores_bar = e / np.sum(e, axis=1, keepdims=True)
    scores_bar[np.arange(len(labels)), labels] -= 1
    scores_bar /= len(labels)
    h_bar = np.dot(scores_bar, params["W2"].T) * (h > 0)
    return {
        "W1": np.dot(x.T, h_bar),
        "b1": np.sum(h_bar, axis=0),
        "W2": np.dot(hidden.T, scores_bar),
        "b2": np.sum(scores_bar, axis=0),
    }


def mlp(params: list[tuple[np.ndarray, np.ndarray]], x: np.ndarray, y: np.ndarray) -> float:
    h = x
    for W, b in params:
        h = np.tanh(h @ W + b)
    return np.mean((h - y) ** 2)


def mlp_by_hand(
    params: list[tuple[np.ndarray, np.ndarray]], x: np.ndarray, y: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    h = x
    h_tape = []
    for W, b in params:
        h_tape.append(h)
        h = np.tanh(h @ W + b)
    h_bar = (2 / h.size) * (h - y)
    gradients = []
    for W, _ in reversed(params):
        a_bar = h_bar * (1 - h * h)
        h = h_tape.pop()
        gradients.append((h.T @ a_bar, np.sum(a_bar, axis=0)))
        h_bar = a_bar @ W.T
    gradients.reverse()
    return gradients
