"""Lists of any length as loops: run by Python itself, and compiled where Numba is there."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from tests.loops.survey import Outcome, Program, survey, survey_text


def states(x, W, steps):
    """A list whose items are replaced in two loops."""
    layers = W.shape[0]
    h = [np.zeros(x.shape[0]) for _ in range(layers)]
    for _ in range(steps):
        a = x
        for i in range(layers):
            old = h[i]
            h[i] = np.tanh(W[i] * a + 0.5 * old)
            a = h[i] - 0.1 * old
    return np.sum(h[0] * h[layers - 1]) + np.sum(a)


def stored_twice(x, n):
    """The first of two stores to an item is read by nobody, or by another index."""
    h = [x * k for k in range(n)]
    for i in range(n):
        h[i] = h[i] * 2.0
        h[i] = h[i] + x
        h[i - 1] = h[i] * h[i - 1]
        h[i] = h[i] + 1.0
    return np.sum(h[0] * h[n - 1])


def index_bound_again(x, n):
    h = [x * 1.0 for _ in range(n)]
    i = 0
    while i < n - 1:
        h[i] = h[i] * x
        i = i + 1
        h[i] = h[i] + np.sin(h[i - 1])
    return np.sum(h[n - 1])


def value_bound_again(x, n):
    h = [0.0 for _ in range(n)]
    for i in range(n):
        v = x[i] * x[i]
        h[i] = v
        v = v + h[i - 1]
        h[i] = h[i] * v
    return sum(h)


def grown_and_read(x, W):
    """Items read by places that are data."""
    places = [x[0:3]]
    turns = [W * 1.0]
    for b in range(1, 5):
        p = (b * b) % b if b < 3 else b - 2
        places.append(turns[p] @ x[b : b + 3] + places[p])
        turns.append(turns[p] @ W)
    return np.sum(np.stack(places) ** 2) + np.sum(np.stack(turns)[2])


def shared_item(x, n):
    """One array in two places of a list, and under a name that changes it later."""
    h = []
    a = x * 2.0
    for _ in range(n):
        h.append(a)
        h.append(a)
        a = a * x
    h[0] = h[1] * h[2]
    return np.sum(h[0] + h[1] * h[3])


def written_after(x, n):
    """An array changes after it went into the list."""
    a = x * 2.0
    h = []
    for i in range(n):
        h.append(a)
        a[i] += 1.0
        a = a * x
    return np.sum(h[0] * h[n - 1])


def views_in_a_list(x, n):
    h = []
    for i in range(n):
        h.append(x[i : i + 2])
    x[1] = x[0] * 3.0
    return np.sum(h[0] * h[1]) + np.sum(h[n - 1])


def popped(x):
    stack = [x[0]]
    total = 0.0
    for i in range(1, x.shape[0]):
        stack.append(x[i] * stack[-1])
        if i % 3 == 2:
            a = stack.pop()
            b = stack.pop()
            total = total + b / (1.0 + a * a) - a
            stack.append(b - a)
    return total + stack[0] * len(stack)


def counted(x, n):
    """A list of integers chooses."""
    order = []
    for i in range(n):
        order.append((i * 3) % n)
    s = 0.0
    for k in range(len(order)):
        s = s + x[order[k]] * np.sin(x[order[k - 1]])
    return s


def lists_in_branches(x, n):
    a = [x * 1.0 for _ in range(n)]
    if x[0] > 0:
        a[n - 1] = a[0] * x
    else:
        a.append(a[0] - x)
    return np.sum(a[n - 1] * a[-1])


def of_every_length(x, n):
    """Items of different lengths."""
    h = []
    for i in range(n):
        h.append(x[: i + 1] * 2.0)
    s = 0.0
    for i in range(n):
        s = s + np.sum(h[i] * x[: i + 1])
    return s


def running(x, n):
    h = [0.0] * n
    for t in range(3 * n):
        h[t % n] += x[t % x.shape[0]] * h[(t + 1) % n] + x[0]
    return sum(h)


def out_of_range(x, n):
    h = [x * 2.0]
    for i in range(n):
        h.append(h[i] * x)
    return np.sum(h[n])


def stacked_of_numbers(x, n):
    h = []
    for i in range(n):
        h.append(x[i] ** 2)
    a = np.array(h)
    return np.sum(a * a[::-1]) + np.max(h)


def changed_in_place(x, n):
    """An item changes in place, and so does what shares its memory."""
    h = [x * float(k) for k in range(n)]
    a = h[1]
    for i in range(n):
        h[i] += x
        h[i] *= 0.5
    return np.sum(a * h[0])


def summed_twice(x, n):
    g = [x[0] * 1.0]
    for i in range(n):
        g.append(x[i] * g[-1])
    s = sum(g)
    g[0] = s * g[1]
    return s + sum(g) * g[-1]


def arguments(seed: int, n: int = 4) -> dict:
    rng = np.random.default_rng(seed)
    return {"x": rng.random(8) + 0.3, "W": rng.random((3, 3)) * 0.5, "n": n, "steps": 3}


FUNCTIONS = (
    states, stored_twice, index_bound_again, value_bound_again, grown_and_read, shared_item,
    written_after, views_in_a_list, popped, counted, lists_in_branches, of_every_length, running,
    out_of_range, stacked_of_numbers, changed_in_place, summed_twice,
)  # fmt: skip
REFUSED = {
    "states": "srcgrad.support.zeros_like of something that is no array has no loop form",
    "written_after": "by srcgrad itself",
    "views_in_a_list": "by srcgrad itself",
    "stacked_of_numbers": "builtins.list has no loop form",
}


def program(function) -> Program:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]

    def make(seed: int):
        given = arguments(seed)
        if function is states:
            given["W"] = np.random.default_rng(seed).random((2, 8))
        return tuple(given[name] for name in names)

    wrt = tuple(i for i, name in enumerate(names) if name in ("x", "W"))
    return Program(function.__name__, function, make, wrt)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_lists(function) -> None:
    reason = REFUSED.get(function.__name__)
    wanted = Outcome("refused", reason) if reason else Outcome("right")
    for seed in (1, 2):
        assert survey_text(program(function), seed) == wanted
    if importlib.util.find_spec("numba") is not None:
        assert survey(program(function), 3) == wanted
