"""Derivatives of Python's built-in functions.

`max` and `min` of several numbers choose one of them, as a branch would: at a tie Python takes
the first, and so does the derivative. With a single argument they and `sum` run over a
container or array.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad.ir.kinds import INT, NONE, OBJECT, RANGE, STR, UNKNOWN, Kind, Length, join, promote
from srcgrad.rules.call import Call
from srcgrad.rules.registry import computed, elementwise, partials, primitive, pullback, zero
from srcgrad.rules.results import (
    BOOLEAN,
    COMPLEX,
    INTEGER,
    always,
    operator_kind,
    real_part,
    strong,
)
from srcgrad.support import (
    items_like,
    number,
    pick_item,
    same_length,
    spread,
    unbroadcast,
    unsort_items,
)

_OPERANDS = ("a", "b", "c", "e")
_FORMULA_NAMES = {
    "np": np,
    "pick_item": pick_item,
    "spread": spread,
    "items_like": items_like,
    "unsort_items": unsort_items,
    "__name__": __name__,
}
_fn: Any


def _abs_kind(call: Call) -> Kind:
    kind = operator_kind(call)
    return kind.with_dtype(real_part(kind.dtype))


def _complex(call: Call) -> bool:
    return call.kind("x").dtype in COMPLEX


for _fn in (builtins.abs, operator.abs):
    elementwise(_fn, lambda d, y, x: d * np.sign(x), kind=_abs_kind)
    partials(_fn, lambda d, y, x: d * np.conj(x) / (y + (y == 0)), when=_complex)


def _quotient_kind(call: Call) -> Kind:
    part = operator_kind(call)
    return Kind("tuple", items=((0, part), (1, part)))


primitive(builtins.divmod, "a, b", kind=_quotient_kind)
pullback(
    builtins.divmod,
    a=lambda g, y, a: unbroadcast(g[1], a),
    b=lambda g, y, b: unbroadcast(-g[1] * y[0], b),
)


def _items(kind: Kind) -> Kind:
    """What covers every item of a container or row of an array."""
    if kind.is_array:
        if not kind.shape:
            return Kind("unknown", kind.dtype)
        rest = kind.shape[1:]
        return Kind("array" if rest else "scalar", strong(kind.dtype), rest)
    if kind.items:
        found = [item for _, item in kind.items]
        covering = found[0]
        for item in found[1:]:
            covering = join(covering, item)
        return covering
    return kind.element or UNKNOWN


def _extreme_kind(call: Call) -> Kind:
    if not call.given("b"):
        return _items(call.kind("a"))
    kinds = list(call.kinds.values())
    covering = kinds[0]
    for kind in kinds[1:]:
        covering = join(covering, kind)
    return replace(covering, value=None) if covering.is_scalar else covering


def _extreme(call: Call) -> Mapping[str, str] | None:
    """The first of several wins a tie: it need only equal the later ones, but beat the earlier."""
    if not call.given("b"):
        return None if _items(call.kind("a")).is_container else {"a": "pick_item(g, y, a)"}
    if any(kind.is_container for kind in call.kinds.values()):
        return None  # compared item by item, which says more than one formula can
    better = ">" if call.name == "builtins.max" else "<"
    names = [name for name in _OPERANDS if call.given(name)]
    formulas = {}
    for i, name in enumerate(names):
        tests = [f"({name} {better} {other})" for other in names[:i]]
        tests += [f"({name} {better}= {other})" for other in names[i + 1 :]]
        formulas[name] = " * ".join(["g", *tests])
    return formulas


for _fn in (builtins.max, builtins.min):
    primitive(_fn, "a, b=None, c=None, e=None", kind=_extreme_kind)
    computed(_fn, _extreme, _FORMULA_NAMES)


def _sum_kind(call: Call) -> Kind:
    kind = call.kind("x")
    start = call.kind("start") if call.given("start") else INT
    item = _items(kind)
    if item.tag not in ("scalar", "array") or not start.is_scalar:
        return UNKNOWN
    dtype = promote(start.dtype, item.dtype)
    if "b" in (start.dtype, item.dtype) or kind.items == ():
        return item.with_dtype("?") if kind.items != () else start
    return item.with_dtype(dtype)


def _sum(call: Call) -> Mapping[str, str] | None:
    """Every item gets the whole cotangent, summed where the item was broadcast."""
    if not call.is_literal("start"):
        return None
    kind = call.kind("x")
    if kind.is_array:
        return {"x": "np.broadcast_to(g, x.shape)"}
    if kind.tag not in ("list", "tuple"):
        return None
    if kind.items is None:
        return {"x": "spread(g, x)"}
    shapes = {item.shape for _, item in kind.items}
    if None in shapes or shapes != {_items(kind).shape}:
        return {"x": "spread(g, x)"}
    parts = ", ".join(["g"] * len(kind.items))
    return {"x": f"[{parts}]"}


primitive(builtins.sum, "x, start=0", kind=_sum_kind)
computed(builtins.sum, _sum, _FORMULA_NAMES)


def _list_kind(call: Call) -> Kind:
    kind = call.kind("x")
    tag: str = call.name.rpartition(".")[2]
    if kind.tag in ("list", "tuple"):
        return replace(kind, tag="list" if tag == "list" else "tuple")
    element = _items(kind) if kind.is_array else kind.element
    return Kind("list" if tag == "list" else "tuple", element=element)


def _list(call: Call) -> Mapping[str, str] | None:
    """A copy of a sequence, perhaps as the other type; the cotangent is converted back."""
    kind = call.kind("x")
    if kind.tag in ("list", "tuple"):
        return {"x": "list(g)"}  # of a tuple, too: its items are written one by one
    return {"x": "np.array(g)" if kind.is_array and kind.rank == 1 else "items_like(g, x)"}


primitive(builtins.list, "x=()", kind=_list_kind)
primitive(builtins.tuple, "x=()", kind=_list_kind)
for _fn in (builtins.list, builtins.tuple):
    computed(_fn, _list, _FORMULA_NAMES)


def _dict_kind(call: Call) -> Kind:
    kind = call.kind("x")
    return replace(kind, fields=None) if kind.tag == "dict" else Kind("dict")


def _dict(call: Call) -> Mapping[str, str] | None:
    return {"x": "dict(g)"} if call.kind("x").tag == "dict" else None


primitive(builtins.dict, "x=()", kind=_dict_kind)
computed(builtins.dict, _dict, _FORMULA_NAMES)


def _sorted_kind(call: Call) -> Kind:
    return Kind("list", element=_items(call.kind("x")))


def _sorted(call: Call) -> Mapping[str, str] | None:
    """The cotangent of each item goes back to the place it came from."""
    kind = call.kind("x")
    if kind.tag not in ("list", "tuple", "array") or call.given("key"):
        return None
    return {"x": "unsort_items(g, x, reverse)"}


primitive(builtins.sorted, "x, key=None, reverse=False", kind=_sorted_kind)
computed(builtins.sorted, _sorted, _FORMULA_NAMES)


def _length_kind(call: Call) -> Kind:
    return replace(INT, value=_length(call.kind("x")))


def _length(kind: Kind) -> Length | None:
    if kind.items is not None and kind.tag in ("list", "tuple", "dict"):
        return len(kind.items)
    return kind.shape[0] if kind.is_array and kind.shape else None


def _round_kind(call: Call) -> Kind:
    kind = call.kind("x")
    if not kind.is_scalar:
        return Kind("unknown", "?")
    if call.is_literal("ndigits") and call.literal("ndigits") is None:
        return INT
    return kind if kind.is_float else kind.with_dtype("?")


def _int_kind(call: Call) -> Kind:
    """`int(n)` of a length is that length."""
    return replace(INT, value=call.kind("x").value) if call.given("x") else INT


zero(builtins.len, signature="x", kind=_length_kind)
zero(same_length, signature="*lengths", kind=INTEGER)
zero(builtins.round, signature="x, ndigits=None", kind=_round_kind)
zero(builtins.int, signature="x=0, base=None", kind=_int_kind)
zero(builtins.bool, signature="x=False", kind=BOOLEAN)
zero(builtins.isinstance, builtins.issubclass, signature="x, types", kind=BOOLEAN)
zero(builtins.hasattr, signature="x, name", kind=BOOLEAN)
zero(builtins.callable, signature="x", kind=BOOLEAN)
zero(builtins.any, builtins.all, signature="x", kind=BOOLEAN)
zero(builtins.id, builtins.hash, builtins.ord, signature="x", kind=INTEGER)
zero(
    builtins.str,
    builtins.repr,
    builtins.chr,
    builtins.format,
    signature="x='', spec=''",
    kind=always(STR),
)
zero(builtins.type, signature="x", kind=always(OBJECT))
zero(builtins.range, signature="start, stop=None, step=None", kind=always(RANGE))
zero(
    builtins.print, signature="*args, sep=None, end=None, file=None, flush=False", kind=always(NONE)
)


# An item that is checked to be a number
def _number_kind(call: Call) -> Kind:
    return Kind("scalar", call.kind("x").dtype, ())


elementwise(number, lambda d, y, x: d, kind=_number_kind)
