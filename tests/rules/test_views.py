"""A result that shares memory with an operand is declared to: otherwise stores go wrong unseen."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from srcgrad.ir.core import Const, Var
from srcgrad.rules.registry import viewed
from tests.rules.harness import Lit, Row, leaves, lit, resolve, row
from tests.rules.samples import SMOOTH

V = np.array([0.3, 0.7, 1.1])
SQUARE = np.array([[0.3, 0.7], [1.1, 0.2]])
# Calls that do nothing, or less than they might.
IDLE: list[Row] = [
    row(np.diff, V, n=lit(0)),
    row(np.polyder, V, lit(0)),
    row(np.polyint, V, lit(0)),
    row(np.linalg.matrix_power, SQUARE, lit(1)),
    row(np.einsum, lit("ii->i"), SQUARE),
    row(np.einsum, lit("i->i"), V),
    row(np.trim_zeros, V),
    row(np.resize, V, (3,)),
    row(np.tile, V, lit(1)),
    row(np.repeat, V, lit(1)),
    row(np.pad, V, lit(0)),
    row(np.roll, V, lit(0)),
    row(np.concatenate, (V,)),
    row(np.block, [V]),
    row(np.linalg.multi_dot, [SQUARE, SQUARE]),
    row(np.take, V, np.arange(3)),
    row(np.sum, V, axis=()),
    row(np.unwrap, V),
    row(np.insert, V, np.array([], dtype=int), V[:0]),
    row(np.delete, V, np.array([], dtype=int)),
    row(np.cumsum, V[:1]),
    row(np.polyadd, V, V[:0]),
    row(np.convolve, V, V[:1]),
    row(np.meshgrid, V),
    row(np.clip, V, lit(None), lit(None)),
    row(np.broadcast_to, V, (3,)),
    row(np.ravel, SQUARE.T, lit("F")),
    row(np.reshape, SQUARE.T, (4,), order=lit("F")),
]


@pytest.mark.parametrize("sample", [*SMOOTH, *IDLE], ids=str)
def test_shared_memory_is_declared(sample: Row) -> None:
    if sample.name.startswith(("operator.i", "srcgrad.", "builtins.")):
        pytest.skip("writes into its operand, or makes a container: the analysis knows those")
    values = [copy.deepcopy(_value(arg)) for arg in sample.args]
    options = {name: copy.deepcopy(_value(arg)) for name, arg in sample.kwargs.items()}
    try:
        result = resolve(sample.name)(*values, **options)
    except TypeError:
        pytest.skip("the row stands for a call that Python writes otherwise")
    atoms = [_atom(arg, f"a{i}") for i, arg in enumerate(sample.args)]
    more = {name: _atom(arg, name) for name, arg in sample.kwargs.items()}
    declared = viewed(sample.prim, tuple(atoms), more)
    given = [*zip(atoms, values, strict=True), *((more[n], options[n]) for n in options)]
    for atom, value in given:
        if _shares(result, value):
            assert atom in declared, f"{sample.name} may return a view of {atom}"


def _value(arg: Any) -> Any:
    return arg.value if isinstance(arg, Lit) else arg


def _atom(arg: Any, name: str) -> Any:
    return Const(arg.value) if isinstance(arg, Lit) else Var(name)


def _shares(result: Any, value: Any) -> bool:
    return any(
        isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.shares_memory(a, b)
        for a in leaves(result)
        for b in leaves(value)
    )


def test_an_undeclared_view_would_be_found() -> None:
    assert _shares(V[1:], V)
    assert not _shares(V + 0, V)
