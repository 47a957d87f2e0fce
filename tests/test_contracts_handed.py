"""Functions that are handed over: those of libraries, of `*args`, and functions as arguments."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats

from srcgrad import check_grads, grad, hessian, hvp, jacfwd, jacobian, vjp
from srcgrad.errors import UnsupportedError

X = np.array([0.4, 1.3, 0.9])


def test_library_functions_with_what_a_call_gives() -> None:
    """Axes, subscripts and the like are written into the call, whoever supplies them."""
    x = np.array([[1.0, 2.0], [3.0, 5.0]])
    total = functools.partial(np.sum, axis=0, keepdims=True)
    np.testing.assert_array_equal(vjp(total, x)[1](np.array([[2.0, 3.0]]))[0], [[2, 3], [2, 3]])
    np.testing.assert_array_equal(grad(np.take)(x, 1), [[0, 1], [0, 0]])
    np.testing.assert_array_equal(grad(np.take)(x, 2), [[0, 0], [1, 0]])
    np.testing.assert_array_equal(grad(np.max)(x, axis=(0, 1)), [[0, 0], [0, 1]])
    a, b = vjp(np.einsum, "ij,kj->", x, x)[1](1.0)[1:]
    np.testing.assert_array_equal(a, np.tile(x.sum(0), (2, 1)))
    np.testing.assert_array_equal(a, b)
    parts = vjp(np.vstack, (x[0], x[1]))[1](x)[0]
    assert isinstance(parts, tuple)
    np.testing.assert_array_equal(parts[1], x[1])
    assert vjp(operator.mul, 2.0, 3.0)[1](1.0) == (3.0, 2.0)


def test_functions_of_scipy_handed_over() -> None:
    norm = scipy.stats.norm
    check_grads(norm.logpdf, (0.3, 0.1, 1.7))
    check_grads(functools.partial(norm.pdf, scale=0.8), (0.3, 0.1))
    check_grads(scipy.special.gammaln, (np.array([1.2, 3.4]),))
    check_grads(functools.partial(scipy.special.logsumexp, axis=0), (np.array([1.2, 3.4]),))
    check_grads(scipy.special.jv, (2, np.array([1.2, 3.4])))
    assert grad(norm.logpdf, "scale")(0.0, scale=2.0) == -0.5


def test_jacobians_of_what_takes_any_arguments() -> None:
    x = np.array([1.0, 2.0])

    def product(*factors: Any, k: float = 2.0) -> Any:
        return np.sum(factors[0] ** 2 * factors[1]) * k

    np.testing.assert_array_equal(jacobian(np.outer)(x, x), jacfwd(np.outer)(x, x))
    np.testing.assert_array_equal(hessian(product)(x, x + 1), np.diag(4 * (x + 1)))
    np.testing.assert_array_equal(hvp(product, 1)(x, x, x), [0, 0])
    np.testing.assert_array_equal(jacobian(product, 1)(x, x, k=3.0), 3 * x**2)
    assert grad(grad(product), 1)(2.0, 3.0) == 8.0


def changed(fun: Any, argnum: int) -> Any:
    """As wrappers of tests do it: one argument is replaced in a list of all."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        args = list(args)  # type: ignore[assignment]
        args[argnum] = args[argnum] * 3  # type: ignore[index]
        return fun(*args, **kwargs)

    return wrapper


def of_one(fun: Any, args: tuple[Any, ...], options: dict[str, Any], argnum: int) -> list[Any]:
    """Functions of one argument, the others held in the surroundings."""

    def replaced(x: Any) -> Any:
        new = list(args)
        new[argnum] = x
        return fun(*new, **options)

    return [
        replaced,
        lambda x: fun(*(args[:argnum] + (x,) + args[argnum + 1 :]), **options),  # noqa: RUF005
        lambda x: fun(*args[:argnum], x, *args[argnum + 1 :], **options),
    ]


@pytest.mark.parametrize("argnum", [0, 1])
def test_arguments_held_in_tuples_lists_and_dicts(argnum: int) -> None:
    calls: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
        (np.outer, (X, X + 1), {}),
        (np.tensordot, (X, np.outer(X, X)), {"axes": ((0,), (1,))}),
        (changed(np.multiply, 1), (X, 2.0), {}),
        (scipy.stats.norm.logpdf, (X, 0.3), {"scale": X + 1}),
    ]
    for fun, args, options in calls:
        for f in of_one(fun, args, options, argnum):
            check_grads(f, (args[argnum],), order=2)


def test_containers_of_the_surroundings_may_change() -> None:
    functions: list[Any] = [np.sin, np.square]
    options = {"axis": 0}

    def f(x: Any) -> Any:
        return np.sum(np.array([g(x) for g in functions])) + np.sum(np.max(x, **options))

    df = grad(f)
    one, x = np.array([0, 1, 0]), X
    np.testing.assert_allclose(df(x), np.cos(x) + 2 * x + one)
    functions[0] = np.exp
    np.testing.assert_allclose(df(x), np.exp(x) + 2 * x + one)
    functions.append(np.cos)
    np.testing.assert_allclose(df(x), np.exp(x) + 2 * x - np.sin(x) + one)
    options["axis"] = -1
    options["keepdims"] = True
    np.testing.assert_allclose(df(x), np.exp(x) + 2 * x - np.sin(x) + one)


