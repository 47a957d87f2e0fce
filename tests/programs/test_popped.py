"""Lists as stacks: what is popped is of the kind of what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import grad, hessian
from tests.agreement import assert_near


def merged(x):
    """Neighbours are merged while they are out of order, as in isotonic regression."""
    blocks = []
    for v in x:
        if len(blocks) > 1 and v > 0:
            blocks.append(blocks.pop() * v)
        else:
            blocks.append(v * v)
    total = 0.0
    for v in blocks:
        total += v**2
    return total


def calculator(x):
    """Postfix notation."""
    stack = []
    for token in (0, 1, "*", 2, "+", 0, "*", 1, "-"):
        if isinstance(token, int):
            stack.append(x[token])
        else:
            b = stack.pop()
            a = stack.pop()
            stack.append(a * b if token == "*" else a + b if token == "+" else a - b)
    return stack.pop() ** 2


def calculator_by_numbers(x, tokens):
    stack = []
    for token in tokens:
        if token >= 0:
            stack.append(x[token] * 1.0)
        else:
            b = stack.pop()
            a = stack.pop()
            if token == -1:
                stack.append(a * b)
            else:
                stack.append(a + np.sin(b))
    return stack.pop() ** 2


def rows_merged(x):
    """Items are arrays."""
    kept = []
    for i in range(len(x)):
        row = x[i : i + 2] * 2.0
        if kept and np.sum(row) > 0:
            row = row[:1] + kept.pop()[:1] * np.sin(row[:1])
        kept.append(row)
    total = 0.0
    for row in kept:
        total += np.sum(row**3)
    return total


def tree(x):
    """A tree is walked by a stack of places and values."""
    stack = [(0, x[0])]
    total = 0.0
    while stack:
        place, value = stack.pop()
        total += value**2
        for child in (2 * place + 1, 2 * place + 2):
            if child < len(x):
                stack.append((child, value * x[child]))
    return total


X = np.array([0.5, 1.2, 0.7, -0.4])
TOKENS = np.array([0, 1, -1, 2, -2, 0, -1, 3, -2])
CASES = [
    (merged, ()),
    (calculator, ()),
    (calculator_by_numbers, (TOKENS,)),
    (rows_merged, ()),
    (tree, ()),
]


def differences(function, x, *rest, step=1e-6):
    return np.array(
        [(function(x + e, *rest) - function(x - e, *rest)) / (2 * step) for e in step * np.eye(4)]
    )


@pytest.mark.parametrize(("function", "rest"), CASES)
def test_gradient(function, rest):
    assert_near(grad(function)(X.copy(), *rest), differences(function, X, *rest))


@pytest.mark.parametrize(("function", "rest"), [CASES[0]])
def test_second_derivative(function, rest):
    expected = differences(grad(function), X, *rest)
    assert_near(hessian(function)(X.copy(), *rest), expected)


def test_what_is_popped_is_known_to_be_a_number():
    text = grad(merged).lower(X).source
    assert "unbroadcast" not in text and "accumulate" not in text


def empty_at_once(x):
    items = []
    return items.pop() * x[0]


def empty_in_every_turn(x):
    total = 0.0
    for i in range(3):
        items = []
        total += items.pop() * x[i]
    return total


@pytest.mark.parametrize("function", [empty_at_once, empty_in_every_turn])
def test_an_empty_list_raises_as_it_does_in_the_program(function):
    with pytest.raises(IndexError, match="pop from empty list"):
        grad(function)(X.copy())
