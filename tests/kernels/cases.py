"""Arguments for every kernel, drawn afresh from a generator, and which of them to differentiate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from tests.kernels import learning, linear_algebra, stencils, time_stepping

Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """A kernel by name, so that the table reads as a list; `wrt` are names of its parameters."""

    name: str
    wrt: tuple[str, ...]
    make: Callable[[Rng], tuple[Any, ...]]
    ahead: bool = True  # False: live only, as what is written ahead of time has a known fault


def positive(rng: Rng, *shape: int) -> Any:
    return rng.random(shape) + 0.5


def definite(rng: Rng, n: int) -> Any:
    A = rng.standard_normal((n, n))
    return A @ A.T + n * np.eye(n)


def dominant(rng: Rng, n: int) -> Any:
    return rng.random((n, n)) + n * np.eye(n)


def levels(rng: Rng) -> Any:
    """Vertical wind, staggered in the first axis, and the field it carries."""
    return rng.random((3, 3, 4)), rng.random((2, 3, 4))


def grid_points(rng: Rng) -> Any:
    return 1.2 * np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])


def springs(rng: Rng) -> Any:
    return {"x0": np.arange(5) + rng.random(5), "rest": 0.8, "k": 2.0, "drag": 0.1, "dt": 0.1}


def layers(rng: Rng) -> Any:
    sizes = [3, 4, 3, 1]
    params = {}
    for n, (a, b) in enumerate(zip(sizes[:-1], sizes[1:], strict=True), 1):
        params[f"W{n}"] = rng.standard_normal((a, b))
        params[f"b{n}"] = rng.random(b)
    return params


def gates(rng: Rng) -> Any:
    return {
        "Wx": rng.standard_normal((12, 2)),
        "Wh": rng.standard_normal((12, 3)),
        "b": rng.random(12),
    }


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
    time_stepping: [
        Case(
            "rk4_lorenz",
            ("y0", "sigma", "rho", "beta"),
            lambda r: (r.random(3), 10.0, 28.0, 8 / 3, 0.01, 4),
        ),
        Case(
            "velocity_verlet_nbody",
            ("pos", "vel", "mass"),
            lambda r: (r.random((4, 2)), r.standard_normal((4, 2)), positive(r, 4), 0.02, 3),
        ),
        Case(
            "nbody_pairs",
            ("x", "v", "m"),
            lambda r: (r.random((3, 3)), r.standard_normal((3, 3)), positive(r, 3), 0.02, 3),
        ),
        Case("adaptive_heun", ("y0", "mu"), lambda r: (r.random(2) + 1, 1.5, 0.6, 1e-2)),
        Case(
            "bouncing_ball",
            ("h0", "v0", "g", "restitution"),
            lambda r: (1.0 + r.random(), r.random(), 9.81, 0.8, 0.05, 2.0),
        ),
        Case("crank_nicolson", ("u0", "D", "dt"), lambda r: (r.random(6), 0.4, 0.2, 0.05, 3)),
        Case(
            "sir_epidemic",
            ("beta", "gamma", "i0"),
            lambda r: (0.6 + 0.2 * r.random(), 0.1, 0.03, 12, r.random(12)),
            ahead=False,
        ),
        Case(
            "vertical_advection",
            ("utens_stage", "u_stage", "wcon", "u_pos", "dtr_stage"),
            lambda r: (*(r.random((2, 3, 4)) for _ in range(2)), *levels(r), 3.0),
        ),
        Case(
            "lennard_jones",
            ("pos", "box"),
            lambda r: (grid_points(r) + 0.2 * r.random((8, 3)), 2.6, 1.3),
        ),
        Case("shooting", ("slope0", "length"), lambda r: (r.random(), 2.0, 6)),
        Case(
            "logistic_map_lyapunov",
            ("r", "x0"),
            lambda r: (3.6 + 0.1 * r.random(), 0.2 + 0.1 * r.random(), 2, 3),
        ),
        Case("mass_spring_leapfrog", ("params",), lambda r: (springs(r), 4)),
    ],
    learning: [
        Case(
            "softmax_regression",
            ("W", "b", "X", "reg"),
            lambda r: (r.random((3, 4)), r.random(4), r.random((5, 3)), r.integers(0, 4, 5), 0.1),
        ),
        Case("mlp_dict", ("params", "X"), lambda r: (layers(r), r.random((5, 3)), r.random(5))),
        Case(
            "mlp_list",
            ("weights", "x"),
            lambda r: (
                [(r.standard_normal((a, b)), r.random(b)) for a, b in ((3, 4), (4, 4), (4, 2))],
                r.random((2, 3)),
                r.random((2, 2)),
            ),
            ahead=False,
        ),
        Case(
            "lstm_over_time",
            ("params", "xs", "h0"),
            lambda r: (gates(r), r.standard_normal((4, 2)), r.random(3)),
        ),
        Case(
            "gru_over_time",
            ("Wz", "Wr", "Wh", "xs"),
            lambda r: (*(r.standard_normal((3, 5)) for _ in range(3)), r.random((4, 2))),
        ),
        Case(
            "conv2d_loops",
            ("image", "kernels", "bias"),
            lambda r: (r.random((5, 6)), r.standard_normal((2, 2, 3)), r.random(2)),
        ),
        Case(
            "conv2d_windows",
            ("image", "weights"),
            lambda r: (r.random((2, 4, 4, 2)), r.standard_normal((2, 2, 2, 3))),
        ),
        Case("tanh_trace", ("a",), lambda r: (r.standard_normal((4, 4)),)),
        Case(
            "gaussian_mixture",
            ("log_weights", "means", "log_scales", "data"),
            lambda r: (
                r.random(3),
                r.random((3, 2)),
                0.3 * r.standard_normal((3, 2)),
                r.standard_normal((6, 2)),
            ),
        ),
        Case("kmeans", ("centers", "points"), lambda r: (r.random((3, 2)), r.random((9, 2)), 3)),
        Case(
            "batch_norm_train",
            ("x", "gamma", "beta", "momentum"),
            lambda r: (r.standard_normal((8, 3)), positive(r, 3), r.random(3), 0.9, 2),
        ),
        Case(
            "attention",
            ("q", "k", "v"),
            lambda r: (*(r.random((4, 3)) for _ in range(3)), np.tri(4, dtype=bool)),
        ),
        Case(
            "train_with_adam",
            ("w0", "X", "y", "lr"),
            lambda r: (r.standard_normal(3), r.random((6, 3)), r.random(6), 0.05, 4),
        ),
    ],
}
