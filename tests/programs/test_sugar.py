"""Programs in richer syntax against central differences: live, and ahead of time or refused."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, transform, value_and_grad
from srcgrad.differences import central_differences
from tests.agreement import assert_all_near
from tests.programs import attempts, attempts_more, comprehensions, contexts, displays, matching

MODULES: tuple[ModuleType, ...] = (
    attempts,
    attempts_more,
    comprehensions,
    contexts,
    displays,
    matching,
)
# Ahead of time nothing is known of the arguments, and these may be refused; the others must not.
MAY_BE_REFUSED = {
    "break_and_continue_inside",
    "contexts_in_a_while_loop",
    "list_and_context_inside",
    "manager_that_gives_a_number",
    "return_from_a_loop_inside",
    "return_in_both_arms",
    "three_contexts",
    "count_by_sum",
    "import_in_a_loop",
    "list_from_a_star",
    "list_filled_by_handlers",
    "list_replaced_in_a_branch_of_a_loop",
    "loop_over_a_filtered_list_of_pairs",
    "pairs_by_zip_and_enumerate",
    "rows_of_rows",
    "running_total_by_walrus",
    "stars_in_a_list_and_a_tuple",
    "the_iterable_has_the_name_of_the_items",
    "walrus_in_the_test_of_a_conditional",
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


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("program", programs(), ids=lambda fn: fn.__name__)
def test_gradient(program: Callable[..., Any], seed: int) -> None:
    rng = np.random.default_rng(seed)
    args = (rng.random(5) + 0.5, float(rng.random() + 0.3))
    expected = central_differences(lambda *a: program(*copy.deepcopy(a)), args, (0, 1))
    value, gradient = value_and_grad(program, (0, 1))(*copy.deepcopy(args))
    np.testing.assert_allclose(value, program(*copy.deepcopy(args)), rtol=1e-13)
    assert_all_near(gradient, expected)
    path = Path(inspect.getsourcefile(program) or "")
    try:
        text = transform(path, functions=[program.__name__], wrt=["x", "s"])
    except UnsupportedError:
        assert program.__name__ in MAY_BE_REFUSED
        return
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    assert_all_near(namespace[f"{program.__name__}_grad"](*copy.deepcopy(args)), expected)


def untouched(x, s):
    keep = [i for i in range(len(x)) if i != 2]  # all but one
    y = np.array([x[i] * s for i in keep])
    return np.sum(y * y)


def test_comprehensions_without_a_derivative_are_printed_as_they_stand() -> None:
    derivative = grad(untouched)
    derivative(np.arange(4.0), 2.0)
    assert "    keep = [i for i in range(len(x)) if i != 2]  # all but one\n" in derivative.source
