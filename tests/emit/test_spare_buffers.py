"""Arrays take memory of their shape that nothing reads any more, and change nothing by it."""

import numpy as np
import pytest

from srcgrad import grad, value_and_grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()
WITHOUT = "2 -spare_buffers"

pytestmark = pytest.mark.usefixtures("small_arrays_too")


def shares(x, w):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum(w * (e / np.sum(e, axis=1, keepdims=True)))


def normed(x, w):
    centred = x - np.mean(x, axis=1, keepdims=True)
    spread = np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + 0.1)
    return np.sum(w * (centred / spread) ** 2)


def directed(x, w):
    axis = x / np.sqrt(np.sum(x * x, axis=1, keepdims=True))
    return np.sum(axis * w * axis)


SPARED = [shares, normed]


def shares_that_are_kept(x, w):
    e = np.exp(x)
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.sum(w * p), p


def shares_read_by_others(x, w):
    e = np.exp(x)
    p = e / np.sum(e, axis=1, keepdims=True)
    rows = p[1:]
    return np.sum(w * p) + np.sum(rows * x[1:] * rows)


def shares_in_a_loop(x, w):
    y = x * 1.0
    for _ in range(3):
        e = np.exp(y)
        y = w * (e / np.sum(e, axis=1, keepdims=True))
    return np.sum(y * y)


def shares_under_two_names(x, w):
    e = np.exp(x)
    p = e / np.sum(e, axis=1, keepdims=True)
    same = p
    return np.sum(w * p) + np.sum(same * same)


HELD = [directed, shares_read_by_others, shares_in_a_loop, shares_under_two_names]


def arguments():
    return RNG.normal(size=(4, 5)), RNG.normal(size=(4, 5))


@pytest.mark.parametrize("program", [*SPARED, *HELD], ids=lambda f: f.__name__)
def test_gradients(program):
    check_grads(program, arguments(), argnums=(0, 1), order=2)


@pytest.mark.parametrize("program", [*SPARED, *HELD], ids=lambda f: f.__name__)
def test_the_same_numbers_as_without(program):
    args = arguments()
    kept = [arg.copy() for arg in args]
    for wrt in 0, 1, (0, 1):
        value, found = value_and_grad(program, wrt)(*args)
        expected = value_and_grad(program, wrt, optimize=WITHOUT)(*args)
        assert value == expected[0]
        for a, b in zip((*found, *args), (*expected[1], *kept), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("program", SPARED, ids=lambda f: f.__name__)
def test_memory_is_taken(program):
    found, expected = (
        grad(program, optimize=said).lower(*arguments()).source.count("out=")
        for said in (None, WITHOUT)
    )
    assert found > expected


def test_what_is_given_back_is_not_taken():
    x, w = arguments()
    found = value_and_grad(shares_that_are_kept, has_aux=True)(x, w)
    expected = value_and_grad(shares_that_are_kept, has_aux=True, optimize=0)(x, w)
    np.testing.assert_array_equal(found[0][1], expected[0][1])
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-13, atol=1e-15)


def test_memory_is_given_to_one_array_only():
    """Both quotients are made in one statement, after the last read of `p`."""

    def f(x, w, v):
        e = np.exp(x)
        total = np.sum(e, axis=1, keepdims=True)
        p, q = e / total, e / np.sqrt(total)
        return np.sum(w * p + v * q + w * p * v * q)

    args = (*arguments(), RNG.normal(size=(4, 5)))
    check_grads(f, args, argnums=(0, 1, 2), order=2)


def test_lengths_that_may_differ():
    """`p` has as many axes as what is made after it, and no more is known of them."""

    def f(x, w):
        p = np.exp(x)
        q = p / np.sum(p, axis=1, keepdims=True)
        r = w * np.sum(q * q)
        return np.sum(r / np.sum(r * r, axis=0, keepdims=True))

    for shape in (4, 5), (5, 4), (3, 2):
        args = RNG.normal(size=(4, 5)), RNG.normal(size=shape)
        check_grads(f, args, argnums=(0, 1), order=1)


def test_shapes_that_do_not_fit_are_an_error():
    x, w = arguments()
    df = grad(shares)
    df(x, w)
    with pytest.raises(ValueError):
        df(x, w[:3])
    with pytest.raises(ValueError):
        df(x, w[:, :3])


def test_orders_of_memory():
    x, w = arguments()
    for one, two in (x.T.copy().T, w), (x, np.asfortranarray(w)), (x[::-1, ::-1], w[:, ::-1]):
        found, expected = (grad(shares, optimize=said)(one, two) for said in (None, 0))
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)
