"""Products of arrays in the text: factors at the smaller operand, sums without the product."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def rows(x, y):
    return np.sum(np.sum(x**2, axis=1) * y)


def scaled(x, c):
    return np.sum(c * np.sum(x**2))


def centred(x, m, w):
    z = (x - m[:, None, :]) * w[:, None, :]
    return np.sum(z * z * x)


def kept(x, s):
    m = s[:, None, :]
    return np.sum(x * np.exp(m * x))


def distances(x, y):
    squares = np.sum(y**2, axis=1)[:, None] - 2.0 * (y @ x.T)
    return np.sum(np.min(squares, axis=0))


def vectors(x, y):
    return np.sum((2.0 * (x @ y)) ** 2) + np.sum(4.0 * (y @ x.T @ x))


def whole(x, y):
    return np.sum(x * y * y)


CASES = {
    rows: (RNG.normal(size=(3, 4)), RNG.normal(size=3)),
    scaled: (RNG.normal(size=(3, 4)), 1.5),
    centred: (RNG.normal(size=(5, 4)), RNG.normal(size=(2, 4)), RNG.normal(size=(2, 4))),
    kept: (RNG.normal(size=(2, 5, 4)), RNG.normal(size=(2, 4))),
    distances: (RNG.normal(size=(3, 4)), RNG.normal(size=(5, 4))),
    vectors: (RNG.normal(size=(3, 4)), RNG.normal(size=4)),
    whole: (RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))),
}
TEXTS = {  # with the pass, without it
    (rows, "fold_factors"): ("np.expand_dims(2 * y, 1) * x", "np.expand_dims(y, 1) * (2 * x)"),
    (scaled, "fold_factors"): ("2 * c * x", "c * (2 * x)"),
    (distances, "fold_factors"): ("-2.0 * (squares_bar.T @ y)", "(-(squares_bar * 2.0)).T @ y"),
    (centred, "sum_products"): ('np.einsum("ijk,ijk->ik", z_bar, ', "np.sum(z_bar * "),
    (kept, "sum_products"): ('np.einsum("ijk,ijk->ik", ', "np.sum("),
}


@pytest.mark.parametrize("program", CASES, ids=lambda program: program.__name__)
def test_derivatives(program):
    args = CASES[program]
    check_grads(program, args)
    stretched = [np.ones((1, *a.shape[1:])) if np.ndim(a) > 2 else a for a in args]
    check_grads(program, tuple(stretched))


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row[0].__name__)
def test_texts(row):
    program, name = row
    wrt = 0 if program is distances else tuple(range(len(CASES[program])))
    new, old = TEXTS[row]
    assert new in grad(program, wrt).lower(*CASES[program]).source
    text = grad(program, wrt, optimize=f"2 -{name}").lower(*CASES[program]).source
    assert old in text and new not in text


def test_integers_are_summed_as_before():
    """`np.einsum` of masks would be a disjunction."""

    def masked(x, keep):
        return np.sum(np.sum(x[:, None] * (keep * keep), axis=0) ** 2)

    check_grads(masked, (RNG.normal(size=3), RNG.integers(0, 3, size=(3, 4))), modes=("reverse",))
