"""Jacobians by columns, from tangents that come without the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, hessian, jacfwd, jacobian, jacrev, transform
from srcgrad.backends.lowered import Lowered
from srcgrad.jacobians import Jacobian
from srcgrad.manydirections import many_directions

RNG = np.random.default_rng(8)


def differences(f: Callable[..., Any], x: Any, h: float = 1e-6) -> Any:
    x = np.asarray(x, dtype=float)
    found = np.zeros(np.shape(f(x)) + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        found[(..., *index)] = (np.asarray(f(x + step)) - np.asarray(f(x - step))) / (2 * h)
    return found


SOURCE = """
import numpy as np


def f(x, b):
    return np.cumsum(x**2) + np.linalg.inv(b)[0, 0]


def pair(x):
    return x * 2.0, x[0]


def turn(a):
    for _ in range(2):
        c, s = np.cos(a), np.sin(a)
        a = c * s + a
    return np.stack([c, s * a], axis=1)


def calls(x):
    return turn(x[:2]) @ turn(x[None, 2])[0]
"""


def made(name: str, mode: Any = "tangents", **at: Any) -> tuple[str, Any]:
    text = transform(SOURCE, functions=[name], mode=mode, wrt=["x"], at=at)
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    return text, namespace[f"{name}_{mode}"]


def test_what_only_the_value_needs_is_not_computed() -> None:
    x = RNG.normal(size=4)
    text, tangents = made("f", x=x, b=np.eye(2))
    assert "inv" not in text and '"""Tangents of `f(x, b)`, from those of x' in text
    found = tangents(x, np.eye(2), np.eye(4))
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found.T, np.tril(np.tile(2 * x, (4, 1))))
    assert not np.shares_memory(found, x)


def test_the_value_is_there_where_tangents_do_not_tell_its_form() -> None:
    x = RNG.normal(size=3)
    for at in ({"x": x}, {}):
        text, both = made("pair", **at)
        assert '"""Value and tangents of `pair(x)`, from those of x' in text
        value, tangents = both(x, np.eye(3))
        np.testing.assert_array_equal(value[0], 2.0 * x)
        np.testing.assert_array_equal(tangents[0], 2.0 * np.eye(3))
    single = x.astype(np.float32)
    b = np.eye(2, dtype=np.float32)
    value, tangents = made("f", x=single, b=b)[1](single, b, np.eye(3))
    assert value.shape == (3,) and tangents.shape == (3, 3)


def test_functions_that_come_out_alike_are_written_once() -> None:
    text, tangents = made("calls", x=np.ones(3))
    assert text.count("def turn_jvps") == 1 and "turn_jvps_2" not in text
    x = RNG.normal(size=3)
    namespace: dict[str, Any] = {}
    exec(SOURCE, namespace)
    found = np.moveaxis(tangents(x, np.eye(3)), 0, -1)
    np.testing.assert_allclose(found, differences(namespace["calls"], x), atol=1e-8)
    single = transform(SOURCE, functions=["calls"], mode="jvp", wrt=["x"], at={"x": x})
    assert single.count("def turn_jvp") == 1


def same(x: Any) -> Any:
    return x


def twice(x: Any) -> Any:
    return np.concatenate([x, x]) if x[0] > 0 else x * x[1]


def fixed(x: Any) -> Any:
    return np.ones((4, 2))


def stored(x: Any) -> Any:
    y = np.zeros((5, 3))
    y[1] = x
    y[2:4] += x * x
    return y


def filled(x: Any) -> Any:
    return np.full((3, 2), x[0])


def stretched(x: Any) -> Any:
    return np.sum(x) * np.ones((2, 3, 2)) + x


def spread(x: Any) -> Any:
    return np.broadcast_to(x, (2, 3))


def empty(x: Any) -> Any:
    return x[:0] * 2.0


@pytest.mark.parametrize("f", [same, twice, fixed, stored, filled, spread, empty])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_forms(f: Callable[..., Any], sign: float) -> None:
    """The tangents have the shape of the value, in memory of their own."""
    x = sign * RNG.uniform(0.5, 1.5, 3)
    for argument in (x, x.astype(np.float32)):
        found = jacfwd(f)(argument)
        tolerance = 1e-8 if argument is x else 1e-5
        np.testing.assert_allclose(found, differences(f, x), atol=tolerance)
        assert found.dtype == argument.dtype
        assert found.flags.writeable and not np.shares_memory(found, argument)


