"""Sample arguments of convolutions, correlations and polynomials."""

from __future__ import annotations

import numpy as np

from tests.rules.harness import Row, lit, row
from tests.rules.samples_arrays import M, V, W, real
from tests.rules.samples_linear import FOUR, THREE

CONVOLUTIONS: list[Row] = [
    *(
        row(fn, a, v, lit(mode), loose=True)
        for fn in (np.convolve, np.correlate)
        for a, v in ((V, THREE), (FOUR, V), (V, real(2)), (real(2), V), (FOUR, real(4)))
        for mode in ("full", "same", "valid")
    ),
    row(np.correlate, V, THREE, loose=True),
]

POLYNOMIALS: list[Row] = [
    row(np.polyval, THREE, V, loose=True),
    row(np.polyval, THREE, M, loose=True),
    row(np.polyval, THREE, 0.7, loose=True),
    row(np.polyval, real(1), V, loose=True),
    *(
        row(fn, a, b, loose=True)
        for fn in (np.polyadd, np.polysub, np.polymul)
        for a, b in ((THREE, V), (V, THREE), (V, W))
    ),
    row(np.polyder, V, loose=True),
    row(np.polyder, V, 2, loose=True),
    row(np.polyder, V, m=3, loose=True),
    row(np.polyint, V, loose=True),
    row(np.polyint, V, 2, loose=True),
    row(np.poly, THREE, loose=True),
    row(np.poly, np.array([0.0, 1.2, 0.0]), loose=True),
    row(np.polyfit, V, W, lit(2), loose=True),
    row(np.polyfit, V, W, 1, loose=True),
    row(np.polyfit, V, real(5, 2), lit(3), loose=True),
    row(np.polydiv, real(6), THREE, loose=True),
    row(np.polydiv, THREE, real(4), loose=True),
    row(np.polydiv, THREE, real(1), loose=True),
    row(np.roots, np.array([2.0, 1.0, -7.0, 0.3]), loose=True),
    row(np.kaiser, lit(6), 1.3),
    row(np.kaiser, 6, 1.3),
    row(np.kaiser, lit(1), 1.3),
    row(np.vander, V),
    row(np.vander, V, lit(3)),
    row(np.vander, V, 4, increasing=lit(True)),
    row(np.vander, V, lit(1)),
]

_BASES = ("polynomial", "chebyshev", "legendre", "hermite", "hermite_e", "laguerre")
_SHORT = dict(zip(_BASES, ("poly", "cheb", "leg", "herm", "herme", "lag"), strict=True))
BASES: list[Row] = [
    *(
        row(f"numpy.polynomial.{module}.{short}val", x, c, loose=True)
        for module, short in _SHORT.items()
        for x, c in ((V, THREE), (M, FOUR), (0.3, THREE), (V, real(1)))
    ),
    *(
        row(f"numpy.polynomial.{module}.{short}der", c, *more, loose=True)
        for module, short in _SHORT.items()
        for c, *more in ((V,), (FOUR, 2), (real(1),))
    ),
    *(
        row(f"numpy.polynomial.{module}.{short}vander", x, deg, loose=True)
        for module, short in _SHORT.items()
        for x, deg in ((V, 3), (M, 2), (V, 0), (0.3, 2))
    ),
]

SERIES = [*BASES, *CONVOLUTIONS, *POLYNOMIALS]
