"""Arms of `np.where` and masked reads: what is not taken contributes nothing, not even a NaN.

The adjoint of a value that is not taken is zero, but its local partial may be infinite or no
number, and zero times that is no number. So the mask is put on the contributions behind it, as
far back as the expression goes that the arm owns. Reference: the double-where idiom.
"""

from __future__ import annotations

from srcgrad.ad.broadcasting import fills
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import Leaf
from srcgrad.ad.operands import Operands
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.rules.call import Call
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import Primitive


class Masks:
    """`taken[t]`: where the value of the temporary t is taken."""

    def __init__(self, context: Context, build: Builder, operands: Operands) -> None:
        self.context = context
        self.build = build
        self.operands = operands
        self.taken: dict[str, Atom] = {}

    def masked(
        self, stmt: Assign, prim: Primitive, formula: Formula, atom: Atom, leaf: Leaf
    ) -> Leaf:
        """A contribution from a value that a `np.where` or a mask selects: zero where it is not
        taken.

        The adjoint is zero there already, but the local partial may be infinite: 0 * inf is no
        number.
        """
        mask = self.taken.get(stmt.target)
        if mask is None or not prim.elementwise or not isinstance(atom, Var) or leaf.lazy:
            return leaf
        if not fills(
            self.context.kinds.before(stmt, atom), self.context.kinds.after(stmt, stmt.target)
        ):
            return leaf
        if atom.name in self.operands.defs:
            self.taken[atom.name] = mask
        if formula.reads.isdisjoint({"y", *prim.params}):
            return leaf  # the partial is a constant
        condition = self.operands.expand(mask)
        chosen = self.build.emit(
            "numpy.where", (condition, leaf.atom, Const(0.0)), kind=self.build.kind(leaf.atom)
        )
        return Leaf(chosen, owned=True)

    def note(self, stmt: Assign, call: Call) -> None:
        """The arm of a `np.where` taken where the condition holds is computed for that arm
        alone."""
        if call.name != "numpy.where":
            return
        names = list(call.args)
        condition = call.args[names[0]]
        whole = self.context.kinds.after(stmt, stmt.target)
        for position, name in enumerate(names[1:]):
            arm = call.args[name]
            if (
                isinstance(arm, Var)
                and arm.name in self.operands.defs
                and fills(self.context.kinds.before(stmt, arm), whole)
            ):
                self.taken[arm.name] = condition if position == 0 else self.negated(condition)

    def negated(self, condition: Atom) -> Atom:
        kind = self.build.kind(condition)
        fn = "operator.not_" if kind.is_scalar else "operator.invert"
        return self.build.emit(fn, (self.operands.expand(condition),), kind=kind)
