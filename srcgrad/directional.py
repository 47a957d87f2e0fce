"""Forward mode as users call it: `jvp`, `linearize`, `jacfwd`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from srcgrad import trees
from srcgrad.api import _check_backend, _compiler, pullbacks
from srcgrad.argnums import ArgNums, parameters
from srcgrad.backends.lowered import Lowered
from srcgrad.derivative import Derivative
from srcgrad.errors import SrcgradError
from srcgrad.finishing import copied
from srcgrad.manydirections import along, last_parameters, many_directions, units
from srcgrad.signatures import (
    bound_arguments,
    is_library,
    operands_of,
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
        args = [_promoted(arg, dot) for arg, dot in zip(primals, tangents, strict=True)]
    fitting = {
        name: _tangent(arg, dot, name)
        for name, arg, dot in zip(names, args, tangents, strict=True)
        if dot is not None
    }
    active = {name for name, arg in zip(names, args, strict=True) if trees.has_float_leaf(arg)}
    given = {name: dot for name, dot in fitting.items() if name in active}
    if not given:
        value = f(*args)
        return value, trees.map_leaves(zero_tangent, value)
    return _called(f, tuple(args), given, backend=backend)


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


def jacfwd(f: Callable[..., Any], argnums: ArgNums = 0, *, backend: str = "numpy") -> Any:
    """The Jacobian of a function, column by column, with the function's own signature.

    Of a result of shape `s` and an argument of shape `t`, it has the shape `s + t`; of results and
    arguments that are nests, each part of the result holds a nest like the argument. All columns
    come from one run, along many directions at once, where the code of the tangent can have an axis
    for them; else from one run for each number in the argument, and `.reason` says why.
    """
    _check_backend(backend)
    signature = signature_of(f)
    wrt, single = parameters(signature, argnums, getattr(f, "__name__", "the function"))

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        bound = bound_arguments(signature, args, kwargs, wrt, is_library(f))
        found, wrapper.reason = by_columns(f, bound, wrt, single, backend)
        return found

    wrapper: Any = functools.wraps(f)(jacobian) if hasattr(f, "__name__") else jacobian
    wrapper.reason = ""
    return wrapper


def by_columns(
    f: Callable[..., Any],
    bound: inspect.BoundArguments,
    wrt: Sequence[str],
    single: bool,
    backend: str = "numpy",
) -> tuple[Any, str]:
    """The Jacobian at some arguments, and why it took a run for each column; "" if it did not."""
    reasons: list[str] = []
    at = dict(bound.arguments)
    found = [_columns(f, bound, at, name, reasons, backend) for name in wrt]
    reason = reasons.pop() if reasons else ""
    if single or len(found) == 1:
        return found[0], reason
    return trees.map_leaves(lambda *parts: parts, *found), reason


def _columns(
    f: Any,
    bound: inspect.BoundArguments,
    at: dict[str, Any],
    name: str,
    reasons: list[str],
    backend: str,
) -> Any:
    """The Jacobian with respect to one argument."""
    bound.arguments.update(at)
    x = bound.arguments[name] = _promoted(at[name], 1.0)
    leaves, structure = trees.flatten(x)
    if not trees.has_float_leaf(x):
        raise SrcgradError(f"jacfwd: argument `{name}` holds no floating-point numbers")
    if any(map(np.iscomplexobj, leaves)):  # a column would be for the real part alone
        message = f"jacfwd: argument `{name}` is complex"
        raise SrcgradError(f"{message}: differentiate real and imaginary parts apart")
    lowered: Any = 'backend "numba" takes one direction at a time'
    if backend == "numpy":
        args, kwargs = operands_of(bound)
        lowered = many_directions(f, (name,)).lower(args, kwargs)
    if isinstance(lowered, Lowered):
        try:
            return all_columns(lowered, args, kwargs, x)
        except Exception as error:  # what the program itself raises comes again below
            lowered = f"many directions at once: {type(error).__name__}: {error}"
    reasons.append(lowered)
    zeros = [zero_tangent(leaf) for leaf in leaves]
    blocks: list[Any] = []
    for place, leaf in enumerate(leaves):
        columns = []
        for index in np.ndindex(np.shape(leaf)) if trees.is_float_leaf(leaf) else ():
            unit = np.zeros(np.shape(leaf), dtype=np.asarray(leaf).dtype)
            unit[index] = 1.0
            dots = [*zeros[:place], unit if np.ndim(leaf) else unit[()], *zeros[place + 1 :]]
            tangent = _tangent(x, trees.unflatten(structure, dots), name)
            value, column = _called(f, bound.args, {name: tangent}, bound.kwargs, backend)
            columns.append(trees.flatten(column)[0])
        blocks.append(columns)
    outs, form = trees.flatten(value)
    parts = [
        trees.unflatten(
            structure, [_stacked(c, k, leaf) for c, leaf in zip(blocks, leaves, strict=True)]
        )
        for k in range(len(outs))
    ]
    return trees.unflatten(form, parts)


def all_columns(lowered: Lowered, args: Sequence[Any], kwargs: Mapping[str, Any], x: Any) -> Any:
    """The Jacobian with respect to the argument `x`, from few runs along many directions."""
    leaves, structure = trees.flatten(x)
    chunks = []
    for tangent, count in units(x):
        value, found = along(lowered, args, kwargs, [tangent], count)
        chunks.append(found)
    outs, form = trees.flatten(value)
    columns = map(_side_by_side, zip(*chunks, strict=True))
    made = []
    for out in outs:
        column = next(columns) if trees.is_float_leaf(out) else None
        place, parts = 0, []
        for leaf in leaves:
            if column is None or not trees.is_float_leaf(leaf):
                parts.append(zero_tangent(leaf if column is not None else out))
                continue
            block = column[..., place : place + np.size(leaf)]
            place += np.size(leaf)
            if len(outs) > 1 or not _is_whole(block):
                block = block.copy()
            block = block.reshape(np.shape(out) + np.shape(leaf))
            parts.append(block if block.ndim else block[()])
        made.append(trees.unflatten(structure, parts))
    return trees.unflatten(form, made)


def _side_by_side(parts: Sequence[Any]) -> Any:
    """Tangents by chunks of directions, with all directions along the last axis."""
    turned = [part.transpose(*range(1, part.ndim), 0) for part in parts]
    return turned[0] if len(turned) == 1 else np.concatenate(turned, axis=-1)


def _is_whole(block: Any) -> bool:
    """True for an array in the usual order that has all of the memory that it is in."""
    owner = block if block.base is None else block.base
    return isinstance(owner, np.ndarray) and owner.size == block.size and block.flags.c_contiguous


def _stacked(columns: list[list[Any]], k: int, leaf: Any) -> Any:
    """Columns for the numbers of one argument, as an array of the result's and its shape."""
    if not columns:
        return zero_tangent(leaf)
    rows = np.stack([np.asarray(column[k]) for column in columns], axis=-1)
    made = rows.reshape(rows.shape[:-1] + np.shape(leaf))
    return made if made.ndim else made[()]


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


def _called(
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
    fitting = [_tangent(bound.arguments[name], dot, name) for name, dot in tangents.items()]
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


def _promoted(arg: Any, tangent: Any) -> Any:
    """A Python int with a tangent stands for a float, as users write `3` for `3.0`."""
    return float(arg) if type(arg) is int and tangent is not None else arg


def _tangent(arg: Any, tangent: Any, name: str) -> Any:
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
        key: _tangent(child, dot, name) for (key, child), (_, dot) in zip(parts, found, strict=True)
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
