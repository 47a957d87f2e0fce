"""Products of matrices and values, each with weights, summed over an axis by `np.einsum`.

What they are summed up for is told in `sum_matrices.py`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase

from srcgrad.ir.core import Assign, Atom, Const, Stmt, Store, Var
from srcgrad.ir.kinds import DIRECTIONS, Length, stretches
from srcgrad.optimize.known import Known

LETTERS = ascii_lowercase[8:]
COUNT = "directions%"
ADD = "operator.add"
Shape = tuple[Length, ...]
Terms = list[tuple[bool, Assign | Atom]]  # whether it is added; a product of matrices or a value


class Refused(Exception):
    """The sum stays as it is."""


def shape_of(known: Known, atom: Atom) -> Shape:
    """That of an array of double precision, which no other statement binds."""
    kind = known.kind(atom)
    if not isinstance(atom, Var) or known.bound[atom.name] != 1 or kind is None:
        raise Refused
    if not kind.is_array or kind.dtype != "f8" or not kind.shape:
        raise Refused
    return kind.shape


class Products:
    """Writes such products in the place of `stmt`. `made`: the statements before it, by what they
    bind. `whole`: the shape of what is summed up over `axis`."""

    def __init__(
        self,
        known: Known,
        made: Mapping[str, Assign],
        stmt: Assign,
        whole: Shape,
        axis: int,
        weight: Atom,
    ) -> None:
        self.known, self.made, self.stmt = known, made, stmt
        self.whole, self.axis = whole, axis
        self.weight, self.weights = weight, shape_of(known, weight)
        self.out: list[Stmt] = []
        self.full: set[Atom] = set()  # products that have the shape of the sum

    def added(self, terms: Terms) -> list[Stmt]:
        """The sums of all terms, added."""
        total: Atom | None = self.affine(terms)
        for plus, term in terms:
            found = self.matrices(term) if isinstance(term, Assign) else self.plain(term)
            if total is None:
                total = found if plus else self.emit("operator.neg", found)
            elif total in self.full:
                self.within(total, "operator.iadd" if plus else "operator.isub", found)
            else:
                total = self.emit("operator.add" if plus else "operator.sub", total, found)
        assert total is not None
        return [*self.out, replace(self.stmt, fn="copy", args=(total,), kwargs=())]

    def affine(self, terms: Terms) -> Var | None:
        """The first `fixed @ turned` and the first value that is the same for all of its rows, as
        one product; both are taken from the terms. None where there is no such pair."""
        matrices = [(plus, term) for plus, term in terms if isinstance(term, Assign)][:1]
        others = [(plus, term) for plus, term in terms if isinstance(term, Var)]
        others = [(plus, value) for plus, value in others if self.is_row(value)][:1]
        for (plus, product), (adds, value) in zip(matrices, others, strict=False):
            fixed, turned = product.args
            left, right, shapes = self.operands(fixed, turned)
            if not self.is_framed(left, right):
                return None
            terms.remove((plus, product))
            terms.remove((adds, value))
            lengths = [self.length(turned, right, axis) for axis in (-1, 0)]
            moved = self.room(turned, *self.longer(fixed, left), *lengths)
            row = self.without(value, [axis != len(right) - 2 for axis in range(len(right))])[1]
            self.put(moved, False, self.last(turned, plus))
            self.put(moved, True, self.last(row, adds))
            factors = self.room(fixed, *self.longer(fixed, left), self.length(fixed, left, -2))
            self.put(factors, False, self.swapped(fixed, len(left)))
            self.put(factors, True, Const(1.0))
            self.within(factors, "operator.imul", self.swapped(self.weight, len(self.weights)))
            if len(self.whole) == 4:
                return self.matrix(factors, moved)
            return self.product(*self.letters(left), moved, factors, shapes)
        return None

    def matrix(self, factors: Atom, moved: Atom) -> Var:
        """The product over stacks and rows, which is one of two matrices."""
        both = [self.emit("tuple", Const(0), Const(1)) for _ in range(2)]
        found = self.emit("numpy.tensordot", factors, moved, self.emit("tuple", *both))
        made = self.emit("numpy.moveaxis", found, Const(-1), Const(0))
        self.full.add(made)
        return made

    def longer(self, fixed: Atom, left: Shape) -> list[Atom]:
        """Lengths of the stacks, and one row more than columns of what has no directions."""
        stacks = [self.length(fixed, left, axis) for axis in range(len(left) - 2)]
        inner = self.length(fixed, left, -1)
        if isinstance(inner, Const):
            return [*stacks, Const(inner.value + 1)]
        return [*stacks, self.emit(ADD, inner, Const(1))]

    def last(self, value: Atom, plus: bool) -> Var:
        """A value with its directions as the last axis, and its sign."""
        moved = self.emit("numpy.moveaxis", value, Const(0), Const(-1))
        return moved if plus else self.emit("operator.neg", moved)

    def is_framed(self, left: Shape, right: Shape) -> bool:
        """Whether the operands have all axes of the sum in their whole lengths: those of stacks and
        the rows in the first one, the columns in the second one."""
        rank = len(self.whole)
        own = [(*left[:-1], 1)]
        rows = all(self.reaches(axis, own) for axis in range(1, rank - 1))
        return len(left) == rank - 1 and rows and self.reaches(rank - 1, [right])

    def is_row(self, value: Var) -> bool:
        """Whether a value has directions, and no rows of its own."""
        kind = self.known.kind(value)
        if kind is None or kind.shape is None or len(kind.shape) != len(self.whole):
            return False
        own = shape_of(self.known, value)
        return own[0] == DIRECTIONS and own[-2] == 1

    def emit(self, fn: str, *args: Atom, **kwargs: Atom) -> Var:
        return self.named(self.stmt.target.partition("@b")[0], fn, *args, **kwargs)

    def named(self, stem: str, fn: str, *args: Atom, **kwargs: Atom) -> Var:
        """A temporary that is called after a variable."""
        numbers = (f"{stem}@b{number}" for number in itertools.count(1))
        name = next(name for name in numbers if name not in self.known.bound)
        self.known.bound[name] = 1
        self.out.append(Assign((name,), fn, args, tuple(kwargs.items()), unit=self.stmt.unit))
        return Var(name)

    def length(self, atom: Atom, shape: Shape, axis: int) -> Atom:
        """That of an axis of an operand."""
        found = shape[axis]
        if isinstance(found, int):
            return Const(found)
        if found == DIRECTIONS and COUNT in self.known.bound:
            return Var(COUNT)
        place = Const(axis % len(shape))
        return self.emit("operator.getitem", self.emit("attr.shape", atom), place)

    def room(self, like: Atom, *lengths: Atom) -> Var:
        """New memory of this shape, called after what goes into it."""
        stem = re.sub("@[^%]*", "", like.name) if isinstance(like, Var) else "out"
        return self.named(stem, "numpy.empty", self.emit("tuple", *lengths))

    def put(self, base: Var, last: bool, value: Atom) -> None:
        """Stores a value into the last row of each of the stacks, or into the others."""
        whole = [self.slice(None, None) for _ in range(len(self.whole) - 3)]
        place = Const(-1) if last else self.slice(None, -1)
        index = self.emit("tuple", *whole, place)
        self.out.append(Store(base, index, value, unit=self.stmt.unit))

    def slice(self, first: int | None, last: int | None) -> Var:
        return self.emit("slice", Const(first), Const(last), Const(None))

    def within(self, total: Atom, fn: str, term: Atom) -> None:
        """Adds a term in the memory of the first one, which is new."""
        assert isinstance(total, Var)
        self.out.append(Assign((total.name,), fn, (total, term), unit=self.stmt.unit))

    def operands(self, fixed: Atom, turned: Atom) -> tuple[Shape, Shape, tuple[Shape, ...]]:
        """The shapes of what has no directions and of what has, and those that are broadcast."""
        left, right = shape_of(self.known, fixed), shape_of(self.known, turned)
        rank = len(self.whole)
        if right[0] != DIRECTIONS or len(right) != rank or left[0] == DIRECTIONS:
            raise Refused
        if not 2 < len(left) < rank or not len(self.weights) <= len(left):
            raise Refused
        if self.weights[-1] != 1 or self.axis < rank - len(left):
            raise Refused
        shapes = (*left[:-1], 1), (*right[:-2], 1, right[-1]), self.weights
        self.spans(*shapes)
        return left, right, shapes

    def matrices(self, stmt: Assign) -> Var:
        """Of `fixed @ turned`: the weights times what is fixed, then one product."""
        fixed, turned = stmt.args
        left, _, shapes = self.operands(fixed, turned)
        moved = self.emit("numpy.moveaxis", turned, Const(0), Const(-1))
        factors = self.swapped(fixed, len(left)), self.swapped(self.weight, len(self.weights))
        weighted = self.emit("numpy.multiply", *factors, order=Const("C"))
        return self.product(*self.letters(left), moved, weighted, shapes)

    def letters(self, left: Shape) -> tuple[str, str]:
        """Axes of what has directions, which are last, and of what has none, whose rows are."""
        rank = len(self.whole)
        letters, inner = LETTERS[:rank], LETTERS[rank]
        first = letters[1:-2] + inner + letters[-1] + letters[0]
        return first, letters[rank - len(left) : -2] + inner + letters[-2]

    def swapped(self, atom: Atom, rank: int) -> Atom:
        """An operand with its last two axes in the other order."""
        if rank < 2:
            return atom
        base, places = self.opened(atom)
        if base is not None and places == {rank - 1}:
            whole = [self.emit("slice", *[Const(None)] * 3) for _ in range(rank - 1)]
            index = self.emit("tuple", *whole[:-1], Const(None), whole[-1])
            return self.emit("operator.getitem", base, index)
        return self.emit("numpy.swapaxes", atom, Const(rank - 2), Const(rank - 1))

    def plain(self, value: Atom) -> Var:
        """Of a value: its product with the weights. Axes of length 1 are left out where they meet
        others, so that it is one of matrices."""
        own, rank = shape_of(self.known, value), len(self.whole)
        if self.weights[0] == DIRECTIONS:
            raise Refused
        shapes = own, self.weights
        self.spans(*shapes)
        kept, others = [True] * len(own), [True] * len(self.weights)
        for back in range(1, min(len(own), len(self.weights)) + 1):
            if self.weights[-back] == 1:
                others[-back] = False
            elif own[-back] == 1:
                kept[-back] = False
        first, given = self.without(value, kept)
        second, weight = self.without(self.weight, others)
        if len(first) < rank and own[0] == DIRECTIONS and len(own) == rank:
            given = self.emit("numpy.moveaxis", given, Const(0), Const(-1))
            first = first[1:] + first[0]
        return self.product(first, second, given, weight, shapes)

    def without(self, atom: Atom, kept: list[bool]) -> tuple[str, Atom]:
        """An operand without some axes of length 1, and the letters of the others."""
        rank = len(self.whole)
        own = LETTERS[rank - len(kept) : rank]
        left = "".join(letter for letter, keep in zip(own, kept, strict=True) if keep)
        gone = [Const(axis) for axis, keep in enumerate(kept) if not keep]
        if not gone:
            return left, atom
        base, places = self.opened(atom)
        if base is not None and places == {axis.value for axis in gone}:
            return left, base
        axis = gone[0] if len(gone) == 1 else self.emit("tuple", *gone)
        return left, self.emit("numpy.squeeze", atom, axis=axis)

    def opened(self, atom: Atom) -> tuple[Atom | None, set[int]]:
        """Of `x[:, None, :]`: `x`, and the places of the new axes."""
        made = self.source(atom)
        if made is None or made.fn != "operator.getitem":
            return None, set()
        index = self.source(made.args[1])
        if index is None or index.fn != "tuple":
            return None, set()
        new = {place for place, item in enumerate(index.args) if item == Const(None)}
        rest = [self.source(item) for place, item in enumerate(index.args) if place not in new]
        plain = all(
            s is not None and s.fn == "slice" and set(s.args) == {Const(None)} for s in rest
        )
        base = made.args[0]
        kind = self.known.kind(base)
        if not plain or kind is None or kind.rank != len(rest) or not self.is_bound_once(base):
            return None, set()
        return base, new

    def source(self, atom: Atom) -> Assign | None:
        """The statement that makes what is read here, and perhaps elsewhere."""
        while isinstance(atom, Var) and self.is_bound_once(atom):
            found = self.made.get(atom.name)
            if found is None or found.fn != "copy":
                return found
            (atom,) = found.args
        return None

    def is_bound_once(self, atom: Atom) -> bool:
        return isinstance(atom, Var) and self.known.bound[atom.name] == 1

    def spans(self, *shapes: tuple[Length, ...]) -> None:
        """Some operand must have the axis of the sum in its whole length."""
        if not self.reaches(self.axis, shapes):
            raise Refused

    def reaches(self, axis: int, shapes: Sequence[tuple[Length, ...]]) -> bool:
        """True if some operand surely has an axis in its whole length."""
        back = axis - len(self.whole)
        lengths = [shape[back] for shape in shapes if len(shape) >= -back]
        return not all(stretches(length, self.whole[back]) for length in lengths)

    def product(self, first: str, second: str, a: Atom, b: Atom, shapes: Sequence[Shape]) -> Var:
        """`shapes`: those that are broadcast to the shape before the sum."""
        letters = LETTERS[: len(self.whole)]
        summed = letters[self.axis]
        kept = "".join(x for x in letters if x in first + second and x != summed)
        text = Const(f"{first},{second}->{kept}")
        made = self.emit("numpy.einsum", text, a, b, optimize=Const(True))
        others = (axis for axis in range(len(letters)) if axis != self.axis)
        if len(kept) == len(letters) - 1 and all(self.reaches(axis, shapes) for axis in others):
            self.full.add(made)
        return made
