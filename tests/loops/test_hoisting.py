"""Arrays of one step of a loop: made once, unless something else has their memory."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import numpy as np
import pytest

from srcgrad.loops.hoisting import hoisted

RNG = np.random.default_rng()


def scratch(x, n):
    total = 0.0
    for k in range(5):
        t = np.empty(n)
        for i in range(n):
            t[i] = k * x[i]
        for i in range(n):
            total += t[i] ** 2
    return total


def rows(x, n):
    out = np.zeros(n)
    for k in range(3):
        for i in range(n):
            t = np.zeros((2, n))
            for j in range(n):
                t[1, j] += x[i] * x[j]
            out[i] += t[0, i] + t[1, i] * k
    return out


def turns(x, n):
    y = x
    for _ in range(4):
        new = np.empty(n)
        for i in range(n):
            new[i] = y[i] - 0.1 * y[n - 1 - i]
        if new[0] > -100.0:
            y = new
    return y + x


def skipped(x, n):
    y = x
    for k in range(6):
        if k % 2 == 0:
            new = np.empty(n)
            for i in range(n):
                new[i] = 0.5 * y[i] + k
        if k % 3 != 1:
            y = new
    return y


def kept(x, n):
    y, old = x, x
    for _ in range(4):
        new = np.empty(n)
        for i in range(n):
            new[i] = y[i] - 0.1 * old[n - 1 - i]
        old = y
        y = new
    return y + old


def listed(x, n):
    seen = []
    for k in range(3):
        t = np.empty(n)
        for i in range(n):
            t[i] = k + x[i]
        seen.append(t)
    return seen[0] + seen[2]


def part(x, n):
    first = x
    for k in range(3):
        t = np.empty((2, n))
        for i in range(n):
            t[0, i] = t[1, i] = x[i] + k
        if k == 1:
            first = t[0]
    return first


def growing(x, n):
    total = 0.0
    for k in range(n):
        t = np.empty(k + 1)
        for i in range(k + 1):
            t[i] = x[i]
        total += t[k]
    return total


def shrinking(x, n):
    total = 0.0
    for k in range(n - 2, -1, -1):
        for j in range(k):
            t = np.empty(k - j)
            for i in range(k - j):
                t[i] = x[i] * j
            for i in range(k - j):
                total += t[k - j - 1 - i] * k
    return total


def turnless(x, n):
    total = 0.0
    for k in range(1, n - 8):
        t = np.empty(k)
        t[0] = x[0]
        total += t[0]
    return total


def cleared(x, n):
    total = 0.0
    for k in range(n):
        t = np.zeros(k + 1)
        t[0] += x[k]
        total += t[0] + t[k]
    return total


def measured(x, n):
    total = 0.0
    for k in range(n):
        t = np.empty(k + 1)
        total += t.shape[0] * x[k]
    return total


def read_later(x, n):
    y, last = x, 0.0
    for k in range(4):
        last += y[0]
        new = np.empty(n)
        for i in range(n):
            new[i] = y[i] + k
        y = new
        last += new[1]
    return y * last


def twice(x, n):
    best = x
    total = np.zeros(n)
    for _ in range(3):
        y = best
        for _ in range(2):
            new = np.empty(n)
            for i in range(n):
                new[i] = 0.5 * y[i] + total[i]
            y = new
        best = y
        for i in range(n):
            total[i] += y[i]
    return best + total


MOVED = {scratch: 1, rows: 1, turns: 2, twice: 2, growing: 1, shrinking: 1, turnless: 1}
STAYS = [skipped, kept, listed, part, cleared, measured, read_later]


def changed(f: Any, sizes: Any = ("n",)) -> tuple[Any, str]:
    """The function with arrays made before loops, and its text."""
    tree = ast.parse(inspect.getsource(f)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.body = hoisted(tree.body, {"x", "n"}, sizes, lambda name: f"{name}_2")
    text = ast.unparse(ast.fix_missing_locations(tree))
    space: dict[str, Any] = {"np": np}
    exec(text, space)
    return space[f.__name__], text


@pytest.mark.parametrize("f", [*MOVED, *STAYS], ids=lambda f: f.__name__)
def test_programs(f: Any) -> None:
    made, text = changed(f)
    x = RNG.normal(size=6)
    given = x.copy()
    np.testing.assert_array_equal(made(x, 6), f(x, 6))
    np.testing.assert_array_equal(x, given)
    loop = text.index("for ")
    before = text[:loop].count("np.empty") + text[:loop].count("np.zeros")
    own = 1 if f in (rows, twice) else 0  # of the program itself
    if f is twice:
        assert "_2 = np.empty(n)" in text
    elif f in MOVED:
        assert before - own == MOVED[f]
    else:
        assert "_2" not in text and before == 0


def test_length_for_all_turns():
    assert "    t = np.empty(n)\n    for k in range(n):" in changed(growing)[1]
    assert "    t = np.empty(n)\n    for k in range(n - 2, -1, -1):" in changed(shrinking)[1]
    assert "    t = np.empty(n)\n    for k in range(1, n - 8):" in changed(turnless)[1]
    made, text = changed(turnless, sizes=())  # `n` may be anything
    assert "    t = np.empty(max(n - 9, 0))\n" in text
    assert made(np.ones(3), 3) == 0.0
