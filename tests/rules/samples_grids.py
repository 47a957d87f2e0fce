"""Sample arguments of functions of grids, and of those that insert, cut off and turn."""

from __future__ import annotations

import numpy as np

from tests.rules.harness import Row, lit, row
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

GRIDS = [*DIFFERENCES, *SPACED]
