"""A polynomial, differentiated in its argument and in its coefficients.

d/dx = 3ax^2 + 2bx, d/da = x^3, d/db = x^2, d/dc = 1.
"""

from __future__ import annotations


def polynomial(x: float, a: float, b: float, c: float) -> float:
    """A cubic without its linear term."""
    return a * x**3 + b * x**2 + c
