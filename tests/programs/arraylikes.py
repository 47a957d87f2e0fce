"""Lists and tuples given to functions of arrays."""

from __future__ import annotations

import numpy as np


def list_of_rows(x):
    rows = []
    for i in range(3):
        rows.append(x * i)
    m = np.mean(rows, axis=0)
    return np.sum(np.exp(rows) * x) + np.sum(m**2)


def tuples_and_literals(x):
    p, q = (x[0], x[1]), [x[1], x[2]]
    return np.hypot(p, q)[0] * np.dot(p, [1.0, 2.0]) + np.linalg.norm([x[0], 1.0, 2.0])


def growing_list(x):
    xs = []
    for v in x:
        xs.append(v * v)
    joined = np.concatenate([xs, x])
    return np.sum(np.sqrt(xs) * np.maximum(xs, 0.3)) + joined[1] * joined[4]


def list_and_array(x):
    xs = [x[0], x[1] * x[0], x[2]]
    return (np.array(x) * xs)[1] + (xs + x)[2] + (x - xs)[1] + (x / xs)[0] + x @ xs


def nested_lists(x):
    xs = []
    for v in x:
        xs.append([v, v * v])
    return np.sum(np.array(xs)[:, 1]) + np.sum(np.square(xs))


def powers_of_a_list(x):
    e = np.power([x[0], x[1]], [2, 3])
    return e[0] * e[1] + np.clip([x[0], x[2]], 0.1, 0.9)[1]


def shapes_stay_tuples(x):
    y = np.sum(np.reshape(x, (3, 1)) * np.ones((3, 2)), axis=(0, 1))
    return y * np.einsum("i,i->", [x[0], x[1], x[2]], x) + np.transpose([x, x])[1, 0]


def outer_sums(x):
    d = np.subtract.outer(x, x[:2])
    return np.sum(np.exp(-(d**2)) * np.multiply.outer(x, x[1:])) + np.add.outer(x, 2.0)[0]


def outer_of_matrices(x):
    m = np.multiply.outer(x, x)
    return np.sum(np.hypot.outer(m, x) * np.greater.outer(m, x)) + np.sum(np.divide.outer(x, m))
