"""Functions whose results are indices, or stand beside them: what they give are whole numbers."""

from __future__ import annotations

import numpy as np

from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import zero

INDEX = Kind("array", "i")


def _indices(count: int) -> Kind:
    """An index for each of so many axes."""
    return Kind("tuple", items=tuple((axis, INDEX) for axis in range(count)))


def _of_two_axes(call: Call) -> Kind:
    return _indices(2)


def _open_mesh(call: Call) -> Kind:
    return _indices(sum(map(call.given, "abcd")))


def _diagonal_kind(call: Call) -> Kind:
    rank = call.literal("ndim") if call.is_literal("ndim") else None
    return _indices(rank) if type(rank) is int else Kind("tuple", element=INDEX)


def _diagonal_of(call: Call) -> Kind:
    rank = call.kind("arr").rank
    return Kind("tuple", element=INDEX) if rank is None else _indices(rank)


def _order_kind(call: Call) -> Kind:
    """As long as a key is."""
    keys = call.kind("keys")
    key = keys.items[0][1] if keys.is_container and keys.items else INDEX
    return Kind("array", "i", key.shape if key.is_array else None)


zero(np.ix_, signature="a, b=None, c=None, d=None", kind=_open_mesh)
zero(np.triu_indices, np.tril_indices, signature="n, k=0, m=None", kind=_of_two_axes)
zero(np.triu_indices_from, np.tril_indices_from, signature="arr, k=0", kind=_of_two_axes)
zero(np.diag_indices, signature="n, ndim=2", kind=_diagonal_kind)
zero(np.diag_indices_from, signature="arr", kind=_diagonal_of)
zero(np.lexsort, signature="keys, axis=-1", kind=_order_kind)


def _unravelled(call: Call) -> Kind:
    given, shape = call.kind("indices"), call.kind("shape")
    part = given.with_dtype("i") if given.is_scalar or given.is_array else Kind("unknown", "i")
    if shape.tag == "tuple" and shape.items is not None:
        return Kind("tuple", items=tuple((axis, part) for axis, _ in shape.items))
    return Kind("tuple", element=part)


def _ravelled(call: Call) -> Kind:
    """A number for numbers, an array where one of the indices is one, or a list."""
    given = call.kind("multi_index")
    if given.tag != "tuple" or given.items is None:
        return Kind("unknown", "i")
    parts = [kind for _, kind in given.items]
    if all(part.is_scalar for part in parts):
        return Kind("scalar", "i", ())
    return INDEX if any(p.is_array or p.is_container for p in parts) else Kind("unknown", "i")


def _grid_kind(call: Call) -> Kind:
    """`np.indices((n, m))`: an array of whole numbers, unless another dtype is asked for."""
    plain = not call.given("dtype") and not call.given("sparse")
    return INDEX if plain else UNKNOWN


zero(np.unravel_index, signature="indices, shape, order='C'", kind=_unravelled)
zero(
    np.ravel_multi_index,
    signature="multi_index, dims, mode='raise', order='C'",
    kind=_ravelled,
)
zero(np.indices, signature="dimensions, dtype=None, sparse=False", kind=_grid_kind)
