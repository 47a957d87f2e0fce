"""What is computed for a part of a large array is written there at once.

    x_bar[1:] = -t          ->          np.negative(t, out=x_bar[1:])

Else NumPy makes an array for the result, whose pages the system clears first, and copies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, is_large
from srcgrad.ir.walk import reads, rebuild, same
from srcgrad.optimize.known import Known, function_of, is_new, start_of_backward
from srcgrad.optimize.lives import Lives, has_place
from srcgrad.optimize.places import is_number, is_slice


def store_results(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose adjoint writes large results to the parts that they are stored in.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    start = start_of_backward(fn)
    after = fn.body[start:]
    if not any(is_large(kind) for kind in kinds.values()):
        return fn
    new = _Results(fn, Known(fn, kinds)).block(after)
    return fn if new is after else replace(fn, body=(*fn.body[:start], *new))


class _Results:
    def __init__(self, fn: Function, known: Known) -> None:
        self.known, self.lives = known, Lives(fn, known)
        self.count = 0

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            made = self.operation(stmt, out) if isinstance(stmt, Store) else None
            if made is None or not isinstance(stmt, Store):
                out.append(rebuild(stmt, self.block))
                continue
            out.remove(made)
            out += self.written(stmt, made)
        return same(block, out)

    def operation(self, stmt: Store, before: list[Stmt]) -> Assign | None:
        """What makes the value of a store, if it may be done there just as well."""
        value = stmt.value
        made = self.known.maker(value)
        if stmt.op != "set" or stmt.restores or stmt.sync or made not in before:
            return None
        assert made is not None
        later = before[before.index(made) + 1 :]
        waits = all(self.may_pass(made, passed) for passed in later)
        return made if waits and self.may_write(stmt, made) else None

    def may_pass(self, made: Assign, passed: Stmt) -> bool:
        """True if an operation reads the same behind another statement, which reads no result."""
        if isinstance(passed, Store):
            return self.are_apart(passed.base, made) and passed.op == "set"
        if not isinstance(passed, Assign) or has_place(passed) or made.target in reads(passed):
            return False
        if not set(passed.targets).isdisjoint(reads(made)):
            return False
        return is_new(passed) or passed.fn in ("slice", "tuple", "copy")

    def are_apart(self, base: Var, made: Assign) -> bool:
        """True if an array is new memory, and not that of an operand."""
        root = self.root(base)
        others = [self.root(atom) for atom in made.args if isinstance(atom, Var)]
        return root is not None and None not in others and root not in others

    def root(self, atom: Atom) -> str | None:
        """The array that was new whose memory a name has."""
        while isinstance(atom, Var):
            made = self.known.maker(atom)
            if made is None:
                return None
            if has_place(made):
                atom = dict(made.kwargs)["out"]
            elif made.fn == "copy":
                (atom,) = made.args
            else:
                return atom.name if is_new(made) else None
        return None

    def may_write(self, stmt: Store, made: Assign) -> bool:
        """True for an operation of doubles that have names, read here alone, and a view."""
        value, base = Var(made.target), self.known.inferred(stmt.base)
        kind = self.known.inferred(value)
        if function_of(made) is None or not is_large(kind) or kind is None:
            return False
        if "@" not in value.name or self.known.read[value.name] != 1:
            return False
        if base is None or not base.is_array or base.dtype != "f8" or base.rank is None:
            return False
        axes = self.axes(stmt.index, base.rank)
        # A store drops axes of length 1 that the place has not; `out=` does not.
        fits = axes is not None and kind.rank is not None and kind.rank <= axes
        return fits and all(self.has_name(atom, made) for atom in made.args)

    def has_name(self, atom: Atom, made: Assign) -> bool:
        return not isinstance(atom, Var) or self.lives.is_named(atom, made)

    def axes(self, index: Atom, rank: int) -> int | None:
        """How many axes a part of an array has, where slices, and numbers beside them, say which
        part: it is a view."""
        made = self.known.maker(index)
        parts = made.args if made is not None and made.fn == "tuple" else (index,)
        news = parts.count(Const(None))
        sliced = [part for part in parts if is_slice(self.known, part)]
        others = [part for part in parts if part not in (*sliced, Const(None), Const(Ellipsis))]
        if len(others) + news == len(parts) or not all(is_number(self.known, p) for p in others):
            return None
        return rank - len(others) + news

    def written(self, stmt: Store, made: Assign) -> tuple[Stmt, ...]:
        self.count += 1
        place = Var(f"{stmt.base.name}@place{self.count}")
        function = function_of(made)
        assert function is not None
        return (
            Assign((place.name,), "operator.getitem", (stmt.base, stmt.index), unit=stmt.unit),
            replace(made, targets=(), fn=function, kwargs=(*made.kwargs, ("out", place))),
        )
