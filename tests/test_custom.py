"""Rules of the user's: in every order, live and ahead of time; and gradients that are stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import (
    SrcgradError,
    UnsupportedError,
    custom_vjp,
    grad,
    hessian,
    jacobian,
    jvp,
    transform,
    vjp,
)
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import ruled


def slopes(f: Any, args: tuple[Any, ...]) -> Any:
    return central_differences(f, args, tuple(range(len(args))))


@pytest.mark.parametrize(
    ("program", "args"),
    [
        (ruled.in_a_loop, (np.array([0.3, -0.2, 1.1]), 0.7)),
        (ruled.of_numbers, (1.3, 0.4)),
        (ruled.inside_a_derivative, (0.8,)),
        (ruled.of_both, (np.array([0.3, -0.2, 1.1]), 0.7)),
        (ruled.of_dicts, (np.array([0.3, -0.2, 1.1]), 0.7)),
    ],
)
def test_first_and_second_order(program: Any, args: tuple[Any, ...]) -> None:
    wrt = tuple(range(len(args)))
    for ours, theirs in zip(grad(program, wrt)(*args), slopes(program, args), strict=True):
        assert_near(ours, theirs, rtol=1e-6, atol=1e-8)
    first = grad(program)
    weights = np.cos(np.arange(np.size(first(*args))) + 0.5).reshape(np.shape(first(*args)))
    _, pull = vjp(first, *args)
    found = pull(weights if weights.shape else float(weights))
    expected = slopes(lambda *a: float(np.sum(weights * first(*a))), args)
    for ours, theirs in zip(found, expected, strict=True):
        assert_near(ours, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("program", [ruled.of_both, ruled.of_dicts])
def test_forward_mode(program: Any) -> None:
    x, w = np.array([0.3, -0.2, 1.1]), 0.7
    x_dot = np.cos(x)
    x_bar, w_bar = grad(program, (0, 1))(x, w)
    expected = np.sum(x_bar * x_dot) + 0.4 * w_bar
    _, tangent = jvp(program, (x, w), (x_dot, 0.4))
    np.testing.assert_allclose(tangent, expected, rtol=1e-9)
    text = transform(Path(ruled.__file__), functions=[program.__name__], mode="jvp", wrt=("x", "w"))
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    _, tangent = namespace[f"{program.__name__}_jvp"](x, w, x_dot, 0.4)
    np.testing.assert_allclose(tangent, expected, rtol=1e-9)


def test_a_rule_for_tangents_is_checked() -> None:
    with pytest.raises(SrcgradError, match="must take the value, 1 argument and as many tangents"):
        custom_vjp(ruled.bounded_rule, tangent=lambda y, x: y)(ruled.with_both.primal)
    _, tangent = jvp(lambda x: 100 * ruled.with_both(x), (0.3,), (1.0,))
    np.testing.assert_allclose(tangent, 100 * np.cos(0.3))  # the other rule clips


def test_the_function_itself() -> None:
    x = np.array([0.3, -0.2])
    np.testing.assert_allclose(grad(ruled.softplus)(0.3), 1 / (1 + np.exp(-0.3)))
    np.testing.assert_allclose(jacobian(ruled.softplus)(x), np.diag(1 / (1 + np.exp(-x))))
    second = np.exp(-0.3) / (1 + np.exp(-0.3)) ** 2
    np.testing.assert_allclose(grad(grad(ruled.softplus))(0.3), second)
    np.testing.assert_allclose(hessian(ruled.softplus)(0.3), second)


def test_the_rule_is_what_counts() -> None:
    x = np.array([0.2, 5.0, -3.0])
    np.testing.assert_allclose(grad(ruled.another_derivative)(x), [0.4, 1.0, -1.0])


def test_ahead_of_time() -> None:
    path = Path(ruled.__file__)
    text = transform(path, functions=["in_a_loop", "another_derivative"])
    assert "srcgrad" not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    x = np.array([0.2, 5.0, -3.0])
    np.testing.assert_allclose(namespace["another_derivative_grad"](x), [0.4, 1.0, -1.0])
    expected = central_differences(ruled.in_a_loop, (x, 0.7), 0)
    assert_near(namespace["in_a_loop_grad"](x, 0.7), expected, rtol=1e-6)


def test_what_a_rule_gives_is_checked() -> None:
    with pytest.raises(TypeError, match="gives None for an argument that is differentiated"):
        grad(lambda x: np.sum(ruled.without_derivative(x)))(np.ones(3))
    with pytest.raises(ValueError, match="another shape"):
        grad(lambda x: np.sum(ruled.of_another_shape(x)))(np.ones(3))
    with pytest.raises(TypeError, match="gives None"):
        grad(ruled.power, (0, 1))(2.0, 3.0)
    with pytest.raises(SrcgradError, match="must take a cotangent, the value and 2 arguments"):
        custom_vjp(lambda g, y, x: g)(lambda x, y: x)


@pytest.mark.parametrize("program", [ruled.gives_its_argument, ruled.writes])
def test_what_stands_for_its_value_alone(program: Any) -> None:
    with pytest.raises(UnsupportedError, match="writes into its arguments or returns one"):
        grad(lambda x: np.sum(program(x)))(np.ones(3))


def test_stopped_gradients() -> None:
    x = np.array([0.4, 1.2])
    by_hand, slope, y = np.zeros(2), 2 * np.ones(2), 2 * x
    for _ in range(3):
        slope, y = y + np.cos(y) * slope, y * x + np.sin(y)
        by_hand = by_hand + slope
    np.testing.assert_allclose(grad(ruled.stopped_state)(x), by_hand)
    assert grad(ruled.stopped_dict, (0, 1))(2.0, 5.0) == (5.0, 0.0)


def test_what_is_stopped_stays_so_in_every_order() -> None:
    from srcgrad import stop_gradient

    def f(x: Any) -> Any:
        return x * stop_gradient(x) ** 2

    assert grad(f)(3.0) == 9.0
    assert grad(grad(f))(3.0) == 0.0
    text = transform("from srcgrad import stop_gradient as s\ndef f(x):\n    return x * s(x)\n")
    namespace: dict[str, Any] = {}
    exec(transform(text, functions=["f_grad"]), namespace)
    assert namespace["f_grad_grad"](3.0) == 0.0
