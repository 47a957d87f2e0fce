"""Derivatives of powers, for each spelling: `**`, `pow`, `math.pow`, `np.power`.

Most exponents are literals, and get the formula of the textbook. Otherwise `n - (n != 0)`
stands for `n - 1`: it makes the base's derivative 0 where `n == 0`, at a zero base too, instead
of `0 * inf`. In the same way `log(x + (x == 0))` is 0 at a zero base, where the exponent has no
influence. `n + 0.0` is a float, where whole numbers or bools may be narrow.
"""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import elementwise, partials
from srcgrad.rules.results import (
    REAL,
    float_kind,
    inplace_kind,
    operator_kind,
    shares,
    ufunc_kind,
)


def _power_kind(call: Call) -> Kind:
    """`x ** n`: of Python ints a float when `n` is negative, which only a literal rules out."""
    kind = operator_kind(call)
    if kind.dtype != "pi":
        return kind
    if not call.is_literal("n"):
        return kind.with_dtype("?")
    return kind if call.literal("n") >= 0 else kind.with_dtype("pf")


def _literal(call: Call, name: str) -> float | None:
    value = call.literal(name) if call.is_literal(name) else None
    return float(value) if isinstance(value, (int, float)) else None


def _exponent(call: Call) -> float | None:
    """The exponent, where it is written in the call."""
    return _literal(call, "n")


def _root(call: Call) -> bool:
    """An exponent between 0 and 1: the slope at 0 is infinite, an error for Python's own `**`."""
    n = _exponent(call)
    return n is not None and 0 < n < 1


def _number_base(call: Call) -> bool:
    """A positive literal as base, or a Python number where a NumPy one would widen float32."""
    x = _literal(call, "x")
    if x is not None:
        return x > 0
    return call.kind("x").dtype in ("pi", "pf") and call.result.dtype in ("f2", "f4")


def _wide(call: Call) -> bool:
    """Numbers of Python's and floats: whole numbers of NumPy's may be narrow, and so a half float
    their logarithm; nothing is subtracted from bools."""
    return all(kind.dtype not in ("?", "b", "i") for kind in call.kinds.values())


_SPELLINGS: tuple[Any, ...] = (
    operator.pow,
    operator.ipow,
    builtins.pow,
    np.power,
    np.float_power,
    math.pow,
)
_KINDS = {
    operator.pow: _power_kind,
    operator.ipow: inplace_kind(_power_kind),
    builtins.pow: _power_kind,
    np.power: ufunc_kind,
    np.float_power: lambda call: _double(float_kind(call)),
    math.pow: REAL,
}


def _double(kind: Kind) -> Kind:
    """`np.float_power` never computes in less than float64."""
    return kind.with_dtype("f8") if kind.dtype in ("f2", "f4") else kind


for _fn in _SPELLINGS:
    elementwise(
        _fn,
        lambda d, y, x, n: d * (n * np.power(x, n + 0.0 - (n != 0))),
        lambda d, y, x, n: d * (y * np.log(x + 0.0 + (x == 0))),
        kind=_KINDS[_fn],
    )
    partials(
        _fn,
        lambda d, y, x, n: d * (n * np.power(x, n - (n != 0))),
        lambda d, y, x, n: d * (y * np.log(x + (x == 0))),
        when=_wide,
    )
    # The operand not asked about has its general formula: a literal gets no derivative.
    partials(
        _fn,
        lambda d, y, x, n: d * (n * np.power(x, n - (n != 0))),
        lambda d, y, x, n: d * (y * math.log(x)),
        when=_number_base,
    )
    partials(
        _fn,
        lambda d, y, x, n: d * (n * x ** (n - 1)),
        lambda d, y, x, n: d * (y * np.log(x + 0.0 + (x == 0))),
        when=lambda call: _exponent(call) is not None,
    )
    partials(
        _fn,
        lambda d, y, x, n: d * (n * np.power(x, n - 1)),
        lambda d, y, x, n: d * (y * np.log(x + 0.0 + (x == 0))),
        when=_root,
    )
    partials(
        _fn,
        lambda d, y, x, n: d * (2 * x),
        lambda d, y, x, n: d * (y * np.log(x + 0.0 + (x == 0))),
        when=lambda call: _exponent(call) == 2,
    )
    partials(
        _fn,
        lambda d, y, x, n: d,
        lambda d, y, x, n: d * (y * np.log(x + 0.0 + (x == 0))),
        when=lambda call: _exponent(call) == 1,
    )
    partials(
        _fn,
        lambda d, y, x, n: 0 * d,
        lambda d, y, x, n: d * (y * np.log(x + 0.0 + (x == 0))),
        when=lambda call: _exponent(call) == 0,
    )
shares(operator.ipow, "x")
