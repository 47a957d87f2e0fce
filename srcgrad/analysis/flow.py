"""Which operands carry a derivative: what each operation differentiates through, by its rule."""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.operations import BoundCall
from srcgrad.ir.core import Assign, Atom, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.registry import BindError, Primitive, bind, formulas_for, lookup, make_call

KindOf = Callable[[Atom], Kind]
STRUCTURAL = frozenset({"copy", "unpack", "tuple", "list", "dict", "srcgrad.support.own"})
# Operations whose operands are read but never differentiated through.
SILENT = frozenset({"slice", "fstring", "assert", "raise", "builtins.range", "method.keys"})
# Of numbers these have no derivative; of dicts the result has the items of both.
UNIONS = frozenset({"operator.or_", "operator.ior"})


def call_of(stmt: Assign, kind_of: KindOf) -> BoundCall | None:
    """The primitive an operation calls and its bound call; None for anything else."""
    if not isinstance(stmt.fn, str):
        return None
    prim, args = lookup(stmt.fn), stmt.args
    if prim is None:
        prim, args = _draw(stmt, kind_of)
    if prim is None:
        return None
    try:
        return prim, make_call(prim, bind(prim, args, dict(stmt.kwargs)), kind_of)
    except BindError:
        return None


def known_call(stmt: Assign, kinds: KindFacts) -> BoundCall | None:
    """As `call_of`, of a statement of which the kinds are inferred."""
    found = kinds.calls.get(stmt)
    return found or call_of(stmt, lambda atom: kinds.before(stmt, atom))


def _draw(stmt: Assign, kind_of: KindOf) -> tuple[Primitive | None, tuple[Atom, ...]]:
    """What a random number is drawn from: a method of a generator, a function of NumPy's."""
    owner, _, name = str(stmt.fn).rpartition(".")
    if owner == "numpy.random":
        return lookup(f"draw.{name}"), stmt.args
    if owner == "method" and stmt.args and kind_of(stmt.args[0]).tag == "generator":
        return lookup(f"draw.{name}"), stmt.args[1:]
    return None, ()


# What gives an item, or a part, as it is; another object may compute with what it is indexed by.
INDEXED = frozenset({"array", "tuple", "list", "dict", "str"})


def differentiable(stmt: Assign, kinds: KindFacts) -> frozenset[str]:
    """Names of the operands a derivative may flow through. Unknown functions: all that are not
    discrete."""
    fn = stmt.fn

    def kind_of(atom: Atom) -> Kind:
        return kinds.before(stmt, atom)

    atoms: tuple[Atom, ...] = (*stmt.args, *(atom for _, atom in stmt.kwargs))
    if isinstance(fn, str):
        if fn in SILENT or fn.startswith("load."):
            return frozenset()
        if fn == "operator.getitem":
            known = kind_of(stmt.args[0]).tag in INDEXED
            atoms = stmt.args[:1] if known else stmt.args
        elif fn in UNIONS:
            atoms = tuple(a for a in stmt.args if kind_of(a).tag in ("unknown", "dict"))
        elif fn == "dict":
            atoms = stmt.args[1::2]
        elif fn not in STRUCTURAL:
            found = known_call(stmt, kinds)
            if found is not None:
                formulas = formulas_for(*found)
                if formulas is not None:
                    nothing = found[0].is_zero and not formulas
                    silent = found[1].args.keys() if nothing else found[0].silent
                    atoms = tuple(a for name, a in found[1].args.items() if name not in silent)
    return frozenset(a.name for a in atoms if isinstance(a, Var) and not kind_of(a).is_discrete)
