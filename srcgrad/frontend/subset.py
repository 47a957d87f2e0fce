"""Constructs that are refused, each with the reason and what to write instead."""

from __future__ import annotations

from typing import Any

REFUSED: dict[str, tuple[str, str]] = {
    "AsyncFor": ("`async for` cannot be differentiated", "write a plain `for`"),
    "AsyncFunctionDef": ("a coroutine cannot be differentiated", "write a plain `def`"),
    "AsyncWith": ("`async with` cannot be differentiated", ""),
    "Await": ("`await` cannot be differentiated", "compute the value before, and pass it in"),
    "ClassDef": ("a class defined inside a function is not supported", "move it to the module"),
    "GeneratorExp": (
        "a generator expression is supported as the argument of `sum`, `max`, `any` and the like",
        "write it as a list, with brackets",
    ),
    "Starred": ("a starred expression is not supported here", "write the items out"),
    "TryStar": ("`except*` is not supported", "test the condition with `if` instead"),
    "TypeAlias": ("a type alias inside a function is not supported", "move it to the module"),
    "Yield": ("`yield` cannot be differentiated", "return a list"),
    "YieldFrom": ("`yield from` cannot be differentiated", "return a list"),
}


def refusal(node: Any) -> tuple[str, str]:
    """Reason and remedy for a node that has no translation."""
    name = type(node).__name__
    return REFUSED.get(name, (f"this construct ({name}) is not supported", "write it more plainly"))
