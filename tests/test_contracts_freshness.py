"""Globals, closures and attributes as they are at the call; the derivative as an object."""

from __future__ import annotations

import copy
import inspect
import pickle
import types
from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, grad, jvp, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_near


def helper(v):
    return v * v * 2.0


# --- globals, closures, attributes: as they are at the call

SCALE = 2.0
WEIGHTS = np.array([1.0, 2.0])
COUNT = 3
OPTIONS = {"rate": 2.0, "w": np.ones(2)}
NUMBERS = [1.0, 2.0]
space = types.SimpleNamespace(scale=2.0)


def of_globals(x):
    y = x * SCALE
    for _ in range(COUNT):
        y = y * WEIGHTS
    return np.sum(y) * OPTIONS["rate"] * NUMBERS[0] * len(NUMBERS)


def of_function(x):
    return helper(x) * 3.0


def of_module(x):
    return settings.SCALE * settings.square(x)


settings = types.ModuleType("settings")
settings.SCALE = 2.0  # type: ignore[attr-defined]
settings.square = helper  # type: ignore[attr-defined]


def of_namespace(x):
    return space.scale * x * x


def test_a_default_given_later() -> None:
    def f(x, n=2):
        return x * x * n

    f.__defaults__ = (6,)
    assert grad(f)(1.0) == 12.0


def test_code_and_defaults_given_in_place() -> None:
    """As `%autoreload` of IPython does: the function stays the object that it was."""

    def inner(x, k=2.0, *, m=1.0):
        return x * k * m

    def f(x, n=3.0, *, q=1.0):
        return inner(x) * x * n * q

    def others(x, n=3.0, *, q=1.0):
        return inner(x) ** 3 * n * q

    def cubed(x, k=2.0, *, m=1.0):
        return x**3 * k * m

    df = grad(f)
    at = float(np.random.default_rng().uniform(0.5, 2.0))

    def is_fresh() -> None:
        for _ in range(2):
            assert df(at) == pytest.approx(central_differences(f, (at,), 0), rel=1e-6)

    is_fresh()
    f.__defaults__ = (5.0,)
    is_fresh()
    f.__kwdefaults__["q"] = 0.25
    is_fresh()
    inner.__defaults__ = (-1.0,)
    is_fresh()
    inner.__kwdefaults__ = {"m": 7.0}
    is_fresh()
    inner.__code__ = cubed.__code__
    is_fresh()
    f.__code__ = others.__code__
    is_fresh()


def test_other_parameters_given_in_place() -> None:
    def f(x, y):
        return x * y

    def other(y, x):
        return x * y**2

    df = grad(f)
    assert df(2.0, 3.0) == 3.0
    f.__code__ = other.__code__
    with pytest.raises(SrcgradError, match="the parameters of f have changed"):
        df(2.0, 3.0)


def test_siblings_watch_their_own_code() -> None:
    def make(k: float) -> Any:
        def f(x, n=1.0):
            return x * x * k * n

        return f

    made = [make(k) for k in (1.0, 2.0)]
    df = [grad(f) for f in made]
    assert [d(1.0) for d in df] == [2.0, 4.0]
    made[1].__defaults__ = (10.0,)
    assert [d(1.0) for d in df] == [2.0, 40.0]


@pytest.mark.parametrize(
    "change",
    [
        {"SCALE": 5.0},
        {"SCALE": 3},
        {"WEIGHTS": np.array([0.5, -1.0])},
        {"WEIGHTS": 2.0},
        {"COUNT": 0},
        {"OPTIONS": {"rate": 0.5}},
        {"NUMBERS": [3.0]},
    ],
    ids=repr,
)
def test_a_global_bound_anew(change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    df, x = grad(of_globals), np.array([1.0, -1.0])
    df(x)
    for name, value in change.items():
        monkeypatch.setitem(globals(), name, value)
    assert_near(df(x), central_differences(of_globals, [x], (0,))[0], rtol=1e-6)
    monkeypatch.undo()
    assert_near(df(x), central_differences(of_globals, [x], (0,))[0], rtol=1e-6)


def test_a_global_changed_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "WEIGHTS", WEIGHTS.copy())
    monkeypatch.setitem(globals(), "OPTIONS", dict(OPTIONS))
    monkeypatch.setitem(globals(), "NUMBERS", list(NUMBERS))
    df, x = grad(of_globals), np.array([1.0, -1.0])
    df(x)
    WEIGHTS[0] = 7.0
    OPTIONS["rate"] = 0.25
    NUMBERS.append(1.0)
    assert_near(df(x), central_differences(of_globals, [x], (0,))[0], rtol=1e-6)


