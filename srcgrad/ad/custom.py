"""Functions that carry a rule: their halves and their tangents, as calls of them and of the rule.

A rule is for one mode, cotangents (`custom_vjp`) or tangents (`custom_jvp`). In the other mode it
is transposed: it is linear in what it is given, so its transpose is its derivative by that, taken
at zeros. The halves of the rule itself are what reverse mode writes for any function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad import support
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Callee,
    Const,
    Derived,
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
CHECKED_TANGENT = canonical_name(support.tangent)
OWN = canonical_name(support.own)
VANISHING = canonical_name(support.vanishing)
ZEROS = canonical_name(support.zeros_like)
VALUE = "out%value"

Halves = tuple[Derived, Derived]


def rule_pair(
    fn: Function,
    own: UserFunction,
    active: tuple[str, ...],
    names: tuple[str, str],
    seed: str,
    halves: Halves | None,
) -> tuple[Function, Function]:
    """The functions of the two names, for a function `own` that carries a rule.

    `halves`: of the rule, where it gives tangents.
    """
    whole, call = _whole(fn, own)
    values = _values(fn)
    forward = (
        *_value(own, values),
        Assign(("result@b1",), "tuple", (Var(VALUE), *values)),
        Assign(("result@b2",), "tuple", (Var(VALUE), Var("result@b1"))),
        Exit("return", Var("result@b2")),
    )
    bars = _given(fn, active, seed) if halves is None else _pulled(fn, active, halves, seed)
    unpack = Assign((VALUE, *(p.name for p in fn.params)), "copy", (Var("residuals%"),))
    found = tuple(Var(f"{name}%bar1") for name in active)
    doc = f"Value of {call}, and what its rule needs."
    first = replace(whole, name=names[0], body=forward, doc=doc)
    doc = f"Cotangents of {', '.join(active)} in {call}, by its rule."
    params = (Param("residuals%"), Param(seed))
    body = (unpack, *bars, *_returned(found))
    return first, replace(whole, name=names[1], params=params, body=body, doc=doc)


def rule_jvp(
    fn: Function,
    own: UserFunction,
    active: tuple[str, ...],
    name: str,
    params: tuple[Param, ...],
    dots: tuple[str, ...],
    halves: Halves | None,
) -> Function:
    """The tangent function of a function `own` that carries a rule.

    `dots` are its parameters for the tangents of the active ones. `halves`: of the rule, where it
    gives cotangents.
    """
    whole, call = _whole(fn, own)
    values = _values(fn)
    known = dict(zip(active, dots, strict=True))
    code: list[Stmt] = [*_value(own, values)]
    given: list[Atom] = []
    for p in fn.params:
        given.append(Var(known.get(p.name, f"{p.name}@b2")))
        if p.name not in known:
            code.append(Assign((f"{p.name}@b2",), ZEROS, (Var(p.name),)))
    if halves is None:
        assert isinstance(fn.rule, UserFunction)
        code.append(Assign(("dot@b1",), fn.rule, (Var(VALUE), *values, *given)))
    else:
        code += _transposed(fn, halves, ((Var(VALUE),), (Var(VALUE), *values)), given, "dot@b1")
        for varied in active:  # for the checks alone
            *place, checked = _part(fn, varied, "zeros@b1")
            code += [*place, replace(checked, targets=())]
    code.append(Assign(("dot@b2",), CHECKED_TANGENT, (Var("dot@b1"), Var(VALUE))))
    code.append(Assign(("dot@b3",), OWN, (Var("dot@b2"),)))
    doc = f"Value of {call} and its tangent, from those of {', '.join(active)}, by its rule."
    body = (*code, *_returned((Var(VALUE), Var("dot@b3"))))
    return replace(whole, name=name, params=params, body=body, doc=doc)


def _whole(fn: Function, own: UserFunction) -> tuple[Function, str]:
    known = {**fn.globals, own.name: Global(own.name, "function", "", own)}
    call = f"`{fn.name}({', '.join(p.name for p in fn.params)})`"
    return replace(fn, globals=known, units={}, rule=None), call


def _values(fn: Function) -> tuple[Var, ...]:
    return tuple(Var(p.name) for p in fn.params)


def _value(own: Callee, values: tuple[Atom, ...]) -> Block:
    return (Assign(("out@b1",), own, values), Assign((VALUE,), OWN, (Var("out@b1"),)))


def _given(fn: Function, active: tuple[str, ...], seed: str) -> list[Stmt]:
    """Cotangents by the rule itself."""
    assert isinstance(fn.rule, UserFunction)
    args = (Var(seed), Var(VALUE), *_values(fn))
    code: list[Stmt] = [Assign(("bars@b1",), fn.rule, args)]
    for name in active:
        code += _part(fn, name, "bars@b1")
        code.append(Assign((f"{name}%bar1",), OWN, (Var(f"{name}%bar"),)))
    return code


def _part(fn: Function, name: str, bars: str) -> list[Assign]:
    """The cotangent of one parameter among those that a rule gives, checked."""
    bar, code = bars, list[Assign]()
    if len(fn.params) > 1:
        bar = f"{name}@b1"
        place = Const([p.name for p in fn.params].index(name))
        code.append(Assign((bar,), "operator.getitem", (Var(bars), place)))
    return [*code, Assign((f"{name}%bar",), CHECKED, (Var(bar), Var(name)))]


def _pulled(fn: Function, active: tuple[str, ...], halves: Halves, seed: str) -> list[Stmt]:
    """Cotangents by the transpose of a rule for tangents."""
    values = _values(fn)
    targets = tuple(f"{name}%bar1" for name in active)
    return _transposed(fn, halves, (values, (Var(VALUE), *values)), [Var(seed)], *targets)


def _transposed(
    fn: Function,
    halves: Halves,
    given: tuple[tuple[Var, ...], tuple[Var, ...]],
    seeds: Sequence[Atom],
    *targets: str,
) -> list[Stmt]:
    """The derivative of the rule by what it is linear in, which is taken at zeros.

    `given`: what these zeros are like, and the other arguments.
    """
    like, others = given
    zeros = tuple(Var(f"zero@b{i + 1}") for i in range(len(like)))
    code: list[Stmt] = [
        Assign((zero.name,), ZEROS, (x,)) for zero, x in zip(zeros, like, strict=True)
    ]
    args = (*others, *zeros) if fn.pushes else (*zeros, *others)
    forward, backward = halves
    code.append(Assign(("zeros@b1", "rule@residuals"), forward, args))
    at_zeros = Var("zeros@b1")
    if fn.pushes:
        at_zeros = Var("zeros@b2")
        code.append(Assign((at_zeros.name,), CHECKED_TANGENT, (Var("zeros@b1"), Var(VALUE))))
    code.append(Assign((), VANISHING, (at_zeros,)))
    seed: Atom = seeds[0]
    if len(seeds) > 1:
        seed = Var("seeds@b1")
        code.append(Assign((seed.name,), "tuple", tuple(seeds)))
    code.append(Assign(targets, backward, (Var("rule@residuals"), seed)))
    return code


def _returned(values: tuple[Atom, ...]) -> Block:
    if len(values) == 1:
        return (Exit("return", values[0]),)
    return (Assign(("result@b1",), "tuple", values), Exit("return", Var("result@b1")))
