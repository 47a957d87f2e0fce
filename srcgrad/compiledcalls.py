"""Functions that compiled loops call: those that call themselves, and their gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srcgrad.driver import Compiler
from srcgrad.emit.loops import naming
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Function, UserFunction
from srcgrad.ir.kinds import FLOAT64, Kind
from srcgrad.ir.walk import walk
from srcgrad.loops.carried import HELPERS
from srcgrad.loops.recursion import Called, Rewriter, Unknown, param_kinds, value_of, with_arguments


@dataclass(frozen=True, slots=True)
class Related:
    """The functions of a text: those asked for, and those called, with kinds of parameters."""

    asked: list[Function]
    called: list[tuple[Function, Mapping[str, Kind]]]
    calls: Mapping[str, Called]

    def naming(self, fn: Function) -> Any:
        """Final names for the variables of one of them."""
        return naming(fn, (*HELPERS, *self.calls))


def related(compiler: Compiler, count: int) -> Related:
    """The functions that were written, the first `count` of them asked for. Raises `Unknown`."""
    pieces = {piece.fn.name: piece.fn for piece in compiler.pieces}
    asked, rest = list(pieces.values())[:count], list(pieces)[count:]
    halves = {name for job in compiler.pairs.values() for name in job.names}
    strange = [name for name in rest if name not in halves or compiler.steps]
    forwards = {job.names[0]: value_of(pieces[job.names[0]]) for job in compiler.pairs.values()
                if job.names[0] in pieces}  # fmt: skip
    strange += [name for name, value in forwards.items() if value is None]
    ruled = [fn for fn in (compiler.lower(job.key) for job in compiler.pairs.values()) if fn.rule]
    if ruled:
        raise Unknown(
            f"`{ruled[0].name}` has a derivative of its own, which is not written out",
            'call the function without it, or use backend="numpy" for this function',
        )
    if strange or len(forwards) < len(compiler.pairs):
        name = f"`{strange[0]}`" if strange else "another function"
        raise Unknown(f"a call that is not written out becomes {name}, which has no compiled form")
    values = {name: value for name, value in forwards.items() if value is not None}
    calls: dict[str, Called] = {}
    kinds: dict[str, Mapping[str, Kind]] = {}  # by forward half
    keys: dict[str, str] = {}
    for job in compiler.pairs.values():
        callee, own = compiler.lower(job.key), values[job.names[0]]
        common = kinds[job.names[0]] = param_kinds(callee, job.kinds, False)
        result = compiler.result_kind(job.key, common)
        known = calls.setdefault(own.name, Called(common, result))
        if not result.is_scalar or result.dtype not in ("f8", "pf"):
            raise Unknown(f"`{own.name}` calls itself, and may return no number")
        if keys.setdefault(own.name, job.key) != job.key or known.kinds != common:
            raise Unknown(f"`{own.name}` calls itself, with arguments of several kinds")
        exact = {**param_kinds(callee, job.kinds, True), "out_bar": FLOAT64}
        calls[job.names[1]] = Called(exact, FLOAT64, job.active)
    called = [(compiler.lower(key), calls[name].kinds) for name, key in keys.items()]
    if any(called_in(fn) - {fn.name} for fn, _ in called):
        raise Unknown("functions that call each other have no compiled form")
    for job in reversed(compiler.pairs.values()):
        gradient = with_arguments(pieces[job.names[1]], compiler.lower(job.key))
        called.append((Rewriter(values, kinds).run(gradient), calls[job.names[1]].kinds))
    return Related([Rewriter(values, kinds).run(fn) for fn in asked], called, calls)


def called_in(fn: Function) -> set[str]:
    """Functions of the user's that this one calls."""
    calls = (s.fn for s in walk(fn.body) if isinstance(s, Assign))
    return {callee.name for callee in calls if isinstance(callee, UserFunction)}
