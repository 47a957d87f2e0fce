"""New arrays, other shapes of arrays, and products."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.ir.kinds import Dtype, Kind, Length
from srcgrad.loops.nest import Access, empty
from srcgrad.loops.tree import add, assign, attribute, augment, call, constant, name, product, subtract
from srcgrad.loops.values import (
    Array,
    Number,
    Other,
    Parts,
    Slice,
    Value,
    in_axes,
    stretched,
    whole,
)

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def copy(low: Loops, stmt: Assign) -> Value:
    """A new array with the same elements."""
    value = low.value(stmt.args[0])
    if isinstance(value, Number):
        return value
    if isinstance(value, Parts) and value.tag != "dict":
        return from_items(low, stmt, value)
    if not isinstance(value, Array):
        low.refuse("a copy of something that is no array has no loop form")
    if value.rank == 0:
        return low.number(stmt.args[0])
    nest = low.join([value], value.shape)
    node = low.element(nest, low.fresh(value))
    kind = low.facts.after(stmt, stmt.target)
    return low.new(
        nest,
        node,
        Kind("array", value.dtype if kind.dtype == "?" else kind.dtype, value.shape),
        stmt.target,
    )


def from_items(low: Loops, stmt: Assign, value: Parts) -> Value:
    """`np.array([a, b, c])` of numbers."""
    if not value.items or not all(isinstance(item, Number) for item in value.items):
        low.refuse("an array of other items than numbers has no loop form")
    dtype: Dtype = low.facts.after(stmt, stmt.target).dtype
    return allocated(
        low,
        stmt,
        "np.empty",
        (len(value.items),),
        (constant(len(value.items)),),
        dtype,
        [item.expr for item in value.items if isinstance(item, Number)],
    )


def allocated(
    low: Loops, stmt: Assign, fn: str, shape: tuple[Length, ...], lengths: tuple[ast.expr, ...],
    dtype: Dtype, items: list[ast.expr] | None = None, value: ast.expr | None = None,
) -> Array:  # fmt: skip
    """A new array by one of NumPy's functions."""
    base = low.uses.memory(stmt.target)
    node = empty(lengths, dtype, fn)
    if value is not None:
        assert isinstance(node, ast.Call)
        node.args.insert(1, value)
    code: list[ast.stmt] = [assign(base, node)]
    for i, item in enumerate(items or ()):
        place = ast.Subscript(name(base), constant(i), ast.Load())
        code.append(assign(place, item))
    low.place(code)
    return whole(base, shape, dtype, low.uses.group(stmt.target))


FILLED = {"zeros": "np.zeros", "empty": "np.empty", "ones": "np.ones", "full": "np.full"}


def filled(low: Loops, stmt: Assign) -> Value:
    """`np.zeros(shape)`, `np.zeros_like(x)` and their kin."""
    assert isinstance(stmt.fn, str)
    fn = stmt.fn.rpartition(".")[2]
    stem, _, like = fn.partition("_")
    bound = low.bound(stmt) if not stmt.fn.startswith("srcgrad") else {"a": stmt.args[0]}
    kind = low.facts.after(stmt, stmt.target)
    first = low.value(stmt.args[0]) if stmt.args else low.value(next(iter(bound.values())))
    value = None
    if stem == "full":
        value = low.number(bound["fill_value"]).expr
    if like:
        if isinstance(first, Number):
            return Number(constant(0.0), "pf")
        if not isinstance(first, Array):
            low.refuse(f"{stmt.fn} of something that is no array has no loop form")
        shape = first.shape
        lengths = tuple(length(low, first, axis).expr for axis in range(first.rank))
        dtype = first.dtype if kind.dtype == "?" or "dtype" not in bound else kind.dtype
    else:
        items = first.items if isinstance(first, Parts) else (first,)
        numbers = [i for i in items if isinstance(i, Number)]
        if len(numbers) != len(items) or kind.shape is None:
            low.refuse("the rank of a new array is not known")
        shape, lengths, dtype = kind.shape, tuple(n.expr for n in numbers), kind.dtype
    if dtype == "?":
        low.refuse("the type of a new array is not known")
    if not shape:
        low.refuse("an array of rank 0 has no loop form")
    return allocated(low, stmt, FILLED[stem], tuple(shape), lengths, dtype, None, value)


