"""Every program against central differences: live, ahead of time and alone, arguments unchanged."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_all_near
from tests.programs import algorithms, arrays, control, memory, stencils

Inputs = Callable[..., tuple[Any, ...]]
ROWS: list[tuple[Callable[..., Any], Inputs]] = [
    (arrays.product_in_an_array, lambda x, A, B, s, I: (x,)),
    (control.store_through_slices_after_a_nonlinear_read, lambda x, A, B, s, I: (x,)),
    (control.view_read_before_a_store, lambda x, A, B, s, I: (x,)),
    (control.nested_loops_with_break_continue_else, lambda x, A, B, s, I: (x,)),
    (
        control.while_with_break,
        lambda x, A, B, s, I: (
            x,
            s,
        ),
    ),
    (control.tuple_assignment_in_a_loop, lambda x, A, B, s, I: (x,)),
    (control.rows_and_elements_by_iteration, lambda x, A, B, s, I: (A,)),
    (control.augmented_assignments_on_an_array, lambda x, A, B, s, I: (x,)),
    (control.zip_enumerate_reversed, lambda x, A, B, s, I: (x,)),
    (control.recursion, lambda x, A, B, s, I: (s,)),
    (control.swap_through_a_function, lambda x, A, B, s, I: (s,)),
    (control.dict_and_list_of_parts, lambda x, A, B, s, I: (x,)),
    (control.stores_through_masks, lambda x, A, B, s, I: (x,)),
    (arrays.many_layers, lambda x, A, B, s, I: (A, B)),
    (arrays.rows_chosen_with_repeats, lambda x, A, B, s, I: (A, I)),
    (arrays.nearest_of_each_row, lambda x, A, B, s, I: (A, B)),
    (control.gather_with_repeats, lambda x, A, B, s, I: (x,)),
    (control.array_that_shrinks_in_a_loop, lambda x, A, B, s, I: (x,)),
    (control.conditional_and_short_circuit_values, lambda x, A, B, s, I: (s,)),
    (control.variable_of_one_iteration_only, lambda x, A, B, s, I: (x,)),
    (control.parameter_stored_into, lambda x, A, B, s, I: (x,)),
    (
        control.stores_into_rows_and_columns,
        lambda x, A, B, s, I: (
            x,
            A,
        ),
    ),
    (control.work_array_in_every_step, lambda x, A, B, s, I: (x,)),
    (control.stencil_from_a_copy, lambda x, A, B, s, I: (x,)),
    (control.loop_variable_of_two_loops, lambda x, A, B, s, I: (s,)),
    (control.return_from_a_loop, lambda x, A, B, s, I: (x,)),
    (control.chained_assignment_and_walrus, lambda x, A, B, s, I: (s,)),
    (control.starred_assignment, lambda x, A, B, s, I: (x,)),
    (control.list_filled_in_a_loop, lambda x, A, B, s, I: (x,)),
    (control.list_emptied_in_a_loop, lambda x, A, B, s, I: (x,)),
    (control.list_pushed_and_popped, lambda x, A, B, s, I: (x,)),
    (control.layers_in_a_list, lambda x, A, B, s, I: (x, A)),
    (
        arrays.views_of_a_product,
        lambda x, A, B, s, I: (
            A,
            B,
            x,
        ),
    ),
    (arrays.transpose_rows_and_reversal, lambda x, A, B, s, I: (A,)),
    (arrays.gauss_seidel_sweep, lambda x, A, B, s, I: (x,)),
    (arrays.cholesky_by_loops, lambda x, A, B, s, I: (A,)),
    (
        arrays.scatter_by_elements,
        lambda x, A, B, s, I: (
            x,
            I,
        ),
    ),
    (arrays.mask_reassigned_after_use, lambda x, A, B, s, I: (x,)),
    (arrays.endless_loop_left_by_break, lambda x, A, B, s, I: (x,)),
    (
        arrays.branches_in_a_loop,
        lambda x, A, B, s, I: (
            s,
            4,
        ),
    ),
    (
        arrays.branches_in_a_loop,
        lambda x, A, B, s, I: (
            1.6,
            3,
        ),
    ),
    (arrays.overwritten_after_exp, lambda x, A, B, s, I: (x,)),
    (arrays.tuple_of_list_items, lambda x, A, B, s, I: (x,)),
    (arrays.rebinding_keeps_the_old_array, lambda x, A, B, s, I: (x,)),
    (arrays.time_steps_in_rows, lambda x, A, B, s, I: (x,)),
    (
        arrays.bound_changed_in_the_body,
        lambda x, A, B, s, I: (
            x,
            s,
        ),
    ),
    (arrays.joined_and_reduced, lambda x, A, B, s, I: (A,)),
    (arrays.reversed_range_and_zip, lambda x, A, B, s, I: (x,)),
    (arrays.overlapping_augmented_stores, lambda x, A, B, s, I: (x,)),
    (
        arrays.two_states_at_once,
        lambda x, A, B, s, I: (
            x,
            s,
        ),
    ),
    (arrays.none_then_number, lambda x, A, B, s, I: (s,)),
    (arrays.list_filled_in_branches, lambda x, A, B, s, I: (x,)),
    (arrays.sorted_and_accumulated, lambda x, A, B, s, I: (x,)),
    (arrays.linear_algebra, lambda x, A, B, s, I: (A,)),
    (
        arrays.einsum_and_tensordot,
        lambda x, A, B, s, I: (
            A,
            B,
        ),
    ),
    (arrays.standardised, lambda x, A, B, s, I: (x,)),
    (memory.masks_that_read_what_they_select, lambda x, A, B, s, I: (x,)),
    (memory.mask_through_another_name, lambda x, A, B, s, I: (x,)),
    (memory.tests_of_elements_overwritten, lambda x, A, B, s, I: (x,)),
    (memory.computed_indices_and_stores, lambda x, A, B, s, I: (x,)),
    (memory.loop_condition_on_an_element, lambda x, A, B, s, I: (x,)),
    (memory.window_written_behind_itself, lambda x, A, B, s, I: (x,)),
    (memory.views_of_new_memory, lambda x, A, B, s, I: (x,)),
    (memory.place_read_in_a_loop_then_stored, lambda x, A, B, s, I: (x,)),
    (memory.part_stored_before_a_call, lambda x, A, B, s, I: (x,)),
    (memory.transpose_stored_before_a_call, lambda x, A, B, s, I: (A,)),
    (
        algorithms.callee_with_loop_and_early_return,
        lambda x, A, B, s, I: (
            np.append(x, s),
            s,
        ),
    ),
    (
        algorithms.callee_with_loop_and_early_return,
        lambda x, A, B, s, I: (
            np.append(x, s),
            1.7,
        ),
    ),
    (algorithms.previous_and_current_element, lambda x, A, B, s, I: (np.append(x, s),)),
    (algorithms.covariance_by_loops, lambda x, A, B, s, I: (A,)),
    (
        algorithms.damped_oscillator,
        lambda x, A, B, s, I: (
            np.append(x, s),
            s,
        ),
    ),
    (algorithms.list_of_slices, lambda x, A, B, s, I: (np.append(x, s),)),
    (algorithms.endless_loop_with_else, lambda x, A, B, s, I: (s,)),
    (algorithms.endless_loop_with_else, lambda x, A, B, s, I: (0.99,)),
    (algorithms.triple_loop_with_else, lambda x, A, B, s, I: (A,)),
    (algorithms.dict_items, lambda x, A, B, s, I: (np.append(x, s),)),
    (algorithms.statistics_of_a_vector, lambda x, A, B, s, I: (np.append(x, s),)),
    (algorithms.padding_windows_repeats, lambda x, A, B, s, I: (A,)),
    (algorithms.broadcast_and_squeeze, lambda x, A, B, s, I: (np.append(x, s),)),
    (algorithms.default_none, lambda x, A, B, s, I: (np.append(x, s),)),
    (algorithms.work_array_copied_back, lambda x, A, B, s, I: (np.append(x, s),)),
    (algorithms.while_inside_while, lambda x, A, B, s, I: (np.append(x, s),)),
    (algorithms.list_to_tuple, lambda x, A, B, s, I: (s,)),
    (algorithms.reshaped_rows_unpacked, lambda x, A, B, s, I: (np.append(x, s),)),
    (stencils.jacobi, lambda x, A, B, s, I: (np.tile(x, 2), np.arange(10.0))),
    (stencils.heads, lambda x, A, B, s, I: (np.append(x, s), x)),
    (stencils.scaled_place, lambda x, A, B, s, I: (A,)),
    (stencils.half_squares, lambda x, A, B, s, I: (x,)),
]
# Refused where nothing is known of the arguments; right where it is.
UNKNOWN_REFUSED = {
    "chained_assignment_and_walrus",
}


def inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    arrays_ = {"x": rng.random(5) + 0.5, "A": rng.random((3, 4)), "B": rng.random((4, 2))}
    return {**arrays_, "s": float(rng.random() + 0.3), "I": np.array([2, 0, 2, 1])}


def differentiated(args: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(
        i
        for i, arg in enumerate(args)
        if isinstance(arg, float) or isinstance(arg, np.ndarray) and arg.dtype.kind == "f"
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("program", "make"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_gradient(program: Callable[..., Any], make: Inputs, seed: int) -> None:
    args = make(**inputs(seed))
    wrt = differentiated(args)
    before = copy.deepcopy(args)
    expected = central_differences(lambda *a: program(*copy.deepcopy(a)), args, wrt)
    assert_all_near(grad(program, wrt)(*args), expected)
    for arg, old in zip(args, before, strict=True):
        np.testing.assert_array_equal(arg, old)
    if program.__name__ in UNKNOWN_REFUSED:
        return
    names = list(inspect.signature(program).parameters)
    path = Path(inspect.getsourcefile(program) or "")
    text = transform(path, functions=[program.__name__], wrt=[names[i] for i in wrt])
    assert "srcgrad." not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    assert_all_near(namespace[f"{program.__name__}_grad"](*args), expected)


def views_of_two_arrays(x: Any) -> Any:
    y = x * 1.0
    z = x * 2.0
    v = y[1:] if x[0] > 0 else z[1:]
    v[0] = x[1] ** 2
    return np.sum(y * z)


def test_aliases_that_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="is read after memory it may share was written"):
        grad(views_of_two_arrays)(np.ones(5))
    with pytest.raises(UnsupportedError, match="is read after memory it may share was written"):
        grad(memory.views_of_memory_from_a_function_without_a_rule)(np.ones(5))


@pytest.mark.parametrize("program", [control.view_read_after_a_store, control.two_buffers_swapped])
def test_aliases(program: Callable[..., Any]) -> None:
    x = inputs(4)["x"]
    expected = central_differences(lambda a: program(a.copy()), (x,), (0,))
    assert_all_near((grad(program)(x),), expected)


@pytest.mark.parametrize("name", sorted(UNKNOWN_REFUSED))
def test_refused_where_nothing_is_known(name: str) -> None:
    module = next(m for m in (control, arrays, memory, algorithms) if hasattr(m, name))
    with pytest.raises(UnsupportedError):
        transform(Path(module.__file__ or ""), functions=[name])
