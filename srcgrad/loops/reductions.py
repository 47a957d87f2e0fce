"""Sums, extrema and counts as loops that carry what was found so far."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.ir.kinds import Dtype, Length
from srcgrad.loops.nest import Access, Nest, empty
from srcgrad.loops.tree import (
    assign,
    attribute,
    augment,
    call,
    constant,
    dotted,
    index,
    name,
    product,
    raising,
    when,
)
from srcgrad.loops.values import Array, Number, Parts, Term, Value, in_axes, stretched

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


COMPLEX = ("pc", "c16", "c8")


def axes_of(low: Loops, stmt: Assign, rank: int) -> tuple[int, ...] | None:
    """The axes of a reduction, counted from the front; None for all."""
    bound = low.bound(stmt)
    atom = bound.get("axis")
    if atom is None or isinstance(atom, Const) and atom.value is None:
        return None
    found = low.value(atom)
    items = found.items if isinstance(found, Parts) else (found,)
    axes = []
    for item in items:
        value = item.value if isinstance(item, Number) else None
        if not isinstance(value, int):
            low.refuse("the axis of a reduction is not known before it runs")
        axes.append(value % rank)
    return tuple(axes)


def flag(low: Loops, stmt: Assign, key: str) -> bool:
    atom = low.bound(stmt).get(key)
    if atom is None:
        return False
    if not isinstance(atom, Const):
        low.refuse(f"`{key}` is not known before it runs")
    return bool(atom.value)


def reduction(low: Loops, stmt: Assign) -> Value:
    """`np.sum(x, axis)` and its kin."""
    assert isinstance(stmt.fn, str)
    how = stmt.fn.rpartition(".")[2]
    bound = low.bound(stmt)
    if how == "norm" and bound.pop("ord", Const(None)) != Const(None):
        low.refuse("np.linalg.norm with an order has no loop form")
    if set(bound) - {"a", "x", "axis", "keepdims", "out", "dtype"} or "dtype" in bound:
        low.refuse(f"an option of {stmt.fn} has no loop form")
    value = low.value(stmt.args[0])
    if isinstance(value, Number):
        if how in ("any", "all"):
            return Number(call("bool", value.expr), "b")
        if how == "count_nonzero":
            return Number(call("int", ast.Compare(value.expr, [ast.NotEq()], [constant(0)])), "i")
        return value
    if not isinstance(value, Array):
        low.refuse(f"{stmt.fn} of something that is no array has no loop form")
    if value.dtype in COMPLEX and how not in ("sum", "mean", "prod", "any", "all"):
        low.refuse(f"{stmt.fn} of complex numbers has no loop form")
    axes = axes_of(low, stmt, value.rank)
    kept = flag(low, stmt, "keepdims")
    if axes is None or len(axes) == value.rank:
        if not kept:
            return full(low, stmt, how, value)
        axes = tuple(range(value.rank))
    return along(low, stmt, how, value, axes, kept)


def start(how: str, dtype: str) -> ast.expr:
    if how == "norm":
        return constant(0.0)
    if how in ("sum", "mean"):  # the mean of integers is one of floats, which do not wrap
        whole = how == "sum" and dtype in ("i", "pi", "b")
        return constant(0 if whole else 0j if dtype in COMPLEX else 0.0)
    if how == "count_nonzero":
        return constant(0)
    if how == "prod":
        return constant(1 if dtype in ("i", "pi", "b") else 1.0)
    if how in ("any", "all"):
        return constant(how == "all")
    infinity = dotted("np.inf")
    return infinity if how in ("min", "amin") else ast.UnaryOp(ast.USub(), infinity)


def step(how: str, target: ast.expr, element: ast.expr, low: Loops, nest: Nest) -> None:
    """One turn of a reduction."""
    if how in ("sum", "mean"):
        nest.body.append(augment(target, ast.Add(), element))
    elif how == "norm":
        nest.body.append(augment(target, ast.Add(), ast.BinOp(element, ast.Pow(), constant(2))))
    elif how == "prod":
        nest.body.append(augment(target, ast.Mult(), element))
    elif how == "count_nonzero":
        some = ast.Compare(element, [ast.NotEq()], [constant(0)])
        nest.body.append(when(some, augment(target, ast.Add(), constant(1))))
    elif how in ("any", "all"):
        found = element if how == "any" else ast.UnaryOp(ast.Not(), element)
        nest.body.append(when(found, assign(target, constant(how == "any"))))
    else:
        here = low.uses.fresh("here")
        nest.body.append(assign(here, element))
        op = ast.Lt() if how in ("min", "amin") else ast.Gt()
        better = ast.Compare(name(here), [op], [target])
        undefined = ast.Compare(name(here), [ast.NotEq()], [name(here)])
        test = ast.BoolOp(ast.Or(), [better, undefined])
        nest.body.append(when(test, assign(target, name(here))))


def full(low: Loops, stmt: Assign, how: str, value: Array) -> Value:
    """A reduction to a number."""
    if how in ("max", "min", "amax", "amin"):
        if value.dtype in ("i", "pi", "b"):
            low.refuse("an extremum of integers has no loop form")
        some = ast.Compare(product(value.lengths), [ast.Eq()], [constant(0)])
        low.place([when(some, raising("ValueError", "an extremum of no elements"))])
    nest = low.join([value], value.shape)
    value = low.fresh(value)
    result = low.uses.fresh(low.uses.final(stmt.target) + "_sum")
    if low.uses.is_single(stmt.target):
        result = low.uses.final(stmt.target)
    nest.before.append(assign(result, start(how, value.dtype)))
    element = low.element(nest, value)
    step(how, name(result), element, low, nest)
    nest.results.add(result)
    if how == "mean":
        nest.after.append(augment(result, ast.Div(), product(nest.lengths)))
    if how == "norm":
        nest.after.append(assign(result, call("np.sqrt", name(result))))
    kind = low.facts.after(stmt, stmt.target)
    return Number(name(result), kind.dtype)


def along(
    low: Loops, stmt: Assign, how: str, value: Array, axes: tuple[int, ...], kept: bool
) -> Value:
    """A reduction along some axes, to a new array."""
    if how in ("max", "min", "amax", "amin"):
        if value.dtype in ("i", "pi", "b"):
            low.refuse("an extremum of integers has no loop form")
        some = ast.Compare(product([value.lengths[a] for a in axes]), [ast.Eq()], [constant(0)])
        low.place([when(some, raising("ValueError", "an extremum of no elements"))])
    nest = low.join([value], value.shape)
    value = low.fresh(value)
    base = low.uses.memory(stmt.target)
    free = [a for a in range(value.rank) if a not in axes]
    kind = low.facts.after(stmt, stmt.target)
    dtype = "b" if how in ("any", "all") else "i" if how == "count_nonzero" else value.dtype
    dtype = "i" if how in ("sum", "prod") and dtype == "b" else dtype
    dtype = "f8" if how == "mean" and dtype in ("i", "b") else dtype
    shape: list[Length] = []
    lengths: list[ast.expr] = []
    places: list[ast.expr] = []
    terms: list[Term] = []
    for axis in range(value.rank):
        if axis in free:
            terms.append(Term(len(shape)))
            places.append(name(nest.indices[axis]))
        elif kept:
            terms.append(Term(len(shape)))
            places.append(constant(0))
        if axis in free or kept:
            shape.append(value.shape[axis] if axis in free else 1)
            lengths.append(nest.lengths[axis] if axis in free else constant(1))
    made = made_with(tuple(lengths), dtype, start(how, value.dtype))
    nest.before.append(assign(base, made))
    element = low.element(nest, value)
    target = index(base, places)
    step(how, target, element, low, nest)
    group = low.uses.group(stmt.target)
    nest.accesses.append(Access(group, ast.unparse(target), "part"))
    nest.results.add(base)
    if how == "mean":
        count = product([nest.lengths[a] for a in axes])
        nest.after.append(augment(name(base), ast.Div(), count))
    if how == "norm":
        nest.after.append(assign(base, call("np.sqrt", name(base))))
    del kind
    return Array(base, tuple(terms), tuple(shape), tuple(lengths), dtype, group)


def made_with(lengths: tuple[ast.expr, ...], dtype: Dtype, value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Constant) and value.value in (0, 0.0) and value.value is not True:
        return empty(lengths, dtype, "np.zeros")
    node = empty(lengths, dtype, "np.full")
    assert isinstance(node, ast.Call)
    node.args.insert(1, value)
    return node


def expand_reduced(low: Loops, stmt: Assign) -> Value:
    """The result of a reduction repeated along its axes."""
    g, x, axis = stmt.args
    array = low.array(x)
    return expanded(low, low.value(g), array, axis)


def expanded(low: Loops, g: Value, x: Array, axis: Atom) -> Value:
    if isinstance(g, Number):
        return g
    assert isinstance(g, Array)
    if g.rank < x.rank and not (isinstance(axis, Const) and axis.value is None):
        found = low.value(axis)
        items = found.items if isinstance(found, Parts) else (found,)
        axes = [i.value % x.rank for i in items if isinstance(i, Number) and type(i.value) is int]
        if len(axes) != len(items) or g.rank + len(axes) != x.rank:
            low.refuse("the axis of a reduction is not known before it runs")
        own = iter(range(g.rank))
        g = in_axes(g, tuple(None if a in axes else next(own) for a in range(x.rank)))
    return stretched(g, x.shape, x.lengths)


def share_extremum(low: Loops, stmt: Assign) -> Value:
    """The cotangent of an extremum, in equal parts to the elements equal to it."""
    g, x, y, axis = (low.value(a) for a in stmt.args)
    if not isinstance(x, Array):
        low.refuse("an extremum of something that is no array has no loop form")
    y = expanded(low, y, x, stmt.args[3])
    g = expanded(low, g, x, stmt.args[3])
    del axis
    if (
        isinstance(y, Array)
        and not y.is_whole
        and any(t.axis is None or x.shape[t.axis] == 1 for t in y.terms)
    ):
        pass
    return counted(low, stmt, g, x, y)


def counted(low: Loops, stmt: Assign, g: Value, x: Array, y: Value) -> Value:
    axes = axes_of_atom(low, stmt.args[3], x.rank)
    free = [a for a in range(x.rank) if axes is not None and a not in axes]
    nest = low.join([x, y], x.shape)
    x = low.fresh(x)
    y = low.refreshed(y)
    hit = ast.Compare(low.element(nest, x), [ast.Eq()], [low.element(nest, y)])
    count = low.uses.fresh("count")
    shape = tuple(x.shape[a] for a in free)
    lengths = tuple(nest.lengths[a] for a in free)
    target: ast.expr = index(count, [name(nest.indices[a]) for a in free]) if free else name(count)
    made = empty(lengths, "f8", "np.zeros") if free else constant(0.0)
    nest.before.append(assign(count, made))
    nest.body.append(augment(target, ast.Add(), ast.IfExp(hit, constant(1.0), constant(0.0))))
    nest.results.add(count)
    low.close()
    x = low.fresh(x)
    y = low.refreshed(y)
    g = low.refreshed(g)
    many: Value = Number(name(count), "f8")
    if free:
        places = {a: i for i, a in enumerate(free)}
        terms = tuple(Term(a) for a in free)
        many = Array(count, terms, x.shape, x.lengths, "f8", count)
        del places, shape
    nest = low.join([x, y, g, many], x.shape)
    x = low.fresh(x)
    hit = ast.Compare(low.element(nest, x), [ast.Eq()], [low.element(nest, low.refreshed(y))])
    number = call("max", low.element(nest, many), constant(1.0))  # none equals an undefined one
    share = ast.BinOp(low.element(nest, low.refreshed(g)), ast.Div(), number)
    node = ast.BinOp(ast.IfExp(hit, constant(1.0), constant(0.0)), ast.Mult(), share)
    return low.new(nest, node, low.facts.after(stmt, stmt.target), stmt.target)


def axes_of_atom(low: Loops, atom: Atom, rank: int) -> tuple[int, ...] | None:
    if isinstance(atom, Const) and atom.value is None:
        return None
    found = low.value(atom)
    items = found.items if isinstance(found, Parts) else (found,)
    values = [i.value for i in items if isinstance(i, Number) and type(i.value) is int]
    if len(values) != len(items):
        low.refuse("the axis of a reduction is not known before it runs")
    return tuple(v % rank for v in values)


HANDLERS = {
    f"numpy.{fn}": reduction
    for fn in ("sum", "mean", "max", "min", "amax", "amin", "prod", "any", "all", "count_nonzero")
}
HANDLERS["numpy.linalg.norm"] = reduction
HANDLERS["srcgrad.support_arrays.expand_reduced"] = expand_reduced
HANDLERS["srcgrad.support_arrays.share_extremum"] = share_extremum
__all__ = ["HANDLERS", "attribute"]
