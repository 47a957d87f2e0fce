"""What may be handed to `grad`: functions, and callables that come down to one.

A bound method, an object with `__call__` and a `functools.partial` are differentiated as the
function
inside, with what they hold as fixed arguments. A library function is a program of one call, which
is written for the arguments given.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import math
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from types import FunctionType, MethodType, ModuleType
from typing import Any

from srcgrad.checkpoint import CheckpointedFunction
from srcgrad.custom import CustomFunction
from srcgrad.errors import SrcgradError
from srcgrad.frontend.environment import library_name
from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import OBJECT, Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.rules.registry import lookup
from srcgrad.signatures import (
    is_library,
    is_spread,
    is_written,
    positional_names,
    required,
    signature_of,
)

_Parameter = inspect.Parameter


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
    if isinstance(primal, MethodType) and is_library(primal):
        return Core(primal)
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
    return list(signature_of(function).parameters)


def _fixed(function: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> dict[str, Kind]:
    values = dict(zip(_names(function), args, strict=False)) | dict(keywords)
    return {name: kind_of_value(value, name) for name, value in values.items()}


def taking_exactly(f: Callable[..., Any], args: Sequence[Any]) -> Callable[..., Any]:
    """A function of so many positional arguments that calls `f` on them."""
    signature = signature_of(f)
    plain = (_Parameter.POSITIONAL_ONLY, _Parameter.POSITIONAL_OR_KEYWORD)
    own = signature.parameters.values()
    known = all(p.kind in plain and p.default is _Parameter.empty for p in own)
    if known and len(own) == len(args) and not is_library(f):
        return f
    names = positional_names(signature, len(args))
    library = is_library(f)
    written = {n: a for n, a in zip(names, args, strict=True) if is_written(a, library)}
    counts = {n: len(a) for n, a in zip(names, args, strict=True) if type(a) is tuple}
    found: Callable[..., Any] = spelled(core_of(f), names, written, counts, True).function
    return found


def spelled(
    core: Core,
    names: Sequence[str],
    written: Mapping[str, Any],
    counts: Mapping[str, int],
    always: bool = False,
) -> Core:
    """A callable whose own text does not name its parameters, as a function that does.

    That is a library function, and one that takes `*args` or `**kwargs`. What the callable supplies
    is written in the call, as a user would: `def sum(a): return np.sum(a, axis=0)`. `names` are the
    parameters given, `written` the values of some of them, which are written as well, `counts` the
    lengths of those that are tuples.
    """
    signature = signature_of(core.function)
    of_library = is_library(core.function)
    if not of_library:
        names = [name for name in names if name not in core.fixed]
        if not always and not written and not is_spread(signature, names):
            return core
    elif not names:  # nothing is known of a call
        names = required(signature)
    if of_library and (count := counts.get("args")) is not None:
        written = {**written, "args": Items("args", count)}
    spelling = _Spelling(core, {*names, *core.keywords}, of_library or always)
    text = spelling.text(signature, names, written)
    namespace = spelling.namespace
    exec(compile(text, "<call>", "exec"), namespace)
    function = namespace[spelling.name]
    function.__source__ = text
    return Core(function)


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple that a library hands on to a function, written out: `(args[0], args[1])`."""

    name: str
    count: int


class _Spelling:
    """How a call of the function inside a callable is written."""

    def __init__(self, core: Core, taken: Iterable[str], exact: bool) -> None:
        self.core = core
        self.exact = exact  # the parameters are those given
        self.taken = set(taken)
        self.namespace: dict[str, Any] = {}
        own = getattr(core.function, "__name__", "function")
        free = own.isidentifier() and own not in self.taken
        self.name = (
            own if free and getattr(builtins, own, None) is not core.function else "function"
        )
        self.taken.add(self.name)

    def text(
        self, signature: inspect.Signature, names: Sequence[str], written: Mapping[str, Any]
    ) -> str:
        """The function that calls it. A parameter without an argument ends the positional ones."""
        callee, given = self._callee(), [*map(self._value, self.core.args)]
        positional = positional_names(signature, len(given) + len(names))[len(given) :]
        by_name = dict.fromkeys(names)
        for name in positional:
            if name not in by_name:
                break
            given.append(self._value(written[name]) if name in written else name)
            del by_name[name]
        for name in by_name:
            given.append(f"{name}={self._value(written[name]) if name in written else name}")
        fixed = {k: v for k, v in self.core.keywords.items() if k not in names}
        given += [f"{name}={self._value(value)}" for name, value in fixed.items()]
        params = ", ".join(names if self.exact else self._params(signature, names, written))
        return f"def {self.name}({params}):\n    return {callee}({', '.join(given)})\n"

    def _params(
        self, signature: inspect.Signature, names: Sequence[str], written: Container[str]
    ) -> Iterator[str]:
        """Parameters for what is given, with the defaults of the function's own."""
        defaults, starred = False, False
        for name in names:
            known = signature.parameters.get(name)
            default = _Parameter.empty if known is None else known.default
            if known is not None and known.kind is _Parameter.KEYWORD_ONLY and not starred:
                starred = True
                yield "*"
            if default is _Parameter.empty and (starred or not defaults):
                yield name
            else:
                defaults = True
                unread = known is None or name in written
                yield f"{name}={self._value(None if unread else default)}"

    def _callee(self) -> str:
        function = self.core.function
        dotted = library_name(function)
        owner = getattr(function, "__self__", None)
        if not dotted and owner is not None and not isinstance(owner, ModuleType):
            return f"{self._held(owner, 'owner')}.{function.__name__}"
        module, _, attr = dotted.rpartition(".")
        if not module:
            return self._held(function, getattr(function, "__name__", "function"))
        while module not in sys.modules:  # a method of an object: `scipy.stats.norm.pdf`
            module, _, inner = module.rpartition(".")
            attr = f"{inner}.{attr}"
        if module == "builtins":
            return attr
        name = "np" if module == "numpy" else module.rpartition(".")[2]
        return f"{self._held(sys.modules[module], name)}.{attr}"

    def _held(self, value: Any, name: str) -> str:
        """A name for a value, in the surroundings of the function."""
        name = name if name.isidentifier() else "function"
        while name in self.taken or hasattr(builtins, name):
            name += "_"
        self.taken.add(name)
        self.namespace[name] = value
        return name

    def _value(self, value: Any) -> str:
        """An argument that the callable supplies: as a literal, if it is one."""
        if value is None or type(value) in (bool, int, str) or value is Ellipsis:
            return repr(value)
        if type(value) is float and math.isfinite(value):
            return repr(value)
        if type(value) in (tuple, list):
            items = ", ".join(map(self._value, value))
            return f"[{items}]" if type(value) is list else f"({items}{',' * (len(value) == 1)})"
        if isinstance(value, Items):
            return f"({''.join(f'{value.name}[{k}], ' for k in range(value.count))})"
        if type(value) is slice:
            return f"slice({self._value(value.start)}, {self._value(value.stop)}, {value.step})"
        return self._held(value, "given")
