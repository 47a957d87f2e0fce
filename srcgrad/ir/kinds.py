"""What is known of a value without running the program: its kind, dtype class, rank and dimensions.

Kinds form a lattice under `join`, with `UNKNOWN` at the top. They start from what is known (call-
time
arguments, annotations, literals) and flow forward; a fact is either proven or absent, never
guessed.

A dimension is an int where it is known (1 above all, since it broadcasts), or a `Dim`: a symbol and
an
offset, `n - 2` being `Dim("n", -2)`. Two equal Dims are equal lengths. `floor` is what they are at
least;
a dimension of 2 or more is not stretched, so that two such which broadcast together are equal. The
index of a loop is a Dim too, with its range, so that `A[:i + 1]` has the length `i + 1`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import field
from typing import Any, Literal, TypeAlias

from srcgrad.ir.classes import dataclass, replace


@dataclass(frozen=True, slots=True)
class Dim:
    """A symbolic length: `symbol + offset`. Equality ignores what else is known of it.

    `below`: for the index of a loop, what the symbol is less than.
    `cut`: this is that length, or less where an axis of 2 or more ends before it.
    `seen`: what it was when the kind was taken from an array; a hint, not a fact.
    """

    symbol: str
    offset: int = 0
    floor: int = 0
    below: Length | None = None
    cut: Dim | None = None
    seen: int | None = field(default=None, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and (self.symbol, self.offset) == (other.symbol, other.offset)

    def __hash__(self) -> int:
        return hash((self.symbol, self.offset))

    def shifted(self, by: int) -> Dim:
        """`self + by`."""
        return Dim(self.symbol, self.offset + by, self.floor + by, self.below)

    @property
    def big(self) -> bool:
        """Known not to be 1, nor 0."""
        return self.floor >= 2

    @property
    def steady(self) -> bool:
        """One length wherever it stands; what joins and the turns of loops make has a mark."""
        return not {"~", "?"}.intersection(self.symbol)


Length: TypeAlias = int | Dim
LARGE = 1 << 11  # elements at least, as far as is known
DIRECTIONS = Dim("directions%")  # how many tangents or cotangents there are at once
Shape: TypeAlias = tuple[Length, ...]

Tag = Literal[
    "scalar",  # a Python or NumPy number (rank 0, immutable)
    "array",  # an ndarray, 0-d included
    "tuple",
    "list",
    "dict",
    "none",
    "str",
    "slice",
    "ellipsis",
    "generator",  # of random numbers; any object of a library that gives new values when called
    "object",  # anything else that carries no derivative: modules, ranges, ...
    "unknown",
]

# Dtype classes. "p" marks Python numbers, which are weak under NumPy's promotion.
# "c?" is shown to rules alone: not known, and may be complex.
Dtype = Literal["b", "i", "pi", "f2", "f4", "f8", "f16", "pf", "c8", "c16", "pc", "c?", "?"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One element of the lattice.

    `shape`: for arrays, a tuple of lengths, or None when the rank is unknown; `()` for scalars.
    `items`: for tuples, lists and dicts of known structure, pairs (position or key, kind).
    `element`: for lists and tuples of unknown length, the kind of every element.
    `fields`: attribute names of the items of a named tuple, or of a dataclass, which is a dict
    here.
    `cls`: of an argument that is a dataclass, its class.
    `value`: for int scalars, the symbolic length it is known to equal (`len(x)`, `x.shape[0]`) or
    int.
    `narrow`: of an argument or a global that holds integers other than int64.
    """

    tag: Tag
    dtype: Dtype = "?"
    shape: Shape | None = None
    items: tuple[tuple[Any, Kind], ...] | None = None
    element: Kind | None = None
    value: Length | None = None
    fields: tuple[str, ...] | None = None
    cls: type | None = None
    narrow: bool = False

    @property
    def rank(self) -> int | None:
        """Number of dimensions; 0 for scalars; None when it is not known."""
        if self.tag == "scalar":
            return 0
        return None if self.tag != "array" or self.shape is None else len(self.shape)

    @property
    def is_scalar(self) -> bool:
        """True for numbers; False for arrays, 0-d ones included, and for what is not known."""
        return self.tag == "scalar"

    @property
    def is_array(self) -> bool:
        return self.tag == "array"

    def has_shape_of(self, other: Kind) -> bool:
        """True for two arrays that provably have the same shape."""
        both = self.is_array and other.is_array and self.shape is not None
        return both and self.shape == other.shape

    def keeps_shape_of(self, other: Kind) -> bool:
        """`has_shape_of` of values of different places, such as a variable in two turns."""
        return self.is_steady and self.has_shape_of(other)

    @property
    def is_steady(self) -> bool:
        """True for an array whose lengths are the same in every turn of a loop."""
        return self.shape is not None and all(isinstance(n, int) or n.steady for n in self.shape)

    @property
    def is_container(self) -> bool:
        return self.tag in ("tuple", "list", "dict")

    @property
    def is_float(self) -> bool:
        """Known to be a real floating (or complex) number or array."""
        return self.dtype in ("f2", "f4", "f8", "f16", "pf", "c8", "c16", "pc")

    @property
    def is_discrete(self) -> bool:
        """Known to carry no derivative: ints, bools, strings, None, slices, other objects."""
        if self.tag in ("none", "str", "slice", "ellipsis", "generator", "object"):
            return True
        return self.tag in ("scalar", "array") and self.dtype in ("b", "i", "pi")

    def item(self, key: Any) -> Kind:
        """Kind of `self[key]` for a container."""
        for name, kind in self.items or ():
            if name == key and type(name) is type(key):
                return kind
        if self.items is not None and isinstance(key, int) and key < 0:
            return self.item(key + len(self.items)) if key + len(self.items) >= 0 else UNKNOWN
        return self.element or UNKNOWN

    def field_key(self, name: str) -> Any:
        """The key of the item that the attribute `name` reads; None if there is none."""
        if self.fields is None or name not in self.fields:
            return None
        return name if self.tag == "dict" else self.fields.index(name)

    def with_dtype(self, dtype: Dtype) -> Kind:
        if dtype == self.dtype:
            return self
        if self.tag == "scalar" and self.shape == () and self.value is None:
            return scalar(dtype)
        return replace(self, dtype=dtype)


