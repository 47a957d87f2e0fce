"""Programs that take derivatives, differentiated: live, ahead of time and alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, jvp, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import nested

# Lambdas and classes of the module are known by the running module only; kinds of arrays as well.
LIVE_ONLY = {"derivatives_of_the_module", "method_of_an_object", "stores_inside"}


def inputs(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "x": rng.random(3) + 0.5,
        "s": float(rng.random() + 0.6),
        "A": rng.standard_normal((4, 3)),
        "t": rng.random(4),
    }


ROWS: list[tuple[Callable[..., Any], str]] = [
    (nested.sum_inside, "s"),
    (nested.product_inside, "s"),
    (nested.inner_variable_under_its_own_name, "s"),
    (nested.two_levels_of_capture, "s"),
    (nested.third_derivative, "s"),
    (nested.same_function_at_two_levels, "s"),
    (nested.one_text_two_cells, "s"),
    (nested.derivative_by_an_argument_and_by_a_capture, "s"),
    (nested.handed_to_a_function, "x"),
    (nested.trained, "sxAt"),
    (nested.with_momentum, "xA"),
    (nested.parameters_in_a_dict, "Ax"),
    (nested.by_name_and_keyword, "x"),
    (nested.of_a_partial, "s"),
    (nested.with_aux, "s"),
    (nested.of_a_library_function, "s"),
    (nested.stores_inside, "x"),
    (nested.chosen_by_a_branch, "s"),
    (nested.derivatives_of_the_module, "xx"),
    (nested.method_of_an_object, "s"),
    (nested.pushed_sum, "s"),
    (nested.pushed_product, "s"),
    (nested.pushed_array, "x"),
    (nested.pushed_in_a_gradient, "s"),
    (nested.pushed_in_a_loop, "ss"),
]


def agree(found: Any, expected: Any) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert_near(ours, theirs, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("program", "names"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_gradient(program: Callable[..., Any], names: str, seed: int) -> None:
    args = tuple(inputs(seed)[name] for name in names)
    wrt = tuple(range(len(args)))
    agree(grad(program, wrt)(*args), central_differences(program, args, wrt))


@pytest.mark.parametrize(("program", "names"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_forward_mode_around(program: Callable[..., Any], names: str) -> None:
    args = tuple(inputs(2)[name] for name in names)
    dots = [np.cos(np.arange(np.size(arg)) + 0.3).reshape(np.shape(arg)) for arg in args]
    dots = [dot if np.ndim(dot) else float(dot) for dot in dots]
    gradient = grad(program, tuple(range(len(args))))(*args)
    expected = sum(np.sum(g * dot) for g, dot in zip(gradient, dots, strict=True))
    np.testing.assert_allclose(jvp(program, args, dots)[1], expected, rtol=1e-9)


@pytest.mark.parametrize(("program", "names"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_gradient_ahead_of_time(program: Callable[..., Any], names: str) -> None:
    args = tuple(inputs(3)[name] for name in names)
    wrt = list(inspect.signature(program).parameters)
    path = Path(nested.__file__)
    if program.__name__ in LIVE_ONLY:
        with pytest.raises(UnsupportedError):
            transform(path, functions=[program.__name__], wrt=wrt)
        return
    text = transform(path, functions=[program.__name__], wrt=wrt)
    assert "srcgrad" not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    found = namespace[f"{program.__name__}_grad"](*args)
    agree(found, central_differences(program, args, tuple(range(len(args)))))


@pytest.mark.parametrize("program", [nested.root_by_newton, nested.best_response])
def test_iterations(program: Callable[..., Any]) -> None:
    s = 3.0
    agree((grad(program)(s),), (central_differences(program, (s,), 0),))


def test_derivatives_of_what_is_not_differentiated_need_no_compiler() -> None:
    program = nested.derivative_of_what_is_not_differentiated
    text = transform(Path(nested.__file__), functions=[program.__name__], wrt="x")
    assert "srcgrad" not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    expected = np.cos(0.4) * 0.4
    np.testing.assert_allclose(namespace[f"{program.__name__}_grad"](2.0, 0.4), expected)
    np.testing.assert_allclose(grad(program)(2.0, 0.4), expected)


def test_the_classical_numbers() -> None:
    assert grad(nested.sum_inside)(1.0) == 1.0  # 2.0 where perturbations are confused
    assert grad(nested.product_inside)(4.0) == 8.0
    assert grad(grad(nested.product_inside))(4.0) == 2.0
    quartic = grad(grad(grad(grad(lambda x: x**4))))
    assert quartic(2.0) == 24.0


def test_a_derivative_of_a_program_with_derivatives_is_differentiated_again() -> None:
    second = grad(grad(nested.best_response))
    expected = central_differences(grad(nested.best_response), (0.8,), 0)
    assert_near(second(0.8), expected, rtol=1e-6)


def test_the_text_of_a_training_loop_holds_its_derivative() -> None:
    values = inputs(1)
    args = (values["s"], values["x"], values["A"], values["t"])
    text = grad(nested.trained).lower(*args).source
    assert "def loss_value_and_grad_forward(w, A, t)" in text
    assert "unbroadcast" not in text  # the kinds of the arguments are known inside, too


def test_a_derivative_of_the_module_is_read_anew() -> None:
    args = (np.array([1.0, 2.0]), np.array([3.0, 0.5]))
    slope = grad(nested.derivatives_of_the_module)
    before = slope(*args)
    kept = nested.energy_slope
    try:
        nested.energy_slope = grad(lambda a: a**3)
        after = slope(*args)
        expected = central_differences(nested.derivatives_of_the_module, args, 0)
        assert_near(after, expected, rtol=1e-6)
        assert not np.allclose(before, after)
    finally:
        nested.energy_slope = kept


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (nested.changes_its_surroundings, "changes `c` of its surroundings"),
        (nested.needed_to_make_itself, "written out|needed to make itself"),
        (nested.known_at_run_time, "one of several functions|run time only"),
        (nested.of_any_number_of_arguments, r"with `\*args`"),
        (nested.tangents_in_a_variable, "this call of `jvp` is not known"),
        (nested.argnums_in_a_variable, "must be written as a literal"),
        (nested.with_respect_to_nothing, "with respect to 'z', which is not given"),
    ],
)
def test_refused(program: Callable[..., Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        grad(program)(1.5)


def test_writes_into_the_surroundings_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="writes into `kept` of its surroundings"):
        grad(nested.writes_into_its_surroundings)(np.ones(3))