def test_functions_and_attributes_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    df = [grad(f) for f in (of_function, of_module, of_namespace)]
    assert [d(3.0) for d in df] == [36.0, 24.0, 12.0]
    monkeypatch.setitem(globals(), "helper", lambda v: v * v * v)
    assert df[0](3.0) == 81.0
    monkeypatch.setattr(settings, "SCALE", 10.0)
    assert df[1](3.0) == 120.0
    monkeypatch.setattr(settings, "square", lambda v: v)
    assert df[1](3.0) == 10.0
    monkeypatch.setattr(space, "scale", 1.0)
    assert df[2](3.0) == 6.0


def test_closures_are_read_at_the_call() -> None:
    def make(k: Any, w: Any) -> Any:
        def f(x):
            return np.sum(k * x * w)

        def change(value: Any) -> None:
            nonlocal k
            k = value

        return f, change

    made = [make(float(i), np.ones(2)) for i in range(3)]
    derivatives = [grad(f) for f, _ in made]
    assert [df(np.ones(2)).tolist() for df in derivatives] == [[0, 0], [1, 1], [2, 2]]
    made[1][1](5.0)
    assert [df(np.ones(2)).tolist() for df in derivatives] == [[0, 0], [5, 5], [2, 2]]


def weighted(x):
    return np.sum(x * x * WEIGHTS)


def test_a_pullback_belongs_to_the_values_at_its_making(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "WEIGHTS", WEIGHTS.copy())
    held = np.array([1.0, 2.0])
    for f in (weighted, lambda x: np.sum(x * x * held)):
        value, pullback = vjp(f, np.ones(2))
        WEIGHTS[:] = 100.0
        held[:] = 100.0
        assert value == 3.0
        assert pullback(1.0)[0].tolist() == [2, 4]
        WEIGHTS[:] = [1.0, 2.0]
        held[:] = [1.0, 2.0]


# --- the derivative as an object


def documented(x, n: int = 2):
    """What it does."""
    y = x
    for _ in range(n):
        y = np.tanh(y) + x
    return np.sum(y)


def test_copies_pickles_and_its_looks() -> None:
    df, x = grad(documented), np.array([0.5, 1.0])
    expected = df(x)
    for other in (copy.copy(df), copy.deepcopy(df), pickle.loads(pickle.dumps(df))):
        np.testing.assert_array_equal(other(x), expected)
        np.testing.assert_array_equal(other(x, n=2), expected)
    np.testing.assert_array_equal(df.lower(x).function(x), expected)
    assert (df.__name__, df.__doc__, df.__module__) == ("documented", "What it does.", __name__)
    assert inspect.signature(df) == inspect.signature(documented)
    assert df.primal is documented
    assert inspect.getsource(df).startswith("def documented_grad(x, n")
    assert inspect.getsource(df).strip() in df.source


class Scaled:
    """Attributes that a class gives, which an instance may hide later."""

    factor = 2.0
    weights = np.array([1.0, 2.0])

    def act(self, v: float) -> float:
        return v * v

    @staticmethod
    def shift(v: float) -> float:
        return 3 * v

    def value(self, x: Any) -> float:
        return x[0] * self.factor + self.act(x[1]) * self.weights[1] + self.shift(x[0])


def test_an_attribute_of_the_class_hidden_by_the_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = Scaled(), np.random.default_rng().normal(size=2)
    directly = grad(model.value)

    def use(x: Any) -> float:
        return model.value(x)

    inside = grad(use)

    def check() -> None:
        (wanted,) = central_differences(model.value, (x,), (0,))
        for derivative in (directly, inside):
            assert_near(derivative(x), wanted, rtol=1e-6)
        _, slope = jvp(use, (x,), (np.ones(2),))
        assert_near(slope, np.sum(wanted), rtol=1e-6)

    check()
    model.factor = 7.0
    check()
    model.weights = np.array([5.0, 6.0])
    check()
    monkeypatch.setattr(model, "act", lambda v: 10 * v)
    check()
    monkeypatch.setattr(Scaled, "shift", staticmethod(lambda v: 5 * v))
    check()
    del model.factor
    check()