UNKNOWN = Kind("unknown")
NONE = Kind("none")
STR = Kind("str")
OBJECT = Kind("object")
GENERATOR = Kind("generator")
SLICE = Kind("slice")
ELLIPSIS = Kind("ellipsis")
BOOL = Kind("scalar", "b", ())
INT = Kind("scalar", "pi", ())
RANGE = Kind("object", element=INT)
FLOAT = Kind("scalar", "pf", ())
FLOAT64 = Kind("scalar", "f8", ())


@functools.cache
def scalar(dtype: Dtype) -> Kind:
    return Kind("scalar", dtype, ())


def array(dtype: Dtype, shape: Shape | None) -> Kind:
    return Kind("array", dtype, shape)


def identical(a: Kind, b: Kind) -> bool:
    """Equal, the floors included, which the equality of lengths leaves out."""
    return a is b or (a == b and _floors(a) == _floors(b))


def _floors(kind: Kind) -> tuple[object, ...]:
    nested = [item for _, item in kind.items or ()]
    nested += [kind.element] if kind.element else []
    own = tuple(getattr(n, "floor", 0) for n in kind.shape or ())
    return own if not nested else (own, *map(_floors, nested))


_ORDER: tuple[Dtype, ...] = ("b", "pi", "i", "pf", "f2", "f4", "f8", "f16", "pc", "c8", "c16")


@functools.cache
def promote(*dtypes: Dtype) -> Dtype:
    """NumPy's result class of an arithmetic operation on these classes (NEP 50: Python numbers
    weak)."""
    out: Dtype = "b"
    for dtype in dtypes:
        out = "?" if out == "?" or dtype in ("?", "c?") else _promote2(out, dtype)
    return out


def _promote2(a: Dtype, b: Dtype) -> Dtype:
    a, b = sorted((a, b), key=_ORDER.index)
    if b == "pf" and a == "i":
        return "f8"
    if b in ("f2", "f4") and a == "i":
        return "f8"  # int64 with float32; narrower ints would give less, so a class, not a promise
    if b == "pc" and a in ("f2", "f4", "f8", "f16", "i"):
        return "c8" if a in ("f2", "f4") else "c16"
    if b == "c8" and a in ("f8", "f16", "i"):
        return "c16"
    return b


def broadcast(*shapes: Shape | None) -> Shape | None:
    """The shape that shapes broadcast to, or None when it is not known."""
    if any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    rank = max((len(shape) for shape in known), default=0)
    out: list[Length] = []
    for axis in range(rank):
        lengths = [s[axis - rank + len(s)] for s in known if axis - rank + len(s) >= 0]
        out.append(_broadcast_lengths(lengths))
    return tuple(out)


def _broadcast_lengths(lengths: list[Length]) -> Length:
    rest = [n for n in lengths if n != 1]
    if not rest:
        return 1
    for n in rest:
        if isinstance(n, int):
            return n
    if all(n == rest[0] for n in rest):
        return rest[0]
    for n in rest:
        if isinstance(n, Dim) and n.big:
            return n
    names = "*".join(sorted({f"{n.symbol}{n.offset:+d}" for n in rest if isinstance(n, Dim)}))
    return Dim(f"max({names})")


