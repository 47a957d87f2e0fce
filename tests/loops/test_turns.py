"""Loops whose turns are independent: put together, and run on several cores.

The proofs, by pairs of loops of which one must not be taken for the other; then whole programs.
"""

from __future__ import annotations

import ast
import copy
import inspect
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, grad, transform
from srcgrad.compiled import write_loops
from srcgrad.frontend import read_live
from srcgrad.ir.values import kind_of_value
from srcgrad.loops.merging import merged_rows
from srcgrad.loops.parallel import in_parallel
from srcgrad.loops.recurrences import multiplied
from srcgrad.loops.spelling import spelled
from srcgrad.options import Request
from tests.loops.survey import Program, flatten, programs, without_numba


def lines(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def together(first: str, second: str, head: str = "range(n)") -> bool:
    """Whether two loops over `ii` become one."""
    text = f"""
a = np.empty(n)
b = np.empty(n + 9)
c = np.empty((m, n + 9))
for ii in {head}:
    {first}
for ii in {head}:
    {second}
return a, b, c
"""
    body = ast.parse("def f(x, y, n, m, i, j):" + text.replace("\n", "\n    ")).body[0].body
    before = sum(isinstance(s, ast.For) for s in body)
    return sum(isinstance(s, ast.For) for s in merged_rows(body, {"ii"})) < before


def test_loops_over_one_row() -> None:
    assert together("a[ii] = x[ii]", "b[ii] = a[ii] * 2")
    assert together("c[i, ii] = x[ii]", "c[j, ii] += c[i, ii]")  # rows that may be the same
    assert together("c[0, ii] = x[ii]", "c[1, n - ii] += c[2, ii + 1]")  # rows that are not
    assert together("b[ii + j] = x[ii]", "a[ii] = b[ii + j]")


def test_loops_that_wait_for_each_other() -> None:
    assert not together("a[ii] = x[ii]", "b[ii] = a[n - 1 - ii]")
    assert not together("b[ii] = x[ii]", "a[ii] = b[ii + 1]")
    assert not together("b[ii + 1] = x[ii]", "a[ii] = b[ii]")  # of the turn before
    assert not together("b[ii + i] = x[ii]", "a[ii] = b[ii + j]")
    assert not together("a[ii] = b[ii + 1]", "b[ii] = x[ii]")
    assert not together("c[i, ii] = x[ii]", "a[ii] = c[j, ii + 1]")
    assert not together("a[y[ii]] = x[ii]", "b[ii] = a[ii]")  # a place that is no sum
    assert not together("a[ii] = x[ii]", "b[0] += a[ii]")  # a sum
    assert not together("t = x[ii]; a[ii] = t", "b[ii] = a[ii] * t")  # the last one
    assert not together("x[ii] = 1.0", "a[ii] = x[ii]")  # an argument may be another's memory
    assert not together("c[i, ii] = x[ii]", "c[ii, j] += c[i, ii]")
    assert not together("b[2 * ii] = x[ii]", "a[ii] = b[ii]")


def test_statements_between_loops() -> None:
    """What stands between keeps its order."""
    text = """
a = np.empty(n)
b = np.empty(n)
for ii in range(n):
    a[ii] = x[ii]
{between}
for ii in range(n):
    b[ii] = a[ii] * s
return b, a
"""
    counts = {
        "s = x[0]": 1, "s = a[0]": 2, "a[1] = s": 2, "a = b": 2, "s = s": 1,
        "t.append(a)": 2, "t.append(s)": 1, "if s:\n    return a": 2,
    }  # fmt: skip
    for between, count in counts.items():
        inner = text.replace("{between}", between).replace("\n", "\n    ")
        body = ast.parse("def f(x, n, s, t):" + inner).body[0].body
        found = merged_rows(body, {"ii"})
        assert sum(isinstance(s, ast.For) for s in found) == count, between


def parallel(text: str) -> str:
    body = ast.parse("def f(x, n, m):" + text.replace("\n", "\n    ")).body[0].body
    return "\n".join(map(ast.unparse, in_parallel(body)))


def rows(*inside: str, behind: str = "pass", head: str = "range(n)") -> bool:
    """Whether a loop over rows runs on several cores."""
    text = "\ny = np.zeros((n, m))\nz = np.empty(m)\nw = np.empty(n)\nfor i in " + head + ":"
    for line in inside:
        text += "\n    " + line
    found = parallel(text + f"\n{behind}\nreturn y")
    return "for i in prange" in found


def test_rows_on_several_cores() -> None:
    fill = "for k in range(m):\n        y[i, k] = x[i, k]"
    assert rows(fill)
    assert rows(fill, head="range(n - 1, -1, -1)")
    assert rows("for k in range(m):\n        z[k] = x[i, k]", "w[i] = sum_of(z)")
    assert rows("s = 0.0", "for k in range(m):\n        s += x[i, k]", "w[i] = s")
    assert rows("for k in range(m):\n        y[i, k] += y[i, m - 1 - k]")


def test_rows_that_stay_in_order() -> None:
    fill = "for k in range(m):\n        y[i, k] = x[i, k]"
    assert not rows("for k in range(m):\n        y[i, k] = y[i - 1, k]")
    assert not rows("for k in range(m):\n        y[k, i] += x[i, k] + y[i, k]")
    assert not rows("for k in range(m):\n        z[k] += x[i, k]")  # a sum over turns
    assert not rows(fill, "for k in range(m - 1):\n        z[k] = x[i, k]", "w[i] = sum_of(z)")
    assert not rows(fill, "if x[i, 0] > 0:\n        z[0] = 1.0", "w[i] = z[0]")
    assert not rows(fill, "w[0] = x[i, 0]")
    assert not rows(fill, "s = x[i, 0]", behind="print(s)")
    assert not rows(fill, "w[i] = s", "s = x[i, 0]")  # of the turn before
    assert not rows(fill, "w[i] = finite(x[i, 0])")  # may raise
    assert not rows(fill, "if x[i, 0] > 0:\n        raise ValueError")
    assert not rows(fill, "if x[i, 0] > 0:\n        break")
    assert not rows(fill, "t.append(w[i])")
    assert not rows("for k in range(m):\n        x[i, k] = 0.0")  # an argument
    assert not rows(fill, head="range(0, n, 2)")


def test_rows_of_a_turn_are_its_own() -> None:
    found = parallel("""
y = np.zeros(n)
z = np.empty(m)
for i in range(n):
    for k in range(m):
        z[k] = x[i, k]
    y[i] = sum_of(z)
return y
""")
    assert found.index("prange") < found.index("z = np.empty(m)")


def test_lengths_are_spelled() -> None:
    text = """
first = i + 1
y = np.empty(n - first)
if y.shape[0] != n - 1 - i:
    raise ValueError
for k in range(y.shape[0]):
    i = y[k + first]
    first = y[k + first]
z = y[k + first]
"""
    found = "\n".join(map(ast.unparse, spelled(lines(text), [], {"n"})))
    assert "np.empty(n - i - 1)" in found
    assert "range(n - i - 1)" in found
    assert "raise" not in found
    assert "y[k + first]" in found  # bound anew in the loop
    assert "k + i + 1" not in found


def test_comparisons_of_arguments_go_to_the_start() -> None:
    text = "for i in range(9):\n    if n - i != m - i:\n        raise ValueError\n    x[i] = n"
    found = spelled(lines(text), lines("n = x.shape[0]\nm = y.shape[0]"), {"n", "m", "x", "y"})
    assert isinstance(found[0], ast.If)
    assert ast.unparse(found[0].test) in ("n != m", "m != n")
    assert "raise" not in ast.unparse(found[1])
    branch = (
        "for i in range(9):\n    if x[i] > 0:\n        if n != m:\n            raise ValueError"
    )
    assert len(spelled(lines(branch), [], {"n", "m", "x"})) == 1


# --- whole programs

ROWWISE = """
import numpy as np


def attention(q: "Float64[np.ndarray, 'n d']", k: "Float64[np.ndarray, 'n d']"):
    s = q @ k.T
    e = np.exp(s - np.max(s, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.sum(p * s * s)
"""


def loaded(text: str) -> dict:
    builtins = {**vars(__import__("builtins")), "__import__": without_numba}
    module = {"__name__": "loops", "__file__": "<loops>", "__builtins__": builtins}
    exec(text, module)
    return module


def test_text_says_prange() -> None:
    text = transform(ROWWISE, wrt=("q", "k"), backend="numba", parallel=True)
    assert "prange(" in text
    assert "prange" not in transform(ROWWISE, wrt=("q", "k"), backend="numba")
    rng = np.random.default_rng(3)
    q, k = rng.normal(size=(2, 7, 4))
    serial = loaded(transform(ROWWISE, wrt=("q", "k"), backend="numba"))["attention_grad"](q, k)
    for a, b in zip(loaded(text)["attention_grad"](q, k), serial, strict=True):
        np.testing.assert_array_equal(a, b)


def in_any_order(program: Program, parallel: bool, seed: int) -> tuple[str, list[np.ndarray]]:
    """The text for several cores, and what it gives with turns in a random order.

    New memory holds NaN: a row that a turn does not fill itself is found out.
    """
    args = program.arguments(2)
    names = list(inspect.signature(program.function).parameters)
    kinds = {n: kind_of_value(a, n) for n, a in zip(names, args, strict=False)}
    live = read_live(program.function, None, {})
    wrt = tuple(names[i] for i in program.wrt)
    request = Request("value_and_grad", wrt, False, kinds, parallel=parallel)
    (loops,) = write_loops(live, [(live.root, request)])
    module = loaded(loops.written.text) | dict(loops.numpy.namespace)
    exec(loops.written.text, module)
    order = random.Random(seed)

    def prange(*bounds: int) -> list[int]:
        return order.sample(range(*bounds), len(range(*bounds)))

    class Poisoned:
        def __getattr__(self, name: str) -> Any:
            return getattr(np, name)

        @staticmethod
        def empty(*args: Any) -> np.ndarray:
            made = np.empty(*args)
            made.fill(np.nan if made.dtype.kind == "f" else 77)
            return made

    module.update(prange=prange, np=Poisoned())
    leaves: list[Any] = []
    for kind, arg in zip(loops.kinds, copy.deepcopy(args), strict=False):
        flatten(kind, arg, leaves)
    captured = (loops.numpy.namespace[n] for n in loops.captured)
    with np.errstate(all="ignore"):
        found = module[loops.written.name](*leaves, *captured)
    return loops.written.text, [np.asarray(leaf) for leaf in leaves_of(found)]


def leaves_of(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves_of(item)
    else:
        yield value


def test_turns_in_any_order() -> None:
    """Every program of the suite with a loop on several cores gives the same to the last bit."""
    several = 0
    for program in list(programs())[::4]:
        try:
            _, expected = in_any_order(program, False, 0)
        except (SrcgradError, ArithmeticError, LookupError, ValueError):
            continue  # refused, or left to NumPy
        text, found = in_any_order(program, True, 1)
        several += "prange(" in text
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=program.name)
    assert several > 3


def test_parallel_needs_loops() -> None:
    with pytest.raises(SrcgradError, match="numba"):
        grad(np.sum, parallel=True)


def softmax(x, w):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum(w * (e / np.sum(e, axis=1, keepdims=True)))


def stencil(u, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] = 0.25 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]) ** 2
    return np.sum(u**2)


