"""Derivatives that are more than gradients, as an expert writes them in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Array = np.ndarray


def k_means(centres: Array, points: Array) -> Array:
    """Gradient and diagonal of the Hessian: of each point only the nearest centre counts."""
    squares = np.einsum("ij,ij->i", centres, centres)
    nearest = np.argmin(squares - 2.0 * (points @ centres.T), axis=1)
    counts = np.bincount(nearest, minlength=len(centres))[:, None]
    sums = [np.bincount(nearest, column, len(centres)) for column in points.T]
    diagonal = np.broadcast_to(2.0 * counts, centres.shape)
    return np.stack([diagonal * centres - 2.0 * np.stack(sums, axis=1), diagonal])


def turn(r: Array, x: Array) -> tuple[list[Array], list[list[Array]], list[list[Array]]]:
    """Points turned by vectors, and their derivatives by points and by vectors: component by
    component, so that all loops of NumPy are along the views."""
    angle = np.sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
    a = r / angle
    cos, sin = np.cos(angle), np.sin(angle)
    versine = 1.0 - cos
    along = a[0] * x[0] + a[1] * x[1] + a[2] * x[2]
    crossed = cross(a, x)
    turned = [x[i] * cos + crossed[i] * sin + a[i] * (along * versine) for i in range(3)]
    scaled = [versine * a[i] for i in range(3)]
    by_point = [[scaled[i] * a[j] for j in range(3)] for i in range(3)]
    by_axis = [[scaled[i] * x[j] for j in range(3)] for i in range(3)]
    weighted, turning, lever = versine * along, sin * a, sin * x
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        by_point[i][i] += cos
        by_point[j][i] += turning[k]
        by_point[i][j] -= turning[k]
        by_axis[i][i] += weighted
        by_axis[j][i] -= lever[k]
        by_axis[i][j] += lever[k]
    by_vector = []
    for i in range(3):
        g = by_axis[i]
        of_angle = crossed[i] * cos + (a[i] * along - x[i]) * sin
        rest = of_angle - (g[0] * a[0] + g[1] * a[1] + g[2] * a[2]) / angle
        by_vector.append([g[j] / angle + rest * a[j] for j in range(3)])
    return turned, by_point, by_vector


def cross(a: Sequence[Array], b: Sequence[Array]) -> list[Array]:
    pairs = ((1, 2), (2, 0), (0, 1))
    return [a[j] * b[k] - a[k] * b[j] for j, k in pairs]


def reprojections(
    cameras: Array, landmarks: Array, weights: Array, seen: Array, features: Array
) -> Array:
    """The Jacobian: for each view two rows of fourteen elements, then the rows of the weights."""
    n = len(seen)
    camera = np.take(cameras.T, seen[:, 0], axis=1)
    x = np.take(landmarks.T, seen[:, 1], axis=1) - camera[3:6]
    focal, k1, k2 = camera[6], camera[9], camera[10]
    turned, by_point, by_vector = turn(camera[:3], x)
    p = [turned[0] / turned[2], turned[1] / turned[2]]
    rr = p[0] * p[0] + p[1] * p[1]
    factor = 1.0 + (k1 + k2 * rr) * rr
    bend = 2.0 * (k1 + 2.0 * k2 * rr)
    scale = weights * focal / turned[2]
    made = np.empty((n, 2, 14))
    for i in range(2):
        bent = bend * p[i]
        e = [scale * bent * p[0], scale * bent * p[1]]
        e[i] += scale * factor
        e.append(-(e[0] * p[0] + e[1] * p[1]))
        for j in range(3):
            by_x = e[0] * by_point[0][j] + e[1] * by_point[1][j] + e[2] * by_point[2][j]
            by_r = e[0] * by_vector[0][j] + e[1] * by_vector[1][j] + e[2] * by_vector[2][j]
            made[:, i, j] = by_r
            made[:, i, 3 + j] = -by_x
            made[:, i, 10 + j] = by_x
        distorted = p[i] * factor
        far = weights * focal * p[i] * rr
        made[:, i, 6] = weights * distorted
        made[:, i, 7] = weights
        made[:, i, 8] = far
        made[:, i, 9] = far * rr
        made[:, i, 13] = distorted * focal + camera[7 + i] - features[:, i]
    return np.concatenate([made.ravel(), -2.0 * weights])
