"""Adjoints of `objectives.py` as an expert writes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Array = np.ndarray


def gaussian_mixture(
    alphas: Array, means: Array, factors: Array, place: Array, x: Array, gamma: float, m: int
) -> tuple[Array, Array, Array]:
    n, d = x.shape
    k = alphas.shape[0]
    diagonal = np.exp(factors[:, :d])
    sums = np.sum(factors[:, :d], axis=1)
    lower = np.concatenate([factors[:, d:], np.zeros((k, 1))], axis=1)[:, place]
    centred = x - means[:, None, :]
    z = diagonal[:, None, :] * centred + centred @ np.swapaxes(lower, 1, 2)
    w = (alphas + sums)[:, None] - 0.5 * np.einsum("kni,kni->kn", z, z)
    w = np.exp(w - np.max(w, axis=0))
    w /= np.sum(w, axis=0)
    share = np.sum(w, axis=1)
    prior = np.exp(alphas - np.max(alphas))
    alphas_bar = share - n * (prior / np.sum(prior))
    z *= -w[:, :, None]
    lower_bar = np.swapaxes(z, 1, 2) @ centred
    means_bar = -diagonal * np.sum(z, axis=1) - np.sum(z @ lower, axis=1)
    factors_bar = gamma**2 * factors
    rows, columns = np.nonzero(place < factors.shape[1] - d)
    factors_bar[:, d + place[rows, columns]] += lower_bar[:, rows, columns]
    diagonal_bar = np.einsum("kni,kni->ki", z, centred) + gamma**2 * diagonal
    factors_bar[:, :d] = (share - m)[:, None] + diagonal * diagonal_bar
    return alphas_bar, means_bar, factors_bar


def sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


def lstm(
    weights: Array, biases: Array, extra: Array, sequence: Array
) -> tuple[Array, Array, Array]:
    layers, width = weights.shape[0], sequence.shape[1]
    hidden, cell = [np.zeros(width)] * layers, [np.zeros(width)] * layers
    tape: list[tuple[Array, ...]] = []
    for t in range(sequence.shape[0] - 1):
        x = sequence[t] * extra[0]
        for i in range(layers):
            w, b = weights[i], biases[i]
            forget, outgate = sigmoid(x * w[::2] + b[::2])
            ingate = sigmoid(hidden[i] * w[1] + b[1])
            change = np.tanh(hidden[i] * w[3] + b[3])
            after = cell[i] * forget + ingate * change
            bent = np.tanh(after)
            tape.append((x, hidden[i], cell[i], forget, ingate, outgate, change, bent))
            cell[i] = after
            x = hidden[i] = outgate * bent
        tape.append((x,))
    weights_bar, biases_bar = np.zeros_like(weights), np.zeros_like(biases)
    extra_bar = np.zeros_like(extra)
    scale = -1.0 / ((sequence.shape[0] - 1) * width)
    hidden_bar, cell_bar = [np.zeros(width)] * layers, [np.zeros(width)] * layers
    before = np.empty((4, width))
    for t in range(sequence.shape[0] - 2, -1, -1):
        (x,) = tape.pop()
        e = np.exp(x * extra[1] + extra[2])
        given = scale * sequence[t + 1]
        y_bar = given - e * (np.sum(given) / (2.0 + np.sum(e)))
        extra_bar[1] += y_bar * x
        extra_bar[2] += y_bar
        x_bar = y_bar * extra[1]
        for i in range(layers - 1, -1, -1):
            x, h, c, forget, ingate, outgate, change, bent = tape.pop()
            h_bar = hidden_bar[i] + x_bar
            c_bar = cell_bar[i] + h_bar * outgate * (1.0 - bent * bent)
            before[0] = c_bar * c * forget * (1.0 - forget)
            before[1] = c_bar * change * ingate * (1.0 - ingate)
            before[2] = h_bar * bent * outgate * (1.0 - outgate)
            before[3] = c_bar * ingate * (1.0 - change * change)
            biases_bar[i] += before
            weights_bar[i, ::2] += before[::2] * x
            weights_bar[i, 1::2] += before[1::2] * h
            before *= weights[i]
            x_bar = before[0] + before[2]
            hidden_bar[i] = before[1] + before[3]
            cell_bar[i] = c_bar * forget
        extra_bar[0] += x_bar * sequence[t]
    return weights_bar, biases_bar, extra_bar


def k_means(centres: Array, points: Array) -> Array:
    squares = np.sum(centres**2, axis=1) - 2.0 * (points @ centres.T)
    nearest = np.argmin(squares, axis=1)
    sums = np.empty_like(centres)
    for j in range(points.shape[1]):
        sums[:, j] = np.bincount(nearest, points[:, j], centres.shape[0])
    counts = np.bincount(nearest, minlength=centres.shape[0])
    return 2.0 * (counts[:, None] * centres - sums)


def rotations(angles: Array) -> tuple[Array, Array]:
    """Rotation matrices, and their derivatives by each angle."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles).T, np.sin(angles).T
    R = np.empty((len(angles), 3, 3))
    R[:, 0, 0], R[:, 0, 1], R[:, 0, 2] = cy * cz, sx * sy * cz - cx * sz, sx * sz + cx * sy * cz
    R[:, 1, 0], R[:, 1, 1], R[:, 1, 2] = cy * sz, cx * cz + sx * sy * sz, cx * sy * sz - sx * cz
    R[:, 2, 0], R[:, 2, 1], R[:, 2, 2] = -sy, sx * cy, cx * cy
    D = np.zeros((3, len(angles), 3, 3))
    D[0, :, :, 1], D[0, :, :, 2] = R[:, :, 2], -R[:, :, 1]
    D[1, :, 0], D[1, :, 1] = R[:, 2] * cz[:, None], R[:, 2] * sz[:, None]
    D[1, :, 2, 0], D[1, :, 2, 1], D[1, :, 2, 2] = -cy, -sx * sy, -cx * sy
    D[2, :, 0], D[2, :, 1] = -R[:, 1], R[:, 0]
    return R, D


