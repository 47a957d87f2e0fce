"""What an adjoint is made of: the leaves of its tree, the places they stand for, their names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from srcgrad import support
from srcgrad.ir.core import Atom, Const
from srcgrad.ir.kinds import Kind
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


def with_dtype_of(kind: Kind, value: Kind) -> Kind:
    """The shape of one, the dtype of the other where known; of a list, what became of it."""
    if kind.tag not in ("scalar", "array"):
        return value if kind.is_container and value.tag == "unknown" else replace(kind, value=None)
    # no promise for the rarer dtypes; doubles are what everything else becomes
    if value.dtype == "?":
        return replace(kind, dtype="f8" if kind.dtype in ("f8", "pf") else "?", value=None)
    dtype = value.dtype
    if kind.is_array and value.is_scalar:
        dtype = "f8" if dtype == "pf" else "i" if dtype == "pi" else dtype
    return replace(kind, dtype=dtype, value=None)
