"""Lists that grow and shrink: the adjoint of `append` is `pop`, and that of `pop` is `append`.

The adjoint of a list is a list of the same length. Going backward through the program it grows and
shrinks as the list did, in reverse. Recorded values of a derivative are such lists, so that a
derivative can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable

from srcgrad import support
from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import ADD, OWN, Leaf
from srcgrad.ad.steps import Step
from srcgrad.analysis.complexes import Numbers
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import LIST_STEPS, is_list_step
from srcgrad.rules.naming import canonical_name

TAKEN_OUT = canonical_name(support.taken_out)
PUT_IN = canonical_name(support.put_in)
TAIL = canonical_name(support.tail_of)

__all__ = ["LIST_STEPS", "ListAdjoints", "is_list_step", "list_for_zeros"]


class ListAdjoints:
    """Writes the adjoints of steps that change the length or order of a list."""

    def __init__(self, context: Context, build: Builder, adjoints: Adjoints) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints
        self.steps: dict[str, Callable[[Assign, Var, Step], None]] = {
            "method.append": self.append,
            "method.extend": self.extend,
            "method.insert": self.insert,
            "method.pop": self.pop,
            "method.clear": self.clear,
            "method.reverse": self.reverse,
            "operator.delitem": self.remove,
        }

    def adjoint(self, stmt: Assign, step: Step) -> None:
        base = stmt.args[0]
        assert isinstance(base, Var) and isinstance(stmt.fn, str)
        used = any(map(self.adjoints.present, (base.name, *stmt.targets)))
        if not used or stmt not in self.context.activity.useful:
            return
        if not self.context.activity.varied.get(stmt):
            return
        kind = self.context.kinds.before(stmt, base)
        if kind.tag == "dict" and stmt.fn == "method.clear":
            self.clear(stmt, base, step)
        elif kind.tag == "dict" and stmt.fn == "operator.delitem":
            self.adjoints.remove_item(base, stmt.args[1], kind)
        elif kind.tag not in ("list", "unknown"):
            name = str(stmt.fn).rpartition(".")[2]
            self.context.refuse(stmt, f"`.{name}` of a {kind.tag}", "use a list")
        else:
            self.steps[stmt.fn](stmt, base, step)

    def memory(self, base: Var) -> Leaf:
        return self.adjoints.memory(base.name, Kind("list"), base)

    def call(self, fn: str, *args: Atom) -> None:
        self.build.code.append(Assign((), fn, args, unit=self.build.unit))

    def taken(self, fn: str, args: tuple[Atom, ...], stmt: Assign, value: Atom) -> None:
        """What leaves the adjoint of the list is the adjoint of the value that was put in."""
        if not isinstance(value, Var) or not self.context.is_varied(stmt, value):
            self.call(fn, *args)
            return
        name = self.build.fresh()
        kind = self.context.kinds.before(stmt, value)
        both = self.context.holds_complex(stmt.args[0])
        narrow = kind.dtype not in ("f8", "pf")  # among wider items, its adjoint may be wide
        made = kind.with_dtype("?") if narrow and (kind.is_scalar or kind.is_array) else kind
        self.build.kinds[name] = made if fn != TAIL and not both else UNKNOWN
        if both:  # of items that are real here, too
            self.build.complexes[name] = Numbers.COMPLEX
        self.build.code.append(Assign((name,), fn, args, unit=self.build.unit))
        self.adjoints.add((value.name,), kind, Leaf(Var(name)))

    def append(self, stmt: Assign, base: Var, step: Step) -> None:
        self.taken("method.pop", (self.memory(base).atom,), stmt, stmt.args[1])

    def insert(self, stmt: Assign, base: Var, step: Step) -> None:
        _, index, value = stmt.args
        given = (self.memory(base).atom, index)
        self.taken("method.pop" if index == Const(0) else TAKEN_OUT, given, stmt, value)

    def extend(self, stmt: Assign, base: Var, step: Step) -> None:
        items = stmt.args[1]
        if self.context.kinds.before(stmt, items).tag not in ("list", "tuple", "array"):
            self.context.refuse(stmt, "`.extend` by something else than a list", "use `list(...)`")
            return
        self.taken(TAIL, (self.memory(base).atom, items), stmt, items)

    def pop(self, stmt: Assign, base: Var, step: Step) -> None:
        value: Atom = Const(0.0)
        if stmt.targets:
            target = stmt.target
            kind = self.context.kinds.after(stmt, target)
            tree = self.adjoints.take(target)
            filled = self.adjoints.filled(tree, kind, Var(target))
            value = self.adjoints.expand(filled, Var(target)).atom
            step.reads_result = True
        leaf = self.memory(base)
        if len(stmt.args) == 1:
            self.call("method.append", leaf.atom, value)
        else:
            self.call(PUT_IN, leaf.atom, stmt.args[1], value)

    def reverse(self, stmt: Assign, base: Var, step: Step) -> None:
        self.call("method.reverse", self.memory(base).atom)

    def clear(self, stmt: Assign, base: Var, step: Step) -> None:
        """What the list held before is of no use after."""
        self.adjoints.take(base.name)

    def remove(self, stmt: Assign, base: Var, step: Step) -> None:
        """`del items[i]`: nothing reads the item any more."""
        index = stmt.args[1]
        if not self.context.kinds.before(stmt, index).is_scalar:
            self.context.refuse(stmt, "`del` of a slice", "make a new list of the rest")
            return
        self.call(PUT_IN, self.memory(base).atom, index, Const(0.0))


def list_for_zeros(build: Builder, leaf: Leaf, kind: Kind) -> Leaf:
    """The adjoint of a list for which 0.0 may stand: all of its items, if they are known."""
    if kind.items is None:
        return Leaf(build.emit(OWN, (leaf.atom,), kind=Kind("list")), owned=True)
    full = build.emit("list", [Const(0.0)] * len(kind.items), kind=Kind("list"))
    return Leaf(build.emit(ADD, (full, leaf.atom), kind=Kind("list")), owned=True)
