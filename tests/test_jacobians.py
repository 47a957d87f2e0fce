"""Jacobians, Hessians and products with them, against differences of values and of gradients."""

from __future__ import annotations

import inspect
import pickle
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.optimize

from srcgrad import (
    SrcgradError,
    elementwise_grad,
    flatten,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vhp,
)
from srcgrad.differences import central_differences
from tests.agreement import assert_near


def slopes(f: Callable[..., Any], args: tuple[Any, ...], argnum: int) -> Any:
    """The Jacobian of a function with one array or number as value, by differences."""
    value = np.asarray(f(*args))
    rows = [
        central_differences(lambda *a, i=index: float(np.asarray(f(*a))[i]), args, argnum)
        for index in np.ndindex(value.shape)
    ]
    return np.reshape(rows, value.shape + np.shape(args[argnum]))


def layer(x: Any, A: Any) -> Any:
    y = np.zeros(len(A))
    for i in range(len(A)):
        y[i] = np.tanh(A[i] @ x) * x[i % len(x)]
    return y


def bent(x: Any, s: Any) -> Any:
    total = 0.0
    for k in range(len(x)):
        total = total * s + np.sin(x[k]) * x[k - 1] ** 2
    return total


def number(s: Any) -> Any:
    return s**3


def image(x: Any, s: Any) -> Any:
    return np.outer(x, np.exp(s * x))


@pytest.fixture
def point() -> dict[str, Any]:
    rng = np.random.default_rng(11)
    return {"x": rng.random(3) + 0.2, "A": rng.standard_normal((4, 3)), "s": 0.7}


@pytest.mark.parametrize("mode", [jacrev, jacobian])
@pytest.mark.parametrize(
    ("f", "names", "argnum"),
    [(layer, "xA", 0), (layer, "xA", 1), (bent, "xs", 0), (number, "s", 0), (image, "xs", 1)],
)
def test_jacobian(
    mode: Any, f: Callable[..., Any], names: str, argnum: int, point: dict[str, Any]
) -> None:
    args = tuple(point[name] for name in names)
    found = mode(f, argnum)(*args)
    assert np.shape(found) == np.shape(f(*args)) + np.shape(args[argnum])
    np.testing.assert_allclose(found, slopes(f, args, argnum), rtol=1e-6, atol=1e-8)


def test_the_cheaper_mode_is_picked(point: dict[str, Any]) -> None:
    runs = []

    def counted(s: Any) -> Any:
        return np.exp(s * np.arange(5.0))

    slope = jacobian(counted)
    inner = slope.pulls

    def pulled(*args: Any) -> Any:
        value, pull = inner(*args)
        return value, lambda seed: runs.append(1) or pull(seed)

    slope.pulls = pulled
    t = np.arange(5.0)
    np.testing.assert_allclose(slope(0.3), t * np.exp(0.3 * t))
    assert not runs
    x = np.float32([0.3])
    assert jacobian(lambda x: x * np.ones((3, 1), np.float32))(x).dtype == np.float32
    assert jacobian(lambda x: x * np.ones((3, 1)))(x).shape == (3, 1, 1)


