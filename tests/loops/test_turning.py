"""Loops that are put together, turned, or run in any order give what they gave: random nests."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable

import numpy as np
import pytest

from srcgrad.loops.columns import in_row_order
from srcgrad.loops.contraction import contracted
from srcgrad.loops.counting import counted
from srcgrad.loops.merging import merged_rows
from srcgrad.loops.parallel import in_parallel
from srcgrad.loops.spelling import spelled

OUTSIDE = ("i", "j", "0", "j + 1", "m - j", "i + 1", "first", "2 * j")
INSIDE = (*OUTSIDE, "ii", "ii + 1", "ii + i + 1", "n - ii + 3", "ii + j", "ii + first")
USUAL = ("ii, j", "ii + i + 1, j", "i, j", "ii + 3, j", "0, j", "ii, i", "i, ii", "first, ii")
HEAD = """
def f(x, y, n, m):
    a = np.empty((20, 20))
    b = np.empty((20, 20))
    r = np.empty(20)
    for i in range(20):
        r[i] = x[i, 0]
        for j in range(20):
            a[i, j] = x[i, j]
            b[i, j] = y[i, j]
    s = 0.5
    for i in range(3):
        first = i + 2
"""


def element(order: random.Random, arrays: str, among: tuple[str, ...] = INSIDE) -> str:
    base = order.choice(arrays)
    usual = [p for p in USUAL if among is INSIDE or "ii" not in p]
    if base != "r" and order.random() < 0.75:
        return f"{base}[{order.choice(usual)}]"
    places = [order.choice(among) for _ in range(1 if base == "r" else 2)]
    return f"{base}[{', '.join(places)}]"


def nest(order: random.Random) -> str:
    """A loop over columns with numbers, and loops over `ii` with stores within."""
    lines = [order.choice(("for j in range(m):", "for j in range(m - 1, -1, -1):"))]
    if order.random() < 0.6:
        lines.append(f"    s = {element(order, 'abrxx', OUTSIDE)}")
    for _ in range(order.choice((1, 1, 2, 3))):
        lines.append(f"    for ii in range({order.choice(('n', 'n', 'n - i', 'm'))}):")
        for _ in range(order.choice((1, 1, 2))):
            target, op = element(order, "aabr"), order.choice(("=", "+=", "+=", "-="))
            terms = [element(order, "abrxy"), order.choice(("s", "0.5", element(order, "abx")))]
            if order.random() < 0.2:
                lines.append(f"        t = {element(order, 'abrxy')}")
                terms[1] = "t"
            lines.append(f"        {target} {op} {' * '.join(terms)}")
    if order.random() < 0.2:
        lines.append(f"    {element(order, 'abr', OUTSIDE)} += s * 0.5")
    return "".join(f"        {line}\n" for line in lines)


OWN = ("ii, j", "i, j", "first, j", "ii + 1, j")  # in the column of the turn
NEAR = (*OWN, *OWN, "i, ii", "ii, i")


def columns(order: random.Random) -> str:
    """A loop over columns that seldom touch each other, with sums down them."""
    lines = [order.choice(("for j in range(m):", "for j in range(m - 1, -1, -1):"))]

    def near(places: tuple[str, ...] = NEAR) -> str:
        one = f"{order.choice('abxxyy')}[{order.choice(places)}]"
        among = INSIDE if places is NEAR else OUTSIDE
        return element(order, "abr", among) if order.random() < 0.03 else one

    outside = tuple(p for p in NEAR if "ii" not in p)
    numbers = ["0.5"]
    for k in range(order.choice((2, 3, 4))):
        kind = order.choice(("number", "sum", "sum", "store", "row"))
        if kind == "number":
            value = order.choice((near(outside), f"{order.choice(numbers)} * 0.3", "2.0"))
            lines.append(f"    t{k} = {value}")
        elif kind == "sum":
            lines.append(f"    t{k} = {order.choice(('0.0', '0.0', '1.5', near(outside)))}")
        if kind in ("number", "sum"):
            numbers.append(f"t{k}")
        if kind in ("sum", "row"):
            lines.append(f"    for ii in range({order.choice(('n', 'n - i', 'm'))}):")
            if kind == "sum":
                lines.append(f"        t{k} {order.choice(('+=', '-='))} {near()} * {near()}")
            if kind == "row" or order.random() < 0.2:
                target = f"{order.choice('ab')}[{order.choice(NEAR)}]"
                lines.append(f"        {target} += {near()} * {order.choice(numbers)}")
        elif kind == "store":
            target = f"{order.choice('ab')}[{order.choice(outside)}]"
            lines.append(f"    {target} += {order.choice(numbers)} * {near(outside)}")
    return "".join(f"        {line}\n" for line in lines)


def program(order: random.Random, nest: Callable[[random.Random], str] = nest) -> str:
    body = "".join(nest(order) for _ in range(order.choice((1, 2))))
    return HEAD + body + "    return a, b, r\n"


def run(text: str, order: random.Random | None = None) -> list[np.ndarray]:
    def prange(*bounds: int) -> list[int]:
        turns = list(range(*bounds))
        if order is not None:
            order.shuffle(turns)
        return turns

    module = {"np": np, "prange": prange}
    exec(text, module)
    rng = np.random.default_rng(0)
    found: list[np.ndarray] = module["f"](rng.random((20, 20)), rng.random((20, 20)), 4, 5)
    return found


def changed(text: str, change: Callable[[list[ast.stmt]], list[ast.stmt]]) -> tuple[str, bool]:
    module = ast.parse(text)
    fn = module.body[0]
    assert isinstance(fn, ast.FunctionDef)
    fn.body = change(fn.body)
    found = ast.unparse(ast.fix_missing_locations(module))
    return found, found != ast.unparse(ast.parse(text))


def merge(body: list[ast.stmt]) -> list[ast.stmt]:
    return contracted(merged_rows(body, {"ii", "jj"}), {"ii", "jj"})


def turn(body: list[ast.stmt]) -> list[ast.stmt]:
    return in_row_order(body, {"ii", "jj"}, lambda axis: ("ii", "jj")[axis], "xy", "nm")


def spell(body: list[ast.stmt]) -> list[ast.stmt]:
    return spelled(body, [], {"n", "m"})


@pytest.mark.parametrize(
    ("change", "least"),
    (
        (spell, 20),
        (merge, 5),
        (turn, 4),
        (in_parallel, 20),
        (lambda b: counted(b, ["n", "m"]), 20),
    ),
    ids=("spelled", "merged", "turned", "parallel", "counted"),
)
def test_random_nests(change, least: int) -> None:
    count = 0
    for seed in range(300):
        order = random.Random(seed)
        text = program(order)
        found, is_new = changed(text, change)
        if not is_new:
            continue
        count += 1
        with np.errstate(all="ignore"):
            pairs = zip(run(found, order), run(text), strict=True)
        for a, b in pairs:  # sums over columns may be taken in another order
            np.testing.assert_allclose(a, b, rtol=1e-9, err_msg=f"{text}\n{found}")
    assert count >= least


def test_random_columns() -> None:
    count = sums = 0
    for seed in range(400):
        text = program(random.Random(seed), columns)
        found, is_new = changed(text, turn)
        count, sums = count + is_new, sums + ("[jj] +=" in found)
        if is_new:
            with np.errstate(all="ignore"):
                pairs = zip(run(found), run(text), strict=True)
            for a, b in pairs:
                np.testing.assert_allclose(a, b, rtol=1e-9, err_msg=f"{text}\n{found}")
    assert count > 40 and sums > 10


def test_sums_of_columns() -> None:
    text = """
def f(x, y, n, m):
    z = np.zeros((n, m))
    for j in range(m):
        s = x[0, j]
        t = 0.0
        for ii in range(n):
            t += x[ii, j] * y[ii, ii]
        z[0, j] += s * t
        u = t * 2.0
        for ii in range(n):
            z[ii, j] -= u * y[ii, 0]
    return [z]
"""
    found = changed(text, turn)[0]
    assert found.count("for jj in range(m)") == 4 and "for j in" not in found
    assert "t = np.empty(m)" in found and "z[0, jj] += x[0, jj] * t[jj]" in found
    np.testing.assert_array_equal(run(found), run(text))
