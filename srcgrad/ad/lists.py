"""Lists that grow and shrink: the adjoint of `append` is `pop`, and that of `pop` is `append`.

The adjoint of a list is a list of the same length. Going backward through the program it grows and
shrinks as the list did, in reverse. Recorded values of a derivative are such lists, so that a
derivative can be differentiated again.
"""

from __future__ import annotations

from srcgrad.ad.adjoints import Adjoints, Leaf
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.steps import Step
from srcgrad.ir.core import Assign, Var
from srcgrad.ir.kinds import Kind

GROWING = frozenset({"method.append", "method.pop"})


def is_list_step(stmt: Assign) -> bool:
    """True for `xs.append(v)` and `v = xs.pop()` on a variable."""
    if stmt.fn not in GROWING or not stmt.args or not isinstance(stmt.args[0], Var) or stmt.kwargs:
        return False
    return len(stmt.args) == (2 if stmt.fn == "method.append" else 1)


class ListAdjoints:
    """Writes the adjoints of steps that change the length of a list."""

    def __init__(self, context: Context, build: Builder, adjoints: Adjoints) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints

    def adjoint(self, stmt: Assign, step: Step) -> None:
        if stmt not in self.context.activity.useful or not self.context.activity.varied.get(stmt):
            return
        base = stmt.args[0]
        assert isinstance(base, Var)
        kind = self.context.kinds.before(stmt, base)
        if kind.tag not in ("list", "unknown"):
            self.context.refuse(stmt, f"`.{str(stmt.fn)[7:]}` of a {kind.tag}", "use a list")
            return
        if stmt.fn == "method.append":
            self.append(stmt, base)
        else:
            self.pop(stmt, base, step)

    def memory(self, base: Var) -> Leaf:
        return self.adjoints.memory(base.name, Kind("list"), base)

    def append(self, stmt: Assign, base: Var) -> None:
        value = stmt.args[1]
        leaf = self.memory(base)
        popped = self.build.fresh()
        kind = self.context.kinds.before(stmt, value)
        self.build.kinds[popped] = kind
        self.build.code.append(Assign((popped,), "method.pop", (leaf.atom,), unit=self.build.unit))
        if isinstance(value, Var) and self.context.is_varied(stmt, value):
            self.adjoints.add((value.name,), kind, Leaf(Var(popped)))

    def pop(self, stmt: Assign, base: Var, step: Step) -> None:
        target = stmt.target
        kind = self.context.kinds.after(stmt, target)
        tree = self.adjoints.take(target)
        filled = self.adjoints.filled(tree, kind, Var(target))
        value = self.adjoints.expand(filled, Var(target)).atom
        step.reads_result = True
        leaf = self.memory(base)
        self.build.code.append(
            Assign((), "method.append", (leaf.atom, value), unit=self.build.unit)
        )
