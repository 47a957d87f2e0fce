"""The functions whose formulas hold for complex operands as well.

With the convention without conjugation that is so of every formula of an analytic function, and of
all that selects, moves or adds up elements. A function that conjugates has formulas of its own for
complex operands, each under a `when`. Any function that is not here is refused where its
differentiated operands may be complex, unless it refuses them itself.

Each has a test with complex arguments in `tests/rules/test_complex.py`.
"""

from __future__ import annotations

import builtins
import operator

import numpy as np

from srcgrad.rules.registry import holds_for_complex
from srcgrad.support import number
from srcgrad.support_layout import laid_out

# Arithmetic
holds_for_complex(
    *(operator.add, operator.iadd, operator.sub, operator.isub, operator.mul, operator.imul),
    *(operator.truediv, operator.itruediv, operator.neg, operator.pos, operator.abs),
    *(operator.pow, operator.ipow, builtins.pow, np.power, np.float_power),
    *(operator.matmul, operator.imatmul, builtins.abs, builtins.sum, number),
)
# Elementwise functions
holds_for_complex(
    *(np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.square, np.sqrt),
    *(np.reciprocal, np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sinc),
    *(np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh),
    *(np.arcsinh, np.arccosh, np.arctanh, np.abs, np.where, np.clip),
    *(np.maximum, np.minimum, np.fmax, np.fmin),
)
# Products and linear algebra
holds_for_complex(
    *(np.matmul, np.dot, np.inner, np.vdot, np.outer, np.tensordot, np.kron, np.cross),
    *(np.convolve, np.einsum, np.linalg.solve, np.linalg.inv, np.linalg.matrix_power),
    *(np.linalg.det, np.linalg.slogdet, np.linalg.norm, np.trace),
    *(np.vecdot, np.linalg.vecdot, "numpy.matvec", "numpy.vecmat", np.real_if_close),
)
# Reductions
holds_for_complex(
    *(np.sum, np.mean, np.prod, np.var, np.std, np.average, np.ptp, np.cumsum, np.cumprod),
    *(np.max, np.min, np.amax, np.amin, np.nansum, np.nanprod, np.nanmax, np.nanmin),
    *(np.diff, np.trapezoid),
)
# Shapes, copies, picks
holds_for_complex(
    *(np.transpose, "attr.T", "attr.mT", np.matrix_transpose, np.swapaxes, np.moveaxis),
    *(np.reshape, np.ravel, "method.flatten", np.squeeze, np.expand_dims),
    *(np.atleast_1d, np.atleast_2d, np.atleast_3d),
    *(np.fliplr, np.flipud, np.flip, np.rot90, np.roll, np.sort, np.partition, np.sort_complex),
    *(
        "method.copy",
        laid_out,
        "method.astype",
        np.astype,
        "method.item",
        np.copy,
        np.array,
        np.asarray,
    ),
    *(np.asanyarray, np.full, np.full_like, np.linspace, np.broadcast_to, np.tile, np.repeat),
    *(np.lib.stride_tricks.sliding_window_view, np.pad, np.diag, np.diagonal, np.tril, np.triu),
    *(np.concatenate, np.vstack, np.hstack, np.column_stack, np.dstack, np.stack, np.append),
    *(np.split, np.array_split, np.vsplit, np.hsplit, np.dsplit),
    *(np.take, np.take_along_axis, np.compress, np.extract, np.delete, np.select, np.interp),
    *(builtins.list, builtins.tuple, builtins.dict),
)
# The same by newer names, and relatives
holds_for_complex(
    *(np.linalg.matmul, np.linalg.outer, np.linalg.tensordot, np.linalg.cross, np.linalg.trace),
    *(np.linalg.diagonal, np.linalg.matrix_transpose),
    *("numpy.cumulative_sum", "numpy.cumulative_prod", np.nancumsum, np.nancumprod, np.median),
    *(np.block, np.diagflat, np.ediff1d, np.insert, np.resize, np.rollaxis),
    *(np.choose, np.meshgrid, np.broadcast_arrays, "numpy.unstack", np.vander, np.polyval),
    *(np.polyadd, np.polysub, np.polymul, np.polyder, np.polyint, "method.tolist"),
)
# Parts
holds_for_complex(
    *(np.conj, "method.conj", np.real, "attr.real", np.imag, "attr.imag", np.angle),
    *(np.complex64, np.complex128, builtins.complex),
)
# Series, grids, other names
holds_for_complex(
    *(np.block, np.choose, np.insert, np.resize, "numpy.unstack", np.rollaxis, np.diagflat),
    *(np.broadcast_arrays, np.meshgrid, np.trim_zeros, np.ediff1d, np.vander),
    *(np.polyval, np.polyadd, np.polysub, np.polymul, np.polyder, np.polyint),
    *("numpy.cumulative_sum", "numpy.cumulative_prod", np.nancumsum, np.nancumprod),
    *("numpy.add.reduce", "numpy.multiply.reduce"),
    *("numpy.add.accumulate", "numpy.multiply.accumulate"),
    *(np.linalg.matmul, np.linalg.outer, np.linalg.tensordot, np.linalg.cross),
    *(np.linalg.trace, np.linalg.diagonal, np.linalg.matrix_transpose),
)
