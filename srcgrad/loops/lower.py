"""A derivative, statement by statement, as loops over elements.

Numbers become variables, elementwise statements turns of a nest of loops that stays open as long as
what follows may run in the same turns. Parts of arrays are never made: their elements are read and
written where they lie.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.operations import OpKinds, shift
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Exit,
    For,
    Function,
    If,
    Pop,
    Push,
    Stmt,
    Store,
    Var,
    While,
)
from srcgrad.ir.kinds import UNKNOWN, Dtype, Kind, Length
from srcgrad.ir.walk import names, walk, writes
from srcgrad.loops import operations
from srcgrad.loops.again import Again
from srcgrad.loops.elements import IN_PLACE, load, of_numbers
from srcgrad.loops.lengths import Lengths
from srcgrad.loops.names import Uses
from srcgrad.loops.nest import Access, Let, Mode, Nest
from srcgrad.loops.tree import (
    add,
    assign,
    call,
    constant,
    differ,
    integer,
    name,
    names_in,
    number_in,
    raising,
    subtract,
    tuple_of,
    when,
)
from srcgrad.rules.registry import bind, lookup
from srcgrad.loops.values import (
    Array,
    Env,
    Number,
    Other,
    Parts,
    Slice,
    Structure,
    Term,
    Value,
    length_of,
    structure_of,
    whole,
)


class NoLoops(Exception):
    """A statement has no form as loops."""

    def __init__(self, stmt: Stmt, reason: str) -> None:
        super().__init__(reason)
        self.stmt = stmt
        self.reason = reason


@dataclass(slots=True)
class Loops:
    """Writes the body of one function. `final` gives names as they are printed."""

    fn: Function
    facts: KindFacts
    lengths: Lengths
    uses: Uses
    out: list[ast.stmt] = field(default_factory=list)
    env: Env = field(default_factory=dict)
    nest: Nest | None = None
    stmt: Stmt | None = None
    measured: dict[str, ast.expr] = field(default_factory=dict)  # lengths of parameters, by symbol
    used_lengths: set[str] = field(default_factory=set)
    demands: dict[str, ast.expr] = field(default_factory=dict)  # not negative, or NumPy decides
    again: Again = field(default_factory=Again)
    leaves: list[str] = field(default_factory=list)  # parameters, those of containers one by one
    result: Structure = None
    returns: bool = False
    apart: list[tuple[str, ...]] = field(default_factory=list)  # arguments that share no memory
    given: set[str] = field(default_factory=set)  # parameters, of whatever layout
    symbols: int = 0

    # --- statements

    def block(self, block: Block) -> None:
        for stmt in block:
            self.stmt = stmt
            self.statement(stmt)

    def statement(self, stmt: Stmt) -> None:
        if isinstance(stmt, Assign):
            self.assignment(stmt)
        elif isinstance(stmt, Store):
            operations.store(self, stmt)
        elif isinstance(stmt, Push):
            self.push(stmt)
        elif isinstance(stmt, Pop):
            self.pop(stmt)
        elif isinstance(stmt, If):
            self.branch(stmt)
        elif isinstance(stmt, For):
            self.loop(stmt)
        elif isinstance(stmt, While):
            self.while_loop(stmt)
        elif isinstance(stmt, Exit):
            self.leave(stmt)

    def assignment(self, stmt: Assign) -> None:
        fn = stmt.fn
        if not isinstance(fn, str):
            self.refuse(f"a call of `{fn.name}`, which is not written out, has no loop form yet")
        if fn == "section":
            self.close()
            self.out.append(ast.Expr(constant(f"#{stmt.args[0].value}")))  # type: ignore[union-attr]
            return
        if fn == "srcgrad.support.apart":
            self.apart.append(tuple(names(stmt.args)))
            return
        if fn in IN_PLACE:
            if self.kind(stmt.args[0]).is_array:
                operations.in_place(self, stmt, IN_PLACE[fn])
                return
            fn = IN_PLACE[fn]
        value = self.value_of(stmt, fn)
        if value is None:
            return
        if len(stmt.targets) == 1:
            self.bind(stmt, stmt.target, value)
            return
        if isinstance(value, Array):
            value = Parts(tuple(self.item(value, i) for i in range(len(stmt.targets))))
        if not isinstance(value, Parts) or len(value.items) != len(stmt.targets):
            self.refuse("what is unpacked here is not a tuple of known length")
        self.bind_all(stmt, value)

    def item(self, array: Array, place: int) -> Value:
        if array.rank == 1:
            self.touch([Access(array.group, "", "read")])
            return Number(array.element([constant(place)]), array.dtype)
        return operations.part(self, array, (Number(constant(place), "pi"),))

    def bind_all(self, stmt: Assign, value: Parts) -> None:
        """Bind several targets at once: a value may be what another target was."""
        targets = stmt.targets
        exprs = []
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
            target = ast.Tuple([ast.Name(t, ast.Store()) for t in finals], ast.Store())
            self.place([assign(target, tuple_of(values))])
        for t in bound:
            self.env[t] = self.held(t, self.facts.after(stmt, t))

    def held(self, var: str, kind: Kind) -> Value:
        """What a Python variable holds, by its kind."""
        final = self.uses.final(var)
        if kind.is_array:
            if kind.shape is None:
                self.refuse(f"the rank of `{final}` is not known")
            return whole(final, kind.shape, kind.dtype, self.uses.group(var))
        if kind.tag in ("scalar", "none", "str", "unknown"):
            return Number(name(final), kind.dtype, kind.value)
        if kind.tag == "tuple" and kind.items is not None:
            items = []
            for i, (_, item) in enumerate(kind.items):
                node = ast.Subscript(name(final), constant(i), ast.Load())
                if not item.is_scalar:
                    self.refuse(f"`{final}` is a tuple of other things than numbers")
                items.append(Number(node, item.dtype, item.value))
            return Parts(tuple(items))
        self.refuse(f"`{final}` is a {kind.tag}")

    def bind(self, stmt: Stmt, target: str, value: Value) -> None:
        """Make a variable stand for a value: in a Python variable, unless all know better."""
        if isinstance(value, Array) and value.let:
            self.bind_let(target, value)
            return
        if self.uses.is_local(target) and not isinstance(value, Number):
            self.env[target] = self.steady(value)
            return
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
            self.env[target] = Number(name(final), value.dtype, value.value)
        else:
            self.env[target] = self.held(target, self.facts.after(stmt, target))

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

    # --- operands

    def kind(self, atom: Atom) -> Kind:
        assert self.stmt is not None
        if isinstance(atom, Var) and "@t" in atom.name and isinstance(self.env.get(atom.name), Array):
            array = self.array(atom)
            return Kind("array", array.dtype, array.shape)
        return self.facts.before(self.stmt, atom)

    def value(self, atom: Atom) -> Value:
        """What an operand stands for."""
        if isinstance(atom, Const):
            value = atom.value
            if isinstance(value, (bool, int, float, complex)):
                kind = self.kind(atom)
                known = value if type(value) is int else None
                return Number(constant(value), kind.dtype, known)
            return Other(value)
        found = self.env.get(atom.name)
        if found is None:
            found = self.env[atom.name] = self.held(atom.name, self.kind(atom))
        return found

    def array(self, atom: Atom) -> Array:
        found = self.value(atom)
        if not isinstance(found, Array):
            self.refuse("an array is needed here")
        return found

    def number(self, atom: Atom) -> Number:
        found = self.value(atom)
        if isinstance(found, Array) and found.rank == 0:
            self.touch([Access(found.group, "", "read")])
            return Number(found.element([]), found.dtype)
        if not isinstance(found, Number):
            self.refuse("a number is needed here")
        return found

    def refuse(self, reason: str) -> NoReturn:
        assert self.stmt is not None
        raise NoLoops(self.stmt, reason)

    # --- values as Python expressions

    def real(self, value: Value) -> ast.expr:
        """An expression for a value; for parts of arrays a true view."""
        if isinstance(value, Number):
            return value.expr
        if isinstance(value, Other):
            return constant(value.value)
        if isinstance(value, Parts):
            return tuple_of([self.real(item) for item in value.items])
        if isinstance(value, Slice):
            bounds = (value.start, value.stop, value.step)
            return call("slice", *(b.expr if b is not None else constant(None) for b in bounds))
        self.settle(value)
        return operations.true_view(self, value)

    def settle(self, array: Array) -> None:
        """The array is needed as a whole: a nest that makes or changes it ends."""
        if self.nest is not None:
            if array.let or array.group in self.nest.groups("set", "add", "part"):
                self.close()

    # --- places

    def touch(self, accesses: list[Access]) -> None:
        """An element is read outside of any nest."""
        if self.nest is not None:
            written = self.nest.groups("set", "add", "part")
            if any(a.group in written for a in accesses):
                self.close()

    def place(
        self,
        code: Sequence[ast.stmt],
        reads: set[str] = set(),
        changes: set[str] = set(),  # noqa: B006
    ) -> None:
        """Code outside of nests: before the open one where that changes nothing, else behind it.

        `reads` and `changes` are groups of memory.
        """
        if self.nest is not None and not self.may_precede(code, reads, changes):
            self.close()
        self.out += code

    def may_precede(self, code: Sequence[ast.stmt], reads: set[str], changes: set[str]) -> bool:
        nest = self.nest
        assert nest is not None
        bound = {
            n.id
            for stmt in code
            for n in ast.walk(stmt)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        made = nest.results | {let.base for let in nest.lets.values()}
        made |= {let.element for let in nest.lets.values()}
        made |= names_in(s.targets[0] for s in nest.after if isinstance(s, ast.Assign))
        if names_in(code) & made or bound & nest.names():
            return False
        if reads & nest.groups("set", "add", "part"):
            return False
        return not changes & nest.groups("read", "set", "add", "part")

    def close(self) -> None:
        """Write the open nest; the arrays it made are arrays of their own from now on."""
        nest, self.nest = self.nest, None
        if nest is None:
            return
        for var in nest.vars:
            current = self.env.get(var)
            if isinstance(current, Array) and current.let:
                base = current.base if self.uses.is_local(var) else self.uses.final(var)
                self.env[var] = whole(base, current.shape, current.dtype, current.group)
        self.out += nest.statements()

    # --- nests

    def open(self, arrays: Sequence[Array], shape: tuple[Length, ...]) -> Nest:
        """A nest over a shape that the arrays are stretched to; the open one, if it is such."""
        lengths = self.run_lengths(arrays, shape)
        key = tuple(map(self.lengths.root, shape))
        nest = self.nest
        if nest is not None and tuple(map(self.lengths.root, nest.shape)) == key:
            return nest
        self.close()
        for array in arrays:
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
                if found is None:
                    found = array.lengths[own]
                elif not self.lengths.same(array.shape[own], length):
                    self.check_equal(array.lengths[own], found)
            out.append(found if found is not None else constant(1))
        return tuple(out)

    def check_equal(self, a: ast.expr, b: ast.expr) -> None:
        if ast.dump(a) == ast.dump(b):
            return
        self.place([when(differ(a, b), raising("ValueError", "lengths differ"))])

    def known_length(self, length: Length) -> ast.expr | None:
        """A length as an expression, where it is a number or follows from those of parameters."""
        symbol, offset = self.lengths.root(length)
        if not symbol:
            return constant(offset)
        base = self.measured.get(symbol)
        if base is None:
            return None
        if isinstance(base, ast.Name):
            self.used_lengths.add(base.id)
        return add(base, constant(offset)) if offset >= 0 else subtract(base, constant(-offset))

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
            let.seen += 1
            return name(let.element)
        if value.is_whole and value.rank == len(indices):
            self.again.read(value.base)
        if note:
            nest.accesses.append(Access(value.group, ast.unparse(node), mode))
        return node

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
        self.leave_lets(own, shape)
        leaves = self.again.leaves(self, values, shape)
        arrays = [v for v in leaves if isinstance(v, Array)]
        numbers = [v.expr for v in leaves if isinstance(v, Number)]
        self.leave_lets(arrays, shape)
        if self.nest is not None and names_in(numbers) & self.nest.results:
            self.close()
        # what closed the nest may have turned arrays of it into arrays of their own
        nest = self.open([self.fresh(a) for a in arrays], shape)
        wanted = [self.access(len(shape), nest.indices, a, "read") for a in arrays if not a.let]
        if changed is not None:
            wanted.append(self.access(len(shape), nest.indices, *changed))
        if not nest.admits(wanted) or names_in(numbers) & nest.results:
            self.close()
            nest = self.open([self.fresh(a) for a in arrays], shape)
        self.again.write(self, nest, values)
        return nest

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

    def fresh(self, array: Array) -> Array:
        """An array as it stands now: after its nest was closed it is one of its own."""
        if array.let and (self.nest is None or self.nest.let_of(array.base) is None):
            return replace(array, let=False)
        return array

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

    def elementwise(self, stmt: Assign, fn: str, values: Sequence[Value], kind: Kind) -> Value:
        """An elementwise function of values."""
        assert kind.shape is not None
        nest = self.join(values, kind.shape)
        exprs = [self.element(nest, self.refreshed(v)) for v in values]
        dtypes = [v.dtype if isinstance(v, (Array, Number)) else "?" for v in values]
        node = of_numbers(fn, exprs, ["f8" if d == "pf" else d for d in dtypes])
        if node is None:
            self.refuse(f"{fn} has no loop form")
        made = self.new(nest, node, kind, stmt.target)
        let = nest.let_of(made.base)
        assert let is not None
        self.again.note(self, stmt, fn, let)
        return made

    def refreshed(self, value: Value) -> Value:
        return self.fresh(value) if isinstance(value, Array) else value

    # --- functions

    def value_of(self, stmt: Assign, fn: str) -> Value | None:
        if fn in ("copy", "unpack"):
            return self.passed(self.value(stmt.args[0]))
        if fn == "list" and stmt.targets[0] in self.uses.tapes:
            tape = self.uses.final(stmt.target)
            self.place([assign(tape, ast.List([], ast.Load()))])
            return None
        if fn.startswith("load."):
            node = load(fn)
            return Other(fn) if node is None else Number(node, "pf")
        handler = operations.HANDLERS.get(fn)
        if handler is not None:
            return handler(self, stmt)
        values = [self.value(atom) for atom in stmt.args]
        kinds = [v.dtype if isinstance(v, (Array, Number)) else "?" for v in values]
        if len(stmt.targets) == 1 and not stmt.kwargs:
            kind = self.facts.after(stmt, stmt.target)
            if any(isinstance(v, Array) and v.rank for v in values):
                if (
                    kind.is_array
                    and kind.shape is not None
                    and of_numbers(fn, [constant(1)] * len(values), kinds)
                ):
                    return self.elementwise(stmt, fn, values, kind)
            else:
                exprs = [self.scalar(v) for v in values]
                node = of_numbers(fn, exprs, kinds)
                if node is not None:
                    within = self.range_of(fn, values)
                    if None in within and is_sum_of_ints(fn, values):
                        node = call("int_sum", node, *exprs)
                    return Number(node, kind.dtype, kind.value, *within)
        self.refuse(f"{fn.replace('numpy.', 'np.').removeprefix('operator.')} has no loop form")

    def passed(self, value: Value) -> Value:
        """The value under another name: the array was read, but its readers are yet to come."""
        let = self.nest.let_of(value.base) if self.nest and isinstance(value, Array) else None
        if let is not None:
            let.seen += 1
        return value

    def range_of(self, fn: str, values: Sequence[Value]) -> tuple[Length | None, Length | None]:
        """What an integer result lies between, where that is known."""
        if fn not in ("operator.add", "operator.sub", "operator.mod") or len(values) != 2:
            return None, None
        a, b = values
        if not isinstance(a, Number) or not isinstance(b, Number):
            return None, None
        (low, high), (least, most) = a.bounds, b.bounds
        if fn == "operator.mod":
            known = least is not None and (least == most) and a.dtype in ("i", "pi")
            return (0, shift(most, 1, -1)) if known else (None, None)
        if fn == "operator.add":
            return shift(low, least, 1), shift(high, most, 1)
        return shift(low, most, -1), shift(high, least, -1)

    def scalar(self, value: Value) -> ast.expr:
        if isinstance(value, Array):
            self.touch([Access(value.group, "", "read")])
            return value.element([])
        return self.real(value)

    # --- what lies within an array

    def is_within(
        self, least: Length | None, most: Length | None, length: Length, at_end: bool = False
    ) -> bool:
        """Whether an integer is an index of an axis, or will be found to be where it begins."""
        if least is None or most is None:
            return False
        room = self.difference(length, most)
        low = self.difference(least, 0)
        if room is None or low is None:
            return False
        needed = 0 if at_end else 1
        return self.holds(add(low, constant(0))) and self.holds(add(room, integer(-needed)))

    def difference(self, a: Length, b: Length) -> ast.expr | None:
        """`a - b` where both are known where the function begins."""
        (one, more), (other, less) = self.lengths.root(a), self.lengths.root(b)
        if one == other:
            return integer(more - less)
        left, right = self.known_length(a), self.known_length(b)
        return None if left is None or right is None else subtract(left, right)

    def holds(self, value: ast.expr) -> bool:
        """Whether a number is not negative; if it is not in the text, the function checks it."""
        known = number_in(value)
        if known is None:
            self.demands.setdefault(ast.unparse(value), value)
        return known is None or known >= 0

    def demand(self, value: ast.expr, length: Length, offset: int) -> None:
        """A length plus an offset must not be negative."""
        known = self.difference(length, -offset)
        if known is not None:
            if not self.holds(known):
                self.place([raising("IndexError", "index out of range")])
            return
        negative = ast.Compare(value, [ast.Lt()], [constant(0)])
        self.place([when(negative, raising("IndexError", "index out of range"))])

    def symbol(self) -> str:
        """A length of which nothing is known."""
        self.symbols += 1
        return f"here{self.symbols}"

    def size(self, base: str, places: Sequence[ast.expr]) -> ast.expr:
        return length_of(base, len(places))

    def is_own(self, base: str) -> bool:
        """Whether the memory is known to be contiguous: the function made it itself."""
        return base in self.uses.made

    def made(self, nest: Nest, value: ast.expr, base: str, dtype: Dtype) -> Array:
        """A new array in a variable of its own."""
        element = self.uses.fresh(base + "_i")
        self.uses.made.add(base)
        nest.lets[element] = Let(base, element, dtype, escapes=True)
        nest.body.append(assign(element, value))
        terms = tuple(Term(axis) for axis in range(len(nest.shape)))
        return Array(base, terms, nest.shape, nest.lengths, dtype, base, True)

    def kind_of_new(self, stmt: Assign) -> Kind:
        """The kind of a result that no statement of the program has."""
        self.symbols += 1
        ops = OpKinds({}, lambda fn, call, kind_of: UNKNOWN)
        return self.lengths.kind(ops.targets(stmt, self.kind, f"~n{self.symbols}")["@"])

    def temporary(self, fn: str, args: tuple[Atom, ...], stmt: Assign) -> Var:
        """A variable for a value that no statement of the program makes."""
        new = f"{stmt.target}@t{self.symbols}"
        self.symbols += 1
        value = self.value_of(Assign((new,), fn, args, unit=stmt.unit), fn)
        assert value is not None
        self.env[new] = value
        return Var(new)

    def bound(self, stmt: Assign) -> dict[str, Atom]:
        """The arguments of a call by the names of parameters."""
        assert isinstance(stmt.fn, str)
        prim = lookup(stmt.fn)
        if prim is None:
            return {"a": stmt.args[0], **dict(stmt.kwargs)} if stmt.args else dict(stmt.kwargs)
        return bind(prim, stmt.args, dict(stmt.kwargs))

    # --- recording

    def push(self, stmt: Push) -> None:
        value = self.value(stmt.value)
        if isinstance(value, Array):
            self.escape(value)
        if isinstance(value, (Parts, Slice, Other)):
            self.refuse("something else than a number or an array is recorded")
        append = ast.Attribute(name(self.uses.final(stmt.tape)), "append", ast.Load())
        code = ast.Expr(call(append, self.real(value)))
        reads = {value.group} if isinstance(value, Array) else set()
        self.place([code], reads)

    def escape(self, value: Array) -> None:
        let = self.nest.let_of(value.base) if self.nest is not None else None
        if let is not None:
            let.escapes = True

    def pop(self, stmt: Pop) -> None:
        pop = ast.Attribute(name(self.uses.final(stmt.tape)), "pop", ast.Load())
        self.place([assign(self.uses.final(stmt.target), call(pop))])
        self.env[stmt.target] = self.held(stmt.target, self.facts.after(stmt, stmt.target))

    # --- control flow

    def inner(self, block: Block) -> list[ast.stmt]:
        """A nested block: what it binds is in Python variables when it ends."""
        outer, env = self.out, dict(self.env)
        self.out = []
        self.block(block)
        self.close()
        body, self.out = self.out, outer
        self.env = env
        return body

    def forget(self, block: Block) -> None:
        """After a nested block: variables that it binds are as their kinds say."""
        for stmt in walk(block):
            for target in writes(stmt):
                self.env.pop(target, None)

    def branch(self, stmt: If) -> None:
        if stmt.form == "try":
            self.refuse("`try` has no compiled form")
        test = self.number(stmt.test).expr
        self.close()
        then, orelse = self.inner(stmt.then), self.inner(stmt.orelse)
        if then or orelse:
            self.out.append(ast.If(test, then or [ast.Pass()], orelse))
        self.forget((stmt,))

    def loop(self, stmt: For) -> None:
        start, stop, step = (self.number(a).expr for a in (stmt.start, stmt.stop, stmt.step))
        limit = None if stmt.limit is None else self.number(stmt.limit).expr
        self.close()
        self.forget(stmt.body)
        bounds = self.bounds(stmt, start, stop, step, limit)
        index = self.uses.final(stmt.index)
        low, high = self.turns(stmt)
        self.env[stmt.index] = Number(name(index), "pi", None, low, high)
        body = self.inner(stmt.body)
        head = call("range", *bounds)
        self.out.append(ast.For(name(index), head, body or [ast.Pass()], [], lineno=0))
        self.forget((stmt,))

    def turns(self, stmt: For) -> tuple[Length | None, Length | None]:
        """The least and the greatest value of a loop's index."""
        if self.uses.bindings[stmt.index] or not isinstance(stmt.step, Const):
            return None, None
        start, stop = self.number(stmt.start).bounds, self.number(stmt.stop).bounds
        if stmt.step.value > 0:
            return start[0], shift(stop[1], 1, -1)
        return shift(stop[0], 1, 1), start[1]

    def bounds(
        self, stmt: For, start: ast.expr, stop: ast.expr, step: ast.expr, limit: ast.expr | None
    ) -> list[ast.expr]:
        """The range, turned round where the loop runs backward."""
        if not stmt.reverse:
            if limit is not None:
                stop = ast.BinOp(start, ast.Add(), ast.BinOp(limit, ast.Mult(), step))
            plain = isinstance(step, ast.Constant) and step.value == 1
            from_zero = isinstance(start, ast.Constant) and start.value == 0
            return (
                [stop] if plain and from_zero else [start, stop] if plain else [start, stop, step]
            )
        count = limit if limit is not None else call("len", call("range", start, stop, step))
        if isinstance(step, ast.Constant) and step.value == 1:
            last = (
                subtract(stop, constant(1))
                if limit is None
                else subtract(add(start, limit), constant(1))
            )
            return [last, subtract(start, constant(1)), ast.UnaryOp(ast.USub(), constant(1))]
        steps = ast.BinOp(subtract(count, constant(1)), ast.Mult(), step)
        last = ast.BinOp(start, ast.Add(), steps)
        back = ast.UnaryOp(ast.USub(), step)
        return [last, ast.BinOp(start, ast.Sub(), step), back]

    def while_loop(self, stmt: While) -> None:
        self.close()
        self.forget((*stmt.test, *stmt.body))
        outer, self.out = self.out, []
        env = dict(self.env)
        self.block(stmt.test)
        self.stmt = stmt
        cond = self.number(stmt.cond).expr
        self.close()
        test = self.out
        self.out = []
        self.block(stmt.body)
        self.close()
        body, self.out = self.out, outer
        self.env = env
        if test:
            leave = when(ast.UnaryOp(ast.Not(), cond), ast.Break())
            cond, body = constant(True), [*test, leave, *body]
        self.out.append(ast.While(cond, body or [ast.Pass()], []))
        self.forget((stmt,))

    def leave(self, stmt: Exit) -> None:
        if stmt.kind != "return":
            self.close()
            self.out.append(ast.Break() if stmt.kind == "break" else ast.Continue())
            return
        value = Other(None) if stmt.value is None else self.value(stmt.value)
        for array in arrays_in(value):
            self.escape(array)
        self.close()
        value = Other(None) if stmt.value is None else self.value(stmt.value)
        found = structure_of(value)
        if self.returns and found != self.result:
            self.refuse("results of different structure are returned")
        self.returns, self.result = True, found
        self.out.append(ast.Return(self.real(value)))


def is_sum_of_ints(fn: str, values: Sequence[Value]) -> bool:
    """Whether a sum may leave 64 bits: one of integers of which neither is a literal."""
    return fn in ("operator.add", "operator.sub") and all(
        isinstance(v, Number) and v.dtype == "pi" and number_in(v.expr) is None for v in values
    )


def arrays_in(value: Value) -> list[Array]:
    if isinstance(value, Parts):
        return [array for item in value.items for array in arrays_in(item)]
    return [value] if isinstance(value, Array) else []
