"""Names of one container: what one of them puts in, or takes out, the others hold or miss, too.

Kinds are inferred name by name. `e = d; e["c"] = x` changes what is known of `d`, and so does
`h["in"]["c"] = x` where `h["in"]` is `d`. So names that may share a container are kept together,
from the statement that makes them share it to the one that binds them anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from srcgrad.analysis.containers import has_item
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, Store
from srcgrad.ir.kinds import Kind, common_kind, held, join
from srcgrad.ir.walk import MUTATORS

Groups = dict[str, frozenset[str]]
_PUTTING = frozenset({"method.append", "method.extend", "method.insert"})
# What gives a new container with the same items
_COPYING = frozenset({
    "builtins.dict", "builtins.list", "builtins.sorted", "builtins.tuple", "copy.copy",
    "method.copy", "method.items", "method.keys", "method.values", "operator.add", "operator.mul",
    "operator.or_",
})  # fmt: skip
_DEEP = 5  # levels of containers within containers that are told apart
_OF_LISTS = _PUTTING | {"method.reverse", "method.sort"}


class Partners:
    """Groups of names that may share a container, or hold one that others name."""

    def __init__(self) -> None:
        self.groups: Groups = {}
        self.made: dict[frozenset[str], None] = {}  # all groups there ever were
        self.opened: set[str] = set()  # names of which less is known for what others did

    def of(self, name: str) -> frozenset[str]:
        return self.groups.get(name, frozenset()) - {name}

    def bind(self, targets: Iterable[str], sharing: Iterable[str], operands: Iterable[str]) -> None:
        """Variables are bound anew, some of them to what operands name."""
        together = frozenset().union(*(self.groups.get(n, frozenset({n})) for n in operands))
        for name in targets:
            self.drop(name)
        self.join(together | frozenset(sharing))

    def drop(self, name: str) -> None:
        for other in self.groups.pop(name, frozenset()) - {name}:
            self.groups[other] -= {name}

    def join(self, names: Iterable[str]) -> None:
        group = frozenset().union(*(self.groups.get(n, frozenset({n})) for n in names))
        if len(group) > 1:
            self.groups.update(dict.fromkeys(group, group))
            self.made[group] = None

    def meet(self, others: Iterable[frozenset[str]]) -> None:
        """What may hold after another way through the program."""
        for group in others:
            self.join(group)


def handed_on(fn: object, kind: Kind) -> bool:
    """Whether the result of an operation may be this container, hold it, or hold one that is in
    it."""
    return fn not in _COPYING or any(map(may_hold, held(kind)))


def may_hold(kind: Kind) -> bool:
    """Whether a value may be a container, or nothing is known of it."""
    return kind.is_container or kind.tag == "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """What is stored into a container of kind `base`. `key`: where, if that is known; `moves`:
    items come, go, or change places."""

    base: Kind
    value: Kind
    key: object = None
    moves: bool = False


def change_of(base: Kind, stmt: Assign | Store, value: Kind) -> Change | None:
    """What those must know that know the items of what is changed; None if all stays as it was."""
    if isinstance(stmt, Assign):
        return _moved(base, str(stmt.fn), value)
    key = stmt.index.value if isinstance(stmt.index, Const) else None
    if base.tag in ("dict", "unknown"):
        stays = key is not None and has_item(base, key) and _like(base.item(key), value)
        return None if stays else Change(base, value, moves=True)
    known = held(base) if key is None else [base.item(key)]
    return None if all(_like(item, value) for item in known) else Change(base, value, key)


def _moved(base: Kind, fn: str, value: Kind) -> Change | None:
    if fn not in MUTATORS or fn == "method.fill":
        return None
    if base.tag == "unknown" and fn in _OF_LISTS:
        base = Kind("list")
    if base.items is None and base.tag not in ("dict", "unknown"):
        items = [*held(base), *([value] if fn in _PUTTING else [])]
        if all(_like(items[0], item) for item in items):
            return None
    return Change(base, value, moves=True)


def _like(a: Kind, b: Kind) -> bool:
    """Whether two kinds are the same but for lengths, and what is known of numbers."""
    if a.tag != b.tag or a.is_array and (a.dtype, a.rank) != (b.dtype, b.rank):
        return False
    if not a.is_container:
        return True
    mine, theirs = dict(a.items or {}), dict(b.items or {})
    known = (a.items is None, a.element is None) == (b.items is None, b.element is None)
    inner = [(mine[k], theirs[k]) for k in mine if k in theirs]
    if a.element is not None and b.element is not None:
        inner.append((a.element, b.element))
    return known and mine.keys() == theirs.keys() and all(_like(*pair) for pair in inner)


def opened(kind: Kind, change: Change) -> Kind:
    """What is left to know of a container, or of what holds containers, after another name made a
    change."""
    return _cut(_opened(kind, change), _DEEP)


def _opened(kind: Kind, change: Change) -> Kind:
    if not kind.is_container:
        return kind
    inner = [_opened(item, change) for item in held(kind)]
    here = _may_be(kind, change.base)
    if kind.items is None or here and change.moves:
        return Kind(
            kind.tag, element=common_kind([*inner, *([change.value] if here else ())], "item")
        )
    items = []
    for (key, _), now in zip(kind.items, inner, strict=True):
        replaced = here and change.key in (None, key)
        items.append((key, join(now, change.value, "item") if replaced else now))
    return Kind(kind.tag, items=tuple(items), fields=kind.fields)


def _cut(kind: Kind, levels: int) -> Kind:
    """A kind without what is far inside.

    A list that takes in another one, and may be that, would become deeper in each turn of a loop.
    """
    if not kind.is_container:
        return kind
    if levels == 0:
        return Kind(kind.tag)
    if kind.items is not None:
        return replace(kind, items=tuple((key, _cut(k, levels - 1)) for key, k in kind.items))
    return replace(kind, element=kind.element and _cut(kind.element, levels - 1))


def _may_be(a: Kind, b: Kind) -> bool:
    """Whether two kinds may be of one value, as far as is known of either."""
    if "unknown" in (a.tag, b.tag):
        return True
    if a.tag != b.tag or not a.is_container:
        return a.tag == b.tag
    if a.items is not None and b.items is not None:
        mine, theirs = dict(a.items), dict(b.items)
        return mine.keys() == theirs.keys() and all(_may_be(mine[k], theirs[k]) for k in mine)
    return all(_may_be(one, other) for one in held(a) for other in held(b))


def last_operand(stmt: Assign) -> Atom | None:
    """What a method puts in."""
    return stmt.args[-1] if len(stmt.args) > 1 else None
