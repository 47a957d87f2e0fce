"""S16: the convolutional network in both spellings, against central differences, and trained."""

from __future__ import annotations

from typing import Any

import convnet
import convnet_grad
import numpy as np
import pytest
import train_convnet
from differences import central_differences, largest_difference
from digits_data import load_split
from numpy.testing import assert_allclose

from srcgrad import value_and_grad, vjp

# The seeds are fixed: a value that happens to sit at a kink of ReLU or of the maximum would spoil
# the differences.


def small_case(first: int = 2, second: int = 3) -> tuple[dict[str, np.ndarray], tuple[Any, ...]]:
    """Parameters of a network with few filters, and a batch of two digits with a dropout mask."""
    rng = np.random.default_rng(5)
    params = convnet.init_params(rng, first, second)
    for name in ("b1", "b2", "b3"):
        params[name] = 0.1 * rng.normal(size=params[name].shape)
    data = load_split()
    images = data.train_images[:2].reshape(2, 1, 8, 8) + 0.01 * rng.normal(size=(2, 1, 8, 8))
    mask = (rng.random((2, second * 4)) < 0.75) / 0.75
    return params, (images, data.train_labels[:2], mask)


@pytest.mark.parametrize("name", ["loss", "loss_loops"])
def test_every_parameter_against_central_differences(name: str) -> None:
    params, args = small_case()
    numeric = central_differences(lambda: convnet.loss(params, *args), params)
    for value, gradient in (
        value_and_grad(getattr(convnet, name))(params, *args),
        getattr(convnet_grad, f"{name}_value_and_grad")(params, *args),
    ):
        assert value == pytest.approx(convnet.loss(params, *args), rel=1e-13)
        assert list(gradient) == list(params)
        assert largest_difference(gradient, numeric) < 1e-8


def test_dropout_drawn_from_a_generator() -> None:
    params, (images, labels, _) = small_case()
    shape = convnet.features(params, images).shape
    mask = (np.random.default_rng(11).random(shape) < 0.6) / 0.6
    _, expected = value_and_grad(convnet.loss)(params, images, labels, mask)
    for function in (
        value_and_grad(convnet.loss_random),
        convnet_grad.loss_random_value_and_grad,
    ):
        rng = np.random.default_rng(11)
        value, gradient = function(params, images, labels, 0.6, rng)
        assert value == pytest.approx(convnet.loss(params, images, labels, mask), rel=1e-13)
        assert largest_difference(gradient, expected) < 1e-14
        # Drawn once: the generator stands where one forward evaluation leaves it.
        once = np.random.default_rng(11)
        once.random(shape)
        assert rng.random() == once.random()


@pytest.mark.parametrize("name", ["conv", "conv_loops"])
def test_convolution_in_all_its_inputs(name: str, rng: np.random.Generator) -> None:
    images = rng.normal(size=(2, 2, 5, 4))
    filters = rng.normal(size=(3, 2, 3, 2))
    bias = rng.normal(size=3)
    value, pullback = vjp(getattr(convnet, name), images, filters, bias)
    upstream = rng.normal(size=value.shape)
    gradients = pullback(upstream)
    for argument, gradient in zip((images, filters, bias), gradients, strict=True):
        numeric = central_differences(
            lambda: float(np.sum(upstream * convnet.conv(images, filters, bias))), argument
        )
        assert_allclose(gradient, numeric, atol=1e-8)


def test_max_pool_passes_the_gradient_to_the_largest() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    value, pullback = vjp(convnet.max_pool, x)
    assert_allclose(value, [[[[5, 7], [13, 15]]]])
    expected = np.zeros((4, 4))
    expected[[1, 1, 3, 3], [1, 3, 1, 3]] = [1, 2, 3, 4]
    gradient = pullback(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))[0]
    assert_allclose(gradient, expected[None, None])


def test_trains_on_real_digits() -> None:
    share, losses = train_convnet.train(epochs=12, progress=False)
    assert share >= 0.95
    assert np.mean(losses[-20:]) < 0.2 * np.mean(losses[:5])
