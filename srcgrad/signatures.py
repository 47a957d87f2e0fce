"""What a callable takes, and what a call of it gives to which parameter.

What a call hands to `*args` and `**kwargs` counts as parameters of their own: `args0`, `args1`, and
the keywords given.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np

from srcgrad.errors import SrcgradError
from srcgrad.ir.classes import dataclass

_LIBRARIES = frozenset(sys.stdlib_module_names | {"numpy", "scipy"}) - {"__main__"}
_SHORT = 32  # no longer sequence is written out
_Parameter = inspect.Parameter
STARS = {_Parameter.VAR_POSITIONAL, _Parameter.VAR_KEYWORD}


@dataclass(frozen=True, slots=True)
class Written:
    """In the place of a kind: an argument whose value the program is written for."""

    value: Any


def is_literal(value: Any) -> bool:
    """Whether an argument says what a library function is to do, rather than what with: an axis, a
    mode, subscripts."""
    if type(value) in (tuple, list):
        return len(value) <= _SHORT and all(map(is_literal, value))
    return value is None or value is Ellipsis or type(value) in (bool, int, str, slice)


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """Signature of a callable; of a ufunc its operands, `x` or `x1, x2`, as NumPy names them."""
    if isinstance(function, np.ufunc):  # has a signature of its own from NumPy 2.4 on only
        count = function.nin
        names = ["x"] if count == 1 else [f"x{i + 1}" for i in range(count)]
        kind = inspect.Parameter.POSITIONAL_ONLY
        return inspect.Signature([inspect.Parameter(name, kind) for name in names])
    try:
        return inspect.signature(function)
    except (ValueError, TypeError) as error:
        if is_library(function) and not isinstance(function, functools.partial):
            return inspect.signature(lambda *args, **kwargs: None)
        name = getattr(function, "__name__", repr(function))
        raise SrcgradError(f"{name} does not tell its parameters: {error}") from error


def renewed(signature: inspect.Signature, function: Callable[..., Any]) -> inspect.Signature:
    """A signature with the defaults that the function has by now.

    Raises `SrcgradError` where it has other parameters: what is differentiated was named before.
    """
    now = signature_of(function).parameters
    if [name for name in signature.parameters if name in now] != list(now):
        name = getattr(function, "__name__", repr(function))
        raise SrcgradError(f"the parameters of {name} have changed: make its derivative anew")
    params = signature.parameters.values()
    return signature.replace(
        parameters=[p.replace(default=now[p.name].default) if p.name in now else p for p in params]
    )


def is_library(function: Any) -> bool:
    """Whether a callable comes down to a function of a library: what a call leaves out has no part
    in its program then."""
    while isinstance(function, functools.partial | MethodType):
        function = function.__func__ if isinstance(function, MethodType) else function.func
    naming = sys.modules.get("srcgrad.rules.naming")
    if naming is not None and id(function) in naming.GIVEN:
        return True  # the user gave it a rule
    if isinstance(function, FunctionType):
        module = function.__globals__.get("__name__")
    else:
        module = getattr(function, "__module__", None) or type(function).__module__
    return callable(function) and str(module).split(".")[0] in _LIBRARIES


def positional_names(signature: inspect.Signature, count: int) -> list[str]:
    """Names of the first `count` positional arguments; fewer, where the function takes fewer."""
    names: list[str] = []
    for p in signature.parameters.values():
        if p.kind is _Parameter.VAR_POSITIONAL:
            between = "" if not p.name[-1].isdigit() else "_"
            names += [f"{p.name}{between}{k}" for k in range(count - len(names))]
        elif p.kind in (_Parameter.POSITIONAL_ONLY, _Parameter.POSITIONAL_OR_KEYWORD):
            names.append(p.name)
    return names[:count]


_FUNCTIONS = (
    *(FunctionType, MethodType, BuiltinFunctionType, functools.partial, np.ufunc),
    type(np.sum),  # those of NumPy that dispatch
)


def is_written(value: Any, library: bool) -> bool:
    """Whether a program is written for this very value of an argument: for any function, and for
    what tells a function of a library what to do."""
    return isinstance(value, _FUNCTIONS) or library and is_literal(value)


def default_functions(signature: inspect.Signature, given: Container[str]) -> dict[str, Written]:
    """Parameters whose defaults are functions, and that a call leaves out."""
    known = signature.parameters.items()
    return {
        name: Written(p.default)
        for name, p in known
        if name not in given and isinstance(p.default, _FUNCTIONS)
    }


def required(signature: inspect.Signature) -> list[str]:
    """Names of the parameters that every call gives."""
    known = signature.parameters.values()
    return [p.name for p in known if p.default is _Parameter.empty and p.kind not in STARS]


def is_spread(signature: inspect.Signature, names: Iterable[str]) -> bool:
    """Whether some of the names are arguments that `*args` or `**kwargs` took."""
    return any(name not in signature.parameters for name in names)


def spread(
    signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> inspect.Signature:
    """A signature in which what such a call hands to `*args` and `**kwargs` has parameters."""
    known = signature.parameters.values()
    if not any(p.kind in STARS for p in known):
        return signature
    own = {p.name: p for p in known}
    names = positional_names(signature, len(args))
    names += [name for name in positional_names(signature, len(own)) if name in own]
    made = [
        _Parameter(
            name,
            _Parameter.POSITIONAL_OR_KEYWORD,
            default=own[name].default if name in own else None,
        )
        for name in dict.fromkeys(names)
    ]
    taken = {p.name for p in made}
    made += [p for p in known if p.kind is _Parameter.KEYWORD_ONLY]
    made += [
        _Parameter(name, _Parameter.KEYWORD_ONLY)
        for name in kwargs
        if name not in taken and name not in own
    ]
    return inspect.Signature(made)


def _is_plain(params: Mapping[str, inspect.Parameter], wrt: Iterable[str]) -> bool:
    """Whether all arguments may go by position, and those differentiated are among them."""
    plain = all(p.kind is p.POSITIONAL_OR_KEYWORD for p in params.values())
    return plain and all(name in params for name in wrt)


def operands_of(bound: inspect.BoundArguments) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What a call hands over by position, and what by name."""
    params, given = bound.signature.parameters, bound.arguments
    if len(given) == len(params) and _is_plain(params, ()):
        return tuple(given.values()), {}
    return bound.args, bound.kwargs


def bound_arguments(
    signature: inspect.Signature,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    wrt: Iterable[str],
    library: bool = False,
    apart: bool = False,
) -> inspect.BoundArguments:
    """The arguments of a call by parameter, those differentiated under their own names.

    Defaults are arguments too, but for a function of a library. `apart`: so is each of `*args`,
    unless all are differentiated together.
    """
    params = signature.parameters
    if not (kwargs or library) and len(args) == len(params) and _is_plain(params, wrt):
        return inspect.BoundArguments(signature, dict(zip(params, args, strict=True)))
    whole = {p.name for p in params.values() if p.kind in STARS}
    if library or is_spread(signature, wrt) or apart and not whole & set(wrt):
        signature = spread(signature, args, kwargs)
    bound = signature.bind(*args, **kwargs)
    if not library:
        bound.apply_defaults()
    missing = [name for name in wrt if name not in bound.arguments]
    if missing:
        raise SrcgradError(f"argument `{missing[0]}` is to be differentiated and is not given")
    return bound
