"""The cases: which programs, in which sizes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from . import loops, loops_by_hand
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
    versions = {tool: version(prefix, tool, name) for tool in ("jax", "torch")}
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


SUITES: dict[str, Callable[[], list[Case]]] = {"loops": loop_cases}
