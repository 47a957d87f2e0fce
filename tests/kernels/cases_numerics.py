"""Arguments of kernels, and what to differentiate: grids, matrices, time steps and physics."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from tests.kernels import linear_algebra, physics, stencils, time_stepping
from tests.kernels.case import Case, definite, dominant, grid_points, levels, positive, springs

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
            lambda r: (0.6 + 0.2 * r.random(), 0.1, 0.02, 12, r.random(12)),
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
    physics: [
        Case(
            "escape_smooth",
            ("cr", "ci"),
            lambda r: (2 * r.random(8) - 1.3, 2.4 * r.random(8) - 1.2, 7),
        ),
        Case("escape_scalar", ("cr", "ci"), lambda r: (0.3 + 0.1 * r.random(), 0.6, 12)),
        Case(
            "scattering_self_energies",
            ("Gr", "Gi", "D", "dH"),
            lambda r: (
                r.random((3, 2, 2, 2)),
                r.random((3, 2, 2, 2)),
                r.random((2, 2, 2)),
                r.random((2, 2, 2, 2)),
            ),
        ),
        Case(
            "split_step_schroedinger",
            ("psi_re", "psi_im", "potential", "dt"),
            lambda r: (r.random(5), r.random(5), r.random(5), 0.3, 3),
        ),
        Case(
            "dft_power",
            ("x", "window"),
            lambda r: (r.standard_normal(6), positive(r, 6)),
        ),
        Case(
            "transfer_matrix",
            ("thickness", "index", "wavelength"),
            lambda r: (positive(r, 3), 1 + r.random(3), 1.3),
        ),
        Case("newton_kepler", ("mean_anomaly", "ecc"), lambda r: (positive(r, 4), 0.4, 1e-10)),
        Case("bisection_then_newton", ("a", "b", "c"), lambda r: (0.3, 1.2, 3 + r.random())),
        Case(
            "ising_mean_field",
            ("J", "h", "beta"),
            lambda r: (0.5 * r.random((4, 4)), r.standard_normal(4), 0.7, 6),
        ),
        Case(
            "radiative_transfer", ("temperature", "tau"), lambda r: (positive(r, 5), r.random(5), 5)
        ),
        Case(
            "reaction_network",
            ("rates", "conc0", "dt"),
            lambda r: (
                positive(r, 2),
                positive(r, 3),
                np.array([[-1, -1, 1], [1, 0, -2]]),
                0.05,
                3,
            ),
        ),
        Case(
            "poisson_particle_mesh",
            ("positions", "charges"),
            lambda r: (6 * r.random(7), r.standard_normal(7), 6),
        ),
    ],
}
