"""Kernels that are refused today, each with a part of what the refusal says.

The table may only shrink: a kernel that starts to work while it stands here fails its test.
"""

SHARED = "is read after memory it shares was written through"

# Refused where the arguments are known (and so where they are not).
REFUSED = {
    "adaptive_heun": "`numpy.array` has no derivative rule for this call",
    "gru_over_time": "this call may change memory that the derivative still needs",
    "heat_2d": SHARED,
    "wave_leapfrog": SHARED,
    "burgers_lax_friedrichs": "a function defined inside a function",
    "gray_scott": "a function defined inside a function",
    "lennard_jones": SHARED,
    "mass_spring_leapfrog": "an item of the dict `state` is replaced",
    "mlp_dict": "an item of the dict `cache` is replaced",
    "mlp_list": "a slice of the list `weights`",
    "train_with_adam": "`Adam` has no derivative rule for this call",
    "velocity_verlet_nbody": "handed to a function whose effect is unknown",
    "thomas_solver": SHARED,
    "gaussian_elimination": "a store through an integer array may write one element twice",
}
# Right with the arguments at hand, refused by `transform`, which knows nothing of them.
REFUSED_AHEAD = {
    "bouncing_ball": "this call may change memory that the derivative still needs",
    "conv2d_loops": SHARED,
    "crank_nicolson": "`numpy.trapezoid` has no derivative rule for this call",
    "forward_backward_substitution": SHARED,
}
