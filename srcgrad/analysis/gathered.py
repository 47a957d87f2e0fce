"""Containers of the surroundings that a program fills and reads: `SEEN.append(y)`, then `SEEN[-1]`.

What is read there is a constant to the analyses, which look at one function and its arguments. So
a differentiated value must not be put in. One that is only filled, a history or a log, is no
matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeVar

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Function, If, Stmt, UserFunction, Var, While
from srcgrad.ir.walk import MUTATORS, names, operands, walk

# What a container is asked that tells of no value in it.
_LOOKS = frozenset({
    "builtins.len", "builtins.bool", "builtins.print", "builtins.id", "builtins.type", "fstring",
    "operator.not_", "operator.is_", "operator.is_not", "method.clear", "with.enter", "with.leave",
})  # fmt: skip
T = TypeVar("T")
Place = tuple[str, int | str]  # a container of the surroundings, or a parameter of a function


@dataclass(frozen=True, slots=True)
class Gathered:
    """Containers that are filled and read somewhere, and the functions that may fill them."""

    containers: frozenset[int] = frozenset()
    filling: frozenset[str] = frozenset()  # keys; what they call included

    def fills(self, fn: Function) -> Iterator[Stmt]:
        """Statements that may put a value into one of the containers."""
        if not self.containers:
            return
        places = _places("", fn)
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction):
                if stmt.fn.key in self.filling:
                    yield stmt
            elif isinstance(stmt, Assign) and stmt.fn in MUTATORS:
                held = [at for name in names(stmt.args[:1]) for at in places.get(name, ())]
                if any(kind == "outside" and own in self.containers for kind, own in held):
                    yield stmt


def find_gathered(program: Mapping[str, Function]) -> Gathered:
    """What the functions of a program, by their keys, fill and read."""
    filled: dict[Place, set[str]] = defaultdict(set)
    read: set[Place] = set()
    handed: dict[Place, set[Place]] = defaultdict(set)
    callers: dict[str, set[str]] = defaultdict(set)
    for key, fn in program.items():
        places = _places(key, fn)
        for stmt in walk(fn.body):
            called = stmt.fn if isinstance(stmt, Assign) else None
            if isinstance(called, UserFunction):
                callers[called.key].add(key)
            for name, use in _uses(stmt, program):
                for place in places.get(name, ()):
                    if isinstance(use, tuple):
                        handed[place].add(use)
                    elif use == "filled":
                        filled[place].add(key)
                    else:
                        read.add(place)
    containers: set[int] = set()
    filling: set[str] = set()
    for place in {*handed, *filled}:
        reached = _closed({place}, handed)
        by = {key for at in reached for key in filled.get(at, ())}
        if isinstance(place[1], int) and by and not reached.isdisjoint(read):
            containers.add(place[1])
            filling |= by
    return Gathered(frozenset(containers), frozenset(_closed(filling, callers)))


def _places(key: str, fn: Function) -> dict[str, set[Place]]:
    """Containers of the surroundings, and parameters, that names of a function may stand for."""
    places: dict[str, set[Place]] = {p.name: {(key, p.name)} for p in fn.params}
    for name, known in fn.globals.items():
        if known.kind in ("value", "opaque"):
            own = known if known.value is None else known.value
            places[name] = {("outside", id(own))}
    copies = [s for s in walk(fn.body) if isinstance(s, Assign) and s.fn == "copy"]
    while True:
        size = sum(map(len, places.values()))
        for stmt in copies:
            for name in names(stmt.args):
                for target in stmt.targets:
                    places.setdefault(target, set()).update(places.get(name, ()))
        if size == sum(map(len, places.values())):
            return places


def _uses(stmt: Stmt, program: Mapping[str, Function]) -> Iterator[tuple[str, str | Place]]:
    """The names that a statement reads: `filled`, `read`, or the parameter they are handed to."""
    if isinstance(stmt, (If, While)):
        return  # whether there is anything in it
    if not isinstance(stmt, Assign):
        yield from ((name, "read") for name in names(operands(stmt)))
    elif isinstance(stmt.fn, UserFunction) and stmt.fn.key in program:
        params = [p.name for p in program[stmt.fn.key].params if p.kind != "keyword"]
        given = [*zip(params, stmt.args, strict=False), *stmt.kwargs]
        for param, atom in given:
            yield from ((name, (stmt.fn.key, param)) for name in names((atom,)))
        for atom in stmt.args[len(params) :]:
            yield from ((name, "read") for name in names((atom,)))
    elif stmt.fn in MUTATORS:
        puts = any(isinstance(atom, Var) for atom in operands(stmt)[1:])
        for name in names(stmt.args[:1]):
            if puts:
                yield name, "filled"
            if stmt.targets:
                yield name, "read"
        yield from ((name, "read") for name in names(operands(stmt)[1:]))
    elif stmt.fn != "copy" and stmt.fn not in _LOOKS:
        yield from ((name, "read") for name in names(operands(stmt)))


def _closed(found: set[T], steps: Mapping[T, set[T]]) -> set[T]:
    """Everything that is reached by the steps."""
    pending = [*found]
    found = set(found)
    while pending:
        for other in steps.get(pending.pop(), ()):
            if other not in found:
                found.add(other)
                pending.append(other)
    return found
