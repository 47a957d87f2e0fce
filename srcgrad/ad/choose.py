"""The formulas of a call, as its operands are real, may be complex, or are not told to be either.

Where nothing tells, the formulas of real numbers are used. If those of complex ones differ, the run
checks that it gets no complex numbers.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from srcgrad import support_complex
from srcgrad.analysis.complexes import ComplexFacts, Numbers
from srcgrad.ir.core import Assign
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import COMPLEX_READY, Primitive, formulas_for

REAL_ONLY = canonical_name(support_complex.real_only)
RAISING = (
    *("builtins.float", "builtins.int", "builtins.round", "builtins.divmod", "numpy.bincount"),
    *("numpy.quantile", "numpy.percentile", "numpy.nanquantile", "numpy.nanpercentile"),
)
Formulas = Mapping[str, Formula]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The formulas of a call; `checked`: operands that the run has to find real.

    `refused`: there are formulas, for real operands only, and these may be complex.
    """

    formulas: Formulas | None
    checked: frozenset[str] = frozenset()
    refused: bool = False


def choose(prim: Primitive, call: Call, stmt: Assign, facts: ComplexFacts) -> Chosen:
    """The formulas that hold for a call."""
    formulas = formulas_for(prim, call)
    found = {name: facts.before(stmt, atom) for name, atom in call.args.items()}
    worst = max(found.values(), default=Numbers.REAL)
    if worst is Numbers.REAL or not takes_complex(prim.name):
        return Chosen(formulas)
    wider = {
        name: kind.with_dtype("c?")
        if kind.dtype == "?" and found[name] is not Numbers.REAL
        else kind
        for name, kind in call.kinds.items()
    }
    general = formulas_for(prim, replace(call, kinds=wider)) if prim.name in COMPLEX_READY else None
    if worst is Numbers.COMPLEX:
        return Chosen(general, refused=general is None and formulas is not None)
    if formulas is None or general is not None and _same(formulas, general):
        return Chosen(formulas)
    return Chosen(formulas, frozenset(n for n in formulas if found.get(n) is Numbers.UNTOLD))


def _same(a: Formulas, b: Formulas) -> bool:
    if a is b:
        return True
    return a.keys() == b.keys() and all(ast.dump(a[n].body) == ast.dump(b[n].body) for n in a)


@functools.cache
def takes_complex(name: str) -> bool:
    """False for functions that raise an error themselves where they are given complex numbers."""
    if name.startswith("math.") or name in RAISING:
        return False
    fn = getattr(np, name.removeprefix("numpy."), None) if name.startswith("numpy.") else None
    return not isinstance(fn, np.ufunc) or any("D" in t.split("->")[0] for t in fn.types)
