"""Tangents as values: their names, zeros where there is none, memory of their own where it counts.

A tangent has the structure and shape of its variable. It is absent while it is zero; a variable
that is stored into gets one first. Two tangents may share memory only where their variables surely
do, or where nothing is ever written into either.
"""

from __future__ import annotations

from dataclasses import replace

from srcgrad import support_tangents
from srcgrad.ad.broadcasting import fills
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import OWN
from srcgrad.ad.points import as_number
from srcgrad.analysis.complexes import Numbers
from srcgrad.analysis.memory import memory_of
from srcgrad.ir.core import Assign, Atom, Const, Stmt, Var
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import names, operands
from srcgrad.rules.naming import canonical_name

DOT = "%dot"
RESULT = "out%result"  # stands for the result of the statement at hand
ZERO = canonical_name(support_tangents.zero_tangent)
STRETCHED = canonical_name(support_tangents.stretched)
MEMORY = canonical_name(support_tangents.tangent_memory)
DOUBLE = ("f8", "pf")
FEW = 8  # numbers of a display of zeros


def dot(name: str) -> str:
    """The variable that holds the tangent of a variable."""
    return f"{name}{DOT}"


class Tangents:
    """Which variables have a tangent now, and the code that reads, makes and binds them."""

    def __init__(self, context: Context, build: Builder, doubles: bool) -> None:
        self.context = context
        self.build = build
        self.doubles = doubles  # every number differentiated is a double
        self.present: set[str] = set()
        self.nested = 0  # blocks around the statement at hand
        self.given: set[str] = set()  # variables whose tangent may be memory of the caller's

    # reading
    def has(self, stmt: Stmt, atom: Atom) -> bool:
        """True if an operand has a tangent that flows into the statement."""
        varied = self.context.activity.varied.get(stmt, frozenset())
        return isinstance(atom, Var) and atom.name in varied and atom.name in self.present

    def of(self, stmt: Stmt, atom: Atom) -> Atom:
        """The tangent of an operand; zeros of its form where it has none."""
        kind = self.context.kinds.before(stmt, atom)
        if isinstance(atom, Var) and atom.name in self.present:
            return self.known(atom.name, kind)
        return self.zero(atom, kind)

    def known(self, name: str, kind: Kind) -> Var:
        """The tangent of a variable that has one and is of this kind."""
        self.build.kinds[dot(name)] = self.kind_like(kind)
        self.build.complexes[dot(name)] = self.build.primal_numbers(Var(name))
        return Var(dot(name))

    def kind_like(self, kind: Kind) -> Kind:
        """Kind of the tangent of a value of this kind."""
        if kind.is_container:
            return Kind(kind.tag)
        if kind.tag not in ("scalar", "array"):
            return UNKNOWN
        known = self.doubles and kind.dtype in DOUBLE
        return replace(kind, dtype=kind.dtype if known else "?", value=None)

    def zero(self, atom: Atom, kind: Kind) -> Atom:
        """The tangent of a constant."""
        if isinstance(atom, Const) or kind.is_scalar or kind.tag in ("none", "str"):
            return Const(0.0)
        if kind.is_container and kind.items == () and kind.tag in ("list", "dict"):
            return self.build.emit(kind.tag, (), kind=Kind(kind.tag))
        plain = kind.tag in ("list", "tuple") and not kind.fields and len(kind.items or ()) <= FEW
        if plain and kind.items and all(item.is_scalar for _, item in kind.items):
            zeros = (Const(0.0),) * len(kind.items)
            return self.build.emit(kind.tag, zeros, kind=Kind(kind.tag))
        like = self.kind_like(kind)
        plain = kind.is_array and kind.is_float
        return self.build.emit("numpy.zeros_like" if plain else ZERO, (atom,), kind=like)

    # binding
    def bind(self, name: str, value: Atom, kind: Kind) -> None:
        """Give a variable of this kind its tangent."""
        if self.is_given(value):
            self.given.add(name)
        elif not self.nested:
            self.given.discard(name)
        self.build.assign(dot(name), value, self.kind_like(kind))

    def start(self, name: str, kind: Kind, bound: bool = True) -> None:
        """Give a variable that has no tangent zeros."""
        value = self.zero(Var(name), kind) if bound else Const(0.0)
        self.bind(name, value, kind)

    def bind_result(self, stmt: Assign, value: Atom) -> None:
        """Give the target of an operation its tangent."""
        kind = self.context.kinds.after(stmt, stmt.target)
        if self.may_mix(stmt, value):
            self.build.kinds[RESULT] = kind
            value = self.apart(value, kind, Var(RESULT))
        self.bind(stmt.target, as_number(self.build, kind, value), kind)

    # memory
    def is_given(self, value: Atom) -> bool:
        """True if a tangent may share memory with one that the caller gave."""
        pending = [value]
        while pending:
            atom = pending.pop()
            if not isinstance(atom, Var) or self.build.kind(atom).is_scalar:
                continue
            if atom.name.removesuffix(DOT) in self.given:
                return True
            made = self.build.defs.get(atom.name)
            if made is not None and not self.build.is_fresh(atom):
                pending += operands(made)
        return False

    def returned(self, value: Atom) -> Atom:
        """The tangent of a result in memory of its own."""
        if not self.is_given(value):
            return value
        kind = self.build.kind(value)
        return self.build.emit("method.copy" if kind.is_array else OWN, (value,), kind=kind)

    def may_mix(self, stmt: Assign, value: Atom) -> bool:
        """True if a tangent may share memory with one whose variable's memory is another's.

        `y = x + c` is a new array, and `y_dot = x_dot` is not; that matters if x or y is written.
        """
        rewritten = self.context.rewritten
        if self.build.is_fresh(value):
            return stmt.target in rewritten and not self.fits(stmt)
        other = value.name.removesuffix(DOT) if isinstance(value, Var) else ""
        if other in rewritten and other not in names(operands(stmt)):
            return True  # the same operation made it: `b = x * 2; h = x * 2`
        if rewritten.isdisjoint({stmt.target, *names(operands(stmt))}):
            return False
        sharing = memory_of(stmt, self.context.kinds)
        sure = stmt.fn in ("copy", "operator.getitem", "attr.T") and stmt.args[0] in sharing
        return not (sure or stmt.fn in ("tuple", "list", "dict"))

    def fits(self, stmt: Assign) -> bool:
        """True if a tangent surely has the dtype of the variable, so that stores do not round."""
        kind = self.context.kinds.after(stmt, stmt.target)
        return self.doubles and kind.dtype in DOUBLE and kind.is_array

    def apart(self, value: Atom, kind: Kind, like: Atom) -> Atom:
        if kind.is_scalar:
            return value
        held = self.build.kind(value)
        if kind.is_array and self.doubles and kind.dtype in DOUBLE and fills(held, kind):
            return self.build.emit("method.copy", (value,), kind=held)
        return self.build.emit(MEMORY, (value, like), kind=self.kind_like(kind))

    def full(self, value: Atom, kind: Kind, result: Atom) -> Atom:
        """A tangent at the full shape of the result it belongs to."""
        held = self.build.kind(value)
        if held.is_scalar and kind.is_scalar or fills(held, kind):
            return value
        like = self.kind_like(kind)
        if kind.is_array and (held.is_scalar or held.is_array and held.shape is not None):
            shape = self.build.emit("attr.shape", (result,))
            return self.build.emit("numpy.broadcast_to", (value, shape), kind=like)
        return self.build.emit(STRETCHED, (value, result), kind=like)

    def numbers(self, stmt: Stmt, atom: Atom) -> Numbers:
        return self.context.complexes.before(stmt, atom)
