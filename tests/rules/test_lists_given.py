"""Lists and tuples of integers where functions take arrays, indices, shapes or axes: right, or
refused."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, check_grads, grad, jvp, transform

RNG = np.random.default_rng()
SUPPORTED = """
np.choose([0, 1, 0], [x, y])
np.choose((1, 1, 0), (x, y * x))
np.choose([[0, 1, 1], [1, 0, 0]], [x, y])
np.where([True, False, True], x, y)
np.where([1, 0, 2], x, y)
np.where([[True], [False]], x, y)
np.select([[True, False, False], [False, True, True]], [x, y])
np.select([[True, False, False], [False, True, False]], [x, y], default=x * y)
np.compress([True, False, True], x)
np.compress([1, 0, 1], x)
np.extract([True, False, True], x)
np.extract([0, 1, 1], x)
np.repeat(x, [1, 0, 3])
np.repeat(np.outer(x, y), [1, 0, 3], axis=1)
np.take(x, [[0, 1], [2, 2]])
np.take(np.outer(x, y), [2, 0, 0], axis=1)
np.take_along_axis(np.outer(x, y), np.array([[0, 1], [2, 2], [1, 1]]), 1)
np.bincount([0, 1, 0], weights=x)
np.bincount([0, 1, 0], x, 5)
np.average(x, weights=[1, 2, 3])
np.average(x, weights=y)
np.average(np.outer(x, y), axis=0, weights=[1, 2, 3.0])
np.interp([0.1, 0.5, 2.5], [0, 1, 2], x)
np.interp(x, [0, 1, 2], [3, 1, 2])
np.trapezoid(x, [0, 1, 3])
np.trapezoid(x, x=[0, 1, 3])
np.gradient(x, [0, 1, 3])
np.convolve(x, [1, 2, -1])
np.correlate([1, 2, 3], x)
np.cross(x, [1, 2, 3])
np.cross([1, 2, 3], y)
np.inner(x, [1, 2, 3])
np.outer([1, 2], x)
np.dot([1, 2, 3], x)
np.dot([[1, 2, 3], [4, 5, 6]], x)
np.tensordot([[1, 2, 3], [4, 5, 6]], x, 1)
np.einsum("i,i", [1, 2, 3], x)
np.kron([1, 2], x)
np.vdot([1, 2, 3], x)
np.matmul([[1, 2, 3]], x)
np.linalg.solve([[2, 1, 0], [1, 3, 1], [0, 1, 4]], x)
np.linalg.lstsq([[2, 1], [1, 3], [0, 1]], x, rcond=None)[0]
np.polyval([1, 2, 3], x)
np.polyval(x, [1, 2, 3])
np.maximum(x, [0.1, 0.9, 0.5])
np.minimum([0.1, 0.9, 0.5], y)
np.hypot(x, [1, 2, 3])
np.power(x, [1, 2, 3])
np.power([1, 2, 3], x)
np.clip(x, [0, 0.6, 0], [1, 2, 0.5])
np.add.reduceat(x, [0, 1])
np.add.reduce([x, y])
np.multiply.outer([1, 2], x)
np.heaviside(x - 0.4, [1, 2, 3]) * x
np.roll(np.outer(x, y), [1, 2], [0, 1])
np.moveaxis(np.ones((2, 3, 1)) * x[:, None], [0, 1], [1, 0])
np.transpose(np.outer(x, y), [1, 0])
np.reshape(np.outer(x, y), [1, 9])
np.broadcast_to(x, [2, 3])
np.tile(x, [2, 2])
np.pad(x, [1, 2])
np.insert(x, [0, 2], y[:2])
np.insert(x, [0, 2], [1.0, 2.0])
np.delete(x, [0, 2])
np.delete(x, [True, False, False])
np.append(x, [1, 2])
np.append([1, 2], y)
np.split(x, [1, 2])[1]
np.array_split(np.outer(x, y), [1], axis=1)[1]
np.sum(np.outer(x, y), axis=(0, 1))
np.sum(x, where=[True, False, True])
np.mean(x, where=[True, False, True])
np.max(x, where=[True, False, True], initial=-1)
np.std(x, where=[True, False, True])
np.prod(x, where=[True, False, True])
np.cumsum([x, y], axis=0)
np.percentile(x, [20, 50])
np.quantile(np.outer(x, y), [0.2, 0.5], axis=1)
np.piecewise(x, [[True, False, False], [False, True, True]], [lambda t: t * 2, lambda t: t ** 2])
np.digitize(x, [0, 0.4, 1]) * x
np.searchsorted([0, 0.4, 1], x) * x
np.isin([1, 2, 3], [1, 3]) * x
np.apply_along_axis(lambda r: r * [1, 2, 3], 0, x)
np.linalg.norm([x[0], y[0]])
np.linalg.multi_dot([[1, 2, 3], np.outer(x, y), x])
np.diff(x, prepend=[1], append=[2, 3])
np.unwrap(x * 9, period=2)
np.nan_to_num([x[0], np.nan, y[0]])
np.fmax(x, [0.5, np.nan, 0.1])
x[[0, 2, 2]]
x[[True, False, True]]
np.outer(x, y)[[0, 1], [2, 2]]
np.outer(x, y)[np.ix_([0, 2], [1, 1])]
np.outer(x, y)[[0, 1]][:, [True, False, True]]
x * [1, 2, 3]
[1, 2, 3] * x
x + (1, 2, 3)
x ** [1, 2, 3]
[1, 2, 3] / x
[1, 2, 3] @ x
[[1, 2, 3]] @ x
x.dot([1, 2, 3])
x.take([0, 0])
x.repeat([1, 2, 0])
x.reshape([3, 1])
x.sum(where=[True, True, False])
scipy.special.logsumexp(x, b=[1, 2, 3])
scipy.special.logsumexp([x[0], y[0]])
scipy.special.softmax([x[0], y[0]])
scipy.linalg.solve_triangular([[2, 1, 0], [0, 3, 1], [0, 0, 4]], x)
scipy.linalg.toeplitz([1, 2, 3], x)
scipy.linalg.block_diag([[1, 2]], x)
scipy.signal.fftconvolve(x, [1, 2, 3])
scipy.signal.lfilter([1, 2], [1, 0.5], x)
scipy.signal.convolve([1, 2, 3], x)
scipy.integrate.trapezoid(x, [0, 1, 3])
scipy.integrate.cumulative_trapezoid(x, [0, 1, 3])
scipy.interpolate.CubicSpline([0, 1, 2], x)([0.5, 1.5])
scipy.interpolate.interp1d([0, 1, 2], x)([0.5, 1.5])
scipy.spatial.distance.cdist([[1, 2, 3]], [x, y])
np.take(np.outer(x, y), (0, 1))
np.outer(x, y).take((0, 1))
np.outer(x, y).take((0, 1), axis=0)
np.take(np.outer(x, y), (0, 1), axis=1)
np.outer(x, y).take((0, 1), 1)
np.outer(x, y).take((2, 2), 0)
x.take((1,))
np.bincount((1,), weights=x[:1])
np.bincount((1, 0), weights=x[:2])
np.outer(x, y)[(0, 1)]
np.outer(x, y)[(0, 1),]
np.outer(x, y)[(0, 1), :]
np.outer(x, y)[:, (0, 1)]
np.outer(x, y)[(0, 1), (1, 2)]
x[(0, 2),]
np.add.reduceat(x, (0, 1))
np.interp(x, (0, 1, 2), (3, 1, 2))
np.delete(x, (0, 2))
np.insert(x, (0, 2), (1.0, 2.0))
np.roll(np.outer(x, y), (1, 2), (0, 1))
np.linalg.norm(np.outer(x, y), axis=(0, 1))
np.split(x, (1, 2))[2]
np.unravel_index(4, (3, 3))[0] * x
np.ravel_multi_index(([0, 1], [1, 2]), (3, 3))[0] * x
np.outer(x, y)[np.unravel_index(np.argmax(np.outer(x, y)), (3, 3))]
np.outer(x, y)[tuple(np.array([[0, 1], [1, 2]]))]
np.outer(x, y)[np.nonzero(np.outer(x, y) > 0.3)]
np.outer(x, y)[np.triu_indices(3, 1)]
np.outer(x, y)[np.diag_indices(3)]
np.trapezoid(x, (0, 1, 3))
np.gradient(x, (0, 1, 3))
np.average(x, weights=(1, 2, 3))
np.polyval((1, 2, 3), x)
np.select(((True, False, False), (False, True, True)), (x, y))
np.where((True, False, True), x, y)
np.compress((True, False, True), x)
np.repeat(x, (1, 0, 3))
x.repeat((1, 0, 3))
np.take_along_axis(x, np.array([0, 2]), 0)
np.searchsorted(x, (0.4, 0.5)) * x[:2]
np.fft.fftshift(x, (0,))
np.fft.fft(x)[[0, 1]].real
np.flip(np.outer(x, y), (0, 1))
np.expand_dims(x, (0, 2))
np.squeeze(np.outer(x, y)[None, :, :, None], (0, 3))
np.moveaxis(np.outer(x, y)[None], (0, 1), (2, 0))
np.sum(np.outer(x, y), (0, 1))
np.mean(np.outer(x, y), (0,))
np.max(np.outer(x, y), (0, 1))
np.var(np.outer(x, y), (1,))
np.rot90(np.outer(x, y), 1, (0, 1))
np.tensordot(np.outer(x, y), np.outer(y, x), ((0, 1), (1, 0)))
np.einsum(np.outer(x, y), [0, 1], y, [1], [0])
np.pad(np.outer(x, y), ((1, 0), (0, 2)), mode="edge")
np.pad(np.outer(x, y), ((1, 0), (0, 2)), mode="reflect")
np.resize(x, (2, 4))
np.cumsum(np.outer(x, y), axis=-1)[(0, -1), (-1, 0)]
""".strip().splitlines()
REFUSED = """
np.choose([0, 3, 1], [x, y], mode="wrap")
np.choose([0, 3, 1], [x, y], mode="clip")
np.cov(x, y, aweights=[1, 2, 3])
np.cov(np.outer(x, y) + np.eye(3), fweights=[1, 2, 1])
np.histogram([0, 1, 0], bins=[0, .5, 2], weights=x)[0]
np.copysign(x, [-1, 1, -1])
np.pad(np.outer(x, y), [[1, 0], [0, 2]], constant_values=[[1, 2], [3, 4]])
np.pad(x, [1, 2], mode="linear_ramp", end_values=[1, 2])
np.ediff1d(x, to_begin=[1], to_end=[2, 3])
x.compress([True, False, True])
scipy.special.xlogy([1, 2, 3], x)
scipy.ndimage.convolve1d(x, [1, 2, 1])
scipy.integrate.simpson(x, x=[0, 1, 3])
scipy.stats.norm.logpdf(x, [0, 1, 2], [1, 2, 3])
scipy.stats.norm.logpdf([0, 1, 2], x)
""".strip().splitlines()
IMPORTS = """
import numpy as np
import scipy.fft, scipy.integrate, scipy.interpolate, scipy.linalg, scipy.ndimage, scipy.signal
import scipy.spatial, scipy.special, scipy.stats
"""


def text_of(expression: str) -> str:
    return f"{IMPORTS}\ndef f(x, y):\n    return np.sum(np.sin({expression}))\n"


def program(expression: str) -> Callable[..., Any]:
    text, name = text_of(expression), f"<{expression}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names: dict[str, Any] = {}
    exec(compile(text, name, "exec"), names)
    found: Callable[..., Any] = names["f"]
    return found


def arguments() -> tuple[Any, Any]:
    """In order and apart from each other, and from what is compared with them."""
    return (
        np.array([0.2, 0.6, 0.9]) + 0.05 * RNG.random(3),
        np.array([1.2, 0.7, -0.5]) + 0.05 * RNG.random(3),
    )


@pytest.mark.parametrize("expression", SUPPORTED)
def test_derivatives(expression: str) -> None:
    check_grads(program(expression), arguments(), argnums=(0, 1))


@pytest.mark.parametrize("expression", REFUSED)
def test_refused(expression: str) -> None:
    f, args = program(expression), arguments()
    f(*args)
    with pytest.raises(UnsupportedError):
        grad(f, (0, 1))(*args)
    with pytest.raises(UnsupportedError):
        jvp(f, args, args)


@pytest.mark.parametrize("expression", SUPPORTED)
def test_ahead_of_time(expression: str) -> None:
    """Where nothing is known of the arguments: the same numbers, or refused."""
    names: dict[str, Any] = {}
    try:
        exec(transform(text_of(expression), functions=["f"], wrt=("x", "y")), names)
    except UnsupportedError:
        return
    args = arguments()
    found = names["f_grad"](*args)
    for one, other in zip(found, grad(program(expression), (0, 1))(*args), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
