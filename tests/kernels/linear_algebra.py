"""Factorisations, solvers and iterations by loops, as in a textbook or a C port."""

import numpy as np


def lu_in_place(A):
    """Doolittle without pivoting, both factors in one array; the log-determinant and one entry."""
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]
    return np.sum(np.log(np.abs(np.diag(A)))) + A[n - 1, 0]


def cholesky_by_columns(A):
    """The lower factor, one column at a time, with views of the finished part."""
    L = np.tril(A).copy()
    n = len(L)
    for j in range(n):
        if j > 0:
            L[j:, j] -= L[j:, :j] @ L[j, :j]
        L[j, j] = np.sqrt(L[j, j])
        L[j + 1 :, j] /= L[j, j]
    return L[-1, 0] + 2 * np.log(np.diagonal(L)).sum()


def gram_schmidt(A):
    """Modified Gram-Schmidt with both factors; a function of each."""
    m, n = A.shape
    Q = np.zeros((m, n))
    R = np.zeros((n, n))
    V = A.copy()
    for k in range(n):
        nrm = np.dot(V[:, k], V[:, k])
        R[k, k] = np.sqrt(nrm)
        Q[:, k] = V[:, k] / R[k, k]
        for j in range(k + 1, n):
            R[k, j] = np.dot(Q[:, k], V[:, j])
            V[:, j] -= Q[:, k] * R[k, j]
    return np.sum(R**3) + Q[0, -1] * Q[1, 0]


def householder_qr(A, b):
    """Least squares by reflections, applied to the right-hand side as they are made."""
    R = A.astype(float)
    y = b.astype(float)
    n = R.shape[1]
    for k in range(n):
        x = R[k:, k]
        v = x.copy()
        v[0] += np.copysign(np.linalg.norm(x), x[0])
        v /= np.linalg.norm(v)
        R[k:, k:] -= 2.0 * np.outer(v, v @ R[k:, k:])
        y[k:] -= 2.0 * v * np.dot(v, y[k:])
    sol = np.zeros(n)
    for i in reversed(range(n)):
        sol[i] = (y[i] - R[i, i + 1 : n] @ sol[i + 1 :]) / R[i, i]
    return sol.sum() + np.sum(y[n:] ** 2)


def forward_backward_substitution(L, U, b):
    """Two triangular solves by loops, the first result overwritten by the second."""
    n = b.shape[0]
    x = np.zeros_like(b)
    for i in range(n):
        s = 0.0
        for j in range(i):
            s += L[i, j] * x[j]
        x[i] = (b[i] - s) / L[i, i]
    for i in range(n - 1, -1, -1):
        s = x[i]
        for j in range(i + 1, n):
            s -= U[i, j] * x[j]
        x[i] = s / U[i, i]
    return np.dot(x, x)


def thomas_solver(a, b, c, d):
    """Tridiagonal solve; the coefficients are overwritten, which callers know."""
    n = len(d)
    cp = c.copy()
    dp = d.copy()
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = dp
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return np.sum(x**2)


def gaussian_elimination(A, b):
    """Partial pivoting with swaps of rows by fancy indices, then back substitution."""
    M = np.hstack([A, b[:, None]])
    n = A.shape[0]
    for i in range(n):
        p = i + np.argmax(np.abs(M[i:, i]))
        if p != i:
            M[[i, p]] = M[[p, i]]
        for r in range(i + 1, n):
            M[r, i:] -= M[r, i] / M[i, i] * M[i, i:]
    x = np.empty(n)
    for i in range(n - 1, -1, -1):
        x[i] = (M[i, n] - M[i, i + 1 : n] @ x[i + 1 :]) / M[i, i]
    return float(np.prod(np.diag(M))) + np.linalg.norm(x)


def power_iteration(A, v0, tol, maxiter):
    """Dominant eigenvalue; leaves the loop when the quotient settles."""
    v = v0 / np.linalg.norm(v0)
    lam = 0.0
    for _ in range(maxiter):
        w = A @ v
        lam_new = v @ w
        v = w / np.sqrt(np.sum(w**2))
        if abs(lam_new - lam) < tol:
            lam = lam_new
            break
        lam = lam_new
    return lam


def conjugate_gradient(A, b, tol):
    """The usual loop with its running scalars and an early exit."""
    x = np.zeros(b.size)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for i in range(b.size):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rs_new = r @ r
        if np.sqrt(rs_new) < tol:
            break
        p = r + (rs_new / rs) * p
        rs = rs_new
    return b @ x


def expm_scaling_squaring(A, v):
    """Matrix exponential by a Taylor polynomial of a scaled matrix, then squarings."""
    norm = np.max(np.sum(np.abs(A), axis=0))
    s = max(0, int(np.ceil(np.log2(norm))) + 1)
    X = A / 2**s
    E = np.eye(A.shape[0])
    term = np.eye(A.shape[0])
    for k in range(1, 9):
        term = term @ X / k
        E += term
    for _ in range(s):
        E = E @ E
    return v @ E @ v


def pagerank(links, teleport, iterations):
    """Ranks by repeated products with the column-normalised link matrix."""
    n = len(links)
    M = links / links.sum(axis=0)
    rank = np.full(n, 1.0 / n)
    for _ in range(iterations):
        rank = (1 - teleport) / n + teleport * M.dot(rank)
        rank /= rank.sum()
    return -np.sum(rank * np.log(rank))


def jacobi_eigenvalues(A, sweeps):
    """Cyclic Jacobi rotations of a symmetric matrix, rows and columns rotated in place."""
    S = 0.5 * (A + A.T)
    n = S.shape[0]
    for _ in range(sweeps):
        for p in range(n - 1):
            for q in range(p + 1, n):
                if abs(S[p, q]) < 1e-12:
                    continue
                theta = 0.5 * np.arctan2(2 * S[p, q], S[q, q] - S[p, p])
                c, s = np.cos(theta), np.sin(theta)
                rp = c * S[p] - s * S[q]
                rq = s * S[p] + c * S[q]
                S[p], S[q] = rp, rq
                cp = c * S[:, p] - s * S[:, q]
                cq = s * S[:, p] + c * S[:, q]
                S[:, p], S[:, q] = cp, cq
    return np.sum(np.sort(np.diag(S)) * np.arange(1, n + 1))
