"""What is known of the functions of a program: their IR, the kinds and the effects of calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from functools import reduce
from typing import Any

import numpy as np

from srcgrad.ad.budgets import marked
from srcgrad.ad.converging import outline_limits
from srcgrad.ad.outline import Outlined, outline
from srcgrad.ad.prepare import Prepared, Problems, Surroundings, prepare
from srcgrad.ad.write_out import write_out
from srcgrad.analysis.alias import AliasFacts, Effects, effects
from srcgrad.analysis.callees import generalised, in_caller
from srcgrad.analysis.complexes import Numbers
from srcgrad.analysis.gathered import Gathered, find_gathered
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.outside import prints_or_draws, seen_outside, with_acting_calls
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Const,
    Exit,
    Function,
    Global,
    UserFunction,
)
from srcgrad.ir.kinds import UNKNOWN, Dim, Kind, join
from srcgrad.ir.values import globals_of, kind_of_value
from srcgrad.ir.walk import MUTATORS, assigned, names, read_names, walk
from srcgrad.linking import PRIMAL, Linked
from srcgrad.optimize.inline_calls import MAX_STATEMENTS, inline_calls
from srcgrad.optimize.tuple_items import read_items
from srcgrad.options import Snapshots

GUESSES = 4  # of the kind of what a recursive function returns


@dataclass(slots=True)
class Summaries:
    """The functions that one module is made from, lowered once, and what calls of them do."""

    program: Linked
    reached: dict[str, None] = field(default_factory=dict)
    lowered: dict[str, Function] = field(default_factory=dict)
    results: dict[tuple[str, str], Kind] = field(default_factory=dict)
    summaries: dict[tuple[str, str], Effects] = field(default_factory=dict)
    analysing: set[tuple[str, str]] = field(default_factory=set)  # being analysed
    recursive: set[tuple[str, str]] = field(default_factory=set)  # asked for meanwhile
    names: set[str] = field(default_factory=set)
    numbers: Numbers = Numbers.UNTOLD  # in values of which nothing is known
    most: int = MAX_STATEMENTS  # of a callee that is written out
    whole: bool = False  # callees of every form are, but for recursive ones
    plain: bool = False  # nothing is checkpointed
    snapshots: Snapshots = ()  # of loops that are, though their text does not say so
    loops: dict[str, Outlined] = field(default_factory=dict)  # checkpointed ones, by key
    steps: dict[str, Function] = field(default_factory=dict)  # of these, by key
    parts: dict[str, Function] = field(default_factory=dict)  # converging ones and their steps
    acting: dict[str, bool] = field(default_factory=dict)  # functions, by key
    texts: dict[str, Function] = field(default_factory=dict)  # of the program, by key
    known_gathered: Gathered = field(default_factory=Gathered)  # by these

    def unique(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self.names or candidate in self.program.taken:
            number += 1
            candidate = f"{name}_{number}"
        self.names.add(candidate)
        self.program.taken.add(candidate)
        return candidate

    def lower(self, key: str) -> Function:
        """A function as IR, small callees written out."""
        own = self.own_part(key)
        if own is not None:
            return own
        self.reach(key)
        if key not in self.lowered:
            fn = inline_calls(self.told(key), self.reach, self.most)
            fn = self.in_one(fn) if self.whole else fn
            fn = with_acting_calls(fn, self.acts)
            fn = marked(fn, {unit: n for of, unit, n in self.snapshots if of == key})
            again = fn.again and not self.plain or self.whole and self.calls_itself(key)
            fn = self.lowered[key] = replace(fn, again=again)
            self.names |= {p.name for p in fn.params} | assigned(fn.body) | set(fn.globals)
        return self.lowered[key]

    def own_part(self, key: str) -> Function | None:
        """A function that was made of a loop; None for others."""
        loop = self.loops.get(key)
        return self.steps.get(key, self.parts.get(key)) if loop is None else loop.loop

    def in_one(self, fn: Function) -> Function:
        """The function with callees that have loops and branches written out, too."""
        called = {
            stmt: stmt.fn
            for stmt in walk(fn.body)
            if isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction)
        }
        calls = {stmt for stmt, callee in called.items() if not self.calls_itself(callee.key)}
        return read_items(write_out(fn, calls, self.lower)) if calls else fn

    def calls_itself(self, key: str) -> bool:
        """Whether a function is called again before it returns."""
        return any(
            isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction) and stmt.fn.key == key
            for fn in self.reached_from(key)
            for stmt in walk(fn.body)
        )

    def told(self, key: str) -> Function:
        """A function as IR, with what its text tells of the derivatives that it takes."""
        fn = self.program.lower(key)
        self.program.tell(fn, self)
        return with_acting_calls(fn, self.acts)

    def acts(self, called: UserFunction) -> bool:
        """True if somebody outside can tell that a function is called: it prints, draws, or calls
        one that does."""
        if called.key not in self.acting:
            self.acting[called.key] = any(map(prints_or_draws, self.reached_from(called.key)))
        return self.acting[called.key]

    def reached_from(self, key: str) -> Iterator[Function]:
        """A function and those that it calls, as they stand in the text."""
        return (fn for _, fn in self.texts_from(key))

    def texts_from(self, key: str) -> Iterator[tuple[str, Function]]:
        """The same, with their keys."""
        seen, pending = {key}, [key]
        while pending:
            found = pending.pop()
            own = self.own_part(found)
            # of a derivative, the function it is of: its text may not be made yet
            key = found + PRIMAL * (found in self.program.nested)
            fn = self.program.lower(key) if own is None else own
            yield found, fn
            for stmt in walk(fn.body):
                called = stmt.fn if isinstance(stmt, Assign) else None
                if isinstance(called, UserFunction) and called.key not in seen:
                    seen.add(called.key)
                    pending.append(called.key)

    def reach(self, key: str) -> Function:
        if not key.endswith(PRIMAL) and key not in self.program.lifted:
            self.reached.setdefault(self.program.own(key))
        return self.program.lower(key)

    def around(self, assumed: frozenset[str] = frozenset()) -> Surroundings:
        told = self.callee_kind, self.effects_of, self.numbers, assumed, self.outside
        return Surroundings(globals_of, *told, self.gathered)

    def gathered(self) -> Gathered:
        """Containers of the surroundings that the program fills and reads."""
        if not self.reached.keys() <= self.texts.keys():
            for key in self.reached:
                self.texts.update(self.texts_from(key))
            self.known_gathered = find_gathered(self.texts)
        return self.known_gathered

    def outside(self, fn: Function) -> dict[str, Global]:
        """The arrays of their surroundings that the functions read which this one calls."""
        found: dict[str, Global] = {}
        called = [s.fn for s in walk(fn.body) if isinstance(s, Assign)]
        keys = dict.fromkeys(f.key for f in called if isinstance(f, UserFunction))
        for callee in (g for key in keys for g in self.reached_from(key)):
            for name in sorted(read_names(callee.body) & callee.globals.keys()):
                known = callee.globals[name]
                if isinstance(known.value, (np.ndarray, list, tuple, dict)):
                    same = name in fn.globals and fn.globals[name].means(known)
                    found[name if same else f"{name}@outside{len(found)}"] = known
        return found

    def prepared(
        self,
        fn: Function,
        kinds: Mapping[str, Kind],
        assumed: frozenset[str] = frozenset(),
        reversing: bool = False,
        *,
        looking: bool = False,
        versions: bool = False,
        factors: bool | None = None,
    ) -> Prepared:
        """`reversing`: checkpointed loops become calls, which nothing else asks for. `looking`:
        none does, since no derivative is made. `versions` and `factors` as for `prepare`."""
        full = {p.name: kinds.get(p.name, UNKNOWN) for p in fn.params}
        outlines = [] if looking else [self.limits]
        if reversing and not self.plain:
            outlines.append(self.outlined)
        around = self.around(assumed)
        return prepare(fn, full, around, self.lower, outlines, versions, factors)

    def limits(
        self, fn: Function, kinds: KindFacts, aliases: AliasFacts
    ) -> tuple[Function, Problems]:
        return outline_limits(fn, kinds, aliases, self.add_part, self.is_seen)

    def is_seen(self, called: UserFunction) -> bool:
        """The same as `acts`, but for what a function does to containers that it is given."""
        return called.acts and any(
            stmt.fn not in MUTATORS or not fn.globals.keys().isdisjoint(names(stmt.args[:1]))
            for fn in self.reached_from(called.key)
            for stmt in seen_outside(fn)
        )

    def add_part(self, part: Function) -> UserFunction:
        """A function made of a part of another one."""
        key = f"part:{len(self.parts) + 1}"
        part = self.parts[key] = replace(part, name=self.unique(part.name))
        return UserFunction(part.name, key, self.acts(UserFunction(part.name, key)))

    def outlined(
        self, fn: Function, kinds: KindFacts, aliases: AliasFacts
    ) -> tuple[Function, Problems]:
        return outline(fn, kinds, aliases, self.add_step, self.add_loop)

    def add_step(self, step: Function) -> UserFunction:
        key = f"step:{len(self.steps) + 1}"
        step = self.steps[key] = replace(step, name=self.unique(step.name), again=True)
        return UserFunction(step.name, key, self.acts(UserFunction(step.name, key)))

    def add_loop(self, loop: Outlined) -> UserFunction:
        key = f"loop:{len(self.loops) + 1}"
        named = replace(loop.loop, name=self.unique(loop.loop.name))
        loop = self.loops[key] = replace(loop, loop=named)
        return UserFunction(loop.loop.name, key, self.acts(UserFunction(loop.loop.name, key)))

    def callee_kind(self, fn: UserFunction, stmt: Assign, kind_of: Any) -> Kind:
        """Kind of a call's result, its lengths in terms of the caller's arguments."""
        callee = self.lower(fn.key)
        given = {p: kind_of(a) for p, a in self.bind(callee, stmt).items()}
        kinds = self.param_kinds(callee, stmt, given)
        found = in_caller(self.result_kind(fn.key, kinds), kinds, given)
        told = self.program.result_kind(fn.key, stmt, kind_of) if found == UNKNOWN else None
        return told or found

    def bind(self, callee: Function, stmt: Assign) -> dict[str, Atom]:
        names = [p.name for p in callee.params if p.kind != "keyword"]
        return dict(zip(names, stmt.args, strict=False)) | dict(stmt.kwargs)

    def param_kinds(
        self, callee: Function, stmt: Assign, given: Mapping[str, Kind]
    ) -> dict[str, Kind]:
        bound = self.bind(callee, stmt)
        kinds = {}
        symbols: dict[Dim, str] = {}
        for p in callee.params:
            if p.name in bound:
                literal = isinstance(bound[p.name], Const)
                kinds[p.name] = generalised(given[p.name], p.name, literal, symbols)
            else:
                kinds[p.name] = kind_of_value(p.value, p.name) if p.has_value else UNKNOWN
                if p.has_value and type(p.value) is int:
                    kinds[p.name] = replace(kinds[p.name], value=p.value)
        return kinds

    def result_kind(self, key: str, kinds: Mapping[str, Kind]) -> Kind:
        memo = (key, repr(sorted(kinds.items())))
        if memo in self.results:
            if memo in self.analysing:
                self.recursive.add(memo)
            return self.results[memo]
        self.results[memo] = UNKNOWN  # a recursive call knows nothing of its result yet
        self.summaries[memo] = Effects()
        self.analysing.add(memo)
        ready = self.prepared(self.lower(key), kinds, looking=True)
        known = effects(ready.aliases, kinds)
        writes = known.writes | ready.copied
        self.summaries[memo] = replace(
            known, writes=writes, layout=ready.layout, doubtful=bool(ready.doubtful)
        )
        found = ready.kinds.result or UNKNOWN
        if memo in self.recursive and found.tag == "unknown":
            found = self.recursive_kind(memo, ready, kinds)
        self.analysing.discard(memo)
        self.results[memo] = found
        return found

    def recursive_kind(
        self, memo: tuple[str, str], ready: Prepared, kinds: Mapping[str, Kind]
    ) -> Kind:
        """The kind of what a recursive function returns.

        Guessed from the returns that need no recursion. The guess holds if every return is of that
        kind provided that recursive calls are: by induction over their depth.
        """
        returned = [
            ready.kinds.before(stmt, stmt.value)
            for stmt in walk(ready.fn.body)
            if isinstance(stmt, Exit) and stmt.kind == "return" and stmt.value is not None
        ]
        known = [kind for kind in returned if kind.is_scalar or kind.is_array]
        guess = reduce(join, known) if known else UNKNOWN
        for _ in range(GUESSES):
            if not guess.is_scalar and (not guess.is_array or guess.shape is None):
                break
            before = dict(self.results)
            self.results[memo] = guess
            found = self.prepared(self.lower(memo[0]), kinds, looking=True).kinds.result or UNKNOWN
            wider = join(guess, found)
            if wider == guess:
                return guess
            self.results, guess = before, wider
        return UNKNOWN

    def effects_of(self, fn: UserFunction) -> tuple[Effects, tuple[str, ...]]:
        """Effects over all kinds of arguments the function was seen with."""
        names = tuple(p.name for p in self.lower(fn.key).params)
        found = [e for (key, _), e in self.summaries.items() if key == fn.key]
        writes = frozenset().union(*(e.writes for e in found))
        returns = frozenset().union(*(e.returns for e in found)) if found else frozenset(names)
        twice, layout = not found or any(e.twice for e in found), any(e.layout for e in found)
        return Effects(writes, returns, twice, layout, any(e.doubtful for e in found)), names
