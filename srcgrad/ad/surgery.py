"""The halves of a place where code of the user's handles a gradient: `on_gradient`."""

from __future__ import annotations

from dataclasses import replace

from srcgrad import support
from srcgrad.analysis.memory import Effects
from srcgrad.errors import Problem
from srcgrad.ir.core import Assign, Block, Const, Exit, Function, Global, Param, Stmt, Var
from srcgrad.ir.walk import assigned, stored, walk
from srcgrad.rules.naming import canonical_name

CHECKED = canonical_name(support.cotangent)
OWN = canonical_name(support.own)
ZEROS = canonical_name(support.zeros_like)


def hook_pair(
    fn: Function, active: tuple[str, ...], names: tuple[str, str], seed: str
) -> tuple[Function, Function]:
    """`return h, (c,)`, and a call of the user's code with the gradient and what it reads."""
    assert fn.hook is not None
    first, *captured = (Var(p.name) for p in fn.params)
    known = {**fn.globals, fn.hook.name: Global(fn.hook.name, "function", "", fn.hook)}
    whole = replace(fn, globals=known, units={}, hook=None)
    forward = (
        Assign(("result@b1",), "tuple", tuple(captured)),
        Assign(("result@b2",), "tuple", (first, Var("result@b1"))),
        Exit("return", Var("result@b2")),
    )
    read = tuple(value.name for value in captured)
    fn_name = "copy" if len(captured) > 1 else "operator.getitem"
    place = () if len(captured) > 1 else (Const(0),)
    unpack = [Assign(read, fn_name, (Var("residuals%"), *place))] if captured else []
    backward = (
        *unpack,
        Assign(("bar@b1",), OWN, (Var(seed),)),
        Assign(("bar@b2",), fn.hook, (Var("bar@b1"), *captured)),
        Assign(("bar@b3",), CHECKED, (Var("bar@b2"), Var(seed))),
        *_returned(first, active),
    )
    doc = f"`{first.name}`, and what `{fn.hook.name}` reads."
    made = replace(whole, name=names[0], body=forward, doc=doc)
    doc = f"The gradient of `{first.name}` that `{fn.hook.name}` makes of it."
    params = (Param("residuals%"), Param(seed))
    return made, replace(whole, name=names[1], params=params, body=backward, doc=doc)


def _returned(first: Var, active: tuple[str, ...]) -> Block:
    """The gradient, and zeros for what the code reads: nothing flows through it."""
    code: list[Stmt] = []
    parts: list[Var] = []
    for name in active:
        parts.append(Var("bar@b3") if name == first.name else Var(f"{name}%bar"))
        if name != first.name:
            code.append(Assign((f"{name}%bar",), ZEROS, (Var(name),)))
    if len(parts) == 1:
        return (*code, Exit("return", parts[0]))
    code.append(Assign(("result@b3",), "tuple", tuple(parts)))
    return (*code, Exit("return", Var("result@b3")))


def pushing_problems(fn: Function, hook: Function, effects: Effects) -> list[Problem]:
    """Forward mode runs no such code, so the code must leave the gradient as it is."""
    bar = hook.params[0].name
    ends = [s.value for s in walk(hook.body) if isinstance(s, Exit)]
    changed = bar in assigned(hook.body) | stored(hook.body) or bar in effects.writes
    if not changed and all(value == Var(bar) for value in ends):
        return []
    message = f"`{bar}` is changed by code on a gradient, which forward mode does not run"
    return [Problem(fn.file, fn.line, 0, message, "use reverse mode, or only look at the gradient")]
