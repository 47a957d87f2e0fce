"""Values of constant expressions, found without running the module they stand in.

Literals, arithmetic on constants, constants of libraries, and a few calls that can do no harm.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.frontend.environment import MISSING, OPAQUE, Environment, is_plain, library_name

_MAX_BITS = 4096  # of an integer: `10**10**10` must not keep the compiler busy

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_CALLS = frozenset(
    {"builtins.float", "builtins.int", "numpy.array", "numpy.asarray"}
    | {f"math.{name}" for name in ("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "radians")}
    | {f"numpy.{name}" for name in ("sqrt", "exp", "log", "sin", "cos", "float64", "float32")}
)


class NotConstant(Exception):
    """The expression has no value that can be had without running the module."""


def constant_value(node: ast.expr, env: Environment, needs: list[str]) -> Any:
    """The value of a constant expression; free names it reads are appended to `needs`.

    A name or path of a library's function gives that function. Raises `NotConstant`.
    """
    try:
        value = _value(node, env, needs)
    except (ArithmeticError, TypeError, ValueError, RecursionError, MemoryError):
        raise NotConstant from None
    if is_plain(value) or library_name(value):
        return value
    raise NotConstant


def _value(node: ast.expr, env: Environment, needs: list[str]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name | ast.Attribute):
        return _object(node, env, needs)
    if isinstance(node, ast.Tuple):
        return tuple(_value(item, env, needs) for item in node.elts)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_number(node.operand, env, needs))
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        a, b = _number(node.left, env, needs), _number(node.right, env, needs)
        _check_size(node.op, a, b)
        return _BINARY[type(node.op)](a, b)
    if isinstance(node, ast.Call):
        return _call(node, env, needs)
    raise NotConstant


def _number(node: ast.expr, env: Environment, needs: list[str]) -> Any:
    value = _value(node, env, needs)
    if isinstance(value, int | float | complex | np.generic | np.ndarray):
        return value
    raise NotConstant


def _check_size(op: ast.operator, a: Any, b: Any) -> None:
    if not isinstance(a, int) or not isinstance(b, int):
        return
    bits = a.bit_length() * abs(b) if isinstance(op, ast.Pow) else a.bit_length() + b.bit_length()
    if bits > _MAX_BITS:
        raise NotConstant


def _object(node: ast.expr, env: Environment, needs: list[str]) -> Any:
    attrs: list[str] = []
    while isinstance(node, ast.Attribute):
        attrs.append(node.attr)
        node = node.value
    found = env.lookup(node.id) if isinstance(node, ast.Name) else None
    if found is None:
        raise NotConstant
    if not found.builtin:
        needs.append(found.glob.name)
    obj = found.obj
    for attr in reversed(attrs):
        obj = env.member(obj, attr)
        if obj is MISSING or obj is OPAQUE:
            raise NotConstant
    return obj


def _call(node: ast.Call, env: Environment, needs: list[str]) -> Any:
    fn = _object(node.func, env, needs) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if not callable(fn) or library_name(fn) not in _CALLS:
        raise NotConstant
    if any(k.arg is None or k.arg != "dtype" for k in node.keywords):
        raise NotConstant
    args = [_argument(arg, env, needs) for arg in node.args]
    return fn(*args, **{str(k.arg): _value(k.value, env, needs) for k in node.keywords})


def _argument(node: ast.expr, env: Environment, needs: list[str]) -> Any:
    """Lists may stand in the arguments of a call: `np.array([[1.0, 2.0]])`."""
    if isinstance(node, ast.List):
        return [_argument(item, env, needs) for item in node.elts]
    return _value(node, env, needs)
