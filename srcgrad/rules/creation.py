"""Functions that make arrays: of nothing (`np.zeros`), of a number (`np.full`), of other arrays.

Shapes are known from literal ints, and from lengths that a kind carries (`x.shape`, `len(x)`).
The dtype asked for is known where it is written as a string or reaches the call as an object of
known class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dim, Dtype, Kind, Length, Shape, broadcast, promote
from srcgrad.rules.call import Call
from srcgrad.rules.registry import computed, primitive, pullback, zero
from srcgrad.rules.results import COMPLEX, strong
from srcgrad.support import unbroadcast
from srcgrad.support_arrays import cast_adjoint, filled_adjoint

_NAMED: dict[str, Dtype] = {
    "float": "f8",
    "float64": "f8",
    "float32": "f4",
    "float16": "f2",
    "int": "i",
    "int64": "i",
    "int32": "i",
    "bool": "b",
    "complex": "c16",
    "complex128": "c16",
    "complex64": "c8",
}
_NAMED |= {f"{sign}int{size}": "i" for sign in ("", "u") for size in (8, 16, 32, 64)}
_NAMED |= {f"{sign}{size}": "i" for sign in "iu" for size in (1, 2, 4, 8)}
_NAMED |= {
    "f8": "f8",
    "f4": "f4",
    "f2": "f2",
    "d": "f8",
    "f": "f4",
    "i8": "i",
    "i4": "i",
    "c16": "c16",
}
_FORMULA_NAMES = {
    "np": np,
    "cast_adjoint": cast_adjoint,
    "filled_adjoint": filled_adjoint,
    "unbroadcast": unbroadcast,
    "__name__": __name__,
}


def dtype_of(call: Call, default: Dtype) -> Dtype:
    """The class asked for by `dtype=`; `default` where it is not given or None."""
    if call.is_literal("dtype"):
        value = call.literal("dtype")
        return default if value is None else _NAMED.get(value, "?")
    return strong(call.kind("dtype").dtype)


def length_of(call: Call, name: str) -> Length | None:
    """The int that an argument is known to be."""
    if call.is_literal(name):
        value = call.literal(name)
        return max(value, 0) if isinstance(value, int) else None
    kind = call.kind(name)
    return _size(kind) if kind.is_scalar else None


def _size(kind: Kind) -> Length | None:
    """The length that a number asks for; None where it may be below 0, which may mean the rest."""
    size = kind.value
    return None if isinstance(size, Dim) and size.below and size.floor < 0 else size


def shape_of(call: Call, name: str = "shape") -> Shape | None:
    """The shape that an argument asks for: an int or a tuple of ints.

    A length that is not known is marked `?`: it is another one each time.
    """
    kind = call.kind(name)
    if kind.tag in ("tuple", "list") and not call.is_literal(name):
        if kind.items is None:
            return None
        items = (item for _, item in kind.items)
        return tuple(Dim(f"?{i}") if n is None else n for i, n in enumerate(map(_size, items)))
    length = length_of(call, name)
    if length is None and kind.is_scalar and not call.is_literal(name):
        return (Dim("?0"),)
    return None if length is None else (length,)


# Of nothing
def _filled_kind(call: Call) -> Kind:
    return Kind("array", dtype_of(call, "f8"), shape_of(call))


zero(np.zeros, np.ones, np.empty, signature="shape, dtype=None", kind=_filled_kind)
primitive(
    np.ndarray,
    "shape, dtype=None, buffer=None, offset=0, strides=None, order=None",
    kind=_filled_kind,
    view="buffer",
)


def _like_kind(call: Call) -> Kind:
    a = call.kind("a")
    shape = a.shape if a.tag in ("scalar", "array") else None
    if call.given("shape"):
        shape = shape_of(call)
    return Kind("array", dtype_of(call, strong(a.dtype)), shape)


zero(
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    signature="a, dtype=None, *, shape=None",
    kind=_like_kind,
)


def _eye_kind(call: Call) -> Kind:
    rows = length_of(call, "N")
    cols = length_of(call, "M") if call.given("M") else rows
    shape = tuple(Dim(f"?{i}") if n is None else n for i, n in enumerate((rows, cols)))
    return Kind("array", dtype_of(call, "f8"), shape)


def _identity_kind(call: Call) -> Kind:
    length = length_of(call, "n")
    n = Dim("?0") if length is None else length
    return Kind("array", dtype_of(call, "f8"), (n, n))


zero(np.eye, np.tri, signature="N, M=None, k=0, dtype=None", kind=_eye_kind)
zero(np.identity, signature="n, dtype=None", kind=_identity_kind)


# Ranges
def _arange_kind(call: Call) -> Kind:
    names = [name for name in ("start", "stop", "step") if call.given(name)]
    dtype = strong(promote(*(call.kind(name).dtype for name in names)))
    return Kind("array", dtype_of(call, dtype), _arange_shape(call) or (Dim("?0"),))


def _arange_shape(call: Call) -> Shape | None:
    first = length_of(call, "start")
    if not call.given("stop"):
        return None if first is None else (first,)
    last = length_of(call, "stop")
    if call.given("step") and not (call.is_literal("step") and call.literal("step") == 1):
        return None
    start = call.literal("start") if call.is_literal("start") else None
    if not isinstance(start, int) or last is None:
        return None
    if isinstance(last, Dim):
        return (last,) if start == 0 else None  # the length is 0, not negative, if start is beyond
    return (max(last - start, 0),)


def _arange(call: Call) -> Mapping[str, str] | None:
    """Of ints there is no derivative; of other numbers it is not supported."""
    return {} if all(kind.is_discrete for kind in call.kinds.values()) else None


primitive(np.arange, "start, stop=None, step=None, dtype=None", kind=_arange_kind)
computed(np.arange, _arange, {})


def _linspace_kind(call: Call) -> Kind:
    ends = (call.kind("start"), call.kind("stop"))
    if not all(k.tag in ("scalar", "array") for k in ends):
        return Kind("array", "?")
    num = length_of(call, "num")
    dtype = strong(promote("pf", *(k.dtype for k in ends)))
    rest = broadcast(*(k.shape for k in ends))
    return Kind(
        "array", dtype, None if rest is None else (Dim("?0") if num is None else num, *rest)
    )


def _linspace(call: Call) -> Mapping[str, str]:
    return {"start": weighed(call, "start", "g"), "stop": weighed(call, "stop", "g")}


def weighed(call: Call, end: str, g: str) -> str:
    """The cotangent of one end from that of the points between: their weights fall or rise."""
    more = ", endpoint=endpoint" if call.given("endpoint") else ""
    slope = "1, 0" if end == "start" else "0, 1"
    if all(call.kind(name).is_scalar for name in ("start", "stop")):
        return f"np.sum({g} * np.linspace({slope}, num{more}))"
    weights = f"np.linspace({slope}, num{more}, dtype=g.dtype)"
    return f"unbroadcast(np.tensordot({weights}, {g}, 1), {end})"


primitive(np.linspace, "start, stop, num=50, endpoint=True", kind=_linspace_kind)
computed(np.linspace, _linspace, _FORMULA_NAMES)


# Of one value
def _full_kind(call: Call) -> Kind:
    return Kind("array", dtype_of(call, strong(call.kind("fill_value").dtype)), shape_of(call))


def _full_like_kind(call: Call) -> Kind:
    a = call.kind("a")
    shape = a.shape if a.tag in ("scalar", "array") else None
    return Kind("array", dtype_of(call, strong(a.dtype)), shape)


def _full(call: Call) -> Mapping[str, str] | None:
    if call.result.is_discrete:
        return {}
    if not call.result.is_float and (call.given("dtype") or call.name == "numpy.full_like"):
        if call.result.dtype != "?" or call.kind("fill_value").is_container:
            return None
        return {"fill_value": "filled_adjoint(g, y, fill_value)"}
    return {
        "fill_value": "np.sum(g)"
        if call.kind("fill_value").is_scalar
        else "unbroadcast(g, fill_value)"
    }


primitive(np.full, "shape, fill_value, dtype=None", kind=_full_kind)
computed(np.full, _full, _FORMULA_NAMES)
primitive(np.full_like, "a, fill_value, dtype=None", kind=_full_like_kind, silent=("a",))
computed(np.full_like, _full, _FORMULA_NAMES)


# Of arrays, numbers and nested sequences
def stacked_kind(kind: Kind) -> Kind:
    """The array that `np.array` makes of a value of this kind."""
    if kind.tag in ("scalar", "array"):
        return Kind("array", strong(kind.dtype), kind.shape)
    if kind.tag not in ("list", "tuple"):
        return Kind("array" if kind.is_container else "unknown", kind.dtype)
    if kind.items is None:
        return Kind("array", strong(kind.element.dtype) if kind.element is not None else "?")
    rows = [stacked_kind(item) for _, item in kind.items]
    if not rows:
        return Kind("array", "f8", (0,))
    dtype = strong(promote(*(row.dtype for row in rows)))
    shapes = [row.shape for row in rows]
    if any(shape is None for shape in shapes):
        return Kind("array", dtype)
    rest = broadcast(*shapes) or ()
    return Kind("array", dtype, (len(rows), *rest))


def _array_kind(call: Call) -> Kind:
    kind = stacked_kind(call.kind("object"))
    asked = dtype_of(call, kind.dtype)
    return Kind("array", asked, kind.shape if kind.is_array else None)


def _array(call: Call) -> Mapping[str, str] | None:
    """The cotangent of a sequence is `g`, indexed as the sequence is."""
    if call.result.is_discrete:
        return {}
    own = stacked_kind(call.kind("object")).dtype
    if dtype_of(call, own) == own and (own != "?" or not call.given("dtype")):
        return {"object": "g"}
    if not call.result.is_float:
        return None  # an int dtype would cut the values
    if not call.kind("object").is_array:
        return {"object": "g"}
    if own == "f8" and call.result.dtype == "c16":
        return {"object": "np.real(g)"}
    cut = call.result.dtype in COMPLEX and own not in COMPLEX
    return {"object": "cast_adjoint(g, y, object)" if cut else "g.astype(object.dtype)"}


def _nested_kind(call: Call) -> Kind:
    """`ndmin` puts axes of length 1 before the others."""
    kind, ndmin = _array_kind(call), call.literal("ndmin") if call.is_literal("ndmin") else None
    if ndmin == 0:
        return kind
    if kind.shape is None or not isinstance(ndmin, int):
        return Kind("array", kind.dtype)
    return Kind("array", kind.dtype, (1,) * (ndmin - len(kind.shape)) + kind.shape)


def _nested(call: Call) -> Mapping[str, str] | None:
    found = _array(call)
    if found is None or call.is_literal("ndmin") and call.literal("ndmin") == 0:
        return found
    return {name: f"np.reshape({text}, np.shape(object))" for name, text in found.items()}


primitive(
    np.array,
    "object, dtype=None, *, copy=True, order=None, ndmin=0",
    kind=_nested_kind,
    refuse=lambda call: (
        None
        if call.is_literal("copy") and call.literal("copy") is True
        else "np.array with `copy` other than True is not supported"
    ),
)
computed(np.array, _nested, _FORMULA_NAMES)


_fn: Any
for _fn in (np.asarray, np.asanyarray):
    primitive(
        _fn, "object, dtype=None, order=None", kind=_array_kind, view="object", also={"a": "object"}
    )
    computed(_fn, _array, _FORMULA_NAMES)


def _block_kind(call: Call) -> Kind:
    """A block of memory has at least one axis."""
    kind = _array_kind(call)
    return kind if kind.shape != () else Kind("array", kind.dtype, (1,))


def _block(call: Call) -> Mapping[str, str] | None:
    found = _array(call)
    if found is None or stacked_kind(call.kind("object")).shape:
        return found
    return {name: f"np.reshape({text}, np.shape(object))" for name, text in found.items()}


for _fn in (np.ascontiguousarray, np.asfortranarray):
    primitive(_fn, "object, dtype=None", kind=_block_kind, view="object", also={"a": "object"})
    computed(_fn, _block, _FORMULA_NAMES)
primitive(
    np.require,
    "object, dtype=None, requirements=None",
    kind=_array_kind,
    view="object",
    also={"a": "object"},
)
computed(np.require, _array, _FORMULA_NAMES)


def _copy_kind(call: Call) -> Kind:
    kind = stacked_kind(call.kind("a"))
    return Kind("array", kind.dtype, kind.shape)


primitive(np.copy, "a, order='K'", kind=_copy_kind)
pullback(np.copy, a=lambda g, y: g)
