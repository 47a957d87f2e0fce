"""Infer what is known of every operand and result without running the program.

A forward analysis over `srcgrad.ir.kinds`: from parameter kinds through each statement, joined
where
control flow meets, repeated over loops until nothing changes. A kind is recorded beside each
statement
for the variables it reads (just before it) and binds (just after it).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from srcgrad.analysis.containers import grown, item_kind, stored_item
from srcgrad.analysis.operations import BoundCall, OpKinds, shift
from srcgrad.analysis.partners import Partners, change_of, handed_on, last_operand, may_hold, opened
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
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.kinds import (
    BOOL,
    ELLIPSIS,
    FLOAT,
    INT,
    NONE,
    OBJECT,
    STR,
    UNKNOWN,
    Dim,
    Kind,
    floor_of,
    identical,
    join,
    scalar,
)
from srcgrad.ir.walk import MUTATORS, assigned, operands, stored, surely_runs, writes

Env = dict[str, Kind]
CalleeKind = Callable[[UserFunction, Assign, Callable[[Atom], Kind]], Kind]


@dataclass(slots=True)
class KindFacts:
    """`reads[s][x]`: kind of x just before s. `writes[s][x]`: just after. `result`: of the return
    value."""

    reads: dict[Stmt, Env] = field(default_factory=dict)
    writes: dict[Stmt, Env] = field(default_factory=dict)
    # loops: kinds at the head, of what the body assigns
    heads: dict[Stmt, Env] = field(default_factory=dict)
    result: Kind | None = None
    problems: dict[Stmt, tuple[str, str]] = field(default_factory=dict)
    calls: dict[Stmt, BoundCall] = field(default_factory=dict)  # of primitives

    def before(self, stmt: Stmt, atom: Atom) -> Kind:
        """Kind of an operand as the statement reads it."""
        if type(atom) is Var:
            known = self.reads.get(stmt)
            return UNKNOWN if known is None else known.get(atom.name, UNKNOWN)
        assert isinstance(atom, Const)
        return const_kind(atom.value)

    def after(self, stmt: Stmt, name: str) -> Kind:
        """Kind of a variable the statement has just bound."""
        known = self.writes.get(stmt)
        return UNKNOWN if known is None else known.get(name, UNKNOWN)


def const_kind(value: Any) -> Kind:
    """Kind of a literal."""
    if type(value) is int:
        return _int_kind(value)
    return LITERALS.get(type(value), OBJECT)


@functools.lru_cache(maxsize=1024)
def _int_kind(value: int) -> Kind:
    return Kind("scalar", "pi", (), value=value)


LITERALS = {
    type(None): NONE,
    bool: BOOL,
    float: FLOAT,
    complex: scalar("pc"),
    str: STR,
    type(Ellipsis): ELLIPSIS,
}


def infer_kinds(
    fn: Function,
    params: Mapping[str, Kind],
    globals_: Mapping[str, Kind],
    callee: CalleeKind,
    assumed: Mapping[Stmt, Env] | None = None,
) -> KindFacts:
    """Kinds throughout `fn`, given those of its parameters and of the globals it reads.

    `assumed`: kinds that variables are taken for in loops, whatever they come in with."""
    run = Inference(fn, callee, assumed or {})
    run.block(fn.body, {**globals_, **params})
    return run.facts


class Inference:
    """The forward walk; a subclass may know more statements."""

    def __init__(
        self, fn: Function, callee: CalleeKind, assumed: Mapping[Stmt, Env] | None = None
    ) -> None:
        self.facts, self.assumed = KindFacts(), assumed or {}
        self.ops = OpKinds(self.facts.problems, callee, self.facts.calls)
        self.loops: list[str] = []
        self.partners = Partners()
        self.ids: dict[Stmt, int] = {}
        self.empty: dict[Assign, bool] = {}  # whether a list had no item to take, when last seen
        self.never_full: set[Assign] = set()

    def block(self, block: Block, env: Env) -> Env | None:
        """Kinds after the block; None when it never falls through."""
        for stmt in block:
            self.record(stmt, env)
            if isinstance(stmt, Exit):
                self.exit(stmt, env)
                return None if stmt.kind == "return" else self.leave(stmt, env)
            if isinstance(stmt, If):
                after = self.branch(stmt, env)
                if after is None:
                    return None
                env = after
            elif isinstance(stmt, (For, While)):
                env = self.loop(stmt, env)
            else:
                self.simple(stmt, env)
                if self.raises(stmt):
                    return None
        return env

    def raises(self, stmt: Stmt) -> bool:
        """Whether the statement takes an item from a list that has none.

        So it is in the first turn of a loop that fills the list, where nothing is known of items
        yet: other turns tell of what follows.
        """
        if not self.loops or not isinstance(stmt, Assign) or stmt.fn != "method.pop":
            return False
        kind = self.facts.before(stmt, stmt.args[0])
        self.empty[stmt] = kind.tag == "list" and kind.items == ()
        return self.empty[stmt] and stmt not in self.never_full

    def record(self, stmt: Stmt, env: Env) -> None:
        self.facts.reads[stmt] = {
            atom.name: env.get(atom.name, UNKNOWN) for atom in operands(stmt) if type(atom) is Var
        }

    def simple(self, stmt: Stmt, env: Env) -> None:
        if isinstance(stmt, Assign):
            before = functools.partial(self.facts.before, stmt)
            kinds = self.ops.targets(stmt, before, self.suffix())
            env.update(kinds)
            self.facts.writes[stmt] = kinds
            self.share(stmt, kinds)
            self.grow(stmt, env)
        elif isinstance(stmt, Store):
            name = stmt.base.name
            base = env.get(name, UNKNOWN)
            value = self.facts.before(stmt, stmt.value)
            if may_hold(base):
                self.tell(stmt, name, base, value, env)
                known = base.is_container or value.is_container
                if known and may_hold(value) and isinstance(stmt.value, Var):
                    self.partners.join((name, stmt.value.name))
            if base.is_container:
                if stmt.op != "set":
                    value = added(join(item_kind(base, stmt.index), value, name))
                if self.facts.before(stmt, stmt.index).tag == "slice":
                    env[name] = Kind(base.tag)
                else:
                    env[name] = stored_item(base, stmt.index, value, name)
                self.facts.writes[stmt] = {name: env[name]}

    def share(self, stmt: Assign, kinds: Env) -> None:
        """Targets may name containers that operands name, or hold; who is stored into holds
        more."""
        read, groups = self.facts.reads[stmt], self.partners.groups
        found = [
            n
            for n, kind in read.items()
            if (kind.is_container or n in groups) and handed_on(stmt.fn, kind)
        ]
        loose = [name for name, kind in kinds.items() if may_hold(kind)] if found else []
        if stmt.fn in MUTATORS and found:
            loose += [name for name, kind in read.items() if may_hold(kind)]
        if loose:
            self.partners.bind(stmt.targets, loose, found)
        elif groups:
            for name in stmt.targets:
                self.partners.drop(name)

    def tell(self, stmt: Assign | Store, name: str, base: Kind, value: Kind, env: Env) -> None:
        """A container is changed: of its other names less is known."""
        others = self.partners.of(name)
        change = change_of(base, stmt, value) if others else None
        if change is None:
            return
        for other in others:
            known = env.get(other, UNKNOWN)
            env[other] = opened(known, change)
            if env[other] != known:
                self.partners.opened.add(other)

    def grow(self, stmt: Assign, env: Env) -> None:
        """A list that is changed by its own methods is known by what any of its items may be."""
        if stmt.fn in MUTATORS and isinstance(stmt.args[0], Var):
            base = stmt.args[0].name
            kind = env.get(base, UNKNOWN)
            if may_hold(kind):
                put = last_operand(stmt)
                value = UNKNOWN if put is None else self.facts.before(stmt, put)
                self.tell(stmt, base, kind, value, env)
            if kind.is_container:
                given = [self.facts.before(stmt, atom) for atom in stmt.args]
                env[base] = grown(kind, stmt, given, base)
            self.facts.writes.setdefault(stmt, {})[base] = env.get(base, UNKNOWN)

    def suffix(self) -> str:
        """Marks symbols by the loops they were made in, so that no iteration is taken for
        another."""
        return "".join(self.loops)

    def exit(self, stmt: Exit, env: Env) -> None:
        if stmt.kind != "return" or stmt.value is None:
            return
        kind = self.facts.before(stmt, stmt.value)
        known = self.facts.result
        self.facts.result = kind if known is None else join(known, kind, "out")

    def leave(self, stmt: Exit, env: Env) -> Env:
        return env  # break and continue end an arm; what follows joins with it conservatively

    def branch(self, stmt: If, env: Env) -> Env | None:
        mark = self.mark(stmt)
        groups = dict(self.partners.groups)
        then = self.block(stmt.then, dict(env))
        left, self.partners.groups = set(self.partners.groups.values()), groups
        orelse = self.block(stmt.orelse, dict(env))
        self.partners.meet(left)
        changing = assigned((stmt,)) | stored((stmt,)) | self.partners.opened
        for name in writes(stmt):
            self.facts.writes[stmt] = {name: BOOL}
            for after in (then, orelse):
                if after is not None:
                    after[name] = BOOL
        if then is None or orelse is None:
            return then if orelse is None else orelse
        return then | _join_envs(_only(then, changing), _only(orelse, changing), mark)

    def mark(self, stmt: Stmt) -> str:
        """A mark for symbols made at a statement, the same in every run over the same program."""
        return f"~{self.ids.setdefault(stmt, len(self.ids))}"

    def loop(self, stmt: For | While, env: Env) -> Env:
        mark = self.mark(stmt)
        changing = assigned((stmt,)) | stored((stmt,))
        self.loops.append(mark)
        assumed = self.assumed.get(stmt, {})
        head, after = {**env, **assumed}, dict(env)
        known = len(self.partners.made)
        for attempt in range(10):
            end, after = self.iteration(stmt, head)
            self.partners.meet([*self.partners.made][known:])
            changing |= self.partners.opened
            new = head
            if end is not None:
                end = {name: end[name] for name in changing if name in end}
                new = {**head, **_join_envs(_only(head, changing), _closed(end, head, mark), mark)}
            if all(
                name in head and identical(new[name], head[name])
                for name in changing
                if name in new
            ):
                break
            head = new
            if attempt == 8:  # no fixed point in sight: give up what the loop changes
                head = {name: UNKNOWN if name in changing else kind for name, kind in head.items()}
        self.loops.pop()
        never_full = {s for s, empty in self.empty.items() if empty} - self.never_full
        if never_full and not self.loops:  # what stands behind them is to be known, too
            self.never_full |= never_full
            return self.loop(stmt, env)
        self.facts.heads[stmt] = _only(head, changing)
        if assumed and not surely_runs(stmt):
            head = {**head, **_join_envs(_only(env, set(assumed)), assumed, mark)}
        return {**after, **head} if isinstance(stmt, For) else after

    def iteration(self, stmt: For | While, head: Env) -> tuple[Env | None, Env]:
        """One pass over the body: kinds at its end, and where the loop is left by its header."""
        env = dict(head)
        if isinstance(stmt, For):
            after = {**env, stmt.index: INT}
            env[stmt.index] = self.index_kind(stmt)
            self.facts.writes[stmt] = {stmt.index: env[stmt.index]}
            return self.block(stmt.body, env), after
        tested = self.block(stmt.test, env) or env
        after = dict(tested)
        if isinstance(stmt.cond, Var):
            self.facts.reads[stmt] = {stmt.cond.name: tested.get(stmt.cond.name, UNKNOWN)}
        return self.block(stmt.body, tested), after

    def index_kind(self, stmt: For) -> Kind:
        """The index of a loop: a length of its own, with what the range tells of it."""
        start, stop, step = (
            self.facts.before(stmt, atom).value for atom in (stmt.start, stmt.stop, stmt.step)
        )
        if not isinstance(step, int) or step == 0:
            return INT
        least, below = (start, stop) if step > 0 else (shift(stop, 1, 1), shift(start, 1, 1))
        if least is None:
            return INT
        index = Dim(f"{stmt.index}{self.suffix()}", 0, floor_of(least), below or Dim(""))
        return replace(INT, value=index)


def added(kind: Kind) -> Kind:
    """What comes of `items[0] += value`, where this kind covers both."""
    return Kind(kind.tag) if kind.is_container else replace(kind, value=None)


def _only(env: Env, wanted: set[str]) -> Env:
    return {name: env[name] for name in sorted(wanted) if name in env}


def _closed(end: Env, head: Env, mark: str) -> Env:
    """Kinds at the end of a body without symbols that belong to one iteration.

    A variable whose lengths mention a symbol made in this loop gets lengths of its own instead.
    """
    return {
        name: kind
        if kind == head.get(name) and _is_own(kind, name, mark)
        else _widen(kind, name, mark)
        for name, kind in end.items()
    }


def _is_own(kind: Kind, name: str, mark: str) -> bool:
    return all(
        not isinstance(n, Dim) or mark not in n.symbol or n.symbol == f"{name}{mark}.{axis}"
        for axis, n in enumerate(kind.shape or ())
    )


def _widen(kind: Kind, name: str, mark: str) -> Kind:
    if mark not in repr(kind):
        return kind
    if kind.tag in ("scalar", "array"):
        shape = kind.shape
        if shape is not None:
            shape = tuple(
                Dim(f"{name}{mark}.{axis}", 0, n.floor)
                if isinstance(n, Dim) and mark in n.symbol
                else n
                for axis, n in enumerate(shape)
            )
        return Kind(kind.tag, kind.dtype, shape)
    if kind.items is not None and kind.is_container:
        items = tuple((key, _widen(item, f"{name}.{key}", mark)) for key, item in kind.items)
        return Kind(kind.tag, items=items)
    if kind.element is not None:  # of which each reading has lengths of its own
        return Kind(kind.tag, element=_widen(kind.element, f"?{name}", mark))
    return Kind(kind.tag)


def _join_envs(a: Env, b: Env, mark: str) -> Env:
    out = {}
    for name in {**a, **b}:
        if name in a and name in b:
            x, y = a[name], b[name]
            out[name] = x if x is y else join(x, y, f"{name}{mark}")
        else:
            out[name] = a[name] if name in a else b[name]
    return out
