"""Objectives of statistics, machine learning, vision and physics, as ordinary NumPy."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def gaussian_mixture(
    alphas: Array, means: Array, factors: Array, place: Array, x: Array, gamma: float, m: int
) -> float:
    """Log-likelihood of a mixture with a Wishart prior; `factors` are the inverse covariances'
    Cholesky factors: logarithms of the diagonal, then what is below it, put there by `place`."""
    n, d = x.shape
    k = alphas.shape[0]
    diagonal = np.exp(factors[:, :d])
    sums = np.sum(factors[:, :d], axis=1)
    padded = np.concatenate([factors[:, d:], np.zeros((k, 1))], axis=1)
    lower = padded[:, place]
    centred = x - means[:, None, :]
    z = diagonal[:, None, :] * centred + centred @ np.swapaxes(lower, 1, 2)
    inner = (alphas + sums)[:, None] - 0.5 * np.sum(z**2, axis=2)
    top = np.max(inner, axis=0)
    likelihood = np.sum(top + np.log(np.sum(np.exp(inner - top), axis=0)))
    best = np.max(alphas)
    normalised = best + np.log(np.sum(np.exp(alphas - best)))
    prior = 0.5 * gamma**2 * (np.sum(diagonal**2) + np.sum(factors[:, d:] ** 2)) - m * np.sum(sums)
    return likelihood - n * normalised + prior


def sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


def lstm(weights: Array, biases: Array, extra: Array, sequence: Array) -> float:
    """A character model: layers of gates with one weight for each unit."""
    layers = weights.shape[0]
    hidden = [np.zeros(sequence.shape[1]) for _ in range(layers)]
    cell = [np.zeros(sequence.shape[1]) for _ in range(layers)]
    total = 0.0
    for t in range(sequence.shape[0] - 1):
        x = sequence[t] * extra[0]
        for i in range(layers):
            forget = sigmoid(x * weights[i, 0] + biases[i, 0])
            ingate = sigmoid(hidden[i] * weights[i, 1] + biases[i, 1])
            outgate = sigmoid(x * weights[i, 2] + biases[i, 2])
            change = np.tanh(hidden[i] * weights[i, 3] + biases[i, 3])
            cell[i] = cell[i] * forget + ingate * change
            hidden[i] = outgate * np.tanh(cell[i])
            x = hidden[i]
        y = x * extra[1] + extra[2]
        total += np.sum(sequence[t + 1] * (y - np.log(2.0 + np.sum(np.exp(y)))))
    return -total / ((sequence.shape[0] - 1) * sequence.shape[1])


def k_means(centres: Array, points: Array) -> float:
    squares = np.sum(points**2, axis=1)[:, None] + np.sum(centres**2, axis=1)
    return np.sum(np.min(squares - 2.0 * (points @ centres.T), axis=1))


def rotations(angles: Array) -> Array:
    """Rotation matrices about x, y and z, one for each row of angles."""
    cx, cy, cz = np.cos(angles[:, 0]), np.cos(angles[:, 1]), np.cos(angles[:, 2])
    sx, sy, sz = np.sin(angles[:, 0]), np.sin(angles[:, 1]), np.sin(angles[:, 2])
    top = np.stack([cy * cz, -cx * sz + sx * sy * cz, sx * sz + cx * sy * cz], axis=1)
    middle = np.stack([cy * sz, cx * cz + sx * sy * sz, -sx * cz + cx * sy * sz], axis=1)
    bottom = np.stack([-sy, sx * cy, cx * cy], axis=1)
    return np.stack([top, middle, bottom], axis=1)


def hand_residuals(
    theta: Array,
    pose: Array,
    parents: tuple[int, ...],
    offsets: Array,
    local: Array,
    weights: Array,
    points: Array,
) -> Array:
    """A skinned hand: turn and place it as a whole, bend its bones, compare with points."""
    angles = np.concatenate([theta[6:], np.zeros(1)])[pose]
    bend = rotations(angles)
    turns = [rotations(theta[None, :3])[0]]
    places = [theta[3:6]]
    for b in range(1, len(parents)):
        p = parents[b]
        places.append(turns[p] @ offsets[b] + places[p])
        turns.append(turns[p] @ bend[b])
    posed = local @ np.swapaxes(np.stack(turns), 1, 2) + np.stack(places)[:, None, :]
    return np.sum(weights[:, :, None] * posed, axis=0) - points


def hand_tracking(
    theta: Array,
    pose: Array,
    parents: tuple[int, ...],
    offsets: Array,
    local: Array,
    weights: Array,
    points: Array,
) -> float:
    residuals = hand_residuals(theta, pose, parents, offsets, local, weights, points)
    return 0.5 * np.sum(residuals**2)


def bundle_adjustment(
    cameras: Array, landmarks: Array, weights: Array, views: Array, features: Array
) -> float:
    """Reprojection errors of all views of landmarks, with weights near one."""
    camera = cameras[views[:, 0]]
    r, centre, focal = camera[:, :3], camera[:, 3:6], camera[:, 6:7]
    angle = np.sqrt(np.sum(r * r, axis=1, keepdims=True))
    axis = r / angle
    cos, sin = np.cos(angle), np.sin(angle)
    x = landmarks[views[:, 1]] - centre
    along = np.sum(axis * x, axis=1, keepdims=True)
    turned = x * cos + np.cross(axis, x) * sin + axis * along * (1.0 - cos)
    p = turned[:, :2] / turned[:, 2:]
    rr = np.sum(p * p, axis=1, keepdims=True)
    distorted = p * (1.0 + camera[:, 9:10] * rr + camera[:, 10:] * rr * rr)
    error = weights[:, None] * (distorted * focal + camera[:, 7:9] - features)
    return 0.5 * np.sum(error**2) + 0.5 * np.sum((1.0 - weights**2) ** 2)


def least_squares(x: Array, design: Array, target: Array) -> float:
    return 0.5 * np.sum((design @ x - target) ** 2)


def determinant(A: Array) -> float:
    """By minors of the first row, recursively."""
    n = A.shape[0]
    if n == 1:
        return A[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.concatenate([A[1:, :j], A[1:, j + 1 :]], axis=1)
        total = total + (-1.0) ** j * A[0, j] * determinant(minor)
    return total


def rate(x: Array, y: Array) -> Array:
    return np.concatenate([x[:1], x[1:] * y[:-1]])


def ode(x: Array, steps: int) -> float:
    """Runge-Kutta for a chain of reactions."""
    h = 1.0 / steps
    y = np.zeros(x.shape[0])
    for _ in range(steps):
        k1 = rate(x, y)
        k2 = rate(x, y + h / 2 * k1)
        k3 = rate(x, y + h / 2 * k2)
        k4 = rate(x, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y)


def logsumexp(x: Array) -> float:
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))
