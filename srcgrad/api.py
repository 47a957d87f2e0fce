"""What users call: `grad`, `value_and_grad`, `vjp`, `transform`.

The stages are imported when the first derivative is made, so that importing srcgrad is quick.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar, overload

from srcgrad import siblings
from srcgrad.argnums import ArgNums, parameters
from srcgrad.backends.numba import require_numba
from srcgrad.cache import slot_for
from srcgrad.collection import without_collection
from srcgrad.derivative import Derivative, Lowered, derivatives_of
from srcgrad.errors import SrcgradError
from srcgrad.finishing import restructured
from srcgrad.ir.kinds import Kind
from srcgrad.options import (
    Mode,
    Remakes,
    Request,
    Snapshots,
    chosen_passes,
    passes_before_another,
)
from srcgrad.signatures import (
    Written,
    signature_of,
)

PARALLEL_LOOPS = '`parallel=True` needs backend="numba", which writes loops'
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
    parallel: bool = False,
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
    parallel: bool = False,
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
    parallel: bool = False,
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

    `memory_budget` is a number of bytes: values are computed again, and loops keep snapshots, where
    more would be kept for the backward sweep; `.plan(*args)` tells which. See
    docs/checkpointing.md.

    `parallel=True`, with `backend="numba"`, runs loops on several cores where no turn has to do
    with another one; the result is the same to the last bit. See docs/numba.md.

    Raises `UnsupportedError` for what has no derivative rule, naming file, line and remedy;
    `SourceError`
    where the source of `f` cannot be had. Reference: Griewank and Walther, Evaluating Derivatives,
    2008.
    """
    how = {"cache": cache, "optimize": optimize, "holomorphic": holomorphic}
    how |= {"budget": memory_budget, "parallel": parallel}
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
    parallel: bool = False,
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
    parallel: bool = False,
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
    parallel: bool = False,
) -> Any:
    """The value of a scalar function and its gradient, as `(value, gradient)`; see `grad`."""
    how = {"cache": cache, "optimize": optimize, "holomorphic": holomorphic}
    how |= {"budget": memory_budget, "parallel": parallel}
    return _derivative("value_and_grad", f, argnums, has_aux, backend, **how)


def _derivative(
    mode: Mode, f: Any, argnums: ArgNums, has_aux: bool, backend: str, **how: Any
) -> Any:
    _check_backend(backend)
    if how["parallel"] and backend != "numba":
        raise SrcgradError(PARALLEL_LOOPS)
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

    def make(snapshots: Snapshots, again: Remakes) -> Derivative[..., Any]:
        kept = {"snapshots": snapshots, "again": again}
        return _made(mode, f, signature_of(f), wrt, single, has_aux, backend, **kept, **how)

    passes, holomorphic = chosen_passes(how["optimize"]), how["holomorphic"]
    request = Request(mode, wrt, single, {}, has_aux, passes, holomorphic=holomorphic)
    return Budgeted(make((), ()), make, request, budget)


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
    again: Remakes = (),
    part: int | None = None,
    parallel: bool = False,
) -> Callable[[Mapping[str, Kind | Written]], Lowered]:
    """Compiles `primal` for given kinds."""
    passes = chosen_passes(optimize)
    passes = passes_before_another(passes) if plain else passes
    what = passes, plain, holomorphic, snapshots, again
    request = Request(mode, wrt, single, {}, has_aux, *what, parallel=parallel, part=part)

    @without_collection
    def compile_for(kinds: Mapping[str, Kind | Written]) -> Lowered:
        copies = late and mode == "vjp"
        has_siblings = backend == "numpy"
        slot = slot_for(primal, request, kinds, copies, backend, cache)
        found = None if slot is None else slot.find()
        if found is not None:
            return found
        found = siblings.found(primal, request, kinds, copies) if has_siblings else None
        if found is not None:
            return found
        from srcgrad.making import lowered_for

        made = lowered_for(primal, request, kinds, copies, backend, slot)
        if has_siblings:
            siblings.keep(primal, request, kinds, copies, made)
        return made

    return compile_for


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
    parallel: bool = False,
) -> str:
    """The text of a module with the derivatives of functions in a file, or in a text of Python.

    The input is never imported or executed. `functions` defaults to those decorated with `@grad` or
    `@value_and_grad` (then in their own mode and arguments), else to all public ones. `wrt`
    defaults to
    the first parameter. `at` gives sample arguments, which make the result specific to their kinds.
    `command` stands in the header as the way to make the file again. With `backend="numba"` it
    writes loops for Numba; the kinds of all parameters must be known. `optimize` and `parallel` as
    for `grad`. Raises `UnsupportedError`.
    """
    if parallel and backend != "numba":
        raise SrcgradError(PARALLEL_LOOPS)
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
        parallel=parallel,
    )
