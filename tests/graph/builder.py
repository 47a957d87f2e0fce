"""Programs written by hand in the IR, so that the graph is tested apart from the front end."""

from __future__ import annotations

from typing import Any

from srcgrad.graph import Graph, trace
from srcgrad.ir.core import Assign, Atom, Const, Exit, Function, Param, Stmt, Unit, Var


def atom(value: Any) -> Atom:
    """A name for a string, a literal for anything else; `"'text'"` is a string literal."""
    if isinstance(value, str):
        return Const(value[1:-1]) if value.startswith("'") else Var(value)
    return Const(value)


def do(target: str, fn: Any, *args: Any, **kwargs: Any) -> Assign:
    """`target = fn(*args, **kwargs)`; several targets are written `"a b"`."""
    named = tuple((key, atom(value)) for key, value in kwargs.items())
    return Assign(tuple(target.split()), fn, tuple(map(atom, args)), named, unit=0)


def give(value: Any) -> Exit:
    return Exit("return", atom(value))


def program(params: str, *body: Stmt, name: str = "f") -> Function:
    """A function whose every statement stands on line 7 of model.py."""
    units = {0: Unit(7, 4, "z = something(x)")}
    names = tuple(Param(param) for param in params.split())
    return Function(name, names, body, units, file="model.py")


def run(function: Function, wrt: tuple[str, ...] | None = None, **at: Any) -> Graph:
    """The graph of a function that calls no other."""
    return trace(function, lambda key: program(""), at, wrt)


LINE = program(
    "w x b y",
    do("z0", "operator.mul", "w", "x"),
    do("z1", "operator.add", "z0", "b"),
    do("z2", "operator.sub", "z1", "y"),
    do("L", "operator.pow", "z2", 2),
    give("L"),
    name="loss",
)
BILL = program(
    "rate shipping goods",
    do("out@1", "operator.mul", 6600, 2),
    do("out@2", "operator.truediv", "out@1", "rate"),
    do("out@3", "operator.add", "out@2", "shipping"),
    do("out@4", "operator.add", "out@3", "goods"),
    give("out@4"),
    name="bill",
)
