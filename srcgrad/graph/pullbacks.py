"""Cotangents of one operation's operands, by the same formulas that the compiler inlines."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcgrad.graph.nodes import Application, Edge, Node
from srcgrad.graph.values import is_number
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import formulas_for

LOCAL_ROOM = 28
_STORED = frozenset({"base", "value"})


def parameters(application: Application) -> frozenset[str] | None:
    """The parameters that a derivative flows to; None if no formula is known."""
    prim, call = application.primitive, application.call
    if prim is None or call is None:
        return _STORED if application.name != "operator.getitem" else frozenset({"base"})
    formulas = formulas_for(prim, call)
    return None if formulas is None else frozenset(formulas)


def cotangents(node: Node, upstream: Any) -> dict[str, Any]:
    """The cotangent of each parameter from that of the result."""
    application = node.application
    assert application is not None
    prim, call = application.primitive, application.call
    if prim is None or call is None:
        return _STRUCTURAL[application.name](upstream, application.values)
    wanted = {edge.place.param for edge in node.edges}
    formulas = formulas_for(prim, call) or {}
    return {
        param: _evaluate(formula, node, application.values, upstream)
        for param, formula in formulas.items()
        if param in wanted
    }


def _evaluate(formula: Formula, node: Node, values: Mapping[str, Any], upstream: Any) -> Any:
    names: dict[str, Any] = {"g": upstream, "d": upstream, "y": node.value, **values}
    if formula.params:
        names |= {formula.params[0]: upstream, formula.params[1]: node.value}
    body = ast.fix_missing_locations(ast.Expression(formula.body))
    space = {"__builtins__": builtins, **formula.namespace, **names}
    return eval(compile(body, "<formula>", "eval"), space)


def local_derivative(node: Node, edge: Edge, name_of: Callable[[str], str]) -> Any:
    """The derivative of an operation with respect to an operand: a number, an array or a text.

    Elementwise operations and scalar results have one of the operand's or the result's shape. The
    Jacobian of any other is written as its pullback, `g @ W.T`.
    """
    application = node.application
    assert application is not None
    prim = application.primitive
    scalar = np.ndim(node.value) == 0 and is_number(node.value)
    if scalar or (prim is not None and prim.elementwise):
        ones: Any = 1.0 if scalar else np.ones(np.shape(node.value))
        local = at_path(cotangents(node, ones).get(edge.place.param), edge.place.path)
        if local is not None:
            full = not scalar and np.shape(local) != np.shape(node.value)
            return np.broadcast_to(local, np.shape(node.value)) if full else local
        return None
    if prim is None or application.call is None:
        return "selection" if edge.place.param == "base" else "pick"
    formulas = formulas_for(prim, application.call) or {}
    formula = formulas.get(edge.place.param)
    return None if formula is None else _formula_text(formula, name_of)


def _formula_text(formula: Formula, name_of: Callable[[str], str]) -> str:
    names = dict(zip(formula.params[:2], ("g", "y"), strict=False))
    renamed = _Rename(names, name_of).visit(ast.parse(ast.unparse(formula.body), mode="eval").body)
    text = ast.unparse(renamed)
    return text if len(text) <= LOCAL_ROOM else f"{text[: LOCAL_ROOM - 1]}…"


class _Rename(ast.NodeTransformer):
    """Write operands by their names in the program, and `np.f` as `f`."""

    def __init__(self, names: Mapping[str, str], name_of: Callable[[str], str]) -> None:
        self.names = names
        self.name_of = name_of

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id) or self.name_of(node.id))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in ("np", "math"):
            return ast.Name(node.attr)
        value: ast.expr = self.visit(node.value)
        return ast.Attribute(value, node.attr)


def at_path(value: Any, path: tuple[Any, ...]) -> Any:
    """An item deep inside a container of cotangents."""
    for key in path:
        value = None if value is None else value[key]
    return value


def match_shape(cotangent: Any, value: Any) -> Any:
    """Undo broadcasting: sum a cotangent over the axes that its operand does not have."""
    shape, cotangent = np.shape(value), np.asarray(cotangent)
    if cotangent.shape != shape:
        extra = cotangent.ndim - len(shape)
        if extra >= 0:
            cotangent = cotangent.sum(axis=tuple(range(extra)))
            ones = tuple(a for a, n in enumerate(shape) if n == 1 and cotangent.shape[a] != 1)
            cotangent = cotangent.sum(axis=ones, keepdims=True)
        cotangent = np.broadcast_to(cotangent, shape)
    return cotangent if isinstance(value, np.ndarray) else cotangent[()]


def _getitem(upstream: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """`y = base[index]`: `base_bar[index] += y_bar`, repeated indices added up."""
    base, index = values["base"], values["index"]
    if isinstance(base, (list, tuple)):
        out = [zeros(item) for item in base]
        out[index] = upstream
        return {"base": out}
    bar = zeros(base)
    np.add.at(bar, index, upstream)
    return {"base": bar}


def _setitem(upstream: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """`base[index] = value`: the cotangent of what was overwritten is zero."""
    index = values["index"]
    base_bar = np.array(upstream)
    value_bar = match_shape(base_bar[index], values["value"])
    base_bar[index] = 0
    return {"base": base_bar, "value": value_bar}


def _increment(upstream: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """`base[index] += value` (`-=` with the sign): the old value counts too.

    NumPy adds the value once for each place, repeated indices included.
    """
    at = np.asarray(upstream)[values["index"]]
    return {"base": upstream, "value": match_shape(values["sign"] * at, values["value"])}


_STRUCTURAL: dict[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]] = {
    "operator.getitem": _getitem,
    "operator.setitem": _setitem,
    "increment": _increment,
    "decrement": _increment,
}


def zeros(value: Any) -> Any:
    """Zeros of the structure and shape of a value."""
    if isinstance(value, (list, tuple)):
        return [zeros(item) for item in value]
    dtype = complex if np.iscomplexobj(value) else float
    return np.zeros(np.shape(value), dtype)


def add(a: Any, b: Any) -> Any:
    """The sum of two cotangents of one structure; None stands for zero."""
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, (list, tuple)):
        return [add(x, y) for x, y in zip(a, b, strict=True)]
    return a + b
