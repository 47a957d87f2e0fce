"""What users call: `grad`, `value_and_grad`, `vjp`, `transform`.

The stages are imported when the first derivative is made, so that importing srcgrad is quick.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar, overload

import numpy as np

from srcgrad import siblings, trees
from srcgrad.argnums import ArgNums, parameters
from srcgrad.backends.numba import require_numba
from srcgrad.cache import slot_for
from srcgrad.collection import without_collection
from srcgrad.derivative import Derivative, Lowered, derivatives_of
from srcgrad.errors import SrcgradError
from srcgrad.finishing import copied, restructured
from srcgrad.ir.kinds import Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.options import Mode, Request, Snapshots, chosen_passes
from srcgrad.signatures import (
    Written,
    default_functions,
    is_library,
    is_written,
    positional_names,
    signature_of,
)

P = ParamSpec("P")
R = TypeVar("R")


@overload
def grad(
    f: Callable[P, R],
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    backend: str = "numpy",
    cache: bool = False,
    optimize: int | str | None = None,
    holomorphic: bool = False,
    memory_budget: int | None = None,
) -> Derivative[P, Any]: ...
@overload
def grad(
    f: None = None,
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    backend: str = "numpy",
    cache: bool = False,
    optimize: int | str | None = None,
    holomorphic: bool = False,
    memory_budget: int | None = None,
) -> Callable[[Callable[P, R]], Derivative[P, Any]]: ...
def grad(
    f: Any = None,
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    backend: str = "numpy",
    cache: bool = False,
    optimize: int | str | None = None,
    holomorphic: bool = False,
    memory_budget: int | None = None,
) -> Any:
    """The gradient of a scalar function, with the function's own signature.

    `argnums` names what is differentiated: a position, a parameter's name, or a tuple of them (then
    the
    result is a tuple). A gradient has the structure, shape and float dtype of its argument; leaves
    that
    are not float pass through. With `has_aux`, `f` returns `(value, aux)` and the result is
    `(gradient,
    aux)`. Usable as `@grad` and `@grad(argnums=...)`.

    `cache=True` keeps what is made on disk, for later runs; see docs/cache.md. `optimize` is a
    level from 0 to 2, then passes of the optimiser to leave out: `"2 -fold_sums"`.

    `holomorphic=True` says that `f` is a complex function of complex arguments that has a complex
    derivative, which is then the result; that it is one is not checked.

    `memory_budget` is a number of bytes: loops keep snapshots where they would keep more for the
    backward sweep; `.plan(*args)` tells which. See docs/checkpointing.md.

    Raises `UnsupportedError` for what has no derivative rule, naming file, line and remedy;
    `SourceError`
    where the source of `f` cannot be had. Reference: Griewank and Walther, Evaluating Derivatives,
    2008.
    """
    how = {"cache": cache, "optimize": optimize, "holomorphic": holomorphic}
    how["budget"] = memory_budget
    return _derivative("grad", f, argnums, has_aux, backend, **how)


@overload
def value_and_grad(
    f: Callable[P, R],
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    backend: str = "numpy",
    cache: bool = False,
    optimize: int | str | None = None,
    holomorphic: bool = False,
    memory_budget: int | None = None,
) -> Derivative[P, tuple[R, Any]]: ...
@overload
def value_and_grad(
    f: None = None,
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    backend: str = "numpy",
    cache: bool = False,
    optimize: int | str | None = None,
    holomorphic: bool = False,
    memory_budget: int | None = None,
) -> Callable[[Callable[P, R]], Derivative[P, tuple[R, Any]]]: ...
def value_and_grad(
    f: Any = None,
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    backend: str = "numpy",
    cache: bool = False,
    optimize: int | str | None = None,
    holomorphic: bool = False,
    memory_budget: int | None = None,
) -> Any:
    """The value of a scalar function and its gradient, as `(value, gradient)`; see `grad`."""
    how = {"cache": cache, "optimize": optimize, "holomorphic": holomorphic}
    how["budget"] = memory_budget
    return _derivative("value_and_grad", f, argnums, has_aux, backend, **how)


def _derivative(
    mode: Mode, f: Any, argnums: ArgNums, has_aux: bool, backend: str, **how: Any
) -> Any:
    _check_backend(backend)
    if how["holomorphic"] and backend != "numpy":
        raise SrcgradError('holomorphic derivatives are written with backend="numpy" only')
    if f is None or isinstance(f, (int, str, tuple)):
        given = argnums if f is None else f  # @grad("w") reads as @grad(argnums="w")
        return lambda fn: _derivative(mode, fn, given, has_aux, backend, **how)
    made = derivatives_of(f)
    key = (mode, repr(argnums), has_aux, backend, *how.values())
    known = made.get(key)
    if known is None:
        known = made[key] = _new_derivative(mode, f, argnums, has_aux, backend, **how)
    return known


def _new_derivative(
    mode: Mode, f: Any, argnums: ArgNums, has_aux: bool, backend: str, **how: Any
) -> Derivative[..., Any]:
    signature = signature_of(f)
    wrt, single = parameters(signature, argnums, getattr(f, "__name__", "the function"))
    budget = how.pop("budget")
    if budget is not None:
        return _budgeted(mode, f, wrt, single, has_aux, backend, budget, **how)
    return _made(mode, f, signature, wrt, single, has_aux, backend, **how)


def _budgeted(
    mode: Mode,
    f: Any,
    wrt: tuple[str, ...],
    single: bool,
    has_aux: bool,
    backend: str,
    budget: int,
    **how: Any,
) -> Derivative[..., Any]:
    from srcgrad.planning import Budgeted

    if backend != "numpy":
        raise SrcgradError('a memory budget is planned for with backend="numpy" only')

    def make(snapshots: Snapshots) -> Derivative[..., Any]:
        given = signature_of(f)
        return _made(mode, f, given, wrt, single, has_aux, backend, snapshots=snapshots, **how)

    request = Request(mode, wrt, single, {}, has_aux, chosen_passes(how["optimize"]))
    return Budgeted(make(()), make, request, budget)


def _made(
    mode: Mode,
    f: Any,
    signature: inspect.Signature,
    wrt: tuple[str, ...],
    single: bool,
    has_aux: bool,
    backend: str,
    **how: Any,
) -> Derivative[..., Any]:
    return Derivative(
        f,
        _compiler(f, mode, wrt, single, has_aux, backend=backend, **how),
        again=_compiler(f, mode, wrt, single, has_aux, backend=backend, plain=True, **how),
        wrt=wrt,
        label=mode,
        signature=signature,
        finish=functools.partial(restructured, mode, wrt, single, has_aux),
        single=single,
        has_aux=has_aux,
    )


def _check_backend(backend: str) -> None:
    if backend not in ("numpy", "numba"):
        raise SrcgradError(f'backend {backend!r} is not available; there are "numpy" and "numba"')
    if backend == "numba":
        require_numba()


def pullbacks(
    f: Callable[..., Any], wrt: tuple[str, ...], backend: str = "numpy"
) -> Derivative[..., Any]:
    """`f_vjp` for any arguments: gives the value, and a pullback to be called before anything that
    the function reads is changed."""
    _check_backend(backend)
    compiler = _compiler(f, "vjp", wrt, False, late=False, backend=backend)
    return Derivative(f, compiler, wrt=wrt, label="vjp", signature=signature_of(f))


def _compiler(
    primal: Any,
    mode: Mode,
    wrt: tuple[str, ...],
    single: bool,
    has_aux: bool = False,
    late: bool = True,
    backend: str = "numpy",
    cache: bool = False,
    optimize: int | str | None = None,
    plain: bool = False,
    holomorphic: bool = False,
    snapshots: Snapshots = (),
) -> Callable[[Mapping[str, Kind | Written]], Lowered]:
    """Compiles `primal` for given kinds."""
    passes = chosen_passes(optimize)
    request = Request(mode, wrt, single, {}, has_aux, passes, plain, holomorphic, snapshots)

    @without_collection
    def compile_for(kinds: Mapping[str, Kind | Written]) -> Lowered:
        copies = late and mode == "vjp"
        kept = backend == "numpy"
        slot = slot_for(primal, request, kinds, copies, cache) if kept else None
        found = None if slot is None else slot.find()
        if found is not None:
            return found
        found = siblings.found(primal, request, kinds, copies) if kept else None
        if found is not None:
            return found
        from srcgrad.making import lowered_for

        made = lowered_for(primal, request, kinds, copies, backend, slot)
        if kept:
            siblings.keep(primal, request, kinds, copies, made)
        return made

    return compile_for


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
    snapshots: Snapshots = ()
    if memory_budget is not None:
        from srcgrad.planning import planned

        request = Request("vjp", wrt, False)
        arguments = dict(zip(names, args, strict=True))
        snapshots = planned(f, request, arguments, memory_budget, factor=2).snapshots
    value, pull = _compiler(f, "vjp", wrt, False, snapshots=snapshots)(kinds).function(*args)

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


@without_collection
def transform(
    source: str | os.PathLike[str],
    *,
    functions: Sequence[str] | None = None,
    wrt: str | Sequence[str] | None = None,
    mode: Mode = "grad",
    filename: str | None = None,
    at: Mapping[str, Any] | None = None,
    command: str = "",
    backend: str = "numpy",
    optimize: int | str | None = None,
) -> str:
    """The text of a module with the derivatives of functions in a file, or in a text of Python.

    The input is never imported or executed. `functions` defaults to those decorated with `@grad` or
    `@value_and_grad` (then in their own mode and arguments), else to all public ones. `wrt`
    defaults to
    the first parameter. `at` gives sample arguments, which make the result specific to their kinds.
    `command` stands in the header as the way to make the file again. With `backend="numba"` it
    writes loops for Numba; the kinds of all parameters must be known. `optimize` as for
    `grad`. Raises `UnsupportedError`.
    """
    from srcgrad.ahead import module_text

    return module_text(
        source,
        functions=functions,
        wrt=wrt,
        mode=mode,
        filename=filename,
        at=at or {},
        command=command,
        backend=backend,
        passes=chosen_passes(optimize),
    )
