"""The adjoint of the logistic function `y = 1 / (1 + np.exp(u))` is `-y_bar * y * (1 - y)`.

Only `y` has to be kept for it, and it is finite where `np.exp(u)` is not: there, the adjoints of
the three operations would be `0 / inf * inf`.
"""

from __future__ import annotations

from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import Leaf, Tree
from srcgrad.ad.masks import Masks
from srcgrad.ad.operands import Operands
from srcgrad.ad.steps import Step
from srcgrad.ir.core import Assign, Atom, Const, Var

QUOTIENTS = ("operator.truediv", "numpy.divide", "numpy.true_divide")
SUMS = ("operator.add", "numpy.add")
EXPONENTIALS = ("numpy.exp", "math.exp")


class LogisticAdjoint:
    """Passes over the sum and the exponential, where nothing else reads them."""

    def __init__(
        self,
        context: Context,
        build: Builder,
        adjoints: Adjoints,
        operands: Operands,
        masks: Masks,
    ) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints
        self.operands = operands
        self.masks = masks

    def adjoint(self, stmt: Assign, tree: Tree, step: Step) -> bool:
        """False if the statement is something else."""
        power = self.exponential(stmt)
        if power is None or not isinstance(tree, Leaf) or stmt.target in self.masks.taken:
            return False
        exponent = power.args[0]
        assert isinstance(exponent, Var)
        if exponent.name in self.context.activity.varied.get(power, frozenset()):
            step.reads_result = True
            y = Var(stmt.target)
            rest = self.build.emit("operator.sub", (Const(1), y))
            scaled = self.build.emit("operator.mul", (tree.atom, y))
            value = self.build.emit("operator.mul", (scaled, rest))
            value = self.build.emit("operator.neg", (value,))
            kind = self.context.kinds.before(power, exponent)
            self.adjoints.add((exponent.name,), kind, Leaf(value, self.build.is_fresh(value)))
        return True

    def exponential(self, stmt: Assign) -> Assign | None:
        """The statement that makes `np.exp(u)` for the quotient."""
        if stmt.fn not in QUOTIENTS or stmt.kwargs or not _is_one(stmt.args[0]):
            return None
        total = self.single(stmt.args[1], stmt)
        if total is None or total.fn not in SUMS or total.kwargs or len(total.args) != 2:
            return None
        one, other = total.args if _is_one(total.args[0]) else total.args[::-1]
        power = self.single(other, stmt)
        if not _is_one(one) or power is None or power.fn not in EXPONENTIALS or power.kwargs:
            return None
        intact = len(power.args) == 1 and self.operands.is_intact(power, set())
        return power if intact and isinstance(power.args[0], Var) else None

    def single(self, atom: Atom, stmt: Assign) -> Assign | None:
        """What makes a temporary of the same statement of the program, read but here."""
        made = self.operands.defs.get(atom.name) if isinstance(atom, Var) else None
        if made is None or made.unit != stmt.unit or made.target not in self.masks.single:
            return None
        return made


def _is_one(atom: Atom) -> bool:
    return isinstance(atom, Const) and type(atom.value) in (int, float) and atom.value == 1
