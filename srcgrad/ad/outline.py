"""Checkpointed loops become calls: a loop is a function of what it changes and what it reads.

    for i in checkpointed(range(n), snapshots=8):        u = f_loop(u, k, n, 8)
        u = u + k * i                              ->
                                                         def f_step(i, u, k): return u + k * i

The state, which a step takes and gives, is what the body assigns or stores into and what is read by
a later step or after the loop. A step works on copies of what it stores into, so that states can be
kept as they are. What the two functions do is written by `checkpoints.py`; this is how the rest of
the compiler sees them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcgrad.ad.outlining import (
    Loop,
    Outlining,
    Parts,
    call_of,
    is_plain,
    returning,
)
from srcgrad.ad.prepare import Problems
from srcgrad.analysis.alias import AliasFacts
from srcgrad.analysis.bound import find_bound
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Exit,
    For,
    Function,
    If,
    Stmt,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.walk import leaves_by, read_names, walk

LEFT = "left@c"  # whether a step has left the loop


@dataclass(frozen=True, slots=True)
class Outlined:
    """A checkpointed loop as two functions. `loop` is one loop over calls of `step`.

    Both take the state first, a step of a `for` the position before it; then what is only read.
    """

    loop: Function
    step: UserFunction
    state: tuple[str, ...]
    reads: tuple[str, ...]  # what a step reads beside the state
    gives: tuple[str, ...]  # the state, and whether the step leaves the loop
    position: str  # of a step of a `for`; empty for a `while`
    online: bool  # how many steps there are is not known before
    snapshots: Atom


Adopt = Callable[[Outlined], UserFunction]


def is_checkpointed(stmt: Stmt) -> bool:
    return isinstance(stmt, (For, While)) and stmt.snapshots is not None


def outline(
    fn: Function,
    kinds: KindFacts,
    aliases: AliasFacts,
    number: Callable[[Function], UserFunction],
    adopt: Adopt,
) -> tuple[Function, Problems]:
    """The function with its checkpointed loops as calls, and why some of them stay loops.

    `number` makes a step known under a name, `adopt` a whole loop.
    """
    if not any(map(is_checkpointed, walk(fn.body))):
        return fn, {}
    run = _Outline(fn, kinds, aliases, number, adopt)
    return run.done(), run.problems


class _Outline(Outlining):
    """Makes calls of checkpointed loops."""

    def __init__(
        self,
        fn: Function,
        kinds: KindFacts,
        aliases: AliasFacts,
        number: Callable[[Function], UserFunction],
        adopt: Adopt,
    ) -> None:
        super().__init__(fn, kinds, aliases, number)
        self.adopt = adopt

    def is_marked(self, stmt: Loop) -> bool:
        return stmt.snapshots is not None

    def loop(self, stmt: Loop, rest: Block) -> list[Stmt]:
        assert stmt.snapshots is not None
        parts = Parts(stmt, self.live_after(stmt, rest))
        state, reads = parts.state(), parts.reads(self.fn)
        if not state:
            return [replace(stmt, snapshots=None)]  # there is nothing to keep
        before = len(self.problems)
        self.check(stmt, parts, state)
        if len(self.problems) > before:
            return [stmt]
        self.count += 1
        step = self.step(stmt, parts, state, reads)
        called = self.named(self.number(step))
        loop, code, given = self.whole(stmt, parts, state, reads, called)
        online = parts.leaves or isinstance(stmt, While)
        gives = (*state, LEFT) if parts.leaves else state
        made = Outlined(loop, called, state, reads, gives, parts.position, online, stmt.snapshots)
        fn = self.named(self.adopt(made))
        return [*code, *call_of(state, fn, tuple(given), f"state@c{self.count}", stmt.unit)]

    def check(self, stmt: Loop, parts: Parts, state: tuple[str, ...]) -> None:
        bound = {p.name for p in self.fn.params} | set(self.fn.globals)
        unset = set(state) - find_bound(self.fn, bound).before[stmt]
        tries = any(isinstance(s, If) and s.form == "try" for s in walk(stmt.body))
        if any("@" in name for name in unset) and tries:
            message = "a `try` in a checkpointed loop"
            self.refuse(stmt, message, "put it into a function of its own")
        elif any("@" in name for name in unset):
            message = "a checkpointed loop is left by `return`"
            self.refuse(stmt, message, "leave it by `break`, and return after it")
        elif unset:
            shown = min(unset)
            message = f"`{shown}` has no value before a checkpointed loop, and is read after it"
            self.refuse(stmt, message, f"give `{shown}` a value before the loop")
        if parts.index and parts.index in parts.after:
            shown = parts.index.split("@")[0]
            message = f"the index `{shown}` of a checkpointed loop is read after it"
            self.refuse(stmt, message, "assign it to another name in the body")
        if parts.tested & (parts.after | read_names(stmt.body)):
            message = "the condition of a checkpointed loop assigns a variable"
            self.refuse(stmt, message, "assign it in the body")
        self.check_memory(stmt)

    # --- the functions

    def step(
        self, stmt: Loop, parts: Parts, state: tuple[str, ...], reads: tuple[str, ...]
    ) -> Function:
        """One step: from the state to the next one, and whether the loop is left."""
        start: list[Stmt] = []
        params = [*state, *reads]
        if isinstance(stmt, For):
            params.insert(0, parts.position)
            start += parts.index_code()
        written = parts.written(self.kinds)
        start += [self.copied(stmt, name) for name in params if name in written]
        given = (*state, LEFT) if parts.leaves else state
        body = (*start, *with_returns(stmt.body, given, parts.leaves))
        return self.made("step", params, body, "One step of a checkpointed loop")

    def whole(
        self,
        stmt: Loop,
        parts: Parts,
        state: tuple[str, ...],
        reads: tuple[str, ...],
        step: UserFunction,
    ) -> tuple[Function, list[Stmt], list[Atom]]:
        """The loop as a function, the code before a call of it, and the arguments."""
        assert stmt.snapshots is not None
        code: list[Stmt] = []
        args: list[Atom] = [Var(n) for n in (*state, *reads)]
        call_args = tuple(args)
        if isinstance(stmt, For):
            count = self.steps(stmt, code)
            call_args = (Var(parts.position), *call_args)
            args += [a for a in (count,) if isinstance(a, Var)]
        args += [a for a in (stmt.snapshots,) if isinstance(a, Var)]
        if isinstance(stmt, While):
            args += [Var(n) for n in sorted(parts.condition_reads(self.fn) - {*state, *reads})]
        args = list(dict.fromkeys(args))
        given = (*state, LEFT) if parts.leaves else state
        body: Block = call_of(given, step, call_args, "state@c", stmt.unit)
        if parts.leaves:
            body = (*body, If(Var(LEFT), (Exit("break"),), ()))
        loop: Stmt
        if isinstance(stmt, For):
            loop = For(parts.position, Const(0), count, Const(1), body, unit=stmt.unit)
        else:
            loop = While(stmt.test, stmt.cond, body, unit=stmt.unit)
        params = [a.name for a in args if isinstance(a, Var)]
        whole = (loop, *returning(state))
        return self.made("loop", params, whole, "A checkpointed loop"), code, args

    def steps(self, stmt: For, code: list[Stmt]) -> Atom:
        """How many steps a `for` makes."""
        span, count = f"span@c{self.count}", f"steps@c{self.count}"
        if is_plain(stmt):
            if not isinstance(stmt.stop, Var) or "@" not in stmt.stop.name:
                return stmt.stop
            code.append(Assign((count,), "copy", (stmt.stop,), unit=stmt.unit))
            return Var(count)
        bounds = (stmt.start, stmt.stop, stmt.step)
        code.append(Assign((span,), "builtins.range", bounds, unit=stmt.unit))
        code.append(Assign((count,), "builtins.len", (Var(span),), unit=stmt.unit))
        return Var(count)


def with_returns(block: Block, state: tuple[str, ...], leaves: bool) -> Block:
    """The body of a step: every way through it ends by giving the state."""
    last = block[-1] if block else None
    if isinstance(last, Exit) and last.kind != "return":
        return (*block[:-1], *_leaving(last.kind == "break", leaves), *returning(state))
    if isinstance(last, If) and any(leaves_by((last,), kind) for kind in ("break", "continue")):
        then, orelse = (with_returns(arm, state, leaves) for arm in (last.then, last.orelse))
        return (*block[:-1], replace(last, then=then, orelse=orelse))
    return (*block, *_leaving(False, leaves), *returning(state))


def _leaving(left: bool, leaves: bool) -> list[Stmt]:
    return [Assign((LEFT,), "copy", (Const(left),))] if leaves else []
