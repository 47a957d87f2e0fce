"""Derivatives that are more than gradients, beside Autograd and JAX where they are installed.

The diagonal of a Hessian with the gradient, a dense Jacobian of few columns, a sparse one: those of
k-means, hand tracking and bundle adjustment. Values are compared before times.

Run: python benchmarks/beside.py [SECONDS_PER_CASE]
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from comparison import objectives
from comparison.contenders import rebound
from comparison.one_core import on_one_core
from comparison.suites import hand_of, views

from srcgrad import grad, jacfwd, jvp, sparse_jacobian


def timed(call: Callable[[], Any]) -> float:
    """Processor time: what else the machine does is not counted."""
    start = process_time()
    call()
    return process_time() - start


def median_time(call: Callable[[], Any], seconds: float) -> float:
    """Milliseconds of a call, after the first."""
    call()
    times = [timed(call)]
    end = perf_counter() + seconds
    while perf_counter() < end:
        times.append(timed(call))
    return 1e3 * median(times)


def beside(
    title: str, ours: Callable[[], Any], peers: Callable[[], dict[str, Any]], seconds: float
) -> None:
    expected, own = np.asarray(ours()), median_time(ours, seconds)
    shown = []
    for tool, call in peers().items():
        np.testing.assert_allclose(np.asarray(call()), expected, rtol=1e-7, atol=1e-7)
        time = median_time(call, seconds)
        shown.append(f"{tool} {time:.1f} ({time / own:.1f}x)")
    print(f"  {title:34} {own:8.1f}   {'   '.join(shown) or 'no other tool is installed'}")


def tools() -> dict[str, tuple[Any, Any]]:
    """Autograd and JAX, each with its own NumPy, where they are installed."""
    found = {}
    for tool, module in ("autograd", "autograd.numpy"), ("jax", "jax.numpy"):
        try:
            found[tool] = importlib.import_module(tool), importlib.import_module(module)
        except ImportError:
            continue
        if tool == "jax":
            found[tool][0].config.update("jax_enable_x64", True)
    return found


def diagonal_of(f: Callable[..., Any], c: Any, points: Any) -> Any:
    """Gradient and diagonal of a Hessian that has nothing else, by one product."""
    gradient, diagonal = jvp(grad(f), (c, points), (np.ones_like(c), None))
    return np.stack([gradient, diagonal])


def diagonals_of_others(c: Any, points: Any) -> dict[str, Any]:
    calls: dict[str, Any] = {}
    for name, (tool, module) in tools().items():
        f = rebound(objectives.k_means, module)
        if name == "jax":
            both = tool.jit(lambda c, p, f=f, t=tool: t.jvp(
                lambda c: t.grad(f)(c, p), (c,), (t.numpy.ones_like(c),)))  # fmt: skip
            calls[name] = lambda both=both, t=tool: t.block_until_ready(both(c, points))
        else:
            product = tool.elementwise_grad(lambda c, f=f, t=tool: t.grad(f)(c, points))
            gradient = tool.grad(f)
            calls[name] = lambda p=product, g=gradient: np.stack([g(c, points), p(c)])
    return calls


def hand_of_others(args: tuple[Any, ...]) -> dict[str, Any]:
    calls: dict[str, Any] = {}
    for name, (tool, module) in tools().items():
        f = rebound(objectives.hand_residuals, module)
        if name == "jax":
            made = tool.jit(tool.jacfwd(f), static_argnums=(2,))
            calls[name] = lambda made=made, t=tool: t.block_until_ready(made(*args))
        else:
            calls[name] = partial(tool.jacobian(f), *args)
    return calls


def reprojections(cameras: Any, landmarks: Any, weights: Any, seen: Any, features: Any) -> Any:
    """Errors of all views of landmarks, and of the weights: what bundle adjustment squares."""
    camera = cameras[seen[:, 0]]
    r, centre, focal = camera[:, :3], camera[:, 3:6], camera[:, 6:7]
    angle = np.sqrt(np.sum(r * r, axis=1, keepdims=True))
    axis = r / angle
    cos, sin = np.cos(angle), np.sin(angle)
    x = landmarks[seen[:, 1]] - centre
    along = np.sum(axis * x, axis=1, keepdims=True)
    turned = x * cos + np.cross(axis, x) * sin + axis * along * (1.0 - cos)
    p = turned[:, :2] / turned[:, 2:]
    rr = np.sum(p * p, axis=1, keepdims=True)
    distorted = p * (1.0 + camera[:, 9:10] * rr + camera[:, 10:] * rr * rr)
    error = weights[:, None] * (distorted * focal + camera[:, 7:9] - features)
    return np.concatenate([error.ravel(), 1.0 - weights**2])


def sparse_of_jax(args: tuple[Any, ...]) -> dict[str, Any]:
    """Each view by itself, and all of them along an axis: how JAX is told of the pattern."""
    if "jax" not in tools():
        return {}
    tool, module = tools()["jax"]
    cameras, landmarks, weights, seen, features = args
    one = rebound(reprojections, module)

    def view(camera: Any, landmark: Any, weight: Any, feature: Any) -> Any:
        at = module.zeros((1, 2), dtype=int)
        return one(camera[None], landmark[None], weight[None], at, feature[None])

    every = tool.jit(tool.vmap(tool.jacrev(view, (0, 1, 2))))
    given = cameras[seen[:, 0]], landmarks[seen[:, 1]], weights, features

    def call() -> Any:
        parts = tool.block_until_ready(every(*given))
        whole = np.concatenate([np.asarray(p).reshape(len(seen), 3, -1) for p in parts], axis=2)
        return np.sort(whole.ravel()[np.flatnonzero(whole)])[[0, -1]]

    return {"jax": call}


def all_of(seconds: float) -> None:
    rng = np.random.default_rng(3)
    print("milliseconds, beside other tools")
    c, points = rng.random((200, 16)), rng.random((5000, 16))
    both = partial(diagonal_of, objectives.k_means, c, points)
    beside("k-means, gradient and diagonal", both, partial(diagonals_of_others, c, points), seconds)
    hand = hand_of(rng, 1600)
    columns = partial(jacfwd(objectives.hand_residuals), *hand)
    beside("hand tracking, Jacobian", columns, partial(hand_of_others, hand), seconds)
    args = views(rng, 20_000)
    jacobian = sparse_jacobian(reprojections, (0, 1, 2))

    def extremes() -> Any:
        data = jacobian(*args).data
        return np.sort(data)[[0, -1]]

    beside("bundle adjustment, 20,000 views", extremes, partial(sparse_of_jax, args), seconds)


if __name__ == "__main__":
    on_one_core()
    all_of(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
