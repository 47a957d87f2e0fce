"""Variances by means, and their adjoints.

v = np.var(x, axis=0)     ->     m = np.mean(x, axis=0, keepdims=True)
                                 d = x - m
                                 v = np.mean(d * d, axis=0)
"""

from __future__ import annotations

from srcgrad.ir.core import Atom, Const
from srcgrad.ir.kinds import Kind
from srcgrad.loops.replacing import FLOATS, NONE, ONE, ZERO, Out


def variance(out: Out) -> bool:
    """`np.var` and `np.std` by means."""
    bound = out.bound()
    x, axis, ddof = bound.pop("a"), bound.pop("axis", NONE), bound.pop("ddof", ZERO)
    kept = bound.pop("keepdims", Const(False))
    kind = out.kind(x)
    known = isinstance(ddof, Const) and isinstance(ddof.value, (int, float))
    if (
        bound
        or not known
        or not kind.is_array
        or not kind.shape
        or kind.dtype not in (*FLOATS, "i")
    ):
        return False
    rest = out.new("operator.sub", x, out.new("numpy.mean", x, axis=axis, keepdims=Const(True)))
    squares = out.new("operator.mul", rest, rest)
    is_root = out.stmt.fn == "numpy.std"
    fn = "numpy.mean" if ddof == ZERO else "numpy.sum"
    if ddof == ZERO and not is_root:
        return out.last(fn, squares, axis=axis, keepdims=kept)
    found = out.new(fn, squares, axis=axis, keepdims=kept)
    if ddof != ZERO:
        many = many_of(out, x, kind, axis)
        if many is None:
            return False
        left = out.new("builtins.max", out.new("operator.sub", many, ddof), ZERO)
        if not is_root:
            return out.last("operator.truediv", found, left)
        found = out.new("operator.truediv", found, left)
    return out.last("numpy.sqrt", found)


def is_real(kind: Kind) -> bool:
    """Whether it is an array of real numbers that has axes."""
    return kind.is_array and bool(kind.shape) and kind.dtype in (*FLOATS, "f4", "i")


def many_of(out: Out, x: Atom, kind: Kind, axis: Atom) -> Atom | None:
    """How many elements of an array go into one of its reduction."""
    if axis == NONE:
        return out.new("attr.size", x)
    if not isinstance(axis, Const) or type(axis.value) is not int:
        return None
    return out.new("operator.getitem", out.new("attr.shape", x), axis)


def reduced_count(out: Out) -> bool:
    """`size(x) // max(size(g), 1)`."""
    g, x = out.stmt.args
    if not out.kind(x).is_array:
        return False
    if out.kind(g).is_scalar:
        return out.last("attr.size", x)
    many = out.new("builtins.max", out.new("attr.size", g), ONE)
    return out.last("operator.floordiv", out.new("attr.size", x), many)


def deviation(out: Out) -> bool:
    """`x` minus its mean, which is taken twice."""
    x, axis = out.stmt.args
    if not is_real(out.kind(x)):
        return False
    once = out.new("operator.sub", x, out.new("numpy.mean", x, axis=axis, keepdims=Const(True)))
    again = out.new("numpy.mean", once, axis=axis, keepdims=Const(True))
    return out.last("operator.sub", once, again)
