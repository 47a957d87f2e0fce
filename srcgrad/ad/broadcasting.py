"""Undo broadcasting: bring the adjoint of an elementwise result down to the shape of an operand.

Where the ranks and the axes of length 1 are known this is a plain sum over known axes, or nothing;
otherwise a helper looks at the shapes when the derivative runs.
"""

from __future__ import annotations

from srcgrad import support
from srcgrad.ad.builder import Builder
from srcgrad.analysis.complexes import Numbers
from srcgrad.ir.core import Atom, Const, Var
from srcgrad.ir.kinds import Dim, Kind, scalar
from srcgrad.rules.naming import canonical_name

UNBROADCAST = canonical_name(support.unbroadcast)


def same_shape(a: Kind, b: Kind) -> bool:
    """True if two values provably have the same shape."""
    if a.is_scalar or b.is_scalar:
        return (a.is_scalar or a.shape == ()) and (b.is_scalar or b.shape == ())
    return a.has_shape_of(b)


def fills(part: Kind, whole: Kind) -> bool:
    """True if a value that broadcasts to the shape of `whole` provably has that very shape.

    A length known not to be 1 cannot be stretched, so it is the length of the whole. Nor is one
    stretched to a part of itself: the 1 of `x[:1]` is not, but to 1.
    """
    if not part.is_array or not whole.is_array or part.shape is None or whole.shape is None:
        return same_shape(part, whole)
    return len(part.shape) == len(whole.shape) and all(
        m == n
        or (m.big if isinstance(m, Dim) else m != 1)
        or (isinstance(n, Dim) and n.cut is not None and n.cut == m)
        for m, n in zip(part.shape, whole.shape, strict=True)
    )


def reads_shape(kind: Kind, whole: Kind) -> bool:
    """True where only the run can tell what `unbroadcast` sums: it reads the operand's shape."""
    return not kind.is_scalar and not fills(kind, whole) and summed_axes(kind, whole) is None


def with_leading(build: Builder, value: Atom, whole: Kind, rank: int) -> tuple[Atom, Kind]:
    """`value`, of the shape of `whole`, with axes of length 1 in front: a store leaves those of
    what it is given out."""
    shape = whole.shape or ()
    made = Kind("array", build.kind(value).dtype, (1,) * (rank - len(shape)) + shape)
    axes = _axes(build, tuple(range(rank - len(shape))))
    return build.emit("numpy.expand_dims", (value, axes), kind=made), made


def unbroadcast(build: Builder, value: Atom, whole: Kind, operand: Var, kind: Kind) -> Atom:
    """`value`, of the shape of `whole`, summed to the shape of `operand`, which has kind `kind`."""
    if fills(kind, whole):
        return value
    dtype = build.kind(value).dtype
    if kind.is_scalar and whole.is_array:
        real = dtype == "?" and build.numbers(value) is not Numbers.COMPLEX
        return build.emit("numpy.sum", (value,), kind=scalar("f8" if real else dtype))
    axes = summed_axes(kind, whole)
    if axes is None:
        value = _summed_to_length_one(build, value, whole, kind)
        return build.emit(UNBROADCAST, (value, operand), kind=Kind(kind.tag, dtype, kind.shape))
    leading, ones = axes
    assert kind.shape is not None
    if leading:
        value = build.emit(
            "numpy.sum",
            (value,),
            (("axis", _axes(build, leading)),),
            kind=Kind("array", dtype, kind.shape),
        )
    if ones:
        kwargs = (("axis", _axes(build, ones)), ("keepdims", Const(True)))
        value = build.emit("numpy.sum", (value,), kwargs, kind=Kind("array", dtype, kind.shape))
    return value


def _summed_to_length_one(build: Builder, value: Atom, whole: Kind, kind: Kind) -> Atom:
    """Summed over the axes that surely have length 1 in the operand, where ranks are equal.

    What is left for the run to find out is about less memory then.
    """
    if kind.shape is None or whole.shape is None or len(kind.shape) != len(whole.shape):
        return value
    pairs = zip(kind.shape, whole.shape, strict=True)
    ones = tuple(axis for axis, (own, full) in enumerate(pairs) if own == 1 and full != 1)
    if not ones:
        return value
    shape = tuple(1 if axis in ones else full for axis, full in enumerate(whole.shape))
    made = Kind("array", build.kind(value).dtype, shape)
    kwargs = (("axis", _axes(build, ones)), ("keepdims", Const(True)))
    return build.emit("numpy.sum", (value,), kwargs, kind=made)


def _axes(build: Builder, axes: tuple[int, ...]) -> Atom:
    if len(axes) == 1:
        return Const(axes[0])
    return build.emit("tuple", [Const(axis) for axis in axes])


def summed_axes(kind: Kind, whole: Kind) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Axes to sum away, then axes to sum to length 1; None where only the run can tell."""
    if not kind.is_array or kind.shape is None or not whole.is_array or whole.shape is None:
        return None
    extra = len(whole.shape) - len(kind.shape)
    ones = []
    for axis, length in enumerate(kind.shape):
        full = whole.shape[extra + axis]
        if length == full or isinstance(length, int) and length != 1:
            continue
        if length == 1:
            ones.append(axis)
        elif not (isinstance(length, Dim) and length.big):
            return None
    return tuple(range(extra)), tuple(ones)
