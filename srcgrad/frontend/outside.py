"""Memory that belongs to objects from outside: the function may read it, and must not write it."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Mapping, Set
from typing import Any

import gast
import numpy as np

from srcgrad.frontend.context import Context
from srcgrad.frontend.parse import to_gast
from srcgrad.ir.core import Assign, Atom, Block, Param, Stmt, Store, Unit, UserFunction, Var
from srcgrad.ir.walk import MUTATORS, operands, walk

# What gives a view of its first argument, or an item of it.
_VIEWS = frozenset(
    {"copy", "unpack", "operator.getitem", "method.get", "method.pop", "method.values"}
    | {"method.items", "method.view", "method.append", "tuple", "list", "dict"}
    | {"builtins.list", "builtins.tuple"}
    | {
        f"numpy.{name}"
        for name in (
            "asarray", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_to", "diagonal",
            "expand_dims", "moveaxis", "ravel", "real", "imag", "reshape", "rot90", "split", "flip",
            "squeeze", "swapaxes", "transpose", "array_split", "fliplr", "flipud", "hsplit",
            "vsplit",
        )
    }
)  # fmt: skip

_COPIES = frozenset({"tuple", "list", "dict", "builtins.list", "builtins.tuple"})  # of containers
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Call)
_MUTABLE = (list, dict, set, bytearray, deque, np.ndarray)


def refuse_writes(ctx: Context, body: Block, objects: Mapping[str, Any]) -> None:
    """A problem for each statement that may write into an array or container of an object."""
    if not objects:
        return
    shared = _sharing(body, set(), objects)
    for stmt in walk(body):
        if _writes(ctx, stmt, shared):
            _refuse(
                ctx,
                stmt,
                "this may write into an array or container of an object",
                "write into a copy",
            )


def refuse_kept_defaults(ctx: Context, body: Block, params: Iterable[Param]) -> None:
    """A problem for each statement that changes the default of a parameter: the next call that
    takes it sees that. Of nested functions, defaults are variables of the function around."""
    for param in params:
        if not _is_mutable(param):
            continue
        shared = _sharing(body, {param.name}, {}, _VIEWS - _COPIES)
        anew = [s for s in walk(body) if isinstance(s, Assign) and param.name in s.targets]
        if not all(_shares(stmt, shared, {}, _VIEWS - _COPIES) for stmt in anew):
            continue
        for stmt in walk(body):
            called = isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction)
            if not called and _writes(ctx, stmt, shared):
                message = f"the default of `{param.name}` may be changed for later calls"
                remedy = "make `None` the default, and a new one in the function"
                _refuse(ctx, stmt, message, remedy)


def _is_mutable(param: Param) -> bool:
    """Whether the default is, or may be, a container or an array."""
    if param.has_value or param.default is None:
        return isinstance(param.value, _MUTABLE)
    return isinstance(ast.parse(param.default, mode="eval").body, _DISPLAYS)


def _refuse(ctx: Context, stmt: Stmt, message: str, remedy: str) -> None:
    ctx.problem_at(ctx.units.get(stmt.unit) or Unit(1, 0, ""), message, remedy)


def _sharing(
    body: Block, shared: set[str], objects: Mapping[str, Any], views: Set[str] = _VIEWS
) -> set[str]:
    """Names that may share memory with these, or with what objects hold."""
    before = -1
    while len(shared) > before:  # assignments in loops come round again
        before = len(shared)
        for stmt in walk(body):
            if isinstance(stmt, Assign) and _shares(stmt, shared, objects, views):
                shared |= set(stmt.targets)
                if stmt.fn in MUTATORS and isinstance(stmt.args[0], Var):
                    shared.add(stmt.args[0].name)
    return shared


def _shares(stmt: Assign, shared: set[str], objects: Mapping[str, Any], views: Set[str]) -> bool:
    fn = stmt.fn
    if isinstance(fn, str) and fn.startswith("attr."):
        (base,) = stmt.args
        if isinstance(base, Var) and base.name in objects:
            value = getattr(objects[base.name], fn[5:], None)
            return not isinstance(value, bool | int | float | complex | str | None)
        return _is_shared(base, shared)
    if not isinstance(fn, str) or fn in views or fn.startswith("operator.i"):
        return any(_is_shared(atom, shared) for atom in operands(stmt))
    return False


def _is_shared(atom: Atom, shared: set[str]) -> bool:
    return isinstance(atom, Var) and atom.name in shared


def _writes(ctx: Context, stmt: Stmt, shared: set[str]) -> bool:
    if isinstance(stmt, Store):
        return stmt.base.name in shared
    if not isinstance(stmt, Assign):
        return False
    if isinstance(stmt.fn, UserFunction):
        return any(_is_shared(a, shared) for a in operands(stmt)) and _may_write(ctx, stmt.fn)
    if not isinstance(stmt.fn, str):
        return False
    in_place = stmt.fn.startswith("operator.i") and stmt.fn not in (
        "operator.is_",
        "operator.is_not",
        "operator.invert",
    )
    if in_place or stmt.fn in MUTATORS or stmt.fn == "call":
        return bool(stmt.args) and _is_shared(stmt.args[0], shared)
    return any(key == "out" and _is_shared(value, shared) for key, value in stmt.kwargs)


def _may_write(ctx: Context, fn: UserFunction) -> bool:
    if fn.key in ctx.env.requests.nested:
        return False
    known = ctx.env.definition(fn)
    for node in gast.walk(to_gast(known.file, known.node)):
        if isinstance(node, gast.AugAssign):
            return True
        if isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Store):
            return True
        if isinstance(node, gast.Attribute) and f"method.{node.attr}" in MUTATORS:
            return True
    return False
