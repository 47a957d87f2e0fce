"""A nest of loops under construction: statements on elements, fused while their order allows it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Dtype, Shape
from srcgrad.loops.tree import assign, call, dotted, index, name, names_in, tuple_of

# "part": a sum that is not complete before the nest ends.
Mode = Literal["read", "set", "add", "part"]
DTYPES: dict[Dtype, str] = {
    "f4": "np.float32", "f2": "np.float16", "i": "np.int64", "pi": "np.int64", "b": "np.bool_",
    "c8": "np.complex64", "c16": "np.complex128", "pc": "np.complex128",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Access:
    """An element that each turn of the nest touches: the memory, and the index as text."""

    group: str
    place: str
    mode: Mode


@dataclass(slots=True)
class Let:
    """A new array of which each turn makes one element, the local variable `element`."""

    base: str
    element: str
    dtype: Dtype
    reads: int = 0  # how often the program reads the array; in this nest it was read `seen` times
    seen: int = 0
    escapes: bool = False
    again: bool = False  # whoever reads it in another nest computes it again

    @property
    def is_kept(self) -> bool:
        return not self.again and (self.escapes or self.seen < self.reads)


@dataclass(slots=True)
class Nest:
    """Loops over all elements of a shape."""

    shape: Shape
    lengths: tuple[ast.expr, ...]
    indices: tuple[str, ...]
    body: list[ast.stmt] = field(default_factory=list)
    before: list[ast.stmt] = field(default_factory=list)
    after: list[ast.stmt] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    lets: dict[str, Let] = field(default_factory=dict)
    results: set[str] = field(default_factory=set)  # numbers that are known after the nest
    dtypes: dict[str, Dtype] = field(default_factory=dict)  # of what is stored into
    vars: list[str] = field(default_factory=list)  # variables bound to arrays that it makes
    grown: set[str] = field(default_factory=set)  # lists that what stands after it changes

    def admits(self, accesses: list[Access]) -> bool:
        """Whether statements with these accesses may run in the same turns."""
        return all(agree(old, new) for new in accesses for old in self.accesses)

    def names(self) -> set[str]:
        """Variables that the nest reads or binds."""
        return names_in([*self.body, *self.before, *self.after, *self.lengths]) | self.results

    def groups(self, *modes: Mode) -> set[str]:
        return {a.group for a in self.accesses if a.mode in modes}

    def let_of(self, base: str) -> Let | None:
        """The array that this nest makes in a variable."""
        return next((let for let in self.lets.values() if let.base == base), None)

    def statements(self) -> list[ast.stmt]:
        """The loops, with what stands before and after them."""
        out = list(self.before)
        body: list[ast.stmt] = []
        for stmt in self.body:
            body.append(stmt)
            target = stmt.targets[0] if isinstance(stmt, ast.Assign) else None
            let = self.lets.get(target.id) if isinstance(target, ast.Name) else None
            if let is not None and let.is_kept:
                place = index(let.base, [name(i) for i in self.indices])
                body.append(assign(place, name(let.element)))
        for let in self.lets.values():
            if let.is_kept:
                out.append(assign(let.base, empty(self.lengths, let.dtype)))
        nested = [looped(self.indices, self.lengths, body)] if self.indices else body
        return [*out, *nested, *self.after]


def looped(indices: Sequence[str], lengths: Sequence[ast.expr], body: list[ast.stmt]) -> ast.stmt:
    """Loops over all elements of a shape."""
    for i, length in reversed(list(zip(indices, lengths, strict=True))):
        once = isinstance(length, ast.Constant) and length.value == 1
        if once and len(body) == 1 and i not in names_in(body):
            continue
        body = [ast.For(name(i), call("range", length), body, [], lineno=0)]
    return body[0]


def agree(old: Access, new: Access) -> bool:
    """Whether two accesses may follow each other in every turn, not in separate loops."""
    if old.group != new.group:
        return True
    if "part" in (old.mode, new.mode):
        return False
    if old.mode == new.mode and old.mode in ("read", "add"):
        return True
    return old.place == new.place


def empty(lengths: tuple[ast.expr, ...], dtype: Dtype, fn: str = "np.empty") -> ast.expr:
    """`np.empty((n, m))`, with a dtype where it is not float64."""
    args = [lengths[0] if len(lengths) == 1 else tuple_of(lengths)]
    if dtype in DTYPES:
        args.append(dotted(DTYPES[dtype]))
    return call(fn, *args)
