"""Arms of `np.where` and masked reads: what is not taken contributes nothing, not even a NaN.

The adjoint of a value that is not taken is zero, but its local partial may be infinite or no
number, and zero times that is no number. So the mask is put on the contributions behind it, as
far back as the expression goes that the arm owns. Reference: the double-where idiom.
"""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.ad.broadcasting import fills
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import Leaf
from srcgrad.ad.operands import Operands
from srcgrad.ad.steps import Step
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Const, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import blocks, names, writes
from srcgrad.ir.walk import operands as operands_of
from srcgrad.rules.call import Call
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import Primitive
from srcgrad.rules.statistics import WITHOUT_NAN

# What tells the elements that a function leaves out, or takes.
_TELLS = {**dict.fromkeys(WITHOUT_NAN, "numpy.isnan"), "numpy.nan_to_num": "numpy.isfinite"}
_WITH_WHERE = frozenset(
    f"numpy.{fn}" for fn in ("sum", "mean", "prod", "max", "min", "amax", "amin", "var", "std")
)


@dataclass(slots=True)
class Mask:
    """Where a value is taken, as the statement that takes it knows it."""

    test: Atom
    negated: bool
    kind: Kind
    moment: int  # statements visited before it was noted
    unit: int
    step: Step | None
    code: list[Stmt]  # the adjoint of the statement that takes the value
    kept: Atom | None = None  # the condition in a variable of the backward sweep


class Masks:
    """`taken[t]`: where the value of the temporary t is taken."""

    def __init__(self, context: Context, build: Builder, operands: Operands) -> None:
        self.context = context
        self.build = build
        self.operands = operands
        self.taken: dict[str, Mask] = {}
        self.moment = 0  # statements visited so far, the last of the program first
        self.assigned: dict[str, int] = {}  # when a variable was assigned, of what was visited
        self.wrote = -1  # when memory was written
        self.single = read_once(context, operands.defs)

    def visit(self, stmt: Stmt) -> None:
        """The adjoint of a statement comes next."""
        self.moment += 1
        self.assigned.update(dict.fromkeys(writes(stmt), self.moment))
        aliases = self.context.aliases
        if isinstance(stmt, Store) or aliases.written.get(stmt) or aliases.clobbered.get(stmt):
            self.wrote = self.moment

    def take(self, name: str, test: Atom, negated: bool = False) -> None:
        """The value of a temporary is taken where the test holds (or not), and nowhere else."""
        kind, unit = self.build.kind(test), self.build.unit
        step, code = self.operands.step, self.build.code
        self.taken[name] = Mask(test, negated, kind, self.moment, unit, step, code)

    def condition(self, mask: Mask) -> Atom | None:
        """The condition as the statement at hand may read it; None if it is not to be had."""
        wrote = self.wrote > mask.moment
        if not wrote and all(self.assigned.get(n, 0) <= mask.moment for n in self.deep(mask.test)):
            return self.expanded(mask)
        if mask.kept is None:
            mask.kept = self.keep(mask)
        return None if wrote and not self.build.is_fresh(mask.kept) else mask.kept

    def keep(self, mask: Mask) -> Atom:
        """The condition is computed before its operands are something else, further back.

        That is in the adjoint of the statement that takes the value.
        """
        build, operands = self.build, self.operands
        before = build.code, build.unit, build.shared, build.stem, operands.step
        build.code, build.unit, build.shared, operands.step = mask.code, mask.unit, {}, mask.step
        build.stem = "taken"
        found = self.expanded(mask)
        if found == mask.test:
            found = Var(build.fresh())
            build.kinds[found.name] = mask.kind
            build.code.append(Assign((found.name,), "copy", (mask.test,), unit=mask.unit))
        build.code, build.unit, build.shared, build.stem, operands.step = before
        return found

    def expanded(self, mask: Mask) -> Atom:
        found = self.operands.expand(mask.test)
        if not mask.negated:
            return found
        fn = "operator.not_" if mask.kind.is_scalar else "operator.invert"
        if not mask.kind.is_scalar and mask.kind.dtype != "b":
            fn = "numpy.logical_not"  # any number is a condition
        return self.build.emit(fn, (found,), kind=mask.kind.with_dtype("b"))

    def deep(self, atom: Atom) -> set[str]:
        """Names that a condition reads, and those that its definition reads."""
        found: set[str] = set()
        pending = set(names((atom,)))
        while pending:
            name = pending.pop()
            found.add(name)
            made = self.operands.defs.get(name)
            if made is not None and self.operands.is_cheap(made):
                found.discard(name)
                pending |= set(names(operands_of(made))) - found
        return found

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
        if atom.name in self.single:
            self.taken[atom.name] = mask
        if formula.reads.isdisjoint({"y", *prim.params}):
            return leaf  # the partial is a constant
        condition = self.condition(mask)
        if condition is None:
            return leaf
        chosen = self.build.emit(
            "numpy.where", (condition, leaf.atom, Const(0.0)), kind=self.build.kind(leaf.atom)
        )
        return Leaf(chosen, owned=True)

    def note(self, stmt: Assign, call: Call) -> None:
        """The arm of a `np.where` taken where the condition holds is computed for that arm
        alone; what a reduction leaves out is computed for nothing."""
        if call.name != "numpy.where":
            self.note_reduction(stmt, call)
            return
        params = list(call.args)
        condition = call.args[params[0]]
        whole = self.context.kinds.after(stmt, stmt.target)
        for position, name in enumerate(params[1:]):
            arm = call.args[name]
            if (
                isinstance(arm, Var)
                and arm.name in self.single
                and fills(self.context.kinds.before(stmt, arm), whole)
            ):
                self.take(arm.name, condition, negated=position == 1)

    def note_reduction(self, stmt: Assign, call: Call) -> None:
        """`np.nansum(a)` takes what is a number, `np.sum(a, where=w)` what `w` says."""
        arm = call.args.get("x" if call.name == "numpy.nan_to_num" else "a")
        if not isinstance(arm, Var) or arm.name not in self.single:
            return
        kind = self.context.kinds.before(stmt, arm)
        tells = _TELLS.get(call.name)
        if tells is not None and kind.is_array:
            test = self.build.emit(tells, (self.operands.expand(arm),), kind=kind.with_dtype("b"))
            self.take(arm.name, test, negated=tells == "numpy.isnan")
        elif call.name in _WITH_WHERE and isinstance(call.args.get("where"), Var):
            self.take(arm.name, call.args["where"])


def read_once(context: Context, temporaries: Iterable[str]) -> set[str]:
    """Temporaries whose derivative comes from one place, in the block where they are made.

    The argument of a call that is written out may be read at many places, or in a loop.
    """
    made: dict[str, int] = {}
    read: dict[str, list[int]] = {}
    pending: list[Block] = [context.fn.body]
    while pending:
        block = pending.pop()
        for stmt in block:
            pending += blocks(stmt)
            varied = context.activity.varied.get(stmt, frozenset())
            active = varied if isinstance(stmt, (Assign, Store)) else set(names(operands_of(stmt)))
            for name in names(operands_of(stmt)):
                if name in active:
                    read.setdefault(name, []).append(id(block))
            made.update(dict.fromkeys(writes(stmt), id(block)))
    return {name for name in temporaries if read.get(name) == [made.get(name)]}
