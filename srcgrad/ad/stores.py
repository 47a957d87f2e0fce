"""The adjoint of a store: into an array, a list or a dict.

For `y[i] = e`: take a copy of `y_bar[i]`, clear it, and give the copy to `e`. Where the structure
of a list or dict is known, the adjoint of each item is a variable of its own, and is just taken.
"""

from __future__ import annotations

from dataclasses import replace

from srcgrad import support
from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.broadcasting import fills
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import ADD, OWN, ZEROS, Leaf, Tree, bar
from srcgrad.ad.lists import list_for_zeros
from srcgrad.ad.numbers import with_dtype_of
from srcgrad.ad.primitives import PrimitiveAdjoints
from srcgrad.analysis.containers import item_key
from srcgrad.analysis.indexing import element_kind, is_everything, is_marked, selection
from srcgrad.ir.core import Atom, Const, Store, Var
from srcgrad.ir.kinds import UNKNOWN, Kind, common_kind, held, scalar
from srcgrad.rules.naming import canonical_name

SCALING = ("operator.mul", "operator.truediv", "operator.matmul")


KEPT = {
    "repeats": canonical_name(support.kept_part),
    "unknown": canonical_name(support.part_or_kept),
}


class StoreAdjoints:
    """Writes the adjoints of stores into memory whose adjoint is present."""

    def __init__(
        self,
        context: Context,
        build: Builder,
        adjoints: Adjoints,
        primitives: PrimitiveAdjoints,
    ) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints
        self.primitives = primitives

    def adjoint(self, stmt: Store, index: Atom) -> None:
        base = self.context.kinds.before(stmt, stmt.base)
        if base.is_container:
            self.item(stmt, base, index)
            return
        how = selection(base, self.context.kinds.before(stmt, stmt.index))
        if how == "repeats" and self.primitives.is_unique(stmt.index):
            how = "mask"  # no element is named twice
        if stmt.op == "set":
            self.overwritten(stmt, base, index, how)
        elif self.is_active(stmt):
            self.added(stmt, base, index, how)

    def is_active(self, stmt: Store) -> bool:
        return isinstance(stmt.value, Var) and self.context.is_varied(stmt, stmt.value)

    def element(self, stmt: Store, base: Kind) -> Kind:
        place = self.context.kinds.before(stmt, stmt.index)
        return element_kind(base, place, lambda: f"element{id(place)}")

    def added(self, stmt: Store, base: Kind, index: Atom, how: str) -> None:
        """`base[index] += value`: the adjoint of the place stays, and is that of the value too."""
        leaf = self.adjoints.whole(stmt.base.name, stmt.base)
        element = with_dtype_of(self.element(stmt, base), self.build.kind(leaf.atom))
        part: Atom = self.build.emit("operator.getitem", (leaf.atom, index), kind=element)
        if how in ("repeats", "unknown") and stmt.op != "at":
            part = self.build.emit(KEPT[how], (leaf.atom, index), kind=element)
        elif not element.is_scalar and how in ("basic", "unknown") and not self.is_used_up(stmt):
            part = self.copied(part, element)
        if stmt.op == "sub":
            part = self.build.emit("operator.neg", (part,), kind=element)
        self.primitives.contribute(stmt.value, Leaf(part), element)

    def overwritten(self, stmt: Store, base: Kind, index: Atom, how: str) -> None:
        """`base[index] = value`: the adjoint of the place goes to the value, and is 0 before."""
        name, active = stmt.base.name, self.is_active(stmt)
        everything = is_everything(base, self.context.kinds.before(stmt, stmt.index))
        if everything and self.number(stmt, base):
            return
        leaf = self.adjoints.memory(name, base, stmt.base)
        element = with_dtype_of(self.element(stmt, base), self.build.kind(leaf.atom))
        if everything:
            self.replaced(stmt, leaf, element)
            return
        part: Atom = self.build.emit("operator.getitem", (leaf.atom, index), kind=element)
        if active and how in ("repeats", "unknown"):
            part = self.build.emit(KEPT[how], (leaf.atom, index), kind=element)
        elif active and not element.is_scalar and how == "basic":
            part = self.copied(part, element)
        self.build.store(bar((name,)), index, Const(0.0), "set")
        if isinstance(index, Const) and isinstance(index.value, str):
            self.adjoints.replaced.add(name)
        if active:
            self.primitives.contribute(stmt.value, Leaf(part, owned=True), element)

    def number(self, stmt: Store, base: Kind) -> bool:
        """True where the adjoint of the whole was one number, which has gone to the value."""
        name, value = stmt.base.name, stmt.value
        tree = self.adjoints.leaves.get((name,))
        if tree is None or not tree.lazy or not self.is_active(stmt):
            return False
        if not fills(self.context.kinds.before(stmt, value), base):
            return False
        self.adjoints.take(name)
        self.primitives.contribute(value, Leaf(tree.atom, lazy=True), base)
        return True

    def replaced(self, stmt: Store, leaf: Leaf, element: Kind) -> None:
        """`base[...] = value`: the adjoint of the whole goes to the value, and nothing is left."""
        self.adjoints.take(stmt.base.name)
        if self.is_active(stmt):
            part = self.build.emit("copy", (leaf.atom,), kind=element)
            self.primitives.contribute(stmt.value, Leaf(part, owned=True), element)

    def copied(self, part: Atom, kind: Kind) -> Atom:
        fn = "method.copy" if kind.is_array else OWN
        return self.build.emit(fn, (part,), kind=kind)

    def is_used_up(self, stmt: Store) -> bool:
        """True for a temporary whose adjoint is multiplied at once: no part of it lives on.

        A sum hands its adjoint on as it is, which would share memory with that of the base.
        """
        assert isinstance(stmt.value, Var)
        made = self.context.made_by(stmt.value.name)
        if made is None or self.context.synced or stmt.base in made.args:
            return False
        by_one = any(isinstance(atom, Const) and atom.value == 1 for atom in made.args)
        return made.fn in SCALING and not by_one

    # lists and dicts
    def item(self, stmt: Store, base: Kind, index: Atom) -> None:
        """An item is replaced: what was there before has no adjoint from here on."""
        name, value = stmt.base.name, stmt.value
        kind = self.context.kinds.before(stmt, value)
        if stmt.op != "set":
            self.item_added(stmt, base, index)
            return
        tree: Tree | None
        if self.is_whole(name):
            leaf = self.adjoints.memory(name, base, stmt.base)
            made = with_dtype_of(kind, UNKNOWN)
            if self.context.holds_complex(stmt.base):
                made = UNKNOWN if kind.is_container else replace(kind, dtype="?", value=None)
            part = self.build.emit("operator.getitem", (leaf.atom, index), kind=made)
            zero: Atom = Const(0.0)
            if kind.is_array or kind.tag == "unknown":
                like = part
                if not self.keeps_shape(base, index, kind):
                    like = self.old_item(stmt.base, base, index)
                zero = self.build.emit(ZEROS, (like,), kind=made)
            elif kind.is_container:
                if kind.tag == "dict":  # its items may be asked for; a list may have grown since
                    like = value if stmt.sync else self.old_item(stmt.base, base, index)
                    zero = self.build.emit(ZEROS, (like,), kind=UNKNOWN)
                else:
                    self.adjoints.hollow.add(name)
                if not stmt.sync and self.is_active(stmt):
                    full = self.build.emit(ZEROS, (value,), kind=made)  # 0.0 may stand for it
                    part = self.build.emit(ADD, (full, part), kind=made)
            tree = Leaf(part, owned=True)
            if kind.tag == "list" and stmt.sync:
                tree = list_for_zeros(self.build, tree, kind)
            self.build.store(bar((name,)), index, zero, "set")
        else:
            assert isinstance(index, Const)
            tree = self.adjoints.take_item((name, item_key(base, index.value)))
        if tree is not None and self.is_active(stmt):
            assert isinstance(value, Var)
            self.adjoints.add((value.name,), kind, tree)

    def old_item(self, variable: Var, base: Kind, index: Atom) -> Atom:
        """What is replaced; a new item of a dict replaces nothing."""
        if base.tag == "dict":
            return self.build.emit("method.get", (variable, index, Const(0.0)), kind=UNKNOWN)
        return self.build.emit("operator.getitem", (variable, index), kind=UNKNOWN)

    def keeps_shape(self, base: Kind, index: Atom, kind: Kind) -> bool:
        """True if an item that is replaced by a value of this kind had its shape.

        Zeros in the shape of the value would add up to more where the item was a number, or an
        array that is stretched to that shape.
        """
        if isinstance(index, Const):
            old: Kind | None = base.item(index.value)
        else:
            old = common_kind(held(base), "item")
        if old is None or not old.is_array or not kind.is_array or old.shape is None:
            return False
        return old.shape == kind.shape and not any(is_marked(length) for length in old.shape)

    def is_whole(self, name: str) -> bool:
        """True if the adjoint of a container is one value, not a variable for each item."""
        return (name,) in self.adjoints.leaves or name in self.adjoints.dynamic

    def item_added(self, stmt: Store, base: Kind, index: Atom) -> None:
        """`base[index] += value` of a number: the adjoint of the item is that of the value too."""
        if not self.is_active(stmt):
            return
        name, kind = stmt.base.name, self.context.kinds.before(stmt, stmt.value)
        if self.is_whole(name):
            leaf = self.adjoints.whole(name, stmt.base)
            part: Atom = self.build.emit("operator.getitem", (leaf.atom, index), kind=scalar("?"))
        else:
            assert isinstance(index, Const)
            found = self.adjoints.leaves.get((name, item_key(base, index.value)))
            if found is None:
                return
            part = found.atom
        if stmt.op == "sub":
            part = self.build.emit("operator.neg", (part,), kind=self.build.kind(part))
        assert isinstance(stmt.value, Var)
        self.adjoints.add((stmt.value.name,), kind, Leaf(part))
