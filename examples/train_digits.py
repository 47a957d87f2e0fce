"""Trains the two-layer network on real digit images with the gradient from the generated file.

srcgrad is not imported and need not be installed.
Run: python examples/train_digits.py [--activation relu|sigmoid] [--epochs N] [--picture PATH]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from digits_data import accuracy, load_split
from digits_network import init_params, predict, predict_sigmoid
from digits_network_grad import loss_sigmoid_value_and_grad, loss_value_and_grad
from loss_curve import PICTURES, save_loss_curve
from tqdm import tqdm

NETWORKS = {
    "relu": (predict, loss_value_and_grad),
    "sigmoid": (predict_sigmoid, loss_sigmoid_value_and_grad),
}


def train(
    activation: str = "relu",
    epochs: int = 60,
    batch: int = 100,
    rate: float = 0.5,
    seed: int = 0,
    progress: bool = True,
) -> tuple[float, list[float]]:
    """Accuracy on the test images after stochastic gradient descent, and the loss of each step."""
    predict_scores, value_and_grad = NETWORKS[activation]
    data = load_split()
    rng = np.random.default_rng(seed)
    params = init_params(rng)
    losses = []
    for _ in tqdm(range(epochs), unit="epoch", disable=not progress):
        order = rng.permutation(len(data.train_images))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            value, gradient = value_and_grad(
                params, data.train_images[rows], data.train_labels[rows]
            )
            losses.append(float(value))
            for name in params:
                params[name] -= rate * gradient[name]
    return accuracy(predict_scores(params, data.test_images), data.test_labels), losses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activation", choices=sorted(NETWORKS), default="relu")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--picture", type=Path, default=PICTURES / "digits.png")
    options = parser.parse_args()
    share, losses = train(options.activation, options.epochs)
    save_loss_curve(losses, options.picture, f"digits, {options.activation}")
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, test accuracy {share:.3f}")


if __name__ == "__main__":
    main()
