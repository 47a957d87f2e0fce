"""Derivatives that a program takes of its own functions, to be made by whoever compiles it."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from typing import Any

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Function, UserFunction
from srcgrad.options import Mode

MODES: tuple[Mode, ...] = ("grad", "value_and_grad")


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


@dataclass(frozen=True, slots=True)
class Taken:
    """A name of a module that holds a derivative: of which function, and how it was asked for."""

    fn: Any
    mode: Mode
    wanted: tuple[int | str, ...]
    single: bool = True
    has_aux: bool = False


@dataclass(frozen=True, slots=True)
class Ruled:
    """A name of a module that holds a function with a rule for its derivative."""

    primal: Any
    rule: Any
    pushes: bool = False  # the rule gives tangents
    tangent: Any = None  # a rule that does, beside one that does not


@dataclass(frozen=True, slots=True)
class Rules:
    """The same as functions of the program."""

    rule: UserFunction
    pushes: bool
    tangent: UserFunction | None


def ruled_by(obj: Any) -> Ruled | None:
    """The function and the rule that a decorator brought together; None for any other object."""
    if isinstance(obj, Ruled):
        return obj
    names = {f"{cls.__module__}.{cls.__name__}" for cls in type(obj).__mro__}
    known = "srcgrad.custom.CustomFunction" in names
    return Ruled(obj.primal, obj.rule, obj.pushes, obj.tangent) if known else None


_HOLDERS = ("srcgrad.derivative.Derivative", "srcgrad.planning.Budgeted")


def taken_by(obj: Any) -> Taken | None:
    """What an object that `grad` returned was made of; None for any other object."""
    if isinstance(obj, Taken):
        return obj
    if f"{type(obj).__module__}.{type(obj).__name__}" not in _HOLDERS:
        return None
    primal = getattr(obj, "primal", None)  # lost where it was pickled
    if primal is None or obj.label not in MODES:
        return None
    return Taken(primal, obj.label, obj.wrt, obj.single, obj.has_aux)


AGAIN = "@again"  # ends the key of a function that is run again to be reversed


@dataclass(frozen=True, slots=True)
class Again:
    """A name of a module that holds a checkpointed function."""

    primal: Any


def checkpointed_by(obj: Any, written: Callable[[Any], UserFunction | None]) -> UserFunction | None:
    """The function that `checkpoint` was put on, as one to be run again; None for other objects."""
    name = f"{type(obj).__module__}.{type(obj).__name__}"
    if not isinstance(obj, Again) and name != "srcgrad.checkpoint.CheckpointedFunction":
        return None
    inner = obj.primal
    own = inner if isinstance(inner, UserFunction) else written(inner)
    return None if own is None else UserFunction(own.name, own.key + AGAIN)


class Requests:
    """The derivatives asked for by the functions of a program, by key."""

    def __init__(self) -> None:
        self.nested: dict[str, Nested] = {}
        self.reserved: set[str] = set()  # names of functions in the texts made so far
        self.rules: dict[str, Rules] = {}  # of functions that carry some, by key
        self.ruled: dict[str, Any] = {}  # the objects that hold the two, where they are known
        self.lifted: dict[str, Function] = {}  # made of parts of others, by key

    def add_rule(self, key: str, rules: Rules, holder: Any) -> None:
        """Note that a function carries a rule; `holder` is the object that holds the two."""
        self.rules[key] = rules
        self.ruled[key] = holder

    def add(self, nested: Nested, taken: Container[str]) -> UserFunction:
        """A callee for a derivative. Its name is none of those taken, nor that of another one."""
        name = self.reserve(f"{nested.fn.name}_{nested.mode}", taken)
        key = f"derivative:{name}"
        self.nested[key] = nested
        return UserFunction(name, key)

    def lift(self, fn: Function, taken: Container[str]) -> UserFunction:
        """A callee for a function that stands in no text, under a name that is still free."""
        name = self.reserve(fn.name, taken)
        key = f"lifted:{name}"
        self.lifted[key] = replace(fn, name=name)
        return UserFunction(name, key)

    def reserve(self, stem: str, taken: Container[str]) -> str:
        """A name that no function of the program has."""
        name, number = stem, 1
        while name in taken or name in self.reserved:
            number += 1
            name = f"{stem}_{number}"
        self.reserved.add(name)
        return name
