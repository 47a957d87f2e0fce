"""`vjp`: the value of a function at a point, and its pullback."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.api import _check_backend, _compiler
from srcgrad.errors import SrcgradError
from srcgrad.finishing import copied
from srcgrad.ir.kinds import Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.options import Request
from srcgrad.signatures import (
    Written,
    default_functions,
    is_library,
    is_written,
    positional_names,
    signature_of,
)


def vjp(
    f: Callable[..., Any],
    *primals: Any,
    backend: str = "numpy",
    memory_budget: int | None = None,
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Value of `f(*primals)` and its pullback: from the cotangent of the value to those of the
    arguments.

    The pullback returns a tuple, one cotangent for each argument, and may be called again. A
    cotangent
    given must have the structure and shapes of the value. Later changes to the arguments do not
    matter. `memory_budget` as for `grad`.
    """
    _check_backend(backend)
    return pulled_back(f, primals, memory_budget=memory_budget)


def pulled_back(
    f: Callable[..., Any],
    primals: Sequence[Any],
    wanted: Container[int] | None = None,
    memory_budget: int | None = None,
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """As `vjp`; only arguments at the positions `wanted` are differentiated."""
    signature = signature_of(f)
    names = tuple(positional_names(signature, len(primals)))
    if len(names) < len(primals):
        raise SrcgradError(f"vjp got {len(primals)} arguments for {signature}")
    args = tuple(trees.map_leaves(copied, arg) for arg in primals)
    if not any(map(trees.has_float_leaf, args)):
        args = tuple(map(_promoted, args))  # `vjp(f, 3)` means 3.0; beside floats an int is an int
    wrt = tuple(
        name
        for k, (name, arg) in enumerate(zip(names, args, strict=True))
        if trees.has_float_leaf(arg) and (wanted is None or k in wanted)
    )
    if not wrt:
        raise SrcgradError("vjp needs at least one argument that holds floating-point numbers")
    of_library = is_library(f)
    kinds: dict[str, Kind | Written] = {
        name: Written(arg)
        if is_written(arg, of_library) and name not in wrt
        else kind_of_value(arg, name)
        for name, arg in zip(names, args, strict=True)
    }
    kinds |= default_functions(signature, kinds)
    if not of_library:  # of which a call leaves out what it does not give
        kinds |= {
            name: kind_of_value(p.default, name)
            for name, p in signature.parameters.items()
            if name not in kinds and isinstance(p.default, int | float)
        }
    saved: dict[str, Any] = {}
    if memory_budget is not None:
        from srcgrad.planning import planned

        request = Request("vjp", wrt, False)
        arguments = dict(zip(names, args, strict=True))
        plan = planned(f, request, arguments, memory_budget, factor=2)
        saved = {"snapshots": plan.snapshots, "again": plan.again}
    value, pull = _compiler(f, "vjp", wrt, False, **saved)(kinds).function(*args)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        cotangent = checked(cotangent, value, "cotangent", "value")
        found = dict(zip(wrt, pull(cotangent), strict=True))
        return tuple(
            trees.restructure(found[name], arg) if name in found else _no_gradient(arg)
            for name, arg in zip(names, args, strict=True)
        )

    return value, pullback


def _promoted(arg: Any) -> Any:
    """A Python int stands for a float, as users write `3` for `3.0`."""
    return float(arg) if type(arg) is int else arg


def _no_gradient(arg: Any) -> Any:
    return trees.map_leaves(lambda leaf: leaf, arg)


def checked(cotangent: Any, value: Any, what: str, of: str) -> Any:
    """A cotangent of the value's structure, shapes and dtypes. Raises `SrcgradError` for any
    other, in which it is called `what`, and the value `of`."""
    leaves, structure = trees.flatten(value)
    given, other = trees.flatten(cotangent)
    if structure.keys != other.keys or len(leaves) != len(given):
        raise SrcgradError(f"the {what} has another structure than the {of}")
    out = []
    for leaf, seed in zip(leaves, given, strict=True):
        if isinstance(leaf, np.ndarray) and trees.is_float_leaf(leaf):
            if np.shape(seed) != leaf.shape:
                raise SrcgradError(
                    f"the {what} has shape {np.shape(seed)}, the {of} has shape {leaf.shape}"
                )
            seed = np.asarray(seed, dtype=leaf.dtype)
        elif trees.is_float_leaf(leaf) and np.shape(seed) != ():
            raise SrcgradError(f"the {what} has shape {np.shape(seed)}, the {of} is a number")
        elif isinstance(leaf, np.generic) and trees.is_float_leaf(leaf):
            seed = leaf.dtype.type(seed)
        out.append(seed)
    return trees.unflatten(structure, out)
