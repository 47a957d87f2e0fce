"""Carried helpers: how a random number moves with the shape of its distribution.

The place in the distribution is kept: of `F(y, a)`, the distribution function, the slope of the
draw `y` is `-(dF / da) / (dF / dy)`. That is what a draw by the inverse of `F` would do, whatever
the generator does. As in `srcgrad.support`, the source of these goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support_arrays import divide_or_zero
from srcgrad.support_shapes import beta_shape_slope, gamma_shape_slope, t_shape_slope

scipy = Distant("scipy")


def gamma_draw_slope(z: Any, a: Any) -> Any:
    """The slope in `a` of a draw `z` of the standard gamma distribution."""
    return -divide_or_zero(gamma_shape_slope(z, a), scipy.stats.gamma.pdf(z, a))


def beta_draw_slope(z: Any, a: Any, b: Any) -> Any:
    """The slope in `a` of a draw `z` of a beta distribution."""
    return -divide_or_zero(beta_shape_slope(z, a, b), scipy.stats.beta.pdf(z, a, b))


def t_draw_slope(z: Any, df: Any) -> Any:
    """The slope in `df` of a draw `z` of Student's distribution."""
    return -divide_or_zero(t_shape_slope(z, df), scipy.stats.t.pdf(z, df))


def f_draw_slope(y: Any, m: Any, n: Any) -> Any:
    """The slope in `m` of a draw `y` of an F distribution.

    `m * y / (n + m * y)` is a draw of a beta distribution.
    """
    part = m * y / (n + m * y)
    moved = beta_draw_slope(part, m / 2, n / 2) / 2
    return moved * (n + m * y) ** 2 / (m * n) - y / m


def dirichlet_adjoint(g: Any, y: Any, alpha: Any) -> Any:
    """Cotangent of the concentrations of Dirichlet draws along the last axis of `y`.

    Each part keeps its place in its own beta distribution, the others their ratios.
    """
    moved = divide_or_zero(beta_draw_slope(y, alpha, np.sum(alpha) - alpha), 1 - y)
    rows = moved * (g - np.sum(y * g, axis=-1, keepdims=True))
    return np.sum(rows, axis=tuple(range(np.ndim(rows) - 1)))
