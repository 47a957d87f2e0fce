"""Rules that hold for complex operands, checked with such: each sample row of theirs once more.

For a real objective `L` and a complex argument `x = a + ib` the cotangent is `dL/da - i dL/db`; of
a real argument beside complex ones the real part counts.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcgrad.ad.choose import takes_complex
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import COMPLEX_READY, TABLE, formulas_for
from srcgrad.support_hermitian import phase_free
from tests.rules.harness import Case, Lit, Row, is_float, leaves, make_case
from tests.rules.samples import SMOOTH
from tests.rules.samples_complex import MORE

# Rows whose arguments cannot be complex: NumPy wants real ones there.
REAL_ARGUMENTS = {
    "numpy.average": ("weights",),
    "numpy.interp": ("x", "xp"),
    "numpy.fft.rfft": ("a",),
    "numpy.fft.ihfft": ("a",),
    "cmath.rect": ("r", "phi"),
    "numpy.linalg.norm": ("ord",),
}

# The phases of their vectors are arbitrary: programs that do not depend on them are tested in
# tests/rules/second_order.
PHASES = {"numpy.linalg.svd", "numpy.linalg.eigh", canonical_name(phase_free)}


def turned(value: Any, rng: np.random.Generator) -> Any:
    """A value like `value`, with imaginary parts."""
    if isinstance(value, Lit):
        return value
    if isinstance(value, dict):
        return {key: turned(item, rng) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([turned(item, rng) for item in value])
    if isinstance(value, np.ndarray):
        return value + 1j * rng.uniform(0.2, 0.9, value.shape)
    return value + 1j * rng.uniform(0.2, 0.9)


def complex_rows() -> Iterator[Row]:
    """Rows with one float argument made complex, and with all of them."""
    for number, sample in enumerate(SMOOTH):
        if sample.name not in COMPLEX_READY - PHASES:
            continue
        names = list(make_case(sample).call.args)
        real = REAL_ARGUMENTS.get(sample.name, ())
        places = [
            i
            for i, arg in enumerate(sample.args)
            if not isinstance(arg, Lit) and is_float(arg) and names[i] not in real
        ]
        for chosen in {tuple(places), *((i,) for i in places)} - {()}:
            rng = np.random.default_rng(number)
            args = [turned(a, rng) if i in chosen else a for i, a in enumerate(sample.args)]
            turned_row = replace(sample, args=tuple(args))
            if is_possible(turned_row):
                yield turned_row


def is_possible(sample: Row) -> bool:
    """Whether NumPy takes such arguments: it adds no complex array to a real one in place."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            case = make_case(sample)
            case.run(case.values)
    except (TypeError, np.exceptions.ComplexWarning):
        return False
    return True


FOUND = [*complex_rows(), *MORE]
ROWS = [r for r in FOUND if formulas_for(r.prim, make_case(r).call) is not None]
# Functions of which some forms are refused for complex operands.
PARTLY = {"numpy.linalg.qr", "numpy.var", "numpy.std"}


def objective(case: Case, values: dict[str, Any], weights: list[Any]) -> float:
    y = case.run(values)
    pairs = zip(leaves(y), weights, strict=True)
    return float(sum(np.real(np.sum(part * weight)) for part, weight in pairs))


def slopes(case: Case, name: str, weights: list[Any]) -> Any:
    """`dL/da - i dL/db`, leaf by leaf, in one vector."""
    parts = [np.array(leaf) for leaf in leaves(case.values[name])]
    out = []
    for part in parts:
        flat = part.reshape(-1)
        for i in range(flat.size):
            kept, slope = flat[i], 0j
            for unit in (1, 1j) if np.iscomplexobj(part) else (1,):
                sides = []
                for step in (case.row.step, -case.row.step):
                    flat[i] = kept + step * unit
                    value = _like(case.values[name], [p.copy() for p in parts])
                    sides.append(objective(case, {**case.values, name: value}, weights))
                flat[i] = kept
                slope += (sides[0] - sides[1]) / (2 * case.row.step) * np.conj(unit)
            out.append(slope)
    return np.array(out)


def _like(value: Any, parts: list[Any]) -> Any:
    if isinstance(value, dict):
        return {key: _like(item, parts) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [_like(item, parts) for item in value]
        return value._make(items) if hasattr(value, "_make") else type(value)(items)
    part = parts.pop(0)
    return part if isinstance(value, np.ndarray) else type(value)(part[()])


@pytest.mark.parametrize("sample", ROWS, ids=str)
def test_cotangents_of_complex_arguments(sample: Row) -> None:
    case = make_case(sample)
    y = case.run(case.values)
    rng = np.random.default_rng(1)
    weights = [
        rng.normal(size=np.shape(leaf))
        + (1j * rng.normal(size=np.shape(leaf)) if np.iscomplexobj(leaf) else 0)
        for leaf in leaves(y)
    ]
    g = _like(y, [np.asarray(weight) for weight in weights])
    formulas = case.formulas()
    checked = 0
    for name in case.call.args:
        value = case.values[name]
        numbers = leaves(value)
        if case.call.is_literal(name) or name not in formulas or not numbers:
            continue
        if any(np.asarray(leaf).dtype.kind not in "fc" for leaf in numbers):
            continue
        bar = case.cotangent(formulas[name], g, y, case.values, name)
        found = np.concatenate([np.ravel(part) for part in leaves(bar)])
        if not any(map(np.iscomplexobj, numbers)):
            found = np.real(found)
        expected = slopes(case, name, weights)
        np.testing.assert_allclose(
            found, expected, rtol=sample.step * 20, atol=sample.step / 5, err_msg=name
        )
        checked += 1
    assert checked


def test_only_known_forms_are_refused() -> None:
    kept = {id(sample) for sample in ROWS}
    assert {sample.name for sample in FOUND if id(sample) not in kept} == PARTLY


def test_every_rule_that_holds_for_complex_numbers_has_a_row() -> None:
    checked = {sample.name for sample in ROWS}
    checked.add("scipy.signal.istft")  # in test_scipy_programs.py: its result is a tuple
    # tested with the rules that they check, in test_custom.py and test_custom_jvp.py
    checked |= {"srcgrad.support.cotangent", "srcgrad.support.tangent"}
    # what `scipy.linalg.solve` becomes in a program: its rows test them, in test_end_to_end.py
    checked |= {f"srcgrad.support_systems.{name}" for name in ("solve_by", "solve_turned_by")}
    missing = COMPLEX_READY & TABLE.keys() - checked - PHASES
    assert not missing, sorted(missing)
    assert not COMPLEX_READY - TABLE.keys(), sorted(COMPLEX_READY - TABLE.keys())


def test_functions_that_refuse_complex_numbers_themselves() -> None:
    assert not takes_complex("numpy.floor")
    assert not takes_complex("math.sin")
    assert takes_complex("numpy.abs")
    assert takes_complex("numpy.linalg.norm")
