"""Derivatives that a program takes of its own functions, to be made by whoever compiles it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from srcgrad.ir.core import Function, UserFunction
from srcgrad.options import Mode


@dataclass(frozen=True, slots=True)
class Nested:
    """A function inside a program, and which derivative of it is called there.

    `captured`: its last parameters, which are variables of the function around it.
    """

    fn: Function
    mode: Mode
    wrt: tuple[str, ...]
    single: bool
    has_aux: bool
    captured: tuple[str, ...] = ()


class Requests:
    """The derivatives asked for by the functions of a program, by key."""

    def __init__(self) -> None:
        self.nested: dict[str, Nested] = {}

    def add(self, nested: Nested, taken: Container[str]) -> UserFunction:
        """A callee for a derivative. Its name is none of those taken, nor that of another one."""
        stem = name = f"{nested.fn.name}_{nested.mode}"
        number = 1
        while name in taken or f"derivative:{name}" in self.nested:
            number += 1
            name = f"{stem}_{number}"
        key = f"derivative:{name}"
        self.nested[key] = nested
        return UserFunction(name, key)
