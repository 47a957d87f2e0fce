"""Nested arguments: tuples, lists, dicts, named tuples and dataclasses as trees of leaves.

Everything else is a leaf. A tree is rebuilt with its own types, without running its constructors: a
gradient need not satisfy what `__post_init__` demands of parameters. Leaves that are not float pass
through every operation untouched.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from srcgrad.errors import SrcgradError

Leaf: TypeAlias = Any
Tree: TypeAlias = Any


@dataclasses.dataclass(frozen=True, slots=True)
class Structure:
    """A tree without its leaves. Equal structures have equal types and keys.

    `cls` is None for a leaf. `keys` are positions, dictionary keys or field names. `template` is
    the container itself; it is not compared.
    """

    cls: type | None = None
    keys: tuple[Any, ...] = ()
    children: tuple[Structure, ...] = ()
    template: Any = dataclasses.field(default=None, compare=False, repr=False)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return 1 if self.cls is None else sum(child.size for child in self.children)


LEAF = Structure()


def flatten(tree: Tree) -> tuple[list[Leaf], Structure]:
    """Leaves of a tree in order (dicts as their keys were inserted), and its structure."""
    parts = children(tree)
    if parts is None:
        return [tree], LEAF
    leaves: list[Leaf] = []
    below = []
    for _, child in parts:
        more, structure = flatten(child)
        leaves += more
        below.append(structure)
    return leaves, Structure(type(tree), tuple(key for key, _ in parts), tuple(below), tree)


def unflatten(structure: Structure, leaves: Sequence[Leaf]) -> Tree:
    """The tree of a structure with the leaves given. Raises for a wrong number."""
    if len(leaves) != structure.size:
        raise SrcgradError(f"a tree of {structure.size} leaves was given {len(leaves)}")
    return _build(structure, iter(leaves))


def _build(structure: Structure, leaves: Iterator[Leaf]) -> Tree:
    if structure.cls is None:
        return next(leaves)
    values = [_build(child, leaves) for child in structure.children]
    return rebuild(structure.template, dict(zip(structure.keys, values, strict=True)))


_NUMBERS = frozenset({np.ndarray, float, np.float64, int})  # the quickest way to tell leaves


def children(tree: Tree) -> list[tuple[Any, Tree]] | None:
    """Pairs (position, key or field name; subtree); None for a leaf."""
    if type(tree) in _NUMBERS:
        return None
    if isinstance(tree, tuple | list):
        return list(enumerate(tree))
    if isinstance(tree, dict):
        return list(tree.items())
    if is_dataclass(tree):
        return [(f.name, getattr(tree, f.name)) for f in dataclasses.fields(tree)]
    return None


def is_dataclass(value: Any) -> bool:
    """True for instances of dataclasses, not for the classes."""
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def rebuild(template: Tree, parts: dict[Any, Tree]) -> Tree:
    """A container of the template's type with other parts, by key; no constructor runs."""
    cls = type(template)
    if isinstance(template, tuple):
        return tuple.__new__(cls, parts.values())
    if cls is list:
        return list(parts.values())
    if cls is dict:
        return parts
    if isinstance(template, list | dict):
        return _rebuild_subclass(template, parts)
    new = object.__new__(cls)
    if hasattr(template, "__dict__"):
        new.__dict__.update(
            vars(template)
        )  # what is no field: cached properties, notes of __post_init__
    for name, value in parts.items():
        object.__setattr__(new, name, value)  # frozen dataclasses too
    return new


def _rebuild_subclass(template: Any, parts: dict[Any, Tree]) -> Tree:
    new = copy.copy(template)  # keeps a default factory and attributes
    if isinstance(template, list):
        list.__setitem__(new, slice(None), parts.values())
        return new
    for key, value in parts.items():
        dict.__setitem__(new, key, value)
    if getattr(template, "__dict__", None) is template:
        new.__dict__ = new  # items that are attributes, as in `self.__dict__ = self`
    return new


def map_leaves(function: Callable[..., Leaf], tree: Tree, *others: Tree) -> Tree:
    """Apply a function to the leaves of trees of one structure; the first one gives the types.

    Raises `SrcgradError` where another tree has other keys.
    """
    parts = children(tree)
    if parts is None:
        return function(tree, *others)
    columns = [_matching(tree, parts, other) for other in others]
    values = {
        key: map_leaves(function, child, *(column[key] for column in columns))
        for key, child in parts
    }
    return rebuild(tree, values)


def _matching(tree: Tree, parts: list[tuple[Any, Tree]], other: Tree) -> dict[Any, Tree]:
    found = dict(children(other) or ())
    if children(other) is None or found.keys() != {key for key, _ in parts}:
        raise SrcgradError(
            f"trees differ in structure: {type(tree).__name__} with {[key for key, _ in parts]} "
            f"against {type(other).__name__} with {list(found)}"
        )
    return found


def restructure(values: Tree, template: Tree) -> Tree:
    """`values` with the container types of `template`.

    Generated code builds plain tuples, lists and dicts; a dataclass may come as a dict by field.
    """
    return map_leaves(lambda _, value: value, template, values)


def paths(tree: Tree, prefix: str = "") -> list[str]:
    """How each leaf is written: `params['w'][0].bias`, in the order of `flatten`."""
    parts = children(tree)
    if parts is None:
        return [prefix]
    names = getattr(tree, "_fields", None) if isinstance(tree, tuple) else None
    dotted = names is not None or is_dataclass(tree)
    out = []
    for key, child in parts:
        name = names[key] if names else key
        out += paths(child, f"{prefix}.{name}" if dotted else f"{prefix}[{key!r}]")
    return out


# --- leaves


def is_float_leaf(leaf: Leaf) -> bool:
    """Whether a leaf carries a derivative: real and complex floating numbers and arrays."""
    if isinstance(leaf, float | complex | np.inexact):
        return True
    dtype = getattr(leaf, "dtype", None)  # ndarrays, and arrays of other libraries
    return dtype is not None and getattr(dtype, "kind", "") in ("f", "c")


def zeros_like(leaf: Leaf) -> Leaf:
    """Zero of a leaf's type, shape and dtype; a leaf that is not float is returned as it is."""
    if not is_float_leaf(leaf):
        return leaf
    if isinstance(leaf, np.ndarray):
        return np.zeros_like(leaf, subok=False)
    if isinstance(leaf, np.inexact):
        return leaf.dtype.type(0)
    if isinstance(leaf, complex):
        return 0j
    return 0.0 if isinstance(leaf, float) else np.zeros_like(leaf)


def has_float_leaf(tree: Tree) -> bool:
    """Whether anything in a tree carries a derivative."""
    return any(map(is_float_leaf, flatten(tree)[0]))
