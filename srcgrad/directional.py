"""Forward mode as users call it: `jvp`, `linearize`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from srcgrad import trees
from srcgrad.api import _check_backend, _compiler, pullbacks
from srcgrad.derivative import Derivative
from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.finishing import copied
from srcgrad.manydirections import last_parameters
from srcgrad.signatures import (
    bound_arguments,
    is_library,
    positional_names,
    signature_of,
)
from srcgrad.support_tangents import zero_tangent

_KNOWN_SLOPES: WeakKeyDictionary[Any, Derivative[Any, Any]] = WeakKeyDictionary()
_KNOWN: WeakKeyDictionary[Any, dict[tuple[str, ...], Derivative[Any, Any]]] = WeakKeyDictionary()


def jvp(
    f: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    backend: str = "numpy",
) -> tuple[Any, Any]:
    """Value of `f(*primals)` and its tangent: how it changes along the tangents of the arguments.

    A tangent has the structure and shapes of its argument; None stands for zeros. That of what
    holds no floating-point numbers counts for nothing. The tangent of the value has its structure,
    shapes and dtypes. Raises `UnsupportedError` for what has no rule, `SrcgradError` for tangents
    that do not fit. Reference: Griewank and Walther, Evaluating Derivatives, 2008, chapter 3.
    """
    _check_backend(backend)
    if len(primals) != len(tangents):
        raise SrcgradError(f"jvp got {len(primals)} arguments and {len(tangents)} tangents")
    names = _names(f, len(primals))
    args = list(primals)
    if not any(map(trees.has_float_leaf, args)):  # `jvp(f, (3,), ...)` means 3.0
        args = [promoted(arg, dot) for arg, dot in zip(primals, tangents, strict=True)]
    fitting = {
        name: tangent_like(arg, dot, name)
        for name, arg, dot in zip(names, args, tangents, strict=True)
        if dot is not None
    }
    active = {name for name, arg in zip(names, args, strict=True) if trees.has_float_leaf(arg)}
    given = {name: dot for name, dot in fitting.items() if name in active}
    if not given:
        value = f(*args)
        return value, trees.map_leaves(zero_tangent, value)
    try:
        return called_along(f, tuple(args), given, backend=backend)
    except UnsupportedError as refused:
        return _of_gradient(f, args, given, refused)


def _of_gradient(
    f: Any, args: Sequence[Any], tangents: Mapping[str, Any], refused: UnsupportedError
) -> tuple[Any, Any]:
    """A gradient and its tangent, where its text has none: the Hessian is symmetric, so it is the
    gradient of the primal's tangent, in reverse over forward mode. Raises `refused` where that is
    not to be had either."""
    leaves = trees.flatten(list(args))[0]
    primal = getattr(f, "primal", None)  # not that of a pickled one
    if primal is None or not isinstance(f, Derivative) or f.label != "grad" or f.has_aux:
        raise refused
    if any(map(np.iscomplexobj, leaves)):
        raise refused
    given = dict(zip(_names(f, len(args)), args, strict=True))
    still = {name: trees.map_leaves(zero_tangent, given[name]) for name in f.wrt if name in given}
    dots = {**still, **tangents}
    try:
        along = dict(zip(dots, slope_along(primal, args, {}, dots), strict=True))
        value = f(*args)
    except UnsupportedError:
        raise refused from None
    parts = tuple(along[name] for name in f.wrt)
    return value, fitted(parts[0] if f.single else parts, value)


def linearize(
    f: Callable[..., Any], *primals: Any, backend: str = "numpy"
) -> tuple[Any, Callable[..., Any]]:
    """Value of `f(*primals)`, and the linear function from tangents of the arguments to its own.

    The function takes one tangent for each argument, and may be called again; later changes to the
    arguments do not matter. Each call runs `f` along with its tangent.
    """
    _check_backend(backend)
    args = tuple(trees.map_leaves(copied, arg) for arg in primals)
    still = [trees.map_leaves(zero_tangent, arg) for arg in args]
    value, _ = jvp(f, args, still, backend=backend)

    def pushforward(*tangents: Any) -> Any:
        return jvp(f, args, tangents, backend=backend)[1]

    return value, pushforward


def _names(f: Callable[..., Any], count: int) -> tuple[str, ...]:
    if type(f) is FunctionType and f.__code__.co_argcount >= count and "__wrapped__" not in vars(f):
        return f.__code__.co_varnames[:count]  # without making a signature
    signature = signature_of(f)
    names = positional_names(signature, count)
    if len(names) < count:
        raise SrcgradError(f"jvp got {count} arguments for {signature}")
    return tuple(names)


def _derivative(f: Any, wrt: tuple[str, ...], backend: str = "numpy") -> Derivative[Any, Any]:
    """What compiles `f` for the kinds of its arguments, and keeps what it has compiled."""
    try:
        known = _KNOWN.setdefault(f, {})
    except TypeError:  # it cannot be referred to weakly, or has no hash
        known = {}
    key = (*wrt, backend)
    if key not in known:
        compiler = _compiler(f, "jvp", wrt, False, backend=backend)
        known[key] = Derivative(f, compiler, wrt=wrt, label="jvp", signature=signature_of(f))
    return known[key]


def called_along(
    f: Any,
    args: tuple[Any, ...],
    tangents: dict[str, Any],
    kwargs: dict[str, Any] | None = None,
    backend: str = "numpy",
) -> tuple[Any, Any]:
    lowered = _derivative(f, tuple(tangents), backend).lower(*args, **(kwargs or {}))
    # compiled code takes the items of containers one by one; NumPy's version, whole
    own = last_parameters((lowered.fallback or lowered).plain, len(tangents))
    named = dict(zip(own, tangents.values(), strict=True))
    value, tangent = lowered.function(*args, **(kwargs or {}), **named)
    seen = {id(leaf) for tree in (*args, *tangents.values()) for leaf in trees.flatten(tree)[0]}
    apart = functools.partial(_apart, seen)
    value = trees.map_leaves(apart, value)
    return value, trees.map_leaves(apart, fitted(tangent, value))


def slope_along(
    f: Any, args: Sequence[Any], kwargs: Mapping[str, Any], tangents: Mapping[str, Any]
) -> list[Any]:
    """The gradient of the derivative of a scalar function along a direction, by argument.

    Reverse mode over forward mode: the Hessian times the direction.
    """
    wrt = tuple(tangents)
    lowered = _derivative(f, wrt).lower(*args, **kwargs)
    bound = bound_arguments(signature_of(f), args, kwargs, wrt, is_library(f))
    fitting = [tangent_like(bound.arguments[name], dot, name) for name, dot in tangents.items()]
    named = dict(zip(last_parameters(lowered.plain, len(wrt)), fitting, strict=True))
    pulls = _KNOWN_SLOPES.get(lowered.function)
    if pulls is None:
        pulls = _KNOWN_SLOPES[lowered.function] = pullbacks(lowered.function, wrt)
    (value, slope), pull = pulls(*args, **kwargs, **named)
    parts = pull((zero_tangent(value), type(slope)(1)))
    given = (bound.arguments[name] for name in wrt)
    return [trees.restructure(part, arg) for part, arg in zip(parts, given, strict=True)]


def _apart(seen: set[int], leaf: Any) -> Any:
    """A leaf of a result in memory that nothing else has."""
    if not isinstance(leaf, np.ndarray):
        return leaf
    if id(leaf) in seen or leaf.base is not None:
        leaf = leaf.copy()
    seen.add(id(leaf))
    return leaf


def fitted(tangent: Any, value: Any) -> Any:
    """The tangent of a value in its structure, shapes and dtypes."""
    parts = trees.children(value)
    if parts is None:
        return _fitted_leaf(tangent, value)
    own = tangent if isinstance(tangent, (list, tuple)) else None
    made = {}
    for place, (key, child) in enumerate(parts):
        if own is not None:
            part = own[place]
        elif isinstance(tangent, dict):
            part = tangent[key]
        else:
            part = getattr(tangent, key) if trees.is_dataclass(tangent) else 0.0
        made[key] = fitted(part, child)
    return trees.rebuild(value, made)


def _fitted_leaf(tangent: Any, value: Any) -> Any:
    if not trees.is_float_leaf(value):
        return zero_tangent(value)
    dtype = np.asarray(value).dtype
    if dtype.kind == "f" and np.iscomplexobj(tangent):
        raise SrcgradError("the tangent of a real value came out complex: a rule is wrong")
    if isinstance(value, np.ndarray):
        if np.shape(tangent) == value.shape and np.asarray(tangent).dtype == dtype:
            return tangent
        return np.array(np.broadcast_to(tangent, value.shape), dtype=dtype)
    if isinstance(value, np.generic):
        return dtype.type(np.asarray(tangent)[()])
    return type(value)(tangent)


def promoted(arg: Any, tangent: Any) -> Any:
    """A Python int with a tangent stands for a float, as users write `3` for `3.0`."""
    return float(arg) if type(arg) is int and tangent is not None else arg


def tangent_like(arg: Any, tangent: Any, name: str) -> Any:
    """A tangent of the structure, shapes and dtypes of an argument. Raises `SrcgradError` for any
    other."""
    parts = trees.children(arg)
    if tangent is None:
        return trees.map_leaves(zero_tangent, arg)
    if parts is None:
        return _tangent_leaf(arg, tangent, name)
    found = trees.children(tangent)
    if found is None or [key for key, _ in found] != [key for key, _ in parts]:
        given = dict(found or ())
        if found is None or given.keys() != dict(parts).keys():
            raise SrcgradError(f"the tangent of `{name}` has another structure than the argument")
        found = [(key, given[key]) for key, _ in parts]
    made = {
        key: tangent_like(child, dot, name)
        for (key, child), (_, dot) in zip(parts, found, strict=True)
    }
    return trees.rebuild(arg, made)


def _tangent_leaf(arg: Any, tangent: Any, name: str) -> Any:
    if not trees.is_float_leaf(arg):
        if trees.is_float_leaf(tangent) and np.any(tangent):
            raise SrcgradError(
                f"`{name}` holds {arg!r}, which has no derivative, and its tangent is not 0: write "
                "it as a float"
            )
        return zero_tangent(arg)
    if np.shape(tangent) != np.shape(arg):
        raise SrcgradError(
            f"the tangent of `{name}` has shape {np.shape(tangent)}, the argument {np.shape(arg)}"
        )
    dtype = np.asarray(arg).dtype
    if np.asarray(tangent).dtype.kind not in "biufc":
        raise SrcgradError(f"the tangent of `{name}` is no number: {tangent!r}")
    if dtype.kind == "f" and np.iscomplexobj(tangent):
        raise SrcgradError(f"the tangent of `{name}` is complex, the argument real")
    if isinstance(arg, np.ndarray):
        return np.array(tangent, dtype=dtype)
    made = np.asarray(tangent).astype(dtype)[()]
    return made if isinstance(arg, np.generic) else type(arg)(made)