def shape_of(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    if isinstance(value, Number):
        return Parts(())
    array = low.array(stmt.args[0])
    return Parts(tuple(length(low, array, axis) for axis in range(array.rank)))


def length(low: Loops, array: Array, axis: int) -> Number:
    known = array.shape[axis]
    return Number(low.known_length(known) or array.lengths[axis], "pi", known)


def size_of(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    if isinstance(value, Number):
        return Number(constant(1), "pi", 1)
    array = low.array(stmt.args[0])
    if array.rank == 1:
        return length(low, array, 0)
    return Number(product([length(low, array, a).expr for a in range(array.rank)]), "pi")


def len_of(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    if isinstance(value, Parts):
        return Number(constant(len(value.items)), "pi", len(value.items))
    return length(low, low.array(stmt.args[0]), 0)


def rank_of(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    rank = value.rank if isinstance(value, Array) else 0
    return Number(constant(rank), "pi", rank)


def turned(low: Loops, stmt: Assign) -> Value:
    """`x.T`, `np.transpose(x, axes)`, `np.swapaxes`, `np.moveaxis`."""
    array = low.array(stmt.args[0])
    order = list(range(array.rank))[::-1]
    fn = str(stmt.fn).rpartition(".")[2]
    if fn in ("transpose", "swapaxes", "moveaxis"):
        given = [low.value(a) for a in stmt.args[1:]]
        if len(given) == 1 and isinstance(given[0], Parts):
            given = list(given[0].items)
        numbers = [g.value for g in given if isinstance(g, Number) and isinstance(g.value, int)]
        if len(numbers) != len(given) or stmt.kwargs:
            low.refuse("axes that are not known before it runs")
        if fn == "swapaxes":
            order = list(range(array.rank))
            a, b = (n % array.rank for n in numbers)
            order[a], order[b] = b, a
        elif fn == "moveaxis":
            a, b = (n % array.rank for n in numbers)
            order = [n for n in range(array.rank) if n != a]
            order.insert(b, a)
        elif numbers:
            order = [n % array.rank for n in numbers]
    return in_axes(settled(low, array), tuple(order))


def settled(low: Loops, array: Array) -> Array:
    """The array as memory of its own, that parts may be taken of."""
    if array.let:
        low.close()
        array = low.fresh(array)
    return array


def expand_dims(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    array = settled(low, low.array(stmt.args[0])) if not isinstance(value, Number) else None
    found = low.value(low.bound(stmt)["axis"])
    items = found.items if isinstance(found, Parts) else (found,)
    if array is None:
        low.refuse("an array of a number has no loop form")
    rank = array.rank + len(items)
    axes = [i.value % rank for i in items if isinstance(i, Number) and isinstance(i.value, int)]
    if len(axes) != len(items):
        low.refuse("axes that are not known before it runs")
    own = iter(range(array.rank))
    return in_axes(array, tuple(None if a in axes else next(own) for a in range(rank)))


def broadcast_to(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    wanted = low.value(stmt.args[1])
    kind = low.facts.after(stmt, stmt.target)
    items = wanted.items if isinstance(wanted, Parts) else (wanted,)
    numbers = [i for i in items if isinstance(i, Number)]
    if len(numbers) != len(items) or kind.shape is None:
        low.refuse("the rank of an array is not known")
    lengths = tuple(n.expr for n in numbers)
    if isinstance(value, Number):
        return allocated(low, stmt, "np.full", kind.shape, lengths, value.dtype, None, value.expr)
    array = settled(low, low.array(stmt.args[0]))
    for axis in range(1, array.rank + 1):
        if array.shape[-axis] != 1 and not low.lengths.same(array.shape[-axis], kind.shape[-axis]):
            low.check_equal(array.lengths[-axis], lengths[-axis])
    return stretched(array, kind.shape, lengths)


def squeeze(low: Loops, stmt: Assign) -> Value:
    array = settled(low, low.array(stmt.args[0]))
    kind = low.facts.after(stmt, stmt.target)
    free = [a for a in range(array.rank) if array.shape[a] != 1]
    if kind.shape is None or len(kind.shape) != len(free):
        low.refuse("the axes of length 1 are not known")
    return in_axes(array, tuple(free))


def reshaped(low: Loops, stmt: Assign) -> Value:
    """`x.reshape(shape)`, `x.ravel()`: by NumPy, of contiguous memory."""
    array = low.array(stmt.args[0])
    kind = low.facts.after(stmt, stmt.target)
    fn = str(stmt.fn).rpartition(".")[2]
    if kind.shape is None or set(low.bound(stmt)) - {"a", "x", "shape", "newshape"}:
        low.refuse("a shape that is not known before it runs")
    source = contiguous(low, array)
    if fn in ("ravel", "flatten"):
        node = call(attribute(source, "reshape"), call("np.int64", constant(-1)))
        node = (
            call(attribute(source, "ravel"))
            if fn == "ravel"
            else call(attribute(source, "flatten"))
        )
    else:
        atoms = [low.value(a) for a in stmt.args[1:]]
        if len(atoms) == 1 and isinstance(atoms[0], Parts):
            atoms = list(atoms[0].items)
        exprs = [low.real(v) for v in atoms]
        node = (
            call(attribute(source, "reshape"), *exprs)
            if len(exprs) == 1
            else call(attribute(source, "reshape"), ast.Tuple(exprs, ast.Load()))
        )
    base = low.uses.memory(stmt.target)
    low.place([assign(base, node)], {array.group})
    return whole(base, kind.shape, array.dtype, low.uses.group(stmt.target))


def contiguous(low: Loops, array: Array) -> ast.expr:
    """The array as an expression of contiguous memory."""
    low.settle(array)
    array = low.fresh(array)
    node = low.real(array)
    if array.is_whole and low.is_own(array.base):
        return node
    return call("np.ascontiguousarray", node)


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
    if a.rank > 2 or b.rank > 2 or "?" in (a.dtype, b.dtype):
        low.refuse("a product of arrays of more than two axes has no loop form")
    if a.dtype != b.dtype or a.dtype not in ("f8", "f4", "c16", "c8"):
        low.refuse("a product of matrices of different types has no loop form")
    left, right = contiguous_or_turned(low, a), contiguous_or_turned(low, b)
    a, b = low.fresh(a), low.fresh(b)
    if not low.lengths.same(a.shape[-1], b.shape[0]):
        low.check_equal(a.lengths[-1], b.lengths[0])
    base = low.uses.memory(stmt.target)
    node = ast.BinOp(left, ast.MatMult(), right)
    low.place([assign(base, node)], {a.group, b.group})
    shape = (*a.shape[:-1], *b.shape[1:])
    return whole(base, shape, a.dtype, low.uses.group(stmt.target))


def contiguous_or_turned(low: Loops, array: Array) -> ast.expr:
    if array.is_turned and low.is_own(array.base):
        low.settle(array)
        return attribute(name(array.base), "T")
    return contiguous(low, array)


def inner(low: Loops, stmt: Assign, a: Array, b: Array) -> Value:
    nest = low.join([a, b], a.shape)
    result = low.uses.final(stmt.target)
    if not low.uses.is_single(stmt.target):
        result = low.uses.fresh(result + "_sum")
    nest.before.append(assign(result, constant(0.0 if a.dtype not in ("i", "pi") else 0)))
    x, y = low.element(nest, low.fresh(a)), low.element(nest, low.fresh(b))
    nest.body.append(augment(result, ast.Add(), ast.BinOp(x, ast.Mult(), y)))
    nest.results.add(result)
    return Number(name(result), low.facts.after(stmt, stmt.target).dtype)


def arange(low: Loops, stmt: Assign) -> Value:
    numbers = [low.number(a) for a in stmt.args]
    kind = low.facts.after(stmt, stmt.target)
    if stmt.kwargs or kind.shape is None or any(n.dtype not in ("i", "pi") for n in numbers):
        low.refuse("np.arange with these arguments has no loop form")
    base = low.uses.memory(stmt.target)
    low.place([assign(base, call("np.arange", *(n.expr for n in numbers)))])
    return whole(base, kind.shape, "i", low.uses.group(stmt.target))


def roll(low: Loops, stmt: Assign) -> Value:
    """`np.roll` along one axis: the place counted round."""
    bound = low.bound(stmt)
    array = low.array(bound["a"])
    shift = low.number(bound["shift"])
    axis = bound.get("axis")
    along = 0
    if axis is not None and not (isinstance(axis, Const) and axis.value is None):
        if not isinstance(axis, Const):
            low.refuse("the axis is not known before it runs")
        along = axis.value % array.rank
    elif array.rank != 1:
        low.refuse("np.roll of a flattened array has no loop form")
    array = settled(low, array)
    kind = low.facts.after(stmt, stmt.target)
    nest = low.join([array], array.shape)
    array = low.fresh(array)
    turns: list[ast.expr] = [name(i) for i in nest.indices]
    there = ast.BinOp(turns[along], ast.Sub(), shift.expr)
    turns[along] = ast.BinOp(there, ast.Mod(), nest.lengths[along])
    node = array.element(turns)
    rolled = Access(array.group, ast.unparse(node), "read")
    if not nest.admits([rolled]):
        low.close()
        nest = low.join([array], array.shape)
    nest.accesses.append(rolled)
    return low.new(nest, node, Kind("array", kind.dtype, array.shape), stmt.target)


def diff(low: Loops, stmt: Assign) -> Value:
    """`np.diff(x, axis=axis)`: the difference of two parts."""
    from srcgrad.loops.indexing import part

    bound = low.bound(stmt)
    array = settled(low, low.array(bound["a"]))
    axis = bound.get("axis", Const(-1))
    if (
        set(bound) - {"a", "axis", "n"}
        or not isinstance(axis, Const)
        or ("n" in bound and bound["n"] != Const(1))
    ):
        low.refuse("np.diff with these options has no loop form")
    one = Number(constant(1), "pi", 1)
    back = Number(ast.UnaryOp(ast.USub(), constant(1)), "pi", -1)
    whole_ = Slice(None, None, None)
    ahead: list[Value] = [whole_] * array.rank
    behind: list[Value] = [whole_] * array.rank
    ahead[axis.value], behind[axis.value] = Slice(one, None, None), Slice(None, back, None)
    a, b = part(low, array, ahead), part(low, array, behind)
    kind = Kind("array", array.dtype, a.shape)
    return low.elementwise(stmt, "operator.sub", [a, b], kind)


def diff_adjoint(low: Loops, stmt: Assign) -> Value:
    """The cotangent of `np.diff`: each difference gives to both its ends."""
    g, n, axis = stmt.args
    array = settled(low, low.array(g))
    if n != Const(1) or not isinstance(axis, Const):
        low.refuse("np.diff with these options has no loop form")
    along = axis.value % array.rank
    shape, lengths = list(array.shape), list(array.lengths)
    from srcgrad.loops.indexing import part, put, shifted

    shape[along] = shifted(shape[along], 1)
    lengths[along] = add(lengths[along], constant(1))
    made = allocated(low, stmt, "np.zeros", tuple(shape), tuple(lengths), array.dtype)
    one = Number(constant(1), "pi", 1)
    back = Number(ast.UnaryOp(ast.USub(), constant(1)), "pi", -1)
    places: list[Value] = [Slice(None, None, None)] * array.rank
    places[along] = Slice(one, None, None)
    put(low, part(low, made, places), array, "add")
    places[along] = Slice(None, back, None)
    put(low, part(low, made, places), low.fresh(array), "sub")
    return made


def unbroadcast(low: Loops, stmt: Assign) -> Value:
    """A cotangent in the shape of its operand: summed where that was stretched."""
    g, x = low.value(stmt.args[0]), low.value(stmt.args[1])
    if isinstance(g, Number):
        if isinstance(x, Array):
            low.refuse("a cotangent of an array that is a number")
        return g
    if not isinstance(g, Array):
        low.refuse("a cotangent that is no array")
    shape = x.shape if isinstance(x, Array) else ()
    from srcgrad.loops.reductions import along, full

    first = g.rank - len(shape)
    axes = list(range(first))
    for axis, n in enumerate(shape):
        own = g.shape[first + axis]
        if n == 1 and own != 1:
            axes.append(first + axis)
        elif not low.lengths.same(n, own):
            assert isinstance(x, Array)
            low.check_equal(x.lengths[axis], g.lengths[first + axis])
    if not axes:
        return low.passed(g)
    if not shape:
        return full(low, stmt, "sum", g)
    kept = [a for a in axes if a >= first]
    if kept and first:
        low.refuse("a cotangent is summed along new and old axes at once")
    return along(low, stmt, "sum", g, tuple(axes), bool(kept))


def parts(low: Loops, stmt: Assign) -> Value:
    return Parts(kept(low, stmt.args), tag=str(stmt.fn))


def kept(low: Loops, atoms: tuple[Atom, ...]) -> tuple[Value, ...]:
    """Operands that are read later on, as they stand when no nest is open."""
    values = [low.value(a) for a in atoms]
    if any(isinstance(v, Array) and v.let for v in values):
        low.close()
    return tuple(low.value(a) for a in atoms)


def slice_(low: Loops, stmt: Assign) -> Value:
    bounds = [low.value(a) for a in stmt.args]
    if not all(isinstance(b, (Number, Other)) for b in bounds):
        low.refuse("a bound of a slice is no number")
    return Slice(*(b if isinstance(b, Number) else None for b in bounds))


def dictionary(low: Loops, stmt: Assign) -> Value:
    keys = [a.value if isinstance(a, Const) else None for a in stmt.args[::2]]
    if None in keys:
        low.refuse("a key is not known before the function runs")
    return Parts(kept(low, stmt.args[1::2]), tuple(keys), "dict")


def native(low: Loops, stmt: Assign) -> Value:
    """A function that Numba has itself, of contiguous arrays."""
    exprs = []
    groups = set()
    for atom in stmt.args:
        value = low.value(atom)
        if isinstance(value, Array):
            groups.add(value.group)
            exprs.append(contiguous(low, value))
        else:
            exprs.append(low.real(value))
    kind = low.facts.after(stmt, stmt.target)
    if stmt.kwargs:
        low.refuse(f"an option of {stmt.fn} has no loop form")
    node = call(str(stmt.fn).replace("numpy", "np", 1), *exprs)
    if not kind.is_array:
        return Number(node, kind.dtype)
    if kind.shape is None:
        low.refuse(f"the shape of what {stmt.fn} gives is not known")
    base = low.uses.memory(stmt.target)
    low.place([assign(base, node)], groups)
    return whole(base, kind.shape, kind.dtype, low.uses.group(stmt.target))


def identity(low: Loops, stmt: Assign) -> Value:
    """`np.eye(n)`."""
    bound = low.bound(stmt)
    kind = low.facts.after(stmt, stmt.target)
    numbers = [low.number(a).expr for a in stmt.args]
    if set(bound) - {"N", "n", "M"} or kind.shape is None or len(stmt.args) > 1 or stmt.kwargs:
        low.refuse("np.eye with these options has no loop form")
    base = low.uses.memory(stmt.target)
    low.place([assign(base, call("np.eye", numbers[0]))])
    return whole(base, kind.shape, "f8", low.uses.group(stmt.target))


def padded(low: Loops, stmt: Assign) -> Value:
    """`np.pad(x, 1)`: a part of an array of zeros."""
    from srcgrad.loops.indexing import part, put

    array = settled(low, low.array(stmt.args[0]))
    kind = low.facts.after(stmt, stmt.target)
    if len(stmt.args) != 2 or stmt.kwargs or kind.shape is None:
        low.refuse("np.pad with these options has no loop form")
    found = low.value(stmt.args[1])
    widths: list[tuple[ast.expr, ast.expr]] = []
    if isinstance(found, Number):
        widths = [(found.expr, found.expr)] * array.rank
    else:
        items = found.items if isinstance(found, Parts) else ()
        pairs = [items] if all(isinstance(i, Number) for i in items) else [
            i.items if isinstance(i, Parts) else (i, i) for i in items
        ]
        pairs = pairs * array.rank if len(pairs) == 1 else pairs
        if len(pairs) != array.rank or not all(
            len(p) == 2 and all(isinstance(n, Number) for n in p) for p in pairs
        ):
            low.refuse("np.pad with these widths has no loop form")
        widths = [(low.real(p[0]), low.real(p[1])) for p in pairs]
    lengths = tuple(
        add(add(size, before), after)
        for size, (before, after) in zip(array.lengths, widths, strict=True)
    )
    made = allocated(low, stmt, "np.zeros", kind.shape, lengths, array.dtype)
    inside: list[Value] = [
        Slice(Number(before, "pi"), Number(add(before, size), "pi"), None)
        for size, (before, _) in zip(array.lengths, widths, strict=True)
    ]
    put(low, part(low, made, inside), array, "set")
    return made


def matmul_adjoint_a(low: Loops, stmt: Assign) -> Value:
    g, _, b = (low.value(a) for a in stmt.args)
    ranks = [low.kind(a).rank for a in stmt.args]
    g_, a_, b_ = stmt.args
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
    low.refuse("a product of these ranks has no loop form")


def matmul_adjoint_b(low: Loops, stmt: Assign) -> Value:
    g, a, _ = (low.value(x) for x in stmt.args)
    ranks = [low.kind(x).rank for x in stmt.args]
    g_, a_, b_ = stmt.args
    if ranks[1:] in ([2, 2], [2, 1]):
        turn = low.temporary("attr.T", (a_,), stmt)
        return product_of(low, replace(stmt, fn="operator.matmul", args=(turn, g_)))
    if ranks[1:] == [1, 2]:
        return outer(low, replace(stmt, fn="numpy.outer", args=(a_, g_)))
    if ranks[1:] == [1, 1]:
        kind = low.facts.after(stmt, stmt.target)
        return low.elementwise(stmt, "operator.mul", [g, a], kind)
    low.refuse("a product of these ranks has no loop form")


def cast(low: Loops, stmt: Assign) -> Value:
    """`x.astype(float)`."""
    value = low.value(stmt.args[0])
    kind = low.facts.after(stmt, stmt.target)
    if isinstance(value, Array) and kind.is_array and kind.dtype != "?":
        if kind.dtype == value.dtype or kind.dtype == "f8" and value.dtype in ("i", "b"):
            return copy(low, stmt)
    low.refuse("a conversion to this type has no loop form")


def checked(low: Loops, stmt: Assign) -> Value | None:
    """`assert test`."""
    from srcgrad.loops.tree import raising, when

    test = low.number(stmt.args[0])
    low.place([when(ast.UnaryOp(ast.Not(), test.expr), raising("AssertionError", "assert"))])
    return None


HANDLERS = {
    **dict.fromkeys(("method.copy", "numpy.copy", "numpy.array", "numpy.asarray",
                     "srcgrad.support.own", "numpy.ascontiguousarray", "copy.copy"), copy),
    **dict.fromkeys([f"numpy.{fn}" for fn in FILLED], filled),
    **dict.fromkeys([f"numpy.{fn}_like" for fn in FILLED], filled),
    "srcgrad.support.zeros_like": filled,
    "attr.shape": shape_of, "numpy.shape": shape_of, "attr.size": size_of, "numpy.size": size_of,
    "builtins.len": len_of, "attr.ndim": rank_of, "numpy.ndim": rank_of,
    **dict.fromkeys(("attr.T", "numpy.transpose", "method.transpose", "numpy.swapaxes",
                     "numpy.moveaxis", "method.swapaxes"), turned),
    "numpy.expand_dims": expand_dims, "numpy.broadcast_to": broadcast_to,
    "numpy.squeeze": squeeze, "method.squeeze": squeeze,
    **dict.fromkeys(("numpy.reshape", "method.reshape", "numpy.ravel", "method.ravel",
                     "method.flatten"), reshaped),
    "numpy.outer": outer,
    **dict.fromkeys(("operator.matmul", "numpy.matmul", "numpy.dot", "method.dot"), product_of),
    "numpy.arange": arange, "numpy.roll": roll, "numpy.diff": diff,
    "srcgrad.support_arrays.diff_adjoint": diff_adjoint,
    "srcgrad.support.unbroadcast": unbroadcast,
    "tuple": parts, "list": parts, "slice": slice_, "dict": dictionary,
    **dict.fromkeys(("numpy.linalg.solve", "numpy.linalg.inv", "numpy.linalg.cholesky", "numpy.diag",
                     "numpy.tril", "numpy.triu", "numpy.cumsum", "numpy.searchsorted", "numpy.trace",
                     "numpy.sort", "numpy.argsort", "numpy.round",
                     "numpy.linalg.det", "numpy.argmax", "numpy.argmin"), native),
    "method.astype": cast, "assert": checked, "numpy.eye": identity, "numpy.identity": identity,
    "numpy.pad": padded,
    "srcgrad.support_linear.matmul_adjoint_a": matmul_adjoint_a,
    "srcgrad.support_linear.matmul_adjoint_b": matmul_adjoint_b,
}  # fmt: skip
__all__ = ["HANDLERS", "subtract"]
