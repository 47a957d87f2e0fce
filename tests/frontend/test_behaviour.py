"""Lowered programs do what Python does: an interpreter of the IR runs both on the same inputs."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterator
from typing import Any

import pytest

from srcgrad.ir.core import Assign, Atom, Block, Const, Exit, For, Function, If, Store, While
from tests.frontend.lowering import lower

PROGRAMS = {
    "search": """
        def f(xs, n):
            total = 0
            for i, x in enumerate(xs):
                if x == n:
                    continue
                for j in range(i):
                    if xs[j] > x:
                        if j % 2:
                            break
                        total += 10
                    total += j
                else:
                    total += 100
                    if total > 500:
                        return total, i
                total += x
            return total
    """,
    "while": """
        def f(xs, n):
            out = []
            while True:
                n = n - 1
                if n < 0:
                    break
                if n in xs:
                    if n % 3 == 0:
                        out.append(n)
                        continue
                    elif n == 7:
                        return "seven", out
                out.append(-n)
            else:
                out.append("never")
            return out
    """,
    "short circuit": """
        def f(xs, n):
            a = xs and xs[0] or n
            b = 0 < n < 4 <= 5
            c = "big" if n > 3 else "small" if n > 1 else f"{n:>3}"
            (d, *e), g = xs, n
            d, g = g, d
            return a, b, c, d, e, g
    """,
    "headers": """
        def f(xs, n):
            out = []
            for i in range(n, -2, -2):
                i = i * 2
                out.append(i)
            for a, (b, c) in zip(xs, enumerate(reversed(xs), n)):
                out.append((a, b, c))
            table = {"p": 1, "q": n}
            for k, v in table.items():
                table[k] += v
            for pair in zip(xs, range(3)):
                out.append(pair)
            return out, table, i
    """,
    "both arms": """
        def f(xs, n):
            for x in xs:
                if x > n:
                    if x > 2 * n:
                        return x
                    n = n + 1
                elif x == 3:
                    break
                n = n + x
                if n > 30:
                    if n % 2:
                        continue
                    n = n - 5
                n = n * 2
            return -n
    """,
}


class Left(Exception):
    pass


def run(fn: Function, args: tuple[Any, ...]) -> Any:
    """Run a lowered function on plain Python values."""
    env = dict(zip([p.name for p in fn.params], args, strict=True))
    return _run(fn.body, env)[1]


def _value(atom: Atom, env: dict[str, Any]) -> Any:
    return atom.value if isinstance(atom, Const) else env[atom.name]


def _run(block: Block, env: dict[str, Any]) -> tuple[str, Any]:
    for stmt in block:
        left: tuple[str, Any] = ("", None)
        if isinstance(stmt, Exit):
            return stmt.kind, None if stmt.value is None else _value(stmt.value, env)
        if isinstance(stmt, If):
            left = _run(stmt.then if _value(stmt.test, env) else stmt.orelse, env)
        elif isinstance(stmt, For | While):
            for _ in _turns(stmt, env):
                left = _run(stmt.body, env)
                if left[0] in ("break", "return"):
                    break
            left = left if left[0] == "return" else ("", None)
        elif isinstance(stmt, Store):
            old = _value(stmt.base, env)
            index, value = _value(stmt.index, env), _value(stmt.value, env)
            old[index] = value if stmt.op == "set" else old[index] + value
        else:
            assert isinstance(stmt, Assign)
            _assign(stmt, env)
        if left[0]:
            return left
    return "", None


def _turns(stmt: For | While, env: dict[str, Any]) -> Iterator[None]:
    if isinstance(stmt, For):
        for i in range(*(_value(a, env) for a in (stmt.start, stmt.stop, stmt.step))):
            env[stmt.index] = i
            yield
        return
    while True:
        _run(stmt.test, env)
        if not _value(stmt.cond, env):
            return
        yield


def _assign(stmt: Assign, env: dict[str, Any]) -> None:
    args = [_value(a, env) for a in stmt.args]
    assert isinstance(stmt.fn, str)
    structural: dict[str, Any] = {
        "copy": lambda x: x,
        "unpack": lambda x: x,
        "tuple": lambda *xs: xs,
        "list": lambda *xs: list(xs),
        "dict": lambda *xs: dict(zip(xs[::2], xs[1::2], strict=True)),
        "slice": slice,
        "fstring": lambda text, *xs: text.format(*xs),
    }
    kind, _, name = stmt.fn.partition(".")
    if stmt.fn in structural:
        result = structural[stmt.fn](*args)
    elif kind == "method":
        result = getattr(args[0], name)(*args[1:])
    else:
        result = getattr({"operator": operator, "builtins": builtins}[kind], name)(*args)
    if len(stmt.targets) == 1:
        env[stmt.targets[0]] = result
    elif stmt.targets:
        env.update(zip(stmt.targets, result, strict=True))


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_means_the_same(name: str) -> None:
    from textwrap import dedent

    space: dict[str, Any] = {}
    exec(dedent(PROGRAMS[name]), space)
    fn = lower(PROGRAMS[name])
    for xs in ([1], [3, 1, 2], [5, 4, 3, 2, 1], [2, 7, 1, 8, 2, 8], [40, 3, 9]):
        for n in range(10):
            assert run(fn, (list(xs), n)) == space["f"](list(xs), n), (xs, n)
