"""Rules for arrays: with less known of the operands, at ties and zeros, where they must refuse."""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.rules.einsum import read_subscripts
from srcgrad.rules.registry import BindError, bind, formulas_for, lookup
from tests.rules.harness import Row, flat, is_float, lit, make_case, rebuilt, row
from tests.rules.samples import ARRAYS
from tests.rules.samples_arrays import M, V

LESS_KNOWN: dict[str, Callable[[Kind], Kind]] = {
    "nothing": lambda kind: kind if kind.tag in ("none", "str") else UNKNOWN,
    "tags": lambda kind: Kind(kind.tag),
    "no shape": lambda kind: replace(kind, shape=None) if kind.is_array else kind,
    "no dtype": lambda kind: replace(kind, dtype="?") if kind.tag in ("array", "scalar") else kind,
    "no value": lambda kind: replace(kind, value=None),
}


def bars(sample: Row, known: Callable[[Kind], Kind]) -> dict[str, Any] | None:
    """The cotangents of a call of which so much is known; None where it is refused."""
    case = make_case(sample, known)
    formulas = formulas_for(sample.prim, case.call)
    if formulas is None:
        return None
    y = case.run(case.values)
    g = rebuilt(y, np.random.default_rng(3).normal(size=flat(y).size))
    return {
        name: case.cotangent(formula, g, y, case.values, name)
        for name, formula in formulas.items()
        if is_float(case.values.get(name))
    }


@pytest.mark.parametrize("known", list(LESS_KNOWN))
@pytest.mark.parametrize("sample", ARRAYS, ids=str)
def test_less_knowledge_gives_the_same_cotangents(sample: Row, known: str) -> None:
    found = bars(sample, LESS_KNOWN[known])
    expected = bars(sample, lambda kind: kind)
    assert expected is not None
    for name, bar in (found or {}).items():
        assert_same(bar, expected[name])


def assert_same(bar: Any, expected: Any) -> None:
    """Equal cotangents; one of a sequence may be an array or a list."""
    if isinstance(bar, (list, tuple)) or isinstance(expected, (list, tuple)):
        for one, other in zip(bar, expected, strict=True):
            assert_same(one, other)
    else:
        assert np.shape(bar) == np.shape(expected)
        np.testing.assert_allclose(bar, expected, atol=1e-12)


def test_little_is_refused_for_want_of_knowledge() -> None:
    refused = {s.name for s in ARRAYS if bars(s, LESS_KNOWN["no shape"]) is None}
    refused = {name for name in refused if not name.startswith("numpy.polynomial.")}
    assert refused == {
        "method.tolist",
        "numpy.einsum",
        "numpy.gradient",
        "numpy.rollaxis",
        "numpy.trapezoid",
    }


# --- conventions ---------------------------------------------------------------------------------

