"""Activity: which values depend on an input (varied) and reach the output (useful).

Varied flows forward, useful backward, both along operands that an operation differentiates through;
a
store into an array never ends what was varied or useful in it. Reference: Hascoet and Pascual, "The
Tapenade automatic differentiation tool", ACM TOMS 39(3), 2013, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from srcgrad.analysis.flow import differentiable
from srcgrad.analysis.invariance import cancelling
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Block, Exit, For, Function, If, Stmt, Store, Var, While
from srcgrad.ir.walk import assigned, is_list_step, names, read_names, stored, writes


@dataclass(slots=True)
class Activity:
    """`varied[s]`: operands of s that carry a derivative. `useful`: statements whose result is
    used.

    `heads[loop]`: variables that depend on the arguments where an iteration begins.
    `entry[loop]`: variables whose adjoint may be non-zero at the end of the loop's body.
    """

    varied: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    useful: set[Stmt] = field(default_factory=set)
    entry: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    heads: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    varied_result: bool = False
    names: set[str] = field(default_factory=set)  # all that carry a derivative somewhere

    def is_active(self, stmt: Stmt) -> bool:
        """True if a derivative flows through the statement to the output."""
        return stmt in self.useful and bool(self.varied.get(stmt))


def find_activity(fn: Function, kinds: KindFacts, wrt: Iterable[str]) -> Activity:
    """Activity of `fn` with respect to the parameters `wrt`."""
    facts = Activity()
    run = _Activity(kinds, facts, cancelling(fn, kinds))
    run.forward(fn.body, set(wrt))
    run.backward(fn.body, set())
    facts.names |= set(wrt)
    for stmt, varied in facts.varied.items():
        facts.names |= varied | set(writes(stmt) if varied else ())
    return facts


class _Activity:
    def __init__(self, kinds: KindFacts, facts: Activity, still: Iterable[Stmt]) -> None:
        self.kinds = kinds
        self.facts = facts
        # an extremum whose adjoint is zero depends on nothing
        self.through: dict[Stmt, frozenset[str]] = dict.fromkeys(still, frozenset())

    def carriers(self, stmt: Assign) -> frozenset[str]:
        found = self.through.get(stmt)
        if found is None:
            found = differentiable(stmt, self.kinds)
            self.through[stmt] = found
        return found

    # varied, forward
    def forward(self, block: Block, varied: set[str]) -> None:
        """Updates `varied` in place to what holds after the block."""
        for stmt in block:
            if isinstance(stmt, Assign):
                self.forward_assign(stmt, varied)
            elif isinstance(stmt, Store):
                value = frozenset(names((stmt.value,))) & varied
                if isinstance(stmt.value, Var) and self.kinds.before(stmt, stmt.value).is_discrete:
                    value = frozenset()
                self.facts.varied[stmt] = value | ({stmt.base.name} & varied)
                if value and not self.kinds.before(stmt, stmt.base).is_discrete:
                    varied.add(stmt.base.name)
            elif isinstance(stmt, If):
                other = set(varied)
                self.forward(stmt.then, varied)
                self.forward(stmt.orelse, other)
                varied |= other
            elif isinstance(stmt, (For, While)):
                self.forward_loop(stmt, varied)
            elif isinstance(stmt, Exit) and stmt.kind == "return":
                value = frozenset(names((stmt.value,))) & varied
                self.facts.varied[stmt] = value
                self.facts.varied_result |= bool(value)

    def forward_assign(self, stmt: Assign, varied: set[str]) -> None:
        carried = self.carriers(stmt) & varied
        if is_list_step(stmt):  # the adjoint of the list follows, whatever is put in
            base = set(names(stmt.args[:1]))
            carried |= base & varied
            varied |= base if carried else set()
        self.facts.varied[stmt] = carried
        for name in stmt.targets:
            if carried and not self.kinds.after(stmt, name).is_discrete:
                varied.add(name)
            else:
                varied.discard(name)

    def forward_loop(self, stmt: For | While, varied: set[str]) -> None:
        if isinstance(stmt, For):
            varied.discard(stmt.index)
        while True:
            before = set(varied)
            if isinstance(stmt, While):
                self.forward(stmt.test, varied)
            end = set(varied)
            self.forward(stmt.body, end)
            varied |= before | end
            if varied == before:
                # what is varied in the first iteration alone has an adjoint there, too
                self.facts.heads[stmt] = frozenset(varied)
                return

    # useful, backward
    def backward(self, block: Block, useful: set[str]) -> None:
        """Updates `useful` in place from what holds after the block to what holds before it."""
        for stmt in reversed(block):
            if isinstance(stmt, Assign):
                if is_list_step(stmt):
                    self.backward_list(stmt, useful)
                elif useful.intersection(stmt.targets):
                    self.facts.useful.add(stmt)
                    useful.difference_update(stmt.targets)
                    useful |= self.carriers(stmt)
            elif isinstance(stmt, Store):
                if stmt.base.name in useful:
                    self.facts.useful.add(stmt)
                    useful |= set(names((stmt.value,)))
            elif isinstance(stmt, If):
                other = set(useful)
                self.backward(stmt.then, useful)
                self.backward(stmt.orelse, other)
                useful |= other
            elif isinstance(stmt, (For, While)):
                self.backward_loop(stmt, useful)
            elif isinstance(stmt, Exit) and stmt.kind == "return":
                self.facts.useful.add(stmt)
                useful.clear()
                useful |= set(names((stmt.value,)))

    def backward_list(self, stmt: Assign, useful: set[str]) -> None:
        """A list that is useful stays so, and takes what is appended to it."""
        if useful.intersection([*stmt.targets, *names(stmt.args[:1])]):
            self.facts.useful.add(stmt)
            useful.difference_update(stmt.targets)
            useful |= self.carriers(stmt) | set(names(stmt.args[:1]))

    def backward_loop(self, stmt: For | While, useful: set[str]) -> None:
        touched = assigned((stmt,)) | read_names((stmt,)) | stored((stmt,))
        while True:
            end = set(useful)
            head = set(useful)
            self.backward(stmt.body, head)
            if isinstance(stmt, While):
                self.backward(stmt.test, head)
            useful |= head
            if useful == end:
                break
        if isinstance(stmt, For):
            useful.discard(stmt.index)
        self.facts.entry[stmt] = frozenset(end & self.facts.heads[stmt] & touched)
