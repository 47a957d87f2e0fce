"""Reverse mode for one function: analyses, backward sweep, recordings, the bodies of the
derivatives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field

from srcgrad.ad.again import Again, Remade
from srcgrad.ad.assemble import RESULT, Assembler, Sweeps
from srcgrad.ad.context import Context, PairOf, problem_at
from srcgrad.ad.doubtful import note_problems
from srcgrad.ad.given import planned, with_given
from srcgrad.ad.leaves import TwoForms
from srcgrad.ad.prepare import Prepared
from srcgrad.ad.putback import with_own_memory
from srcgrad.ad.results import Results
from srcgrad.ad.reverse import Reverse
from srcgrad.ad.steps import AnyStep, Code, IfStep, Step, all_steps, codes_of
from srcgrad.ad.throughout import lasting_kinds
from srcgrad.analysis.activity import Activity, find_activity
from srcgrad.analysis.bound import find_bound, surely_bound
from srcgrad.analysis.complexes import Numbers
from srcgrad.errors import Problem, UnsupportedError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Const, Exit, Push, Stmt, Var
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.liveness import live_part
from srcgrad.ir.walk import (
    MUTATORS,
    assigned,
    names,
    operands,
    walk,
)
from srcgrad.options import Request

SEED = "out%bar"


@dataclass(slots=True)
class Reversed:
    """The sweeps of one function and what they leave: `gradients[p]` is the cotangent of parameter
    p."""

    prepared: Prepared
    activity: Activity
    sweeps: Sweeps
    gradients: dict[str, Atom]
    finish: list[Stmt]  # code that builds the gradients, at the end of the backward sweep
    kinds: dict[str, Kind]  # of variables that have but one
    problems: list[Problem] = field(default_factory=list)
    records_memory: bool = False  # stores are undone in place: a backward sweep can run only once
    values: Again | None = None  # what may be computed again, where that is asked for
    notes: Mapping[str, str] = field(default_factory=dict)  # on what is computed again


def reverse(
    prepared: Prepared,
    params: Mapping[str, Kind],
    wrt: tuple[str, ...],
    seed: Atom,
    pair_of: PairOf,
    wants_result: bool,
    first_only: bool = False,
    again: Mapping[str, str] | None = None,
) -> Reversed:
    """Differentiate a prepared function with respect to the parameters `wrt`.

    `first_only`: the function returns `(value, aux)`, of which the first alone is differentiated.
    `again`: values to be computed again instead of kept, with a note on each.
    """
    fn, kinds = prepared.fn, prepared.kinds
    activity = find_activity(fn, kinds, wrt)
    bound = {p.name for p in fn.params} | set(fn.globals)
    found = find_bound(fn, bound)
    complexes = prepared.complexes
    known = fn, kinds, prepared.aliases, activity, found, pair_of, params, complexes
    context = Context(*known, fills=prepared.fills, doubtful=prepared.doubtful)
    note_problems(context)
    run = Reverse(context, seed, first_only)
    if kinds.result is not None:
        run.build.kinds[SEED] = kinds.result
    run.build.complexes[SEED] = returned_numbers(context)
    steps = backward(run, context)
    run.current, run.build.unit, run.build.code = None, -1, []
    for name, kind in params.items():
        run.build.kinds.setdefault(name, kind)
    results = Results(run.build, run.adjoints)
    gradients = {name: results.gradient(name, params.get(name, UNKNOWN)) for name in wrt}
    finish = run.build.code
    prune(steps, finish, gradients.values())
    entry = [*finish, *(Push("", gradient) for gradient in gradients.values())]
    values = None if again is None else Again(context, run.operands, steps, entry)
    remade = values.remake(again) if values is not None and again else Remade()
    plan, given = planned(context, run.operands, steps, bound, entry, remade)
    sweeps = Assembler(context, plan, run.build, wants_result, remade).run(fn.body, steps)
    sweeps = with_given(sweeps, given, set(filter(context.has_one_form, given)))
    sweeps = with_own_memory(context, sweeps, entry)
    return Reversed(
        prepared,
        activity,
        sweeps,
        gradients,
        finish,
        {n: k for n, k in run.build.kinds.items() if n not in run.build.arrays}
        | run.build.lists
        | lasting_kinds(prepared, params),
        context.problems,
        bool(plan.content),
        values,
        remade.notes,
    )


def backward(run: Reverse, context: Context) -> list[AnyStep]:
    """The backward sweep, statement by statement."""
    try:
        return run.run(context.fn.body)
    except TwoForms:
        message = "the items of a container are known in one place, and not in another"
        remedy = "fill it under one name, or keep what it holds under names of their own"
        place = run.current or context.fn.body[-1]
        raise UnsupportedError(
            [*context.problems, problem_at(context.fn, place, message, remedy)]
        ) from None


def prune(steps: list[AnyStep], finish: Code, results: Iterable[Atom]) -> None:
    """Drop temporaries that simplification left without a reader, so that nothing is kept for
    them."""
    codes = [finish, *codes_of(steps)]
    read = [atom for code in codes for stmt in code for atom in operands(stmt)]
    for step in all_steps(steps):
        read += (step.test,) if isinstance(step, IfStep) else ()
        read += (step.undo_index,) if isinstance(step, Step) and step.undo_index else ()
    reads_of = Counter(names((*results, *read)))
    changed = True
    while changed:
        changed = False
        for code in codes:
            for stmt in list(code):
                if not isinstance(stmt, Assign) or len(stmt.targets) != 1:
                    continue
                name = stmt.targets[0]
                if "@b" in name and not reads_of.get(name) and stmt.fn not in MUTATORS:
                    code.remove(stmt)
                    reads_of.subtract(names(operands(stmt)))
                    changed = True


def returned_numbers(context: Context) -> Numbers:
    """What the result may be, and so its cotangent."""
    ends = [s for s in walk(context.fn.body) if isinstance(s, Exit) and s.kind == "return"]
    found = [context.complexes.before(s, s.value) for s in ends if s.value is not None]
    return max(found, default=Numbers.REAL)


def gradient_body(done: Reversed) -> Block:
    """Forward and backward sweep in one function, up to its `return`."""
    tapes = [Assign((tape,), "list", ()) for tape in done.sweeps.tapes]
    section = Assign((), "section", (Const("backward"),))
    forward = [Assign((), "section", (Const("forward"),)), *tapes, *done.sweeps.forward]
    return (*forward, section, *done.sweeps.backward, *done.finish)


def gradient_result(done: Reversed, request: Request) -> tuple[list[Stmt], tuple[Atom, ...]]:
    """What a gradient returns: the gradients, beside the value or the auxiliary result if asked."""
    code: list[Stmt] = []
    grads = tuple(done.gradients[p] for p in request.wrt)
    both = request.mode == "value_and_grad" or request.has_aux
    if not request.single and (both or len(grads) == 1):
        code.append(Assign(("result@b3",), "tuple", grads))
        grads = (Var("result@b3"),)
    if request.mode == "value_and_grad":
        return code, (Var(RESULT), *grads)
    if request.has_aux:
        code.append(Assign(("result@b4",), "operator.getitem", (Var(RESULT), Const(1))))
        return code, (*grads, Var("result@b4"))
    return code, grads


def with_gradient(done: Reversed, wrt: tuple[str, ...]) -> Block:
    """The body of a function that returns its value, and its gradients: one, or a tuple."""
    request = Request("value_and_grad", wrt, len(wrt) == 1)
    last, value = gradient_result(done, request)
    return (*gradient_body(done), *last, *returned(value))


def returned(values: tuple[Atom, ...]) -> list[Stmt]:
    """`return a` or `return a, b`."""
    if len(values) == 1:
        return [Exit("return", values[0])]
    return [Assign(("result@b1",), "tuple", values), Exit("return", Var("result@b1"))]


def halves(done: Reversed, wrt: tuple[str, ...], reusable: bool) -> tuple[Block, Block]:
    """Bodies of the forward and the backward half; residuals pass from one to the other.

    `reusable`: the backward half copies the tapes it empties, so that it may run again.
    """
    sweeps = done.sweeps
    made = (
        assigned(tuple(sweeps.forward))
        | {p.name for p in done.prepared.fn.params}
        | set(sweeps.tapes)
    )
    values = tuple(done.gradients[name] for name in wrt)
    last = returned(values)
    backward, live = live_part((*sweeps.backward, *done.finish, *last))
    residuals = tuple(sorted(live & made))
    tapes = [Assign((tape,), "list", ()) for tape in sweeps.tapes]
    sure = surely_bound(tuple(sweeps.forward), (p.name for p in done.prepared.fn.params))
    tapes += [
        Assign((name,), "copy", (Const(None),))
        for name in residuals
        if name not in sure and name not in sweeps.tapes
    ]
    pack = [
        Assign(("result@b1",), "tuple", tuple(Var(name) for name in residuals)),
        Assign(("result@b2",), "tuple", (Var(RESULT), Var("result@b1"))),
        Exit("return", Var("result@b2")),
    ]
    forward = (*tapes, *sweeps.forward, *pack)
    unpack: list[Stmt] = []
    if len(residuals) > 1:
        unpack.append(Assign(residuals, "copy", (Var("residuals%"),)))
    elif residuals:
        unpack.append(Assign(residuals, "operator.getitem", (Var("residuals%"), Const(0))))
    if reusable:
        unpack += [Assign((t,), "builtins.list", (Var(t),)) for t in sweeps.tapes if t in residuals]
    return forward, (*unpack, *backward)
