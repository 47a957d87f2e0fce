"""Lists of any length: lists in the text, too, of numbers or of arrays in memory of their own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Atom, Const, Store
from srcgrad.ir.kinds import Kind
from srcgrad.loops.allocation import allocated
from srcgrad.loops.tree import (
    assign,
    attribute,
    augment,
    call,
    constant,
    differ,
    index,
    name,
    raising,
    when,
)
from srcgrad.loops.values import Array, Items, Number, Parts, Value, whole
from srcgrad.loops.views import copied, settled

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def item(low: Loops, items: Items, atom: Atom) -> tuple[ast.expr, Value]:
    """A value as an item of a list, and the expression for it."""
    value = low.value(atom)
    if isinstance(value, Number) and items.element.is_scalar:
        return value.expr, value
    if not isinstance(value, Array) or value.rank != items.element.rank:
        low.refuse(f"an item of `{items.base}` is of another kind than the others")
    if value.let:
        return name(value.base), value
    if value.is_whole and low.is_own(value.base):
        return name(value.base), value
    assert low.stmt is not None
    if not low.uses.may_copy(low.stmt, value.group, low.depth > 0):
        low.refuse(f"a part of an array that changes is an item of `{items.base}`")
    value = copied(low, value)
    return name(value.base), value


def append(low: Loops, stmt: Assign) -> None:
    """`items.append(value)`."""
    items = low.value(stmt.args[0])
    if not isinstance(items, Items) or stmt.kwargs or len(stmt.args) != 2:
        low.refuse("a list of items of several kinds has no loop form")
    expr, value = item(low, items, stmt.args[1])
    low.grow(items.base, ast.Expr(call(f"{items.base}.append", expr)), value)


def pop(low: Loops, stmt: Assign) -> Value:
    """`items.pop()`: the last one."""
    items = low.value(stmt.args[0])
    if not isinstance(items, Items) or stmt.kwargs or stmt.args[1:] not in ((), (Const(-1),)):
        low.refuse("a list of items of several kinds has no loop form")
    if low.nest is not None and items.base in low.nest.names():
        low.close()
    kind = low.facts.after(stmt, stmt.target)
    return taken(low, stmt.target, kind, items, call(f"{items.base}.pop"))


def read_item(low: Loops, target: str, kind: Kind, items: Items, key: Atom) -> Value:
    """`items[i]`: the list itself knows whether there is such an item."""
    found = low.value(key)
    if not isinstance(found, Number) or found.dtype not in ("i", "pi"):
        low.refuse(f"a part of the list `{items.base}` has no loop form")
    return taken(low, target, kind, items, index(items.base, [found.expr]))


def taken(low: Loops, target: str, kind: Kind, items: Items, node: ast.expr) -> Value:
    """An item in a variable of its own."""
    if items.element.is_scalar:
        base = low.uses.fresh(low.uses.final(target))
        low.place([assign(base, node)])
        return Number(name(base), items.element.dtype)
    if not kind.is_array or kind.shape is None or kind.rank != items.element.rank:
        low.refuse(f"the shape of an item of `{items.base}` is not known")
    base = low.uses.memory(target)
    low.place([assign(base, node)], {items.group})
    return whole(base, kind.shape, items.element.dtype, items.group)


def replace_item(low: Loops, stmt: Store, items: Items) -> None:
    """`items[i] = value`, or an addition to an item."""
    found = low.value(stmt.index)
    if not isinstance(found, Number) or found.dtype not in ("i", "pi"):
        low.refuse(f"a part of the list `{items.base}` has no loop form")
    place = index(items.base, [found.expr])
    if stmt.op != "set":
        value = low.number(stmt.value)
        op = ast.Sub() if stmt.op == "sub" else ast.Add()
        low.grow(items.base, augment(place, op, value.expr), value)
        return
    expr, new = item(low, items, stmt.value)
    low.grow(items.base, assign(place, expr), new)


# --- where lists come from


def made(low: Loops, stmt: Assign, node: ast.expr) -> None:
    """Bind the list that an expression makes."""
    low.close()
    low.place([assign(low.uses.final(stmt.target), node)])


def literal(low: Loops, stmt: Assign) -> None:
    """`[a, b]`."""
    items = Items(low.uses.final(stmt.target), low.uses.lists[stmt.target], stmt.target)
    made(low, stmt, ast.List([item(low, items, atom)[0] for atom in stmt.args], ast.Load()))


def repeated(low: Loops, stmt: Assign) -> None:
    """`[0.0] * n`, of numbers."""
    values = [low.value(atom) for atom in stmt.args]
    parts = [v for v in values if isinstance(v, Parts) and v.tag == "list"]
    counts = [v.expr for v in values if isinstance(v, Number)]
    if len(parts) != 1 or len(counts) != 1:
        low.refuse("a list of a length that is not known before it runs")
    numbers = [v.expr for v in parts[0].items if isinstance(v, Number)]
    if len(numbers) != len(parts[0].items):
        low.refuse("a list of an array that stands in it several times has no loop form")
    made(low, stmt, ast.BinOp(ast.List(numbers, ast.Load()), ast.Mult(), counts[0]))


def zeros(low: Loops, stmt: Assign) -> None:
    """Zeros for the items of a list."""
    like = low.value(stmt.args[0])
    if not isinstance(like, Items) or like.element.dtype not in ("f8", "f4"):
        low.refuse("zeros for items that are no numbers have no loop form")
    each = low.uses.fresh("item")
    zero = constant(0.0) if like.element.is_scalar else call("np.zeros_like", name(each))
    made(low, stmt, comprehension(zero, each, name(like.base)))


def spread(low: Loops, stmt: Assign) -> None:
    """The cotangent of a sum for each item of a list of numbers."""
    g, like = (low.value(atom) for atom in stmt.args)
    if not isinstance(g, Number) or not isinstance(like, Items) or not like.element.is_scalar:
        low.refuse("the cotangent of a sum of a list of arrays has no loop form")
    number: ast.expr = ast.BinOp(constant(1.0), ast.Mult(), g.expr)  # a float, whatever it was
    if isinstance(g.expr, ast.Constant) and type(g.expr.value) is float:
        number = g.expr
    count = call("len", name(like.base))
    made(low, stmt, ast.BinOp(ast.List([number], ast.Load()), ast.Mult(), count))


def added(low: Loops, stmt: Assign) -> None:
    """The sum of two lists of cotangents, item by item."""
    one, other = (low.value(atom) for atom in stmt.args)
    if not isinstance(one, Items) or not isinstance(other, Items):
        low.refuse("a sum of lists of items of several kinds has no loop form")
    lengths = differ(call("len", name(one.base)), call("len", name(other.base)))
    low.close()
    low.place([when(lengths, raising("ValueError", "lengths differ"))])
    a, b = low.uses.fresh("item"), low.uses.fresh("more")
    node = comprehension(ast.BinOp(name(a), ast.Add(), name(b)), a,
                         call("zip", name(one.base), name(other.base)))  # fmt: skip
    node.generators[0].target = ast.Tuple([ast.Name(a, ast.Store()), ast.Name(b, ast.Store())],
                                          ast.Store())  # fmt: skip
    made(low, stmt, node)


def copied_list(low: Loops, stmt: Assign) -> None:
    """A list of the same numbers."""
    like = low.value(stmt.args[0])
    if not isinstance(like, Items) or not like.element.is_scalar:
        low.refuse("a copy of a list of arrays has no loop form")
    made(low, stmt, call(f"{like.base}.copy"))


def rows(low: Loops, stmt: Assign) -> None:
    """`list(x)`: the rows of an array, each in memory of its own; the same items of a list."""
    array = low.value(stmt.args[0])
    if isinstance(array, Items) and not stmt.kwargs:
        made(low, stmt, call(f"{array.base}.copy"))
        return
    if not isinstance(array, Array) or stmt.kwargs or not array.rank:
        low.refuse("a list of something that is no array has no loop form")
    if array.rank > 1 and not low.uses.may_copy(stmt, array.group, low.depth > 0):
        low.refuse("a part of an array that changes is an item of a list")
    array = settled(low, array)
    base = name(array.base) if array.is_whole else name(copied(low, array).base)
    each = low.uses.fresh("row")
    row: ast.expr = ast.Subscript(base, name(each), ast.Load())
    if array.rank > 1:
        row = call(attribute(row, "copy"))
    size = ast.Subscript(attribute(base, "shape"), constant(0), ast.Load())
    made(low, stmt, comprehension(row, each, call("range", size)))


def comprehension(value: ast.expr, each: str, over: ast.expr) -> ast.ListComp:
    turn = ast.comprehension(ast.Name(each, ast.Store()), over, [], 0)
    return ast.ListComp(value, [turn])


# --- arrays of their items


def total(low: Loops, stmt: Assign) -> Value:
    """`sum(items)` of numbers."""
    items = low.value(stmt.args[0])
    if not isinstance(items, Items) or not items.element.is_scalar or len(stmt.args) > 1:
        low.refuse("builtins.sum has no loop form")
    if low.nest is not None and items.base in low.nest.grown:
        low.close()
    base = low.uses.fresh(low.uses.final(stmt.target))
    low.place([assign(base, call("sum", name(items.base)))])
    return Number(name(base), items.element.dtype)


def stacked(low: Loops, stmt: Assign, items: Items, axis: int) -> Value:
    """`np.stack(items)`, `np.array(items)`: each item is a row."""
    low.close()
    kind = low.facts.after(stmt, stmt.target)
    rank = (items.element.rank or 0) + 1
    if kind.shape is None or len(kind.shape) != rank or axis:
        low.refuse(f"what the items of `{items.base}` are stacked to has no loop form")
    first = index(items.base, [constant(0)])
    sizes = [low.known_length(n) for n in kind.shape[1:]]
    sides = [
        known or ast.Subscript(attribute(first, "shape"), constant(at), ast.Load())
        for at, known in enumerate(sizes)
    ]
    count = call("len", name(items.base))
    none = ast.Compare(count, [ast.Eq()], [constant(0)])
    low.place([when(none, raising("ValueError", "an array of no items"))])
    lengths = (count, *sides)
    array = allocated(low, stmt, "np.empty", kind.shape, lengths, items.element.dtype)
    turn, row = low.uses.index(0), low.uses.fresh("row")
    body: list[ast.stmt] = [assign(row, index(items.base, [name(turn)]))]
    tests: list[ast.expr] = [
        differ(ast.Subscript(attribute(name(row), "shape"), constant(at), ast.Load()), size)
        for at, size in enumerate(array.lengths[1:])
    ]
    places = [name(low.uses.index(axis)) for axis in range(1, rank)]
    source = index(row, places) if places else name(row)
    copy: ast.stmt = assign(index(array.base, [name(turn), *places]), source)
    for place, size in reversed(list(zip(places, sides, strict=True))):
        copy = ast.For(place, call("range", size), [copy], [], lineno=0)
    if tests:
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)
        body.append(when(test, raising("ValueError", "lengths differ")))
    loop = ast.For(name(turn), call("range", count), [*body, copy], [], lineno=0)
    low.place([loop])
    return array


MAKERS = {
    "list": literal,
    "operator.mul": repeated,
    "srcgrad.support.zeros_like": zeros,
    "builtins.list": rows,
    "srcgrad.support.spread": spread,
    "srcgrad.support.own": copied_list,
    "lists.add": added,
}
HANDLERS = {"method.append": append, "method.pop": pop, "builtins.sum": total}
