"""Loops compiled by Numba, with NumPy's version behind them.

The compiled function takes lengths to be equal that meet, and indices to lie within their arrays.
Where it finds otherwise it raises, as for any other error, and NumPy's version runs in its place:
that gives the result, or the error, which the program itself would give.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, cast

import numpy as np

from srcgrad.backends.numpy import SAVE_DIR, compile_source
from srcgrad.errors import InternalError, SrcgradError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Kind

SCALARS = {"b": "boolean", "i": "int64", "pi": "int64", "pf": "float64", "f8": "float64",
           "f4": "float32", "pc": "complex128", "c16": "complex128"}  # fmt: skip

# Functions that texts share, each compiled once, without what Python needs to call it.
SHARED: dict[str, Any] = {}
COMPILED: dict[tuple[str, str, str], Any] = {}  # functions by text, folder and name, and types
MOST_KEPT = 256


def require_numba() -> Any:
    """The module `numba`. Raises `SrcgradError` where it is not installed."""
    try:
        import numba
    except ImportError as error:
        raise SrcgradError('backend "numba" needs Numba: pip install "srcgrad[numba]"') from error
    return numba


class NotCompiled(Exception):
    """Numba refuses the text; the message says why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a compiled function is called: the kinds of its arguments, the structure of its result,
    and by position which arguments must share no memory."""

    kinds: tuple[Kind, ...]
    result: Any
    apart: tuple[tuple[int, ...], ...] = ()
    # functions that it calls and the kinds of their parameters, each before those that call it
    called: tuple[tuple[str, tuple[Kind, ...]], ...] = ()
    helpers: tuple[str, ...] = ()  # functions of the text that read the same in all texts


def compile_loops(
    shape: Shape,
    text: str,
    name: str,
    namespace: dict[str, Any],
    captured: Sequence[Any],
    plain: Callable[..., Any],
    folder: Path | None = None,
) -> Callable[..., Any]:
    """The function `name` of a text of loops, compiled for arguments of these kinds.

    `captured` are arrays that it takes behind its parameters. `plain` is NumPy's version. `folder`:
    where Numba keeps what it compiles. Raises `NotCompiled`.
    """
    folder = Path(chosen) if (chosen := os.environ.get(SAVE_DIR)) else folder
    numba = require_numba()
    types = [t for kind in shape.kinds for t in types_of(numba, kind)]
    types += map(numba.typeof, captured)
    # arguments of other lengths may have a version of their own, of the same text
    key = text, f"{folder} {name}", str(types)
    function: Any = COMPILED.get(key)
    if function is None or namespace:
        source = Source(text, name, namespace, folder)
        function = _kept(numba, shape, source, types) if folder else None
        function = function or _compiled(numba, shape, replace(source, folder=None), types)
        if not namespace:
            COMPILED[key] = function
            while len(COMPILED) > MOST_KEPT:
                COMPILED.pop(next(iter(COMPILED)), None)
    compiled: Callable[..., Any] = function
    if any(map(is_nested, shape.kinds)) or is_special(shape.result):
        compiled = taken_apart(function, shape.kinds, shape.result)
    if shape.apart:
        compiled = checked(compiled, shape.apart)
    return guarded(compiled, function, tuple(captured), plain)


@dataclass(frozen=True, slots=True)
class Source:
    """A text of loops, the function wanted, what it reads, and the folder where it is a file."""

    text: str
    name: str
    namespace: dict[str, Any]
    folder: Path | None

    def function(self) -> Any:
        """The function, not compiled yet."""
        return compile_source(self.text, self.name, self.namespace, folder=self.folder)


def _kept(numba: Any, shape: Shape, source: Source, types: list[Any]) -> Any:
    """The function as Numba keeps it on disk. None where the folder is of no use: it is full, or
    cannot be written, or what is in it is damaged, of which Numba says nothing certain."""
    try:
        return _compiled(numba, shape, source, types)
    except NotCompiled:
        raise
    except Exception:
        if os.environ.get(SAVE_DIR):
            raise
        shutil.rmtree(cast(Path, source.folder), ignore_errors=True)
        return None


def _compiled(numba: Any, shape: Shape, source: Source, types: list[Any]) -> Any:
    """The function of a text, compiled for these types and no others yet."""
    function = source.function()
    around = function.py_func.__globals__
    try:
        with (
            known_module(around, shape.called, source.folder),
            replaced(around, shared(shape.helpers, source)),
        ):
            for called, kinds in shape.called:
                given = map(functools.partial(type_of, numba), kinds)
                around[called].compile((*given, numba.types.int64))  # the last: how deep
            function.compile(tuple(types))
    except (numba.core.errors.NumbaError, AssertionError) as error:
        raise NotCompiled(first_line(error)) from error
    return function


def shared(helpers: tuple[str, ...], source: Source) -> dict[str, Any]:
    """Helpers of a text as they were compiled for others, and for the next ones.

    Compiled code alone calls them: a call by Python would find nothing there. Those of a file are
    kept on disk with the rest of it.
    """
    if source.folder is not None:
        return {}
    if not SHARED.keys() >= {*helpers}:
        made = source.function().py_func.__globals__
        for helper in helpers:
            made[helper].targetoptions |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
            made[helper] = SHARED.setdefault(helper, made[helper])
    return {helper: SHARED[helper] for helper in helpers}


@contextlib.contextmanager
def replaced(names: dict[str, Any], others: dict[str, Any]) -> Iterator[None]:
    """Others for some of these names."""
    own = {name: names[name] for name in others}
    names |= others
    try:
        yield
    finally:
        names |= own


@contextlib.contextmanager
def known_module(names: dict[str, Any], called: Any, folder: Path | None) -> Iterator[None]:
    """These names as a module that can be found, where Numba needs it.

    It links no other function with itself, and reads no code of others from disk. The latter may
    happen at any call, when arguments of other layouts come.
    """
    name = names["__name__"]
    if name in sys.modules or not called and folder is None:
        yield
        return
    module = sys.modules[name] = ModuleType(name)
    vars(module).update(names)
    try:
        yield
    finally:
        if folder is None:
            del sys.modules[name]


def checked(compiled: Callable[..., Any], apart: tuple[tuple[int, ...], ...]) -> Callable[..., Any]:
    """The compiled function, unless arguments may share memory that it writes into."""

    def run(*args: Any) -> Any:
        for first, *others in apart:
            for other in others:
                if first < len(args) and other < len(args) and shares(args[first], args[other]):
                    raise ValueError("an argument that is written shares memory with another")
        return compiled(*args)

    return run


def shares(a: Any, b: Any) -> bool:
    arrays = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
    if arrays:
        return np.may_share_memory(a, b)
    return not isinstance(a, (int, float, np.generic)) and not isinstance(
        b, (int, float, np.generic)
    )


def guarded(
    compiled: Callable[..., Any],
    function: Any,
    captured: tuple[Any, ...],
    plain: Callable[..., Any],
) -> Callable[..., Any]:
    """The compiled function where it can tell, else NumPy's version."""
    run: Any = functools.wraps(function.py_func)(_either(compiled, captured, plain))
    run.compiled = functools.partial(_behind, compiled, captured)
    return cast(Callable[..., Any], run)


