"""Times one reverse pass over 33,310 parameters against central differences.

Run: python examples/run_big_network.py
"""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import numpy as np
from big_network import init_params, loss
from big_network_grad import loss_grad
from differences import central_differences, largest_difference


class Comparison(NamedTuple):
    """Seconds of either way, and the largest difference between the two gradients."""

    parameters: int
    reverse: float
    differences: float
    largest: float


def compare(seed: int = 0, images: int = 1) -> Comparison:
    """Take the gradient over all parameters both ways on a random batch."""
    rng = np.random.default_rng(seed)
    params = init_params(rng)
    x = rng.random((images, 100))
    onehot = np.eye(10)[rng.integers(0, 10, images)]
    loss_grad(params, x, onehot)  # the first call pays for allocating and caching
    start = perf_counter()
    gradient = loss_grad(params, x, onehot)
    middle = perf_counter()
    numeric = central_differences(lambda: loss(params, x, onehot), params)
    stop = perf_counter()
    count = sum(array.size for array in params.values())
    return Comparison(count, middle - start, stop - middle, largest_difference(gradient, numeric))


def main() -> None:
    result = compare()
    print(f"parameters:          {result.parameters:,}")
    print(f"one reverse pass:    {result.reverse * 1e3:.3f} ms")
    print(f"central differences: {result.differences * 1e3:,.0f} ms")
    print(f"ratio:               {result.differences / result.reverse:,.0f}")
    print(f"largest difference:  {result.largest:.2e}")


if __name__ == "__main__":
    main()
