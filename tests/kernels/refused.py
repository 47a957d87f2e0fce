"""Kernels that are refused today, each with a part of what the refusal says.

The table may only shrink: a kernel that starts to work while it stands here fails its test.
"""

# Refused where the arguments are known (and so where they are not).
REFUSED = {
    "alternating_directions": "`u` is read after memory it may share was written",
}
# What is said ahead of time, where nothing is known of the arguments.
REFUSED_AHEAD = {
    "train_with_adam": "`Adam` has no derivative rule for this call",
}
