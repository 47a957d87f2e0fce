"""`break`, `continue` and `return` anywhere -> each the last statement of its block.

What follows an `if` that may leave moves into the arm that does not:

    if c: A; break              if c: A; break
    B                    ->     else: B

Where both arms may go on and one may leave, a flag says which it was, so the size stays linear. A
`return` inside a loop becomes a flag, a `break`, and a test after the loop; a loop's `else` too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from srcgrad.frontend.context import Context
from srcgrad.ir.core import Assign, Block, Const, Exit, For, If, Stmt, Var, While
from srcgrad.ir.walk import blocks

Kind: TypeAlias = Literal["break", "continue", "return"]
Flags = dict[Kind, tuple[str, str]]  # by exit: the flag it sets, where its value goes

NO_KINDS: frozenset[Kind] = frozenset()


def normalise(ctx: Context, body: Block) -> Block:
    """The body of a function with its exits last; every path through it returns or raises."""
    return tuple(_Exits(ctx, ctx.orelse).function(body))


def nesting(body: Block) -> int:
    """How deep the blocks of a program are nested."""
    deepest, level = 0, [body]
    while level:
        deepest += 1
        level = [inner for block in level for stmt in block for inner in blocks(stmt) if inner]
    return deepest


@dataclass(frozen=True, slots=True)
class _Facts:
    """How control leaves a statement."""

    kinds: frozenset[Kind]  # exits that leave it
    falls: bool  # the next statement may be reached
    touched: bool = False  # it holds exits or an `else` of a loop, at any depth


@dataclass
class _Exits:
    ctx: Context
    orelse: Mapping[Stmt, Block]
    facts: dict[Stmt, _Facts] = field(default_factory=dict)
    returned: str = ""  # the flag and the value of a `return` inside a loop
    value: str = ""
    loops: int = 0  # around the statement at hand

    def function(self, body: Block) -> list[Stmt]:
        self.scan(body)
        return self.block(body, [Exit("return", Const(None))], "")

    # --- facts

    def scan(self, block: Block) -> _Facts:
        kinds: frozenset[Kind] = NO_KINDS
        touched = False
        for stmt in block:
            facts = self.facts[stmt] = self.scan_statement(stmt)
            kinds |= facts.kinds
            touched |= facts.touched
            if not facts.falls:
                return _Facts(kinds, False, touched)
        return _Facts(kinds, True, touched)

    def scan_statement(self, stmt: Stmt) -> _Facts:
        if isinstance(stmt, Exit):
            return _Facts(frozenset({stmt.kind}), False, True)
        if stmt in self.ctx.regions:
            assert isinstance(stmt, If)
            inner = self.scan(stmt.then)
            return _Facts(inner.kinds, inner.falls, True)
        if isinstance(stmt, If) and stmt.form in ("if", "try"):
            then, orelse = self.scan(stmt.then), self.scan(stmt.orelse)
            falls = then.falls or orelse.falls
            return _Facts(then.kinds | orelse.kinds, falls, then.touched or orelse.touched)
        if isinstance(stmt, For | While):
            inner, orelse = self.scan(stmt.body), self.scan(self.orelse.get(stmt, ()))
            returns = inner.kinds & {"return"}
            falls = "break" in inner.kinds or (orelse.falls and not _endless(stmt))
            touched = inner.touched or stmt in self.orelse
            return _Facts(returns | orelse.kinds, falls, touched)
        return _Facts(NO_KINDS, not _raises(stmt))

    def falls(self, block: Block) -> bool:
        return all(self.facts[stmt].falls for stmt in block)

    # --- rebuilding

    def block(self, stmts: Block, rest: list[Stmt], broken: str) -> list[Stmt]:
        """A block and what follows it. `broken`: the flag that a `break` sets for a loop's `else`.

        Goes from the last statement to the first, so that `rest` is what follows.
        """
        end = next((i for i, stmt in enumerate(stmts) if not self.facts[stmt].falls), None)
        if end is not None:
            stmts, rest = stmts[: end + 1], []
        out = rest[::-1]  # last statement first
        for stmt in reversed(stmts):
            if self.facts[stmt].touched:
                out = self.statement(stmt, out[::-1], broken)[::-1]
            else:
                out.append(stmt)
        return out[::-1]

    def statement(self, stmt: Stmt, rest: list[Stmt], broken: str) -> list[Stmt]:
        if isinstance(stmt, Exit):
            return self.exit(stmt, broken)
        if stmt in self.ctx.regions:
            assert isinstance(stmt, If)
            return self.region(stmt, rest, broken)
        if isinstance(stmt, If):
            return self.branch(stmt, rest, broken)
        assert isinstance(stmt, For | While)
        return self.loop(stmt, rest, broken)

    def exit(self, stmt: Exit, broken: str) -> list[Stmt]:
        if stmt.kind == "break" and broken:
            return [_set(broken, True, stmt.unit), stmt]
        if stmt.kind == "return" and self.loops:
            if not self.returned:
                self.returned, self.value = self.ctx.fresh("returned"), self.ctx.fresh("out")
            assert stmt.value is not None
            keep = Assign((self.value,), "copy", (stmt.value,), unit=stmt.unit)
            return [keep, _set(self.returned, True, stmt.unit), Exit("break", unit=stmt.unit)]
        return [stmt]

    def branch(self, stmt: If, rest: list[Stmt], broken: str) -> list[Stmt]:
        """An `if` that holds exits: its own, or those of loops inside."""
        arms = (stmt.then, stmt.orelse)
        falls = [self.falls(arm) for arm in arms]
        if stmt.form == "try" and self.facts[stmt].kinds:  # nothing may move into its body
            return self.flag_exits(stmt, rest, broken)
        if not self.facts[stmt].kinds:
            return [_with_arms(stmt, [self.block(arm, [], broken) for arm in arms]), *rest]
        if not all(falls) or not rest:
            tails = [rest if on else [] for on in falls]
        elif len(rest) == 1 and isinstance(rest[0], Exit):  # no longer than a flag would be
            tails = [rest, [replace(rest[0])]]
        else:
            return self.flag_exits(stmt, rest, broken)
        parts = [self.block(arm, tail, broken) for arm, tail in zip(arms, tails, strict=True)]
        return [_with_arms(stmt, parts)]

    def flag_exits(self, stmt: If, rest: list[Stmt], broken: str) -> list[Stmt]:
        """Both arms may go on and one may leave: leave after the `if`, where a flag was set."""
        flags: Flags = {}
        parts = []
        for arm in (stmt.then, stmt.orelse):
            parts.append(self.flagged(self.block(arm, [], broken), flags))
        return [
            *_unset(flags),
            _with_arms(stmt, parts),
            *_leave(flags, rest, self.facts[stmt].falls),
        ]

    def region(self, stmt: If, rest: list[Stmt], broken: str) -> list[Stmt]:
        """The body of a `with`: it is left before what an exit in it leads to."""
        region, flags = self.ctx.regions[stmt], Flags()
        body = self.flagged(self.block(stmt.then, [], broken), flags)
        after = _leave(flags, rest, self.facts[stmt].falls)
        return [*_unset(flags), *region.enter, *body, *region.leave, *after]

    def flagged(self, block: list[Stmt], flags: Flags) -> list[Stmt]:
        """A block whose exits, which stand last, set a flag instead."""
        if not block:
            return block
        *head, last = block
        if isinstance(last, If) and last.form in ("if", "try"):
            parts = [self.flagged(list(arm), flags) for arm in (last.then, last.orelse)]
            return [*head, _with_arms(last, parts)]
        if not isinstance(last, Exit):
            return block
        if last.kind not in flags:
            value = self.ctx.fresh("out") if last.kind == "return" else ""
            stem = "returned" if last.kind == "return" else "stop"
            flags[last.kind] = (self.ctx.fresh(stem), value)
        flag, value = flags[last.kind]
        if last.value is not None:
            head.append(Assign((value,), "copy", (last.value,), unit=last.unit))
        return [*head, _set(flag, True, last.unit)]

    def loop(self, stmt: For | While, rest: list[Stmt], broken: str) -> list[Stmt]:
        """A loop that holds exits or has an `else`."""
        inner = self.scan(stmt.body).kinds
        orelse = self.orelse.get(stmt, ())
        own = self.ctx.fresh("broken") if orelse and "break" in inner else ""
        self.loops += 1
        body = self.block(stmt.body, [], own)
        self.loops -= 1
        out: list[Stmt] = [_set(own, False)] if own else []
        if own:
            test = If(Var(own), (), orelse)
            self.facts[test] = self.scan_statement(test)
            rest = self.branch(test, rest, broken)
        elif orelse:
            rest = self.block(orelse, rest, broken)
        if "return" in inner:
            if not self.loops:
                out.append(_set(self.returned, False))
            leave = Exit("break") if self.loops else Exit("return", Var(self.value))
            certain = _endless(stmt) and "break" not in inner
            rest = [leave] if certain else [If(Var(self.returned), (leave,), tuple(rest))]
        return [*out, replace(stmt, body=tuple(body)), *rest]


def _with_arms(stmt: If, parts: list[list[Stmt]]) -> If:
    then, orelse = parts
    return replace(stmt, then=tuple(then), orelse=tuple(orelse))


def _unset(flags: Flags) -> list[Stmt]:
    return [_set(flag, False) for flag, _ in flags.values()]


def _leave(flags: Flags, rest: list[Stmt], falls: bool = True) -> list[Stmt]:
    """Take the exit whose flag is set, or go on. `falls`: no flag may be set."""
    for kind, (flag, value) in flags.items():
        leave = Exit(kind, Var(value) if value else None)
        rest = [If(Var(flag), (leave,), tuple(rest))] if falls else [leave]
        falls = True
    return rest


def _set(flag: str, value: bool, unit: int = -1) -> Assign:
    return Assign((flag,), "copy", (Const(value),), unit=unit)


def _raises(stmt: Stmt) -> bool:
    return isinstance(stmt, Assign) and stmt.fn == "raise"


def _endless(stmt: Stmt) -> bool:
    """`while True`, and the like."""
    return isinstance(stmt, While) and isinstance(stmt.cond, Const) and bool(stmt.cond.value)
