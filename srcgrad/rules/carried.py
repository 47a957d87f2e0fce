"""Derivatives of helpers that generated files carry: what a second derivative meets.

Each is linear in its cotangent, and most undo what a function of NumPy does, so that their
derivative is that function. What the other parameters hold is read for its shape or order alone,
but for products, where it is a factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.rules.call import Call, KindRule
from srcgrad.rules.registry import computed, holds_for_complex, primitive, pullback, zero
from srcgrad.rules.results import strong
from srcgrad.rules.tangents import linear, multilinear
from srcgrad.support import cotangent, spread, tangent, unbroadcast, vanishing, zeros_like
from srcgrad.support_arrays import (
    block_adjoint,
    choose_adjoint,
    crop,
    diag_adjoint,
    fold_padding,
    fold_repeats,
    fold_resized,
    fold_tiles,
    overlap_add,
    padding_adjoint,
    scatter_diagonal,
    share_extremum,
    split_like,
)
from srcgrad.support_complex import like_argument, like_memory
from srcgrad.support_hermitian import phase_free
from srcgrad.support_linear import (
    einsum_scatter,
    kron_adjoint_a,
    kron_adjoint_b,
    tensordot_adjoint_a,
    tensordot_adjoint_b,
)
from srcgrad.support_selection import (
    extremum_places,
    first_places,
    scatter_along_axis,
    scatter_take,
    sparse_product,
)
from srcgrad.support_tangents import stretched, tangent_memory, zero_tangent
from srcgrad.support_twice import joined_like, sum_to, tiled_to

_fn: Any


def _like(name: str) -> KindRule:
    """The shape of a parameter, the dtype of the cotangent."""

    def kind(call: Call) -> Kind:
        x, g = call.kind(name), next(iter(call.kinds.values()))
        if x.tag not in ("scalar", "array"):
            return Kind("unknown", strong(g.dtype))
        return Kind("array" if x.is_array and x.shape != () else "unknown", "?", x.shape)

    return kind


def _zeros_kind(call: Call) -> Kind:
    kind = call.kind("x")
    return kind if kind.is_array and kind.is_float else Kind("unknown")


def _zero_kind(call: Call) -> Kind:
    """Floats in the shape of a parameter; its own dtype where that is one of floats."""
    kind = call.kind("x")
    if kind.is_array:
        return kind if kind.is_float else Kind("array", "?", kind.shape)
    if kind.tag == "dict" and not kind.items:
        return kind  # a loop fills both under the same keys
    if kind.tag == "list" and kind.items == ():
        return kind  # or appends to both
    return Kind("scalar", "?", ()) if kind.is_scalar else UNKNOWN


def _items_of(name: str) -> KindRule:
    """A list with an item for each item of a parameter."""

    def kind(call: Call) -> Kind:
        items = call.kind(name).items
        if call.kind(name).tag not in ("list", "tuple") or items is None:
            return Kind("list")
        return Kind("list", items=tuple((i, _like_item(item)) for i, item in items))

    return kind


def _like_item(kind: Kind) -> Kind:
    return Kind("array", "?", kind.shape) if kind.is_array and kind.shape != () else Kind("unknown")


# The cotangent that a helper is given is its first parameter, here `value`.
# Sums over what was broadcast, and over copies
primitive(unbroadcast, "value, x", kind=_like("x"), silent=("x",), view="value")
pullback(unbroadcast, value=lambda g, y, value: np.broadcast_to(g, np.shape(value)))
for _fn in (cotangent, tangent):
    primitive(_fn, "value, x", kind=_like("x"), silent=("x",), view="value")
    pullback(_fn, value=lambda g, y, value: g)
primitive(tangent_memory, "x_dot, x", kind=_zeros_kind, silent=("x",))
pullback(tangent_memory, x_dot=lambda g, y, x_dot: unbroadcast(g, x_dot))
primitive(stretched, "x_dot, value", kind=_like("value"), silent=("value",), view="x_dot")
pullback(stretched, x_dot=lambda g, y, x_dot: unbroadcast(g, x_dot))
zero(vanishing, signature="value")
zero(zeros_like, signature="x", kind=_zeros_kind)
primitive(spread, "value, items", kind=_items_of("items"), silent=("items",), view="value")
pullback(spread, value=lambda g, y, value: sum_to(g, value))
primitive(fold_tiles, "value, x", kind=_like("x"), silent=("x",))
pullback(fold_tiles, value=lambda g, y, value: tiled_to(g, value))
primitive(fold_repeats, "value, x, repeats, axis", kind=_like("x"), silent=("x",))
pullback(fold_repeats, value=lambda g, y, repeats, axis: np.repeat(g, repeats, axis))
primitive(fold_resized, "value, x", kind=_like("x"), silent=("x",))
pullback(fold_resized, value=lambda g, y, value: np.resize(g, np.shape(value)))
primitive(crop, "value, x, pad_width", kind=_like("x"), silent=("x",), view="value")
pullback(crop, value=lambda g, y, pad_width: np.pad(g, pad_width))
for _fn in (fold_padding, padding_adjoint):
    primitive(_fn, "value, x, pad_width, mode", kind=_like("x"), silent=("x",), view="value")
    pullback(_fn, value=lambda g, y, pad_width, mode: np.pad(g, pad_width, mode))
primitive(overlap_add, "value, x, window_shape, axis", kind=_like("x"), silent=("x",))
pullback(
    overlap_add,
    value=lambda g, y, window_shape, axis: np.lib.stride_tricks.sliding_window_view(
        g, window_shape, axis
    ),
)

# Elements put where they were taken from
primitive(scatter_diagonal, "value, x, offset, axis1, axis2", kind=_like("x"), silent=("x",))
pullback(
    scatter_diagonal,
    value=lambda g, y, value, offset, axis1, axis2: unbroadcast(
        np.diagonal(g, offset, axis1, axis2), value
    ),
)
primitive(diag_adjoint, "value, v, k", kind=_like("v"), silent=("v",), view="value")
pullback(diag_adjoint, value=lambda g, y, k: np.diag(g, k))
primitive(scatter_take, "value, x, indices, axis", kind=_like("x"), silent=("x",))
pullback(scatter_take, value=lambda g, y, indices, axis: np.take(g, indices, axis))
primitive(scatter_along_axis, "value, x, indices, axis", kind=_like("x"), silent=("x",))
pullback(scatter_along_axis, value=lambda g, y, indices, axis: np.take_along_axis(g, indices, axis))


def _gathered(call: Call) -> Mapping[str, str] | None:
    """`einsum_scatter`: the diagonals and the sums that were spread out."""
    if not (call.is_literal("source") and call.is_literal("target")):
        return None
    source, target = call.literal("source"), call.literal("target")
    return {"value": f'np.broadcast_to(np.einsum("{target}->{source}", g), np.shape(value))'}


primitive(einsum_scatter, "value, x, source, target", kind=_like("x"), silent=("x",))
computed(einsum_scatter, _gathered, {"np": np, "__name__": __name__})

# Parts of what was joined
primitive(
    split_like, "value, arrays, axis", kind=_items_of("arrays"), silent=("arrays",), view="value"
)
pullback(split_like, value=lambda g, y, value, axis: joined_like(g, value, axis))
primitive(joined_like, "parts, value, axis", kind=_like("value"), silent=("value",))
pullback(joined_like, parts=lambda g, y, parts, axis: split_like(g, parts, axis))
primitive(
    block_adjoint,
    "value, arrays",
    kind=lambda call: Kind("list"),
    silent=("arrays",),
    view="value",
)
pullback(block_adjoint, value=lambda g, y: np.block(g))
primitive(choose_adjoint, "value, a, choices", kind=_items_of("choices"), silent=("choices",))
pullback(choose_adjoint, value=lambda g, y, a: np.choose(a, g))

# Shares of an extremum: which elements have it is known, and does not change
primitive(share_extremum, "value, x, extremum, axis", kind=_like("x"), silent=("x", "extremum"))
pullback(
    share_extremum,
    value=lambda g, y, value, x, extremum, axis: np.reshape(
        np.sum(g * share_extremum(np.ones_like(value), x, extremum, axis), axis),
        np.shape(value),
    ),
)


def _places_kind(call: Call) -> Kind:
    places, shares = Kind("array", "i"), Kind("array", "f8")
    return Kind("tuple", items=((0, places), (1, places), (2, shares)))


def _product_kind(call: Call) -> Kind:
    b, count = call.kind("b"), call.kind("count").value
    if b.rank != 2 or b.shape is None or count is None:
        return Kind("array", "f8")
    return Kind("array", "f8", (count, b.shape[1]))


zero(extremum_places, signature="x, extremum", kind=_places_kind)
zero(first_places, signature="x, first", kind=_places_kind)
primitive(sparse_product, "rows, columns, weights, count, b", kind=_product_kind)
pullback(
    sparse_product,
    weights=lambda g, y, rows, columns, b: np.sum(g[rows] * b[columns], 1),
    b=lambda g, y, rows, columns, weights, b: sparse_product(
        columns, rows, weights, np.shape(b)[0], g
    ),
)

# What is checked, and passed on
primitive(
    phase_free,
    "value, other",
    kind=lambda call: call.kind("value"),
    silent=("other",),
    view="value",
)
pullback(phase_free, value=lambda g, y: g)

# Factors of products: each helper is bilinear in the cotangent and the other factor
primitive(tensordot_adjoint_a, "value, a, b, axes", kind=_like("a"), silent=("a",))
pullback(
    tensordot_adjoint_a,
    value=lambda g, y, b, axes: np.tensordot(g, b, axes),
    b=lambda g, y, value, b, axes: tensordot_adjoint_b(value, g, b, axes),
)
primitive(tensordot_adjoint_b, "value, a, b, axes", kind=_like("b"), silent=("b",))
pullback(
    tensordot_adjoint_b,
    value=lambda g, y, a, axes: np.tensordot(a, g, axes),
    a=lambda g, y, value, a, axes: tensordot_adjoint_a(value, a, g, axes),
)
primitive(kron_adjoint_a, "value, a, b", kind=_like("a"), silent=("a",))
pullback(
    kron_adjoint_a,
    value=lambda g, y, b: np.kron(g, b),
    b=lambda g, y, value, b: kron_adjoint_b(value, g, b),
)
primitive(kron_adjoint_b, "value, a, b", kind=_like("b"), silent=("b",))
pullback(
    kron_adjoint_b,
    value=lambda g, y, a: np.kron(a, g),
    a=lambda g, y, value, a: kron_adjoint_a(value, a, g),
)

zero(zero_tangent, signature="x", kind=_zero_kind)

holds_for_complex(
    *(cotangent, tangent, stretched),
    *(phase_free, unbroadcast, spread, fold_tiles, fold_repeats, fold_resized, crop, fold_padding),
    *(padding_adjoint, overlap_add, scatter_diagonal, diag_adjoint, scatter_take),
    *(scatter_along_axis, einsum_scatter, split_like, joined_like, block_adjoint, choose_adjoint),
    *(tensordot_adjoint_a, tensordot_adjoint_b, kron_adjoint_a, kron_adjoint_b),
)

# Each is linear in the cotangent, and most in nothing else
linear(
    *(
        unbroadcast,
        cotangent,
        tangent,
        stretched,
        spread,
        fold_tiles,
        fold_repeats,
        fold_resized,
        crop,
    ),
    *(fold_padding, padding_adjoint, overlap_add, scatter_diagonal, diag_adjoint, scatter_take),
    *(scatter_along_axis, einsum_scatter, split_like, block_adjoint, choose_adjoint),
    share_extremum,
    of="value",
)
linear(joined_like, of="parts")
linear(like_argument, like_memory, of="value")
multilinear(sparse_product, of="weights b")
multilinear(tensordot_adjoint_a, kron_adjoint_a, of="value b")
multilinear(tensordot_adjoint_b, kron_adjoint_b, of="value a")
