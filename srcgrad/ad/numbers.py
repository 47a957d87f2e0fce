"""Adjoints of real and of complex numbers: each in memory that fits, real ones without an imaginary
part.

The adjoint `g` of a complex `z` is what makes `Re(g dz)` the change of the result (the convention
without conjugation, see docs/complex.md). Where `dz` is real, the imaginary part of `g` counts for
nothing.
"""

from __future__ import annotations

from srcgrad import support, support_complex
from srcgrad.ad.builder import Builder
from srcgrad.ad.leaves import Path
from srcgrad.analysis.complexes import Numbers, of_kind
from srcgrad.ir.classes import replace
from srcgrad.ir.core import Atom, Var
from srcgrad.ir.kinds import UNKNOWN, Dtype, Kind, scalar
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.results import real_part as real_dtype

ADD = canonical_name(support.add)
LIKE_MEMORY = canonical_name(support_complex.like_memory)
ZEROS = canonical_name(support.zeros_like)
TAKING = ("operator.getitem", "unpack")


def real_part(build: Builder, path: Path, kind: Kind, value: Atom) -> Atom:
    """What a contribution gives to a variable, or a component, of this kind: to a real one, its
    real part. The run tells of what a function of the program gives, or a container holds."""
    if build.numbers(value) is not Numbers.COMPLEX or kind.is_container:
        return value
    variable, told = Var(path[0]), of_kind(kind)
    numbers = build.primal_numbers(variable) if told is None else told
    if numbers is Numbers.REAL:
        return made_real(build, value)
    if told is None and len(path) == 1 and _may_be_real(build, variable.name):
        return build.emit(LIKE_MEMORY, (value, variable), kind=build.kind(value).with_dtype("?"))
    return value


def _may_be_real(build: Builder, name: str) -> bool:
    """Whether complex operands may have given a real value. What NumPy computes of real ones by
    analytic functions is real, but so are their derivatives: the end is early enough for those."""
    made = build.primal_def(name)
    if made is None or not isinstance(made.fn, str):
        return made is not None
    base = made.args[0] if made.fn in TAKING else None
    return isinstance(base, Var) and build.primal_kind(base.name).is_container


def made_real(build: Builder, value: Atom) -> Atom:
    """The real part of an adjoint that may be complex."""
    made = build.kind(value)
    if build.numbers(value) is not Numbers.COMPLEX or made.is_container:
        return value
    dtype = real_dtype(made.dtype) if made.dtype in COMPLEX else made.dtype
    atom = build.emit("attr.real", (value,), kind=made.with_dtype(dtype))
    assert isinstance(atom, Var)
    build.complexes[atom.name] = Numbers.REAL
    return atom


def fitting(build: Builder, kind: Kind, memory: Atom, value: Atom) -> Atom:
    """What of a contribution goes into memory of which the run alone tells if it is complex."""
    if of_kind(kind) is not None or build.numbers(value) is not Numbers.COMPLEX:
        return value
    return build.emit(LIKE_MEMORY, (value, memory), kind=build.kind(value))


def widened(build: Builder, kind: Kind, held: Atom, variable: Atom) -> Atom | None:
    """The adjoint of a complex variable, real so far, in memory for complex numbers.

    None where the memory may stay.
    """
    if kind.is_array and kind.dtype in COMPLEX and build.kind(held).dtype != kind.dtype:
        dtype = build.emit("attr.dtype", (variable,))
        return build.emit("method.astype", (held, dtype), kind=kind)
    unknown = of_kind(kind) is None and build.primal_numbers(variable) is Numbers.COMPLEX
    if not unknown or kind.is_container:
        return None
    zeros = build.emit("numpy.zeros_like" if kind.is_array else ZEROS, (variable,), kind=kind)
    return build.emit("operator.add" if kind.is_array else ADD, (zeros, held), kind=kind)


def part_kind(build: Builder, kind: Kind, value: Atom) -> Kind:
    """Kind of an adjoint of which only the shape is known, that of a part of `value` perhaps."""
    known = build.kind(value)
    may_be_complex = build.numbers(value) is Numbers.COMPLEX
    if may_be_complex and kind.is_container:
        return Kind("unknown", known.dtype)  # not what its items are in the program itself
    if may_be_complex and known.dtype == "?":
        return replace(kind, dtype="?", value=None)
    return with_dtype_of(kind, known if not known.is_container else UNKNOWN)


def with_dtype_of(kind: Kind, value: Kind) -> Kind:
    """The shape of one, the dtype of the other where that is known."""
    if kind.is_container and value.tag == "unknown":
        return value  # the adjoint of a list may be an array, where lists were joined
    if kind.tag not in ("scalar", "array"):
        return replace(kind, value=None)
    # no promise for the rarer dtypes; doubles are what everything else becomes
    if value.dtype == "?":
        return _of_shape(kind, "f8" if kind.dtype in ("f8", "pf") else "?")
    dtype = value.dtype
    if kind.is_array and value.is_scalar:
        dtype = "f8" if dtype == "pf" else "i" if dtype == "pi" else dtype
    return _of_shape(kind, dtype)


def _of_shape(kind: Kind, dtype: Dtype) -> Kind:
    """A number or array of the shape of another."""
    return (
        scalar(dtype) if kind.shape == () and kind.is_scalar else Kind(kind.tag, dtype, kind.shape)
    )
