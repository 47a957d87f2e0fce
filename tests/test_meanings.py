"""Functions of several modules in one file, where a name means something else in each."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, hessian, jvp, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_near

MODULE = """
import numpy as np

SCALE = {scale}
TABLE = [SCALE, 2.0 * SCALE]


def part(x):
    return np.{reduce}(x) * SCALE


def block(x):
    r = 0.0
    for k in range(3):
        r = r + np.sum(x) * k * SCALE + TABLE[1]
    while r > 50:
        r = r / 2
    return r + part(x)
"""

PROGRAMS = """
import numpy as np

import first
import second
from first import block
from first import block as one
from second import block as other
from srcgrad import checkpoint, checkpointed, grad


def active(x):
    return first.block(x) * second.block(x)


def active_under_other_names(x):
    return one(x) * other(x)


def passive(x):
    c = one(np.ones(3))
    d = other(np.ones(3))
    return np.sum(x * c * d)


def passive_inside_an_expression(x):
    return np.sum(x) * first.block(np.ones(3)) * other(np.ones(3))


def both_names_of_one(x):
    c = one(np.ones(3))
    return np.sum(x) * block(np.ones(3)) * c


def name_of_a_variable(x):
    block = x * 2
    return np.sum(block * first.block(np.ones(3)))


def checkpoints(x):
    for _ in checkpointed(range(4), snapshots=2):
        x = np.sin(x) * (1 + 0.01 * other(x) + 0.01 * one(np.ones(3)))
    return np.sum(x)


def run_again(x):
    return checkpoint(one)(x) * checkpoint(other)(x)


def derivatives_inside(x):
    return np.sum(grad(one)(x) * grad(other)(x))


def variables_named_like_helpers(x):
    share_extremum = x * 2
    unbroadcast = np.max(np.outer(x, share_extremum), axis=1)
    return np.sum(unbroadcast * np.maximum(x, share_extremum) * one(x))


def share_extremum(x):
    r = 0.0
    for k in range(3):
        r = r + np.sum(x) * k
    return r


def name_of_a_helper(x):
    c = share_extremum(np.ones(3))
    return np.sum(np.max(np.outer(x, x), axis=1)) * c
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("modules")
    texts = {
        "first": MODULE.format(scale=2.0, reduce="sum"),
        "second": MODULE.format(scale=3.0, reduce="prod"),
        "named_twice": PROGRAMS,
    }
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("named_twice")
    finally:
        sys.path.remove(str(folder))
        for name in texts:
            sys.modules.pop(name, None)


NAMES = [
    line.split()[1].partition("(")[0] for line in PROGRAMS.splitlines() if line.startswith("def")
]


def assert_right(f: Callable[..., Any], gradient: Callable[..., Any]) -> None:
    x = np.random.default_rng().uniform(0.5, 1.5, 3)
    (expected,) = central_differences(f, (x,), (0,))
    assert_near(gradient(x), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_each_function_reads_its_own_names(programs: Any, name: str) -> None:
    f = getattr(programs, name)
    assert_right(f, grad(f))
    assert_right(f, lambda x: np.array([jvp(f, (x,), (e,))[1] for e in np.eye(3)]))


REFUSED_AHEAD = {"run_again", "derivatives_inside"}


@pytest.mark.parametrize("name", NAMES)
def test_ahead_of_time(programs: Any, name: str) -> None:
    if name in REFUSED_AHEAD:
        with pytest.raises(UnsupportedError, match="`TABLE` means another thing in the caller"):
            transform(Path(programs.__file__), functions=[name])
        return
    text = transform(Path(programs.__file__), functions=[name])
    namespace: dict[str, Any] = {}
    exec(compile(text, "generated", "exec"), namespace)
    assert_right(getattr(programs, name), namespace[f"{name}_grad"])


def powers(k: float, g: Any = np.sin) -> Callable[[Any], Any]:
    def inner(x: Any) -> Any:
        r = 0.0
        for j in range(3):
            r = r + np.sum(x) * j * k  # captured
        while r > 100:
            r = r / 2
        return r + np.sum(g(x)) * k + sum([k * 0.5 for k in (1.0, 2.0)])

    return inner


two, three = powers(2.0), powers(3.0, np.cos)


def product(x: Any) -> Any:
    return two(x) * three(x) + two(np.ones(3)) * three(np.ones(3)) * np.sum(x)


def test_functions_of_one_def_read_what_each_captured() -> None:
    assert_right(product, grad(product))
    x = np.random.default_rng().uniform(0.5, 1.5, 3)
    found = hessian(product)(x)
    rows = [(grad(product)(x + e) - grad(product)(x - e)) / 2e-5 for e in 1e-5 * np.eye(3)]
    np.testing.assert_allclose(found, rows, rtol=1e-5, atol=1e-6)


def test_the_text_reads_as_each_function_was_written(programs: Any) -> None:
    text = grad(programs.passive).lower(np.ones(3)).source
    assert "SCALE = 2.0\nSCALE_2 = 3.0\n" in text
    assert "one = block\n" in text
    assert "r = r + np.sum(x) * k * SCALE_2 + TABLE_2[1]" in text
    assert text.count("def block(x):") == text.count("def other(x):") == 1


FALLBACK = """
try:
    import cupy as xp
except ImportError:
    import numpy as xp


def f(x):
    return xp.sum(x * x)
"""


def handed(x: Any, xp: Any) -> Any:
    return xp.mean(x * x)


@pytest.mark.parametrize(
    "text", [FALLBACK, "from parts import *\n\n\ndef f(x):\n    return np.sum(x * x)\n"]
)
@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_a_module_that_is_not_known_is_not_taken_for_an_array(text: str, mode: Any) -> None:
    with pytest.raises(UnsupportedError, match="a method of what is not known"):
        transform(text, functions=["f"], mode=mode)


def test_nor_is_one_that_is_an_argument() -> None:
    with pytest.raises(UnsupportedError, match="a method of what is not known"):
        grad(handed)(np.ones(3), np)
