"""What is known while loops are written: values of variables, the open nest, lengths to check."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import field, replace
from typing import NoReturn

from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.operations import OpKinds
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Const,
    Function,
    Stmt,
    Var,
)
from srcgrad.ir.kinds import UNKNOWN, Kind, Length
from srcgrad.loops.again import Again
from srcgrad.loops.gathering import gathered
from srcgrad.loops.lengths import Lengths
from srcgrad.loops.names import Uses
from srcgrad.loops.nest import Access, Nest
from srcgrad.loops.recursion import Called
from srcgrad.loops.standins import StandIn
from srcgrad.loops.tapes import Shelf
from srcgrad.loops.tree import (
    add,
    constant,
    differ,
    integer,
    name,
    names_in,
    nodes_of,
    number_in,
    raising,
    subtract,
    when,
)
from srcgrad.loops.values import (
    Array,
    Env,
    Items,
    Number,
    Other,
    Parts,
    Structure,
    Value,
    length_of,
    whole,
)
from srcgrad.rules.registry import bind, lookup

REMEDY = 'use backend="numpy" for this function'


class NeverHolds(Exception):
    """For arguments of these kinds what loops take for granted never holds."""


class NoLoops(Exception):
    """A statement has no form as loops."""

    def __init__(self, stmt: Stmt, reason: str, remedy: str = REMEDY) -> None:
        super().__init__(reason)
        self.stmt = stmt
        self.reason = reason
        self.remedy = remedy


@dataclass(slots=True)
class State:
    """The state of writing one function, and questions about it."""

    fn: Function
    facts: KindFacts
    lengths: Lengths
    uses: Uses
    out: list[ast.stmt] = field(default_factory=list)
    env: Env = field(default_factory=dict)
    nest: Nest | None = None
    stmt: Stmt | None = None
    measured: dict[str, ast.expr] = field(default_factory=dict)  # lengths of parameters, by symbol
    owners: dict[str, tuple[str, int]] = field(default_factory=dict)  # who has it, and which axis
    used_lengths: set[str] = field(default_factory=set)
    demands: dict[str, ast.expr] = field(default_factory=dict)  # not negative, or NumPy decides
    again: Again = field(default_factory=Again)
    leaves: list[str] = field(default_factory=list)  # parameters, those of containers one by one
    result: Structure = None
    returns: bool = False
    apart: list[tuple[str, ...]] = field(default_factory=list)  # arguments that share no memory
    arrays: list[Array] = field(default_factory=list)  # that are parameters
    given: set[str] = field(default_factory=set)  # parameters, of whatever layout
    calls: Mapping[str, Called] = field(default_factory=dict)  # functions of the text
    parallel: bool = False  # loops may run on several cores
    level: str = ""  # of a function that is called, the parameter that tells how deep
    renamed: dict[str, str] = field(default_factory=dict)  # indices of loops
    depth: int = 0  # of loops of the program
    branches: int = 0
    ahead: list[ast.stmt] = field(default_factory=list)  # made once, before the outermost loop
    symbols: int = 0
    shelves: dict[str, Shelf] = field(default_factory=dict)  # tapes that are arrays
    counted: Counter[tuple[int, str]] = field(default_factory=Counter)  # reads, by statement

    def kind(self, atom: Atom) -> Kind:
        assert self.stmt is not None
        if (
            isinstance(atom, Var)
            and "@t" in atom.name
            and isinstance(self.env.get(atom.name), Array)
        ):
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
            return self.stand_in(value.kind) if isinstance(value, StandIn) else Other(value)
        found = self.env.get(atom.name)
        if found is None:
            found = self.env[atom.name] = self.held(atom.name, self.kind(atom))
        return found

    def stand_in(self, kind: Kind) -> Value:
        """An array of no memory: it has lengths."""
        if kind.items is not None:
            items = tuple(self.stand_in(item) for _, item in kind.items)
            return Parts(items, tag=kind.tag)
        if kind.is_scalar:
            return Number(constant(0.0), kind.dtype)
        shape = kind.shape or ()
        lengths = [self.known_length(length) for length in shape]
        return Array("", (), shape, tuple(n for n in lengths if n is not None), kind.dtype, "")

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

    def sure_number(self, atom: Atom) -> None:
        """Refuse what may be a number at one time and an array at another."""
        if self.kind(atom).tag == "unknown" and isinstance(atom, Var):
            final = self.uses.final(atom.name)
            self.refuse(f"`{final}` may be a number at one time and an array at another")

    def refuse_always(self) -> NoReturn:
        raise NeverHolds("an index is out of range for arguments of these lengths")

    def refuse(self, reason: str, remedy: str = REMEDY) -> NoReturn:
        assert self.stmt is not None
        raise NoLoops(self.stmt, reason, remedy)

    def held(self, var: str, kind: Kind) -> Value:
        """What a Python variable holds, by its kind."""
        final = self.uses.final(var)
        if var in self.uses.lists:
            return Items(final, self.uses.lists[var], self.uses.group(var))
        if kind.is_array:
            if kind.shape is None:
                self.refuse(f"the rank of `{final}` is not known")
            if not kind.shape:  # arrays without axes are numbers in loops
                return Number(name(final), kind.dtype)
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

    def fresh(self, array: Array) -> Array:
        """An array as it stands now: after its nest was closed it is one of its own."""
        if array.let and (self.nest is None or self.nest.let_of(array.base) is None):
            return replace(array, let=False)
        return array

    def refreshed(self, value: Value) -> Value:
        return self.fresh(value) if isinstance(value, Array) else value

    def passed(self, value: Value) -> Value:
        """The value under another name: the array was read, but its readers are yet to come."""
        let = self.nest.let_of(value.base) if self.nest and isinstance(value, Array) else None
        if let is not None:
            let.seen += 1
        return value

    def settle(self, array: Array) -> None:
        """The array is needed as a whole: a nest that makes or changes it ends."""
        if self.nest is None:
            return
        if array.let or array.group in self.nest.groups("set", "add", "part"):
            self.close()

    def touch(self, accesses: list[Access]) -> None:
        """An element is read outside of any nest."""
        if self.nest is not None:
            written = self.nest.groups("set", "add", "part")
            if any(a.group in written for a in accesses):
                self.close()

    def place(
        self,
        code: Sequence[ast.stmt],
        reads: Set[str] = frozenset(),
        changes: Set[str] = frozenset(),
    ) -> None:
        """Code outside of nests: before the open one where that changes nothing, else behind it.

        `reads` and `changes` are groups of memory.
        """
        if self.nest is not None and not self.may_precede(code, reads, changes):
            self.close()
        self.out += code

    def grow(self, items: str, code: ast.stmt, value: Value) -> None:
        """Code that puts a value into a list: behind the open nest where that makes the value."""
        nest = self.nest
        let = nest.let_of(value.base) if nest is not None and isinstance(value, Array) else None
        if nest is not None and let is not None:
            let.escapes = True
            nest.after.append(code)
            nest.grown.add(items)
            return
        if nest is not None and items in nest.names():
            self.close()
        self.place([code], {value.group} if isinstance(value, Array) else set())

    def may_precede(self, code: Sequence[ast.stmt], reads: Set[str], changes: Set[str]) -> bool:
        nest = self.nest
        assert nest is not None
        bound = {
            n.id
            for stmt in code
            for n in nodes_of(stmt)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        made = nest.results | {let.base for let in nest.lets.values()}
        made |= {let.element for let in nest.lets.values()}
        made |= names_in(s.targets[0] for s in nest.after if isinstance(s, ast.Assign))
        made |= nest.grown
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
                made = whole(base, current.shape, current.dtype, current.group)
                let = nest.let_of(current.base)
                if let is not None and let.again:  # there is no memory to ask for its lengths
                    made = replace(made, lengths=nest.lengths)
                self.env[var] = made
        arrays, more = gathered(nest, self.uses.fresh, self.parallel)
        for new in arrays:
            ahead = self.depth and names_in([new]) - {"np"} <= self.fixed_names(new)
            (self.ahead if ahead else self.out).append(new)
        self.out += [*nest.statements(), *more]

    def fixed_names(self, made: ast.stmt) -> set[str]:
        """Names in it that mean one number throughout the function."""
        sizes = {n.id for n in self.measured.values() if isinstance(n, ast.Name)}
        return sizes | {
            n.id for n in nodes_of(made) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }

    def symbol(self) -> str:
        """A length of which nothing is known."""
        self.symbols += 1
        return f"here{self.symbols}"

    def size(self, base: str, places: Sequence[ast.expr]) -> ast.expr:
        return length_of(base, len(places))

    def is_own(self, base: str) -> bool:
        """Whether the memory is known to be contiguous: the function made it itself."""
        return base in self.uses.made

    def kind_of_new(self, stmt: Assign) -> Kind:
        """The kind of a result that no statement of the program has."""
        self.symbols += 1
        ops = OpKinds({}, lambda fn, call, kind_of: UNKNOWN)
        return self.lengths.kind(ops.targets(stmt, self.kind, f"~n{self.symbols}")["@"])

    def bound(self, stmt: Assign) -> dict[str, Atom]:
        """The arguments of a call by the names of parameters."""
        assert isinstance(stmt.fn, str)
        prim = lookup(stmt.fn)
        if prim is None:
            return {"a": stmt.args[0], **dict(stmt.kwargs)} if stmt.args else dict(stmt.kwargs)
        return bind(prim, stmt.args, dict(stmt.kwargs))

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

    def check_equal(self, a: ast.expr, b: ast.expr) -> None:
        if ast.dump(a) == ast.dump(b):
            return
        self.place([when(differ(a, b), raising("ValueError", "lengths differ"))])

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
                self.refuse_always()
            return
        negative = ast.Compare(value, [ast.Lt()], [constant(0)])
        self.place([when(negative, raising("IndexError", "index out of range"))])