def _either(
    compiled: Callable[..., Any], captured: tuple[Any, ...], plain: Callable[..., Any]
) -> Callable[..., Any]:
    """A function with the parameters of NumPy's version that calls one of the two.

    It is written for these parameters: to gather arguments and hand them on takes longer than what
    a short loop computes.
    """
    code = cast(FunctionType, plain).__code__
    if code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS) or code.co_kwonlyargcount:
        raise InternalError("compiled loops take positional parameters only")
    params = code.co_varnames[: code.co_argcount]
    behind = [f"_captured{i}" for i in range(len(captured))]
    own = dict(zip(behind, captured, strict=True), _compiled=compiled, _plain=plain)
    free = {name: f"{name}{'_' * max(map(len, ('', *params)))}" for name in own}  # no parameter
    given = ", ".join((*params, *(free[name] for name in behind)))
    text = (
        f"def run({', '.join(params)}):\n"
        f"    try:\n        return {free['_compiled']}({given})\n"
        f"    except Exception:\n        return {free['_plain']}({', '.join(params)})\n"
    )
    names = {free[name]: value for name, value in own.items()}
    exec(compile(text, "<srcgrad call>", "exec"), names)
    run: Any = names["run"]
    run.__defaults__ = cast(FunctionType, plain).__defaults__
    return cast(Callable[..., Any], run)


def deferred(plain: Callable[..., Any], make: Callable[[], Callable[..., Any]]) -> Any:
    """A function with the parameters of NumPy's version, which calls what `make` gives."""
    code = cast(FunctionType, plain).__code__
    params = code.co_varnames[: code.co_argcount]
    own = f"_make{'_' * max(map(len, ('', *params)))}"  # no parameter
    given, names = ", ".join(params), {own: make}
    text = f"def run({given}):\n    return {own}()({given})\n"
    exec(compile(text, "<srcgrad call>", "exec"), names)
    run: Any = names["run"]
    run.__defaults__ = cast(FunctionType, plain).__defaults__
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
    function: Callable[..., Any], kinds: tuple[Kind, ...], result: Any
) -> Callable[..., Any]:
    """The compiled function with containers for arguments and results."""

    def run(*args: Any) -> Any:
        leaves: list[Any] = []
        for kind, arg in zip(kinds, args, strict=False):
            flatten(kind, arg, leaves)
        return put_together(result, function(*leaves, *args[len(kinds) :]))

    return run


def flatten(kind: Kind, value: Any, out: list[Any]) -> None:
    if kind.is_container and kind.element is not None:
        out.append(tuple(value))
    elif kind.is_container:
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
    if kind.is_container and kind.element is not None:
        return [numba.types.UniTuple(type_of(numba, kind.element), kind.value)]
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
