"""A large array that is read no more gives its memory to the next one of its shape.

    z_bar = g[:, None] * z           z_bar = np.multiply(g[:, None], z, out=z)
    # z is not read below     ->

New memory costs more than the arithmetic does: each of its pages is cleared by the system before
it is written to. NumPy itself uses again only what has no name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, floor_of, is_large, promote
from srcgrad.ir.walk import reads, rebuild, same, walk, writes
from srcgrad.optimize.known import Known, function_of
from srcgrad.optimize.lives import Lives

FILLED = {"numpy.zeros_like": 0.0, "numpy.ones_like": 1.0, "numpy.empty_like": None}


def reuse_buffers(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose large arrays take the memory of those that are done with.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    if not any(is_large(kind) for kind in kinds.values()):
        return fn
    return replace(fn, body=_Buffers(fn, Known(fn, kinds)).block(fn.body))


class _Buffers:
    def __init__(self, fn: Function, known: Known) -> None:
        self.known, self.lives = known, Lives(fn, known)

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        inside = {inner: n for n, stmt in enumerate(block) for inner in walk((stmt,))}
        here = {id(stmt) for stmt in block}
        for position, stmt in enumerate(block):
            found = None
            if isinstance(stmt, Assign) and not self.lives.is_written_so(stmt, here):
                for atom in dict.fromkeys(a for a in stmt.args if isinstance(a, Var)):
                    done = position, block, inside
                    if self.gives(atom, stmt) and self.lives.is_done_with(atom, stmt, *done):
                        found = _in_place(stmt, atom)
                        break
            place = len(out)
            while found and place and _may_follow(out[place - 1], stmt):
                place -= 1  # a store would part them from the expression that reads them
            out[place:place] = found or (rebuild(stmt, self.block),)
        return same(block, out)

    def gives(self, atom: Var, stmt: Assign) -> bool:
        """True if the result has the shape and type of this operand, and the operand a name."""
        kind = self.known.inferred(atom)
        if not is_large(kind) or kind is None:
            return False
        if function_of(stmt) is None and not _is_filled(stmt):
            return False
        if not self.lives.is_named(atom, stmt):
            return False
        return all(self.fits(other, kind) for other in stmt.args if other != atom)

    def fits(self, other: Atom, kind: Kind) -> bool:
        """True if an operand changes neither shape nor type."""
        if isinstance(other, Const):
            return type(other.value) in (int, float)
        found = self.known.inferred(other)
        if found is None or not (found.is_scalar or found.is_array) or found.shape is None:
            return False
        if promote("f8", found.dtype) != "f8" or kind.shape is None:
            return False
        pairs = zip(found.shape[::-1], kind.shape[::-1], strict=False)
        apart = [n for m, n in pairs if m not in (1, n)]
        return len(found.shape) <= len(kind.shape) and all(floor_of(n) > 1 for n in apart)


def _is_filled(stmt: Stmt) -> bool:
    """True for an array of one number throughout, or of what is to come, like another one."""
    plain = isinstance(stmt, Assign) and len(stmt.args) == 1 and not stmt.kwargs
    return plain and isinstance(stmt, Assign) and stmt.fn in FILLED


def _may_follow(stmt: Stmt, filled: Stmt) -> bool:
    """True for an index or a second name, which reads no memory, before an array of one number."""
    if not _is_filled(filled) or not isinstance(stmt, Assign):
        return False
    own = {*reads(stmt), *stmt.targets}.isdisjoint((*reads(filled), *writes(filled)))
    return own and stmt.fn in ("slice", "tuple", "copy")


def _in_place(stmt: Assign, buffer: Atom) -> list[Stmt]:
    """The statement with its result in the memory of an operand."""
    if _is_filled(stmt):
        assert isinstance(buffer, Var)
        named, value = replace(stmt, fn="copy", args=(buffer,)), FILLED[str(stmt.fn)]
        if value is None:
            return [named]
        return [Store(buffer, Const(Ellipsis), Const(value), unit=stmt.unit), named]
    function = function_of(stmt)
    assert function is not None
    return [replace(stmt, fn=function, kwargs=(*stmt.kwargs, ("out", buffer)))]
