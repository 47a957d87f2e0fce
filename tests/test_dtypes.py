"""A gradient has its argument's dtype, shape and kind, whatever the function mixes it with."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, jvp, value_and_grad, vjp
from srcgrad.differences import central_differences
from srcgrad.errors import SrcgradError

WIDE = np.array([0.5, -1.0, 2.0])


class Floats:
    """Functions of an array of three numbers that mix it with what is wider than float32."""

    def var(x):
        return np.var(x)

    def std(x):
        return np.std(x, ddof=1)

    def max(x):
        return np.max(x)

    def max_along_an_axis(x):
        return np.sum(np.max(np.outer(x, x), axis=1))

    def min_method(x):
        return x.min()

    def prod(x):
        return np.prod(x)

    def norm(x):
        return np.linalg.norm(x)

    def numpy_number(x):
        return np.sum(x * np.float64(2))

    def length(x):
        return np.sum(x) / len(x)

    def bool_mean(x):
        return np.sum(x * np.mean(x > 1))

    def double_array(x):
        return np.sum(np.ones(3) * x)

    def in_a_list(x):
        parts = [0.5]
        parts.append(np.trace(np.outer(x, x)))
        parts.append(np.mean(x**2))
        return sum(parts)

    def global_array(x):
        return np.sum(WIDE * x * x)

    def widened(x):
        return np.sum(x.astype(np.float64) ** 2)

    def narrowed(x):
        return np.sum(x.astype(np.float32) ** 2)

    def widened_sum(x):
        return np.sum(x * x).astype(np.float64)

    def linspace(x):
        return np.mean(np.exp(x) * np.linspace(0, 1, 3))

    def where(x):
        return np.sum(np.where(x > 1, x, 0.1 * x))

    def slice_store(x):
        y = np.zeros(3)
        y[:] = x * 2
        return np.sum(y * y)

    def element_stores(x):
        y = np.zeros(3)
        for i in range(3):
            y[i] = x[i] ** 2
        return np.sum(y)

    def add_into_a_wider_array(x):
        y = np.ones(3)
        y += x * x
        return np.sum(y * y)

    def loop_over_items(x):
        total = 0.0
        for v in x:
            total = total + v * v
        return total

    def loop_over_indices(x):
        total = np.float64(0)
        for i in range(len(x)):
            total = total + x[i] * 2.5
        return total

    def concatenate(x):
        y = np.concatenate([x, np.ones(2)])
        return np.sum(y * y)

    def stack(x):
        y = np.stack([x, np.ones(3)])
        return np.sum(y * y)

    def number(x):
        return float(np.sum(x)) * 2.0

    def matmul(x):
        return np.sum(x @ np.ones((3, 2)))

    def kinks(x):
        return np.sum(np.clip(x, 0.0, 1.0) + np.maximum(x, 0) + np.abs(x) + np.sqrt(x))

    def sort(x):
        return np.sum(np.sort(x)[1:] * np.cumsum(x)[1:])

    def mask(x):
        return np.sum(x[x > 0.6] ** 2)

    def pad(x):
        return np.sum(np.pad(x, 1) * np.arange(5))

    def einsum(x):
        return np.einsum("i,j->", x, np.ones(3))

    def outer_and_dot(x):
        return np.sum(np.outer(x, np.ones(2))) + np.dot(x, np.ones(3))

    def tensordot(x):
        return np.sum(np.tensordot(x, np.ones((3, 2)), axes=1))

    def item(x):
        return x[0] * np.float64(3)

    def math_function(x):
        return math.exp(x[0])

    def array_exponent(x):
        return np.sum(x ** np.arange(3.0))

    def exponential(x):
        return np.sum(2.0**x)

    def softmax(x):
        e = np.exp(x - np.max(x))
        return np.sum(e / np.sum(e) * WIDE)

    def pairs(x):
        return np.logaddexp(x[0], 1.0) + np.log1p(x[1] ** 2) + np.hypot(x[0], x[2])

    def repeated(x):
        return np.sum(np.repeat(x, 2) * np.arange(6.0))

    def broadcast(x):
        return np.sum(np.broadcast_to(x, (4, 3)) * np.ones((4, 3)))


PROGRAMS = {name: fn for name, fn in vars(Floats).items() if inspect.isfunction(fn)}
POINT = [0.5, 1.5, 0.75]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.longdouble])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradient_has_the_arguments_dtype(name: str, dtype: Any) -> None:
    f = PROGRAMS[name]
    x = np.array(POINT, dtype)
    found = grad(f)(x)
    assert isinstance(found, np.ndarray)
    assert (found.dtype, found.shape) == (x.dtype, x.shape)
    (expected,) = central_differences(f, [np.array(POINT)], (0,))
    bound = {"float16": 2e-2, "float32": 2e-4}.get(x.dtype.name, 1e-6)
    rough = name == "narrowed"
    np.testing.assert_allclose(found, expected, rtol=1e-2 if rough else bound, atol=bound)


# --- numbers


def cube(x: Any) -> Any:
    return x * x * x


def affine(x: Any, k: Any) -> Any:
    return np.sum(x * x * k)


def least(x: Any) -> Any:
    return x * np.min(x, axis=0)


def largest(x: Any) -> Any:
    return x * np.max(x, axis=-1, keepdims=True)


@pytest.mark.parametrize("value", [1.5, np.float64(1.5), np.float32(1.5)], ids=repr)
@pytest.mark.parametrize("f", [least, largest])
def test_an_extremum_of_a_number_is_the_number(f: Any, value: Any) -> None:
    found = grad(f)(value)
    assert (np.result_type(found), np.shape(found), float(found)) == (np.result_type(value), (), 3)


@pytest.mark.parametrize(
    ("value", "kind", "shape"),
    [
        (2.0, float, ()),
        (2, float, ()),
        (np.float64(2), np.float64, ()),
        (np.float32(2), np.float32, ()),
        (np.float16(2), np.float16, ()),
        (np.longdouble(2), np.longdouble, ()),
        (np.int64(2), np.float64, ()),
        (np.int8(2), np.float64, ()),
        (np.array(2.0), np.ndarray, ()),
        (np.array(2.0, np.float32), np.ndarray, ()),
    ],
    ids=lambda v: f"{type(v).__name__}" if not isinstance(v, (type, tuple)) else "",
)
def test_a_number_gives_a_number_of_its_type(value: Any, kind: type, shape: Any) -> None:
    df = grad(cube)
    found = df(value)
    assert type(found) is kind
    assert np.shape(found) == shape
    assert float(found) == 12.0
    if isinstance(value, np.ndarray):
        assert found.dtype == value.dtype
    value_again, gradient = value_and_grad(cube)(value)
    assert (float(value_again), float(gradient), type(gradient)) == (8.0, 12.0, kind)


def test_one_derivative_serves_all_kinds_in_turn() -> None:
    df = grad(affine, (0, 1))
    points = [3, 2.0, np.float32(1.5), np.array(0.5), np.ones(3), np.ones((2, 1)), np.ones(1)]
    for _ in range(2):
        for x in points:
            dx, dk = df(x, 2.0)
            np.testing.assert_allclose(dx, 4.0 * x)
            assert np.shape(dx) == np.shape(x)
            assert isinstance(dk, float)
            assert dk == np.sum(x * x)


def test_an_integer_argument_that_is_not_differentiated_stays_an_integer() -> None:
    def f(x: Any, n: Any) -> Any:
        return x * (7 // n) ** n

    assert grad(f)(1.5, 2) == 9.0


@pytest.mark.parametrize(
    "value",
    [np.array([1, 2, 3]), np.array([True, False]), np.array(3), np.array(["a"]), np.array([None])],
    ids=["int", "bool", "0-d int", "str", "object"],
)
def test_an_array_that_is_not_float_is_refused(value: Any) -> None:
    with pytest.raises(SrcgradError, match="argument `x` is an array of dtype"):
        grad(cube)(value)


def test_an_integer_array_beside_a_float_one_is_data() -> None:
    def f(x: Any, rows: Any, labels: Any) -> Any:
        return np.sum(x[rows] * labels)

    x = np.array([1.0, 2.0, 3.0])
    rows = np.array([0, 2, 2])
    labels = np.array([True, False, True])
    np.testing.assert_array_equal(grad(f)(x, rows, labels), [1, 0, 1])
    value, pullback = vjp(f, x, rows, labels)
    assert value == 4.0
    np.testing.assert_array_equal(pullback(2.0)[0], [2, 0, 2])


def to_integer(x: Any) -> Any:
    return np.sum(x.astype(int) * 2.0 + x)


def test_a_cast_to_integers_has_gradient_zero() -> None:
    np.testing.assert_array_equal(grad(to_integer)(np.array([1.5, 2.5])), [1, 1])


def mixed(x: Any, y: Any) -> Any:
    return np.sum(x * y + x)


@pytest.mark.parametrize("first", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("second", [np.float32, np.float64, np.float16])
def test_each_argument_has_its_own_dtype(first: Any, second: Any) -> None:
    x, y = np.ones(3, first), np.ones((2, 1), second)
    dx, dy = grad(mixed, (0, 1))(x, y)
    assert (dx.dtype, dx.shape, dy.dtype, dy.shape) == (first, (3,), second, (2, 1))
    np.testing.assert_array_equal(dx, [4, 4, 4])
    np.testing.assert_array_equal(dy, [[3], [3]])
    value, pullback = vjp(mixed, x, y)
    assert value.dtype == np.result_type(first, second)
    assert [g.dtype for g in pullback(1.0)] == [first, second]
    assert [g.dtype for g in pullback(np.float64(1.0))] == [first, second]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("seed", [np.float16, np.float32, np.float64, np.int64])
def test_a_seed_of_another_dtype_does_not_decide(dtype: Any, seed: Any) -> None:
    def f(x: Any) -> Any:
        return np.exp(x) * 2 + x[::-1]

    x = np.array([0.0, 0.5, 1.0], dtype)
    _, pullback = vjp(f, x)
    (found,) = pullback(np.array([1, 0, 2], seed))
    assert found.dtype == dtype
    exact = 2 * np.exp(np.array([0.0, 0.5, 1.0])) * [1, 0, 2] + [2, 0, 1]
    np.testing.assert_allclose(found, exact, rtol=1e-2 if dtype is np.float16 else 1e-5)


def test_a_sum_in_half_precision_is_numpys_own() -> None:
    def f(x: Any) -> Any:
        return np.sum(x)

    x = np.full(100_000, 0.1, np.float16)
    value, gradient = value_and_grad(f)(x)
    assert value == np.sum(x)
    assert type(value) is np.float16
    assert gradient.dtype == np.float16


class Rounded:
    """Statements that compute in a wider dtype, and round the result to that of the array."""

    def integers_added(x):
        y = np.exp(x)
        y += np.arange(3)
        y *= np.arange(1, 4)
        return np.sum(y**2)

    def integers_in_a_loop(x):
        y = np.exp(x)
        for k in range(3):
            y /= np.arange(1, 4) + k
            y = np.sin(y) * y
        return np.sum(y)

    def wide_numbers(x):
        y = np.sqrt(x**2 + 1)
        y -= WIDE
        y **= np.arange(3)
        return np.sum(y * x)

    def of_unknown_width(x):
        y = np.exp(x) * np.ones((3, 3), dtype=x.dtype)
        y @= np.arange(9).reshape(3, 3)
        y += np.eye(3)
        return np.sum(np.sin(y))

    def turned_by_a_wide_number(x):
        z = np.exp(1j * x)
        z *= np.exp(0.3j)
        return np.sum((z**2).imag)

    def complex_by_real(x):
        z = np.exp(1j * x)
        z *= WIDE
        z += np.arange(3)
        return np.sum(np.abs(z * z) ** 2)

    def complex_in_a_loop(x):
        z = np.exp(1j * x)
        for _ in range(3):
            z *= np.exp(0.3j) * np.arange(1, 4)
            z = z * np.conj(z) * 0.1 + z**2 * 0.2
        return np.sum(np.abs(z))


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("name", [name for name in vars(Rounded) if not name.startswith("_")])
def test_a_statement_in_place_rounds(name: str, level: int) -> None:
    f = vars(Rounded)[name]
    x = np.random.default_rng().uniform(-0.5, 0.5, size=3).astype(np.float32)
    value, found = value_and_grad(f, optimize=level)(x)
    assert (value.dtype, found.dtype) == (f(x).dtype, np.float32)
    np.testing.assert_allclose(value, f(x), rtol=1e-5)
    wanted = central_differences(f, (x,), 0)
    scale = 1 + np.max(np.abs(wanted))
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4 * scale)
    np.testing.assert_allclose(jvp(f, (x,), (x,))[1], wanted @ x, rtol=1e-3, atol=1e-3 * scale)
