"""Kinds throughout a derivative: helpers and recorded values included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from srcgrad.analysis.kinds import Env, Inference, KindFacts
from srcgrad.analysis.operations import OpKinds
from srcgrad.ir.core import Assign, Atom, Const, Function, Pop, Push, Stmt, Store, UserFunction
from srcgrad.ir.kinds import (
    FLOAT,
    FLOAT64,
    UNKNOWN,
    Dim,
    Kind,
    Shape,
    array,
    broadcast,
    held,
    join,
    promote,
    scalar,
)
from srcgrad.loops.elements import ELEMENTS, IN_PLACE
from srcgrad.loops.lengths import Lengths
from srcgrad.loops.openlists import common
from srcgrad.loops.recursion import Called
from srcgrad.loops.standins import StandIn

OF_ITEMS = ("numpy.stack", "numpy.array", "numpy.asarray")
PRODUCTS = ("operator.matmul", "numpy.matmul", "numpy.dot")
KindOf = Callable[[Atom], Kind]


class LoopFacts(KindFacts):
    """Kinds of stand-ins, too."""

    __slots__ = ()

    def before(self, stmt: Stmt, atom: Atom) -> Kind:
        if isinstance(atom, Const) and isinstance(atom.value, StandIn):
            return atom.value.kind
        return KindFacts.before(self, stmt, atom)


def infer(
    fn: Function,
    params: Mapping[str, Kind],
    globals_: Mapping[str, Kind],
    lengths: Lengths,
    spread: Mapping[str, Kind],
    calls: Mapping[str, Called] | None = None,
) -> KindFacts:
    """Kinds of all operands, with lengths that meet taken to be equal.

    `spread`: variables that are arrays of these kinds where they are bound to numbers. `calls`:
    what is known of functions that are called, by name.
    """
    run = LoopKinds(fn, lengths, spread, calls or {})
    run.block(fn.body, {n: lengths.kind(kind) for n, kind in {**globals_, **params}.items()})
    return run.facts


class LoopKinds(Inference):
    """Knows helpers and tapes, and unites lengths where an operation makes them meet."""

    def __init__(
        self,
        fn: Function,
        lengths: Lengths,
        spread: Mapping[str, Kind],
        calls: Mapping[str, Called],
    ) -> None:
        super().__init__(fn, self.unknown_callee)
        self.facts = LoopFacts()
        self.ops = OpKinds(self.facts.problems, self.unknown_callee)
        self.lengths = lengths
        self.spread = spread
        self.calls = calls
        self.tapes: dict[str, Kind] = {}

    def unknown_callee(self, fn: UserFunction, stmt: Assign, kind_of: KindOf) -> Kind:
        return UNKNOWN

    def record(self, stmt: Stmt, env: Env) -> None:
        super().record(stmt, env)
        reads = self.facts.reads[stmt]
        for name, kind in reads.items():
            reads[name] = self.lengths.kind(kind)

    def simple(self, stmt: Any, env: Env) -> None:
        if isinstance(stmt, Push):
            kind = self.facts.before(stmt, stmt.value)
            known = self.tapes.get(stmt.tape)
            self.tapes[stmt.tape] = kind if known is None else join(known, kind, stmt.tape)
            return
        if isinstance(stmt, Pop):
            kind = self.lengths.kind(self.tapes.get(stmt.tape, UNKNOWN))
            env[stmt.target] = kind
            self.facts.writes[stmt] = {stmt.target: kind}
            return
        if isinstance(stmt, (Assign, Store)):
            self.meet(stmt)
        called = self.calls.get(getattr(getattr(stmt, "fn", None), "name", ""))
        if called is not None:
            kinds = called.results(stmt, [self.facts.before(stmt, a) for a in stmt.args])
            env.update(kinds)
            self.facts.writes[stmt] = kinds
            return
        helper = self.helper(stmt)
        if helper is not None:
            env[stmt.target] = helper
            self.facts.writes[stmt] = {stmt.target: helper}
            return
        super().simple(stmt, env)
        if isinstance(stmt, Assign):
            for name, kind in self.facts.writes.get(stmt, {}).items():
                kind = self.spread.get(name, kind) if kind.is_scalar else kind
                self.facts.writes[stmt][name] = env[name] = self.lengths.kind(kind)

    def helper(self, stmt: Any) -> Kind | None:
        if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str):
            return None
        if stmt.fn in OF_ITEMS and len(stmt.args) == 1 and len(stmt.targets) == 1:
            return self.of_items(stmt)
        known = HELPERS.get(stmt.fn)
        if known is None or len(stmt.targets) != 1:
            return None
        return known([self.facts.before(stmt, atom) for atom in stmt.args])

    def of_items(self, stmt: Assign) -> Kind | None:
        """The kind of an array whose rows are the items of a list of any length."""
        kind = self.facts.before(stmt, stmt.args[0])
        if kind.tag != "list" or kind.items is not None or kind.element is None or stmt.kwargs:
            return None
        item = common(held(kind))
        if item is None or item.shape is None:
            return None
        mark = f"{self.mark(stmt)}{self.suffix()}"
        sides = (
            Dim(f"{mark}.{axis}") if isinstance(n, Dim) and "?" in n.symbol else n
            for axis, n in enumerate(item.shape)
        )
        return array(item.dtype, (Dim(mark), *sides))

    def meet(self, stmt: Assign | Store) -> None:
        """Unite lengths of parameters that have to be equal unless one of them is 1."""
        shapes: list[Shape] = []
        if isinstance(stmt, Store):
            base = self.facts.before(stmt, stmt.base)
            if not base.is_array:
                return
            part = Assign(("@",), "operator.getitem", (stmt.base, stmt.index))
            kind = self.ops.targets(part, lambda atom: self.facts.before(stmt, atom), "")["@"]
            self.ops.ids.pop(part, None)
            kinds = [self.lengths.kind(kind), self.facts.before(stmt, stmt.value)]
            shapes = [k.shape for k in kinds if k.is_array and k.shape is not None]
        elif isinstance(stmt.fn, str):
            kinds = [self.facts.before(stmt, atom) for atom in stmt.args]
            shapes = [k.shape for k in kinds if k.is_array and k.shape is not None]
            if stmt.fn in PRODUCTS and len(shapes) == 2 and all(shapes):
                self.lengths.unite(shapes[0][-1], shapes[1][max(len(shapes[1]) - 2, 0)])
                return
            if not meets(stmt.fn):
                return
        if len(shapes) < 2:
            return
        for axis in range(1, max(map(len, shapes)) + 1):
            found = [shape[-axis] for shape in shapes if len(shape) >= axis]
            long = [n for n in found if n != 1]
            for n in long[1:]:
                self.lengths.unite(long[0], n)


def meets(fn: str) -> bool:
    """Whether the operands of a function are stretched to one shape."""
    if fn in ("srcgrad.support.unbroadcast", "numpy.clip"):
        return True
    return fn in ELEMENTS or IN_PLACE.get(fn) in ELEMENTS


def _like(place: int) -> Callable[[list[Kind]], Kind]:
    def rule(kinds: list[Kind]) -> Kind:
        kind = kinds[place]
        dtype = promote(kinds[0].dtype, kind.dtype) if kind.dtype == "?" else kind.dtype
        return array(dtype, kind.shape) if kind.is_array else scalar(dtype)

    return rule


def _zeros_like(kinds: list[Kind]) -> Kind:
    return kinds[0] if kinds[0].is_array or kinds[0].tag == "list" else FLOAT


def _added(kinds: list[Kind]) -> Kind:
    """The sum of two cotangents, of lists item by item."""
    return kinds[0] if kinds[0].tag == "list" else _stretched(kinds)


def _spread(kinds: list[Kind]) -> Kind:
    """A number for each item of a list of numbers."""
    known = kinds[1].tag == "list" and all(item.is_scalar for item in held(kinds[1]))
    return Kind("list", element=FLOAT64) if known and kinds[1].items is None else UNKNOWN


def _stretched(kinds: list[Kind]) -> Kind:
    dtype = promote(*(kind.dtype for kind in kinds))
    shape = broadcast(*(kind.shape for kind in kinds))
    if all(kind.is_scalar for kind in kinds):
        return scalar(dtype)
    return array(dtype, shape) if all(k.is_array or k.is_scalar for k in kinds) else UNKNOWN


def _cross(kinds: list[Kind]) -> Kind:
    """Of rows of three; nothing else has a loop form."""
    a, b = kinds[0], kinds[1] if len(kinds) > 1 else UNKNOWN
    if not (a.is_array and b.is_array) or not a.shape or not b.shape or len(kinds) != 2:
        return UNKNOWN
    lead = broadcast(a.shape[:-1], b.shape[:-1])
    return array(promote(a.dtype, b.dtype), None if lead is None else (*lead, 3))


HELPERS: dict[str, Callable[[list[Kind]], Kind]] = {
    "srcgrad.support.unbroadcast": _like(1),
    "srcgrad.support.zeros_like": _zeros_like,
    "srcgrad.support.add": _added,
    "lists.add": _added,
    "srcgrad.support.spread": _spread,
    "srcgrad.support.over": _stretched,
    "srcgrad.support.number": lambda kinds: kinds[0],
    "srcgrad.support_arrays.divide_or_zero": _stretched,
    "srcgrad.support_arrays.expand_reduced": _like(1),
    "srcgrad.support_arrays.share_extremum": _like(1),
    "srcgrad.support_arrays.short_diff_adjoint": _like(1),
    "srcgrad.support_linear.any_cross_adjoint": _like(1),
    "numpy.cross": _cross,
    "srcgrad.support_linear.matmul_adjoint_a": _like(1),
    "srcgrad.support_linear.matmul_adjoint_b": _like(2),
}
