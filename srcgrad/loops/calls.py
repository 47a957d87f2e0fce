"""Calls of functions that the text defines: values that come in variables of their own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign
from srcgrad.loops.shaping import contiguous
from srcgrad.loops.tree import add, assign, call, constant, name, raising, when
from srcgrad.loops.values import Array, Number, Value, whole

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


DEEPEST = 900  # calls within each other: Python ends a recursion, a machine's stack just breaks


def deeper(low: Loops) -> ast.stmt:
    """The check of a function that is called by itself: how deep it is has a parameter."""
    low.level = low.uses.fresh("depth")
    test = ast.Compare(name(low.level), [ast.Gt()], [constant(DEEPEST)])
    return when(test, raising("RecursionError", "calls within calls"))


def call_of(low: Loops, stmt: Assign, fn: str) -> None:
    """A call of another function of the text."""
    kinds = [low.facts.after(stmt, target) for target in stmt.targets]
    if fn not in low.calls or any(k.tag not in ("scalar", "array") for k in kinds):
        low.refuse(f"a call of `{fn}` with these arguments has no loop form")
    args, groups = [], set()
    for atom in stmt.args:
        value = low.value(atom)
        if isinstance(value, Array):
            groups.add(value.group)
        args.append(contiguous(low, value) if isinstance(value, Array) else low.real(value))
    args.append(add(name(low.level), constant(1)) if low.level else constant(0))
    found = [
        low.uses.memory(t) if k.is_array else low.uses.fresh(low.uses.final(t))
        for t, k in zip(stmt.targets, kinds, strict=True)
    ]
    into = [ast.Name(base, ast.Store()) for base in found]
    low.place([assign(into[0] if len(into) == 1 else ast.Tuple([*into], ast.Store()),
                       call(fn, *args))], groups)  # fmt: skip
    made: list[Value] = []
    for base, target, kind in zip(found, stmt.targets, kinds, strict=True):
        group = low.uses.group(target)
        new = whole(base, kind.shape or (), kind.dtype, group)
        made.append(new if kind.is_array else Number(name(base), kind.dtype))
    for target, value in zip(stmt.targets, made, strict=True):
        low.bind(stmt, target, value)
