"""Functions that generated code may need: their source is carried into the files that use them.

Each is plain NumPy, and stands alone or uses others of this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def unbroadcast(g: Any, x: Any) -> Any:
    """Sum `g` down to the shape of `x`, undoing NumPy's broadcasting."""
    shape = np.shape(x)
    if np.shape(g) == shape:  # of a number it is one, so that adding to it changes nothing else
        return g if shape or isinstance(x, np.ndarray) else np.asarray(g)[()]
    g = np.reshape(g, (1,) * (len(shape) - np.ndim(g)) + np.shape(g))  # stored without those
    g = np.sum(g, axis=tuple(range(np.ndim(g) - len(shape))))
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(g)[i] != 1)
    return np.sum(g, axis=axes, keepdims=True) if axes else g


def pick_item(g: Any, chosen: Any, items: Any) -> Any:
    """Cotangent of `max(items)` or `min(items)`: all of it goes to the first item chosen."""
    first = list(items).index(chosen) if chosen == chosen else 0  # nan is chosen where it is first
    if isinstance(items, np.ndarray):
        items_bar = np.zeros_like(items)
        items_bar[first] = g
        return items_bar
    return type(items)([g if i == first else 0.0 for i in range(len(items))])


def spread(g: Any, items: Any) -> Any:
    """Cotangent of `sum(items)`: every item of the list or tuple gets `g`, in its own shape."""
    return type(items)([unbroadcast(g, item) for item in items])


def items_like(g: Any, x: Any) -> Any:
    """Cotangent of `x` in `list(x)`: a list, or an array if it is one."""
    if isinstance(x, np.ndarray):
        return np.array(g) if len(g) else np.zeros_like(x)  # no rows have no length
    return list(g)


def number(x: Any) -> Any:
    """`x`, an item that is no array: one that is written would change what it was read from."""
    if isinstance(x, (np.ndarray, list, tuple, dict, str)):
        raise TypeError("an item is written that is no number: annotate the parameters, or copy it")
    return x


def unsort_items(g: Any, items: Any, reverse: Any) -> Any:
    """Cotangent of `sorted(items)`: each item gets what its place in the order got."""
    order = sorted(range(len(items)), key=lambda i: items[i], reverse=reverse)
    unsorted = [0.0] * len(items)
    for i, item_bar in zip(order, g, strict=True):
        unsorted[i] = item_bar
    return np.array(unsorted) if isinstance(items, np.ndarray) else unsorted


def over(a: Any, b: Any) -> Any:
    """`a / b` of numbers, infinite where `b` is 0."""
    return a / b if b else np.divide(a, b)


def same_length(*lengths: Any) -> Any:
    """The length that all have. Raises `ValueError` where one differs, as `zip(strict=True)`."""
    if len(set(lengths)) > 1:
        raise ValueError(f"zip() of arguments of the lengths {', '.join(map(str, lengths))}")
    return lengths[0]


