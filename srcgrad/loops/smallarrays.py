"""Small arrays of known shape, taken apart: each element is a variable.

A position of two coordinates or a matrix of four numbers costs a compiler more as memory than as
numbers. An array stays one where a statement needs it whole, or may change it through another name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Exit,
    Function,
    Pop,
    Push,
    Stmt,
    Store,
    Var,
    While,
)
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import names, operands, rebuild, walk, writes
from srcgrad.loops.names import shares
from srcgrad.loops.sharing import changed_by, seen_changes
from srcgrad.loops.smallforms import has_form, written
from srcgrad.loops.smallparts import Elements, Lengths, indices, part

MOST = 4  # elements
ZEROS = "srcgrad.support.zeros_like"
LARGEST = 6000  # statements


def taken_apart(fn: Function, facts: KindFacts) -> Function:
    """The function with variables for the elements of small arrays."""
    small = _small(fn, facts)
    if not small.arrays:
        return fn
    run = _Rewriter(facts, small.arrays, small.lists)
    body = run.block(fn.body)
    if sum(1 for _ in walk(body)) > LARGEST:
        return fn
    return replace(fn, body=body)


# --- which arrays


@dataclass(frozen=True, slots=True)
class _Small:
    arrays: dict[str, Lengths]  # variables
    lists: dict[str, Lengths]  # tapes, and lists that are used like those: with shapes of items


def small_shape(kind: Kind) -> Lengths | None:
    """The shape of a small array of doubles, or of truth values."""
    shape = kind.shape
    if not kind.is_array or not shape or kind.dtype not in ("f8", "b"):
        return None
    sides = tuple(n for n in shape if isinstance(n, int))
    return sides if len(sides) == len(shape) and 0 < prod(sides) <= MOST else None


def _small(fn: Function, facts: KindFacts) -> _Small:
    shared = seen_changes(fn, facts)
    arrays = {n: s for n, s in _of_one_shape(fn, facts).items() if n not in shared}
    lists = {n: s for n, s in _lists(fn, facts).items() if n not in shared}
    while True:
        bad = {n for stmt in walk(fn.body) for n in _kept(stmt, facts, arrays, lists)}
        if not bad & arrays.keys():
            return _Small(arrays, lists)
        arrays = {n: s for n, s in arrays.items() if n not in bad}


def _of_one_shape(fn: Function, facts: KindFacts) -> dict[str, Lengths]:
    """Variables that are always a small array of the same shape and type."""
    found: dict[str, set[tuple[Lengths | None, str]]] = {}
    for env in (*facts.reads.values(), *facts.writes.values(), *facts.heads.values()):
        for name, kind in env.items():
            found.setdefault(name, set()).add((small_shape(kind), kind.dtype))
    bound = {n for stmt in walk(fn.body) for n in writes(stmt)} - {p.name for p in fn.params}
    out = {}
    for name in bound & found.keys():
        shapes = {shape for shape, _ in found[name]}
        if len(found[name]) == 1 and None not in shapes:
            out[name] = next(shape for shape in shapes if shape is not None)
    return out


def _lists(fn: Function, facts: KindFacts) -> dict[str, Lengths]:
    """Tapes and lists of small arrays of one shape, at whose end items are put and taken."""
    found: dict[str, set[Lengths | None]] = {}
    like: list[tuple[str, str]] = []
    for stmt in walk(fn.body):
        if isinstance(stmt, Push):
            found.setdefault(stmt.tape, set()).add(_shape(facts, stmt, stmt.value))
            continue
        if isinstance(stmt, Assign) and stmt.fn == "method.append" and len(stmt.args) == 2:
            base, item = stmt.args
            found.setdefault(next(iter(names((base,))), ""), set()).add(_shape(facts, stmt, item))
            others = set(names((item,)))
        elif isinstance(stmt, Pop) or _is_plain_pop(stmt):
            others = set(writes(stmt))
        elif _starts(stmt):
            others = set()
        elif isinstance(stmt, Assign) and stmt.fn == ZEROS and _of_list(facts, stmt):
            like.append((stmt.target, next(names(stmt.args))))
            others = set()
        else:
            others = {*names(operands(stmt)), *writes(stmt)}
        for name in others:
            found.setdefault(name, set()).add(None)
    given = {p.name for p in fn.params}
    out = {}
    for name, shapes in found.items():
        (shape, *more) = shapes
        if shape is not None and not more and name not in given:
            out[name] = shape
    while bad := {n for pair in like for n in pair if out.get(pair[0]) != out.get(pair[1])}:
        bad |= {n for pair in like for n in pair if not bad.isdisjoint(pair)}
        like = [pair for pair in like if bad.isdisjoint(pair)]
        out = {n: shape for n, shape in out.items() if n not in bad}
    return out


def _of_list(facts: KindFacts, stmt: Assign) -> bool:
    """Whether zeros are made like a list."""
    base = stmt.args[0] if len(stmt.args) == 1 and len(stmt.targets) == 1 else None
    return isinstance(base, Var) and facts.before(stmt, base).tag == "list"


def _is_plain_pop(stmt: Stmt) -> bool:
    return isinstance(stmt, Assign) and stmt.fn == "method.pop" and len(stmt.args) == 1


def _starts(stmt: Stmt) -> bool:
    """Whether a statement makes an empty list."""
    return isinstance(stmt, Assign) and stmt.fn == "list" and not stmt.args


def _shape(facts: KindFacts, stmt: Stmt, atom: Atom) -> Lengths | None:
    kind = facts.before(stmt, atom)
    return small_shape(kind) if kind.dtype == "f8" else None


def _kept(
    stmt: Stmt, facts: KindFacts, arrays: Mapping[str, Lengths], lists: Mapping[str, Lengths]
) -> set[str]:
    """The variables that have to stay arrays because of a statement."""
    tested = (stmt.cond,) if isinstance(stmt, While) else ()
    mine = {n for n in (*names((*operands(stmt), *tested)), *writes(stmt)) if n in arrays}
    if not mine or isinstance(stmt, (Push, Pop, Exit)):
        return set()
    if isinstance(stmt, Store):
        if stmt.base.name in arrays:
            stored = Elements(facts, stmt, arrays).can_store(stmt)
            return set() if stored else {stmt.base.name}
        return set() if facts.before(stmt, stmt.base).is_array else mine
    if not isinstance(stmt, Assign):
        return mine
    if stmt.fn == "method.append" or stmt.fn == "method.pop":
        listed = names(stmt.args[:1])
        return set() if all(n in lists for n in listed) else mine
    if has_form(Elements(facts, stmt, arrays)):
        return set()
    bound = {n for n in writes(stmt) if n in arrays}
    if shares(stmt) or changed_by(stmt) or not isinstance(stmt.fn, str):
        return mine
    return bound


# --- the function with variables for elements


@dataclass(slots=True)
class _Rewriter:
    facts: KindFacts
    arrays: Mapping[str, Lengths]
    lists: Mapping[str, Lengths]
    count: int = 0
    out: list[Stmt] = field(default_factory=list)

    def block(self, block: Block) -> Block:
        outer, self.out = self.out, []
        for stmt in block:
            self.statement(stmt)
        made, self.out = tuple(self.out), outer
        return made

    def statement(self, stmt: Stmt) -> None:
        if isinstance(stmt, (Push, Pop)) and stmt.tape in self.lists:
            self.recorded(stmt)
        elif isinstance(stmt, Pop):
            new = self.whole_target(stmt, stmt.target)
            self.out.append(replace(stmt, target=new))
            self.take_apart(stmt, new, stmt.target)
        elif isinstance(stmt, Push):
            self.out.append(replace(stmt, value=self.whole(stmt, stmt.value)))
        elif isinstance(stmt, Exit):
            value = None if stmt.value is None else self.whole(stmt, stmt.value)
            self.out.append(replace(stmt, value=value))
        elif isinstance(stmt, Store) and stmt.base.name in self.arrays:
            self.out += Elements(self.facts, stmt, self.arrays, self).stored(stmt)
        elif isinstance(stmt, Store):
            index, value = (self.whole(stmt, atom) for atom in (stmt.index, stmt.value))
            self.out.append(replace(stmt, index=index, value=value))
        elif isinstance(stmt, Assign):
            self.assign(stmt)
        else:
            self.out.append(rebuild(stmt, self.block))

    def assign(self, stmt: Assign) -> None:
        mentioned = {*names(operands(stmt)), *stmt.targets}
        if self.listed(stmt):
            return
        if mentioned.isdisjoint(self.arrays):
            self.out.append(stmt)
            return
        elements = Elements(self.facts, stmt, self.arrays, self)
        if has_form(elements):
            self.out += written(elements)
            return
        args = tuple(self.whole(stmt, atom) for atom in stmt.args)
        kwargs = tuple((key, self.whole(stmt, atom)) for key, atom in stmt.kwargs)
        self.out.append(replace(stmt, args=args, kwargs=kwargs))

    # lists
    def listed(self, stmt: Assign) -> bool:
        """Whether this was a step of a list of small arrays; then it is written."""
        base = next((n for n in (*stmt.targets, *names(stmt.args[:1])) if n in self.lists), "")
        shape = self.lists.get(base)
        if shape is None:
            return False
        if stmt.fn == "list":
            self.out += [replace(stmt, targets=(part(base, i),)) for i in indices(shape)]
        elif stmt.fn == ZEROS:
            (like,) = names(stmt.args)
            for i in indices(shape):
                self.out.append(replace(stmt, targets=(part(base, i),), args=(Var(part(like, i)),)))
        elif stmt.fn == "method.append":
            reader = Elements(self.facts, stmt, self.arrays, self)
            items = [reader.element(stmt.args[1], i) for i in indices(shape)]
            self.out += reader.out
            for i, item in zip(indices(shape), items, strict=True):
                self.out.append(replace(stmt, args=(Var(part(base, i)), item)))
        else:
            new = self.parts_of_target(stmt, shape)
            for i, target in zip(indices(shape), new, strict=True):
                self.out.append(replace(stmt, targets=(target,), args=(Var(part(base, i)),)))
            self.gather(stmt, shape, new)
        return True

    def recorded(self, stmt: Push | Pop) -> None:
        shape = self.lists[stmt.tape]
        if isinstance(stmt, Push):
            reader = Elements(self.facts, stmt, self.arrays, self)
            items = [reader.element(stmt.value, i) for i in indices(shape)]
            self.out += reader.out
            for i, item in zip(indices(shape), items, strict=True):
                self.out.append(replace(stmt, tape=part(stmt.tape, i), value=item))
            return
        new = self.parts_of_target(stmt, shape)
        for i, target in zip(indices(shape), new, strict=True):
            self.out.append(replace(stmt, tape=part(stmt.tape, i), target=target))
        self.gather(stmt, shape, new)

    def parts_of_target(self, stmt: Stmt, shape: Lengths) -> list[str]:
        (target,) = writes(stmt) or ("",)
        if target in self.arrays:
            return [part(target, i) for i in indices(shape)]
        return [self.fresh(target) for _ in indices(shape)]

    def gather(self, stmt: Stmt, shape: Lengths, parts: list[str]) -> None:
        """An array of parts, where the target of the statement is one."""
        (target,) = writes(stmt) or ("",)
        if target and target not in self.arrays:
            self.array(target, shape, [Var(n) for n in parts], stmt.unit)

    # arrays as a whole
    def whole(self, stmt: Stmt, atom: Atom) -> Atom:
        """An operand as an array."""
        if not isinstance(atom, Var) or atom.name not in self.arrays:
            return atom
        shape, new = self.arrays[atom.name], self.fresh(atom.name)
        self.array(new, shape, [Var(part(atom.name, i)) for i in indices(shape)], stmt.unit)
        return Var(new)

    def array(self, target: str, shape: Lengths, parts: list[Atom], unit: int) -> None:
        for length in reversed(shape[1:]):
            rows = []
            for first in range(0, len(parts), length):
                row = self.fresh(target)
                items = tuple(parts[first : first + length])
                self.out.append(Assign((row,), "list", items, unit=unit))
                rows.append(Var(row))
            parts = list(rows)
        row = self.fresh(target)
        self.out.append(Assign((row,), "list", tuple(parts), unit=unit))
        self.out.append(Assign((target,), "numpy.array", (Var(row),), unit=unit))

    def whole_target(self, stmt: Stmt, target: str) -> str:
        return self.fresh(target) if target in self.arrays else target

    def take_apart(self, stmt: Stmt, whole: str, target: str) -> None:
        if target in self.arrays:
            for i in indices(self.arrays[target]):
                index: Atom = Const(i[0])
                if len(i) > 1:
                    index = Var(self.fresh(target))
                    items = tuple(map(Const, i))
                    self.out.append(Assign((index.name,), "tuple", items, unit=stmt.unit))
                new = part(target, i)
                self.out.append(
                    Assign((new,), "operator.getitem", (Var(whole), index), unit=stmt.unit)
                )

    def fresh(self, name: str) -> str:
        self.count += 1
        return f"{name.split('@')[0]}@q{self.count}"
