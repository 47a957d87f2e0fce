"""Sample arguments of factorisations, norms of matrices, least squares, chains of products."""

from __future__ import annotations

import numpy as np

from tests.rules.harness import Row, lit, row
from tests.rules.samples_arrays import C, M, real
from tests.rules.samples_linear import FOUR, REGULAR, REGULARS, THREE

_random = np.random.default_rng(11)
TALL, WIDE = _random.normal(size=(5, 3)), _random.normal(size=(3, 5))  # no sums tie
SHORT = lit(False)

FACTORS: list[Row] = [
    *(row(np.linalg.svd, a, full_matrices=SHORT, loose=True) for a in (TALL, WIDE, C)),
    row(np.linalg.svd, REGULAR),
    row(np.linalg.svd, REGULARS, SHORT, lit(True)),
    *(row(np.linalg.svd, a, compute_uv=SHORT, loose=True) for a in (TALL, WIDE, C)),
    *(row(np.linalg.svdvals, a, loose=True) for a in (TALL, REGULARS)),
    *(row(np.linalg.cond, a) for a in (TALL, REGULAR, REGULARS)),
    row(np.linalg.cond, REGULAR, lit(2)),
    row(np.linalg.cond, REGULAR, p=lit(-2)),
    *(
        row(np.linalg.cond, a, p)
        for a in (REGULAR, REGULARS)
        for p in (lit("fro"), lit(1), lit(-1), np.inf, lit("nuc"))
    ),
    *(row(np.linalg.qr, a, loose=True) for a in (TALL, WIDE, REGULAR, REGULARS, C)),
    *(row(np.linalg.qr, a, lit("r"), loose=True) for a in (TALL, WIDE, REGULARS)),
]

_SPREAD = np.diag([1.0, 2.0, 4.0]) + 0.1 * _random.normal(size=(3, 3))  # eigenvalues are real
GENERAL: list[Row] = [
    *(
        row(fn, a, loose=True)
        for fn in (np.linalg.eig, np.linalg.eigvals)
        for a in (_SPREAD, np.stack([_SPREAD, _SPREAD.T + 1]))
    ),
]

NORMS: list[Row] = [
    *(
        row(np.linalg.norm, a, order, loose=True)
        for a in (M, TALL, REGULAR)
        for order in (lit("nuc"), lit(1), lit(2), lit(-1), lit(-2), np.inf, -np.inf)
    ),
    *(
        row(np.linalg.norm, C, order, axes, loose=True)
        for order in (lit("nuc"), lit(1), lit(2), -np.inf)
        for axes in ((0, 1), (2, 0), (-2, -1))
    ),
    row(np.linalg.norm, C, lit(1), (0, 2), lit(True), loose=True),
    row(np.linalg.norm, C, lit("nuc"), (0, 2), keepdims=lit(True), loose=True),
]

SYSTEMS: list[Row] = [
    *(
        row(np.linalg.lstsq, a, b, loose=True)
        for a in (TALL, WIDE, REGULAR)
        for b in (real(len(a)), real(len(a), 2))
    ),
    row(np.linalg.lstsq, TALL, real(5), rcond=lit(None), loose=True),
    row(np.linalg.multi_dot, [M, real(4, 2)]),
    row(np.linalg.multi_dot, [M, real(4, 2), real(2, 5), real(5, 3)]),
    row(np.linalg.multi_dot, (THREE, M, real(4, 2))),
    row(np.linalg.multi_dot, [THREE, M, FOUR]),
    row(np.linalg.multi_dot, [real(2, 3), M, FOUR]),
    row(np.linalg.tensorsolve, real(2, 3, 6) + np.eye(6).reshape(2, 3, 6), real(2, 3)),
    row(np.linalg.tensorsolve, real(6, 3, 2) + np.eye(6).reshape(6, 3, 2), real(6)),
    row(np.linalg.tensorinv, real(2, 3, 6) + np.eye(6).reshape(2, 3, 6)),
    row(np.linalg.tensorinv, real(6, 3, 2) + np.eye(6).reshape(6, 3, 2), ind=lit(1)),
]

FACTORISATIONS = [*FACTORS, *GENERAL, *NORMS, *SYSTEMS]
