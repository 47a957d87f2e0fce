"""Kernels that are refused today, each with a part of what the refusal says.

The table may only shrink: a kernel that starts to work while it stands here fails its test.
"""

# Refused where the arguments are known (and so where they are not).
REFUSED = {
    "alternating_directions": "`u` is read after memory it may share was written",
    "burgers_lax_friedrichs": "keyword `out` of numpy.subtract is not supported",
    "dft_power": "complex numbers are not differentiated yet",
    "fem_truss_energy": "a differentiated value is handed to a function whose effect ",
    "gaussian_elimination": "a store through an integer array may write one element twice",
    "mesh_smoothing": "a differentiated value is handed to a function whose effect ",
    "poisson_particle_mesh": "a differentiated value is handed to a function whose effect ",
    "scattering_self_energies": "complex numbers are not differentiated yet",
    "split_step_schroedinger": "complex numbers are not differentiated yet",
    "transfer_matrix": "complex numbers are not differentiated yet",
    "velocity_verlet_nbody": "a differentiated value is handed to a function whose effect ",
}
# What is said ahead of time, where nothing is known of the arguments.
REFUSED_AHEAD = {
    "train_with_adam": "`Adam` has no derivative rule for this call",
}
