"""A small convolutional network on 8x8 images, in two spellings of the convolution.

Layers: convolution, ReLU, convolution, ReLU, max-pool, dropout, linear, softmax cross-entropy.
Images are (N, channels, height, width), filters (out channels, in channels, rows, columns).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from jaxtyping import Float64, Int


class Params(TypedDict):
    """Filters and biases of two convolutions, weights and bias of the linear layer."""

    W1: Float64[np.ndarray, "first 1 rows columns"]
    b1: Float64[np.ndarray, " first"]
    W2: Float64[np.ndarray, "second first rows columns"]
    b2: Float64[np.ndarray, " second"]
    W3: Float64[np.ndarray, "features outputs"]
    b3: Float64[np.ndarray, " outputs"]


def init_params(
    rng: np.random.Generator, first: int = 8, second: int = 16, outputs: int = 10
) -> Params:
    """Random filters and weights scaled for ReLU, for 8x8 images of one channel."""
    pixels = second * 2 * 2
    return {
        "W1": rng.normal(size=(first, 1, 3, 3)) * np.sqrt(2 / 9),
        "b1": np.zeros(first),
        "W2": rng.normal(size=(second, first, 3, 3)) * np.sqrt(2 / (9 * first)),
        "b2": np.zeros(second),
        "W3": rng.normal(size=(pixels, outputs)) * np.sqrt(1 / pixels),
        "b3": np.zeros(outputs),
    }


def conv(images: np.ndarray, filters: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Every filter at every place at once, through a view of all windows."""
    windows = sliding_window_view(images, filters.shape[2:], axis=(2, 3))
    out = np.tensordot(windows, filters, axes=((1, 4, 5), (1, 2, 3)))
    return (out + bias).transpose(0, 3, 1, 2)


def conv_loops(images: np.ndarray, filters: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The same convolution from its definition: one window after another."""
    n, _, height, width = images.shape
    count, _, rows, columns = filters.shape
    out = np.zeros((n, count, height - rows + 1, width - columns + 1))
    for image in range(n):
        for f in range(count):
            for i in range(height - rows + 1):
                for j in range(width - columns + 1):
                    window = images[image, :, i : i + rows, j : j + columns]
                    out[image, f, i, j] = np.sum(window * filters[f]) + bias[f]
    return out


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def max_pool(x: np.ndarray, size: int = 2) -> np.ndarray:
    """The largest value of each block of `size` times `size`."""
    n, channels, height, width = x.shape
    blocks = x.reshape(n, channels, height // size, size, width // size, size)
    return np.max(blocks, axis=(3, 5))


def classify(features: np.ndarray, W: np.ndarray, b: np.ndarray, labels: np.ndarray) -> float:
    """Linear layer and mean softmax cross-entropy against class numbers."""
    scores = features @ W + b
    z = scores - np.max(scores, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(labels)), labels])


def features(params: Params, images: np.ndarray) -> np.ndarray:
    """What the convolutions make of the images, one row for each."""
    hidden = relu(conv(images, params["W1"], params["b1"]))
    hidden = max_pool(relu(conv(hidden, params["W2"], params["b2"])))
    return hidden.reshape(len(images), -1)


def loss(
    params: Params,
    images: Float64[np.ndarray, "n 1 height width"],
    labels: Int[np.ndarray, " n"],
    mask: Float64[np.ndarray, "n features"],
) -> float:
    """Mean loss on a batch; `mask` holds 0 for a dropped feature, 1 / kept share for the others."""
    kept = features(params, images) * mask
    return classify(kept, params["W3"], params["b3"], labels)


def loss_random(
    params: Params,
    images: Float64[np.ndarray, "n 1 height width"],
    labels: Int[np.ndarray, " n"],
    keep: float,
    rng: np.random.Generator,
) -> float:
    """The same with the features to drop drawn from `rng`."""
    x = features(params, images)
    mask = rng.random(x.shape) < keep
    return classify(x * mask / keep, params["W3"], params["b3"], labels)


def loss_loops(
    params: Params,
    images: Float64[np.ndarray, "n 1 height width"],
    labels: Int[np.ndarray, " n"],
    mask: Float64[np.ndarray, "n features"],
) -> float:
    """`loss` with the convolutions spelled as loops."""
    hidden = relu(conv_loops(images, params["W1"], params["b1"]))
    hidden = max_pool(relu(conv_loops(hidden, params["W2"], params["b2"])))
    kept = hidden.reshape(len(images), -1) * mask
    return classify(kept, params["W3"], params["b3"], labels)


def predict(params: Params, images: np.ndarray) -> np.ndarray:
    """Scores of the classes, one row for each image; nothing is dropped."""
    return features(params, images) @ params["W3"] + params["b3"]
