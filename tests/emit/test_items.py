"""Adjoints of items of lists: put in where they are the first, added without a helper to arrays."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads
from srcgrad.differences import central_differences
from tests.agreement import assert_near

RNG = np.random.default_rng()


def cells(x, w):
    state = [np.zeros(3) for _ in range(2)]
    for t in range(4):
        for i in range(2):
            state[i] = np.tanh(state[i] * w[i] + x[t])
    return np.sum(state[0] * state[1])


def numbers(x, w):
    state = [0.0 for _ in range(2)]
    for t in range(4):
        for i in range(2):
            state[i] = np.tanh(state[i] * w[i, 0] + x[t, 1])
    return state[0] * state[1]


def growing(x, w):
    state = [x[0]]
    for t in range(1, 4):
        state.append(state[t - 1] * w[0] + state[t // 2])
    return np.sum(np.stack(state) ** 2)


def rows_of_rows(x, w):
    state = [[x[0], x[1]], [x[2], x[3] * w[0]]]
    for _ in range(3):
        for i in range(2):
            state[i] = [state[i][1] * w[i], state[1 - i][0]]
    return np.sum(state[0][0] * state[1][1])


def two_names(x, w):
    state = [x[0] * 1.0, x[1] * 1.0]
    other = state
    for i in range(2):
        state[i] = np.sin(other[i] * w[i])
        other[1 - i] = state[i] * other[i]
    return np.sum(state[0] * other[1])


def put_elsewhere(x, w):
    state = [x[0], x[1]]
    seen = []
    for i in range(2):
        state[i] = state[i] * w[i]
        seen.append(state[i])
        state[i] = state[i] + seen[0]
    return np.sum(seen[0] * seen[1] * state[0] * state[1])


def shared_value(x, w):
    state = [x[0], x[1]]
    for i in range(2):
        state[1 - i] = state[i]
        state[i] = state[i] * w[i] + state[1 - i]
    return np.sum(state[0] * state[1])


def of_any_shape(x, w):
    state = [x[0], x[:2], x]
    for i in range(3):
        state[i] = state[i] * w[0]
        state[i] = np.exp(state[i])
    return np.sum(state[0]) + np.sum(state[1] ** 2) + np.sum(state[2] * x)


def of_numbers_and_arrays(x, w):
    state = [x[0], 1.0]
    for i in range(2):
        state[i] = state[i] * w[i, 1]
        state[i] = state[i] * state[1 - i]
    return np.sum(state[0] + state[1])


def other_index(x, w):
    state = [x[t] * 2.0 for t in range(4)]
    for t in range(3):
        state[t] = np.sin(state[t + 1]) * w[0]
        state[t + 1] = state[t] * state[t]
    return np.sum(state[0] * state[3])


def numbers_that_become_arrays(x, w):
    state = [0.0, 0.0]
    state[0] = w[0, 0] * 2
    for i in range(2):
        state[i] = state[i - 1] * x[i]
    return np.sum(state[1] ** 2)


def rows_that_become_matrices(x, w):
    state = [None, None]
    for i in range(2):
        state[i] = w[i] * 2
    for i in range(2):
        state[i] = state[i - 1] * x + state[i]
    return np.sum(state[1] ** 2)


def of_a_dict(x, w):
    state = {}
    for i in range(2):
        state[i] = w[i, 1] * 2
    for i in range(2):
        state[i] = state[i] * w[i, 1]
        state[i] = state[i] * x[i] * state[1 - i]
    return np.sum(state[0] + state[1])


def of_text_keys(x, w):
    state = {"a": 2.0 * w[0, 0], "b": w[1, 1]}
    for key in state:
        state[key] = state[key] * state[key]
        state[key] = state[key] * x[0]
    return np.sum(state["a"] * state["b"])


PROGRAMS = [
    numbers_that_become_arrays, rows_that_become_matrices, of_a_dict, of_text_keys,
    cells, numbers, growing, rows_of_rows, two_names, put_elsewhere, shared_value, of_any_shape,
    of_numbers_and_arrays, other_index,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
@pytest.mark.parametrize("optimize", [2, "2 -first_items"])
def test_gradients(program, optimize):
    args = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 3))
    found = grad(program, (0, 1), optimize=optimize)(*args)
    for part, expected in zip(found, central_differences(program, args, (0, 1)), strict=True):
        assert_near(part, expected, 1e-6, 1e-8)


def test_text():
    args = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 3))
    text = grad(cells, (0, 1)).lower(*args).source
    assert "accumulate" not in text
    assert text.count("state_bar[i] = ") == 1
    assert "accumulate" in grad(cells, (0, 1), optimize="2 -first_items").lower(*args).source


def layers(params, x):
    h = x
    for w, b in params[:-1]:
        h = np.tanh(h @ w + b)
    w, b = params[-1]
    return np.sum((h @ w + b) ** 2)


def test_names_that_the_loop_shares_with_what_follows():
    sizes = (3, 4), (4, 4), (4, 2)
    params = [(RNG.normal(size=s), RNG.normal(size=s[1:])) for s in sizes]
    args = params, RNG.normal(size=(5, 3))
    text = grad(layers).lower(*args).source
    assert "accumulate" not in text
    assert "zeros_like" not in text
    found, (expected,) = grad(layers)(*args), central_differences(layers, args, (0,))
    for pair, wanted in zip(found, expected, strict=True):
        assert_near(pair[0], wanted[0], 1e-6, 1e-8)
        assert_near(pair[1], wanted[1], 1e-6, 1e-8)


def largest_doubled(x):
    y = x[0].copy()
    place = max(range(len(y)), key=lambda i: y[i])
    y[place] = 2.0 * y[0]
    y[list(range(1, 3))[place - 1]] += y[1]
    return np.sum(y * y)


def test_items_of_ranges_are_integers():
    x = RNG.normal(size=(2, 3))
    text = grad(largest_doubled).lower(x).source
    assert "def accumulate" not in text
    assert "part_or_kept" not in text
    np.testing.assert_allclose(
        grad(largest_doubled)(x), central_differences(largest_doubled, (x,), (0,))[0], 1e-6, 1e-8
    )


def test_forward_and_reverse():
    check_grads(cells, (RNG.normal(size=(4, 3)), RNG.normal(size=(2, 3))))
