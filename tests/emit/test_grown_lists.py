"""Lists that only grow by what is read of them: they are gone where nothing else reads them."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_near


def apart(x: Any) -> Any:
    turns, places = [np.sin(x)], [x]
    for k in range(3):
        places.append(turns[k] * x + places[k])
        turns.append(turns[k] * x)
    return np.sum(turns[-1])


def by_turns(x: Any) -> Any:
    places, others = [x], [x]
    for k in range(3):
        places.append(others[k])
        others.append(places[k] * 3.0)
    return np.sum(x**2)


def counted(x: Any) -> Any:
    places = [x]
    for k in range(3):
        places.append(places[k] * 2.0)
    return np.sum(x) * len(places)


def looked_at(x: Any) -> Any:
    places = [x]
    for k in range(3):
        places.append(places[k] + 1.0)
    return np.sum(x**3) if places[-1][0] > 3.5 else np.sum(x)


def renamed(x: Any) -> Any:
    places = [x]
    same = places
    for k in range(3):
        places.append(places[k] * 2.0)
    return np.sum(same[-1] * x)


def inside(x: Any) -> Any:
    places = [[x]]
    for k in range(3):
        places[0].append(x * k)
    return np.sum(places[0][-1])


def read_later(x: Any) -> Any:
    places = [x]
    for k in range(2):
        places.append(places[k] * 2.0)
        x = x * places[-1]
    return np.sum(x)


def emptied(x: Any) -> Any:
    places = [x, x**2]
    for _ in range(2):
        places.append(x)
    return np.sum(places.pop() * places.pop())


def while_short(x: Any) -> Any:
    places = [x]
    while len(places) < 4:
        places.append(places[-1] * x)
    return np.sum(places[-1])


GONE = [apart, by_turns]
KEPT = [counted, looked_at, renamed, inside, read_later, emptied, while_short]


@pytest.mark.parametrize("f", [*GONE, *KEPT])
def test_values(f: Callable[..., Any]) -> None:
    for x in np.random.default_rng(3).uniform(0.2, 1.2, size=(3, 2)):
        assert_near(grad(f)(x), central_differences(f, (x,), 0), rtol=1e-5)


@pytest.mark.parametrize("f", GONE)
@pytest.mark.parametrize("mode", ["grad", "tangents"])
def test_they_are_gone(f: Callable[..., Any], mode: Any) -> None:
    source = "from typing import Any\nimport numpy as np\n" + textwrap.dedent(inspect.getsource(f))
    text = transform(source, mode=mode, at={"x": np.ones(2)})
    code = [line for line in text.splitlines() if not line.strip().startswith("#")]
    assert not any("places" in line for line in code)