def test_jacobian_of_several_arguments_by_name(point: dict[str, Any]) -> None:
    x, A = point["x"], point["A"]
    of_A, of_x = jacobian(layer, ("A", "x"))(x, A=A)
    np.testing.assert_allclose(of_A, slopes(layer, (x, A), 1), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(of_x, slopes(layer, (x, A), 0), rtol=1e-6, atol=1e-8)


Pair = namedtuple("Pair", "w b")


def nested(p: Any) -> Any:
    return {"h": np.outer(p.w, p.w) * p.b, "sum": (np.sum(p.w) ** 2, "label")}


def test_structures_of_value_and_argument() -> None:
    w, b = np.array([1.0, 2.0, -3.0]), 0.5
    found = jacobian(nested)(Pair(w, b))
    assert found["sum"][1] == "label"
    assert isinstance(found["h"], Pair) and isinstance(found["sum"][0], Pair)
    expected = slopes(lambda w: np.outer(w, w) * b, (w,), 0)
    assert_near(found["h"].w, expected, atol=1e-8)
    np.testing.assert_allclose(found["h"].b, np.outer(w, w))
    np.testing.assert_allclose(found["sum"][0].w, 2 * np.sum(w) * np.ones(3))
    assert np.shape(found["sum"][0].b) == () and found["sum"][0].b == 0


@pytest.mark.parametrize("argnum", [0, 1])
def test_hessian(argnum: int, point: dict[str, Any]) -> None:
    args = (point["x"], point["s"])
    found = hessian(bent, argnum)(*args)
    np.testing.assert_allclose(
        found, slopes(grad(bent, argnum), args, argnum), rtol=1e-6, atol=1e-7
    )


def test_hessian_of_several_arguments(point: dict[str, Any]) -> None:
    args = (point["x"], point["s"])
    found = hessian(bent, (0, 1))(*args)
    for i in range(2):
        for j in range(2):
            expected = slopes(grad(bent, i), args, j)
            assert_near(found[i][j], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("product", [hvp, vhp])
def test_products(product: Any, point: dict[str, Any]) -> None:
    x, s = point["x"], point["s"]
    v = np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(product(bent)(x, s, v), hessian(bent)(x, s) @ v)
    both = product(bent, ("x", "s"))(x, s, (v, 2.0))
    whole = hessian(bent, (0, 1))(x, s)
    np.testing.assert_allclose(both[0], whole[0][0] @ v + whole[0][1] * 2.0)
    np.testing.assert_allclose(both[1], whole[1][0] @ v + whole[1][1] * 2.0)
    assert list(inspect.signature(product(bent)).parameters) == ["x", "s", "v"]


def test_directions_are_checked(point: dict[str, Any]) -> None:
    with pytest.raises(SrcgradError, match="the direction has shape"):
        hvp(bent)(point["x"], point["s"], np.ones(4))
    with pytest.raises(SrcgradError, match="another structure than the gradient"):
        hvp(bent, (0, 1))(point["x"], point["s"], np.ones(3))


def test_dtypes_are_kept(point: dict[str, Any]) -> None:
    x = point["x"].astype(np.float32)
    assert jacobian(image)(x, 0.5).dtype == np.float32
    assert hessian(bent)(x, 0.5).dtype == np.float32
    assert hvp(bent)(x, 0.5, np.ones(3)).dtype == np.float32


def test_elementwise(point: dict[str, Any]) -> None:
    x = point["A"]
    np.testing.assert_allclose(elementwise_grad(np.tanh)(x), 1 - np.tanh(x) ** 2)
    curved = elementwise_grad(elementwise_grad(lambda x: x**3))
    assert curved.label == "elementwise_grad"
    assert elementwise_grad(lambda x: x**2)(3) == 6.0
    with pytest.raises(SrcgradError, match="depend on other elements"):
        elementwise_grad(lambda x: np.cumsum(x, axis=0))(x)
    with pytest.raises(SrcgradError, match="does not work element by element"):
        elementwise_grad(lambda x: np.sum(x, axis=0))(x)


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(SrcgradError, match="complex"):
        jacobian(lambda z: z * z)(np.array([1.0 + 2j]))


def test_a_value_without_elements() -> None:
    assert jacobian(lambda x: x[:0] * 2.0)(np.ones(3)).shape == (0, 3)
    with pytest.raises(SrcgradError, match="nothing that has a derivative"):
        jacobian(lambda x: (len(x), "n"))(np.ones(3))


def test_decorators_pickles_and_sources() -> None:
    @jacobian(argnums="y")
    def scaled(x: Any, y: Any) -> Any:
        """Doc."""
        return x * y

    x = np.arange(3.0)
    np.testing.assert_array_equal(scaled(x, x), np.diag(x))
    assert scaled.__doc__ == "Doc." and "def scaled_vjp" in scaled.source
    again = pickle.loads(pickle.dumps(scaled))
    np.testing.assert_array_equal(again(x, x), np.diag(x))


def test_globals_are_read_anew() -> None:
    scale = np.ones(2)

    def scaled(x: Any) -> Any:
        return x * scale

    slope = jacobian(scaled)
    np.testing.assert_array_equal(slope(np.ones(2)), np.eye(2))
    scale[:] = 3.0
    np.testing.assert_array_equal(slope(np.ones(2)), 3 * np.eye(2))


# --- with SciPy's solvers, as they stand


def rosenbrock(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


@pytest.mark.parametrize(
    ("method", "second"),
    [
        ("BFGS", {}),
        ("L-BFGS-B", {}),
        ("trust-exact", {"hess": hessian(rosenbrock)}),
        ("Newton-CG", {"hessp": hvp(rosenbrock)}),
        ("trust-constr", {"hess": hessian(rosenbrock)}),
    ],
)
def test_minimize(method: str, second: dict[str, Any]) -> None:
    start = np.array([-1.2, 1.0, 0.5])
    found = scipy.optimize.minimize(
        value_and_grad(rosenbrock), start, jac=True, method=method, **second
    )
    np.testing.assert_allclose(found.x, 1.0, atol=1e-4)


def residuals(p: Any, t: Any, y: Any) -> Any:
    return p[0] * np.exp(-p[1] * t) - y


def test_least_squares_and_root() -> None:
    t = np.linspace(0, 2, 9)
    y = 2.5 * np.exp(-1.3 * t)
    fit = scipy.optimize.least_squares(residuals, [1.0, 1.0], jac=jacobian(residuals), args=(t, y))
    np.testing.assert_allclose(fit.x, [2.5, 1.3], atol=1e-6)

    def circle_and_line(x: Any) -> Any:
        return np.array([x[0] ** 2 + x[1] ** 2 - 1.0, x[0] - x[1]])

    found = scipy.optimize.root(circle_and_line, [1.0, 0.3], jac=jacobian(circle_and_line))
    np.testing.assert_allclose(found.x, np.sqrt([0.5, 0.5]))


def test_nested_parameters_as_a_vector() -> None:
    start = {"w": np.ones((2, 2), np.float32), "b": (0.5, "name"), "n": 3}
    vector, restore = flatten(start)
    assert vector.dtype == np.float64 and vector.shape == (5,)
    back = restore(vector * 2)
    assert back["w"].dtype == np.float32 and back["b"] == (1.0, "name") and back["n"] == 3

    def cost(p: Any) -> Any:
        return np.sum((p["w"] - 2.0) ** 2) + (p["b"][0] + 1.0) ** 2

    slope = value_and_grad(cost)

    def of_vector(v: Any) -> Any:
        value, gradient = slope(restore(v))
        return float(value), flatten(gradient)[0]

    found = restore(scipy.optimize.minimize(of_vector, vector, jac=True).x)
    np.testing.assert_allclose(found["w"], 2.0, rtol=1e-4)
    assert abs(found["b"][0] + 1.0) < 1e-4
    with pytest.raises(SrcgradError, match="5 numbers"):
        restore(np.ones(4))
    with pytest.raises(SrcgradError, match="real numbers"):
        flatten([1j])


def test_stiff_equations() -> None:
    from scipy.integrate import solve_ivp

    def rates(t: Any, y: Any) -> Any:
        a = 0.04 * y[0] - 1e4 * y[1] * y[2]
        b = 3e7 * y[1] ** 2
        return np.array([-a, a - b, b])

    found = solve_ivp(rates, (0, 40), [1.0, 0, 0], method="BDF", jac=jacobian(rates, "y"))
    assert found.success
    np.testing.assert_allclose(found.y[0, -1], 0.7158, atol=2e-3)


@dataclass
class Line:
    slope: Any
    shift: float
    name: str = "line"


def off_line(line: Line, x: Any) -> Any:
    return np.sum(np.tanh(x @ line.slope + line.shift) ** 2)


def test_hessians_of_dataclasses() -> None:
    rng = np.random.default_rng(9)
    line, way, x = (
        Line(rng.normal(size=3), 0.3),
        Line(rng.normal(size=3), -0.2),
        rng.normal(size=(4, 3)),
    )
    H, product = hessian(off_line)(line, x), hvp(off_line)(line, x, way)
    assert isinstance(H, Line) and isinstance(H.slope, Line) and isinstance(product, Line)
    along = H.slope.slope @ way.slope + H.slope.shift * way.shift
    np.testing.assert_allclose(along, product.slope, rtol=1e-12)
    np.testing.assert_allclose(H.shift.slope @ way.slope + H.shift.shift * way.shift, product.shift)
    ends = [
        grad(off_line)(Line(line.slope + h * way.slope, line.shift + h * way.shift), x)
        for h in (1e-5, -1e-5)
    ]
    np.testing.assert_allclose(along, (ends[0].slope - ends[1].slope) / 2e-5, rtol=1e-6)


def test_a_lambda_inside_a_lambda() -> None:
    """What the inner one captures, the outer one captures for it."""
    f = lambda x: np.sin(x) * np.exp(0.5 * x)  # noqa: E731
    third = ((0.5 + 1j) ** 3 * np.exp((0.5 + 1j) * 0.8)).imag
    found = grad(lambda x: jvp(lambda x: jvp(f, (x,), (1.0,))[1], (x,), (1.0,))[1])(0.8)
    np.testing.assert_allclose(found, third, rtol=1e-13)


def test_complex_arguments_of_jacfwd_are_refused():
    def size(z):
        return np.sum(np.abs(z) ** 2)

    with pytest.raises(SrcgradError, match="`z` is complex"):
        jacfwd(size)(np.array([1 + 2j, 0.5 - 1j]))
