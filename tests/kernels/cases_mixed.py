"""Arguments of kernels, and what to differentiate: kernels of many fields."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from tests.kernels import mixed
from tests.kernels.case import Case, Rng


def waves(rng: Rng) -> Any:
    return 1.0 + 0.1 * rng.random((4, 5)), 0.05 * rng.standard_normal((2, 4, 5))


def logs(rng: Rng, *shape: int) -> Any:
    p = rng.random(shape) + 0.1
    return np.log(p / p.sum(axis=-1, keepdims=True))


def decay(rng: Rng) -> Any:
    t = np.linspace(0.0, 2.0, 8)
    return np.array([1.9, 0.8, 0.4]), t, 2.0 * np.exp(-t) + 0.3 + 0.05 * rng.standard_normal(8)


CASES: dict[ModuleType, list[Case]] = {
    mixed: [
        Case(
            "particle_in_cell",
            ("x0", "v0", "charge"),
            lambda r: (8 * r.random(5), r.standard_normal(5), r.random(5), 8.0, 0.05, 3),
        ),
        Case("lattice_boltzmann", ("rho0", "u0", "omega"), lambda r: (*waves(r), 1.2, 3)),
        Case("two_colour_relaxation", ("source", "omega"), lambda r: (r.random((6, 6)), 1.5, 3)),
        Case(
            "particle_filter",
            ("drift", "noise", "observations"),
            lambda r: (0.8, 0.5, r.standard_normal(4), 6),
        ),
        Case(
            "hmm_forward_log",
            ("log_start", "log_move", "log_emit"),
            lambda r: (logs(r, 3), logs(r, 3, 3), logs(r, 3, 4), [0, 2, 1, 3]),
        ),
        Case("time_warping", ("a", "b"), lambda r: (r.random(4), r.random(5) + 0.3)),
        Case(
            "alpha_beta_filter",
            ("measured", "alpha", "beta"),
            lambda r: (r.random(6), 0.6, 0.2, 0.5),
        ),
        Case(
            "principal_components", ("data",), lambda r: (r.random((6, 3)) * [3.0, 2.0, 1.0], 2, 30)
        ),
        Case("gauss_newton", ("theta", "t", "y"), lambda r: (*decay(r), 3)),
        Case(
            "cubic_spline",
            ("knots", "values", "points"),
            lambda r: (np.arange(6) + 0.4 * r.random(6), r.random(6), 5 * r.random(4) + 0.5),
        ),
        Case(
            "alternating_directions",
            ("u0", "diffusivity"),
            lambda r: (r.random((4, 4)), 0.1, 0.2, 2),
        ),
        Case(
            "radial_basis",
            ("centres", "weights", "width"),
            lambda r: (r.random((4, 2)), r.random(4), 0.5, r.random((3, 2))),
        ),
        Case(
            "softmax_batches",
            ("W", "b", "X"),
            lambda r: (
                r.random((3, 4)),
                r.random(4),
                r.random((10, 3)),
                r.integers(0, 4, 10),
                0.1,
                2,
            ),
        ),
        Case(
            "ray_marching",
            ("centre", "radius", "light"),
            lambda r: (
                np.array([0.05, 0.02, 3.0]),
                1.0,
                np.array([0.2, 0.3, 0.9]) + 0.1 * r.random(3),
                3,
            ),
        ),
        Case("maxwell_2d", ("eps", "source"), lambda r: (1.0 + r.random((6, 7)), r.random(5), 5)),
        Case(
            "epidemic_with_events",
            ("beta", "gamma", "y0"),
            lambda r: (0.9, 0.2, np.array([0.9, 0.1, 0.0]) + 0.02 * r.random(3), 0.5, 12, 0.3),
        ),
        Case("threshold_growth", ("field", "rate"), lambda r: (r.random((4, 5)), 0.3, 0.5, 3)),
    ],
}
