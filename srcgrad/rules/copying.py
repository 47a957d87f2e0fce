"""Derivatives of functions that copy elements: whole, repeated, in windows, padded.

Where an element has several copies it gets the sum of their cotangents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dim, Dtype, Kind, Length, Shape, broadcast
from srcgrad.rules.call import Call
from srcgrad.rules.creation import dtype_of, shape_of
from srcgrad.rules.registry import computed, may_equal, primitive, pullback
from srcgrad.rules.shapes import axis_of, is_none, operand, product, total
from srcgrad.support import unbroadcast
from srcgrad.support_arrays import (
    cast_adjoint,
    crop,
    fold_padding,
    fold_repeats,
    fold_resized,
    fold_tiles,
    overlap_add,
    padding_adjoint,
)
from srcgrad.support_layout import laid_out

_fn: Any


# Copies and casts
def _method_kind(call: Call) -> Kind:
    """A method of arrays keeps the tag: NumPy's numbers have it too."""
    a = call.kind("a")
    return a if a.tag in ("scalar", "array") else Kind("unknown", a.dtype)


def _copy_kind(call: Call) -> Kind:
    a = call.kind("a")
    return a if a.is_array or a.tag in ("list", "dict") else Kind("unknown", a.dtype)


def _not_a_container(call: Call) -> bool:
    return not call.kind("a").is_container


for _fn in ("method.copy", laid_out):
    primitive(_fn, "a", kind=_copy_kind)
    pullback(_fn, a=lambda g, y: g, when=_not_a_container)


def _cast_kind(call: Call) -> Kind:
    a = call.kind("a")
    dtype = dtype_of(call, "?")
    tag = a.tag if a.tag in ("scalar", "array") else "unknown"
    return Kind(tag, dtype, a.shape if tag != "unknown" else None)


_REALS: tuple[Dtype, ...] = ("f2", "f4", "f8", "f16")


def _real_cast(call: Call) -> bool:
    return call.kind("a").is_array and {call.kind("a").dtype, call.result.dtype} <= set(_REALS)


def _same_cast(call: Call) -> bool:
    return _real_cast(call) and call.kind("a").dtype == call.result.dtype


def _made_complex(call: Call) -> bool:
    return call.kind("a").is_array and (call.kind("a").dtype, call.result.dtype) == ("f8", "c16")


def _keeps_imaginary(call: Call) -> bool:
    """No complex number is cut down to its real part: NumPy warns of that."""
    return call.kind("a").dtype not in ("pc", "c8", "c16") or call.result.dtype not in _REALS


for _fn in ("method.astype", np.astype):
    primitive(
        _fn,
        "a, dtype, *, copy=True",
        kind=_cast_kind,
        view="a",
        is_view=may_equal("copy", False),
    )
    pullback(_fn, a=lambda g, y: g, when=_same_cast)
    pullback(_fn, a=lambda g, y, a: g.astype(a.dtype), when=_real_cast)
    pullback(_fn, a=lambda g, y: np.real(g), when=_made_complex)
    pullback(_fn, a=lambda g, y, a: cast_adjoint(g, y, a), when=_keeps_imaginary)


_NUMBERS: dict[Dtype, Dtype] = {"i": "pi", "f2": "pf", "f4": "pf", "f8": "pf"}
_NUMBERS |= {"c8": "pc", "c16": "pc"}


def _item_kind(call: Call) -> Kind:
    dtype = call.kind("a").dtype
    return Kind("scalar", _NUMBERS.get(dtype, "?" if dtype == "f16" else dtype), ())


primitive("method.item", "a", kind=_item_kind)
pullback("method.item", a=lambda g, y, a: np.full_like(a, g))


def _tolist_kind(call: Call) -> Kind:
    a = call.kind("a")
    number = Kind("scalar", _NUMBERS.get(a.dtype, "?" if a.dtype == "f16" else a.dtype), ())
    if not a.is_array or a.rank is None:
        return Kind("unknown")
    kind = number
    for _ in range(a.rank):
        kind = Kind("list", element=kind)
    return kind


