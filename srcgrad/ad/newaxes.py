"""The adjoint of `x[:, None]` and its like, which take every element: the new axes go again.

No zeros are needed that a store would fill, and a sum that keeps its axis for one of the new axes
need not keep it.
"""

from __future__ import annotations

from dataclasses import replace

from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import Leaf, Tree, bar
from srcgrad.ad.operands import Operands
from srcgrad.analysis.complexes import Numbers
from srcgrad.analysis.indexing import new_axes
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import Kind

WHOLE = Const(None)


class NewAxesAdjoint:
    """Hands the adjoint on to the array without the axes."""

    def __init__(
        self, context: Context, build: Builder, adjoints: Adjoints, operands: Operands
    ) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints
        self.operands = operands

    def adjoint(self, stmt: Assign, tree: Tree, varied: frozenset[str]) -> bool:
        """False if the statement is something else."""
        if stmt.fn != "operator.getitem" or not isinstance(tree, Leaf):
            return False
        base, index = stmt.args
        kinds = self.context.kinds
        kind = kinds.before(stmt, base)
        if not isinstance(base, Var) or base.name not in varied or not kind.rank:
            return False
        places = new_axes(kind, kinds.before(stmt, index))
        if not places or self.build.numbers(tree.atom) is not Numbers.REAL:
            return False
        given = self.build.kind(tree.atom)
        if tree.lazy and given.is_scalar:
            self.adjoints.add((base.name,), kind, tree)
            return True
        if tree.lazy and given.rank != (kind.rank or 0) + len(places):
            return False  # its axes are not those of the array
        self.build.unshare({bar((base.name,))})
        shape = kind.shape  # or what is stretched to it
        if tree.lazy and given.shape is not None:
            shape = tuple(n for axis, n in enumerate(given.shape) if axis not in places)
        value = self.without(tree.atom, places, replace(kind, shape=shape))
        owned = not tree.lazy and self.build.is_fresh(value)
        self.adjoints.add((base.name,), kind, Leaf(value, owned, lazy=tree.lazy))
        return True

    def without(self, atom: Atom, places: tuple[int, ...], kind: Kind) -> Atom:
        """The value without these axes."""
        made = self.build.still_made(atom)
        kind = kind.with_dtype(self.build.kind(atom).dtype)
        if made is not None and made.fn == "operator.neg":
            inner = self.without(made.args[0], places, kind)
            return self.build.emit("operator.neg", (inner,), kind=kind)
        if made is not None and made.fn == "numpy.sum" and len(places) == 1:
            options = dict(made.kwargs)
            if options == {"axis": Const(places[0]), "keepdims": Const(True)}:
                axis = (("axis", Const(places[0])),)
                return self.build.emit("numpy.sum", made.args, axis, kind=kind)
        rank = (kind.rank or 0) + len(places)
        parts: list[Atom] = [
            Const(0) if axis in places else self.build.emit("slice", (WHOLE, WHOLE, WHOLE))
            for axis in range(rank)
        ]
        while not isinstance(parts[-1], Const):
            parts.pop()
        index = parts[0] if len(parts) == 1 else self.build.emit("tuple", parts)
        return self.build.emit("operator.getitem", (atom, index), kind=kind)
