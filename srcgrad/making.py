"""From a function and the kinds of its arguments to a compiled derivative, with all stages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any

from srcgrad.backends.lowered import Lowered
from srcgrad.backends.numpy import compile_source
from srcgrad.cache import Slot
from srcgrad.callables import Core, core_of, spelled
from srcgrad.derivative import Derivative
from srcgrad.errors import UnsupportedError
from srcgrad.finishing import copied
from srcgrad.frontend import LIBRARIES, Program, read_live
from srcgrad.ir.core import Function
from srcgrad.ir.kinds import Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.options import Request
from srcgrad.signatures import Written as WrittenFor
from srcgrad.signatures import is_library
from srcgrad.texts import Written, write


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
    library = is_library(whole.function)
    tuples = ((n, kind.items) for n, kind in kinds.items() if kind.tag == "tuple")
    counts = {n: len(items) for n, items in tuples if items is not None}
    core = spelled(whole, list(kinds), written_for if library else {}, counts)
    request = replace(request, kinds={**core.fixed, **kinds})
    try:
        program, written = _written(core, kinds, request)
    except UnsupportedError:
        if not written_for or library:
            raise
        core = spelled(whole, list(kinds), written_for, counts)  # with the functions it is given
        program, written = _written(core, kinds, replace(request, kinds=kinds))
    namespace = written.namespace
    if late:  # what it reads stays as it is now
        namespace = {name: copied(value) for name, value in namespace.items()}
    function = core.bind(compile_source(written.text, written.name, namespace))
    guards: tuple[Any, ...] = () if inner is None else tuple(inner.guards)
    guards += tuple(guard for key in written.functions for guard in _guards(program, key))
    guards += tuple(guard for fn in program.functions for guard in _own_guards(fn))
    file = program.lower(program.root).file
    lowered = Lowered(written.text, function, guards, namespace, file)
    if backend != "numpy":
        from srcgrad.compiled import compiled  # a compiler that most programs have no need of

        kept = program.named, program.imported
        folder = None if slot is None else slot.room_for(lowered, *kept)
        lowered = compiled(program, request, core, lowered, folder)
    if slot is not None:
        slot.keep(lowered, program.named, program.imported)
    return lowered


def program_of(primal: Any, request: Request) -> tuple[Core, Program, Request]:
    """The program of a function, and the request with all that is known of its parameters."""
    inner = primal.compile(request.kinds) if isinstance(primal, Derivative) else None
    whole = core_of(primal if inner is None else inner.function)
    core = spelled(whole, list(request.kinds), {}, {})
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


def _own_guards(fn: FunctionType) -> list[tuple[Any, str, Any]]:
    """What a function is made of: a reload in place, as IPython does it, gives it other code."""
    parts = [("__defaults__", fn.__defaults__), ("__kwdefaults__", fn.__kwdefaults__)]
    given: list[tuple[Any, str, Any]] = [(fn, n, value) for n, value in parts if value is not None]
    named = fn.__kwdefaults__ or {}
    return [(fn, "__code__", fn.__code__), *given, *((named, n, v) for n, v in named.items())]


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