def is_stretched(own: Shape | None, other: Shape | None) -> bool:
    """True where the first surely has to be stretched to go with the second."""
    if own is None or other is None:
        return False
    if len(other) > len(own):
        return True
    aligned = zip(reversed(own), reversed(other), strict=False)
    return any(mine == 1 and _is_long(theirs) for mine, theirs in aligned)


def _is_long(length: Length) -> bool:
    return length.big if isinstance(length, Dim) else length != 1


def join(a: Kind, b: Kind, symbol: str = "") -> Kind:
    """Least kind that covers both. Differing lengths become fresh symbols named after `symbol`."""
    if identical(a, b):
        return a
    if a.tag != b.tag:
        if {a.tag, b.tag} <= {"scalar", "array"}:
            return Kind("unknown", a.dtype if a.dtype == b.dtype else "?")
        return UNKNOWN
    dtype: Dtype = a.dtype if a.dtype == b.dtype else _join_dtype(a.dtype, b.dtype)
    if a.tag in ("scalar", "array"):
        return Kind(a.tag, dtype, _join_shape(a.shape, b.shape, symbol))
    if a.is_container:
        mine, theirs = a.items, b.items
        if mine is not None and theirs is not None and dict(mine).keys() == dict(theirs).keys():
            other = dict(theirs)
            items = tuple((k, join(kind, other[k], f"{symbol}.{k}")) for k, kind in mine)
            return Kind(a.tag, items=items, fields=a.fields if a.fields == b.fields else None)
        if a.tag == "tuple" and len(held(a)) != len(held(b)) and a.items and b.items:
            return Kind("tuple")
        return Kind(a.tag, element=common_kind([*held(a), *held(b)], symbol))
    return Kind(a.tag)


def held(kind: Kind) -> list[Kind]:
    """Kinds of what a list or tuple may hold."""
    if kind.element is not None:
        return [kind.element]
    return [UNKNOWN] if kind.items is None else [item for _, item in kind.items]


def common_kind(kinds: list[Kind], symbol: str) -> Kind | None:
    """One kind for all items of a sequence; None for no items.

    Lengths that differ are marked `?`: each reading of an item has a length of its own.
    """
    if not kinds:
        return None
    result = kinds[0]
    for kind in kinds[1:]:
        result = join(result, kind, f"?{symbol}")
    return result


def _join_dtype(a: Dtype, b: Dtype) -> Dtype:
    pair = {a, b}
    if pair == {"pf", "f8"}:
        return "f8"
    if pair == {"pi", "i"}:
        return "i"
    return "?"


def _join_shape(a: Shape | None, b: Shape | None, symbol: str) -> Shape | None:
    if a is None or b is None or len(a) != len(b):
        return None
    out: list[Length] = []
    for axis, (m, n) in enumerate(zip(a, b, strict=True)):
        floor = min(floor_of(m), floor_of(n))
        if m == n:
            out.append(replace(m, floor=floor) if isinstance(m, Dim) else m)
        else:
            out.append(Dim(f"{symbol}.{axis}", 0, floor))
    return tuple(out)


def stretches(a: Length, b: Length) -> bool:
    """Whether one of two lengths that meet in an operation may be 1, and the other not."""
    if a == b or isinstance(a, int) and isinstance(b, int):
        return a != b
    cut = [n.cut for n in (a, b) if isinstance(n, Dim)]
    return not (floor_of(a) >= 2 and floor_of(b) >= 2 or a in cut or b in cut)


def floor_of(length: Length) -> int:
    """What a length is at least."""
    return length.floor if isinstance(length, Dim) else length


def of_any_length(kind: Kind) -> Kind:
    """The kind of arrays whose lengths may be less."""
    if not kind.is_array or kind.shape is None:
        return kind
    return replace(kind, shape=tuple([_unbounded(length) for length in kind.shape]))


def _unbounded(length: Length) -> Length:
    return Dim(length.symbol, length.offset) if isinstance(length, Dim) else length


def is_large(kind: Kind | None) -> bool:
    """True for an array of doubles that is known to have many elements."""
    if kind is None or not kind.is_array or kind.dtype != "f8" or not kind.shape:
        return False
    return math.prod(map(floor_of, kind.shape)) >= LARGE


def is_below(number: Length, length: Length) -> bool:
    """True if one is known to be less than the other: the index of a loop over an axis."""
    if isinstance(number, int):
        return number < floor_of(length)
    if not isinstance(length, Dim) or number.cut is not None or length.cut is not None:
        return False
    if number.symbol == length.symbol:
        return number.offset < length.offset
    below, by = number.below, number.offset
    while isinstance(below, Dim) and below.symbol:  # the symbol is at most `below - 1`
        by += below.offset - 1
        if below.symbol == length.symbol:
            return by < length.offset
        below = below.below
    return False
