"""Random numbers are drawn once, and differentiated with regard to their parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, transform
from srcgrad.check import check_grads
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.rules.second_order import draws

NUMBERS = (0.4, 0.7)
ARRAYS = (np.array([0.3, 0.5, 0.2]), np.array([0.6, 0.9, 1.2]))
PROGRAMS = [
    *(draws.normal, draws.normal_by_the_module, draws.location_and_scale, draws.uniform),
    *(draws.positive, draws.power_laws, draws.walk),
]


@pytest.mark.parametrize("args", [NUMBERS, ARRAYS], ids=["numbers", "arrays"])
@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_samples_follow_their_parameters(function: Callable[..., Any], args: Any) -> None:
    check_grads(function, args, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("function", PROGRAMS[:-1], ids=lambda f: f.__name__)
def test_twice(function: Callable[..., Any]) -> None:
    def squares(a: Any, b: Any) -> Any:
        return np.sum(function(a, b) ** 2)

    check_grads(squares, NUMBERS, order=2, rtol=1e-4, atol=1e-5)


def test_a_generator_is_left_where_the_primal_leaves_it() -> None:
    def f(x: Any, rng: Any) -> Any:
        return np.sum(rng.normal(x, 1.0) ** 2)

    ours, theirs = np.random.default_rng(5), np.random.default_rng(5)
    x = np.array([0.3, 1.2])
    np.testing.assert_allclose(grad(f)(x, ours), 2 * theirs.normal(x, 1.0))
    assert ours.random() == theirs.random()


def test_ahead_of_time() -> None:
    names = [f.__name__ for f in PROGRAMS]
    text = Path(draws.__file__).read_text(encoding="utf-8")
    text += "".join(f"\n\ndef {n}_total(a, b):\n    return np.sum({n}(a, b) ** 2)\n" for n in names)
    module: dict[str, Any] = {}
    exec(transform(text, functions=[f"{name}_total" for name in names]), module)
    for function in PROGRAMS:

        def whole(a: Any, b: Any, f: Callable[..., Any] = function) -> Any:
            return np.sum(f(a, b) ** 2)

        found = module[f"{function.__name__}_total_grad"](*NUMBERS)
        assert_near(found, central_differences(whole, NUMBERS, 0), rtol=1e-5)
