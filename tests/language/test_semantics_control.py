"""Traps of control flow, kinds and long programs: right, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, check_grads, grad, transform

X = np.array([0.7, 1.3, 0.4, 2.1])


def restarts(x):
    total = 0.0
    for i in range(3):
        part = 0.0
        for j in range(4):
            part += x[j] * x[i]
        total += part * part
    return total


def used_only_after(x):
    late = x * x
    total = 0.0
    for i in range(3):
        total = total + x[i] * total + 1.0
    return total * np.sum(late)


def best_so_far(x):
    best = -10.0
    for i in range(4):
        if x[i] * x[i] <= best:
            continue
        best = x[i] * x[i]
    return best * best


@pytest.mark.parametrize("f", [restarts, used_only_after, best_so_far])
def test_adjoints_across_loops(f: Callable[..., Any]) -> None:
    check_grads(f, (X,), gradient=grad(f))


def test_augmented_and_plain_element_stores_agree() -> None:
    def augmented(x):
        m = np.outer(x, x)
        m[0, 0] += x[1]
        return np.sum(m * m)

    def plain(x):
        m = np.outer(x, x)
        m[0, 0] = m[0, 0] + x[1]
        return np.sum(m * m)

    np.testing.assert_array_equal(grad(augmented)(X), grad(plain)(X))
    check_grads(plain, (X,))


def kind_by_argument(x):
    y = 2.0 if x is None else x * x
    return np.sum(y)


def test_kinds_that_change_from_call_to_call() -> None:
    df = grad(kind_by_argument)
    assert df(3.0) == 6.0
    np.testing.assert_allclose(df(X), 2 * X)
    np.testing.assert_allclose(df(X.reshape(2, 2)), 2 * X.reshape(2, 2))
    assert df(np.float32(3.0)).dtype == np.float32
    assert df(3.0) == 6.0


@pytest.mark.parametrize("n", [0, 1, 4])
def test_broadcasting_that_only_the_data_decides(n: int) -> None:
    space: dict[str, Any] = {}
    exec(transform("import numpy as np\n\ndef f(x, y):\n    return np.sum(x * y)\n"), space)
    for df in (space["f_grad"], grad(lambda x, y: np.sum(x * y))):
        found = df(np.ones(1 if n == 4 else n), X[:n])
        np.testing.assert_allclose(found, [X.sum()] if n == 4 else X[:n])


def test_long_programs_and_loops_need_no_recursion() -> None:
    terms = " + ".join(["x * x"] * 400)
    lines = "".join(f"    y = y * 1.0 + x * {i}\n" for i in range(600))
    space: dict[str, Any] = {}
    text = f"def f(x):\n    y = x\n{lines}    return y\n\ndef g(x):\n    return {terms}\n"
    exec(transform(text), space)
    assert space["f_grad"](2.0) == 1.0 + sum(range(600))
    assert space["g_grad"](2.0) == 1600.0

    def loop(x):
        for _ in range(100_000):
            x = x * 1.00001
        return x

    assert grad(loop)(1.0) == pytest.approx(1.00001**100_000)


def test_an_assertion_and_an_error_are_the_users_own() -> None:
    def guarded(x):
        assert x > 0.0, "must be positive"
        if x > 10.0:
            raise ValueError("too large")
        return x * x

    df = grad(guarded)
    assert df(2.0) == 4.0
    with pytest.raises(AssertionError, match="must be positive"):
        df(-1.0)
    with pytest.raises(ValueError, match="too large"):
        df(11.0)


def test_all_problems_of_a_function_are_told_together() -> None:
    text = """\
def f(x):
    y = eval("x")
    yield y
    class A: pass
    async def g(): pass
    global k
    return x
"""
    with pytest.raises(UnsupportedError) as error:
        transform(text)
    assert len({problem.line for problem in error.value.problems}) >= 3
    assert all(problem.remedy for problem in error.value.problems)
