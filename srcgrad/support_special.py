"""Carried helpers for `scipy.special`.

As in `srcgrad.support`: their source goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support import unbroadcast
from srcgrad.support_arrays import expand_reduced


def power_slope(t: Any) -> Any:
    """`((t - 1) * exp(t) + 1) / t**2`, by its series about 0."""
    small = np.abs(t) < 0.02
    at = t + small * (1.0 - t)
    series = 1 / 2 + t * (1 / 3 + t * (1 / 8 + t * (1 / 30 + t * (1 / 144 + t * (1 / 840)))))
    return np.where(small, series, ((at - 1) * np.exp(at) + 1) / at**2)


def weighted_adjoint(g: Any, y: Any, a: Any, axis: Any, b: Any, of_a: Any) -> Any:
    """Cotangent of `a`, or of the weights `b`, in `y = scipy.special.logsumexp(a, axis, b)`."""
    shape = np.shape(a) if b is None else np.broadcast_shapes(np.shape(a), np.shape(b))
    whole = np.broadcast_to(a, shape)
    share = expand_reduced(g, whole, axis) * np.exp(whole - expand_reduced(y, whole, axis))
    if not of_a:
        return unbroadcast(share, b)
    return unbroadcast(share if b is None else share * b, a)


def weighted_tangent(d: Any, y: Any, a: Any, axis: Any, b: Any, keepdims: Any, of_a: Any) -> Any:
    """What `a`, or the weights `b`, give to the tangent of `scipy.special.logsumexp`."""
    whole = a + np.zeros_like(b)
    share = np.exp(whole - expand_reduced(y, whole, axis)) * (d * b if of_a else d)
    return np.sum(share, axis=axis, keepdims=keepdims)
