"""Derivatives of `scipy.ndimage`, and of distances between points.

A linear filter is its kernel: the answer to an impulse. Its transpose turns the kernel round, and
takes back what the boundary extended.
"""

from __future__ import annotations

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call, Condition
from srcgrad.rules.registry import primitive, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import operand
from srcgrad.support_images import (
    coordinates_adjoint,
    distance_adjoint,
    filtered_adjoint,
    impulse,
    kernel_adjoint,
    sampled_adjoint,
)

ndimage = Distant("scipy.ndimage")
_MODES = ("reflect", "mirror", "nearest", "wrap", "constant", "grid-mirror", "grid-wrap")


def _array(call: Call) -> Kind:
    return Kind("array", "?")


def _known_mode(call: Call) -> bool:
    real = operand(call, "input").dtype not in COMPLEX
    return real and call.is_literal("mode") and call.literal("mode") in _MODES


_ENDS = "mode='reflect', cval=0.0"
primitive(
    "scipy.ndimage.gaussian_filter",
    "input, sigma, order=0, *, mode='reflect', cval=0.0, truncate=4.0",
    kind=_array,
)
pullback(
    "scipy.ndimage.gaussian_filter",
    input=lambda g, y, sigma, order, mode, truncate: filtered_adjoint(
        g,
        ndimage.gaussian_filter(
            impulse(np.ndim(g), truncate * np.max(sigma) + 0.5),
            sigma,
            order,
            mode="constant",
            truncate=truncate,
        ),
        mode,
    ),
    when=_known_mode,
)
primitive(
    "scipy.ndimage.uniform_filter",
    "input, size=3, *, mode='reflect', cval=0.0",
    kind=_array,
)
pullback(
    "scipy.ndimage.uniform_filter",
    input=lambda g, y, size, mode: filtered_adjoint(
        g,
        ndimage.uniform_filter(impulse(np.ndim(g), np.max(size) // 2), size, mode="constant"),
        mode,
    ),
    when=_known_mode,
)
for _name in ("sobel", "prewitt"):
    primitive(
        f"scipy.ndimage.{_name}",
        "input, axis=-1, *, mode='reflect', cval=0.0",
        kind=_array,
    )
pullback(
    "scipy.ndimage.sobel",
    input=lambda g, y, axis, mode: filtered_adjoint(
        g, ndimage.sobel(impulse(np.ndim(g), 1), axis, mode="constant"), mode
    ),
    when=_known_mode,
)
pullback(
    "scipy.ndimage.prewitt",
    input=lambda g, y, axis, mode: filtered_adjoint(
        g, ndimage.prewitt(impulse(np.ndim(g), 1), axis, mode="constant"), mode
    ),
    when=_known_mode,
)
primitive("scipy.ndimage.laplace", "input, *, mode='reflect', cval=0.0", kind=_array)
pullback(
    "scipy.ndimage.laplace",
    input=lambda g, y, mode: filtered_adjoint(
        g, ndimage.laplace(impulse(np.ndim(g), 1), mode="constant"), mode
    ),
    when=_known_mode,
)
for _name in ("convolve", "correlate"):
    primitive(
        f"scipy.ndimage.{_name}",
        "input, weights, *, mode='reflect', cval=0.0",
        kind=_array,
    )


def _no_border_value(call: Call) -> bool:
    """Weights meet the value beyond the border, which is 0."""
    return _known_mode(call) and not call.given("cval")


pullback(
    "scipy.ndimage.correlate",
    input=lambda g, y, weights, mode: filtered_adjoint(
        g,
        ndimage.correlate(
            impulse(np.ndim(g), np.max(np.shape(weights)) // 2), weights, mode="constant"
        ),
        mode,
    ),
    weights=lambda g, y, input, weights, mode: kernel_adjoint(g, input, weights, mode),
    when=_no_border_value,
)
pullback(
    "scipy.ndimage.convolve",
    input=lambda g, y, weights, mode: filtered_adjoint(
        g,
        ndimage.convolve(
            impulse(np.ndim(g), np.max(np.shape(weights)) // 2), weights, mode="constant"
        ),
        mode,
    ),
    when=_known_mode,
)


# Images between their grid points
def _near(*orders: int) -> Condition:
    def holds(call: Call) -> bool:
        known = call.is_literal("order") and call.literal("order") in orders
        constant = call.is_literal("mode") and call.literal("mode") == "constant"
        return known and constant and operand(call, "input").dtype not in COMPLEX

    return holds


primitive(
    "scipy.ndimage.map_coordinates",
    "input, coordinates, *, order=3, mode='constant', cval=0.0, prefilter=True",
    kind=_array,
)
pullback(
    "scipy.ndimage.map_coordinates",
    input=lambda g, y, input, coordinates, order: sampled_adjoint(
        g, input, np.asarray(coordinates), order
    ),
    coordinates=lambda g, y, input, coordinates: coordinates_adjoint(
        g, input, np.asarray(coordinates)
    ),
    when=_near(1),
)
pullback(
    "scipy.ndimage.map_coordinates",
    input=lambda g, y, input, coordinates, order: sampled_adjoint(
        g, input, np.asarray(coordinates), order
    ),
    coordinates=lambda g, y, coordinates: np.zeros_like(coordinates),
    when=_near(0),
)


# Distances between points
def _known_metric(call: Call) -> bool:
    metrics = ("euclidean", "sqeuclidean", "cityblock", "chebyshev")
    return call.is_literal("metric") and call.literal("metric") in metrics


primitive("scipy.spatial.distance.cdist", "XA, XB, metric='euclidean'", kind=_array)
pullback(
    "scipy.spatial.distance.cdist",
    XA=lambda g, y, XA, XB, metric: distance_adjoint(g, y, XA, XB, metric),
    XB=lambda g, y, XA, XB, metric: distance_adjoint(g.T, y.T, XB, XA, metric),
    when=_known_metric,
)
