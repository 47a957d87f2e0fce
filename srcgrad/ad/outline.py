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

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from srcgrad import support
from srcgrad.ad.prepare import Problems
from srcgrad.analysis.alias import AliasFacts, is_in_place
from srcgrad.analysis.bound import find_bound
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Callee,
    Const,
    Exit,
    For,
    Function,
    If,
    Param,
    Stmt,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.liveness import WHOLE, live_part
from srcgrad.ir.walk import assigned, leaves_by, names, read_names, reads, rebuild, stored, walk
from srcgrad.rules.naming import canonical_name

OWN = canonical_name(support.own)
HANDING_ON = ("copy", "tuple", "unpack")  # of these, the result is memory that was given
LEFT = "left@c"  # whether a step has left the loop

Loop = For | While


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
    return replace(fn, body=run.block(fn.body, ())), run.problems


@dataclass(slots=True)
class _Outline:
    fn: Function
    kinds: KindFacts
    aliases: AliasFacts
    number: Callable[[Function], UserFunction]
    adopt: Adopt
    problems: Problems = field(default_factory=dict)
    count: int = 0

    def block(self, block: Block, after: Block) -> Block:
        """A block with its checkpointed loops as calls; `after` is what runs after it."""
        out: list[Stmt] = []
        for place, stmt in enumerate(block):
            rest = (*block[place + 1 :], *after)
            if isinstance(stmt, (For, While)) and stmt.snapshots is not None:
                out += self.loop(stmt, rest)
            else:
                again = (stmt,) if isinstance(stmt, (For, While)) else ()
                out.append(rebuild(stmt, functools.partial(self.block, after=(*again, *rest))))
        return tuple(out)

    def refuse(self, stmt: Stmt, message: str, remedy: str) -> None:
        self.problems[stmt] = (message, remedy)

    def loop(self, stmt: Loop, rest: Block) -> list[Stmt]:
        assert stmt.snapshots is not None
        parts = _Parts(stmt, self.live_after(stmt, rest))
        state, reads = parts.state(), parts.reads(self.fn)
        if not state:
            return [replace(stmt, snapshots=None)]  # there is nothing to keep
        before = len(self.problems)
        self.check(stmt, parts, state)
        if len(self.problems) > before:
            return [stmt]
        self.count += 1
        step = self.step(stmt, parts, state, reads)
        called = self.number(step)
        loop, code, given = self.whole(stmt, parts, state, reads, called)
        online = parts.leaves or isinstance(stmt, While)
        gives = (*state, LEFT) if parts.leaves else state
        made = Outlined(loop, called, state, reads, gives, parts.position, online, stmt.snapshots)
        fn = self.adopt(made)
        return [*code, *call_of(state, fn, tuple(given), f"state@c{self.count}", stmt.unit)]

    def live_after(self, stmt: Loop, rest: Block) -> set[str]:
        """What may be read after the loop."""
        if any(leaves_by(rest, kind) for kind in ("break", "continue")):
            inside = {id(s) for s in walk((stmt,))}
            outside = [s for s in walk(self.fn.body) if id(s) not in inside]
            return {n for s in outside for n in read_names((_without_blocks(s),))}
        return live_part(rest)[1] - {WHOLE}

    def check(self, stmt: Loop, parts: _Parts, state: tuple[str, ...]) -> None:
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

    def check_memory(self, stmt: Loop) -> None:
        """The memory that a step writes must have one name: another one would miss the write."""
        facts = self.aliases
        writing = (facts.written, facts.mutated, facts.clobbered)
        writes = [s for s in walk((stmt,)) if any(found.get(s) for found in writing)]
        if writes and any(facts.syncs.values()):
            message = "memory that has several names is written in a checkpointed loop"
            self.refuse(writes[0], message, "store into a copy: `x = x.copy()` before the loop")

    # --- the functions

    def step(
        self, stmt: Loop, parts: _Parts, state: tuple[str, ...], reads: tuple[str, ...]
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
        body = (*start, *_with_returns(stmt.body, given, parts.leaves))
        return _function(self.fn, f"{self.fn.name}_step", params, body)

    def copied(self, stmt: Loop, name: str) -> Stmt:
        kind = self.kinds.reads.get(stmt, {}).get(name)
        fn = "method.copy" if kind is not None and kind.is_array else OWN
        return Assign((name,), fn, (Var(name),))

    def whole(
        self,
        stmt: Loop,
        parts: _Parts,
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
        name = f"{self.fn.name}_loop"
        code_of_loop = (loop, *_returning(state))
        return _function(self.fn, name, params, code_of_loop), code, args

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


def is_plain(stmt: For) -> bool:
    """True for `range(n)`."""
    return stmt.start == Const(0) and stmt.step == Const(1)


class _Parts:
    """What the body of a loop assigns, stores into and reads."""

    def __init__(self, stmt: Loop, after: set[str]) -> None:
        self.stmt = stmt
        self.after = after
        self.index = stmt.index if isinstance(stmt, For) else ""
        own = isinstance(stmt, For) and is_plain(stmt) and "@" not in stmt.index
        self.position = self.index if own else "position@c" if self.index else ""
        self.tested = assigned(stmt.test) if isinstance(stmt, While) else set()
        self.exposed = live_part(stmt.body, whole=True)[1] - {WHOLE, self.index}
        self.changed = assigned(stmt.body) | stored(stmt.body)
        self.leaves = leaves_by(stmt.body, "break")

    def state(self) -> tuple[str, ...]:
        tests = read_names(self.stmt.test) if isinstance(self.stmt, While) else set()
        if isinstance(self.stmt, While):
            tests |= set(names((self.stmt.cond,)))
        return tuple(sorted(self.changed & (self.exposed | self.after | tests)))

    def reads(self, fn: Function) -> tuple[str, ...]:
        """What a step reads and never changes; what the header reads, where a step needs it."""
        found = self.exposed - self.changed - set(fn.globals)
        if self.index and self.position != self.index:
            assert isinstance(self.stmt, For)
            found |= set(names((self.stmt.start, self.stmt.step)))
        return tuple(sorted(found))

    def condition_reads(self, fn: Function) -> set[str]:
        assert isinstance(self.stmt, While)
        found = live_part((*self.stmt.test, Exit("return", self.stmt.cond)), whole=True)[1]
        return found - {WHOLE} - set(fn.globals)

    def index_code(self) -> list[Stmt]:
        """The user's index from the position of a step."""
        if self.position == self.index:
            return []
        assert isinstance(self.stmt, For)
        if is_plain(self.stmt):
            return [Assign((self.index,), "copy", (Var(self.position),))]
        far = Assign(("far@c",), "operator.mul", (Var(self.position), self.stmt.step))
        return [far, Assign((self.index,), "operator.add", (self.stmt.start, Var("far@c")))]

    def written(self, kinds: KindFacts) -> set[str]:
        """Names of memory that a step writes, and other names that it gives to such memory."""
        found = stored(self.stmt.body)
        for stmt in walk(self.stmt.body):
            if isinstance(stmt, Assign) and is_in_place(stmt):
                own = stmt.args[0]
                if isinstance(own, Var) and not kinds.before(stmt, own).is_scalar:
                    found.add(own.name)
        while True:
            before = len(found)
            for stmt in walk(self.stmt.body):
                if isinstance(stmt, Assign) and stmt.fn in HANDING_ON:
                    both = {*stmt.targets, *reads(stmt)}
                    found |= both if both & found else set()
            if len(found) == before:
                return found


def _function(fn: Function, name: str, params: Iterable[str], body: Block) -> Function:
    return replace(
        fn,
        name=name,
        params=tuple(Param(p) for p in params),
        body=body,
        doc="",
        rule=None,
        again=False,
    )


def _returning(state: tuple[str, ...]) -> list[Stmt]:
    if len(state) == 1:
        return [Exit("return", Var(state[0]))]
    values = tuple(map(Var, state))
    return [Assign(("state@c1",), "tuple", values), Exit("return", Var("state@c1"))]


def _with_returns(block: Block, state: tuple[str, ...], leaves: bool) -> Block:
    """The body of a step: every way through it ends by giving the state."""
    last = block[-1] if block else None
    if isinstance(last, Exit) and last.kind != "return":
        return (*block[:-1], *_leaving(last.kind == "break", leaves), *_returning(state))
    if isinstance(last, If) and any(leaves_by((last,), kind) for kind in ("break", "continue")):
        then, orelse = (_with_returns(arm, state, leaves) for arm in (last.then, last.orelse))
        return (*block[:-1], replace(last, then=then, orelse=orelse))
    return (*block, *_leaving(False, leaves), *_returning(state))


def _leaving(left: bool, leaves: bool) -> list[Stmt]:
    return [Assign((LEFT,), "copy", (Const(left),))] if leaves else []


def call_of(
    state: tuple[str, ...], fn: Callee, args: tuple[Atom, ...], whole: str, unit: int
) -> Block:
    """A call that gives the state, under the names of its parts."""
    if len(state) == 1:
        return (Assign(state, fn, args, unit=unit),)
    return (
        Assign((whole,), fn, args, unit=unit),
        Assign(state, "unpack", (Var(whole),), unit=unit),
    )


def _without_blocks(stmt: Stmt) -> Stmt:
    return rebuild(stmt, lambda block: ())