def zeros_like(x: Any) -> Any:
    """Zeros in the shape of `x`: a number, an array, or a nest of tuples, lists and dicts of them.

    What carries no derivative (integers, strings, None) becomes 0.0 where it is a number and stays
    itself otherwise.
    """
    if isinstance(x, np.ndarray):
        return np.zeros_like(x)
    if isinstance(x, dict):
        return {key: zeros_like(item) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        return [zeros_like(item) for item in x]
    return type(x)(0) if isinstance(x, (float, complex, np.inexact)) else 0.0


def add(a: Any, b: Any) -> Any:
    """Sum of two numbers, arrays, or nests of tuples, lists and dicts of them, item by item.

    The number 0.0 may stand for zeros of any structure, and an array for a list of its rows.
    """
    nests = (dict, list, tuple)
    for one, other in ((a, b), (b, a)):
        if isinstance(one, nests) and isinstance(other, (int, float)) and other == 0:
            return one
    if isinstance(a, dict):
        if len(a) != len(b):
            raise KeyError("cotangents of a dict that has gained or lost keys")
        return {key: add(item, b[key]) for key, item in a.items()}
    if isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
        return [add(item, other) for item, other in zip(a, b, strict=True)]
    return a if isinstance(a, str) or a is None else a + b


def apart(*values: Any) -> None:
    """Refuse arguments that share memory with the first one, which the function writes into."""
    first, *others = (arrays_in(value) for value in values)
    pairs = [(a, b) for k, a in enumerate(first) for b in first[k + 1 :]]
    pairs += [(a, b) for a in first for other in others for b in other]
    if any(np.shares_memory(a, b) for a, b in pairs):
        raise ValueError("an argument that is written shares memory with another: pass a copy")


def floats(*values: Any) -> None:
    """Refuse arrays of integers: what is stored into one is cut off."""
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype.kind in "biu":
            raise TypeError(f"an array of {value.dtype} has no derivative: pass one of floats")


def in_order(items: Any) -> None:
    """Refuse a dict that is looped over: its keys are at no positions."""
    if isinstance(items, dict):
        raise TypeError("a dict is looped over: annotate it as `dict`, or loop over `list(d)`")


def keywords(given: Any, *names: str) -> None:
    """Refuse a dict that is spread over these parameters of a function, and has others."""
    others = [str(name) for name in given if name not in names]
    if others:
        raise TypeError(f"{', '.join(others)}: the keywords are {', '.join(names)}")


def alone(value: Any) -> None:
    """Refuse a result that is no number: it has no gradient."""
    if np.ndim(value):
        raise TypeError(f"grad needs a scalar result; the shape of this one is {np.shape(value)}")


def arrays_in(value: Any) -> list[Any]:
    """The arrays in a nest of lists, tuples and dicts."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return []
    return [array for item in value for array in arrays_in(item)]


def own(x: Any) -> Any:
    """A copy of `x` that shares no memory with it; numbers are themselves."""
    if isinstance(x, np.ndarray):
        return x.copy("K")
    if isinstance(x, dict):
        return {key: own(item) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [own(item) for item in x]
        return tuple(items) if isinstance(x, tuple) else items
    if hasattr(x, "__dataclass_fields__"):
        same = object.__new__(type(x))
        for name in x.__dataclass_fields__:
            object.__setattr__(same, name, own(getattr(x, name)))
        return same
    return x


def accumulate(x_bar: Any, index: Any, g: Any) -> None:
    """Add `g` to `x_bar[index]` in place; an element that an index array names twice gets both."""
    parts = index if isinstance(index, tuple) else (index,)
    if isinstance(x_bar, list) and isinstance(index, slice):
        for i, item in zip(range(len(x_bar))[index], g, strict=True):
            x_bar[i] = add(x_bar[i], item)
    elif not isinstance(x_bar, np.ndarray):
        x_bar[index] = add(x_bar[index], g)
    elif any(isinstance(part, (list, np.ndarray)) for part in parts):
        np.add.at(x_bar, index, g)
    else:
        x_bar[index] += g


def fold_copies(g: Any, items: Any) -> Any:
    """Cotangent of the items of `items * n`: the sum over the copies."""
    n = len(items)
    folded = list(g[:n])
    for i in range(n, len(g)):
        folded[i % n] = add(folded[i % n], g[i])
    return folded if folded else [zeros_like(item) for item in items]


def put_back(items: Any, key: Any, old: Any) -> None:
    """Undo `items[key] = ...` on a dict; `old` is the dict itself where it had no such item."""
    if old is items:
        del items[key]
    else:
        items[key] = old


def put_back_all(items: Any, old: Any) -> None:
    """Give a list or dict the items that it had before."""
    if isinstance(items, dict):
        items.clear()
        items.update(old)
    else:
        items[:] = old


def taken_out(x_bar: Any, index: Any) -> Any:
    """Cotangent of the item that `x.insert(index, item)` put in; it leaves `x_bar`."""
    return x_bar.pop(slice(index, None).indices(len(x_bar) - 1)[0])


def put_in(x_bar: Any, index: Any, g: Any) -> None:
    """The item that `x.pop(index)` took out is in `x_bar` again, with the cotangent `g`."""
    x_bar.insert(index + len(x_bar) + 1 if index < 0 else index, g)


def tail_of(x_bar: Any, items: Any) -> Any:
    """Cotangent of what `x.extend(items)` put in; it leaves `x_bar`."""
    start = len(x_bar) - len(items)
    tail = x_bar[start:]
    del x_bar[start:]
    if not isinstance(items, np.ndarray):
        return tail
    rows = [np.broadcast_to(g, np.shape(row)) for g, row in zip(tail, items, strict=True)]
    return np.reshape(np.array(rows), np.shape(items))


def part_or_kept(y_bar: Any, index: Any) -> Any:
    """Cotangent of `e` in `y[index] = e`, of any index."""
    parts = index if isinstance(index, tuple) else (index,)
    gathers = any(isinstance(part, (list, np.ndarray)) for part in parts)
    if isinstance(y_bar, np.ndarray) and gathers:
        return kept_part(y_bar, index)
    return own(y_bar[index])


def kept_part(y_bar: Any, index: Any) -> Any:
    """Cotangent of `e` in `y[index] = e`: where an index array names an element twice, only the
    last was kept."""
    parts = index if isinstance(index, tuple) else (index,)
    part = y_bar[index]
    order = np.reshape(np.arange(np.size(part)), np.shape(part))
    last = np.zeros(np.shape(y_bar), dtype=int)
    last[index] = order
    kept = last[index] == order
    if not np.all(kept) and any(
        np.ndim(i) > 1 and not np.asarray(i).flags.c_contiguous for i in parts
    ):
        raise ValueError("an index array that is no plain block of memory names an element twice")
    return np.where(kept, part, np.zeros_like(part))


def shaped(x_bar: Any, x: Any) -> Any:
    """Cotangents in the containers of `x`; what carries no derivative is as it is in `x`."""
    if isinstance(x, dict):
        return {key: shaped(x_bar[key], item) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [shaped(item_bar, item) for item_bar, item in zip(x_bar, x, strict=True)]
        return tuple(items) if isinstance(x, tuple) else items
    is_float = isinstance(x, (float, complex, np.inexact))
    if isinstance(x, np.ndarray):
        is_float = x.dtype.kind in "fc"
        if is_float and np.shape(x_bar) != x.shape:  # 0.0 may stand for zeros
            return np.full_like(x, x_bar)
    return x_bar if is_float else x


def stop_gradient(x: Any) -> Any:
    """`x` itself, through which no derivative flows."""
    return x


def cotangent(value: Any, x: Any) -> Any:
    """A cotangent of `x` that a rule of the user's gave: of the shape of `x`, which is checked."""
    if value is None:
        raise TypeError("the rule gives None for an argument that is differentiated")
    if np.shape(value) != np.shape(x):
        raise ValueError("the rule gives a cotangent of another shape than the argument's")
    arrays = isinstance(value, np.ndarray) and isinstance(x, np.ndarray)
    return value.astype(x.dtype) if arrays else value


def tangent(value: Any, x: Any) -> Any:
    """A tangent of `x` that a rule of the user's gave: of the shape of `x`, which is checked."""
    if isinstance(x, (list, tuple)):
        return type(x)([tangent(one, item) for one, item in zip(value, x, strict=True)])
    if value is None:
        raise TypeError("the rule gives None for the tangent of a value")
    if np.shape(value) != np.shape(x):
        raise ValueError("the rule gives a tangent of another shape than the value's")
    arrays = isinstance(value, np.ndarray) and isinstance(x, np.ndarray)
    return value.astype(x.dtype) if arrays else value


def vanishing(value: Any) -> None:
    """Checks what a rule gives for zeros: one that is linear gives zeros."""
    items = [value]
    while items:
        item = items.pop()
        if isinstance(item, dict):
            items += item.values()
        elif isinstance(item, (list, tuple)):
            items += item
        elif item is not None and np.any(np.nan_to_num(item)):
            raise ValueError("the rule is not linear, and cannot be transposed: it adds something")
