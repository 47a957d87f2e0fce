"""Calls without a proven derivative have no rule; complex numbers follow the stated convention."""

from __future__ import annotations

import builtins
import math
import operator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.rules.registry import BindError, bind, formulas_for, lookup
from tests.rules.harness import Row, lit, make_case, row

X = np.array([0.3, 0.4])
Z = np.array([0.3 - 0.4j, 1.0 + 2.0j])


def unknown_dtype(kind: Kind) -> Kind:
    return replace(kind, dtype="?")


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(row(operator.add, [0.3], [0.4]), id="joining lists"),
        pytest.param(row(operator.mul, [0.3], 2), id="repeating a list"),
        pytest.param(row(np.arange, 0.3, 1.7), id="a range of floats"),
        pytest.param(row(builtins.sum, [0.3], 0.5), id="sum with a start"),
    ],
)
def test_no_rule(sample: Row) -> None:
    case = make_case(sample)
    assert formulas_for(sample.prim, case.call) is None


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(row(np.array, X, dtype=np.float64), id="array with a dtype"),
    ],
)
def test_no_rule_where_the_dtype_is_not_known(sample: Row) -> None:
    case = make_case(sample, unknown_dtype)
    assert formulas_for(sample.prim, case.call) is None


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(row(np.array, X, dtype=lit("int")), id="array"),
        pytest.param(row(np.full, (2,), 0.7, dtype=lit("int")), id="full"),
        pytest.param(row(np.full_like, np.array([1, 2]), 0.7), id="full_like"),
    ],
)
def test_nothing_flows_into_integers(sample: Row) -> None:
    assert make_case(sample).formulas() == {}


@pytest.mark.parametrize(
    ("fn", "keyword"), [(np.exp, "out"), (np.add, "where"), (np.zeros, "like"), (max, "key")]
)
def test_keywords_without_a_rule_are_refused(fn: Any, keyword: str) -> None:
    prim = lookup(fn)
    assert prim is not None
    with pytest.raises(BindError, match=keyword):
        bind(prim, (), {keyword: None})


def test_array_without_a_copy_is_refused() -> None:
    case = make_case(row(np.array, X, copy=lit(False)))
    refuse = case.row.prim.refuse
    assert refuse is not None
    assert "copy" in (refuse(case.call) or "")
    assert refuse(make_case(row(np.array, X)).call) is None


def test_lgamma_is_not_declared() -> None:
    assert lookup(math.lgamma) is None


@pytest.mark.parametrize("fn", [np.real, np.imag, np.conj, np.angle, np.abs, np.exp, np.sqrt])
def test_complex_cotangents_are_not_conjugated(fn: Any) -> None:
    """For a real objective L and x = a + ib the cotangent is dL/da - i dL/db."""
    case = make_case(row(fn, Z))
    y = case.run(case.values)
    # The parts of y weighted by u and v; their cotangent in the same convention is u - iv.
    u, v = np.array([0.7, -0.3]), np.array([0.2, 0.9])
    g = u - 1j * v if np.iscomplexobj(y) else u
    bar = case.cotangent(case.formulas()["x"], g, y, case.values, "x")

    def objective(z: Any) -> Any:
        out = fn(z)
        return u * np.real(out) + v * np.imag(out)

    step = 1e-6
    along_real = (objective(Z + step) - objective(Z - step)) / (2 * step)
    along_imag = (objective(Z + 1j * step) - objective(Z - 1j * step)) / (2 * step)
    expected = along_real - 1j * along_imag
    if fn is np.real:
        # A real cotangent of a complex operand stands for itself.
        expected = expected.real
    np.testing.assert_allclose(bar, expected, atol=1e-8)


def test_unknown_operands_give_unknown_results() -> None:
    case = make_case(row(operator.add, X, X), lambda kind: UNKNOWN)
    assert case.call.result.tag == "unknown"
