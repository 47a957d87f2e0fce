"""Programs whose indices, masks and tests read the memory that they write."""

from __future__ import annotations

import numpy as np


def masks_that_read_what_they_select(x):
    z = x * 1.5
    z[z > 1.4] = 0.0
    z[z < 0.6] *= 2.0
    z[np.abs(z) < 1.0] += x[0]
    return np.sum(z * x)


def mask_through_another_name(x):
    z = x * 1.5
    v = z
    z[v > 1.4] = 0.1
    return np.sum(z * x)


def tests_of_elements_overwritten(x):
    z = x.copy()
    for i in range(4):
        if z[i] > 0.9:
            z[i] = z[i] * z[i + 1]
            z[i + 1] = 0.2
        z[z > 2] = 1.0
    return np.sum(z * z)


def computed_indices_and_stores(x):
    z = x.copy()
    i = int(z[0] * 2)
    z[i] = z[i] ** 2
    z[0] = 3.0
    if z[0] > 2:
        z[0] = z[1] * 2
    j = np.argmax(z)
    z[j] = z[j] * z[0]
    return np.sum(z**2)


def loop_condition_on_an_element(x):
    z = x.copy()
    n = 0
    while z[0] < 5:
        z[0] = z[0] * 2 + z[1]
        z[1] = z[1] * 0.5
        n += 1
    return np.sum(z) * n


def window_written_behind_itself(x):
    y = x.copy()
    for k in range(3):
        t = y[k]
        y[k] = t * y[k + 1]
        y[k + 1] = t * t
        w = y[k : k + 2]
        y[k + 2] = np.sum(w * w)
    return np.sum(y)


def place_read_in_a_loop_then_stored(x):
    y = x * 1.0
    s = 0.0
    for k in range(y.shape[0]):
        v = y[k]
        s = s + v * v
    y[0] = s
    return np.sum(y)


def views_of_new_memory(x):
    c = np.ndarray((5,))
    c[:] = x
    v = c[0:2]
    c[0:1] = 5.0 * x[1]
    return np.sum(v**2)


def views_of_memory_from_a_function_without_a_rule(x):
    c = np.frombuffer(bytearray(40))
    c[:] = x
    v = c[0:2]
    c[0:1] = 5.0 * x[1]
    return np.sum(v**2)


def grown(x):
    r = 0.0
    for k in range(3):
        r = r + np.sum(x**2) * k
    while r > 100:
        r = r / 2
    return r


def part_stored_before_a_call(x: np.ndarray):
    y = x * 1.0
    v = y[1:3]
    v[0] = x[4] ** 2
    return grown(y)


def transpose_stored_before_a_call(A: np.ndarray):
    B = A * 1.0
    T = B.T
    T[0] = B[0, :3] * 2
    return grown(B) + np.sum(B**3)
