"""What is known of a list, tuple or dict after an item was stored, or a method changed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.ir.kinds import UNKNOWN, Kind, common_kind, held, join
from srcgrad.ir.walk import LIST_STEPS

Keys: TypeAlias = tuple[object, ...]
MOST_ITEMS = 64  # of more items than this only what they have in common is known


def item_key(kind: Kind, key: object) -> object:
    """The key of an item as `kind.items` has it: positions count from the front."""
    counts_back = kind.tag != "dict" and isinstance(key, int) and key < 0
    if counts_back and kind.items is not None and isinstance(key, int):
        return key + len(kind.items)
    return key


def containers_in(kind: Kind) -> Iterator[tuple[Keys, bool]]:
    """A container and the dicts in it, by the keys that lead there; whether their items are
    known."""
    pending: list[tuple[Keys, Kind]] = [((), kind)]
    while pending:
        keys, found = pending.pop()
        if found.tag == "dict" or found.is_container and not keys:
            yield keys, found.items is not None
        pending += [((*keys, key), item) for key, item in found.items or ()]


def has_item(kind: Kind, key: object) -> bool:
    """True if the container surely has this item."""
    key = item_key(kind, key)
    return any(_same_key(key, name) for name, _ in kind.items or ())


def item_kind(base: Kind, index: Atom) -> Kind:
    """Kind of `base[index]`, of a container."""
    if isinstance(index, Const):
        return base.item(index.value)
    return common_kind(held(base), "item") or UNKNOWN


def stored_item(base: Kind, index: Atom, value: Kind, symbol: str) -> Kind:
    """Kind of a container after `base[index] = value`."""
    if base.items is None:
        return _any_item(base, value, symbol)
    if not isinstance(index, Const):
        if base.tag == "dict":
            return _any_item(base, value, symbol)
        items = tuple((k, join(kind, value, f"{symbol}.{k}")) for k, kind in base.items)
        return replace(base, items=items)
    key = item_key(base, index.value)
    if has_item(base, key):
        items = tuple((k, value if k == key else kind) for k, kind in base.items)
        return replace(base, items=items)
    if base.tag == "dict" and len(base.items) < MOST_ITEMS:
        return replace(base, items=(*base.items, (key, value)))
    return _any_item(base, value, symbol)


def grown(kind: Kind, stmt: Assign, given: list[Kind], symbol: str) -> Kind:
    """Kind of a container after one of its own methods changed it."""
    if stmt.fn == "operator.delitem" and kind.tag == "dict":
        key = stmt.args[1]
        if kind.items is None or not isinstance(key, Const):
            return Kind("dict", element=common_kind(held(kind), symbol))
        items = tuple(pair for pair in kind.items if not _same_key(pair[0], key.value))
        return replace(kind, items=items)
    if kind.tag != "list" or stmt.fn not in LIST_STEPS:
        return Kind(kind.tag)
    added: list[Kind] = []
    if stmt.fn in ("method.append", "method.insert"):
        added = given[-1:]
    elif stmt.fn == "method.extend":
        added = [UNKNOWN] if given[1].is_array else held(given[1])
    return Kind("list", element=common_kind([*held(kind), *added], symbol))


def _same_key(a: object, b: object) -> bool:
    return type(a) is type(b) and a == b


def _any_item(base: Kind, value: Kind, symbol: str) -> Kind:
    """A container of which only what its items have in common is known."""
    if base.items is None and base.element is None:
        return Kind(base.tag)
    return Kind(base.tag, element=common_kind([*held(base), value], symbol))


def either(a: Kind, b: Kind, symbol: str) -> Kind:
    """What a variable may be that is of one kind here, of another there: all items of both."""
    if a.tag != b.tag or not a.is_container or a.items is None or b.items is None:
        return join(a, b, symbol)
    mine, theirs = dict(a.items), dict(b.items)
    if mine.keys() == theirs.keys():
        return join(a, b, symbol)
    items = tuple(
        (k, either(mine[k], theirs[k], f"{symbol}.{k}") if k in mine and k in theirs else kind)
        for k, kind in {**theirs, **mine}.items()
    )
    return Kind(a.tag, items=items)


def chosen_keys(base: Kind, index: Kind) -> list[int] | None:
    """Positions that a slice of a sequence takes, where they are known."""
    bounds = dict(index.items or ())
    if base.items is None or len(bounds) != 3:
        return None
    values: list[int | None] = []
    for kind in bounds.values():
        if kind.tag != "none" and not isinstance(kind.value, int):
            return None
        values.append(None if kind.tag == "none" else int(str(kind.value)))
    return list(range(len(base.items)))[slice(*values)]


def sliced(base: Kind, index: Kind) -> Kind:
    """Kind of a slice of a list or tuple."""
    keys = chosen_keys(base, index)
    if keys is None:
        return Kind(base.tag, element=common_kind(held(base), "item"))
    return Kind(base.tag, items=tuple((i, base.item(key)) for i, key in enumerate(keys)))


def joined(a: Kind, b: Kind) -> Kind:
    """Kind of `a + b` of two lists or two tuples."""
    if a.tag != b.tag:
        return UNKNOWN
    parts = [kind for whole in (a, b) for _, kind in whole.items or ()]
    if a.items is None or b.items is None or len(parts) > MOST_ITEMS:
        return Kind(a.tag, element=common_kind([*held(a), *held(b)], "item"))
    return Kind(a.tag, items=tuple(enumerate(parts)))


def repeated(items: Kind, count: Kind) -> Kind:
    """Kind of `items * count`."""
    parts = [kind for _, kind in items.items or ()]
    if items.items is None or not isinstance(count.value, int):
        return Kind(items.tag, element=common_kind(held(items), "item"))
    if len(parts) * count.value > MOST_ITEMS:
        return Kind(items.tag, element=common_kind(parts, "item"))
    return Kind(items.tag, items=tuple(enumerate(parts * count.value)))
