"""Helpers that generated texts carry, where such a text is read again: they have rules as such."""

from __future__ import annotations

import ast
import functools
import inspect
from typing import Any

from srcgrad import support
from srcgrad.frontend.context import Context
from srcgrad.ir.core import UserFunction
from srcgrad.rules.naming import canonical_name

_KNOWN = {"own": support.own, "stop_gradient": support.stop_gradient}


def helper_name(ctx: Context, fn: UserFunction) -> str:
    """The name under which the compiler knows a function of the user's; empty if it does not."""
    helper = _KNOWN.get(fn.name)
    if helper is None or fn.key in ctx.env.requests.nested:
        return ""
    node = ctx.env.definition(fn).node
    same = isinstance(node, ast.FunctionDef) and _shown(node) == _shown_helper(fn.name)
    return canonical_name(helper) if same else ""


@functools.cache
def _shown_helper(name: str) -> str:
    (node,) = ast.parse(inspect.getsource(_KNOWN[name])).body
    return _shown(node)


def _shown(node: Any) -> str:
    """Parameters and statements, without annotations and docstring."""
    params = [arg.arg for arg in node.args.args]
    return str(params) + "".join(ast.dump(stmt) for stmt in node.body[1:])
