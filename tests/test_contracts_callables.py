"""Whatever can be called, under whatever names."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math as m
from collections.abc import Callable
from typing import Any

import numpy
import numpy as np
import numpy as xp
import pytest
from numpy import sin as sine
from numpy.linalg import norm as length

from srcgrad import check_grads, grad, jvp, value_and_grad, vjp
from srcgrad.differences import central_differences
from srcgrad.errors import SrcgradError, UnsupportedError
from tests.agreement import assert_near

# --- argnums and calls


def model(w, x, b=1.0):
    return np.sum(w * x * x) + b * b


@pytest.mark.parametrize(
    ("argnums", "names"),
    [
        (0, "w"),
        ("x", "x"),
        (-1, "b"),
        ((0,), ["w"]),
        ((1, 0), ["x", "w"]),
        (("b", 0), ["b", "w"]),
        (["w", "x", "b"], ["w", "x", "b"]),
    ],
)
def test_argnums_by_position_and_name(argnums: Any, names: Any) -> None:
    w, x = np.array([1.0, 2.0]), np.array([3.0, 0.5])
    expected = dict(zip("wxb", central_differences(model, [w, x, 2.0], (0, 1, 2)), strict=True))
    derivatives = [grad(model, argnums), grad(model, argnums=argnums), grad(argnums=argnums)(model)]
    for df in derivatives:
        for found in (df(w, x, 2.0), df(w, b=2.0, x=x), df(b=2.0, x=x, w=w)):
            assert isinstance(found, tuple) == isinstance(names, list)
            parts = found if isinstance(names, list) else (found,)
            for name, part in zip(names, parts, strict=True):
                assert_near(part, expected[name], rtol=1e-6)
    value, found = value_and_grad(model, argnums)(w, x)
    assert value == model(w, x)
    assert isinstance(found, tuple) == isinstance(names, list)


@pytest.mark.parametrize("argnums", [3, -4, "q", (0, 0), (0, "w"), (), True, (0, None), 1.5])
def test_argnums_that_name_nothing(argnums: Any) -> None:
    with pytest.raises(SrcgradError, match=r"argnums|argument|parameter"):
        grad(model, argnums)


def test_wrong_calls_are_type_errors_as_of_the_function() -> None:
    w = np.ones(2)
    for args, kwargs in [
        ((w,), {}),
        ((w, w, 1.0, 2.0), {}),
        ((w, w), {"q": 1}),
        ((w, w), {"w": w}),
    ]:
        with pytest.raises(TypeError):
            model(*args, **kwargs)
        with pytest.raises(TypeError):
            grad(model)(*args, **kwargs)


def kinds_of_parameters(x, /, y, *, z=2.0, mode="a"):
    return x * y * z if mode == "a" else x + y


def test_positional_only_keyword_only_and_defaults() -> None:
    df = grad(kinds_of_parameters, ("x", "y", "z"))
    assert inspect.signature(df) == inspect.signature(kinds_of_parameters)
    assert df(2.0, 3.0) == (6.0, 4.0, 6.0)
    assert df(2.0, y=3.0, z=5.0) == (15.0, 10.0, 6.0)
    assert df(2.0, 3.0, mode="b") == (1.0, 1.0, 0.0)
    with pytest.raises(TypeError):
        df(x=2.0, y=3.0)
    with pytest.raises(TypeError):
        df(2.0, 3.0, 4.0)


def test_variable_parameters() -> None:
    def star(x, *args, k=1.0):
        total = x * args[0] * k
        for a in args:
            total += a * a
        return total

    def double(x, **options):
        return x * options["k"]

    assert grad(star)(2.0, 3.0, 4.0) == 3.0
    assert grad(star, "args")(2.0, 3.0, 4.0, k=2.0) == (10.0, 8.0)
    assert str(inspect.signature(grad(star))) == "(x, *args, k=1.0)"
    assert grad(double)(2.0, k=5.0, q=1.0) == 5.0
    assert grad(double, "options")(2.0, k=5.0, q=1.0) == {"k": 2.0, "q": 0.0}
    assert grad(star, 2)(2.0, 3.0, 4.0) == 8.0
    assert grad(star, (0, 1))(2.0, 3.0, 4.0, k=2.0) == (6.0, 10.0)
    assert grad(double, "k")(2.0, k=5.0, q=1.0) == 2.0
    assert vjp(star, 2.0, 3.0)[1](1.0) == (3.0, 8.0)
    assert jvp(star, (2.0, 3.0), (1.0, 10.0)) == (15.0, 83.0)
    assert vjp(lambda *xs: xs[0] * xs[1], 2.0, 3.0)[1](1.0) == (3.0, 2.0)


def test_decorated_functions() -> None:
    def twice(f):
        @functools.wraps(f)
        def wrapper(*args, **kw):
            return f(*args, **kw) * 2

        return wrapper

    @twice
    def square(x, k=1.0):
        return x * x * k

    assert grad(square)(3.0) == 12.0
    assert grad(square, ("x", "k"))(3.0, k=2.0) == (24.0, 18.0)
    assert grad(functools.lru_cache(square))(3.0) == 12.0


class Accumulator:
    def __init__(self) -> None:
        self.w, self.state, self.memory, self.act = 1.5, 0.0, np.zeros(3), np.tanh

    def step(self, x):
        return self.act(self.w * x)

    def loss(self, x):
        self.state = self.state + x * x
        for i in range(3):
            self.state += self.step(x) * i
        return self.state * self.w

    def stores(self, x):
        memory = self.memory
        memory[0] = x
        return self.memory[0] * x


def test_an_object_is_never_changed_by_a_derivative() -> None:
    model = Accumulator()
    slope = 1.5 * (2 * 0.7 + 3 * 1.5 * (1 - np.tanh(1.5 * 0.7) ** 2))
    for _ in range(2):
        assert grad(model.loss)(0.7) == pytest.approx(slope)
        assert (model.w, model.state, model.memory.tolist()) == (1.5, 0.0, [0.0, 0.0, 0.0])
    df = grad(model.loss)
    df(0.7)
    model.act = np.sin
    assert df(0.7) == pytest.approx(1.5 * (2 * 0.7 + 3 * 1.5 * np.cos(1.5 * 0.7)))
    with pytest.raises(UnsupportedError, match="may write into an array or container of an object"):
        grad(model.stores)(0.7)


# --- names


def helper(v):
    return v * v * 2.0


def common_names(g, out, dtype, x_bar, x_tape, residuals, pullback):
    y = g * out
    for _ in range(3):
        y = y * dtype + m.sin(x_bar) * x_tape
        y = y * residuals
    return y * pullback


def modules_as_numbers(np, math):
    return xp.sum(np * xp.log(np) / math)


def derivatives_as_numbers(x, grad, vjp, f_grad, derivatives_as_numbers_forward):
    return helper(x) * grad * vjp * f_grad * derivatives_as_numbers_forward


def builtins_as_numbers(sum, len, range, float, isinstance, tuple):
    return sum * len * range * float * isinstance * tuple


def loop_builtins_as_numbers(x, zip, enumerate, reversed, list):
    y = x * zip
    for factor in [1.5, 2.0]:
        y = y * y * enumerate * factor
    return y * reversed * list


def helpers_as_numbers(x, unbroadcast, own, zeros_like, expand_reduced):
    y = np.zeros(3)
    y[:] = x * unbroadcast
    return np.sum(np.mean(y, axis=0) * own) * zeros_like * expand_reduced


def adjoints_as_numbers(x_bar, x_bar_1):
    x = x_bar * 2
    out_1 = x * x_bar_1
    out_bar_1 = out_1 * out_1
    return out_bar_1 * x


def odd_names(_, __x, é, class_, λ):
    return _ * __x * é * class_ * λ


def other_spellings(x):
    return sine(x) * xp.cos(x) * numpy.exp(x) * m.sqrt(x) + length(xp.array([x, x]))


NAMED = [
    common_names, modules_as_numbers, derivatives_as_numbers, builtins_as_numbers,
    loop_builtins_as_numbers, helpers_as_numbers, adjoints_as_numbers, odd_names, other_spellings,
]  # fmt: skip


@pytest.mark.parametrize("f", NAMED, ids=lambda f: f.__name__)
def test_names_mean_what_they_mean_in_the_function(f: Callable[..., Any]) -> None:
    args = [0.5 + 0.25 * i for i in range(len(inspect.signature(f).parameters))]
    wanted = tuple(range(len(args)))
    expected = central_differences(f, args, wanted)
    assert_near(grad(f, wanted)(*args), expected, rtol=1e-6)
    assert_near(value_and_grad(f, wanted)(*args)[1], expected, rtol=1e-6)
    value, pullback = vjp(f, *args)
    assert value == pytest.approx(f(*args))
    assert_near(pullback(1.0), expected, rtol=1e-6)


def test_a_local_name_hides_a_module() -> None:
    def f(x, sine):
        length = sine * x
        return length * xp.sin(length)

    check_grads(f, (0.5, 2.0))


# --- what can be called


class Quadratic:
    def __init__(self, k: Any) -> None:
        self.k = k

    def loss(self, x):
        return np.sum(self.k * x * x)

    def __call__(self, x, y=1.0):
        return np.sum(self.k * x) * y

    @staticmethod
    def plain(x):
        return np.sum(x * x)

    @classmethod
    def of_class(cls, x):
        return np.sum(x * x * x)

    @grad(argnums="x")
    def decorated(self, x):
        return np.sum(self.k * x * x)

    @value_and_grad(argnums=1)
    def with_value(self, x):
        return np.sum(self.k * x)

    @staticmethod
    @grad
    def static(x):
        return np.sum(x * x)


class Called:
    """Its methods have the names of marks that the compiler puts on functions."""

    def call(self, x):
        return np.sum(x * x)

    def primal(self, x):
        return np.sum(x**3)

    def again(self, x):
        return self.call(x) + self.primal(x)


def test_any_name_will_do() -> None:
    def call(x):
        return np.sum(np.sin(x))

    model, x = Called(), np.array([0.3, -0.2])
    for f in (model.call, model.primal, model.again, call):
        assert_near(grad(f)(x), central_differences(f, (x,), (0,))[0], rtol=1e-6)


@dataclasses.dataclass
class Line:
    w: Any
    b: float

    @grad
    def slope(self, x):
        return np.sum(self.w * x) ** 2 + self.b


def test_methods_and_objects() -> None:
    q, x = Quadratic(3.0), np.array([1.0, 2.0])
    assert grad(q.loss)(x).tolist() == [6, 12]
    assert grad(q)(x).tolist() == [3, 3]
    assert grad(q, "y")(x) == 9.0
    assert grad(Quadratic.plain)(x).tolist() == [2, 4]
    assert grad(q.of_class)(x).tolist() == [3, 12]
    assert grad(Quadratic.loss, "x")(q, x).tolist() == [6, 12]
    assert q.decorated(x).tolist() == [6, 12]
    assert Quadratic.static(x).tolist() == q.static(x).tolist() == [2, 4]
    value, gradient = q.with_value(x)
    assert (value, gradient.tolist()) == (9.0, [3, 3])
    bound = grad(q.loss)
    assert bound(x).tolist() == [6, 12]
    q.k = 1.0
    assert bound(x).tolist() == q.decorated(x).tolist() == [2, 4]
    line = Line(np.ones(2), 1.0).slope(x)
    assert type(line) is Line
    assert (line.w.tolist(), line.b) == ([6, 12], 1.0)
    with pytest.raises(SrcgradError, match="argument `self` is a Quadratic"):
        grad(Quadratic.loss)(q, x)


def affine(a, x, b=1.0, c=2.0):
    return a * x * x * b + c


def test_partial_functions() -> None:
    df = grad(functools.partial(affine, 3.0, b=2.0))
    assert str(inspect.signature(df)) == "(x, *, b=2.0, c=2.0)"
    assert df(2.0) == 24.0
    assert df(2.0, b=1.0) == 12.0
    assert grad(functools.partial(affine, 3.0), ("x", "b"))(2.0) == (12.0, 12.0)
    nested = functools.partial(functools.partial(affine, b=0.5), 4.0)
    assert grad(nested)(3.0) == 12.0
    held = functools.partial(lambda x, w: np.sum(x * w), w=np.arange(3.0))
    assert grad(held)(np.ones(3)).tolist() == [0, 1, 2]


def test_lambdas() -> None:
    assert grad(lambda x: x * x)(3.0) == 6.0
    square, cube = (lambda x: x * x, lambda x: x * x * x)
    assert (grad(square)(2.0), grad(cube)(2.0)) == (4.0, 12.0)
    table = {"a": lambda x, k=2.0: np.sum(x) * k, "b": lambda x: np.sum(x * x)}
    assert grad(table["a"])(np.ones(2)).tolist() == [2, 2]
    assert grad(table["b"])(np.ones(2)).tolist() == [2, 2]


def test_library_functions() -> None:
    x = np.array([0.5, 2.0])
    for f, slope in [(np.tanh, 1 - np.tanh(x) ** 2), (np.exp, np.exp(x)), (np.abs, np.sign(x))]:
        value, pullback = vjp(f, x)
        np.testing.assert_array_equal(value, f(x))
        np.testing.assert_allclose(pullback(np.ones(2))[0], slope)
    assert [g.tolist() for g in vjp(np.multiply, x, x + 1)[1](np.ones(2))] == [[1.5, 3], [0.5, 2]]
    assert grad(np.sum)(x).tolist() == [1, 1]
    assert grad(np.mean)(x).tolist() == [0.5, 0.5]
    assert grad(m.exp)(0.0) == 1.0
    assert grad(m.pow, (0, 1))(2.0, 3.0) == (12.0, pytest.approx(8 * m.log(2)))
    np.testing.assert_allclose(grad(np.linalg.norm)(x), x / length(x))


def test_what_has_no_source_is_refused_with_a_reason() -> None:
    space: dict[str, Any] = {}
    exec("def f(x): return x * x", space)
    with pytest.raises(SrcgradError, match="no source text for `f`"):
        grad(space["f"])(2.0)
    with pytest.raises(SrcgradError):
        grad(np.sort)(np.ones(3))
    for thing in (np.ones(3), {"a": 1}):
        with pytest.raises(SrcgradError):
            grad(thing)
