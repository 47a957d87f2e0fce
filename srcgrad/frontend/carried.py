"""Helpers that a generated file carries, met again when that file is differentiated in its turn.

A function that reads just like a helper with a rule of its own is that helper: its derivative is
the rule, a line, where that of its text would be a page. A helper without a rule is a function like
any other.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import textwrap
from types import CodeType, FunctionType
from typing import Any

from srcgrad.rules.registry import TABLE
from srcgrad.support import alone, apart, own
from srcgrad.support_limits import converging

_HOME = "srcgrad.support"


def carried_helper(obj: Any) -> Any:
    """The helper that a function is a copy of; None if it is none."""
    if not isinstance(obj, FunctionType):
        return None
    helper = _helpers().get(obj.__name__)
    if helper is None or obj is helper:
        return None
    return helper if _content(obj.__code__) == _content(helper.__code__) else None


def carried_definition(node: ast.FunctionDef) -> Any:
    """The same of a definition in a text."""
    helper = _helpers().get(node.name)
    return helper if helper is not None and _body(node) == _text_of(node.name) else None


@functools.cache
def _helpers() -> dict[str, Any]:
    """Helpers that have a rule, by their names."""
    # The compiler knows these without a rule.
    found: dict[str, Any] = {"own": own, "alone": alone, "apart": apart, "converging": converging}
    for dotted in TABLE:
        module, _, name = dotted.rpartition(".")
        if module.startswith(_HOME):
            found[name] = getattr(importlib.import_module(module), name)
    return found


@functools.cache
def _text_of(name: str) -> str:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(_helpers()[name]))).body
    assert isinstance(node, ast.FunctionDef)
    return _body(node)


def _body(node: ast.FunctionDef) -> str:
    """Parameters and statements, without annotations of parameters, and without the docstring:
    a file lays it out in its own way."""
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    told = ast.get_docstring(node, clean=False) is not None
    return "\n".join([*names, *map(ast.dump, node.body[told:])])


def _content(code: CodeType) -> Any:
    """What a function does, whatever file it stands in, and however its docstring is laid out."""
    constants = [_content(c) if isinstance(c, CodeType) else _constant(c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_argcount, constants


def _constant(value: Any) -> str:
    return repr(inspect.cleandoc(value) if isinstance(value, str) else value)
