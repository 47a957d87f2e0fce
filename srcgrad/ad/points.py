"""Adjoints of numbers, and of arrays without axes: what NumPy computes from the latter are numbers.

A number is bound anew where an array is written into, so an adjoint must be what its variable is.
"""

from __future__ import annotations

from srcgrad.ad.builder import Builder
from srcgrad.ad.leaves import Leaf
from srcgrad.ir.core import Atom
from srcgrad.ir.kinds import Kind, scalar

NEW = ("numpy.array", "numpy.zeros_like")


def as_number(build: Builder, kind: Kind, atom: Atom) -> Atom:
    """What a contribution gives to a variable of this kind: to a number, a number."""
    given = build.kind(atom)
    if not kind.is_scalar or not given.is_array or given.shape != ():
        return atom
    return build.emit("operator.getitem", (atom, build.emit("tuple", ())), kind=scalar(given.dtype))


def as_point(build: Builder, kind: Kind, leaf: Leaf) -> Atom:
    """The adjoint of an array without axes as an array that may be written."""
    made = build.still_made(leaf.atom) if leaf.owned else None
    if made is not None and made.fn in NEW:
        return leaf.atom
    return build.emit("numpy.array", (leaf.atom,), kind=kind)
