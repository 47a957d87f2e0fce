"""Solvers, differentiated through the equations they solve."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.optimize

from srcgrad import SrcgradError, grad, hessian, implicit, jacfwd, jacobian, jvp, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_near


def cubic(y: Any, a: Any, b: Any) -> Any:
    return y**3 + a * y - b


@implicit(cubic)
def cubic_root(a: Any, b: Any) -> Any:
    return scipy.optimize.brentq(lambda y: cubic(y, a, b), -10, 10, xtol=1e-14, rtol=1e-14)


def layer(y: Any, A: Any, b: Any) -> Any:
    return np.tanh(A @ y) + y - b


@implicit(layer)
def equilibrium(A: Any, b: Any) -> Any:
    start = np.zeros(len(b))
    return scipy.optimize.root(lambda y: layer(y, A, b), start, tol=1e-13).x


def fixed_point(y: Any, w: Any, steps: Any) -> Any:
    return np.cos(w * y) - y


@implicit(fixed_point, "w")
def iterated(w: Any, steps: Any) -> Any:
    y = np.ones_like(w)
    for _ in range(steps):
        y = np.cos(w * y)
    return y


def flat(y: Any, x: Any) -> Any:
    """The gradient of what `minimum` minimises: an optimiser's equation."""
    return grad(lambda y: np.sum((y - x) ** 2) + np.sum(y**4))(y)


@implicit(flat)
def minimum(x: Any) -> Any:
    def cost(y: Any) -> Any:
        return np.sum((y - x) ** 2) + np.sum(y**4)

    y = np.zeros_like(x)
    for _ in range(60):
        y = y - (2 * (y - x) + 4 * y**3) / (2 + 12 * y**2)
    assert np.isfinite(cost(y))
    return y


@pytest.fixture
def point() -> tuple[Any, Any]:
    rng = np.random.default_rng(4)
    return rng.random((3, 3)) - 0.3, rng.random(3)


def test_a_number() -> None:
    args = (2.0, 3.0)
    for i in range(2):
        expected = central_differences(cubic_root, args, i)
        np.testing.assert_allclose(grad(cubic_root, i)(*args), expected, rtol=1e-7)

    def composed(a: Any) -> Any:
        return cubic_root(a**2, a) * a

    expected = central_differences(composed, (1.3,), 0)
    np.testing.assert_allclose(grad(composed)(1.3), expected, rtol=1e-7)


def test_second_order_of_a_number() -> None:
    second = grad(grad(cubic_root))(2.0, 3.0)
    expected = central_differences(grad(cubic_root), (2.0, 3.0), 0)
    assert_near(second, expected, rtol=1e-6)


def loss(A: Any, b: Any) -> Any:
    return np.sum(equilibrium(A, b) ** 2)


def test_an_array(point: tuple[Any, Any]) -> None:
    for i in range(2):
        expected = central_differences(loss, point, i)
        assert_near(grad(loss, i)(*point), expected, rtol=1e-6, atol=1e-8)
    whole = jacobian(equilibrium, "b")(*point)
    y = equilibrium(*point)
    by_hand = np.linalg.inv((1 - np.tanh(point[0] @ y) ** 2)[:, None] * point[0] + np.eye(3))
    np.testing.assert_allclose(whole, by_hand, rtol=1e-9)


def test_second_order_of_an_array(point: tuple[Any, Any]) -> None:
    found = hessian(loss, 1)(*point)
    expected = [
        central_differences(lambda A, b, i=i: grad(loss, 1)(A, b)[i], point, 1) for i in range(3)
    ]
    assert_near(found, expected, rtol=1e-5, atol=1e-7)


def test_fixed_points_with_an_argument_that_is_not_differentiated() -> None:
    w = np.array([0.4, 0.9])
    value, pull = vjp(lambda w: iterated(w, 400), w)
    y = value
    slope = -y * np.sin(w * y) / (1 + w * np.sin(w * y))
    np.testing.assert_allclose(pull(np.ones(2))[0], slope, rtol=1e-9)


