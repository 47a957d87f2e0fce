"""Parts of an array or list in a container are added to its adjoint in place.

    w_bar = 0.0                                  w_bar = np.zeros_like(p["w"])
    for i in reversed(range(n)):                 for i in reversed(range(n)):
        part_bar = np.zeros_like(p["w"])   ->        w_bar[i] += v
        part_bar[i] = v
        w_bar = w_bar + part_bar

Without it the adjoint of one element takes the time of all. Only where no other variable holds the
adjoint, and where it has the shape of what is added for sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, substitute, writes
from srcgrad.optimize.exchange import exchanged
from srcgrad.optimize.filled_zeros import FilledZeros, added
from srcgrad.optimize.known import is_new
from srcgrad.optimize.whereabouts import Whereabouts

ADD = ("operator.add", "srcgrad.support.add")
COPIES = ("builtins.list",)


def add_to_leaves(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with parts of leaves written in place.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    return _Leaves(fn, kinds).rewritten()


class _Leaves:
    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.fn, self.kinds = fn, kinds
        self.at = Whereabouts(fn)
        self.filled = FilledZeros(self.at, kinds)
        self.params = {p.name for p in fn.params}
        self.gone: set[Stmt] = set()
        self.instead: dict[Stmt, tuple[Stmt, ...]] = {}

    def rewritten(self) -> Function:
        for name, touching in self.at.touching.items():
            if self.at.bound[name] > 1:
                sums = {s: p for s in touching if (p := self.parts(s, name)) is not None}
                if sums:
                    _Leaf(self, name, sums).write()
        return exchanged(self.fn, self.gone, self.instead)

    def parts(self, stmt: Stmt, name: str) -> list[Stmt] | None:
        """The parts of the zeros that a statement adds to a variable, and nothing else."""
        if isinstance(stmt, Store):
            whole = stmt.op == "add" and stmt.index == Const(Ellipsis)
            return self.filled.parts(stmt.value, stmt) if whole and stmt.base.name == name else None
        if not isinstance(stmt, Assign) or stmt.fn not in ADD or stmt.args[0] != Var(name):
            return None
        if stmt.args[1] == Var(name) or self.rebinding(stmt, name) is None:
            return None
        return self.filled.parts(stmt.args[1], stmt)

    def rebinding(self, total: Assign, name: str) -> Assign | None:
        """`x_bar = total`, in the block of the sum."""
        if self.at.bound[total.target] != 1 or self.at.read[total.target] != 1:
            return None
        user = next(self.at.users(total.target))
        same = isinstance(user, Assign) and (user.targets, user.fn) == ((name,), "copy")
        near = self.at.block_of[user] is self.at.block_of[total]
        return user if isinstance(user, Assign) and same and near else None


class _Leaf:
    """One adjoint, and the sums that add parts to it."""

    def __init__(self, leaves: _Leaves, name: str, sums: dict[Stmt, list[Stmt]]) -> None:
        self.leaves, self.at, self.name, self.sums = leaves, leaves.at, name, sums
        self.kinds = leaves.kinds
        self.touching = self.at.touching[name]
        self.form = self.kind_of(_added(next(iter(sums))))
        self.copies: dict[Stmt, Assign] = {}  # what binds a name of the list, and the copy of it
        self.begun: dict[Stmt, tuple[Stmt, ...]] = {}

    def kind_of(self, atom: Atom) -> Kind | None:
        """The kind of what a variable is a copy of."""
        while isinstance(atom, Var) and atom.name not in self.kinds:
            made = self.at.maker(atom)
            if made is None or made.fn != "copy":
                return None
            atom = made.args[0]
        return self.kinds.get(atom.name) if isinstance(atom, Var) else None

    def has_form(self, atom: Atom) -> bool:
        """True for a value that surely has the form of the adjoint: its shape, or that of a
        list."""
        kind, form = self.kind_of(atom), self.form
        if kind is None or form is None:
            return False
        if form.tag == "list":
            element = form.element
            return kind.tag == "list" and element is not None and element.is_scalar
        return bool(form.rank) and kind.has_shape_of(form)

    def write(self) -> None:
        """Put the parts in place, if nothing else holds the adjoint meanwhile."""
        if not all(self.has_form(_added(total)) for total in self.sums):
            return
        first = self.touching[0]
        block = self.at.block_of[first]
        places = [self.at.within(stmt, block) for stmt in self.touching]
        if None in places or self.name not in writes(first):
            return
        last = max(self.at.within(stmt, block) or 0 for stmt in self.sums)
        late = {s for s, p in zip(self.touching, places, strict=True) if p is not None and p > last}
        if not all(stmt in late or self.is_own(stmt) for stmt in self.touching):
            return
        for total, parts in self.sums.items():
            self.in_place(total, parts)
        for bind, copied in self.copies.items():
            assert isinstance(bind, Assign)
            self.leaves.gone.add(copied)
            self.leaves.instead[bind] = (replace(bind, args=(Var(self.name),)),)
        self.leaves.instead |= self.begun
        for stmt in late if self.begun else ():
            self.returned(stmt)

    def returned(self, stmt: Stmt) -> None:
        """`np.full_like(p["w"], w_bar)` is the adjoint itself, if that is of one dtype for sure."""
        bindings = [s for s in self.touching if self.name in writes(s)]
        summed = [s for s in self.sums if isinstance(s, Assign)]
        others = [s for s in self.touching if s not in bindings and s not in self.sums]
        if not isinstance(stmt, Assign) or stmt.fn != "numpy.full_like" or stmt.kwargs:
            return
        like, value = stmt.args
        once = others == [stmt] and len(bindings) == 1 + len(summed)
        if once and value == Var(self.name) and self.has_form(like):
            self.leaves.instead[stmt] = (replace(stmt, fn="copy", args=(value,)),)

    def in_place(self, total: Stmt, parts: list[Stmt]) -> None:
        value = _added(total)
        made = self.leaves.filled.made(value)
        assert made is not None
        self.leaves.gone |= {*made, *parts}
        if isinstance(total, Assign):
            again = self.leaves.rebinding(total, self.name)
            assert again is not None
            self.leaves.gone.add(again)
        own = Var(self.name)
        placed = [substitute(part, lambda atom: own if atom == value else atom) for part in parts]
        self.leaves.instead[total] = tuple(map(added, placed))

    # --- what may be done with it

    def is_own(self, stmt: Stmt) -> bool:
        """True for a statement after which no variable but this one holds its memory for long."""
        if stmt in self.sums:
            return True
        own = Var(self.name)
        if isinstance(stmt, Store):
            return stmt.base == own and own not in (stmt.index, stmt.value)
        if not isinstance(stmt, Assign):
            return False
        if self.name in writes(stmt):
            return stmt.targets == (self.name,) and stmt.fn == "copy" and self.is_fresh(stmt)
        if stmt.fn in COPIES and self.copy_of(stmt) is not None:
            return True
        if stmt.fn == "copy":
            return self.alias(stmt, stmt)
        if stmt.fn in ADD and stmt.args[0] == own and self.leaves.rebinding(stmt, self.name):
            return own not in stmt.args[1:]
        return is_new(stmt)

    def is_fresh(self, bind: Assign) -> bool:
        """True for a binding to memory of its own, which has the form."""
        (value,) = bind.args
        if isinstance(value, Const):
            zeros = self.zeros(bind) if value == Const(0.0) else None
            if zeros is not None:
                self.begun[bind] = zeros
            return zeros is not None
        made = self.at.maker(value)
        if made is None:
            return False
        if made.fn in ADD and made.args[0] == Var(self.name):
            return self.leaves.rebinding(made, self.name) is bind
        if made.fn == "copy" and made.args[0] == Var(self.name):
            return True  # its own memory under another name: `alias` looks at that
        copied = self.at.maker(made.args[0]) if made.fn == "copy" else None
        if copied is not None and copied.fn in COPIES and copied.args == (Var(self.name),):
            return True
        block, stop = self.at.block_of[bind], self.at.place_of[bind]
        users = [s for s in self.at.touching[value.name] if s is not made and s is not bind]
        stored = all(
            isinstance(s, Store)
            and s.base == value != s.value
            and (self.at.within(s, block) or 0) < stop
            for s in users
        )
        found = self.leaves.filled.made(value)
        near = found is not None and all(self.at.block_of[s] is block for s in found)
        return stored and near and self.has_form(value)

    def copy_of(self, copied: Assign) -> Assign | None:
        """`part_bar = list(x_bar)`: what binds the name, if the copy is put back in its place."""
        if self.at.read[copied.target] != 1 or self.at.bound[copied.target] != 1:
            return None
        user = next(self.at.users(copied.target))
        if not isinstance(user, Assign) or user.fn != "copy" or not self.alias(user, copied):
            return None
        self.copies[user] = copied
        return user

    def alias(self, bind: Assign, source: Assign) -> bool:
        """True for another name of the adjoint that is put back before the adjoint is touched."""
        name, block = bind.target, self.at.block_of[bind]
        if self.at.bound[name] != 1 or self.at.block_of[source] is not block:
            return False
        later = [s for s in self.touching if s is not source and self.is_after(s, source, block)]
        back = later[0] if later else None
        if not isinstance(back, Assign) or back.fn != "copy" or back.args != (Var(name),):
            return False
        users = [s for s in self.at.touching[name] if s is not bind and s is not back]
        stop = self.at.place_of[back] if back in block else -1
        return all(
            (place := self.at.within(use, block)) is not None
            and place < stop
            and self.reads_number(use, name)
            for use in users
        )

    def is_after(self, stmt: Stmt, source: Stmt, block: Block) -> bool:
        place = self.at.within(stmt, block)
        return place is not None and place > self.at.place_of[source]

    def reads_number(self, stmt: Stmt, name: str) -> bool:
        """True for a store into an element or part, and for what reads a number."""
        if isinstance(stmt, Store):
            return name not in [a.name for a in (stmt.index, stmt.value) if isinstance(a, Var)]
        if not isinstance(stmt, Assign) or stmt.fn != "operator.getitem":
            return False
        kind = self.kinds.get(stmt.target)
        element = self.form is not None and self.form.tag == "list"
        return stmt.args[0] == Var(name) and (element or kind is not None and kind.is_scalar)

    def item(self, atom: Atom) -> Assign | None:
        """What a variable is bound to, in both sweeps."""
        if not isinstance(atom, Var):
            return None
        first, *others = [s for s in self.at.touching[atom.name] if atom.name in writes(s)]
        if not isinstance(first, Assign) or len(first.targets) != 1:
            return None
        same = (first.fn, first.args, first.kwargs)
        alike = (isinstance(s, Assign) and (s.fn, s.args, s.kwargs) == same for s in others)
        return first if all(alike) else None

    def zeros(self, bind: Assign) -> tuple[Stmt, ...] | None:
        """The adjoint of an item of a parameter begins as zeros in its shape."""
        made = self.leaves.filled.made(_added(next(iter(self.sums))))
        item = self.item(made[1].args[0]) if made is not None else None
        if made is None or item is None or item.fn != "operator.getitem":
            return None
        root, key = item.args
        if not isinstance(root, Var) or root.name not in self.leaves.params:
            return None
        if not isinstance(key, Const) or not all(map(_reads_item, self.at.touching[root.name])):
            return None
        stem = f"{root.name}%bar@l{len(self.leaves.instead)}"
        again, zeros = f"{stem}i", f"{stem}z"
        return (
            replace(item, targets=(again,), unit=bind.unit),
            replace(made[1], targets=(zeros,), args=(Var(again),), unit=bind.unit),
            replace(bind, args=(Var(zeros),)),
        )


def _added(total: Stmt) -> Atom:
    """What a sum adds."""
    if isinstance(total, Store):
        return total.value
    assert isinstance(total, Assign)
    return total.args[1]


def _reads_item(stmt: Stmt) -> bool:
    """True for an item by a constant key."""
    return (
        isinstance(stmt, Assign)
        and stmt.fn == "operator.getitem"
        and isinstance(stmt.args[1], Const)
        and stmt.targets[0] not in reads(stmt)
    )
