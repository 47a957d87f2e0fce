"""Trains the convolutional network on real digit images with the gradient from the generated file.

Run: python examples/train_convnet.py [--epochs N] [--picture PATH]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from convnet import init_params, predict
from convnet_grad import loss_random_value_and_grad
from digits_data import accuracy, load_split
from loss_curve import PICTURES, save_loss_curve
from tqdm import tqdm


def train(
    epochs: int = 12, batch: int = 50, rate: float = 0.2, seed: int = 0, progress: bool = True
) -> tuple[float, list[float]]:
    """Accuracy on the test images after stochastic gradient descent, and the loss of each step."""
    data = load_split()
    images = data.train_images.reshape(-1, 1, 8, 8)
    rng = np.random.default_rng(seed)
    params = init_params(rng)
    losses = []
    for _ in tqdm(range(epochs), unit="epoch", disable=not progress):
        order = rng.permutation(len(images))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            value, gradient = loss_random_value_and_grad(
                params, images[rows], data.train_labels[rows], 0.8, rng
            )
            losses.append(float(value))
            for name in params:
                params[name] -= rate * gradient[name]
    scores = predict(params, data.test_images.reshape(-1, 1, 8, 8))
    return accuracy(scores, data.test_labels), losses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--picture", type=Path, default=PICTURES / "convnet.png")
    options = parser.parse_args()
    share, losses = train(options.epochs)
    save_loss_curve(losses, options.picture, "digits, convolutional network")
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, test accuracy {share:.3f}")


if __name__ == "__main__":
    main()