def test_an_optimiser() -> None:
    x = np.array([0.5, -1.5])
    found = jacobian(minimum)(x)
    np.testing.assert_allclose(found, np.diag(2 / (2 + 12 * minimum(x) ** 2)), rtol=1e-9)


def energy(y: Any, a: Any, b: Any) -> Any:
    return np.sum((y - a) ** 2) + b * np.sum(y**4) + y[0] * y[1] * a


force = grad(energy)


@implicit(force)
def lowest(a: Any, b: Any) -> Any:
    y = scipy.optimize.minimize(energy, np.zeros(2), (a, b), jac=force).x
    return scipy.optimize.root(lambda y: force(y, a, b), y, tol=1e-14).x


def weighed(a: Any, b: Any) -> Any:
    return np.sum(lowest(a, b) * np.array([1.0, a]))


def repeated(a: Any, b: Any) -> Any:
    t = 0.0
    for _ in range(3):
        t = t + cubic_root(a + t, b)
    return t


@pytest.mark.parametrize("f", [cubic_root, weighed, repeated], ids=lambda f: f.__name__)
def test_both_modes_and_orders(f: Any) -> None:
    a, b = 0.7 + np.random.default_rng().random() / 3, 0.4
    expected = central_differences(f, (a, b), (0, 1))
    found = grad(f, (0, 1))(a, b)
    assert_near(found, expected, rtol=1e-5)
    _, tangent = jvp(f, (a, b), (0.3, -0.5))
    np.testing.assert_allclose(tangent, 0.3 * found[0] - 0.5 * found[1], rtol=1e-9)
    _, tangent = jvp(f, (a, b), (1.0, None))
    np.testing.assert_allclose(tangent, found[0], rtol=1e-9)
    step = 1e-5
    curve = (grad(f)(a + step, b) - grad(f)(a - step, b)) / (2 * step)
    np.testing.assert_allclose(hessian(f)(a, b), curve, rtol=1e-4)
    np.testing.assert_allclose(grad(lambda a: jvp(f, (a, b), (1.0, 0.0))[1])(a), curve, rtol=1e-4)


def test_tangents_of_arrays(point: tuple[Any, Any]) -> None:
    A, b = point
    np.testing.assert_allclose(jacfwd(equilibrium, 1)(A, b), jacobian(equilibrium, 1)(A, b))
    A_dot, b_dot = np.cos(A), np.sin(b)
    _, tangent = jvp(equilibrium, (A, b), (A_dot, b_dot))
    _, pull = vjp(equilibrium, A, b)
    weights = np.array([0.3, -0.7, 1.1])
    A_bar, b_bar = pull(weights)
    np.testing.assert_allclose(
        np.sum(weights * tangent), np.sum(A_bar * A_dot) + np.sum(b_bar * b_dot)
    )
    w = np.array([0.4, 0.9])
    _, tangent = jvp(iterated, (w, 400), (np.ones(2), None))
    np.testing.assert_allclose(tangent, np.diag(jacobian(iterated)(w, 400)), rtol=1e-9)


def test_dtypes_are_kept(point: tuple[Any, Any]) -> None:
    b = point[1].astype(np.float32)
    assert grad(loss, 1)(point[0], b).dtype == np.float32


def test_a_solver_that_did_not_converge_warns() -> None:
    with pytest.warns(RuntimeWarning, match="iterated did not converge"):
        iterated(np.array([0.4, 0.9]), 3)
    with pytest.warns(RuntimeWarning, match="did not converge"):
        grad(lambda w: np.sum(iterated(w, 3)))(np.array([0.4, 0.9]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        iterated(np.array([0.4, 0.9]), 400)


def test_singular_equations_raise() -> None:
    @implicit(lambda y, x: y**2 - x)
    def root(x: Any) -> Any:
        return np.sqrt(x)

    np.testing.assert_allclose(grad(root)(4.0), 0.25)
    with pytest.raises(np.linalg.LinAlgError):
        grad(root)(0.0)


def test_what_does_not_fit_is_said_at_once() -> None:
    with pytest.raises(SrcgradError, match="must take the value and the arguments"):
        implicit(lambda y: y)(lambda x: x)
