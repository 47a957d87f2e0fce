"""What an adjoint is made of: the leaves of its tree, the places they stand for, their names."""

from __future__ import annotations

from typing import Any, TypeAlias

from srcgrad import support
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Const
from srcgrad.rules.naming import canonical_name

ELLIPSIS = Const(Ellipsis)
ZEROS = canonical_name(support.zeros_like)
ADD = canonical_name(support.add)
OWN = canonical_name(support.own)
BAR = "%bar"
HELD = "held@b0"  # stands for a variable whose definition has been reached


@dataclass(frozen=True, slots=True)
class Leaf:
    """An adjoint that is present. `owned`: its memory has no other name, so it may be changed in
    place."""

    atom: Atom
    owned: bool = False
    lazy: bool = False


Tree: TypeAlias = "Leaf | dict[Any, Tree]"
Path: TypeAlias = tuple[Any, ...]  # variable name, then keys into its container


def bar(path: Path) -> str:
    """The variable that holds the adjoint of a variable or of a component of one.

    A component is named by its key where that reads well: `params["W1"]` has `W1_bar`.
    """
    name, *keys = path
    if not keys:
        return f"{name}{BAR}"
    if isinstance(keys[-1], str) and keys[-1].isidentifier():
        return f"{keys[-1]}@.{'.'.join(map(str, path[:-1]))}{BAR}"
    return f"{name}@[{'.'.join(map(str, keys))}]{BAR}"


class TwoForms(Exception):
    """The items of a container are known in one place, and not in another."""


def plant(tree: Any, keys: Path, leaf: Leaf) -> None:
    """Put a leaf where the keys lead to."""
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
        if isinstance(tree, Leaf):
            raise TwoForms
    if keys[-1] in tree:
        raise TwoForms
    tree[keys[-1]] = leaf
