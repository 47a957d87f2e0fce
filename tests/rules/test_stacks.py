"""Stacks of systems: right in every mode, or refused."""

import itertools
import re

import numpy as np
import pytest
import scipy.linalg

from srcgrad import grad, jacfwd, jacrev

RNG = np.random.default_rng()
SHAPES = [
    ((3, 3), (3,)),
    ((3, 3), (3, 3)),
    ((3, 3), (3, 3, 3)),
    ((3, 3), (9, 3, 2)),
    ((2, 3, 3), (3, 2)),
    ((9, 3, 3), (9, 3, 3)),
]


@pytest.mark.parametrize("shapes, wrt", list(itertools.product(SHAPES, (0, 1))), ids=str)
def test_solve(shapes, wrt):
    args = [RNG.normal(size=shape) for shape in shapes]
    args[0] += 4 * np.eye(3)
    direction = RNG.normal(size=args[wrt].shape)
    ahead, behind = list(args), list(args)
    ahead[wrt], behind[wrt] = args[wrt] + 1e-6 * direction, args[wrt] - 1e-6 * direction
    expected = (np.linalg.solve(*ahead) - np.linalg.solve(*behind)) / 2e-6
    for jacobian in jacfwd, jacrev:
        found = jacobian(lambda a, b: np.linalg.solve(a, b), wrt)(*args)
        np.testing.assert_allclose(
            np.tensordot(found, direction, direction.ndim), expected, rtol=1e-6, atol=1e-8
        )


def test_a_stack_of_right_sides_of_one_triangle():
    a, b = RNG.normal(size=(3, 3)) + 4 * np.eye(3), RNG.normal(size=(3, 3, 3))

    def solved(a, b):
        return np.sum(scipy.linalg.solve_triangular(a, b, lower=True) ** 2)

    refusal = "not for stacks"
    try:
        solved(a, b)
    except ValueError as error:  # a SciPy that takes no stacks says so itself
        refusal = re.escape(str(error))
    with pytest.raises(ValueError, match=refusal):
        grad(solved)(a, b)
