"""What the free names of a function stand for: in its closure, its module, or Python itself."""

from __future__ import annotations

import builtins
from types import FunctionType
from typing import Any, Literal, TypeAlias

Place: TypeAlias = Literal["cell", "global", "builtin", "missing"]
Named: TypeAlias = tuple[FunctionType, str, Place, Any]  # a function, a name in it, its meaning


def looked_up(fn: FunctionType, name: str) -> tuple[Place, Any]:
    """Where a free name of a function is found, and what it stands for."""
    free = fn.__code__.co_freevars
    if name in free and fn.__closure__ is not None:
        try:
            return "cell", fn.__closure__[free.index(name)].cell_contents
        except ValueError:  # the variable has no value yet
            return "missing", None
    if name in fn.__globals__:
        return "global", fn.__globals__[name]
    if hasattr(builtins, name):
        return "builtin", getattr(builtins, name)
    return "missing", None
