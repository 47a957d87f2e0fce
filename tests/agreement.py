"""How near differences have to be: what a test compares a derivative with has errors of its own."""

from __future__ import annotations

from typing import Any

import numpy as np


def assert_near(
    found: Any, expected: Any, rtol: float = 1e-6, atol: float = 1e-8, err_msg: str = ""
) -> None:
    """Raise `AssertionError` where derivatives are further from central differences than `rtol`.

    Differences lose digits with the size of the whole function, not of the one number: small
    entries of a gradient are compared to `rtol` of its largest.
    """
    largest = np.max(np.abs(expected), initial=0.0)
    bound = max(atol, rtol * float(largest))
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=bound, err_msg=err_msg)


def assert_all_near(found: Any, expected: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """The same for each argument's derivative, and each has the shape of its argument's."""
    whole = max((float(np.max(np.abs(b), initial=0.0)) for b in expected), default=0.0)
    for ours, theirs in zip(found, expected, strict=True):
        assert np.shape(ours) == np.shape(theirs)
        assert_near(ours, theirs, rtol, max(atol, rtol * whole))