def hand_tracking(
    theta: Array,
    pose: Array,
    parents: Sequence[int],
    offsets: Array,
    local: Array,
    weights: Array,
    points: Array,
) -> Array:
    bend, bend_by = rotations(np.concatenate([theta[6:], np.zeros(1)])[pose])
    first, first_by = rotations(theta[None, :3])
    bones = len(parents)
    turns, places = np.empty((bones, 3, 3)), np.empty((bones, 3))
    turns[0], places[0] = first[0], theta[3:6]
    for b in range(1, bones):
        p = parents[b]
        places[b] = turns[p] @ offsets[b] + places[p]
        turns[b] = turns[p] @ bend[b]
    posed = local @ np.swapaxes(turns, 1, 2)
    posed += places[:, None, :]
    residual = np.einsum("bn,bni->ni", weights, posed) - points
    posed_bar = weights[:, :, None] * residual
    places_bar = np.sum(posed_bar, axis=1)
    turns_bar = np.swapaxes(posed_bar, 1, 2) @ local
    bend_bar = np.zeros_like(bend)
    for b in range(bones - 1, 0, -1):
        p = parents[b]
        bend_bar[b] = turns[p].T @ turns_bar[b]
        turns_bar[p] += turns_bar[b] @ bend[b].T + np.outer(places_bar[b], offsets[b])
        places_bar[p] += places_bar[b]
    angles_bar = np.einsum("abij,bij->ba", bend_by, bend_bar)
    theta_bar = np.empty_like(theta)
    theta_bar[:3] = np.einsum("aij,ij->a", first_by[:, 0], turns_bar[0])
    theta_bar[3:6] = places_bar[0]
    theta_bar[6:] = np.bincount(pose.ravel(), angles_bar.ravel(), theta.size - 5)[:-1]
    return theta_bar


def hand_residuals(
    theta: Array,
    pose: Array,
    parents: Sequence[int],
    offsets: Array,
    local: Array,
    weights: Array,
    points: Array,
) -> Array:
    """The Jacobian: all tangents at once, and one product with the points."""
    bend, bend_by = rotations(np.concatenate([theta[6:], np.zeros(1)])[pose])
    first, first_by = rotations(theta[None, :3])
    bones = len(parents)
    turns, places = np.empty((bones, 3, 3)), np.empty((bones, 3))
    turns[0], places[0] = first[0], theta[3:6]
    moved = np.zeros(
        (bones, theta.size, 4, 3)
    )  # derivatives of the turns, transposed; of the places
    moved[0, :3, :3] = np.swapaxes(first_by[:, 0], 1, 2)
    moved[0, 3:6, 3] = np.eye(3)
    for b in range(1, bones):
        p = parents[b]
        turns[b] = turns[p] @ bend[b]
        moved[b, :, :3] = bend[b].T @ moved[p, :, :3]
        moved[b, :, 3] = offsets[b] @ moved[p, :, :3] + moved[p, :, 3]
        for a in range(3):
            if pose[b, a] < theta.size - 6:
                moved[b, 6 + pose[b, a], :3] += (turns[p] @ bend_by[a, b]).T
    factors = np.empty((local.shape[1], bones, 4))
    factors[:, :, :3] = np.swapaxes(local * weights[:, :, None], 0, 1)
    factors[:, :, 3] = weights.T
    by_bone = np.swapaxes(moved, 1, 2).reshape(bones * 4, theta.size * 3)
    by_point = factors.reshape(len(factors), bones * 4) @ by_bone
    return np.swapaxes(by_point.reshape(len(factors), theta.size, 3), 1, 2)


def cross(a: Array, b: Array) -> Array:
    """Of rows; much faster than `np.cross`."""
    out = np.empty_like(a)
    out[:, 0] = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    out[:, 1] = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    out[:, 2] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return out


def dots(a: Array, b: Array) -> Array:
    return np.einsum("ij,ij->i", a, b)[:, None]


