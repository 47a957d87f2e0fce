"""How much work an operation is, roughly: in numbers read and written by one that only adds."""

from __future__ import annotations

import math

Shapes = tuple[tuple[int, ...], ...]  # of the result, then of the operands
PRODUCTS = frozenset({
    "convolve", "cross", "dot", "einsum", "inner", "kron", "matmul", "tensordot", "vdot",
})  # fmt: skip
PRODUCT = 0.2  # a multiplication and addition inside a product of matrices
SOLVE = 1.0  # the same in a factorisation
FUNCTION = 8.0  # a function such as a sine
# Everything else reads its operands and writes its result.
PLAIN = frozenset({
    "absolute", "add", "clip", "copy", "divide", "fabs", "ge", "getitem", "gt", "le", "list", "lt",
    "maximum", "mean", "minimum", "mul", "multiply", "neg", "negative", "reshape", "sqrt", "square",
    "slice", "stack", "sub", "subtract", "sum", "T", "transpose", "truediv", "tuple", "where",
})  # fmt: skip


def work(fn: str, shapes: Shapes) -> float:
    """Of one call of a library function, or of one like it."""
    sizes = [math.prod(shape) for shape in shapes]
    if not sizes:
        return 0.0
    moved = float(sum(sizes))
    home, _, name = fn.rpartition(".")
    if name in PRODUCTS and len(sizes) > 2:  # of m by k and k by n: the root of (mk)(kn)(mn)
        return moved + PRODUCT * math.sqrt(math.prod(map(float, sizes[:3])))
    if home.endswith("linalg"):
        return moved + SOLVE * math.pow(max(sizes), 1.5)
    if "fft" in home:
        return moved * math.log2(max(moved, 2.0))
    return moved if name in PLAIN else moved + FUNCTION * sizes[0]
