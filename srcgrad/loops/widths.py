"""Numbers of fewer than 64 bits: NumPy computes with them as they are, compiled code in 64 bits.

Sums of `np.uint8` wrap at 256 and those of `np.float32` are rounded. Loops give elements of 64 bits
to whatever they make. So numbers like that may be read, moved, compared, used as indices and as
factors of float64: there both agree. All other arithmetic with them is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Const, Function, Pop, Push, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import names, operands, walk
from srcgrad.loops.elements import IN_PLACE
from srcgrad.loops.standins import StandIn
from srcgrad.loops.state import NoLoops

WIDE = {"int", "int64", "i8", "intp", "int_"}
COMPARISONS = {f"operator.{op}" for op in ("lt", "le", "gt", "ge", "eq", "ne")}
COMPARISONS |= {
    f"numpy.{fn}" for fn in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
}
# What moves numbers, or tells of them what their width does not change.
MOVES = COMPARISONS | {
    "copy", "unpack", "tuple", "list", "dict", "slice", "operator.getitem", "copy.copy", "assert",
    "section", "method.copy", "method.append", "method.pop", "method.reshape", "method.ravel",
    "method.flatten", "method.transpose", "method.swapaxes", "method.squeeze", "method.tolist",
    "attr.T", "attr.shape", "attr.size", "attr.ndim", "attr.dtype", "attr.real",
    "operator.is_", "operator.is_not", "operator.not_", "operator.contains",
    "operator.and_", "operator.or_", "operator.xor", "operator.iand", "operator.ior",
    "operator.ixor",
    *(f"builtins.{fn}" for fn in ("len", "int", "float", "bool", "list", "tuple", "reversed")),
    *(f"numpy.{fn}" for fn in (
        "copy", "asarray", "array", "ascontiguousarray", "reshape", "ravel", "transpose",
        "swapaxes", "moveaxis", "expand_dims", "broadcast_to", "squeeze", "shape", "size", "ndim",
        "zeros_like", "ones_like", "empty_like", "zeros", "ones", "empty", "argsort", "argmax",
        "argmin", "sort", "searchsorted", "count_nonzero", "any", "all", "isfinite", "isnan",
        "isinf", "logical_and", "logical_or", "logical_not", "logical_xor", "float64", "roll",
        "repeat", "tile", "concatenate", "stack", "hstack", "vstack", "flip", "take", "diag",
        "tril", "triu", "column_stack", "atleast_1d", "atleast_2d", "split", "choose",
    )),
}  # fmt: skip
NEW = {f"numpy.{fn}{like}" for fn in ("zeros", "ones", "empty", "full") for like in ("", "_like")}
PLACES = {"numpy.argsort", "numpy.argmax", "numpy.argmin", "numpy.searchsorted",
          "numpy.count_nonzero"}  # fmt: skip
QUOTIENTS = {"operator.truediv", "numpy.divide", "numpy.true_divide", "numpy.mean",
             "numpy.float_power"}  # fmt: skip

INTEGERS = (
    "NumPy computes with integers of fewer than 64 bits, or without a sign, in their own width, "
    "where compiled loops use 64 bits"
)
TO_INTEGERS = (
    "convert them before the call, `k.astype(np.int64)`, make them with `dtype=np.int64`, or use "
    'backend="numpy"'
)
SINGLES = "NumPy rounds results of float32, where compiled loops compute with float64"
TO_SINGLES = 'pass float64, `x.astype(np.float64)`, or use backend="numpy" for this function'


def refuse_narrow(
    fn: Function, facts: KindFacts, given: Mapping[str, Kind], around: Mapping[str, Kind]
) -> None:
    """Raise `NoLoops` for arithmetic of numbers of fewer than 64 bits, or without a sign."""
    widths = Widths(fn, facts, {**around, **given})
    for stmt in walk(fn.body):
        if isinstance(stmt, Assign):
            widths.check_singles(stmt)
        if widths.narrow:
            widths.check(stmt)


def holds_narrow(kind: Kind) -> bool:
    """Whether there are narrow integers in a value."""
    inner = [item for _, item in kind.items or ()] + ([kind.element] if kind.element else [])
    return kind.narrow or any(map(holds_narrow, inner))


def of_integers(stmt: Assign) -> bool:
    """Whether an array is made like one of integers that a constant stands for."""
    stand_ins = [a.value for a in stmt.args if isinstance(a, Const)]
    return any(isinstance(v, StandIn) and v.kind.dtype == "i" for v in stand_ins)


class Widths:
    """Which variables may hold narrow integers."""

    def __init__(self, fn: Function, facts: KindFacts, given: Mapping[str, Kind]) -> None:
        self.facts = facts
        self.types: dict[str, bool] = {}  # by variable for a dtype: whether it is a narrow one
        self.narrow = {name for name, kind in given.items() if holds_narrow(kind)}
        stmts = list(walk(fn.body))
        for stmt in stmts:
            if isinstance(stmt, Assign) and isinstance(stmt.fn, str) and not stmt.args:
                home, _, name = stmt.fn.rpartition(".")
                kind = facts.after(stmt, stmt.targets[0]) if stmt.targets else None
                if home.startswith("load.") and kind is not None and kind.dtype == "i":
                    self.types[stmt.target] = name not in WIDE
        count = -1
        while count != len(self.narrow):
            count = len(self.narrow)
            for stmt in stmts:
                self.follow(stmt)

    def follow(self, stmt: Stmt) -> None:
        """Note what a statement makes narrow."""
        if isinstance(stmt, Push):
            self.note((stmt.tape,), names((stmt.value,)))
        elif isinstance(stmt, Pop):
            self.note((stmt.target,), (stmt.tape,))
        elif isinstance(stmt, Store):
            if not self.facts.before(stmt, stmt.base).is_array:
                self.note((stmt.base.name,), names((stmt.value,)))
        elif isinstance(stmt, Assign):
            if stmt.fn == "attr.dtype" and self.facts.before(stmt, stmt.args[0]).dtype == "i":
                self.types[stmt.target] = not self.narrow.isdisjoint(names(stmt.args))
                return
            if stmt.fn == "method.append":
                self.note(tuple(names(stmt.args[:1])), names(stmt.args[1:]))
            wanted = self.wanted(stmt)
            if wanted is False or stmt.fn in PLACES:
                return
            for target in stmt.targets:
                kind = self.facts.after(stmt, target)
                plain = kind.is_scalar or kind.is_array
                if not plain or kind.dtype in ("i", "?"):
                    sure = bool(wanted) or bool(self.narrow) and of_integers(stmt)
                    self.note((target,), names(operands(stmt)), sure)

    def note(self, targets: Iterable[str], sources: Iterable[str], sure: bool = False) -> None:
        if sure or not self.narrow.isdisjoint(sources):
            self.narrow.update(targets)

    def wanted(self, stmt: Assign) -> bool | None:
        """Whether a narrow type is asked for; None where none of integers is."""
        if stmt.fn == "method.astype" or dict(stmt.kwargs).get("dtype") or stmt.fn in MAKERS:
            for atom in operands(stmt)[1:]:
                if isinstance(atom, Var) and atom.name in self.types:
                    return self.types[atom.name]
                if isinstance(atom, Const) and isinstance(atom.value, str):
                    return self.facts.after(stmt, stmt.target).dtype == "i" and (
                        atom.value not in WIDE
                    )
        return None

    # --- refusals

    def check(self, stmt: Stmt) -> None:
        if isinstance(stmt, Store) and self.facts.before(stmt, stmt.base).is_array:
            kept = stmt.op == "set" and is_small(stmt.value)
            if stmt.base.name in self.narrow and not kept:
                raise NoLoops(stmt, f"a store into narrow integers: {INTEGERS}", TO_INTEGERS)
        if not isinstance(stmt, Assign):
            return
        if self.wanted(stmt) and not self.is_kept(stmt):
            raise NoLoops(stmt, f"a conversion to narrow integers: {INTEGERS}", TO_INTEGERS)
        used = [a for a in operands(stmt) if isinstance(a, Var) and a.name in self.narrow]
        if used and not self.agrees(stmt):
            raise NoLoops(stmt, f"{shown(stmt)} of narrow integers: {INTEGERS}", TO_INTEGERS)

    def is_kept(self, stmt: Assign) -> bool:
        """Whether the numbers of a new array fit any type."""
        if stmt.fn in ("numpy.full", "numpy.full_like"):
            return is_small(stmt.args[1]) if len(stmt.args) > 1 else False
        return stmt.fn in NEW

    def agrees(self, stmt: Assign) -> bool:
        """Whether the width of its operands does not matter to a statement."""
        if not isinstance(stmt.fn, str):
            return False
        if stmt.fn in MOVES or stmt.fn in QUOTIENTS or stmt.fn.startswith("srcgrad.support"):
            return True
        if stmt.fn in NEW or self.wanted(stmt) is False or stmt.fn.startswith("math."):
            return True
        if stmt.fn == "numpy.add.at":  # as in a store, its index may be narrow
            return not (isinstance(stmt.args[0], Var) and stmt.args[0].name in self.narrow)
        kinds = [self.facts.before(stmt, atom) for atom in operands(stmt)]
        if stmt.fn in ("method.astype", "numpy.where"):  # to float; of one type
            others = [k.dtype for k in kinds[1:]]
            return stmt.fn == "method.astype" or "pi" not in others  # a type of floats
        found = [self.facts.after(stmt, target).dtype for target in stmt.targets]
        first = self.facts.before(stmt, stmt.args[0]) if stmt.args else None
        if stmt.fn in IN_PLACE and first is not None and first.is_array:
            found = [first.dtype]
        wide = any(k.dtype in ("f8", "pf") for k in kinds)
        return wide and bool(found) and set(found) <= {"f8", "pf"}

    def check_singles(self, stmt: Assign) -> None:
        """Raise `NoLoops` for what NumPy computes in float32."""
        kinds = [self.facts.before(stmt, atom) for atom in operands(stmt)]
        if not any(kind.dtype == "f4" for kind in kinds) or not isinstance(stmt.fn, str):
            return
        found = [self.facts.after(stmt, target).dtype for target in stmt.targets]
        if stmt.fn in COMPARISONS:
            exact = all(
                kind.dtype not in ("pf", "pi", "i") or is_single(atom)
                for atom, kind in zip(operands(stmt), kinds, strict=True)
            )
            if not exact and not any(kind.dtype == "f8" for kind in kinds):
                raise NoLoops(stmt, f"a comparison with float32: {SINGLES}", TO_SINGLES)
            return
        same = stmt.fn in MOVES or stmt.fn in NEW or stmt.fn == "method.astype" or is_exact(stmt)
        if same or stmt.fn.startswith(("srcgrad.", "attr.")):
            return
        if "f4" in found or not any(kind.dtype in ("f8", "pf") for kind in kinds):
            raise NoLoops(stmt, f"{shown(stmt)} of float32: {SINGLES}", TO_SINGLES)


MAKERS = {"numpy.array", "numpy.asarray", *NEW}


def is_small(atom: Atom) -> bool:
    """Whether it is a number that integers of any type can be."""
    return isinstance(atom, Const) and isinstance(atom.value, int) and 0 <= atom.value < 128


def is_exact(stmt: Assign) -> bool:
    """Whether a result has no more digits than the operand: one of a sign."""
    if stmt.fn in ("operator.mul", "numpy.multiply"):
        return any(isinstance(a, Const) and a.value in (1, -1) for a in stmt.args)
    return stmt.fn in ("operator.neg", "operator.pos", "builtins.abs", "numpy.abs")


def is_single(atom: Atom) -> bool:
    """Whether it is a number that float32 has."""
    return isinstance(atom, Const) and float(np.float32(atom.value)) == atom.value


def shown(stmt: Assign) -> str:
    """What a statement calls, for messages."""
    name = str(stmt.fn).replace("numpy.", "np.").removeprefix("operator.")
    return f"`{name.removeprefix('builtins.').removeprefix('method.')}`"
