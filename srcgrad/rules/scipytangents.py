"""Tangents of functions of SciPy that are linear in some arguments, as in `tangentrules`."""

from __future__ import annotations

from srcgrad.distant import Distant
from srcgrad.rules.call import Call
from srcgrad.rules.tangents import linear, multilinear, pushforward
from srcgrad.support_matrices import beside, real_one, triangular_tangent, twice
from srcgrad.support_special import weighted_tangent

linalg = Distant("scipy.linalg")


def _of(module: str, *names: str) -> list[str]:
    return [f"scipy.{module}.{name}" for name in names]


# Systems of equations, in their right-hand sides
linear(*_of("linalg", "solve_banded", "solve_toeplitz"), of="b")
linear(*_of("linalg", "cho_solve", "lu_solve"), of="b")
linear(*_of("linalg", "solve_continuous_lyapunov", "solve_discrete_lyapunov"), of="q")
linear("scipy.sparse.linalg.spsolve", of="b")


def _general(call: Call) -> bool:
    return not any(call.given(name) for name in ("assume_a", "transposed"))


pushforward(
    "scipy.linalg.solve",
    a=lambda d, y, a: -linalg.solve(a, d @ y),
    b=lambda d, y, a: linalg.solve(a, d),
    when=_general,
)
linear("scipy.linalg.solve", of="b")
pushforward(
    "scipy.linalg.solve_triangular",
    a=lambda d, y, a, trans, lower, unit_diagonal: linalg.solve_triangular(
        a, triangular_tangent(d, y, trans, lower, unit_diagonal), trans, lower, unit_diagonal
    ),
    b=lambda d, y, a, trans, lower, unit_diagonal: linalg.solve_triangular(
        a, d, trans, lower, unit_diagonal
    ),
)
pushforward(
    "scipy.linalg.solve_sylvester",
    a=lambda d, y, a, b: -linalg.solve_sylvester(a, b, d @ y),
    b=lambda d, y, a, b: -linalg.solve_sylvester(a, b, y @ d),
    q=lambda d, y, a, b: linalg.solve_sylvester(a, b, d),
)

# Functions of matrices
pushforward("scipy.linalg.sqrtm", a=lambda d, y, a: linalg.solve_sylvester(real_one(y, y), y, d))
pushforward("scipy.linalg.logm", a=lambda d, y, a: beside(linalg.logm(twice(real_one(a, y), d)), a))
pushforward("scipy.linalg.cosm", a=lambda d, y, a: beside(linalg.cosm(twice(a, d)), a))
pushforward("scipy.linalg.sinm", a=lambda d, y, a: beside(linalg.sinm(twice(a, d)), a))

# Weighted sums of exponentials
pushforward(
    "scipy.special.logsumexp",
    a=lambda d, y, a, axis, b, keepdims: weighted_tangent(d, y, a, axis, b, keepdims, True),
    b=lambda d, y, a, axis, b, keepdims: weighted_tangent(d, y, a, axis, b, keepdims, False),
    when=lambda call: call.given("b"),
)

# Matrices made of vectors and blocks
linear(*_of("linalg", "toeplitz", "hankel", "circulant"), of="c r")
linear("scipy.linalg.leslie", of="f s")
linear("scipy.linalg.convolution_matrix", of="a")
linear("scipy.linalg.block_diag", of="a b c e f h k m n p")

# Signals and images
multilinear(*_of("signal", "convolve", "correlate", "fftconvolve", "oaconvolve"), of="in1 in2")
multilinear(*_of("signal", "convolve2d", "correlate2d"), of="in1 in2")
linear(*_of("signal", "lfilter", "sosfilt", "hilbert"), of="x")
linear("scipy.signal.detrend", of="data")
linear(*_of("ndimage", "gaussian_filter", "uniform_filter", "laplace"), of="input", drop="cval")
linear(*_of("ndimage", "sobel", "prewitt"), of="input", drop="cval")
multilinear("scipy.ndimage.correlate", of="input weights")
linear("scipy.ndimage.convolve", "scipy.ndimage.map_coordinates", of="input", drop="cval")

# Transforms and integrals of samples
linear(*_of("integrate", "trapezoid", "simpson", "cumulative_trapezoid"), of="samples")
for _name in ("dct", "idct", "dst", "idst"):
    linear(f"scipy.fft.{_name}", f"scipy.fft.{_name}n", of="x")
for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "fftn", "ifftn"):
    linear(f"scipy.fft.{_name}", of="a")
for _name in ("fftshift", "ifftshift"):
    linear(f"scipy.fft.{_name}", of="x")
