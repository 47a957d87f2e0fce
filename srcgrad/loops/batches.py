"""Products of stacks of matrices: one product of BLAS for each matrix of the stack."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign
from srcgrad.ir.kinds import Length
from srcgrad.loops.allocation import allocated
from srcgrad.loops.tree import attribute, augment, call, name
from srcgrad.loops.values import Array, Value, in_axes
from srcgrad.loops.views import copied, settled

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops

LAST_TURNED = [0, 2, 1]


def stacked_product(low: Loops, stmt: Assign, a: Array, b: Array, summed: bool = False) -> Value:
    """`a @ b` where one is a stack of matrices and the other is one, too, or a single matrix.

    `summed`: the sum of the products, for the cotangent of a single matrix.
    """
    if {a.rank, b.rank} not in ({3}, {2, 3}) or a.dtype != b.dtype or a.dtype not in ("f8", "f4"):
        low.refuse("a product of arrays of these ranks and types has no loop form")
    a, b = laid_out(low, a), laid_out(low, b)
    a, b = low.fresh(a), low.fresh(b)
    stack = a if a.rank == 3 else b
    if a.rank == b.rank and not low.lengths.same(a.shape[0], b.shape[0]):
        low.check_equal(a.lengths[0], b.lengths[0])  # a stack of one is not repeated
    if not low.lengths.same(a.shape[-1], b.shape[-2]):
        low.check_equal(a.lengths[-1], b.lengths[-2])
    shape: tuple[Length, ...] = (a.shape[-2], b.shape[-1])
    lengths: tuple[ast.expr, ...] = (a.lengths[-2], b.lengths[-1])
    turn = low.uses.index(0)
    factors = matrix(a, turn), matrix(b, turn)
    if not summed:
        shape, lengths = (stack.shape[0], *shape), (stack.lengths[0], *lengths)
    lengths = tuple(low.known_length(n) or size for n, size in zip(shape, lengths, strict=True))
    made = allocated(low, stmt, "np.zeros" if summed else "np.empty", shape, lengths, a.dtype)
    row = ast.Subscript(name(made.base), name(turn), ast.Load())
    # `made[i] = a[i] @ b[i]` takes Numba long to compile, and copies
    step: ast.stmt = ast.Expr(call("np.dot", *factors, row))
    if summed:
        product = ast.BinOp(factors[0], ast.MatMult(), factors[1])
        step = augment(made.base, ast.Add(), product)
    head = call("range", low.known_length(stack.shape[0]) or stack.lengths[0])
    loop = ast.For(name(turn), head, [step], [], lineno=0)
    low.place([loop], {a.group, b.group}, {made.group})
    return made


def laid_out(low: Loops, array: Array) -> Array:
    """The array as contiguous memory, or that with the axes of each matrix turned."""
    array = low.fresh(settled(low, array))
    plain = low.is_own(array.base) or array.base in low.given
    order = [t.axis for t in array.terms]
    simple = all(t.start is None and t.step == 1 for t in array.terms) and not array.cut
    if plain and simple and (array.is_whole or array.is_turned or order == LAST_TURNED):
        low.settle(array)
        return array
    return copied(low, array)


def matrix(array: Array, turn: str) -> ast.expr:
    """The matrix of a stack in this turn."""
    turned = not array.is_whole
    node: ast.expr = name(array.base)
    if array.rank == 3:
        node = ast.Subscript(node, name(turn), ast.Load())
    return attribute(node, "T") if turned else node


def adjoint_a(low: Loops, stmt: Assign, g: Array, a: Array, b: Array) -> Value:
    """The cotangent of `a` in `a @ b`."""
    if b.rank < 2 or a.rank < 2 or a.rank == 2 and b.rank == 2:
        low.refuse("a product of these ranks has no loop form")
    turned = in_axes(settled(low, b), (1, 0) if b.rank == 2 else (0, 2, 1))
    return stacked_product(low, stmt, g, turned, summed=a.rank == 2)


def adjoint_b(low: Loops, stmt: Assign, g: Array, a: Array, b: Array) -> Value:
    """The cotangent of `b` in `a @ b`."""
    if b.rank < 2 or a.rank < 2 or a.rank == 2 and b.rank == 2:
        low.refuse("a product of these ranks has no loop form")
    turned = in_axes(settled(low, a), (1, 0) if a.rank == 2 else (0, 2, 1))
    return stacked_product(low, stmt, turned, low.fresh(g), summed=b.rank == 2)
