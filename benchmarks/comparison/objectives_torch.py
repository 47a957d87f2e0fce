"""`objectives.py` in PyTorch, eager."""

from __future__ import annotations

from typing import Any

import torch

Tensor = Any


def gaussian_mixture(
    alphas: Tensor,
    means: Tensor,
    factors: Tensor,
    place: Tensor,
    x: Tensor,
    gamma: float,
    m: int,
) -> Tensor:
    n, d = x.shape
    k = alphas.shape[0]
    diagonal = torch.exp(factors[:, :d])
    sums = torch.sum(factors[:, :d], dim=1)
    padded = torch.cat([factors[:, d:], torch.zeros((k, 1), dtype=x.dtype)], dim=1)
    lower = padded[:, place]
    centred = x - means[:, None, :]
    z = diagonal[:, None, :] * centred + centred @ lower.transpose(1, 2)
    inner = (alphas + sums)[:, None] - 0.5 * torch.sum(z**2, dim=2)
    likelihood = torch.sum(torch.logsumexp(inner, dim=0))
    prior = 0.5 * gamma**2 * (torch.sum(diagonal**2) + torch.sum(factors[:, d:] ** 2))
    return likelihood - n * torch.logsumexp(alphas, dim=0) + prior - m * torch.sum(sums)


def lstm(weights: Tensor, biases: Tensor, extra: Tensor, sequence: Tensor) -> Tensor:
    layers = weights.shape[0]
    zeros = torch.zeros(sequence.shape[1], dtype=sequence.dtype)
    hidden, cell = [zeros] * layers, [zeros] * layers
    total = 0.0
    for t in range(sequence.shape[0] - 1):
        x = sequence[t] * extra[0]
        for i in range(layers):
            forget = torch.sigmoid(x * weights[i, 0] + biases[i, 0])
            ingate = torch.sigmoid(hidden[i] * weights[i, 1] + biases[i, 1])
            outgate = torch.sigmoid(x * weights[i, 2] + biases[i, 2])
            change = torch.tanh(hidden[i] * weights[i, 3] + biases[i, 3])
            cell[i] = cell[i] * forget + ingate * change
            hidden[i] = outgate * torch.tanh(cell[i])
            x = hidden[i]
        y = x * extra[1] + extra[2]
        total = total + torch.sum(sequence[t + 1] * (y - torch.log(2.0 + torch.sum(torch.exp(y)))))
    return -total / ((sequence.shape[0] - 1) * sequence.shape[1])


def k_means(centres: Tensor, points: Tensor) -> Tensor:
    squares = torch.sum(points**2, dim=1)[:, None] + torch.sum(centres**2, dim=1)
    return torch.sum(torch.amin(squares - 2.0 * (points @ centres.T), dim=1))


def rotations(angles: Tensor) -> Tensor:
    (cx, cy, cz), (sx, sy, sz) = torch.cos(angles).T, torch.sin(angles).T
    top = torch.stack([cy * cz, -cx * sz + sx * sy * cz, sx * sz + cx * sy * cz], dim=1)
    middle = torch.stack([cy * sz, cx * cz + sx * sy * sz, -sx * cz + cx * sy * sz], dim=1)
    bottom = torch.stack([-sy, sx * cy, cx * cy], dim=1)
    return torch.stack([top, middle, bottom], dim=1)


def hand_residuals(
    theta: Tensor,
    pose: Tensor,
    parents: tuple[int, ...],
    offsets: Tensor,
    local: Tensor,
    weights: Tensor,
    points: Tensor,
) -> Tensor:
    bend = rotations(torch.cat([theta[6:], torch.zeros(1, dtype=theta.dtype)])[pose])
    turns = [rotations(theta[None, :3])[0]]
    places = [theta[3:6]]
    for b in range(1, len(parents)):
        p = parents[b]
        places.append(turns[p] @ offsets[b] + places[p])
        turns.append(turns[p] @ bend[b])
    posed = local @ torch.stack(turns).transpose(1, 2) + torch.stack(places)[:, None, :]
    return torch.sum(weights[:, :, None] * posed, dim=0) - points


def hand_tracking(theta: Tensor, *rest: Any) -> Tensor:
    return 0.5 * torch.sum(hand_residuals(theta, *rest) ** 2)


def bundle_adjustment(
    cameras: Tensor, landmarks: Tensor, weights: Tensor, views: Tensor, features: Tensor
) -> Tensor:
    camera = cameras[views[:, 0]]
    r, centre, focal = camera[:, :3], camera[:, 3:6], camera[:, 6:7]
    angle = torch.sqrt(torch.sum(r * r, dim=1, keepdim=True))
    axis = r / angle
    cos, sin = torch.cos(angle), torch.sin(angle)
    x = landmarks[views[:, 1]] - centre
    along = torch.sum(axis * x, dim=1, keepdim=True)
    turned = x * cos + torch.linalg.cross(axis, x) * sin + axis * along * (1.0 - cos)
    p = turned[:, :2] / turned[:, 2:]
    rr = torch.sum(p * p, dim=1, keepdim=True)
    distorted = p * (1.0 + camera[:, 9:10] * rr + camera[:, 10:] * rr * rr)
    error = weights[:, None] * (distorted * focal + camera[:, 7:9] - features)
    return 0.5 * torch.sum(error**2) + 0.5 * torch.sum((1.0 - weights**2) ** 2)


def least_squares(x: Tensor, design: Tensor, target: Tensor) -> Tensor:
    return 0.5 * torch.sum((design @ x - target) ** 2)


def determinant(A: Tensor) -> Tensor:
    n = A.shape[0]
    if n == 1:
        return A[0, 0]
    total = 0.0
    for j in range(n):
        minor = torch.cat([A[1:, :j], A[1:, j + 1 :]], dim=1)
        total = total + (-1.0) ** j * A[0, j] * determinant(minor)
    return total


def rate(x: Tensor, y: Tensor) -> Tensor:
    return torch.cat([x[:1], x[1:] * y[:-1]])


def ode(x: Tensor, steps: int) -> Tensor:
    h = 1.0 / steps
    y = torch.zeros_like(x)
    for _ in range(steps):
        k1 = rate(x, y)
        k2 = rate(x, y + h / 2 * k1)
        k3 = rate(x, y + h / 2 * k2)
        k4 = rate(x, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return torch.sum(y)


def logsumexp(x: Tensor) -> Tensor:
    return torch.logsumexp(x, dim=0)
