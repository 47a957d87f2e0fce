"""Systems of equations of which the factors are kept, for the derivative.

    y = scipy.linalg.solve(a, b)    ->    factors = factored(a)
                                          y = solve_by(factors, a, b)

The library's function factors the matrix and forgets it; its adjoint and its tangent need another
system of the same matrix. Only general real or complex matrices of known rank: what else the
function is told of its matrix, it may make use of.
"""

from __future__ import annotations

from dataclasses import replace

from srcgrad import support_systems
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Block, For, Function, Stmt, Var, While
from srcgrad.ir.walk import blocks, rebuild, same
from srcgrad.rules.naming import canonical_name

SOLVE = "scipy.linalg.solve"
FACTORED = canonical_name(support_systems.factored)
SOLVE_BY = canonical_name(support_systems.solve_by)


def with_kept_factors(fn: Function, kinds: KindFacts, everywhere: bool) -> Function:
    """The function with its systems solved by factors.

    Not in loops, unless `everywhere`: reverse mode would keep those of each step.
    """
    body = _Factoring(kinds, everywhere).block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


@dataclass(slots=True)
class _Factoring:
    kinds: KindFacts
    everywhere: bool
    count: int = 0

    def block(self, block: Block) -> Block:
        out = [made for stmt in block for made in self.statement(stmt)]
        return same(block, out)

    def statement(self, stmt: Stmt) -> list[Stmt]:
        if isinstance(stmt, Assign) and self.is_general(stmt):
            self.count += 1
            factors = f"factors@c{self.count}"
            first = Assign((factors,), FACTORED, stmt.args[:1], unit=stmt.unit)
            return [first, replace(stmt, fn=SOLVE_BY, args=(Var(factors), *stmt.args))]
        if isinstance(stmt, (For, While)) and not self.everywhere or not any(blocks(stmt)):
            return [stmt]
        return [rebuild(stmt, self.block)]

    def is_general(self, stmt: Assign) -> bool:
        """Whether a system is solved of one full matrix."""
        if stmt.fn != SOLVE or stmt.kwargs or len(stmt.args) != 2:
            return False
        a, b = (self.kinds.before(stmt, atom) for atom in stmt.args)
        return a.is_float and a.rank == 2 and b.is_float and b.rank in (1, 2)
