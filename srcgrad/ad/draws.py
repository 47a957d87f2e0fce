"""Random numbers in what is run again: the states of their generators are kept, so that the same
numbers are drawn once more, and left as they were found.

A generator is a parameter, a global name, or made in place from a seed. Of the functions of
`numpy.random` and `random` the state is that of the module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field

from srcgrad import support_checkpoints
from srcgrad.analysis.drawing import GENERATORS
from srcgrad.analysis.outside import seen_outside
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, For, Function, Stmt, UserFunction, Var
from srcgrad.ir.walk import walk
from srcgrad.rules.naming import canonical_name

STATE = canonical_name(support_checkpoints.random_state)
SET = canonical_name(support_checkpoints.set_random_state)
MODULES = {  # how their state is read and set
    "numpy.random": ("numpy.random.get_state", "numpy.random.set_state"),
    "random": ("random.getstate", "random.setstate"),
}
# What a state does not tell, or what writes into memory.
_OTHERS = ("seed", "setstate", "set_state", "shuffle", "spawn", "jumped", "bit_generator")
_MADE = ""  # stands for a generator made in place
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Draws:
    """What is drawn from: names of generators, and modules."""

    generators: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.generators or self.modules)

    def names(self, stem: str) -> tuple[str, ...]:
        """Variables for the states."""
        whose = (*self.generators, *(module.partition(".")[0] for module in self.modules))
        return tuple(f"{name.partition('@')[0]}_{stem}@c" for name in whose)

    def kept(self, names: Iterable[str]) -> list[Stmt]:
        """The states as they are."""
        found: list[tuple[str, tuple[Atom, ...]]] = [(STATE, (Var(g),)) for g in self.generators]
        found += [(MODULES[module][0], ()) for module in self.modules]
        pairs = zip(names, found, strict=True)
        return [Assign((name,), fn, args) for name, (fn, args) in pairs]

    def set_back(self, names: Iterable[str]) -> list[Stmt]:
        """The states as they were."""
        found: list[tuple[str, tuple[Atom, ...]]] = [(SET, (Var(g),)) for g in self.generators]
        found += [(MODULES[module][1], ()) for module in self.modules]
        pairs = zip(names, found, strict=True)
        return [Assign((), fn, (*args, Var(name))) for name, (fn, args) in pairs]


@dataclass(slots=True)
class Search:
    """Finds what a function, and those that it calls, draw from; and what else somebody could tell
    is done again (`others`)."""

    lower: Callable[[str], Function]
    modules: set[str] = field(default_factory=set)
    others: list[tuple[Function, Assign]] = field(default_factory=list)
    seen: set[tuple[str, frozenset[str]]] = field(default_factory=set)

    def draws(self, fn: Function, generators: Iterable[str], numbers: Iterable[str]) -> Draws:
        """`generators` and `numbers`: parameters and global names that surely hold such."""
        used = self.function(fn, frozenset(generators), frozenset(numbers))
        return Draws(tuple(sorted(used)), tuple(sorted(self.modules)))

    def function(self, fn: Function, given: frozenset[str], numbers: frozenset[str]) -> set[str]:
        """Names of the generators that a function draws from."""
        if (fn.name, given) in self.seen:
            return set()
        self.seen.add((fn.name, given))
        points = _points(fn, given, numbers | _numbers(fn))
        used: set[str] = set()
        for seen in seen_outside(fn):
            found = self.drawn(seen, points)
            if found is None:
                self.others.append((fn, seen))
            used |= found or set()
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction):
                used |= self.called(fn, stmt, stmt.fn, points)
        return used

    def drawn(self, stmt: Assign, points: Mapping[str, set[str]]) -> set[str] | None:
        """The generators of a draw; none of those of a module; None of any other call."""
        owner, _, name = str(stmt.fn).rpartition(".")
        if name in _OTHERS or any(key == "out" for key, _ in stmt.kwargs):
            return None
        if stmt.fn in GENERATORS:
            return set()
        base: Atom | None = Const(None)  # NumPy's own generator
        if name == "rvs" and owner.startswith("scipy."):
            base = dict(stmt.kwargs).get("random_state", base)
            owner = "numpy.random" if base == Const(None) else owner
        if owner in MODULES:
            self.modules.add(owner)
            return set()
        if owner == "method" and stmt.args:
            base = stmt.args[0]
        elif isinstance(base, Const) and type(base.value) is int:
            return set()
        found = points.get(base.name) if isinstance(base, Var) else None
        return None if found is None or _UNKNOWN in found else found - {_MADE}

    def called(
        self, fn: Function, stmt: Assign, called: UserFunction, points: Mapping[str, set[str]]
    ) -> set[str]:
        """What a callee draws from, by the names of the caller."""
        callee = self.lower(called.key)
        plain = [p.name for p in callee.params if p.kind != "keyword"]
        bound = dict(zip(plain, stmt.args, strict=False)) | dict(stmt.kwargs)
        given = {
            p: points[a.name] for p, a in bound.items() if isinstance(a, Var) and a.name in points
        }
        sure = {p for p, found in given.items() if _UNKNOWN not in found}
        shared = {
            n for n in callee.globals if callee.globals[n] == fn.globals.get(n) and n in points
        }
        used: set[str] = set()
        for name in self.function(callee, frozenset(sure | shared), frozenset()):
            used |= given[name] - {_MADE} if name in given else {name}
        return used


def _points(fn: Function, given: frozenset[str], numbers: frozenset[str]) -> dict[str, set[str]]:
    """Variables that may hold generators, and which."""
    points = {name: {name} for name in given}
    while True:
        before = sum(map(len, points.values()))
        for stmt in walk(fn.body):
            if not isinstance(stmt, Assign):
                continue
            found = _generators(stmt, points, numbers)
            for target in stmt.targets:
                if found or target in points:
                    points.setdefault(target, set()).update(found or {_UNKNOWN})
        if sum(map(len, points.values())) == before:
            return points


def _generators(stmt: Assign, points: Mapping[str, set[str]], numbers: frozenset[str]) -> set[str]:
    """Which generators an assignment may give; none if it gives another thing."""
    first = stmt.args[0] if stmt.args else Const(None)
    known = points.get(first.name, set()) if isinstance(first, Var) else set()
    if stmt.fn == "copy" or stmt.fn == "numpy.random.default_rng" and known:
        return known
    if stmt.fn not in GENERATORS:
        return set()
    whole = isinstance(first, Const) and type(first.value) is int
    seeded = whole or isinstance(first, Var) and first.name in numbers
    return {_MADE if seeded and len(stmt.args) == 1 and not stmt.kwargs else _UNKNOWN}


def _numbers(fn: Function) -> frozenset[str]:
    """Variables that surely hold numbers: a seed that is None would give other numbers again."""
    sure = {stmt.index for stmt in walk(fn.body) if isinstance(stmt, For)}
    others = {p.name for p in fn.params}
    for stmt in walk(fn.body):
        if isinstance(stmt, Assign):
            fn_name = str(stmt.fn)
            counted = fn_name.startswith("operator.") and fn_name != "operator.getitem"
            (sure if counted else others).update(stmt.targets)
    return frozenset(sure - others)
