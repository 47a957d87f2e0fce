"""All functions that have a form as loops, and what happens to elements of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign
from srcgrad.loops import joining, lists, reductions
from srcgrad.loops.containers import contains, shaped
from srcgrad.loops.creation import (
    FILLED,
    arange,
    cast,
    checked,
    copy,
    dictionary,
    filled,
    identity,
    native,
    parts,
    raised,
    slice_,
    type_of,
)
from srcgrad.loops.indexing import getitem
from srcgrad.loops.moving import diff, diff_adjoint, padded, roll
from srcgrad.loops.products import matmul_adjoint_a, matmul_adjoint_b, outer, product_of
from srcgrad.loops.shaping import (
    broadcast_to,
    expand_dims,
    len_of,
    rank_of,
    reshaped,
    shape_of,
    size_of,
    squeeze,
    turned,
    unbroadcast,
)
from srcgrad.loops.stores import add_at, in_place, store
from srcgrad.loops.values import Value

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def _accumulate(low: Loops, stmt: Assign) -> Value | None:
    add_at(low, stmt)
    return None


def _number(low: Loops, stmt: Assign) -> Value:
    return low.number(stmt.args[0])


# Functions that Numba has itself.
NATIVE = (
    "linalg.solve", "linalg.inv", "linalg.cholesky", "linalg.det", "diag", "tril", "triu",
    "cumsum", "searchsorted", "trace", "sort", "argsort", "round", "argmax", "argmin",
)  # fmt: skip
ARRAYS: dict[str, Callable[[Loops, Assign], Value | None]] = {
    **dict.fromkeys(("method.copy", "numpy.copy", "numpy.array", "numpy.asarray",
                     "srcgrad.support.own", "numpy.ascontiguousarray", "copy.copy"), copy),
    **dict.fromkeys([f"numpy.{fn}" for fn in FILLED], filled),
    **dict.fromkeys([f"numpy.{fn}_like" for fn in FILLED], filled),
    "srcgrad.support.zeros_like": filled,
    "attr.shape": shape_of, "numpy.shape": shape_of, "attr.size": size_of, "numpy.size": size_of,
    "attr.dtype": type_of,
    "builtins.len": len_of, "attr.ndim": rank_of, "numpy.ndim": rank_of,
    **dict.fromkeys(("attr.T", "numpy.transpose", "method.transpose", "numpy.swapaxes",
                     "numpy.moveaxis", "method.swapaxes"), turned),
    "numpy.expand_dims": expand_dims, "numpy.broadcast_to": broadcast_to,
    "numpy.squeeze": squeeze, "method.squeeze": squeeze,
    **dict.fromkeys(("numpy.reshape", "method.reshape", "numpy.ravel", "method.ravel",
                     "method.flatten"), reshaped),
    "numpy.outer": outer,
    **dict.fromkeys(("operator.matmul", "numpy.matmul", "numpy.dot", "method.dot"), product_of),
    "numpy.arange": arange, "numpy.roll": roll, "numpy.diff": diff,
    "srcgrad.support_arrays.diff_adjoint": diff_adjoint,
    "srcgrad.support_arrays.short_diff_adjoint": diff_adjoint,
    "srcgrad.support.unbroadcast": unbroadcast,
    "tuple": parts, "list": parts, "slice": slice_, "dict": dictionary,
**dict.fromkeys([f"numpy.{fn}" for fn in NATIVE], native),
    "method.astype": cast, "assert": checked, "raise": raised,
    "numpy.eye": identity, "numpy.identity": identity,
    "numpy.pad": padded,
    "srcgrad.support_linear.matmul_adjoint_a": matmul_adjoint_a,
    "srcgrad.support_linear.matmul_adjoint_b": matmul_adjoint_b,
}  # fmt: skip

HANDLERS: dict[str, Callable[[Loops, Assign], Value | None]] = {
    **ARRAYS,
    **reductions.HANDLERS,
    **joining.HANDLERS,
    **lists.HANDLERS,
    "operator.getitem": getitem,
    "operator.contains": contains,
    "numpy.add.at": _accumulate,
    "srcgrad.support.accumulate": _accumulate,
    "srcgrad.support.number": _number,
    "srcgrad.support.shaped": shaped,
}

__all__ = ["HANDLERS", "in_place", "store"]
