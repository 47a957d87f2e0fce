"""Put forward and backward sweep together: recordings, reversed control flow, the derivative's
body.

A value recorded inside a loop goes onto one list per variable (`x_tape`), pushed forward and popped
backward; outside loops it is simply kept under another name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from srcgrad import support
from srcgrad.ad.attempts import forgetting
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.required import Plan
from srcgrad.ad.steps import AnyStep, Code, IfStep, LoopStep, Step
from srcgrad.analysis.containers import has_item
from srcgrad.analysis.indexing import selection
from srcgrad.ir.core import (
    Assign,
    Atom,
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
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, writes
from srcgrad.rules.naming import canonical_name

PUT_BACK = canonical_name(support.put_back)
RESULT = "out%value"


@dataclass(slots=True)
class Sweeps:
    """The two halves of a derivative, and the lists both use."""

    forward: list[Stmt]
    backward: list[Stmt]
    tapes: list[str] = field(default_factory=list)


class Assembler:
    """Lays out the forward and backward sweeps of one function."""

    def __init__(self, context: Context, plan: Plan, build: Builder, wants_result: bool) -> None:
        self.context = context
        self.plan = plan
        self.build = build
        self.wants_result = wants_result
        self.tapes: dict[str, None] = {}
        self.kept: dict[tuple[Stmt, str], str] = {}
        self.kept_count: dict[str, int] = {}

    def run(self, body: Block, steps: list[AnyStep]) -> Sweeps:
        none = Const(None)
        forward: list[Stmt] = [
            Assign((name,), "copy", (none,)) for name in sorted(self.plan.unbound)
        ]
        forward += self.forward(body, 0)
        backward = self.backward(steps, 0)
        return Sweeps(forward, backward, list(self.tapes))

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
        return not isinstance(stmt, Store) and not any(
            set(writes(s)) & set(self.plan.before[stmt]) or isinstance(s, (If, Store))
            for s in since
        )

    def pushes(self, stmt: Stmt, depth: int) -> list[Stmt]:
        out: list[Stmt] = []
        for name, unit in self.plan.before.get(stmt, {}).items():
            reason = f"saved: overwritten on line {self.line(stmt.unit)}, " + self.read_by(unit)
            out.append(self.record(stmt, name, depth, reason))
        if isinstance(stmt, Store) and stmt in self.plan.content:
            out += self.record_content(stmt, depth)
        return out

    def line(self, unit: int) -> str:
        found = self.context.fn.units.get(unit)
        return str(found.line) if found is not None else "?"

    def read_by(self, unit: int) -> str:
        return f"read by the adjoint of line {self.line(unit)}"

    def record(self, stmt: Stmt, name: str, depth: int, reason: str) -> Stmt:
        if depth:
            return Push(self.tape(name), Var(name), reason, unit=-1, overwritten=True)
        number = self.kept_count[name] = self.kept_count.get(name, 0) + 1
        kept = self.kept[(stmt, name)] = f"{name}%saved{number if number > 1 else ''}"
        return Assign((kept,), "copy", (Var(name),), unit=-1)

    def tape(self, name: str) -> str:
        tape = f"{name}%tape"
        self.tapes.setdefault(tape)
        return tape

    def record_content(self, stmt: Store, depth: int) -> list[Stmt]:
        """Record what a store overwrites; a view of it is copied."""
        kinds = self.context.kinds
        base, index = kinds.before(stmt, stmt.base), kinds.before(stmt, stmt.index)
        old = self.build.fresh(f"{stmt.base.name}%old")
        if self.is_new_item(stmt):
            return []
        read, given = "operator.getitem", (stmt.base, stmt.index)
        if self.may_be_new(stmt):
            read, given = "method.get", (*given, stmt.base)
        out: list[Stmt] = [Assign((old,), read, given, unit=-1)]
        if not self.is_scalar_place(stmt) and selection(base, index) in ("basic", "unknown"):
            copied = self.build.fresh(f"{stmt.base.name}%old")
            out.append(Assign((copied,), "method.copy", (Var(old),), unit=-1))
            old = copied
        reason = f"saved: overwritten on line {self.line(stmt.unit)}, read by an adjoint"
        if depth:
            out.append(Push(self.tape(f"{stmt.base.name}%old"), Var(old), reason, unit=-1))
        else:
            number = self.kept_count[stmt.base.name] = self.kept_count.get(stmt.base.name, 0) + 1
            kept = self.kept[(stmt, "[]")] = f"{stmt.base.name}%saved{number if number > 1 else ''}"
            out.append(Assign((kept,), "copy", (Var(old),), unit=-1))
        return out

    def is_new_item(self, stmt: Store) -> bool:
        """True if a dict surely has no item of this key before."""
        base = self.context.kinds.before(stmt, stmt.base)
        known = base.tag == "dict" and base.items is not None and isinstance(stmt.index, Const)
        return known and not self.has_item(base, stmt.index)

    def may_be_new(self, stmt: Store) -> bool:
        base = self.context.kinds.before(stmt, stmt.base)
        return base.tag == "dict" and not self.has_item(base, stmt.index)

    def has_item(self, base: Kind, index: Atom) -> bool:
        return isinstance(index, Const) and has_item(base, index.value)

    def is_scalar_place(self, stmt: Store) -> bool:
        kinds = self.context.kinds
        base, index = kinds.before(stmt, stmt.base), kinds.before(stmt, stmt.index)
        parts = [k for _, k in index.items] if index.tag == "tuple" and index.items else [index]
        ints = all(k.is_scalar and k.dtype in ("i", "pi") for k in parts)
        return ints and base.rank == len(parts)

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
        """A nested block with what it records once per run, each after its last definition."""
        wanted = self.plan.at_end.get((stmt, position), {})
        if not wanted:
            return self.forward(block, depth)
        out: list[Stmt] = []
        last = {n: i for i, s in enumerate(block) for n in assigned((s,)) if n in wanted}
        ends = {name: self.unit_end(block, position) for name, position in last.items()}
        start = 0
        for end in sorted(set(ends.values())):
            out += self.forward(block[start : end + 1], depth)
            start = end + 1
            for name in ends:
                if ends[name] == end:
                    reason = "saved: " + self.read_by(wanted[name])
                    out.append(Push(self.tape(name), Var(name), reason, unit=-1))
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
        if isinstance(stmt, Store):
            rest = [made for made in step.code if made not in step.undo]
            return [*step.undo, *self.bring_back(step, depth), *rest]
        calls_user = isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction)
        if step.reads_old or not step.reads_result and not calls_user:
            return step.keep + pops + step.code
        return step.code + pops

    def pops(self, stmt: Stmt, depth: int) -> list[Stmt]:
        out: list[Stmt] = []
        for name in self.plan.before.get(stmt, {}):
            if depth:
                out.append(Pop(self.tape(name), name, unit=stmt.unit))
            else:
                out.append(Assign((name,), "copy", (Var(self.kept[(stmt, name)]),), unit=stmt.unit))
        return out

    def bring_back(self, step: Step, depth: int) -> list[Stmt]:
        """Undo a store whose old content some adjoint reads."""
        stmt = step.stmt
        if stmt not in self.plan.content or not isinstance(stmt, Store):
            return []
        assert step.undo_index is not None
        if self.is_new_item(stmt):
            gone = (stmt.base, step.undo_index)
            return [Assign((), "operator.delitem", gone, unit=stmt.unit)]
        if depth:
            old = self.build.fresh(f"{stmt.base.name}%old")
            get: Code = [Pop(self.tape(f"{stmt.base.name}%old"), old, unit=stmt.unit)]
            value = Var(old)
        else:
            get, value = [], Var(self.kept[(stmt, "[]")])
        if self.may_be_new(stmt):
            put = (stmt.base, step.undo_index, value)
            return [*get, Assign((), PUT_BACK, put, unit=stmt.unit)]
        return [*get, Store(stmt.base, step.undo_index, value, unit=stmt.unit, restores=True)]

    def again(self, stmt: Stmt, position: int, depth: int) -> list[Stmt]:
        """At the start of a reversed block: values recorded at its end, or computed again."""
        out: list[Stmt] = []
        for name in reversed(list(self.plan.at_end.get((stmt, position), {}))):
            out.append(Pop(self.tape(name), name, unit=-1))
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
