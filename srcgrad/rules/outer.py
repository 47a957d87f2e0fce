"""`np.add.outer(a, b)` and its like: an elementwise function of every pair of elements.

Their formulas are those of the function itself, `a` with an axis for each axis of `b`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call, KindRule
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import TABLE, Primitive, computed, formulas_for, primitive, zero
from srcgrad.rules.results import bool_kind, float_kind, ufunc_kind


def _outer_kind(rule: KindRule) -> KindRule:
    """The kind of an elementwise result, its shape that of both operands in a row."""

    def kind(call: Call) -> Kind:
        kinds = (call.kind("a"), call.kind("b"))
        dtype = rule(call).dtype
        if any(k.tag not in ("scalar", "array") for k in kinds):
            return Kind("unknown", dtype)
        shapes = [k.shape for k in kinds if k.shape is not None]
        if len(shapes) < 2:
            return Kind("array", dtype)
        shape = (*shapes[0], *shapes[1])
        return Kind("array" if shape else "scalar", dtype, shape)

    return kind


class _Named(ast.NodeTransformer):
    """A formula of `f(x, z)` as one of `f.outer(a, b)`."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        text = self.texts.get(node.id)
        return node if text is None else ast.parse(text, mode="eval").body


def _formulas(prim: Primitive) -> Any:
    def formulas(call: Call) -> Mapping[str, str] | None:
        kinds = {"a": call.kind("a"), "b": call.kind("b")}
        if any(kind.is_container for kind in kinds.values()):
            return None
        vectors = all(kind.rank == 1 for kind in kinds.values())
        first, second = prim.params
        raised = "a[:, None]" if vectors else "np.reshape(a, np.shape(a) + (1,) * np.ndim(b))"
        named = _Named({"d": "g", first: raised, second: "b"})
        own = formulas_for(prim, Call(prim.name, {}, {}, {}))
        assert own is not None
        axes = {"a": "1", "b": "0"}
        if not vectors:
            axes = {"a": "tuple(range(np.ndim(a), np.ndim(g)))", "b": "tuple(range(np.ndim(a)))"}
        return {
            name: f"np.sum({_text(own[param], named)}, axis={axes[name]})"
            for name, param in (("a", first), ("b", second))
        }

    return formulas


def _text(formula: Formula, named: _Named) -> str:
    copied = ast.parse(ast.unparse(formula.body), mode="eval").body
    return ast.unparse(named.visit(copied))


for _fn, _rule in (
    (np.add, ufunc_kind),
    (np.subtract, ufunc_kind),
    (np.multiply, ufunc_kind),
    (np.divide, float_kind),
    (np.maximum, ufunc_kind),
    (np.minimum, ufunc_kind),
    (np.hypot, float_kind),
    (np.arctan2, float_kind),
):
    _prim = TABLE[canonical_name(_fn)]
    _name = f"{_prim.name}.outer"
    primitive(_name, "a, b", kind=_outer_kind(_rule))
    _names = formulas_for(_prim, Call(_prim.name, {}, {}, {})) or {}
    computed(_name, _formulas(_prim), {**next(iter(_names.values())).namespace, "np": np})
for _test in (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal):
    zero(f"{canonical_name(_test)}.outer", signature="a, b", kind=_outer_kind(bool_kind))
