"""What users call: `grad`, `value_and_grad`, `vjp`, `transform`. Compositions of the driver."""

from __future__ import annotations

import functools
import gc
import inspect
import os
import re
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any, ParamSpec, TypeVar, overload

import numpy as np

from srcgrad import trees
from srcgrad.argnums import ArgNums, parameters
from srcgrad.backends.numba import require_numba
from srcgrad.backends.numpy import compile_source
from srcgrad.callables import Core, LibraryProgram, core_of
from srcgrad.compiled import compiled, write_loops
from srcgrad.derivative import Derivative, Lowered, derivatives_of, signature_of
from srcgrad.driver import Written, write
from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.finishing import restructured
from srcgrad.frontend import LIBRARIES, Program, StaticModule, open_file, read_live, read_text
from srcgrad.ir.core import Function
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.options import Mode, Request
from srcgrad.rules.registry import lookup

P = ParamSpec("P")
R = TypeVar("R")


def without_collection(function: Callable[P, R]) -> Callable[P, R]:
    """The function, run without Python's search for cyclic garbage.

    A program and its analyses are many small objects that all live to the end: searching them again
    and again takes a quarter of the time.
    """

    @functools.wraps(function)
    def quiet(*args: P.args, **kwargs: P.kwargs) -> R:
        searching = gc.isenabled()
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            if searching:
                gc.enable()

    return quiet


@overload
def grad(
    f: Callable[P, R], argnums: ArgNums = 0, *, has_aux: bool = False, backend: str = "numpy"
) -> Derivative[P, Any]: ...
@overload
def grad(
    f: None = None, argnums: ArgNums = 0, *, has_aux: bool = False, backend: str = "numpy"
) -> Callable[[Callable[P, R]], Derivative[P, Any]]: ...
def grad(
    f: Any = None, argnums: ArgNums = 0, *, has_aux: bool = False, backend: str = "numpy"
) -> Any:
    """The gradient of a scalar function, with the function's own signature.

    `argnums` names what is differentiated: a position, a parameter's name, or a tuple of them (then
    the
    result is a tuple). A gradient has the structure, shape and float dtype of its argument; leaves
    that
    are not float pass through. With `has_aux`, `f` returns `(value, aux)` and the result is
    `(gradient,
    aux)`. Usable as `@grad` and `@grad(argnums=...)`.

    Raises `UnsupportedError` for what has no derivative rule, naming file, line and remedy;
    `SourceError`
    where the source of `f` cannot be had. Reference: Griewank and Walther, Evaluating Derivatives,
    2008.
    """
    return _derivative("grad", f, argnums, has_aux, backend)


@overload
def value_and_grad(
    f: Callable[P, R], argnums: ArgNums = 0, *, has_aux: bool = False, backend: str = "numpy"
) -> Derivative[P, tuple[R, Any]]: ...
@overload
def value_and_grad(
    f: None = None, argnums: ArgNums = 0, *, has_aux: bool = False, backend: str = "numpy"
) -> Callable[[Callable[P, R]], Derivative[P, tuple[R, Any]]]: ...
def value_and_grad(
    f: Any = None, argnums: ArgNums = 0, *, has_aux: bool = False, backend: str = "numpy"
) -> Any:
    """The value of a scalar function and its gradient, as `(value, gradient)`; see `grad`."""
    return _derivative("value_and_grad", f, argnums, has_aux, backend)


def _derivative(mode: Mode, f: Any, argnums: ArgNums, has_aux: bool, backend: str) -> Any:
    _check_backend(backend)
    if f is None or isinstance(f, (int, str, tuple)):
        given = argnums if f is None else f  # @grad("w") reads as @grad(argnums="w")
        return lambda fn: _derivative(mode, fn, given, has_aux, backend)
    made = derivatives_of(f)
    key = (mode, repr(argnums), has_aux, backend)
    known = made.get(key)
    if known is None:
        known = made[key] = _new_derivative(mode, f, argnums, has_aux, backend)
    return known


