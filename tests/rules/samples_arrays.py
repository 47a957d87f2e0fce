"""Sample arguments of functions of arrays: reductions, shapes, joins, picks, orders."""

from __future__ import annotations

import numpy as np

from tests.rules.harness import Row, lit, row

_random = np.random.default_rng(7)


def real(*shape: int) -> np.ndarray:
    """Distinct numbers, none of them small."""
    size = int(np.prod(shape))
    return _random.permutation(np.linspace(-1.9, 2.0, size) + 0.013).reshape(shape)


V, W = real(5), real(5)
M, N = real(3, 4), real(3, 4)
SQUARE = real(3, 3)
C = real(2, 3, 4)
ONE = real(1, 4)
WEIGHTS = np.abs(V) + 0.3
KEEP = {"keepdims": lit(True)}

REDUCTIONS: list[Row] = [
    *(
        row(fn, x, **kwargs)
        for fn in (
            np.sum,
            np.mean,
            np.prod,
            np.max,
            np.min,
            np.amax,
            np.amin,
            np.var,
            np.std,
            np.ptp,
        )
        for x, kwargs in (
            (V, {}),
            (M, {}),
            (M, KEEP),
            (M, {"axis": lit(0)}),
            (M, {"axis": lit(-1)}),
            (M, {"axis": lit(1), **KEEP}),
            (C, {"axis": (0, 2)}),
            (C, {"axis": (0, -1), **KEEP}),
            ([0.3, 0.7, 1.1], {}),
        )
    ),
    *(row(fn, M, axis=1, keepdims=True, loose=True) for fn in (np.sum, np.mean, np.max, np.prod)),
    *(row(fn, M, axis=None) for fn in (np.sum, np.mean)),
    *(row(fn, 0.7) for fn in (np.sum, np.mean, np.max, np.prod)),
    row(np.sum, [V, W], lit(0)),
    row(np.var, M, ddof=lit(1)),
    row(np.var, M, axis=lit(0), ddof=lit(1)),
    row(np.std, M, axis=lit(1), ddof=1, **KEEP),
    row(np.prod, np.array([0.5, 0.0, 2.0])),
    row(np.prod, np.array([[0.5, 0.0, 2.0], [0.0, 0.0, 3.0], [1.0, 2.0, 3.0]]), lit(1)),
    row(np.average, V),
    row(np.average, M, axis=lit(1)),
    row(np.average, M, lit(0), **KEEP),
    row(np.average, V, weights=WEIGHTS),
    row(np.average, M, weights=np.abs(N) + 0.2),
    row(np.average, M, axis=lit(0), weights=WEIGHTS[:3]),
    row(np.average, M, axis=lit(-1), weights=WEIGHTS[:4], **KEEP),
    row(np.cumsum, V),
    row(np.cumsum, V, lit(0)),
    row(np.cumsum, M),
    row(np.cumsum, M, lit(1)),
    row(np.cumsum, C, axis=lit(-2)),
    row(np.cumprod, V),
    row(np.cumprod, M),
    row(np.cumprod, M, lit(0)),
    row(np.cumprod, np.array([0.5, 0.0, 2.0, 0.7])),
    row(np.cumprod, np.array([[0.5, 0.0, 0.0, 0.7], [1.5, 2.0, 3.0, 0.0]]), axis=lit(1)),
    row(np.trace, SQUARE),
    row(np.trace, M, lit(1)),
    row(np.trace, M, offset=lit(-1)),
    row(np.trace, C, 0, lit(1), lit(2)),
    row(np.trace, C, axis1=lit(2), axis2=lit(0), offset=1),
]

