"""A program together with the derivatives that its own functions take of others.

Such a derivative is made when it is first asked for, as a text of its own, and read again as a part
of the program. So it may be differentiated like any function, and nothing is special about a
derivative of a derivative.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from srcgrad.backends.numpy import compile_source
from srcgrad.frontend.requests import Nested
from srcgrad.ir.core import Function

PRIMAL = ".primal"  # ends the key of the function that a nested derivative is of

Make = Callable[[str, str, Nested], tuple[str, Mapping[str, Any]]]


class Program(Protocol):
    """What the front end gives: functions by key."""

    def lower(self, key: str) -> Function: ...

    def source(self, key: str) -> Any: ...


class Linked:
    """`make` writes a nested derivative: from its key, its name and what it is of, to a text and
    the values it reads that no text expresses."""

    def __init__(self, program: Program, make: Make) -> None:
        self.program = program
        self.make = make
        self.taken: set[str] = set()  # names of functions in the texts made so far
        self._adopted: dict[str, str] = {}

    @property
    def nested(self) -> Mapping[str, Nested]:
        found: Mapping[str, Nested] = getattr(self.program, "nested", {})
        return found

    def lower(self, key: str) -> Function:
        if key.endswith(PRIMAL):
            return self.nested[key.removesuffix(PRIMAL)].fn
        return self.program.lower(self.own(key))

    def source(self, key: str) -> Any:
        return self.program.source(self.own(key))

    def own(self, key: str) -> str:
        """The program's own key of a function: of a nested derivative, that of its text."""
        nested = self.nested.get(key)
        if nested is None:
            return key
        if key not in self._adopted:
            name = key.partition(":")[2]
            text, namespace = self.make(key + PRIMAL, name, nested)
            self.taken |= {n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}
            program: Any = self.program

            def load() -> Any:
                return compile_source(text, name, namespace)

            self._adopted[key] = program.adopt(name, text, load)
        return self._adopted[key]
