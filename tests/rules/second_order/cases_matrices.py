"""Products and linear algebra."""

from __future__ import annotations

from tests.rules.second_order.programs import Case, G, H, P, R, Z, case

PRODUCTS = [
    *(
        case("np.dot(x, y)", x, y)
        for x, y in ((R(3), R(3, 2)), (R(4, 3), R(3, 2)), (R(4, 3), R(3)), (R(), R(3)), (R(3), R()))
    ),
    *(case("np.outer(x, y)", x, y) for x, y in ((R(3), R(4)), (R(3, 2), R(4)), (R(), R(3)))),
    case("np.inner(x, y)", R(3, 5), R(2, 5)),
    *(
        case("np.matmul(x, y)", x, y)
        for x, y in ((R(2, 3, 5), R(5)), (R(5), R(2, 5, 3)), (R(2, 1, 3, 5), R(4, 5, 3)))
    ),
    case("x @ y", R(3, 5), R(5, 2)),
    case("np.vdot(x, y)", R(5), R(5)),
    *(
        case(f"np.tensordot(x, y, {axes})", R(5, 3, 4), R(3, 4, 2))
        for axes in ("2", "[(1, 2), (0, 1)]", "([2, -2], [1, 0])")
    ),
    case("np.tensordot(x, y, 0)", R(2), R(3)),
    *(case("np.kron(x, y)", x, y) for x, y in ((R(2, 3), R(3, 2)), (R(2, 3), R(3)), (R(), R(3)))),
    case("np.cross(x, y)", R(3), R(5, 3)),
    *(
        case(f"np.einsum('{text}', x, y)", x, y)
        for text, x, y in (
            ("ij,jk->ik", R(3, 4), R(4, 2)),
            ("ij,jk->", R(3, 4), R(4, 2)),
            ("i,j", R(3), R(4)),
            ("...ij,...jk->...ik", R(2, 3, 4), R(4, 2)),
            ("a...,...->a...", R(2, 3), R(3)),
            ("iij,jk->k", R(3, 3, 2), R(2, 4)),
        )
    ),
    *(
        case(f"np.einsum('{text}', x)", x)
        for text, x in (
            ("ii", R(3, 3)),
            ("ii->i", R(3, 3)),
            ("ijk->k", R(2, 3, 4)),
            ("iji->j", R(3, 2, 3)),
            ("...ii->...i", R(2, 3, 3)),
            ("ij...->...", R(2, 3, 3)),
        )
    ),
    case("np.einsum('ij,jk,kl->il', x, y, z)", R(3, 4), R(4, 2), R(2, 3)),
    case("np.einsum('ijk,ljk->il', x, y, optimize='greedy')", R(2, 3, 4), R(5, 3, 4)),
    case("np.linalg.multi_dot([x, y, x])", R(3, 3), R(3, 3)),
]

SOLVING = [
    *(
        case("np.linalg.solve(x, y)", x, y)
        for x, y in (
            (G(4, 4), R(4)),
            (G(2, 4, 4), R(4, 3)),
            (G(4, 4), R(2, 4, 3)),
            (G(3, 3) + 1j * R(3, 3), Z(3)),
        )
    ),
    *(case("np.linalg.inv(x)", x) for x in (G(4, 4), G(2, 3, 3), G(3, 3) + 1j * R(3, 3))),
    *(case("np.linalg.det(x)", x) for x in (G(4, 4), G(2, 3, 3), R(1, 1))),
    case("np.linalg.slogdet(x)[1]", G(2, 3, 3)),
    case("np.linalg.slogdet(x).logabsdet", G(3, 3)),
    *(case("np.linalg.pinv(x)", x) for x in (R(4, 3), R(2, 3, 4), Z(3, 4))),
    *(case(f"np.linalg.matrix_power(x, {n})", G(3, 3)) for n in (3, -2, 1)),
    case("np.linalg.lstsq(x, y)[0]", R(5, 3), R(5)),
    case("np.linalg.tensorsolve(x, y)", R(2, 3, 6), R(2, 3)),
    case("np.linalg.tensorinv(x)", R(2, 3, 6)),
    case("np.linalg.cond(x)", G(3, 3)),
    case("np.linalg.trace(x) + np.linalg.diagonal(x)[..., 0]", R(2, 3, 3)),
]

NORMS = [
    case("np.linalg.norm(x)", R(4, 3)),
    case("np.linalg.norm(x, axis=(0, 2))", R(2, 3, 4)),
    *(case(f"np.linalg.norm(x, {order})", R(3)) for order in ("1", "3", "np.inf", "-np.inf")),
    *(case(f"np.linalg.norm(x, {o})", R(3, 4)) for o in ("'nuc'", "1", "2", "-2", "np.inf")),
    case("np.linalg.norm(x, 1.5, axis=1, keepdims=True)", R(3, 2)),
    case("np.linalg.norm(x, axis=0)", Z(4, 2)),
    case("np.linalg.vector_norm(x, ord=3)", R(4, 2)),
    case("np.linalg.matrix_norm(x)", R(4, 2)),
]

# What a factorisation determines of complex vectors does not depend on their phases
FACTORS = [
    *(case("np.linalg.cholesky(x)", x) for x in (P(4, 4), P(2, 3, 3), H(3))),
    *(case("np.linalg.eigh(x)[0]", x) for x in (P(4, 4), P(2, 3, 3), H(3))),
    *(case("np.abs(np.linalg.eigh(x)[1]) ** 2", x) for x in (P(4, 4), H(3))),
    case("np.linalg.eigh(x, 'U').eigenvalues", P(3, 3)),
    *(case("np.linalg.eigvalsh(x)", x) for x in (P(4, 4), H(3))),
    *(case("np.linalg.eig(x)[0]", x) for x in (G(3, 3), Z(3, 3))),
    *(case("np.abs(np.linalg.eig(x)[1]) ** 2", x) for x in (G(3, 3), Z(3, 3), R(4, 4))),
    case("np.real(np.linalg.eigvals(x))", R(4, 4)),
    *(
        case("np.linalg.svd(x, full_matrices=False)[1]", x)
        for x in (R(3, 3), R(4, 3), R(2, 3, 4), Z(4, 3))
    ),
    *(
        case(f"np.abs(np.linalg.svd(x, full_matrices=False)[{i}]) ** 2", x)
        for i in (0, 2)
        for x in (R(4, 3), R(3, 4), Z(3, 4))
    ),
    *(case("np.linalg.svd(x, compute_uv=False)", x) for x in (R(4, 3), Z(3, 4))),
    *(case("np.linalg.qr(x)[0]", x) for x in (R(4, 3), R(3, 3), Z(3, 3))),
    *(case("np.linalg.qr(x)[1]", x) for x in (R(4, 3), R(2, 3, 4), Z(3, 4))),
    case("np.linalg.qr(x, mode='r')", R(4, 3)),
]

MATRICES: list[Case] = [*PRODUCTS, *SOLVING, *NORMS, *FACTORS]
