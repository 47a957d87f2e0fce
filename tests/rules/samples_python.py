"""Sample arguments of Python's operators, built-in functions and `math`."""

from __future__ import annotations

import builtins
import math
import operator

import numpy as np

from srcgrad import support
from tests.rules.harness import Row, lit, row
from tests.rules.samples_elementwise import COLUMN, OTHER, POSITIVE, REAL

_ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.truediv)
_INPLACE = (operator.iadd, operator.isub, operator.imul, operator.itruediv)
_POWERS = (operator.pow, builtins.pow)
_DIVISORS = np.array([0.31, -0.47, 0.83])

OPERATORS: list[Row] = [
    *(row(fn, REAL, OTHER) for fn in _ARITHMETIC),
    *(row(fn, COLUMN, OTHER) for fn in _ARITHMETIC),
    *(row(fn, REAL, lit(2)) for fn in _ARITHMETIC),
    *(row(fn, lit(2), REAL) for fn in _ARITHMETIC),
    *(row(fn, 1.5, REAL) for fn in _ARITHMETIC),
    *(row(fn, REAL, OTHER) for fn in _INPLACE),
    row(operator.mod, REAL, _DIVISORS),
    row(operator.imod, REAL, _DIVISORS),
    row(operator.neg, REAL),
    row(operator.pos, REAL),
    *(row(fn, REAL, lit(n)) for fn in _POWERS for n in (0, 1, 2, 3, -1, 2.0)),
    *(row(fn, POSITIVE, lit(n)) for fn in _POWERS for n in (0.5, -0.5, 1.5)),
    *(row(fn, POSITIVE, OTHER) for fn in _POWERS),
    *(row(fn, POSITIVE, 3) for fn in _POWERS),
    *(row(fn, lit(2), OTHER) for fn in _POWERS),
    *(row(fn, 2.5, OTHER) for fn in _POWERS),
    row(operator.ipow, POSITIVE, lit(2)),
    row(operator.ipow, POSITIVE, OTHER),
]

_MATH_REAL = [
    *(math.exp, math.expm1, math.sin, math.cos, math.tan, math.atan, math.sinh, math.cosh),
    *(math.tanh, math.asinh, math.erf, math.erfc, math.fabs, math.degrees, math.radians),
    *(getattr(math, name) for name in ("exp2", "cbrt") if hasattr(math, name)),
]
_MATH_POSITIVE = (math.log, math.log1p, math.log2, math.log10, math.sqrt)

MATH: list[Row] = [
    *(row(fn, x) for fn in _MATH_REAL for x in (0.7, -0.4)),
    *(row(fn, 0.7) for fn in (*_MATH_POSITIVE, math.asin, math.acos, math.atanh)),
    row(math.acosh, 1.7),
    row(math.log, 0.7, 3.0),
    row(math.log, 0.7, lit(10)),
    row(math.exp, np.float64(0.3)),
    *(row(fn, 0.7, -1.3) for fn in (math.hypot, math.atan2, math.copysign, math.fmod)),
    row(math.fmod, 2.7, 0.4),
    row(math.pow, 1.3, 2.2),
    row(math.pow, 1.3, lit(3)),
    row(math.pow, 1.3, lit(0.5)),
    row(math.pow, lit(2), 0.3),
]

VECTOR = np.array([0.4, 1.9, -0.3])
BUILTINS: list[Row] = [
    row(builtins.abs, REAL),
    row(operator.abs, REAL),
    row(builtins.float, 0.7),
    row(builtins.float, np.float64(0.7)),
    *(row(fn, 0.7, 1.2) for fn in (builtins.max, builtins.min)),
    *(row(fn, 0.7, 1.2, -0.3) for fn in (builtins.max, builtins.min)),
    *(row(fn, 0.7, lit(1.0), 0.2, -3.0) for fn in (builtins.max, builtins.min)),
    *(row(fn, [0.7, 1.2, -0.4]) for fn in (builtins.max, builtins.min)),
    *(row(fn, (0.7, 1.2)) for fn in (builtins.max, builtins.min)),
    *(row(fn, VECTOR) for fn in (builtins.max, builtins.min)),
    row(builtins.sum, VECTOR),
    row(builtins.sum, REAL),
    row(builtins.sum, [0.3, 0.4]),
    row(builtins.sum, (REAL, REAL)),
    row(builtins.sum, [REAL, OTHER], loose=True),
    row(builtins.divmod, 1.7, 0.5),
    row(builtins.divmod, REAL, 0.31),
    row(builtins.list, (0.3, REAL)),
    row(builtins.list, VECTOR),
    row(builtins.tuple, [0.3, REAL]),
    row(builtins.tuple, (0.3, 0.4)),
    row(support.number, 0.7),
    row(builtins.dict, {"a": 0.3, "b": REAL}),
    row(builtins.sorted, [0.3, -0.4, 0.1]),
    row(builtins.sorted, (0.3, -0.4, 0.1), reverse=lit(True)),
    row(builtins.sorted, VECTOR),
]

PYTHON: list[Row] = [*OPERATORS, *MATH, *BUILTINS]
