"""Expressions: the table says what each becomes."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.frontend.lowering import body, lower

TABLE = {
    "z = x * y": "z = operator.mul(x, y)",
    "z = x": "z = copy(x)",
    "z = -1": "z = copy(-1)",
    "z = -1.5 * x": "z = operator.mul(-1.5, x)",
    "z = -x ** 2": "z@1 = operator.pow(x, 2)\nz = operator.neg(z@1)",
    "z = x @ y + 1": "z@1 = operator.matmul(x, y)\nz = operator.add(z@1, 1)",
    "z = np.tanh(x)": "z = numpy.tanh(x)",
    "z = np.absolute(x)": "z = numpy.abs(x)",
    "z = np.linalg.norm(x, axis=0)": "z = numpy.linalg.norm(x, axis=0)",
    "z = np.add.at(x, n, y)": "z = numpy.add.at(x, n, y)",
    "z = math.exp(x)": "z = math.exp(x)",
    "z = x.sum(0)": "z = numpy.sum(x, 0)",
    "z = x.conj()": "z = method.conj(x)",
    "z = x.reshape(2, n)": "z@1 = tuple(2, n)\nz = numpy.reshape(x, z@1)",
    "z = x.reshape(-1)": "z = numpy.reshape(x, -1)",
    "z = x.transpose(1, 0)": "z@1 = tuple(1, 0)\nz = numpy.transpose(x, z@1)",
    "z = x.astype(np.float32)": "z@1 = load.numpy.float32()\nz = method.astype(x, z@1)",
    "z = x.wobble(n)": "z = method.wobble(x, n)",
    "z = x.T": "z = attr.T(x)",
    "z = np.pi * x": "z@1 = load.numpy.pi()\nz = operator.mul(z@1, x)",
    "z = x[np.newaxis, ...]": "z@1 = tuple(None, Ellipsis)\nz = operator.getitem(x, z@1)",
    "z = x[1:, ::2]": (
        "z@1 = slice(1, None, None)\nz@2 = slice(None, None, 2)\n"
        "z@3 = tuple(z@1, z@2)\nz = operator.getitem(x, z@3)"
    ),
    "z = x(n)": "z = call(x, n)",
    "z = x[0](n)": "z@1 = operator.getitem(x, 0)\nz = call(z@1, n)",
    "z = [x, (y, n)]": "z@1 = tuple(y, n)\nz = list(x, z@1)",
    "z = {'a': x, n: y}": "z = dict('a', x, n, y)",
    "z = f'W{n}{{}}{x!r:>{n}}'": "z = fstring('W{}{{}}{!r:>{}}', n, x, n)",
    "z = x in y": "z = operator.contains(y, x)",
    "z = x not in y": "z@1 = operator.contains(y, x)\nz = operator.not_(z@1)",
    "z = x is None": "z = operator.is_(x, None)",
    "z = not x": "z = operator.not_(x)",
    "z = (w := x + 1) * w": (
        "w = operator.add(x, 1)\nz@1 = copy(w)\nz@2 = copy(w)\nz = operator.mul(z@1, z@2)"
    ),
    "z = x + (x := n)": "z@1 = copy(x)\nx = copy(n)\nz@2 = copy(x)\nz = operator.add(z@1, z@2)",
    "print(x, y)": "builtins.print(x, y)",
    "x.append(y)": "method.append(x, y)",
    "assert x, 'no'": "assert(x, 'no')",
}


@pytest.mark.parametrize(("text", "expected"), TABLE.items(), ids=TABLE)
def test_expression(text: str, expected: str) -> None:
    assert body(text) == expected


SHORT_CIRCUIT = {
    "z = x and n + 1": """
        z@1 = copy(x)
        if z@1:  # and
            z@2 = operator.add(n, 1)
            z@1 = copy(z@2)
        z = copy(z@1)
    """,
    "z = x or y": """
        z@1 = copy(x)
        if z@1:  # or
            pass
        else:
            z@1 = copy(y)
        z = copy(z@1)
    """,
    "z = x * 2 if n else y": """
        if n:  # ifexp
            z@1 = operator.mul(x, 2)
            z = copy(z@1)
        else:
            z = copy(y)
    """,
    "z = 0 < x < n": """
        z@1 = operator.lt(0, x)
        if z@1:  # and
            z@2 = operator.lt(x, n)
            z@1 = copy(z@2)
        z = copy(z@1)
    """,
}


@pytest.mark.parametrize(("text", "expected"), SHORT_CIRCUIT.items(), ids=SHORT_CIRCUIT)
def test_short_circuit(text: str, expected: str) -> None:
    assert body(text) == dedent(expected).strip()


def test_long_sums_are_not_nested() -> None:
    count = 2500
    fn = lower(f"def f(x):\n    return {' + '.join(['x'] * count)}\n")
    assert len(fn.body) == count  # the additions and the return


def test_numbers_keep_their_type() -> None:
    (first, second, *_) = lower("def f(x):\n    a = 1\n    b = 1.0\n    return a\n").body
    values = [stmt.args[0].value for stmt in (first, second)]
    assert [type(value) for value in values] == [int, float]
