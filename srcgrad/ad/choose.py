"""The formulas of a call, as its operands are real, may be complex, or are not told to be either.

Where nothing tells, the formulas of real numbers are used. If those of complex ones differ, the run
checks that it gets no complex numbers.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Mapping

import numpy as np

from srcgrad import support_complex
from srcgrad.analysis.complexes import ComplexFacts, Numbers
from srcgrad.analysis.flow import call_of, known_call
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.operations import BoundCall
from srcgrad.ir.classes import dataclass, replace
from srcgrad.ir.core import Assign
from srcgrad.ir.kinds import Dtype
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import COMPLEX_READY, Primitive, formulas_for
from srcgrad.rules.results import COMPLEX

REAL_ONLY = canonical_name(support_complex.real_only)
# Their derivative is 0 at real numbers, and another thing at complex ones.
FLAT_AT_REALS = ("numpy.sign",)
RAISING = (
    *(
        "operator.mod",
        "operator.imod",
        "builtins.float",
        "builtins.int",
        "builtins.round",
        "builtins.divmod",
        "numpy.bincount",
    ),
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
    wider = _with_dtypes(call, {n: "c?" for n, numbers in found.items() if numbers})
    general = formulas_for(prim, wider) if prim.name in COMPLEX_READY else None
    if worst is Numbers.COMPLEX:
        real = _with_dtypes(call, {n: "f8" for n, numbers in found.items() if numbers}, True)
        return Chosen(general, refused=general is None and formulas_for(prim, real) is not None)
    if formulas is None or general is not None and _same(formulas, general):
        return Chosen(formulas)
    return Chosen(formulas, frozenset(n for n in formulas if found.get(n) is Numbers.UNTOLD))


def _with_dtypes(call: Call, dtypes: Mapping[str, Dtype], anew: bool = False) -> Call:
    """The call with other dtypes of some operands; `anew`: of those known to be complex, too."""
    kinds = {
        name: kind.with_dtype(dtypes[name])
        if name in dtypes and (anew or kind.dtype not in COMPLEX)
        else kind
        for name, kind in call.kinds.items()
    }
    return replace(call, kinds=kinds)


def _same(a: Formulas, b: Formulas) -> bool:
    if a is b:
        return True
    return a.keys() == b.keys() and all(ast.dump(a[n].body) == ast.dump(b[n].body) for n in a)


@functools.cache
def takes_complex(name: str) -> bool:
    """False for functions that raise an error themselves where they are given complex numbers."""
    if name.startswith("math.") or name in RAISING:
        return False
    module, _, attribute = name.rpartition(".")
    if module not in ("numpy", "scipy.special"):
        return True
    fn = getattr(sys.modules.get(module), attribute, None)
    return not isinstance(fn, np.ufunc) or any("D" in t.split("->")[0] for t in fn.types)


def as_square(stmt: Assign) -> Assign:
    """`x * x` as the square it is: one contribution instead of two that are equal."""
    same = stmt.fn in ("operator.mul", "numpy.multiply") and not stmt.kwargs
    if same and len(stmt.args) == 2 and stmt.args[0] == stmt.args[1]:
        return replace(stmt, fn="numpy.square", args=stmt.args[:1])
    return stmt


def squared_call(stmt: Assign, kinds: KindFacts) -> BoundCall | None:
    """The call that a statement makes, `x * x` as a square."""
    square = as_square(stmt)
    if square is stmt:
        return known_call(stmt, kinds)
    return call_of(square, lambda atom: kinds.before(stmt, atom))
