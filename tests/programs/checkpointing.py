"""Loops and functions that are checkpointed. Each is a plain program as well."""

from __future__ import annotations

import numpy as np

from srcgrad import checkpointed


def values(u, k, n):
    for i in checkpointed(range(n), snapshots=3):
        u = u + k * np.roll(u, 1) * (1 + 0.1 * i) + 0.01 * u**2
    return np.sum(u**2)


def in_place(u, k, n):
    u = u.copy()
    for _ in checkpointed(range(n), snapshots=2):
        lap = u[2:] - 2 * u[1:-1] + u[:-2]
        u[1:-1] += k * lap
        u[0] = np.sin(u[1])
    return np.sum(u**2)


def in_place_of_an_argument(u, k, n):
    for _ in checkpointed(range(n), snapshots=2):
        u[1:] += k * u[:-1] ** 2
        u *= 1.1
    return np.sum(u**2)


def two_states(u, k, n):
    v = np.zeros_like(u)
    energy = 0.0
    for _ in checkpointed(range(n), snapshots=4):
        v = v - k * np.sin(u)
        u = u + 0.1 * v
        energy += np.sum(v**2)
    return energy + np.sum(u)


def swapped(u, k, n):
    v = 0.5 * u
    for _ in checkpointed(range(n), snapshots=2):
        u, v = v + k * np.sin(u), u
    return np.sum(u * v)


def swapped_buffers(u, k, n):
    a, b = u.copy(), np.zeros_like(u)
    for _ in checkpointed(range(n), snapshots=2):
        b[:] = np.sin(a) * k
        b[0] += a[-1]
        a, b = b, a
    return np.sum(a**2) + np.sum(b)


def without_state(u, k, n):
    s = np.sum(u) * k
    for _ in checkpointed(range(n), snapshots=2):
        if s > 1e9:
            break
    return s


def other_ranges(u, k, n):
    total = 0.0
    for i in checkpointed(range(n, 1, -2), snapshots=2):
        u = u * (1 + k / i)
        total += np.sum(u)
    return total


def over_items(u, k, n):
    s = 1.0
    for i, x in checkpointed(enumerate(u), snapshots=2):
        s = s * np.cos(x) + k * x * i
    return s * n


def until(u, k, n):
    steps = 0
    while checkpointed(np.sum(u**2) > 0.01 and steps < n, snapshots=3):
        u = u * 0.8 + 0.01 * k * np.sin(u)
        steps += 1
    return np.sum(u) * steps


def left_early(u, k, n):
    for i in checkpointed(range(50), snapshots=3):
        if np.sum(u**2) < 0.05 or i > n:
            break
        u = u * 0.8 + 0.01 * k * np.sin(u)
    return np.sum(u**3)


def continued(u, k, n):
    for i in checkpointed(range(n), snapshots=3):
        if i % 3 == 1:
            continue
        u = np.sin(u) + k
        if i % 2:
            u = u * k
    return np.sum(u)


def nested_loops(u, k, n):
    for i in checkpointed(range(n), snapshots=2):
        for _ in checkpointed(range(i), snapshots=2):
            u = u + k * np.sin(u)
        u = u * 0.9
    return np.sum(u**2)


def inside_a_plain_loop(u, k, n):
    total = 0.0
    for i in range(3):
        for j in checkpointed(range(n), snapshots=2):
            u = u + k * np.cos(u) / (i + j + 1)
        total = total + np.sum(u)
        u = u / 2
    return total


def a_number_of_snapshots(u, k, n):
    s = n // 2 + 1
    for _ in checkpointed(range(n), snapshots=s):
        u = np.tanh(u) + k
    return np.sum(u**2)


def several(u, k, n):
    for _ in checkpointed(range(n), snapshots=2):
        u = np.tanh(u) + k
    w = u * k
    for _ in checkpointed(range(n + 1), snapshots=3):
        w = w + np.sin(u) * w
    return np.sum(u * w)


def parameters(u, k, n):
    p = {"w": u, "b": [k, 2.0]}
    x = np.ones(3)
    for _ in checkpointed(range(n), snapshots=2):
        x = np.tanh(p["w"] * x[0] + p["b"][0]) * p["b"][1]
    return np.sum(x)


def part(u, k, n):
    for _ in checkpointed(range(n), snapshots=2):
        u = np.tanh(u) + k
    return u


def in_a_function(u, k, n):
    return np.sum(part(u * 2, k, n) ** 2) + np.sum(part(u, k**2, n))


def under_a_test(u, k, n):
    if k > 0:
        for _ in checkpointed(range(n), snapshots=2):
            u = np.tanh(u) + k
    else:
        u = u * k
    return np.sum(u**2)


PROGRAMS = (
    values,
    in_place,
    in_place_of_an_argument,
    two_states,
    swapped,
    swapped_buffers,
    without_state,
    other_ranges,
    over_items,
    until,
    left_early,
    continued,
    nested_loops,
    inside_a_plain_loop,
    a_number_of_snapshots,
    several,
    parameters,
    in_a_function,
    under_a_test,
)
