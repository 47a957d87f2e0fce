"""Carried helpers: copies that lie in memory as the array does.

As in `srcgrad.support`, the source of these goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support import own


def laid_out(x: Any) -> Any:
    """A copy of an array, with its strides: `reshape` gives views of both, or copies of both."""
    if not isinstance(x, np.ndarray):
        return own(x)
    y = x.copy("K")
    steps = [(n - 1) * stride for n, stride in zip(x.shape, x.strides, strict=True)]
    if y.strides != x.strides and x.size and 0 not in x.strides:
        below = sum(-step for step in steps if step < 0)
        above = sum(step for step in steps if step > 0)
        memory = np.empty(below + above + x.itemsize, np.uint8)
        y = np.ndarray(x.shape, x.dtype, memory, below, x.strides)
        y[...] = x
    return y
