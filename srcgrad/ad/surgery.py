"""Code of the user's on gradients (`on_gradient`), in forward mode."""

from __future__ import annotations

from srcgrad import support
from srcgrad.analysis.memory import Effects
from srcgrad.errors import Problem
from srcgrad.ir.core import Exit, Function, Var
from srcgrad.ir.walk import assigned, stored, walk
from srcgrad.rules.naming import canonical_name

CHECKED = canonical_name(support.cotangent)


def pushing_problems(fn: Function, hook: Function, effects: Effects) -> list[Problem]:
    """Forward mode runs no such code, so the code must leave the gradient as it is."""
    bar = hook.params[0].name
    ends = [s.value for s in walk(hook.body) if isinstance(s, Exit)]
    changed = bar in assigned(hook.body) | stored(hook.body) or bar in effects.writes
    if not changed and all(value == Var(bar) for value in ends):
        return []
    message = f"`{bar}` is changed by code on a gradient, which forward mode does not run"
    return [Problem(fn.file, fn.line, 0, message, "use reverse mode, or only look at the gradient")]
