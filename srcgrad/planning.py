"""`memory_budget=`: what a derivative would keep is counted in a run of the function; then as many
loops keep snapshots as need be."""

from __future__ import annotations

import inspect
import random
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.ad.budgets import Candidate, Watched, candidates, partly_used
from srcgrad.ad.draws import Draws
from srcgrad.ad.outline import Outlined
from srcgrad.backends.lowered import Lowered
from srcgrad.backends.numpy import compile_source
from srcgrad.budget import Loop, Plan, choose, flat, nested
from srcgrad.derivative import Derivative
from srcgrad.driver import Compiler
from srcgrad.errors import Problem, SrcgradError, UnsupportedError
from srcgrad.frontend import Program
from srcgrad.ir.core import Function
from srcgrad.ir.kinds import Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.keeping import Values
from srcgrad.ledger import Ledger, base_of, leaves
from srcgrad.making import program_of
from srcgrad.options import Remakes, Request, Snapshots
from srcgrad.remaking import Value, together
from srcgrad.support_budget import weigh
from srcgrad.support_checkpoints import random_state, set_random_state
from srcgrad.texts import compiler_for, linked_to

WEIGHED = weigh.__code__.co_varnames  # of the helper that a ledger takes the place of
Make = Callable[[Snapshots, Remakes], Derivative[..., Any]]


