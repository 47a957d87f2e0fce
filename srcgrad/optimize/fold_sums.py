"""Contributions to the adjoint of a number that come one after the other become one sum.

    x_bar = g * b                          x_bar = g * b - g * a
    x_bar += -(g * a)           ->

Numbers only: of arrays the first contribution is memory that the next ones are added to in place,
which is faster than a sum. The order of the additions stays, and so does every rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, rebuild, same, within, writes


def fold_sums(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with the contributions of each statement to a number's adjoint summed up.

    What was bound before the sum is left for the elimination of dead code. Statements that stay
    as they are are the same objects.
    """
    return replace(fn, body=_Sums(kinds).block(fn.body))


class _Sums:
    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self.negated: dict[str, Var] = {}  # temporary `-x` -> x, while x is what it was
        self.negative_of: dict[str, str] = {}

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        # adjoint of a number -> its first contribution, of which statement; unread since
        bound: dict[str, tuple[Atom, int]] = {}
        for stmt in block:
            stmt = self.statement(rebuild(stmt, self.block), bound)
            out.append(stmt)
            for part in within(stmt) if bound or self.negated else ():
                for name in writes(part):
                    self.negated.pop(self.negative_of.get(name, ""), None)
                    bound.pop(name, None)
                for name in reads(part) & bound.keys():
                    del bound[name]
            if isinstance(stmt, Assign) and len(stmt.targets) == 1:
                self.note(stmt, bound)
        return same(block, out)

    def note(self, stmt: Assign, bound: dict[str, tuple[Atom, int]]) -> None:
        value = stmt.args[0] if stmt.args else None
        if stmt.fn == "operator.neg" and _is_temporary(stmt.target) and isinstance(value, Var):
            self.negated[stmt.target] = value
            self.negative_of[value.name] = stmt.target
        elif stmt.fn == "copy" and self.is_number(stmt.target) and _is_steady(value):
            assert value is not None
            bound[stmt.target] = value, stmt.unit

    def is_number(self, name: str) -> bool:
        kind = self.kinds.get(name)
        return name.endswith("%bar") and kind is not None and kind.is_scalar

    def statement(self, stmt: Stmt, bound: Mapping[str, tuple[Atom, int]]) -> Stmt:
        """A sum with the first contribution in it, in place of the variable that holds it."""
        if not isinstance(stmt, Assign) or stmt.fn not in ("operator.add", "operator.sub"):
            return stmt
        old, new = stmt.args
        first = bound.get(old.name) if isinstance(old, Var) else None
        if first is None or first[1] != stmt.unit or new == old or first[0] == new:
            return stmt
        negative = self.negated.get(first[0].name) if isinstance(first[0], Var) else None
        if negative is not None and stmt.fn == "operator.add":
            return replace(stmt, fn="operator.sub", args=(new, negative))
        return replace(stmt, args=(first[0], new))


def _is_steady(value: Atom | None) -> bool:
    return isinstance(value, Const) or isinstance(value, Var) and _is_temporary(value.name)


def _is_temporary(name: str) -> bool:
    """True for what is assigned once."""
    return "@b" in name.rpartition("%")[2]
