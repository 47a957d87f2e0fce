"""Tangents of SciPy's factorisations, systems of equations, filters and distances."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.rules.call import Call
from srcgrad.rules.shapes import operand
from srcgrad.rules.tangents import multilinear, pushforward, weighted
from srcgrad.support_images import coordinates_adjoint
from srcgrad.support_pushforwards import (
    eigh_tangent,
    eigvalsh_tangent,
    lstsq_tangent,
    pinv_tangent,
    qr_tangent,
    singular_values_tangent,
    svd_tangent,
)
from srcgrad.support_tangentsolves import (
    banded_product,
    cho_factor_tangent,
    cho_solve_tangent,
    companion_tangent,
    distance_tangent,
    eigh_tridiagonal_tangent,
    fiedler_companion_tangent,
    fiedler_tangent,
    frechet_tangent,
    full_qr_tangent,
    left_polar_tangent,
    lu_solve_tangent,
    lu_tangents,
    packed_lu_tangent,
    polar_tangent,
    symmetric_tangent,
)

linalg = Distant("scipy.linalg")
ndimage = Distant("scipy.ndimage")
signal = Distant("scipy.signal")
iterative = Distant("scipy.sparse.linalg")


def _is(**values: Any) -> Any:
    """Arguments are literals with these values."""
    return lambda call: all(
        call.is_literal(name) and call.literal(name) == value for name, value in values.items()
    )


# Systems of equations
def _assumed(*known: Any) -> Any:
    return lambda call: (
        call.is_literal("assume_a")
        and call.literal("assume_a") in known
        and call.is_literal("transposed")
        and not call.literal("transposed")
    )


pushforward(
    "scipy.linalg.solve",
    real=True,
    knows="lower transposed",
    a=lambda d, y, a, assume_a: -linalg.solve(a, d @ y),
    b=lambda d, y, a: linalg.solve(a, d),
    when=_assumed(None, "gen", "general"),
)
pushforward(
    "scipy.linalg.solve",
    real=True,
    knows="transposed",
    a=lambda d, y, a, lower, assume_a: (
        -linalg.solve(a, symmetric_tangent(d, lower) @ y, lower=lower, assume_a=assume_a)
    ),
    b=lambda d, y, a, lower, assume_a: linalg.solve(a, d, lower=lower, assume_a=assume_a),
    when=_assumed("sym", "symmetric", "her", "hermitian", "pos", "positive definite"),
)
pushforward(
    "scipy.linalg.solve",
    real=True,
    knows="lower assume_a transposed",
    a=lambda d, y, a: -linalg.solve(a, d.T @ y, transposed=True),
    b=lambda d, y, a: linalg.solve(a, d, transposed=True),
    when=_is(transposed=True),
)
pushforward(
    "scipy.linalg.solve_banded",
    real=True,
    ab=lambda d, y, l_and_u, ab: -linalg.solve_banded(l_and_u, ab, banded_product(l_and_u, d, y)),
    b=lambda d, y, l_and_u, ab: linalg.solve_banded(l_and_u, ab, d),
)
pushforward(
    "scipy.linalg.solve_toeplitz",
    real=True,
    c_or_cr=lambda d, y, c_or_cr: -linalg.solve_toeplitz(c_or_cr, linalg.toeplitz(d) @ y),
    b=lambda d, y, c_or_cr: linalg.solve_toeplitz(c_or_cr, d),
    when=lambda call: call.kind("c_or_cr").is_array,
)
pushforward(
    "scipy.linalg.solve_toeplitz",
    real=True,
    c_or_cr=lambda d, y, c_or_cr: -linalg.solve_toeplitz(c_or_cr, linalg.toeplitz(d[0], d[1]) @ y),
    b=lambda d, y, c_or_cr: linalg.solve_toeplitz(c_or_cr, d),
    when=lambda call: call.kind("c_or_cr").tag == "tuple",
)
pushforward(
    "scipy.linalg.solve_continuous_lyapunov",
    real=True,
    a=lambda d, y, a: -linalg.solve_continuous_lyapunov(a, d @ y + y @ d.T),
    q=lambda d, y, a: linalg.solve_continuous_lyapunov(a, d),
)
pushforward(
    "scipy.linalg.solve_discrete_lyapunov",
    real=True,
    a=lambda d, y, a: linalg.solve_discrete_lyapunov(a, d @ y @ a.T + a @ y @ d.T),
    q=lambda d, y, a: linalg.solve_discrete_lyapunov(a, d),
)
pushforward(
    "scipy.linalg.lstsq",
    real=True,
    a=lambda d, y, a, b: lstsq_tangent(d, np.zeros_like(b), y[1], y[0], a, b),
    b=lambda d, y, a, b: lstsq_tangent(np.zeros_like(a), d, y[1], y[0], a, b),
)
pushforward(
    "scipy.sparse.linalg.cg",
    real=True,
    knows="x0",
    A=lambda d, y, A, rtol, atol, maxiter: (
        -iterative.cg(A, d @ y[0], rtol=rtol, atol=atol, maxiter=maxiter)[0],
        0.0,
    ),
    b=lambda d, y, A, rtol, atol, maxiter: (
        iterative.cg(A, d, rtol=rtol, atol=atol, maxiter=maxiter)[0],
        0.0,
    ),
)
pushforward(
    "scipy.sparse.linalg.bicgstab",
    real=True,
    knows="x0",
    A=lambda d, y, A, rtol, atol, maxiter: (
        -iterative.bicgstab(A, d @ y[0], rtol=rtol, atol=atol, maxiter=maxiter)[0],
        0.0,
    ),
    b=lambda d, y, A, rtol, atol, maxiter: (
        iterative.bicgstab(A, d, rtol=rtol, atol=atol, maxiter=maxiter)[0],
        0.0,
    ),
)
pushforward(
    "scipy.sparse.linalg.gmres",
    real=True,
    knows="x0",
    A=lambda d, y, A, rtol, atol, maxiter: (
        -iterative.gmres(A, d @ y[0], rtol=rtol, atol=atol, maxiter=maxiter)[0],
        0.0,
    ),
    b=lambda d, y, A, rtol, atol, maxiter: (
        iterative.gmres(A, d, rtol=rtol, atol=atol, maxiter=maxiter)[0],
        0.0,
    ),
)

# Factors
pushforward(
    "scipy.linalg.cho_factor",
    real=True,
    a=lambda d, y, lower: (cho_factor_tangent(d, y[0], lower), 0.0),
)
pushforward(
    "scipy.linalg.cho_solve",
    real=True,
    c_and_lower=lambda d, y, c_and_lower: cho_solve_tangent(
        d[0], y, c_and_lower[0], c_and_lower[1]
    ),
    b=lambda d, y, c_and_lower: linalg.cho_solve(c_and_lower, d),
)
pushforward(
    "scipy.linalg.lu",
    real=True,
    knows="permute_l",
    a=lambda d, y: lu_tangents(d, y[0], y[1], y[2]),
    when=_is(permute_l=False),
)
pushforward("scipy.linalg.lu_factor", real=True, a=lambda d, y: packed_lu_tangent(d, y[0], y[1]))
pushforward(
    "scipy.linalg.lu_solve",
    real=True,
    lu_and_piv=lambda d, y, lu_and_piv, trans: lu_solve_tangent(
        d[0], y, lu_and_piv[0], lu_and_piv[1], trans
    ),
    b=lambda d, y, lu_and_piv, trans: linalg.lu_solve(lu_and_piv, d, trans),
)
pushforward(
    "scipy.linalg.qr",
    real=True,
    knows="mode pivoting",
    a=lambda d, y, a: qr_tangent(d, y[0], y[1], a),
    when=_is(mode="economic", pivoting=False),
)
pushforward(
    "scipy.linalg.qr",
    real=True,
    knows="mode pivoting",
    a=lambda d, y, a: full_qr_tangent(d, y[0], y[1], a),
    when=_is(mode="full", pivoting=False),
)
pushforward(
    "scipy.linalg.polar",
    real=True,
    knows="side",
    a=lambda d, y: polar_tangent(d, y[0], y[1]),
    when=_is(side="right"),
)
pushforward(
    "scipy.linalg.polar",
    real=True,
    knows="side",
    a=lambda d, y: left_polar_tangent(d, y[0], y[1]),
    when=_is(side="left"),
)
pushforward("scipy.linalg.pinv", real=True, a=lambda d, y, a: pinv_tangent(d, y, a))
pushforward(
    "scipy.linalg.svd",
    real=True,
    knows="full_matrices compute_uv",
    a=lambda d, y: svd_tangent(d, y[0], y[1], y[2]),
    when=_is(compute_uv=True),
)
pushforward(
    "scipy.linalg.svd",
    real=True,
    knows="full_matrices compute_uv",
    a=lambda d, y, a: singular_values_tangent(d, a),
    when=_is(compute_uv=False),
)
pushforward("scipy.linalg.svdvals", real=True, a=lambda d, y, a: singular_values_tangent(d, a))


# Eigenvalues
def _eigen(lower: bool, values: bool) -> Any:
    flags = _is(lower=lower, eigvals_only=values)
    return lambda call: flags(call) and _alone(call)


def _alone(call: Call) -> bool:
    return not call.given("b") or call.is_literal("b") and call.literal("b") is None


def _is_lower(value: bool) -> Any:
    flags = _is(lower=value)
    return lambda call: flags(call) and _alone(call)


pushforward(
    "scipy.linalg.eigh",
    real=True,
    knows="lower eigvals_only b",
    a=lambda d, y: eigh_tangent(d, y[0], y[1]),
    when=_eigen(True, False),
)
pushforward(
    "scipy.linalg.eigh",
    real=True,
    knows="lower eigvals_only b",
    a=lambda d, y: eigh_tangent(np.swapaxes(d, -1, -2), y[0], y[1]),
    when=_eigen(False, False),
)
pushforward(
    "scipy.linalg.eigh",
    real=True,
    knows="lower eigvals_only b",
    a=lambda d, y, a: eigvalsh_tangent(d, a),
    when=_eigen(True, True),
)
pushforward(
    "scipy.linalg.eigh",
    real=True,
    knows="lower eigvals_only b",
    a=lambda d, y, a: eigvalsh_tangent(np.swapaxes(d, -1, -2), np.swapaxes(a, -1, -2)),
    when=_eigen(False, True),
)
pushforward(
    "scipy.linalg.eigvalsh",
    real=True,
    knows="lower b",
    a=lambda d, y, a: eigvalsh_tangent(d, a),
    when=_is_lower(True),
)
pushforward(
    "scipy.linalg.eigvalsh",
    real=True,
    knows="lower b",
    a=lambda d, y, a: eigvalsh_tangent(np.swapaxes(d, -1, -2), np.swapaxes(a, -1, -2)),
    when=_is_lower(False),
)
pushforward(
    "scipy.linalg.eigh_tridiagonal",
    real=True,
    knows="eigvals_only",
    diagonal=lambda d, y, diagonal, e: eigh_tridiagonal_tangent(d, np.zeros_like(e), y[0], y[1]),
    e=lambda d, y, diagonal, e: eigh_tridiagonal_tangent(np.zeros_like(diagonal), d, y[0], y[1]),
    when=_is(eigvals_only=False),
)

# Matrices made of vectors, and functions of matrices
pushforward("scipy.linalg.companion", real=True, a=lambda d, y, a: companion_tangent(d, y, a))
pushforward(
    "scipy.linalg.fiedler_companion",
    real=True,
    a=lambda d, y, a: fiedler_companion_tangent(d, a),
)
pushforward("scipy.linalg.fiedler", real=True, a=lambda d, y, a: fiedler_tangent(d, a))
pushforward(
    "scipy.linalg.expm_frechet",
    real=True,
    knows="method compute_expm",
    a=lambda d, y, a, e: frechet_tangent(d, a, e),
    e=lambda d, y, a: linalg.expm_frechet(a, d, compute_expm=False),
    when=_is(compute_expm=False),
)
pushforward(
    "scipy.linalg.expm_frechet",
    real=True,
    knows="method compute_expm",
    a=lambda d, y, a, e: (
        linalg.expm_frechet(a, d, compute_expm=False),
        frechet_tangent(d, a, e),
    ),
    e=lambda d, y, a: (np.zeros_like(y[0]), linalg.expm_frechet(a, d, compute_expm=False)),
    when=_is(compute_expm=True),
)
weighted("scipy.linalg.norm", of="x")

# Filters, samples and distances
pushforward(
    "scipy.signal.lfilter",
    real=True,
    b=lambda d, y, a, x, axis: signal.lfilter(d, a, x, axis),
    a=lambda d, y, a, axis: -signal.lfilter(d, a, y, axis),
    x=lambda d, y, b, a, axis: signal.lfilter(b, a, d, axis),
)
pushforward(
    "scipy.signal.welch",
    real=True,
    x=lambda d, y, x, fs, window, nperseg, noverlap, nfft, detrend, scaling, axis: (
        np.zeros_like(y[0]),
        2
        * np.real(
            signal.csd(
                x, d, fs, window, nperseg, noverlap, nfft, detrend, scaling=scaling, axis=axis
            )[1]
        ),
    ),
)
multilinear(
    "scipy.integrate.trapezoid",
    of="samples x",
    when=lambda call: operand(call, "x").tag != "none",
)
pushforward(
    "scipy.ndimage.map_coordinates",
    real=True,
    input=lambda d, y, coordinates, order, mode, prefilter: ndimage.map_coordinates(
        d, coordinates, order=order, mode=mode, prefilter=prefilter
    ),
    coordinates=lambda d, y, input, coordinates, order, mode, cval, prefilter: np.sum(
        coordinates_adjoint(np.ones_like(y), input, np.asarray(coordinates)) * d, axis=0
    ),
    when=_is(order=1),
)
pushforward(
    "scipy.spatial.distance.cdist",
    real=True,
    XA=lambda d, y, XA, XB, metric: distance_tangent(d, y, XA, XB, metric),
    XB=lambda d, y, XA, XB, metric: distance_tangent(d, y.T, XB, XA, metric).T,
)