def _tolist(call: Call) -> Mapping[str, str] | None:
    """Of a vector; the cotangent of a nested list may lack rows."""
    return {"a": "np.array(g, a.dtype)"} if call.kind("a").rank == 1 else None


primitive("method.tolist", "a", kind=_tolist_kind)
computed("method.tolist", _tolist, {"np": np, "__name__": __name__})


# Broadcasting
def _broadcast_kind(call: Call) -> Kind:
    return Kind("array", operand(call, "array").dtype, shape_of(call))


def _same_ranks(call: Call) -> bool:
    """No length of the array is broadcast; only axes may be new in front."""
    old, new = operand(call, "array").shape, call.result.shape
    return old is not None and new is not None and new[len(new) - len(old) :] == old


def _broadcast(call: Call) -> Mapping[str, str] | None:
    old, new = operand(call, "array").shape, call.result.shape
    if old is None or new is None or len(new) < len(old):
        return {"array": "unbroadcast(g, array)"}
    extra = len(new) - len(old)
    if _same_ranks(call):
        axes = ", ".join(map(str, range(extra)))
        if extra == 0:
            return {"array": "g"}
        return {"array": f"np.sum(g, axis={axes if extra == 1 else f'({axes})'})"}
    return {"array": "unbroadcast(g, array)"}


primitive(np.broadcast_to, "array, shape", kind=_broadcast_kind, view="array")
computed(np.broadcast_to, _broadcast, {"np": np, "unbroadcast": unbroadcast, "__name__": __name__})


_TOGETHER = ("a", "b", "c", "e")


def _together_kind(call: Call) -> Kind:
    parts = [operand(call, name) for name in _TOGETHER if call.given(name)]
    shape = broadcast(*(part.shape for part in parts))
    return Kind(
        "tuple", items=tuple((i, Kind("array", p.dtype, shape)) for i, p in enumerate(parts))
    )


def _together(call: Call) -> Mapping[str, str]:
    names = [name for name in _TOGETHER if call.given(name)]
    return {name: f"unbroadcast(g[{i}], {name})" for i, name in enumerate(names)}


primitive(np.broadcast_arrays, "a, b=None, c=None, e=None", kind=_together_kind, view="*")
computed(
    np.broadcast_arrays, _together, {"np": np, "unbroadcast": unbroadcast, "__name__": __name__}
)


# Repetitions
def _tile_kind(call: Call) -> Kind:
    a, reps = operand(call, "A"), _counts(call, "reps")
    if a.shape is None or reps is None:
        return Kind("array", a.dtype)
    rank = max(len(a.shape), len(reps))
    lengths: Shape = (1,) * (rank - len(a.shape)) + a.shape
    counts = (1,) * (rank - len(reps)) + reps
    return Kind("array", a.dtype, tuple(product(p) for p in zip(lengths, counts, strict=True)))


def _counts(call: Call, name: str) -> Shape | None:
    """One or several counts, known as lengths are."""
    lengths = shape_of(call, name)
    return lengths if call.kind(name).tag in ("scalar", "tuple") else None


def _repeat_kind(call: Call) -> Kind:
    a = operand(call, "a")
    counts = _counts(call, "repeats") if call.kind("repeats").is_scalar else None
    if a.shape is None:
        return Kind("array", a.dtype)
    shape = (product(a.shape),) if is_none(call, "axis") else a.shape
    axis = 0 if is_none(call, "axis") else axis_of(call, len(shape))
    if counts is None or axis is None:
        return Kind("array", a.dtype)
    return Kind(
        "array",
        a.dtype,
        tuple(product((n, counts[0])) if i == axis else n for i, n in enumerate(shape)),
    )


primitive(np.tile, "A, reps", kind=_tile_kind)
pullback(np.tile, A=lambda g, y, A: fold_tiles(g, A))
primitive(np.repeat, "a, repeats, axis=None", kind=_repeat_kind)
pullback(np.repeat, a=lambda g, y, a, repeats, axis: fold_repeats(g, a, repeats, axis))


def _resize_kind(call: Call) -> Kind:
    return Kind("array", operand(call, "a").dtype, shape_of(call, "new_shape"))


primitive(np.resize, "a, new_shape", kind=_resize_kind)
pullback(np.resize, a=lambda g, y, a: fold_resized(g, a))


