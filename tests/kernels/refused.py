"""Kernels that are refused today, each with a part of what the refusal says.

The table may only shrink: a kernel that starts to work while it stands here fails its test.
"""

CHANGED = "this call may change memory that the derivative still needs"
COMPLEX = "complex numbers are not differentiated yet"
EFFECT = "handed to a function whose effect is unknown"
NESTED = "a function defined inside a function"
SHARED = "is read after memory it shares was written through"
TWICE = "a store through an integer array may write one element twice"

# Refused where the arguments are known (and so where they are not).
REFUSED = {
    "adaptive_heun": "`numpy.array` has no derivative rule for this call",
    "burgers_lax_friedrichs": NESTED,
    "catmull_rom": "generator expressions are not supported yet",
    "dft_power": COMPLEX,
    "edit_distance_two_rows": SHARED,
    "escape_smooth": TWICE,
    "exponential_smoothing": "list comprehensions are not supported yet",
    "fem_truss_energy": EFFECT,
    "floyd_warshall": "`numpy.add.outer` has no derivative rule for this call",
    "gaussian_elimination": TWICE,
    "gray_scott": NESTED,
    "gru_over_time": CHANGED,
    "heat_2d": SHARED,
    "lennard_jones": SHARED,
    "mass_spring_leapfrog": "an item of the dict `state` is replaced",
    "mesh_smoothing": EFFECT,
    "metropolis_log_target": SHARED,
    "mlp_dict": "an item of the dict `cache` is replaced",
    "mlp_list": "a slice of the list `weights`",
    "option_price_monte_carlo": SHARED,
    "poisson_particle_mesh": EFFECT,
    "radiative_transfer": CHANGED,
    "reaction_network": SHARED,
    "scattering_self_energies": "`.imag` has no derivative rule for this call",
    "split_step_schroedinger": COMPLEX,
    "thomas_solver": SHARED,
    "train_with_adam": "`Adam` has no derivative rule for this call",
    "transfer_matrix": COMPLEX,
    "tree_pruning": "list comprehensions are not supported yet",
    "velocity_verlet_nbody": EFFECT,
    "wave_leapfrog": SHARED,
}
# Right with the arguments at hand, refused by `transform`, which knows nothing of them.
REFUSED_AHEAD = {
    "bouncing_ball": CHANGED,
    "conv2d_loops": SHARED,
    "crank_nicolson": "`numpy.trapezoid` has no derivative rule for this call",
    "forward_backward_substitution": SHARED,
    "ising_mean_field": SHARED,
    "newton_kepler": SHARED,
    "smith_waterman": SHARED,
}
