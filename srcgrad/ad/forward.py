"""Forward mode: every variable that varies gets a tangent, computed beside it.

    y = f(x)             y_dot = f'(x) * x_dot
    y[i] = e             y_dot[i] = e_dot
    xs.append(v)         xs_dot.append(v_dot)

Control flow is that of the program; only where ways meet, a tangent that one of them lacks is zero.
The program is the one that reverse mode differentiates: names of shared memory are in step.
Reference: Griewank and Walther, Evaluating Derivatives, 2nd ed., 2008, chapter 3.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import field, replace

from srcgrad.ad.arrange import Part, acts, arrange
from srcgrad.ad.builder import Builder
from srcgrad.ad.choose import FLAT_AT_REALS
from srcgrad.ad.context import Context, Pair
from srcgrad.ad.doubtful import note_problems
from srcgrad.ad.leaves import OWN
from srcgrad.ad.operands import Operands
from srcgrad.ad.prepare import Prepared
from srcgrad.ad.presence import Presence, falls_through
from srcgrad.ad.pushforward import Pushforward
from srcgrad.ad.samesites import Memory
from srcgrad.ad.tangents import DOUBLE, RESULT, Tangents, dot
from srcgrad.ad.tangentsteps import TangentSteps
from srcgrad.ad.transpose import Transpose, renaming
from srcgrad.ad.trying import saved, tangents_alone
from srcgrad.analysis.activity import find_activity
from srcgrad.analysis.bound import find_bound
from srcgrad.analysis.complexes import Numbers
from srcgrad.analysis.kinds import KindFacts
from srcgrad.errors import Problem
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Derived,
    Exit,
    For,
    If,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import names, operands, read_names, substitute, walk


@dataclass(frozen=True, slots=True)
class Jvp:
    """The tangent of a callee: takes its arguments, then the tangents of the active ones."""

    fn: Derived
    active: tuple[str, ...]
    params: tuple[str, ...]  # all parameters, for binding
    names: tuple[str, ...]  # of the tangents, as the text has them
    keywords: bool  # tangents go by name only


JvpOf = Callable[[UserFunction, Assign, frozenset[str], KindFacts], Jvp]


@dataclass(slots=True)
class Forwarded:
    """A function that computes its value and the tangent of that."""

    prepared: Prepared
    body: Block
    kinds: dict[str, Kind]  # of tangents and what they are made of
    problems: list[Problem] = field(default_factory=list)
    params: Mapping[str, Kind] = field(default_factory=dict)
    wrt: tuple[str, ...] = ()


def forward(
    prepared: Prepared,
    params: Mapping[str, Kind],
    wrt: tuple[str, ...],
    jvp_of: JvpOf,
    outer: bool,
) -> Forwarded:
    """The tangent of a prepared function, given those of the parameters `wrt`.

    `outer`: users call it; what it returns shares no memory with what they give.
    """
    fn, kinds = prepared.fn, prepared.kinds
    activity = find_activity(fn, kinds, wrt)
    found = find_bound(fn, {p.name for p in fn.params} | set(fn.globals))
    known = fn, kinds, prepared.aliases, activity, found, _no_pairs, params, prepared.complexes
    context = Context(*known, fills=prepared.fills, doubtful=prepared.doubtful)
    note_problems(context)
    run = Forward(context, wrt, jvp_of, outer)
    body = tuple(run.block(fn.body))
    held = {n: k for n, k in run.build.kinds.items() if n not in run.build.arrays}
    return Forwarded(prepared, body, held, context.problems, params, wrt)


class Forward:
    """Writes a function and its tangent, statement by statement."""

    def __init__(self, context: Context, wrt: tuple[str, ...], jvp_of: JvpOf, outer: bool) -> None:
        self.context = context
        self.jvp_of = jvp_of
        self.current: Stmt | None = None
        self.build = Builder(self.primal_kind, self.primal_numbers)
        self.operands = Operands(context, self.build)
        doubles = all(context.params.get(p, UNKNOWN).dtype in DOUBLE for p in wrt)
        self.tangents = Tangents(context, self.build, doubles)
        self.transpose = Transpose(context, self.build, self.tangents)
        self.push = Pushforward(context, self.build, self.operands, self.tangents, self.transpose)
        self.steps = TangentSteps(context, self.build, self.operands, self.tangents, self.push)
        self.presence = Presence(context)
        self.memory = Memory(context.aliases)
        self.outer = outer  # users call it, and keep what they give and get
        self.tangents.present, self.tangents.given = set(wrt), set(wrt)
        self.presence.run(set(wrt))
        self.loops: list[Stmt] = []

    def primal_kind(self, name: str) -> Kind:
        """Kind of a primal variable where the statement at hand stands."""
        if self.current is None:
            return UNKNOWN
        facts = self.context.kinds
        found = facts.reads.get(self.current, {}).get(name)
        found = found or facts.writes.get(self.current, {}).get(name)
        return found or self.operands.kind(name)

    def primal_numbers(self, atom: Atom) -> Numbers:
        """What the numbers in a primal variable may be where the statement at hand stands."""
        if self.current is None:
            return self.context.complexes.of(atom)
        return self.context.complexes.before(self.current, atom)

    @property
    def present(self) -> set[str]:
        return self.tangents.present

    # blocks
    def block(self, block: Block) -> list[Stmt]:
        out: list[Stmt] = []
        parts: list[Part] = []
        self.tangents.nested += block is not self.context.fn.body
        for stmt in block:
            simple = isinstance(stmt, (Assign, Store))
            if parts and (not simple or stmt.unit != parts[-1].stmt.unit or stmt.unit < 0):
                out += arrange(parts)
                parts = []
            self.current = stmt
            self.build.unit = -1
            if isinstance(stmt, (Assign, Store)):
                parts.append(self.simple(stmt))
            elif isinstance(stmt, If):
                out += self.branch(stmt)
            elif isinstance(stmt, (For, While)):
                out += self.loop(stmt)
            else:
                assert isinstance(stmt, Exit)
                out += self.exit(stmt)
        self.tangents.nested -= block is not self.context.fn.body
        return out + arrange(parts)

    def written(self, write: Callable[[], None]) -> list[Stmt]:
        """The code that `write` emits."""
        outer, self.build.code = self.build.code, []
        write()
        code, self.build.code = self.build.code, outer
        return code

    # simple statements
    def simple(self, stmt: Assign | Store) -> Part:
        part = Part(stmt, [] if stmt.sync else [stmt])
        if self.presence.active(stmt, self.present):
            if isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction):
                part.stmts = self.written(lambda: self.call(stmt))
            else:
                part.code = self.written(lambda: self.steps.tangent(stmt))
                self.settle(part)
        elif isinstance(stmt, Assign) and stmt.fn in FLAT_AT_REALS:
            part.code = self.written(lambda: self.steps.check_flat(stmt))
        self.presence.step(stmt, self.present)
        changed = stmt.targets if isinstance(stmt, Assign) else (stmt.base.name,)
        if isinstance(stmt, Assign) and acts(stmt):
            changed = (*changed, *names(operands(stmt)))
        self.build.forget({*changed, *self.memory.changed_by(stmt), RESULT})
        return part

    def settle(self, part: Part) -> None:
        """Formulas read the result by its name; an operand of that name is kept before."""
        stmt = part.stmt
        if not isinstance(stmt, Assign) or len(stmt.targets) != 1:
            return
        target = stmt.target
        read = {name for made in walk(tuple(part.code)) for name in names(operands(made))}
        part.reads_result = RESULT in read
        rename: dict[str, Atom] = {RESULT: Var(target)}
        if part.reads_result and target in read:
            kept = self.build.fresh(f"{target.split('@')[0]}%old")
            part.keep = [Assign((kept,), "copy", (Var(target),))]
            rename[target] = Var(kept)
        if part.reads_result:
            change = renaming(rename)
            part.code = [substitute(made, change) for made in part.code]

    def call(self, stmt: Assign) -> None:
        """`y, y_dot = g_jvp(x, x_dot)`"""
        assert isinstance(stmt.fn, UserFunction)
        varied = frozenset(
            a.name for a in operands(stmt) if isinstance(a, Var) and self.tangents.has(stmt, a)
        )
        jvp = self.jvp_of(stmt.fn, stmt, varied, self.context.kinds)
        given = dict(zip(jvp.params, stmt.args, strict=False)) | dict(stmt.kwargs)
        dots = tuple(self.tangents.of(stmt, given[p]) for p in jvp.active)
        targets = stmt.targets or (self.build.fresh("out"),)
        (target,) = targets  # a result is unpacked by a statement of its own
        args, kwargs = stmt.args, stmt.kwargs
        if jvp.keywords or kwargs:
            kwargs = (*kwargs, *zip(jvp.names, dots, strict=True))
        else:
            args = (*args, *dots)
        made = Assign((target, dot(target)), jvp.fn, args, kwargs, unit=stmt.unit)
        self.build.forget({target, dot(target)})
        self.build.kinds[dot(target)] = UNKNOWN
        self.build.arrays.add(dot(target))
        self.build.code.append(made)

    # control flow
    def attempt(self, stmt: If) -> list[Stmt]:
        """`try`: the body is tried as it stands, and its tangents follow where it was done."""
        entry = set(self.present)
        self.build.forget_all()
        keep: list[Stmt] = []
        known = len(self.context.problems)
        done = self.alone(stmt.then)
        if done is None:
            del self.context.problems[known:]
            self.tangents.present = set(entry)
            self.build.forget_all()
            keep, back = saved(self.context, self.build, stmt)
            done = [*back, *self.block(stmt.then)]
        self.build.forget_all()
        at_end, self.tangents.present = set(self.present), set(entry)
        failed = self.block(stmt.orelse)
        self.build.forget_all()
        falls = falls_through(stmt.orelse)
        met = at_end | self.present if falls else at_end
        met &= self.presence.lives.after[stmt]
        self.current, self.build.unit = stmt, -1
        if falls:
            failed += self.written(functools.partial(self.complete, met - self.present, stmt))
        self.tangents.present = at_end
        done += self.written(functools.partial(self.complete, met - at_end, stmt))
        self.build.forget_all()
        self.tangents.present = met
        orelse = tuple(failed)
        new = stmt if _same(orelse, stmt.orelse) else replace(stmt, orelse=orelse)
        return [*keep, new, *([If(stmt.test, tuple(done))] if done else [])]

    def alone(self, block: Block) -> list[Stmt] | None:
        """The tangents of a block without its statements; None if they need them."""
        if not all(isinstance(stmt, (Assign, Store)) for stmt in block):
            return None
        parts = []
        self.tangents.nested += 1
        for stmt in block:
            assert isinstance(stmt, (Assign, Store))
            self.current, self.build.unit = stmt, -1
            parts.append(self.simple(stmt))
        self.tangents.nested -= 1
        return tangents_alone(parts)

    def branch(self, stmt: If) -> list[Stmt]:
        if stmt.form == "try":
            return self.attempt(stmt)
        entry = set(self.present)
        self.build.forget_all()
        arms, ends = [], []
        for block in (stmt.then, stmt.orelse):
            self.tangents.present = set(entry)
            arms.append(self.block(block))
            self.build.forget_all()
            ends.append(set(self.present) if falls_through(block) else None)
        met = set().union(*(end for end in ends if end is not None))
        met &= self.presence.lives.after[stmt]
        for arm, end in zip(arms, ends, strict=True):
            if end is not None:
                self.current, self.build.unit = stmt, -1
                self.tangents.present = end
                arm += self.written(functools.partial(self.complete, met - end, stmt))
        self.build.forget_all()
        self.tangents.present = met
        then, orelse = (tuple(arm) for arm in arms)
        if _same(then, stmt.then) and _same(orelse, stmt.orelse):
            return [stmt]
        return [replace(stmt, then=then, orelse=orelse, form="if")]

    def complete(self, missing: set[str], stmt: Stmt) -> None:
        """Zeros for variables that have a tangent on another way only."""
        for name in sorted(missing):
            bound = self.context.bound_before(stmt, name) or self.context.bound_after(stmt, name)
            self.tangents.start(name, self.context.kind_within(name, stmt), bound)

    def loop(self, stmt: For | While) -> list[Stmt]:
        carried = self.presence.carried[stmt]
        self.build.forget_all()
        before = self.written(lambda: self.enter(stmt, set(carried) - self.present))
        self.loops.append(stmt)
        self.tangents.present = set(carried)
        test: list[Stmt] = []
        if isinstance(stmt, While):
            test = self.block(stmt.test)
            self.build.forget_all()
        body = self.block(stmt.body)
        self.build.forget_all()
        if falls_through(stmt.body):
            self.current, self.build.unit = stmt, -1
            body += self.written(lambda: self.complete(set(carried) - self.present, stmt))
        self.loops.pop()
        self.build.forget_all()
        self.tangents.present = set(carried)
        new = tuple(body)
        if isinstance(stmt, While):
            tests = tuple(test)
            same = _same(new, stmt.body) and _same(tests, stmt.test)
            return [*before, stmt if same else replace(stmt, test=tests, body=new)]
        if _same(new, stmt.body):
            return [*before, stmt]
        head = new[: stmt.prologue]
        hidden = "@" in stmt.index and stmt.index in read_names(new[stmt.prologue :])
        kept = not hidden and _same(head, stmt.body[: stmt.prologue])
        return [*before, replace(stmt, body=new, prologue=stmt.prologue if kept else 0)]

    def enter(self, stmt: For | While, missing: set[str]) -> None:
        for name in sorted(missing):
            bound = self.context.bound_before(stmt, name)
            self.tangents.start(name, self.context.kind_within(name, stmt), bound)

    def exit(self, stmt: Exit) -> list[Stmt]:
        if stmt.kind != "return":
            loop = self.loops[-1]
            missing = set(self.presence.carried[loop]) - self.present
            return [*self.written(lambda: self.complete(missing, loop)), stmt]
        assert stmt.value is not None
        value = stmt.value
        tangent = Var(self.build.fresh("out%dot"))
        made: list[Atom] = []
        code = self.written(lambda: made.extend(self.returned(stmt, value)))
        self.build.unit = stmt.unit
        both = Assign((tangent.name,), "tuple", tuple(made), unit=stmt.unit)
        return [*code, both, Exit("return", tangent, unit=stmt.unit)]

    def returned(self, stmt: Exit, value: Atom) -> tuple[Atom, Atom]:
        """Value and tangent; for users, in memory that is not that of their arguments."""
        tangent = self.tangents.of(stmt, value)
        if not self.outer:
            return value, tangent
        kind = self.context.kinds.before(stmt, value)
        if kind.is_scalar:
            return value, tangent
        sites = self.context.aliases.reads.get(stmt, {})
        shared = isinstance(value, Var) and any(site.param for site in sites.get(value.name, ()))
        if shared:
            fn = "method.copy" if kind.is_array else OWN
            value = self.build.emit(fn, (value,), kind=kind)
        return value, self.tangents.returned(tangent)


def _no_pairs(*_: object) -> Pair:
    raise AssertionError("forward mode calls no halves")


def _same(new: Block, old: Block) -> bool:
    return len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True))
