"""Jacobians by what a function reads of its arguments first, against central differences."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, sparse_jacobian

RNG = np.random.default_rng(11)
FIRST, SECOND = RNG.integers(0, 4, 40), RNG.integers(0, 5, 40)


def dense(f: Callable[..., Any], wrt: int, args: tuple[Any, ...]) -> Any:
    """The Jacobian by the first arguments, as many as `wrt`, by central differences."""
    columns = []
    for number in range(wrt):
        for index in np.ndindex(args[number].shape):
            sides = []
            for step in (1e-6, -1e-6):
                given = [np.copy(arg) for arg in args]
                given[number][index] += step
                sides.append(np.ravel(f(*given)))
            columns.append((sides[0] - sides[1]) / 2e-6)
    return np.stack(columns, axis=1)


def pairs(x: Any, y: Any, i: Any, j: Any) -> Any:
    return (x[i] ** 2).sum(axis=1) * y[j].prod(axis=1)


def springs(x: Any, i: Any, j: Any) -> Any:
    a, b = x[i], x[j]
    return np.sqrt(np.sum((a - b) ** 2, axis=1) + 1.0) * a[:, 0]


def packed(p: Any, i: Any, j: Any) -> Any:
    x, y = p[:28].reshape(4, 7), p[28:].reshape(-1, 6)
    return np.sum(x[i] ** 2, axis=1) * np.sum(y[j] ** 3, axis=1)


def also_directly(x: Any, y: Any, i: Any, j: Any) -> Any:
    a, b = x[i], y[j]
    return np.concatenate([np.sum(a**2, axis=1) * b[:, 0], x.ravel() ** 2])


def sorted_rows(x: Any) -> Any:
    rows = np.repeat(np.argsort(x[:, 0]), 10)
    return np.sum(x[rows] ** 2, axis=1)


def chained(x: Any, i: Any, j: Any) -> Any:
    a = x[i]
    b = a[j]
    return np.sum(b**2, axis=1)


def across(x: Any, i: Any) -> Any:
    return np.sum(x.T[:, i] ** 2, axis=0)


def written_later(x: Any, i: Any) -> Any:
    a = x[i]
    x[0] = 3.0
    a[:, 0] *= 2.0
    return np.sum(a**2, axis=1) + x[i[::-1], 1]


def squared(a: Any) -> Any:
    a[:, 0] *= 2.0
    return np.sum(a**2, axis=1)


def taken(x: Any, i: Any) -> Any:
    return np.sum(np.take(x, i, axis=0) ** 2, axis=1) * x[:, 3].take(i)


def in_a_call(x: Any, i: Any) -> Any:
    return squared(x[i])


def scaled_first(x: Any, i: Any) -> Any:
    x = x * 2.0
    return np.sum(x[i] ** 2, axis=1)


def written_first(x: Any, i: Any) -> Any:
    x[0] = 2.0 * x[1]
    return np.sum(x[i] ** 2, axis=1)


def doubled_first(x: Any, i: Any) -> Any:
    x *= 2.0
    return np.sum(x[i] ** 2, axis=1)


def bound_anew(x: Any, i: Any) -> Any:
    x = x[i]
    x = x * 2.0
    return np.sum(x**2, axis=1)


def changed_later(x: Any, i: Any) -> Any:
    a = x[i]
    a = a * 2.0
    a[:, 1] = 0.5
    a = a[::-1]
    return np.sum(a**2, axis=1)


def read_twice(x: Any, i: Any, j: Any) -> Any:
    a = x[i]
    first = np.sum(a**2, axis=1)
    a = x[j]
    return first * a[:, 0]


def on_a_branch(x: Any, i: Any) -> Any:
    if x[0, 0] > -100.0:
        x = x * 2.0
    a = x[i]
    return np.sum(a**2, axis=1)


def with_prior(x: Any, w: Any, i: Any) -> Any:
    a = x[i]
    error = np.sin(a[:, :2]) * np.sum(a**2, axis=1, keepdims=True) * w[:, None]
    return np.concatenate([error.ravel(), 1.0 - w**2])


def rows_and_rows(x: Any, w: Any, i: Any) -> Any:
    a = x[i]
    a[:, 0] *= w
    first = np.stack([np.sum(a**2, axis=1), np.exp(a[:, 2]) * w], axis=1)
    last = np.stack([w, w * w], axis=1)
    return np.concatenate([first, last, first])


def pairs_of_weights(x: Any, w: Any, i: Any) -> Any:
    return w[1:] * w[:-1] + x[0, 0]


X, Y = RNG.normal(size=(4, 7)), RNG.normal(size=(5, 6))
READ = [
    (pairs, 2, (X, Y, FIRST, SECOND)),
    (springs, 1, (X, FIRST, FIRST[::-1])),
    (packed, 1, (np.concatenate([X.ravel(), Y.ravel()]), FIRST, SECOND)),
    (also_directly, 2, (X, Y, FIRST, SECOND)),
    (sorted_rows, 1, (X,)),
    (chained, 1, (X, FIRST, RNG.integers(0, 40, 60))),
    (across, 1, (X, FIRST)),
    (in_a_call, 1, (X, FIRST)),
    (taken, 1, (X, FIRST)),
    (changed_later, 1, (X, FIRST)),
    (read_twice, 1, (X, FIRST, FIRST[::-1])),
]
OTHERS = [
    (written_later, 1, (X, FIRST)),
    (scaled_first, 1, (X, FIRST)),
    (written_first, 1, (X, FIRST)),
    (doubled_first, 1, (X, FIRST)),
    (bound_anew, 1, (X, FIRST)),
    (on_a_branch, 1, (X, FIRST)),
]


W = RNG.uniform(0.5, 1.5, 40)
JOINED = [(with_prior, 2, (X, W, FIRST)), (rows_and_rows, 2, (X, W, FIRST))]


@pytest.mark.parametrize(("f", "wrt", "args"), [*READ, *JOINED, *OTHERS])
def test_values(f: Callable[..., Any], wrt: int, args: tuple[Any, ...]) -> None:
    jacobian = sparse_jacobian(f, tuple(range(wrt)))
    for _ in range(2):  # the second time with a plan that is kept
        found = jacobian(*args).toarray()
        np.testing.assert_allclose(found, dense(f, wrt, args), rtol=1e-6, atol=1e-7)
        args = (*(arg * RNG.uniform(0.9, 1.1, arg.shape) for arg in args[:wrt]), *args[wrt:])


@pytest.mark.parametrize(("f", "wrt", "args"), READ)
def test_one_row_for_each_number(f: Callable[..., Any], wrt: int, args: tuple[Any, ...]) -> None:
    plan = sparse_jacobian(f, tuple(range(wrt))).plan(*args)
    assert plan.way == "items" and plan.count == 1


@pytest.mark.parametrize(("f", "wrt", "args"), OTHERS)
def test_what_is_not_read_first(f: Callable[..., Any], wrt: int, args: tuple[Any, ...]) -> None:
    assert sparse_jacobian(f, tuple(range(wrt))).plan(*args).way != "items"


def test_parts_of_the_value_are_differentiated_apart() -> None:
    plan = sparse_jacobian(with_prior, (0, 1)).plan(X, W, FIRST)
    assert plan.way == "items" and plan.count == 3
    assert plan.sections == ((80, 2, (1, 2)), (40, 1, (1,)))  # weights and what is read of `x`
    colours = plan.colours.reshape(-1)
    assert set(colours[:80]) == {0, 1} and set(colours[80:]) == {2}


def test_other_places_give_another_plan() -> None:
    jacobian, places = sparse_jacobian(springs), FIRST.copy()
    first = jacobian.plan(X, places, SECOND % 4)
    assert jacobian.plan(X + 1.0, places, SECOND % 4) is first
    places[:] = places[::-1]
    args = X, places, SECOND % 4
    np.testing.assert_allclose(jacobian(*args).toarray(), dense(springs, 1, args), atol=1e-7)
    assert jacobian.plan(*args) is not first


def test_containers_and_single_precision() -> None:
    def f(p: Any, i: Any) -> Any:
        a = p["x"][i]
        return {"u": np.sum(a * a, axis=1), "n": 3, "v": a[:, 0] * 3.0}

    p = {"s": 2.0, "x": X.astype(np.float32), "name": "p"}
    jacobian = sparse_jacobian(f)
    found, rows = jacobian(p, FIRST), np.arange(40)
    assert jacobian.plan(p, FIRST).way == "items" and jacobian.plan(p, FIRST).count == 2
    expected = np.zeros((80, 29))
    for column in range(7):
        expected[rows, 1 + 7 * FIRST + column] = 2.0 * X[FIRST, column]
    expected[40 + rows, 1 + 7 * FIRST] = 3.0
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-5)


def test_what_all_rows_share_goes_by_columns() -> None:
    def f(x: Any, s: Any, i: Any) -> Any:
        return s * np.sum(x[i] ** 2, axis=1)

    args = X, 2.0, FIRST
    plan = sparse_jacobian(f, (0, 1)).plan(*args)
    assert plan.way == "columns" and plan.count == 8


def test_a_plan_may_be_given() -> None:
    args = X, FIRST, SECOND % 4
    plan = sparse_jacobian(springs).plan(*args)
    found = sparse_jacobian(springs, pattern=plan)(*args)
    np.testing.assert_allclose(found.toarray(), dense(springs, 1, args), atol=1e-7)


def test_without_its_function() -> None:
    jacobian = sparse_jacobian(springs)
    jacobian(X, FIRST, SECOND % 4)
    kept = pickle.loads(pickle.dumps(jacobian))
    with pytest.raises(SrcgradError, match="unpickled without its function"):
        kept(X, FIRST, SECOND % 4)


@pytest.mark.parametrize("argnums", [(0, 1), (1, 0), ("w", "x")])
def test_columns_are_in_the_order_asked_for(argnums: Any) -> None:
    for f in (with_prior, pairs_of_weights):
        found = sparse_jacobian(f, argnums)(X, W, FIRST).toarray()
        expected = dense(f, 2, (X, W, FIRST))
        if argnums != (0, 1):
            expected = np.concatenate([expected[:, X.size :], expected[:, : X.size]], axis=1)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
