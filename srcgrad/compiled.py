"""Derivatives for a compiler of loops: what the driver writes for NumPy, written as loops."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from srcgrad.backends.lowered import Lowered
from srcgrad.backends.numba import NotCompiled, Shape, compile_loops, deferred
from srcgrad.callables import Core
from srcgrad.compiledcalls import called_in, related
from srcgrad.driver import Compiler
from srcgrad.emit.loops import naming, print_loops
from srcgrad.errors import Problem, UnsupportedError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Function, Param, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.linking import Program
from srcgrad.loops.module import Unsuited, helpers_of, loop_function
from srcgrad.loops.preparing import of_short_axes
from srcgrad.loops.recursion import Unknown
from srcgrad.loops.tangents import with_plain_tangents
from srcgrad.loops.unbound import with_flags
from srcgrad.options import PASSES, WHOLE_ARRAYS, Request
from srcgrad.texts import Written, compiler_for, linked_to
from srcgrad.writing import file_header

REMEDY = 'use backend="numpy" for this function'


class LeftToNumPy(UnsupportedError):
    """Loops would always leave arguments of these lengths to NumPy."""


@dataclass(frozen=True, slots=True)
class Loops:
    """A derivative as loops: its text, and beside it that for NumPy, which decides in doubt."""

    written: Written
    numpy: Written
    kinds: tuple[Kind, ...]  # of its parameters
    result: Any  # how the items of what it returns are to be put together
    apart: tuple[tuple[int, ...], ...]  # of each the first shares no memory with the others
    captured: tuple[str, ...]  # arrays of the surroundings, given behind the parameters
    called: tuple[tuple[str, tuple[Kind, ...]], ...] = ()  # functions of the text, in order
    helpers: tuple[str, ...] = ()  # that the text has


def write_loops(
    program: Program, requests: list[tuple[str, Request]], command: str = ""
) -> list[Loops]:
    """The modules for these functions and requests. Raises `UnsupportedError`."""
    passes = tuple(name for name in PASSES if name not in WHOLE_ARRAYS)
    linked = linked_to(program, passes, whole=True)
    linked.change = with_flags
    compiler = compiler_for(linked, passes, whole=True)
    for key, request in requests:
        if request.mode in ("vjp", "vjps", "pull"):
            raise refused(compiler, key, "a pullback has no compiled form: use grad")
        if request.mode in ("jvps", "tangents"):
            message = "many directions at once have no compiled form: use jvp for each"
            raise refused(compiler, key, message)
    made = [compiler.add(key, request) for key, request in requests]
    text, namespace = compiler.text(command)
    numpy = Written(text, made[0], namespace, tuple(compiler.reached))
    try:
        text_of = related(compiler, len(requests))
    except Unknown as error:
        message, remedy = (*error.args, REMEDY)[:2]
        raise refused(compiler, requests[0][0], message, remedy) from None
    own = [with_plain_tangents(with_names(fn)) for fn in text_of.asked]
    left = {name for fn in own for name in called_in(fn)} - text_of.calls.keys()
    if left:
        raise refused(compiler, requests[0][0], f"a call of `{min(left)}` is not written out")
    asked = [
        (fn, all_kinds(compiler, key, request, fn.params))
        for (key, request), fn in zip(requests, own, strict=True)
    ]
    found = []
    parallel = any(request.parallel for _, request in requests)
    for fn, kinds in (*asked, *text_of.called):
        try:
            function = loop_function(fn, kinds, text_of.naming, text_of.calls, parallel)
        except Unsuited as error:
            raise (LeftToNumPy if error.only_here else UnsupportedError)(error.problem) from None
        found.append((fn.params, kinds, function))
    if any(function.captured or function.writes for _, _, function in found[len(requests) :]):
        message = "a function that calls itself reads an array of its surroundings, or writes one"
        raise refused(compiler, requests[0][0], message)
    header = file_header([compiler.program.lower(key) for key, _ in requests], command)
    trees = [(function.tree, params, function.globals) for params, _, function in found]
    parts = [part for _, _, function in found for part in function.parts]
    used = helpers_of([*(function.tree for _, _, function in found), *parts])
    loops_text, values = print_loops(header, used.values(), trees, parts)
    written = Written(loops_text, made[0], values, tuple(compiler.reached))
    loops = []
    called = tuple((fn.name, tuple(kinds.values())) for fn, kinds in text_of.called)
    for params, kinds, function in found[: len(requests)]:
        names = [p.name for p in params]
        given = tuple(function.whole.get(name, kinds[name]) for name in names)
        places = [*names, *function.captured]
        apart = tuple(tuple(map(places.index, group)) for group in function.apart)
        captured = function.captured
        result = function.result
        loops.append(Loops(written, numpy, given, result, apart, captured, called, tuple(used)))
    return loops


def with_names(fn: Function) -> Function:
    """The function with names that a text can have for its parameters, tangents among them."""
    names = naming(fn)
    given = {p.name: names(p.name) for p in fn.params}
    entry = [
        Assign((name,), "copy", (Var(final),)) for name, final in given.items() if name != final
    ]
    params = tuple(replace(p, name=given[p.name]) for p in fn.params)
    return replace(fn, params=params, body=(*entry, *fn.body)) if entry else fn


def all_kinds(
    compiler: Compiler, key: str, request: Request, params: tuple[Param, ...]
) -> Mapping[str, Kind]:
    """Kinds of all parameters. Raises where one is not known, or not of a compiled type."""
    fn = compiler.lower(key)
    known = compiler.given_kinds(fn, request)
    if request.mode == "jvp":  # tangents have the kinds of what they are tangents of
        dots = [p.name for p in params][-len(request.wrt) :]
        known |= {dot: known[name] for dot, name in zip(dots, request.wrt, strict=True)}
    for p in params:
        if p.kind in ("varargs", "varkw", "keyword"):
            raise refused(compiler, key, f"`{p.name}` is no plain parameter")
        kind = known[p.name]
        if kind.tag == "unknown" and p.has_value:
            kind = known[p.name] = kind_of_value(p.value, p.name)
        if kind.tag in ("unknown", "object") or kind.is_array and kind.shape is None:
            message = f"nothing is known of the argument `{p.name}`"
            raise refused(compiler, key, message, "annotate it, or call the derivative")
        if kind.is_container and kind.items is not None and not kind.fields:
            continue
        if kind.is_container or kind.tag in ("slice", "generator", "ellipsis"):
            raise refused(compiler, key, f"the argument `{p.name}` is a {kind.tag}")
        if kind.is_array and not kind.shape:
            raise refused(compiler, key, f"the argument `{p.name}` is an array of rank 0")
        numeric = kind.is_scalar or kind.is_array
        if (
            numeric
            and kind.dtype in ("?", "f2", "f16", "c8")
            or kind.is_scalar
            and kind.dtype == "f4"
        ):
            raise refused(compiler, key, f"the type of the argument `{p.name}` has no loop form")
    return known


def refused(compiler: Compiler, key: str, message: str, remedy: str = REMEDY) -> UnsupportedError:
    fn = compiler.program.lower(key)
    return UnsupportedError(Problem(fn.file, fn.line, 0, f'backend "numba": {message}', remedy))


def compiled(
    program: Any, request: Request, core: Core, plain: Lowered, folder: Path | None = None
) -> Lowered:
    """The derivative as compiled loops, with NumPy's version behind it.

    A whole program is compiled for short axes as long as they are, with loops for any length
    behind that. `folder`: where the compiled code is kept.
    """
    short = of_length(request) if request.mode == "value" else request
    if short is not request:
        general = functools.cache(functools.partial(_of_any_length, program, request, plain))
        try:
            behind = deferred(plain.plain, general)
            written, _, function = _compiled(program, short, plain, behind)
            return _lowered(written, function, core, plain)
        except UnsupportedError:
            pass
    try:
        written, shape, function = _compiled(program, request, plain, plain.plain, folder)
    except LeftToNumPy:
        return plain
    return _lowered(written, function, core, plain, shape)


def _of_any_length(program: Any, request: Request, plain: Lowered) -> Callable[..., Any]:
    """Loops for arrays of any length, which are written when the first one comes."""
    try:
        return _compiled(program, request, plain, plain.plain)[2]
    except UnsupportedError:
        return plain.plain


def of_length(request: Request) -> Request:
    """The request for arrays with short axes of the lengths that they were seen with."""

    kinds = {name: of_short_axes(kind) for name, kind in request.kinds.items()}
    return request if kinds == request.kinds else replace(request, kinds=kinds)


def _lowered(
    written: Written,
    function: Callable[..., Any],
    core: Core,
    plain: Lowered,
    shape: Shape | None = None,
) -> Lowered:
    names = dict(written.namespace)
    return Lowered(written.text, core.bind(function), plain.guards, names, plain.file, plain, shape)


def _compiled(
    program: Any,
    request: Request,
    plain: Lowered,
    behind: Callable[..., Any],
    folder: Path | None = None,
) -> tuple[Written, Shape, Callable[..., Any]]:
    """Loops and the function compiled from them; where that finds a fault, `behind` is called."""
    (loops,) = write_loops(program, [(program.root, request)])
    written = loops.written
    captured = [plain.namespace[name] for name in loops.captured]
    shape = Shape(loops.kinds, loops.result, loops.apart, loops.called, loops.helpers)
    names = dict(written.namespace)
    try:
        function = compile_loops(shape, written.text, written.name, names, captured, behind, folder)
    except NotCompiled as error:
        fn = program.lower(program.root)
        message = f'backend "numba": Numba does not compile it: {error}'
        raise UnsupportedError(Problem(fn.file, fn.line, 0, message, REMEDY)) from error
    return written, shape, function


__all__ = ["Loops", "compiled", "write_loops"]
