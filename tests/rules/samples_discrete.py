"""Sample arguments of functions without a derivative; only their kinds are checked."""

from __future__ import annotations

import builtins
import math
import operator

import numpy as np

from tests.rules.harness import Row, lit, row
from tests.rules.samples_elementwise import COLUMN, MASK, OTHER, REAL, WHOLE

_UFUNCS_1 = (np.floor, np.ceil, np.trunc, np.rint, np.sign, np.isnan, np.isinf, np.isfinite)
_COMPARISONS = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
_LOGICAL = (np.logical_and, np.logical_or, np.logical_xor, *_COMPARISONS)
_OPERATORS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
_REDUCTIONS = (np.any, np.all, np.argmax, np.argmin)

NUMPY: list[Row] = [
    *(row(fn, x) for fn in (*_UFUNCS_1, np.signbit, np.logical_not) for x in (REAL, 0.5)),
    *(row(fn, a, b) for fn in _LOGICAL for a, b in ((REAL, OTHER), (COLUMN, OTHER), (0.5, 1))),
    *(
        row(fn, x)
        for fn in (np.isneginf, np.isposinf, np.isreal, np.iscomplex)
        for x in (REAL, 0.5)
    ),
    *(row(fn, REAL, lit(1)) for fn in (np.round, np.around)),
    row(np.round, 0.5),
    row(np.floor_divide, REAL, OTHER),
    row(np.floor, WHOLE, loose=True),
    row(np.isclose, REAL, OTHER),
    row(np.isclose, 0.5, 0.6, rtol=lit(0.1)),
    row(np.isin, REAL, OTHER),
    row(np.isin, 0.5, [0.5]),
    *(row(fn, REAL, OTHER) for fn in (np.allclose, np.array_equiv, np.array_equal)),
    *(row(fn, REAL) for fn in (np.isscalar, np.iscomplexobj, np.isrealobj)),
    *(row(fn, REAL) for fn in _REDUCTIONS),
    *(row(fn, REAL, axis=lit(axis)) for fn in _REDUCTIONS for axis in (0, -1, None)),
    *(row(fn, REAL, axis=lit(0), keepdims=lit(True)) for fn in _REDUCTIONS),
    *(row(fn, REAL, keepdims=lit(True)) for fn in _REDUCTIONS),
    *(row(fn, REAL, axis=1, keepdims=lit(False)) for fn in _REDUCTIONS),
    row(np.any, REAL, axis=(0, 1)),
    row(np.argmax, OTHER, axis=lit(0)),
    row(np.argsort, REAL),
    row(np.argsort, REAL, axis=lit(None), loose=True),
    row(np.argsort, OTHER, axis=lit(None)),
    row(np.argpartition, OTHER, lit(1)),
    row(np.argwhere, MASK, loose=True),
    row(np.flatnonzero, MASK, loose=True),
    row(np.nonzero, MASK),
    row(np.where, MASK),
    row(np.searchsorted, np.array([0.0, 1.0]), REAL),
    row(np.searchsorted, np.array([0.0, 1.0]), 0.5),
    row(np.digitize, REAL, np.array([0.0, 1.0])),
    *(row(fn, MASK, MASK) for fn in (np.bitwise_and, np.bitwise_or, np.bitwise_xor)),
    row(np.invert, MASK),
    *(row(fn, WHOLE, lit(1)) for fn in (np.left_shift, np.right_shift)),
    *(
        row(fn, REAL)
        for fn in ("attr.shape", "attr.ndim", "attr.size", "attr.nbytes", "attr.dtype")
    ),
    *(row(fn, REAL) for fn in (np.shape, np.ndim, np.size)),
    row(np.size, OTHER),
    row(np.size, REAL, lit(0)),
    row(np.shape, 0.5),
    *(row(fn, REAL) for fn in (np.int64, np.int32, np.bool_)),
    row(np.int64, 0.5),
    row(np.result_type, REAL, OTHER),
]