SHAPING: list[Row] = [
    row(np.transpose, M),
    row(np.transpose, C, (1, 2, 0)),
    row(np.transpose, C, axes=(-1, 0, 1)),
    row("attr.T", M),
    row("attr.T", C),
    row("attr.mT", C),
    row(np.matrix_transpose, C),
    row(np.swapaxes, C, lit(0), lit(-1)),
    row(np.moveaxis, C, lit(0), lit(-1)),
    row(np.moveaxis, C, (0, 1), (2, 0)),
    row(np.reshape, M, lit(12)),
    row(np.reshape, M, lit(-1)),
    row(np.reshape, M, (4, 3)),
    row(np.reshape, C, (2, -1)),
    row(np.reshape, C, shape=(6, 4)),
    row(np.ravel, M),
    row("method.flatten", M),
    row(np.squeeze, ONE),
    row(np.squeeze, ONE, axis=lit(0)),
    row(np.squeeze, ONE[:, :1]),
    row(np.expand_dims, M, lit(1)),
    row(np.expand_dims, M, axis=(0, -1)),
    row(np.expand_dims, 0.7, lit(0)),
    *(row(fn, x) for fn in (np.atleast_1d, np.atleast_2d, np.atleast_3d) for x in (0.7, V, M, C)),
    row(np.flip, M),
    row(np.flip, M, lit(1)),
    row(np.flip, C, axis=(0, 2)),
    row(np.fliplr, M),
    row(np.flipud, M),
    row(np.rot90, M),
    row(np.rot90, M, lit(2)),
    row(np.rot90, C, lit(-1), (1, 2)),
    row(np.rot90, M, k=3, loose=True),
    row(np.roll, M, lit(2)),
    row(np.roll, M, 1, axis=lit(1)),
    row(np.roll, M, (1, -2), (0, 1)),
]

COPYING: list[Row] = [
    row("method.copy", M),
    row("method.astype", M, np.float64),
    row("method.astype", M, lit("float64")),
    row("method.astype", M, float, loose=True),
    row(np.astype, M, np.float64),
    row("method.item", real(1, 1)),
    row(np.broadcast_to, V, (3, 5)),
    row(np.broadcast_to, V, (2, 3, 5)),
    row(np.broadcast_to, ONE, (3, 4)),
    row(np.broadcast_to, 0.7, lit(4)),
    row(np.broadcast_to, M, shape=(3, 4)),
    row(np.tile, V, lit(3)),
    row(np.tile, M, (2, 1)),
    row(np.tile, V, (2, 3)),
    row(np.tile, C, 2),
    row(np.repeat, V, lit(2)),
    row(np.repeat, M, 2),
    row(np.repeat, M, 2, axis=lit(1)),
    row(np.repeat, V, np.array([0, 2, 1, 3, 1]), loose=True),
    row(np.repeat, M, np.array([2, 0, 1]), lit(0), loose=True),
    row(np.lib.stride_tricks.sliding_window_view, V, lit(3)),
    row(np.lib.stride_tricks.sliding_window_view, M, (2, 3)),
    row(np.lib.stride_tricks.sliding_window_view, C, (2, 2), (1, 2)),
    row(np.lib.stride_tricks.sliding_window_view, M, lit(2), axis=lit(-1)),
    row(np.pad, V, lit(2)),
    row(np.pad, V, (1, 0)),
    row(np.pad, M, (1, 2)),
    row(np.pad, M, ((0, 1), (2, 0)), constant_values=lit(3)),
    row(np.pad, M, ((1, 1), (0, 0)), lit("constant"), constant_values=0.7),
    row(np.pad, C, ((0, 0), (1, 1), (2, 2)), mode=lit("constant")),
    *(row(np.pad, M, ((2, 1), (3, 2)), lit(m)) for m in ("edge", "reflect", "symmetric", "wrap")),
    row(np.diag, V),
    row(np.diag, V, lit(-1)),
    row(np.diag, M, loose=True),
    row(np.diag, M, k=lit(1), loose=True),
    row(np.diag, SQUARE, -1, loose=True),
    row(np.diagonal, M, loose=True),
    row(np.diagonal, C, lit(1), lit(1), lit(2), loose=True),
    row(np.diagonal, C, offset=-1, axis1=0, axis2=1, loose=True),
    row(np.tril, M),
    row(np.tril, V),
    row(np.triu, M, lit(1)),
    row(np.triu, C, k=-1),
]

