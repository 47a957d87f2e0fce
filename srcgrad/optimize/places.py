"""Places of arrays that statements read or store: names, indices, shapes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Shape
from srcgrad.ir.walk import read_names, rebuild, same, substitute, walk
from srcgrad.optimize.known import Known, start_of_backward

SAME = frozenset({
    "numpy.zeros_like", "numpy.ones_like", "numpy.empty_like", "numpy.full_like", "numpy.copy",
    "method.copy", "copy",
})  # fmt: skip
INDICES = ("tuple", "slice", "operator.add", "operator.sub", "operator.mul", "operator.neg")


def is_number(known: Known, atom: Atom) -> bool:
    if isinstance(atom, Const):
        return type(atom.value) is int
    kind = known.kind(atom)
    return kind is not None and kind.is_scalar and kind.dtype in ("i", "pi")


def is_slice(known: Known, atom: Atom) -> bool:
    made = known.maker(atom)
    return made is not None and made.fn == "slice"


def shape_of(known: Known, atom: Atom) -> Shape | None:
    """That of an array, which is the same throughout."""
    while isinstance(atom, Var):
        kind = known.kinds.get(atom.name)
        if kind is not None:
            return kind.shape if kind.is_array else None
        made = known.maker(atom)
        if made is None or made.fn not in SAME or not made.args:
            return None
        atom = made.args[0]
    return None


def base_and_index(stmt: Stmt) -> tuple[Var | None, Atom | None]:
    """Where a statement reads an item, or stores one."""
    if isinstance(stmt, Store):
        return stmt.base, stmt.index
    if isinstance(stmt, Assign) and stmt.fn == "operator.getitem" and len(stmt.args) == 2:
        base, index = stmt.args
        return (base, index) if isinstance(base, Var) else (None, None)
    return None, None


def without(block: Block, gone: Collection[Stmt]) -> Block:
    out = [rebuild(stmt, lambda inner: without(inner, gone)) for stmt in block if stmt not in gone]
    return same(block, out)


def renamed(block: Block, views: Mapping[str, Var]) -> Block:
    """The block with other variables in the places of some."""

    def other(atom: Atom) -> Atom:
        return views.get(atom.name, atom) if isinstance(atom, Var) else atom

    out = [rebuild(stmt, lambda inner: renamed(inner, views)) for stmt in block]
    return tuple(substitute(stmt, other) for stmt in out)


def without_idle(body: Block) -> Block:
    """The statements without indices that nothing reads."""
    while True:
        read = read_names(body)
        idle = {
            stmt
            for stmt in walk(body)
            if isinstance(stmt, Assign)
            and stmt.fn in INDICES
            and "@" in stmt.target
            and stmt.target not in read
        }
        if not idle:
            return body
        body = without(body, idle)


def with_instead(block: Block, instead: Mapping[Stmt, Block]) -> Block:
    """The block with other statements in the places of some, wherever they are."""
    out: list[Stmt] = []
    for stmt in block:
        found = instead.get(stmt)
        out += (rebuild(stmt, lambda b: with_instead(b, instead)),) if found is None else found
    return same(block, out)


def with_changes(
    fn: Function, change: Callable[[Assign], list[Stmt] | None], everywhere: bool = False
) -> Function:
    """The function with what a change makes of assignments of its adjoint; None leaves one.

    `everywhere`: of those of the program as well.
    """
    start = 0 if everywhere else start_of_backward(fn)
    after = fn.body[start:]
    new = _changed(after, change)
    return fn if new is after else replace(fn, body=(*fn.body[:start], *new))


def _changed(block: Block, change: Callable[[Assign], list[Stmt] | None]) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        found = change(stmt) if isinstance(stmt, Assign) else None
        out += found or (rebuild(stmt, lambda inner: _changed(inner, change)),)
    return same(block, out)
