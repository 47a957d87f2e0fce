"""Operands as the backward sweep reads them: named values, or cheap ones computed again where they
stand.

An index, a shape, a view or a comparison is written again in the adjoint of its own statement
instead
of being kept: it costs nothing, and reads like the user's text.
"""

from __future__ import annotations

from collections.abc import Container

from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.steps import Step
from srcgrad.analysis.indexing import selection
from srcgrad.ir.core import Assign, Atom, Block, Const, Stmt, Var
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import blocks, reads, walk
from srcgrad.rules.registry import lookup

COMPARISONS = frozenset(f"operator.{name}" for name in ("lt", "le", "gt", "ge", "eq", "ne"))
CHEAP = COMPARISONS | {
    "copy", "slice", "tuple", "builtins.len", "operator.not_", "operator.is_", "operator.is_not",
    "numpy.shape",
}  # fmt: skip
CHEAP_SCALAR = frozenset(
    {"operator.add", "operator.sub", "operator.mul", "operator.neg", "operator.truediv"}
)


class Operands:
    """Finds, for an operand, the text the adjoint should read."""

    def __init__(self, context: Context, build: Builder) -> None:
        self.context = context
        self.build = build
        self.all_defs: dict[str, Assign] = {}
        self.defs: dict[str, Assign] = {}  # of temporaries
        self.in_loop: set[str] = set()
        self.assigned: set[str] = set()
        self.unit_writes: dict[int, dict[str, int]] = {}  # by how many statements
        # numbers of sites that a call written out in a statement writes, before that ends
        self.unit_sites: dict[int, set[int]] = {}
        self.step: Step | None = None
        self.collect(context.fn.body, 0)

    def collect(self, block: Block, depth: int) -> None:
        """Definitions of temporaries that are assigned once."""
        counts: dict[str, int] = {}
        stack = [(block, depth)]
        while stack:
            block, depth = stack.pop()
            self.note_memory(block)
            for stmt in block:
                if isinstance(stmt, Assign):
                    self.note(stmt, depth, counts)
                nested = 0 if not blocks(stmt) or hasattr(stmt, "then") else 1
                stack.extend((inner, depth + nested) for inner in blocks(stmt))
        self.assigned = set(counts)
        params = {p.name for p in self.context.fn.params}
        self.all_defs = {
            n: made for n, made in self.all_defs.items() if counts[n] == 1 and n not in params
        }
        self.defs = {n: made for n, made in self.all_defs.items() if "@" in n and "@v" not in n}

    def note(self, stmt: Assign, depth: int, counts: dict[str, int]) -> None:
        for name in stmt.targets:
            counts[name] = counts.get(name, 0) + 1
            if "@" not in name or "@v" in name:
                self.note_write(stmt.unit, name)
            if len(stmt.targets) == 1:
                self.all_defs[name] = stmt
                if depth:
                    self.in_loop.add(name)

    def note_write(self, unit: int, name: str) -> None:
        """The statement assigns a name, and so do those with a call it was written out for."""
        while unit >= 0:
            writes = self.unit_writes.setdefault(unit, {})
            writes[name] = writes.get(name, 0) + 1
            known = self.context.fn.units.get(unit)
            unit = -1 if known is None else known.caller

    def note_memory(self, block: Block) -> None:
        """Calls written out between the parts of a statement write what it read before."""
        last: dict[int, int] = {}
        for position, stmt in enumerate(block):
            unit = stmt.unit
            while unit >= 0:  # the result of a call may be the target: then its body comes last
                last[unit] = position
                known = self.context.fn.units.get(unit)
                unit = -1 if known is None else known.within
        begun: set[int] = set()
        for position, stmt in enumerate(block):
            begun = {unit for unit in begun if unit >= 0 and last[unit] >= position}
            around = begun - {stmt.unit}
            for part in walk((stmt,)) if around else ():
                sites = {site.number for site in self.context.aliases.written.get(part, ())}
                for unit in around if sites else ():
                    self.unit_sites.setdefault(unit, set()).update(sites)
            begun.add(stmt.unit)

    def single(self, name: str) -> Assign | None:
        """The definition of a variable that is assigned by one statement only."""
        return self.all_defs.get(name)

    def start(self, step: Step) -> None:
        """Operands are now read for this step."""
        self.step = step

    def kind(self, name: str) -> Kind:
        """Kind of a variable that the statement at hand does not read itself."""
        stmt = self.defs.get(name)
        if stmt is not None:
            return self.context.kinds.after(stmt, name)
        for known in reversed(self.step.expanded if self.step else []):
            found = self.context.kinds.reads.get(known, {}).get(name)
            if found is not None:
                return found
        return UNKNOWN

    def expand(self, atom: Atom, changed: Container[str] = ()) -> Atom:
        """The operand itself, or its cheap definition written again. `changed`: names not to be
        trusted."""
        if not isinstance(atom, Var):
            return atom
        stmt = self.defs.get(atom.name)
        if stmt is None or not self.is_cheap(stmt) or not self.is_intact(stmt, changed):
            return atom
        if self.step is not None:
            self.step.expanded.append(stmt)
        args = [self.expand(arg, changed) for arg in stmt.args]
        kwargs = [(key, self.expand(arg, changed)) for key, arg in stmt.kwargs]
        if stmt.fn == "copy":
            return args[0]
        return self.build.emit(
            stmt.fn, args, kwargs, kind=self.context.kinds.after(stmt, atom.name)
        )

    def is_intact(self, stmt: Assign, changed: Container[str]) -> bool:
        """True if what the definition reads still holds at the statement at hand."""
        written = self.unit_sites.get(stmt.unit)
        if written and stmt.fn != "copy":
            found = self.context.aliases.reads.get(stmt, {}).values()
            if any(site.number in written for sites in found for site in sites):
                return False
        writes, last = self.unit_writes.get(stmt.unit, {}), self.final_target(stmt)
        early = {name for name, count in writes.items() if count > (name in last)}
        return all(name not in changed and name not in early for name in reads(stmt))

    def final_target(self, stmt: Assign) -> set[str]:
        """Targets of the last statement of a unit: that assigns after every operand was read."""
        unit = self.context.fn.units.get(stmt.unit)
        last: Stmt | None = unit.stmts[-1] if unit is not None and unit.stmts else None
        return set(last.targets) if isinstance(last, Assign) else set()

    def is_made_of_kept(self, stmt: Assign) -> bool:
        """True for a number such as `a * b / c` in a loop: its adjoint reads all of these anyway,
        and making it again costs less than recording it."""
        name = stmt.target
        if stmt.fn != "operator.truediv" or name not in self.in_loop:
            return False
        if name not in self.defs or not self.context.kinds.after(stmt, name).is_scalar:
            return False
        top = stmt.args[0]
        made = self.defs.get(top.name) if isinstance(top, Var) else None
        if made is None or made.fn != "operator.mul" or not self.is_cheap(stmt):
            return False
        varied = self.context.activity.varied.get(made, frozenset())
        return all(isinstance(arg, Var) and arg.name in varied for arg in made.args)

    def names_under(self, name: str) -> set[str]:
        """A variable and what its cheap definition may read."""
        found, pending = set(), [name]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                stmt = self.defs.get(name)
                if stmt is not None:
                    pending.extend(a.name for a in stmt.args if isinstance(a, Var))
        return found

    def is_cheap(self, stmt: Assign) -> bool:
        fn = stmt.fn
        if not isinstance(fn, str) or fn != "copy" and self.context.reads_grown(stmt):
            return False
        if fn in COMPARISONS and self.is_mask(stmt):
            return False
        if fn in CHEAP or fn.startswith(("attr.", "load.")):
            return True
        kinds = self.context.kinds
        if fn == "operator.getitem":
            base, index = (kinds.before(stmt, atom) for atom in stmt.args)
            return selection(base, index) in ("basic", "key") or isinstance(stmt.args[1], Const)
        result = kinds.after(stmt, stmt.target)
        if (fn in CHEAP_SCALAR or fn == "operator.pow" and _is_small(stmt)) and result.is_scalar:
            return stmt.target in self.in_loop or result.is_discrete
        prim = lookup(fn)
        return prim is not None and prim.cheap

    def is_mask(self, stmt: Assign) -> bool:
        """True for a comparison of an array that has no name: to keep that would take more
        memory."""
        if not self.context.kinds.after(stmt, stmt.target).rank:
            return False
        made = (self.defs.get(atom.name) for atom in stmt.args if isinstance(atom, Var))
        return any(m is not None and not self.is_cheap(m) for m in made)


def _is_small(stmt: Assign) -> bool:
    """True for a square or a cube."""
    exponent = stmt.args[1]
    return isinstance(exponent, Const) and exponent.value in (2, 3)
