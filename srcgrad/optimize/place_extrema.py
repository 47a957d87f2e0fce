"""The adjoint of an extremum of each row is zero but for one element: it is multiplied as that.

    x_bar = share_extremum(g, x, m, 1)        rows, columns, shares = extremum_places(x, m)
    a_bar = x_bar.T @ b                 ->    weights = g[rows] * shares
    c_bar = np.sum(x_bar, axis=0)             a_bar = sparse_product(columns, rows, weights, n, b)
                                              c_bar = np.bincount(columns, weights, n)

Products and sums of a matrix of zeros take as long as those of any other. Where nothing else reads
the extrema, it is looked for their places at once: `first_places(x, np.argmax(x, axis=1))`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from srcgrad import support_arrays, support_selection
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, rebuild, same, walk
from srcgrad.optimize.known import Known
from srcgrad.rules.naming import canonical_name

ARGUMENTS = {"numpy.max": "numpy.argmax", "numpy.min": "numpy.argmin"}
TURNED = ("attr.T", "numpy.transpose", "numpy.swapaxes")
SHARE = canonical_name(support_arrays.share_extremum)
PLACES = canonical_name(support_selection.extremum_places)
FIRST = canonical_name(support_selection.first_places)
PRODUCT = canonical_name(support_selection.sparse_product)


def place_extrema(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with sums over places of extrema, where their adjoint is for these alone.

    Statements that stay as they are are the same objects.
    """
    if not any(isinstance(stmt, Assign) and stmt.fn == SHARE for stmt in walk(fn.body)):
        return fn
    found = _Extrema(fn, Known(fn, kinds)).changes
    return replace(fn, body=_changed(fn.body, found)) if found else fn


def _changed(block: Block, changes: Mapping[Stmt, list[Stmt]]) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        new = rebuild(stmt, lambda inner: _changed(inner, changes))
        out += changes.get(stmt, (new,))
    return same(block, out)


