"""Programs that draw, call hidden code, give lists for arrays, or share memory: live and ahead of
time against differences, or refused in so many words."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, jvp, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import arraylikes, drawing, shared_names

NEEDED = "this call may change memory that the derivative still needs"
SHARED = "is read after memory it may share was written"
REFUSED = {
    "weights_shuffled": NEEDED,
    "weights_shuffled_by_the_module": NEEDED,
    "drawn_into": NEEDED,
    "differentiated_mean": "`.noncentral_chisquare` has no derivative rule",
    "differentiated_array_shuffled": "a differentiated value is handed to a function whose effect",
    "buffer_needed_after_the_next_step": NEEDED,
    "written_after_it_was_kept": SHARED,
    "read_after_del": "`y` may be read after `del y`",
    "perhaps_read_after_del": "`y` may be read after `del y`",
    "items_of_a_copied_list": SHARED,
    "one_list_of_two": SHARED,
    "one_of_two_written": SHARED,
    "part_of_one_of_two": SHARED,
    "one_of_two_in_a_loop": SHARED,
    "knowledge_through_a_choice": SHARED,
}
REFUSED_AHEAD = {
    "list_and_array": "a list or tuple is added to what may be one, or an array",
}
PROGRAMS = {
    name: fn
    for module in (arraylikes, drawing, shared_names)
    for name, fn in vars(module).items()
    if inspect.isfunction(fn) and fn.__module__ == module.__name__ and name[0] != "_"
}
WRITTEN = [name for name in PROGRAMS if name.startswith("written_")]
RIGHT = [name for name in PROGRAMS if name not in {*REFUSED, *WRITTEN}]


def arguments(fn: Callable[..., Any], seed: int) -> tuple[Any, ...]:
    x = np.random.default_rng(seed).random(3) + (0.2 if seed % 2 else 0.0)
    return (x, drawing.Buffered()) if "source" in inspect.signature(fn).parameters else (x,)


def differences(fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    (expected,) = central_differences(lambda *given: fn(*copy.deepcopy(given)), args, (0,))
    return expected


def text_of(name: str) -> str:
    return transform(Path(inspect.getfile(PROGRAMS[name])), functions=[name], wrt=["x"])


@pytest.mark.parametrize("seed", [1, 2, 4])
@pytest.mark.parametrize("name", RIGHT)
def test_gradient(name: str, seed: int) -> None:
    fn = PROGRAMS[name]
    args = arguments(fn, seed)
    expected = differences(fn, args)
    assert_near(grad(fn)(*copy.deepcopy(args)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in RIGHT if name not in REFUSED_AHEAD])
def test_gradient_ahead_of_time(name: str) -> None:
    args = arguments(PROGRAMS[name], 3)
    namespace: dict[str, Any] = {}
    exec(text_of(name), namespace)
    (found,) = namespace[f"{name}_grad"](*copy.deepcopy(args))
    np.testing.assert_allclose(found, grad(PROGRAMS[name])(*args), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name: str) -> None:
    fn = PROGRAMS[name]
    with pytest.raises(UnsupportedError) as caught:
        grad(fn)(*arguments(fn, 1))
    assert REFUSED[name] in str(caught.value)


@pytest.mark.parametrize("name", sorted(REFUSED_AHEAD))
def test_refused_ahead_of_time(name: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        text_of(name)
    assert REFUSED_AHEAD[name] in str(caught.value)


def test_items_taken_for_numbers_are_checked() -> None:
    text = text_of("number_of_an_array")
    assert "number(" in text
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    with pytest.raises(TypeError, match="annotate the parameters"):
        namespace["number_of_an_array_grad"](np.ones((3, 2)))


def test_written_arguments_that_share_memory() -> None:
    x = np.random.default_rng(5).random(3)
    apart, both = shared_names.written_argument, shared_names.written_item_of_an_argument
    expected = central_differences(lambda a, b: apart(a.copy(), b), (x, x.copy()), (0, 1))
    found = grad(apart, ("a", "b"))(x, x.copy())
    assert_near(found, expected, rtol=1e-6)
    np.testing.assert_allclose(grad(both)([x], x.copy())[0], expected[0], rtol=1e-6, atol=1e-9)
    for fn, args in ((apart, (x, x)), (both, ([x], x)), (both, ([x], x[::-1]))):
        with pytest.raises(ValueError, match="shares memory with another"):
            grad(fn)(*args)
    with pytest.raises(ValueError, match="shares memory with another"):
        grad(shared_names.written_item_of_two)([x, x])


SHARED = np.ones(3)


def reads_the_array_of_the_module(x: np.ndarray) -> float:
    total = 0.0
    for k in range(3):
        total = total + np.sum(SHARED * x) * k
    while total > 100:
        total = total / 2
    return total


def writes_what_a_callee_reads(x: np.ndarray, y: np.ndarray) -> float:
    y[0] = 5 * x[0]
    return reads_the_array_of_the_module(x)


def test_a_written_argument_that_a_callee_reads_of_its_module() -> None:
    x = np.random.default_rng(8).random(3)
    np.testing.assert_allclose(grad(writes_what_a_callee_reads)(x, np.ones(3)), 3 * np.ones(3))
    with pytest.raises(ValueError, match="shares memory with another"):
        grad(writes_what_a_callee_reads)(x, SHARED)


def test_a_captured_array_that_is_only_handed_on_is_no_other_argument() -> None:
    given = np.random.default_rng(7).random(3)

    def scaled(x: np.ndarray, y: np.ndarray) -> float:
        y[1:] *= x[:-1]
        return float(np.sum(x * y * x))

    def inside(x: np.ndarray) -> np.ndarray:
        return grad(scaled)(x, given)

    x, dot = np.random.default_rng().random((2, 3))
    slope = (inside(x + 1e-6 * dot) - inside(x - 1e-6 * dot)) / 2e-6
    np.testing.assert_allclose(jvp(inside, (x,), (dot,))[1], slope, rtol=1e-6, atol=1e-8)


def test_a_generator_that_is_an_argument() -> None:
    def noisy(x, rng):
        return np.sum(x * rng.normal(size=3)) + np.sum(x**2 * rng.normal(size=3))

    x = np.random.default_rng(6).random(3)
    rng = np.random.default_rng(7)
    first, second = rng.normal(size=3), rng.normal(size=3)
    found = grad(noisy)(x, np.random.default_rng(7))
    np.testing.assert_allclose(found, first + 2 * x * second)
