"""Many directions at once: a tangent function whose tangents have one more axis in front.

    y_dot = x_dot * s              y_dot = x_dot * s
    y_dot = k_dot * x              y_dot = k_dot[:, None] * x
    y_dot[i] = np.sum(x_dot)       y_dot[:, i] = np.sum(x_dot, axis=1)

Which variables have the axis is found first, for each name as a whole: a variable that has it
anywhere has it everywhere, and so has the memory that it is a view of. Then each operation on such
a variable is written anew by its rule (`directionrules.py`). Ranks must be known. What has no rule
is refused with the reason, and one direction at a time remains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from srcgrad.ad.directioneach import call_each
from srcgrad.ad.directionitems import ACCUMULATING, LIST_STEPS, store
from srcgrad.ad.directionrules import OPERANDS_ONLY, Lanes, Unwritten, written
from srcgrad.ad.tangents import DOUBLE, MEMORY, STRETCHED, ZERO
from srcgrad.analysis.kinds import Env, Inference, KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Derived,
    Exit,
    For,
    Function,
    If,
    Pop,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.kinds import INT, UNKNOWN, Kind
from srcgrad.ir.walk import MUTATORS, assigned, names, operands, rebuild, same, walk, writes
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import lookup, viewed
from srcgrad.support_directions import directions_of

ZEROS = "srcgrad.support.zeros_like"
DIRECTIONS_OF = canonical_name(directions_of)
LIKE = (ZERO, MEMORY, STRETCHED, ZEROS)
COUNT = "directions%"  # the variable that holds how many directions there are


@dataclass(frozen=True, slots=True)
class Callee:
    """A written function that is called: its last `given` operands are tangents, and so are its
    results from the one numbered `first` on. `single`: it takes one direction at a time."""

    given: int
    first: int
    single: bool = False


Callees = Mapping[str, Callee]


@dataclass(frozen=True, slots=True)
class Single:
    """Why only one direction at a time can be done: the reason, and the statement."""

    reason: str
    stmt: Stmt | None = None


@dataclass(frozen=True, slots=True)
class Along:
    """A function for many directions, and which of its variables have their axis in front.

    `alone`: it returns tangents without the value.
    """

    fn: Function
    held: frozenset[str]
    alone: bool = False


def with_directions(
    fn: Function,
    given: Mapping[str, Kind],
    around: Mapping[str, Kind],
    tangents: Mapping[str, Kind],
    results: Mapping[str, Kind],
    callees: Callees,
    valued: bool = True,
    alone: bool = False,
) -> Along | Single:
    """A tangent function for many directions; or why there is none.

    `given`: kinds of the parameters. `around`: of global names. `tangents`: of the parameters that
    are tangents. `results`: of variables, where their statements do not tell. `callees`: functions
    that are called, by name. `valued`: a pair of a value and its tangent is returned; else tangents
    alone, as the backward half of a derivative does with cotangents. `alone`: of such pairs only
    the tangents are asked for, where their shape and dtype tell those of the value.
    """
    run = _Tangents(fn, results)
    run.block(fn.body, {**around, **given, **tangents})
    try:
        directions = Directions(fn, run.facts, tangents, callees, valued)
        directions.alone = alone and directions.tell_all()
        made = directions.function()
        return Along(made, frozenset(directions.lanes.held), directions.alone)
    except Unwritten as error:
        return Single(str(error), error.stmt)


class _Tangents(Inference):
    """Kinds in a tangent function, calls of others included."""

    def __init__(self, fn: Function, results: Mapping[str, Kind]) -> None:
        super().__init__(fn, lambda *_: UNKNOWN)
        self.results = results
        self.ranges: set[str] = set()  # variables that hold a `range`

    def simple(self, stmt: Stmt, env: Env) -> None:
        super().simple(stmt, env)
        if isinstance(stmt, Assign) and stmt.fn == "builtins.range":
            self.ranges.update(stmt.targets)
        elif isinstance(stmt, Assign) and stmt.fn == "operator.getitem":
            base, index = stmt.args
            number = self.facts.before(stmt, index).is_scalar
            if isinstance(base, Var) and base.name in self.ranges and number:
                env[stmt.target] = INT
                self.facts.writes[stmt] = {stmt.target: INT}
        if isinstance(stmt, Assign):
            kinds = {n: k for n in stmt.targets if (k := self.told(stmt, n)) is not None}
            env.update(kinds)
            self.facts.writes[stmt] = self.facts.writes.get(stmt, {}) | kinds

        elif isinstance(stmt, Pop):
            env[stmt.target] = self.results.get(stmt.target, UNKNOWN)
            self.facts.writes[stmt] = {stmt.target: env[stmt.target]}

    def told(self, stmt: Assign, name: str) -> Kind | None:
        """The kind of what a statement binds, where that does not tell by itself."""
        if stmt.fn in LIKE:  # of the structure and shapes of its last argument
            return self.facts.before(stmt, stmt.args[-1])
        known = self.facts.after(stmt, name)
        return self.results.get(name, known) if known == UNKNOWN else None


class Directions:
    """Writes one function."""

    def __init__(
        self,
        fn: Function,
        facts: KindFacts,
        tangents: Mapping[str, Kind],
        callees: Callees,
        valued: bool,
    ) -> None:
        self.fn = fn
        self.callees = callees
        self.tangents = tangents
        ends = [stmt.value for stmt in walk(fn.body) if isinstance(stmt, Exit)]
        returned = {atom.name for atom in ends if isinstance(atom, Var)}
        self.returned = returned if valued else set()  # each a pair
        self.alone = False  # of which only the tangent is returned
        held = set(tangents) | (set() if valued else returned)
        self.lanes = Lanes(facts, held, assigned(fn.body), Var(COUNT))

    def function(self) -> Function:
        while self.spread_once():
            pass
        self.check()
        self.lanes.rewrites = any(map(self.rewrites, walk(self.fn.body)))
        body = self.block(self.fn.body)
        if self.lanes.counted:  # below what titles the function
            titled = isinstance(body[0], Assign) and body[0].fn == "section"
            body = (*body[:titled], *self.count(), *body[titled:])
        return replace(self.fn, body=body)

    def check(self) -> None:
        """Refuse variables with the axis that get values from where no axis comes."""
        held = self.lanes.held
        for param in self.fn.params:
            if param.name in held and param.name not in self.tangents:
                raise Unwritten(f"`{param.name}` has tangents written into it")
        for stmt in walk(self.fn.body):
            bound = writes(stmt)
            if isinstance(stmt, Assign):
                bound = stmt.targets[: self.callee(stmt).first]
            if not held.isdisjoint(bound):
                raise Unwritten("a variable of the program holds tangents", stmt)
        if not held.isdisjoint(self.fn.globals):
            raise Unwritten("a variable of the surroundings holds tangents")

    def rewrites(self, stmt: Stmt) -> bool:
        """True for a statement that writes into memory of tangents."""
        if isinstance(stmt, Store):
            return self.lanes.has(stmt.base)
        changes = isinstance(stmt, Assign) and (
            stmt.fn in ACCUMULATING or str(stmt.fn).startswith("operator.i")
        )
        return changes and not self.lanes.held.isdisjoint(names(operands(stmt)))

    def count(self) -> list[Stmt]:
        """`directions = len(x_dot)`"""
        for name, kind in self.tangents.items():
            path = _first_number(kind)
            if path is None and kind.tag not in ("scalar", "array"):
                return [Assign((COUNT,), DIRECTIONS_OF, (Var(name),))]
            if path is None:
                continue
            code: list[Stmt] = []
            at = Var(name)
            for place, key in enumerate(path):
                code.append(Assign((f"{COUNT}@b{place}",), "operator.getitem", (at, Const(key))))
                at = Var(f"{COUNT}@b{place}")
            return [*code, Assign((COUNT,), "builtins.len", (at,))]
        raise Unwritten("no differentiated argument is known to hold a number")

    # which variables have the axis
    def spread_once(self) -> bool:
        """One pass over the program; True if another variable was found to have the axis."""
        held = self.lanes.held
        known = len(held)
        for stmt in walk(self.fn.body):
            if isinstance(stmt, Store):
                if not held.isdisjoint(names((stmt.value,))):
                    held.add(stmt.base.name)
            elif isinstance(stmt, Assign):
                self.through(stmt, held)
        return len(held) > known

    def through(self, stmt: Assign, held: set[str]) -> None:
        if isinstance(stmt.fn, Derived):
            held.update(stmt.targets[self.callee(stmt).first :])
            held.update(names(self.dots(stmt)))
            return
        if stmt.fn in OPERANDS_ONLY:
            return
        if not held.isdisjoint(names(operands(stmt))):
            held.update(stmt.targets)
            in_place = str(stmt.fn).startswith("operator.i")
            if in_place or stmt.fn in MUTATORS or stmt.fn in (*ACCUMULATING, *LIST_STEPS):
                held.update(names(stmt.args[:1]))
        if not held.isdisjoint(stmt.targets) and not self.returned & set(stmt.targets):
            held.update(names(a for a in _seen(stmt) if self.is_memory(stmt, a)))

    def is_memory(self, stmt: Stmt, atom: Atom) -> bool:
        """True for what may be memory of tangents, which others share; a number is a value."""
        kind = self.lanes.facts.before(stmt, atom)
        return kind.tag not in ("scalar", "none", "str") and kind.dtype not in ("b", "i", "pi")

    # rewriting
    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            self.lanes.start(stmt, out)
            if isinstance(stmt, Assign):
                self.assign(stmt, out)
            elif isinstance(stmt, Store):
                store(self.lanes, stmt)
            elif isinstance(stmt, (If, For, While)):
                self.refuse_header(stmt)
                out.append(rebuild(stmt, self.block))
            else:
                out.append(stmt)
        return same(block, out)

    def refuse_header(self, stmt: If | For | While) -> None:
        """The way of the program must not hang on a tangent."""
        cond = (stmt.cond,) if isinstance(stmt, While) else ()
        if not self.lanes.held.isdisjoint(names((*operands(stmt), *cond))):
            raise Unwritten("a condition reads a tangent", stmt)

    def assign(self, stmt: Assign, out: list[Stmt]) -> None:
        lanes = self.lanes
        if isinstance(stmt.fn, UserFunction) and lanes.touches(stmt):
            raise Unwritten(f"`{stmt.fn.name}` is called on a tangent", stmt)
        if isinstance(stmt.fn, Derived):
            self.call(stmt, out)
        elif stmt.fn == "tuple" and stmt.targets[0] in self.returned:
            value, tangent = stmt.args
            if isinstance(value, Var) and value.name in lanes.held:
                raise Unwritten("the value has the axis of directions", stmt)
            tangent = lanes.own(tangent)
            pair = replace(stmt, args=(value, tangent))
            out.append(replace(stmt, fn="copy", args=(tangent,)) if self.alone else pair)
        elif lanes.touches(stmt):
            written(lanes, stmt)
        elif not lanes.held.isdisjoint(stmt.targets):
            lanes.widen(stmt)
        else:
            out.append(stmt)

    def call(self, stmt: Assign, out: list[Stmt]) -> None:
        """`y, y_dot = g_jvps(x, x_dot)`: all tangents given have the axis."""
        atoms = operands(stmt)
        callee = self.callee(stmt)
        first = len(atoms) - callee.given
        if not self.lanes.held.isdisjoint(names(atoms[:first])):
            raise Unwritten("a function is called on a tangent", stmt)
        if callee.single:
            call_each(self.lanes, stmt, callee.first)
            return
        atoms = (*atoms[:first], *map(self.lanes.full, atoms[first:]))
        keys = [key for key, _ in stmt.kwargs]
        count = len(stmt.args)
        kwargs = tuple(zip(keys, atoms[count:], strict=True))
        same = atoms == operands(stmt)
        out.append(stmt if same else replace(stmt, args=atoms[:count], kwargs=kwargs))

    def tell_all(self) -> bool:
        """True if each value returned is one number or array of doubles, and its tangent one of as
        many axes."""
        pairs = (s for s in walk(self.fn.body) if self.returned.intersection(writes(s)))
        return all(isinstance(pair, Assign) and self.tells(pair) for pair in pairs)

    def tells(self, pair: Assign) -> bool:
        if pair.fn != "tuple":
            return False
        value, tangent = (self.lanes.facts.before(pair, atom) for atom in pair.args)
        plain = value.tag in ("scalar", "array") and value.dtype in DOUBLE
        return plain and value.rank is not None and value.rank == tangent.rank

    def dots(self, stmt: Assign) -> tuple[Atom, ...]:
        """The tangents that a written function is given: the last arguments."""
        atoms = operands(stmt)
        return atoms[len(atoms) - self.callee(stmt).given :]

    def callee(self, stmt: Assign) -> Callee:
        """What is known of a written function that is called; of any other, that it gives none."""
        known = self.callees.get(stmt.fn.name) if isinstance(stmt.fn, Derived) else None
        if known is None and isinstance(stmt.fn, Derived):
            raise Unwritten(f"`{stmt.fn.name}` is not known", stmt)
        return known or Callee(0, 0)


def _first_number(kind: Kind) -> tuple[Any, ...] | None:
    """Where the first number or array of floats is: keys from the outside in."""
    if kind.tag in ("scalar", "array"):
        return None if kind.dtype in ("b", "i", "pi") else ()
    if kind.fields is None:
        for key, item in kind.items or ():
            path = _first_number(item)
            if path is not None:
                return (key, *path)
    return None


def _seen(stmt: Assign) -> list[Atom]:
    """The operands whose memory the result may be a view of."""
    if stmt.fn in ("copy", "unpack", "operator.getitem") or str(stmt.fn).startswith("attr."):
        return list(stmt.args[:1])
    if stmt.fn in ("tuple", "list", "dict"):
        return list(stmt.args)
    prim = lookup(stmt.fn) if isinstance(stmt.fn, str) else None
    if prim is None:
        return []  # a helper that is given tangents; it is done for one at a time, if at all
    return viewed(prim, stmt.args, dict(stmt.kwargs))