JOINING: list[Row] = [
    row(np.concatenate, (V, W)),
    row(np.concatenate, [V, W, real(2)]),
    row(np.concatenate, (M, real(2, 4)), lit(0)),
    row(np.concatenate, (M, real(3, 2)), axis=lit(-1)),
    row(np.concatenate, (M, V), axis=lit(None)),
    row(np.concatenate, C, lit(1), loose=True),
    row(np.stack, (V, W)),
    row(np.stack, [M, N], lit(-1)),
    row(np.stack, [0.3, 0.4]),
    row(np.stack, (M, N), axis=1),
    row(np.vstack, (V, W)),
    row(np.vstack, [M, real(4)]),
    row(np.vstack, C, loose=True),
    row(np.hstack, (V, W)),
    row(np.hstack, (M, real(3, 1))),
    row(np.hstack, [0.3, 0.4]),
    row(np.column_stack, (V, W)),
    row(np.column_stack, (M, real(3))),
    row(np.dstack, (M, N)),
    row(np.dstack, (V, W)),
    row(np.append, V, W),
    row(np.append, V, 0.7),
    row(np.append, M, V),
    row(np.append, M, real(2, 4), lit(0)),
    row(np.split, real(6), lit(3)),
    row(np.split, M, 2, axis=lit(1)),
    row(np.split, V, [2, 3], loose=True),
    row(np.array_split, V, lit(2), loose=True),
    row(np.vsplit, real(4, 3), lit(2)),
    row(np.hsplit, M, lit(2)),
    row(np.hsplit, V, [1], loose=True),
    row(np.dsplit, C, lit(2)),
]

INDEXING: list[Row] = [
    row(np.take, V, np.array([0, 2, 2, -1])),
    row(np.take, M, np.array([[0, 2], [2, 5]])),
    row(np.take, M, np.array([[0, 2], [2, 1]]), lit(0)),
    row(np.take, C, np.array([1, 1]), axis=lit(-1)),
    row(np.take, V, 2),
    row(np.take, M, lit(1), lit(1)),
    row(np.take_along_axis, M, np.array([[0, 2, 2], [1, 1, 0], [3, 0, 0]]), lit(1)),
    row(np.take_along_axis, ONE, np.array([[0, 2], [1, 1], [3, 0]]), axis=lit(1)),
    row(np.take_along_axis, M, np.array([[1, 0, 2, 2]]), axis=lit(0)),
    row(np.take_along_axis, M, np.array([4, 4, 0]), lit(None)),
    row(np.compress, np.array([True, False, True]), M, axis=lit(0), loose=True),
    row(np.compress, np.array([True, False, True]), V, loose=True),
    row(np.extract, M > 0, M, loose=True),
    row(np.delete, V, 2, loose=True),
    row(np.delete, M, np.array([0, 2]), axis=lit(1), loose=True),
    row(np.select, [M > 1, M > 0], [M, N], loose=True),
    row(np.select, [M > 1, M > 0], [M, 0.7], 0.3, loose=True),
    row(np.select, [V > 1, W > 0], [V, W], default=W, loose=True),
    row(np.interp, V, np.array([-1.0, 0.5, 1.5]), np.array([0.3, 0.9, -0.4])),
    row(np.interp, 0.7, np.array([-1.0, 0.5, 1.5]), np.array([0.3, 0.9, -0.4])),
]

ORDERING: list[Row] = [
    row(np.sort, V),
    row(np.sort, M),
    row(np.sort, M, lit(0)),
    row(np.sort, M, axis=lit(None)),
    row(np.sort, C, axis=1, kind=lit("stable")),
    row(np.partition, V, lit(2)),
    row(np.partition, M, 1, axis=lit(0)),
    row(np.diff, V),
    row(np.diff, V, lit(2), loose=True),
    row(np.diff, M),
    row(np.diff, M, n=lit(1), axis=lit(0)),
    row(np.diff, C, 2, axis=1, loose=True),
    row(np.trapezoid, V),
    row(np.trapezoid, M, dx=0.3),
    row(np.trapezoid, M, axis=lit(0)),
    row(np.trapezoid, V, np.sort(W)),
    row(np.trapezoid, M, np.array([0.1, 0.4, 0.6]), axis=lit(0)),
]

ARRAYS = [*REDUCTIONS, *SHAPING, *COPYING, *JOINING, *INDEXING, *ORDERING]
