"""Carried helpers for systems of equations whose matrix is factored once, for all that follows.

As in `srcgrad.support`: plain NumPy and SciPy, their source goes into the files that use them.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from srcgrad.distant import Distant

scipy = Distant("scipy")


def factored(a: Any) -> Any:
    """The LU factors of a square matrix, for `solve_by` and `solve_turned_by`.

    As `scipy.linalg.solve` does, raises where it is singular and warns where it is nearly so.
    """
    a = np.asarray_chkfinite(a)
    if len(a) != np.size(a, 1):
        raise ValueError("Input a needs to be a square matrix.")
    getrf, gecon = scipy.linalg.get_lapack_funcs(("getrf", "gecon"), (a,))
    factors, pivots, singular = getrf(a)
    if singular > 0:
        raise np.linalg.LinAlgError("A singular matrix detected.")
    rcond = gecon(factors, np.linalg.norm(a, 1))[0] if len(a) else 1.0
    if rcond < np.finfo(factors.dtype).eps:
        message = f"An ill-conditioned matrix (rcond={rcond}): results may not be accurate."
        kind: Any = scipy.linalg.LinAlgWarning
        warnings.warn(message, kind, stacklevel=3)
    return factors, pivots


def solve_by(factors: Any, a: Any, b: Any) -> Any:
    """The solution `x` of `a @ x = b`, by the factors of `a`."""
    return scipy.linalg.lu_solve(factors, b)


def solve_turned_by(factors: Any, a: Any, b: Any) -> Any:
    """The solution `x` of `a.T @ x = b`, by the factors of `a`."""
    return scipy.linalg.lu_solve(factors, b, trans=1)
