"""Products: of vectors by loops, of matrices by BLAS."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign
from srcgrad.loops.allocation import allocated
from srcgrad.loops.batches import adjoint_a, adjoint_b, stacked_product
from srcgrad.loops.elements import of_dtype
from srcgrad.loops.reductions import start
from srcgrad.loops.shaping import contiguous
from srcgrad.loops.tree import (
    assign,
    attribute,
    augment,
    call,
    name,
)
from srcgrad.loops.values import (
    Array,
    Number,
    Value,
    in_axes,
)
from srcgrad.loops.views import settled

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def outer(low: Loops, stmt: Assign) -> Value:
    a, b = (low.array(x) for x in stmt.args)
    if a.rank != 1 or b.rank != 1:
        low.refuse("an outer product of other arrays than vectors has no loop form")
    a, b = settled(low, a), settled(low, b)
    a, b = low.fresh(a), low.fresh(b)
    kind = low.facts.after(stmt, stmt.target)
    shape = (a.shape[0], b.shape[0])
    nest = low.join([in_axes(a, (0, None)), in_axes(b, (None, 0))], shape)
    x = low.element(nest, in_axes(low.fresh(a), (0, None)))
    y = low.element(nest, in_axes(low.fresh(b), (None, 0)))
    return low.new(nest, ast.BinOp(x, ast.Mult(), y), kind.with_dtype(kind.dtype), stmt.target)


def product_of(low: Loops, stmt: Assign) -> Value:
    """`a @ b`: vectors by loops, matrices by BLAS."""
    values = [low.value(atom) for atom in stmt.args]
    if stmt.kwargs or len(values) != 2:
        low.refuse("an option of a product has no loop form")
    if any(isinstance(v, Number) for v in values):
        return low.elementwise(stmt, "operator.mul", values, low.facts.after(stmt, stmt.target))
    a, b = (low.array(atom) for atom in stmt.args)
    if a.rank == 1 and b.rank == 1:
        return inner(low, stmt, a, b)
    if a.rank > 2 or b.rank > 2:
        return stacked_product(low, stmt, a, b)
    if {a.dtype, b.dtype} == {"f4", "f8"}:
        a, b = doubled(low, a), doubled(low, b)
    if a.dtype != b.dtype or a.dtype not in ("f8", "f4", "c16", "c8"):
        low.refuse("a product of matrices of different types has no loop form")
    left, right = contiguous_or_turned(low, a), contiguous_or_turned(low, b)
    a, b = low.fresh(a), low.fresh(b)
    if not low.lengths.same(a.shape[-1], b.shape[0]):
        low.check_equal(a.lengths[-1], b.lengths[0])
    # `a @ b` takes Numba three times as long to compile
    shape, lengths = (*a.shape[:-1], *b.shape[1:]), (*a.lengths[:-1], *b.lengths[1:])
    sizes = [low.known_length(n) or size for n, size in zip(shape, lengths, strict=True)]
    made = allocated(low, stmt, "np.empty", shape, tuple(sizes), a.dtype)
    product = ast.Expr(call("np.dot", left, right, name(made.base)))
    low.place([product], {a.group, b.group}, {made.group})
    return made


def doubled(low: Loops, array: Array) -> Array:
    """An array of float32 in float64, as NumPy multiplies it with one of float64."""
    if array.dtype != "f4":
        return array
    nest = low.join([array], array.shape)
    node = of_dtype(low.element(nest, low.fresh(array)), "f4", "f8")
    made = low.made(nest, node, low.uses.fresh("doubles"), "f8")
    low.close()
    return low.fresh(made)


def contiguous_or_turned(low: Loops, array: Array) -> ast.expr:
    plain = low.is_own(array.base) or array.base in low.given  # which are contiguous, as a rule
    if plain and (array.is_turned or array.is_whole):
        low.settle(array)
        return attribute(name(array.base), "T") if array.is_turned else name(array.base)
    return contiguous(low, array)


def inner(low: Loops, stmt: Assign, a: Array, b: Array) -> Value:
    nest = low.join([a, b], a.shape)
    result = low.uses.final(stmt.target)
    if not low.uses.is_single(stmt.target):
        result = low.uses.fresh(result + "_sum")
    dtype = low.facts.after(stmt, stmt.target).dtype
    nest.before.append(assign(result, start("sum", dtype)))
    x, y = low.element(nest, low.fresh(a)), low.element(nest, low.fresh(b))
    nest.body.append(augment(result, ast.Add(), ast.BinOp(x, ast.Mult(), y)))
    nest.results.add(result)
    return Number(name(result), dtype)


def matmul_adjoint_a(low: Loops, stmt: Assign) -> Value:
    g_, _, b_ = stmt.args
    g, b = low.value(g_), low.value(b_)
    ranks = [low.kind(a).rank for a in stmt.args]
    if ranks[1:] == [2, 2]:
        turn = low.temporary("attr.T", (b_,), stmt)
        return product_of(low, replace(stmt, fn="operator.matmul", args=(g_, turn)))
    if ranks[1:] == [2, 1]:
        return outer(low, replace(stmt, fn="numpy.outer", args=(g_, b_)))
    if ranks[1:] == [1, 2]:
        return product_of(low, replace(stmt, fn="operator.matmul", args=(b_, g_)))
    if ranks[1:] == [1, 1]:
        kind = low.facts.after(stmt, stmt.target)
        return low.elementwise(stmt, "operator.mul", [g, b], kind)
    if max(low.kind(a).rank or 0 for a in stmt.args) == 3:
        return adjoint_a(low, stmt, *(low.array(atom) for atom in stmt.args))
    low.refuse("a product of these ranks has no loop form")


def matmul_adjoint_b(low: Loops, stmt: Assign) -> Value:
    g_, a_, _ = stmt.args
    g, a = low.value(g_), low.value(a_)
    ranks = [low.kind(x).rank for x in stmt.args]
    if ranks[1:] in ([2, 2], [2, 1]):
        turn = low.temporary("attr.T", (a_,), stmt)
        return product_of(low, replace(stmt, fn="operator.matmul", args=(turn, g_)))
    if ranks[1:] == [1, 2]:
        return outer(low, replace(stmt, fn="numpy.outer", args=(a_, g_)))
    if ranks[1:] == [1, 1]:
        kind = low.facts.after(stmt, stmt.target)
        return low.elementwise(stmt, "operator.mul", [g, a], kind)
    if max(low.kind(a).rank or 0 for a in stmt.args) == 3:
        return adjoint_b(low, stmt, *(low.array(atom) for atom in stmt.args))
    low.refuse("a product of these ranks has no loop form")
