"""Lengths that are the same only where arrays are long enough: every short one is tried as well."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, transform
from srcgrad.differences import central_differences
from tests.programs import stencils

LENGTHS = (0, 1, 2, 3, 4, 8, 9)
Shapes = Callable[[int, int], tuple[tuple[int, ...], ...]]
ROWS: list[tuple[Callable[..., Any], Shapes]] = [
    (stencils.jacobi, lambda m, n: ((m,), (n,))),
    (stencils.triangle, lambda m, n: ((n, m), (n, 2))),
    (stencils.triangle, lambda m, n: ((8, m), (n, 1))),
    (stencils.heads, lambda m, n: ((m,), (n,))),
    (stencils.heads_downwards, lambda m, n: ((m,), (n,))),
    (stencils.whole, lambda m, n: ((m,), (n,), (m,))),
    (stencils.whole, lambda m, n: ((m,), (n,), (1,))),
    (stencils.whole_twice, lambda m, n: ((m, n), (n,))),
    (stencils.whole_twice, lambda m, n: ((m, n), (m, n))),
    (stencils.scaled_place, lambda m, n: ((m, n),)),
]


def copied(args: tuple[Any, ...]) -> list[Any]:
    return [arg.copy() for arg in args]


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_gradients_of_every_length(row: int) -> None:
    program, shapes = ROWS[row]
    rng = np.random.default_rng(row)
    names = list(inspect.signature(program).parameters)
    path = Path(stencils.__file__)
    text = transform(path, functions=[program.__name__], wrt=names)
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    ahead = namespace[f"{program.__name__}_grad"]
    tried = 0
    for m, n in itertools.product(LENGTHS, LENGTHS):
        args = tuple(rng.random(shape) + 0.5 for shape in shapes(m, n))
        try:
            program(*copied(args))
        except (ValueError, IndexError):
            continue  # NumPy does not run it
        wrt = tuple(range(len(args)))
        expected = central_differences(lambda *a: program(*copied(a)), args, wrt)
        tried += 1
        for found in (grad(program, wrt)(*args), ahead(*args)):
            for one, other in zip(found, expected, strict=True):
                assert np.shape(one) == np.shape(other)
                np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert tried > 5
