"""Statements: assignment, loops, and where control leaves."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.frontend.lowering import body

TABLE = {
    "a = b = x + 1": "a = operator.add(x, 1)\nb = copy(a)",
    "a, b = x, y": "a = copy(x)\nb = copy(y)",
    "x, y = y, x": "x@1 = copy(x)\nx = copy(y)\ny = copy(x@1)",
    "x, y = y, x + y": "y@1 = operator.add(x, y)\nx = copy(y)\ny = copy(y@1)",
    "a, b = x": "a, b = unpack(x)",
    "a, (b, c) = x": "a, a@1 = unpack(x)\nb, c = unpack(a@1)",
    "a, x[0] = y": "a, a@1 = unpack(y)\nx[0] = a@1",
    "a, = x": "a = operator.getitem(x, 0)",
    "a, *b, c = x": (
        "a = operator.getitem(x, 0)\na@1 = slice(1, -1, None)\na@2 = operator.getitem(x, a@1)\n"
        "b = builtins.list(a@2)\nc = operator.getitem(x, -1)"
    ),
    "a: float = x": "a = copy(x)",
    "x += y": "x = operator.iadd(x, y)",
    "x @= y": "x = operator.imatmul(x, y)",
    "x |= y": "x = operator.ior(x, y)",
    "x[n] = y * 2": "x@1 = operator.mul(y, 2)\nx[n] = x@1",
    "x[n] += y": "x[n] += y",
    "x[0][n] -= y": "x@1 = operator.getitem(x, 0)\nx@1[n] -= y",
    "x[n] *= y": "x@item1 = operator.getitem(x, n)\nx@2 = operator.mul(x@item1, y)\nx[n] = x@2",
    "pass": "",
    "raise ValueError('no')": "error@1 = builtins.ValueError('no')\nraise(error@1)",
}


@pytest.mark.parametrize(("text", "expected"), TABLE.items(), ids=TABLE)
def test_statement(text: str, expected: str) -> None:
    assert body(text) == expected


LOOPS = {
    "for i in range(n): x = x + i": """
        for i in range(n):
            x = operator.add(x, i)
    """,
    "for i in range(2, n, -1): i = i + 1": """
        for i@1 in range(2, n, -1):
            i = copy(i@1)
            i = operator.add(i, 1)
    """,
    "for i in range(n): n = n - 1": """
        i@1 = copy(n)
        for i in range(i@1):
            n = operator.sub(n, 1)
    """,
    "for a in x: y = y + a": """
        a@1 = builtins.len(x)
        for a@2 in range(a@1):
            a = operator.getitem(x, a@2)
            y = operator.add(y, a)
    """,
    "for x in x: pass": """
        x@1 = copy(x)
        x@2 = builtins.len(x@1)
        for x@3 in range(x@2):
            x = operator.getitem(x@1, x@3)
    """,
    "for i, (a, b) in enumerate(zip(x, y)): pass": """
        i@1 = builtins.len(x)
        i@2 = builtins.len(y)
        i@3 = builtins.min(i@1, i@2)
        for i in range(i@3):
            a = operator.getitem(x, i)
            b = operator.getitem(y, i)
    """,
    "for i, a in enumerate(x, 1): pass": """
        i@1 = builtins.len(x)
        for i@2 in range(i@1):
            i = operator.add(i@2, 1)
            a = operator.getitem(x, i@2)
    """,
    "for a in reversed(x): pass": """
        a@1 = builtins.len(x)
        a@2 = operator.sub(a@1, 1)
        for a@3 in range(a@1):
            a@4 = operator.sub(a@2, a@3)
            a = operator.getitem(x, a@4)
    """,
    "for k, v in x.items(): pass": """
        k@1 = method.keys(x)
        k@2 = builtins.list(k@1)
        k@3 = builtins.len(k@2)
        for k@4 in range(k@3):
            k = operator.getitem(k@2, k@4)
            v = operator.getitem(x, k)
    """,
    "while n > 0: n -= 1": """
        while test@1 from:
            test@1 = operator.gt(n, 0)
        do:
            n = operator.isub(n, 1)
    """,
}


@pytest.mark.parametrize(("text", "expected"), LOOPS.items(), ids=LOOPS)
def test_loop(text: str, expected: str) -> None:
    shown = "\n".join(line for line in body(text).splitlines() if line.strip() != "pass")
    assert shown == dedent(expected).strip()


EXITS = {
    "if x: return y\nn = 1\nreturn n": """
        if x:
            return y
        else:
            n = copy(1)
            return n
    """,
    "if x: raise y\nreturn n": """
        if x:
            raise(y)
        return n
    """,
    "for i in range(n):\n  if x: break\n  y = y + 1": """
        for i in range(n):
            if x:
                break
            else:
                y = operator.add(y, 1)
    """,
    "for i in range(n):\n  if x:\n    if y: break\n    n = 1\n  y = 2\n  x = 3": """
        i@1 = copy(n)
        for i in range(i@1):
            stop@1 = copy(False)
            if x:
                if y:
                    stop@1 = copy(True)
                else:
                    n = copy(1)
            if stop@1:
                break
            else:
                y = copy(2)
                x = copy(3)
    """,
    "for i in range(n):\n  for j in range(n):\n    if x: return y\nreturn n": """
        returned@1 = copy(False)
        for i in range(n):
            for j in range(n):
                if x:
                    out@1 = copy(y)
                    returned@1 = copy(True)
                    break
            if returned@1:
                break
        if returned@1:
            return out@1
        else:
            return n
    """,
    "while True:\n  if x: return y\n  x = x - 1\nreturn n": """
        returned@1 = copy(False)
        while True from:
            pass
        do:
            if x:
                out@1 = copy(y)
                returned@1 = copy(True)
                break
            else:
                x = operator.sub(x, 1)
        return out@1
    """,
    "for i in range(n):\n  if x: break\nelse: y = 1\nreturn y": """
        broken@1 = copy(False)
        for i in range(n):
            if x:
                broken@1 = copy(True)
                break
        if broken@1:
            pass
        else:
            y = copy(1)
        return y
    """,
    "for i in range(n): pass\nelse: y = 1\nreturn y": """
        for i in range(n):
            pass
        y = copy(1)
        return y
    """,
    "return x\ny = 1": "return x",
}


@pytest.mark.parametrize(("text", "expected"), EXITS.items(), ids=EXITS)
def test_exits(text: str, expected: str) -> None:
    assert body(text) == dedent(expected).strip()


def test_early_exits_stay_linear() -> None:
    def size(count: int) -> int:
        arms = "".join(f"if x > {i}:\n  if y: return {i}\n  n = {i}\n" for i in range(count))
        return len(body(arms + "return n").splitlines())

    assert size(20) - size(10) == size(30) - size(20)
