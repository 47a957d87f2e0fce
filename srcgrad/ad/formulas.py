"""Inline a rule's formula: its expression tree becomes derivative statements over the call's
operands."""

from __future__ import annotations

import ast
import builtins
import functools
import types
from collections.abc import Mapping
from typing import Any

from srcgrad.ad.builder import Builder
from srcgrad.errors import InternalError
from srcgrad.ir.core import Atom, Const
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.quote import Formula

BINARY = {
    ast.Add: "operator.add", ast.Sub: "operator.sub", ast.Mult: "operator.mul",
    ast.Div: "operator.truediv", ast.FloorDiv: "operator.floordiv", ast.Mod: "operator.mod",
    ast.Pow: "operator.pow", ast.MatMult: "operator.matmul", ast.BitAnd: "operator.and_",
    ast.BitOr: "operator.or_",
}  # fmt: skip
COMPARE = {
    ast.Lt: "operator.lt", ast.LtE: "operator.le", ast.Gt: "operator.gt", ast.GtE: "operator.ge",
    ast.Eq: "operator.eq", ast.NotEq: "operator.ne",
}  # fmt: skip
UNARY = {
    ast.USub: "operator.neg",
    ast.UAdd: "operator.pos",
    ast.Invert: "operator.invert",
    ast.Not: "operator.not_",
}


def inline(formula: Formula, values: Mapping[str, Atom], build: Builder) -> Atom:
    """The value of a formula whose parameters stand for `values`."""
    return _Inliner(values, formula.namespace, build).expr(formula.body)


class _Inliner:
    def __init__(
        self, values: Mapping[str, Atom], namespace: Mapping[str, Any], build: Builder
    ) -> None:
        self.values = values
        self.namespace = namespace
        self.build = build

    def expr(self, node: ast.expr) -> Atom:
        if isinstance(node, ast.Name) and node.id in self.values:
            return self.values[node.id]
        if isinstance(node, ast.Constant):
            return Const(node.value)
        if isinstance(node, ast.BinOp):
            return self.build.emit(
                BINARY[type(node.op)], (self.expr(node.left), self.expr(node.right))
            )
        if isinstance(node, ast.UnaryOp):
            return self.build.emit(UNARY[type(node.op)], (self.expr(node.operand),))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            operands = (self.expr(node.left), self.expr(node.comparators[0]))
            return self.build.emit(COMPARE[type(node.ops[0])], operands)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.Attribute):
            return self.attribute(node)
        if isinstance(node, ast.Subscript):
            return self.build.emit(
                "operator.getitem", (self.expr(node.value), self.expr(node.slice))
            )
        if isinstance(node, (ast.Tuple, ast.List)):
            kind = "tuple" if isinstance(node, ast.Tuple) else "list"
            return self.build.emit(kind, [self.expr(item) for item in node.elts])
        if isinstance(node, ast.Slice):
            parts = (node.lower, node.upper, node.step)
            return self.build.emit(
                "slice", [Const(None) if p is None else self.expr(p) for p in parts]
            )
        raise InternalError(f"a rule's formula uses {ast.unparse(node)}, which cannot be inlined")

    def attribute(self, node: ast.Attribute) -> Atom:
        known = self.static(node)
        if known is not None:
            return self.build.emit(f"load.{self.dotted(node)}", ())
        return self.build.emit(f"attr.{node.attr}", (self.expr(node.value),))

    def dotted(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self.dotted(node.value)}.{node.attr}"
        assert isinstance(node, ast.Name)
        module = self.namespace[node.id]
        return module.__name__ if isinstance(module, types.ModuleType) else node.id

    def static(self, node: ast.expr) -> Any:
        """The library object an expression names; None if it is a value of the program."""
        if isinstance(node, ast.Name):
            if node.id in self.values:
                return None
            return self.namespace.get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, ast.Attribute):
            base = self.static(node.value)
            return None if base is None else getattr(base, node.attr)
        return None

    def call(self, node: ast.Call) -> Atom:
        args = [self.expr(arg) for arg in node.args]
        kwargs = [(kw.arg or "", self.expr(kw.value)) for kw in node.keywords]
        fn = self.static(node.func)
        if fn is not None:
            return self.build.emit(canonical_name(fn), args, kwargs)
        assert isinstance(node.func, ast.Attribute), ast.unparse(node)
        base = self.expr(node.func.value)
        return self.build.emit(f"method.{node.func.attr}", [base, *args], kwargs)


def is_pass_through(formula: Formula) -> bool:
    """True for `g` or `d`: the cotangent goes through as it is."""
    return isinstance(formula.body, ast.Name)


@functools.lru_cache(maxsize=4096)
def _stretched_to(body: ast.expr) -> str:
    """The shape in a formula `np.broadcast_to(EXPR, shape)`; "" for any other."""
    if not (isinstance(body, ast.Call) and ast.unparse(body.func) == "np.broadcast_to"):
        return ""
    return ast.unparse(body.args[1])


def lazy_body(formula: Formula, values: Mapping[str, Atom]) -> Formula | None:
    """EXPR of a formula `np.broadcast_to(EXPR, x.shape)`."""
    body = formula.body
    shape = _stretched_to(body)
    if not shape or not isinstance(body, ast.Call):
        return None
    if any(shape in (f"{name}.shape", f"np.shape({name})") for name in values):
        return Formula(formula.params, body.args[0], formula.namespace)
    return None
