"""The text of a generated module, for functions of a program and the derivatives that they take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srcgrad.ad.refusals import capture_problems
from srcgrad.driver import Compiler
from srcgrad.errors import UnsupportedError
from srcgrad.frontend.requests import Nested
from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Kind
from srcgrad.linking import Linked, Program
from srcgrad.optimize.inline_calls import MAX_STATEMENTS
from srcgrad.options import PASSES, Request, passes_before_another

WRITTEN_OUT = 1000  # statements of a callee; in compiled loops a call costs more than its text


@dataclass(frozen=True, slots=True)
class Written:
    """A generated module: its text, the name of its derivative, the values its text cannot
    express."""

    text: str
    name: str
    namespace: Mapping[str, Any]
    functions: tuple[str, ...] = ()  # keys of the user functions it was made from


def write(program: Program, requests: list[tuple[str, Request]], command: str = "") -> Written:
    """The generated module for these functions and requests. Raises `UnsupportedError` with all
    problems."""
    passes = requests[0][1].passes if requests else PASSES
    compiler = compiler_for(linked_to(program, passes), passes)
    names = [compiler.add(key, request) for key, request in requests]
    text, namespace = compiler.text(command)
    return Written(text, names[0], namespace, tuple(compiler.reached))


def compiler_for(
    program: Linked,
    passes: tuple[str, ...],
    names: frozenset[str] = frozenset(),
    whole: bool = False,
) -> Compiler:
    """`names` are taken. `whole`: calls are written out wherever they can be."""
    most = MAX_STATEMENTS if "inline_calls" in passes else 0
    most = WRITTEN_OUT if whole else most
    return Compiler(program, names=set(names), most=most, passes=passes, whole=whole)


def linked_to(program: Program, passes: tuple[str, ...] = PASSES, whole: bool = False) -> Linked:
    """The program with the derivatives that its functions take. `whole`: for compiled loops, in
    whose texts functions do not call others."""
    linked = Linked(program, lambda *nested: nested_text(linked, passes, whole, *nested))
    return linked


def nested_text(
    program: Linked,
    passes: tuple[str, ...],
    whole: bool,
    key: str,
    name: str,
    nested: Nested,
    kinds: Mapping[str, Kind],
) -> tuple[str, Mapping[str, Any]]:
    """The text of a derivative that a function of the program takes, under the name given."""
    passes = passes_before_another(passes)
    compiler = compiler_for(program, passes, frozenset({name}), whole)
    request = Request(nested.mode, nested.wrt, nested.single, kinds, nested.has_aux, passes, True)
    compiler.add(key, request, name)
    if problems := capture_problems(nested.fn, nested.captured, compiler.copied):
        raise UnsupportedError(problems)
    return compiler.text("")
