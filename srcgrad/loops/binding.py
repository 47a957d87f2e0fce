"""Variables and what they stand for: a Python variable, or a part of memory known by its place."""

from __future__ import annotations

import ast
from dataclasses import replace

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Stmt,
)
from srcgrad.ir.kinds import Kind
from srcgrad.loops.nest import Access
from srcgrad.loops.nesting import Nesting
from srcgrad.loops.tree import (
    assign,
    call,
    constant,
    name,
    names_in,
    tuple_of,
)
from srcgrad.loops.values import (
    Array,
    Items,
    Number,
    Other,
    Parts,
    Slice,
    Value,
    uniform,
    whole,
)
from srcgrad.loops.views import part, true_view


@dataclass(slots=True)
class Binding(Nesting):
    """Makes variables stand for values."""

    def item(self, array: Array, place: int) -> Value:
        if array.rank == 1:
            self.touch([Access(array.group, "", "read")])
            return Number(array.element([constant(place)]), array.dtype)
        return part(self, array, (Number(constant(place), "pi"),))

    def bind_all(self, stmt: Assign, value: Parts) -> None:
        """Bind several targets at once: a value may be what another target was."""
        targets = stmt.targets
        exprs: list[ast.expr | None] = []
        for target, item in zip(targets, value.items, strict=True):
            if self.uses.is_local(target) and not isinstance(item, Number):
                self.env[target] = item
                exprs.append(None)
            else:
                exprs.append(self.real(item))
        bound = [t for t, e in zip(targets, exprs, strict=True) if e is not None]
        values = [e for e in exprs if e is not None]
        if not bound:
            return
        finals = [self.uses.final(t) for t in bound]
        if len(bound) == 1:
            self.place([assign(finals[0], values[0])])
        else:
            both = ast.Tuple([ast.Name(t, ast.Store()) for t in finals], ast.Store())
            self.place([assign(both, tuple_of(values))])
        for t in bound:
            self.env[t] = self.held(t, self.facts.after(stmt, t))

    def bind(self, stmt: Stmt, target: str, value: Value) -> None:
        """Make a variable stand for a value: in a Python variable, unless all know better."""
        if isinstance(value, Number):
            value = self.spread(stmt, target, value)
        if isinstance(value, Array) and value.every is not None and not self.uses.is_local(target):
            value = self.filled(value, target)
        if isinstance(value, Array) and value.let and not (value.is_whole and self.nest):
            self.close()  # what the variable stands for is not what the nest makes
            value = self.fresh(value)
        if isinstance(value, Array) and value.let:
            self.bind_let(target, value)
            return
        if self.uses.is_local(target) and not isinstance(value, (Number, Items)):
            self.env[target] = self.steady(value)
            return
        if isinstance(value, Items):
            self.refuse(f"`{value.base}` is a list with two names")
        if isinstance(value, Other) and value.value is not None or isinstance(value, Slice):
            self.refuse("a slice, a text or an object is kept in a variable")
        final = self.uses.final(target)
        if isinstance(value, Array):
            self.settle(value)
            self.place([assign(final, self.real(value))], {value.group})
            self.env[target] = whole(final, value.shape, value.dtype, self.uses.group(target))
            return
        expr = self.real(value)
        if not (isinstance(expr, ast.Name) and expr.id == final):
            self.place([assign(final, expr)])
        if isinstance(value, Number):
            self.env[target] = replace(value, expr=name(final))
        else:
            self.env[target] = self.held(target, self.facts.after(stmt, target))

    def spread(self, stmt: Stmt, target: str, value: Number) -> Value:
        """The number, or an array of it where the variable is one from the start."""
        kind = self.facts.after(stmt, target)
        lengths = [self.known_length(n) for n in kind.shape or () if kind.is_array]
        known = tuple(n for n in lengths if n is not None)
        if not known or len(known) < len(lengths):
            return value
        return uniform(value.expr, kind.dtype, kind.shape or (), known)

    def filled(self, value: Array, target: str) -> Array:
        """An array of one number in memory of its own."""
        nest = self.join([value], value.shape)
        assert value.every is not None
        kind = Kind("array", "f8" if value.dtype == "pf" else value.dtype, value.shape)
        return self.new(nest, value.every, kind, target)

    def bind_let(self, target: str, value: Array) -> None:
        """A new array made in the open nest gets its name there."""
        nest = self.nest
        assert nest is not None
        final = self.uses.final(target)
        let = nest.let_of(value.base)
        assert let is not None
        let.reads += self.uses.reads[target]
        self.env[target] = value
        nest.vars.append(target)
        if not self.uses.is_local(target) and final != value.base:
            let.escapes = True
            nest.after.append(assign(final, name(value.base)))

    def steady(self, value: Value) -> Value:
        """The value with variables that keep theirs as long as it is read."""
        if isinstance(value, Parts):
            return replace(value, items=tuple(map(self.steady, value.items)))
        if isinstance(value, Slice):
            parts = (value.start, value.stop, value.step)
            return Slice(*(b if b is None else self.steady_number(b) for b in parts))
        if isinstance(value, Number):
            return self.steady_number(value)
        if isinstance(value, Array) and value.every is not None:
            return replace(value, every=self.steady_expr(value.every))
        if isinstance(value, Array) and not value.let:
            terms = tuple(
                replace(t, start=self.steady_expr(t.start)) if t.start is not None else t
                for t in value.terms
            )
            base = value.base
            if not self.uses.is_steady(base):
                base = self.uses.fresh(base + "_seen")
                self.place([assign(base, name(value.base))])
            lengths = tuple(map(self.steady_expr, value.lengths))
            return replace(value, terms=terms, base=base, lengths=lengths)
        return value

    def steady_number(self, value: Number) -> Number:
        return replace(value, expr=self.steady_expr(value.expr))

    def steady_expr(self, expr: ast.expr) -> ast.expr:
        if all(self.uses.is_steady(n) for n in names_in([expr])):
            return expr
        new = self.uses.fresh("at")
        self.place([assign(new, expr)])
        return name(new)

    def stored(self, value: Value) -> ast.expr:
        """A value as it is put into a list: an array that is still to be made by its name."""
        let = self.nest.let_of(value.base) if self.nest and isinstance(value, Array) else None
        return self.real(value) if let is None else name(let.base)

    def real(self, value: Value) -> ast.expr:
        """An expression for a value; for parts of arrays a true view."""
        if isinstance(value, Number):
            return value.expr
        if isinstance(value, Other):
            return constant(value.value)
        if isinstance(value, Items):
            self.refuse(f"the list `{value.base}` is kept as a whole")
        if isinstance(value, Parts):
            return tuple_of([self.real(item) for item in value.items])
        if isinstance(value, Slice):
            bounds = (value.start, value.stop, value.step)
            return call("slice", *(b.expr if b is not None else constant(None) for b in bounds))
        self.settle(value)
        return true_view(self, value)
