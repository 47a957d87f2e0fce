"""Every formula against central differences, every kind against the real result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcgrad.ir.kinds import UNKNOWN, Dim, Kind
from srcgrad.rules.registry import TABLE, Primitive
from tests.rules.harness import (
    Row,
    assert_kind,
    differences,
    flat,
    is_float,
    leaves,
    make_case,
    rebuilt,
    row,
)
from tests.rules.samples import SMOOTH
from tests.rules.samples_complex import MORE
from tests.rules.samples_discrete import DISCRETE

# Differences leave the simplex, where SciPy puts the last probability right.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Some rows of .p. do not sum:FutureWarning",
)

FILES = {
    f"srcgrad.rules.{name}"
    for name in (
        "builtinfunctions",
        "carried",
        "complexfunctions",
        "complexparts",
        "copying",
        "convolution",
        "counts",
        "creation",
        "diagonals",
        "discrete",
        "distributions",
        "einsum",
        "elementwise",
        "fourier",
        "fourieraxes",
        "factorisations",
        "grids",
        "images",
        "indexing",
        "joining",
        "linalg",
        "linalgcomplex",
        "mathfunctions",
        "matrixfunctions",
        "operators",
        "ordering",
        "polynomials",
        "powers",
        "products",
        "reductions",
        "roots",
        "running",
        "scipylinalg",
        "selection",
        "shaping",
        "signals",
        "sparse",
        "specialfamilies",
        "specialfunctions",
        "spectra",
        "statistics",
        "ufuncmethods",
    )
}


def with_numbers(rows: list[Row]) -> Iterator[Row]:
    """The rows of elementwise functions again, with Python floats for the arrays."""
    for sample in rows:
        if sample.prim.elementwise and any(isinstance(a, np.ndarray) for a in sample.args):
            args = [_first(a) for a in sample.args]
            yield replace(sample, args=tuple(args))


def _first(arg: Any) -> Any:
    return arg.flat[0].item() if isinstance(arg, np.ndarray) else arg


SCALAR = [sample for sample in with_numbers(SMOOTH) if not sample.name.startswith("attr.")]


@pytest.mark.parametrize("sample", [*SMOOTH, *SCALAR], ids=str)
def test_formula_is_the_derivative(sample: Row) -> None:
    case = make_case(sample)
    y = case.run(case.values)
    g = rebuilt(y, np.random.default_rng(1).normal(size=flat(y).size))
    formulas = case.formulas()
    checked = 0
    for name, atom in case.call.args.items():
        if not is_float(case.values[name]) or case.call.is_literal(name):
            continue
        if name in sample.fixed:
            assert name not in formulas and name not in sample.prim.silent
            continue
        expected = differences(case, name, g)
        checked += 1
        if name not in formulas:
            np.testing.assert_allclose(expected, 0, err_msg=f"{name} has no formula")
            continue
        bar = case.cotangent(formulas[name], g, y, case.values, name)
        _same_structure(bar, case.values[name])
        np.testing.assert_allclose(flat(bar), expected, rtol=2e-5, atol=2e-7, err_msg=str(atom))
    assert checked, "the row has no float argument"


def _same_structure(bar: Any, x: Any) -> None:
    """Cotangents of sequences may be arrays, indexed alike; numbers may be 0-d arrays."""
    if isinstance(x, (list, tuple)):
        assert len(bar) == len(x)
        for bar_item, item in zip(bar, x, strict=True):
            _same_structure(bar_item, item)
    else:
        assert np.shape(bar) == np.shape(x)


@pytest.mark.parametrize("sample", [*SMOOTH, *SCALAR, *DISCRETE], ids=str)
def test_kind_is_true_of_the_result(sample: Row) -> None:
    case = make_case(sample)
    kind = case.call.result
    assert_kind(kind, case.run(case.values), case.lengths)
    if not sample.loose:
        assert kind.tag != "unknown"
        assert kind.dtype != "?" or kind.tag not in ("scalar", "array")
        assert kind.shape is not None or kind.tag not in ("scalar", "array")


def _rank_only(kind: Kind) -> Kind:
    """The lengths of an array as symbols of which nothing is known."""
    if not kind.is_array or kind.shape is None:
        return kind
    return replace(kind, shape=tuple(Dim(f"{id(kind)}.{axis}") for axis in range(len(kind.shape))))


WEAKENED = {
    "unknown": lambda kind: UNKNOWN,
    "no shape": lambda kind: replace(kind, shape=None) if kind.is_array else kind,
    "no dtype": lambda kind: replace(kind, dtype="?") if kind.tag in ("array", "scalar") else kind,
    "no lengths": _rank_only,
    "no items": lambda kind: Kind(kind.tag) if kind.is_container else kind,
    "no value": lambda kind: replace(kind, value=None),
}


@pytest.mark.parametrize("known", list(WEAKENED))
@pytest.mark.parametrize("sample", [*SMOOTH, *SCALAR, *DISCRETE], ids=str)
def test_kind_is_never_guessed(sample: Row, known: str) -> None:
    case = make_case(sample, WEAKENED[known])
    assert_kind(case.call.result, case.run(case.values), case.lengths)


def _single(arg: Any) -> Any:
    return arg.astype(np.float32) if isinstance(arg, np.ndarray) and arg.dtype == float else arg


# SciPy computes these in double precision, whatever it is given; logarithms get complex.
WIDENS = {"scipy.special.digamma", "scipy.special.psi", "scipy.special.betainc"}
WIDENS |= {"scipy.linalg.logm"} | {
    f"scipy.special.{name}"
    for name in (
        *("betaincinv", "betaincc", "stdtr", "chdtr", "chdtrc", "pdtr"),
        *("ellipk", "ellipe", "ellipkm1"),
    )
}
SINGLE = [
    Row(s.name, tuple(map(_single, s.args)), {k: _single(v) for k, v in s.kwargs.items()}, s.loose)
    for s in SMOOTH
    if any(isinstance(a, np.ndarray) and a.dtype == float for a in s.args) and s.name not in WIDENS
]


def _ones(y: Any) -> Any:
    if isinstance(y, (list, tuple)):
        return [_ones(item) for item in y]
    return np.asarray(y) * 0 + np.asarray(1, dtype=np.asarray(y).dtype)


@pytest.mark.parametrize("sample", SINGLE, ids=str)
def test_float32_stays_float32(sample: Row) -> None:
    case = make_case(sample)
    y = case.run(case.values)
    assert_kind(case.call.result, y, case.lengths)
    g = _ones(y)
    for name, formula in case.formulas().items():
        x = case.values.get(name)
        if isinstance(x, np.ndarray) and not case.call.is_literal(name):
            bar = case.cotangent(formula, g, y, case.values, name)
            wide = any(np.asarray(leaf).dtype == np.float64 for leaf in leaves(y))
            double = {np.dtype(np.float64)} if wide else {x.dtype}
            assert bar.dtype in (double if sample.prim.elementwise else {x.dtype, *double})


def _files(prim: Primitive) -> set[Any]:
    formulas = [formula for rule in prim.rules for formula in rule.formulas.values()]
    return {f.namespace.get("__name__") for f in formulas} | {prim.namespace.get("__name__")}


def test_every_primitive_with_a_derivative_has_a_row() -> None:
    ours = {name for name, prim in TABLE.items() if _files(prim) & FILES}
    assert len(ours) > 100
    derived = {name for name in ours if name.endswith(".outer")}  # tested in tests/programs
    # tested in test_scipy_programs.py: of sparse factors, with results partly complex
    derived |= {"method.solve", "scipy.signal.csd", "scipy.signal.stft", "scipy.signal.istft"}
    # tested in test_interpolation.py: the object that a row holds is not made of its values
    derived |= {name for name in ours if name.startswith("srcgrad.support_splines.")}
    # tested in test_shapes_of_distributions.py
    derived |= {name for name in ours if name.startswith("srcgrad.support_shapes.")}
    # tested in test_custom.py and test_custom_jvp.py: what a rule gives must fit its argument
    derived |= {"srcgrad.support.cotangent", "srcgrad.support.tangent"}
    assert ours - derived - {sample.name for sample in [*SMOOTH, *MORE]} == set()


def test_a_wrong_formula_would_be_found() -> None:
    case = make_case(row(np.sin, np.array([0.3, 0.7])))
    wrong = make_case(row(np.cos, np.array([0.3, 0.7]))).formulas()["x"]
    g = np.ones(2)
    bar = case.cotangent(wrong, g, case.run(case.values), case.values, "x")
    assert not np.allclose(bar, differences(case, "x", g))
