"""Sample arguments of products and of linear algebra."""

from __future__ import annotations

import operator

import numpy as np

from tests.rules.harness import Row, lit, row
from tests.rules.samples_arrays import ONE, SQUARE, C, M, V, W, real

STACK = real(2, 4, 3)
REGULAR = SQUARE + 3 * np.eye(3)
REGULARS = np.stack([REGULAR, REGULAR.T @ REGULAR])
POSITIVE = REGULAR @ REGULAR.T
THREE = real(3)
FOUR = real(4)

_RANKS = [(M, real(4, 2)), (M, FOUR), (THREE, M), (V, W)]
_STACKS = [(C, STACK), (C, real(4, 5)), (C, real(1, 4, 2)), (C, FOUR), (THREE, C), (M, STACK)]

PRODUCTS: list[Row] = [
    row(np.cross, real(3, 5), real(5, 3), axisa=lit(0), loose=True),
    row(np.cross, real(3, 5), real(3, 5), axis=lit(0), loose=True),
    row(np.cross, real(5, 3), real(3), axisc=lit(0), loose=True),
    *(row(fn, a, b) for fn in (np.matmul, operator.matmul) for a, b in _RANKS + _STACKS),
    row(operator.imatmul, SQUARE, REGULAR),
    *(row(np.dot, a, b) for a, b in [*_RANKS, (C, STACK), (C, FOUR), (THREE, real(2, 3, 5))]),
    row(np.dot, 0.7, M),
    row(np.dot, M, 0.7),
    row(np.dot, 0.7, 0.3),
    *(row(np.inner, a, b) for a, b in [(V, W), (M, real(2, 4)), (C, M), (FOUR, M), (0.7, M)]),
    row(np.vdot, V, W),
    row(np.vdot, M, real(4, 3)),
    row(np.outer, V, THREE),
    row(np.outer, M, V),
    row(np.outer, 0.7, V),
    row(np.tensordot, M, real(4, 2), lit(1)),
    row(np.tensordot, C, real(3, 4, 2)),
    row(np.tensordot, C, real(4, 5, 3), axes=((1, 2), (2, 0))),
    row(np.tensordot, C, real(5, 3), axes=(1, 1)),
    row(np.tensordot, C, real(5, 3), axes=(-2, -1)),
    row(np.tensordot, V, THREE, lit(0)),
    row(np.kron, V, THREE),
    row(np.kron, M, real(2, 2)),
    row(np.kron, V, M),
    row(np.kron, M, V),
    row(np.cross, THREE, real(3), loose=True),
    row(np.cross, SQUARE, THREE, loose=True),
    *(row(np.linalg.matmul, a, b) for a, b in (_RANKS[0], _STACKS[0])),
    row(np.linalg.outer, V, THREE),
    row(np.linalg.tensordot, M, real(4, 2), axes=lit(1)),
    row(np.linalg.tensordot, C, real(3, 4, 2)),
    row(np.linalg.cross, SQUARE, THREE, loose=True),
    row(np.cross, SQUARE, REGULAR, axis=lit(0), loose=True),
    row(np.linalg.cross, real(3, 4), real(3, 4), axis=lit(0), loose=True),
    *(
        row(fn, a, b)
        for fn in (np.vecdot, np.linalg.vecdot)
        for a, b in ((V, W), (M, FOUR), (C, M), (ONE, M))
    ),
    row(np.vecdot, M, real(3, 4), axis=lit(0), loose=True),
    row(np.matvec, M, FOUR),
    row(np.matvec, C, real(2, 4)),
    row(np.matvec, M, real(5, 4)),
    row(np.vecmat, THREE, M),
    row(np.vecmat, real(2, 3), C),
    row(np.vecmat, real(5, 3), M),
]

EINSUM: list[Row] = [
    row(np.einsum, lit("ij,jk->ik"), M, real(4, 2)),
    row(np.einsum, lit("ij,jk"), M, real(4, 2)),
    row(np.einsum, lit("i,i->"), V, W),
    row(np.einsum, lit("i,i"), V, W),
    row(np.einsum, lit("ij, ij -> i"), M, real(3, 4)),
    row(np.einsum, lit("ij,jk,kl->il"), M, real(4, 2), real(2, 3)),
    row(np.einsum, lit("ij->ji"), M),
    row(np.einsum, lit("ji"), M),
    row(np.einsum, lit("ij->"), M),
    row(np.einsum, lit("ij->j"), M),
    row(np.einsum, lit("ii->i"), SQUARE),
    row(np.einsum, lit("ii"), SQUARE),
    row(np.einsum, lit("iij->j"), real(3, 3, 2)),
    row(np.einsum, lit("ii,ij->j"), SQUARE, M),
    row(np.einsum, lit("ij,k->k"), M, V),
    row(np.einsum, lit("ij,ij->ij"), M, real(3, 1)),
    row(np.einsum, lit("ij,ij->"), M, real(1, 4)),
    row(np.einsum, lit("...ij,...jk->...ik"), C, STACK),
    row(np.einsum, lit("...ij,...jk->...ik"), C, real(4, 2)),
    row(np.einsum, lit("...i,i"), C, FOUR),
    row(np.einsum, lit("ijk,jil->kl"), C, real(3, 2, 2), optimize=lit(True)),
]

