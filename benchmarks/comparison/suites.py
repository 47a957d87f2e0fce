"""The cases: which programs, in which sizes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from . import loops, loops_by_hand, micro, micro_by_hand, objectives, objectives_by_hand
from .case import Case

Rng = np.random.Generator


def version(family: str, tool: str, name: str) -> Callable[..., Any] | None:
    """A program as it is written for a tool, where it is and the tool is installed."""
    try:
        module = importlib.import_module(f".{family}_{tool}", __package__)
    except Exception:  # without the tool; the table says so
        return None
    return getattr(module, name, None)


def case(
    family: ModuleType,
    by_hand: ModuleType,
    name: str,
    args: tuple[Any, ...],
    wrt: tuple[int, ...],
    **options: Any,
) -> Case:
    prefix = family.__name__.rpartition(".")[2]
    title = options.pop("title", name)
    versions = {tool: version(prefix, tool, name) for tool in ("jax", "torch", "numba")}
    return Case(
        title, getattr(family, name), args, wrt, getattr(by_hand, name, None), **versions, **options
    )


def loop_cases() -> list[Case]:
    return [found for size in (0, 1) for found in loop_cases_of(size, np.random.default_rng(0))]


def loop_cases_of(size: int, rng: Rng) -> list[Case]:
    """Small (0) and medium (1) sizes."""

    def pick(*sizes: Any) -> Any:
        return sizes[size]

    def add(name: str, wrt: tuple[int, ...], *args: Any, writes: bool = True) -> None:
        title = f"{name}, {pick('S', 'M')}"
        found.append(case(loops, loops_by_hand, name, args, wrt, title=title, writes=writes))

    found: list[Case] = []
    n = pick(3000, 20000)
    add("jacobi_1d", (0, 1), rng.random(n), rng.random(n), 100)
    n = pick(60, 200)
    add("jacobi_2d", (0, 1), rng.random((n, n)), rng.random((n, n)), 50)
    i, j, k = pick((32, 32, 40), (64, 64, 60))
    field = rng.random((i + 4, j + 4, k)), np.zeros((i, j, k)), rng.random((i, j, k))
    add("horizontal_diffusion", (0, 1, 2), *field)
    shape = pick((8, 8, 32, 32), (16, 8, 64, 64))
    add("softmax", (0,), rng.normal(size=shape), rng.random(shape), writes=False)
    add("seidel_2d", (0,), rng.random((pick(30, 80),) * 2), pick(4, 6))
    n = pick(40, 110)
    half = rng.random((n, n))
    add("cholesky", (0,), half @ half.T + n * np.eye(n))
    m, n = pick((40, 30), (120, 100))
    add("trmm", (1, 2), 1.5, rng.random((m, m)), rng.random((m, n)))
    n, m = pick((40, 30), (120, 100))
    add("syrk", (2, 3), 1.5, 1.2, rng.random((n, n)), rng.random((n, m)))
    add("durbin", (0,), 0.02 * rng.random(pick(200, 1000)), writes=False)
    return found


def micro_cases() -> list[Case]:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Any:
        return 0.2 * rng.normal(size=shape)

    def add(title: str, name: str, wrt: tuple[int, ...], *args: Any) -> None:
        found.append(case(micro, micro_by_hand, name, args, wrt, title=title))

    found: list[Case] = []
    layers = [(normal(64, 64), normal(64)) for _ in range(3)]
    add("scalars, 10 operations", "ten_operations", (0, 1), 0.7, 1.3)
    add("loop, 1,000 scalar steps", "scalar_loop", (0,), 0.3, 3.0, 1000)
    add("MLP, 32 x 64, 3 layers", "mlp", (0,), layers, normal(32, 64), normal(32, 64))
    add("logsumexp of 10^6", "logsumexp", (0,), normal(10**6))
    add("array loop, 20,000 x 100", "array_loop", (0,), normal(20_000), 100)
    return found


def objective_cases() -> list[Case]:
    rng = np.random.default_rng(0)

    def add(title: str, name: str, wrt: tuple[int, ...], *args: Any, **options: Any) -> None:
        options["title"] = title
        found.append(case(objectives, objectives_by_hand, name, args, wrt, **options))

    found: list[Case] = []
    for n, d, k in ((1000, 10, 25), (500, 32, 50)):
        add(f"Gaussian mixture, n={n} d={d} k={k}", "gaussian_mixture", (0, 1, 2),
            *mixture(rng, n, d, k))  # fmt: skip
    add("LSTM, 2 layers, 256 characters", "lstm", (0, 1, 2), rng.normal(size=(2, 4, 14)),
        rng.normal(size=(2, 4, 14)), rng.normal(size=(3, 14)), rng.random((256, 14)))  # fmt: skip
    add("k-means, k=200 n=5,000 d=16", "k_means", (0,), rng.random((200, 16)),
        rng.random((5000, 16)))  # fmt: skip
    add("hand tracking, 1,600 points", "hand_tracking", (0,), *hand_of(rng, 1600))
    add("hand tracking, Jacobian", "hand_residuals", (0,), *hand_of(rng, 1600), result="jacobian")
    add("bundle adjustment, 20,000 views", "bundle_adjustment", (0, 1, 2), *views(rng, 20_000))
    design = rng.random((16_392, 128))
    add("least squares, 16,392 x 128", "least_squares", (0,), rng.random(128), design,
        rng.random(16_392))  # fmt: skip
    add("determinant by minors, 5 x 5", "determinant", (0,), rng.random((5, 5)))
    add("ODE, n=20,000, 50 steps", "ode", (0,), rng.random(20_000), 50)
    add("logsumexp of 1.28M", "logsumexp", (0,), rng.normal(size=1_280_000))
    found.append(
        Case("saddle point, value", example("saddle").saddle, (np.ones(2),), result="value")
    )
    found.append(Case("particle, value", example("particle").control, (0.0, 2), result="value"))
    return found


def example(name: str) -> ModuleType:
    """A program that takes derivatives inside."""
    path = Path(__file__).resolve().parents[2] / "examples" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mixture(rng: Rng, n: int, d: int, k: int) -> tuple[Any, ...]:
    below = d * (d - 1) // 2
    place = np.full((d, d), below)
    place[np.tril_indices(d, -1)] = np.arange(below)
    factors = 0.1 * rng.normal(size=(k, d + below))
    return (
        rng.normal(size=k),
        rng.normal(size=(k, d)),
        factors,
        place,
        rng.normal(size=(n, d)),
        1.0,
        2,
    )


def hand_of(rng: Rng, points: int) -> tuple[Any, ...]:
    """Five fingers of four bones at a palm: four angles a finger."""
    bones = 21
    pose = np.full((bones, 3), 20)
    pose[1:, 0] = np.arange(20)
    pose[1::4, 2] = np.arange(0, 20, 4)
    parents = tuple(-1 if b == 0 else 0 if b % 4 == 1 else b - 1 for b in range(bones))
    weights = rng.random((bones, points)) ** 8
    weights /= weights.sum(axis=0)
    return (
        0.3 * rng.normal(size=26), pose, parents, rng.normal(size=(bones, 3)),
        rng.normal(size=(bones, points, 3)), weights, rng.normal(size=(points, 3)),
    )  # fmt: skip


def views(rng: Rng, count: int) -> tuple[Any, ...]:
    cameras = 0.1 * rng.normal(size=(50, 11))
    cameras[:, 5] -= 5.0
    cameras[:, 6] += 2.0
    landmarks = rng.normal(size=(2000, 3))
    seen = np.stack([rng.integers(0, 50, count), rng.integers(0, 2000, count)], axis=1)
    return cameras, landmarks, 1.0 + 0.1 * rng.random(count), seen, rng.normal(size=(count, 2))


SUITES: dict[str, Callable[[], list[Case]]] = {
    "micro": micro_cases,
    "loops": loop_cases,
    "objectives": objective_cases,
}
