"""Sums of products of matrices as products of sums, and stacks of matrices that are turned."""

import numpy as np
import pytest

from srcgrad import check_grads, grad, vjp

RNG = np.random.default_rng()
WITHOUT = "2 -sum_terms"


def centred(x, m, W):
    """The columns of x without m, turned."""
    z = (x - m) @ W
    return np.sum(np.tanh(z) ** 2)


def stacks(x, m, W):
    z = x[None] - m[:, None, :]
    y = W[:, None, :] * z + z @ np.sin(W)[:, :, None] * z
    return np.sum(np.exp(-0.1 * y**2))


def by_columns(x, m, W):
    y = W.T @ (x.T + m[:, None])
    return np.sum(np.sin(y))


def subtracted(x, m, W):
    u = x - m
    return np.sum(np.cos(u @ W)) - np.sum(np.exp(0.1 * u * W[0, 0])) - np.sum((2.0 * u) @ W[:, :2])


def with_a_square(x, m, W):
    u = x + m
    return np.sum(np.tanh(u @ W)) + np.sum(u**2)


def read_twice(x, m, W):
    """The adjoint of u is that of x as well."""
    u = np.sin(x) - m
    return np.sum(np.tanh(u @ W))


def in_a_loop(x, m, W):
    total = 0.0
    for k in range(3):
        u = x * (k + 1.0) - m
        total += np.sum(np.tanh(u @ W))
        m = m * 0.5
    return total


def written_into(x, m, W):
    u = x - m
    z = u @ W
    z[1:] *= z[:-1]
    z += u @ W
    return np.sum(np.tanh(0.3 * z))


def added_in_place(x, m, W):
    """What the product's adjoint is taken from goes on as another one's, and is added to."""
    u = x - m
    z = u @ W
    y = z + np.sin(z)
    w = y + x @ W
    return np.sum(w * np.tanh(y)) + np.sum(np.exp(-z))


def turned(x, m, W):
    z = (x - m) @ W.T
    return np.sum(np.tanh(z) ** 3)


PROGRAMS = [centred, by_columns, subtracted, with_a_square, read_twice, in_a_loop, written_into]
PROGRAMS += [added_in_place, turned]
WRT = [0, 1, 2, (1, 2), (0, 1, 2)]


@pytest.mark.parametrize("wrt", WRT, ids=str)
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_programs(f, wrt):
    args = RNG.normal(size=(5, 4)), RNG.normal(size=4), RNG.normal(size=(4, 4))
    check_grads(f, args, argnums=wrt, order=2)
    found, expected = grad(f, wrt)(*args), grad(f, wrt, optimize=WITHOUT)(*args)
    for a, b in zip(*((g,) if isinstance(wrt, int) else g for g in (found, expected)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("wrt", WRT, ids=str)
@pytest.mark.parametrize("lengths", [(3, 5, 4), (2, 1, 4), (1, 5, 4), (2, 3, 1), (2, 0, 3)])
def test_stacks(wrt, lengths):
    k, n, d = lengths
    args = RNG.normal(size=(n, d)), RNG.normal(size=(k, d)), RNG.normal(size=(k, d))
    check_grads(stacks, args, argnums=wrt)


def test_the_text():
    args = RNG.normal(size=(5, 4)), RNG.normal(size=4), RNG.normal(size=(4, 4))
    text = grad(centred, 1).lower(*args).source
    assert "np.sum(z_bar, axis=0, keepdims=True) @ W.T" in text or "keepdims=True) @" in text
    assert "keepdims" not in grad(centred, 1, optimize=WITHOUT).lower(*args).source
    both = grad(centred, (0, 1)).lower(*args).source
    assert "keepdims" not in both  # the product of each row is needed


def test_no_rows_give_zero():
    """Though the matrix is not finite: `0 * inf` is not added up."""
    W = np.full((4, 4), np.inf)
    found = grad(lambda m, x: np.sum((x - m) @ W))(np.ones(4), np.ones((0, 4)))
    np.testing.assert_array_equal(found, np.zeros(4))


def product(a, b):
    return np.sum(np.tanh(a @ np.swapaxes(b, 1, 2)) ** 2)


def from_the_end(a, b):
    return np.sum(np.sin(a @ np.swapaxes(b, -1, -2)) * 2.0)


def first(a, b):
    return np.sum(np.tanh(np.swapaxes(a, -2, -1) @ np.swapaxes(b, 2, 1)[:, :, :]) ** 2)


def other_axes(a, b):
    c = np.swapaxes(np.swapaxes(b, 0, 1), 0, 1)
    return np.sum(np.exp(0.1 * (a @ np.swapaxes(c, 1, 2)))) + np.sum(np.swapaxes(b, 0, 2) ** 3)


def twice(a, b):
    c = np.swapaxes(np.swapaxes(b, 1, 2), 1, 2)
    c = c * 2.0
    return np.sum(a * c) ** 2


def changed(a, b):
    c = a * 1.0
    d = np.swapaxes(c, 1, 2)
    c[:, 1:] *= c[:, :-1]
    return np.sum(np.tanh(b @ d)) + np.sum(np.swapaxes(d, 1, 2) ** 2)


@pytest.mark.parametrize("f", [product, from_the_end, other_axes, twice, changed])
@pytest.mark.parametrize("wrt", [0, 1, (0, 1)], ids=str)
def test_turned_stacks(f, wrt):
    args = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 3, 4))
    check_grads(f, args, argnums=wrt, order=2)
    bars = vjp(f, *args)[1](1.0)
    assert not any(np.shares_memory(bar, arg) for bar in bars for arg in args)
    assert not np.shares_memory(*bars)


def test_turned_stacks_of_squares():
    args = RNG.normal(size=(2, 4, 3)), RNG.normal(size=(2, 3, 4))
    check_grads(first, args, argnums=(0, 1))


def test_the_text_of_turned_stacks():
    args = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 3, 4))
    for f in product, from_the_end:
        text = grad(f, (0, 1)).lower(*args).source
        _, _, backward = text.partition("# backward")
        assert "a_bar = " in backward and " @ b\n" in backward
        assert backward.count("np.swapaxes(") == 1 + backward.count("# :")  # in the comment


@pytest.mark.parametrize("lengths", [(4, 6), (6, 4), (4, 4), (1, 5), (5, 1), (4, 0)])
def test_as_many_columns_as_another_array_has(lengths):
    """`factors[:, :d]` has d columns, or all of them."""
    d, wide = lengths

    def f(factors, x):
        d = x.shape[1]
        part = np.exp(factors[:, :d])
        return np.sum(np.sin(part[:, None, :] * x[None])) if part.shape[1] else np.sum(part)

    x, factors = RNG.normal(size=(3, d)), RNG.normal(size=(2, wide))
    try:
        f(factors, x)
    except ValueError:
        with pytest.raises(ValueError):
            grad(f, (0, 1))(factors, x)
        return
    check_grads(f, (factors, x), argnums=(0, 1))
