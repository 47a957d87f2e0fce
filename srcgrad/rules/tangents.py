"""Tangents of functions whose derivative is not elementwise: how each is linear, or a formula.

`linear(f, "a b")`: the tangent is the function itself, applied to the tangents of these
    arguments together, the others staying as they are: `np.sum(a_dot, axis)`,
    `np.concatenate([a_dot, b_dot])`.
`multilinear(f, "a b")`: linear in each of them alone, so that the tangent is a sum with one term
    for each: `a_dot @ b + a @ b_dot`.
`weighted(f, "a")`: a reduction, the sum of the tangents of the elements, each times its weight.
`pushforward(f, a=lambda d, y, a, axis: ...)`: the term of each argument from its tangent `d`.

A function with none of these gets its tangent from its pullback, which is linear in the cotangent:
the transpose of the one is the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal

from srcgrad.ir.classes import dataclass
from srcgrad.rules.call import Call, Condition
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.quote import Formula, quote

# What no tangent depends on, beside the value that formulas read.
HARMLESS = frozenset({"keepdims", "kind", "stable", "dtype", "rcond", "rtol", "check_finite"})
# Values that become part of a result: functions are linear in them and the rest together.
ADDED = frozenset({
    "initial", "end_values", "constant_values", "left", "right", "fill_value", "prepend", "append",
    "period", "default", "out",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tangent:
    """How the tangent of a call is made of those of its arguments."""

    how: Literal["linear", "multilinear", "weighted", "formulas"]
    params: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()  # arguments that only move the value: left out
    formulas: dict[str, Formula] = field(default_factory=dict)
    axes: tuple[int, ...] | None = None  # reduced; None: those that the call names
    when: Condition | None = None
    real: bool = False  # holds for real operands only
    knows: frozenset[str] = frozenset()  # arguments that formulas account for, and do not read

    def holds(self, call: Call, may_be_complex: bool) -> bool:
        """True if the form is right for a call: it accounts for every argument given."""
        if self.real and may_be_complex or not (self.when is None or self.when(call)):
            return False
        given = {name.split("[")[0] for name in call.args}
        if self.how == "formulas":
            read = {name for formula in self.formulas.values() for name in formula.reads}
            return given <= read | self.formulas.keys() | self.knows | HARMLESS
        return self.how == "weighted" or not given & ADDED - self.params - self.dropped


TANGENTS: dict[str, tuple[Tangent, ...]] = {}


def _add(fn: Any, made: Tangent) -> None:
    name = canonical_name(fn)
    TANGENTS[name] = (*TANGENTS.get(name, ()), made)


def linear(*functions: Any, of: str, drop: str = "", when: Condition | None = None) -> None:
    """Declare functions as linear in the arguments `of`, taken together.

    `drop`: arguments whose value is added to the result, which tangents do not know.
    """
    for fn in functions:
        _add(fn, Tangent("linear", frozenset(of.split()), frozenset(drop.split()), when=when))


def multilinear(*functions: Any, of: str, when: Condition | None = None) -> None:
    """Declare functions as linear in each of the arguments `of`."""
    for fn in functions:
        _add(fn, Tangent("multilinear", frozenset(of.split()), when=when))


def weighted(
    *functions: Any,
    of: str,
    axes: tuple[int, ...] | None = None,
    also: Mapping[str, Callable[..., Any]] | None = None,
    when: Condition | None = None,
) -> None:
    """Declare reductions: what an element gives to its result is weighed by the pullback of 1.

    `axes`: those reduced, where the call has no `axis`. `also`: formulas of other arguments.
    """
    extra = also or {}
    formulas = dict(zip(extra, quote(tuple(extra.values())), strict=True))
    for fn in functions:
        made = Tangent("weighted", frozenset(of.split()), formulas=formulas, axes=axes, when=when)
        _add(fn, made)


def pushforward(
    fn: Any,
    *,
    when: Condition | None = None,
    real: bool = False,
    knows: str = "",
    **formulas: Callable[..., Any],
) -> None:
    """Declare the terms that arguments give to the tangent of a function.

    `real`: the formulas hold for real operands only. A call with an argument that they neither read
    nor know of is none of theirs; `knows` names those that they account for otherwise.
    """
    quoted = dict(zip(formulas, quote(tuple(formulas.values())), strict=True))
    accounted = frozenset(knows.split())
    _add(fn, Tangent("formulas", formulas=quoted, when=when, real=real, knows=accounted))


def tangent_for(name: str, call: Call, may_be_complex: bool) -> Tangent | None:
    """The first declared form that holds for a call; None if there is none."""
    for made in TANGENTS.get(name, ()):
        if made.holds(call, may_be_complex):
            return made
    return None
