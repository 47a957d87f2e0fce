"""`f_vjp`: the value, and a pullback that may be called any number of times."""

from __future__ import annotations

import ast

from srcgrad.emit.nodes import Comment
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Param
from srcgrad.ir.kinds import Kind


@dataclass(frozen=True, slots=True)
class Pullback:
    """What `f_vjp` is made of. `again`: a pullback needs a forward sweep of its own."""

    name: str
    params: tuple[Param, ...]
    forward: str
    backward: str
    doc: str
    result: Kind
    again: bool


def pullback_function(piece: Pullback, params: ast.arguments, own: str) -> ast.FunctionDef:
    """The function as a tree; `own` is the helper that copies what is not known to be an array."""
    taken = {p.name for p in piece.params}
    out, residuals, seed, inner = (
        _free(n, taken) for n in ("out", "residuals", "out_bar", "pullback")
    )
    call = ast.Call(_name(piece.forward), _arguments(piece.params), _keywords(piece.params))
    kept = "_" if piece.again else residuals
    run = _assign([ast.Tuple([_name(out), _name(kept)])], call)
    body: list[ast.stmt] = [
        ast.Expr(ast.Constant("Cotangents of the arguments, from that of the value."))
    ]
    if piece.again:
        body += [
            Comment(
                "The backward sweep undoes stores in place: it gets a forward sweep of its own."
            ),
            _assign([ast.Tuple([_name("_"), _name(residuals)])], call),
        ]
    back = ast.Call(_name(piece.backward), [_name(residuals), _name(seed)], [])
    body.append(ast.Return(back))
    one = ast.arguments([], [ast.arg(seed)], None, [], [], None, [])
    value: ast.expr = _name(out)
    if piece.result.is_array:
        value = ast.Call(ast.Attribute(value, "copy"), [], [])
    elif not piece.result.is_scalar:
        value = ast.Call(_name(own), [value], [])
    nested = ast.FunctionDef(inner, one, body, [], None, lineno=0)
    last = ast.Return(ast.Tuple([value, _name(inner)]))
    doc = ast.Expr(ast.Constant(piece.doc))
    return ast.FunctionDef(piece.name, params, [doc, run, nested, last], [], None, lineno=0)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def _assign(targets: list[ast.expr], value: ast.expr) -> ast.Assign:
    return ast.Assign(targets, value, lineno=0)


def _arguments(params: tuple[Param, ...]) -> list[ast.expr]:
    given: list[ast.expr] = [_name(p.name) for p in params if p.kind in ("positional", "plain")]
    return given + [ast.Starred(_name(p.name)) for p in params if p.kind == "varargs"]


def _keywords(params: tuple[Param, ...]) -> list[ast.keyword]:
    given = [ast.keyword(p.name, _name(p.name)) for p in params if p.kind == "keyword"]
    return given + [ast.keyword(None, _name(p.name)) for p in params if p.kind == "varkw"]
