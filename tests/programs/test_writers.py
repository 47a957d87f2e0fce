"""Programs that write into arrays by functions and through integer arrays: live and ahead of time
against differences, or refused in so many words."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, transform, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import index_stores, writers

SHARED = "is read after memory it may share was written"
UNSEEN = "a differentiated value is handed to a function whose effect is unknown"
HELPERS = {"exponential_into", "scatter_and_square", "doubled_and_cut"}
REFUSED_AHEAD = {
    "out_is_a_view": SHARED,
    "out_overlaps_operands": SHARED,
    "at_through_a_view": SHARED,
    "two_names": SHARED,
    "copied_within": SHARED,
    "dead_view_written": SHARED,
    "helper_that_writes": SHARED,
    "buffers_in_containers": SHARED,
    "put_into_places": UNSEEN,
    "put_where": UNSEEN,
    "view_sorted": UNSEEN,
    "sorted_twice": UNSEEN,
}
NO_PULLBACK = {"view_sorted", "sorted_twice"}  # methods, of what is no array for all that is known
PROGRAMS = {
    name: fn
    for module in (index_stores, writers)
    for name, fn in vars(module).items()
    if inspect.isfunction(fn) and name not in HELPERS
}


def text_of(name: str) -> str:
    return transform(Path(inspect.getfile(PROGRAMS[name])), functions=[name], wrt=["x"])


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradient(name: str) -> None:
    fn = PROGRAMS[name]
    x = np.random.default_rng().random(6) + 0.2
    given = x.copy()
    (expected,) = central_differences(lambda x: fn(x.copy()), (x,), (0,))
    assert_near(grad(fn)(given), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(given, x)


@pytest.mark.parametrize("name", PROGRAMS)
def test_pullback(name: str) -> None:
    """A pullback is called more than once; some stores it can only undo, or refuses to."""
    x = np.random.default_rng().random(6) + 0.2
    try:
        _, pullback = vjp(PROGRAMS[name], x.copy())
    except UnsupportedError as error:
        assert name in NO_PULLBACK, error
        return
    assert name not in NO_PULLBACK
    for _ in range(2):
        (found,) = pullback(1.0)
        np.testing.assert_allclose(found, grad(PROGRAMS[name])(x), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in REFUSED_AHEAD])
def test_gradient_ahead_of_time(name: str) -> None:
    x = np.random.default_rng().random(6) + 0.2
    given = x.copy()
    namespace: dict[str, Any] = {}
    exec(text_of(name), namespace)
    (found,) = namespace[f"{name}_grad"](given)
    np.testing.assert_allclose(found, grad(PROGRAMS[name])(x), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(given, x)


@pytest.mark.parametrize("name", REFUSED_AHEAD)
def test_refused_ahead_of_time(name: str) -> None:
    with pytest.raises(UnsupportedError, match=REFUSED_AHEAD[name]):
        text_of(name)


def test_order_that_is_not_defined() -> None:
    """Which of two values is kept follows the layout of both arrays: that raises."""

    def stored(x: Any, rows: Any) -> Any:
        y = np.zeros(3)
        y[rows] = x
        return np.sum(y**2)

    rows = np.array([[0, 1], [0, 2]])
    x = np.random.default_rng().random((2, 2))
    (expected,) = central_differences(lambda x: stored(x, rows), (x,), (0,))
    assert_near(grad(stored)(x, rows), expected, rtol=1e-6, atol=1e-8)
    with pytest.raises(ValueError, match="names an element twice"):
        grad(stored)(x, np.asfortranarray(rows))
