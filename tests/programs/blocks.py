"""Functions that are checkpointed. Each is a plain program as well."""

from __future__ import annotations

import numpy as np

from srcgrad import checkpoint

SCALE = 0.7


@checkpoint
def layer(x, w, b=0.1):
    h = np.tanh(w * x + b)
    return h * np.cos(h) * SCALE


def plain(x, w):
    y = np.sin(x) * w
    return y * y


kept = checkpoint(plain)


@checkpoint
def with_a_loop(x, w, n):
    for i in range(n):
        x[i % 2] = x[i % 2] * w + np.sum(x)
        if x[0] > 0:
            x = x * 0.9
    return x


@checkpoint
def two_values(x, w):
    return np.sum(x * w), {"y": x * np.sin(w), "z": [w, 2.0]}


@checkpoint
def outer_block(x, w):
    return layer(layer(x, w), w, b=x[0])


def in_a_row(u, k):
    x = layer(u, k)
    x = layer(x, k, b=0.3)
    return np.sum(layer(x, x) ** 2)


def in_a_loop(u, k):
    for i in range(4):
        u = layer(u, k, i * 0.1) + 0.1 * u
    return np.sum(u**2)


def by_another_name(u, k):
    return np.sum(kept(u, k) * plain(u, k))


def of_a_loop(u, k):
    y = with_a_loop(u.copy(), k, 3)
    return np.sum(y**2)


def of_containers(u, k):
    s, d = two_values(u, k)
    return s * np.sum(d["y"]) + d["z"][0] * d["z"][1]


def nested_blocks(u, k):
    return np.sum(outer_block(u, k) * outer_block(u * 2, k))


def written_later(u, k):
    u = u.copy()
    y = layer(u, k)
    u[0] = 5.0
    z = layer(u, k)
    y[1] = k
    return np.sum(y * z) + np.sum(u)


def local_functions(u, k):
    c = k * 2

    @checkpoint
    def block(x):
        y = np.sin(x * c)
        return y * y + k

    quick = checkpoint(lambda x, s: np.tanh(x * s) * c)
    for _ in range(3):
        u = quick(block(u), 0.7)
    return np.sum(block(u))


@checkpoint
def named(x, *, s=2.0, by=None):
    return x * s if by is None else x * by


def by_keyword(u, k):
    return np.sum(named(u, s=k) + named(u) * named(u, by=k))


@checkpoint
def in_contexts(x):
    try:
        y = np.linalg.inv(np.outer(x, x) + np.eye(len(x)))
    except np.linalg.LinAlgError:
        y = np.outer(x, x)
    with np.errstate(all="ignore"):
        return y / np.sum(x**2)


def contexts(u, k):
    return np.sum(in_contexts(u * k))


@checkpoint
def again_and_again(x, n):
    if n == 0:
        return x
    return again_and_again(np.sin(x) * 1.1, n - 1) + x * 0.1


def recursion(u, k):
    return np.sum(again_and_again(u * k, 3))


def inactive(u, k):
    return np.sum(layer(np.arange(4.0), 0.5) * u) * k


PROGRAMS = (
    in_a_row,
    in_a_loop,
    by_another_name,
    of_containers,
    nested_blocks,
    written_later,
    local_functions,
    by_keyword,
    contexts,
    recursion,
    inactive,
)
