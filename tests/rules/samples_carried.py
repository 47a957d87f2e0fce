"""Sample arguments of helpers that generated files carry."""

from __future__ import annotations

import numpy as np

from srcgrad.support import over, spread, unbroadcast
from srcgrad.support_arrays import (
    block_adjoint,
    choose_adjoint,
    crop,
    diag_adjoint,
    fold_padding,
    fold_repeats,
    fold_resized,
    fold_tiles,
    overlap_add,
    padding_adjoint,
    scatter_diagonal,
    share_extremum,
    split_like,
)
from srcgrad.support_hermitian import phase_free
from srcgrad.support_layout import laid_out
from srcgrad.support_linear import (
    einsum_scatter,
    kron_adjoint_a,
    kron_adjoint_b,
    tensordot_adjoint_a,
    tensordot_adjoint_b,
)
from srcgrad.support_selection import scatter_along_axis, scatter_take, sparse_product
from srcgrad.support_solvers import solved
from srcgrad.support_tangents import stretched, tangent_memory
from srcgrad.support_twice import joined_like
from tests.rules.harness import Row, lit, row
from tests.rules.samples_arrays import C, M, real

FOUR = real(4)

CARRIED: list[Row] = [
    row(over, 0.7, -1.3),
    row(unbroadcast, M, FOUR, loose=True),
    row(unbroadcast, C, real(3, 1), loose=True),
    row(laid_out, np.asfortranarray(M), loose=True),
    row(laid_out, M[:, ::-2].T),
    row(stretched, FOUR, M, loose=True),
    row(stretched, C, C, loose=True),
    row(tangent_memory, FOUR, M, loose=True),
    row(tangent_memory, C, C),
    row(spread, M, [real(3, 1), real(4), 0.5], loose=True),
    row(fold_tiles, real(6, 8), M, loose=True),
    row(fold_tiles, real(8), FOUR, loose=True),
    row(fold_repeats, real(3, 8), M, 2, lit(1), loose=True),
    row(fold_repeats, real(24), M, 2, lit(None), loose=True),
    row(fold_resized, real(3, 3), FOUR, loose=True),
    row(crop, real(5, 5), M, ((1, 1), (0, 1)), loose=True),
    row(fold_padding, real(7), FOUR, 1 + np.arange(2), lit("reflect"), loose=True),
    row(padding_adjoint, real(8), FOUR, 2, lit("wrap"), loose=True),
    row(padding_adjoint, real(8), FOUR, 2, lit("constant"), loose=True),
    row(overlap_add, real(3, 2), FOUR, 2, lit(0), loose=True),
    row(scatter_diagonal, real(3), M, lit(1), lit(0), lit(1), loose=True),
    row(scatter_diagonal, real(2, 1), C, lit(0), lit(1), lit(2), loose=True),
    row(diag_adjoint, real(3), M, lit(0), loose=True),
    row(diag_adjoint, real(5, 5), FOUR, lit(-1), loose=True),
    row(share_extremum, real(3), M, np.max(M, 1), lit(1), loose=True),
    row(share_extremum, real(1, 4), M, np.min(M, 0, keepdims=True), lit(0), loose=True),
    row(share_extremum, 1.7, M, np.max(M), lit(None), loose=True),
    row(sparse_product, np.array([0, 4]), np.array([2, 0]), real(2), lit(5), M, loose=True),
    row(sparse_product, np.array([0, 1]), np.array([2, 2]), real(2), lit(30), M, loose=True),
    row(scatter_take, real(3, 3), M, [0, 2, 2], lit(1), loose=True),
    row(scatter_take, real(2), M, [0, 2], lit(None), loose=True),
    row(scatter_along_axis, real(3, 2), M, np.array([[0, 2]] * 3), lit(1), loose=True),
    row(einsum_scatter, real(3), real(3, 3), lit("i"), lit("ii"), loose=True),
    row(einsum_scatter, real(4), M, lit("j"), lit("ij"), loose=True),
    row(split_like, real(5, 2), (real(3, 2), real(2, 2)), lit(0), loose=True),
    row(split_like, real(4, 3), (FOUR, real(4, 2)), lit(1), loose=True),
    row(joined_like, [real(3, 2), real(4)], real(5, 2), lit(0), loose=True),
    row(block_adjoint, real(4, 4), [[real(2, 2), real(2, 2)], [real(2, 4)]], loose=True),
    row(choose_adjoint, FOUR, np.array([0, 1, 1, 0]), [real(4), real(4)], loose=True),
    row(phase_free, real(2, 2), lit(0.0)),
    row(solved, FOUR, 1e-9 * FOUR, loose=True),
    row(tensordot_adjoint_a, real(3, 2), M, real(4, 2), lit(1), loose=True),
    row(tensordot_adjoint_b, real(3, 2), M, real(4, 2), lit(1), loose=True),
    row(kron_adjoint_a, real(6, 8), M, real(2, 2), loose=True),
    row(kron_adjoint_b, real(6, 8), M, real(2, 2), loose=True),
]
