"""Rules for tangents, and what becomes of a rule in the mode it was not written for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import (
    SrcgradError,
    UnsupportedError,
    custom_jvp,
    grad,
    hessian,
    jacobian,
    jvp,
    transform,
)
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import pushing, ruled

DIRECTION = np.array([1.0, 2.0, -1.0])


@pytest.mark.parametrize("f", pushing.PROGRAMS, ids=lambda f: f.__name__)
def test_every_mode_and_order(f: Any) -> None:
    x, s = np.random.default_rng().normal(size=3), 1.3
    x_bar, s_bar = grad(f, (0, 1))(x, s)
    for ours, theirs in zip((x_bar, s_bar), central_differences(f, (x, s), (0, 1)), strict=True):
        assert_near(ours, theirs, rtol=1e-5, atol=1e-7)
    _, tangent = jvp(f, (x, s), (DIRECTION, 0.5))
    np.testing.assert_allclose(tangent, x_bar @ DIRECTION + 0.5 * s_bar, rtol=1e-9)
    second = hessian(f)(x, s)
    for i, row in enumerate(np.eye(3) * 1e-5):
        slope = (grad(f)(x + row, s) - grad(f)(x - row, s)) / 2e-5
        np.testing.assert_allclose(second[:, i], slope, rtol=1e-5, atol=1e-7)
    _, along = jvp(grad(f), (x, s), (DIRECTION, 0.0))
    np.testing.assert_allclose(along, second @ DIRECTION, rtol=1e-8)

    def pushed(x: Any, s: Any) -> Any:
        return jvp(f, (x, s), (DIRECTION, 0.5))[1]

    found = grad(pushed, (0, 1))(x, s)
    for ours, theirs in zip(found, central_differences(pushed, (x, s), (0, 1)), strict=True):
        assert_near(ours, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("f", [pushing.in_a_loop, pushing.several_arguments])
@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_ahead_of_time(f: Any, mode: Any) -> None:
    names = ("x", "s")
    text = transform(Path(pushing.__file__), functions=[f.__name__], wrt=names, mode=mode)
    assert "srcgrad" not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    derivative = namespace[f"{f.__name__}_{mode}"]
    x, s = np.random.default_rng().normal(size=3), 1.3
    x_bar, s_bar = central_differences(f, (x, s), (0, 1))
    if mode == "grad":
        for ours, theirs in zip(derivative(x, s), (x_bar, s_bar), strict=True):
            assert_near(ours, theirs, rtol=1e-5, atol=1e-7)
    else:
        tangent = derivative(x, s, DIRECTION, 0.5)[1]
        np.testing.assert_allclose(tangent, x_bar @ DIRECTION + 0.5 * s_bar, rtol=1e-5)


def test_the_function_itself() -> None:
    slope = 1 / (1 + np.exp(-0.3))
    value, tangent = jvp(pushing.softplus, (0.3,), (2.0,))
    np.testing.assert_allclose([value, tangent], [np.logaddexp(0.0, 0.3), 2 * slope])
    np.testing.assert_allclose(grad(pushing.softplus)(0.3), slope)
    np.testing.assert_allclose(hessian(pushing.softplus)(0.3), slope * (1 - slope))
    x = np.array([0.3, -2.0])
    np.testing.assert_allclose(jacobian(pushing.softplus)(x), np.diag(1 / (1 + np.exp(-x))))


def test_rules_for_cotangents_in_forward_mode() -> None:
    slope = 1 / (1 + np.exp(-0.3))
    np.testing.assert_allclose(jvp(ruled.softplus, (0.3,), (2.0,))[1], 2 * slope)
    x, x_dot = np.array([0.2, 1.5]), np.array([1.0, -0.5])
    _, tangent = jvp(ruled.in_a_loop, (x, 0.7), (x_dot, 0.3))
    x_bar, s_bar = grad(ruled.in_a_loop, (0, 1))(x, 0.7)
    np.testing.assert_allclose(tangent, x_bar @ x_dot + 0.3 * s_bar, rtol=1e-9)
    with pytest.raises(TypeError, match="gives None for an argument that is differentiated"):
        jvp(ruled.power, (2.0, 3.0), (1.0, 1.0))


@pytest.mark.parametrize(
    ("rule", "run"),
    [
        (pushing.clipped, lambda q, x: jvp(q, (x,), (np.ones(3),))),
        (pushing.squared, lambda q, x: grad(q)(x)),
        (pushing.tested, lambda q, x: grad(q)(x)),
        (pushing.signed, lambda q, x: grad(q)(x)),
        (pushing.largest, lambda q, x: grad(q)(x)),
        (pushing.blocked, lambda q, x: grad(q)(x)),
    ],
)
def test_rules_that_are_not_linear_are_refused(rule: Any, run: Any) -> None:
    with pytest.raises(UnsupportedError, match="carries a rule that is not seen to be linear"):
        run(lambda x: np.sum(rule(x) ** 2), np.array([0.3, -2.0, 5.0]))


def test_rules_that_add_something_are_refused() -> None:
    x = np.array([0.3, -2.0, 5.0])
    with pytest.raises(ValueError, match="not linear, and cannot be transposed"):
        jvp(lambda x: np.sum(pushing.decayed(x)), (x,), (x,))
    with pytest.raises(ValueError, match="not linear, and cannot be transposed"):
        grad(lambda x: np.sum(pushing.shifted(x)))(x)


def test_what_a_rule_gives_is_checked() -> None:
    x = np.array([0.3, -2.0, 5.0])
    for rule, message in ((pushing.misshapen, "of another shape"), (pushing.missing, "gives None")):
        with pytest.raises((TypeError, ValueError), match=message):
            grad(lambda x: np.sum(rule(x)))(x)  # noqa: B023
        with pytest.raises((TypeError, ValueError), match=message):
            jvp(lambda x: np.sum(rule(x)), (x,), (x,))  # noqa: B023
    with pytest.raises(SrcgradError, match="must take the value, 2 arguments and as many tangents"):
        custom_jvp(lambda y, a, b, a_dot: a_dot)(lambda a, b: a)
    with pytest.raises(SrcgradError, match="custom_jvp takes the rule"):
        custom_jvp(3)  # type: ignore[arg-type]
