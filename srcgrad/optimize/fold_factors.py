"""Constant factors of one value become one: `2 * (0.5 * x)` is `x`, `-x * 0.5` is `x * -0.5`.

Only where no rounding changes: one of two factors is a power of two, or -1. Of arrays that saves a
pass over the memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, rebuild, tally

Number = int | float


def fold_factors(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with constant factors multiplied out, in the derivative's own statements.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    bound, read = tally(fn.body)
    single = {n for n, count in bound.items() if count == 1 and read[n] == 1 and "%bar" in n}
    return replace(fn, body=_Factors(kinds, single).block(fn.body))


class _Factors:
    def __init__(self, kinds: Mapping[str, Kind], single: set[str]) -> None:
        self.kinds = kinds
        self.single = single  # made once, read once

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        made: dict[str, Assign] = {}  # products of a constant, while memory is as it was
        users: dict[str, list[str]] = {}  # variable -> the products that read it
        for stmt in block:
            new = rebuild(stmt, self.block)
            if not isinstance(new, Assign) or len(new.targets) != 1:
                made = {}
            else:
                new = self.folded(new, made)
                (target,) = new.targets
                for name in users.pop(target, ()):
                    made.pop(name, None)
                source = new.args[0] if new.fn == "copy" else None
                if target in self.single and factor_of(new) is not None:
                    made[target] = new
                elif target in self.single and isinstance(source, Var) and source.name in made:
                    made[target] = made[source.name]
                for name in reads(made[target]) if target in made else ():
                    users.setdefault(name, []).append(target)
            out.append(new)
        same = len(out) == len(block) and all(a is b for a, b in zip(out, block, strict=True))
        return block if same else tuple(out)

    def folded(self, stmt: Assign, made: Mapping[str, Assign]) -> Assign:
        """A product with the factor of its operand in it."""
        outer = factor_of(stmt)
        inner = made.get(outer[1].name) if outer is not None else None
        known = factor_of(inner) if inner is not None else None
        if outer is None or known is None or not (is_exact(outer[0]) or is_exact(known[0])):
            return stmt
        factor, value = outer[0] * known[0], known[1]
        if not math.isfinite(factor) or factor == 0:
            return stmt
        kind = self.kinds.get(value.name)
        if abs(factor) == 1 and kind is not None and kind.is_float:
            fn = "copy" if factor == 1 else "operator.neg"
            if fn == "copy" and not kind.is_scalar:
                return stmt  # the product is new memory
            return replace(stmt, fn=fn, args=(value,))
        args: tuple[Atom, ...] = (Const(factor), value)
        return replace(stmt, fn="operator.mul", args=args)


def factor_of(stmt: Assign) -> tuple[Number, Var] | None:
    """The constant that a statement multiplies a variable by."""
    if stmt.kwargs:
        return None
    if stmt.fn == "operator.neg" and isinstance(stmt.args[0], Var):
        return -1, stmt.args[0]
    if stmt.fn != "operator.mul":
        return None
    for one, other in (stmt.args, stmt.args[::-1]):
        if isinstance(one, Const) and type(one.value) in (int, float) and isinstance(other, Var):
            return one.value, other
    return None


def is_exact(factor: Number) -> bool:
    """True if a product with the factor is never rounded."""
    return factor != 0 and math.isfinite(factor) and abs(math.frexp(factor)[0]) == 0.5
