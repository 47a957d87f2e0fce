"""What the forward sweep keeps for the backward sweep, and how it comes back.

A value recorded inside a loop goes onto one list per variable (`x_tape`), pushed forward and popped
backward; outside loops it is simply kept under another name. What a store overwrites in memory, or
a method in a list, is recorded and put back in the same way.
"""

from __future__ import annotations

from srcgrad import support
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.steps import Step
from srcgrad.analysis.containers import has_item
from srcgrad.analysis.indexing import selection
from srcgrad.ir.core import Assign, Atom, Const, Pop, Push, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.naming import canonical_name

PUT_BACK = canonical_name(support.put_back)
PUT_BACK_ALL = canonical_name(support.put_back_all)
OWN = canonical_name(support.own)


class Records:
    """Statements that record values, and those that bring them back."""

    def __init__(self, context: Context, build: Builder) -> None:
        self.context = context
        self.build = build
        self.tapes: dict[str, None] = {}
        self.kept: dict[tuple[Stmt, str], str] = {}
        self.kept_count: dict[str, int] = {}

    def line(self, unit: int) -> str:
        found = self.context.fn.units.get(unit)
        return str(found.line) if found is not None else "?"

    def read_by(self, unit: int) -> str:
        known = unit in self.context.fn.units
        return f"read by the adjoint of line {self.line(unit)}" if known else "read at the end"

    def tape(self, name: str) -> str:
        tape = f"{name}%tape"
        self.tapes.setdefault(tape)
        return tape

    def keep(self, stmt: Stmt, key: str, name: str, value: Var) -> Stmt:
        """Outside loops: the value under another name."""
        number = self.kept_count[name] = self.kept_count.get(name, 0) + 1
        kept = self.kept[(stmt, key)] = f"{name}%saved{number if number > 1 else ''}"
        return Assign((kept,), "copy", (value,), unit=-1)

    # variables
    def variable(self, stmt: Stmt, name: str, depth: int, reason: str) -> Stmt:
        if depth:
            return Push(self.tape(name), Var(name), reason, unit=-1, overwritten=True)
        return self.keep(stmt, name, name, Var(name))

    def variable_back(self, stmt: Stmt, name: str, depth: int) -> Stmt:
        if depth:
            return Pop(self.tape(name), name, unit=stmt.unit)
        return Assign((name,), "copy", (Var(self.kept[(stmt, name)]),), unit=stmt.unit)

    # content of memory
    def content(self, stmt: Store | Assign, depth: int) -> list[Stmt]:
        """Record what a store overwrites, or a method changes."""
        base = base_of(stmt)
        if isinstance(stmt, Assign):
            old = self.build.fresh(f"{base.name}%old")
            is_dict = self.context.kinds.before(stmt, base).tag == "dict"
            fn = "builtins.dict" if is_dict else "builtins.list"
            copied: Stmt = Assign((old,), fn, (base,), unit=-1)
            return [copied, self.hold(stmt, base.name, old, depth)]
        if self.is_new_item(stmt):
            return []
        out, old = self.overwritten(stmt)
        return [*out, self.hold(stmt, base.name, old, depth)]

    def hold(self, stmt: Stmt, base: str, old: str, depth: int) -> Stmt:
        if not depth:
            return self.keep(stmt, "[]", base, Var(old))
        reason = f"saved: overwritten on line {self.line(stmt.unit)}, read by an adjoint"
        return Push(self.tape(f"{base}%old"), Var(old), reason, unit=-1)

    def overwritten(self, stmt: Store) -> tuple[list[Stmt], str]:
        """What a store overwrites; a view of it is copied."""
        kinds = self.context.kinds
        base, index = kinds.before(stmt, stmt.base), kinds.before(stmt, stmt.index)
        old = self.build.fresh(f"{stmt.base.name}%old")
        read: str = "operator.getitem"
        given: tuple[Atom, ...] = (stmt.base, stmt.index)
        if self.may_be_new(stmt):
            read, given = "method.get", (*given, stmt.base)
        out: list[Stmt] = [Assign((old,), read, given, unit=-1)]
        if not self.is_scalar_place(stmt) and selection(base, index) in ("basic", "unknown"):
            copied = self.build.fresh(f"{stmt.base.name}%old")
            fn = "method.copy" if base.is_array else OWN
            out.append(Assign((copied,), fn, (Var(old),), unit=-1))
            old = copied
        return out, old

    def content_back(self, step: Step, depth: int) -> list[Stmt]:
        """Undo a store or a method whose memory some adjoint reads as it was before."""
        stmt = step.stmt
        assert isinstance(stmt, (Store, Assign))
        base = base_of(stmt)
        if isinstance(stmt, Store) and self.is_new_item(stmt):
            assert step.undo_index is not None
            return [Assign((), "operator.delitem", (base, step.undo_index), unit=stmt.unit)]
        get: list[Stmt] = []
        if depth:
            old = self.build.fresh(f"{base.name}%old")
            get, value = [Pop(self.tape(f"{base.name}%old"), old, unit=stmt.unit)], Var(old)
        else:
            value = Var(self.kept[(stmt, "[]")])
        if isinstance(stmt, Assign):
            return [*get, Assign((), PUT_BACK_ALL, (base, value), unit=stmt.unit)]
        assert step.undo_index is not None
        if self.may_be_new(stmt):
            put = (base, step.undo_index, value)
            return [*get, Assign((), PUT_BACK, put, unit=stmt.unit)]
        return [*get, Store(base, step.undo_index, value, unit=stmt.unit, restores=True)]

    def is_new_item(self, stmt: Store) -> bool:
        """True if a dict surely has no item of this key before."""
        base = self.context.kinds.before(stmt, stmt.base)
        known = base.items is not None and isinstance(stmt.index, Const)
        return known and self.may_be_new(stmt)

    def may_be_new(self, stmt: Store) -> bool:
        base = self.context.kinds.before(stmt, stmt.base)
        return base.tag == "dict" and not _has(base, stmt.index)

    def is_scalar_place(self, stmt: Store) -> bool:
        kinds = self.context.kinds
        base, index = kinds.before(stmt, stmt.base), kinds.before(stmt, stmt.index)
        parts = [k for _, k in index.items] if index.tag == "tuple" and index.items else [index]
        ints = all(k.is_scalar and k.dtype in ("i", "pi") for k in parts)
        return ints and base.rank == len(parts)


def _has(base: Kind, index: Atom) -> bool:
    return isinstance(index, Const) and has_item(base, index.value)


def base_of(stmt: Store | Assign) -> Var:
    """What a statement changes in place."""
    base = stmt.base if isinstance(stmt, Store) else stmt.args[0]
    assert isinstance(base, Var)
    return base
