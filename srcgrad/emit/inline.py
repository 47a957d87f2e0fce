"""Which temporaries are printed inside their only reader, instead of on a line of their own.

A temporary folds if it is assigned once, read once, and nothing it reads is overwritten between.
The
forward sweep so gets the user's nested expressions back; NumPy reuses dead temporaries only in
nested
form, so it is faster too.
"""

from __future__ import annotations

from collections import Counter

from srcgrad.ir.core import Assign, Atom, Block, Function, Push, Stmt, Store, Var, While
from srcgrad.ir.library import draws
from srcgrad.ir.walk import MUTATORS, is_temporary, makers, names, operands, reads, tally, walk

MAX_DEPTH = 40  # astor and black both recurse over nested expressions
RESULT = "out%value"
IMPURE = frozenset({"assert", "raise", "section", "call", "with.enter", "with.leave", "try.caught"})
# They take items out of the list given: `x_bar[0] += taken_out(x_bar, 1)` would read x_bar[0] first
IMPURE |= {"srcgrad.support.taken_out", "srcgrad.support.tail_of"}
IMPURE |= {"srcgrad.support_checkpoints.random_state"}


def count_reads(fn: Function) -> Counter[str]:
    """How often each variable is read in the text of the program."""
    return Counter([
        atom.name
        for stmt in walk(fn.body)
        for atom in _all_operands(stmt)
        if type(atom) is Var
    ])  # fmt: skip


def foldable(fn: Function, read: Counter[str]) -> frozenset[str]:
    """Temporaries assigned once and read once anywhere in the program; `read` is `count_reads`."""
    bound, _ = tally(fn.body)
    single = {n for n, c in bound.items() if c == 1 and read[n] == 1 and is_temporary(n)}
    single |= {n for n in (RESULT,) if bound[n] == 1 and read[n] == 1 and _is_rename(fn, n)}
    made = makers(fn.body)
    return frozenset([name for name in single if name in made and is_pure(made[name])])


def _is_rename(fn: Function, name: str) -> bool:
    """True if the result is a variable of the user's, which needs no second name."""
    return any(
        isinstance(s, Assign)
        and s.targets == (name,)
        and s.fn == "copy"
        and isinstance(s.args[0], Var)
        and not is_temporary(s.args[0].name)
        for s in walk(fn.body)
    )


def is_pure(stmt: Assign) -> bool:
    """True if it does not matter when, between its operands and its reader, the value is
    computed."""
    if not isinstance(stmt.fn, str):
        return False
    if stmt.fn.startswith("method."):
        return stmt.fn in (
            "method.copy",
            "method.conj",
            "method.astype",
            "method.flatten",
            "method.item",
            "method.keys",
        )
    return stmt.fn not in IMPURE and not draws(stmt.fn)


def may_change_memory(stmt: Stmt) -> bool:
    """True for stores, and calls for an effect, or with one beside a result: `v = xs.pop()`."""
    if not isinstance(stmt, Assign):
        return isinstance(stmt, (Store, Push))
    if any(key == "out" for key, _ in stmt.kwargs):
        return True
    if not stmt.targets or stmt.fn in MUTATORS or stmt.fn in ("call", "with.enter"):
        return True
    is_method = isinstance(stmt.fn, str) and stmt.fn.startswith("method.")
    return is_method and not is_pure(stmt)


def _all_operands(stmt: Stmt) -> tuple[Atom, ...]:
    return (stmt.cond,) if isinstance(stmt, While) else operands(stmt)


def block_reads(block: Block) -> set[str]:
    found: set[str] = set()
    for stmt in walk(block):
        found |= set(names((stmt.cond,))) if isinstance(stmt, While) else reads(stmt)
    return found
