"""S1-S6: scalar systems with the numbers of the course notes, live and from the generated files."""

from __future__ import annotations

import ast
import math
from typing import Any

import chain
import chain_grad
import line
import line_grad
import nodes
import nodes_grad
import numpy as np
import polynomial
import polynomial_grad
import pytest
import shopping
import shopping_grad
import sigmoid
import sigmoid_grad

from srcgrad import grad, transform, value_and_grad, vjp

AT = (1.0, 4.0, -3.0, 3.0)


def test_s1_value() -> None:
    w, x, b, y = AT
    assert (w * x, w * x + b, w * x + b - y) == (4.0, 1.0, -2.0)
    assert value_and_grad(line.loss)(*AT) == (4.0, -16.0)


def test_s1_gradients_live() -> None:
    names = ("w", "x", "b", "y")
    assert grad(line.loss, names)(*AT) == (-16.0, -4.0, -4.0, 4.0)
    for name, expected in zip(names, (-16.0, -4.0, -4.0, 4.0), strict=True):
        assert grad(line.loss, name)(*AT) == expected


def test_s1_generated_file() -> None:
    assert line_grad.loss_grad(*AT) == -16.0


def test_s1_needs_no_import_and_no_helper() -> None:
    for text in (
        transform(line.__file__),
        grad(line.loss).lower(*AT).source,
    ):
        tree = ast.parse(text)
        kinds = [type(node) for node in ast.walk(tree)]
        assert ast.Import not in kinds and ast.ImportFrom not in kinds
        assert kinds.count(ast.FunctionDef) == 1


def test_s2_polynomial(rng: np.random.Generator) -> None:
    x, a, b, c = (float(v) for v in rng.uniform(-2, 2, 4))
    expected = (3 * a * x**2 + 2 * b * x, x**3, x**2, 1.0)
    live = grad(polynomial.polynomial, ("x", "a", "b", "c"))(x, a, b, c)
    saved = polynomial_grad.polynomial_grad(x, a, b, c)
    np.testing.assert_allclose(live, expected, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(saved, expected, rtol=1e-13, atol=1e-15)


def test_s3_square_of_sum(rng: np.random.Generator) -> None:
    x, y = (float(v) for v in rng.uniform(-2, 2, 2))
    expected = 2 * (x + y)
    assert chain.square(x + y) == pytest.approx(expected, rel=1e-14)
    assert chain.square_of_sum(x, y) == pytest.approx((expected, expected), rel=1e-14)
    assert chain_grad.square_grad(x + y) == pytest.approx(expected, rel=1e-14)
    assert chain_grad.square_of_sum_grad(x, y) == pytest.approx((expected,) * 2, rel=1e-14)


def test_s4_bill() -> None:
    assert shopping.bill.primal(1100.0, 5.0) == 17.0
    for gradient in (shopping.bill(1100.0, 5.0), shopping_grad.bill_grad(1100.0, 5.0)):
        assert gradient == pytest.approx((-13200 / 1100**2, 1.0), rel=1e-14)


def test_s4_bill_with_goods() -> None:
    at = (1100.0, 5.0, 33.0)
    assert shopping.bill_with_goods.primal(*at) == 50.0
    for gradient in (shopping.bill_with_goods(*at), shopping_grad.bill_with_goods_grad(*at)):
        assert gradient == pytest.approx((-13200 / 1100**2, 1.0, 1.0), rel=1e-14)


def node_cases(x: float, y: float) -> list[tuple[str, tuple[Any, ...], Any]]:
    """Node, arguments, local derivatives."""
    return [
        ("add", (x, y), (1.0, 1.0)),
        ("subtract", (x, y), (1.0, -1.0)),
        ("multiply", (x, y), (y, x)),
        ("reciprocal", (x,), -1 / x**2),
        ("power", (x, 5), 5 * x**4),
        ("power", (x, 0), 0.0),
        ("power", (x, 1), 1.0),
        ("exp", (x,), math.exp(x)),
        ("log", (x,), 1 / x),
        ("sin", (x,), math.cos(x)),
        ("cos", (x,), -math.sin(x)),
    ]


def test_s5_local_derivatives(rng: np.random.Generator) -> None:
    x, y = (float(v) for v in rng.uniform(0.5, 2, 2))
    for name, args, expected in node_cases(x, y):
        assert getattr(nodes, name)(*args) == pytest.approx(expected, rel=1e-14), name
        saved = getattr(nodes_grad, f"{name}_grad")
        assert saved(*args) == pytest.approx(expected, rel=1e-14), name


def test_s5_upstream_times_local(rng: np.random.Generator) -> None:
    x, y, upstream = (float(v) for v in rng.uniform(0.5, 2, 3))
    for name, args, expected in node_cases(x, y):
        _, pullback = vjp(getattr(nodes, name).primal, *args)
        local = expected if isinstance(expected, tuple) else (expected,)
        downstream = pullback(upstream)[: len(local)]
        assert downstream == pytest.approx(tuple(upstream * v for v in local), rel=1e-14), name


@pytest.mark.parametrize("x", [-30.0, -2.5, -0.1, 0.0, 0.7, 3.0, 30.0])
def test_s6_sigmoid(x: float) -> None:
    y = sigmoid.sigmoid(x)
    exact = y * math.exp(-x) / (1 + math.exp(-x))  # y(1 - y), without the cancellation near y = 1
    for one, nodewise in (
        (grad(sigmoid.sigmoid)(x), grad(sigmoid.sigmoid_nodes)(x)),
        (sigmoid_grad.sigmoid_grad(x), sigmoid_grad.sigmoid_nodes_grad(x)),
    ):
        assert one == pytest.approx(exact, rel=1e-14)
        assert nodewise == pytest.approx(one, rel=4 * np.finfo(float).eps)
        assert one == pytest.approx(y * (1 - y), abs=1e-15)


def test_s6_on_arrays(rng: np.random.Generator) -> None:
    x, upstream = rng.normal(size=(2, 3, 4))
    for f in (sigmoid.sigmoid, sigmoid.sigmoid_nodes):
        y, pullback = vjp(f, x)
        np.testing.assert_allclose(pullback(upstream)[0], upstream * y * (1 - y), rtol=1e-12)
