"""Forward mode for a program of several functions: each called one gets a tangent function.

def g_jvp(x, k, x_dot): ...  return value, tangent
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Protocol

from srcgrad.ad.custom import rule_jvp
from srcgrad.ad.directions import Callee, Callees
from srcgrad.ad.forward import Forwarded, Jvp, forward
from srcgrad.ad.prepare import Prepared
from srcgrad.ad.refusals import limit_problem, rule_problems
from srcgrad.ad.surgery import pushing_problems
from srcgrad.ad.tangents import dot
from srcgrad.analysis.alias import Effects
from srcgrad.analysis.kinds import KindFacts
from srcgrad.errors import Problem, UnsupportedError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Derived,
    Function,
    Limit,
    Param,
    Solved,
    UserFunction,
    Var,
)
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned


class Functions(Protocol):
    """What the driver knows of the functions of a program."""

    def lower(self, key: str) -> Function: ...

    def prepared(
        self,
        fn: Function,
        kinds: Mapping[str, Kind],
        *,
        looking: bool = False,
        factors: bool | None = None,
    ) -> Prepared: ...

    def bind(self, callee: Function, stmt: Assign) -> dict[str, Atom]: ...

    def param_kinds(
        self, callee: Function, stmt: Assign, given: Mapping[str, Kind]
    ) -> dict[str, Kind]: ...

    def unique(self, name: str) -> str: ...

    def effects_of(self, fn: UserFunction) -> tuple[Effects, tuple[str, ...]]: ...

    def rule_halves(
        self, fn: Function, own: UserFunction, kinds: Mapping[str, Kind], active: tuple[str, ...]
    ) -> tuple[Derived, Derived]: ...

    def solved_tangent(
        self,
        fn: Function,
        kinds: Mapping[str, Kind],
        params: tuple[Param, ...],
        dots: Mapping[str, str],
        name: str,
    ) -> tuple[Function, list[Problem]]:
        """The tangent function of a call of a solver."""
        ...


@dataclass(slots=True)
class _Job:
    fn: UserFunction
    active: tuple[str, ...]
    kinds: Mapping[str, Kind]
    name: str


@dataclass(slots=True)
class Jvps:
    """The tangent functions that a program needs, one for each set of active parameters and
    kinds."""

    functions: Functions
    jobs: dict[tuple[str, tuple[str, ...], str], _Job] = field(default_factory=dict)
    pending: list[_Job] = field(default_factory=list)
    mode: str = "jvp"  # ends the names of functions

    def jvp_of(
        self, fn: UserFunction, stmt: Assign, varied: frozenset[str], facts: KindFacts
    ) -> Jvp:
        """The tangent function of a callee, for this call."""
        callee = self.functions.lower(fn.key)
        bound = self.functions.bind(callee, stmt)
        given = {p: facts.before(stmt, atom) for p, atom in bound.items()}
        kinds = self.functions.param_kinds(callee, stmt, given)
        active = tuple(p for p, a in bound.items() if isinstance(a, Var) and a.name in varied)
        key = (fn.key, active, repr(sorted(kinds.items())))
        job = self.jobs.get(key)
        if job is None:
            mode = "jvp" if callee.rule is not None else self.mode
            job = _Job(fn, active, kinds, self.functions.unique(f"{fn.name}_{mode}"))
            self.jobs[key] = job
            self.pending.append(job)
        shown = tuple(tangent_name(callee, p) for p in active)
        params = tuple(p.name for p in callee.params)
        keywords = not _is_plain(callee.params)
        return Jvp(Derived(job.name, fn.key, fn.acts), active, params, shown, keywords)

    def written(
        self,
        fn: Function,
        kinds: Mapping[str, Kind],
        wrt: tuple[str, ...],
        name: str,
        doc: str,
        outer: bool,
    ) -> tuple[Function, Forwarded]:
        """The tangent function itself."""
        if isinstance(fn.rule, Limit) and self.mode == "jvps":
            raise UnsupportedError(limit_problem(fn))
        if isinstance(fn.rule, Solved | Limit):
            return self.solved(fn, kinds, wrt, name, doc)
        if fn.hook is not None:
            hook, effects = self.functions.lower(fn.hook.key), self.functions.effects_of(fn.hook)
            if problems := pushing_problems(fn, hook, effects[0]):
                raise UnsupportedError(problems)
        ready = self.functions.prepared(fn, kinds, factors=True)
        done = forward(ready, kinds, wrt, self.jvp_of, outer)
        params = with_tangents(fn.params, wrt)
        return replace(done.prepared.fn, name=name, params=params, body=done.body, doc=doc), done

    def solved(
        self, fn: Function, kinds: Mapping[str, Kind], wrt: tuple[str, ...], name: str, doc: str
    ) -> tuple[Function, Forwarded]:
        """That of a call of a solver, or of a loop that converges, which has a rule."""
        dots = {p: tangent_name(fn, p) for p in wrt}
        params = (*fn.params, *map(Param, dots.values()))
        new, problems = self.functions.solved_tangent(fn, kinds, params, dots, name)
        new = replace(new, doc=doc)
        ready = self.functions.prepared(fn, kinds, looking=True)
        done = Forwarded(ready, new.body, {}, problems)
        return new, done

    @property
    def callees(self) -> Callees:
        """The functions written so far, by name. One by a rule, or of a solver, is for one
        direction."""
        return {
            job.name: Callee(len(job.active), 1, self.is_ruled(job)) for job in self.jobs.values()
        }

    def is_ruled(self, job: _Job) -> bool:
        return self.functions.lower(job.fn.key).rule is not None

    def all(
        self, fn: Function, kinds: Mapping[str, Kind], wrt: tuple[str, ...], name: str, doc: str
    ) -> Iterator[tuple[Function, Forwarded]]:
        """The tangent function of a function, and those that it calls."""
        yield self.written(fn, kinds, wrt, name, doc, True)
        while self.pending:
            yield self.next()

    def next(self) -> tuple[Function, Forwarded]:
        """The next one that a call has asked for."""
        job = self.pending.pop(0)
        fn = self.functions.lower(job.fn.key)
        if isinstance(fn.rule, UserFunction):
            return self.by_rule(fn, job)
        call = ", ".join(p.name for p in fn.params)
        shown = ", ".join(job.active)
        doc = f"Value of `{fn.name}({call})` and its tangent, from those of {shown}."
        return self.written(fn, job.kinds, job.active, job.name, doc, False)

    def by_rule(self, fn: Function, job: _Job) -> tuple[Function, Forwarded]:
        """The tangent function of one that carries a rule."""
        if fn.tangent is not None:
            fn = replace(fn, rule=fn.tangent, pushes=True)
        halves = None if fn.pushes else self.functions.rule_halves(fn, job.fn, job.kinds, ())
        params, dots = with_tangents(fn.params, job.active), tuple(map(dot, job.active))
        new = rule_jvp(fn, job.fn, job.active, job.name, params, dots, halves)
        problems = rule_problems(fn, self.functions.effects_of(job.fn)[0])
        return new, Forwarded(self.functions.prepared(fn, job.kinds), new.body, {}, problems)


def with_tangents(params: tuple[Param, ...], wrt: tuple[str, ...]) -> tuple[Param, ...]:
    """The parameters of a tangent function."""
    return with_parameters(params, map(dot, wrt))


def with_parameters(params: tuple[Param, ...], names: Iterable[str]) -> tuple[Param, ...]:
    """Parameters and further ones, which follow, by name only where they must."""
    plain = _is_plain(params)
    dots = tuple(Param(name, "plain" if plain else "keyword") for name in names)
    rest = [p for p in params if p.kind == "varkw"]
    return (*(p for p in params if p.kind != "varkw"), *dots, *rest)


def _is_plain(params: tuple[Param, ...]) -> bool:
    return all(p.kind in ("positional", "plain") and p.default is None for p in params)


def tangent_name(fn: Function, param: str) -> str:
    """How the text calls the tangent of a parameter."""
    taken = {p.name for p in fn.params} | assigned(fn.body) | set(fn.globals)
    for unit in fn.units.values():
        taken |= set(re.findall(r"\w+", unit.text))
    name, number = f"{param}_dot", 1
    while name in taken:
        number += 1
        name = f"{param}_dot_{number}"
    return name