def applied(f: Any, x: Any, *more: Any, scale: float = 1.0) -> Any:
    return scale * np.sum(f(x, *more) ** 2)


@pytest.mark.parametrize(
    "args",
    [
        (np.sin, X),
        (lambda v: v**3, X),
        (np.multiply, X, X + 1),
        (scipy.stats.norm.pdf, X, X + 1, X + 2),
        (functools.partial(np.cumsum, axis=0), X),
    ],
    ids=["ufunc", "lambda", "several", "bound", "partial"],
)
def test_functions_as_arguments(args: tuple[Any, ...]) -> None:
    check_grads(applied, args, order=2)


def test_each_function_given_has_its_own_derivative() -> None:
    df = grad(applied, 1)
    for f, slope in ((np.sin, np.cos), (np.exp, np.exp), (lambda v: v * 3.0, lambda v: 3.0)):
        np.testing.assert_allclose(df(f, X), 2 * f(X) * slope(X))

    def reduced(a: Any, by: Any = np.prod) -> Any:
        return by(np.exp(a) * X)

    check_grads(reduced, (0.7,))
    whole = np.sum(np.exp(0.7) * X)
    assert grad(reduced)(0.7, np.sum) == pytest.approx(whole)
    assert grad(reduced)(0.7) == pytest.approx(3 * np.prod(np.exp(0.7) * X))


def test_a_function_that_is_only_called_stays_a_callback() -> None:
    seen: list[str] = []

    def f(x: Any, log: Any) -> Any:
        log("called")
        return x * x

    assert grad(f)(3.0, seen.append) == 6.0
    assert seen == ["called"]


def test_a_solver_handed_over() -> None:
    def rates(y: Any, t: Any, a: Any, b: Any) -> Any:
        return -np.sqrt(t) - y + a - np.mean((y + b) ** 2)

    times = np.linspace(0.1, 0.2, 4)
    args = (rates, X, times, (X, X + 1))
    check_grads(scipy.integrate.odeint, args, ("reverse",), argnums=(1, 2, 3))


class Doubling:
    def __getitem__(self, x: Any) -> Any:
        return x * 2


DOUBLING = Doubling()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.r_[x, X, x],
        lambda x: np.c_[x, X, x * x],
        lambda x: np.c_[np.outer(x, x), x],
        lambda x: np.r_[x[0], 1.0, 1:10:2, 0:1:5j, x, 3],
    ],
    ids=["r_", "c_", "c_ of a matrix", "ranges"],
)
def test_arrays_joined_by_indexing(f: Any) -> None:
    check_grads(f, (X,), ("reverse", "forward"))
    np.testing.assert_array_equal(vjp(f, X)[0], f(X))


def test_an_object_that_computes_with_its_index_is_refused() -> None:
    for f in (lambda x: np.sum(DOUBLING[x]), lambda x: np.sum(np.s_[x])):
        with pytest.raises(UnsupportedError, match="indexed by a differentiated value"):
            grad(f)(X)


def test_einsum_with_numbers_for_subscripts() -> None:
    A, B = np.outer(X, X), np.outer(X, [1.0, 2.0])
    check_grads(np.einsum, (A, (0, 1), B, (1, 27), (27, 0)), argnums=(0, 2), order=2)
    check_grads(lambda a, b: np.einsum(a, [..., 0, 1], b, [1, 2]), (A, B))


def test_pullbacks_inside_functions() -> None:
    A = np.outer(X, X + 1)

    def f(x: Any) -> Any:
        return np.tanh(A @ x)

    def turned(x: Any, v: Any) -> Any:
        return vjp(f, x)[1](v)[0]

    def both(x: Any, v: Any) -> Any:
        y, pull = vjp(lambda a, b: {"p": a * b, "q": np.sum(np.exp(a))}, x, v)
        a, b = pull({"p": v, "q": 2.0})
        return a * b + y["p"]

    for g in (turned, both):
        check_grads(g, (X, X - 1), ("reverse", "forward"), order=2)


def test_a_derivative_by_a_container_of_the_surroundings() -> None:
    """Constant there, and differentiated by the derivative inside. What a list holds may change."""
    held = (X, X + 1)

    def weighted(c: Any) -> Any:
        return vjp(lambda xs: xs[0] ** 2 * xs[1], held)[1](c)[0]

    first, second = weighted(X)
    np.testing.assert_allclose(first, 2 * X * (X + 1) * X)
    np.testing.assert_allclose(second, X**2 * X)
    check_grads(weighted, (X,))
    held = [X, X + 1]  # type: ignore[assignment]
    np.testing.assert_allclose(weighted(X)[1], X**2 * X)
    with pytest.raises(UnsupportedError):
        check_grads(weighted, (X,))
