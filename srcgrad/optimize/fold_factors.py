"""Constant factors of one value become one: `2 * (0.5 * x)` is `x`, `-x * 0.5` is `x * -0.5`.

    np.expand_dims(g, 1) * (2 * x)       ->     np.expand_dims(2 * g, 1) * x

A factor goes to the smaller of two operands: a number, or what has axes of length 1; that of a
matrix goes to its product with another one. Only where no rounding changes: one of two factors is a
power of two, or -1. Of arrays that saves a pass over the memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.liveness import has_effect, live_part
from srcgrad.ir.walk import AUGMENTED, reads, rebuild, same, walk
from srcgrad.optimize.known import Known
from srcgrad.rules.registry import lookup

Number = int | float
SMALL = "numpy.expand_dims"
TURNED = "attr.T"
NEW = "method.copy"
PRODUCTS = ("operator.mul", "operator.matmul")
KEEPING = ("tuple", "list", "dict", "copy")


def fold_factors(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with constant factors multiplied out, in the derivative's own statements.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    if not _may_fold(fn.body, kinds):
        return fn
    live = replace(fn, body=live_part(fn.body)[0])  # what is dead reads nothing
    return replace(fn, body=_Factors(Known(live, kinds)).block(fn.body))


def _may_fold(body: Block, kinds: Mapping[str, Kind]) -> bool:
    """False where no operation reads a product of its own that has a factor to be taken out.

    Few programs have one, and to find out what is dead takes longer than to look for it.
    """
    made: dict[str, tuple[Number, Var]] = {}  # products by a constant, under any of their names
    readers: list[tuple[Assign, str]] = []
    small = {name for name, kind in kinds.items() if kind.is_scalar}  # or perhaps
    for stmt in walk(body):
        if type(stmt) is not Assign or len(stmt.targets) != 1:
            continue
        target, own = stmt.targets[0], factor_of(stmt)
        if stmt.fn == SMALL or stmt.fn == "copy" and target not in kinds:
            small.add(target)
        for atom in stmt.args:
            if type(atom) is not Var or atom.name not in made:
                continue
            factor, value = made[atom.name]
            if stmt.fn in ("copy", TURNED):
                made[target] = factor, value
            elif own is not None and (is_exact(own[0]) or is_exact(factor)):
                return True
            elif stmt.fn in PRODUCTS and is_exact(factor):
                readers.append((stmt, atom.name))
        if own is not None and "%bar" in target:
            made[target] = own
    for stmt, name in readers:
        kind, read = (
            kinds.get(made[name][1].name),
            [a.name for a in stmt.args if isinstance(a, Var)],
        )
        read.remove(name)
        whole = kind is None or not kind.is_scalar
        fits = any(other in small or other in made for other in read)
        if stmt.fn != "operator.mul" or whole and fits:
            return True
    return False


class _Factors:
    def __init__(self, known: Known) -> None:
        self.known = known

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        # products of a constant and what has new axes, while memory is as it was
        made: dict[str, Assign] = {}
        users: dict[str, list[str]] = {}  # variable -> those that read it
        for stmt in block:
            new = rebuild(stmt, self.block)
            if not isinstance(new, Assign) or len(new.targets) != 1:
                made = {}
            else:
                code, new = self.moved(new, made)
                out += [self.folded(part, made) for part in code]
                new = self.folded(new, made)
                (target,) = new.targets
                for name in users.pop(target, ()):
                    made.pop(name, None)
                source = new.args[0] if new.fn == "copy" else None
                is_known = factor_of(new) is not None or new.fn in (SMALL, TURNED)
                if self.known.is_single(target) and is_known:
                    made[target] = new
                elif (
                    self.known.is_single(target) and isinstance(source, Var) and source.name in made
                ):
                    made[target] = made[source.name]
                for name in reads(made[target]) if target in made else ():
                    users.setdefault(name, []).append(target)
            out.append(new)
        out = [
            self.shared(stmt, (out[later] for later in range(place + 1, len(out))))
            if isinstance(stmt, Assign) and stmt.fn == NEW and "@b" in stmt.target
            else stmt
            for place, stmt in enumerate(out)
        ]
        return same(block, out)

    def shared(self, stmt: Assign, later: Iterable[Stmt]) -> Assign:
        """A copy of an array that is read by one operation only, which makes new memory."""
        if (
            not self.known.is_single(stmt.target)
            or (made := self.known.made.get(stmt.target)) is None
            or factor_of(made) is None
        ):
            return stmt
        name = stmt.target
        for other in later:
            if not isinstance(other, Assign) or len(other.targets) != 1 or has_effect(other):
                return stmt
            if other.fn == "copy" and name in reads(other) and self.known.is_single(other.target):
                name = other.target
            elif name in reads(other):
                prim = lookup(other.fn) if isinstance(other.fn, str) else None
                new = prim is not None and prim.view is None and other.fn not in AUGMENTED
                return replace(stmt, fn="copy") if new and other.fn not in KEEPING else stmt
        return stmt

    def moved(self, stmt: Assign, made: Mapping[str, Assign]) -> tuple[list[Assign], Assign]:
        """A product with the factor of its bigger operand at the smaller one, made before it."""
        if stmt.fn == "operator.matmul":
            return self.scaled_after(stmt, made)
        if stmt.fn != "operator.mul" or stmt.kwargs:
            return [], stmt
        for place, (big, small) in enumerate((stmt.args, stmt.args[::-1])):
            product = made.get(big.name) if isinstance(big, Var) else None
            known = factor_of(product) if product is not None else None
            if known is None or not is_exact(known[0]) or not isinstance(small, Var):
                continue
            if (whole := self.known.kind(known[1])) is not None and whole.is_scalar:
                continue
            holder, kind = made.get(small.name), self.known.kind(small)
            is_new = holder is not None and holder.fn == SMALL
            scaled_as_well = holder is not None and factor_of(holder) is not None
            if not (is_new or scaled_as_well or kind is not None and kind.is_scalar):
                continue
            assert isinstance(big, Var)
            scaled = f"{big.name}f"
            source = holder.args[0] if holder is not None and is_new else small
            code = [replace(stmt, targets=(scaled,), args=(Const(known[0]), source))]
            if is_new and holder is not None:
                view = replace(holder, targets=(f"{small.name}f",))
                code.append(replace(view, args=(Var(scaled), *holder.args[1:])))
            args = known[1], Var(code[-1].target)
            return code, replace(stmt, args=args if place == 0 else args[::-1])
        return [], stmt

    def scaled_after(self, stmt: Assign, made: Mapping[str, Assign]) -> tuple[list[Assign], Assign]:
        """The product of two matrices, scaled; as a rule it is smaller than what it sums over."""
        kinds = [self.known.kind(arg) for arg in stmt.args]
        if any(kind is None or kind.rank != 2 for kind in kinds):
            return [], stmt
        for place, atom in enumerate(stmt.args):
            view = product = made.get(atom.name) if isinstance(atom, Var) else None
            if view is not None and view.fn == TURNED and isinstance(view.args[0], Var):
                product = made.get(view.args[0].name)
            known = factor_of(product) if product is not None else None
            if known is None or view is None or not is_exact(known[0]):
                continue
            whole, code, part = f"{stmt.target}w", [], known[1]
            if view is not product:
                code = [replace(view, targets=(f"{view.target}f",), args=(part,))]
                part = Var(f"{view.target}f")
            args = tuple(part if i == place else arg for i, arg in enumerate(stmt.args))
            code.append(replace(stmt, targets=(whole,), args=args))
            return code, replace(stmt, fn="operator.mul", args=(Const(known[0]), Var(whole)))
        return [], stmt

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
        kind = self.known.kind(value)
        if abs(factor) == 1 and kind is not None and kind.is_float:
            fn = "copy" if factor == 1 else "operator.neg"
            if fn == "copy" and not kind.is_scalar:
                fn = NEW  # as the product is
            return replace(stmt, fn=fn, args=(value,))
        args: tuple[Atom, ...] = (Const(factor), value)
        return replace(stmt, fn="operator.mul", args=args)


def factor_of(stmt: Assign) -> tuple[Number, Var] | None:
    """The constant that a statement multiplies a variable by."""
    if stmt.kwargs or not isinstance(stmt.fn, str):
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
