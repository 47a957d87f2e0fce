"""Kernels that are refused today, each with a part of what the refusal says.

The table may only shrink: a kernel that starts to work while it stands here fails its test.
"""

SHARED = "is read after memory it shares was written through"

# Refused where the arguments are known (and so where they are not).
REFUSED = {
    "heat_2d": SHARED,
    "wave_leapfrog": SHARED,
    "burgers_lax_friedrichs": "a function defined inside a function",
    "gray_scott": "a function defined inside a function",
    "thomas_solver": SHARED,
    "gaussian_elimination": "a store through an integer array may write one element twice",
}
# Right with the arguments at hand, refused by `transform`, which knows nothing of them.
REFUSED_AHEAD = {
    "forward_backward_substitution": SHARED,
}
