"""Which turns of a loop touch the same elements of arrays.

Two turns have nothing to do with each other where no element that one of them writes is touched by
the other. Places are sums of integer variables: on some axis two of them are the same for one turn
only, `x[i + 1, k]` in a loop over `k`, or never, `x[i, k]` and `x[i + j + 1, k]`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from srcgrad.loops.affine import Affine, Bounds, affine, is_positive, minus, owner, turns_between
from srcgrad.loops.places import indices_of, is_product
from srcgrad.loops.tree import nodes_of, turn_of

PARALLEL = "prange"  # a range of turns that run on several cores
OTHER = "'"  # of a variable in another turn


@dataclass(frozen=True, slots=True)
class Touched:
    """Elements that a statement reads or writes; None for a place that is no sum."""

    base: str
    places: tuple[Affine | None, ...]
    is_written: bool


def touched(stmts: Iterable[ast.AST]) -> list[Touched] | None:
    """The elements that statements touch; None where they do more than that.

    An array that is mentioned otherwise is read at no place that is known.
    """
    found = []
    within: set[int] = set()
    for node in (n for stmt in stmts for n in nodes_of(stmt)):
        if isinstance(node, ast.Call) and (is_product(node) or is_of_a_list(node)):
            return None
        if isinstance(node, ast.Attribute) and node.attr == "shape":
            within.add(id(node.value))
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            within.add(id(node.value))
            places = tuple(map(affine, indices_of(node)))
            found.append(Touched(node.value.id, places, isinstance(node.ctx, ast.Store)))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            return None
        elif isinstance(node, ast.Name) and id(node) not in within and not is_stored(node):
            found.append(Touched(node.id, (), False))
    return found


def is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def is_of_a_list(node: ast.Call) -> bool:
    """Whether a list changes here."""
    return isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "pop")


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of variables: those that change from turn to turn, and bounds of loops'."""

    changing: Collection[str]
    bounds: Bounds

    def apart(self, a: Touched, b: Touched, index: str) -> bool:
        """Whether different turns of the loop of this index never touch one element so."""
        if a.base != b.base or not (a.is_written or b.is_written):
            return True
        for one, other in zip(a.places, b.places, strict=False):
            if one is None or other is None:
                continue
            rest = set(map(owner, one)) - {index}
            if one == other and one.get(index) and not rest & {*self.changing}:
                return True
        return self.never(a, b)

    def never(self, a: Touched, b: Touched) -> bool:
        """Whether no two turns touch one element so."""
        if a.base != b.base or not (a.is_written or b.is_written):
            return True
        changing = {*self.changing}
        both = {**self.bounds}
        for text, (least, greatest) in self.bounds.items():
            if text in changing:
                both[text + OTHER] = moved(least, changing), moved(greatest, changing)
        for one, other in zip(a.places, b.places, strict=False):
            rest = minus(one, moved(other, changing))
            if is_positive(rest, both) or is_positive(minus({}, rest), both):
                return True
        return False

    def independent(self, one: list[Touched], other: list[Touched], index: str) -> bool:
        return all(self.apart(a, b, index) for a in one for b in other)


def moved(value: Affine | None, changing: Collection[str]) -> Affine | None:
    """The sum in another turn, whose variables have other values."""
    if value is None:
        return None
    return {text + OTHER if owner(text) in changing else text: own for text, own in value.items()}


def bounds_of_loops(
    loops: Iterable[ast.For], bound: Collection[str]
) -> dict[str, tuple[Affine | None, Affine | None]]:
    """Bounds of the variables of loops, the outermost first; `bound` are those bound otherwise."""
    found: dict[str, tuple[Affine | None, Affine | None]] = {}
    for loop in loops:
        if isinstance(loop.target, ast.Name) and is_range(loop) and turn_of(loop) not in bound:
            least, greatest = turns_between(loop)
            pair = lasting(least, bound), lasting(greatest, bound)
            known = found.setdefault(turn_of(loop), pair)
            if known != pair:  # two loops of one variable
                found[turn_of(loop)] = None, None
    return found


def lasting(value: Affine | None, bound: Collection[str]) -> Affine | None:
    """The sum, unless something that it depends on may change."""
    return None if value is None or set(map(owner, value)) & {*bound} else value


def is_range(loop: ast.For) -> bool:
    fn = loop.iter.func if isinstance(loop.iter, ast.Call) else None
    return isinstance(fn, ast.Name) and fn.id in ("range", PARALLEL)


def bound_otherwise(body: Iterable[ast.stmt]) -> set[str]:
    """Variables that are bound by something else than a loop's header."""
    found: set[str] = set()
    for node in (n for stmt in body for n in nodes_of(stmt)):
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {
                n.id
                for target in targets
                for n in nodes_of(target)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
    return found
