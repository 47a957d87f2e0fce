"""Loops that become calls of functions: what they change, read and give, and how they are found."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from srcgrad import support
from srcgrad.ad.prepare import Problems
from srcgrad.analysis.alias import AliasFacts, is_in_place
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
    Global,
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

Loop = For | While


@dataclass
class Outlining(ABC):
    """Makes calls of the loops of a function that carry a mark. `what`: in messages."""

    fn: Function
    kinds: KindFacts
    aliases: AliasFacts
    number: Callable[[Function], UserFunction]
    known: dict[str, Global] = field(default_factory=dict)  # the functions made
    problems: Problems = field(default_factory=dict)
    count: int = 0
    what = "checkpointed"

    @abstractmethod
    def is_marked(self, stmt: Loop) -> bool:
        """Whether a loop carries the mark."""

    @abstractmethod
    def loop(self, stmt: Loop, rest: Block) -> list[Stmt]:
        """What stands for a marked loop; `rest` is what runs after it."""

    def done(self) -> Function:
        """The function with its marked loops as calls."""
        body = self.block(self.fn.body, ())
        return replace(self.fn, body=body, globals={**self.fn.globals, **self.known})

    def named(self, made: UserFunction) -> UserFunction:
        """A function that was made, known by its name to those that call it."""
        self.known[made.name] = Global(made.name, "function", "", made)
        return made

    def made(self, what: str, params: Iterable[str], body: Block, doc: str) -> Function:
        """A function made of a part of this one."""
        return replace(
            self.fn,
            name=f"{self.fn.name}_{what}",
            params=tuple(Param(p) for p in params),
            body=body,
            globals={**self.fn.globals, **self.known},
            doc=f"{doc} of `{self.fn.name}`.",
            rule=None,
            again=False,
        )

    def block(self, block: Block, after: Block) -> Block:
        """A block with its marked loops as calls; `after` is what runs after it."""
        out: list[Stmt] = []
        for place, stmt in enumerate(block):
            rest = (*block[place + 1 :], *after)
            if isinstance(stmt, (For, While)) and self.is_marked(stmt):
                out += self.loop(stmt, rest)
            else:
                again = (stmt,) if isinstance(stmt, (For, While)) else ()
                out.append(rebuild(stmt, functools.partial(self.block, after=(*again, *rest))))
        return tuple(out)

    def refuse(self, stmt: Stmt, message: str, remedy: str) -> None:
        self.problems[stmt] = (message, remedy)

    def live_after(self, stmt: Loop, rest: Block) -> set[str]:
        """What may be read after the loop."""
        if any(leaves_by(rest, kind) for kind in ("break", "continue")):
            inside = {id(s) for s in walk((stmt,))}
            outside = [s for s in walk(self.fn.body) if id(s) not in inside]
            return {n for s in outside for n in read_names((_without_blocks(s),))}
        return live_part(rest)[1] - {WHOLE}

    def check_memory(self, stmt: Loop) -> None:
        """The memory that a step writes must have one name: another one would miss the write."""
        facts = self.aliases
        writing = (facts.written, facts.mutated, facts.clobbered)
        writes = [s for s in walk((stmt,)) if any(found.get(s) for found in writing)]
        if writes and any(facts.syncs.values()):
            message = f"memory that has several names is written in a {self.what} loop"
            self.refuse(writes[0], message, "store into a copy: `x = x.copy()` before the loop")

    def copied(self, stmt: Loop, name: str) -> Stmt:
        kind = self.kinds.reads.get(stmt, {}).get(name)
        fn = "method.copy" if kind is not None and kind.is_array else OWN
        return Assign((name,), fn, (Var(name),))


def is_plain(stmt: For) -> bool:
    """True for `range(n)`."""
    return stmt.start == Const(0) and stmt.step == Const(1)


class Parts:
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


def returning(state: tuple[str, ...]) -> list[Stmt]:
    if len(state) == 1:
        return [Exit("return", Var(state[0]))]
    values = tuple(map(Var, state))
    return [Assign(("state@c1",), "tuple", values), Exit("return", Var("state@c1"))]


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
