"""Kinds of results that several rule files share: how dtypes come out of operators and ufuncs.

An operator between Python numbers gives a Python number; a ufunc always gives a NumPy one, and
where the function is not closed over the integers, integers become float64. What cannot be told
(bool scalars, which are Python's or NumPy's) is `"?"`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcgrad.ir.kinds import BOOL, FLOAT, INT, UNKNOWN, Dtype, Kind, Length, Shape, broadcast
from srcgrad.rules.call import Call, KindRule
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import TABLE, amend, broadcast_kind

_STRONG: dict[str, Dtype] = {"pi": "i", "pf": "f8", "pc": "c16"}
_FLOAT: dict[str, Dtype] = {"b": "f2", "pi": "f8", "i": "f8", "pf": "f8", "pc": "c16"}
_REAL: dict[str, Dtype] = {"pc": "pf", "c8": "f4", "c16": "f8"}
COMPLEX = ("pc", "c8", "c16", "c?")


def strong(dtype: Dtype) -> Dtype:
    """The class of a NumPy value made from a number of this class."""
    return _STRONG.get(dtype, dtype)


def real_part(dtype: Dtype) -> Dtype:
    """The class of the real part."""
    return _REAL.get(dtype, dtype)


def is_real(kind: Kind) -> bool:
    """Known not to be complex."""
    return kind.dtype not in ("?", *COMPLEX)


def operator_kind(call: Call) -> Kind:
    """Result of an arithmetic operator that is closed over the integers."""
    kind = broadcast_kind(call)
    if kind.is_array:
        return kind.with_dtype(strong(kind.dtype))
    for operand in call.kinds.values():
        if operand.dtype == "b" and operand.tag == "scalar":
            return kind.with_dtype("?")  # Python's and NumPy's bools do different arithmetic
    return kind


def ufunc_kind(call: Call) -> Kind:
    """Result of a ufunc that is closed over the integers."""
    kind = broadcast_kind(call)
    return kind.with_dtype(strong(kind.dtype))


def float_kind(call: Call) -> Kind:
    """Result of a ufunc that makes floats of integers."""
    kind = broadcast_kind(call)
    return kind.with_dtype(_FLOAT.get(kind.dtype, kind.dtype))


def rounded_kind(call: Call) -> Kind:
    """Result of `np.floor` and its like; that of integers depends on the NumPy release."""
    kind = float_kind(call)
    return kind if all(k.is_float for k in call.kinds.values()) else kind.with_dtype("?")


def bool_kind(call: Call) -> Kind:
    """Result of an elementwise predicate."""
    return broadcast_kind(call).with_dtype("b")


def real_kind(call: Call) -> Kind:
    """A real result of possibly complex operands, with NumPy's dtypes."""
    kind = ufunc_kind(call)
    return kind.with_dtype(real_part(kind.dtype))


def inplace_kind(rule: KindRule) -> KindRule:
    """Kind of `a op= b`: an array keeps its shape and dtype; anything else is replaced."""

    def kind(call: Call) -> Kind:
        first = next(iter(call.kinds.values()))
        return first if first.is_array else rule(call)

    return kind


def plain_and_inplace(
    plain: object, inplace: object, rule: KindRule
) -> list[tuple[object, KindRule]]:
    """An operator and its in-place form, each with its kind."""
    return [(plain, rule), (inplace, inplace_kind(rule))]


def always(kind: Kind) -> KindRule:
    """A kind that does not depend on the arguments."""
    return lambda call: kind


def like(name: str, dtype: Dtype | None = None) -> KindRule:
    """Same tag and shape as an argument, NumPy's dtype."""

    def kind(call: Call) -> Kind:
        of = call.kind(name)
        if of.tag not in ("scalar", "array"):
            return Kind("array", dtype or "?") if of.is_container else Kind("unknown", dtype or "?")
        shape = of.shape
        return Kind("scalar" if shape == () else "array", dtype or strong(of.dtype), shape)

    return kind


def reduced(dtype: Dtype, keepdims: bool = True) -> KindRule:
    """A reduction of `a` along `axis`. Without an axis it is a scalar."""

    def kind(call: Call) -> Kind:
        of = call.kind("a")
        if keepdims and not call.is_literal("keepdims"):
            return Kind("unknown", dtype)
        keep = keepdims and call.literal("keepdims") is True
        axes = call.axes()
        if not call.is_literal("axis") and axes is None:
            return Kind("unknown", dtype)
        if axes is None and not keep:
            return Kind("scalar", dtype, ())
        shape = of.shape if of.tag in ("scalar", "array") else None
        if shape is None:
            return Kind("unknown", dtype)
        gone = (
            {axis % max(len(shape), 1) for axis in axes}
            if axes is not None
            else set(range(len(shape)))
        )
        rest: list[Length] = []
        for axis, length in enumerate(shape):
            if axis not in gone:
                rest.append(length)
            elif keep:
                rest.append(1)
        return Kind("array" if rest else "scalar", dtype, tuple(rest))

    return kind


def broadcast_of(*names: str, dtype: Dtype) -> KindRule:
    """The named arguments broadcast; the others do not take part."""

    def kind(call: Call) -> Kind:
        kinds = [call.kind(name) for name in names]
        if any(k.tag not in ("scalar", "array") for k in kinds):
            return Kind("unknown", dtype)
        shape = broadcast(*(k.shape for k in kinds))
        return Kind("scalar" if shape == () else "array", dtype, shape)

    return kind


def shape_kind(call: Call) -> Kind:
    """The tuple `x.shape`; each item carries the length that it equals."""
    shape = next(iter(call.kinds.values())).shape
    if shape is None:
        return Kind("tuple", element=INT)
    return Kind("tuple", items=tuple((i, replace(INT, value=n)) for i, n in enumerate(shape)))


def ndim_kind(call: Call) -> Kind:
    """The number of dimensions, with its value where the rank is known."""
    return replace(INT, value=next(iter(call.kinds.values())).rank)


def size_kind(call: Call) -> Kind:
    """The number of elements, with its value where it is one length or a literal."""
    return replace(INT, value=size_of(next(iter(call.kinds.values())).shape))


def size_of(shape: Shape | None) -> Length | None:
    """The product of the lengths, where it is one length or an int."""
    if shape is None:
        return None
    product: Length = 1
    for length in shape:
        if product == 1:
            product = length
        elif isinstance(length, int) and isinstance(product, int):
            product *= length
        elif length != 1:
            return None
    return product


def only_when(fn: object, condition: Callable[[Call], bool]) -> None:
    """Use the formulas declared so far only where `condition` holds; elsewhere there are none."""
    name = canonical_name(fn)
    prim = TABLE[name]
    TABLE[name] = replace(
        prim, rules=tuple(replace(r, when=_both(r.when, condition)) for r in prim.rules)
    )


def _both(
    first: Callable[[Call], bool] | None, second: Callable[[Call], bool]
) -> Callable[[Call], bool]:
    return second if first is None else lambda call: first(call) and second(call)


def diagonal(fn: object) -> None:
    """Mark a primitive whose formulas were given one by one as elementwise, bound by position."""
    name = canonical_name(fn)
    amend(name, elementwise=True, positional_only=True)


def shares(fn: object, param: str) -> None:
    """Declare that the result of an elementwise primitive may share memory with `param`."""
    name = canonical_name(fn)
    amend(name, view=param)


BOOLEAN: KindRule = always(BOOL)
INTEGER: KindRule = always(INT)
REAL: KindRule = always(FLOAT)
ANYTHING: KindRule = always(UNKNOWN)
