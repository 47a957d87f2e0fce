"""Changes of what a tape holds already: the adjoint reads them, where nothing after them does.

    b = np.zeros(3)
    b_tape.append(b)
    b[1] = x[i]

The adjoint takes `b` from the tape with what was stored into it since.
"""

from __future__ import annotations

from srcgrad.ir.core import Assign, Block, If, Push, Stmt, Store
from srcgrad.ir.walk import AUGMENTED, COMPOUND, blocks, names, walk, writes


def held_changes(block: Block) -> frozenset[Stmt]:
    """The statements that write into what was recorded before, under the name that it has."""
    found: set[Stmt] = set()
    if any(isinstance(stmt, Push) for stmt in walk(block)):
        _block(block, set(), found)
    return frozenset(found)


def _block(block: Block, held: set[str], found: set[Stmt]) -> None:
    """`held`: names of what is on a tape, updated to after the block."""
    for stmt in block:
        if isinstance(stmt, Push):
            held.update(names((stmt.value,)))
        elif isinstance(stmt, Store):
            if stmt.base.name in held:
                found.add(stmt)
        elif isinstance(stmt, Assign):
            _assign(stmt, held, found)
        elif isinstance(stmt, If):
            other = set(held)
            _block(stmt.then, held, found)
            _block(stmt.orelse, other, found)
            held |= other
        elif type(stmt) in COMPOUND:
            pushes = (s.value for s in walk((stmt,)) if isinstance(s, Push))
            held.update(names(pushes))  # by an earlier turn
            for inner in blocks(stmt):
                after = set(held)
                _block(inner, after, found)
                held |= after
        else:
            held.difference_update(writes(stmt))


def _assign(stmt: Assign, held: set[str], found: set[Stmt]) -> None:
    if not held:
        return
    if stmt.fn in AUGMENTED or not stmt.targets:
        if not held.isdisjoint(names(stmt.args[:1])):
            found.add(stmt)
    else:
        held.difference_update(stmt.targets)
