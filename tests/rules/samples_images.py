"""Sample arguments of `scipy.ndimage` and `scipy.spatial.distance`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.rules.harness import Row, lit, row
from tests.rules.samples_signals import real

MODES = [lit(m) for m in ("reflect", "mirror", "nearest", "wrap", "constant", "grid-wrap")]


def _image(name: str, *args: Any, **kwargs: Any) -> Row:
    return row(f"scipy.ndimage.{name}", *args, loose=True, **kwargs)


FILTERS: list[Row] = [
    *(_image("gaussian_filter", real(7), 0.7, mode=mode, fixed=("sigma",)) for mode in MODES),
    _image("gaussian_filter", real(5, 4), lit(0.6), order=lit(1)),
    _image("gaussian_filter", real(3, 2), lit(1.2), truncate=lit(2.0)),  # wider than the image
    *(_image("uniform_filter", real(5, 4), size) for size in (2, 3, 4)),
    _image("uniform_filter", real(6), lit(3), mode=lit("mirror")),
    *(_image(name, real(5, 4)) for name in ("sobel", "prewitt", "laplace")),
    *(_image(name, real(5, 4), axis=lit(0)) for name in ("sobel", "prewitt")),
    *(_image("laplace", real(4), mode=mode) for mode in MODES),
    *(
        _image(name, real(6, 5), real(*shape), mode=mode)
        for name in ("correlate",)
        for shape in ((3, 3), (2, 3), (4, 1))
        for mode in MODES
    ),
    *(
        _image("convolve", real(6, 5), np.arange(m * n).reshape(m, n), mode=mode)
        for m, n in ((3, 3), (2, 3), (4, 1))
        for mode in MODES
    ),
]
PLACES = np.array([[0.3, 1.7, 2.6, -0.4, 3.1], [1.2, 0.4, 2.7, 1.0, 5.3]])
SAMPLED: list[Row] = [
    *(_image("map_coordinates", real(4, 5), PLACES, order=lit(order)) for order in (0, 1)),
    _image("map_coordinates", real(6), np.array([[[0.2, 4.7], [3.1, 7.0]]]), order=lit(1)),
    _image("map_coordinates", real(2, 3, 2), np.abs(real(3, 4)) / 3, order=lit(1), cval=lit(2.0)),
]
DISTANCES: list[Row] = [
    row("scipy.spatial.distance.cdist", real(3, 2), real(4, 2), lit(metric), loose=True)
    for metric in ("euclidean", "sqeuclidean", "cityblock", "chebyshev")
]
IMAGES = [*FILTERS, *SAMPLED, *DISTANCES]
