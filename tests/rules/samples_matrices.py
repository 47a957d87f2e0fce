"""Sample arguments of the functions of `scipy.linalg`."""

from __future__ import annotations

import numpy as np
import scipy.sparse.linalg

from tests.rules.harness import Row, lit, row, thinned


def real(*shape: int) -> np.ndarray:
    return _random.normal(size=shape)


_random = np.random.default_rng(5)
SQUARE = real(3, 3) + 3 * np.eye(3)
GRAM = SQUARE @ SQUARE.T
OTHER = real(4, 4) + 3 * np.eye(4)
SIDES = (real(3), real(3, 2))
YES, NO = lit(True), lit(False)
TALL = real(4, 3)


def _linalg(name: str, *args: object, **kwargs: object) -> Row:
    return row(f"scipy.linalg.{name}", *args, loose=True, **kwargs)  # type: ignore[arg-type]


SOLVERS: tuple[Row, ...] = (
    *(_linalg(name, SQUARE) for name in ("inv", "det", "pinv")),
    _linalg("inv", SQUARE, check_finite=NO),
    _linalg("pinv", TALL),
    *(row("scipy.linalg.solve", SQUARE, b) for b in SIDES),
    *(_linalg("solve", SQUARE, b, transposed=YES) for b in SIDES),
    *(
        _linalg("solve", GRAM, b, lower=lower, assume_a=lit(kind))
        for b in SIDES
        for lower in (YES, NO)
        for kind in ("sym", "pos")
    ),
    *(row("scipy.linalg.solve_triangular", SQUARE, b) for b in SIDES),
    *(row("scipy.linalg.solve_triangular", SQUARE, b, lower=YES) for b in SIDES),
    *(
        _linalg("solve_triangular", SQUARE, b, trans=trans, lower=lower, unit_diagonal=unit)
        for b in SIDES
        for trans in (lit(0), lit("T"), lit(2), lit("N"))
        for lower in (YES, NO)
        for unit in (YES, NO)
    ),
    *(
        _linalg("solve_banded", bands, real(sum(bands) + 1, 5) + 3, b)
        for bands in ((1, 1), (2, 1), (0, 2), (1, 0))
        for b in (real(5), real(5, 2))
    ),
    *(_linalg("solve_toeplitz", np.array([3.0, 0.4, -0.7]), b) for b in SIDES),
    _linalg("solve_toeplitz", (np.array([3.0, 0.4, -0.7]), np.array([9.0, 0.3, 0.2])), SIDES[0]),
    _linalg("solve_sylvester", SQUARE, OTHER, real(3, 4)),
    *(
        _linalg(f"solve_{name}_lyapunov", SQUARE / 6, q)
        for name in ("continuous", "discrete")
        for q in (real(3, 3), GRAM)
    ),
    *(_linalg("lstsq", TALL, b) for b in (real(4), real(4, 2))),
    *(_linalg("norm", a) for a in (TALL, SIDES[0])),
    _linalg("norm", TALL, lit("nuc")),
    _linalg("norm", TALL, lit(1), axis=lit(0)),
)
FACTORISATIONS: tuple[Row, ...] = (
    row("scipy.linalg.cholesky", GRAM),
    row("scipy.linalg.cholesky", GRAM, YES),
    *(_linalg("cho_factor", GRAM, lower=lower) for lower in (YES, NO)),
    *(_linalg("cho_solve", (GRAM, lower), b) for lower in (True, False) for b in SIDES),
    *(_linalg("lu", a) for a in (SQUARE, SQUARE[::-1] + 0.1, OTHER[[2, 0, 3, 1]])),
    *(_linalg("lu_factor", a) for a in (SQUARE, SQUARE[::-1] + 0.1, OTHER[[2, 0, 3, 1]])),
    *(
        _linalg("lu_solve", (SQUARE, np.array([1, 2, 2])), b, trans)
        for b in SIDES
        for trans in (lit(0), lit(1), lit(2))
    ),
    _linalg("qr", SQUARE),
    *(_linalg("qr", a, mode=lit("economic")) for a in (TALL, TALL.T, SQUARE)),
    *(_linalg("polar", a) for a in (SQUARE, TALL)),
    *(_linalg("polar", a, lit("left")) for a in (SQUARE, TALL.T)),
    *(_linalg("svd", a, full_matrices=NO) for a in (SQUARE, TALL)),
    _linalg("svd", TALL, compute_uv=NO),
    _linalg("svdvals", TALL),
    *(_linalg("eigh", GRAM, eigvals_only=YES, lower=lower) for lower in (YES, NO)),
    *(_linalg("eigvalsh", GRAM, lower=lower) for lower in (YES, NO)),
    _linalg("eigh_tridiagonal", np.array([1.0, 3.0, 2.2]), np.array([0.4, 0.7])),
)
FUNCTIONS: tuple[Row, ...] = (
    *(_linalg(name, SQUARE) for name in ("expm", "logm", "sqrtm", "cosm", "sinm")),
    _linalg("expm", np.stack([SQUARE, GRAM / 9])),
    _linalg("expm_frechet", SQUARE, GRAM),
    _linalg("expm_frechet", SQUARE, GRAM, compute_expm=NO),
)
MADE: tuple[Row, ...] = (
    *(_linalg(name, real(4)) for name in ("toeplitz", "hankel", "circulant", "companion")),
    *(_linalg("fiedler_companion", real(n)) for n in (3, 4, 5, 6)),
    _linalg("fiedler", real(4)),
    *(_linalg(name, real(4), real(n)) for name in ("toeplitz", "hankel") for n in (3, 4, 6)),
    *(
        _linalg("convolution_matrix", real(3), n, mode=lit(mode))
        for n in (2, 5)
        for mode in ("full", "same", "valid")
    ),
    _linalg("leslie", real(4), real(3)),
    _linalg("block_diag", real(2, 3), real(2), real(1, 4)),
    _linalg("block_diag", SQUARE),
)
SPARSE_ONE = scipy.sparse.csc_array(SQUARE * (np.abs(SQUARE) > 0.5))
TIGHT = lit(1e-13)
SPARSE: tuple[Row, ...] = (
    *(row("scipy.sparse.linalg.spsolve", SPARSE_ONE, b, loose=True) for b in SIDES),
    row("scipy.sparse.linalg.cg", GRAM, SIDES[0], rtol=TIGHT, loose=True),
    row("scipy.sparse.linalg.bicgstab", SQUARE, SIDES[0], rtol=TIGHT, loose=True),
    row("scipy.sparse.linalg.gmres", SQUARE, SIDES[0], rtol=TIGHT, loose=True),
)
MATRICES = (*SPARSE, *SOLVERS, *FACTORISATIONS, *FUNCTIONS, *MADE)
COMPILED = thinned(MATRICES)
