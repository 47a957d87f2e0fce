"""Walks down two surfaces with the derivative and with central differences, and draws the paths.

Run: python examples/run_descent.py [--picture PATH]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from descent import bowl, hollows
from descent_grad import bowl_grad, hollows_grad
from differences import central_differences
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Surface = Callable[[np.ndarray], float]
Gradient = Callable[[np.ndarray], np.ndarray]

START = np.array([-3.0, 4.0])


def walk(gradient: Gradient, start: np.ndarray, rate: float = 0.1, steps: int = 40) -> np.ndarray:
    """Every point of gradient descent from `start`, as rows of a (steps + 1, 2) array."""
    x = start.copy()
    path = [x.copy()]
    for _ in range(steps):
        x -= rate * gradient(x)
        path.append(x.copy())
    return np.array(path)


def numerical(surface: Surface) -> Gradient:
    """The gradient of `surface` by central differences."""

    def gradient(x: np.ndarray) -> np.ndarray:
        point = x.copy()
        return np.asarray(central_differences(lambda: surface(point), point))

    return gradient


def draw(axes: Axes, surface: Surface, path: np.ndarray, title: str) -> None:
    """The path on the contour lines of the surface."""
    x0, x1 = np.meshgrid(np.linspace(-4.5, 4.5, 181), np.linspace(-4.5, 4.5, 181))
    axes.contour(x0, x1, surface(np.stack([x0, x1])), levels=20, cmap="viridis", linewidths=0.7)
    axes.plot(path[:, 0], path[:, 1], "o-", color="tab:red", markersize=3, linewidth=1)
    axes.set(title=title, xlabel="x0", ylabel="x1", aspect="equal")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parent / "pictures" / "descent.png"
    parser.add_argument("--picture", type=Path, default=default)
    picture = parser.parse_args().picture
    figure = Figure(figsize=(10, 5), layout="constrained")
    for axes, surface, gradient in zip(
        figure.subplots(1, 2), (bowl, hollows), (bowl_grad, hollows_grad), strict=True
    ):
        path = walk(gradient, START)
        gap = np.max(np.abs(path - walk(numerical(surface), START)))
        print(f"{surface.__name__}: ends at {path[-1]}, paths differ by at most {gap:.1e}")
        draw(axes, surface, path, surface.__name__)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=120)


if __name__ == "__main__":
    main()
