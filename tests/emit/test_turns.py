"""Loops joined with their adjoints: where turns are independent, and nowhere else."""

import random

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, transform, value_and_grad
from srcgrad.check import check_grads
from tests.emit.turns import made, program

RNG = np.random.default_rng()
WITHOUT = "2 -fuse_sweeps"
MARK = "        # forward\n"


def samples(x, w):
    total = 0.0
    for i in range(x.shape[0]):
        y = np.tanh(w * x[i])
        z = np.exp(y) * y
        total += np.sum(z * z)
    return total / x.shape[0]


def pairs(x, w):
    total = 0.0
    for row, scale in zip(x, w, strict=False):
        r = np.sin(row) * scale
        if r[0] > 0.0:
            e = np.sinh(r) * r
            total += np.sum(e)
        else:
            e = r * r * np.cos(r)
        total -= np.sum(e)
    return total


def windows(x, w):
    total = 0.0
    for i in range(1, 4):
        y = np.sin(x[i - 1 : i + 1]) * w
        total += np.sum(y**3)
    return total


def recurrences_within(x, w):
    total = 0.0
    for i in range(x.shape[0]):
        a = x[i, 0]
        for k in range(3):
            a = np.sin(a) * w[k] + x[i, k]
        total += a * a
    return total


def rows_of_a_table(x, w):
    out = np.zeros(x.shape[0])
    total = 0.0
    for i in range(x.shape[0]):
        out[i] = np.sum(np.exp(x[i]) * w)
        total += out[i] * out[i]
    return total


def one_after_the_other(x, w):
    s = 0.0
    for i in range(4):
        s += np.sum(np.sin(x[i]) * w)
    t = 0.0
    for i in range(4):
        t += np.exp(0.1 * s) * np.sum(x[i] ** 3)
    return t


# One turn needs another one, or what is between the loops needs all of them.


def carried(x, w):
    a = w[0]
    total = 0.0
    for i in range(4):
        a = np.sin(a) * x[i, 0]
        total += a * a
    return total


def reads_the_row_before(x, w):
    x = x * 1.0
    total = 0.0
    for i in range(1, 4):
        x[i] = x[i] * x[i - 1] * w
        total += np.sum(x[i])
    return total


def twice_the_same_row(x, w):
    s = np.zeros(4)
    total = 0.0
    for i in range(-2, 2):
        s[i] = s[i] + np.sum(x[i] * w)
        total += s[i] * s[i]
    return total


def all_rows_seen_through_a_view(x, w):
    x = x * w
    v = x[:, 0]
    total = 0.0
    for i in range(4):
        x[i] = x[i] ** 2
        total += np.sum(np.sin(v) * v)
    return total


def sum_of_squares_of_all(x, w):
    out = np.zeros(4)
    for i in range(4):
        out[i] = np.sum(np.sin(x[i]) * w)
    return np.sum(out * out)


def the_sum_so_far(x, w):
    total = 1.0
    for i in range(4):
        y = np.exp(0.1 * np.sum(x[i] * w))
        total += y * y * total
    return total


def left_early(x, w):
    total = 0.0
    for i in range(4):
        y = np.exp(x[i] * w)
        if y[0] > 1.5:
            break
        total += np.sum(y * y)
    return total


def as_it_was_before(x, w):
    y = x[0] * w
    total = np.sum(y * y)
    for i in range(4):
        y = np.exp(x[i])
        total += np.sum(y * y)
    z = y * y
    return total + np.sum(z * z)


JOINED = [samples, pairs, windows, recurrences_within, rows_of_a_table]
APART = [
    carried, reads_the_row_before, twice_the_same_row, all_rows_seen_through_a_view,
    sum_of_squares_of_all, the_sum_so_far, left_early, as_it_was_before,
]  # fmt: skip


def arguments():
    return RNG.normal(size=(4, 3)), RNG.normal(size=3)


def same(found, expected):
    if isinstance(found, tuple):
        for a, b in zip(found, expected, strict=True):
            same(a, b)
        return
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    "function", [*JOINED, one_after_the_other, *APART], ids=lambda f: f.__name__
)
def test_gradients(function):
    args = arguments()
    check_grads(function, args, argnums=(0, 1), order=2)
    same(grad(function, (0, 1))(*args), grad(function, (0, 1), optimize=WITHOUT)(*args))


