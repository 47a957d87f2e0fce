"""A value that is overwritten gets a name of its own, so that both can be spoken of.

    h = np.tanh(X @ V)             h_1 = np.tanh(X @ V)
    h = np.tanh(h @ W)      ->     h = np.tanh(h_1 @ W)

What is kept and what is computed again is chosen value by value (`again.py`). Only definitions
that a later one of the same block replaces are renamed; the last keeps the name, which the rest of
the program reads. Without a memory budget only large arrays are renamed that another shape takes
the name of: what is known of a name is known of all its values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Block, Function, If, Stmt, Var, While
from srcgrad.ir.kinds import is_large
from srcgrad.ir.walk import (
    assigned,
    leaves_by,
    names,
    reads,
    rebuild,
    stored,
    substitute,
    walk,
    within,
    writes,
)

VERSION = "@v0"  # before the number of a statement; no variable written out is numbered so


def version_in(name: str, names: Iterable[str]) -> str | None:
    """What a variable is called there."""
    return next((n for n in sorted(names) if name in (n, n.rpartition(VERSION)[0])), None)


def with_versions(fn: Function, kinds: KindFacts | None = None) -> Function:
    """The function with names of their own for values that are overwritten, where that is plain.

    `kinds`: of these, large arrays alone that are followed by one of another shape."""
    run = _Versions(fn, kinds)
    body = run.block(fn.body, not _attempts(fn.body))
    if body is fn.body:
        return fn
    changed = {s.unit for s in walk(fn.body)} & run.units
    units = {n: replace(fn.units[n], rewritten=True, stmts=()) for n in changed if n in fn.units}
    return replace(fn, body=body, units={**fn.units, **units})


def _attempts(block: Block) -> bool:
    return any(isinstance(stmt, If) and stmt.form == "try" for stmt in walk(block))


class _Versions:
    def __init__(self, fn: Function, kinds: KindFacts | None) -> None:
        self.kinds = kinds
        self.taken = assigned(fn.body) | {p.name for p in fn.params}
        self.params = {p.name for p in fn.params}
        # Memory that is written has the names that it has: their order is looked after elsewhere.
        self.fixed = stored(fn.body)
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign) and (stmt.sync or not stmt.targets):
                self.fixed |= {*writes(stmt), *reads(stmt)}
        self.units: set[int] = set()

    def block(self, block: Block, outermost: bool) -> Block:
        found = tuple(rebuild(stmt, lambda inner: self.block(inner, False)) for stmt in block)
        same = all(a is b for a, b in zip(found, block, strict=True))
        out = list(block if same else found)
        if not _attempts(block):
            defined: dict[str, list[int]] = {}
            for place, stmt in enumerate(out):
                for name in writes(stmt) if isinstance(stmt, Assign) else ():
                    defined.setdefault(name, []).append(place)
            for name, places in defined.items():
                if name not in self.fixed:
                    self.split(name, places, out, outermost)
        changed = any(a is not b for a, b in zip(out, block, strict=True))
        return tuple(out) if changed else block

    def split(self, name: str, places: list[int], out: list[Stmt], outermost: bool) -> None:
        """Rename what is defined at these places of a block, but for the last, which stays for
        what comes after the block; nothing comes after the outermost one."""
        ends = [*places[1:], *([len(out)] if outermost and name in self.params else [])]
        for start, end in zip(places, ends, strict=False):
            between = out[start + 1 : end]
            if name in assigned(tuple(between)) or _leaves(between):
                continue
            if not self.is_wanted(name, out[start], out[end] if end < len(out) else None):
                continue
            new = f"{name}{VERSION}{out[start].unit}"
            if new in self.taken or out[start].unit < 0:
                continue
            self.taken.add(new)
            out[start] = self.defining(out[start], name, new)
            for place in range(start + 1, min(end + 1, len(out))):
                out[place] = self.reading(out[place], name, new)

    def is_wanted(self, name: str, stmt: Stmt, later: Stmt | None) -> bool:
        if self.kinds is None:
            return True
        before = self.kinds.after(stmt, name)
        after = self.kinds.after(later, name) if later else before
        return is_large(before) and is_large(after) and before.shape != after.shape

    def defining(self, stmt: Stmt, name: str, new: str) -> Stmt:
        assert isinstance(stmt, Assign)
        self.units.add(stmt.unit)
        targets = tuple(new if target == name else target for target in stmt.targets)
        return replace(stmt, targets=targets)

    def reading(self, stmt: Stmt, name: str, new: str) -> Stmt:
        def change(atom: Atom) -> Atom:
            return Var(new) if atom == Var(name) else atom

        def one(part: Stmt) -> Stmt:
            made = rebuild(part, lambda inner: tuple(map(one, inner)))
            if isinstance(made, While) and made.cond == Var(name):
                made = replace(made, cond=Var(new))
            return substitute(made, change) if name in reads(made) else made

        if not any(name in _all_reads(part) for part in within(stmt)):
            return stmt
        self.units |= {part.unit for part in within(stmt)}
        return one(stmt)


def _all_reads(stmt: Stmt) -> Iterable[str]:
    cond = names((stmt.cond,)) if isinstance(stmt, While) else ()
    return {*reads(stmt), *cond}


def _leaves(part: list[Stmt]) -> bool:
    """True if a loop around may be left, or begun anew, before the value is overwritten."""
    return any(leaves_by(tuple(part), kind) for kind in ("break", "continue"))
