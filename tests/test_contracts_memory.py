"""Derivatives change nothing of the caller's, share nothing with it, and any thread may call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, trees, value_and_grad, vjp
from srcgrad.differences import central_differences
from srcgrad.errors import SrcgradError
from tests.agreement import assert_near


def arrays(tree: Any) -> list[Any]:
    return [leaf for leaf in trees.flatten(tree)[0] if isinstance(leaf, np.ndarray)]


def x3() -> Any:
    return np.array([1.0, 2.0, 3.0])


# --- memory


def identity(x):
    return x


def plus(x, y):
    return x + y


def both(x):
    return x, x


def nested_views(x):
    return {"a": x[1:], "b": [x, x[::-1]]}


def transposed(x):
    return x.reshape(1, -1).T


def no_use(x):
    return np.ones(3)


def repeated(x):
    return np.broadcast_to(x, (2, 3))


def joined(x, y):
    return np.concatenate([x, y])


def swapped(x, y):
    return y, x


def written(x):
    x[0] = x[1] * 2
    return x


def recorded(x, y):
    z = x * y
    for _ in range(2):
        z[1:] += z[:-1] * y[1:]
    return z


@pytest.mark.parametrize(
    "f",
    [identity, plus, both, nested_views, transposed, no_use, repeated, joined, swapped, written,
     recorded, np.tanh, np.add],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_results_are_memory_of_their_own(f: Any) -> None:
    count = 2 if f in (plus, joined, swapped, recorded, np.add) else 1
    args = [x3() + i for i in range(count)]
    value, pullback = vjp(f, *args)
    seed = trees.map_leaves(lambda leaf: np.full(np.shape(leaf), 1.5), value)
    first = pullback(seed)
    second = pullback(seed)
    for other in (value, seed, args, second):
        assert not any(np.shares_memory(a, b) for a in arrays(first) for b in arrays(other))
    assert not any(np.shares_memory(a, b) for a in arrays(value) for b in arrays(args))
    assert all(a.flags.writeable for a in arrays(first))
    if count == 2:
        assert not np.shares_memory(*first)
    assert [a.tolist() for a in arrays(args)] == [(x3() + i).tolist() for i in range(count)]
    assert all((a == 1.5).all() for a in arrays(seed))
    kept = [a.tolist() for a in first]
    for tree in (args, first, second):
        for a in arrays(tree):
            a[...] = 99.0
    assert [a.tolist() for a in pullback(seed)] == kept


def sums(x, y):
    return np.sum(x) + np.sum(y)


def sum_of_both(x, y):
    return np.sum(x + y)


def products(x, y):
    return np.sum(x * y * y)


@pytest.mark.parametrize("f", [sums, sum_of_both, products])
def test_one_array_for_two_arguments(f: Callable[..., Any]) -> None:
    a = x3()
    df = grad(f, (0, 1))
    found, apart = df(a, a), df(x3(), x3())
    for one, other in zip(found, apart, strict=True):
        np.testing.assert_array_equal(one, other)
        assert not np.shares_memory(one, a)
    assert not np.shares_memory(*found)
    found[0][...] = 99.0
    np.testing.assert_array_equal(found[1], apart[1])
    np.testing.assert_array_equal(a, x3())


def sum_of_pair(p):
    return np.sum(p[0] + p[1])


def test_one_array_twice_in_a_container() -> None:
    a = x3()
    first, second = grad(sum_of_pair)([a, a])
    assert not np.shares_memory(first, second)
    assert (first.tolist(), second.tolist()) == ([1, 1, 1], [1, 1, 1])


def writes_first(x, y):
    x[0] = 5.0 * y[0]
    x[1:] *= 2.0
    return np.sum(x * y)


def writes_in_a_loop(x):
    for i in range(1, len(x)):
        x[i] = x[i] * x[i - 1]
    return x[-1]


def test_arguments_are_never_changed() -> None:
    for f, count in ((writes_first, 2), (writes_in_a_loop, 1)):
        args = [x3() for _ in range(count)]
        wanted = tuple(range(count))
        found = value_and_grad(f, wanted)(*args)[1]
        assert all(a.tolist() == [1, 2, 3] for a in args)
        expected = central_differences(f, [x3() for _ in range(count)], wanted)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)
        vjp(f, *args)[1](1.0)
        assert all(a.tolist() == [1, 2, 3] for a in args)


def test_overlapping_arguments_of_which_one_is_written_are_refused_or_right() -> None:
    a = np.arange(1.0, 5.0)
    for x, y in ((a, a), (a[:3], a[1:])):
        with pytest.raises((SrcgradError, ValueError), match="shares memory"):
            grad(writes_first, (0, 1))(x, y)
    np.testing.assert_array_equal(a, [1, 2, 3, 4])


# --- pullbacks and threads


def looped(x, n):
    y = x.copy()
    for i in range(n):
        if i % 2:
            y = np.sin(y) + x
        else:
            y[1:] += y[:-1] * 0.5
    return y


def sorted_in_place(x):
    y = np.exp(x)
    y.sort()
    y[0] *= y[1]
    return np.sum(np.sin(y))


def filled_with_one_number(x):
    y = np.empty(3)
    y.fill(x[0])
    y[1:] *= x[1:]
    return np.sum(y**2)


def conjugates(x):
    c = x * 1j
    c[0] = c[1] * c[2].conjugate()
    return np.sum((c * c.conj()).real)


@pytest.mark.parametrize("f", [sorted_in_place, filled_with_one_number, conjugates])
def test_pullbacks_of_methods_that_nobody_outside_can_tell(f: Callable[..., Any]) -> None:
    x = np.random.default_rng().normal(size=3)
    value, pullback = vjp(f, x)
    np.testing.assert_allclose(value, f(x))
    for seed in (1.0, -2.0):
        (found,) = pullback(seed)
        assert_near(found, seed * central_differences(f, (x,), 0), atol=1e-6)


def test_pullbacks_may_be_called_again_and_in_any_order() -> None:
    points = [x3(), x3() * 2]
    made = [vjp(looped, x, 4) for x in points]
    seeds = [np.array([1.0, 0.0, 2.0]), np.array([0.0, -1.0, 0.5])]
    fresh = [[vjp(looped, x, 4)[1](seed)[0] for seed in seeds] for x in points]
    for i, j in [(1, 0), (0, 1), (0, 0), (1, 1), (0, 1), (1, 0)]:
        found = made[i][1](seeds[j])[0]
        np.testing.assert_array_equal(found, fresh[i][j])
    sum_of_seeds = made[0][1](seeds[0] + seeds[1])[0]
    np.testing.assert_allclose(sum_of_seeds, fresh[0][0] + fresh[0][1])


def test_threads_do_not_meet() -> None:
    df = grad(lambda x, n: np.sum(looped(x * 1.0, n) ** 2))
    _, pullback = vjp(looped, x3(), 5)
    expected = {n: df(x3(), n) for n in (1, 4)}
    once = pullback(np.ones(3))[0]
    wrong: list[Any] = []

    def work(k: int) -> None:
        for n in (1, 4, 2 + k):
            found = df(x3(), n)
            if n in expected and not np.array_equal(found, expected[n]):
                wrong.append(found)
            scaled = pullback(np.full(3, float(k)))[0]
            if not np.allclose(scaled, k * once):
                wrong.append(scaled)

    workers = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


# --- an adjoint that is an argument's own memory is never added to in place


def one_of_two_returns(x, k):
    if k > 0:
        return np.sum(x * x)
    return np.sum(x)


def one_of_many_returns(x, k):
    if k == 0:
        return np.sum(x * x * x)
    if k == 1:
        return x[0]
    if k == 2:
        return x @ x
    return np.mean(x) * np.max(x)


def one_of_two_values(x, k):
    if k > 1:
        y = x
    elif k > 0:
        y = 2.0
    else:
        y = 1.0
    return np.sum(y * x) + np.sum(y)


@pytest.mark.parametrize("f", [one_of_two_returns, one_of_many_returns, one_of_two_values])
@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_branches_of_different_kinds_leave_arguments_alone(f: Callable[..., Any], k: int) -> None:
    x = x3()
    found = grad(f)(x, k)
    assert x.tolist() == [1, 2, 3]
    assert_near(found, central_differences(f, [x, k], (0,))[0], rtol=1e-6)
    assert not np.shares_memory(found, x)


def either(a, b):
    y = a or b
    return y * y + a * b


def each(a, b):
    y = a and b
    return y * 2.0 + a * b


def overwritten_test(x):
    c = x[0] > 0
    if c:
        y = x * 2
        c = False
    else:
        y = x
    if not c:
        y = y * x
    return np.sum(y)


@pytest.mark.parametrize("point", [(1.0, 2.0), (-1.0, 0.5)])
def test_a_test_is_not_taken_again_when_its_name_was_overwritten(point: Any) -> None:
    x = np.array(point)
    (expected,) = central_differences(overwritten_test, [x], (0,))
    assert_near(grad(overwritten_test)(x), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("f", "a", "b", "expected"),
    [
        (either, 0.0, 2.0, (2.0, 4.0)),
        (either, 3.0, 2.0, (8.0, 3.0)),
        (each, 3.0, 2.0, (2.0, 5.0)),
        (each, 3.0, 0.0, (0.0, 5.0)),
        (each, 0.0, 3.0, (5.0, 0.0)),
    ],
)
def test_the_value_of_and_and_or_is_one_operand(f: Any, a: Any, b: Any, expected: Any) -> None:
    assert grad(f, (0, 1))(a, b) == expected