@pytest.mark.parametrize("function", JOINED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("make", [grad, value_and_grad])
def test_one_loop(function, make):
    text = make(function, (0, 1)).lower(*arguments()).source
    assert MARK in text
    assert "reversed" not in text.split(MARK)[0]
    assert MARK not in make(function, (0, 1), optimize=WITHOUT).lower(*arguments()).source


@pytest.mark.parametrize("function", APART, ids=lambda f: f.__name__)
def test_two_loops(function):
    assert MARK not in grad(function, (0, 1)).lower(*arguments()).source


def test_what_needs_the_whole_sum_stays_between():
    """The first loop has to be done before any turn of the second: only that one is joined."""
    text = grad(one_after_the_other, (0, 1)).lower(*arguments()).source
    first, second, third = (text.index(t) for t in ("s += ", MARK, "reversed("))
    assert first < second < third
    assert text.count(MARK) == text.count("reversed(") == 1


def test_nothing_is_recorded():
    text = grad(samples, (0, 1)).lower(*arguments()).source
    assert "tape" not in text
    assert "    for i in range(x.shape[0]):\n        # forward\n        y = np.tanh(" in text
    assert "        # backward\n        # :" in text


def test_ahead_of_time():
    text = (
        "import numpy as np\n\n\ndef f(x, w):\n    total = 0.0\n    for i in range(len(x)):\n"
        "        y = np.tanh(w * x[i])\n        total = total + np.sum(y * y)\n    return total\n"
    )
    found = transform(text, functions=["f"], wrt=["x", "w"])
    names = {}
    exec(found, names)
    args = arguments()
    same(names["f_grad"](*args), grad(made(text), (0, 1), optimize=WITHOUT)(*args))


@pytest.mark.filterwarnings("ignore:(overflow|invalid value):RuntimeWarning")  # in both
@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("number", range(40))
def test_random_loops(number, guarded):
    """Some of these loops can be joined, most of them cannot."""
    x, w = RNG.normal(size=(5, 3)), RNG.normal(size=3)
    for _ in range(3):  # one or two in a thousand are refused: views of what changes
        seed = int(RNG.integers(1 << 30))
        f = made(program(random.Random(seed), guarded))
        try:
            expected = value_and_grad(f, (0, 1), optimize=WITHOUT)(x, w)
            break
        except UnsupportedError as error:
            assert "memory it may share was written" in str(error)
    found = value_and_grad(f, (0, 1))(x, w)
    for a, b in zip((found[0], *found[1]), (expected[0], *expected[1]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8 * np.max(np.abs(b)), err_msg=seed)


# Loops in branches: the branches of the two sweeps become one.


def with_a_way_out(x, w):
    if x.shape[0] < 2:
        return 0.0
    total = 0.0
    for row in x:
        total += np.sum(np.tanh(row * w) ** 2)
    return total


def one_of_two(x, w):
    total = 0.0
    if x[0, 0] > 0.0:
        for row in x:
            total += np.sum(np.tanh(row) ** 2)
    else:
        for i in range(x.shape[0]):
            total -= np.sum(np.sin(x[i] * w) ** 3)
    return total


def within_another(x, w):
    total = 0.0
    if len(x) > 1:
        scale = np.sum(w)
        if len(x) > 3:
            for row in x:
                total += scale * np.sum(np.tanh(row) ** 2)
    return total * 2.0


def by_a_number_that_is_counted(x, w):
    total, k = 0.0, 0
    if k < 1:
        for row in x:
            total += np.sum(np.tanh(row * w))
            k += 1
    if k > 2:
        total = total * 2.0
    return total


def by_what_is_overwritten(x, w):
    y = x * 1.0
    total = 0.0
    if y[0, 0] > 0.0:
        for i in range(1, x.shape[0]):
            total += np.sum(np.tanh(y[i] * w))
    y[0] = -y[0]
    return total + np.sum(y * y)


BRANCHES = [with_a_way_out, one_of_two, within_another]


@pytest.mark.parametrize(
    "function",
    [*BRANCHES, by_a_number_that_is_counted, by_what_is_overwritten],
    ids=lambda f: f.__name__,
)
def test_gradients_of_branches(function):
    for sign in 1.0, -1.0:
        x, w = arguments()
        x[0, 0] = sign * abs(x[0, 0])
        check_grads(function, (x, w), argnums=(0, 1), order=2)
        same(grad(function, (0, 1))(x, w), grad(function, (0, 1), optimize=WITHOUT)(x, w))
    x = x[:1]
    same(grad(function, (0, 1))(x, w), grad(function, (0, 1), optimize=WITHOUT)(x, w))


@pytest.mark.parametrize("function", BRANCHES, ids=lambda f: f.__name__)
def test_loops_of_branches_are_joined(function):
    text = grad(function, (0, 1)).lower(*arguments()).source
    assert "        # forward\n" in text
    assert "tape" not in text
    assert "tape" in grad(function, (0, 1), optimize=WITHOUT).lower(*arguments()).source


def test_a_test_that_goes_another_way_later_is_not_asked_again():
    text = grad(by_what_is_overwritten, (0, 1)).lower(*arguments()).source
    assert "tape" in text
