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
from srcgrad.analysis.complexes import Numbers
from srcgrad.analysis.kinds import KindFacts, infer_kinds
from srcgrad.errors import Problem
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Derived, Function, UserFunction, Var, While
from srcgrad.ir.kinds import UNKNOWN, Kind, of_any_length
from srcgrad.ir.values import globals_of
from srcgrad.ir.walk import walk
from srcgrad.options import PASSES
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
    at_once: bool = False  # the first gives the gradients, and there is no second

    @property
    def halves(self) -> tuple[Derived, Derived]:
        forward, backward = self.names
        return Derived(forward, self.key, self.fn.acts), Derived(backward, self.key)


@dataclass(slots=True)
class Worklist(Summaries):
    """The pairs asked for so far, one for each set of active parameters and kinds."""

    pairs: dict[tuple[Any, ...], PairJob] = field(default_factory=dict)
    pending: list[PairJob] = field(default_factory=list)
    passes: tuple[str, ...] = PASSES
    weighs: Mapping[str, Mapping[int, Any]] | None = None
    again: dict[str, dict[str, str]] | None = None  # what is computed again, by function
    across: bool = False  # backward halves are for many cotangents at once

    def pair_of(
        self, fn: UserFunction, stmt: Assign, varied: frozenset[str], facts: KindFacts
    ) -> Pair | Hooked:
        """The pair for a call; for one that calls itself, if it can be, its gradient at once."""
        return self.halves_of(fn, stmt, varied, facts, True)

    def halves_of(
        self,
        fn: UserFunction,
        stmt: Assign,
        varied: frozenset[str],
        facts: KindFacts,
        may_be_one: bool = False,
    ) -> Pair | Hooked:
        callee = self.lower(fn.key)
        if callee.hook is not None:
            return Hooked(callee.hook)
        bound = self.bind(callee, stmt)
        given = {p: facts.before(stmt, atom) for p, atom in bound.items()}
        kinds = self.param_kinds(callee, stmt, given)
        active = tuple(p for p, a in bound.items() if isinstance(a, Var) and a.name in varied)
        at_once = may_be_one and self.gives_gradient(fn, active, kinds)
        if at_once:  # the same function serves calls of which more is known
            kinds = {p: of_any_length(kind) for p, kind in kinds.items()}
        job = self.job(fn, active, kinds, at_once=at_once)
        return Pair(*job.halves, active, tuple(p.name for p in callee.params), at_once)

    def gives_gradient(
        self, fn: UserFunction, active: tuple[str, ...], kinds: Mapping[str, Kind]
    ) -> bool:
        """Whether the value of a call comes with its gradient, instead of what that needs.

        It is worth it where calls are nested, and what they keep would be as well. The result is
        a number, and so one gradient, times its cotangent, serves any (preaccumulation: Griewank
        and Walther, Evaluating Derivatives, 2008, section 10.2).
        """
        if "preaccumulate" not in self.passes or self.whole or self.across:
            return False
        if self.again is not None or self.weighs is not None or not self.calls_itself(fn.key):
            return False
        callee = self.lower(fn.key)
        kept = callee.rule is not None or callee.again or callee.pushes or fn.acts
        if kept or self.numbers is Numbers.COMPLEX or self.effects_of(fn)[0].writes:
            return False
        result, given = self.result_kind(fn.key, kinds), [kinds[name] for name in active]
        plain = all(kind.is_array or kind.is_scalar for kind in given)
        found = {result.dtype, *(kind.dtype for kind in given)}
        return result.is_scalar and plain and found <= {"f8", "pf"}

    def one_step(
        self, fn: Function, kinds: Mapping[str, Kind], varied: frozenset[str]
    ) -> tuple[UserFunction, Assign, frozenset[str], KindFacts]:
        """A step from the limit of a loop that converges: what `pair_of` takes."""
        whole, call = step_call(fn)
        facts = infer_kinds(whole, kinds, globals_of(fn), self.callee_kind)
        assert isinstance(call.fn, UserFunction)
        return call.fn, call, varied, facts

    def step_pairs(self, fn: Function, job: PairJob) -> tuple[Pair, Pair | None]:
        """The pairs of a step from the limit: by what it goes on with, and by what it reads."""
        found = []
        for varied in filter(None, (moving(fn), reading(fn, job.active))):
            pair = self.halves_of(*self.one_step(fn, job.kinds, varied))
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
        at_once: bool = False,
    ) -> PairJob:
        key = (fn.key, active, repr(sorted(kinds.items())), rule_of is None, at_once)
        job = self.pairs.get(key)
        if job is None:
            first = fn.key in self.steps and all(job.key != fn.key for job in self.pairs.values())
            if at_once:
                names = self.unique(f"{fn.name}_and_gradient"), ""
            else:
                own = fn.name if first else self.unique(f"{fn.name}_forward")
                names = own, self.unique(f"{fn.name}_backward")
            job = self.pairs[key] = PairJob(fn.key, fn, active, kinds, names, rule_of, at_once)
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
        known = {**globals_of(fn), **kinds}
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
