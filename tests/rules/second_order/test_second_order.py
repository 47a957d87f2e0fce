"""First and second derivatives of every function, in programs as other tools test them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, vjp
from srcgrad.check import check_grads
from tests.rules.second_order.cases_arrays import ARRAYS
from tests.rules.second_order.cases_matrices import MATRICES
from tests.rules.second_order.cases_numbers import NUMBERS
from tests.rules.second_order.programs import Case, written

CASES = [*ARRAYS, *NUMBERS, *MATRICES]
# Their first derivative fills a list, which a pullback of it does not undo: refused.
GROWING = {
    "np.apply_over_axes(np.sum, x, [0, 1])",
}
# Vectors of complex matrices have arbitrary phases; the others have no tangent yet.
_TURNING = "np.linalg.svd(x, "
NO_TANGENT = {
    id(found)
    for found in CASES
    if found.text.startswith(
        ("np.multiply.reduceat", "np.minimum.reduceat", "np.kaiser", "np.hypot.reduce")
    )
    or (np.iscomplexobj(found.args[0]) and (_TURNING in found.text or ".eigh(x)" in found.text))
}
_NUMBER = {id(found): number for number, found in enumerate(CASES)}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return written(CASES, tmp_path_factory.mktemp("second_order"), "second_order_programs")


@pytest.mark.parametrize("found", CASES, ids=str)
def test_first_derivative(found: Case, programs: ModuleType) -> None:
    function = getattr(programs, f"f{_NUMBER[id(found)]}")
    check_grads(function, found.args, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("found", CASES, ids=str)
def test_forward_mode(found: Case, programs: ModuleType) -> None:
    function = getattr(programs, f"f{_NUMBER[id(found)]}")
    if id(found) in NO_TANGENT:
        with pytest.raises(UnsupportedError):
            check_grads(function, found.args, modes=("forward",))
        return
    check_grads(function, found.args, modes=("forward",), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("found", CASES, ids=str)
def test_second_derivative(found: Case, programs: ModuleType) -> None:
    """Of a weighed sum of squares: the gradient's own derivative against differences of it."""
    function = getattr(programs, f"s{_NUMBER[id(found)]}")
    if found.text in GROWING:
        with pytest.raises(UnsupportedError):
            check_grads(function, found.args, order=2)
        return
    check_grads(function, found.args, order=2, rtol=1e-4, atol=1e-5)


def test_a_wrong_second_derivative_would_be_found(programs: ModuleType) -> None:
    def wrong(x: Any) -> Any:
        return grad(programs.s0)(x, CASES[0].args[1]) * 1.01

    with pytest.raises(AssertionError, match="disagree"):
        check_grads(programs.s0, CASES[0].args, gradient=lambda x, y: wrong(x), argnums=0)


UNARY: list[Callable[..., Any]] = [
    *(np.abs, np.negative, np.exp, np.exp2, np.expm1, np.sin, np.cos, np.tan, np.arctan, np.sinh),
    *(np.cosh, np.tanh, np.arcsinh, np.square, np.reciprocal, np.sinc, np.cbrt, np.deg2rad),
    *(np.degrees, np.positive, np.fabs, np.real, np.log, np.log2, np.log10, np.log1p, np.sqrt),
    *(np.i0, np.sort, np.cumsum, np.ravel, np.flip, np.sum, np.mean, np.max, np.prod, np.var),
]


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_library_functions_handed_over(function: Callable[..., Any]) -> None:
    x = np.array([0.3, 1.7, 0.9])
    check_grads(function, (x,), rtol=2e-5, atol=1e-6)
    _, pullback = vjp(function, x)
    assert pullback(np.ones_like(function(x)))[0].shape == x.shape


PAIRS = [(), (1,), (4,), (1, 4), (3, 1), (3, 4), (2, 1, 1)]


@pytest.mark.parametrize("second", PAIRS, ids=str)
@pytest.mark.parametrize("first", PAIRS, ids=str)
def test_broadcasting_of_two_operands(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    rng = np.random.default_rng(len(first) + 7 * len(second))
    a, b = (rng.uniform(0.4, 1.3, shape) if shape else 0.7 for shape in (first, second))
    for function in (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.arctan2, np.power):
        check_grads(function, (a, b), rtol=2e-5, atol=1e-6)
