"""Lists and dicts that change: right against central differences, or refused with a reason."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, transform, value_and_grad
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import containers, containers_more, iterators

PROGRAMS = [
    f
    for module in (containers, containers_more, iterators)
    for _, f in inspect.getmembers(module, inspect.isfunction)
]
REFUSED = {
    "deque",
    "dict_under_two_keys",
    "one_array_appended_again_and_again",
    "one_list_twice",
    "one_row_repeated",
    "rows_of_an_array",
    "slice_replaced",
}
# Refused where nothing is known of the arguments, before anything runs or by a test in the text.
REFUSED_AHEAD = REFUSED | {
    "grouped_by_setdefault",
    "nest_written",
    "view_of_an_array_in_a_dict",
    "array_made_a_list",
    "copies_by_library",
    "list_sorted_in_place",
    "argument_in_a_dict_written",
    "array_written_after_it_was_listed",
    "arrays_of_a_list_changed",
    "arrays_written_through_the_list",
    "copy_of_a_dict_shares_arrays",
    "display_of_a_dict_shares_arrays",
    "elimination_on_lists",
    "extended_by_arrays",
    "layers_as_dicts",
    "list_in_a_tuple",
    "list_under_two_names",
    "nested_parameters_changed",
    "repeated_sliced_joined",
    "table_filled_by_recurrence",
    "two_halves_changed",
}
GUARD = "an item is written that is no number"


def inputs(program: Callable[..., Any], seed: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    if program.__code__.co_argcount == 1:
        return (rng.random(5) + 0.5,)
    return tuple(float(v) for v in rng.random(program.__code__.co_argcount) + 0.5)


def expected(program: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    wrt = tuple(range(len(args)))
    return central_differences(lambda *a: program(*copy.deepcopy(a)), args, wrt)


def agree(found: Any, wanted: Any) -> None:
    for ours, theirs in zip(found, wanted, strict=True):
        assert_near(ours, theirs, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda fn: fn.__name__)
def test_live(program: Callable[..., Any], seed: int) -> None:
    args = inputs(program, seed)
    given = copy.deepcopy(args)
    wrt = tuple(range(len(args)))
    if program.__name__ in REFUSED:
        with pytest.raises(UnsupportedError):
            value_and_grad(program, wrt)(*given)
        return
    value, found = value_and_grad(program, wrt)(*given)
    np.testing.assert_allclose(value, program(*copy.deepcopy(args)), rtol=1e-13)
    agree(found, expected(program, args))
    agree(given, args)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda fn: fn.__name__)
def test_ahead_of_time(program: Callable[..., Any]) -> None:
    args, name = inputs(program, 3), program.__name__
    wrt = tuple(inspect.signature(program).parameters)
    path = Path(inspect.getsourcefile(program) or "")
    namespace: dict[str, Any] = {}
    try:
        exec(transform(path, functions=[name], wrt=wrt), namespace)
        found = namespace[f"{name}_grad"](*copy.deepcopy(args))
    except UnsupportedError:
        assert name in REFUSED_AHEAD
        return
    except TypeError as error:
        assert GUARD in str(error) and name in REFUSED_AHEAD
        return
    assert name not in REFUSED_AHEAD
    agree(found if isinstance(found, tuple) else (found,), expected(program, args))
