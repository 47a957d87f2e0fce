"""A program that raises; apart, since pytest rewrites the assertions of test files."""

from __future__ import annotations

import numpy as np


def raises(x):
    if np.sum(x) > 2:
        raise ValueError(f"too large: {np.sum(x)}")
    assert x[0] < 0, "must be negative"
    return np.sum(x)
