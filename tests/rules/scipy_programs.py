"""Programs of SciPy's functions, for `test_scipy_programs.py`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, signal, sparse, special, stats
from scipy.sparse.linalg import splu, spsolve
from scipy.stats import multivariate_normal, norm

GRID = sparse.csc_array(np.diag([2.0, 3.0, 4.0]) + np.diag([-1.0, 0.5], 1))


def by_lu(a, b):
    factors = linalg.lu_factor(a)
    x = linalg.lu_solve(factors, b)
    return np.sum(x**3)


def by_turned_lu(a, b):
    packed, pivots = linalg.lu_factor(a[::-1])
    return np.sum(np.sin(linalg.lu_solve((packed, pivots), b, trans=1)))


def by_cholesky(a, b):
    c = linalg.cho_factor(a @ a.T + np.eye(3))
    return np.sum(b * linalg.cho_solve(c, b)) + np.log(c[0][1, 1])


def by_lower_cholesky(a, b):
    c, low = linalg.cho_factor(a @ a.T, lower=True)
    return b @ linalg.cho_solve((c, low), b)


def projector(a):
    w, v = linalg.eigh(a + a.T)
    return np.sum((v[:, :2] @ v[:, :2].T) ** 3) + np.sum(w**2)


def tridiagonal(main, off):
    w, v = linalg.eigh_tridiagonal(main, off)
    return np.sum(np.sin(w)) + np.sum(v[0] ** 4)


def full_qr(a):
    q, r = linalg.qr(a)
    return np.sum(q**2 * np.cos(r)) + np.sum(r**2)


def pivoted_lu(a):
    p, low, up = linalg.lu(a)
    return np.sum(low**3) + np.sum(np.cos(up)) + np.sum(p)


def symmetric_root(a):
    return np.sum(linalg.sqrtm(a @ a.T + np.eye(3)) ** 3)


def normal_process(a, x):
    return multivariate_normal.logpdf(x, np.zeros(3), a @ a.T + np.eye(3))


def mixture(means, scales, x):
    logs = norm.logpdf(np.expand_dims(x, 1), means, scales)
    return np.sum(special.logsumexp(logs, axis=1))


def counts(rate, x):
    mu = np.exp(rate + x)
    return np.sum(stats.poisson.logpmf(np.array([2, 4]), mu)) + np.sum(
        stats.binom.logpmf(3, 5, special.expit(x))
    )


def shares(x):
    return stats.multinomial.logpmf(np.array([2, 1, 3]), 6, special.softmax(x))


def sparse_chain(x):
    return np.sum((GRID @ np.sin(spsolve(GRID, x**2))) ** 2)


def sparse_factors(x):
    factors = splu(GRID)
    return np.sum(factors.solve(np.sin(x)) ** 3) + np.sum(factors.solve(x, "T") ** 2)


def frozen(x):
    prior = norm(x[0], scale=np.exp(x[1]))
    total = 0.0
    for v in (0.3, 1.2):
        total += prior.logpdf(v)
    x = x * 2
    return total + prior.cdf(x[1]) + stats.gamma(x[2] ** 2 + 1).logpdf(0.7)


def frozen_vector(x):
    return multivariate_normal(x, np.eye(3)).logpdf(np.zeros(3))


def cross_spectrum(x: NDArray[np.float64], y: NDArray[np.float64]):
    f, p = signal.csd(x, y, 2.0, nperseg=5, noverlap=1, detrend="linear", scaling="spectrum")
    whole = signal.csd(x, x * y, nperseg=4)[1]
    return np.sum(p.real * 2 + p.imag * f) + np.sum(np.abs(whole) ** 2)


def short_time_transform(x: NDArray[np.float64]):
    _, t, z = signal.stft(x, nperseg=4)
    bare = signal.stft(x, nperseg=5, noverlap=1, boundary=None, padded=False, scaling="psd")[2]
    return np.sum(np.abs(z) ** 2 * (1 + t)) + np.sum(np.abs(bare + 1) ** 2)


def envelope(x: NDArray[np.float64]):
    return np.sum(np.abs(signal.hilbert(x)))