def triangle(a, b):
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            b[i, j] += np.dot(a[i + 1 :, i], b[i + 1 :, j])
    return np.sum(b**2)


def test_compiled_values_are_the_same_to_the_last_bit() -> None:
    pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")
    rng = np.random.default_rng(0)
    for function, args in (
        (softmax, (rng.normal(size=(40, 30)), rng.normal(size=(40, 30)))),
        (stencil, (rng.random((30, 20)), 5)),
        (triangle, (rng.random((12, 12)), rng.random((12, 9)))),
    ):
        wrt = (0, 1) if function is not stencil else 0
        several = grad(function, wrt, backend="numba", parallel=True).lower(*args).function
        one = grad(function, wrt, backend="numba").lower(*args).function
        for _ in range(3):
            copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in args]
            found, expected = several.compiled(*copies), one.compiled(*copies)
            pairs = [(found, expected)] if wrt == 0 else zip(found, expected, strict=True)
            for a, b in pairs:
                np.testing.assert_array_equal(a, b)


def test_adjoints_that_each_step_multiplies() -> None:
    def found(value: str, name: str = "x_bar") -> str:
        body = lines(f"for _ in range(3):\n    {name} = {value}")
        return ast.unparse(multiplied(body)[0].body[0].value)

    assert found("x_bar * (1 - x) * r - x_bar * (r * x)") == "x_bar * ((1 - x) * r - r * x)"
    assert found("a * x_bar + b * (x_bar * c)") == "x_bar * (a + b * c)"
    for kept in ("x_bar * a - b", "x_bar * x_bar - x_bar * a", "x_bar / a - x_bar * b",
                 "x_bar * a * x_bar - x_bar * b", "y_bar * a - y_bar * b"):  # fmt: skip
        assert found(kept) == kept
    assert found("x * a - x * b", "x") == "x * a - x * b"  # the program's own, in its order
