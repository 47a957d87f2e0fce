"""Systems of equations whose matrix is factored once, for the value and all derivatives."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize

from srcgrad import (
    converging,
    grad,
    hessian,
    hvp,
    implicit,
    jacfwd,
    jacrev,
    transform,
    value_and_grad,
)
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.forward import check_forward


def vector(a: Any, b: Any) -> Any:
    y = scipy.linalg.solve(a, b)
    return np.sum(y**2 * np.arange(1.0, 5.0)) + np.sum(a * a)


def matrix(a: Any, b: Any) -> Any:
    y = scipy.linalg.solve(np.sin(a), np.outer(b, b) + a)
    return np.sum(y**3)


def chosen(a: Any, b: Any) -> Any:
    return np.sum(scipy.linalg.solve(a, b) ** 2) if b[0] > -9 else np.sum(b)


def overwritten(a: Any, b: Any) -> Any:
    a = a.copy()
    y = scipy.linalg.solve(a, b)
    a[0] = y
    return np.sum(y**2) + np.sum(a**2)


PROGRAMS = (vector, matrix, chosen, overwritten)


@pytest.fixture
def point() -> tuple[Any, Any]:
    rng = np.random.default_rng()
    return 0.4 * rng.normal(size=(4, 4)) + 2 * np.eye(4), rng.normal(size=4)


class Counting:
    """A module that notes the names of those of its functions that factor a matrix."""

    def __init__(self, module: Any, calls: list[str]) -> None:
        self.module, self.calls = module, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.module, name)
        if isinstance(found, ModuleType):
            return Counting(found, self.calls)
        if name in ("solve", "get_lapack_funcs"):
            self.calls.append(name)
        return found


def factorisations(function: Any, *args: Any) -> int:
    """How many matrices a generated function factors, or the one that it returns."""
    space, calls = function.__globals__, list[str]()
    given = {name: space[name] for name in ("np", "scipy")}
    space.update({name: Counting(module, calls) for name, module in given.items()})
    try:
        function(*args)
    finally:
        space.update(given)
    return len(calls)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(f: Callable[..., Any], point: Any) -> None:
    value, found = value_and_grad(f, (0, 1))(*point)
    np.testing.assert_allclose(value, f(*point), rtol=1e-12)
    for ours, theirs in zip(found, central_differences(f, point, (0, 1)), strict=True):
        assert_near(ours, theirs, rtol=1e-5, atol=1e-6)
    check_forward(f, point)
    a, b = point
    second, eps = hessian(f, "b")(a, b), 1e-6
    slope = grad(f, "b")
    expected = [(slope(a, b + eps * e) - slope(a, b - eps * e)) / (2 * eps) for e in np.eye(4)]
    assert_near(second, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_one_factorisation(f: Callable[..., Any], point: Any) -> None:
    a, b = point
    assert factorisations(grad(f, (0, 1)).lower(a, b).function, a, b) == 1
    second = hvp(f, "b").lower(a, b).function  # the gradient, and its pullback
    assert factorisations(second, a, b) == 1
    assert factorisations(second(a, b)[1], b) == 0
    for mode in ("jvp", "vjp"):
        text = transform(Path(__file__), functions=[f.__name__], mode=mode, at={"a": a, "b": b})
        space: dict[str, Any] = {}
        exec(compile(text, "factors_grad.py", "exec"), space)
        found = space[f"{f.__name__}_{mode}"]
        assert factorisations(found, a, b, *([a] if mode == "jvp" else [])) == 1
        if mode == "vjp":
            assert factorisations(found(a, b)[1], 1.0) == 0


def solution(a: Any, b: Any) -> Any:
    return scipy.linalg.solve(a, np.sin(b))


@pytest.mark.parametrize("way", [jacfwd, jacrev], ids=lambda way: way.__name__)
def test_many_directions(way: Any, point: Any) -> None:
    a, b = point
    jacobian = way(solution, "b")
    found = jacobian(a, b)
    np.testing.assert_allclose(found, np.linalg.inv(a) * np.cos(b), rtol=1e-9, atol=1e-12)
    assert jacobian.reason == ""


def picard(a: Any, b: Any) -> Any:
    x = np.zeros_like(b)
    for _ in converging(range(200)):
        x = scipy.linalg.solve(a + 0.1 * np.diag(np.tanh(x)), b)
    return np.sum(x**2)


def test_the_adjoint_of_a_loop_that_converges_factors_once(point: Any) -> None:
    slope = grad(picard, (0, 1))
    for ours, theirs in zip(slope(*point), central_differences(picard, point), strict=True):
        assert_near(ours, theirs, rtol=1e-5, atol=1e-7)
    beside = 2  # a step is recorded by what it goes on with, and by what it reads
    assert factorisations(slope.lower(*point).function, *point) == 200 + beside


def test_in_loops_factors_are_not_kept(point: Any) -> None:
    def steps(a: Any, b: Any) -> Any:
        for _ in range(5):
            b = scipy.linalg.solve(a, b)
        return np.sum(b)

    a, b = point
    slope = grad(steps, "b")
    assert_near(slope(a, b), central_differences(steps, (a, b), 1), rtol=1e-5)
    assert "factored" not in slope.source


def test_what_the_matrix_is_said_to_be_is_made_use_of(point: Any) -> None:
    def symmetric(a: Any, b: Any) -> Any:
        return np.sum(scipy.linalg.solve(a + a.T, b, assume_a="sym") ** 2)

    slope = grad(symmetric, (0, 1))
    for ours, theirs in zip(slope(*point), central_differences(symmetric, point), strict=True):
        assert_near(ours, theirs, rtol=1e-5, atol=1e-6)
    assert "factored" not in slope.source


def test_errors_are_those_of_the_library(point: Any) -> None:
    a, b = point
    for broken in (np.zeros((4, 4)), np.full((4, 4), np.nan), a[:3]):
        with pytest.raises(ValueError) as theirs:  # LinAlgError is one
            vector(broken, b)
        with pytest.raises(type(theirs.value)):
            grad(vector, (0, 1))(broken, b)
    nearly = np.diag([1.0, 1.0, 1.0, 1e-17])
    with pytest.warns(scipy.linalg.LinAlgWarning):
        vector(nearly, b)
    with pytest.warns(scipy.linalg.LinAlgWarning):
        grad(vector, (0, 1))(nearly, b)


def test_ahead_of_time(point: Any) -> None:
    text = transform(
        "import numpy as np\nimport scipy.linalg\n\n\n"
        "def f(a, b):\n    return np.sum(scipy.linalg.solve(a, b) ** 2)\n",
        functions=["f"],
        wrt=("a", "b"),
    )
    space: dict[str, Any] = {}
    exec(compile(text, "f_grad.py", "exec"), space)
    found = space["f_grad"](*point)

    def f(a: Any, b: Any) -> Any:
        return np.sum(scipy.linalg.solve(a, b) ** 2)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for ours, theirs in zip(found, central_differences(f, point), strict=True):
            assert_near(ours, theirs, rtol=1e-5, atol=1e-6)


def equations(x: Any, a: Any, b: Any) -> Any:
    return a @ x + 0.1 * np.sin(x) - b


def rooted(a: Any, b: Any) -> Any:
    x = scipy.optimize.root(equations, np.zeros(4), args=(a, b), tol=1e-13).x
    return np.sum(x**3)


@implicit(equations)
def balanced(a: Any, b: Any) -> Any:
    x = np.zeros(4)
    for _ in range(100):
        x = x - np.linalg.inv(a + 0.1 * np.diag(np.cos(x))) @ equations(x, a, b)
    return x


def implied(a: Any, b: Any) -> Any:
    return np.sum(balanced(a, b) ** 3)


@pytest.mark.parametrize("f", [rooted, implied], ids=lambda f: f.__name__)
def test_solvers(f: Callable[..., Any], point: Any) -> None:
    a, b = point
    slope = grad(f, (0, 1))
    for ours, theirs in zip(slope(a, b), central_differences(f, point), strict=True):
        assert_near(ours, theirs, rtol=1e-4, atol=1e-6)
    assert factorisations(slope.lower(a, b).function, a, b) == 1
    second = hvp(f, "b").lower(a, b).function
    assert factorisations(second, a, b) == 1
    assert factorisations(second(a, b)[1], b) <= 2  # what follows for the solution itself


def test_solvers_without_scipy(point: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = point
    expected = grad(implied, "b")(a, b)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    alone = implicit(equations)(balanced.primal)
    monkeypatch.undo()
    slope = grad(lambda b: np.sum(alone(a, b) ** 3))
    np.testing.assert_allclose(slope(b), expected, rtol=1e-9)
    assert "factored" not in slope.source
