"""Derivatives that are more than gradients, by each tool: k-means, hand tracking and bundle
adjustment. A call without arguments, and what brings its result into the form of the others'."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from srcgrad import grad, jacfwd, jvp, sparse_jacobian

from . import derivatives_by_hand, objectives, objectives_by_hand
from .contenders import rebound
from .suites import hand_of, views

Call = Callable[[], Any]
Form = Callable[[Any], Any]
Maker = Callable[..., tuple[Call, Form]]
TOOLS = "srcgrad", "hand", "autograd", "jax", "torch"


@dataclass(frozen=True)
class Task:
    """`makers`: by tool, from the arguments to a call and the form of its result."""

    name: str
    args: tuple[Any, ...]
    makers: dict[str, Maker]


def tool_of(name: str) -> tuple[Any, Any]:
    """A tool and its own NumPy. Raises `ImportError`."""
    if name == "torch":
        tool = importlib.import_module("torch")
        tool.set_num_threads(1)
        return tool, importlib.import_module("comparison.objectives_torch")
    module = importlib.import_module({"jax": "jax.numpy", "autograd": "autograd.numpy"}[name])
    tool = importlib.import_module(name)
    if name == "jax":
        tool.config.update("jax_enable_x64", True)
    return tool, module


def tensors(args: tuple[Any, ...]) -> list[Any]:
    tool, _ = tool_of("torch")
    return [tool.tensor(arg) if isinstance(arg, np.ndarray) else arg for arg in args]


# --- gradient and diagonal of a Hessian that has nothing else, by one product


def diagonal(c: Any, points: Any) -> tuple[Call, Form]:
    gradient = grad(objectives.k_means)
    return lambda: jvp(gradient, (c, points), (np.ones_like(c), None)), np.stack


def diagonal_by_autograd(c: Any, points: Any) -> tuple[Call, Form]:
    tool, module = tool_of("autograd")
    gradient = tool.grad(rebound(objectives.k_means, module))
    product = tool.elementwise_grad(gradient)
    return lambda: [gradient(c, points), product(c, points)], np.stack


def diagonal_by_jax(c: Any, points: Any) -> tuple[Call, Form]:
    tool, module = tool_of("jax")
    gradient = tool.grad(rebound(objectives.k_means, module))

    @tool.jit
    def both(c: Any, p: Any) -> Any:
        return tool.jvp(lambda c: gradient(c, p), (c,), (module.ones_like(c),))

    return lambda: tool.block_until_ready(both(c, points)), np.stack


def diagonal_by_torch(*args: Any) -> tuple[Call, Form]:
    tool, module = tool_of("torch")
    c, points = tensors(args)
    gradient = tool.func.grad(module.k_means)

    def both() -> Any:
        return tool.func.jvp(lambda c: gradient(c, points), (c,), (tool.ones_like(c),))

    return both, np.stack


# --- a dense Jacobian of few columns


def columns(*args: Any) -> tuple[Call, Form]:
    return partial(jacfwd(objectives.hand_residuals), *args), np.asarray


def columns_by_autograd(*args: Any) -> tuple[Call, Form]:
    tool, module = tool_of("autograd")
    return partial(tool.jacobian(rebound(objectives.hand_residuals, module)), *args), np.asarray


def columns_by_jax(*args: Any) -> tuple[Call, Form]:
    tool, module = tool_of("jax")
    made = tool.jit(tool.jacfwd(rebound(objectives.hand_residuals, module)), static_argnums=(2,))
    return lambda: tool.block_until_ready(made(*args)), np.asarray


def columns_by_torch(*args: Any) -> tuple[Call, Form]:
    tool, module = tool_of("torch")
    return partial(tool.func.jacfwd(module.hand_residuals), *tensors(args)), np.asarray


# --- a sparse Jacobian


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


def matrix(*args: Any) -> tuple[Call, Form]:
    """As a matrix of SciPy's, its pattern and colours known."""
    return partial(sparse_jacobian(reprojections, (0, 1, 2)), *args), lambda found: found.data


