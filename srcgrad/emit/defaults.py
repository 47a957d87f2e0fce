"""Defaults of parameters, as the text of a generated file gives them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad.ir.core import Param


def default_text(param: Param) -> str | None:
    """A default that reads no name: its value, where the user's text names a constant or the
    function was given another default."""
    plain = type(param.value) in (bool, int, float, str, type(None), tuple)
    if param.default is None or not param.has_value or not plain:
        return param.default
    return repr(param.value) if _is_other(param.default, param.value) else param.default


def named_default(param: Param, namespace: dict[str, Any]) -> Param:
    """A default that the user's text calls by a name, as an object: the name may stand for another
    one by now."""
    held = isinstance(param.value, (np.ndarray, np.generic, list, dict))
    if not (param.has_value and held and (param.default or "").isidentifier()):
        return param
    stem = f"default_of_{param.name.partition('@')[0]}"
    name, number = stem, 1
    while namespace.get(name, param.value) is not param.value:
        number += 1
        name = f"{stem}_{number}"
    namespace[name] = param.value
    return replace(param, default=name, has_value=False)


def _is_other(text: str, value: object) -> bool:
    """Whether an expression names a constant, or is a literal of another value."""
    try:
        return repr(ast.literal_eval(text)) != repr(value)
    except ValueError:
        return any(isinstance(node, ast.Name) for node in ast.walk(ast.parse(text)))
