"""Functions as values, and objects, against central differences: live and ahead of time."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, transform, value_and_grad, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_all_near
from tests.programs import closures, functional, local_functions, objects

MODULES: tuple[ModuleType, ...] = (closures, functional, local_functions, objects)
# Ahead of time nothing is known of the arguments, and these are refused.
REFUSED_AHEAD = {
    *(name for name, fn in vars(objects).items() if inspect.isfunction(fn)),  # classes: live only
}


def programs() -> list[Callable[..., Any]]:
    """Every public function of the modules that takes `x` and `s`."""
    found = []
    for module in MODULES:
        for name, fn in inspect.getmembers(module, inspect.isfunction):
            own = fn.__module__ == module.__name__ and not name.startswith("_")
            if own and list(inspect.signature(fn).parameters) == ["x", "s"]:
                found.append(fn)
    return found


def inputs(seed: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    return rng.random(5) + 0.5, float(rng.random() + 0.3)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("program", programs(), ids=lambda fn: fn.__name__)
def test_gradient(program: Callable[..., Any], seed: int) -> None:
    args = inputs(seed)
    expected = central_differences(lambda *a: program(*copy.deepcopy(a)), args, (0, 1))
    given = copy.deepcopy(args)
    value, gradient = value_and_grad(program, (0, 1))(*given)
    np.testing.assert_array_equal(given[0], args[0])
    np.testing.assert_allclose(value, program(*copy.deepcopy(args)), rtol=1e-13)
    assert_all_near(gradient, expected)
    value, pullback = vjp(program, *given)
    assert_all_near(pullback(1.0), expected)


@pytest.mark.parametrize("program", programs(), ids=lambda fn: fn.__name__)
def test_gradient_ahead_of_time(program: Callable[..., Any]) -> None:
    args = inputs(4)
    expected = central_differences(lambda *a: program(*copy.deepcopy(a)), args, (0, 1))
    path = Path(inspect.getsourcefile(program) or "")
    try:
        text = transform(path, functions=[program.__name__], wrt=["x", "s"])
    except UnsupportedError:
        assert program.__name__ in REFUSED_AHEAD
        return
    assert program.__name__ not in REFUSED_AHEAD
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    assert_all_near(namespace[f"{program.__name__}_grad"](*copy.deepcopy(args)), expected)


def escaping_from_a_loop(x, s):
    g = np.sin
    for i in range(3):
        y = g(s)

        def g(z, k=y):
            return z * k

    return y


def kept_from_one_iteration(x, s):
    def make(a):
        return lambda z: z * a

    keep = None
    for i in range(3):
        t = make(s * (i + 1))
        if i == 0:
            keep = t
    return keep(s)


def list_that_a_loop_fills(x, s):
    fs = []
    for i in range(3):
        fs.append(lambda z: z * i)
    return fs[0](s)


def replaced_in_a_table(x, s):
    table = {"f": np.sin}
    table["f"] = np.cos
    return table["f"](s)


def object_returned(x, s):
    return objects.Point(s)


def object_changed_and_replaced(x, s):
    p = objects.Point(s)
    for _ in range(3):
        p = objects.Point(p.a * s)
    p.scale(2.0)
    return p.a


REFUSED = {
    escaping_from_a_loop: "`g` holds another function or object in another iteration",
    kept_from_one_iteration: "`keep` holds a function or an object on some paths only",
    list_that_a_loop_fills: "a function is used as a value",
    replaced_in_a_table: "a container that lowering keeps is changed",
    object_returned: "an object of class `Point` is used as a value",
    object_changed_and_replaced: "`Point` is changed, and a loop replaces another",
}


@pytest.mark.parametrize(("program", "reason"), REFUSED.items(), ids=lambda v: str(v)[:30])
def test_refused(program: Callable[..., Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        value_and_grad(program)(*inputs(1))


def test_the_text_speaks_of_the_functions_own_lines() -> None:
    text = value_and_grad(closures.called_twice_with_the_same_names, "s").lower(*inputs(1)).source
    lines = inspect.getsourcelines(closures.called_twice_with_the_same_names)
    at = {line.strip(): lines[1] + i for i, line in enumerate(lines[0])}
    assert text.count(f"# :{at['y = z * z * k']} y = z * z * k") == 2
    assert "y_1 = s * s * 2.0" in text
    assert "lambda" not in text
    assert "@" not in text
