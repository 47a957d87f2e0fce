"""Draws the loss of a training run and saves the picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

PICTURES = Path(__file__).parent / "pictures"


def save_loss_curve(losses: Sequence[float], path: Path, title: str, window: int = 20) -> None:
    """Save the loss of each step, and its mean over `window` steps, as a picture at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, color="tab:blue", alpha=0.3, label="mini-batch")
    if len(losses) >= window:
        means = np.convolve(losses, np.ones(window) / window, mode="valid")
        steps = np.arange(window - 1, len(losses))
        axes.plot(steps, means, color="tab:blue", label=f"mean of {window}")
    axes.set(xlabel="step", ylabel="loss", title=title, yscale="log")
    axes.legend()
    figure.savefig(path, dpi=120)
