"""Arrays that a nest fills for the turns next to its own are computed where they are read."""

from __future__ import annotations

import ast
import random

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")

from srcgrad import grad
from srcgrad.loops.fusion import of_one_piece
from srcgrad.loops.places import target_of
from srcgrad.loops.shifted import unshifted
from tests.loops.survey import Outcome, Program, survey_text

INDICES = ("ii", "jj")
FLOATS = ("x", "y", "c")
PLACES = ("ii, jj", "ii + 1, jj", "ii, jj + 1", "ii + 1, jj + 1", "jj, ii", "ii + 2, jj")


def nest(order: random.Random, body: list[str]) -> list[str]:
    n, m = order.choice(("n", "n", "n + 1", "4")), order.choice(("m", "m", "m + 1"))
    inner = [f"        {line}" for line in body]
    return [f"for ii in range({n}):", f"    for jj in range({m}):", *inner]


def value(order: random.Random, arrays: str) -> str:
    def one() -> str:
        return f"{order.choice(arrays)}[{order.choice(PLACES[:3])}]"

    return order.choice(
        (one(), f"{one()} - {one()}", f"c * {one()}", f"0.0 if {one()} > 0 else {one()}", "1.0")
    )


def program(seed: int) -> str:
    """Nests that fill `a` and one that reads it, with others in between that write `x` or `b`."""
    order = random.Random(seed)
    lines = ["a = np.zeros((n + 4, m + 4))"]
    if order.random() < 0.3:
        lines = ["a = np.empty((n, m))", "for ii in range(n):", "    for jj in range(m):"]
        lines += [f"        t = {value(order, 'xy')}", "        a[ii, jj] = t"]
    else:
        for _ in range(order.choice((1, 2, 2, 3))):
            body = [f"a[{order.choice(PLACES)}] {order.choice(('=', '+=', '-='))} "]
            body[0] += value(order, "xyb")
            if order.random() < 0.3:
                target, _, made = body[0].partition("= ")
                body = [f"t = {made}", f"{target}= t"]
            lines += nest(order, body)
            if order.random() < 0.3:
                lines += nest(order, [f"{order.choice('xb')}[ii, jj] += y[jj, ii]"])
    place = order.choice(("ii, jj", "ii, jj", "ii + 1, jj", "ii, jj + 1", "jj, ii"))
    if "np.empty" in lines[0]:
        lines += ["for ii in range(n - 1):", "    for jj in range(m - 1):"]
        lines += [f"        b[ii, jj] += a[{place}] - a[ii, jj]"]
    else:
        lines += nest(order, [f"b[ii, jj] += a[{place}]", "b[ii, jj] *= 0.5"])
    start = "b = np.ones((n + 4, m + 4))"
    text = "\n".join(f"    {line}" for line in [start, *lines, "return b, x"])
    return f"def f(x, y, c, n, m):\n{text}\n"


def run(body: list[ast.stmt]) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    arguments = ast.parse("def f(x, y, c, n, m): pass").body[0]
    assert isinstance(arguments, ast.FunctionDef)
    arguments.body = body
    namespace = {"np": np}
    exec(ast.unparse(ast.fix_missing_locations(ast.Module([arguments], []))), namespace)
    x, y = rng.standard_normal((2, 12, 12))
    return list(namespace["f"](x, y, 0.7, 5, 6))


def done_without(seed: int) -> tuple[bool, list[np.ndarray], list[np.ndarray]]:
    tree = ast.parse(program(seed)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    expected = run(list(tree.body))
    names = (f"v{number}" for number in range(99))
    body = unshifted(of_one_piece(tree.body, INDICES), INDICES, FLOATS, lambda _: next(names))
    return all(target_of(stmt) != "a" for stmt in body), expected, run(body)


def test_random_nests_give_what_they_gave():
    replaced = 0
    for seed in range(600):
        without, expected, found = done_without(seed)
        replaced += without
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-13, err_msg=program(seed))
    assert replaced > 60


def fluxes(u, c):
    """Two axes, as finite volumes do it: what goes out of a cell goes into the next one."""
    step = u[1:, :] - u[:-1, :]
    flux = np.where(step * (u[1:, :] + u[:-1, :]) > 0, 0.0, step)
    change = c[1:-1, :] * (flux[1:, :] - flux[:-1, :])
    return np.sum(change * u[1:-1, :])


def written_between(u, c):
    """What the array is made of is written before it is read."""
    step = u[1:, :] - u[:-1, :]
    u[0] = 0.0
    flux = step[1:, :] * 2.0 - step[:-1, :]
    c[1:-1] *= flux
    return np.sum(c * u)


@pytest.mark.parametrize("function", [fluxes, written_between])
def test_programs(function):
    rng = np.random.default_rng(7)

    def arguments(seed):
        del seed
        return rng.standard_normal((7, 5)), rng.standard_normal((7, 5))

    program = Program(function.__name__, function, arguments, (0, 1))
    assert survey_text(program) == Outcome("right")


def test_the_array_is_not_made():
    derivative = grad(fluxes, (0, 1), backend="numba")
    text = derivative.lower(np.ones((7, 5)), np.ones((7, 5))).source
    assert "flux_bar = np." not in text and "flux_bar_i += " in text
    assert "flux = np." not in text
