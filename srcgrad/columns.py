"""Jacobians column by column: `jacfwd`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.api import _check_backend
from srcgrad.argnums import ArgNums, parameters
from srcgrad.backends.lowered import Lowered
from srcgrad.directional import called_along, promoted, tangent_like
from srcgrad.errors import SrcgradError
from srcgrad.manydirections import along, many_directions, units
from srcgrad.signatures import bound_arguments, is_library, operands_of, signature_of
from srcgrad.support_tangents import zero_tangent

# Leaves of the value, the way they are arranged, and for each of them what stands in its place: the
# derivatives by one argument, in its structure.
Part = tuple[list[Any], Any, list[Any]]


def jacfwd(f: Callable[..., Any], argnums: ArgNums = 0, *, backend: str = "numpy") -> Any:
    """The Jacobian of a function, column by column, with the function's own signature.

    Of a result of shape `s` and an argument of shape `t`, it has the shape `s + t`, and the dtype
    of the argument; of results and arguments that are nests, each part of the result holds a nest
    like the argument (a tuple of these where `argnums` is a tuple). Parts of the result that are
    not float pass through. All columns come from one run, along many directions at once, where the
    code of the tangent can have an axis for them; else from one run for each number in the
    argument, and `.reason` says why. Raises `SrcgradError` for complex arguments, and for a result
    that holds no floats.
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
    outs, form, _ = found[0]
    if not any(map(trees.is_float_leaf, outs)):
        name = getattr(f, "__name__", "the function")
        raise SrcgradError(f"{name} returns nothing that has a derivative")
    by_out = zip(*(parts for _, _, parts in found), strict=True)
    made = [
        (parts[0] if single else parts) if trees.is_float_leaf(out) else out
        for out, parts in zip(outs, by_out, strict=True)
    ]
    return trees.unflatten(form, made), reasons.pop() if reasons else ""


def _columns(
    f: Any,
    bound: inspect.BoundArguments,
    at: dict[str, Any],
    name: str,
    reasons: list[str],
    backend: str,
) -> Part:
    """The Jacobian with respect to one argument."""
    bound.arguments.update(at)
    x = bound.arguments[name] = promoted(at[name], 1.0)
    leaves = trees.flatten(x)[0]
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
            return _all_columns(lowered, args, kwargs, x)
        except Exception as error:  # what the program itself raises comes again below
            lowered = f"many directions at once: {type(error).__name__}: {error}"
    reasons.append(lowered)
    return _one_by_one(f, bound, name, x, backend)


def _one_by_one(f: Any, bound: inspect.BoundArguments, name: str, x: Any, backend: str) -> Part:
    """A run for each number of the argument `x`; one of its own, where it has no numbers."""
    leaves, structure = trees.flatten(x)
    zeros = [zero_tangent(leaf) for leaf in leaves]

    def run(dots: list[Any]) -> tuple[Any, Any]:
        tangent = tangent_like(x, trees.unflatten(structure, dots), name)
        return called_along(f, bound.args, {name: tangent}, bound.kwargs, backend)

    blocks: list[Any] = []
    value: Any = None
    for place, leaf in enumerate(leaves):
        columns = []
        for index in np.ndindex(np.shape(leaf)) if trees.is_float_leaf(leaf) else ():
            unit = np.zeros(np.shape(leaf), dtype=np.asarray(leaf).dtype)
            unit[index] = 1.0
            unit = unit if np.ndim(leaf) else unit[()]
            value, column = run([*zeros[:place], unit, *zeros[place + 1 :]])
            columns.append(trees.flatten(column)[0])
        blocks.append(columns)
    if not any(blocks):
        value, _ = run(zeros)
    outs, form = trees.flatten(value)
    parts = [
        trees.unflatten(
            structure, [_stacked(c, k, out, x) for c, x in zip(blocks, leaves, strict=True)]
        )
        for k, out in enumerate(outs)
    ]
    return outs, form, parts


def _all_columns(lowered: Lowered, args: Sequence[Any], kwargs: Mapping[str, Any], x: Any) -> Part:
    """The same from few runs along many directions."""
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
                parts.append(zero_tangent(leaf))
                continue
            block = column[..., place : place + np.size(leaf)]
            place += np.size(leaf)
            if len(outs) > 1 or not _is_whole(block):
                block = block.copy()
            parts.append(_block(block.reshape(np.shape(out) + np.shape(leaf)), leaf))
        made.append(trees.unflatten(structure, parts))
    return outs, form, made


def _side_by_side(parts: Sequence[Any]) -> Any:
    """Tangents by chunks of directions, with all directions along the last axis."""
    turned = [part.transpose(*range(1, part.ndim), 0) for part in parts]
    return turned[0] if len(turned) == 1 else np.concatenate(turned, axis=-1)


def _is_whole(block: Any) -> bool:
    """True for an array in the usual order that has all of the memory that it is in."""
    owner = block if block.base is None else block.base
    return isinstance(owner, np.ndarray) and owner.size == block.size and block.flags.c_contiguous


def _stacked(columns: list[list[Any]], k: int, out: Any, leaf: Any) -> Any:
    """Columns for the numbers of one argument, as an array of the result's and its shape."""
    if not trees.is_float_leaf(leaf):
        return zero_tangent(leaf)
    if not columns:
        return np.zeros(np.shape(out) + np.shape(leaf), np.asarray(leaf).dtype)
    rows = np.stack([np.asarray(column[k]) for column in columns], axis=-1)
    return _block(rows.reshape(rows.shape[:-1] + np.shape(leaf)), leaf)


def _block(made: Any, leaf: Any) -> Any:
    """Derivatives by one part of the argument, in its precision."""
    if made.dtype.kind == "f":
        made = made.astype(np.asarray(leaf).dtype, copy=False)
    return made if made.ndim else made[()]
