"""Files written ahead of time, called with arguments of kinds that their text was not told of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcgrad import grad, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_near

RNG = np.random.default_rng()


def both(text: str, *wrt: str) -> tuple[Any, Any]:
    """The function `f` of a text, and its gradient, as they run alone."""
    space: dict[str, Any] = {}
    exec(f"import numpy as np\n\n\n{text}", space)
    names = wrt if len(wrt) > 1 else wrt[0]
    exec(transform(f"import numpy as np\n\n\n{text}", functions=["f"], wrt=names), made := {})
    return space["f"], made["f_grad"]


# --- dicts have keys, not places

WALK = """
def f(x{kind_x}, nodes{kind}):
    s = 1.0
    for k in {items}:
        s = s * x[k] + nodes[k]
    return s
"""
NODES = {2: 1, 0: 2, 1: 0}  # places that are keys, too


@pytest.mark.parametrize("items", ["nodes", "reversed(nodes)"])
@pytest.mark.parametrize("kind", ["", ": dict", ": dict[int, int]"])
def test_a_loop_over_a_dict_is_right_or_refused(items: str, kind: str) -> None:
    f, f_grad = both(WALK.format(kind=kind, items=items, kind_x=": np.ndarray"), "x")
    x = RNG.normal(size=3)
    if not kind:  # only the run can tell
        with pytest.raises(TypeError, match="a dict is looped over: annotate it"):
            f_grad(x, NODES)
    else:
        assert_near(f_grad(x, NODES), central_differences(f, (x, NODES), 0), 1e-6)


@pytest.mark.parametrize("nodes", [[2, 0, 1], (1, 0), range(3), np.array([0, 2])], ids=str)
def test_what_has_places_is_looped_over_untold(nodes: Any) -> None:
    f, f_grad = both(WALK.format(kind="", items="nodes", kind_x="").replace("nodes[k]", "k"), "x")
    x = RNG.normal(size=3)
    assert_near(f_grad(x, nodes), central_differences(f, (x, nodes), 0), 1e-6)


def backwards(x, nodes):
    s = 1.0
    for k in reversed(nodes):
        s = s * x[k] + nodes[k]
    return s


def test_a_dict_looped_over_backwards() -> None:
    x = RNG.normal(size=3)
    expected = central_differences(backwards, (x, NODES), 0)
    assert_near(grad(backwards)(x, NODES), expected, 1e-6)


# --- what is stored into an array of integers is cut off

READ = "def f(x{0}, w{0}):\n    return x[0] * w[-1] + x[1] ** 2\n"
STORED = (
    "def f(x{0}, w{0}):\n    y = x.copy()\n    y[1:] *= w[1:]\n"
    "    y[0] = w[0]\n    return np.sum(y)\n"
)
LOOPED = (
    "def f(x{0}, w{0}):\n    s = 0.0\n    for i in range(len(x)):\n"
    "        s = 0.5 * s + x[i] * w[i]\n    return s\n"
)


@pytest.mark.parametrize("text", [READ, STORED, LOOPED])
@pytest.mark.parametrize("kind", ["", ": np.ndarray"])
@pytest.mark.parametrize("place", [0, 1])
def test_arrays_of_integers_are_refused(text: str, kind: str, place: int) -> None:
    f, f_grad = both(text.format(kind), "x", "w")
    args = [RNG.normal(size=4), RNG.normal(size=4)]
    for found, expected in zip(f_grad(*args), central_differences(f, args, (0, 1)), strict=True):
        assert_near(found, expected, 1e-6)
    for dtype in (int, np.uint8, bool):
        args[place] = np.ones(4, dtype)
        with pytest.raises(TypeError, match="has no derivative: pass one of floats"):
            f_grad(*args)


@pytest.mark.parametrize("mode", ["value_and_grad", "vjp", "jvp"])
def test_so_they_are_in_other_modes(mode: Any) -> None:
    made: dict[str, Any] = {}
    exec(transform(READ.format(""), functions=["f"], wrt=("x", "w"), mode=mode), made)
    args = [np.ones(4, int), np.ones(4)]
    with pytest.raises(TypeError, match="has no derivative: pass one of floats"):
        made[f"f_{mode}"](*args, *(args if mode == "jvp" else ()))


def test_elements_are_not_looked_at_where_nothing_is_cut_off() -> None:
    f, f_grad = both("def f(x, w):\n    return np.sum(np.tanh(x * w) ** 2)\n", "x", "w")
    x, w = np.array([1, -2, 0]), RNG.normal(size=3)
    expected = central_differences(f, [x.astype(float), w], (0, 1))
    for found, right in zip(f_grad(x, w), expected, strict=True):
        np.testing.assert_allclose(found, right, 1e-6, 1e-9)


def test_promised_floats_are_not_checked() -> None:
    text = "def f(x: 'Float[np.ndarray, \"n\"]'):\n    return x[0] ** 2\n"
    assert "floats" not in transform(f"import numpy as np\n\n\n{text}")
