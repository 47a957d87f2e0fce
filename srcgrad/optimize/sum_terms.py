"""The sum along an axis of an adjoint that nothing else reads is the sum of those of its terms.

    x_bar = g @ w
    x_bar += g * d[:, None, :]                  g_1 = np.sum(g, axis=1, keepdims=True)
    b_bar = np.sum(x_bar, axis=1)      ->       b_bar = (g_1 @ w + g_1 * d[:, None, :])[:, 0]

A product of matrices is multiplied once for what its rows sum up to, not for each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, Shape, floor_of
from srcgrad.ir.library import may_write
from srcgrad.ir.walk import AUGMENTED, MUTATORS, reads, rebuild, same, walk, writes
from srcgrad.optimize.known import Known, is_new
from srcgrad.rules.registry import lookup

MATMUL = "operator.matmul"
FAR = 200  # statements between the first term and the sum at most: the pass stays linear
MOVED = ("operator.getitem", "attr.T", "numpy.swapaxes", "numpy.expand_dims", "tuple", "slice")
VIEWS = ("copy", "tuple", "slice", "operator.getitem")


def sum_terms(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with products of sums in place of sums of products of matrices.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    return replace(fn, body=_Sums(fn, kinds).block(fn.body))


class _Refused(Exception):
    """The sum stays as it is."""


class _Sums:
    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.known = Known(fn, kinds)
        self.touching: dict[str, list[Stmt]] = defaultdict(list)
        for stmt in walk(fn.body):
            for name in {*reads(stmt), *writes(stmt)}:
                self.touching[name].append(stmt)

    def block(self, block: Block) -> Block:
        places = {stmt: position for position, stmt in enumerate(block)}
        changes: dict[Stmt, list[Stmt]] = {}
        for stmt in block:
            if isinstance(stmt, Assign) and stmt.fn == "numpy.sum":
                try:
                    changes |= _Sum(self, stmt, block, places).changes()
                except _Refused:
                    continue
        out: list[Stmt] = []
        for stmt in block:
            out += changes.get(stmt, (rebuild(stmt, self.block),))
        return same(block, out)


class _Sum:
    """One sum, of an array that is made and added to in the same block."""

    def __init__(
        self, whole: _Sums, stmt: Assign, block: Block, places: Mapping[Stmt, int]
    ) -> None:
        self.known, self.touching = whole.known, whole.touching
        self.stmt, self.block, self.places = stmt, block, places
        options = dict(stmt.kwargs)
        axis, kept = options.pop("axis", None), options.pop("keepdims", Const(False))
        if len(stmt.args) != 1 or options or not isinstance(axis, Const):
            raise _Refused
        if type(axis.value) is not int or axis.value < 0 or not isinstance(kept, Const):
            raise _Refused
        self.axis, self.kept = axis.value, kept.value is True
        self.rank = 0
        self.totals: dict[tuple[Atom, int], Var] = {}
        self.out: list[Stmt] = []
        self.gone: set[Stmt] = set()

    def changes(self) -> dict[Stmt, list[Stmt]]:
        terms = self.terms()
        made = [(sign, self.made(value)) for sign, value in terms]
        if not any(stmt is not None and stmt.fn == MATMUL for _, stmt in made):
            raise _Refused
        total: Atom | None = None
        for (sign, value), (_, stmt) in zip(terms, made, strict=True):
            part = self.part(value, stmt)
            total = part if total is None else self.emit(f"operator.{sign}", total, part)
        assert total is not None
        self.move_views()
        self.check_steady()
        last = replace(self.stmt, fn="copy", args=(total,), kwargs=())
        if not self.kept:
            nothing = (Const(None),) * 3
            whole = [self.emit("slice", *nothing) for _ in range(self.axis)]
            index = self.emit("tuple", *whole, Const(0)) if whole else Const(0)
            last = replace(last, fn="operator.getitem", args=(total, index))
        return {**{stmt: [] for stmt in self.gone}, self.stmt: [*self.out, last]}

    def terms(self) -> list[tuple[str, Atom]]:
        """What the array is made of, and what is added to it or subtracted."""
        (array,) = self.stmt.args
        if not isinstance(array, Var) or not _is_of_derivative(array.name):
            raise _Refused
        first, *stores = self.touching[array.name]
        if not isinstance(first, Assign) or self.known.maker(array) is not first:
            raise _Refused
        if not stores or stores.pop() is not self.stmt:
            raise _Refused
        terms: list[tuple[str, Atom]] = [("add", first.args[0] if first.fn == "copy" else array)]
        for stmt in stores:
            fits = isinstance(stmt, Store) and stmt.base == array and stmt.value != array
            if not fits or not isinstance(stmt, Store) or stmt.index != Const(Ellipsis):
                raise _Refused
            if stmt.op not in ("add", "sub") or stmt.restores or stmt.sync:
                raise _Refused
            terms.append((stmt.op, stmt.value))
        if any(stmt not in self.places for stmt in (first, *stores)):
            raise _Refused
        self.gone.update((first, *stores))
        return terms

    def made(self, value: Atom) -> Assign | None:
        """The statement that makes a term for nothing but this."""
        made = self.known.maker(value)
        if made is None or made not in self.places or not isinstance(value, Var):
            return None
        own = value == self.stmt.args[0] or len(self.touching[value.name]) == 2
        return made if own and made.fn in (MATMUL, "operator.mul") and not made.kwargs else None

    def part(self, value: Atom, made: Assign | None) -> Atom:
        """The sum of a term, with an axis of length 1 in place of its own."""
        if made is None:
            if value == self.stmt.args[0]:
                raise _Refused
            self.note(self.shape(value), self.axis, len(self.shape(value)))
            return self.total(value, self.axis)
        self.gone.add(made)
        a, b = made.args
        first, second = self.shape(a), self.shape(b)
        rank = max(len(first), len(second))
        if made.fn == MATMUL:
            if min(len(first), len(second)) < 2:
                raise _Refused
            if self.axis == rank - 2:
                self.note(first, len(first) - 2, rank)
                return self.emit(MATMUL, self.total(a, len(first) - 2), b)
            if self.axis == rank - 1:
                self.note(second, len(second) - 1, rank)
                return self.emit(MATMUL, a, self.total(b, len(second) - 1))
            raise _Refused
        if self.is_one(second, rank):
            self.note(first, self.axis, rank)
            return self.emit("operator.mul", self.total(a, self.axis), b)
        if self.is_one(first, rank):
            self.note(second, self.axis, rank)
            return self.emit("operator.mul", a, self.total(b, self.axis))
        product = self.emit("operator.mul", a, b)
        self.note(first, self.axis, rank)
        self.note(second, self.axis, rank)
        return self.total(product, self.axis)

    def is_one(self, shape: Shape, rank: int) -> bool:
        """True for what is the same along the axis."""
        axis = self.axis - (rank - len(shape))
        return axis < 0 or shape[axis] == 1

    def note(self, shape: Shape, axis: int, rank: int) -> None:
        """All terms have that axis in its whole length, which is not 0 nor 1."""
        if self.rank not in (0, rank) or not 0 <= axis < len(shape):
            raise _Refused
        if floor_of(shape[axis]) < 2:
            raise _Refused
        self.rank = rank

    def shape(self, atom: Atom) -> Shape:
        kind = self.known.inferred(atom)
        if kind is None or not kind.is_array or kind.dtype not in ("f8", "f4"):
            raise _Refused
        if kind.shape is None:
            raise _Refused
        return kind.shape

    def total(self, value: Atom, axis: int) -> Var:
        found = self.totals.get((value, axis))
        if found is None:
            found = self.emit("numpy.sum", value, axis=Const(axis), keepdims=Const(True))
            self.totals[value, axis] = found
        return found

    def emit(self, fn: str, *args: Atom, **kwargs: Atom) -> Var:
        stem, _, number = self.stmt.target.partition("@b")
        name = f"{stem}@b{number}t{len(self.out)}"
        self.out.append(Assign((name,), fn, args, tuple(kwargs.items()), unit=self.stmt.unit))
        return Var(name)

    def move_views(self) -> None:
        """Views that only the terms read are taken where these are now."""
        pending = [name for stmt in self.out for name in sorted(reads(stmt))]
        while pending:
            name = pending.pop(0)
            made = self.known.maker(Var(name))
            if made is None or made in self.gone or made.fn not in MOVED:
                continue
            readers = {*self.touching[name]} - {made}
            if made in self.places and _is_of_derivative(name) and self.gone.issuperset(readers):
                self.gone.add(made)
                self.out.insert(0, made)
                pending += sorted(reads(made))

    def check_steady(self) -> None:
        """What is read must be at the sum what it was where the terms were made."""
        new = {name for stmt in self.out for name in writes(stmt)}
        names = {name for stmt in self.out for name in reads(stmt)} - new
        if any(self.known.bound[name] != 1 for name in names):
            raise _Refused
        memory = {root for name in names for root in self.roots(name)}
        start = min(self.places[stmt] for stmt in self.gone)
        if self.places[self.stmt] - start > FAR:
            raise _Refused
        for stmt in self.block[start : self.places[self.stmt]]:
            if stmt in self.gone:
                continue
            if isinstance(stmt, Store):
                own = self.roots(stmt.base.name)
                if not all(map(_is_of_derivative, own)) or not own.isdisjoint(memory):
                    raise _Refused
            elif not _only_binds(stmt):
                raise _Refused

    def roots(self, name: str) -> set[str]:
        """Whose memory a variable may share: arrays that the derivative made, and variables of the
        program."""
        if not _is_of_derivative(name):
            return {name}
        made = self.known.maker(Var(name))
        if made is None or not isinstance(made.fn, str):
            raise _Refused
        rule = lookup(made.fn)
        if is_new(made) or rule is not None and rule.view is None and made.fn not in VIEWS:
            return {name}
        if rule is None and made.fn not in VIEWS:
            raise _Refused
        return {root for other in reads(made) for root in self.roots(other)}


def _only_binds(stmt: Stmt) -> bool:
    """True for what writes into no memory that was there before."""
    if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str) or not stmt.targets:
        return False
    return not may_write(stmt) and stmt.fn not in AUGMENTED and stmt.fn not in MUTATORS


def _is_of_derivative(name: str) -> bool:
    return "%bar" in name
