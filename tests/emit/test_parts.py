"""Adjoints that are filled part by part: stored into, not added to zeros."""

import numpy as np
import pytest

from srcgrad import check_grads, grad, vjp

RNG = np.random.default_rng()
WITHOUT = "2 -fill_parts"


def columns(x):
    a, b, c = x[:, :2], x[:, 2:3], x[:, 3:]
    return np.sum(np.sin(a) * b) - np.sum(c**3 * b)


def subtracted(x):
    a, b = x[:3], x[3:]
    return np.sum(np.exp(b)) - np.sum(a) * np.sum(b**2)


def difference(x):
    start, end = x[:, :3], x[:, 3:]
    y = np.exp(end - start)
    return np.sum(y * y)


def from_the_end(x):
    return np.sum(x[:-1] ** 2 * x[-1]) - np.sum(np.sin(x[-1]))


def elements(x):
    u, v, w = x[0], x[1], x[2]
    return u * v - w / v + np.sin(u)


def with_a_gap(x):
    return np.sum(np.exp(x[:, :2])) - np.sum(x[:, 3:] ** 2)


def overlapping(x):
    return np.sum(np.exp(x[:, :3])) - np.sum(x[:, 2:] ** 2) + np.sum(x[:, 4:])


def twice_the_same(x):
    a = np.sum(np.exp(x[:, :2]))
    return a * np.sum(x[:, 2:] ** 2) + np.sum(np.sin(x[:, :2]))


def mixed_axes(x):
    return np.sum(np.exp(x[:2])) - np.sum(x[2:, :3] ** 2) + np.sum(np.cos(x[2:, 3:]))


def in_steps_of_two(x):
    return np.sum(np.exp(x[::2])) - np.sum(x[1::2] ** 2)


def by_counting(x):
    n = 2
    first = np.sum(np.exp(x[:, :n]))
    n = 3
    return first * np.sum(x[:, n:] ** 2)


def in_a_loop(x):
    total = 0.0
    for k in range(3):
        y = np.sin(x * (k + 1.0))
        a, b = y[:, :2], y[:, 2:]
        total -= np.sum(a) * np.sum(b**3)
    return total


def under_a_condition(x):
    y = np.sin(x)
    if x[0, 0] > 0.0:
        return np.sum(y[:, :1] ** 2) - np.sum(y[:, 1:])
    return np.sum(y[:, :2]) * np.sum(y[:, 2:])


def written_into(x):
    y = x * 2.0
    part = y[:, :2]
    part *= y[:, 2:4]
    y[:, 2:] = np.sin(y[:, 2:])
    return np.sum(part**2) - np.sum(y[:, 2:] * y[:, :1])


def in_a_wide_one(x):
    y = np.tanh(x)
    return np.sum(y[:, :2] * y[:, 2:3]) - np.sum(y[:, 3:9] ** 2)


def joined(x):
    y = np.concatenate([x[:, 3:], x[:, :3]], axis=1)
    return np.sum(y[:, :4] ** 3) - np.sum(np.exp(y[:, 4:]))


def from_both_ends(x):
    """`x[0]` may be `x[-1]`: what is added to one of them needs zeros, or the other."""
    a, *rest, b = x
    s = 0.0
    for r in rest:
        if r > 0.4:
            s += r * a
        else:
            s -= r * a * b
    return s + a * a


PROGRAMS = [
    columns, subtracted, difference, with_a_gap, overlapping, twice_the_same, mixed_axes,
    in_steps_of_two, by_counting, in_a_loop, under_a_condition, written_into, in_a_wide_one, joined,
]  # fmt: skip
FLAT = [from_the_end, elements, from_both_ends]


@pytest.fixture(autouse=True)
def no_numbers(monkeypatch):
    """New memory holds no numbers by chance."""
    empty_like = np.empty_like

    def filled(x, *args, **kwargs):
        y = empty_like(x, *args, **kwargs)
        y[...] = np.nan
        return y

    monkeypatch.setattr(np, "empty_like", filled)


@pytest.mark.parametrize("f", [*PROGRAMS, *FLAT])
def test_programs(f):
    shapes = [(3,)] if f in FLAT else [(4, 6), (6, 6)]
    for shape in shapes:
        x = RNG.uniform(0.2, 1.5, size=shape)
        for given in x, -x:
            if f in (elements, from_both_ends) or given is x or f is under_a_condition:
                check_grads(f, (given,), order=2)
        with np.errstate(all="raise"):  # what is left in memory is not read
            np.testing.assert_allclose(grad(f)(x), grad(f, optimize=WITHOUT)(x), rtol=1e-13)


@pytest.mark.parametrize("f", PROGRAMS)
def test_short_and_empty_axes(f):
    """Slices that end behind an axis, or are empty, fill what there is."""
    for shape in [(0, 5), (4, 0), (1, 1), (2, 2), (4, 3)]:
        x = RNG.uniform(0.2, 1.5, size=shape)
        try:
            f(x)
        except (IndexError, ValueError):
            continue
        poison = np.full(shape, np.nan)  # memory that may be handed out next
        del poison
        np.testing.assert_allclose(grad(f)(x), grad(f, optimize=WITHOUT)(x), rtol=1e-13)


def test_the_text():
    x = np.ones((4, 5))
    text = grad(columns).lower(x).source
    assert "x_bar = np.empty_like(x)" in text
    assert "x_bar[:, 3:] = " in text and "x_bar[:, 2:3] = " in text and "x_bar[:, :2] = " in text
    assert "np.zeros_like" in grad(columns, optimize=WITHOUT).lower(x).source


def test_what_is_subtracted():
    text = grad(difference).lower(np.ones((5000, 6))).source  # many rows: their length is known
    assert "-=" not in text and "np.zeros_like" not in text and "x_bar[:, :3] = -" in text


@pytest.mark.parametrize("f", [with_a_gap, overlapping, mixed_axes, in_steps_of_two])
def test_zeros_stay_where_parts_do_not_fill(f):
    assert "np.empty_like" not in grad(f).lower(np.ones((6, 6))).source


def test_what_the_pullback_reads_twice():
    x = RNG.uniform(0.2, 1.5, size=(4, 5))
    _, pullback = vjp(columns, x)
    (first,), (second,) = pullback(1.0), pullback(2.0)
    np.testing.assert_allclose(second, 2.0 * first, rtol=1e-15)
    assert not np.shares_memory(first, second)


def test_single_precision():
    x = RNG.uniform(0.2, 1.5, size=(4, 5)).astype(np.float32)
    assert grad(columns)(x).dtype == np.float32
