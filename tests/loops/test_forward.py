"""Forward mode and whole programs as loops: what NumPy gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, jacfwd, jvp, linearize, standalone

pytest.importorskip("numba", reason="Numba is not installed")
RNG = np.random.default_rng()
X, V = RNG.normal(size=6), RNG.normal(size=6)
A = RNG.normal(size=(6, 6))


def stepped(x: Any, a: Any) -> Any:
    y = x
    for _ in range(5):
        y = y - 0.1 * np.sin(a @ y)
    return y


def elements(x: Any, a: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        for j in range(i):
            total += np.exp(-a[i, j] * x[i] * x[j])
    return total


def walked(x: Any, a: Any) -> Any:
    rate, successes = 0.5, 0
    while np.sqrt(np.sum(x * x)) > 1e-2 and successes < 40:
        slope = grad(lambda v: np.sum(v**2) + 0.1 * np.sum(np.cos(v)))(x)
        x = x - rate * slope
        successes += 1
        if successes % 10 == 0:
            rate *= 0.9
    return x


@pytest.mark.parametrize("f", [stepped, elements], ids=lambda f: f.__name__)
def test_tangents(f: Any) -> None:
    expected = jvp(f, (X, A), (V, A.T))
    found = jvp(f, (X, A), (V, A.T), backend="numba")
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    _, push = linearize(f, X, A, backend="numba")
    np.testing.assert_allclose(push(V, A.T), expected[1], rtol=1e-12)


def test_jacobians_name_the_reason() -> None:
    jacobian = jacfwd(stepped, backend="numba")
    np.testing.assert_allclose(jacobian(X, A), jacfwd(stepped)(X, A), rtol=1e-12)
    assert "one direction at a time" in jacobian.reason


def test_whole_programs_that_write_into_arguments_are_refused() -> None:
    def written(x: Any) -> Any:
        x[0] = 2.0
        return x - grad(lambda v: np.sum(v**2))(x)

    with pytest.raises(UnsupportedError, match="writes into its argument `x`"):
        standalone(written, backend="numba")(X.copy())


def test_whole_programs() -> None:
    np.testing.assert_allclose(standalone(walked, backend="numba")(X, A), walked(X, A), rtol=1e-12)


def test_whole_programs_of_short_arrays() -> None:
    def shrunk(x: Any) -> Any:
        while np.sum(x * x) > 1.0:
            x = x - 0.1 * grad(lambda v: np.sum(v**2) + v[0] * v[-1])(x)
        return x

    fast = standalone(shrunk, backend="numba")
    for size in (2, 3, 7):  # of the first one it is written for the length
        x = RNG.normal(size=size) + 2.0
        np.testing.assert_allclose(fast(x), shrunk(x), rtol=1e-12)
    assert "np.empty" not in fast.lower(np.ones(2)).source.partition("return")[0]


def fallen(a: Any) -> Any:
    def slope(x: Any, a: Any) -> Any:
        return grad(lambda x: np.sum(1.0 / np.sqrt(np.sum((x - a * Q) ** 2, axis=1))))(x)

    x, v = np.array([0.0, 8.0]), np.array([0.75, 0.0])
    while True:
        ahead = x + 0.2 * v
        if ahead[1] <= 0.0:
            break
        v = v - 0.2 * slope(x, a)
        x = ahead
    return (x[0] - x[1] / v[1] * v[0]) ** 2


Q = np.array([[10.0, 10.0], [10.0, 0.0]])


def second_backward(a: Any) -> Any:
    return grad(grad(fallen))(a)


def second_forward(a: Any) -> Any:
    return jvp(lambda a: jvp(fallen, (a,), (1.0,))[1], (a,), (1.0,))[1]


def test_second_derivatives_of_a_walk() -> None:
    a = float(RNG.uniform(0.95, 1.0))  # it lands
    expected = second_forward(a)
    near = [jvp(fallen, (a + h,), (1.0,))[1] for h in (-1e-5, 1e-5)]
    np.testing.assert_allclose(expected, (near[1] - near[0]) / 2e-5, rtol=1e-4)
    for f in (second_backward, second_forward):
        np.testing.assert_allclose(standalone(f, backend="numba")(a), expected, rtol=1e-9)


# --- containers: compiled code takes their items one by one


def of_a_list(p):
    return np.sum(p[0] ** 2) * p[1][0]


def of_a_dict(p, x):
    return np.sum(p["a"] ** 2 * x) + p["b"][0] * p["b"][1]


POINTS = [
    (of_a_list, ([X, (2.0, 3.0)],), ([X + 1, (1.0, 0.5)],)),
    (of_a_dict, ({"a": X, "b": (1.0, 2)}, X), ({"a": X + 1, "b": (0.5, 0)}, X)),
    (of_a_dict, ({"a": X, "b": (1.0, 2)}, X), ({"a": X + 1, "b": (0.5, 0)}, None)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "primals", "tangents"), POINTS)
def test_tangents_of_containers(f, primals, tangents) -> None:
    pytest.importorskip("numba")
    expected = jvp(f, primals, tangents)
    np.testing.assert_allclose(jvp(f, primals, tangents, backend="numba"), expected)
    value, along = linearize(f, *primals, backend="numba")
    assert value == pytest.approx(expected[0]) and along(*tangents) == pytest.approx(expected[1])


def test_jacobians_of_containers() -> None:
    pytest.importorskip("numba")
    point = [X, (2.0, 3.0)]
    found, expected = jacfwd(of_a_list, backend="numba")(point), jacfwd(of_a_list)(point)
    np.testing.assert_allclose(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1])
