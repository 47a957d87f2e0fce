"""Operands that are read for their shape only, and numbers that stand for arrays.

What a cotangent is summed to, or spread over, is read for its shape. Where that follows from the
shapes of parameters, a stand-in takes its place: the array itself need not be kept, nor made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind, array
from srcgrad.ir.walk import names, operands, rebuild, walk
from srcgrad.loops.lengths import Lengths

# By function: the position of the operand of which the shape alone counts.
SHAPE_ONLY = {
    "srcgrad.support.unbroadcast": 1,
    "srcgrad.support.zeros_like": 0,
    "srcgrad.support_arrays.expand_reduced": 1,
    "srcgrad.support_arrays.short_diff_adjoint": 1,
    "srcgrad.support_arrays.split_like": 1,
    "numpy.zeros_like": 0,
    "numpy.ones_like": 0,
    "numpy.empty_like": 0,
    "numpy.full_like": 0,
    "attr.shape": 0,
    "numpy.shape": 0,
    "attr.size": 0,
    "numpy.size": 0,
}
_FLOATS = ("pf", "f8")
_SUMS = ("operator.add", "operator.sub", "srcgrad.support.add")


@dataclass(frozen=True, slots=True)
class StandIn:
    """An operand of this kind, whose lengths are those of parameters."""

    kind: Kind


def with_stand_ins(fn: Function, facts: KindFacts, lengths: Lengths) -> Function:
    """The function with stand-ins for operands that are read for their shape only."""

    def change(block: Block) -> Block:
        return tuple(rebuild(one(stmt), change) for stmt in block)

    def one(stmt: Stmt) -> Stmt:
        place = (
            SHAPE_ONLY.get(stmt.fn) if isinstance(stmt, Assign) and type(stmt.fn) is str else None
        )
        if place is None or not isinstance(stmt, Assign) or len(stmt.args) <= place:
            return stmt
        atom = stmt.args[place]
        kind = facts.before(stmt, atom)
        if not isinstance(atom, Var) or not is_measured(kind, lengths):
            return stmt
        args: list[Atom] = list(stmt.args)
        args[place] = Const(StandIn(lengths.kind(kind)))
        return replace(stmt, args=tuple(args))

    return replace(fn, body=change(fn.body))


def is_measured(kind: Kind, lengths: Lengths) -> bool:
    """Whether all lengths of an array, or of the items of a sequence, are those of parameters."""
    if kind.tag in ("list", "tuple") and kind.items is not None:
        return all(item.is_scalar or is_measured(item, lengths) for _, item in kind.items)
    if not kind.is_array or kind.shape is None or kind.dtype == "?":
        return False
    roots = (lengths.root(length)[0] for length in kind.shape)
    return all(not symbol or symbol in lengths.fixed for symbol in roots)


def still_spread(fn: Function, facts: KindFacts, spread: dict[str, Kind]) -> dict[str, Kind]:
    """Those of them that are arrays of float64 at every binding."""
    wrong = {
        name
        for stmt in walk(fn.body)
        for name, kind in _bound(stmt, facts)
        if name in spread and kind != spread[name]
    }
    return {name: kind for name, kind in spread.items() if name not in wrong}


def spread(fn: Function, facts: KindFacts, lengths: Lengths) -> dict[str, Kind]:
    """Variables that are a number first and an array of one shape later, which all who read them
    spread the number to: they may be that array from the start."""
    shapes: dict[str, set[Kind]] = {}
    numbers: set[str] = set()
    grown: set[str] = set()
    others: set[str] = set()
    sums = {stmt.target: stmt for stmt in walk(fn.body) if _is_sum(stmt)}
    for stmt in walk(fn.body):
        for name, kind in _bound(stmt, facts):
            if kind.shape is None and _is_own_sum(stmt, name, sums):
                grown.add(name)  # to the shape of what is added, which is seen where it is read
            elif kind.is_scalar and kind.dtype in _FLOATS:
                numbers.add(name)
            elif kind.dtype in (*_FLOATS, "?") and is_measured(kind.with_dtype("f8"), lengths):
                grown.add(name)
                shapes.setdefault(name, set()).add(array("f8", lengths.kind(kind).shape))
            else:
                others.add(name)
        for name in names(operands(stmt)):
            beside = _beside(stmt, name, facts)
            if beside is not None and is_measured(beside, lengths):
                shapes.setdefault(name, set()).add(array("f8", lengths.kind(beside).shape))
            elif not _spreads(stmt, name) and not facts.before(stmt, Var(name)).is_array:
                others.add(name)
    found = numbers & grown & shapes.keys() - others - {p.name for p in fn.params}
    return {name: shape for name in found for shape in shapes[name] if len(shapes[name]) == 1}


def _bound(stmt: Stmt, facts: KindFacts) -> Iterator[tuple[str, Kind]]:
    if isinstance(stmt, Assign):
        for target in stmt.targets:
            yield target, facts.after(stmt, target)
    else:
        yield from facts.writes.get(stmt, {}).items()


def _is_sum(stmt: Stmt) -> TypeGuard[Assign]:
    return (
        isinstance(stmt, Assign)
        and stmt.fn in _SUMS
        and (len(stmt.targets), len(stmt.args), stmt.kwargs) == (1, 2, ())
    )


def _is_own_sum(stmt: Stmt, name: str, sums: dict[str, Assign]) -> bool:
    """Whether a statement adds something to a variable, or binds it to such a sum."""
    if isinstance(stmt, Assign) and stmt.fn == "copy" and isinstance(stmt.args[0], Var):
        stmt = sums.get(stmt.args[0].name, stmt)
    return _is_sum(stmt) and stmt.args.count(Var(name)) == 1


def _beside(stmt: Stmt, name: str, facts: KindFacts) -> Kind | None:
    """The array of float64 that a statement adds to a variable which may be a number."""
    if (
        not _is_sum(stmt)
        or stmt.args.count(Var(name)) != 1
        or facts.before(stmt, Var(name)).is_array
    ):
        return None
    (kind,) = (facts.before(stmt, atom) for atom in stmt.args if atom != Var(name))
    return kind if kind.is_array and kind.dtype == "f8" else None


def _spreads(stmt: Stmt, name: str) -> bool:
    """Whether a statement reads a variable as one that is spread to a shape."""
    place = {"numpy.broadcast_to": 0, "numpy.full_like": 1}.get(str(getattr(stmt, "fn", "")))
    return (
        isinstance(stmt, Assign)
        and place is not None
        and [n for n, atom in enumerate(stmt.args) if atom == Var(name)] == [place]
        and not stmt.kwargs
    )
