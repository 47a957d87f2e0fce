"""Loops compiled by Numba, with NumPy's version behind them.

The compiled function takes lengths to be equal that meet, and indices to lie within their arrays.
Where it finds otherwise it raises, as for any other error, and NumPy's version runs in its place:
that gives the result, or the error, which the program itself would give.
"""

from __future__ import annotations

import functools
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
    captured: Sequence[Any],
    plain: Callable[..., Any],
) -> Callable[..., Any]:
    """The function `name` of a text of loops, compiled for arguments of these kinds.

    `captured` are arrays that it takes behind its parameters. `plain` is NumPy's version.
    Raises `NotCompiled`.
    """
    numba = require_numba()
    function = compile_source(text, name, namespace)
    types = [type_of(numba, kind) for kind in kinds] + [numba.typeof(a) for a in captured]
    try:
        function.compile(tuple(types))  # type: ignore[attr-defined]
    except numba.core.errors.NumbaError as error:
        raise NotCompiled(first_line(error)) from error
    return guarded(function, tuple(captured), plain)


def guarded(
    compiled: Callable[..., Any], captured: tuple[Any, ...], plain: Callable[..., Any]
) -> Callable[..., Any]:
    """The compiled function where it can tell, else NumPy's version."""

    @functools.wraps(compiled.py_func)  # type: ignore[attr-defined]
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return compiled(*args, *captured, **kwargs)
        except Exception:
            return plain(*args, **kwargs)

    return run


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
