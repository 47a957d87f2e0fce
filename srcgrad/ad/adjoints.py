"""The adjoints at a point of the backward sweep: one value per active variable, absent while zero.

The first contribution is the adjoint itself, later ones are added: in place where the variable owns
its memory and shape and dtype provably stay, by a new value otherwise. The adjoint of a container
of known structure is a tree of adjoints. A *lazy* adjoint is a value that still has to be broadcast
to the shape of its variable: that of `np.sum(x)` is a scalar until it meets an array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from srcgrad.ad.builder import Builder
from srcgrad.ad.leaves import (
    ADD,
    BAR,
    ELLIPSIS,
    HELD,
    OWN,
    ZEROS,
    Leaf,
    Path,
    Tree,
    TwoForms,
    bar,
    plant,
)
from srcgrad.ad.numbers import part_kind, real_part, widened, with_dtype_of
from srcgrad.ad.points import as_number, as_point
from srcgrad.ad.roots import Owners, roots
from srcgrad.errors import InternalError
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import UNKNOWN, Kind, promote
from srcgrad.rules.results import COMPLEX


class Adjoints:
    """State of the backward sweep; every change writes the statements that make it so."""

    def __init__(self, build: Builder, dynamic: set[str], rewritten: set[str]) -> None:
        self.build = build
        self.rewritten = rewritten  # primal memory that changes during the backward sweep
        self.replaced: set[str] = set()  # dicts with items for which 0.0 stands
        self.hollow: set[str] = set()  # containers with lists for which 0.0 stands
        # containers whose adjoint is memory: they are read at computed places
        self.dynamic = dynamic
        self.leaves: dict[Path, Leaf] = {}
        self.paths: dict[str, set[Path]] = {}  # variable -> its paths that are present
        # derivative variable -> paths whose adjoint it is
        self.borrowers: dict[str, set[Path]] = {}
        self.owners = Owners(build)
        build.is_owned = lambda atom: any(self.owners.of(atom, self.leaves))

    # state
    def snapshot(self) -> dict[Path, Leaf]:
        return dict(self.leaves)

    def restore(self, leaves: dict[Path, Leaf]) -> None:
        self.leaves = {}
        self.paths = {}
        self.borrowers = {}
        for path, leaf in leaves.items():
            self.put(path, leaf)

    def put(self, path: Path, leaf: Leaf) -> None:
        self.leaves[path] = leaf
        self.paths.setdefault(path[0], set()).add(path)
        self.owners.note(path, leaf)
        if isinstance(leaf.atom, Var) and leaf.atom.name != bar(path):
            self.borrowers.setdefault(leaf.atom.name, set()).add(path)

    def present(self, name: str) -> bool:
        return bool(self.paths.get(name))

    def of(self, name: str) -> dict[Path, Leaf]:
        """The leaves of a variable that are present."""
        return {path: self.leaves[path] for path in self.paths.get(name, ())}

    def take(self, name: str) -> Tree | None:
        """Remove and return the adjoint of a variable: its definition has been reached."""
        return self.take_item((name,))

    def take_item(self, place: Path) -> Tree | None:
        """Remove and return the adjoint of a component: a place in a variable."""
        size = len(place)
        tree: Tree | None = None
        mine = {path for path in self.paths.get(place[0], ()) if path[:size] == place}
        if not mine:
            return None
        self.paths[place[0]] -= mine
        for path in sorted(mine, key=repr) if len(mine) > 1 else mine:
            leaf = self.leaves.pop(path)
            if len(path) == size:
                if len(mine) > 1:
                    raise TwoForms
                return leaf
            tree = tree if isinstance(tree, dict) else {}
            plant(tree, path[size:], leaf)
        return tree

    def hold(self, name: str, tree: Tree) -> None:
        """Keep a taken adjoint safe while it is handed out: its variables may be assigned anew."""
        pending: list[tuple[Path, Tree]] = [((HELD, name), tree)]
        while pending:
            path, part = pending.pop()
            if isinstance(part, Leaf):
                self.put(path, part)
            else:
                pending.extend(((*path, key), inner) for key, inner in part.items())

    def held(self, name: str) -> Tree:
        """A held adjoint as it stands now."""
        tree: dict[Any, Tree] = {}
        paths = self.paths.get(HELD, ())
        for path in sorted(paths, key=repr) if len(paths) > 1 else paths:
            if path[1] == name:
                if len(path) == 2:
                    return self.leaves[path]
                plant(tree, path[2:], self.leaves[path])
        return tree

    def let_go(self) -> None:
        """Every held adjoint has been handed out."""
        for path in self.paths.pop(HELD, ()):
            del self.leaves[path]

    # contributions
    def add(self, path: Path, kind: Kind, tree: Tree) -> None:
        """Add a contribution to the adjoint of a variable (or component) of this kind."""
        if kind.is_discrete:
            return
        if kind.is_container and kind.items is not None and path[0] not in self.dynamic:
            self.add_items(path, kind, tree)
            return
        if path[0] in self.dynamic and len(path) == 1 and isinstance(tree, dict):
            tree = self.filled(tree, kind, Var(path[0]))
        if not isinstance(tree, Leaf):
            raise TwoForms
        leaf, old = self.real(path, kind, tree), self.leaves.get(path)
        if path[0] in self.dynamic and kind.tag == "list":
            leaf = self.as_list(self.expand(leaf, Var(path[0])), kind)
        if old is not None:
            self.put(path, self.sum(path, kind, old, leaf))
        elif self.is_named(leaf.atom) and not (len(path) > 1 and leaf.owned):
            self.put(path, leaf)  # an adjoint that already has a name: no statement is needed
        else:
            owned = leaf.owned or self.build.is_fresh(leaf.atom)
            is_memory = not kind.is_scalar and not self.build.kind(leaf.atom).is_scalar
            lent = self.build.is_taken(leaf.atom)  # and whoever has the memory may add to it
            if is_memory and (lent or not owned and self.reads_rewritten(leaf.atom)):
                fn = "method.copy" if kind.is_array else OWN
                leaf, owned = self.copied(fn, leaf, kind), True
            leaf = Leaf(leaf.atom, owned and not leaf.lazy, leaf.lazy)
            self.put(path, self.bind(path, kind, leaf))

    def real(self, path: Path, kind: Kind, leaf: Leaf) -> Leaf:
        atom = real_part(self.build, path, kind, leaf.atom)
        atom = as_number(self.build, kind, atom)
        return leaf if atom == leaf.atom else Leaf(atom, lazy=leaf.lazy)

    def as_list(self, leaf: Leaf, kind: Kind) -> Leaf:
        """The adjoint of a list that grows and shrinks: a list, whatever its reader made of it."""
        if self.build.kind(leaf.atom).tag == "list":
            return leaf
        made = Kind("list", element=kind.element)
        return Leaf(self.build.emit("builtins.list", (leaf.atom,), kind=made), owned=True)

    def is_named(self, atom: Atom) -> bool:
        """True for literals and for derivative variables; a primal variable may change its
        value."""
        return isinstance(atom, Const) or BAR in atom.name and not self.build.is_made(atom)

    def reads_rewritten(self, atom: Atom) -> bool:
        """True if the value may be a view of primal memory that stores write, and undo later."""
        return not self.rewritten.isdisjoint(roots(self.build, atom))

    def share(self, atom: Atom) -> None:
        """The value gets another name: nobody may add to its memory in place any more."""
        for path in list(self.owners.of(atom, self.leaves)):
            self.put(path, replace(self.leaves[path], owned=False))

    def add_items(self, path: Path, kind: Kind, tree: Tree) -> None:
        if isinstance(tree, Leaf) and tree.lazy:  # `0.0` has no items
            tree = self.expand(tree, self.build.component(path))
        for key, item in kind.items or ():
            if isinstance(tree, dict):
                part = tree.get(key)
            elif item.is_discrete:
                part = None
            else:
                made = part_kind(self.build, item, tree.atom)
                atom = self.build.emit("operator.getitem", (tree.atom, Const(key)), kind=made)
                part = Leaf(atom, owned=tree.owned)
            if part is not None:
                self.add((*path, key), item, part)

    def filled(self, tree: Tree | None, kind: Kind, value: Atom) -> Leaf:
        """One value for the tree of adjoints of a variable, zeros where a component has none."""
        if isinstance(tree, Leaf):
            return tree
        if kind.is_container and kind.items is not None:
            parts: list[Atom] = []
            for key, item in kind.items:
                part = tree.get(key) if tree is not None else None
                atom = self.filled_item(part, kind, item, value, key)
                parts.extend((Const(key), atom) if kind.tag == "dict" else (atom,))
            return Leaf(self.build.emit("dict" if kind.tag == "dict" else "list", parts))
        if tree is not None:
            raise InternalError("a container's structure is known in one place, not in another")
        if kind.is_scalar or kind.is_discrete:
            return Leaf(Const(0.0))
        return self.zeros(kind, value)

    def filled_item(
        self, part: Tree | None, holder: Kind, kind: Kind, value: Atom, key: Any
    ) -> Atom:
        lazy = isinstance(part, Leaf) and part.lazy
        if isinstance(part, Leaf) and not lazy:
            return part.atom
        if part is None and (kind.is_scalar or kind.is_discrete):
            return Const(0.0)
        inner = self.build.item(value, holder, key, kind)
        return self.expand(self.filled(part, kind, inner), inner, True).atom

    def bind(self, path: Path, kind: Kind, leaf: Leaf) -> Leaf:
        """Give the adjoint its own variable."""
        target = bar(path)
        if leaf.atom != Var(target):
            self.release(target)
            if not leaf.owned and self.is_named(leaf.atom):
                self.share(leaf.atom)
            value = self.build.kind(leaf.atom)
            held = value if leaf.lazy else with_dtype_of(kind, value)
            self.build.assign(target, leaf.atom, held)
        return Leaf(Var(target), leaf.owned, leaf.lazy)

    def release(self, target: str) -> None:
        """Before a derivative variable changes, adjoints that borrow its value get their own
        variables."""
        if target not in self.borrowers:
            return
        for path in sorted(self.borrowers.pop(target), key=repr):
            leaf = self.leaves.get(path)
            if leaf is None or leaf.atom != Var(target) or bar(path) == target:
                continue
            if self.is_lent(bar(path)):  # its own variable holds what another adjoint needs
                self.put(path, self.apart(leaf))
            else:
                self.put(path, self.bind(path, self.build.kind(leaf.atom), leaf))

    def apart(self, leaf: Leaf) -> Leaf:
        """The adjoint under a name that nothing else uses."""
        name = self.build.fresh("kept%bar")
        self.build.kinds[name] = self.build.kind(leaf.atom)
        self.build.code.append(Assign((name,), "copy", (leaf.atom,), unit=self.build.unit))
        return replace(leaf, atom=Var(name))

    def is_lent(self, target: str) -> bool:
        """True if another adjoint present has its value in this variable."""
        return any(
            path in self.leaves and self.leaves[path].atom == Var(target) and bar(path) != target
            for path in self.borrowers.get(target, ())
        )

    def sum(self, path: Path, kind: Kind, old: Leaf, leaf: Leaf) -> Leaf:
        target = bar(path)
        own = old.atom == Var(target) and old.owned and not old.lazy
        if own and self.fits(kind, old.atom, leaf) and not self.is_lent(target):
            self.build.store(target, ELLIPSIS, leaf.atom, "add")
            return old
        numeric = self.is_numeric(old.atom) or self.is_numeric(leaf.atom)
        plain = kind.is_scalar or kind.is_array or numeric
        total = self.build.emit("operator.add" if plain else ADD, (old.atom, leaf.atom))
        lazy = old.lazy and leaf.lazy
        if isinstance(total, Var) and self.is_named(total):  # the same sum, of another variable
            return Leaf(total, lazy=lazy)
        return self.bind(path, kind, Leaf(total, owned=not lazy, lazy=lazy))

    def is_numeric(self, atom: Atom) -> bool:
        """True if the value is known to be a number or an array, never a container."""
        if isinstance(atom, Const):
            return True
        kind = self.build.kind(atom)
        return kind.is_scalar or kind.is_array or self.build.is_elementwise(atom)

    def fits(self, kind: Kind, held: Atom, leaf: Leaf) -> bool:
        """True if adding in place keeps the dtype and shape of an array adjoint."""
        if not kind.is_array or kind.dtype == "?" or not kind.shape:
            return False
        added = self.build.kind(leaf.atom)
        # the adjoint of a complex variable may be real so far
        own = self.build.kind(held).dtype if kind.dtype in COMPLEX else kind.dtype
        return added.dtype != "?" and promote(own, added.dtype) == own

    # forms
    def expand(self, leaf: Leaf, shape_of: Atom, item: bool = False) -> Leaf:
        """The adjoint at the full shape of its variable, or of an item, which may hold more."""
        if not leaf.lazy:
            return leaf
        held = self.build.kind(shape_of)
        if held.is_container or item and held == UNKNOWN:
            zeros = self.zeros(held, shape_of)  # NumPy cannot give 0.0 their structure
            return Leaf(self.build.emit(ADD, (zeros.atom, leaf.atom), kind=held), owned=True)
        fn = "attr.shape" if self.build.kind(shape_of).is_array else "numpy.shape"
        shape = self.build.emit(fn, (shape_of,))
        kind = with_dtype_of(self.build.kind(shape_of), self.build.kind(leaf.atom))
        return Leaf(self.build.emit("numpy.broadcast_to", (leaf.atom, shape), kind=kind))

    def full(self, leaf: Leaf, of: Kind, like: Atom) -> Leaf | None:
        """A new array of one number, where that is what the adjoint at full shape is."""
        held = self.build.kind(leaf.atom)
        if not leaf.lazy or not of.is_array or of.dtype != "f8" or not of.shape:
            return None
        if not held.is_scalar or held.dtype not in ("f8", "pf", "pi"):
            return None
        number = self.build.number_in(leaf.atom)
        one = number == Const(1.0)
        fn, args = ("numpy.ones_like", (like,)) if one else ("numpy.full_like", (like, number))
        return Leaf(self.build.emit(fn, args, kind=of), owned=True)

    def zero(self, path: Path, kind: Kind, bound: bool) -> None:
        """An explicit zero, where control flow needs one. `bound`: the variable has a value."""
        if kind.is_discrete:
            return
        if kind.is_container and kind.items is not None:
            for key, item in kind.items:
                if (*path, key) not in self.leaves:
                    self.zero((*path, key), item, False)
        elif kind.is_scalar:
            self.put(path, self.bind(path, kind, Leaf(Const(0.0))))
        elif not bound or len(path) > 1:
            self.put(path, self.bind(path, kind, Leaf(Const(0.0), lazy=True)))
        else:
            self.put(path, self.bind(path, kind, self.zeros(kind, Var(path[0]))))

    def zeros(self, kind: Kind, like: Atom) -> Leaf:
        fn = "numpy.zeros_like" if kind.is_array else ZEROS
        return Leaf(self.build.emit(fn, (like,), kind=kind), owned=True)

    def memory(self, name: str, kind: Kind, value: Atom) -> Leaf:
        """The adjoint as memory that may be written, zeros at first. `value`: the variable."""
        tree = self.take(name)
        if tree is None:
            leaf = self.zeros(kind, value)
        else:
            leaf = self.filled(tree, kind, value)
            leaf = self.full(leaf, kind, value) or self.expand(leaf, value)
            wide = widened(self.build, kind, leaf.atom, value)
            if wide is not None:
                leaf = Leaf(wide, owned=True)
            elif kind.is_array and kind.shape == ():
                leaf = Leaf(as_point(self.build, kind, leaf), owned=True)
            elif not leaf.owned or self.is_lent(bar((name,))):
                fn = {"array": "method.copy", "list": "builtins.list"}.get(kind.tag, OWN)
                leaf = replace(self.copied(fn, leaf, kind), owned=True)
        self.release(bar((name,)))
        leaf = self.bind((name,), kind, leaf)
        self.put((name,), leaf)
        return leaf

    def copied(self, fn: str, leaf: Leaf, kind: Kind) -> Leaf:
        given = self.build.kind(leaf.atom)
        held = with_dtype_of(kind, given) if kind.is_array else given
        return replace(leaf, atom=self.build.emit(fn, (leaf.atom,), kind=held))

    def remove_item(self, base: Var, key: Atom, kind: Kind) -> None:
        """An item of a dict goes, or comes: it has no adjoint on the other side."""
        if (base.name,) not in self.leaves and base.name not in self.dynamic:
            assert isinstance(key, Const)
            self.take_item((base.name, key.value))
        else:
            self.memory(base.name, kind, base)
            self.build.store(bar((base.name,)), key, Const(0.0), "set")

    def whole(self, name: str, value: Atom) -> Leaf:
        """The adjoint as one value of full shape, to be read. `value`: the variable."""
        tree = self.take(name)
        assert tree is not None
        leaf = self.expand(self.filled(tree, self.build.kind(value), value), value)
        self.put((name,), leaf)
        return leaf

    def borrowing(self) -> set[str]:
        """Variables whose adjoint stands in another's variable, which a branch may change."""
        return {
            path[0]
            for path, leaf in self.leaves.items()
            if isinstance(leaf.atom, Var) and leaf.atom.name != bar(path)
        }

    def settle(self, names: Iterable[str], kind_of: Callable[[Path], Kind]) -> None:
        """Give the adjoints of these variables their own variables, as control flow needs."""
        for name in sorted(names):
            for path in sorted(self.paths.get(name, ()), key=repr):
                self.put(path, self.bind(path, kind_of(path), self.leaves[path]))
