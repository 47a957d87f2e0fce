"""Which lists are lists in the text, too: those of which the length, or the place of an item, is
not known before the program runs.

Every item is of one kind then: a number, or an array of one rank. Other lists are taken apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import INT, Dtype, Kind, held
from srcgrad.ir.walk import names, operands, rebuild, walk

ONE_TYPE: dict[Dtype, Dtype] = {"pf": "f8", "f8": "f8", "pi": "i", "i": "i", "f4": "f4", "b": "b"}


def lists_of(fn: Function, facts: KindFacts, params: Sequence[str]) -> dict[str, Kind]:
    """Variables for such lists, with the kind that all items have."""
    found: dict[str, list[Kind]] = {}
    opened: set[str] = set()
    nested = {inner for stmt in fn.body for inner in walk((stmt,)) if inner is not stmt}
    for stmt in walk(fn.body):
        for var, kind in _kinds(stmt, facts):
            if kind.tag == "list":
                found.setdefault(var, []).append(kind)
                if kind.items is None and kind.element is not None:
                    opened.add(var)
        opened |= _moving(stmt, facts, stmt in nested)
    out = {}
    for var in found.keys() & opened - set(params):
        element = common([item for kind in found[var] for item in held(kind)])
        if element is not None:
            out[var] = element
    return out


TAKES_LISTS = ("numpy.stack", "numpy.array", "numpy.asarray")


def as_arrays(fn: Function, lists: Mapping[str, Kind]) -> Function:
    """The function with lists made arrays where a function of arrays is given one."""
    if not lists:
        return fn

    def change(block: Block) -> Block:
        return tuple(new for stmt in block for new in one(rebuild(stmt, change)))

    def one(stmt: Stmt) -> tuple[Stmt, ...]:
        if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str):
            return (stmt,)
        if stmt.fn in TAKES_LISTS or not stmt.fn.startswith("numpy."):
            return (stmt,)
        args = list(stmt.args)
        made: list[Stmt] = []
        for at, atom in enumerate(args):
            if isinstance(atom, Var) and atom.name in lists:
                new = f"{atom.name}@a{at}{stmt.targets[0] if stmt.targets else ''}"
                made.append(Assign((new,), "numpy.array", (atom,), unit=stmt.unit))
                args[at] = Var(new)
        return (*made, replace(stmt, args=tuple(args))) if made else (stmt,)

    return replace(fn, body=change(fn.body))


def _kinds(stmt: Stmt, facts: KindFacts) -> Iterator[tuple[str, Kind]]:
    yield from facts.reads.get(stmt, {}).items()
    yield from facts.writes.get(stmt, {}).items()


def _moving(stmt: Stmt, facts: KindFacts, nested: bool) -> set[str]:
    """The list of which this statement reads or changes an item that only the run knows."""
    if isinstance(stmt, Store):
        moves = nested or not isinstance(stmt.index, Const)
        return {stmt.base.name} if moves else set()
    if isinstance(stmt, Assign) and stmt.fn == "operator.getitem":
        base, index = stmt.args
        kind = facts.before(stmt, index)
        moves = kind.is_scalar and not isinstance(kind.value, int)
        return set(names((base,))) if moves else set()
    return set()


def whole_params(fn: Function, kinds: Mapping[str, Kind], facts: KindFacts) -> dict[str, Kind]:
    """Parameters that are tuples of integers, read at places that only the run knows.

    They are parameters of the text, too; other containers are taken apart.
    """
    found = {var: whole_kind(kind) for var, kind in kinds.items() if is_of_ints(kind)}
    moving: set[str] = set()
    for stmt in walk(fn.body):
        moving |= _moving(stmt, facts, True)
        for var in names(operands(stmt)):
            reads = isinstance(stmt, Assign) and stmt.fn in ("operator.getitem", "builtins.len")
            if not reads or isinstance(stmt, Assign) and stmt.args[0] != Var(var):
                found.pop(var, None)
    return {var: kind for var, kind in found.items() if var in moving}


def is_of_ints(kind: Kind) -> bool:
    """Whether a sequence holds integers alone, two or more."""
    items = [item for _, item in kind.items or ()]
    same = all(item.is_scalar and item.dtype in ("pi", "i") for item in items)
    return kind.tag in ("tuple", "list") and len(items) > 1 and same


def whole_kind(kind: Kind) -> Kind:
    """A tuple of integers of this length."""
    items = kind.items or ()
    return Kind("tuple", element=INT, value=len(items))


def common(kinds: Sequence[Kind]) -> Kind | None:
    """The kind that all of these are of; None where they differ."""
    types = {(k.tag, ONE_TYPE.get(k.dtype), k.rank) for k in kinds}
    if len(types) != 1:
        return None
    ((tag, dtype, rank),) = types
    weak = [k.dtype for k in kinds if k.dtype in ("pf", "pi")]  # whose errors are exceptions
    dtype = weak[0] if weak else dtype
    if dtype is None or rank is None or tag == "array" and not rank:
        return None
    return Kind("scalar", dtype, ()) if tag == "scalar" else kinds[0].with_dtype(dtype)
