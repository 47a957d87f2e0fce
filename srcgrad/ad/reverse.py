"""The adjoint of each statement, in reverse order: the heart of reverse mode.

For `y = f(x)`, reached backward with the adjoint `y_bar`: take `y_bar` (what was there before the
assignment has nothing to do with it) and add `y_bar * f'(x)` to `x_bar`. For `y[i] = e`: take a
copy of
`y_bar[i]`, clear it, and give the copy to `e`. Control flow is reversed, not replayed.
Reference: Griewank and Walther, Evaluating Derivatives, 2nd ed., 2008, chapters 3 and 6.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.calls import CallDifferentiator
from srcgrad.ad.choose import FLAT_AT_REALS, REAL_ONLY
from srcgrad.ad.context import Context
from srcgrad.ad.contexts import Contexts
from srcgrad.ad.leaves import Leaf, Path, Tree
from srcgrad.ad.lists import ListAdjoints, is_list_step
from srcgrad.ad.numbers import made_real
from srcgrad.ad.operands import Operands
from srcgrad.ad.operations import OperationAdjoints
from srcgrad.ad.primitives import PrimitiveAdjoints
from srcgrad.ad.sameform import form_of
from srcgrad.ad.steps import AnyStep, Code, IfStep, LoopStep, Step
from srcgrad.ad.stores import StoreAdjoints
from srcgrad.analysis.complexes import Numbers
from srcgrad.analysis.memory import is_opaque
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Exit,
    For,
    If,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import (
    MUTATORS,
    assigned,
    indexed,
    leaves_by,
    names,
    operands,
    read_names,
    stored,
)


class Reverse:
    """Writes the backward sweep of one function into steps; the adjoints left at its start are the
    result."""

    def __init__(self, context: Context, seed: Atom, first_only: bool = False) -> None:
        self.context = context
        self.current: Stmt | None = None
        self.build = Builder(self.primal_kind, self.primal_numbers, self.primal_def, self.form_of)
        self.adjoints = Adjoints(self.build, context.dynamic, context.rewritten)
        self.operands = Operands(context, self.build)
        self.primitives = PrimitiveAdjoints(context, self.build, self.adjoints, self.operands)
        self.calls = CallDifferentiator(context, self.build, self.adjoints)
        self.lists = ListAdjoints(context, self.build, self.adjoints)
        self.stores = StoreAdjoints(context, self.build, self.adjoints, self.primitives)
        shared = context, self.build, self.adjoints, self.operands
        self.operations = OperationAdjoints(*shared, self.primitives)
        self.contexts = Contexts(context.fn, self.build)
        self.seed = seed
        self.first_only = first_only  # the result is (value, aux): only the value is seeded

    def primal_kind(self, name: str) -> Kind:
        """Kind of a primal variable where the statement at hand stands."""
        if self.current is None:
            return UNKNOWN
        facts = self.context.kinds
        found = facts.reads.get(self.current, {}).get(name)
        found = found or facts.writes.get(self.current, {}).get(name)
        return found or self.operands.kind(name)

    def primal_numbers(self, atom: Atom) -> Numbers:
        """What the numbers in a primal variable may be where the statement at hand stands."""
        if self.current is None:
            return self.context.complexes.of(atom)
        return self.context.complexes.before(self.current, atom)

    def primal_def(self, name: str) -> Assign | None:
        """The statement that makes a variable, if there is but one."""
        return self.operands.single(name)

    def form_of(self, atom: Atom) -> Atom:
        """What has the shape of a temporary, and is read anyway."""
        return form_of(atom, self.context, self.operands)

    def run(self, body: Block) -> list[AnyStep]:
        return self.block(body)

    def block(self, block: Block) -> list[AnyStep]:
        """Steps of a block, the last statement's first."""
        steps: list[AnyStep] = []
        for stmt in reversed(block):
            step = self.statement(stmt)
            if step is not None:
                steps.append(step)
        return steps

    def statement(self, stmt: Stmt) -> AnyStep | None:
        self.current = stmt
        self.build.unit = stmt.unit
        if isinstance(stmt, (For, While)):
            return self.loop(stmt)
        if isinstance(stmt, If):
            return self.branch(stmt)
        step = Step(stmt)
        outer, self.build.code = self.build.code, step.code
        self.operands.start(step)
        self.primitives.masks.visit(stmt)
        if isinstance(stmt, Assign):
            if not stmt.targets or stmt.fn in MUTATORS or is_opaque(stmt, self.context.kinds):
                self.build.forget(names(operands(stmt)))  # they were something else before
            self.assign(stmt, step)
            self.build.forget(stmt.targets)  # a formula may have read the result
        elif isinstance(stmt, Store):
            self.store(stmt, step)
        elif (
            isinstance(stmt, Exit)
            and stmt.kind == "return"
            and self.context.activity.varied.get(stmt)
        ):
            assert isinstance(stmt.value, Var)
            kind = self.context.kinds.before(stmt, stmt.value)
            seed: Tree = {0: Leaf(self.seed)} if self.first_only else Leaf(self.seed)
            self.adjoints.add((stmt.value.name,), kind, seed)
        self.build.code = outer
        return step

    # simple statements
    def assign(self, stmt: Assign, step: Step) -> None:
        if self.contexts.adjoint(stmt) and not stmt.targets:
            return
        if is_list_step(stmt):
            self.build.forget(stmt.targets)
            self.build.stem = "item%bar"
            self.lists.adjoint(stmt, step)
            return
        taken = {name: self.adjoints.take(name) for name in stmt.targets}
        trees = {name: tree for name, tree in taken.items() if tree is not None}
        self.build.forget(stmt.targets)
        varied = self.context.activity.varied.get(stmt, frozenset())
        if stmt.fn in FLAT_AT_REALS and not varied:
            self.flat(stmt)
        if not trees or not varied:
            return
        self.build.stem = stmt.targets[0].split("@")[0] + "%bar"
        trees = {name: self.real(stmt, name, tree) for name, tree in trees.items()}
        if any(isinstance(tree, dict) for tree in trees.values()):  # zeros in the shape of the rest
            step.reads_result |= set(trees).isdisjoint(names(operands(stmt)))
        for name, tree in trees.items():
            self.adjoints.hold(name, tree)
        if isinstance(stmt.fn, UserFunction):
            self.calls.adjoint(stmt, trees[stmt.target], varied)
        elif len(stmt.targets) > 1:
            self.primitives.unpack(stmt, trees)
        else:
            self.operations.adjoint(stmt, trees[stmt.target], varied, step)
        self.adjoints.let_go()

    def real(self, stmt: Assign, name: str, tree: Tree) -> Tree:
        """The adjoint of a value that is real here, though its variable is complex elsewhere."""
        if not isinstance(tree, Leaf) or self.context.complexes.after(stmt, name):
            return tree
        atom = made_real(self.build, tree.atom)
        return tree if atom == tree.atom else Leaf(atom, lazy=tree.lazy)

    def flat(self, stmt: Assign) -> None:
        """Nothing flows through the sign of a number, if that is real."""
        operand = stmt.args[0]
        if not isinstance(operand, Var) or operand.name not in self.context.activity.names:
            return
        numbers = self.context.complexes.before(stmt, operand)
        if numbers is Numbers.COMPLEX:
            self.primitives.refuse_call(stmt, complex_operands=True)
        elif numbers is Numbers.UNTOLD:
            self.build.code.append(Assign((), REAL_ONLY, (operand,), unit=self.build.unit))

    def store(self, stmt: Store, step: Step) -> None:
        """`base[index] = value` or `+=`: adjoint of the value, then of what was overwritten."""
        name = stmt.base.name
        self.build.forget({name})
        # An index that reads what is stored into (`y[y > 4] = 0.0`) would select other elements
        # now.
        rewritten = self.context.rewritten
        index = self.operands.expand(
            stmt.index, rewritten if name in rewritten else {name, *rewritten}
        )
        step.undo, step.undo_index = list(step.code), index
        if self.adjoints.present(name):
            self.build.stem = name.split("@")[0] + "%bar"
            self.stores.adjoint(stmt, index)

    # control flow
    def branch(self, stmt: If) -> IfStep | None:
        touched = self.touched((stmt,))
        probe = Step(stmt)
        outer, self.build.code = self.build.code, probe.code
        self.operands.start(probe)
        changed = assigned((stmt,)) | (self.context.rewritten if stored((stmt,)) else set())
        test = self.operands.expand(stmt.test, changed)
        self.build.code = outer
        before = Step(stmt)
        self.build.unit = -1
        outer, self.build.code = self.build.code, before.code
        self.adjoints.settle(touched | self.adjoints.borrowing(), self.path_kind)
        self.build.forget_all()
        kinds = self.build.kinds
        entry, start = self.adjoints.snapshot(), kinds.moment
        then = self.block(stmt.then)
        after_then, then_kinds = self.adjoints.snapshot(), kinds.changed(start)
        self.adjoints.restore(entry)
        kinds.turn_to(start, {})
        self.build.forget_all()
        orelse = self.block(stmt.orelse)
        after_else, else_kinds = self.adjoints.snapshot(), kinds.changed(start)
        self.build.forget_all()
        self.current, self.build.unit = stmt, -1
        wanted = {path for path in {**after_then, **after_else} if path[0] in touched}
        else_tail = self.tail(lambda: self.complete(stmt, wanted, after_else))
        at_else, else_kinds = self.adjoints.snapshot(), else_kinds | self.changed(else_kinds)
        kinds.turn_to(start, then_kinds)
        self.adjoints.restore(after_then)
        end = kinds.moment
        then_tail = self.tail(lambda: self.complete(stmt, wanted, after_then))
        else_kinds = {**kinds.before(end), **else_kinds}
        self.adjoints.restore(_merged(self.adjoints.snapshot(), at_else))
        self.merge_kinds(else_kinds)
        self.build.code = outer
        return IfStep(
            stmt,
            before.code,
            probe.code,
            test,
            then,
            orelse,
            then_tail,
            else_tail,
            probe.expanded,
        )

    def changed(self, kinds: dict[str, Kind]) -> dict[str, Kind]:
        """Kinds of adjoints present that differ from these."""
        atoms = [leaf.atom for leaf in self.adjoints.leaves.values()]
        names = [atom.name for atom in atoms if isinstance(atom, Var)]
        return {n: k for n in names if (k := self.build.kinds.get(n, UNKNOWN)) != kinds.get(n)}

    def merge_kinds(self, other: dict[str, Kind]) -> None:
        """Where arms meet, an adjoint is known by what holds after either of them."""
        for leaf in self.adjoints.leaves.values():
            if not isinstance(leaf.atom, Var):
                continue
            name = leaf.atom.name
            kind = self.build.kinds.get(name, UNKNOWN)
            also = other.get(name, kind)
            if leaf.lazy:
                kind = UNKNOWN
            elif kind != also:
                same = kind.tag == also.tag and kind.shape == also.shape
                kind = replace(kind, dtype="?") if same else UNKNOWN
            self.build.kinds[name] = kind

    def tail(self, write: Callable[[], None]) -> Code:
        outer, self.build.code = self.build.code, []
        write()
        code, self.build.code = self.build.code, outer
        self.build.forget_all()  # what holds at the end of one arm need not hold after the other
        return code

    def complete(self, stmt: Stmt, wanted: set[Path], have: dict[Path, Leaf]) -> None:
        """At the end of an arm: adjoints in their own variables; zeros where only the other arm has
        any."""
        names = {path[0] for path in wanted}
        self.adjoints.restore(have)
        self.adjoints.settle(names, self.path_kind)
        for path in sorted(wanted - have.keys(), key=repr):
            self.adjoints.zero(path, self.path_kind(path), self.context.bound_before(stmt, path[0]))

    def loop(self, stmt: For | While) -> LoopStep | None:
        if isinstance(stmt, While):
            self.refuse_active_test(stmt)
        entry = self.context.activity.entry[stmt]
        names = {n for n in self.touched((stmt,)) if n in entry or self.adjoints.present(n)}
        self.build.forget_all()
        self.build.unit = -1
        init = self.tail(lambda: self.enter(stmt, names))
        start = self.adjoints.snapshot()
        held: dict[str, Kind] = {}
        self.carry_kinds({p: leaf for p, leaf in start.items() if p[0] in names}, held)
        while True:
            self.build.forget_all()
            body = self.block(stmt.body)
            self.build.forget_all()
            self.current, self.build.unit = stmt, -1
            tail = self.tail(functools.partial(self.close, stmt, start))
            weaker = {
                path: _weaker(leaf, self.adjoints.leaves[path])
                for path, leaf in start.items()
                if path in self.adjoints.leaves
            }
            changed = self.carry_kinds(weaker, held)
            if not changed and all(weaker[path] == start[path] for path in weaker):
                break
            start = {**start, **weaker}
            self.adjoints.restore(start)
        self.adjoints.restore(start)
        counted = isinstance(stmt, While) or leaves_by(stmt.body, "break")
        count = self.context.counter(stmt) if counted else None
        return LoopStep(stmt, init, body, tail, count)

    def carry_kinds(self, leaves: dict[Path, Leaf], held: dict[str, Kind]) -> bool:
        """Kinds of carried adjoints that hold in every iteration; True if one had to be widened."""
        changed = False
        for leaf in leaves.values():
            if not isinstance(leaf.atom, Var):
                continue
            name = leaf.atom.name
            kind = self.build.kinds.get(name, UNKNOWN)
            if leaf.lazy:
                kind = UNKNOWN
            elif name in held and kind.dtype != held[name].dtype:
                kind = replace(kind, dtype="?")
            elif name in held:
                kind = held[name]
            changed |= name in held and kind != held[name]
            held[name] = self.build.kinds[name] = kind
        return changed

    def enter(self, stmt: For | While, names: set[str]) -> None:
        """Before a reversed loop: every adjoint it carries is present, in its own variable."""
        self.adjoints.settle(names | self.adjoints.borrowing(), self.path_kind)
        for name in sorted(names & (stored((stmt,)) | indexed((stmt,)))):
            if self.adjoints.present(name) and self.path_kind((name,)).is_array:
                self.adjoints.memory(name, self.path_kind((name,)), Var(name))
        for name in sorted(names):
            if not self.adjoints.present(name) or self.path_kind((name,)).items is not None:
                self.adjoints.zero(
                    (name,), self.path_kind((name,)), self.context.bound_after(stmt, name)
                )

    def close(self, stmt: For | While, start: dict[Path, Leaf]) -> None:
        """At the end of a reversed iteration: the adjoints it started with, ready for the next
        one."""
        touched = self.touched((stmt,))
        carried = {path[0] for path in start} & touched
        lost = {path[0] for path in self.adjoints.leaves if path not in start} & touched
        shown = ", ".join(f"`{n}`" for n in sorted(lost & self.context.activity.heads[stmt]))
        if shown:
            message = f"what {shown} carries from one iteration to the next is not followed here"
            self.context.refuse(stmt, message, "write to an array through one name only")
        for name in lost:  # what it held before depends on no argument
            self.adjoints.take(name)
        self.adjoints.settle(carried, self.path_kind)
        for path in sorted((p for p in start if p[0] in carried), key=repr):
            if path not in self.adjoints.leaves:
                self.adjoints.zero(
                    path, self.path_kind(path), self.context.bound_before(stmt, path[0])
                )

    def refuse_active_test(self, stmt: While) -> None:
        for inner in stmt.test:
            if self.context.activity.is_active(inner):
                self.context.refuse(
                    inner,
                    "a loop condition assigns a value that is differentiated",
                    "assign it in the body",
                )

    def touched(self, block: Block) -> set[str]:
        return assigned(block) | read_names(block) | stored(block)

    def path_kind(self, path: Path) -> Kind:
        """Kind of a variable or component where control flow stands now."""
        assert self.current is not None
        kind = self.context.kind_within(path[0], self.current)
        for key in path[1:]:
            kind = kind.item(key)
        return kind


def _weaker(a: Leaf, b: Leaf) -> Leaf:
    return Leaf(a.atom, a.owned and b.owned, a.lazy or b.lazy)


def _merged(a: dict[Path, Leaf], b: dict[Path, Leaf]) -> dict[Path, Leaf]:
    return {path: _weaker(a[path], b[path]) if path in b else a[path] for path in a}