def test_numbers_and_arrays_without_elements() -> None:
    for x in (2.0, 3, np.float64(1.5), np.array(2.0)):
        np.testing.assert_allclose(jacfwd(lambda x: x**2 * np.ones(2))(x), [2 * x, 2 * x])
        assert np.shape(jacfwd(lambda x: x**2)(x)) == ()
    assert jacfwd(lambda x: np.ones(3) * np.sum(x))(np.zeros((0, 2))).shape == (3, 0, 2)


def test_results_share_no_memory() -> None:
    one, other = jacfwd(lambda x: (x, x))(np.ones(3))
    one[:] = 7.0
    np.testing.assert_array_equal(other, np.eye(3))
    f = jacfwd(same)
    first, second = f(np.ones(3)), f(np.ones(3))
    first[:] = 7.0
    np.testing.assert_array_equal(second, np.eye(3))


def test_chunks_of_directions() -> None:
    x = RNG.normal(size=(15, 10))
    found = jacfwd(lambda x: np.sin(x[:, :4]))(x)
    assert found.flags.c_contiguous
    expected = np.zeros((15, 4, 15, 10))
    for index in np.ndindex(15, 4):
        expected[(*index, *index)] = np.cos(x[index])
    np.testing.assert_allclose(found, expected)


def test_the_value_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first call a Jacobian by columns needs no forward sweep."""
    f = jacobian(lambda x, k: np.outer(x, np.arange(5.0)) * k)
    x = RNG.normal(size=3)
    first = f(x, 2.0)

    def fails(*_: Any) -> Any:
        raise AssertionError("a forward sweep")

    monkeypatch.setattr(Jacobian, "_point", fails)
    np.testing.assert_array_equal(f(x, 2.0), first)
    with pytest.raises(AssertionError, match="forward sweep"):
        f(np.ones(4), 2.0)


def chosen(x: Any) -> Any:
    return np.concatenate([x, x])[np.concatenate([x, x]) > 0] * 2.0


def other_form(x: Any) -> Any:
    y = np.concatenate([x, x**2])
    return y if x[0] > 0 else (y, x[0])


def no_number(x: Any) -> Any:
    return np.concatenate([x, x]) if x[0] > 0 else np.zeros(4, dtype=int)


def test_a_value_of_another_size_for_arguments_of_the_same_form() -> None:
    found = jacobian(chosen)
    for x in ([1.0, 2.0, 3.0], [1.0, -2.0, 3.0], [-1.0, -2.0, -3.0], [-1.0, 2.0, 1.0]):
        np.testing.assert_array_equal(found(np.array(x)), jacrev(chosen)(np.array(x)))


def test_a_value_of_another_form() -> None:
    found = jacobian(other_form)
    for sign in (1.0, -1.0, 1.0):
        x = sign * np.array([1.0, 2.0])
        expected = jacrev(other_form)(x)
        assert type(found(x)) is type(expected)
        for one, other in zip(found(x), expected, strict=True):
            np.testing.assert_array_equal(one, other)
    found = jacobian(no_number)
    assert found(np.ones(2)).shape == (4, 2)
    with pytest.raises(Exception, match="nothing that has a derivative"):
        found(-np.ones(2))


def test_several_arguments() -> None:
    def f(x: Any, y: Any) -> Any:
        return np.outer(x, y).ravel() * x[0]

    x, y = RNG.normal(size=2), RNG.normal(size=4)
    found = jacobian(f, ("x", "y"))
    for _ in range(2):
        for one, other in zip(found(x, y=y), jacrev(f, ("x", "y"))(x, y), strict=True):
            np.testing.assert_allclose(one, other)


def test_hessians_of_several_arguments() -> None:
    def f(x: Any, y: Any) -> Any:
        return np.sum(x**2) * np.sum(y**3)

    x, y = RNG.normal(size=2), RNG.normal(size=3)
    found = hessian(f, (0, 1))
    for _ in range(2):
        blocks = found(x, y)
        np.testing.assert_allclose(blocks[0][1], np.outer(2 * x, 3 * y**2))


def test_another_derivative_of_tangents() -> None:
    """The tangents of a gradient are a gradient's rows."""
    lowered = many_directions(grad(lambda x: np.sum(x**3)), ("x",)).lower((np.ones(3),), {})
    assert isinstance(lowered, Lowered)
    x = RNG.normal(size=3)
    np.testing.assert_allclose(lowered.function(x, np.eye(3)), np.diag(6 * x))
