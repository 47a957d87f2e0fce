"""Arguments of kernels, and what to differentiate: models, statistics, tables and geometry."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from tests.kernels import dynamic_programming, geometry, learning, statistics
from tests.kernels.case import Case, directions, gates, layers, positive

EDGES = [(0, 1), (0, 2), (1, 3), (2, 3), (1, 2), (3, 4), (2, 4)]
CASES: dict[ModuleType, list[Case]] = {
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
    statistics: [
        Case(
            "kalman_filter",
            ("F", "H", "Q", "R", "x0", "zs"),
            lambda r: (
                0.5 * r.standard_normal((2, 2)),
                r.standard_normal((1, 2)),
                0.1 * np.eye(2),
                0.5 * np.eye(1),
                r.random(2),
                r.standard_normal((4, 1)),
            ),
        ),
        Case(
            "hmm_forward",
            ("trans", "emit", "start"),
            lambda r: (positive(r, 3, 3), positive(r, 3, 2), positive(r, 3), r.integers(0, 2, 5)),
        ),
        Case(
            "option_price_monte_carlo",
            ("s0", "strike", "rate", "sigma", "maturity"),
            lambda r: (1.0 + 0.1 * r.random(), 1.0, 0.03, 0.2, 0.5, 8, 4),
        ),
        Case(
            "binomial_american_put",
            ("s0", "strike", "rate", "sigma", "maturity"),
            lambda r: (1.0, 1.04 + 0.02 * r.random(), 0.03, 0.3, 0.7, 5),
        ),
        Case(
            "importance_sampling",
            ("mu", "log_sigma", "target"),
            lambda r: (r.random(2), 0.2 * r.random(2), r.random(2), 12),
        ),
        Case(
            "kernel_density",
            ("samples", "bandwidth"),
            lambda r: (r.random(5), np.linspace(-1, 2, 9), 0.3),
        ),
        Case(
            "garch_likelihood",
            ("params", "returns"),
            lambda r: (np.array([0.1, 0.2, 0.6]) + 0.05 * r.random(3), r.standard_normal(7)),
        ),
        Case(
            "gaussian_process",
            ("X", "y", "log_length", "log_noise"),
            lambda r: (r.random((5, 2)), r.random(5), -0.3, -1.0),
        ),
        Case(
            "huber_irls",
            ("X", "y", "delta"),
            lambda r: (r.random((7, 2)), 2 * r.standard_normal(7), 0.7, 3),
        ),
        Case("savitzky_golay", ("signal",), lambda r: (r.random(9), 5, 2)),
        Case(
            "exponential_smoothing",
            ("series", "level_weight", "trend_weight"),
            lambda r: (r.random(7), 0.6, 0.3, 3),
        ),
        Case("halving_energy", ("signal", "decay"), lambda r: (r.random(8), 0.7)),
        Case("metropolis_log_target", ("theta", "width"), lambda r: (r.random(2), 6, 0.8)),
    ],
    dynamic_programming: [
        Case("floyd_warshall", ("weights",), lambda r: (r.random((5, 5)),)),
        Case(
            "viterbi_max_sum",
            ("scores", "transitions"),
            lambda r: (r.random((5, 3)), r.random((3, 3))),
        ),
        Case("soft_dtw", ("x", "y", "gamma"), lambda r: (r.random(4), r.random(5), 0.3)),
        Case("edit_distance_two_rows", ("costs", "gap"), lambda r: (r.random((4, 5)), 0.4)),
        Case("smith_waterman", ("sub", "gap"), lambda r: (r.standard_normal((4, 5)), 0.3)),
        Case("matrix_chain", ("dims",), lambda r: (positive(r, 6),)),
        Case("bellman_ford", ("lengths",), lambda r: (positive(r, 7), EDGES, 5)),
        Case(
            "value_iteration",
            ("reward", "transition", "discount"),
            lambda r: (r.random((3, 2)), r.random((2, 3, 3)) / 3, 0.6, 1e-3),
        ),
        Case("ctc_like_scan", ("logits",), lambda r: (r.random((5, 3)), np.array([1, 2]))),
        Case(
            "tree_pruning",
            ("branch_lengths",),
            lambda r: (positive(r, 5), [0, 0, 0, 1, 1], [(2, 1), (3, 0), (4, 1)]),
        ),
        Case("prefix_scan_lanes", ("x", "decay"), lambda r: (r.random(7), 0.8)),
    ],
    geometry: [
        Case(
            "bundle_adjustment",
            ("cameras", "points", "weights"),
            lambda r: (
                r.random((2, 11)),
                r.random((3, 3)) + np.array([0, 0, 4]),
                r.random(4),
                r.random((4, 2)),
                np.array([[0, 0], [0, 2], [1, 1], [1, 2]]),
            ),
        ),
        Case(
            "natural_cubic_spline",
            ("xk", "yk", "xq"),
            lambda r: (np.arange(5) + 0.4 * r.random(5), r.random(5), 0.5 + 3 * r.random(6)),
        ),
        Case(
            "catmull_rom", ("points", "t"), lambda r: (r.random((5, 2)), np.sort(5 * r.random(6)))
        ),
        Case(
            "bilinear_warp",
            ("image", "flow"),
            lambda r: (r.random((4, 5)), r.standard_normal((2, 4, 5))),
        ),
        Case(
            "ray_trace_spheres",
            ("centers", "radii", "light", "dirs"),
            lambda r: (
                np.array([[0.0, 0, 4], [0.7, 0.2, 3]]) + 0.1 * r.random((2, 3)),
                positive(r, 2) + 0.3,
                np.array([0.3, 0.5, -0.8]),
                directions(r),
            ),
        ),
        Case(
            "fem_truss_energy",
            ("nodes", "stiffness", "loads"),
            lambda r: (
                np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]) + 0.1 * r.random((4, 2)),
                np.array([[0, 2], [1, 3], [0, 3], [1, 2], [2, 3]]),
                positive(r, 5),
                r.standard_normal(8),
            ),
        ),
        Case(
            "fem_poisson_1d",
            ("x", "source"),
            lambda r: (np.arange(6) + 0.4 * r.random(6), r.random(6)),
        ),
        Case(
            "mesh_smoothing",
            ("vertices", "rate"),
            lambda r: (
                r.random((5, 3)),
                np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [4, 2, 1]]),
                0.3,
                2,
            ),
        ),
        Case("polygon_moments", ("poly",), lambda r: (r.random((5, 2)),)),
        Case(
            "icp_alignment",
            ("src", "dst", "angle", "shift"),
            lambda r: (r.random((4, 2)), r.random((6, 2)), 0.3, r.random(2)),
        ),
        Case(
            "robot_arm",
            ("angles", "lengths", "goal"),
            lambda r: (2 * r.standard_normal(4), positive(r, 4), r.random(2)),
        ),
        Case(
            "total_variation_flow",
            ("image", "lam", "rate"),
            lambda r: (r.random((4, 5)), 0.5, 0.1, 3),
        ),
    ],
}
