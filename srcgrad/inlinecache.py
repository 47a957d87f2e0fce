"""An inline cache: one test of whether a call has arguments like those of the calls before it.

Most calls of a derivative have arguments of the same kinds and shapes again and again. To make a
key of them takes a call of a function for each; here one expression is written and compiled that
looks at all of them:

    len(args) == 2 and type(args[0]) is C0 and args[0].dtype is C1 and args[0].shape == C2 and ...

Source: L. P. Deutsch and A. M. Schiffman, Efficient implementation of the Smalltalk-80 system,
POPL 1984 (inline caches of method lookups).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from srcgrad.ir.values import ATOMIC, Key

Test: TypeAlias = Callable[[tuple[Any, ...]], bool]

MOST = 24  # values looked at: what is larger is known by its key


class InlineCache:
    """The tests made for one derivative, by the exact key of what they accept."""

    def __init__(self) -> None:
        self._tests: dict[Key, Test | None] = {}
        self._previous: Key | None = None

    def test(self, key: Key, args: tuple[Any, ...]) -> Test:
        """The test for arguments of a key; one that fails until they come twice in a row, so that
        arrays of ever new lengths have none compiled for each."""
        if key not in self._tests:
            again, self._previous = key == self._previous, key
            if not again:
                return never
            self._tests[key] = _Writer().test(args)
        return self._tests[key] or never

    def clear(self) -> None:
        self._tests.clear()


def never(args: tuple[Any, ...]) -> bool:
    """The test that nothing passes."""
    return False


class _TooMuch(Exception):
    """Values of other types, or too many: no test is written."""


class _Writer:
    """Writes the conditions on one tuple of arguments."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.constants: dict[str, Any] = {}
        self.names = 0

    def test(self, args: tuple[Any, ...]) -> Test | None:
        self.conditions.append(f"len(args) == {len(args)}")
        try:
            for i, value in enumerate(args):
                self.value(f"args[{i}]", value)
        except _TooMuch:
            return None
        text = f"lambda args: {' and '.join(self.conditions)}"
        made: Test = eval(text, {"__builtins__": {}, "type": type, "len": len, **self.constants})
        return made

    def value(self, place: str, value: Any) -> None:
        """The conditions on what stands at a place: its type, and what its key tells."""
        self.names += 1
        if self.names > MOST:
            raise _TooMuch
        cls, name = type(value), f"v{self.names}"
        leaf = cls in ATOMIC
        if not leaf:
            place = f"({name} := {place})"
        self.conditions.append(f"type({place}) is {self.constant(cls)}")
        if leaf:
            return
        if cls is np.ndarray:
            dtype, shape = self.constant(value.dtype), self.constant(value.shape)
            self.conditions.append(f"{name}.dtype is {dtype} and {name}.shape == {shape}")
        elif cls is list or cls is tuple:
            self.conditions.append(f"len({name}) == {len(value)}")
            for i, item in enumerate(value):
                self.value(f"{name}[{i}]", item)
        elif cls is dict:
            self.conditions.append(f"[*{name}] == {self.constant([*value])}")
            for key, item in value.items():
                self.value(f"{name}[{self.constant(key)}]", item)
        else:
            raise _TooMuch

    def constant(self, value: Any) -> str:
        """A name for an object that the test compares with."""
        name = f"C{len(self.constants)}"
        self.constants[name] = value
        return name