LINALG: list[Row] = [
    row(np.linalg.solve, REGULAR, THREE),
    row(np.linalg.solve, REGULAR, real(3, 2)),
    row(np.linalg.solve, REGULARS, THREE),
    row(np.linalg.solve, REGULARS, real(2, 3, 2), loose=True),
    row(np.linalg.solve, REGULARS, real(3, 2), loose=True),
    row(np.linalg.solve, REGULAR, real(2, 3, 2)),
    row(np.linalg.inv, REGULAR),
    row(np.linalg.inv, REGULARS),
    row(np.linalg.pinv, M),
    row(np.linalg.pinv, STACK),
    row(np.linalg.matrix_power, REGULAR, lit(3)),
    row(np.linalg.matrix_power, REGULAR, 1),
    row(np.linalg.matrix_power, REGULAR, lit(0)),
    row(np.linalg.matrix_power, REGULAR, lit(-2)),
    row(np.linalg.matrix_power, REGULARS, lit(2)),
    row(np.linalg.det, REGULAR),
    row(np.linalg.det, REGULARS),
    row(np.linalg.det, np.array([[1.0, 2.0], [2.0, 4.0]])),
    row(np.linalg.det, np.zeros((2, 2)) + np.diag([0.0, 3.0])),
    row(np.linalg.slogdet, REGULAR),
    row(np.linalg.slogdet, REGULARS),
    row(np.linalg.cholesky, POSITIVE),
    row(np.linalg.cholesky, np.stack([POSITIVE, POSITIVE + np.eye(3)])),
    row(np.linalg.cholesky, POSITIVE, upper=lit(True)),
    row(np.linalg.pinv, M, lit(1e-8)),
    row(np.linalg.eigvalsh, POSITIVE),
    row(np.linalg.eigh, POSITIVE),
    row(np.linalg.eigh, np.stack([POSITIVE, REGULAR + REGULAR.T])),
    row(np.linalg.eigh, POSITIVE, lit("U")),
    row(np.linalg.eigvalsh, REGULAR, UPLO=lit("U")),
    row(np.linalg.eigvalsh, REGULAR),
    row(np.linalg.vector_norm, V),
    row(np.linalg.vector_norm, M),
    row(np.linalg.vector_norm, M, axis=lit(1)),
    row(np.linalg.vector_norm, M, axis=lit(0), keepdims=lit(True), ord=lit(3)),
    row(np.linalg.vector_norm, M, ord=lit(1)),
    row(np.linalg.vector_norm, C, axis=(0, 2)),
    row(np.linalg.vector_norm, C, axis=(0, 2), ord=lit(3)),
    row(np.linalg.vector_norm, C, axis=(0, 1), ord=np.inf, keepdims=lit(True)),
    row(np.linalg.matrix_norm, M),
    row(np.linalg.matrix_norm, C),
    row(np.linalg.matrix_norm, C, keepdims=lit(True)),
    row(np.linalg.matrix_norm, C, ord=lit("nuc")),
    row(np.linalg.matrix_norm, M, ord=np.inf),
    row(np.linalg.norm, V),
    row(np.linalg.norm, M),
    row(np.linalg.norm, M, lit("fro")),
    row(np.linalg.norm, M, keepdims=lit(True)),
    row(np.linalg.norm, M, axis=lit(1)),
    row(np.linalg.norm, M, axis=lit(-1), keepdims=lit(True)),
    row(np.linalg.norm, C, axis=(0, 2)),
    row(np.linalg.norm, M, axis=1, keepdims=False, loose=True),
    row(np.linalg.norm, V, lit(2)),
    row(np.linalg.norm, V, lit(1)),
    row(np.linalg.norm, V, lit(3)),
    row(np.linalg.norm, V, 2.5),
    row(np.linalg.norm, V, lit(0.5)),
    row(np.linalg.norm, V, np.inf),
    row(np.linalg.norm, V, -np.inf),
    row(np.linalg.norm, M, lit(1), lit(0)),
    row(np.linalg.norm, M, np.inf, axis=lit(1), keepdims=lit(True)),
    row(np.linalg.norm, M, ord=lit(3), axis=lit(1)),
]

LINEAR = [*PRODUCTS, *EINSUM, *LINALG]
