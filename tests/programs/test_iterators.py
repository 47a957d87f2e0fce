"""Loops over what gives items one by one: right, or refused where Python reads them otherwise."""

import copy
import math
from pathlib import Path

import numpy as np
import pytest

from srcgrad import UnsupportedError, check_grads, grad, transform
from tests.programs import iterators_more
from tests.programs.iterators_more import CHANGING, PROGRAMS

RNG = np.random.default_rng()
PATH = Path(iterators_more.__file__)
REFUSED_AHEAD = {
    "bodies",
    "changed_while_a_list_is_looped_over",
    "columns_of_a_comprehension",
    "rows_that_change",
    "rows_that_grow",
}


def arguments():
    """Without near ties, which differences would step over."""
    return RNG.permutation([0.4, -0.7, 1.3]) + 0.1 * RNG.random(3), RNG.permutation(
        [0.9, 1.6, -0.5]
    ) + 0.1 * RNG.random(3)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(program):
    check_grads(program, arguments(), argnums=(0, 1), modes=("reverse", "forward"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients_where_nothing_is_known_of_arguments(program):
    """The text of a file without annotations."""
    namespace, args, name = {}, arguments(), program.__name__
    if name in REFUSED_AHEAD:
        with pytest.raises(UnsupportedError):
            transform(PATH, functions=[name], wrt=("x", "y"))
        return
    exec(transform(PATH, functions=[name], wrt=("x", "y")), namespace)
    found = namespace[f"{name}_grad"](*copy.deepcopy(args))
    for one, other in zip(found, grad(program, (0, 1), optimize=0)(*args), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("program", CHANGING, ids=lambda f: f.__name__)
def test_changes_of_what_is_looped_over_are_refused(program):
    with pytest.raises(UnsupportedError, match=r"takes its items from|changes the length"):
        grad(program, (0, 1))(*arguments())
    with pytest.raises(UnsupportedError):
        transform(PATH, functions=[program.__name__], wrt=("x", "y"))


def test_arguments_that_a_comprehension_makes_are_not_dropped():
    def length(x):
        return np.hypot(*[a * 2 for a in x])

    def length_of_any(x):
        return math.hypot(*[a * 2 for a in x])

    np.testing.assert_allclose(grad(length)(np.array([3.0, 4.0])), [1.2, 1.6])
    with pytest.raises(ValueError, match="too many values"):
        grad(length)(np.ones(3))
    with pytest.raises(UnsupportedError, match="how many items"):
        grad(length_of_any)(np.ones(2))


def test_the_largest_of_tuples_is_refused():
    def largest(x):
        return max([(x[0], 1.0), (x[1], 2.0)])[1] * x[0]

    with pytest.raises(UnsupportedError, match=r"builtins\.max"):
        grad(largest)(np.ones(2))


def test_endless_loops_are_refused():
    def endless(x):
        import itertools

        for i in itertools.count():
            if i > 3:
                break
            x = x * 2.0
        return x

    with pytest.raises(UnsupportedError, match="without end"):
        grad(endless)(1.0)