ZEROS = np.zeros(3)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param(row(np.max, np.array([1.0, 2.0, 2.0])), [0, 0.5, 0.5], id="max"),
        pytest.param(row(np.min, np.array([1.0, 1.0, 2.0])), [0.5, 0.5, 0], id="min"),
        pytest.param(row(np.ptp, np.array([1.0, 1.0])), [0, 0], id="ptp of equal values"),
        pytest.param(
            row(np.max, np.array([[1.0, 1.0], [3.0, 2.0]]), axis=lit(1)),
            [[0.5, 0.5], [1, 0]],
            id="max along an axis",
        ),
        pytest.param(row(np.std, np.full(3, 0.1)), [0, 0, 0], id="std of equal values"),
        pytest.param(row(np.std, ZEROS), [0, 0, 0], id="std of zeros"),
        pytest.param(row(np.linalg.norm, ZEROS), [0, 0, 0], id="norm at 0"),
        pytest.param(row(np.linalg.norm, ZEROS, lit(1)), [0, 0, 0], id="1-norm at 0"),
        pytest.param(row(np.linalg.norm, ZEROS, lit(3)), [0, 0, 0], id="3-norm at 0"),
        pytest.param(row(np.linalg.norm, ZEROS, lit(0.5)), [0, 0, 0], id="half norm at 0"),
        pytest.param(row(np.linalg.norm, ZEROS, np.inf), [0, 0, 0], id="max norm at 0"),
        pytest.param(
            row(np.linalg.norm, np.array([3.0, -3.0]), np.inf), [0.5, -0.5], id="max norm tie"
        ),
        pytest.param(
            row(np.max, np.array([1.0, 2.0]), initial=lit(2)),
            [0, 0],
            id="max with a tie to a start",
        ),
        pytest.param(
            row("numpy.maximum.accumulate", np.array([1.0, 1.0])), [1.5, 0.5], id="running tie"
        ),
        pytest.param(row(np.linalg.norm, np.eye(2), lit(1)), [[0.5, 0], [0, 0.5]], id="sums tie"),
        pytest.param(
            row(np.linalg.norm, np.eye(2), lit(2)), [[0.5, 0], [0, 0.5]], id="singular values tie"
        ),
        pytest.param(
            row(np.linalg.norm, np.diag([2.0, 0.0]), lit("nuc")), [[1, 0], [0, 0]], id="nuc at 0"
        ),
        pytest.param(
            row(np.linalg.norm, np.zeros((2, 2)), lit("nuc")), np.zeros((2, 2)), id="nuc of zeros"
        ),
        pytest.param(
            row(np.linalg.norm, np.zeros((2, 2)), np.inf), np.zeros((2, 2)), id="inf at 0"
        ),
        pytest.param(row(np.median, np.array([2.0, 2.0, 2.0])), [0, 1, 0], id="median of equals"),
        pytest.param(row(np.unique, np.array([2.0, 1.0, 2.0])), [0.5, 1, 0.5], id="unique"),
        pytest.param(
            row(np.std, np.full(3, 0.1), where=True), [0, 0, 0], id="std where, of equals"
        ),
        pytest.param(
            row(np.nanstd, np.array([2.0, np.nan, 2.0])), [0, 0, 0], id="nanstd of equals"
        ),
        pytest.param(row(np.prod, np.array([0.0, 2.0])), [2, 0], id="prod with a zero"),
        pytest.param(row(np.prod, np.array([0.0, 0.0, 2.0])), [0, 0, 0], id="two zeros"),
        pytest.param(row(np.cumprod, np.array([0.0, 2.0])), [3, 0], id="cumprod with a zero"),
        pytest.param(row(np.sort, np.array([2.0, 2.0, 1.0])), [1, 1, 1], id="sort of equal values"),
    ],
)
def test_convention(sample: Row, expected: Any) -> None:
    case = make_case(sample)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = case.run(case.values)
        name, formula = next(iter(case.formulas().items()))
        bar = case.cotangent(formula, np.ones_like(y), y, case.values, name)
    np.testing.assert_allclose(bar, expected, atol=1e-12)


def test_repeated_eigenvalues_give_finite_cotangents() -> None:
    case = make_case(row(np.linalg.eigh, np.eye(3)))
    y = case.run(case.values)
    bar = case.cotangent(case.formulas()["a"], (np.ones(3), np.eye(3)), y, case.values, "a")
    np.testing.assert_allclose(bar, np.eye(3), atol=1e-12)


# --- refusals ------------------------------------------------------------------------------------

Z = V + 1j


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(row(np.pad, V, 2, lit("linear_ramp")), id="pad mode"),
        pytest.param(row(np.pad, V, 2, constant_values=(0.3, 0.4)), id="pad with two values"),
        pytest.param(row(np.linalg.cond, M, p="fro"), id="condition by a norm not written"),
        pytest.param(row(np.linalg.qr, M, lit("complete")), id="complete qr"),
        pytest.param(row(np.linalg.cond, Z * np.eye(5)), id="condition of complex numbers"),
        pytest.param(row(np.sum, V, dtype=lit("int")), id="sum to integers"),
        pytest.param(row(np.var, Z, where=V > 0), id="masked variance of complex numbers"),
        pytest.param(row(np.sum, Z, dtype=lit("float64")), id="sum that drops imaginary parts"),
        pytest.param(row("method.astype", Z, lit("float64")), id="cast to real numbers"),
        pytest.param(row(np.var, V, ddof=0.5), id="variable ddof"),
        pytest.param(row(np.einsum, "i,i", V, V), id="subscripts not written in the call"),
        pytest.param(row(np.trapezoid, M, M), id="trapezoid with a matrix of points"),
    ],
)
def test_no_rule(sample: Row) -> None:
    case = make_case(sample)
    assert formulas_for(sample.prim, case.call) is None


