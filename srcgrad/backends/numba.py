"""Loops compiled by Numba, with NumPy's version behind them.

The compiled function takes lengths to be equal that meet, and indices to lie within their arrays.
Where it finds otherwise it raises, as for any other error, and NumPy's version runs in its place:
that gives the result, or the error, which the program itself would give.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from srcgrad.backends.numpy import compile_source
from srcgrad.errors import SrcgradError
from srcgrad.ir.kinds import Kind

SCALARS = {"b": "boolean", "i": "int64", "pi": "int64", "pf": "float64", "f8": "float64",
           "f4": "float32", "pc": "complex128", "c16": "complex128"}  # fmt: skip


def require_numba() -> Any:
    """The module `numba`. Raises `SrcgradError` where it is not installed."""
    try:
        import numba
    except ImportError as error:
        raise SrcgradError('backend "numba" needs Numba: pip install "srcgrad[numba]"') from error
    return numba


class NotCompiled(Exception):
    """Numba refuses the text; the message says why."""


def compile_loops(
    text: str,
    name: str,
    namespace: dict[str, Any],
    kinds: Sequence[Kind],
    result: Any,
    captured: Sequence[Any],
    plain: Callable[..., Any],
) -> Callable[..., Any]:
    """The function `name` of a text of loops, compiled for arguments of these kinds.

    `captured` are arrays that it takes behind its parameters. `plain` is NumPy's version.
    Raises `NotCompiled`.
    """
    numba = require_numba()
    function = compile_source(text, name, namespace)
    types = [t for kind in kinds for t in types_of(numba, kind)] + [numba.typeof(a) for a in captured]
    try:
        function.compile(tuple(types))  # type: ignore[attr-defined]
    except numba.core.errors.NumbaError as error:
        raise NotCompiled(first_line(error)) from error
    compiled: Callable[..., Any] = function
    if any(map(is_nested, kinds)) or is_special(result):
        compiled = taken_apart(function, tuple(kinds), result, plain)
    return guarded(compiled, function, tuple(captured), plain)


def guarded(
    compiled: Callable[..., Any],
    function: Any,
    captured: tuple[Any, ...],
    plain: Callable[..., Any],
) -> Callable[..., Any]:
    """The compiled function where it can tell, else NumPy's version."""

    @functools.wraps(function.py_func)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return compiled(*args, *captured, **kwargs)
        except Exception:
            return plain(*args, **kwargs)

    run.compiled = functools.partial(_behind, compiled, captured)  # type: ignore[attr-defined]
    return run


def _behind(compiled: Callable[..., Any], captured: tuple[Any, ...], *args: Any) -> Any:
    """The compiled function alone, with its errors."""
    return compiled(*args, *captured)


# --- containers: compiled code takes their items one by one


def is_nested(kind: Kind) -> bool:
    return kind.is_container


def is_special(result: Any) -> bool:
    """Whether a result holds something else than tuples."""
    if result is None:
        return False
    return result[1] != "tuple" or any(map(is_special, result[2]))


def taken_apart(
    function: Callable[..., Any], kinds: tuple[Kind, ...], result: Any, plain: Callable[..., Any]
) -> Callable[..., Any]:
    """The compiled function with containers for arguments and results."""
    signature = inspect.signature(plain)

    def run(*args: Any, **kwargs: Any) -> Any:
        if kwargs or len(args) < len(kinds):
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        leaves: list[Any] = []
        for kind, arg in zip(kinds, args, strict=False):
            flatten(kind, arg, leaves)
        return put_together(result, function(*leaves, *args[len(kinds) :]))

    return run


def flatten(kind: Kind, value: Any, out: list[Any]) -> None:
    if kind.is_container:
        for key, item in kind.items or ():
            flatten(item, value[key], out)
    else:
        out.append(value)


def put_together(result: Any, value: Any) -> Any:
    if result is None:
        return value
    keys, tag, parts = result
    items = [put_together(part, item) for part, item in zip(parts, value, strict=True)]
    if tag == "dict":
        return dict(zip(keys, items, strict=True))
    return items if tag == "list" else tuple(items)


def types_of(numba: Any, kind: Kind) -> list[Any]:
    """Numba's types for an argument of a kind, of a container those of its items."""
    if kind.is_container:
        return [t for _, item in kind.items or () for t in types_of(numba, item)]
    return [type_of(numba, kind)]


def type_of(numba: Any, kind: Kind) -> Any:
    """Numba's type for arguments of a kind: arrays contiguous, as most are."""
    if kind.tag == "none":
        return numba.types.none
    if kind.tag == "str":
        return numba.types.unicode_type
    scalar = getattr(numba.types, SCALARS[kind.dtype])
    return scalar if kind.is_scalar else numba.types.Array(scalar, kind.rank, "C")


def first_line(error: Exception) -> str:
    """What Numba says first of the fault itself."""
    lines = [line.strip() for line in str(error).splitlines()]
    lines = [line for line in lines if line and not line.startswith("Failed in nopython")]
    return lines[0] if lines else type(error).__name__
