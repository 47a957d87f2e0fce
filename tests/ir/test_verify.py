"""The verifier accepts what lowering makes and names what is wrong with anything else."""

from __future__ import annotations

import pytest

from srcgrad.errors import InternalError
from srcgrad.ir.core import Assign, Block, Const, Exit, For, Function, If, Param, Var, While
from srcgrad.ir.show import show
from srcgrad.ir.verify import verify

X = Var("x")
RETURN = Exit("return", X)


def program(*body: object) -> Function:
    return Function("f", (Param("x"),), body)  # type: ignore[arg-type]


BAD: dict[str, Block] = {
    "reads y before": (Assign(("z",), "copy", (Var("y"),)), RETURN),
    "not the last": (RETURN, Assign(("z",), "copy", (X,))),
    "outside a loop": (Exit("break"),),
    "exit value": (Exit("return"),),
    "body assigns": (For("i", Const(0), X, Const(1), (Assign(("x",), "copy", (Const(1),)),)),),
    "reads c before": (While((), Var("c"), ()), RETURN),
    "copy takes one": (Assign(("z",), "copy", ()), RETURN),
    "prologue": (For("i", Const(0), X, Const(1), (), prologue=1), RETURN),
}


@pytest.mark.parametrize("message", BAD)
def test_ill_formed(message: str) -> None:
    with pytest.raises(InternalError, match=message):
        verify(program(*BAD[message]))


def test_well_formed() -> None:
    body = (Assign(("y",), "copy", (Var("z"),)), Assign(("z",), "copy", (X,)))
    loop = For("i", Const(0), X, Const(1), (*body, If(X, (Exit("break"),))))
    fn = program(loop, RETURN)
    verify(fn)  # `z` may come from the iteration before
    assert show(fn) == (
        "def f(x):\n    for i in range(x):\n        y = copy(z)\n        z = copy(x)\n"
        "        if x:\n            break\n    return x\n"
    )
