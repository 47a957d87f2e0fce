"""The halves of what is run again to be reversed: of checkpointed functions, and of loops.

A checkpointed function keeps its arguments, and its backward half is a gradient of its own. A
checkpointed loop keeps states. Its backward half goes from the last step to the first: it starts
at the newest state kept, leaves states on the way where a schedule wants them
(`support_checkpoints.py`), and reverses the step.
"""

from __future__ import annotations

from dataclasses import replace

from srcgrad import support_checkpoints as schedules
from srcgrad.ad.assemble import Sweeps
from srcgrad.ad.context import problem_at
from srcgrad.ad.derive import SEED, Reversed, gradient_body, returned
from srcgrad.ad.draws import Draws
from srcgrad.ad.outline import Outlined
from srcgrad.ad.outlining import call_of
from srcgrad.errors import UnsupportedError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Derived,
    Exit,
    For,
    Function,
    Global,
    If,
    Param,
    Pop,
    Push,
    Stmt,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.walk import names, reads, rebuild, walk, writes
from srcgrad.rules.naming import canonical_name

PLACES = canonical_name(schedules.snapshot_places)
NEXT = canonical_name(schedules.next_snapshot)
ROOM = canonical_name(schedules.make_room)
SAVED, LAST, START = "saved@c", "last@c", "start@c"
STATE, NOW = "state", "now"  # of generators: what is kept, and what is left behind


def kept_arguments(fn: Function, own: UserFunction, name: str, draws: Draws) -> Function:
    """The forward half of a checkpointed function: a call of it, which keeps the arguments."""
    states = draws.names(STATE)
    known = {**fn.globals, own.name: Global(own.name, "function", "", own)}
    values = tuple(Var(p.name) for p in fn.params)
    named = tuple((p.name, Var(p.name)) for p in fn.params if p.kind == "keyword")
    body = (
        *draws.kept(states),
        Assign(("out@b1",), own, values[: len(values) - len(named)], named),
        Assign(("result@b1",), "tuple", (*values, *map(Var, states))),
        Assign(("result@b2",), "tuple", (Var("out@b1"), Var("result@b1"))),
        Exit("return", Var("result@b2")),
    )
    doc = f"Value of `{shown(fn)}`, and its arguments."
    return replace(fn, name=name, globals=known, units={}, body=body, doc=doc, again=False)


def run_again(
    fn: Function, done: Reversed, active: tuple[str, ...], name: str, draws: Draws
) -> Function:
    """The backward half: the whole gradient of the function."""
    states, now = draws.names(STATE), draws.names(NOW)
    given = (*(p.name for p in fn.params), *states)
    unpack: tuple[Stmt, ...] = (Assign(given, "copy", (Var("residuals%"),)),)
    if len(given) == 1:
        place = (Var("residuals%"), Const(0))
        unpack = (Assign(given, "operator.getitem", place),)
    values = tuple(done.gradients[p] for p in active)
    mark, *rest = gradient_body(done)
    before, after = (*draws.kept(now), *draws.set_back(states)), draws.set_back(now)
    body = (mark, *unpack, *before, *rest, *after, *returned(values))
    doc = f"Cotangents of {', '.join(active)} in `{shown(fn)}`, which is run again."
    params = (Param("residuals%"), Param(SEED))
    return replace(done.prepared.fn, name=name, params=params, body=body, doc=doc, again=False)


def shown(fn: Function) -> str:
    return f"{fn.name}({', '.join(p.name.split('@')[0] for p in fn.params)})"


def with_snapshots(
    done: Reversed, loop: Outlined, halves: tuple[Derived, Derived], draws: Draws
) -> Reversed:
    """The sweeps of a loop over steps that keep what they are given, with snapshots instead.

    `halves`: the step itself, and the backward half of it. `draws`: what a step draws from.
    """
    calls = (s for s in walk(tuple(done.sweeps.forward)) if _calls(s, halves[0]))
    call = next(calls)
    assert isinstance(call, Assign)
    run = _Schedule(loop, *halves, call.targets[1], draws)
    forward = [made for stmt in done.sweeps.forward for made in run.forward(stmt)]
    backward = [made for stmt in done.sweeps.backward for made in run.backward(stmt)]
    now = draws.names(NOW)
    backward = [*draws.kept(now), *backward, *draws.set_back(now)]
    return replace(done, sweeps=Sweeps(forward, backward, [SAVED]))


