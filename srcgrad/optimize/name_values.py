"""A value that is only given a name is made under that name.

y_bar_1 = x_bar[i]                   y_bar = x_bar[i]
x_bar[i] = 0.0                ->     x_bar[i] = 0.0
y_bar = y_bar_1

An argument that is not worked on any more needs no second name either, nor does an adjoint whose
first name stays in use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TypeGuard

from srcgrad.ir.classes import replace
from srcgrad.ir.core import Assign, Atom, Block, Exit, Function, Stmt, Var
from srcgrad.ir.walk import (
    COMPOUND,
    assigned,
    blocks,
    is_temporary,
    names,
    reads,
    rebuild,
    substitute,
    tally,
    within,
    writes,
)

GIVEN = "%given"  # ends names of arguments that are kept while a copy is worked on


def name_values(fn: Function) -> Function:
    """The function without copies of temporaries that nothing else reads.

    Statements that stay as they are are the same objects.
    """
    fn = _with_one_name(fn)
    bound, read = tally(fn.body)
    bound.update(p.name for p in fn.params)
    body = _block(fn.body, bound, read)
    same: dict[Atom, Atom] = {}
    for block in _blocks(body):
        _find_aliases(block, bound, same)
    return replace(fn, body=_renamed(body, same) if same else body)


def _blocks(block: Block) -> Iterator[Block]:
    yield block
    for stmt in block:
        if type(stmt) in COMPOUND:
            for inner in blocks(stmt):
                yield from _blocks(inner)


def _find_aliases(block: Block, bound: Counter[str], same: dict[Atom, Atom]) -> None:
    """Put into `same` adjoints that are another one from where the block makes that, and whose name
    says no more.

    Both are bound here alone, and nothing between reads the second, or leaves the block: it would
    be the one of the step before.
    """
    made: set[str] = set()
    seen: set[str] = set()
    for stmt in block:
        if type(stmt) in COMPOUND or isinstance(stmt, Exit):
            made, seen = set(), set()
            continue
        target = stmt.targets[0] if isinstance(stmt, Assign) and len(stmt.targets) == 1 else ""
        if isinstance(stmt, Assign) and bound.get(target) == 1:
            plain = stmt.fn == "copy" and "%bar" in target and "@" in target
            source = stmt.args[0] if plain else None
            if isinstance(source, Var) and source.name in made and target not in seen:
                named = "%bar" in source.name and not is_temporary(source.name)
                if named or is_temporary(target):
                    same[Var(target)] = same.get(source, source)
            made.add(target)
        seen |= reads(stmt)


def _with_one_name(fn: Function) -> Function:
    """The function that reads an argument by its own name, unless that is bound to something
    else."""
    kept = {
        stmt.target: stmt.args[0]
        for stmt in fn.body
        if isinstance(stmt, Assign)
        and stmt.fn == "copy"
        and len(stmt.targets) == 1  # not the residuals of a backward half
        and stmt.target.endswith(GIVEN)
    }
    bound = assigned(fn.body) if kept else set()
    known: dict[Atom, Atom] = {
        Var(name): atom for name, atom in kept.items() if bound.isdisjoint(names((atom,)))
    }
    return replace(fn, body=_renamed(fn.body, known)) if known else fn


def _renamed(block: Block, known: dict[Atom, Atom]) -> Block:
    out = []
    for stmt in block:
        if isinstance(stmt, Assign) and len(stmt.targets) == 1 and Var(stmt.target) in known:
            continue
        new = rebuild(stmt, lambda inner: _renamed(inner, known))
        if any(Var(name) in known for name in reads(new)):
            new = substitute(new, lambda atom: known.get(atom, atom))
        out.append(new)
    return tuple(out)


def _block(block: Block, bound: Counter[str], read: Counter[str]) -> Block:
    out: list[Stmt] = []
    made: dict[str, int] = {}  # temporary -> where the block makes it
    seen: set[str] = set()  # what the block has read so far
    changed = False
    for stmt in block:
        new: Stmt | None = stmt
        if type(stmt) in COMPOUND:
            new = rebuild(stmt, lambda inner: _block(inner, bound, read))
        source = _named(new, bound, read)
        maker = out[made[source]] if source in made else None
        if maker is not None and new is not None and _is_early(maker, new, seen):
            out[made.pop(source)] = replace(maker, targets=writes(new))
            new = None
        if isinstance(new, Assign) and len(new.targets) == 1:
            made[new.targets[0]] = len(out)
        if new is not None:
            out.append(new)
            seen.update(*map(reads, within(new)))
        changed |= new is not stmt
    return tuple(out) if changed else block


def _is_early(maker: Stmt, stmt: Stmt, seen: set[str]) -> TypeGuard[Assign]:
    """True if a value may have its name from the start, in the same statement of the program."""
    together = isinstance(maker, Assign) and isinstance(stmt, Assign) and maker.unit == stmt.unit
    return together and seen.isdisjoint(writes(stmt))


def _named(stmt: Stmt | None, bound: Counter[str], read: Counter[str]) -> str:
    """The temporary that a statement gives a name to; "" if it does not."""
    if not isinstance(stmt, Assign) or stmt.fn != "copy" or len(stmt.targets) != 1:
        return ""
    if not isinstance(stmt.args[0], Var):
        return ""
    source = stmt.args[0].name
    single = read[source] == 1 and bound[source] == 1 and bound[stmt.target] == 1
    return source if single and "@b" in source and "@b" not in stmt.target else ""
