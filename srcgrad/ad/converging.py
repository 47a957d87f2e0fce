"""Loops that converge become calls: of the loop as it stands, which carries the rule of its limit.

    for _ in converging(range(100)):              x = f_limit(x, a, tol)
        new = np.tanh(a @ x)                ->
        if np.abs(new - x).max() < tol:           def f_step(x, a): return np.tanh(a @ x)
            x = new
            break
        x = new

A step is the body without the ways that leave the loop, and without what nothing of its values
needs: counters, tests, messages. At the limit it gives the values that it is given. What follows
from that is written by `limits.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcgrad.ad.outline import with_returns
from srcgrad.ad.outlining import Loop, Outlining, Parts, call_of, returning
from srcgrad.ad.prepare import Problems
from srcgrad.analysis.alias import AliasFacts
from srcgrad.analysis.bound import find_bound
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Block,
    Exit,
    For,
    Function,
    If,
    Limit,
    Stmt,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.library import acts
from srcgrad.ir.liveness import WHOLE, live_part
from srcgrad.ir.walk import assigned, operands, read_names, rebuild, stored, walk

EXACT = ("b", "i", "pi")  # dtypes of truth values and whole numbers


def is_converging(stmt: Stmt) -> bool:
    return isinstance(stmt, (For, While)) and stmt.converges is not None


def outline_limits(
    fn: Function,
    kinds: KindFacts,
    aliases: AliasFacts,
    number: Callable[[Function], UserFunction],
    seen: Callable[[UserFunction], bool],
) -> tuple[Function, Problems]:
    """The function with its converging loops as calls, and why some of them stay loops.

    `number` makes a function known under a name; `seen`: somebody could tell that it is called.
    """
    if not any(map(is_converging, walk(fn.body))):
        return fn, {}
    run = _Limits(fn, kinds, aliases, number, seen)
    return run.done(), run.problems


@dataclass(frozen=True, slots=True)
class _Step:
    """What a step does: its code, what it takes from the one before it, reads and gives."""

    body: Block
    carried: tuple[str, ...]
    reads: tuple[str, ...]
    gives: tuple[str, ...]


class _Limits(Outlining):
    what = "converging"

    def __init__(
        self,
        fn: Function,
        kinds: KindFacts,
        aliases: AliasFacts,
        number: Callable[[Function], UserFunction],
        seen: Callable[[UserFunction], bool],
    ) -> None:
        super().__init__(fn, kinds, aliases, number)
        self.seen = seen

    def is_marked(self, stmt: Loop) -> bool:
        return stmt.converges is not None

    def loop(self, stmt: Loop, rest: Block) -> list[Stmt]:
        parts = Parts(stmt, self.live_after(stmt, rest))
        results = tuple(sorted((parts.changed | {parts.index}) & parts.after))
        if not any(self.may_flow(stmt, name) for name in results):
            return [replace(stmt, converges=None)]  # there is nothing to differentiate
        before = len(self.problems)
        step = self.step(stmt, parts, {n for n in results if self.may_flow(stmt, n)})
        if step is None or len(self.problems) > before:
            return [stmt]
        if all(self.is_exact(self.kind(stmt, name)) for name in step.carried):
            return [replace(stmt, converges=None)]  # each step gives the same
        self.count += 1
        params = (*step.carried, *step.reads)
        called = self.named(self.number(self.made("step", params, step.body, "One step of a loop")))
        whole = self.whole(stmt, parts, results, step, called)
        args = tuple(Var(p.name) for p in whole.params)
        fn = self.named(self.number(whole))
        return list(call_of(results, fn, args, f"state@c{self.count}", stmt.unit))

    def kind(self, stmt: Loop, name: str) -> Kind:
        return self.kinds.heads.get(stmt, {}).get(name, UNKNOWN)

    def may_flow(self, stmt: Loop, name: str) -> bool:
        """Whether a variable that the loop changes may hold floats."""
        kind = self.kind(stmt, name)
        if kind.is_scalar or kind.is_array:
            return not self.is_exact(kind)
        return kind.tag in ("none", "unknown") or kind.is_container

    def is_exact(self, kind: Kind) -> bool:
        return (kind.is_scalar or kind.is_array) and kind.dtype in EXACT

    def whole(
        self,
        stmt: Loop,
        parts: Parts,
        results: tuple[str, ...],
        step: _Step,
        called: UserFunction,
    ) -> Function:
        """The loop as it stands, as a function."""
        assert stmt.converges is not None
        body: tuple[Stmt, ...] = (stmt, *returning(results))
        needed = live_part(body, whole=True)[1] - {WHOLE} - set(self.fn.globals)
        params = [n for n in sorted(needed) if n in self.bound(stmt) or n in step.reads]
        written = parts.written(self.kinds)
        copies = [self.copied(stmt, name) for name in params if name in written]
        made = self.made("limit", params, (*copies, *body), "A loop that converges,")
        unit = self.fn.units.get(stmt.unit)
        line = f" on line {unit.line}" if unit is not None else ""
        exact = frozenset(n for n in step.gives if self.is_exact(self.kind(stmt, n)))
        rule = Limit(
            called,
            step.carried,
            step.reads,
            step.gives,
            results,
            exact,
            stmt.converges,
            f"the loop{line} of `{self.fn.name}`",
        )
        return replace(made, rule=rule)

    def bound(self, stmt: Loop) -> set[str]:
        """Variables that surely have a value before the loop."""
        known = {p.name for p in self.fn.params} | set(self.fn.globals)
        return set(find_bound(self.fn, known).before[stmt])

    # --- the step

    def step(self, stmt: Loop, parts: Parts, gives: set[str]) -> _Step | None:
        """One step, of what the given variables and all that they come from need."""
        tries = [s for s in walk(stmt.body) if isinstance(s, If) and s.form == "try"]
        if tries:
            self.refuse(tries[0], "a `try` in a converging loop", "put it into a function")
            return None
        kept = _staying(_quiet(stmt.body))
        if kept is None:
            self.refuse(stmt, "a converging loop is left in its first step", "let it go on")
            return None
        while True:
            order = tuple(sorted(gives))
            body, exposed = live_part(with_returns(kept, order, False))
            exposed -= {WHOLE}
            if exposed & parts.changed <= gives:
                break
            gives = gives | exposed & parts.changed
        carried = tuple(sorted(exposed & parts.changed))
        reads = tuple(sorted(exposed - parts.changed - set(self.fn.globals)))
        self.check(stmt, parts, _Step(body, carried, reads, order))
        return _Step(body, carried, reads, order)

    def check(self, stmt: Loop, parts: Parts, step: _Step) -> None:
        """Refuse what has no limit, or one that does not tell the derivative."""
        made = assigned(step.body) | stored(step.body)
        for name in step.gives:
            shown, kind = name.split("@")[0], self.kind(stmt, name)
            if name not in made and "@" in name and "@v" not in name:
                message, remedy = "a converging loop is left by `return`", "leave it by `break`"
                self.refuse(stmt, message, f"{remedy}, and return after it")
            elif name not in made:
                message = f"`{shown}` is assigned only where a converging loop is left"
                self.refuse(stmt, message, "assign it in each step")
            elif name in step.carried and name not in self.bound(stmt):
                message = f"`{shown}` has no value before a converging loop"
                self.refuse(stmt, message, f"give `{shown}` a value before the loop")
            elif kind.is_scalar and kind.dtype in ("i", "pi"):
                message = f"the whole number `{shown}` changes in the steps of a converging loop"
                self.refuse(stmt, f"{message}, and values depend on it", "let it be the same")
            elif not (kind.is_scalar or kind.is_array or kind.tag in ("unknown", "none")):
                message = f"`{shown}`, which a converging loop changes, holds no number or array"
                self.refuse(stmt, message, "use arrays, and fill lists after the loop")
        if parts.index and parts.index in step.reads:
            message = "what a converging loop computes depends on the number of the step"
            self.refuse(stmt, message, "iterate the same function")
        if parts.tested & (parts.after | read_names(stmt.body)):
            message = "the condition of a converging loop assigns a variable"
            self.refuse(stmt, message, "assign it in the body")
        for inner in walk(step.body):
            if isinstance(inner, Assign) and self.is_seen(inner):
                message = "this call draws random numbers, or can be told from outside"
                self.refuse(inner, f"{message}, in a converging loop", "move it out of the loop")
        self.check_memory(stmt)

    def is_seen(self, stmt: Assign) -> bool:
        """Whether somebody could tell that a call is made once more."""
        drawn = any(self.kinds.before(stmt, a).tag == "generator" for a in operands(stmt))
        if isinstance(stmt.fn, UserFunction):
            return drawn or self.seen(stmt.fn)
        return drawn or isinstance(stmt.fn, str) and acts(stmt.fn)


def _quiet(block: Block) -> Block:
    """A block without its messages and errors."""
    out: list[Stmt] = []
    for stmt in block:
        if isinstance(stmt, Assign) and stmt.fn in ("builtins.print", "assert"):
            continue
        new = rebuild(stmt, _quiet)
        arms = (new.then, new.orelse) if isinstance(new, If) and new.form == "if" else ()
        kept = [arm for arm in arms if not (arm and _raises(arm[-1]))]
        out += kept[0] if len(kept) == 1 else (new,)
    return tuple(out)


def _raises(stmt: Stmt) -> bool:
    return isinstance(stmt, Assign) and stmt.fn == "raise"


def _staying(block: Block) -> Block | None:
    """The body of a loop without the ways that leave it; None if all of them do."""
    last = block[-1] if block else None
    if isinstance(last, Exit):
        return None if last.kind == "break" else block
    if not isinstance(last, If):
        return block
    then, orelse = _staying(last.then), _staying(last.orelse)
    if then is None or orelse is None:
        arm = orelse if then is None else then
        return None if arm is None else (*block[:-1], *arm)
    return (*block[:-1], replace(last, then=then, orelse=orelse))
