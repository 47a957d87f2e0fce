"""Derivative of `np.einsum`: another `einsum`, its subscripts written out when the rule is applied.

`"ij,jk->ik"` gives `"ik,jk->ij"` for its first operand. What one `einsum` cannot say, a subscript
twice in one operand, or one that stands nowhere else, is left to a helper; so is broadcasting of
lengths that may be 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_letters

import numpy as np

from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Dim, Kind, Length, broadcast, promote
from srcgrad.rules.call import Call
from srcgrad.rules.registry import computed, primitive
from srcgrad.rules.results import strong
from srcgrad.rules.shapes import operand
from srcgrad.support_linear import einsum_scatter

_OPERANDS = ("a", "b", "c", "e", "f", "h")


@dataclass(frozen=True, slots=True)
class Subscripts:
    """Letters of each operand and of the result, the ellipsis written out."""

    operands: tuple[str, ...]
    result: str


def read_subscripts(text: str, ranks: list[int | None]) -> Subscripts | None:
    """Parse the first argument of `einsum`; None where it is wrong, or a rank is needed."""
    left, arrow, right = text.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(ranks):
        return None
    free = [letter for letter in reversed(ascii_letters) if letter not in text]
    covered = 0  # axes that ellipses stand for
    for part, rank in zip(parts, ranks, strict=True):
        if "..." in part:
            if rank is None:
                return None
            covered = max(covered, rank - len(part) + 3)
    dots = "".join(free[:covered])
    operands = []
    for part, rank in zip(parts, ranks, strict=True):
        count = 0 if rank is None else rank - len(part.replace("...", ""))
        operands.append(part.replace("...", dots[covered - count :] if count > 0 else ""))
    named = "".join(operands)
    if arrow:
        result = right.replace("...", dots)
    else:
        once = sorted(x for x in set(left) if x.isalpha() and left.count(x) == 1)
        result = dots + "".join(once)
    if not all(letter in named for letter in result) or not (named + result).isalpha() * (
        named != ""
    ):
        return None
    return Subscripts(tuple(operands), result)


def _subscripts(call: Call) -> tuple[Subscripts, list[str]] | None:
    """What the call says, and the names of its operands."""
    if not call.is_literal("subscripts") or not isinstance(call.literal("subscripts"), str):
        return None
    names = [name for name in _OPERANDS if call.given(name)]
    shapes = [operand(call, name).shape for name in names]
    ranks = [None if shape is None else len(shape) for shape in shapes]
    found = read_subscripts(call.literal("subscripts"), ranks)
    return None if found is None else (found, names)


def _lengths(call: Call, subs: Subscripts, names: list[str]) -> dict[str, list[Length]] | None:
    """For each letter the lengths that it has; None where a shape is not known."""
    found: dict[str, list[Length]] = {}
    for letters, name in zip(subs.operands, names, strict=True):
        shape = operand(call, name).shape
        if shape is None or len(shape) != len(letters):
            return None
        for letter, length in zip(letters, shape, strict=True):
            found.setdefault(letter, []).append(length)
    return found


def _einsum_kind(call: Call) -> Kind:
    names = [name for name in _OPERANDS if call.given(name)]
    dtype = strong(promote(*(operand(call, name).dtype for name in names)))
    found = _subscripts(call)
    if found is None:
        return Kind("unknown", dtype)
    subs = found[0]
    if not subs.result:
        return Kind("scalar", dtype, ())
    lengths = _lengths(call, *found)
    if lengths is None:
        return Kind("array", dtype)
    shapes = [broadcast(*((n,) for n in lengths[letter])) or () for letter in subs.result]
    return Kind("array", dtype, tuple(n for shape in shapes for n in shape))


def _einsum(call: Call) -> Mapping[str, str] | None:
    found = _subscripts(call)
    if found is None:
        return None
    subs, names = found
    equal = _all_equal(_lengths(call, subs, names))
    return {name: _formula(subs, names, i, equal) for i, name in enumerate(names)}


def _all_equal(lengths: dict[str, list[Length]] | None) -> bool:
    """No length is broadcast: equal ones, or ones known not to be 1."""
    if lengths is None:
        return False
    return all(
        len(set(found)) == 1
        or all(isinstance(n, Dim) and n.big or isinstance(n, int) and n != 1 for n in found)
        for found in lengths.values()
    )


def _formula(subs: Subscripts, names: list[str], position: int, equal: bool) -> str:
    """The cotangent of one operand."""
    target, name = subs.operands[position], names[position]
    others = [i for i in range(len(names)) if i != position]
    reached = set(subs.result).union(*(subs.operands[i] for i in others))
    source = "".join(dict.fromkeys(letter for letter in target if letter in reached))
    sources = [subs.result, *(subs.operands[i] for i in others)]
    values = ["g", *(names[i] for i in others)]
    if len(set(target)) == len(target) and source == "" and len(sources) == 1 and target:
        return f"np.broadcast_to(g, {name}.shape)"
    if sources[1:] == [target] and subs.result == "" and equal and source == target:
        return f"g * {values[1]}"
    part = f'np.einsum("{",".join(sources)}->{source}", {", ".join(values)})'
    if sources == [source]:
        part = "g"
    if source == target and equal:
        return part
    return f'einsum_scatter({part}, {name}, "{source}", "{target}")'


primitive(
    np.einsum,
    "subscripts, a, b=None, c=None, e=None, f=None, h=None, *, optimize=False",
    kind=_einsum_kind,
    view="a",
    is_view=lambda bound: "b" not in bound,
)
computed(np.einsum, _einsum, {"np": np, "einsum_scatter": einsum_scatter, "__name__": __name__})