@pytest.mark.parametrize(
    ("fn", "keyword"),
    [
        (np.sum, "out"),
        (np.var, "mean"),
        (np.nansum, "where"),
        (np.quantile, "weights"),
        (np.max, "out"),
        (np.concatenate, "dtype"),
        (np.matmul, "axes"),
        (np.einsum, "dtype"),
        (np.interp, "period"),
    ],
)
def test_keywords_without_a_rule_are_refused(fn: Any, keyword: str) -> None:
    prim = lookup(fn)
    assert prim is not None
    with pytest.raises(BindError, match=keyword):
        bind(prim, (), {keyword: None})


# --- texts: what stands in generated code --------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "texts"),
    [
        (row(np.sum, M), {"a": "np.broadcast_to(g, a.shape)"}),
        (row(np.sum, M, axis=lit(0)), {"a": "np.broadcast_to(np.expand_dims(g, axis), a.shape)"}),
        (row(np.sum, M, keepdims=lit(True)), {"a": "np.broadcast_to(g, a.shape)"}),
        (row(np.mean, M), {"a": "np.broadcast_to(g / a.size, a.shape)"}),
        (row(operator.matmul, M, M.T), {"a": "g @ b.T", "b": "a.T @ g"}),
        (row(operator.matmul, M, M[0]), {"a": "np.outer(g, b)", "b": "a.T @ g"}),
        (row(operator.matmul, M[:, 0], M), {"a": "b @ g", "b": "np.outer(a, g)"}),
        (row(np.dot, V, V), {"a": "g * b", "b": "g * a"}),
        (row(np.transpose, M), {"a": "g.T"}),
        (row(np.pad, M, ((0, 1), (2, 0))), {"array": "g[:-1, 2:]"}),
        (row(np.broadcast_to, V, (2, 5)), {"array": "unbroadcast(g, array)"}),
        (
            row(np.einsum, lit("ij,jk->ik"), M, M.T),
            {"a": "np.einsum('ik,jk->ij', g, b)", "b": "np.einsum('ik,ij->jk', g, a)"},
        ),
        (row(np.einsum, lit("ij,ij->"), M, M), {"a": "g * b", "b": "g * a"}),
    ],
    ids=str,
)
def test_text(sample: Row, texts: dict[str, str]) -> None:
    found = {name: ast.unparse(f.body) for name, f in make_case(sample).formulas().items()}
    assert found == texts


@pytest.mark.parametrize(
    ("text", "ranks", "expected"),
    [
        ("ij,jk", [2, 2], (("ij", "jk"), "ik")),
        ("ba", [2], (("ba",), "ab")),
        ("ii", [2], (("ii",), "")),
        ("i...,i", [3, 1], (("iZY", "i"), "ZY")),
        ("...i,...i->...", [2, 1], (("Zi", "i"), "Z")),
    ],
)
def test_subscripts(text: str, ranks: list[int | None], expected: object) -> None:
    found = read_subscripts(text, ranks)
    assert found is not None
    assert (found.operands, found.result) == expected


@pytest.mark.parametrize(
    ("text", "ranks"), [("ij,jk", [2]), ("ij->ik", [2]), ("...i", [None]), ("i1", [2])]
)
def test_subscripts_that_cannot_be_read(text: str, ranks: list[int | None]) -> None:
    assert read_subscripts(text, ranks) is None