@dataclass(slots=True)
class _Schedule:
    loop: Outlined
    step: Derived
    back: Derived
    residuals: str  # the variable of what a step keeps
    draws: Draws

    # --- forward

    def forward(self, stmt: Stmt) -> list[Stmt]:
        if not isinstance(stmt, (For, While)):
            return [] if self.residuals in writes(stmt) else [stmt]
        count = self.count(stmt)
        body = tuple(made for inner in stmt.body for made in self.stepped(inner))
        if self.loop.online:
            levels = Assign(("levels@c",), "list", ())
            at, kept = self.kept_online(count)
            body = (*body[:at], *kept, *body[at:])
            return [levels, replace(stmt, body=body)]
        assert isinstance(stmt, For)
        places = Assign(("places@c",), PLACES, (stmt.stop, self.loop.snapshots))
        test = Assign(("here@c",), "operator.contains", (Var("places@c"), Var(stmt.index)))
        keep = If(Var("here@c"), self.keep(Var(stmt.index), "state@c3"), ())
        return [places, replace(stmt, body=(test, keep, *body))]

    def count(self, stmt: For | While) -> Atom:
        """The number of the step at hand, where the body begins."""
        if isinstance(stmt, For):
            return Var(stmt.index)
        first = stmt.body[0]
        assert isinstance(first, Assign)
        return Var(first.target)

    def stepped(self, stmt: Stmt) -> list[Stmt]:
        """A step that keeps nothing."""
        if isinstance(stmt, Push):
            if not self.comes_back & set(names((stmt.value,))):
                raise self.refused()
            return []
        if isinstance(stmt, Assign) and stmt.fn == self.step:
            return [replace(stmt, targets=stmt.targets[:1])]
        return [rebuild(stmt, lambda b: tuple(m for s in b for m in self.stepped(s)))]

    def keep(self, position: Atom, whole: str) -> Block:
        states = self.draws.names(STATE)
        values = (position, *map(Var, (*self.loop.state, *states)))
        return (
            *self.draws.kept(states),
            Assign((whole,), "tuple", values),
            Push(SAVED, Var(whole)),
        )

    def kept_online(self, position: Atom) -> tuple[int, Block]:
        """Where a step begins, and what keeps its state, in place of another one if need be."""
        room = (Var("levels@c"), self.loop.snapshots)
        full = "full@c"
        return 0, (
            Assign(("room@c",), ROOM, room),
            Assign(("levels@c", "gone@c"), "unpack", (Var("room@c"),)),
            Assign((full,), "operator.ge", (Var("gone@c"), Const(0))),
            If(Var(full), (Assign((), "method.pop", (Var(SAVED), Var("gone@c"))),), ()),
            *self.keep(position, "state@c3"),
        )

    # --- backward

    def backward(self, stmt: Stmt) -> list[Stmt]:
        if not isinstance(stmt, For) or not any(_calls(s, self.back) for s in walk((stmt,))):
            return [stmt]
        position = (Var(LAST),) if self.loop.position else ()
        given = (*position, *map(Var, (*self.loop.state, *self.loop.reads)))
        kept = Assign((self.residuals,), "tuple", given)
        body = (*self.restore(), kept, *self.without_tapes(stmt.body))
        return [replace(stmt, index=LAST, body=body, reverse=True)]

    def without_tapes(self, block: Block) -> Block:
        """A reversed step; the state is already what it was before it."""
        for place, stmt in enumerate(block):
            early = {n for s in walk((stmt,)) for n in reads(s)} & set(self.loop.state)
            if early - {n for s in block[:place] for n in writes(s)}:
                raise self.refused()  # the state as it was after the step
        return tuple(s for s in block if not (isinstance(s, Pop) and s.target in self.comes_back))

    @property
    def comes_back(self) -> set[str]:
        """What would be recorded, and is told by the state."""
        return {self.residuals, *self.loop.state}

    def refused(self) -> UnsupportedError:
        message = "a value of this checkpointed loop would have to be recorded in each step"
        remedy = "give the state's arrays one kind and shape, or do without `checkpointed`"
        return UnsupportedError(problem_at(self.loop.loop, self.loop.loop.body[0], message, remedy))

    def restore(self) -> Block:
        """From the newest state kept to the one before the last step that is not reversed yet."""
        state = self.loop.state
        index = self.loop.position or "_"
        values = (*state, *self.loop.reads)
        given = tuple(map(Var, (index, *values) if self.loop.position else values))
        step = call_of(self.loop.gives, self.step, given, "state@c4", -1)
        used, free, stop, behind = "used@c", "free@c", "stop@c", "behind@c"
        states = self.draws.names(STATE)
        return (
            Assign((START, *state, *states), "method.pop", (Var(SAVED),)),
            *self.draws.set_back(states),
            While(
                (Assign((behind,), "operator.lt", (Var(START), Var(LAST))),),
                Var(behind),
                (
                    *self.keep(Var(START), "state@c5"),
                    Assign((used,), "builtins.len", (Var(SAVED),)),
                    Assign((free,), "operator.sub", (self.loop.snapshots, Var(used))),
                    Assign((stop,), NEXT, (Var(START), Var(LAST), Var(free))),
                    For(index, Var(START), Var(stop), Const(1), step),
                    Assign((START,), "copy", (Var(stop),)),
                ),
            ),
        )


def _calls(stmt: Stmt, fn: Derived) -> bool:
    return isinstance(stmt, Assign) and stmt.fn == fn
