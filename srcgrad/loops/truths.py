"""Arithmetic of truth values: NumPy's are joined where Python's are added up.

`(x > 0) + (x > 1)` of arrays is a logical or, of comparisons of NumPy's numbers as well, but 2 of
comparisons of Python's. Compiled code has one type for all of them, and adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Block, Const, For, Function, Pop, Push, Stmt
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import operands, rebuild, walk
from srcgrad.loops.state import NoLoops

SUMS = {
    "operator.add": "operator.or_",
    "operator.iadd": "operator.ior",
    "numpy.add": "operator.or_",
}
PRODUCTS = {
    "operator.mul": "operator.and_",
    "operator.imul": "operator.iand",
    "numpy.multiply": "operator.and_",
}
# Which NumPy refuses, or computes in 8 bits.
NEVER = {
    f"operator.{i}{op}"
    for i in ("", "i")
    for op in ("sub", "floordiv", "mod", "pow", "lshift", "rshift")
}
NEVER |= {"operator.neg", "operator.pos"}
NEVER |= {
    f"numpy.{fn}"
    for fn in (
        "subtract", "floor_divide", "mod", "remainder", "power", "negative", "positive", "square",
        "reciprocal", "sign", "dot", "matmul", "diff", "exp", "exp2", "expm1", "log", "log2",
        "log10", "log1p", "sqrt", "cbrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan",
        "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "arctan2", "hypot", "copysign",
        "logaddexp", "logaddexp2", "fmod", "heaviside", "rint", "deg2rad", "rad2deg", "radians",
        "degrees", "fabs", "cumsum", "cumprod", "trace", "outer", "convolve",
    )
}  # fmt: skip
NEVER |= {"operator.matmul", "method.dot"}
REMEDY = "write `a | b` or `np.where(a, 1.0, 0.0)` for arrays, `int(a)` or `float(a)` for numbers"

Origin = Literal["numpy", "python", "either"]
CHOICES = ("builtins.max", "builtins.min", "builtins.abs")
OF_PYTHON = ("operator.not_", "operator.is_", "operator.is_not", "operator.contains")


def with_truths(fn: Function, facts: KindFacts, given: Mapping[str, Kind]) -> Function:
    """The function with sums of NumPy's truth values as what they are: a logical or.

    Raises `NoLoops` where it is not known whose they are, and for what NumPy refuses.
    """
    found = [
        stmt for stmt in walk(fn.body) if isinstance(stmt, Assign) and is_of_truths(stmt, facts)
    ]
    found = [s for s in found if s.fn in {*SUMS, *PRODUCTS, *NEVER, "operator.invert"}]
    if not found:
        return fn
    origins = Origins(fn, facts, given)
    changed: dict[Stmt, Stmt] = {stmt: origins.settled(stmt) for stmt in found}

    def change(block: Block) -> Block:
        return tuple(rebuild(changed.get(stmt, stmt), change) for stmt in block)

    return replace(fn, body=change(fn.body))


def is_of_truths(stmt: Assign, facts: KindFacts) -> bool:
    """Whether all operands are truth values, or arrays of them."""
    kinds = [facts.before(stmt, atom) for atom in stmt.args]
    return bool(kinds) and all(k.dtype == "b" and (k.is_scalar or k.is_array) for k in kinds)


class Origins:
    """Whose numbers the variables of a function hold: NumPy's or Python's."""

    def __init__(self, fn: Function, facts: KindFacts, given: Mapping[str, Kind]) -> None:
        self.facts = facts
        self.known: dict[str, Origin] = {}
        for name, kind in given.items():  # a truth value may be either's
            self.known[name] = "either" if kind.dtype in ("b", "?") else "numpy"
        stmts = list(walk(fn.body))
        before: dict[str, Origin] | None = None
        while before != self.known:
            before = dict(self.known)
            for stmt in stmts:
                self.follow(stmt)

    def follow(self, stmt: Stmt) -> None:
        if isinstance(stmt, Push):
            self.note(stmt.tape, self.of(stmt, stmt.value))
        elif isinstance(stmt, Pop):
            self.note(stmt.target, self.known.get(stmt.tape, "either"))
        elif isinstance(stmt, For):
            self.note(stmt.index, "python")
        elif isinstance(stmt, Assign):
            for target in stmt.targets:
                kind = self.facts.after(stmt, target)
                self.note(target, self.result(stmt) if kind.is_scalar else "numpy")

    def note(self, name: str, origin: Origin | None) -> None:
        if origin is not None:
            known = self.known.setdefault(name, origin)
            self.known[name] = known if known == origin else "either"

    def of(self, stmt: Stmt, atom: Atom) -> Origin | None:
        """Whose an operand is; None where that is not found yet."""
        kind = self.facts.before(stmt, atom)
        if isinstance(atom, Const):
            return "python"
        if kind.is_array:
            return "numpy"
        if kind.dtype in ("pf", "pi"):
            return "python"
        return self.known.get(atom.name)

    def result(self, stmt: Assign) -> Origin | None:
        if not isinstance(stmt.fn, str):
            return "either"
        if stmt.fn.startswith("numpy."):
            return "numpy"
        found = {self.of(stmt, atom) for atom in operands(stmt)} - {None}
        if stmt.fn in CHOICES:
            return "either" if len(found) > 1 else next(iter(found), None)
        if stmt.fn in OF_PYTHON or stmt.fn.startswith(("math.", "builtins.")):
            return "python"
        if stmt.fn in ("operator.getitem", "unpack"):
            return "numpy" if self.facts.before(stmt, stmt.args[0]).is_array else "either"
        if not stmt.fn.startswith("operator.") and stmt.fn != "copy":
            return "either"
        if not found:
            return None
        return "numpy" if "numpy" in found else "either" if "either" in found else "python"

    def settled(self, stmt: Assign) -> Assign:
        """The statement as compiled code may have it."""
        origins = {self.of(stmt, atom) for atom in stmt.args}
        of_arrays = any(self.facts.before(stmt, atom).is_array for atom in stmt.args)
        sure = of_arrays or "numpy" in origins
        if stmt.fn in PRODUCTS:  # of Python's it has the same value
            return replace(stmt, fn=PRODUCTS[str(stmt.fn)]) if sure else stmt
        if stmt.fn == "operator.invert":
            if sure:
                return stmt
            raise NoLoops(stmt, "`~` of a truth value that may be Python's", "write `not a`")
        if stmt.fn in SUMS and sure:
            return replace(stmt, fn=SUMS[str(stmt.fn)])
        name = str(stmt.fn).rpartition(".")[2]
        whose = "" if sure else ", which may be NumPy's or Python's"
        raise NoLoops(stmt, f"arithmetic (`{name}`) of truth values{whose}", REMEDY)
