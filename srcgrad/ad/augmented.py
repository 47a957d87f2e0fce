"""`x[i] = x[i] + e` is `x[i] += e`, whose adjoint leaves that of the element as it is.

    x_bar_1 = x_bar[i]                   e_bar = x_bar[i]
    x_bar[i] = 0.0                ->
    e_bar = x_bar_1
    x_bar[i] += x_bar_1

Only where both mean the same in NumPy: for elements, and for numbers added to parts of float64
arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from srcgrad.analysis.indexing import selection
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Function, Stmt, Store, StoreOp, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import AUGMENTED, MUTATORS, blocks, names, operands, rebuild, walk
from srcgrad.rules.registry import lookup

OPERATIONS: dict[str, StoreOp] = {"operator.add": "add", "operator.sub": "sub"}
INDICES = ("tuple", "slice")
DOUBLES = ("f8", "pf", "pi", "i", "b")


def with_augmented(fn: Function, kinds: KindFacts) -> Function:
    """The function with augmented stores for sums that are stored where their first term is."""
    reads: dict[str, int] = {}
    for stmt in walk(fn.body):
        for name in names(operands(stmt)):
            reads[name] = reads.get(name, 0) + 1
    body = _Augmented(kinds, reads).block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


@dataclass(slots=True)
class _Augmented:
    kinds: KindFacts
    reads: dict[str, int]

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        changed = False
        for stmt in block:
            new = self.sum(stmt, out) if isinstance(stmt, Store) else None
            if new is None:
                new = rebuild(stmt, self.block) if any(blocks(stmt)) else stmt
            out.append(new)
            changed |= new is not stmt
        return tuple(out) if changed else block

    def sum(self, store: Store, before: list[Stmt]) -> Stmt | None:
        """The augmented store, if the statements before make it one; what it does not need goes."""
        if store.op != "set" or store.sync or not self.kinds.before(store, store.base).is_array:
            return None
        made = self.made(store.value, store, before)
        if made is None or made.fn not in OPERATIONS or made.kwargs:
            return None
        for position, term in enumerate(made.args[: 1 if made.fn == "operator.sub" else 2]):
            read = self.made(term, store, before)
            if read is None or read.fn != "operator.getitem" or read.args[0] != store.base:
                continue
            if not self.same(read.args[1], store.index, before, store.unit):
                continue
            value = made.args[1 - position]
            if value == term or not self.agrees(store, read, made, value):
                continue
            if not all(is_quiet(stmt) for stmt in before[before.index(read) :]):
                continue
            before.remove(read)
            before.remove(made)
            return replace(store, value=value, op=OPERATIONS[made.fn])
        return None

    def made(self, atom: Atom, store: Store, before: list[Stmt]) -> Assign | None:
        """What made a temporary of this statement, if nothing else reads it."""
        if not isinstance(atom, Var) or "@" not in atom.name or self.reads.get(atom.name) != 1:
            return None
        found = next(of_unit(before, store.unit, atom.name), None)
        return found if found is not None and len(found.targets) == 1 else None

    def same(self, a: Atom, b: Atom, before: list[Stmt], unit: int) -> bool:
        """True if two indices name the same place; they are evaluated in one statement."""
        if a == b:
            return True
        if not isinstance(a, Var) or not isinstance(b, Var):
            return False
        one, two = (next(of_unit(before, unit, atom.name), None) for atom in (a, b))
        if one is None or two is None or one.fn != two.fn or len(one.args) != len(two.args):
            return False
        steady = one.fn in INDICES or lookup_discrete(one, self.kinds)
        pairs = zip(one.args, two.args, strict=True)
        return (
            steady
            and not one.kwargs
            and not two.kwargs
            and all(self.same(x, y, before, unit) for x, y in pairs)
        )

    def agrees(self, store: Store, read: Assign, made: Assign, value: Atom) -> bool:
        """True if NumPy does the same for both forms, to the last bit."""
        base, index = self.kinds.before(store, store.base), self.kinds.before(read, read.args[1])
        if self.kinds.after(read, read.target).is_scalar:
            return True
        if base.dtype != "f8" or selection(base, index) != "basic":
            return False
        kind = self.kinds.before(made, value)
        return kind.is_scalar and kind.dtype in DOUBLES


def of_unit(before: list[Stmt], unit: int, name: str) -> Iterator[Assign]:
    """Statements of a unit, the last first, that assign a name."""
    for stmt in reversed(before):
        if getattr(stmt, "unit", -1) != unit or unit < 0:
            return
        if isinstance(stmt, Assign) and name in stmt.targets:
            yield stmt


def is_quiet(stmt: Stmt) -> bool:
    """True for an operation that changes no memory, and assigns a temporary."""
    if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str) or has_effect(stmt):
        return False
    if not all("@" in target for target in stmt.targets) or stmt.fn in MUTATORS | AUGMENTED:
        return False
    known = stmt.fn in INDICES or stmt.fn.startswith(("attr.", "load.", "operator."))
    return known or lookup(stmt.fn) is not None


def lookup_discrete(stmt: Assign, kinds: KindFacts) -> bool:
    """True for arithmetic of integers, which gives the same again."""
    kind: Kind = kinds.after(stmt, stmt.target)
    fn = stmt.fn
    return (
        isinstance(fn, str) and fn.startswith("operator.") and kind.is_scalar and kind.is_discrete
    )
