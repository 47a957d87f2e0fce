"""Carried helpers for `scipy.sparse.linalg`.

As in `srcgrad.support`: their source goes into the files that use them. `g` is the cotangent of the
solution.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def factors_adjoint(g: Any, lu: Any, trans: Any) -> Any:
    """Cotangent of the right-hand side in `lu.solve(b, trans)`, of `scipy.sparse.linalg.splu`."""
    if type(lu).__name__ != "SuperLU":
        raise TypeError(f"the derivative of {type(lu).__name__}.solve is not known")
    return lu.solve(g, "T" if trans == "N" else "N")


def iterated_adjoint_b(solved: Any) -> Any:
    """What an iterative solver found, if it says that it has."""
    if solved[1] != 0:
        raise ArithmeticError("the iterative solver did not converge for the derivative")
    return solved[0]


def iterated_adjoint_a(solved: Any, y: Any, a: Any) -> Any:
    """Cotangent of a dense matrix in an iterative solver."""
    if not isinstance(a, np.ndarray):
        raise TypeError("the derivative in the matrix is supported for dense ones")
    return -np.outer(iterated_adjoint_b(solved), y)
