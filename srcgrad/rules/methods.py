"""Methods of arrays and the functions they mean, so that both spellings share one rule.

A method stands here where the function takes the same parameters after the array. Where no function
does, or where it differs, the method keeps a name of its own, `method.NAME`.
"""

from __future__ import annotations

_SAME_AS_FUNCTION = [
    "all",
    "any",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "clip",
    "cumprod",
    "cumsum",
    "diagonal",
    "dot",
    "max",
    "mean",
    "min",
    "nonzero",
    "prod",
    "ravel",
    "repeat",
    "reshape",
    "round",
    "searchsorted",
    "squeeze",
    "std",
    "sum",
    "swapaxes",
    "take",
    "trace",
    "transpose",
    "var",
]

_OWN = [
    "astype",
    "copy",
    "fill",
    "flatten",
    "item",
    "tolist",
    "append",
    "extend",
    "insert",
    "pop",
    "keys",
    "values",
    "items",
    "get",
    "sort",
    "byteswap",
    "tobytes",
    "view",
]

METHODS: dict[str, str] = {name: f"numpy.{name}" for name in _SAME_AS_FUNCTION}
METHODS |= {name: f"method.{name}" for name in _OWN}
METHODS |= dict.fromkeys(("conj", "conjugate"), "method.conj")  # a real array is its own

# `x.reshape(2, 3)` means `x.reshape((2, 3))`: several integers are one tuple.
PACKED = frozenset({"reshape", "transpose"})
