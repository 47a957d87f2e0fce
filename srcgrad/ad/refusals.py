"""Problems of whole functions, which no single statement has."""

from __future__ import annotations

from collections.abc import Container, Iterable

from srcgrad.ad.context import problem_at
from srcgrad.analysis.memory import Effects
from srcgrad.analysis.outside import seen_outside
from srcgrad.errors import Problem
from srcgrad.ir.core import Assign, Function
from srcgrad.ir.library import draws


def missing_problems(fn: Function, names: Iterable[str]) -> list[Problem]:
    """Names whose value is not known from the text."""
    remedy = "pass it as a parameter, or assign it a literal at the top of the module"
    return [
        _problem(fn, f"`{name}` has no value that the text of the module tells", remedy)
        for name in names
    ]


def repeated_problem(functions: Iterable[Function]) -> Problem | None:
    """A call that somebody outside can tell was made twice."""
    for fn in functions:
        for stmt in seen_outside(fn):
            message = "this call would be repeated by every pullback, which undoes stores"
            return problem_at(fn, stmt, message, "move it out of the function, or use grad")
    return None


def rule_problems(fn: Function, effects: Effects) -> list[Problem]:
    """A function that carries a rule stands for its value alone."""
    if not (effects.writes or effects.returns):
        return []
    message = f"`{fn.name}` carries a rule, and writes into its arguments or returns one of them"
    return [_problem(fn, message, "work on a copy: `x = x.copy()`")]


def again_problems(
    fn: Function, effects: Effects, others: Iterable[tuple[Function, Assign]]
) -> list[Problem]:
    """A function that is run again must do the same again, and nothing else."""
    out = []
    for inner, stmt in others:
        message = f"this call is made again when `{fn.name}`, which is checkpointed, is run again"
        remedy = "move it out of what is checkpointed"
        if draws(str(stmt.fn)) or str(stmt.fn).startswith("method."):
            remedy += "; or draw from a generator that is an argument, or a name, of it"
        out.append(problem_at(inner, stmt, message, remedy))
    if effects.writes:
        message = f"`{fn.name}` is checkpointed, and writes into its arguments"
        out.append(_problem(fn, message, "work on a copy: `x = x.copy()`"))
    return out


def draw_problems(fn: Function, between: bool, assigned: Iterable[str]) -> list[Problem]:
    """What a checkpointed loop does with generators of random numbers beside drawing in its
    body. `between`: its condition draws, too; `assigned`: generators that it assigns."""
    found = [
        (
            f"the generator `{name.partition('@')[0]}` is assigned in a checkpointed loop",
            "make it before",
        )
        for name in sorted(assigned)
    ]
    if between:
        message = "the condition of a checkpointed loop draws random numbers, and so does its body"
        found.append((message, "draw in the body, and leave it by `break`"))
    return [problem_at(fn, fn.body[0], *problem) for problem in found]


def transposed_problem(fn: Function) -> Problem:
    """A rule for tangents that is transposed serves one cotangent."""
    message = f"many cotangents at once: `{fn.name}` carries a rule for tangents"
    return _problem(fn, message, "take one cotangent at a time: `vjp`")


def given_problem(fn: Function) -> Problem:
    """What is read of arguments first is looked for anew in the function to be written."""
    message = f"`{fn.name}` is written in another way, where it reads less of its arguments first"
    return _problem(fn, message, "take its Jacobian as it is")


def changing_problem(fn: Function) -> Problem:
    """What a function does to objects is not done by what is written of it."""
    message = f"`{fn.name}` assigns the attribute `{fn.changes}` of an object from outside"
    return _problem(fn, message, "return the new value instead")


def left_problem(fn: Function, callee: str) -> Problem:
    """Loops are one function."""
    message = f'backend "numba": a call of `{callee}` is not written out'
    return _problem(fn, message, 'use backend="numpy" for this function')


def memory_problem(fn: Function, message: str, remedy: str) -> Problem:
    """What names share of memory is not known."""
    return _problem(fn, message, remedy)


def writing_problem(fn: Function, name: str) -> Problem:
    """Loops work on copies of what they write into."""
    message = f"`{fn.name}` writes into its argument `{name}`"
    return _problem(fn, message, "write into a copy, and return it")


def limit_problem(fn: Function) -> Problem:
    """The limit of a loop is iterated for one direction."""
    message = "many directions at once: a loop converges for each of them"
    return _problem(fn, message, "take one direction at a time: `jvp`, `vjp`")


def linear_problem(fn: Function, rule: Function) -> Problem:
    """Only a rule that is linear can serve the other mode."""
    mode, of = ("reverse", "the tangents") if fn.pushes else ("forward", "the cotangent")
    message = f"`{fn.name}` carries a rule that is not seen to be linear in {of}"
    remedy = (
        f"use it without {mode} mode, let `{rule.name}` multiply {of} by what it computes, or "
        "annotate the parameters"
    )
    return _problem(rule, message, remedy)


def capture_problems(
    fn: Function, captured: Iterable[str], copied: Container[str]
) -> list[Problem]:
    """A derivative works on copies of what it writes, so its surroundings would not see it."""
    return [
        _problem(
            fn,
            f"a function that is differentiated writes into `{name}` of its surroundings",
            "store into a copy",
        )
        for name in captured
        if name in copied
    ]


def _problem(fn: Function, message: str, remedy: str) -> Problem:
    return Problem(fn.file, fn.line, 0, message, remedy)
