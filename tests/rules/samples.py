"""All sample calls: the modules that hold them, and those of functions with a derivative."""

from __future__ import annotations

from tests.rules import (
    samples_arrays,
    samples_carried,
    samples_creation,
    samples_distributions,
    samples_elementwise,
    samples_factors,
    samples_grids,
    samples_images,
    samples_linear,
    samples_matrices,
    samples_python,
    samples_series,
    samples_signals,
    samples_special,
    samples_statistics,
)
from tests.rules.harness import Row

MODULES = (
    samples_arrays,
    samples_carried,
    samples_creation,
    samples_distributions,
    samples_elementwise,
    samples_factors,
    samples_grids,
    samples_images,
    samples_linear,
    samples_matrices,
    samples_python,
    samples_series,
    samples_signals,
    samples_special,
    samples_statistics,
)
# Of arrays: less may be known of their shapes.
ARRAYS: list[Row] = [
    *samples_arrays.ARRAYS,
    *samples_linear.LINEAR,
    *samples_factors.FACTORISATIONS,
    *samples_grids.GRIDS,
    *samples_series.SERIES,
    *samples_statistics.STATISTICS,
]
SMOOTH: list[Row] = [
    *samples_elementwise.ELEMENTWISE,
    *samples_python.PYTHON,
    *samples_matrices.MATRICES,
    *samples_images.IMAGES,
    *samples_special.SPECIAL,
    *samples_signals.SIGNALS,
    *samples_carried.CARRIED,
    *samples_creation.CREATION,
    *samples_distributions.DISTRIBUTIONS,
    *ARRAYS,
]
