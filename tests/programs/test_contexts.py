"""What a `with` does beside computing: it is entered and left once, silences, and hides nothing."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad
from tests.programs import contexts


def test_contexts_are_entered_and_left_as_in_the_program() -> None:
    x = np.array([0.9, 0.6, 1.1, 1.5, 0.2])
    for program in (contexts.break_and_continue_inside, contexts.three_contexts):
        contexts.LOG.clear()
        program(x, 0.5)
        expected = list(contexts.LOG)
        contexts.LOG.clear()
        grad(program)(x, 0.5)
        assert contexts.LOG == expected != []


def silenced(x, s):
    with np.errstate(divide="ignore"):
        return np.sum(np.log(x * s))


def silenced_by_a_filter(x, s):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        y = np.sqrt(x)
    return np.sum(y) * s


def raising_at_trouble(x, s):
    with np.errstate(all="raise"):
        y = np.sqrt(x) * s
    return np.sum(y)


@pytest.mark.parametrize("program", [silenced, silenced_by_a_filter])
def test_the_backward_sweep_is_as_silent(program) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grad(program)(np.array([0.0, 4.0]), 1.0)[0] == np.inf


def test_the_backward_sweep_does_not_raise_where_the_program_does_not() -> None:
    with pytest.warns(RuntimeWarning):
        found = grad(raising_at_trouble)(np.array([0.0, 4.0]), 1.0)
    np.testing.assert_array_equal(found, [np.inf, 0.25])


class Swallow:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return True


def swallowed(x, s):
    y = x
    with Swallow():
        y = x * s
        if s > 1:
            raise ValueError
        y = y * s
    return np.sum(y)


def test_a_swallowed_exception_is_not_swallowed_in_the_derivative() -> None:
    np.testing.assert_allclose(grad(swallowed)(np.ones(2), 0.5), 0.25)
    with pytest.raises(RuntimeError, match=r"`with Swallow\(\)` swallowed an exception"):
        grad(swallowed)(np.ones(2), 2.0)


class Give:
    def __init__(self, value):
        self.value = value

    def __enter__(self):
        return self.value

    def __exit__(self, *exception):
        return None


def differentiated(x):
    with Give(x) as y:
        z = y * 2
    return np.sum(z)


def test_values_that_carry_a_derivative_do_not_pass_through_a_manager() -> None:
    with pytest.raises(UnsupportedError, match="what this context manager gives"):
        grad(differentiated)(np.ones(2))


def seeded(x, s):
    np.random.seed(3)
    order = [2, 1, 0]
    np.random.shuffle(order)
    return np.sum(np.random.rand(3) * x) * s * x[order[0]]


def test_calls_for_their_effect_alone_are_made() -> None:
    x = np.array([0.5, 1.5, 2.5])
    step = 1e-6 * np.eye(3)
    expected = [(seeded(x + d, 2.0) - seeded(x - d, 2.0)) / 2e-6 for d in step]
    np.testing.assert_allclose(grad(seeded)(x, 2.0), expected, rtol=1e-6)
