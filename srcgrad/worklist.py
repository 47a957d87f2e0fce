"""The functions that a derivative calls, each a pair to be written when its turn comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from srcgrad.ad.context import Hooked, Pair
from srcgrad.ad.converging import is_converging
from srcgrad.ad.directions import Callee, Callees
from srcgrad.ad.draws import Draws, Search
from srcgrad.ad.limits import moving, reading, step_call
from srcgrad.ad.outline import Outlined
from srcgrad.ad.refusals import draw_problems
from srcgrad.analysis.kinds import KindFacts, infer_kinds
from srcgrad.errors import Problem
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Derived, Function, UserFunction, Var, While
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import walk
from srcgrad.summaries import Summaries

NONE = 99  # results of a forward half come before the first cotangent


@dataclass(slots=True)
class PairJob:
    key: str
    fn: UserFunction
    active: tuple[str, ...]
    kinds: Mapping[str, Kind]
    names: tuple[str, str]
    rule_of: Function | None = None  # the function whose rule it is, where that is transposed

    @property
    def halves(self) -> tuple[Derived, Derived]:
        forward, backward = self.names
        return Derived(forward, self.key, self.fn.acts), Derived(backward, self.key)


@dataclass(slots=True)
class Worklist(Summaries):
    """The pairs asked for so far, one for each set of active parameters and kinds."""

    pairs: dict[tuple[Any, ...], PairJob] = field(default_factory=dict)
    pending: list[PairJob] = field(default_factory=list)

    def pair_of(
        self, fn: UserFunction, stmt: Assign, varied: frozenset[str], facts: KindFacts
    ) -> Pair | Hooked:
        """The pair for a call."""
        callee = self.lower(fn.key)
        if callee.hook is not None:
            return Hooked(callee.hook)
        bound = self.bind(callee, stmt)
        given = {p: facts.before(stmt, atom) for p, atom in bound.items()}
        kinds = self.param_kinds(callee, stmt, given)
        active = tuple(p for p, a in bound.items() if isinstance(a, Var) and a.name in varied)
        forward, backward = self.job(fn, active, kinds).halves
        return Pair(forward, backward, active, tuple(p.name for p in callee.params))

    def one_step(
        self, fn: Function, kinds: Mapping[str, Kind], varied: frozenset[str]
    ) -> tuple[UserFunction, Assign, frozenset[str], KindFacts]:
        """A step from the limit of a loop that converges: what `pair_of` takes."""
        whole, call = step_call(fn)
        facts = infer_kinds(whole, kinds, self.around(fn).globals, self.callee_kind)
        assert isinstance(call.fn, UserFunction)
        return call.fn, call, varied, facts

    def step_pairs(self, fn: Function, job: PairJob) -> tuple[Pair, Pair | None]:
        """The pairs of a step from the limit: by what it goes on with, and by what it reads."""
        found = []
        for varied in filter(None, (moving(fn), reading(fn, job.active))):
            pair = self.pair_of(*self.one_step(fn, job.kinds, varied))
            assert isinstance(pair, Pair)
            found.append(pair)
        return found[0], found[1] if found[1:] else None

    def converges(self, key: str) -> bool:
        """Whether some loop converges, whose backward half runs that of a step more than once."""
        return any(is_converging(s) for fn in self.reached_from(key) for s in walk(fn.body))

    def job(
        self,
        fn: UserFunction,
        active: tuple[str, ...],
        kinds: Mapping[str, Kind],
        rule_of: Function | None = None,
    ) -> PairJob:
        key = (fn.key, active, repr(sorted(kinds.items())), rule_of is None)
        job = self.pairs.get(key)
        if job is None:
            first = fn.key in self.steps and all(job.key != fn.key for job in self.pairs.values())
            own = fn.name if first else self.unique(f"{fn.name}_forward")
            names = own, self.unique(f"{fn.name}_backward")
            job = self.pairs[key] = PairJob(fn.key, fn, active, kinds, names, rule_of)
            self.pending.append(job)
        return job

    def step_of(self, loop: Outlined) -> tuple[PairJob, Draws]:
        """The step of a checkpointed loop, and what it draws random numbers from."""
        (job,) = (job for job in self.pairs.values() if job.key == loop.step.key)
        return job, self.draws_of(self.lower(job.key), job.kinds)[0]

    def draw_problems(
        self, loop: Outlined, draws: Draws, kinds: Mapping[str, Kind]
    ) -> list[Problem]:
        """Steps that are taken again must find the generators as they were."""
        tests = (s.test for s in walk(loop.loop.body) if isinstance(s, While))
        found = (self.draws_of(replace(loop.loop, body=test), kinds) for test in tests)
        between = draws and any(drawn or others for drawn, others in found)
        return draw_problems(loop.loop, bool(between), set(draws.generators) & set(loop.state))

    def draws_of(
        self, fn: Function, kinds: Mapping[str, Kind]
    ) -> tuple[Draws, list[tuple[Function, Assign]]]:
        """What a function draws random numbers from, and its calls that must not be repeated."""
        known = {**self.around(fn).globals, **kinds}
        generators = (name for name, kind in known.items() if kind.tag == "generator")
        numbers = (name for name, kind in known.items() if kind.is_scalar)
        search = Search(self.lower)
        return search.draws(fn, generators, numbers), search.others

    def callees(self) -> Callees:
        """Halves asked for so far, by name. What a rule, a solver or code on a gradient makes of a
        cotangent, it makes of one at a time."""
        found: dict[str, Callee] = {}
        for job in self.pairs.values():
            forward, backward = job.names
            fn = self.lower(job.key)
            single = fn.rule is not None or fn.hook is not None
            found |= {forward: Callee(0, NONE), backward: Callee(1, 0, single)}
        return found

    def rule_halves(
        self, fn: Function, own: UserFunction, kinds: Mapping[str, Kind], active: tuple[str, ...]
    ) -> tuple[Derived, Derived]:
        """The halves of a rule that is transposed: by the tangents of the active parameters, or
        by the cotangent."""
        assert isinstance(fn.rule, UserFunction)
        names = [p.name for p in self.lower(fn.rule.key).params]
        args = [p.name for p in fn.params]
        value = self.result_kind(own.key, kinds)
        like = [kinds.get(name, UNKNOWN) for name in args]
        dots = [kind if kind.is_float else UNKNOWN for kind in like]
        given = [value, *like, *dots] if fn.pushes else [value, value, *like]
        first = names[1 + len(args) :] if fn.pushes else names[:1]
        linear = tuple(first[args.index(name)] for name in active) if fn.pushes else tuple(first)
        return self.job(fn.rule, linear, dict(zip(names, given, strict=True)), fn).halves
