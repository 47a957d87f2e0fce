"""What is known of the variables of a derivative: how they are made and read, their kinds."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from srcgrad import support_selection
from srcgrad.ir.core import Assign, Atom, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind, array, broadcast
from srcgrad.ir.walk import makers, tally
from srcgrad.rules.naming import canonical_name

KEPT = canonical_name(support_selection.kept_where)
OPERATORS = {
    "operator.add": "numpy.add",
    "operator.sub": "numpy.subtract",
    "operator.mul": "numpy.multiply",
    "operator.truediv": "numpy.divide",
    "operator.neg": "numpy.negative",
}
# They read their operands, and what they give is new memory.
NEW = {
    *OPERATORS, "operator.pow", "operator.matmul", "operator.lt", "operator.le", "operator.gt",
    "operator.ge", "operator.eq", "operator.ne", "numpy.where", "numpy.dot", "numpy.zeros_like",
    "numpy.ones_like", "numpy.full_like", "numpy.empty_like", "method.copy", "numpy.copy",
    "numpy.bincount", "numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full", "attr.shape",
    "attr.size", "attr.ndim", KEPT,
}  # fmt: skip
# So do these, of an array of one axis or more.
SUMS = {
    "numpy.sum", "numpy.mean", "numpy.max", "numpy.min", "numpy.argmax", "numpy.argmin",
    "method.sum", "method.mean", "method.max", "method.min", "srcgrad.support_selection.row_sums",
}  # fmt: skip
COPIES = {"copy", "method.copy", "numpy.copy"}
LIKE = {"numpy.zeros_like", "numpy.ones_like", "operator.invert"}  # of that shape and type


class Known:
    """`bound`, `read`: how many statements do so. `made`: the last one that assigns a variable."""

    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self.bound, self.read = tally(fn.body)
        self.bound.update(p.name for p in fn.params)
        self.made = makers(fn.body)

    def is_single(self, name: str) -> bool:
        """True for what the derivative makes once and reads once."""
        return self.bound[name] == 1 and self.read[name] == 1 and "%bar" in name

    def maker(self, atom: Atom | None) -> Assign | None:
        """The only statement that assigns a variable."""
        if not isinstance(atom, Var) or self.bound[atom.name] != 1:
            return None
        return self.made.get(atom.name)

    def kind(self, atom: Atom) -> Kind | None:
        """That of a variable, or of the value that it names."""
        for _ in range(len(self.made)):
            if not isinstance(atom, Var):
                return None
            made, known = self.maker(atom), self.kinds.get(atom.name)
            if known is not None or made is None or made.fn != "copy":
                return known
            (atom,) = made.args
        return None

    def inferred(self, atom: Atom, depth: int = 6) -> Kind | None:
        """That of a variable; of the result of an operation where only its operands' are known."""
        kind, made = self.kind(atom), self.maker(atom)
        if kind is not None or made is None or not depth:
            return kind
        if [key for key, _ in made.kwargs] == ["out"]:
            return self.inferred(made.kwargs[0][1], depth - 1)
        if made.fn in COPIES or made.fn in LIKE:
            return self.inferred(made.args[0], depth - 1)
        if made.fn == "numpy.expand_dims":
            return _with_axis(self.inferred(made.args[0], depth - 1), made.args[-1])
        given = [
            self.inferred(operand, depth - 1) for operand in made.args if isinstance(operand, Var)
        ]
        kinds = [operand for operand in given if operand is not None and operand.dtype == "f8"]
        arrays = function_of(made) is not None and any(operand.is_array for operand in kinds)
        if not arrays or len(kinds) < len(given):
            return None
        return array("f8", broadcast(*(operand.shape for operand in kinds)))


def start_of_backward(fn: Function) -> int:
    """Where the statements of the reverse sweep begin; the end where there are none."""
    places = (place for place, stmt in enumerate(fn.body) if _is_backward(stmt))
    return next(places, len(fn.body))


def _is_backward(stmt: Stmt) -> bool:
    return isinstance(stmt, Assign) and stmt.fn == "section" and stmt.args == (Const("backward"),)


def _with_axis(kind: Kind | None, axis: Atom) -> Kind | None:
    """That of an array with an axis of length 1 more."""
    if kind is None or kind.shape is None or not isinstance(axis, Const):
        return None
    place = axis.value
    if type(place) is not int or not 0 <= place <= len(kind.shape):
        return None
    return replace(kind, tag="array", shape=(*kind.shape[:place], 1, *kind.shape[place:]))


def function_of(stmt: Stmt) -> str | None:
    """The function that does what a statement does, element by element, and takes `out`."""
    if not isinstance(stmt, Assign) or stmt.kwargs or len(stmt.targets) != 1:
        return None
    if not isinstance(stmt.fn, str) or stmt.sync:
        return None
    if stmt.fn == KEPT:
        return KEPT
    name = OPERATORS.get(stmt.fn, stmt.fn)
    return name if _operands_of(name) == len(stmt.args) else None


@functools.lru_cache(maxsize=4096)
def _operands_of(name: str) -> int | None:
    """How many operands a function of real numbers takes, element by element; None for others."""
    ufunc = _ufunc(name)
    if ufunc is None or ufunc.nout != 1 or not {"d->d", "dd->d"}.intersection(ufunc.types):
        return None
    return ufunc.nin


def _ufunc(name: str) -> np.ufunc | None:
    library, _, function = name.rpartition(".")
    found = getattr(np, function, None) if library == "numpy" else None
    return found if isinstance(found, np.ufunc) else None


@functools.lru_cache(maxsize=4096)
def _makes_new(name: str) -> bool:
    return name in NEW or _ufunc(name) is not None


def is_new(stmt: Assign) -> bool:
    """True for what makes new memory, and keeps none that it is given."""
    if not isinstance(stmt.fn, str):
        return False
    return _makes_new(stmt.fn) or stmt.fn == "numpy.einsum" and len(stmt.args) > 2
