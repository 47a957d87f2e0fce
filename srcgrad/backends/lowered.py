"""A derivative for given argument kinds: its text, the function made from it, when it is stale."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from srcgrad.backends.numpy import compile_source, write_atomic
from srcgrad.errors import SrcgradError
from srcgrad.ir.classes import dataclass

if TYPE_CHECKING:  # most programs have no need of a compiler
    from srcgrad.backends.numba import Shape

# A module's dictionary, a closure's cell or a function; a name in it; the object it stands for.
Guard: TypeAlias = tuple[Any, str, Any]


@dataclass(frozen=True, eq=False, slots=True)
class Lowered:
    """A derivative specialised to some argument kinds: its text, and the plain generated function.

    `fallback` is NumPy's version behind a compiled one, `shape` how that one is called: a later run
    can compile its text again.
    `namespace` holds what the text reads and does not define. `guards` are the globals and closure
    cells that the function as written read, and the code and defaults of the functions among them:
    another object there makes this version stale. `file` is the user's file, for tracebacks.
    """

    source: str
    function: Callable[..., Any]
    guards: tuple[Guard, ...] = ()
    namespace: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    fallback: Lowered | None = None
    shape: Shape | None = None

    @property
    def plain(self) -> FunctionType:
        """The generated function itself, without arguments that a callable supplies."""
        function = self.function
        while isinstance(function, functools.partial):
            function = function.func
        function = getattr(function, "__wrapped__", function)
        return cast(FunctionType, function)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the text to a file, whole or not at all.

        Raises `SrcgradError` where the text reads a captured value that it does not write out.
        """
        for name in self.namespace:
            if not self.writes_out(name):
                raise SrcgradError(
                    f"`{name}` is captured from the surroundings and cannot be written into a "
                    "file; pass it as a parameter"
                )
        write_atomic(path, self.source)

    def writes_out(self, name: str) -> bool:
        """Whether the text gives a value to a name of the surroundings."""
        return re.search(rf"^{name} ?[=:]", self.source, re.MULTILINE) is not None

    def __reduce__(self) -> tuple[Any, ...]:
        if self.fallback is not None:  # a compiler may not be there
            return self.fallback.__reduce__()
        text, name = self.source, self.plain.__name__
        return _restore, (text, name, dict(self.namespace), self.file)


def _restore(text: str, name: str, namespace: Mapping[str, Any], file: str) -> Lowered:
    # No guards: the module that they watch is not here.
    return Lowered(text, compile_source(text, name, namespace), (), namespace, file)


class _Cell:
    """A closure's cell, to be read like the dictionary that a guard looks into."""

    __slots__ = ("cell",)

    def __init__(self, cell: CellType) -> None:
        self.cell = cell

    def get(self, name: str) -> Any:
        try:
            return self.cell.cell_contents
        except ValueError:  # empty: the variable is unbound, and equals nothing
            return self


class _Attributes:
    """A function's attributes, to be read like the dictionary that a guard looks into."""

    __slots__ = ("get",)

    def __init__(self, function: FunctionType) -> None:
        self.get = functools.partial(getattr, function)  # called for every guard of every call


def _watched(space: Any) -> Any:
    if isinstance(space, CellType):
        return _Cell(space)
    return _Attributes(space) if isinstance(space, FunctionType) else space


@dataclass(frozen=True, eq=False, slots=True)
class Version:
    """An entry of a derivative's cache: what to call (it may adapt arguments), and its guards."""

    call: Callable[..., Any]
    guards: tuple[Guard, ...]
    lowered: Lowered

    @staticmethod
    def of(lowered: Lowered, call: Callable[..., Any] | None = None) -> Version:
        guards = tuple((_watched(space), name, value) for space, name, value in lowered.guards)
        return Version(call or lowered.function, guards, lowered)

    @property
    def fresh(self) -> bool:
        return all(space.get(name) is value for space, name, value in self.guards)
