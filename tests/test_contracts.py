"""What a gradient looks like, and what a result must be: structures, zeros, auxiliary results."""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from srcgrad import check_grads, grad, jacobian, trees, value_and_grad, vjp
from srcgrad.differences import central_differences
from srcgrad.errors import SrcgradError, UnsupportedError
from tests.agreement import assert_near


def line_of(f: Callable[..., Any], text: str) -> int:
    """The line of this file on which `text` stands in `f`."""
    lines, first = inspect.getsourcelines(f)
    return next(first + i for i, line in enumerate(lines) if text in line)


def arrays(tree: Any) -> list[Any]:
    return [leaf for leaf in trees.flatten(tree)[0] if isinstance(leaf, np.ndarray)]


def x3() -> Any:
    return np.array([1.0, 2.0, 3.0])


# --- structured arguments


class Point(NamedTuple):
    w: Any
    b: Any


@dataclasses.dataclass(frozen=True)
class Frozen:
    w: Any
    b: Any = 2.0
    name: str = "a"


@dataclasses.dataclass(slots=True)
class Slots:
    w: Any
    b: Any
    n: int = 3


@dataclasses.dataclass
class Checked:
    w: Any
    b: Any

    def __post_init__(self) -> None:
        if self.b < 1:
            raise ValueError("b must be at least 1")


class Attributes(dict):  # type: ignore[type-arg]
    """A subclass of dict."""


def by_field(p):
    return np.sum(p.w * p.w) * p.b


def by_position(p):
    w, b = p
    return np.sum(w * w) * b


def by_index(p):
    return np.sum(p[0] ** 2) * p[-1]


def by_key(p):
    return np.sum(p["w"] ** 2) * p["b"]


def by_items(p):
    total = 0.0
    for key, value in p.items():
        if key != "name":
            total = total + np.sum(value * value)
    return total


def by_values(p):
    total = 0.0
    for value in p.values():
        total = total + np.sum(value**3)
    return total


def by_iteration_over_keys(p):
    total = 0.0
    for key in p:
        total = total + np.sum(p[key] ** 2)
    return total


def layers(p):
    y = np.ones(2)
    for w, b in p:
        y = np.tanh(y @ w + b)
    return np.sum(y)


def deep(p):
    return np.sum(p["layers"][0]["w"]) * p["layers"][1]["w"] * p["scale"][0] + p["scale"][1][0]


@pytest.mark.parametrize(
    ("f", "argument"),
    [
        (by_field, Point(x3(), 2.0)),
        (by_position, Point(x3(), 2.0)),
        (by_index, Point(x3(), 2.0)),
        (by_index, [x3(), 2.0]),
        (by_position, (x3(), np.float32(2.0))),
        (by_field, Frozen(x3())),
        (by_field, Slots(x3(), 1.5)),
        (by_field, Checked(x3(), 5.0)),
        (by_key, {"w": x3(), "b": 2.0}),
        (by_key, OrderedDict(w=x3(), b=2.0)),
        (by_key, Attributes(w=x3(), b=2.0)),
        (by_key, {"w": x3(), "b": 2.0, "n": 3, "name": "n", "on": True, "none": None, "more": []}),
        (by_items, {"w": x3(), "name": "text", "b": 2.0}),
        (by_values, {"w": x3(), "b": 2.0}),
        (layers, [(np.eye(2), np.ones(2)), (np.ones((2, 2)), np.zeros(2))]),
        (layers, ((np.eye(2), np.ones(2)),)),
        (deep, {"layers": [{"w": x3()}, {"w": 2.0, "act": "tanh"}], "scale": (3.0, [1.0, None])}),
    ],
    ids=lambda v: getattr(v, "__name__", type(v).__name__),
)
def test_a_gradient_has_the_arguments_structure(f: Callable[..., Any], argument: Any) -> None:
    before = copy.deepcopy(argument)
    found = grad(f)(argument)
    leaves, structure = trees.flatten(found)
    given, expected_structure = trees.flatten(argument)
    assert structure == expected_structure
    for leaf, other in zip(leaves, given, strict=True):
        if trees.is_float_leaf(other):
            assert np.shape(leaf) == np.shape(other)
            assert np.asarray(leaf).dtype == np.asarray(other).dtype
        else:
            assert leaf is other or leaf == other
    check_grads(f, (argument,))
    for leaf, other in zip(arrays(argument), arrays(before), strict=True):
        np.testing.assert_array_equal(leaf, other)
    assert not any(np.shares_memory(a, b) for a in arrays(found) for b in arrays(argument))


def test_a_loop_over_keys_is_one_over_a_list_of_them() -> None:
    given = {"w": x3(), "b": 2.0}
    (expected,) = central_differences(by_iteration_over_keys, (given,), (0,))
    found = grad(by_iteration_over_keys)(given)
    assert_near(found["w"], expected["w"], rtol=1e-6)
    assert_near(found["b"], expected["b"], rtol=1e-6)


def named_result(p, k):
    return {"double": p.w * 2, "pair": (p.b * k, p.w), "k": [k]}


def test_a_pullback_takes_seeds_of_the_values_structure() -> None:
    value, pullback = vjp(named_result, Point(x3(), 3.0), 2.0)
    assert set(value) == {"double", "pair", "k"}
    p_bar, k_bar = pullback({"double": np.ones(3), "pair": (1.0, x3()), "k": [4.0]})
    assert type(p_bar) is Point
    np.testing.assert_array_equal(p_bar.w, [3, 4, 5])
    assert (p_bar.b, k_bar) == (2.0, 7.0)
    for bad, reason in [
        (np.ones(3), "another structure"),
        ({"double": np.ones(3)}, "another structure"),
        ({"double": np.ones(2), "pair": (1.0, x3()), "k": [4.0]}, r"shape \(2,\)"),
        ({"double": np.ones(3), "pair": (x3(), x3()), "k": [4.0]}, "the value is a number"),
    ]:
        with pytest.raises(SrcgradError, match=reason):
            pullback(bad)


