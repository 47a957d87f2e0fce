"""A derivative, statement by statement, as loops over elements.

Numbers become variables, elementwise statements turns of a nest of loops that stays open as long as
what follows may run in the same turns. Parts of arrays are never made: their elements are read and
written where they lie.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from srcgrad.analysis.operations import shift
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Exit,
    For,
    If,
    Pop,
    Push,
    Stmt,
    Store,
    Var,
    While,
)
from srcgrad.ir.kinds import Length
from srcgrad.ir.walk import names, walk, writes
from srcgrad.loops import lists, operations
from srcgrad.loops.binding import Binding
from srcgrad.loops.calls import call_of
from srcgrad.loops.containers import KEYWORDS, has_no_others, repeated
from srcgrad.loops.elements import IN_PLACE, load, of_numbers
from srcgrad.loops.nest import Access, empty
from srcgrad.loops.tapes import Shelf
from srcgrad.loops.tree import (
    add,
    assign,
    call,
    constant,
    index,
    integer,
    name,
    number_in,
    subtract,
    when,
)
from srcgrad.loops.values import (
    Array,
    Items,
    Number,
    Other,
    Parts,
    Slice,
    Value,
    structure_of,
)
from srcgrad.loops.wide import within_64_bits

FLOATS = ("pf", "f4", "f8")


@dataclass(slots=True)
class Loops(Binding):
    """Writes the body of one function."""

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
            call_of(self, stmt, fn.name)
            return
        if fn == "section":
            if len(stmt.args) > 1:  # within a turn
                return
            self.close()
            (title,) = stmt.args
            assert isinstance(title, Const)
            self.out.append(ast.Expr(constant(f"#{title.value}")))
            return
        if fn == "srcgrad.support.alone" and self.kind(stmt.args[0]).is_scalar:
            return
        if fn == KEYWORDS and has_no_others(self.kind(stmt.args[0]), stmt.args[1:]):
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

    def value_of(self, stmt: Assign, fn: str) -> Value | None:
        if fn in ("copy", "unpack"):
            value = self.value(stmt.args[0])
            if len(stmt.targets) > 1 and isinstance(value, Array):  # its items are read at once
                self.escape(value)
                return value
            return self.passed(value)
        if fn == "list" and stmt.targets[0] in self.uses.tapes:
            tape = self.uses.final(stmt.target)
            shelf = self.shelves.get(stmt.target)
            made = ast.List([], ast.Load()) if shelf is None else self.room(shelf)
            self.place([assign(tape, made)])
            return None
        if fn.startswith("load."):
            node = load(fn)
            return Other(fn) if node is None else Number(node, "pf")
        handler = operations.HANDLERS.get(fn)
        if len(stmt.targets) == 1 and stmt.target in self.uses.lists:
            handler = lists.MAKERS.get(fn)
        if handler is not None:
            return handler(self, stmt)
        values = [self.value(atom) for atom in stmt.args]
        if fn == "operator.mul" and any(isinstance(v, Parts) for v in values):
            return repeated(self, values)
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
                    if None in within:
                        node = within_64_bits(fn, values, node)
                    return Number(node, kind.dtype, kind.value, *within)
        self.refuse(f"{fn.replace('numpy.', 'np.').removeprefix('operator.')} has no loop form")

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

    def temporary(self, fn: str, args: tuple[Atom, ...], stmt: Assign) -> Var:
        """A variable for a value that no statement of the program makes."""
        new = f"{stmt.target}@t{self.symbols}"
        self.symbols += 1
        value = self.value_of(Assign((new,), fn, args, unit=stmt.unit), fn)
        assert value is not None
        self.env[new] = value
        return Var(new)

    def room(self, shelf: Shelf) -> ast.expr:
        """A new array for a recorded number of each turn."""
        sizes = []
        for low, high in shelf.axes:
            size = self.difference(high, low)
            assert size is not None
            sizes.append(add(size, constant(1)))
        return empty(tuple(sizes), shelf.dtype)

    def shelf_place(self, tape: str, shelf: Shelf, indices: tuple[str, ...]) -> ast.expr:
        """The element of the tape for the turns of these loops."""
        places = []
        for var, (low, _) in zip(indices, shelf.axes, strict=True):
            first = self.known_length(low)
            assert first is not None
            places.append(subtract(name(self.turn(var)), first))
        return index(self.uses.final(tape), places)

    def turn(self, var: str) -> str:
        """The name of a loop's index; one that is read is not called `_`."""
        final = self.uses.final(var)
        if final.strip("_") or not any(var in s.pushed + s.popped for s in self.shelves.values()):
            return final
        if var not in self.renamed:
            self.renamed[var] = self.uses.fresh("turn")
        return self.renamed[var]

    def push(self, stmt: Push) -> None:
        value = self.value(stmt.value)
        shelf = self.shelves.get(stmt.tape)
        if shelf is not None:
            place = self.shelf_place(stmt.tape, shelf, shelf.pushed)
            self.place([assign(place, self.number(stmt.value).expr)])
            return
        if isinstance(value, (Parts, Slice, Other, Items)):
            self.refuse("something else than a number or an array is recorded")
        tape = self.uses.final(stmt.tape)
        self.grow(tape, ast.Expr(call(f"{tape}.append", self.stored(value))), value)

    def pop(self, stmt: Pop) -> None:
        shelf = self.shelves.get(stmt.tape)
        found = call(ast.Attribute(name(self.uses.final(stmt.tape)), "pop", ast.Load()))
        if shelf is not None:
            found = self.shelf_place(stmt.tape, shelf, shelf.popped)
        self.place([assign(self.uses.final(stmt.target), found)])
        self.env[stmt.target] = self.held(stmt.target, self.facts.after(stmt, stmt.target))

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
        self.branches += 1
        then, orelse = self.inner(stmt.then), self.inner(stmt.orelse)
        self.branches -= 1
        if orelse and not then:
            self.out.append(ast.If(ast.UnaryOp(ast.Not(), test), orelse, []))
        elif then:
            self.out.append(ast.If(test, then or [ast.Pass()], orelse))
        self.forget((stmt,))

    def loop(self, stmt: For) -> None:
        numbers = [self.number(a) for a in (stmt.start, stmt.stop, stmt.step)]
        if any(n.dtype in FLOATS for n in numbers):
            self.refuse("a range of floats, which Python refuses", "write `range(int(n))`")
        start, stop, step = (n.expr for n in numbers)
        limit = None if stmt.limit is None else self.number(stmt.limit).expr
        self.close()
        self.forget(stmt.body)
        bounds = self.bounds(stmt, start, stop, step, limit)
        index = self.turn(stmt.index)
        low, high = self.turns(stmt)
        self.env[stmt.index] = Number(name(index), "pi", None, low, high)
        self.depth += 1
        body = self.inner(stmt.body)
        self.left_loop()
        head = call("range", *bounds)
        self.out.append(ast.For(name(index), head, body or [ast.Pass()], [], lineno=0))
        self.forget((stmt,))

    def left_loop(self) -> None:
        """What was made for the loop stands before the outermost one."""
        self.depth -= 1
        if not self.depth:
            self.out += self.ahead
            self.ahead = []

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
        each = number_in(step)
        if each == -1 and limit is None:  # downward, so upward
            first, last = add(stop, constant(1)), add(start, constant(1))
            return [last] if number_in(first) == 0 else [first, last]
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
        back = ast.UnaryOp(ast.USub(), step) if each is None else integer(-each)
        return [last, ast.BinOp(start, ast.Sub(), step), back]

    def while_loop(self, stmt: While) -> None:
        self.close()
        self.forget((*stmt.test, *stmt.body))
        outer, self.out = self.out, []
        env = dict(self.env)
        self.depth += 1
        self.block(stmt.test)
        self.stmt = stmt
        cond = self.number(stmt.cond).expr
        self.close()
        test = self.out
        self.out = []
        self.block(stmt.body)
        self.close()
        body, self.out = self.out, outer
        self.left_loop()
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


def arrays_in(value: Value) -> list[Array]:
    if isinstance(value, Parts):
        return [array for item in value.items for array in arrays_in(item)]
    return [value] if isinstance(value, Array) else []
