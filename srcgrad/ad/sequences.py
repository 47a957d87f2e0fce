"""Adjoints of what makes lists and tuples of others: `a + b`, `a * n`, `a[1:]`."""

from __future__ import annotations

from srcgrad import support
from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import Leaf, Tree
from srcgrad.ad.operands import Operands
from srcgrad.analysis.containers import chosen_keys
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.naming import canonical_name

ACCUMULATE = canonical_name(support.accumulate)
FOLD = canonical_name(support.fold_copies)
SEQUENCES = ("list", "tuple")
OPERATIONS = ("operator.add", "operator.mul", "operator.getitem")


class SequenceAdjoints:
    """Hands the adjoint of a new sequence on to the sequences it was made of."""

    def __init__(
        self, context: Context, build: Builder, adjoints: Adjoints, operands: Operands
    ) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints
        self.operands = operands

    def kind(self, stmt: Assign, atom: Atom) -> Kind:
        return self.context.kinds.before(stmt, atom)

    def adjoint(self, stmt: Assign, tree: Tree, varied: frozenset[str]) -> bool:
        """False if the statement is something else."""
        if stmt.fn not in OPERATIONS:
            return False
        kinds = [self.kind(stmt, atom) for atom in stmt.args]
        if len(kinds) != 2 or not any(kind.tag in SEQUENCES for kind in kinds):
            return False
        if stmt.fn == "operator.add":
            if kinds[0].tag != kinds[1].tag:
                message = "a list or tuple is added to what may be one, or an array"
                self.context.refuse(stmt, message, "make it an array first: `np.array(...)`")
                return True
            self.joined(stmt, tree, varied)
        elif stmt.fn == "operator.mul":
            self.repeated(stmt, tree, varied)
        elif stmt.fn == "operator.getitem" and kinds[1].tag == "slice":
            self.sliced(stmt, tree, varied)
        else:
            return False
        return True

    def give(self, stmt: Assign, atom: Atom, varied: frozenset[str], tree: Tree) -> None:
        if isinstance(atom, Var) and atom.name in varied and tree != {}:
            self.adjoints.add((atom.name,), self.kind(stmt, atom), tree)

    def value(self, stmt: Assign, tree: Tree) -> Atom:
        kind = self.context.kinds.after(stmt, stmt.target)
        return self.adjoints.filled(tree, kind, Var(stmt.target)).atom

    def joined(self, stmt: Assign, tree: Tree, varied: frozenset[str]) -> None:
        a, b = stmt.args
        first = self.kind(stmt, a).items
        if isinstance(tree, dict) and first is not None:
            n = len(first)
            self.give(stmt, a, varied, {k: part for k, part in tree.items() if k < n})
            self.give(stmt, b, varied, {k - n: part for k, part in tree.items() if k >= n})
            return
        whole = self.value(stmt, tree)
        count: Atom = Const(len(first)) if first is not None else self.length(a)
        parts: list[tuple[Atom, Leaf]] = []
        for atom, start, stop in ((a, Const(None), count), (b, count, Const(None))):
            piece = self.build.emit("slice", (start, stop, Const(None)))
            part = self.build.emit("operator.getitem", (whole, piece), kind=Kind("list"))
            parts.append((atom, Leaf(part, owned=True)))
        for atom, leaf in parts:  # both are taken before the first adjoint changes
            self.give(stmt, atom, varied, leaf)

    def length(self, atom: Atom) -> Atom:
        return self.build.emit("builtins.len", (atom,))

    def repeated(self, stmt: Assign, tree: Tree, varied: frozenset[str]) -> None:
        items = next(atom for atom in stmt.args if self.kind(stmt, atom).tag in SEQUENCES)
        known = self.kind(stmt, items).items
        if isinstance(tree, dict) and known is not None:
            for start in range(0, max(tree, default=-1) + 1, max(len(known), 1)):
                stop = start + len(known)
                part = {k - start: leaf for k, leaf in tree.items() if start <= k < stop}
                self.give(stmt, items, varied, part)
            return
        part_of = self.build.emit(FOLD, (self.value(stmt, tree), items), kind=Kind("list"))
        self.give(stmt, items, varied, Leaf(part_of, owned=True))

    def sliced(self, stmt: Assign, tree: Tree, varied: frozenset[str]) -> None:
        base, index = stmt.args
        assert isinstance(base, Var)
        keys = chosen_keys(self.kind(stmt, base), self.kind(stmt, index))
        if isinstance(tree, dict) and keys is not None:
            self.give(stmt, base, varied, {keys[k]: part for k, part in tree.items()})
            return
        place = self.operands.expand(index)
        leaf = self.adjoints.memory(base.name, Kind("list"), base)
        # `l = l[1:]`: the adjoint that was taken has another name by now.
        value = self.value(stmt, self.adjoints.held(stmt.target))
        given = (leaf.atom, place, value)
        self.build.code.append(Assign((), ACCUMULATE, given, unit=self.build.unit))
