"""Items of the arguments that a program reads by arrays of places, before it does anything else.

    camera = cameras[seen[:, 0]]

What is read so is known before the program runs. So the program is also a function of what it
reads, in which rows of a Jacobian have fewer columns in common: two views of one camera share none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Exit, Function, Param, Stmt, Var
from srcgrad.ir.library import draws, may_write
from srcgrad.ir.walk import (
    AUGMENTED,
    MUTATORS,
    assigned,
    names,
    read_names,
    stored,
    walk,
)

READS = ("operator.getitem", "numpy.take", "method.take")
# What has the elements of its first operand in another form.
MOVES = frozenset({*READS, "copy", "attr.T", "method.reshape", "numpy.reshape", "method.ravel"})


def gathers(fn: Function, wrt: Collection[str]) -> dict[str, Assign]:
    """Statements `t = x[i]` with a part of one of the parameters named as `x`, by their targets.

    They come before all stores and calls of the user's functions, so `x` is as it was given.
    Whether `i` is an array the run tells.
    """
    bound = {p.name for p in fn.params}
    moved, found = set(wrt), dict[str, Assign]()
    for stmt in _beginning(fn.body):
        first = stmt.args[0] if stmt.args else None
        reads_part = isinstance(first, Var) and first.name in moved and stmt.fn in MOVES
        rest = names((*stmt.args[1:], *(atom for _, atom in stmt.kwargs)))
        if reads_part and moved.isdisjoint(rest) and len(stmt.targets) == 1:
            if stmt.fn in READS and stmt.target not in bound:
                found[stmt.target] = stmt
            moved.add(stmt.target)
        else:
            moved.difference_update(stmt.targets)
        bound.update(stmt.targets)
    return found


def _beginning(body: Block) -> Iterator[Assign]:
    """The statements that run first, in any case, up to one that may write into memory."""
    for stmt in body:
        if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str):
            return
        if stmt.fn in MUTATORS or stmt.fn in AUGMENTED or may_write(stmt) or draws(stmt.fn):
            return
        if stmt.fn in ("call", "raise", "assert") or "." not in stmt.fn and stmt.fn in _ACTING:
            return
        yield stmt


_ACTING = frozenset({"with.enter", "with.leave"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What a function joins in its last statements: `joined` makes the list of it, and `weights`
    tells how many statements each part takes, and all of them together."""

    joined: Assign
    atoms: tuple[Atom, ...]
    weights: tuple[int, ...]
    whole: int


def parts(fn: Function) -> Parts | None:
    """The parts of what a function returns: `return np.concatenate([a, b])`."""
    if len(fn.body) < 3:
        return None
    *before, joined, whole, end = fn.body
    if not (isinstance(joined, Assign) and isinstance(whole, Assign) and isinstance(end, Exit)):
        return None
    listed = joined.fn in ("list", "tuple") and len(joined.args) > 1
    joins = whole.fn == "numpy.concatenate" and not whole.kwargs
    linked = whole.args == tuple(map(Var, joined.targets)) and end.value == Var(whole.targets[0])
    if not (listed and joins and linked):
        return None
    weights = [_weight(before, [atom]) for atom in joined.args]
    return Parts(joined, joined.args, tuple(weights), _weight(before, joined.args))


def _weight(block: Sequence[Stmt], atoms: Iterable[Atom]) -> int:
    """About how many statements it takes to make some values."""
    needed, count = set(names(atoms)), 0
    for stmt in reversed(block):
        if not needed.isdisjoint(assigned((stmt,)) | stored((stmt,))):
            needed |= read_names((stmt,))
            count += sum(1 for _ in walk((stmt,)))
    return count


def with_given(
    fn: Function, targets: Sequence[str], wrt: Collection[str], part: int | None = None
) -> Function | None:
    """The function with what these gathers read as parameters of its own, the last ones, in this
    order; None where it has no such gathers. `part`: only this part of its value."""
    found = gathers(fn, wrt)
    if not targets or any(target not in found for target in targets):
        return None
    if part is not None:
        value = parts(fn)
        if value is None or part >= len(value.atoms):
            return None
        fn = replace(fn, body=(*fn.body[:-3], Exit("return", value.atoms[part])))
    taken = assigned(fn.body) | {p.name for p in fn.params}
    own = {target: _parameter(found[target], taken) for target in targets}
    places: dict[Stmt, str] = {found[target]: name for target, name in own.items()}
    body: list[Stmt] = []
    for stmt in fn.body:
        name = places.get(stmt)
        if name is None:
            body.append(stmt)
        elif isinstance(stmt, Assign) and stmt.target != name:
            body.append(Assign(stmt.targets, "copy", (Var(name),), unit=stmt.unit))
    params = (*fn.params, *(Param(name, "keyword") for name in own.values()))
    return replace(fn, params=params, body=tuple(body))


def _parameter(gather: Assign, taken: set[str]) -> str:
    """A name for what is read: that of its variable, else one made of what it is read from."""
    if "@" not in gather.target:
        return gather.target
    (base,) = names(gather.args[:1])
    stem = f"{base.partition('@')[0]}_items"
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name)
    return name