# --- unused and constant


def unused(x, y, p):
    return np.sum(y) * 2


def constant(x):
    return 3.0


def counted(x):
    return len(x) + x.shape[0] * 2


def cut(x):
    return np.sum(np.floor(x)) + np.argmax(x) + float(np.sum(x > 1))


def test_what_is_not_used_has_zeros_of_its_own_form() -> None:
    x, p = np.ones((2, 1), np.float32), {"a": np.ones(2), "s": "text", "n": (1.5, 7)}
    dx, dy, dp = grad(unused, (0, 1, 2))(x, x3(), p)
    assert (dx.shape, dx.dtype, dx.tolist()) == ((2, 1), np.float32, [[0], [0]])
    assert dy.tolist() == [2, 2, 2]
    assert (dp["a"].tolist(), dp["s"], dp["n"]) == ([0, 0], "text", (0.0, 7))
    assert vjp(unused, x, x3(), p)[1](1.0)[2]["n"] == (0.0, 7)


@pytest.mark.parametrize("f", [constant, counted, cut])
def test_a_constant_has_gradient_zero(f: Callable[..., Any]) -> None:
    found = grad(f)(np.array([0.5, 1.5], np.float32))
    assert (found.tolist(), found.dtype) == ([0, 0], np.float32)
    value, gradient = value_and_grad(f)(x3())
    assert (value, gradient.tolist()) == (f(x3()), [0, 0, 0])
    (found,) = vjp(f, x3())[1](1.0)
    assert found.tolist() == [0, 0, 0]


# --- results that are no number


def returns_array(x):
    if x[0] > 100:
        return np.sum(x)
    return x * 2


def returns_tuple(x):
    return x, x


def returns_dict(x):
    y = np.sum(x)
    return {"a": y}


def returns_none(x):
    y = np.sum(x)
    y = y * 2
    return None


def falls_off_the_end(x):
    if x[0] > 100:
        return np.sum(x)


def returns_a_tuple_at_times(x):
    if x[0] > 100:
        return np.sum(x)
    return np.sum(x), 1


@pytest.mark.parametrize(
    ("f", "text", "what"),
    [
        (returns_array, "return x * 2", "array"),
        (returns_tuple, "return x, x", "tuple"),
        (returns_dict, "return {", "dict"),
        (returns_none, "return None", "None"),
        (returns_a_tuple_at_times, "return np.sum(x), 1", "tuple"),
    ],
)
def test_grad_of_no_number_names_the_return_line(f: Any, text: str, what: str) -> None:
    for make in (grad, value_and_grad):
        with pytest.raises(UnsupportedError, match=rf"needs a scalar result.*{what}") as error:
            make(f)(x3())
        (problem,) = error.value.problems
        assert problem.file == __file__
        assert problem.line == line_of(f, text)
        assert text in problem.source
        assert "vjp" in problem.remedy


def returns_one_element(x):
    return x[:1] ** 2


def returns_the_number_in_it(x):
    return (x[:1] ** 2).item()


def test_an_array_of_one_element_is_not_taken_for_its_number() -> None:
    with pytest.raises(UnsupportedError, match=r"an array of rank 2[\s\S]*\.item\(\)"):
        grad(returns_one_element)(np.ones((1, 1)))
    x = np.random.default_rng().normal(size=(1, 1))
    np.testing.assert_allclose(grad(returns_the_number_in_it)(x), 2 * x, rtol=1e-12)


def sums_along(x, axis):
    return np.sum(x**2, axis=axis)


def test_a_result_that_the_run_shows_to_be_an_array_has_no_gradient() -> None:
    x = np.random.default_rng().normal(size=(3, 2))
    np.testing.assert_allclose(grad(sums_along)(x, None), 2 * x, rtol=1e-12)
    np.testing.assert_allclose(grad(sums_along)(x, (0, 1)), 2 * x, rtol=1e-12)
    cubes = jacobian(grad(sums_along))(x[:, 0], (0,))
    np.testing.assert_allclose(cubes, 2 * np.eye(3), rtol=1e-12)
    for axis in (0, (1,)):
        for make in (grad, value_and_grad):
            with pytest.raises(TypeError, match=r"scalar result; the shape of this one is \("):
                make(sums_along)(x, axis)


def test_a_path_without_a_return_has_no_gradient() -> None:
    with pytest.raises((SrcgradError, TypeError), match="None"):
        grad(falls_off_the_end)(x3())


def with_aux(w, x):
    y = w * x
    return np.sum(y * y), {"y": y, "label": "text"}


def test_auxiliary_results_are_handed_through() -> None:
    w, x = np.ones(3), x3()
    gradient, aux = grad(with_aux, has_aux=True)(w, x)
    np.testing.assert_array_equal(gradient, [2, 8, 18])
    np.testing.assert_array_equal(aux["y"], x)
    assert aux["label"] == "text"
    (value, aux), (dw, dx) = value_and_grad(with_aux, (0, 1), has_aux=True)(w, x)
    assert value == 14.0
    np.testing.assert_array_equal(dw, [2, 8, 18])
    np.testing.assert_array_equal(dx, [2, 4, 6])
    assert not np.shares_memory(aux["y"], dx)
    for f in (returns_array, by_key):
        with pytest.raises(SrcgradError):
            grad(f, has_aux=True)({"w": w, "b": 1.0} if f is by_key else w)
