"""Code of the user's on gradients: it runs in the backward sweep, and nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import (
    UnsupportedError,
    grad,
    gradient_of,
    hessian,
    jvp,
    on_gradient,
    transform,
    vjp,
)
from tests.programs import surgery

CASES = [pytest.param(f, by_hand, id=f.__name__) for f, by_hand in surgery.PROGRAMS]


def arguments() -> tuple[Any, float, float]:
    return np.random.default_rng().normal(size=4), 0.7, 1.3


def assert_same(found: Any, expected: Any) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("f", "by_hand"), CASES)
def test_live(f: Any, by_hand: Any) -> None:
    x, w, c = arguments()
    assert_same(grad(f, (0, 1, 2))(x, w, c), by_hand(x, w, c))
    assert_same(grad(f, (0, 1))(x, w, c), by_hand(x, w, c)[:2])
    _, pull = vjp(f, x, w, c)
    for _ in range(2):
        assert_same(pull(1.0), by_hand(x, w, c))


@pytest.mark.parametrize(("f", "by_hand"), CASES)
def test_ahead_of_time(f: Any, by_hand: Any) -> None:
    text = transform(Path(surgery.__file__), functions=[f.__name__], wrt=("x", "w", "c"))
    assert "srcgrad" not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    x, w, c = arguments()
    assert_same(namespace[f"{f.__name__}_grad"](x.copy(), w, c), by_hand(x, w, c))


@pytest.mark.parametrize(("f", "by_hand"), CASES)
def test_the_derivative_of_what_is_made_of_the_gradient(f: Any, by_hand: Any) -> None:
    x, w, c = arguments()
    found = hessian(f)(x, w, c)
    for i, row in enumerate(np.eye(4) * 1e-6):
        slope = (by_hand(x + row, w, c)[0] - by_hand(x - row, w, c)[0]) / 2e-6
        np.testing.assert_allclose(found[:, i], slope, rtol=1e-4, atol=1e-6)


def test_looking_on() -> None:
    x = np.array([0.1, 0.5, -0.3])
    h = np.tanh(x * 0.7)
    surgery.SEEN.clear()
    assert surgery.watched(x, 0.7) == np.sum(h**2)
    assert surgery.SEEN == []
    _, tangent = jvp(surgery.watched, (x, 0.7), (np.ones(3), 0.0))
    assert surgery.SEEN == []
    found = grad(surgery.watched)(x, 0.7)
    np.testing.assert_allclose(found, 2 * h * (1 - h**2) * 0.7)
    np.testing.assert_allclose(tangent, np.sum(found))
    np.testing.assert_allclose(surgery.SEEN, [np.sum(2 * h)])


def test_hooks_that_look_on() -> None:
    x = np.array([0.1, 0.5, -0.3])
    h = np.tanh(x * 0.7)
    surgery.SEEN.clear()
    _, tangent = jvp(surgery.collected, (x, 0.7), (np.ones(3), 0.0))
    assert surgery.SEEN == []
    found = grad(surgery.collected)(x, 0.7)
    last = 2 * np.array([2 * h[1], h[1], h[2]])
    first = np.array([0.0, last[1] + 2 * last[0], last[2]])
    np.testing.assert_allclose(surgery.SEEN, [last, first])
    np.testing.assert_allclose(found, first * (1 - h**2) * 0.7)
    np.testing.assert_allclose(tangent, np.sum(found))


def test_hooks_of_the_run() -> None:
    """What is called need not be known before; methods of objects know what they have seen."""

    def f(x: Any, hook: Any) -> Any:
        return np.sum(gradient_of(x * x, hook))

    class Monitor:
        def __init__(self) -> None:
            self.seen: list[Any] = []

        def look(self, g: Any) -> None:
            self.seen.append(np.sum(g))

    monitor = Monitor()
    x = np.array([0.1, 0.5, -0.3])
    for hook, factor in ((lambda g: 3 * g, 3.0), (lambda g: None, 1.0), (monitor.look, 1.0)):
        np.testing.assert_allclose(grad(f)(x, hook), 2 * factor * x)
    np.testing.assert_allclose(grad(lambda x: f(x, monitor.look))(x), 2 * x)
    assert monitor.seen == [3.0, 3.0]
    with pytest.raises(ValueError, match="another shape"):
        grad(f)(x, lambda g: np.sum(g))
    squares = hessian(lambda x, hook: np.sum(gradient_of(x * x, hook) ** 2))
    np.testing.assert_allclose(squares(x, lambda g: 3 * g), np.diag(36 * x**2))


def test_the_body_is_skipped() -> None:
    done = []

    def f(x: float) -> float:
        for _ in range(2):
            with on_gradient(x) as x_bar:
                done.append(x_bar)
                x = 7.0
            x += 1.0
        with on_gradient(x) as x_bar: done.append(1)  # fmt: skip  # noqa: E701
        try:
            with on_gradient(x) as x_bar, on_gradient(x_bar) as _:
                raise ValueError
        finally:
            x += 1.0
        return x

    before = sys.gettrace()
    assert f(1.0) == 4.0
    assert done == []
    assert sys.gettrace() is before


def refusal(f: Any) -> str:
    with pytest.raises(UnsupportedError) as raised:
        grad(f)(np.ones(3))
    return str(raised.value)


def test_forward_mode_runs_no_such_code() -> None:
    x, w, c = arguments()
    for f, _ in surgery.PROGRAMS:
        with pytest.raises(UnsupportedError, match="which forward mode does not run"):
            jvp(f, (x, w, c), (x, 0.0, 0.0))


def test_what_is_refused() -> None:
    def unbound(x):
        with on_gradient(y) as y_bar:  # noqa: F821
            print(y_bar)
        y = x * 2
        return np.sum(y)

    def of_an_item(x):
        with on_gradient(x[0]) as x_bar:
            print(x_bar)
        return np.sum(x)

    def left(x):
        for _ in range(3):
            with on_gradient(x) as x_bar:
                if x_bar[0] > 1:
                    break
        return np.sum(x)

    def counted(x):
        n = 0
        with on_gradient(x) as x_bar:
            n = n + np.sum(x_bar)
        return np.sum(x) + n

    def collected(x):
        seen = []
        with on_gradient(x) as x_bar:
            seen.append(x_bar)
        return np.sum(x)

    def inside(x):
        y = x**3
        with on_gradient(y) as y_bar:  # noqa: SIM117
            with on_gradient(y_bar) as twice:
                twice *= 2
        return np.sum(y)

    def appended(x):
        seen = []
        return np.sum(gradient_of(x * x, seen.append))

    def without(x):
        return np.sum(gradient_of(x * x))

    def of_nothing(x):
        return np.sum(gradient_of(x * x, None))

    def of_a_function(x):
        return np.sum(gradient_of(np.sin, print)(x))

    for f in (without, of_nothing, of_a_function):
        assert "of `gradient_of` is not known" in refusal(f)
    assert "changes `seen` of its surroundings" in refusal(appended)
    assert "code on a gradient inside code on a gradient" in refusal(inside)
    assert "`y` has no value here" in refusal(unbound)
    assert "this use of `on_gradient` is not known" in refusal(of_an_item)
    assert "the body of `on_gradient` is left" in refusal(left)
    assert "`n` is read before it has a value" in refusal(counted)
    assert "changes `seen` of its surroundings" in refusal(collected)


def test_what_is_passed_on_is_checked() -> None:
    def summed(x):
        with on_gradient(x) as x_bar:
            x_bar = np.sum(x_bar)
        return np.sum(x)

    def dropped(x):
        with on_gradient(x) as x_bar:
            x_bar = None  # noqa: F841
        return np.sum(x)

    with pytest.raises(ValueError, match="another shape"):
        grad(summed)(np.ones(3))
    with pytest.raises(TypeError, match="gives None"):
        grad(dropped)(np.ones(3))
