"""The two halves of a function that carries a rule: a call of it, and a call of the rule."""

from __future__ import annotations

from dataclasses import replace

from srcgrad import support
from srcgrad.ir.core import (
    Assign,
    Block,
    Const,
    Exit,
    Function,
    Global,
    Param,
    Stmt,
    UserFunction,
    Var,
)
from srcgrad.rules.naming import canonical_name

CHECKED = canonical_name(support.cotangent)
OWN = canonical_name(support.own)


def rule_pair(
    fn: Function, own: UserFunction, active: tuple[str, ...], names: tuple[str, str], seed: str
) -> tuple[Function, Function]:
    """The functions of the two names, for a function `own` that carries a rule."""
    known = {**fn.globals, own.name: Global(own.name, "function", "", own)}
    call = f"`{fn.name}({', '.join(p.name for p in fn.params)})`"
    forward, backward = _halves(fn, own, active, seed)
    whole = replace(fn, globals=known, units={}, rule=None)
    doc = f"Value of {call}, and what its rule needs."
    first = replace(whole, name=names[0], body=forward, doc=doc)
    doc = f"Cotangents of {', '.join(active)} in {call}, by its rule."
    params = (Param("residuals%"), Param(seed))
    return first, replace(whole, name=names[1], params=params, body=backward, doc=doc)


def _halves(
    fn: Function, own: UserFunction, active: tuple[str, ...], seed: str
) -> tuple[Block, Block]:
    """Bodies of the halves of `fn`, whose rule is `fn.rule`, for these active parameters."""
    assert isinstance(fn.rule, UserFunction)
    names = tuple(p.name for p in fn.params)
    values = tuple(map(Var, names))
    forward: tuple[Stmt, ...] = (
        Assign(("out@b1",), own, values),
        Assign(("out%value",), OWN, (Var("out@b1"),)),
        Assign(("result@b1",), "tuple", (Var("out%value"), *values)),
        Assign(("result@b2",), "tuple", (Var("out%value"), Var("result@b1"))),
        Exit("return", Var("result@b2")),
    )
    backward: list[Stmt] = [
        Assign(("out%value", *names), "copy", (Var("residuals%"),)),
        Assign(("bars@b1",), fn.rule, (Var(seed), Var("out%value"), *values)),
    ]
    found = []
    for name in active:
        bar = "bars@b1"
        if len(names) > 1:
            bar = f"{name}@b1"
            place = Const(names.index(name))
            backward.append(Assign((bar,), "operator.getitem", (Var("bars@b1"), place)))
        backward.append(Assign((f"{name}%bar",), CHECKED, (Var(bar), Var(name))))
        backward.append(Assign((f"{name}%bar1",), OWN, (Var(f"{name}%bar"),)))
        found.append(Var(f"{name}%bar1"))
    if len(found) == 1:
        return forward, (*backward, Exit("return", found[0]))
    backward.append(Assign(("result@b1",), "tuple", tuple(found)))
    return forward, (*backward, Exit("return", Var("result@b1")))
