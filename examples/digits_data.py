"""The 1,797 real 8x8 digit images that scikit-learn ships, split for training and testing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits


class Split(NamedTuple):
    """Images (N, 64) with values from 0 to 1, and their labels (N,), for training and testing."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load_split(test_share: float = 0.2, seed: int = 0) -> Split:
    """All images in an order drawn from `seed`, the first `test_share` of them kept for testing."""
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(images))
    images, labels = images[order] / 16, labels[order]
    held = round(test_share * len(images))
    return Split(images[held:], labels[held:], images[:held], labels[:held])


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Share of the rows whose largest score is at their label."""
    return float(np.mean(np.argmax(scores, axis=1) == labels))
