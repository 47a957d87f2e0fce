"""Put forward and backward sweep together: recordings, reversed control flow, the derivative's
body.
"""

from __future__ import annotations

from dataclasses import field, replace

from srcgrad.ad.again import Remade
from srcgrad.ad.attempts import forgetting
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.plan import Plan, last_changes, last_definitions
from srcgrad.ad.records import Records
from srcgrad.ad.steps import AnyStep, IfStep, LoopStep, Step
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Block,
    Const,
    Exit,
    For,
    If,
    Pop,
    Push,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.walk import writes

RESULT = "out%value"


@dataclass(slots=True)
class Sweeps:
    """The two halves of a derivative, and the lists both use."""

    forward: list[Stmt]
    backward: list[Stmt]
    tapes: list[str] = field(default_factory=list)


class Assembler:
    """Lays out the forward and backward sweeps of one function."""

    def __init__(
        self, context: Context, plan: Plan, build: Builder, wants_result: bool, remade: Remade
    ) -> None:
        self.context = context
        self.remade = remade
        self.plan = plan
        self.build = build
        self.wants_result = wants_result
        self.records = Records(context, build)

    def run(self, body: Block, steps: list[AnyStep]) -> Sweeps:
        none = Const(None)
        forward: list[Stmt] = [
            Assign((name,), "copy", (none,)) for name in sorted(self.plan.unbound)
        ]
        forward += self.forward(body, 0)
        backward = self.backward(steps, 0)
        return Sweeps(forward, backward, list(self.records.tapes))

    # forward sweep
    def forward(self, block: Block, depth: int) -> list[Stmt]:
        out: list[Stmt] = []
        unit_start = 0
        for position, stmt in enumerate(block):
            if position == 0 or block[position - 1].unit != stmt.unit:
                unit_start = len(out)
            pushes = self.pushes(stmt, depth)
            if pushes:
                place = unit_start if self.may_hoist(stmt, out[unit_start:]) else len(out)
                out[place:place] = pushes
            out += self.forward_stmt(stmt, depth)
        return out

    def may_hoist(self, stmt: Stmt, since: list[Stmt]) -> bool:
        """Recordings stand before the whole of the user's statement where that is the same."""
        return stmt not in self.plan.content and not any(
            set(writes(s)) & set(self.plan.before[stmt]) or isinstance(s, (If, Store))
            for s in since
        )

    def pushes(self, stmt: Stmt, depth: int) -> list[Stmt]:
        out: list[Stmt] = []
        records = self.records
        for name, unit in self.plan.before.get(stmt, {}).items():
            line, reader = records.line(stmt.unit), records.read_by(unit)
            reason = f"saved: overwritten on line {line}, {reader}"
            out.append(records.variable(stmt, name, depth, reason))
        if isinstance(stmt, (Store, Assign)) and stmt in self.plan.content:
            out += records.content(stmt, depth)
        return out

    def forward_stmt(self, stmt: Stmt, depth: int) -> list[Stmt]:
        if isinstance(stmt, If):
            then = tuple(self.forward_arm(stmt, 0, stmt.then, depth))
            orelse = tuple(self.forward_arm(stmt, 1, stmt.orelse, depth))
            same = _same(then, stmt.then) and _same(orelse, stmt.orelse)
            new = stmt if same else replace(stmt, then=then, orelse=orelse)
            before, new = self.forgetting(new) if stmt.form == "try" else ([], new)
            return [*before, new]
        if isinstance(stmt, (For, While)):
            return self.forward_loop(stmt, depth)
        if isinstance(stmt, Exit) and stmt.kind == "return":
            if not self.wants_result or stmt.value is None:
                return []
            return [Assign((RESULT,), "copy", (stmt.value,), unit=stmt.unit)]
        if isinstance(stmt, (Assign, Store)) and stmt.sync:
            return []  # the primal's memory is shared already
        if stmt in self.context.hooked and isinstance(stmt, Assign):
            same = stmt.args[0] == Var(stmt.target)
            return [] if same else [replace(stmt, fn="copy", args=stmt.args[:1])]
        pair = self.context.pairs.get(stmt)
        if pair is not None and isinstance(stmt, Assign):
            halves, residuals = pair
            return [replace(stmt, targets=(stmt.target, residuals), fn=halves.forward)]
        return [stmt]

    def forgetting(self, stmt: If) -> tuple[list[Stmt], If]:
        """A `try` with what it records dropped where it fails."""
        before, new, mixed = forgetting(stmt, self.build)
        for name in sorted(mixed & self.plan.lost.keys()):
            self.context.refuse(
                self.plan.lost[name],
                "a value that is still needed is overwritten inside a `try`",
                "compute it in a function of its own, and call that in the `try`",
            )
        return before, new

    def forward_arm(self, stmt: Stmt, position: int, block: Block, depth: int) -> list[Stmt]:
        """A nested block with what it records once per run, each when it has its last value."""
        wanted = self.plan.at_end.get((stmt, position), {})
        if not wanted:
            return self.forward(block, depth)
        out: list[Stmt] = []
        places = last_changes(block, last_definitions(block, self.context.pairs))
        ends = {name: self.unit_end(block, places[name]) for name in wanted}
        start = 0
        for end in sorted(set(ends.values())):
            out += self.forward(block[start : end + 1], depth)
            start = end + 1
            for name in ends:
                if ends[name] == end:
                    reason = "saved: " + self.records.read_by(wanted[name])
                    out.append(Push(self.records.tape(name), Var(name), reason, unit=-1))
        return out + self.forward(block[start:], depth)

    def unit_end(self, block: Block, position: int) -> int:
        """Recordings stand after the whole of the user's statement."""
        while (
            position + 1 < len(block)
            and block[position + 1].unit == block[position].unit
            and not isinstance(block[position + 1], (If, For, While, Exit))
        ):
            position += 1
        return position

    def forward_loop(self, stmt: For | While, depth: int) -> list[Stmt]:
        position = 1 if isinstance(stmt, While) else 0
        body = self.forward_arm(stmt, position, stmt.body, depth + 1)
        count = self.context.counters.get(stmt)
        if count is not None:
            body.insert(0, Assign((count,), "operator.iadd", (Var(count), Const(1)), unit=-1))
        new = tuple(body)
        loop = stmt if _same(new, stmt.body) else replace(stmt, body=new)
        if count is None:
            return [loop]
        return [Assign((count,), "copy", (Const(0),), unit=-1), loop]

    # backward sweep
    def backward(self, steps: list[AnyStep], depth: int) -> list[Stmt]:
        out: list[Stmt] = []
        for step in steps:
            out += self.remade.before.get(step.stmt, ())
            if isinstance(step, IfStep):
                out += self.backward_if(step, depth)
            elif isinstance(step, LoopStep):
                out += self.backward_loop(step, depth)
            else:
                out += self.backward_simple(step, depth)
        return out

    def backward_simple(self, step: Step, depth: int) -> list[Stmt]:
        stmt = step.stmt
        pops = self.pops(stmt, depth)
        back = self.records.content_back(step, depth) if stmt in self.plan.content else []
        if isinstance(stmt, Store):
            rest = [made for made in step.code if made not in step.undo]
            return [*step.undo, *back, *rest]
        calls_user = isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction)
        if step.reads_old or not step.reads_result and not calls_user:
            return step.keep + pops + step.code + back
        return step.code + pops + back

    def pops(self, stmt: Stmt, depth: int) -> list[Stmt]:
        found = self.plan.before.get(stmt, {})
        return [self.records.variable_back(stmt, name, depth) for name in found]

    def again(self, stmt: Stmt, position: int, depth: int) -> list[Stmt]:
        """At the start of a reversed block: values recorded at its end, or computed again."""
        out: list[Stmt] = []
        for name in reversed(list(self.plan.at_end.get((stmt, position), {}))):
            out.append(Pop(self.records.tape(name), name, unit=-1))
        for made in self.plan.again.get((stmt, position), {}).values():
            out.append(replace(made, unit=-1))
        return out

    def backward_if(self, step: IfStep, depth: int) -> list[Stmt]:
        stmt = step.stmt
        then = self.again(stmt, 0, depth) + self.backward(step.then, depth) + step.then_tail
        orelse = self.again(stmt, 1, depth) + self.backward(step.orelse, depth) + step.else_tail
        if not then and not orelse:
            return step.settle
        return [*step.settle, *step.head, If(step.test, tuple(then), tuple(orelse), unit=stmt.unit)]

    def backward_loop(self, step: LoopStep, depth: int) -> list[Stmt]:
        stmt = step.stmt
        position = 1 if isinstance(stmt, While) else 0
        body = self.again(stmt, position, depth) + self.backward(step.body, depth + 1) + step.tail
        pops = self.pops(stmt, depth)
        if not body:
            return [*step.init, *pops]
        count = Var(step.count) if step.count else None
        loop: Stmt
        if isinstance(stmt, While):
            assert count is not None
            loop = For("_", Const(0), count, Const(1), tuple(body), unit=stmt.unit)
        else:
            assert isinstance(stmt, For)
            loop = replace(stmt, body=tuple(body), prologue=0, reverse=True, limit=count)
        return [*step.init, loop, *pops]


def _same(new: Block, old: Block) -> bool:
    return len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True))
