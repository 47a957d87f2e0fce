"""Temporaries that wait for their reader, into whose expression they are printed.

What a temporary reads must be the same where its reader stands: before a statement that may change
it, the temporary gets a line of its own.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from srcgrad.emit.crossing import Memory, written
from srcgrad.emit.inline import MAX_DEPTH, block_reads, count_reads, foldable, may_change_memory
from srcgrad.emit.terms import name, without_slices
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Push, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, operands, reads, walk


@dataclass(slots=True)
class Pending:
    """A temporary that waits for its reader."""

    stmt: Assign
    expr: ast.expr
    reads: set[str]
    depth: int
    inside: tuple[Stmt, ...]  # the statements folded into it, itself last


class Folding(ABC):
    """What is waiting while the statements of a function are printed."""

    def __init__(
        self, fn: Function, final: Callable[[str], str], kinds: Mapping[str, Kind]
    ) -> None:
        self.fn = fn
        self.final: Callable[[str], str] = final
        self.kinds = kinds
        self.reads = count_reads(fn)
        self.folds = foldable(fn, self.reads)
        self.pending: dict[str, Pending] = {}
        self.backward = False
        self.used: list[Pending] = []
        self.memory: Memory | None = None
        self.leaving: list[str] = []  # names to be let go of, once they have been read

    @abstractmethod
    def atom(self, atom: Atom) -> ast.expr:
        """An operand that does not wait."""

    @abstractmethod
    def operation(self, stmt: Assign) -> ast.expr:
        """The expression of an assignment."""

    @abstractmethod
    def comment(self, stmt: Stmt, out: list[ast.stmt]) -> None:
        """Write what stands above a statement."""

    def expr(self, atom: Atom) -> ast.expr:
        if isinstance(atom, Var) and atom.name in self.pending:
            found = self.pending.pop(atom.name)
            self.used.append(found)
            return found.expr
        return self.atom(atom)

    def flush(self, out: list[ast.stmt], wanted: set[str] | None) -> None:
        """Write pending temporaries (those in `wanted`, or all) as statements of their own."""
        for temp in [n for n in self.pending if wanted is None or n in wanted]:
            found = self.pending.pop(temp)
            self.flush(out, found.reads & self.pending.keys())
            self.comment(found.stmt, out)
            out.append(assign([name(self.final(temp))], without_slices(found.expr)))

    def flush_written(self, out: list[ast.stmt], block: Block) -> None:
        """Before names change, write what would read them too late."""
        if not self.pending:
            return
        if type(block[0]) is Assign and len(block) == 1:  # most are
            changed, own = set(block[0].targets), reads(block[0])
            memory = may_change_memory(block[0])
        else:
            changed, own = assigned(block), frozenset(block_reads(block))
            memory = any(map(may_change_memory, walk(block)))
        late = {
            n
            for n, p in self.pending.items()
            if n not in own and (p.reads & changed or memory and not self.crosses(p, block))
        }
        late |= {s.base.name for s in block if isinstance(s, Store) and s.index == Const(Ellipsis)}
        self.flush(out, late)
        self.let_go(out)

    def let_go(self, out: list[ast.stmt]) -> None:
        """Write `del` for the names that no temporary is waiting to read."""
        if not self.leaving:
            return
        if out and isinstance(out[-1], (ast.Return, ast.Break, ast.Continue)):
            self.leaving.clear()
        for target in [t for t in self.leaving if not self.is_awaited(t)]:
            self.leaving.remove(target)
            out.append(ast.Delete([ast.Name(self.final(target), ast.Del())]))

    def is_awaited(self, target: str) -> bool:
        return any(target in temp.reads for temp in self.pending.values())

    def crosses(self, temp: Pending, block: Block) -> bool:
        """True if it does not matter to a temporary that a statement of the adjoint comes first."""
        stmt = block[0]
        if not self.backward or len(block) > 1:
            return False
        if isinstance(stmt, Push):
            return stmt.tape not in temp.reads
        base = written(stmt)
        if base is None:
            return False
        self.memory = self.memory or Memory(self.fn, self.kinds)
        return self.memory.is_apart(base, temp.reads)

    def hold(self, stmt: Assign, out: list[ast.stmt]) -> None:
        """Keep an operation until its reader is printed."""
        target, pending = stmt.targets[0], self.pending
        read = [atom.name for atom in operands(stmt) if type(atom) is Var]
        parts = [pending[n] for n in read if n in pending]
        if not parts:
            pending[target] = Pending(stmt, self.operation(stmt), set(read), 1, (stmt,))
            return
        deep = {n for n in read if n in pending and pending[n].depth > MAX_DEPTH}
        if deep:
            self.flush(out, deep)
            parts = [pending[n] for n in read if n in pending]
        reads = set(read).union(*[p.reads for p in parts])
        depth = 1 + max([p.depth for p in parts], default=0)
        inside = (*[s for p in parts for s in p.inside], stmt)
        pending[target] = Pending(stmt, self.operation(stmt), reads, depth, inside)


def assign(targets: list[ast.expr], value: ast.expr) -> ast.Assign:
    return ast.Assign(targets, value, lineno=0)
