"""Sample arguments of functions of grids, and of those that insert, cut off and turn."""

from __future__ import annotations

import numpy as np

from tests.rules.harness import Row, lit, newer, row
from tests.rules.samples_arrays import C, M, V, real

POINTS = np.array([0.1, 0.3, 0.8, 1.1, 1.7])
ROWS, COLUMNS = POINTS[:3], POINTS[1:]
POINTS_FIXED = ("h", "h1")

DIFFERENCES: list[Row] = [
    row(np.gradient, V),
    row(np.gradient, V, 0.3),
    row(np.gradient, V, edge_order=lit(2)),
    row(np.gradient, V, POINTS, fixed=POINTS_FIXED),
    row(np.gradient, V, POINTS, edge_order=lit(2), fixed=POINTS_FIXED),
    row(np.gradient, real(2)),
    row(np.gradient, real(3), 0.2, edge_order=lit(2)),
    row(np.gradient, M),
    row(np.gradient, M, 0.3),
    row(np.gradient, M, 0.3, 0.7),
    row(np.gradient, M, ROWS, COLUMNS, fixed=POINTS_FIXED),
    row(np.gradient, M, 0.3, COLUMNS, fixed=POINTS_FIXED[1:], edge_order=lit(2)),
    row(np.gradient, M, axis=lit(1)),
    row(np.gradient, M, COLUMNS, axis=lit(-1), fixed=POINTS_FIXED),
    row(np.gradient, C, axis=(0, 2)),
    row(np.gradient, C, 0.3, 0.5, axis=(1, 2)),
]

SPACED: list[Row] = [
    row(np.meshgrid, V, real(3)),
    row(np.meshgrid, V, real(3), indexing=lit("ij")),
    row(np.meshgrid, V, real(3), sparse=lit(True), loose=True),
    row(np.meshgrid, V, real(3), real(2), loose=True),
    row(np.meshgrid, V, real(3), real(2), indexing=lit("ij")),
    row(np.meshgrid, V, 0.7),
    row(np.meshgrid, V),
    row(np.geomspace, 0.2, 1.7, lit(5)),
    row(np.geomspace, 0.2, 1.7, 5, endpoint=lit(False)),
    row(np.geomspace, -0.2, -1.7, lit(5)),
    row(np.geomspace, np.array([0.2, 0.3]), 1.7, lit(5), loose=True),
    row(np.logspace, np.array([0.2, 0.3]), 1.7, lit(5), loose=True),
    row(np.logspace, 0.2, 1.7, lit(5)),
    row(np.logspace, 0.2, 1.7, 5, lit(False), 2.5),
    row(np.logspace, 0.2, 1.7, num=lit(4), base=lit(2)),
]

INSERTED: list[Row] = [
    row(np.insert, V, lit(2), 0.7, loose=True),
    row(np.insert, V, lit(-1), real(3), loose=True),
    row(np.insert, V, np.array([0, 4, 2]), real(3), loose=True),
    row(np.insert, V, np.array([3, 3]), 0.7, loose=True),
    row(np.insert, M, lit(5), real(2), loose=True),
    row(np.insert, M, lit(1), real(4), lit(0), loose=True),
    row(np.insert, M, lit(1), 0.7, axis=lit(1), loose=True),
    row(np.insert, M, lit(1), real(2, 3), axis=lit(1), loose=True),
    row(np.insert, M, np.array([2, 0]), real(3, 2), axis=lit(-1), loose=True),
    row(np.insert, M, np.array([0, 2]), real(2, 1), axis=lit(0), loose=True),
    row(np.resize, V, (2, 4)),
    row(np.resize, M, lit(5)),
    row(np.resize, M, (3, 9)),
    row(np.trim_zeros, V, loose=True),
    row(np.trim_zeros, V, lit("f"), loose=True),
    row(np.block, [V, real(2)], loose=True),
    row(np.block, [[M, real(3, 1)], [real(1, 4), real(1, 1)]], loose=True),
    row(np.block, [[V], [V]], loose=True),
    row(np.block, [[M, M], [real(8)]], loose=True),
    row(np.block, [0.3, V, 0.7], loose=True),
    row(np.block, [[0.3, 0.4], [0.5, 0.6]], loose=True),
    row(np.block, [[C], [C]], loose=True),
    row(np.choose, np.array([0, 1, 1, 0, 2]), [V, real(5), 0.7], loose=True),
    row(np.choose, np.array([[0], [1]]), (V, real(5)), loose=True),
    *(row(fn, C, **kwargs) for fn in newer("unstack") for kwargs in ({}, {"axis": lit(-1)})),
    row(np.rollaxis, C, lit(2)),
    row(np.rollaxis, C, lit(0), lit(3)),
    row(np.rollaxis, C, lit(-2), lit(1)),
    row(np.ediff1d, V),
    row(np.ediff1d, M),
    row(np.unwrap, np.array([0.1, 3.0, 6.5, -2.9, 1.1])),
    row(np.unwrap, 5 * M, axis=lit(0)),
    row(np.unwrap, 5 * M, lit(None), lit(1), period=lit(4.0)),
]

GRIDS = [*DIFFERENCES, *SPACED, *INSERTED]
