"""One derivative for all functions that a `def` or `lambda` makes, when it is run again and again.

    for _ in range(100):
        slope = grad(lambda y: -cost(x, y))

Each of these functions captures other values. The text is the same for all of them, as long as what
is captured is of one kind and everything else is the very same: floats and arrays of floats are
data of the text, which is handed the new ones. Anything else that differs makes a new derivative.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from srcgrad.backends.lowered import Guard, Lowered
from srcgrad.backends.numpy import compile_source
from srcgrad.derivative import Made
from srcgrad.finishing import copied
from srcgrad.ir.classes import dataclass
from srcgrad.ir.values import key_of_value
from srcgrad.options import Request

Key = tuple[Any, ...]
MOST = 16  # kept for one piece of code


@dataclass(frozen=True, eq=False, slots=True)
class _Made:
    """A derivative and the function that it was made for."""

    primal: FunctionType
    lowered: Lowered


_MADE: WeakKeyDictionary[CodeType, dict[Key, _Made]] = WeakKeyDictionary()


def found(primal: Any, request: Request, kinds: Mapping[str, Any], copies: bool) -> Lowered | None:
    """The derivative of a function of the same code, with what `primal` captures; None where there
    is none that would be the same."""
    if not _can_have_siblings(primal):
        return None
    made = _MADE.get(primal.__code__, {}).get(_key(request, kinds, copies))
    if made is None or not _same_but_for_cells(made.primal, primal):
        return None
    return _with_captured(made, primal, copies)


def keep(
    primal: Any, request: Request, kinds: Mapping[str, Any], copies: bool, lowered: Lowered
) -> None:
    """Remember a derivative for functions of the same code."""
    if not _can_have_siblings(primal) or not isinstance(lowered.function, FunctionType):
        return
    known = _MADE.setdefault(primal.__code__, {})
    if len(known) >= MOST:
        known.clear()
    known[_key(request, kinds, copies)] = _Made(primal, lowered)


def _can_have_siblings(primal: Any) -> bool:
    """True for functions that their surroundings make anew, without notes of others on them."""
    local = type(primal) is FunctionType and "<locals>" in primal.__qualname__
    return local and not vars(primal).keys() - {Made.NAME}


def _key(request: Request, kinds: Mapping[str, Any], copies: bool) -> Key:
    return (replace(request, kinds={}).__repr__(), tuple(sorted(kinds.items())).__repr__(), copies)


def _same_but_for_cells(one: FunctionType, other: FunctionType) -> bool:
    """The same code, globals and defaults."""
    same = one.__code__ is other.__code__ and one.__globals__ is other.__globals__
    defaults = (one.__defaults__ or (), other.__defaults__ or ())
    named = (one.__kwdefaults__ or {}, other.__kwdefaults__ or {})
    return same and _same_parts(*defaults) and _same_parts(*named)


def _same_parts(one: Any, other: Any) -> bool:
    """The same code, or tuples or dicts of the same defaults."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return False
        one, other = tuple(one.values()), tuple(other[name] for name in one)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return _same_objects(one, other)
    return one is other


def _same_objects(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(x is y for x, y in zip(one, other, strict=True))


def _with_captured(made: _Made, primal: FunctionType, copies: bool) -> Lowered | None:
    """The derivative with the values that another function captures."""
    names = primal.__code__.co_freevars
    old = dict(zip(names, made.primal.__closure__ or (), strict=True))
    new = dict(zip(names, primal.__closure__ or (), strict=True))
    place = {id(cell): name for name, cell in old.items()}
    guards: list[Guard] = []
    data: dict[str, Any] = {}
    for space, name, value in made.lowered.guards:
        if space is made.primal:
            if not _same_parts(getattr(primal, name), value):
                return None
            guards.append((primal, name, getattr(primal, name)))
            continue
        if space is made.primal.__kwdefaults__:
            if (primal.__kwdefaults__ or {}).get(name) is not value:
                return None
            guards.append((primal.__kwdefaults__, name, value))
            continue
        own = place.get(id(space)) if isinstance(space, CellType) else None
        if own is None:
            if _held(space, name) is not value:
                return None
            guards.append((space, name, value))
            continue
        now = _held(new[own], own)
        if now is not value:
            if not _interchangeable(value, now):
                return None
            data[name] = now
        elif not _is_alone(now):
            return None
        guards.append((new[own], name, now))
    if any(not _is_guarded(name, made.lowered.guards) for name in made.lowered.namespace):
        return None  # under a name of its own in the text
    return _handed(made.lowered, data, tuple(guards), copies)


def _held(space: Any, name: str) -> Any:
    if isinstance(space, FunctionType):
        return getattr(space, name)
    if not isinstance(space, CellType):
        return space.get(name)
    try:
        return space.cell_contents
    except ValueError:  # unbound
        return space


def _is_guarded(name: str, guards: tuple[Guard, ...]) -> bool:
    return any(other == name for _, other, _ in guards)


def _interchangeable(one: Any, other: Any) -> bool:
    """True for floats, and for arrays of floats of the same kind."""
    if type(one) is not type(other) or type(one) not in (float, np.float64, np.float32, np.ndarray):
        return False
    arrays = isinstance(one, np.ndarray)
    if arrays and (one.dtype.kind != "f" or one.shape != other.shape):
        return False
    return key_of_value(one) == key_of_value(other) and bool(np.all(np.isfinite(other)))


def _is_alone(value: Any) -> bool:
    """True for what has nothing of the surroundings in it: no cells that siblings do not share."""
    if isinstance(value, FunctionType):
        return value.__closure__ is None
    plain = (int, float, complex, str, bool, bytes, np.ndarray, np.generic, type(None))
    return isinstance(value, (*plain, ModuleType, BuiltinFunctionType, type, np.ufunc))


def _handed(
    lowered: Lowered, data: Mapping[str, Any], guards: tuple[Guard, ...], copies: bool
) -> Lowered | None:
    text = lowered.source
    for name, value in data.items():
        if lowered.writes_out(name):
            rewritten = _rewritten(text, name, value)
            if rewritten is None:
                return None
            text = rewritten
    own = {n: copied(v) if copies else v for n, v in data.items() if n in lowered.namespace}
    namespace = {**lowered.namespace, **own}
    function: Callable[..., Any] = compile_source(text, lowered.plain.__name__, namespace)
    return Lowered(text, function, guards, namespace, lowered.file)


def _rewritten(text: str, name: str, value: Any) -> str | None:
    """The text with another value of a name that it writes out."""
    from srcgrad.emit.surroundings import array_text

    new = f"{name} = {value!r}" if type(value) is float else array_text(name, value)
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name and new:
            first, last = node.lineno - 1, (node.end_lineno or node.lineno)
            return "\n".join([*lines[:first], new, *lines[last:]]) + "\n"
    return None
