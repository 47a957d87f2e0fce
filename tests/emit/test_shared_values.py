"""What the program evaluated is not evaluated again by its adjoint, unless it may have changed."""

import numpy as np
import pytest

from srcgrad import grad, value_and_grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def turned(x, y):
    angle = x * 2.0
    sin, cos = np.sin(angle), np.cos(angle)
    return np.sum(y * sin + y * y * cos)


def of_an_argument(x, y):
    return np.sum(np.sin(x) * y) + np.sum(np.cos(x) * y * y)


# In these one of the two is written to after it was computed.


def operand_changes(x, y):
    angle = x * 2.0
    sin, cos = np.sin(angle), np.cos(angle)
    angle[1:] += y[1:]
    return np.sum(y * sin * angle + cos)


def operand_changes_through_a_view(x, y):
    angle = x * 2.0
    tail = angle[1:]
    sin, cos = np.sin(angle), np.cos(angle)
    tail *= y[1:]
    return np.sum(y * sin * angle + cos)


def value_changes(x, y):
    sin, cos = np.sin(x), np.cos(x)
    cos[0] = 0.0
    return np.sum(y * sin + cos * y)


def value_changes_through_a_view(x, y):
    sin, cos = np.sin(x), np.cos(x)
    head = cos[:2]
    head *= y[:2]
    return np.sum(y * sin + cos * y)


def operand_is_another(x, y):
    angle = x * 2.0
    cos = np.cos(angle)
    angle = angle + y
    return np.sum(np.sin(angle) * cos)


def in_a_loop(x, y):
    total = 0.0
    for _ in range(3):
        x = x + 0.1 * np.sin(x) * np.cos(x) * y
        total += np.sum(x)
    return total


def in_a_branch(x, y):
    cos = x
    if x[0] < 9.0:
        cos = np.cos(x)
    return np.sum(np.sin(x) * y * cos)


SHARED = [turned, of_an_argument]
CHANGED = [
    operand_changes, operand_changes_through_a_view, value_changes, value_changes_through_a_view,
    operand_is_another, in_a_loop, in_a_branch,
]  # fmt: skip


@pytest.mark.parametrize("program", [*SHARED, *CHANGED], ids=lambda f: f.__name__)
def test_gradients(program):
    args = RNG.normal(size=4), RNG.normal(size=4)
    check_grads(program, args, argnums=(0, 1), order=2)


def evaluations(text):
    code = [line for line in text.splitlines() if "#" not in line]
    return sum(line.count("np.cos(") + line.count("np.sin(") for line in code)


@pytest.mark.parametrize("program", SHARED, ids=lambda f: f.__name__)
def test_values_are_read(program):
    args = RNG.normal(size=4), RNG.normal(size=4)
    assert evaluations(grad(program, (0, 1)).lower(*args).source) == 2
    without = grad(program, (0, 1), optimize="2 -share_values").lower(*args).source
    assert evaluations(without) == 4


def test_a_gradient_is_no_variable_of_the_program():
    """`cos` would be the gradient itself, and the value that is returned beside it."""

    def f(x):
        cos = np.cos(x)
        return np.sum(np.sin(x)), cos

    x = RNG.normal(size=4)
    (_, cos), x_bar = value_and_grad(f, has_aux=True)(x)
    np.testing.assert_array_equal(x_bar, cos)
    assert not np.shares_memory(x_bar, cos)


def test_cross_products_of_rows():
    def f(a, b):
        return np.sum(np.cross(a, b) ** 2)

    for shapes in [((7, 3), (7, 3)), ((9, 3), (3,)), ((2, 9, 3), (9, 3)), ((3,), (3,))]:
        args = tuple(RNG.normal(size=shape) for shape in shapes)
        check_grads(f, args, argnums=(0, 1), order=2)
    long = RNG.normal(size=(20, 3)), RNG.normal(size=(20, 3))
    assert "cross_rows(" in grad(f, (0, 1)).lower(*long).source
    expected = grad(f, (0, 1), optimize="2 -cross_rows")(*long)
    for a, b in zip(grad(f, (0, 1))(*long), expected, strict=True):
        np.testing.assert_array_equal(a, b)
