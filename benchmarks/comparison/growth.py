"""How the times of a gradient grow: with an array, the steps of a loop, and the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import micro, micro_by_hand
from .case import Case
from .measure import measure
from .suites import case

TOOLS = "primal", "hand", "srcgrad", "autograd", "jax", "torch"


@dataclass(frozen=True)
class Panel:
    """Milliseconds of each tool, over a size."""

    title: str
    across: str
    sizes: list[int]
    lines: dict[str, list[float | None]]


def of(name: str, *args: Any) -> Case:
    return case(micro, micro_by_hand, name, args, (0,))


def families(rng: np.random.Generator) -> list[tuple[str, str, list[tuple[int, Case]]]]:
    def network(width: int) -> tuple[int, Case]:
        layers = [(0.2 * rng.normal(size=(width, width)), np.zeros(width)) for _ in range(3)]
        batch = rng.normal(size=(2, 32, width))
        return 3 * width * (width + 1), of("mlp", layers, batch[0], batch[1])

    arrays = [
        (n, of("logsumexp", rng.normal(size=n))) for n in (10, 100, 10**3, 10**4, 10**5, 10**6)
    ]
    loops = [(n, of("scalar_loop", 0.3, 3.0, n)) for n in (10, 100, 1000, 10_000)]
    return [
        ("logsumexp", "elements of the array", arrays),
        ("x = r * x * (1 - x)", "steps of the loop", loops),
        ("MLP of 3 layers, batch 32", "parameters", [network(w) for w in (4, 16, 64, 256)]),
    ]


def panels(tools: Sequence[str], budget: float) -> list[Panel]:
    tools = [tool for tool in TOOLS if tool in tools]
    found = []
    for title, across, cases in families(np.random.default_rng(0)):
        rows = [measure("growth", case, tools, budget) for _, case in cases]
        lines = {tool: [row.times.get(tool) for row in rows] for tool in tools}
        found.append(Panel(title, across, [size for size, _ in cases], lines))
    return found
