"""New arrays, and values that are put together of others."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.ir.kinds import Dtype, Kind
from srcgrad.loops.allocation import allocated
from srcgrad.loops.containers import zeros_like
from srcgrad.loops.elements import of_dtype
from srcgrad.loops.lists import stacked
from srcgrad.loops.shaping import contiguous, length
from srcgrad.loops.tree import (
    assign,
    call,
    constant,
    raising,
    when,
)
from srcgrad.loops.values import (
    Array,
    Items,
    Number,
    Other,
    Parts,
    Slice,
    Value,
    stretched,
    whole,
)
from srcgrad.loops.views import settled

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def copy(low: Loops, stmt: Assign) -> Value:
    """A new array with the same elements."""
    value = low.value(stmt.args[0])
    if isinstance(value, Number):
        return value
    if isinstance(value, Items) and stmt.fn in ("numpy.array", "numpy.asarray"):
        return stacked(low, stmt, value, 0)
    if isinstance(value, Parts) and value.tag != "dict":
        return from_items(low, stmt, value)
    if not isinstance(value, Array):
        low.refuse("a copy of something that is no array has no loop form")
    if value.rank == 0:
        return low.number(stmt.args[0])
    nest = low.join([value], value.shape)
    node = low.element(nest, low.fresh(value))
    kind = low.facts.after(stmt, stmt.target)
    dtype = value.dtype if kind.dtype == "?" else kind.dtype
    node = of_dtype(node, value.dtype, dtype)
    return low.new(nest, node, Kind("array", dtype, value.shape), stmt.target)


def from_items(low: Loops, stmt: Assign, value: Parts) -> Value:
    """`np.array([a, b, c])` of numbers, or of rows of them."""
    found = table(value)
    if found is None:
        low.refuse("an array of other items than numbers has no loop form")
    shape, items = found
    dtype: Dtype = low.facts.after(stmt, stmt.target).dtype
    lengths = tuple(map(constant, shape))
    stored = [of_dtype(item.expr, item.dtype, dtype) for item in items]
    return allocated(low, stmt, "np.empty", shape, lengths, dtype, stored)


def table(value: Parts) -> tuple[tuple[int, ...], list[Number]] | None:
    """The shape and the numbers of nested lists, row by row; None for other items."""
    if not value.items or value.tag == "dict":
        return None
    numbers = [item for item in value.items if isinstance(item, Number)]
    if len(numbers) == len(value.items):
        return (len(numbers),), numbers
    rows = [table(item) for item in value.items if isinstance(item, Parts)]
    known = [row for row in rows if row is not None]
    if len(known) < len(value.items) or len({shape for shape, _ in known}) > 1:
        return None
    return (len(known), *known[0][0]), [number for _, row in known for number in row]


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
        given = low.value(bound["fill_value"])
        if like and isinstance(given, Array) and isinstance(first, Array):
            return full_of(low, stmt, given, first)
        low.sure_number(bound["fill_value"])
        number = low.number(bound["fill_value"])
        value = of_dtype(number.expr, number.dtype, kind.dtype)
    if like:
        if isinstance(first, Number):
            return Number(constant(0.0), "pf")
        if isinstance(first, Parts) and stmt.fn == "srcgrad.support.zeros_like":
            return zeros_like(low, first)
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


def full_of(low: Loops, stmt: Assign, given: Array, like: Array) -> Value:
    """`np.full_like(x, row)`: the row repeated."""
    if given.rank > like.rank:
        low.refuse("an array has more axes than the place that it is stored into")
    for axis in range(1, given.rank + 1):
        if given.shape[-axis] != 1 and not low.lengths.same(given.shape[-axis], like.shape[-axis]):
            low.check_equal(given.lengths[-axis], like.lengths[-axis])
    row = stretched(settled(low, given), like.shape, like.lengths)
    nest = low.join([row], like.shape)
    node = of_dtype(low.element(nest, low.fresh(row)), given.dtype, like.dtype)
    return low.new(nest, node, Kind("array", like.dtype, like.shape), stmt.target)


def arange(low: Loops, stmt: Assign) -> Value:
    numbers = [low.number(a) for a in stmt.args]
    kind = low.facts.after(stmt, stmt.target)
    known = all(n.dtype in ("i", "pi", "pf", "f8") for n in numbers)
    if stmt.kwargs or kind.shape is None or not known:
        low.refuse("np.arange with these arguments has no loop form")
    dtype: Dtype = "i" if all(n.dtype in ("i", "pi") for n in numbers) else "f8"
    base = low.uses.memory(stmt.target)
    low.place([assign(base, call("np.arange", *(n.expr for n in numbers)))])
    return whole(base, kind.shape, dtype, low.uses.group(stmt.target))


def identity(low: Loops, stmt: Assign) -> Value:
    """`np.eye(n)`, `np.eye(n, m, k)`."""
    bound = low.bound(stmt)
    kind = low.facts.after(stmt, stmt.target)
    bound.pop("dtype", None)
    if set(bound) - {"N", "n", "M", "k"} or kind.shape is None or kind.dtype != "f8":
        low.refuse("np.eye with these options has no loop form")
    numbers = [low.number(bound[key]).expr for key in ("N", "n", "M", "k") if key in bound]
    if "k" in bound and "M" not in bound:
        numbers.insert(1, numbers[0])
    base = low.uses.memory(stmt.target)
    low.place([assign(base, call("np.eye", *numbers))])
    return whole(base, kind.shape, "f8", low.uses.group(stmt.target))


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


def cast(low: Loops, stmt: Assign) -> Value:
    """`x.astype(float)`."""
    value = low.value(stmt.args[0])
    kind = low.facts.after(stmt, stmt.target)
    same = isinstance(value, Array) and kind.is_array and kind.dtype == value.dtype != "?"
    pair = (value.dtype, kind.dtype) if isinstance(value, Array) else ("", "")
    known = pair in (("i", "f8"), ("b", "f8"), ("f4", "f8"), ("f8", "f4"))
    if same or kind.is_array and known:
        return copy(low, stmt)
    low.refuse("a conversion to this type has no loop form")


def type_of(low: Loops, stmt: Assign) -> Value:
    """`x.dtype`: what is made with it has the type by its kind."""
    low.array(stmt.args[0])
    return Other("dtype")


def checked(low: Loops, stmt: Assign) -> Value | None:
    """`assert test`."""
    test = low.number(stmt.args[0])
    low.place([when(ast.UnaryOp(ast.Not(), test.expr), raising("AssertionError", "assert"))])
    return None


def raised(low: Loops, stmt: Assign) -> Value | None:
    """`raise ValueError("...")`: NumPy's version raises it then, with all that it says."""
    kind, text = (atom.value for atom in stmt.args if isinstance(atom, Const))
    low.close()
    low.out.append(raising(kind, text))
    return None


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