class _Extrema:
    """`changes`: what stands in the place of a statement."""

    def __init__(self, fn: Function, known: Known) -> None:
        self.known = known
        self.changes: dict[Stmt, list[Stmt]] = {}
        self.readers: dict[str, list[Stmt]] = defaultdict(list)
        self.stems = Counter[str]()
        for stmt in walk(fn.body):
            for name in reads(stmt):
                self.readers[name].append(stmt)
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign) and stmt.fn == SHARE and self.is_of_rows(stmt):
                self.place(stmt)

    def is_of_rows(self, stmt: Assign) -> bool:
        """True for an extremum of each row of a matrix of double precision."""
        g, x, extremum, axis = stmt.args
        fits = axis in (Const(1), Const(-1)) and self.is_array(x, 2) and self.is_lasting(x)
        return fits and self.is_array(g, 1) and self.is_array(extremum, 1)

    def is_lasting(self, x: Atom) -> bool:
        """True for a variable that is that matrix wherever it is read."""
        return isinstance(x, Var) and self.known.bound[x.name] == 1

    def is_array(self, atom: Atom, rank: int) -> bool:
        kind = self.known.kind(atom)
        return kind is not None and kind.is_array and kind.dtype == "f8" and kind.rank == rank

    def place(self, stmt: Assign) -> None:
        g, x, extremum, _ = stmt.args
        stem = extremum.name if isinstance(extremum, Var) else "out"
        self.stems[stem] += 1
        number = self.stems[stem] if self.stems[stem] > 1 else ""
        names = [f"{stem}%{part}{number}" for part in ("rows", "columns", "shares", "weights")]
        rows, columns, shares, weights = names
        parts = _Parts(x, rows, columns, shares, shares if self.is_one(g) else weights)
        changes = self.used(stmt.target, False, parts)
        if changes is not None and any(changes.values()):
            self.changes |= {**self.given(stmt, parts), **changes}

    def is_one(self, g: Atom) -> bool:
        """True where each extremum is given 1."""
        made = self.known.maker(g)
        return made is not None and made.fn == "numpy.broadcast_to" and made.args[0] == Const(1.0)

    def used(self, name: str, turned: bool, parts: _Parts) -> dict[Stmt, list[Stmt]] | None:
        """What becomes of the readers of the adjoint, or of its transpose; None if one needs it."""
        if self.known.bound[name] != 1:
            return None
        found: dict[Stmt, list[Stmt]] = {}
        for reader in self.readers[name]:
            if not isinstance(reader, Assign) or len(reader.targets) != 1:
                return None
            made = self.passed_on(reader, name, turned, parts)
            if made is None:
                code = self.summed(reader, name, turned, parts)
                made = None if code is None else {reader: code}
            if made is None:
                return None
            found |= made
        return found

    def passed_on(
        self, reader: Assign, name: str, turned: bool, parts: _Parts
    ) -> dict[Stmt, list[Stmt]] | None:
        """What becomes of the adjoint by another name, turned, or multiplied by a number."""
        to = reader.target
        if reader.fn in ("copy", "attr.T") and reader.args == (Var(name),):
            inner = self.used(to, turned ^ (reader.fn == "attr.T"), parts)
            return None if inner is None else {reader: [], **inner}
        if not self.is_scaled(reader, name):
            return None
        weights = Var(f"{to}w")
        inner = self.used(to, turned, replace(parts, weights=weights.name))
        args = tuple(Var(parts.weights) if a == Var(name) else a for a in reader.args)
        scaled = replace(reader, targets=(weights.name,), args=args)
        return None if inner is None else {reader: [scaled], **inner}

    def is_scaled(self, stmt: Assign, name: str) -> bool:
        """True for the product with a number."""
        if stmt.fn == "operator.neg":
            return True
        others = [atom for atom in stmt.args if atom != Var(name)]
        return stmt.fn == "operator.mul" and len(others) == 1 and self.is_number(others[0])

    def is_number(self, atom: Atom) -> bool:
        if isinstance(atom, Const):
            return type(atom.value) in (int, float)
        kind = self.known.kind(atom)
        return kind is not None and kind.is_scalar and kind.dtype in ("f8", "pf", "i", "pi")

    def summed(self, stmt: Assign, name: str, turned: bool, parts: _Parts) -> list[Stmt] | None:
        """A sum along an axis, or a product with a matrix from the right."""
        to, of = (parts.columns, parts.rows) if turned else (parts.rows, parts.columns)
        if stmt.fn == "numpy.sum" and stmt.args == (Var(name),):
            if stmt.kwargs not in ((("axis", Const(0)),), (("axis", Const(1)),)):
                return None
            along = of if stmt.kwargs == (("axis", Const(0)),) else to
            lengths, count = parts.count(along, stmt)
            args = (Var(along), Var(parts.weights), count)
            return [*lengths, replace(stmt, fn="numpy.bincount", args=args, kwargs=())]
        return self.multiplied(stmt, name, (to, of), parts)

    def multiplied(
        self, stmt: Assign, name: str, ways: tuple[str, str], parts: _Parts
    ) -> list[Stmt] | None:
        """The product with a matrix, which may come first if it is a transpose."""
        if stmt.fn != "operator.matmul":
            return None
        first = stmt.args[0] != Var(name)
        to, of = ways[::-1] if first else ways
        other = stmt.args[0 if first else 1]
        if other == Var(name) or not self.is_array(other, 2):
            return None
        made = self.known.maker(other) if first else None
        if made is not None and made.fn == "attr.T":
            other = made.args[0]
        elif first:
            return None
        lengths, count = parts.count(to, stmt)
        args = (Var(to), Var(of), Var(parts.weights), count, other)
        if not first:
            return [*lengths, replace(stmt, fn=PRODUCT, args=args)]
        product = Assign((f"{stmt.target}t",), PRODUCT, args, unit=stmt.unit)
        return [*lengths, product, replace(stmt, fn="attr.T", args=(Var(product.target),))]

    def given(self, stmt: Assign, parts: _Parts) -> dict[Stmt, list[Stmt]]:
        """Where the extrema are, and what is given to each."""
        g, unit = stmt.args[0], stmt.unit
        places = self.places(stmt, (parts.rows, parts.columns, parts.shares))
        if self.is_one(g):
            return {stmt: places}
        part = f"{stmt.target}g"
        return {
            stmt: [
                *places,
                Assign((part,), "operator.getitem", (g, Var(parts.rows)), unit=unit),
                Assign((parts.weights,), "operator.mul", (Var(part), Var(parts.shares)), unit=unit),
            ]
        }

    def places(self, stmt: Assign, names: tuple[str, ...]) -> list[Stmt]:
        """The places, by the extrema where these are there, and else by the first of each."""
        _, x, extremum, axis = stmt.args
        made = self.known.maker(extremum)
        argument = self.argument(made, stmt)
        if argument is None:
            return [Assign(names, PLACES, (x, extremum), unit=stmt.unit)]
        first = f"{stmt.target}f"
        return [
            Assign((first,), argument, (x,), (("axis", axis),), unit=stmt.unit),
            Assign(names, FIRST, (x, Var(first)), unit=stmt.unit),
        ]

    def argument(self, made: Assign | None, stmt: Assign) -> str | None:
        """The function that finds the first extremum, if only its place is needed."""
        if made is None or not isinstance(made.fn, str) or not made.args:
            return None
        if made.args[0] != stmt.args[1] or not self.is_read_for_places(made.target, stmt):
            return None
        turned = self.known.maker(stmt.args[1])  # its rows lie far apart in memory
        if turned is not None and turned.fn in TURNED:
            return None
        return ARGUMENTS.get(made.fn)

    def is_read_for_places(self, extremum: str, stmt: Assign) -> bool:
        """True if nothing else reads the extrema, but the shape of what is given to each."""
        shaped = self.known.maker(stmt.args[0]) if self.is_one(stmt.args[0]) else None
        return all(
            reader is stmt
            or isinstance(reader, Assign)
            and reader.fn == "attr.shape"
            and self.readers[reader.target] == [shaped]
            for reader in self.readers[extremum]
        ) and (shaped is None or self.readers[shaped.target] == [stmt])


@dataclass(frozen=True)
class _Parts:
    """The variables that stand for the adjoint of a matrix."""

    of: Atom  # the matrix
    rows: str
    columns: str
    shares: str
    weights: str

    def count(self, places: str, stmt: Assign) -> tuple[list[Stmt], Var]:
        """How many places there are: the length of an axis of the matrix."""
        shape, count = f"{stmt.target}n", f"{stmt.target}k"
        axis = Const(0 if places == self.rows else 1)
        return [
            Assign((shape,), "attr.shape", (self.of,), unit=stmt.unit),
            Assign((count,), "operator.getitem", (Var(shape), axis), unit=stmt.unit),
        ], Var(count)
