"""Loops that converge: derivatives of their limit, in both modes and orders; what is refused."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import (
    converging,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    transform,
    value_and_grad,
    vjp,
)
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.forward import check_forward
from tests.programs import converging as programs

PROGRAMS = pytest.mark.parametrize("f", programs.PROGRAMS, ids=lambda f: f.__name__)
TEXT = Path(programs.__file__).read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def point() -> tuple[Any, Any, Any]:
    rng = np.random.default_rng()
    a = rng.normal(size=(4, 4))
    return 0.6 * a / np.linalg.norm(a), rng.normal(size=4), rng.normal(size=4)


def slopes(f: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    return central_differences(lambda a, x, b: f(a, x.copy(), b), args, (0, 1, 2))


def assert_close(found: Any, expected: Any) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert_near(ours, theirs, rtol=1e-5, atol=1e-7)


@PROGRAMS
def test_both_modes(f: Callable[..., Any], point: Any) -> None:
    value, found = value_and_grad(f, (0, 1, 2))(*point)
    np.testing.assert_allclose(value, f(point[0], point[1].copy(), point[2]), rtol=1e-14)
    assert_close(found, slopes(f, point))
    check_forward(f, point)
    _, pull = vjp(f, *point)
    for _ in range(2):  # a pullback may be called again
        assert_close(pull(1.0), found)


@PROGRAMS
def test_ahead_of_time(f: Callable[..., Any], point: Any) -> None:
    text = transform(TEXT, functions=[f.__name__], wrt=("a", "x", "b"))
    assert "from srcgrad" not in text and "import srcgrad" not in text
    space: dict[str, Any] = {}
    exec(compile(text, "converging_grad.py", "exec"), space)
    assert_close(space[f"{f.__name__}_grad"](*point), slopes(f, point))


TWICE = [f for f in programs.PROGRAMS if f.__name__ != "relaxed_in_place"]


@pytest.mark.parametrize("f", TWICE, ids=lambda f: f.__name__)
def test_second_order(f: Callable[..., Any], point: Any) -> None:
    a, x, b = point
    slope, v = grad(f, "b"), np.cos(np.arange(4.0))
    eps = 1e-6
    expected = [
        (slope(a, x, b + eps * e) - slope(a, x, b - eps * e)) / (2 * eps) for e in np.eye(4)
    ]
    found = hessian(f, "b")(a, x, b)
    assert_near(found, expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(hvp(f, "b")(a, x, b, v), found @ v, rtol=1e-9, atol=1e-12)


ONCE = ("in_place", "around_a_checkpointed_loop")  # refused, as they are without the mark


@pytest.mark.parametrize(
    "f", [f for f in TWICE if f.__name__ not in ONCE], ids=lambda f: f.__name__
)
def test_reverse_over_reverse(f: Callable[..., Any], point: Any) -> None:
    a, x, b = point
    v = np.cos(np.arange(4.0))
    found = grad(lambda b: np.sum(grad(f, "b")(a, x, b) * v))(b)
    np.testing.assert_allclose(found, hvp(f, "b")(a, x, b, v), rtol=1e-9, atol=1e-12)


def test_steps_that_store_are_differentiated_twice(point: Any) -> None:
    a, x, b = point
    gradient = grad(programs.relaxed_in_place, "b")
    columns = [(gradient(a, x, b + h) - gradient(a, x, b - h)) / 2e-5 for h in 1e-5 * np.eye(4)]
    found = hessian(programs.relaxed_in_place, "b")(a, x, b)
    np.testing.assert_allclose(found, np.stack(columns, -1), rtol=1e-6, atol=1e-8)


def test_a_generated_text_is_differentiated_as_the_limit(point: Any) -> None:
    """It says itself which loops converge, its own ones too."""
    text = transform(TEXT, functions=["by_a_function"], wrt="b", mode="jvp")
    assert "for k in converging(range(100000)):" in text
    again = text.replace("def by_a_function_jvp", "def both") + (
        "\n\ndef pushed(a, x, b, v):\n    return both(a, x, b, v)[1]\n"
    )
    space: dict[str, Any] = {}
    twice = transform(again, functions=["pushed"], wrt="b")
    assert "by_a_function_limit_jvp_limit_backward" in twice  # the loop of the tangent, too
    exec(compile(twice, "pushed.py", "exec"), space)
    v = np.sin(np.arange(4.0))
    expected = hessian(programs.by_a_function, "b")(*point) @ v
    np.testing.assert_allclose(space["pushed_grad"](*point, v), expected, rtol=1e-9, atol=1e-12)


def two(a: Any, x: Any, b: Any) -> Any:
    y = 0.5 * x
    for _ in converging(range(100)):
        x = np.tanh(a @ y + b)
        y = np.sin(a.T @ x) * b
    return x * b, y


def part(a: Any, x: Any, b: Any, k: int, i: int) -> Any:
    return two(a, x, b)[k][i]


@pytest.mark.parametrize("way", [jacobian, jacrev, jacfwd], ids=lambda f: f.__name__)
def test_jacobians(way: Any, point: Any) -> None:
    a, x, b = point
    found = way(two, "b")(a, x, b)
    for k in range(2):
        for i in range(4):
            expected = central_differences(part, (a, x, b, k, i), 2)
            assert_near(found[k][i], expected, rtol=1e-5, atol=1e-7)


def test_a_limit_does_not_depend_on_where_the_loop_began(point: Any) -> None:
    """Nor on how far it still had to go: begun at its limit, the loop makes one step."""
    a, x, b = point
    far = grad(programs.left_with_the_new_value, (0, 1, 2))(a, x, b)
    near = programs.limit(a, x, b)
    close = grad(programs.left_with_the_new_value, (0, 1, 2))(a, near, b)
    np.testing.assert_array_equal(far[1], np.zeros(4))
    assert_close(close, far)
    v = np.ones(4)
    tangents = []
    for start in (x, near):
        tangents.append(jvp(partial(programs.limit, a, start), (b,), (v,))[1])
    np.testing.assert_allclose(*tangents, rtol=1e-9, atol=1e-12)


def test_complex_numbers_and_float32(point: Any) -> None:
    _, x, b = point

    def turned(b: Any) -> Any:
        z = x + 0j
        for _ in converging(range(200)):
            z = 0.3j * np.sin(z) + 0.1 * np.tanh(b) * (1 + 2j)
        return np.sum(np.real(z * z) + np.imag(z))

    assert_close(grad(turned, (0,))(b), central_differences(turned, (b,), (0,)))
    given = [part.astype(np.float32) for part in point]
    found = grad(programs.by_a_function, (0, 1, 2))(*given)
    assert [part.dtype for part in found] == [np.float32] * 3
    for ours, theirs in zip(found, slopes(programs.by_a_function, point), strict=True):
        assert_near(ours, theirs, rtol=1e-3, atol=1e-4)


def long(x: Any, b: Any, steps: Any) -> Any:
    for _ in converging(range(steps)):
        x = np.sin(0.99 * x) * 0.99 + b
    return np.sum(x**2)


def test_nothing_is_kept_of_the_steps() -> None:
    slope, peaks = grad(long, "b"), []
    x, b = np.ones(2000), np.full(2000, 0.5)
    slope(x, b, 1000)
    for steps in (1000, 4000):
        tracemalloc.start()
        slope(x, b, steps)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] and peaks[1] < 40 * x.nbytes


def test_the_last_step_is_recorded_once() -> None:
    """The backward sweep runs the backward half of a step for each of its own steps, no more."""
    text = transform(TEXT, functions=["by_a_function"], wrt="b", mode="vjp")
    body = text[text.index("def by_a_function_limit_backward") :].split("\ndef ")[0]
    loop = body[body.index("for k in ") : body.index("break")]
    assert "step_backward(" in loop and "step_forward(" not in loop


def test_python_numbers_are_of_double_precision() -> None:
    def halved(b: float) -> float:
        x, steps = 1.0, 0
        for _ in converging(range(100)):
            x = 0.5 * x + b
            steps += 1
        return x * steps

    np.testing.assert_allclose(grad(halved)(0.4), 200.0, rtol=1e-13)
