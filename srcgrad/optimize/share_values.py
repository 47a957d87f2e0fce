"""A function that was evaluated already is not evaluated again by the adjoint.

    sin, cos = np.sin(angle), np.cos(angle)
    ...
    angle_bar = sin_bar * np.cos(angle)      ->     angle_bar = sin_bar * cos

Neither the operand nor the value may have been written to: no store of the program reaches them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import AUGMENTED, MUTATORS, names, reads, rebuild, same, walk, writes
from srcgrad.optimize.known import Known, is_new, start_of_backward

EXPENSIVE = frozenset(
    f"{module}.{name}"
    for module in ("numpy", "math")
    for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt", "arctan2")
)
WRITING = AUGMENTED | MUTATORS


def share_values(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose adjoint reads what the program computed.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    start = start_of_backward(fn)
    if not any(map(_is_expensive, walk(fn.body[start:]))):
        return fn
    values = _Values(fn, Known(fn, kinds))
    before: dict[tuple[object, ...], str] = {}
    for stmt in fn.body[:start]:
        values.note(stmt, before)
    after = fn.body[start:]
    body = values.block(after, before)
    return fn if body is after else replace(fn, body=(*fn.body[:start], *body))


def _is_expensive(stmt: Stmt) -> bool:
    if type(stmt) is not Assign or stmt.fn not in EXPENSIVE:
        return False
    return not stmt.kwargs and len(stmt.targets) == 1


class _Values:
    def __init__(self, fn: Function, known: Known) -> None:
        self.known = known
        self.sources: dict[str, set[str]] = {}  # whose memory each name may have
        self.stored = self.reached(fn)
        self.held: set[str] = set()  # what is read by more than arithmetic
        for stmt in walk(fn.body):
            if not isinstance(stmt, Assign) or not is_new(stmt):
                self.held |= reads(stmt)

    def reached(self, fn: Function) -> set[str]:
        """Variables whose memory something may write into."""
        found: set[str] = set()
        for stmt in walk(fn.body):
            found.update(_written(stmt))
            if isinstance(stmt, Assign) and is_new(stmt):
                continue
            for name in writes(stmt):
                self.sources.setdefault(name, set()).update(reads(stmt))
        pending = list(found)
        for name in pending:
            more = self.sources.get(name, set()) - found
            found |= more
            pending += more
        return found

    def is_steady(self, name: str) -> bool:
        """True for what is bound once, and whose memory stays as it is."""
        pending, done = [name], {name}
        for name in pending:
            if self.known.bound[name] != 1 or name in self.stored:
                return False
            more = self.sources.get(name, set()) - done
            done |= more
            pending += more
        return True

    def note(self, stmt: Stmt, values: dict[tuple[object, ...], str]) -> None:
        if not isinstance(stmt, Assign) or not _is_expensive(stmt):
            return
        if all(self.is_steady(name) for name in (*reads(stmt), stmt.target)):
            values.setdefault((stmt.fn, *stmt.args), stmt.target)

    def is_passing(self, name: str) -> bool:
        """True for what is only computed with: it may be another variable's value."""
        return self.known.bound[name] == 1 and name not in self.held | self.stored

    def block(self, block: Block, before: Mapping[tuple[object, ...], str]) -> Block:
        values = dict(before)
        out: list[Stmt] = []
        for stmt in block:
            there = None
            if isinstance(stmt, Assign) and _is_expensive(stmt):
                there = values.get((stmt.fn, *stmt.args))
            if there is not None and isinstance(stmt, Assign) and self.is_passing(stmt.target):
                out.append(replace(stmt, fn="copy", args=(Var(there),)))
                continue
            self.note(stmt, values)
            out.append(rebuild(stmt, lambda inner: self.block(inner, values)))
        return same(block, out)


def _written(stmt: Stmt) -> Iterable[str]:
    """Variables whose memory a statement may write into, or hand to others that do."""
    if isinstance(stmt, Store):
        held = names((stmt.value,)) if stmt.op == "set" else ()  # a list would hold it
        return (stmt.base.name, *held)
    if not isinstance(stmt, Assign):
        return ()
    plain = isinstance(stmt.fn, str) and stmt.fn not in WRITING and stmt.targets
    return () if plain and not (stmt.kwargs and "out" in dict(stmt.kwargs)) else reads(stmt)
