"""Variables that may have no value: Python raises where one is read, compiled code reads zeros.

Where a variable may be unbound, a truth value beside it says whether it is, and is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Const, Exit, For, Function, If, Stmt, Var, While
from srcgrad.ir.walk import assigned, names, operands, read_names, rebuild, walk, writes


class GivenUp(Exception):
    """There is a statement that is not followed: one of which no loops are made."""


def with_flags(fn: Function) -> Function:
    """The function with a check before each reading of a variable that may be unbound."""
    finder = Finder({*assigned(fn.body)} - {p.name for p in fn.params})
    try:
        finder.block(fn.body, {p.name for p in fn.params})
    except GivenUp:
        return fn
    doubtful = {name for found in finder.found.values() for name in found}
    if not doubtful:
        return fn
    taken = assigned(fn.body) | read_names(fn.body) | {p.name for p in fn.params} | {*fn.globals}
    flags: dict[str, str] = {}
    for name in sorted(doubtful):
        flag = f"{name.partition('@')[0]}_is_bound"
        while flag in taken:
            flag += "_"
        taken.add(flag)
        flags[name] = flag
    body = _flagged(fn.body, flags, finder.found)
    return replace(fn, body=(*_set(flags.values(), False), *body))


def _set(flags: Iterable[str], value: bool) -> list[Stmt]:
    return [Assign((flag,), "copy", (Const(value),)) for flag in flags]


def _flagged(block: Block, flags: dict[str, str], found: dict[Stmt, list[str]]) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        for name in found.get(stmt, ()):
            out.append(Assign((), "assert", (Var(flags[name]),)))
        done = _set([flags[name] for name in writes(stmt) if name in flags], True)
        new = rebuild(stmt, lambda inner: _flagged(inner, flags, found))
        if isinstance(new, For):
            new = replace(new, body=(*done, *new.body)) if done else new
            done = []
        out += [new, *done]
    return tuple(out)


class Finder:
    """Finds, for each statement, which variables that it reads may have no value there."""

    def __init__(self, own: set[str]) -> None:
        self.own = own
        self.found: dict[Stmt, list[str]] = {}
        self.breaks: list[list[set[str]]] = []  # what is bound where each loop is left

    def block(self, block: Block, bound: set[str]) -> set[str] | None:
        """What is bound behind the block; None where it is left before that."""
        for stmt in block:
            self.reads(stmt, bound)
            after = self.statement(stmt, bound)
            if after is None:
                return None
            bound = after
        return bound

    def reads(self, stmt: Stmt, bound: set[str]) -> None:
        missing = {n for n in names(operands(stmt)) if n in self.own and n not in bound}
        if missing:
            self.found[stmt] = sorted(missing)

    def statement(self, stmt: Stmt, bound: set[str]) -> set[str] | None:
        if isinstance(stmt, Exit):
            if stmt.kind == "break" and self.breaks:
                self.breaks[-1].append(bound)
            return None
        if isinstance(stmt, If):
            if stmt.form == "try":
                raise GivenUp
            arms = [self.block(arm, set(bound)) for arm in (stmt.then, stmt.orelse)]
            ends = [arm for arm in arms if arm is not None]
            return set.intersection(*ends) if ends else None
        if isinstance(stmt, For):
            self.breaks.append([])
            end = self.block(stmt.body, {*bound, stmt.index})
            self.breaks.pop()
            leaves = any(isinstance(s, Exit) for s in walk(stmt.body))
            return end if end is not None and not leaves and runs(stmt) else bound
        if isinstance(stmt, While):
            return self.while_loop(stmt, bound)
        return {*bound, *writes(stmt)}

    def while_loop(self, stmt: While, bound: set[str]) -> set[str] | None:
        tested = self.block(stmt.test, set(bound))
        if tested is None:
            raise GivenUp
        self.breaks.append([])
        self.block(stmt.body, set(tested))
        ends = self.breaks.pop()
        if not (isinstance(stmt.cond, Const) and stmt.cond.value):
            ends.append(tested)
        return set.intersection(*ends) if ends else None


def runs(stmt: For) -> bool:
    """Whether a loop has a turn for sure."""
    bounds = [a.value for a in (stmt.start, stmt.stop, stmt.step) if isinstance(a, Const)]
    known = len(bounds) == 3 and all(type(n) is int for n in bounds) and bounds[2]
    return bool(known) and len(range(*bounds)) > 0


__all__ = ["with_flags"]
