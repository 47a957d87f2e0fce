"""Sample arguments of the functions that make arrays from values that carry a derivative."""

from __future__ import annotations

import numpy as np

from tests.rules.harness import Row, lit, row
from tests.rules.samples_elementwise import OTHER, REAL

CREATION: list[Row] = [
    row(np.full, (2, 3), 0.7),
    row(np.full, lit(4), 0.7),
    row(np.full, (2, 3), OTHER),
    row(np.full, (2, 3), 0.7, dtype=lit("float64")),
    row(np.full_like, REAL, 0.7),
    row(np.full_like, REAL, OTHER),
    row(np.linspace, 0.2, 1.7),
    row(np.linspace, 0.2, 1.7, lit(5)),
    row(np.linspace, 0.2, 1.7, 5, endpoint=lit(False)),
    row(np.linspace, OTHER, 1.7, lit(4)),
    row(np.linspace, OTHER, REAL, 4, endpoint=lit(False)),
    row(np.array, REAL),
    row(np.array, 0.7),
    row(np.array, [0.3, 0.4, 0.5]),
    row(np.array, [[0.3, 0.4], [0.5, 0.6]]),
    row(np.array, (OTHER, OTHER)),
    row(np.array, [OTHER[:2], OTHER[1:]]),
    row(np.array, REAL, dtype=np.float64),
    row(np.asarray, REAL),
    row(np.asarray, [0.3, 0.4]),
    row(np.asanyarray, (0.3, 0.4)),
    row(np.array, REAL, ndmin=lit(3)),
    row(np.array, [REAL, REAL], ndmin=lit(1), order=lit("F")),
    row(np.copy, REAL, order=lit("F")),
    *(
        row(fn, a)
        for fn in (np.ascontiguousarray, np.asfortranarray, np.require)
        for a in (REAL, [0.3])
    ),
    row(np.ascontiguousarray, 0.7),
    row(np.asfortranarray, np.array(0.7)),
    row(np.copy, REAL),
    row(np.copy, [0.3, 0.4]),
]
