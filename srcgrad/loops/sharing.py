"""Which variables may see that memory of theirs is changed through another name.

What may share memory is followed forward, what is read later backward: both through the function as
it runs, so that a name that is bound anew shares nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Exit,
    For,
    Function,
    If,
    Pop,
    Push,
    Stmt,
    Store,
    Var,
    While,
)
from srcgrad.ir.walk import names, operands, writes
from srcgrad.loops.names import READERS, may_change, shares

State = dict[str, frozenset[str]]  # of each variable, those that may share memory with it
# What these lists hold stays as it is.
LISTS = ("method.append", "method.pop", "srcgrad.support.put_back_all")


def seen_changes(fn: Function, facts: KindFacts) -> set[str]:
    """Variables that are changed while others with the same memory are read later, and those."""
    live = _Live(fn)
    run = _Sharing(facts, live.after)
    run.block(fn.body, {})
    return run.found


def changed_by(stmt: Stmt) -> str:
    """The variable of which a statement changes elements; none is the empty name."""
    if isinstance(stmt, Store):
        return stmt.base.name
    if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str) or not stmt.args:
        return ""
    if stmt.fn not in LISTS and may_change(stmt):
        return next(iter(names(stmt.args[:1])), "")
    return ""


class _Live:
    """What is read behind each statement that changes something."""

    def __init__(self, fn: Function) -> None:
        self.after: dict[Stmt, frozenset[str]] = {}
        self.block(fn.body, frozenset(), frozenset(), frozenset())

    def block(
        self, block: Block, live: frozenset[str], head: frozenset[str], left: frozenset[str]
    ) -> frozenset[str]:
        """The names read at the start; `head` and `left`: where `continue` and `break` lead to."""
        for stmt in reversed(block):
            if changed_by(stmt):
                self.after[stmt] = live | self.after.get(stmt, frozenset())
            live = self.before(stmt, live, head, left)
        return live

    def before(
        self, stmt: Stmt, live: frozenset[str], head: frozenset[str], left: frozenset[str]
    ) -> frozenset[str]:
        if isinstance(stmt, Exit):
            after = {"return": frozenset[str](), "break": left, "continue": head}[stmt.kind]
            return after | frozenset(names(operands(stmt)))
        if isinstance(stmt, If):
            then = self.block(stmt.then, live, head, left)
            orelse = self.block(stmt.orelse, live, head, left)
            tried = live if stmt.form == "try" else frozenset()
            return then | orelse | tried | frozenset(names(operands(stmt)))
        if isinstance(stmt, (For, While)):
            return self.loop(stmt, live)
        return (live - frozenset(writes(stmt))) | frozenset(names(operands(stmt)))

    def loop(self, stmt: For | While, after: frozenset[str]) -> frozenset[str]:
        head = after | frozenset(names(operands(stmt)))
        while True:
            found = self.block(stmt.body, head, head, after)
            if isinstance(stmt, While):
                found |= frozenset(names((stmt.cond,)))
                found = self.block(stmt.test, found | after, head, after)
            if found <= head:
                return head
            head |= found


class _Sharing:
    def __init__(self, facts: KindFacts, after: Mapping[Stmt, frozenset[str]]) -> None:
        self.facts = facts
        self.after = after
        self.found: set[str] = set()
        self.left: list[State] = []  # of each loop around, what holds where it is left

    def block(self, block: Block, state: State) -> State:
        for stmt in block:
            self.note(stmt, state)
            if isinstance(stmt, Exit):
                if self.left:
                    _join(self.left[-1], state)
                return {}
            if isinstance(stmt, If):
                then = self.block(stmt.then, dict(state))
                if stmt.form == "try":
                    _join(state, then)
                state = self.block(stmt.orelse, state)
                _join(state, then)
            elif isinstance(stmt, (For, While)):
                state = self.loop(stmt, state)
            else:
                self.simple(stmt, state)
        return state

    def loop(self, stmt: For | While, head: State) -> State:
        self.left.append({})
        while True:
            state = dict(head)
            if isinstance(stmt, While):
                state = self.block(stmt.test, state)
            state = self.block(stmt.body, state)
            _join(state, self.left[-1])
            if not _join(head, state):
                self.left.pop()
                return head

    def note(self, stmt: Stmt, state: State) -> None:
        name = changed_by(stmt)
        others = state.get(name, frozenset()) & self.after.get(stmt, frozenset())
        if others:
            self.found |= {name, *others}

    def simple(self, stmt: Stmt, state: State) -> None:
        if isinstance(stmt, Push):
            _unite(state, stmt.tape, self.memory(stmt, (stmt.value,)))
            return
        if isinstance(stmt, Assign) and stmt.fn == "method.append":
            base, *rest = names(stmt.args)
            _unite(state, base, rest)
            return
        given: list[str] = []
        if isinstance(stmt, Pop):
            given = [stmt.tape]
        elif isinstance(stmt, Assign) and shares(stmt):
            first = stmt.fn in READERS or changed_by(stmt) and bool(stmt.targets)
            given = self.memory(stmt, stmt.args[:1] if first else operands(stmt))
        elif isinstance(stmt, Store) and not self.facts.before(stmt, stmt.base).is_array:
            _unite(state, stmt.base.name, self.memory(stmt, (stmt.value,)))
        partners = {n for name in given for n in (name, *state.get(name, ()))}
        for target in writes(stmt):
            own = {target} if target not in given else set()
            for other in state.pop(target, frozenset()):
                state[other] = state.get(other, frozenset()) - {target}
            found = partners - own - {target}
            if isinstance(stmt, Assign) and self.facts.after(stmt, target).is_scalar:
                found = set()
            _unite_all(state, target, found)

    def memory(self, stmt: Stmt, atoms: Iterable[Atom]) -> list[str]:
        """Variables among operands that are no numbers."""
        return [a.name for a in atoms if isinstance(a, Var) and not self.is_number(stmt, a)]

    def is_number(self, stmt: Stmt, atom: Atom) -> bool:
        return self.facts.before(stmt, atom).is_scalar


def _unite(state: State, name: str, others: Iterable[str]) -> None:
    found = {n for other in others for n in (other, *state.get(other, ()))}
    _unite_all(state, name, found - {name})


def _unite_all(state: State, name: str, others: Iterable[str]) -> None:
    for other in others:
        state[other] = state.get(other, frozenset()) | {name}
        state[name] = state.get(name, frozenset()) | {other}


def _join(state: State, other: State) -> bool:
    """Whether something is new."""
    grown = False
    for name, partners in other.items():
        before = state.get(name, frozenset())
        if not partners <= before:
            state[name] = before | partners
            grown = True
    return grown
