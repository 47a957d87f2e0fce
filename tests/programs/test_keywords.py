"""What calls spread: dicts over the parameters of functions, sequences over operands."""

import math

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, jacfwd
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def layer(x, w, b, *, act):
    return np.sum(act * np.tanh(x @ w + b))


def line(x, w, b=1.0, scale=2.0):
    return np.sum(x @ w) * b * scale


def long_layer(x, w, b):
    for _ in range(2):
        x = np.tanh(x @ w + b)
    return np.sum(x * x)


def all_of_them(p, x):
    return layer(x, **p)


def beside_others(p, x):
    return layer(x, **{"w": p["w"], "b": p["b"]}, act=p["act"]) + layer(x, act=0.5, **p["rest"])


def in_a_loop(p, x):
    total = 0.0
    for q in p:
        total = total + layer(x, **q)
    return total


def of_a_function_that_is_paired(p, x):
    return long_layer(x, **p) + long_layer(x[:1], **p) ** 2


def of_a_nested_function(p, x):
    def inner(w, b, act):
        return layer(x, w, b, act=act)

    return inner(**p) * 2.0


def of_a_lambda(p, x):
    f = lambda w, b, act: np.sum(w * b * act)
    return f(**p) + np.sum(x)


def passed_on(x, w, **others):
    return line(x, w, **others)


def through_another(p, x):
    return passed_on(x, **p)


def made():
    return {"w": RNG.normal(size=(2, 2)), "b": 0.3, "act": RNG.normal(size=2)}


def x_of():
    return RNG.normal(size=(3, 2))


ROWS = [
    (all_of_them, lambda: made()),
    (beside_others, lambda: made() | {"rest": {"w": RNG.normal(size=(2, 2)), "b": -0.2}}),
    (in_a_loop, lambda: [made(), made()]),
    (of_a_function_that_is_paired, lambda: {"w": RNG.normal(size=(2, 2)), "b": 0.3}),
    (of_a_nested_function, made),
    (of_a_lambda, made),
]


@pytest.mark.parametrize("program, params", ROWS, ids=lambda f: getattr(f, "__name__", ""))
def test_gradients(program, params):
    check_grads(program, (params(), x_of()), argnums=(0, 1))
    p, x = params(), x_of()
    np.testing.assert_allclose(jacfwd(program, 1)(p, x), grad(program, 1)(p, x), atol=1e-12)


def test_defaults_stand_for_what_is_not_there():
    def spread(p, x):
        return line(x, **p)

    w, x = RNG.normal(size=2), x_of()
    for p in (
        {"w": w},
        {"w": w, "scale": 0.7},
        {"b": 0.2, "w": w},
        {"scale": 3.0, "b": 0.2, "w": w},
    ):
        check_grads(spread, (p, x), argnums=(0, 1))
        assert list(grad(spread)(p, x)) == list(p)


def test_keywords_that_are_passed_on():
    w, x = RNG.normal(size=2), x_of()
    np.testing.assert_allclose(grad(passed_on)(x, w, b=3.0), grad(line)(x, w, 3.0))
    np.testing.assert_allclose(grad(passed_on)(x, w), grad(line)(x, w))


def test_other_keywords_are_refused():
    p, x = made(), x_of()
    with pytest.raises(TypeError, match="z: the keywords are w, b, act"):
        grad(all_of_them)(p | {"z": 1.0}, x)
    del p["act"]
    with pytest.raises(KeyError, match="act"):
        grad(all_of_them)(p, x)


def spread_over_a_library(p, x):
    return np.sum(np.clip(x, **p))


def spread_twice(p, x):
    return layer(x, **p["a"], **p["b"])


@pytest.mark.parametrize("program", [spread_over_a_library, spread_twice, through_another])
def test_refusals(program):
    with pytest.raises(UnsupportedError, match=r"which keywords `\*\*p.*` gives is not known"):
        grad(program)(made() | {"a": {"w": 1.0}}, x_of())


# Functions of numbers or arrays say how many operands they take.


def pairs(x):
    p = (x[0], x[1])
    halves = np.maximum(*np.split(x, 2))
    return np.hypot(*p) + math.atan2(*p) + halves[0] + np.power(*x[2:4])


def in_a_loop_of_pairs(x):
    d = x[:2] - x[2:4]
    total = np.arctan2(*d)
    for q in (d, d * 2):
        total = total + np.logaddexp(*q)
    return total + math.copysign(*d[::-1])


@pytest.mark.parametrize("program", [pairs, in_a_loop_of_pairs], ids=lambda f: f.__name__)
def test_operands(program):
    check_grads(program, (RNG.uniform(0.3, 1.3, size=6),))


def test_another_number_of_operands_is_refused():
    def length(x, q):
        return np.hypot(*q) * x

    assert grad(length)(2.0, [3.0, 4.0]) == 5.0
    with pytest.raises(ValueError, match="too many values to unpack"):
        grad(length)(2.0, [3.0, 4.0, 1.0])


def of_any_number(x):
    return math.hypot(*x)


def with_an_option(x):
    return np.sum(np.cross(*x.reshape(2, 3)))


@pytest.mark.parametrize("program", [of_any_number, with_an_option])
def test_numbers_of_operands_that_are_not_known(program):
    with pytest.raises(UnsupportedError, match="how many items"):
        grad(program)(np.ones(6))
