"""The compiler as a list of stages, and the worklist of functions a derivative needs.

For each function: lower, analyse, differentiate, drop dead code, print. A user function that is
called on active values becomes a pair of functions in the same file, one pair for each set of
active parameters and argument kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from functools import partial

from srcgrad.ad.again import Again
from srcgrad.ad.budgets import weighed
from srcgrad.ad.checkpoints import kept_arguments, run_again, with_snapshots
from srcgrad.ad.custom import rule_pair
from srcgrad.ad.derive import (
    SEED,
    Reversed,
    gradient_body,
    gradient_result,
    halves,
    returned,
    reverse,
    with_gradient,
)
from srcgrad.ad.draws import Draws
from srcgrad.ad.floats import of_floats
from srcgrad.ad.jvps import Jvps, with_parameters
from srcgrad.ad.limits import LimitWriter, StepPairs, moving, reading
from srcgrad.ad.linear import is_linear
from srcgrad.ad.manyways import along_cotangents, along_directions
from srcgrad.ad.refusals import (
    again_problems,
    changing_problem,
    given_problem,
    left_problem,
    limit_problem,
    linear_problem,
    memory_problem,
    rule_problems,
    transposed_problem,
    writing_problem,
)
from srcgrad.ad.results import argument_problems, result_problems
from srcgrad.ad.returns import checked, is_untold, raising_where_none, with_checks
from srcgrad.analysis.annotations import kind_of_annotation
from srcgrad.analysis.complexes import Numbers, of_kind, shows_complex
from srcgrad.analysis.demand import scalar_params
from srcgrad.analysis.gathers import with_given
from srcgrad.analysis.usage import kinds_by_use
from srcgrad.emit.module import Piece
from srcgrad.emit.pullback import Pullback
from srcgrad.errors import Problem, UnsupportedError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Block,
    Const,
    Exit,
    Function,
    Limit,
    Param,
    Solved,
    UserFunction,
    Var,
)
from srcgrad.ir.kinds import UNKNOWN, Dtype, Kind
from srcgrad.ir.values import globals_of
from srcgrad.ir.walk import walk
from srcgrad.optimize.dead_code import drop_unread
from srcgrad.options import Request
from srcgrad.pieces import Pieces
from srcgrad.solving import Solving
from srcgrad.worklist import PairJob
from srcgrad.writing import describe


@dataclass(slots=True)
class Compiler(Pieces):
    """Writes one generated module for functions of one program."""

    values: dict[str, list[Again]] = field(default_factory=dict)  # what may be
    reusable: bool = False
    copied: frozenset[str] = frozenset()  # parameters that gradients work on copies of
    jvps: Jvps = field(init=False)  # of forward mode

    def __post_init__(self) -> None:
        self.jvps = Jvps(self)

    def add(self, key: str, request: Request, name: str = "") -> str:
        """Write the derivative that is asked for, and the pairs it needs. Returns its name."""
        self.plain = self.plain or request.plain
        self.snapshots, self.weighs = request.snapshots, request.weighs
        if not self.plain and (request.again or request.weighs is not None):
            self.again = {}
            for of, value, note in request.again:
                self.again.setdefault(of, {})[value] = note
        raw = self.program.lower(key)
        kinds = self.given_kinds(raw, request)
        self.program.specialise(raw, kinds, self)
        fn = of_floats(self.lower(key), kinds, request.wrt)
        self.asked.setdefault(key)
        self.reusable = self.reusable or self.converges(key)
        given = map(of_kind, request.kinds.values())
        if Numbers.COMPLEX in given or shows_complex(fn, self.lower):
            self.numbers = Numbers.COMPLEX
        self.reusable = self.reusable or request.mode in ("vjp", "vjps")
        self.across = request.mode == "vjps"
        name = name or self.unique(f"{fn.name}_{request.mode}")
        ways = {
            "vjp": self.vjp,
            "vjps": self.vjp,
            "jvp": self.jvp,
            "jvps": self.many,
            "tangents": self.many,
            "given": self.given,
            "value": self.value,
        }
        ways.get(request.mode, self.gradient)(fn, request, name)
        while self.pending:
            self.pair_functions(self.pending.pop(0))
        return name

    def given_kinds(self, fn: Function, request: Request) -> dict[str, Kind]:
        """Kinds of the parameters: as asked for, else as annotated, else as the text tells."""
        classes, told = self.program.typed_dict, kinds_by_use(fn)
        kinds = {}
        for p in fn.params:
            kind = request.kinds.get(p.name) or kind_of_annotation(p.annotation, p.name, classes)
            kinds[p.name] = told.get(p.name, UNKNOWN) if kind == UNKNOWN else kind
        return kinds

    def gradient(self, fn: Function, request: Request, name: str) -> None:
        """Of a number; or of any value, whose cotangent follows the arguments (`pull`)."""
        pulls = request.mode == "pull"
        fn = fn if pulls else raising_where_none(fn)
        kinds = self.given_kinds(fn, request)
        scalars = () if request.has_aux or pulls else scalar_params(fn, kinds)
        dtype: Dtype = "?" if self.numbers is Numbers.COMPLEX else "pf"
        kinds |= {p: Kind("scalar", dtype, ()) for p in scalars}
        assumed, versions = frozenset(scalars), self.again is not None  # every value has a name
        ready = self.prepared(fn, kinds, assumed, True, versions=versions, factors=False)
        if not (pulls or request.has_aux or UNKNOWN in kinds.values()) and is_untold(ready):
            again = partial(self.prepared, versions=versions, factors=False)
            ready = checked(ready, lambda: again(with_checks(fn), kinds, assumed, True))
        self.copied |= ready.copied
        how = request.has_aux, request.holomorphic
        self.problems += [] if pulls else result_problems(ready.fn, ready.kinds, *how)
        if request.holomorphic:
            self.problems += argument_problems(fn, kinds, request.wrt)
        wants = request.mode == "value_and_grad" or request.has_aux or self.weighs is not None
        seed = Var(SEED) if pulls else Const(1.0)
        key = next(iter(self.asked))
        given = (seed, self.pair_of, wants, request.has_aux, self.remakes(key))
        done = reverse(ready, kinds, request.wrt, *given)
        self.note_values(key, done)
        self.problems += done.problems
        if self.weighs is not None:
            done = self.weighed(done, key)
            self.emit(ready.fn, name, fn.params, halves(done, request.wrt, False)[0], done, "")
            return
        last, value = gradient_result(done, request)
        body = (*gradient_body(done), *last, *returned(value))
        doc = describe(fn, request.mode, request.wrt, request.kinds, scalars)
        params = with_parameters(fn.params, (SEED,)) if pulls else fn.params
        self.emit(ready.fn, name, params, body, done, doc)

    # calls
    def pair_functions(self, job: PairJob) -> None:
        fn = self.lower(job.key)
        if job.at_once:
            self.with_gradient(fn, job)
            return
        if self.across and job.rule_of is not None:
            raise UnsupportedError(transposed_problem(job.rule_of))
        if job.rule_of is not None and (fn.rule is not None or fn.again):
            self.problems.append(linear_problem(job.rule_of, fn))
        if isinstance(fn.rule, Solved):
            solving = self.solving(fn, job.active, job.kinds)
            problems = solving.problems()
            self.problems += problems
            self.pieces += [Piece(f, {}) for f in solving.pair(job.names, SEED) if not problems]
            return
        if isinstance(fn.rule, Limit):
            self.limit_pair(fn, job)
            return
        if fn.rule is not None:
            self.problems += rule_problems(fn, self.effects_of(job.fn)[0])
            given = (fn, job.fn, job.kinds, job.active)
            transposed = self.rule_halves(*given) if fn.pushes else None
            pair = rule_pair(fn, job.fn, job.active, job.names, SEED, transposed)
            self.pieces += [Piece(half, {}) for half in pair]
            return
        if fn.again:
            self.run_again(fn, job)
            return
        single = len(job.active) == 1
        done = self.two_halves(fn, job.kinds, job.active, job.names, single, job.key)
        if job.rule_of is not None and not is_linear(done, job.active):
            self.problems.append(linear_problem(job.rule_of, fn))

    def with_gradient(self, fn: Function, job: PairJob) -> None:
        """A function that gives the gradient of its result with it."""
        ready = self.prepared(fn, job.kinds, reversing=True)
        done = reverse(ready, job.kinds, job.active, Const(1.0), self.pair_of, True)
        self.problems += done.problems
        call = ", ".join(p.name.partition("@")[0] for p in fn.params)
        shown, body = ", ".join(job.active), with_gradient(done, job.active)
        doc = f"Value of `{fn.name}({call})`, and its gradient with respect to {shown}."
        self.emit(ready.fn, job.names[0], fn.params, body, done, doc, half=True)

    def limit_pair(self, fn: Function, job: PairJob) -> None:
        """A loop that converges: the pair of one step, then its own."""
        if self.across:
            raise UnsupportedError(limit_problem(fn))
        place, found = len(self.pieces), self.step_pairs(fn, job)
        while self.pending:
            self.pair_functions(self.pending.pop(0))
        halves = LimitWriter(fn, job.active).pair(job.names, SEED, StepPairs(*found, self.undoes))
        self.pieces[place:place] = [Piece(half, {}, half=True) for half in halves]

    def run_again(self, fn: Function, job: PairJob) -> None:
        """A checkpointed function: its value, and a gradient that runs it once more."""
        ready = self.prepared(fn, job.kinds, reversing=True, factors=False)
        done = reverse(ready, job.kinds, job.active, Var(SEED), self.pair_of, False)
        self.problems += done.problems
        draws, others = self.draws_of(fn, job.kinds)
        self.problems += again_problems(fn, self.effects_of(job.fn)[0], others)
        if job.key in self.steps:
            draws = Draws()  # those who run it set the states
            first = replace(fn, name=job.names[0])
        else:
            first = kept_arguments(fn, job.fn, job.names[0], draws)
        self.pieces.append(Piece(first, {}))
        second = run_again(fn, done, job.active, job.names[1], draws)
        self.backward(second, done, job.kinds)

    def solving(self, fn: Function, active: tuple[str, ...], kinds: Mapping[str, Kind]) -> Solving:
        """What writes the derivative of a call of a solver."""
        assert isinstance(fn.rule, Solved)
        given, program = self.program.lower(fn.rule.fn.key), self.program
        taken = frozenset(self.names)
        return Solving(fn, active, given, program.requests, program.kinds, taken, kinds)

    def solved_tangent(
        self,
        fn: Function,
        kinds: Mapping[str, Kind],
        params: tuple[Param, ...],
        dots: Mapping[str, str],
        name: str,
    ) -> tuple[Function, list[Problem]]:
        """The tangent function of a call of a solver, or of a loop that converges, and what is
        wrong with the call."""
        if isinstance(fn.rule, Limit):
            varied = moving(fn) | reading(fn, dots)
            step = self.jvps.jvp_of(*self.one_step(fn, kinds, varied))
            return LimitWriter(fn, tuple(dots)).tangent(name, params, dots, step), []
        solving = self.solving(fn, tuple(dots), kinds)
        return solving.tangent(name, params, dots), solving.problems()

    def two_halves(
        self,
        fn: Function,
        kinds: Mapping[str, Kind],
        wrt: tuple[str, ...],
        names: tuple[str, str],
        single: bool,
        key: str = "",
    ) -> Reversed:
        again = self.remakes(key)
        once = key in self.asked or key in self.parts  # others may be called in loops
        factors = False if once else None
        versions = again is not None
        ready = self.prepared(fn, kinds, reversing=True, versions=versions, factors=factors)
        done = reverse(ready, kinds, wrt, Var(SEED), self.pair_of, True, again=again)
        self.note_values(key, done)
        self.problems += done.problems
        if key in self.loops:
            step, draws = self.step_of(self.loops[key])
            self.problems += self.draw_problems(self.loops[key], draws, kinds)
            done = with_snapshots(done, self.loops[key], step.halves, draws)
        done = self.weighed(done, key)
        self.undoes |= done.records_memory
        forward, backward = halves(done, wrt, self.reusable)
        if not single and len(wrt) == 1:
            value = backward[-1]
            assert isinstance(value, Exit) and value.value is not None
            backward = (
                *backward[:-1],
                Assign(("result@b1",), "tuple", (value.value,)),
                Exit("return", Var("result@b1")),
            )
        call = ", ".join(p.name.partition("@")[0] for p in fn.params)
        doc = f"Value of `{fn.name}({call})`, and what its backward half needs."
        self.emit(ready.fn, names[0], fn.params, forward, done, doc, half=True)
        params = (Param("residuals%"), Param(SEED))
        shown = ", ".join(wrt)
        doc = f"Cotangents of {shown} in `{fn.name}({call})`, from that of its result."
        body: Block = (Assign((), "section", (Const("backward"),)), *backward)
        half = replace(ready.fn, name=names[1], params=params, body=body, doc=doc)
        self.backward(half, done, kinds)
        return done

    def backward(self, half: Function, done: Reversed, kinds: Mapping[str, Kind]) -> None:
        """Add a backward half."""
        if self.across and not self.problems:
            around = globals_of(done.prepared.fn)
            half, known = along_cotangents(half, done, kinds, around, self.callees())
            self.pieces.append(Piece(half, known, half=True))
        else:
            self.pieces.append(Piece(half, done.kinds, half=True, notes=done.notes))

    def remakes(self, key: str) -> Mapping[str, str] | None:
        """Values of a function that are computed again; None where that is not asked for."""
        jobs = (job for job in self.pairs.values() if job.key == key)
        if self.again is None or key in self.loops or any(job.rule_of for job in jobs):
            return None
        return self.again.get(key, {})

    def note_values(self, key: str, done: Reversed) -> None:
        """A function may be called in several ways."""
        if done.values is not None:
            self.values.setdefault(key, []).append(done.values)

    def weighed(self, done: Reversed, key: str) -> Reversed:
        """What counts what it would keep, if that is asked for."""
        return done if self.weighs is None else weighed(done, key, self.weighs.get(key, {}))

    def vjp(self, fn: Function, request: Request, name: str) -> None:
        kinds = self.given_kinds(fn, request)
        names = self.unique(f"{fn.name}_forward"), self.unique(f"{fn.name}_backward")
        done = self.two_halves(fn, kinds, request.wrt, names, False, next(iter(self.asked)))
        doc = describe(fn, request.mode, request.wrt, request.kinds, ())
        result = done.prepared.kinds.result or UNKNOWN
        self.pullbacks.append(Pullback(name, fn.params, *names, doc, result, False))

    def jvp(self, fn: Function, request: Request, name: str) -> None:
        kinds = self.given_kinds(fn, request)
        doc = describe(fn, "jvp", request.wrt, request.kinds, ())
        for new, done in self.jvps.all(fn, kinds, request.wrt, name, doc):
            self.problems += done.problems
            self.pieces.append(Piece(new, done.kinds, half=new.name != name))

    def many(self, fn: Function, request: Request, name: str) -> None:
        """Tangents along many directions at once."""
        kinds = self.given_kinds(fn, request)
        doc = describe(fn, request.mode, request.wrt, request.kinds, ())
        self.jvps.mode = "jvps"
        made = list(self.jvps.all(fn, kinds, request.wrt, name, doc))
        self.problems += [problem for _, done in made for problem in done.problems]
        if self.problems:
            raise UnsupportedError(self.problems)
        for new, done in made:
            around, callees = globals_of(done.prepared.fn), self.jvps.callees
            outer = new.name == name
            alone = outer and request.mode == "tangents"
            found = along_directions(new, done, around, callees, alone)
            self.pieces.append(Piece(*found, half=not outer))

    def value(self, fn: Function, request: Request, name: str) -> None:
        """The function itself, with the derivatives that it takes."""
        self.itself = True
        for changing in map(self.program.lower, self.reached):
            if changing.changes:
                raise UnsupportedError(changing_problem(changing))
        doc = describe(fn, "value", (), request.kinds, ())
        if not self.whole:
            own = drop_unread(replace(fn, name=name, doc=doc))
            self.pieces.append(Piece(own, {}, written=True))
            return
        called = (s.fn for s in walk(fn.body) if isinstance(s, Assign))
        left = [callee.name for callee in called if isinstance(callee, UserFunction)]
        if left:
            raise UnsupportedError(left_problem(fn, left[0]))
        ready = self.prepared(fn, self.given_kinds(fn, request), looking=True)
        self.problems += [memory_problem(fn, *why) for why in ready.aliases.problems.values()]
        if ready.copied:
            self.problems.append(writing_problem(fn, min(ready.copied)))
        if self.problems:
            raise UnsupportedError(self.problems)
        self.pieces.append(Piece(replace(ready.fn, name=name, doc=doc), {}))

    def given(self, fn: Function, request: Request, name: str) -> None:
        """The function with what it reads first as parameters; `wrt` ends with names of that."""
        params = {p.name for p in fn.params}
        items = [name for name in request.wrt if name not in params]
        found = with_given(fn, items, params.intersection(request.wrt), request.part)
        if found is None:
            raise UnsupportedError(given_problem(fn))
        doc = describe(fn, "given", request.wrt, {}, ())
        if request.part is not None:
            doc = f"Part {request.part} of the v{doc[1:]}"
        self.pieces.append(Piece(replace(found, name=name, doc=doc), {}))
