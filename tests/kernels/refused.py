"""Kernels that are refused today, each with a part of what the refusal says.

The table may only shrink: a kernel that starts to work while it stands here fails its test.
"""

# Refused where the arguments are known (and so where they are not).
REFUSED = {
    "burgers_lax_friedrichs": "keyword `out` of numpy.subtract is not supported",
    "catmull_rom": "a generator expression is supported as the argument of `sum`",
    "dft_power": "complex numbers are not differentiated yet",
    "exponential_smoothing": "`numpy.square` of a list",
    "fem_truss_energy": "a differentiated value is handed to a function whose effect ",
    "floyd_warshall": "`numpy.add.outer` has no derivative rule for this call",
    "gaussian_elimination": "a store through an integer array may write one element twice",
    "mesh_smoothing": "a differentiated value is handed to a function whose effect ",
    "metropolis_log_target": "`rng` is read after memory it may share was written through ",
    "option_price_monte_carlo": "is read after memory it may share was written through",
    "poisson_particle_mesh": "a differentiated value is handed to a function whose effect ",
    "reaction_network": "`history` is read after memory it may share was written thro",
    "scattering_self_energies": "complex numbers are not differentiated yet",
    "split_step_schroedinger": "complex numbers are not differentiated yet",
    "transfer_matrix": "complex numbers are not differentiated yet",
    "velocity_verlet_nbody": "a differentiated value is handed to a function whose effect ",
}
# What is said ahead of time, where nothing is known of the arguments.
REFUSED_AHEAD = {
    "conv2d_loops": "`bias` is read after memory it may share was written through",
    "crank_nicolson": "`numpy.trapezoid` has no derivative rule for this call",
    "forward_backward_substitution": "`x` is read after memory it may share was written through an",
    "ising_mean_field": "`old` is read after memory it may share was written through ",
    "lennard_jones": "`forces` is read after memory it may share was written throu",
    "newton_kepler": "`mean_anomaly` is read after memory it may share was written",
    "smith_waterman": "`best` is read after memory it may share was written through",
    "thomas_solver": "`dp` is read after memory it may share was written through a",
    "train_with_adam": "`Adam` has no derivative rule for this call",
}
