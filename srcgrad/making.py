"""From a function and the kinds of its arguments to a compiled derivative, with all stages."""

from __future__ import annotations

import functools
import gc
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any, ParamSpec, TypeVar

from srcgrad.backends.lowered import Lowered
from srcgrad.backends.numpy import compile_source
from srcgrad.cache import Slot
from srcgrad.callables import Core, core_of, spelled
from srcgrad.compiled import compiled
from srcgrad.derivative import Derivative
from srcgrad.errors import UnsupportedError
from srcgrad.finishing import copied
from srcgrad.frontend import LIBRARIES, Program, read_live
from srcgrad.ir.core import Function
from srcgrad.ir.kinds import Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.modules import Written, write
from srcgrad.options import Request
from srcgrad.signatures import Written as WrittenFor

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


@without_collection
def lowered_for(
    primal: Any,
    request: Request,
    given: Mapping[str, Kind | WrittenFor],
    late: bool,
    backend: str,
    slot: Slot | None = None,
) -> Lowered:
    """The derivative asked for, for parameters of these kinds.

    The source of `primal` is read anew each time, so that guards are current. `late`: the
    derivative may be called after what it reads of its surroundings has changed. `slot`: where it
    is kept on disk.
    """
    inner = primal.compile(given) if isinstance(primal, Derivative) else None
    whole = core_of(primal if inner is None else inner.function)  # its text is source, too
    written_for = {n: kind.value for n, kind in given.items() if isinstance(kind, WrittenFor)}
    kinds = {
        n: kind_of_value(kind.value, n) if isinstance(kind, WrittenFor) else kind
        for n, kind in given.items()
    }
    core = spelled(whole, list(kinds), written_for)
    request = replace(request, kinds={**core.fixed, **kinds})
    program, written = _written(core, kinds, request)
    namespace = written.namespace
    if late:  # what it reads stays as it is now
        namespace = {name: copied(value) for name, value in namespace.items()}
    function = core.bind(compile_source(written.text, written.name, namespace))
    guards: tuple[Any, ...] = () if inner is None else tuple(inner.guards)
    guards += tuple(guard for key in written.functions for guard in _guards(program, key))
    file = program.lower(program.root).file
    lowered = Lowered(written.text, function, guards, namespace, file)
    if slot is not None:
        slot.keep(lowered, program.named, program.imported)
    return lowered if backend == "numpy" else compiled(program, request, core, lowered)


def program_of(primal: Any, request: Request) -> tuple[Core, Program, Request]:
    """The program of a function, and the request with all that is known of its parameters."""
    inner = primal.compile(request.kinds) if isinstance(primal, Derivative) else None
    whole = core_of(primal if inner is None else inner.function)
    core = spelled(whole, list(request.kinds), {})
    request = replace(request, kinds={**core.fixed, **request.kinds})
    classes = {name: kind.cls for name, kind in request.kinds.items() if kind.cls is not None}
    return core, _program(core, request.kinds, classes), request


def _written(core: Core, kinds: Mapping[str, Kind], request: Request) -> tuple[Program, Written]:
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


def _program(core: Core, kinds: Mapping[str, Kind], classes: Mapping[str, type]) -> Program:
    return read_live(core.function, core.args[0] if core.method else None, classes)


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