def elements(blocks: Any) -> Any:
    """The elements of the matrix in order, from the blocks of each view: three rows, by camera,
    landmark and weight. The first two have no element at the other's centre of the picture."""
    camera, landmark, weight = map(np.asarray, blocks)
    n = len(camera)
    whole = np.concatenate([p.reshape(n, 3, -1) for p in (camera, landmark, weight)], axis=2)
    rows = [np.delete(whole[:, k], 8 - k, axis=1) for k in (0, 1)]
    return np.concatenate([np.stack(rows, axis=1).ravel(), whole[:, 2, -1]])


def blocks_by_jax(*args: Any) -> tuple[Call, Form]:
    """Each view by itself, and all of them along an axis: how JAX is told of the pattern."""
    tool, module = tool_of("jax")
    one = rebound(reprojections, module)

    def view(camera: Any, landmark: Any, weight: Any, feature: Any) -> Any:
        at = module.zeros((1, 2), dtype=int)
        return one(camera[None], landmark[None], weight[None], at, feature[None])

    every = tool.jit(tool.vmap(tool.jacrev(view, (0, 1, 2))))
    cameras, landmarks, weights, seen, features = args

    def call() -> Any:
        given = cameras[seen[:, 0]], landmarks[seen[:, 1]], weights, features
        return tool.block_until_ready(every(*given))

    return call, elements


def blocks_by_torch(*args: Any) -> tuple[Call, Form]:
    """As for JAX."""
    tool, _ = tool_of("torch")

    def view(camera: Any, landmark: Any, weight: Any, feature: Any) -> Any:
        r, centre, focal = camera[:3], camera[3:6], camera[6]
        angle = tool.sqrt(tool.sum(r * r))
        axis = r / angle
        cos, sin = tool.cos(angle), tool.sin(angle)
        x = landmark - centre
        along = tool.sum(axis * x)
        turned = x * cos + tool.linalg.cross(axis, x) * sin + axis * along * (1.0 - cos)
        p = turned[:2] / turned[2]
        rr = tool.sum(p * p)
        distorted = p * (1.0 + camera[9] * rr + camera[10] * rr * rr)
        error = weight * (distorted * focal + camera[7:9] - feature)
        return tool.cat([error, (1.0 - weight**2)[None]])

    every = tool.func.vmap(tool.func.jacrev(view, (0, 1, 2)))
    cameras, landmarks, weights, seen, features = tensors(args)
    return lambda: every(cameras[seen[:, 0]], landmarks[seen[:, 1]], weights, features), elements


def by_hand(function: Callable[..., Any]) -> Maker:
    return lambda *args: (partial(function, *args), np.asarray)


def tasks() -> list[Task]:
    rng = np.random.default_rng(3)
    return [
        Task(
            "k-means, gradient and diagonal",
            (rng.random((200, 16)), rng.random((5000, 16))),
            {
                "srcgrad": diagonal,
                "hand": by_hand(derivatives_by_hand.k_means),
                "autograd": diagonal_by_autograd,
                "jax": diagonal_by_jax,
                "torch": diagonal_by_torch,
            },
        ),
        Task(
            "hand tracking, Jacobian",
            hand_of(rng, 1600),
            {
                "srcgrad": columns,
                "hand": by_hand(objectives_by_hand.hand_residuals),
                "autograd": columns_by_autograd,
                "jax": columns_by_jax,
                "torch": columns_by_torch,
            },
        ),
        Task(
            "bundle adjustment, sparse Jacobian",
            views(rng, 20_000),
            {
                "srcgrad": matrix,
                "hand": by_hand(derivatives_by_hand.reprojections),
                "jax": blocks_by_jax,
                "torch": blocks_by_torch,
            },
        ),
    ]
