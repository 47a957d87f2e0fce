"""Places that are not below zero, said to be so: `x[np.uint64(k + first)]` in a loop over `k`.

Compiled code counts places below zero from the end of an axis, as Python does, and looks at each
one to find out. Where `k + 2` is met in a loop from zero on it can tell; where another variable is
added, or the place goes down as the loop goes on, it cannot, and takes one element at a time. An
unsigned place needs no look. Whether it is one follows from the ranges of the loops around.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from srcgrad.loops.affine import Affine, affine, is_positive, plus
from srcgrad.loops.dependence import bound_otherwise, bounds_of_loops
from srcgrad.loops.tree import call, nodes_of, turn_of


def counted(body: list[ast.stmt], lengths: Collection[str]) -> list[ast.stmt]:
    """The statements with such places in innermost loops; `lengths` are names of lengths."""
    _Counting(bound_otherwise(body), lengths).block(body, ())
    return body


class _Counting:
    def __init__(self, bound: set[str], lengths: Collection[str]) -> None:
        self.bound = bound
        self.lengths = {*lengths} - bound

    def block(self, block: list[ast.stmt], around: tuple[ast.For, ...]) -> None:
        for stmt in block:
            inside = (*around, stmt) if isinstance(stmt, ast.For) else around
            if isinstance(stmt, ast.For) and is_innermost(stmt):
                self.loop(stmt, inside)
            for part in ("body", "orelse"):
                self.block(getattr(stmt, part, []), inside)

    def loop(self, loop: ast.For, loops: tuple[ast.For, ...]) -> None:
        if not isinstance(loop.target, ast.Name) or turn_of(loop) in self.bound:
            return
        known: dict[str, tuple[Affine | None, Affine | None]] = {
            n: ({}, None) for n in self.lengths
        }
        known |= bounds_of_loops(loops, self.bound)
        for node in (n for stmt in loop.body for n in nodes_of(stmt)):
            if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
                continue
            if isinstance(node.slice, ast.Tuple):  # elements of a row lie side by side
                node.slice.elts[-1:] = [
                    self.place(last, loop, known) for last in node.slice.elts[-1:]
                ]
            else:
                node.slice = self.place(node.slice, loop, known)

    def place(
        self,
        node: ast.expr,
        loop: ast.For,
        known: dict[str, tuple[Affine | None, Affine | None]],
    ) -> ast.expr:
        value = affine(node)
        index = turn_of(loop)
        factor = (value or {}).get(index, 0)
        if value is None or not factor or factor > 0 and not value.keys() - {index, ""}:
            return node
        return call("np.uint64", node) if is_positive(plus(value, {"": 1}), known) else node


def is_innermost(loop: ast.For) -> bool:
    return all(isinstance(stmt, (ast.Assign, ast.AugAssign)) for stmt in loop.body)
