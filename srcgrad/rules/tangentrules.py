"""Tangents of functions that are linear in some arguments: the same function of their tangents.

Each holds for calls that have a derivative at all: a call without a pullback is refused before.
"""

from __future__ import annotations

import builtins
import operator

import numpy as np

from srcgrad.rules.tangents import linear, multilinear, pushforward
from srcgrad.support_layout import laid_out

# Sums, shapes and orders of the elements
linear(np.sum, np.mean, of="a initial", drop="initial")
linear(np.cumsum, "numpy.cumulative_sum", "numpy.add.accumulate", np.trace, of="a")
linear(np.linalg.trace, np.diagonal, np.linalg.diagonal, of="a")
linear(np.copy, "method.copy", laid_out, "method.astype", np.astype, of="a")
linear("method.item", "method.tolist", of="a")
linear(np.diag, np.diagflat, of="v")
linear(np.tril, np.triu, np.fliplr, np.flipud, np.flip, np.rot90, of="m")
linear(np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, of="a")
linear("attr.T", "attr.mT", np.matrix_transpose, np.linalg.matrix_transpose, of="x")
linear(np.reshape, np.ravel, "method.flatten", np.squeeze, np.expand_dims, np.roll, of="a")
linear(np.atleast_1d, np.atleast_2d, np.atleast_3d, of="x")
linear(np.repeat, np.resize, np.take, np.compress, of="a")
linear(np.tile, of="A")
linear(np.broadcast_to, of="array")
linear(np.pad, of="array constant_values", drop="constant_values")
linear(np.lib.stride_tricks.sliding_window_view, of="x")
linear(np.take_along_axis, np.extract, np.delete, of="arr")
linear(np.diff, of="a prepend append")
linear(np.ediff1d, of="ary")
linear(np.gradient, of="f")
linear(np.trapezoid, of="values")

# What is made of several arrays, or of lists
linear(np.array, np.asarray, np.asanyarray, of="object")
linear(np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack, np.dstack, of="arrays")
linear(np.block, of="arrays")
linear(np.append, np.insert, of="arr values")
linear(np.split, np.array_split, np.vsplit, np.hsplit, np.dsplit, of="ary")
linear("numpy.unstack", of="x")
linear(np.select, of="choicelist default", drop="default")
linear(np.choose, of="choices")
linear(np.full, np.full_like, of="fill_value")
linear(np.linspace, of="start stop")
linear(np.interp, of="fp left right")
linear(np.bincount, of="weights")
linear("numpy.add.outer", "numpy.subtract.outer", of="a b")
linear(builtins.list, builtins.tuple, builtins.dict, of="x")
linear(builtins.sum, of="x start", drop="start")

# Complex numbers and Fourier transforms
linear(np.real, np.imag, np.conjugate, "method.conj", "attr.real", "attr.imag", of="x")
linear(builtins.complex, of="real imag", drop="imag")
linear(np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft, of="a")
linear(np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn, of="a")
linear(np.fft.fftshift, np.fft.ifftshift, of="x")

# Polynomials
linear(np.polyadd, np.polysub, of="a b")
linear(np.polyder, np.polyint, of="p")
linear(np.polyfit, of="values")
multilinear(np.polymul, of="a b")
pushforward(
    np.polyval,
    p=lambda d, y, x: np.polyval(d, x),
    x=lambda d, y, p, x: d * np.polyval(np.polyder(p), x),
)

# Products
multilinear(operator.matmul, operator.imatmul, np.matmul, np.linalg.matmul, np.dot, of="a b")
multilinear(np.inner, np.vdot, np.outer, np.linalg.outer, np.vecdot, np.linalg.vecdot, of="a b")
multilinear("numpy.matvec", "numpy.vecmat", np.tensordot, np.linalg.tensordot, np.kron, of="a b")
multilinear(np.cross, np.linalg.cross, "numpy.multiply.outer", of="a b")
multilinear(np.einsum, of="a b c e f h")
multilinear(np.convolve, np.correlate, of="a v")