# Windows
def _window_kind(call: Call) -> Kind:
    x, window = operand(call, "x"), _counts(call, "window_shape")
    if x.shape is None or window is None:
        return Kind("array", x.dtype)
    axes = tuple(range(len(x.shape))) if is_none(call, "axis") else call.axes()
    if axes is None or len(axes) != len(window):
        return Kind("array", x.dtype)
    lengths: list[Length] = list(x.shape)
    for axis, size in zip(axes, window, strict=True):
        if not isinstance(size, int):
            return Kind("array", x.dtype)
        lengths[axis] = total((lengths[axis], 1 - size))
    return Kind("array", x.dtype, (*lengths, *window))


_windows = np.lib.stride_tricks.sliding_window_view
primitive(_windows, "x, window_shape, axis=None", kind=_window_kind, view="x")
pullback(_windows, x=lambda g, y, x, window_shape, axis: overlap_add(g, x, window_shape, axis))


# Padding
def _pad_widths(call: Call, rank: int) -> list[tuple[Length, Length]] | None:
    """Widths before and after each axis, where all are known."""
    kind = call.kind("pad_width")
    if call.is_literal("pad_width") or kind.is_scalar:
        width = call.literal("pad_width") if call.is_literal("pad_width") else kind.value
        return [(width, width)] * rank if isinstance(width, (int, Dim)) else None
    if kind.tag not in ("tuple", "list") or kind.items is None:
        return None
    rows = [_widths(item) for _, item in kind.items]
    if all(row is not None and len(row) == 1 for row in rows):  # one pair, or one width for all
        pair = [row[0] for row in rows if row is not None]
        return [(pair[0], pair[-1])] * rank if len(pair) <= 2 else None
    pairs = [(row[0], row[-1]) for row in rows if row is not None and len(row) <= 2]
    if len(pairs) != len(rows):
        return None
    return pairs * rank if len(pairs) == 1 else pairs if len(pairs) == rank else None


def _widths(kind: Kind) -> list[Length] | None:
    if kind.is_scalar:
        return None if kind.value is None else [kind.value]
    if kind.tag not in ("tuple", "list") or not kind.items:
        return None
    values = [item.value for _, item in kind.items]
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None


def _pad_kind(call: Call) -> Kind:
    a = operand(call, "array")
    widths = None if a.shape is None else _pad_widths(call, len(a.shape))
    if a.shape is None or widths is None:
        return Kind("array", a.dtype)
    shape = tuple(total((b, n, c)) for n, (b, c) in zip(a.shape, widths, strict=True))
    return Kind("array", a.dtype, shape)


_MODES = ("edge", "reflect", "symmetric", "wrap")


def _pad(call: Call) -> Mapping[str, str] | None:
    mode = call.literal("mode") if call.is_literal("mode") else None
    if mode in _MODES:
        return {"array": "fold_padding(g, array, pad_width, mode)"}
    if not call.is_literal("mode") and not call.given("constant_values"):
        return {"array": "padding_adjoint(g, array, pad_width, mode)"}
    if mode != "constant":
        return None
    inside = _inside(call)
    fill = call.kind("constant_values")
    if call.is_literal("constant_values") or fill.is_discrete:
        return {"array": inside}
    if not fill.is_scalar:
        return None
    return {"array": inside, "constant_values": f"np.sum(g) - np.sum({inside})"}


def _inside(call: Call) -> str:
    """What is not padding: a slice where the widths are known."""
    rank = call.kind("array").rank
    widths = _pad_widths(call, rank) if rank else None
    if not widths or not all(isinstance(n, int) for pair in widths for n in pair):
        return "crop(g, array, pad_width)"
    parts = [f"{before or ''}:{f'-{after}' if after else ''}" for before, after in widths]
    return f"g[{', '.join(parts)}]"


primitive(np.pad, "array, pad_width, mode='constant', *, constant_values=0", kind=_pad_kind)
computed(
    np.pad,
    _pad,
    {
        "np": np,
        "crop": crop,
        "fold_padding": fold_padding,
        "padding_adjoint": padding_adjoint,
        "__name__": __name__,
    },
)
