"""Slopes where there is none, or an infinite one: the conventions, one row each."""

from __future__ import annotations

import builtins
import math
import operator
import warnings
from typing import Any

import numpy as np
import pytest

from tests.rules.harness import Row, lit, make_case, row

INF = math.inf
ZERO = np.array([0.0])
PAIR = np.array([0.0, 3.0])


def slopes(sample: Row) -> dict[str, Any]:
    """The cotangent of each argument for a cotangent of ones."""
    case = make_case(sample)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = case.run(case.values)
        g = np.ones_like(y) if isinstance(y, np.ndarray) else 1.0
        return {
            name: case.cotangent(formula, g, y, case.values, name)
            for name, formula in case.formulas().items()
            if not case.call.is_literal(name)
        }


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param(row(np.abs, 0.0), [0], id="abs at 0"),
        pytest.param(row(builtins.abs, 0.0), [0], id="builtin abs at 0"),
        pytest.param(row(math.fabs, 0.0), [0], id="fabs at 0"),
        pytest.param(row(np.copysign, 0.0, -1.0), [0], id="copysign at 0"),
        pytest.param(row(np.maximum, ZERO, lit(0)), [0], id="maximum against a literal"),
        pytest.param(row(np.minimum, ZERO, lit(0)), [0], id="minimum against a literal"),
        pytest.param(row(np.fmax, ZERO, lit(0)), [0], id="fmax against a literal"),
        pytest.param(row(np.maximum, ZERO, 0.0), [0.5, 0.5], id="maximum of two variables"),
        pytest.param(row(np.minimum, ZERO, 0.0), [0.5, 0.5], id="minimum of two variables"),
        pytest.param(row(np.fmax, 2.0, 2.0), [0.5, 0.5], id="fmax of two variables"),
        pytest.param(row(np.fmax, math.nan, 2.0), [0, 1], id="fmax passes over nan"),
        pytest.param(row(np.fmin, 2.0, math.nan), [1, 0], id="fmin passes over nan"),
        pytest.param(row(builtins.max, 2.0, 2.0), [1, 0], id="builtin max: the first"),
        pytest.param(row(builtins.min, 2.0, 2.0), [1, 0], id="builtin min: the first"),
        pytest.param(row(builtins.max, 1.0, 2.0, 2.0), [0, 1, 0], id="builtin max of three"),
        pytest.param(row(builtins.min, 2.0, 2.0, 2.0), [1, 0, 0], id="builtin min of three"),
        pytest.param(row(builtins.max, [1.0, 2.0, 2.0]), [[0, 1, 0]], id="max of a list"),
        pytest.param(row(np.clip, PAIR, lit(0), lit(3)), [[1, 1]], id="clip at its bounds"),
        pytest.param(row(np.hypot, 0.0, 0.0), [0, 0], id="hypot at the origin"),
        pytest.param(row(math.hypot, 0.0, 0.0), [0, 0], id="math.hypot at the origin"),
        pytest.param(row(np.arctan2, 0.0, 0.0), [0, 0], id="arctan2 at the origin"),
        pytest.param(row(math.atan2, 0.0, 0.0), [0, 0], id="math.atan2 at the origin"),
        pytest.param(row(np.sinc, PAIR), [[0, -1 / 3]], id="sinc at 0"),
        pytest.param(row(np.nan_to_num, np.array([math.nan, INF, 1.0])), [[0, 0, 1]], id="nan"),
        pytest.param(row(operator.pow, 0.0, lit(0)), [0], id="0 ** 0"),
        pytest.param(row(operator.pow, ZERO, lit(1)), [[1]], id="0 ** 1"),
        pytest.param(row(operator.pow, ZERO, lit(2)), [[0]], id="0 ** 2"),
        pytest.param(row(operator.pow, PAIR, 0.0), [[0, 0], math.log(3)], id="zeros ** n, n == 0"),
        pytest.param(row(operator.pow, 0.0, 0.0), [0, 0], id="0.0 ** n, n == 0"),
        pytest.param(row(operator.pow, 0.0, 2.0), [0, 0], id="0.0 ** n, n == 2"),
        pytest.param(row(np.power, 0.0, 1.0), [1, 0], id="power(0, n), n == 1"),
        pytest.param(row(np.logaddexp, 800.0, -800.0), [1, 0], id="logaddexp far apart"),
    ],
)
def test_convention(sample: Row, expected: list[Any]) -> None:
    found = list(slopes(sample).values())
    assert len(found) == len(expected)
    for bar, value in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.ravel(bar), np.ravel(value), atol=1e-15)


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(row(np.sqrt, 0.0), id="np.sqrt"),
        pytest.param(row(math.sqrt, 0.0), id="math.sqrt"),
        pytest.param(row(operator.pow, 0.0, lit(0.5)), id="number ** 0.5"),
        pytest.param(row(operator.pow, ZERO, lit(0.5)), id="array ** 0.5"),
        pytest.param(row(operator.pow, 0.0, 0.5), id="number ** variable"),
        pytest.param(row(np.cbrt, 0.0), id="np.cbrt"),
        pytest.param(row(np.arccosh, 1.0), id="np.arccosh"),
        pytest.param(row(math.asin, 1.0), id="math.asin"),
        pytest.param(row(math.acosh, 1.0), id="math.acosh"),
    ],
)
def test_infinite_slope_is_inf_with_a_warning(sample: Row) -> None:
    case = make_case(sample)
    y = case.run(case.values)
    name, formula = next(iter(case.formulas().items()))
    one = np.ones_like(y)[()]
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        bar = case.cotangent(formula, one, y, case.values, name)
    assert np.ravel(bar)[0] == INF


def test_negative_base_has_no_slope_in_the_exponent() -> None:
    case = make_case(row(operator.pow, -2.0, 3.0))
    with pytest.warns(RuntimeWarning, match="invalid value"):
        bar = case.cotangent(case.formulas()["n"], 1.0, -8.0, case.values, "n")
    assert math.isnan(bar)


def test_branch_not_taken_gets_zero() -> None:
    x = np.array([0.0, 2.0])
    bars = slopes(row(np.where, x > 0, x, 2 * x))
    np.testing.assert_array_equal(bars["a"], [0, 1])
    np.testing.assert_array_equal(bars["b"], [1, 0])


def test_single_precision_with_python_numbers() -> None:
    """Neither a literal base nor a Python number widens float32."""
    x = np.array([0.5, 1.5], dtype=np.float32)
    for base in (lit(2), lit(2.5), 2.5):
        assert slopes(row(operator.pow, base, x))["n"].dtype == np.float32
