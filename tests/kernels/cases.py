"""Arguments for every kernel, drawn afresh from a generator, and which of them to differentiate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from tests.kernels import linear_algebra, stencils

Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """A kernel by name, so that the table reads as a list; `wrt` are names of its parameters."""

    name: str
    wrt: tuple[str, ...]
    make: Callable[[Rng], tuple[Any, ...]]


def positive(rng: Rng, *shape: int) -> Any:
    return rng.random(shape) + 0.5


def definite(rng: Rng, n: int) -> Any:
    A = rng.standard_normal((n, n))
    return A @ A.T + n * np.eye(n)


def dominant(rng: Rng, n: int) -> Any:
    return rng.random((n, n)) + n * np.eye(n)


CASES: dict[ModuleType, list[Case]] = {
    stencils: [
        Case("heat_2d", ("u0", "kappa"), lambda r: (r.random((5, 6)), 0.11 + 0.1 * r.random(), 3)),
        Case("jacobi_2d", ("A", "B"), lambda r: (r.random((5, 5)), r.random((5, 5)), 3)),
        Case(
            "gauss_seidel_poisson",
            ("rhs", "boundary", "h"),
            lambda r: (r.random((3, 3)), positive(r, 5), 0.3, 3),
        ),
        Case(
            "advection_upwind",
            ("u", "velocity", "dt"),
            lambda r: (r.random(8), r.standard_normal(8), 0.1, 0.03, 4),
        ),
        Case(
            "wave_leapfrog",
            ("f", "c", "dt"),
            lambda r: (r.random(8), positive(r, 8), 0.2, 0.1, 4),
        ),
        Case("fdtd_1d", ("eps_r", "source"), lambda r: (1 + r.random(8), r.random(7), 7)),
        Case(
            "burgers_lax_friedrichs",
            ("u0", "nu"),
            lambda r: (r.standard_normal(7), 0.05, 0.1, 0.02, 3),
        ),
        Case(
            "horizontal_diffusion",
            ("inp", "coeff"),
            lambda r: (r.random((6, 7, 2)), r.random((2, 3, 2))),
        ),
        Case(
            "shallow_water_1d",
            ("h", "hu", "g"),
            lambda r: (positive(r, 6), r.standard_normal(6), 9.81, 0.05, 3),
        ),
        Case(
            "gray_scott",
            ("U", "V", "F", "k"),
            lambda r: (r.random((4, 4)), r.random((4, 4)), 0.035, 0.06, 3),
        ),
        Case("red_black_sor", ("b", "omega"), lambda r: (r.random(7), 1.3, 1e-4, 30)),
    ],
    linear_algebra: [
        Case("lu_in_place", ("A",), lambda r: (dominant(r, 4),)),
        Case("cholesky_by_columns", ("A",), lambda r: (definite(r, 4),)),
        Case("gram_schmidt", ("A",), lambda r: (r.standard_normal((5, 3)),)),
        Case(
            "householder_qr",
            ("A", "b"),
            lambda r: (r.standard_normal((5, 3)), r.standard_normal(5)),
        ),
        Case(
            "forward_backward_substitution",
            ("L", "U", "b"),
            lambda r: (dominant(r, 4), dominant(r, 4), r.random(4)),
        ),
        Case(
            "thomas_solver",
            ("a", "b", "c", "d"),
            lambda r: (r.random(5), 2 + r.random(5), r.random(5), r.random(5)),
        ),
        Case(
            "gaussian_elimination",
            ("A", "b"),
            lambda r: (r.standard_normal((4, 4)), r.standard_normal(4)),
        ),
        Case("power_iteration", ("A", "v0"), lambda r: (definite(r, 4), positive(r, 4), 1e-3, 40)),
        Case("conjugate_gradient", ("A", "b"), lambda r: (definite(r, 5), r.random(5), 1e-2)),
        Case(
            "expm_scaling_squaring",
            ("A", "v"),
            lambda r: (r.standard_normal((3, 3)), r.standard_normal(3)),
        ),
        Case("pagerank", ("links", "teleport"), lambda r: (positive(r, 5, 5), 0.85, 4)),
        Case("jacobi_eigenvalues", ("A",), lambda r: (r.standard_normal((4, 4)), 2)),
    ],
}
