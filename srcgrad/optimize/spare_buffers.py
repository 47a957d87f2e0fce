"""A large array that is read no more gives its memory to another one of its shape.

    e_bar = p_bar / total                        t = np.sum(p_bar * p, axis=1, keepdims=True)
    e_bar -= np.sum(p_bar * p, axis=1, ...)  ->  e_bar = np.divide(p_bar, total, out=p)
    # p is not read below                        e_bar -= t

The array waits until the next one that is read with it, if the other one is free by then. Both have
names: NumPy itself uses again what has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind, Length, Shape, floor_of, is_large
from srcgrad.ir.walk import reads, rebuild, walk
from srcgrad.optimize.known import SUMS, Known, function_of, is_new
from srcgrad.optimize.lives import ALIASES, Lives, has_place

QUIET = SUMS | ALIASES | {"numpy.expand_dims"}  # beside what is new


def spare_buffers(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose large arrays take any memory of their shape that is not needed any more.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    if not any(is_large(kind) for kind in kinds.values()):
        return fn
    body = _Spare(fn, Known(fn, kinds)).block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


class _Spare:
    def __init__(self, fn: Function, known: Known) -> None:
        self.known, self.lives = known, Lives(fn, known)
        self.taken: set[str] = set()

    def block(self, block: Block) -> Block:
        here = {id(stmt) for stmt in block}
        now = _Order(block, Lengths(self.known))
        order = now.order
        place = 0
        while place < len(order):
            stmt = order[place]
            kind = self.made(stmt) if isinstance(stmt, Assign) else None
            if not isinstance(stmt, Assign) or kind is None:
                order[place] = rebuild(stmt, self.block)
            elif self.may_move(stmt, here) and self.give(stmt, kind, now):
                continue  # another one may stand here now
            else:
                self.note(stmt, kind, now)
            place += 1
        return block if all(a is b for a, b in zip(order, block, strict=True)) else tuple(order)

    def made(self, stmt: Assign) -> Kind | None:
        """The kind of the large array that a statement makes."""
        if len(stmt.targets) != 1:
            return None
        kind = self.known.inferred(Var(stmt.target))
        return kind if is_large(kind) and is_new(stmt) and not has_place(stmt) else None

    def may_move(self, stmt: Assign, here: set[int]) -> bool:
        """True for an operation whose result has a name, and takes the memory of no operand."""
        if function_of(stmt) is None or self.lives.is_written_so(stmt, here):
            return False
        if self.known.bound[stmt.target] != 1 or not self.has_name(stmt):
            return False
        given = [atom for atom in stmt.args if isinstance(atom, Var)]
        return not any(
            is_large(self.known.inferred(atom)) and not self.lives.is_named(atom, stmt)
            for atom in given
        )

    def has_name(self, stmt: Assign) -> bool:
        """True if the result is not printed inside its reader."""
        readers = self.lives.readers[stmt.target]
        return bool(readers) and self.lives.is_named(Var(stmt.target), readers[0])

    def note(self, stmt: Assign, kind: Kind, now: _Order) -> None:
        """An array may give its memory to one of a statement of the program that reads it: what is
        done with for longer has been let go, or is about to be."""
        if self.has_name(stmt):
            for unit in {reader.unit for reader in self.lives.readers[stmt.target]}:
                now.read_by[unit].append((Var(stmt.target), kind))

    def give(self, stmt: Assign, kind: Kind, now: _Order) -> bool:
        """Put a statement where an array is free that it may be written to, if there is one."""
        free = [made for made in now.read_by[stmt.unit] if made[0].name not in self.taken]
        for later in now.later(stmt) if free else ():
            now.note(later)
            for buffer, other in free:
                if not now.lengths.are_same(kind.shape, other.shape):
                    continue
                if self.lives.is_done_with(buffer, stmt, later + 1, now.order, now.inside):
                    self.taken.add(buffer.name)
                    now.move(stmt, later, _written_to(stmt, buffer))
                    return True
        return False


class _Order:
    """The statements of a block, and what is known where they stand."""

    def __init__(self, block: Block, lengths: Lengths) -> None:
        self.order = list(block)
        self.inside = {inner: n for n, stmt in enumerate(block) for inner in walk((stmt,))}
        self.read_by: dict[int, list[tuple[Var, Kind]]] = defaultdict(list)
        self.lengths, self.noted = lengths, 0

    def note(self, place: int) -> None:
        """What has run where a statement at `place` has."""
        for stmt in self.order[self.noted : place + 1]:
            self.lengths.note(stmt)
        self.noted = max(self.noted, place + 1)

    def later(self, stmt: Assign) -> Iterator[int]:
        """Positions that a statement may have: its own, and behind others that have nothing to do
        with it, and are part of the same one of the program."""
        place = self.inside[stmt]
        yield place
        for later in range(place + 1, len(self.order)):
            passed = self.order[later]
            if not isinstance(passed, Assign) or passed.unit != stmt.unit or has_place(passed):
                return
            if not (is_new(passed) or passed.fn in QUIET) or len(passed.targets) != 1:
                return
            if stmt.target in (passed.target, *reads(passed)) or passed.target in reads(stmt):
                return
            yield later

    def move(self, stmt: Assign, later: int, new: Assign) -> None:
        """Put a statement, as it is now, behind others."""
        place = self.inside[stmt]
        self.order[place:later] = self.order[place + 1 : later + 1]
        self.order[later] = new
        self.inside.update({s: n for n, s in enumerate(self.order[place:later], place)})
        self.inside[stmt] = later


def _written_to(stmt: Assign, buffer: Var) -> Assign:
    function = function_of(stmt)
    assert function is not None
    return replace(stmt, fn=function, kwargs=(*stmt.kwargs, ("out", buffer)))


class Lengths:
    """Lengths that are equal where statements have run: what is 2 or more is not stretched."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.same: dict[Length, Length] = {}

    def note(self, stmt: Stmt) -> None:
        """What follows if a statement raises no error."""
        if not isinstance(stmt, Assign):
            return
        if stmt.fn == "numpy.einsum":
            self.note_letters(stmt)
        elif function_of(stmt) is not None:
            shapes = [self.shape(atom) for atom in stmt.args]
            for shape in shapes[1:]:
                for m, n in zip(shapes[0][::-1], shape[::-1], strict=False):
                    self.join(m, n)

    def note_letters(self, stmt: Assign) -> None:
        subscripts, *operands = stmt.args
        if not isinstance(subscripts, Const) or "->" not in str(subscripts.value):
            return
        if "." in str(subscripts.value):
            return
        parts = str(subscripts.value).partition("->")[0].replace(" ", "").split(",")
        first: dict[str, Length] = {}
        for letters, operand in zip(parts, operands, strict=False):
            for letter, length in zip(letters, self.shape(operand), strict=False):
                if floor_of(length) > 1:
                    self.join(first.setdefault(letter, length), length)

    def shape(self, atom: object) -> Shape:
        kind = self.known.inferred(atom) if isinstance(atom, Var) else None
        return kind.shape or () if kind is not None and kind.is_array else ()

    def join(self, m: Length, n: Length) -> None:
        if floor_of(m) > 1 and floor_of(n) > 1:
            self.same[self.first(m)] = self.first(n)

    def first(self, length: Length) -> Length:
        while (other := self.same.get(length, length)) != length:
            length = other
        return length

    def are_same(self, a: Shape | None, b: Shape | None) -> bool:
        if a is None or b is None or len(a) != len(b):
            return False
        return all(self.first(m) == self.first(n) for m, n in zip(a, b, strict=True))
