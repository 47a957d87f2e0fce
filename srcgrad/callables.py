"""What may be handed to `grad`: functions, and callables that come down to one.

A bound method, an object with `__call__` and a `functools.partial` are differentiated as the
function
inside, with what they hold as fixed arguments. A library function is a program of one call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType, MethodType
from typing import Any

from srcgrad.checkpoint import CheckpointedFunction
from srcgrad.custom import CustomFunction
from srcgrad.errors import SrcgradError
from srcgrad.ir.core import Assign, Atom, Exit, Function, Param, Var
from srcgrad.ir.kinds import OBJECT, Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.rules.registry import Primitive, lookup


@dataclass(frozen=True, slots=True)
class Core:
    """The function inside a callable. `fixed`: kinds of the parameters that the callable
    supplies."""

    function: Any
    args: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Kind] = field(default_factory=dict)
    method: bool = False  # the first argument is the object whose method it is

    def bind(self, generated: Callable[..., Any]) -> Callable[..., Any]:
        """The generated function with the fixed arguments in place."""
        if not self.args and not self.keywords:
            return generated
        return functools.partial(generated, *self.args, **self.keywords)


def core_of(primal: Any) -> Core:
    """Take a callable apart. Raises `SrcgradError` for what is no callable."""
    if isinstance(primal, functools.partial):
        inner = core_of(primal.func)
        args, keywords = (*inner.args, *primal.args), {**inner.keywords, **primal.keywords}
        return Core(inner.function, args, keywords, _fixed(inner.function, args, keywords))
    if isinstance(primal, MethodType):
        inner = core_of(primal.__func__)
        args = (primal.__self__, *inner.args)
        fixed = dict.fromkeys(_names(inner.function)[:1], OBJECT)
        return Core(inner.function, args, inner.keywords, {**inner.fixed, **fixed}, True)
    if isinstance(primal, CheckpointedFunction):  # there is nothing around it to keep
        return core_of(primal.primal)
    if isinstance(primal, FunctionType | CustomFunction) or lookup(primal) is not None:
        return Core(primal)
    if not callable(primal):
        raise SrcgradError(f"{primal!r} cannot be called, so it has no derivative")
    method = inspect.getattr_static(type(primal), "__call__", None)
    if isinstance(method, FunctionType):
        return core_of(MethodType(method, primal))
    return Core(primal)


def _names(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def _fixed(function: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> dict[str, Kind]:
    values = dict(zip(_names(function), args, strict=False)) | dict(keywords)
    return {name: kind_of_value(value, name) for name, value in values.items()}


class LibraryProgram:
    """A library function as a program: one call of it."""

    root = "library"

    def __init__(
        self, prim: Primitive, signature: inspect.Signature, kinds: Mapping[str, Kind]
    ) -> None:
        args: list[Atom] = []
        kwargs: list[tuple[str, Atom]] = []
        for name, param in signature.parameters.items():
            if param.default is inspect.Parameter.empty:
                args.append(Var(name))
            elif kinds.get(name, OBJECT).tag not in ("none", "generator", "object"):
                kwargs.append((name, Var(name)))  # given by the call
        name = prim.name.split(".")[-1]
        call = Assign(("y",), prim.name, tuple(args), tuple(kwargs))
        params = [Param(atom.name) for atom in args if isinstance(atom, Var)]
        for given, _ in kwargs:
            default = signature.parameters[given].default
            plain = type(default) in (bool, int, float, str, type(None))
            params.append(Param(given, default=repr(default) if plain else None))
        self.fn = Function(name, tuple(params), (call, Exit("return", Var("y"))), file=prim.name)

    def lower(self, key: str) -> Function:
        return self.fn

    def source(self, key: str) -> Any:
        raise SrcgradError(f"{self.fn.name} is a library function and has no source here")