ARRAYS: list[Row] = [
    *(row(fn, (2, 3)) for fn in (np.zeros, np.ones)),
    *(row(fn, lit(3)) for fn in (np.zeros, np.ones)),
    *(row(fn, 3, dtype=lit("float32")) for fn in (np.zeros, np.ones)),
    row(np.zeros, (2,), dtype=np.float32),
    row(np.zeros, (2,), lit("int")),
    *(row(fn, x) for fn in (np.zeros_like, np.ones_like) for x in (REAL, 0.5, 2, WHOLE, MASK)),
    row(np.zeros_like, REAL, dtype=lit("float32")),
    row(np.ones_like, REAL, shape=(4,)),
    row(np.arange, lit(4)),
    row(np.arange, lit(1), 4),
    row(np.arange, 0, 4, lit(1), loose=True),
    row(np.arange, lit(0), lit(9), lit(2), loose=True),
    row(np.arange, 4.0, loose=True),
    row(np.eye, lit(3)),
    row(np.eye, 3, 4),
    row(np.tri, 3),
    row(np.identity, 3),
    row(np.array, [1, 2]),
    row(np.array, [1, 2.5]),
    row(np.array, [True, False]),
    row(np.array, []),
    row(np.array, REAL, dtype=lit("int")),
    row(np.full, lit(3), lit(0)),
]

PLAIN: list[Row] = [
    *(row(fn, a, b) for fn in _OPERATORS for a, b in ((REAL, OTHER), (REAL, lit(0)), (0.5, 1))),
    row(operator.floordiv, REAL, OTHER),
    row(operator.floordiv, 7, 2),
    row(operator.ifloordiv, REAL, OTHER),
    *(row(fn, 7, 2) for fn in (operator.add, operator.sub, operator.mul, operator.mod)),
    row(operator.truediv, 7, 2),
    row(operator.truediv, WHOLE, 2),
    row(operator.truediv, WHOLE, WHOLE),
    row(operator.pow, 7, lit(2)),
    row(operator.pow, 7, lit(-1)),
    row(operator.pow, WHOLE, lit(2)),
    row(operator.mul, MASK, 2),
    row(operator.mul, MASK, 2.0),
    row(operator.mul, REAL, MASK),
    row(operator.add, WHOLE, 0.5),
    row(operator.add, WHOLE, np.float32(0.5)),
    row(operator.add, [1, 2], [0.5]),
    row(operator.add, (1,), (2, 3)),
    row(operator.mul, [1, 2], 2),
    row(operator.mul, 3, (1,)),
    row(operator.mod, "%d", 3),
    row(operator.is_, REAL, None),
    row(operator.is_not, REAL, None),
    row(operator.contains, [1, 2], 1),
    row(operator.not_, 3),
    row(operator.invert, MASK),
    row(operator.invert, 3),
    *(row(fn, MASK, MASK) for fn in (operator.and_, operator.or_, operator.xor)),
    *(row(fn, True, False) for fn in (operator.and_, operator.or_, operator.xor)),
    *(row(fn, 4, 1) for fn in (operator.and_, operator.lshift, operator.rshift)),
    row(builtins.len, REAL),
    row(builtins.len, [1, 2]),
    row(builtins.int, 3.5),
    row(builtins.int, 3),
    row(builtins.round, 3.5),
    row(builtins.round, 3.567, lit(1)),
    row(builtins.round, np.float64(3.5)),
    row(builtins.bool, 1.0),
    row(builtins.isinstance, 1.0, float),
    row(builtins.str, 1.0),
    row(builtins.range, 3),
    row(builtins.max, 3, 4),
    row(builtins.sum, [1, 2]),
    row(builtins.sum, WHOLE),
    *(row(fn, 3.7) for fn in (math.floor, math.ceil, math.trunc)),
    *(row(fn, 3.7) for fn in (math.isnan, math.isinf, math.isfinite)),
]

DISCRETE: list[Row] = [*NUMPY, *ARRAYS, *PLAIN]