def bundle_adjustment(
    cameras: Array, landmarks: Array, weights: Array, views: Array, features: Array
) -> tuple[Array, Array, Array]:
    camera = cameras[views[:, 0]]
    r, centre, focal = camera[:, :3], camera[:, 3:6], camera[:, 6:7]
    k1, k2 = camera[:, 9:10], camera[:, 10:]
    angle = np.sqrt(dots(r, r))
    axis = r / angle
    cos, sin = np.cos(angle), np.sin(angle)
    x = landmarks[views[:, 1]] - centre
    along, across = dots(axis, x), cross(axis, x)
    turned = x * cos + across * sin + axis * (along * (1.0 - cos))
    z = turned[:, 2:]
    p = turned[:, :2] / z
    rr = dots(p, p)
    factor = 1.0 + (k1 + k2 * rr) * rr
    distorted = p * factor
    miss = distorted * focal + camera[:, 7:9] - features
    w = weights[:, None]
    bar = w**2 * miss
    weights_bar = weights * dots(miss, miss)[:, 0] - 2.0 * weights * (1.0 - weights**2)
    camera_bar = np.empty_like(camera)
    camera_bar[:, 6:7] = dots(bar, distorted)
    camera_bar[:, 7:9] = bar
    bar = bar * focal
    s = dots(bar, p)
    camera_bar[:, 9:10] = s * rr
    camera_bar[:, 10:] = s * rr * rr
    p_bar = bar * factor + p * (2.0 * s * (k1 + 2.0 * k2 * rr))
    g = np.empty_like(turned)
    g[:, :2] = p_bar / z
    g[:, 2:] = -dots(p_bar, p) / z
    g_axis = dots(g, axis)
    x_bar = g * cos + cross(g, axis) * sin + axis * (g_axis * (1.0 - cos))
    axis_bar = cross(x, g) * sin + (1.0 - cos) * (g * along + x * g_axis)
    angle_bar = cos * dots(g, across) - sin * (dots(g, x) - g_axis * along)
    angle_bar -= dots(axis_bar, axis) / angle
    camera_bar[:, :3] = axis_bar / angle + angle_bar * axis
    camera_bar[:, 3:6] = -x_bar
    return (
        scattered(camera_bar, views[:, 0], len(cameras)),
        scattered(x_bar, views[:, 1], len(landmarks)),
        weights_bar,
    )


def scattered(rows: Array, places: Array, count: int) -> Array:
    """Sums of the rows that have one place."""
    columns = [np.bincount(places, rows[:, j], count) for j in range(rows.shape[1])]
    return np.stack(columns, axis=1)


def least_squares(x: Array, design: Array, target: Array) -> Array:
    return (design @ x - target) @ design


def determinant(A: Array) -> Array:
    return value_and_gradient(A)[1]


def value_and_gradient(A: Array) -> tuple[float, Array]:
    """Both at once: nothing has to be kept."""
    n = A.shape[0]
    if n == 1:
        return A[0, 0], np.ones((1, 1))
    total, A_bar = 0.0, np.zeros((n, n))
    sign = 1.0
    for j in range(n):
        minor = np.concatenate([A[1:, :j], A[1:, j + 1 :]], axis=1)
        value, minor_bar = value_and_gradient(minor)
        factor = sign * A[0, j]
        total += factor * value
        A_bar[0, j] = sign * value
        minor_bar *= factor
        A_bar[1:, :j] += minor_bar[:, :j]
        A_bar[1:, j + 1 :] += minor_bar[:, j:]
        sign = -sign
    return total, A_bar


def rate(x: Array, y: Array) -> Array:
    return np.concatenate([x[:1], x[1:] * y[:-1]])


def ode(x: Array, steps: int) -> Array:
    h = 1.0 / steps
    y = np.zeros(x.shape[0])
    tape = []
    for _ in range(steps):
        k1 = rate(x, y)
        y2 = y + h / 2 * k1
        k2 = rate(x, y2)
        y3 = y + h / 2 * k2
        k3 = rate(x, y3)
        y4 = y + h * k3
        tape.append((y, y2, y3, y4))
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + rate(x, y4))
    x_bar, y_bar = np.zeros_like(x), np.ones_like(y)
    tail = x[1:]

    def back(y: Array, k_bar: Array) -> None:
        x_bar[0] += k_bar[0]
        x_bar[1:] += k_bar[1:] * y[:-1]
        np.multiply(tail, k_bar[1:], out=product[:-1])

    product = np.zeros_like(y)
    while tape:
        y, y2, y3, y4 = tape.pop()
        k_bar = h / 6 * y_bar
        back(y4, k_bar)
        y_bar = y_bar + product
        k3_bar = 2.0 * k_bar + h * product
        back(y3, k3_bar)
        y_bar += product
        k2_bar = 2.0 * k_bar + h / 2 * product
        back(y2, k2_bar)
        y_bar += product
        back(y, k_bar + h / 2 * product)
        y_bar += product
    return x_bar


def logsumexp(x: Array) -> Array:
    e = np.exp(x - np.max(x))
    e /= np.sum(e)
    return e