def _new_derivative(
    mode: Mode, f: Any, argnums: ArgNums, has_aux: bool, backend: str
) -> Derivative[..., Any]:
    signature = signature_of(f)
    wrt, single = parameters(signature, argnums, getattr(f, "__name__", "the function"))
    return Derivative(
        f,
        _compiler(f, mode, wrt, single, has_aux, backend=backend),
        again=_compiler(f, mode, wrt, single, has_aux, backend=backend, plain=True),
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
    plain: bool = False,
) -> Callable[[Mapping[str, Kind]], Lowered]:
    """Compiles `primal` for given kinds. Its source is read anew each time, so that guards are
    current."""

    @without_collection
    def compile_for(kinds: Mapping[str, Kind]) -> Lowered:
        inner = primal.compile(kinds) if isinstance(primal, Derivative) else None
        core = core_of(primal if inner is None else inner.function)  # its text is source, too
        request = Request(mode, wrt, single, {**core.fixed, **kinds}, has_aux, plain)
        program, written = _written(core, kinds, request)
        namespace = written.namespace
        if mode == "vjp" and late:  # a pullback may come late: what it reads stays as it is now
            namespace = {name: _copied(value) for name, value in namespace.items()}
        function = core.bind(compile_source(written.text, written.name, namespace))
        guards: tuple[Any, ...] = () if inner is None else tuple(inner.guards)
        if isinstance(program, Program):
            guards += tuple(guard for key in written.functions for guard in _guards(program, key))
        file = program.lower(program.root).file
        lowered = Lowered(written.text, function, guards, namespace, file)
        return lowered if backend == "numpy" else compiled(program, request, core, lowered)

    return compile_for


def _written(
    core: Core, kinds: Mapping[str, Kind], request: Request
) -> tuple[Program | LibraryProgram, Written]:
    """The program and its derivative. Dataclasses are taken apart where they must be."""
    program = _program(core, kinds, {})
    try:
        return program, write(program, [(program.root, request)])
    except UnsupportedError as error:
        classes = {name: kind.cls for name, kind in kinds.items() if kind.cls is not None}
        if not classes:
            raise
        program = _program(core, kinds, classes)
        try:
            return program, write(program, [(program.root, request)])
        except UnsupportedError:
            raise error from None


def _program(
    core: Core, kinds: Mapping[str, Kind], classes: Mapping[str, type]
) -> Program | LibraryProgram:
    """The function's own program; of a library function, a call of it with the arguments given."""
    prim = lookup(core.function)
    if prim is None:
        return read_live(core.function, core.args[0] if core.method else None, classes)
    return LibraryProgram(prim, signature_of(core.function), kinds)


def _guards(program: Program, key: str) -> list[tuple[Any, str, Any]]:
    """What a function read of its surroundings: where, under which name, which object."""
    fn: FunctionType = program.function(key)
    cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    guards: list[tuple[Any, str, Any]] = []
    for name in program.lower(key).globals:
        if name in cells:
            guards.append((cells[name], name, cells[name].cell_contents))
        elif name in fn.__globals__:
            guards.append((fn.__globals__, name, fn.__globals__[name]))
    fn_read = program.lower(key)
    return guards + list(fn_read.guards) + _module_guards(fn_read)


def _module_guards(fn: Function) -> list[tuple[Any, str, Any]]:
    """What a function read of the user's modules, by attribute: `settings.SCALE`."""
    found = []
    texts = "\n".join(unit.text for unit in fn.units.values())
    for name, known in fn.globals.items():
        module = known.value
        if isinstance(module, ModuleType) and module.__name__.split(".")[0] not in LIBRARIES:
            for attr in sorted(set(re.findall(rf"\b{name}\.(\w+)", texts))):
                if attr in vars(module):
                    found.append((vars(module), attr, vars(module)[attr]))
    return found


