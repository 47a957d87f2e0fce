"""Nests of loops: which statements run in the same turns, and what they read and make."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeGuard

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
)
from srcgrad.ir.kinds import Dtype, Kind, Length
from srcgrad.ir.walk import names, operands
from srcgrad.loops.carried import IN_ROWS
from srcgrad.loops.elements import of_numbers
from srcgrad.loops.nest import Access, Let, Mode, Nest
from srcgrad.loops.places import indices_of, maker, target_of
from srcgrad.loops.state import State
from srcgrad.loops.tree import (
    assign,
    augment,
    call,
    constant,
    name,
    names_in,
)
from srcgrad.loops.values import (
    Array,
    Number,
    Term,
    Value,
)

CLOSE = 8  # statements between what makes an array of zeros and the nest that fills it


@dataclass(slots=True)
class Nesting(State):
    """Opens nests, and puts statements on elements into them."""

    def open(self, arrays: Sequence[Array], shape: tuple[Length, ...]) -> Nest:
        """A nest over a shape that the arrays are stretched to; the open one, if it is such."""
        lengths = self.run_lengths(arrays, shape)
        key = tuple(map(self.lengths.root, shape))
        nest = self.nest
        if nest is not None and tuple(map(self.lengths.root, nest.shape)) == key:
            return nest
        self.close()
        for array in map(self.fresh, arrays):  # a check of lengths may have closed their nest
            if array.let:
                self.refuse("internal: an array of a nest that is closed")
        indices = tuple(self.uses.index(axis) for axis in range(len(shape)))
        self.nest = Nest(tuple(shape), lengths, indices)
        return self.nest

    def run_lengths(
        self, arrays: Sequence[Array], shape: tuple[Length, ...]
    ) -> tuple[ast.expr, ...]:
        """Expressions for the lengths of a nest; what is not known to be equal is checked."""
        out = []
        for axis, length in enumerate(shape):
            found: ast.expr | None = self.known_length(length)
            for array in arrays:
                own = axis - len(shape) + array.rank
                if own < 0 or array.shape[own] == 1:
                    continue
                if found is None:  # the others are to be as long as this one
                    found, length = array.lengths[own], array.shape[own]
                elif not self.lengths.same(array.shape[own], length):
                    self.check_equal(array.lengths[own], found)
            out.append(found if found is not None else constant(1))
        return tuple(out)

    def element(self, nest: Nest, value: Value, mode: Mode = "read", note: bool = True) -> ast.expr:
        """The element of a value that a turn of the nest reads, or writes."""
        if isinstance(value, Number):
            return value.expr
        if not isinstance(value, Array):
            self.refuse("an array or a number is needed here")
        indices: list[ast.expr] = [name(i) for i in nest.indices]
        node = value.element(indices[len(indices) - value.rank :])
        let = nest.let_of(value.base)
        if let is not None:
            if not value.is_whole or value.rank != len(indices):
                self.refuse("internal: another element of an array of the nest")
            let.seen += self.is_counted(value.base)
            return name(let.element)
        if value.is_whole and value.rank == len(indices):
            self.again.read(value.base, self.is_counted(value.base))
        if note:
            nest.accesses.append(Access(value.group, ast.unparse(node), mode))
        return node

    def is_counted(self, base: str) -> bool:
        """Whether a read of an array is one of those that the statement makes, not a repetition."""
        assert self.stmt is not None
        values = [self.env.get(n) for n in names(operands(self.stmt))]
        most = sum(isinstance(v, Array) and v.base == base for v in values)
        key = id(self.stmt), base
        self.counted[key] += 1
        return self.counted[key] <= most

    def access(self, nest_rank: int, indices: Sequence[str], value: Array, mode: Mode) -> Access:
        places: list[ast.expr] = [name(i) for i in indices]
        return Access(
            value.group, ast.unparse(value.element(places[nest_rank - value.rank :])), mode
        )

    def join(
        self,
        values: Sequence[Value],
        shape: tuple[Length, ...],
        changed: tuple[Array, Mode] | None = None,
    ) -> Nest:
        """A nest that may read the elements of these values, and change those of an array."""
        own = [v for v in values if isinstance(v, Array)]
        if any(v.rank > len(shape) for v in own):
            self.refuse("an array has more axes than the place that it is stored into")
        self.leave_lets(own, shape)
        leaves = self.again.leaves(self, values, shape)
        arrays = [v for v in leaves if isinstance(v, Array)]
        numbers = [v.expr for v in leaves if isinstance(v, Number)]
        numbers += [v.every for v in arrays if v.every is not None]
        self.leave_lets(arrays, shape)
        if self.nest is not None and names_in(numbers) & self.nest.results:
            self.close()
        # what closed the nest may have turned arrays of it into arrays of their own
        nest = self.open([self.fresh(a) for a in arrays], shape)
        wanted = [self.access(len(shape), nest.indices, a, "read") for a in arrays if not a.let]
        if changed is not None:
            wanted.append(self.access(len(shape), nest.indices, *changed))
            self.add_up(nest, changed[0].base, wanted[-1])
        if not nest.admits(wanted) or names_in(numbers) & nest.results:
            self.close()
            nest = self.open([self.fresh(a) for a in arrays], shape)
        self.again.write(self, nest, values)
        return nest

    def add_up(self, nest: Nest, base: str, wanted: Access) -> None:
        """Add the first values that zeros get, too, where later turns are to add to them.

        `x[i, k] = v` and `x[i + 1, k] += w` may be in one nest then. Not along the innermost axis:
        there each turn would wait for the one before.
        """
        old = [a for a in nest.accesses if a.group == wanted.group]
        apart = len(old) == 1 and old[0].mode == "set" and old[0].place != wanted.place
        apart = apart and old[0].place.startswith(f"{base}[")
        if wanted.mode != "add" or not apart or last_place(old[0]) != last_place(wanted):
            return
        at = next((i for i, s in enumerate(nest.body) if is_store(s, old[0].place)), None)
        before = [*self.out[-CLOSE:], *nest.before]
        made = next((s for s in reversed(before) if base in names_in([s])), None)
        if at is None or made is None or not is_made(made, base, "np.zeros"):
            return
        stmt = nest.body[at]
        assert isinstance(stmt, ast.Assign)
        nest.body[at] = added(nest, stmt)
        nest.accesses[nest.accesses.index(old[0])] = Access(old[0].group, old[0].place, "add")

    def leave_lets(self, arrays: Sequence[Array], shape: tuple[Length, ...]) -> None:
        """Close the nest if it makes an array that is wanted in another order or shape."""
        nest = self.nest
        if nest is None:
            return
        same = tuple(map(self.lengths.root, shape)) == tuple(map(self.lengths.root, nest.shape))
        for array in arrays:
            fits = same and array.is_whole and array.rank == len(shape)
            if nest.let_of(array.base) is not None and not fits:
                self.close()
                return

    def new(self, nest: Nest, value: ast.expr, kind: Kind, stem: str) -> Array:
        """A new array of which each turn makes an element."""
        base = self.uses.memory(stem)
        element = self.uses.fresh(base + "_i")
        let = nest.lets[element] = Let(base, element, kind.dtype)
        self.again.enter(stem, let)
        nest.body.append(assign(element, value))
        group = self.uses.group(stem)
        terms = tuple(Term(axis) for axis in range(len(nest.shape)))
        return Array(base, terms, nest.shape, nest.lengths, kind.dtype, group, True)

    def made(self, nest: Nest, value: ast.expr, base: str, dtype: Dtype) -> Array:
        """A new array in a variable of its own."""
        element = self.uses.fresh(base + "_i")
        self.uses.made.add(base)
        nest.lets[element] = Let(base, element, dtype, escapes=True)
        nest.body.append(assign(element, value))
        terms = tuple(Term(axis) for axis in range(len(nest.shape)))
        return Array(base, terms, nest.shape, nest.lengths, dtype, base, True)

    def elementwise(self, stmt: Assign, fn: str, values: Sequence[Value], kind: Kind) -> Value:
        """An elementwise function of values."""
        assert kind.shape is not None
        nest = self.join(values, kind.shape)
        exprs = [self.element(nest, self.refreshed(v)) for v in values]
        dtypes = [v.dtype if isinstance(v, (Array, Number)) else "?" for v in values]
        node = of_numbers(fn, exprs, ["f8" if d == "pf" else d for d in dtypes])
        if node is None:
            self.refuse(f"{fn} has no loop form")
        if fn in IN_ROWS and dtypes == ["f8"]:
            node = call(IN_ROWS[fn], *exprs)
        made = self.new(nest, node, kind, stmt.target)
        let = nest.let_of(made.base)
        assert let is not None
        self.again.note(self, stmt, fn, let, values)
        return made

    def escape(self, value: Array) -> None:
        let = self.nest.let_of(value.base) if self.nest is not None else None
        if let is not None:
            let.escapes = True


def last_place(access: Access) -> str:
    """Where on its last axis an element is."""
    node = ast.parse(access.place, mode="eval").body
    return ast.unparse(indices_of(node)[-1]) if isinstance(node, ast.Subscript) else ""


def is_store(stmt: ast.stmt, place: str) -> bool:
    """Whether a statement stores into the element."""
    return isinstance(stmt, ast.Assign) and ast.unparse(stmt.targets[0]) == place


def is_made(stmt: ast.stmt, base: str, fn: str) -> bool:
    return target_of(stmt) == base and maker(stmt) == fn


def added(nest: Nest, stmt: ast.Assign) -> ast.AugAssign:
    """The statement with `+=`, or `-=` for what is turned round."""
    value = stmt.value
    if isinstance(value, ast.Name):
        value = next((s.value for s in nest.body if is_binding(s, value.id)), value)
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        return augment(stmt.targets[0], ast.Sub(), value.operand)
    return augment(stmt.targets[0], ast.Add(), stmt.value)


def is_binding(stmt: ast.stmt, variable: str) -> TypeGuard[ast.Assign]:
    return target_of(stmt) == variable
