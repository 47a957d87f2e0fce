"""What rule files for arrays share: shapes of results, and conditions on calls.

A shape is exact or None. A length computed from others (`x.reshape(-1)`) is a symbol named after
what it is computed from, so that equal names stand for equal lengths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from srcgrad.ir.core import Const
from srcgrad.ir.kinds import Dim, Dtype, Kind, Length, Shape
from srcgrad.rules.call import Call, Condition, KindRule
from srcgrad.rules.creation import stacked_kind
from srcgrad.rules.results import reduced

AsDtype = Callable[[Dtype], Dtype]


def operand(call: Call, name: str) -> Kind:
    """The array that NumPy makes of an argument."""
    return stacked_kind(call.kind(name))


def array_like(name: str) -> KindRule:
    """An array of the shape and dtype of an argument."""

    def kind(call: Call) -> Kind:
        a = operand(call, name)
        return Kind("array", a.dtype, a.shape)

    return kind


def reduction(as_dtype: AsDtype = lambda dtype: dtype) -> KindRule:
    """A reduction of `a`; `as_dtype` takes the dtype class of the array to that of the result."""

    def kind(call: Call) -> Kind:
        a = operand(call, "a")
        if a.shape is not None and not valid_axes(call.axes(), len(a.shape)):
            a = replace(a, shape=None)
        kinds = {**call.kinds, "a": a}
        args = dict(call.args)
        if is_none(call, "axis"):
            args["axis"] = Const(None)  # also for a variable that holds None
        return reduced(as_dtype(a.dtype))(replace(call, args=args, kinds=kinds))

    return kind


def valid_axes(axes: Iterable[int] | None, rank: int) -> bool:
    """False for axes that the array does not have; the primal will say so."""
    return axes is None or all(-rank <= axis < rank for axis in axes)


def axis_of(call: Call, rank: int | None, name: str = "axis") -> int | None:
    """A single axis written in the call, counted from the front."""
    axes = call.axes(name)
    if axes is None or rank is None or len(axes) != 1 or not valid_axes(axes, rank):
        return None
    return axes[0] % rank


def is_none(call: Call, name: str) -> bool:
    return call.kind(name).tag == "none"


def is_given_axis(call: Call, name: str = "axis") -> bool:
    """Known to be an axis or axes, and not None."""
    return call.kind(name).tag in ("scalar", "tuple")


def is_true(call: Call, name: str) -> bool | None:
    """A flag written in the call; None where it is not."""
    return bool(call.literal(name)) if call.is_literal(name) else None


def of_rank(**expected: int) -> Condition:
    """The arguments named are arrays (or, for 0, scalars) of these ranks."""

    def holds(call: Call) -> bool:
        return all(call.kind(name).rank == rank for name, rank in expected.items())

    return holds


def product(lengths: Iterable[Length]) -> Length:
    """The product of lengths; of several unknown ones a symbol that names its factors."""
    number, factors = 1, []
    for length in lengths:
        if isinstance(length, int):
            number *= length
        else:
            factors.append(length)
    if not factors or number == 0:
        return number
    if len(factors) == 1 and number == 1:
        return factors[0]
    return Dim("*".join([str(number), *sorted(_factor(n) for n in factors)]))


def quotient(total: Iterable[Length], part: Iterable[Length]) -> Length:
    """`total / part`, known to be whole. Equal factors cancel."""
    above, below = list(total), list(part)
    for length in [n for n in below if n in above]:
        above.remove(length)
        below.remove(length)
    top, bottom = product(above), product(below)
    if bottom == 1:
        return top
    if isinstance(top, int) and isinstance(bottom, int) and bottom != 0:
        return top // bottom
    return Dim(f"({_factor(top)})/({_factor(bottom)})")


def _factor(length: Length) -> str:
    return f"({length.symbol}{length.offset:+d})" if isinstance(length, Dim) else str(length)


def total(lengths: Iterable[Length]) -> Length:
    """The sum of lengths."""
    number, terms = 0, []
    for length in lengths:
        if isinstance(length, int):
            number += length
        else:
            number += length.offset
            terms.append(length)
    if not terms:
        return number
    if len(terms) == 1:
        return Dim(terms[0].symbol, number, max(0, terms[0].floor + number - terms[0].offset))
    floor = number + sum(n.floor - n.offset for n in terms)
    return Dim("+".join(sorted(n.symbol for n in terms)), number, max(0, floor))


def reshaped(shape: Shape | None, wanted: Shape | None) -> Shape | None:
    """The shape asked of `reshape`, its -1 resolved."""
    if wanted is None or -1 not in wanted:
        return wanted
    if shape is None:
        return None
    given = [n for n in wanted if n != -1]
    rest = quotient(shape, given)
    return tuple(rest if n == -1 else n for n in wanted)