def vjp(
    f: Callable[..., Any], *primals: Any, backend: str = "numpy"
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Value of `f(*primals)` and its pullback: from the cotangent of the value to those of the
    arguments.

    The pullback returns a tuple, one cotangent for each argument, and may be called again. A
    cotangent
    given must have the structure and shapes of the value. Later changes to the arguments do not
    matter.
    """
    _check_backend(backend)
    signature = signature_of(f)
    names = tuple(signature.parameters)[: len(primals)]
    stars = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    if any(signature.parameters[name].kind in stars for name in names) or len(names) < len(primals):
        raise SrcgradError("vjp takes functions of named parameters; name them in a lambda")
    args = tuple(trees.map_leaves(_copied, arg) for arg in primals)
    if not any(map(trees.has_float_leaf, args)):
        args = tuple(map(_promoted, args))  # `vjp(f, 3)` means 3.0; beside floats an int is an int
    wrt = tuple(name for name, arg in zip(names, args, strict=True) if trees.has_float_leaf(arg))
    if not wrt:
        raise SrcgradError("vjp needs at least one argument that holds floating-point numbers")
    kinds = {name: kind_of_value(arg, name) for name, arg in zip(names, args, strict=True)}
    value, pull = _compiler(f, "vjp", wrt, False)(kinds).function(*args)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        cotangent = checked(cotangent, value, "cotangent", "value")
        found = dict(zip(wrt, pull(cotangent), strict=True))
        return tuple(
            trees.restructure(found[name], arg) if name in found else _no_gradient(arg)
            for name, arg in zip(names, args, strict=True)
        )

    return value, pullback


def _copied(leaf: Any) -> Any:
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


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
) -> str:
    """The text of a module with the derivatives of functions in a file, or in a text of Python.

    The input is never imported or executed. `functions` defaults to those decorated with `@grad` or
    `@value_and_grad` (then in their own mode and arguments), else to all public ones. `wrt`
    defaults to
    the first parameter. `at` gives sample arguments, which make the result specific to their kinds.
    `command` stands in the header as the way to make the file again. With `backend="numba"` it
    writes loops for Numba; the kinds of all parameters must be known. Raises `UnsupportedError`.
    """
    is_path = isinstance(source, os.PathLike) or "\n" not in source and source.endswith(".py")
    name = filename or (os.fspath(source) if is_path else "<text>")
    module = open_file(source) if is_path else read_text(str(source), name)
    requests = [
        (module.functions[fn], _request(module, fn, wrt, mode, at or {}))
        for fn in _chosen(module, functions, name)
    ]
    if backend == "numba":
        return write_loops(module, requests, command)[0].written.text
    return write(module, requests, command).text


def _chosen(module: StaticModule, functions: Sequence[str] | None, name: str) -> list[str]:
    if functions is None:
        chosen = [fn for fn in module.functions if fn in module.decorated] or list(module.public)
        if not chosen:
            raise SrcgradError(f"{name} has no function to differentiate")
        return chosen
    missing = [fn for fn in functions if fn not in module.functions]
    if missing:
        raise SrcgradError(f"{name} has no function `{missing[0]}`")
    return list(functions)


def _request(
    module: StaticModule,
    fn: str,
    wrt: str | Sequence[str] | None,
    mode: Mode,
    at: Mapping[str, Any],
) -> Request:
    function = module.lower(module.functions[fn])
    names = [p.name for p in function.params]
    marks = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    decorated = module.decorated.get(fn)
    wanted: ArgNums = 0
    if decorated is not None and decorated.argnums is not None:
        wanted = decorated.argnums
    if wrt is not None:
        wanted = wrt if isinstance(wrt, str) else tuple(wrt)
    if not names:
        raise SrcgradError(f"{fn} has no parameter to differentiate")
    found, single = parameters(inspect.Signature(marks), wanted, fn)
    chosen: Mode = mode
    if decorated is not None and mode == "grad":
        chosen = "value_and_grad" if decorated.mode == "value_and_grad" else "grad"
    kinds = {name: kind_of_value(value, name) for name, value in at.items() if name in names}
    return Request(chosen, found, single, {n: k for n, k in kinds.items() if k != UNKNOWN})
