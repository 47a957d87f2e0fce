"""Forward mode for a program of several functions: each called one gets a tangent function.

def g_jvp(x, k, x_dot): ...  return value, tangent
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from srcgrad.ad.custom import rule_jvp
from srcgrad.ad.forward import Jvp, forward
from srcgrad.ad.prepare import Prepared
from srcgrad.ad.refusals import rule_problems
from srcgrad.ad.tangents import dot
from srcgrad.analysis.alias import Effects
from srcgrad.analysis.kinds import KindFacts
from srcgrad.errors import Problem
from srcgrad.ir.core import Assign, Atom, Derived, Function, Param, UserFunction, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned


class Functions(Protocol):
    """What the driver knows of the functions of a program."""

    def lower(self, key: str) -> Function: ...

    def prepared(self, fn: Function, kinds: Mapping[str, Kind]) -> Prepared: ...

    def bind(self, callee: Function, stmt: Assign) -> dict[str, Atom]: ...

    def param_kinds(
        self, callee: Function, stmt: Assign, given: Mapping[str, Kind]
    ) -> dict[str, Kind]: ...

    def unique(self, name: str) -> str: ...

    def effects_of(self, fn: UserFunction) -> tuple[Effects, tuple[str, ...]]: ...

    def rule_halves(
        self, fn: Function, own: UserFunction, kinds: Mapping[str, Kind], active: tuple[str, ...]
    ) -> tuple[Derived, Derived]: ...


Tangent = tuple[Function, dict[str, Kind], list[Problem]]


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
            job = _Job(fn, active, kinds, self.functions.unique(f"{fn.name}_jvp"))
            self.jobs[key] = job
            self.pending.append(job)
        shown = tuple(tangent_name(callee, p) for p in active)
        params = tuple(p.name for p in callee.params)
        keywords = not _is_plain(callee.params)
        return Jvp(Derived(job.name, fn.key), active, params, shown, keywords)

    def written(
        self,
        fn: Function,
        kinds: Mapping[str, Kind],
        wrt: tuple[str, ...],
        name: str,
        doc: str,
        outer: bool,
    ) -> Tangent:
        """The tangent function itself."""
        done = forward(self.functions.prepared(fn, kinds), kinds, wrt, self.jvp_of, outer)
        params = with_tangents(fn.params, wrt)
        made = replace(done.prepared.fn, name=name, params=params, body=done.body, doc=doc)
        return made, done.kinds, done.problems

    def all(
        self, fn: Function, kinds: Mapping[str, Kind], wrt: tuple[str, ...], name: str, doc: str
    ) -> Iterator[Tangent]:
        """The tangent function of a function, and those that it calls."""
        yield self.written(fn, kinds, wrt, name, doc, True)
        while self.pending:
            yield self.next()

    def next(self) -> Tangent:
        """The next one that a call has asked for."""
        job = self.pending.pop(0)
        fn = self.functions.lower(job.fn.key)
        if fn.rule is not None:
            return self.by_rule(fn, job)
        call = ", ".join(p.name for p in fn.params)
        shown = ", ".join(job.active)
        doc = f"Value of `{fn.name}({call})` and its tangent, from those of {shown}."
        return self.written(fn, job.kinds, job.active, job.name, doc, False)

    def by_rule(self, fn: Function, job: _Job) -> Tangent:
        """The tangent function of one that carries a rule."""
        halves = None if fn.pushes else self.functions.rule_halves(fn, job.fn, job.kinds, ())
        params = with_tangents(fn.params, job.active)
        dots = tuple(map(dot, job.active))
        made = rule_jvp(fn, job.fn, job.active, job.name, params, dots, halves)
        return made, {}, rule_problems(fn, self.functions.effects_of(job.fn)[0])


def with_tangents(params: tuple[Param, ...], wrt: tuple[str, ...]) -> tuple[Param, ...]:
    """The parameters of a tangent function: tangents follow, by name only where they must."""
    plain = _is_plain(params)
    dots = tuple(Param(dot(name), "plain" if plain else "keyword") for name in wrt)
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
