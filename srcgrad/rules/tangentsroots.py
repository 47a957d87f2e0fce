"""Tangents of eigenvalues of general matrices, of zeros and quotients of polynomials."""

from __future__ import annotations

import numpy as np

from srcgrad.rules.tangents import linear, pushforward
from srcgrad.support_arrays import unsort
from srcgrad.support_roots import eig_tangent, eigvals_tangent, polydiv_tangent, roots_tangent

linear(np.fft.rfft2, np.fft.rfftn, np.fft.irfft2, np.fft.irfftn, of="a")
linear("numpy.add.reduceat", of="a")
pushforward(np.linalg.eig, a=lambda d, y: eig_tangent(d, y[0], y[1]))
pushforward(np.linalg.eigvals, a=lambda d, y, a: eigvals_tangent(d, y, a))
pushforward(np.roots, p=lambda d, y, p: roots_tangent(d, y, p))
pushforward(
    np.polydiv,
    u=lambda d, y, v: polydiv_tangent(d, y[1], v),
    v=lambda d, y, v: polydiv_tangent(-np.convolve(y[0], d), y[1], v),
)
pushforward(np.sort_complex, a=lambda d, y, a: unsort(d, y, a, -1) + 0j)
