"""Adjoints that are one number throughout are written as that number.

total_bar = 1.0                      for i in reversed(range(n)):
for i in reversed(range(n)):    ->       y_bar = -0.5 / S
    y_bar = -0.5 * total_bar / S
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import rebuild, same, walk
from srcgrad.optimize.known import Known, is_new

Number = int | float
FOLDED: dict[str, Callable[[Number, Number], Number]] = {
    "operator.add": lambda a, b: a + b,
    "operator.sub": lambda a, b: a - b,
    "operator.mul": lambda a, b: a * b,
}


READING = frozenset({"operator.truediv", "operator.neg", "copy", *FOLDED})


def fold_numbers(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with known numbers in the arithmetic that reads them.

    What nobody reads then is left for the elimination of dead code. Statements that stay as they
    are are the same objects.
    """
    return replace(fn, body=_Numbers(Known(fn, kinds), fn.body).block(fn.body))


class _Numbers:
    def __init__(self, known: Known, body: Block) -> None:
        self.known = known
        self.stored = {stmt.base.name for stmt in walk(body) if isinstance(stmt, Store)}
        self.values: dict[str, Const] = {}
        self.new: set[str] = set()  # made by this block, and no part of anything else

    def block(self, block: Block) -> Block:
        around, self.new = self.new, set()
        out: list[Stmt] = []
        for stmt in block:
            out.append(self.statement(rebuild(stmt, self.block)))
            if isinstance(stmt, Assign) and is_new(stmt):
                self.new.update(stmt.targets)
        self.new = around
        return same(block, out)

    def statement(self, stmt: Stmt) -> Stmt:
        if not isinstance(stmt, Assign) or len(stmt.targets) != 1 or stmt.kwargs:
            return stmt
        if stmt.fn not in READING:
            return stmt
        if self.values:
            args = tuple([self.value(arg) for arg in stmt.args])
            kept = stmt.fn == "copy" and not self.is_own(stmt.target)
            if args != stmt.args and not kept and self.is_lighter(stmt, args):
                stmt = self.folded(replace(stmt, args=args))
        (value, *more) = stmt.args or (None,)
        is_number = isinstance(value, Const) and type(value.value) in (int, float)
        if stmt.fn == "copy" and is_number and self.is_own(stmt.target) and not more:
            assert isinstance(value, Const)
            self.values[stmt.target] = value
        return stmt

    def is_own(self, name: str) -> bool:
        """True for an adjoint that is assigned once."""
        return "%bar" in name and self.known.bound[name] == 1 and name not in self.stored

    def value(self, atom: Atom) -> Atom:
        return self.values.get(atom.name, atom) if isinstance(atom, Var) else atom

    def is_lighter(self, stmt: Assign, args: tuple[Atom, ...]) -> bool:
        """True where less is to be done: a product by a name is as good as one by a number."""
        if any(isinstance(arg, Const) and isinstance(arg.value, complex) for arg in args):
            return False  # signs of zeros, and products that overflow, are NumPy's own
        if all(isinstance(arg, Const) for arg in args):
            return stmt.fn != "operator.truediv"
        factor = next((arg for arg in args if isinstance(arg, Const)), None)
        if stmt.fn != "operator.mul" or factor is None or abs(factor.value) != 1:
            return stmt.fn == "operator.truediv" or stmt.fn == "operator.mul"
        other = args[1] if args[0] == factor else args[0]
        kind = self.known.kind(other)
        return kind is not None and kind.is_float

    def folded(self, stmt: Assign) -> Assign:
        numbers = [arg.value for arg in stmt.args if isinstance(arg, Const)]
        if len(numbers) == len(stmt.args):
            if stmt.fn == "copy":
                return stmt
            one, *other = numbers
            found = FOLDED[str(stmt.fn)](one, other[0]) if other else -one
            known = Const(found)
            return replace(stmt, fn="copy", args=(known,)) if math.isfinite(found) else stmt
        if stmt.fn == "operator.mul" and abs(numbers[0]) == 1:
            rest = tuple(arg for arg in stmt.args if not isinstance(arg, Const))
            kind = self.known.kind(rest[0])
            number = kind is not None and kind.is_scalar
            plain = "copy" if number or self.is_used_up(rest[0]) else "method.copy"
            return replace(stmt, fn=plain if numbers[0] == 1 else "operator.neg", args=rest)
        return stmt

    def is_used_up(self, atom: Atom) -> bool:
        """True for what the block has made for the one statement that reads it."""
        if not isinstance(atom, Var) or atom.name not in self.new or atom.name in self.stored:
            return False
        return self.known.bound[atom.name] == self.known.read[atom.name] == 1