class Budgeted(Derivative[..., Any]):
    """A derivative that keeps no more than a number of bytes for its backward sweep, if it can.

    What it keeps is planned for arguments of the same shapes and the same whole numbers, when it is
    first called with such: `.plan(*args)`.
    """

    def __init__(self, plain: Derivative[..., Any], make: Make, request: Request, budget: int):
        super().__init__(
            plain.primal,
            plain.compile,
            wrt=plain.wrt,
            label=plain.label,
            signature=plain.__signature__,
            single=plain.single,
            has_aux=plain.has_aux,
        )
        if type(budget) is not int or budget < 0:
            raise SrcgradError(f"memory_budget={budget!r}: a number of bytes")
        self._make, self._request, self._budget = make, request, budget
        self._plans: dict[Any, tuple[Plan, Derivative[..., Any]]] = {}
        self._last = plain

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._planned(args, kwargs)[1](*args, **kwargs)

    def plan(self, *args: Any, **kwargs: Any) -> Plan:
        """What is kept at these arguments; `print` it."""
        return self._planned(args, kwargs)[0]

    def lower(self, *args: Any, **kwargs: Any) -> Lowered:
        return self._planned(args, kwargs)[1].lower(*args, **kwargs)

    def _planned(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[Plan, Derivative[..., Any]]:
        bound = self.__signature__.bind(*args, **kwargs)
        bound.apply_defaults()
        key = tuple(_key(value) for value in bound.arguments.values())
        with self._lock:
            known = self._plans.get(key)
            if known is None:
                plan = planned(self.primal, self._request, bound.arguments, self._budget)
                known = self._plans[key] = plan, self._make(plan.snapshots, plan.again)
            self._last = known[1]
            return known

    @property
    def _current(self) -> Lowered:
        return self._last._current

    def __reduce__(self) -> tuple[Any, ...]:
        """By text, as planned for the arguments of the last call."""
        return self._last.__reduce__()


def _key(value: Any) -> Any:
    """What a plan depends on: shapes, and numbers that may be counts."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype
    parts = trees.children(value)
    if parts is not None:
        return type(value), tuple((key, _key(part)) for key, part in parts)
    return value if isinstance(value, (bool, int, str, type(None))) else type(value)


def planned(
    primal: Any, request: Request, arguments: Mapping[str, Any], budget: int, factor: int = 1
) -> Plan:
    """A plan for these arguments. Warns where the budget is not met."""
    kinds = {name: kind_of_value(value, name) for name, value in arguments.items()}
    request = replace(request, kinds=kinds)
    kept, loops, values = weighed(primal, request, arguments)
    name = getattr(primal, "__name__", type(primal).__name__)
    plan = choose(name, budget, kept, loops, factor, values)
    while plan.snapshots and (reason := _refused(primal, request, plan.snapshots)):
        chosen = [loop for loop in flat(loops) if loop.snapshots is not None]
        chosen[-1].reason = reason
        for loop in chosen:
            loop.snapshots = None
        plan = choose(name, budget, kept, loops, factor, values)
    if not plan.met:
        warnings.warn(f"a memory budget is too small; {plan}", stacklevel=4)
    return plan


def _refused(primal: Any, request: Request, snapshots: Snapshots) -> str:
    """Why these loops cannot keep snapshots, where all could, or each of them alone."""
    _, program, request = program_of(primal, request)
    tried = _trial(_looking(program, request), snapshots)
    return tried if isinstance(tried, str) else ""


def _looking(program: Program, request: Request) -> Callable[..., Compiler]:
    def look(**changes: Any) -> Compiler:
        compiler = compiler_for(linked_to(program, request.passes), request.passes)
        compiler.add(program.root, replace(request, **changes))
        return compiler

    return look


def weighed(
    primal: Any, request: Request, arguments: Mapping[str, Any]
) -> tuple[int, tuple[Loop, ...], Values]:
    """Bytes kept outside loops, those of the loops and of values, from a run that records
    nothing."""
    core, program, request = program_of(primal, request)
    look = _looking(program, request)
    first = look()
    if first.problems:
        raise UnsupportedError(first.problems)
    loops, watched = _candidates(first, look, program.root)
    draws = _draws(first, first.lower(program.root), request.kinds)
    weighing = look(weighs=watched)
    text, namespace = weighing.text("")
    name = next(piece.fn.name for piece in weighing.pieces)
    if request.mode == "vjp":
        name = weighing.pullbacks[0].name
    function = compile_source(text, name, namespace)
    given = (base_of(leaf) for arg in arguments.values() for leaf in trees.flatten(arg)[0])
    ledger = Ledger(given=frozenset(map(id, given)))
    for known, helper in [*function.__globals__.items()]:
        if getattr(helper, "__code__", None) and helper.__code__.co_varnames == WEIGHED:
            function.__globals__[known] = ledger.weigh
    found = _run(core.bind(function), arguments, draws, function.__globals__)
    ledger.stay(_left(found, arguments))
    around = {place: told.around for place, told in ledger.loops.items()}
    for place, told in ledger.loops.items():
        for what in ("runs", "steps", "state", "parts", "kept"):
            setattr(loops[place], what, getattr(told, what))
    return ledger.kept, nested(loops, around), _values(weighing, program.root, request, ledger)


def _values(compiler: Compiler, root: str, request: Request, ledger: Ledger) -> Values:
    """What is known of the values of the function itself, and of those that it calls."""
    found: list[Value] = []
    for number, (key, ways) in enumerate(compiler.values.items(), 1):
        plain = key == root and len(ways) == 1  # where it calls itself, its values come and go
        known = together([way.found for way in ways])
        found += (value.of(key, 0 if plain else number) for value in known.values())
    own = compiler.values.get(root, ())
    tops = {f"{root}:{unit}": top for way in own for unit, top in way.tops.items()}
    if len(own) != 1:
        tops = {}
    values = {value.name: value for value in found}
    told = {name: told for name, told in ledger.values.items() if name in values}
    return Values(values, told, tops, lasting=request.mode == "vjp")


def _candidates(
    first: Compiler, look: Callable[..., Compiler], root: str
) -> tuple[dict[str, Loop], dict[str, dict[int, Watched]]]:
    """The loops that may keep snapshots, or why not, and what of them is looked at."""
    keys = dict.fromkeys([root, *(job.key for job in first.pairs.values())])
    found: dict[str, Candidate] = {}
    for key in keys:
        fn = first.lower(key)
        if (
            not fn.again
            and fn.rule is None
            and key not in {*first.steps, *first.loops, *first.parts}
        ):
            found |= {one.name: one for one in candidates(key, fn)}
    loops = {n: Loop(one.key, one.unit, one.line, one.text) for n, one in found.items()}
    watched: dict[str, dict[int, Watched]] = {}
    states = {name: (one.key, one.unit, 2) for name, one in found.items()}
    everything = _trial(look, tuple(states.values()))
    for name, one in found.items():
        tried = everything if isinstance(everything, Compiler) else _trial(look, (states[name],))
        mine = watched.setdefault(one.key, {})
        mine[one.unit] = Watched()
        if isinstance(tried, str):
            loops[name].reason = tried
            continue
        outlined = _outlined(tried, one, first.lower(one.key))
        if outlined is None:
            loops[name].reason = "it carries nothing from step to step"
            continue
        loops[name].least = 2 if outlined.online else 1
        job, _ = tried.step_of(outlined)
        handled = dict.fromkeys((*outlined.state, *job.active))
        parts = partly_used(tried.steps[job.key], handled)
        mine[one.unit] = Watched(outlined.state, parts)
    return loops, watched


def _trial(look: Callable[..., Compiler], snapshots: Snapshots) -> Compiler | str:
    """The compiler with these loops checkpointed, or why that is refused."""
    try:
        tried = look(snapshots=snapshots)
    except UnsupportedError as error:
        return error.problems[0].message
    return tried.problems[0].message if tried.problems else tried


def _outlined(compiler: Compiler, one: Candidate, fn: Function) -> Outlined | None:
    for made in compiler.loops.values():
        mine = made.loop.name.startswith(f"{fn.name}_") and made.loop.body[0].unit == one.unit
        if mine and any(job.key == made.step.key for job in compiler.pairs.values()):
            return made
    return None


def _draws(compiler: Compiler, fn: Function, kinds: Mapping[str, Kind]) -> Draws:
    """What a run draws random numbers from; it must do nothing else that can be told outside."""
    draws, others = compiler.draws_of(fn, kinds)
    message = "with `memory_budget` the function is run once to see what it keeps, and this is seen"
    problems = []
    for inner, stmt in others:
        unit = inner.units.get(stmt.unit)
        line, col = (unit.line, unit.col) if unit is not None else (inner.line, 0)
        problems.append(Problem(inner.file, line, col, message, "give no budget"))
    if problems:
        raise UnsupportedError(problems)
    return draws


def _run(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    draws: Draws,
    names: Mapping[str, Any],
) -> Any:
    """What is kept outside loops; random numbers are drawn as if nothing had been."""
    sources = [arguments.get(name, names.get(name)) for name in draws.generators]
    states = [random_state(rng) for rng in sources]
    numpy_state, state = np.random.get_state(), random.getstate()
    try:
        return function(*inspect.BoundArguments(inspect.signature(function), dict(arguments)).args)
    finally:
        for rng, known in zip(sources, states, strict=True):
            set_random_state(rng, known)
        np.random.set_state(numpy_state)
        random.setstate(state)


def _left(result: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a forward sweep leaves for the backward one, without the arguments."""
    _, left = result
    if callable(left):  # a pullback
        left = [cell.cell_contents for cell in left.__closure__ or ()]
    given = {id(base_of(leaf)) for arg in arguments.values() for leaf in trees.flatten(arg)[0]}
    arrays = (part for part in leaves(left) if isinstance(part, np.ndarray))
    return tuple(array for array in arrays if id(base_of(array)) not in given)
