"""A large array that is read no more gives its memory to the next one of its shape.

    z_bar = g[:, None] * z           z_bar = np.multiply(g[:, None], z, out=z)
    # z is not read below     ->

New memory costs more than the arithmetic does: each of its pages is cleared by the system before
it is written to. NumPy itself uses again only what has no name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, floor_of, promote
from srcgrad.ir.walk import reads, rebuild, walk, writes
from srcgrad.optimize.known import SUMS, Known, function_of, is_new, start_of_backward
from srcgrad.rules.registry import lookup

LARGE = 1 << 11  # elements at least, as far as is known
ALIASES = {"copy", "tuple", "slice", "operator.getitem"}
FILLED = {"numpy.zeros_like": 0.0, "numpy.ones_like": 1.0, "numpy.empty_like": None}


def reuse_buffers(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose large arrays take the memory of those that are done with.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    if not any(is_large(kind) for kind in kinds.values()):
        return fn
    return replace(fn, body=_Buffers(fn, Known(fn, kinds)).block(fn.body))


def is_large(kind: Kind | None) -> bool:
    """True for an array of doubles that is known to have many elements."""
    if kind is None or not kind.is_array or kind.dtype != "f8" or not kind.shape:
        return False
    return int(np.prod([floor_of(n) for n in kind.shape], dtype=float)) >= LARGE


class _Buffers:
    def __init__(self, fn: Function, known: Known) -> None:
        self.fn, self.known = fn, known
        self.forward = set(fn.body[: start_of_backward(fn)])
        self.readers: dict[str, list[Stmt]] = defaultdict(list)
        for stmt in walk(fn.body):
            for name in reads(stmt):
                self.readers[name].append(stmt)

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        inside = {inner: n for n, stmt in enumerate(block) for inner in walk((stmt,))}
        here = {id(stmt) for stmt in block}
        for position, stmt in enumerate(block):
            found = None
            if isinstance(stmt, Assign) and not self.is_written_so(stmt, here):
                for atom in dict.fromkeys(stmt.args):
                    if self.gives(atom, stmt) and self.is_done_with(atom, position, block, inside):
                        found = _in_place(stmt, atom)
                        break
            place = len(out)
            while found and place and _may_follow(out[place - 1], stmt):
                place -= 1  # a store would part them from the expression that reads them
            out[place:place] = found or (rebuild(stmt, self.block),)
        same = len(out) == len(block) and all(a is b for a, b in zip(out, block, strict=True))
        return block if same else tuple(out)

    def is_written_so(self, stmt: Stmt, here: set[int]) -> bool:
        """True for a part of a statement of the user's that is printed as it stands."""
        unit = self.fn.units.get(stmt.unit)
        own = unit is not None and any(part is stmt for part in unit.stmts)
        return own and unit is not None and all(id(part) in here for part in unit.stmts)

    def gives(self, atom: Atom, stmt: Assign) -> bool:
        """True if the result has the shape and type of this operand, and the operand a name."""
        kind = self.known.inferred(atom)
        if not isinstance(atom, Var) or not is_large(kind) or kind is None:
            return False
        if function_of(stmt) is None and not _is_filled(stmt):
            return False
        if "@" in atom.name and self.known.read[atom.name] == 1 and not self.is_split(atom, stmt):
            return False  # printed inside its reader, where NumPy does so itself
        return all(self.fits(other, kind) for other in stmt.args if other != atom)

    def is_split(self, atom: Atom, stmt: Stmt) -> bool:
        """True for what the forward sweep makes and the reverse sweep reads."""
        return self.known.maker(atom) in self.forward and stmt not in self.forward

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

    def is_done_with(
        self, atom: Atom, position: int, block: Block, inside: Mapping[Stmt, int]
    ) -> bool:
        """True if the block makes the array, and nothing reads its memory from there on."""
        assert isinstance(atom, Var)
        made = self.known.maker(atom)
        start = None if made is None or not is_new(made) else inside.get(made)
        if start is None or block[start] is not made:
            return False
        names, done = [atom.name], {atom.name}  # of the memory
        for name in names:
            if self.known.bound[name] != 1:
                return False
            for reader in self.readers[name]:
                if reader is block[position] and name == atom.name:
                    continue
                more = self.passed_on(reader, name)
                if more is None or not start < inside.get(reader, -1) < position:
                    return False
                names += [n for n in more if n not in done]
                done.update(more)
        return True

    def passed_on(self, reader: Stmt, name: str) -> tuple[str, ...] | None:
        """The names that may share the memory through a reader; None where it may be kept."""
        if isinstance(reader, Store):
            base = self.known.kind(reader.base)
            copies = reader.value != Var(name) or base is not None and base.is_array
            return () if copies else None
        if not isinstance(reader, Assign) or not isinstance(reader.fn, str) or not reader.targets:
            return None
        if is_new(reader) or reader.fn in SUMS:
            return ()
        return reader.targets if reader.fn in ALIASES or lookup(reader.fn) is not None else None


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
