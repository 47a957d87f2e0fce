"""Partners of narrow integer dtypes: a slope is what the same numbers give as float64."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcgrad import check_grads, grad
from srcgrad.ir.kinds import Kind
from srcgrad.rules.registry import TABLE
from tests.rules.harness import Row, make_case, resolve

PLACES = np.array([0.3, 1.7, 0.9])
PARTNERS = [
    np.array(values, dtype)
    for dtype, values in {
        "u1": [0, 1, 200, 255, 100, 2],
        "i1": [0, -128, 127, 100, -1, 3],
        "i4": [2, 65536, 2**31 - 1, -(2**31), 5, 0],
        "?": [True, False],
    }.items()
]
NAMES = [
    name
    for name, prim in TABLE.items()
    if prim.elementwise
    and len(prim.params) > 1
    and name.startswith(("numpy.", "operator.", "scipy.special."))
    and not name.startswith("operator.i")
]


def samples(name: str) -> Iterator[tuple[str, Row]]:
    """Calls with one operand of floats, the others of equal integers; with its parameter."""
    params = [p for p in TABLE[name].params if p not in TABLE[name].defaults]
    for at, partner in itertools.product(range(len(params)), PARTNERS):
        if name.startswith("scipy.") and partner.dtype == "i4":
            continue  # some take that many steps
        for value in partner:
            others = np.full(3, value)
            args = [PLACES if i == at else others for i in range(len(params))]
            yield params[at], Row(name, tuple(args))


def blind(kind: Kind) -> Kind:
    return Kind("unknown")


def slope(sample: Row, of: str, wanted: bool, known: bool) -> Any:
    """The cotangent of one argument, and the value; None where either is refused."""
    case = make_case(sample) if known else make_case(sample, blind)
    formulas = case.formulas()
    if of not in formulas:
        return None
    if wanted:
        case = replace(case, values={n: np.array(v, float) for n, v in case.values.items()})
    y = case.run(case.values)
    return case.cotangent(formulas[of], np.ones(3), y, case.values, of)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_slopes_beside_narrow_integers(name: str) -> None:
    for of, sample in samples(name):
        try:
            value = np.asarray(resolve(name)(*sample.args))
            wanted = slope(sample, of, True, True)
        except (TypeError, ValueError, AssertionError):
            continue  # not a call that NumPy or the rule takes
        if wanted is None or value.dtype != float or not np.all(np.isfinite(value)):
            continue
        for known in (True, False):
            found = slope(sample, of, False, known)
            where = f"{name}{[a[:1].tolist() for a in sample.args]}, {of}, known: {known}"
            np.testing.assert_allclose(found, wanted, rtol=1e-9, err_msg=where)


def angles(x, k):
    return np.sum(np.arctan2(x, k))


def between(x, xp, fp):
    return np.sum(np.interp(x, xp, fp) ** 2)


def scaled(x, k):
    return np.sum(x * k)


def powers(x):
    return np.sum(x ** (x > 1)) + np.sum(np.power(x, x > 1)) + np.sum(np.float_power(x, x > 1))


BYTES = np.array([200, 1, 100], "u1")


def test_squares_do_not_overflow() -> None:
    found = grad(angles)(np.array([1.0]), np.array([65536], "i4"))
    np.testing.assert_allclose(found, 65536.0 / (1 + 65536.0**2))


@pytest.mark.parametrize(
    ("xp", "fp"),
    [
        (np.array([0.0, 1.0, 2.0]), BYTES),
        (np.sort(BYTES) - 1, np.array([1.0, 5.0, 2.0])),
        (np.array([False, True]), np.array([1.0, 5.0])),
    ],
)
def test_differences_of_knots_do_not_wrap(xp: Any, fp: Any) -> None:
    check_grads(lambda x: between(x, xp, fp), (np.array([0.4, 0.7]),), order=1)


def test_exponents_that_are_bools() -> None:
    check_grads(powers, (np.array([0.5, 2.0]),))


def test_a_partner_of_single_precision_leaves_the_gradient_double() -> None:
    found = grad(scaled)(np.array([1.0, 2.0]), np.array([1.5, 2.5], "f4"))
    assert found.dtype == float
    np.testing.assert_array_equal(found, [1.5, 2.5])
