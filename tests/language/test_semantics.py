"""Traps that differences alone do not catch, or that many tools fell into: right, or refused."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, check_grads, grad, value_and_grad, vjp

X = np.array([0.7, 1.3, 0.4, 2.1])
SCALE = 2.0
LOG: list[float] = []


def right_or_refused(run: Callable[[], Any], expected: Any) -> bool:
    """True if right, False if refused. Fails for anything else."""
    try:
        found = run()
    except UnsupportedError as error:
        assert all(p.line > 0 and p.message and p.remedy for p in error.problems)
        return False
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    return True


# --- derivatives inside derivatives


def test_a_derivative_inside_does_not_see_the_outer_variable() -> None:
    right_or_refused(lambda: grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0), 1.0)
    right_or_refused(lambda: grad(lambda x: x * grad(lambda y: x * y)(1.0))(4.0), 8.0)


def test_a_captured_variable_that_is_rebound_inside() -> None:
    def f(x):
        total = 0.0

        def add(y):
            nonlocal total
            total = total + x * y
            return total * y

        return add(x) * add(2.0)

    right_or_refused(lambda: grad(f)(1.5), 10 * 1.5**4 + 16 * 1.5**3)


def scaled_by(k: float) -> Callable[[float], float]:
    def f(x):
        return k * x**3

    return f


def test_one_code_object_with_other_captured_values() -> None:
    two, five = grad(scaled_by(2.0)), grad(scaled_by(5.0))
    assert (two(1.0), five(1.0), two(1.0)) == (6.0, 15.0, 6.0)
    assert grad(grad(scaled_by(2.0)))(1.0) == 12.0


def loop_and_stores(x):
    y = x * x
    for i in range(1, 4):
        y[i] = y[i] * y[i - 1] + x[i]
    return np.sum(y**2)


def number_in_a_loop(s):
    a = s
    while a < 20.0:
        a = a * a * s + 1.0
    return a


def branches(s):
    return s**3 if s > 1.0 else math.sin(s)


def test_derivatives_of_derivatives() -> None:
    check_grads(loop_and_stores, (X,))
    right_or_refused(lambda: check_grads(loop_and_stores, (X,), order=2) or 0, 0)
    third = grad(grad(grad(branches)))
    assert [third(2.0), third(0.5)] == pytest.approx([6.0, -math.cos(0.5)])
    step = 1e-5
    slope = (grad(number_in_a_loop)(1.3 + step) - grad(number_in_a_loop)(1.3 - step)) / (2 * step)
    right_or_refused(lambda: grad(grad(number_in_a_loop))(1.3) / slope, 1.0)


# --- memory and calls


def test_a_seed_is_not_handed_back() -> None:
    seed = np.ones(4)
    value, pullback = vjp(lambda x: x, X)
    [found] = pullback(seed)
    assert not np.shares_memory(found, seed)
    assert not np.shares_memory(value, X)
    assert not np.shares_memory(value, found)


def test_gradients_of_a_sum_are_two_arrays() -> None:
    _, pullback = vjp(lambda x, y: x + y, X, X)
    first, second = pullback(np.ones(4))
    first[:] = 9.0
    np.testing.assert_array_equal(second, np.ones(4))


def test_one_array_for_two_parameters_has_two_gradients() -> None:
    first, second = grad(lambda x, y: np.sum(x * x * y), (0, 1))(X, X)
    np.testing.assert_allclose(first, 2 * X * X)
    np.testing.assert_allclose(second, X * X)


def overwrites(x):
    x *= x
    x[0] = x[1] * 3.0
    return np.sum(x * x)


def test_arguments_that_a_function_writes_are_as_they_were() -> None:
    x = X.copy()
    value, found = value_and_grad(overwrites)(x)
    np.testing.assert_array_equal(x, X)
    assert value == overwrites(X.copy())
    check_grads(overwrites, (X,), gradient=grad(overwrites))
    np.testing.assert_allclose(found[0], 0.0)


def test_a_pullback_may_be_called_again_in_any_order_and_from_threads() -> None:
    _, pullback = vjp(lambda x: np.cumsum(x * x), X)
    seeds = [np.eye(4)[i] for i in range(4)]
    once = [pullback(seed)[0] for seed in seeds]
    again = [pullback(seed)[0] for seed in reversed(seeds)][::-1]
    with ThreadPoolExecutor(4) as pool:
        threaded = [r[0] for r in pool.map(pullback, seeds)]
    for a, b, c in zip(once, again, threaded, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_what_is_not_used_has_zeros() -> None:
    first, second = grad(lambda p, x: p["a"] ** 2, (0, 1))({"a": 3.0, "b": X}, X.astype("f4"))
    assert first["a"] == 6.0
    np.testing.assert_array_equal(first["b"], np.zeros(4))
    assert (second.dtype, second.shape) == (np.float32, (4,))


def test_leaves_that_are_not_float_pass_through() -> None:
    tree = {"n": None, "k": 3, "s": "text", "b": True, "e": [[], ()], "x": 2.0}
    found = grad(lambda p: p["x"] ** 2)(tree)
    assert found == {**tree, "x": 4.0}


# --- kinds of numbers


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.var(x),
        lambda x: np.max(np.maximum(x, x[::-1])),
        lambda x: np.sum(x * np.float64(2)),
        lambda x: np.sum(x) / len(x),
        lambda x: np.mean(x > 1.0) * np.sum(x),
        lambda x: np.sum(np.ones(4) * x),
    ],
)
def test_float32_stays_float32(f: Callable[..., Any]) -> None:
    assert grad(f)(X.astype(np.float32)).dtype == np.float32


def test_casts_to_less_are_cast_back() -> None:
    def rounded(x):
        y = x.astype(np.float32)
        return np.sum(y * y)

    found = grad(rounded)(X)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, 2 * X, rtol=1e-6)

    def truncated(x):
        return np.sum(x.astype(int) * x)

    np.testing.assert_array_equal(grad(truncated)(X), X.astype(int))


def test_a_gradient_is_a_number_of_the_arguments_kind() -> None:
    found = [grad(lambda s: s * s)(s) for s in (3.0, np.float64(3.0), np.float32(3.0))]
    assert [type(g) for g in found] == [float, np.float64, np.float32]
    zero_rank = grad(lambda s: np.sum(s * s))(np.array(3.0))
    assert (type(zero_rank), zero_rank.shape, zero_rank) == (np.ndarray, (), 6.0)
    assert grad(lambda s: s * s)(3) == 6.0


def test_integers_are_not_differentiated_and_not_returned() -> None:
    with pytest.raises(Exception, match=r"int|float"):
        grad(lambda x: np.sum(x * x))(np.array([1, 2, 3]))


# --- non-smooth and extreme


def test_the_branch_not_taken_gives_no_nan() -> None:
    x = np.array([-1.0, 0.0, 4.0])
    with np.errstate(all="ignore"):
        found = grad(lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)))(x)
        np.testing.assert_array_equal(found, [0.0, 0.0, 0.25])
        found = grad(lambda x: np.sum((x**0.5)[x > 0]))(np.array([0.0, 4.0]))
        np.testing.assert_array_equal(found, [0.0, 0.25])


def test_powers_at_zero() -> None:
    assert grad(lambda x: x**2)(0.0) == 0.0
    assert grad(grad(lambda x: x**2))(0.0) == 2.0
    assert grad(lambda x: x**1)(0.0) == 1.0
    assert grad(grad(lambda x: x**1))(0.0) == 0.0


@pytest.mark.parametrize("at", [-1000.0, 0.0, 1000.0])
def test_stable_forms_stay_stable(at: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grad(lambda s: np.logaddexp(0.0, s))(at) == pytest.approx((np.tanh(at / 2) + 1) / 2)
        assert np.isfinite(grad(lambda s: np.hypot(s, 1.0))(at))
        assert np.isfinite(grad(np.sinc)(at))
        assert np.isfinite(grad(np.tanh)(at))


# --- effects and surroundings


def test_random_numbers_are_drawn_once() -> None:
    def noisy(x, rng):
        noise = rng.standard_normal(4)
        return np.sum(noise * x * x)

    noise = np.random.default_rng(3).standard_normal(4)
    found = grad(noisy)(X, np.random.default_rng(3))
    np.testing.assert_allclose(found, 2 * noise * X)


def drawing(x):
    return x * x * random.random()


def test_the_random_module_is_drawn_from_once() -> None:
    random.seed(5)
    expected = 6.0 * random.random()
    following = random.random()
    random.seed(5)
    if right_or_refused(lambda: grad(drawing)(3.0), expected):
        assert random.random() == following


def logged(x):
    LOG.append(1.0)
    print("called")
    return x * x


def test_effects_happen_once_in_a_call(capsys: pytest.CaptureFixture[str]) -> None:
    LOG.clear()
    if right_or_refused(lambda: grad(logged)(3.0), 6.0):
        assert (LOG, capsys.readouterr().out) == ([1.0], "called\n")


def positive(values):
    LOG.append("checked")
    if np.any(values <= 0):
        raise ValueError("not positive")


def checks(x):
    positive(x)
    return np.sum(np.log(x))


def test_a_function_that_checks_is_called_once_and_raises() -> None:
    LOG.clear()
    df = grad(checks)
    np.testing.assert_allclose(df(X), 1 / X)
    assert LOG == ["checked"]
    with pytest.raises(ValueError, match="not positive"):
        df(-X)


def reads_surroundings(x):
    return SCALE * np.sum(x * x)


def test_globals_are_read_as_they_are_at_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    df = grad(reads_surroundings)
    np.testing.assert_allclose(df(X), 4 * X)
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    np.testing.assert_allclose(df(X), 10 * X)


def helper(x):
    return x**2


def calls_helper(x):
    return helper(x) * 3.0


def test_a_function_replaced_after_the_derivative_was_made(monkeypatch: Any) -> None:
    df = grad(calls_helper)
    assert df(2.0) == 12.0
    monkeypatch.setitem(globals(), "helper", lambda x: x**3)
    assert df(2.0) == 36.0
