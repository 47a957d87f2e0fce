"""Extrema of rows: their adjoint is multiplied and summed up by the places where they are."""

import numpy as np
import pytest

from srcgrad import grad, jvp, value_and_grad
from srcgrad.check import check_grads
from srcgrad.support_selection import extremum_places, first_places

RNG = np.random.default_rng()


def _clear(points, centres):
    """Whether no extremum of a program below is near a tie: differences would step across it."""
    scores = points @ centres.T
    squares = np.sum((points[:, None] - centres) ** 2, axis=2)
    read = scores, scores.T, scores + centres[:, 0], np.sin(points) @ centres.T, squares
    ordered = [np.sort(x, axis=1) for x in read]
    return min(np.diff(x[:, ends]).min() for x in ordered for ends in ([0, 1], [-2, -1])) > 1e-3


def _drawn():
    while True:
        points, centres = RNG.normal(size=(30, 3)), RNG.normal(size=(40, 3))
        if _clear(points, centres) and _clear(points, centres[:4]):
            return points, centres


POINTS, CENTRES = _drawn()


def nearest(points, centres):
    squares = np.sum(points**2, axis=1)[:, None] + np.sum(centres**2, axis=1)
    return np.sum(np.min(squares - 2.0 * (points @ centres.T), axis=1))


def scored(points, centres):
    best = np.max(points @ centres.T + centres[:, 0], axis=-1)
    return np.sum(np.exp(0.1 * best) * np.arange(len(best)))


def twice(points, centres):
    a = np.max(points @ centres.T, axis=1)
    b = np.min(np.sin(points) @ centres.T, axis=1)
    return np.sum(a * b)


def read_whole(points, centres):
    scores = np.tanh(points @ centres.T)
    return np.sum(np.max(scores, axis=1))


def columns(points, centres):
    return np.sum(np.max(points @ centres.T, axis=0))


def two_ends(points, centres):
    scores = points @ centres.T
    return np.sum(np.max(scores, axis=1) - np.min(scores, axis=1))


def in_a_loop(points, centres):
    total = 0.0
    for step in range(3):
        best = np.max((step + 1.0) * points @ centres.T, axis=1)
        total += np.sum(best**2)
    return total


PLACED = [nearest, scored, twice]
WHOLE = [read_whole, columns, two_ends]


@pytest.mark.parametrize("wrt", [0, 1, (0, 1)], ids=str)
@pytest.mark.parametrize("few", [False, True], ids=["many", "few"])
@pytest.mark.parametrize("program", [*PLACED, *WHOLE, in_a_loop], ids=lambda f: f.__name__)
def test_gradients(program, wrt, few):
    args = POINTS, CENTRES[:4] if few else CENTRES
    check_grads(program, args, argnums=wrt, order=2)
    text = grad(program, wrt).lower(*args).source
    assert program is in_a_loop or ("extremum_places" in text) == (program in PLACED)
    assert program is in_a_loop or ("first_places" in text) == (program is nearest)
    whole = grad(program, wrt, optimize="2 -place_extrema").lower(*args).source
    assert "extremum_places" not in whole


@pytest.mark.parametrize("program", PLACED, ids=lambda f: f.__name__)
def test_ties_share(program):
    points, centres = np.round(POINTS), np.round(CENTRES)
    points[3], centres[5:9] = 0.0, centres[4]
    for wrt in 0, 1:
        whole = grad(program, wrt, optimize="2 -place_extrema")(points, centres)
        found = grad(program, wrt)(points, centres)
        np.testing.assert_allclose(found, whole, rtol=1e-12, atol=1e-12)


def test_a_row_that_is_no_number_gives_nothing():
    points = POINTS.copy()
    points[2] = np.nan
    found = grad(lambda c: np.sum(np.max(POINTS @ c.T, axis=1)))(CENTRES)
    assert np.isfinite(found).all()
    placed, whole = (
        grad(scored, 0, optimize=level)(points, CENTRES) for level in ("2", "2 -place_extrema")
    )
    np.testing.assert_allclose(np.delete(placed, 2, 0), np.delete(whole, 2, 0))


@pytest.mark.parametrize("end", [np.min, np.max])
@pytest.mark.parametrize("ties", ["none", "some", "one and no number", "no number", "ends"])
def test_places_by_the_first_of_each_row(end, ties):
    """As by the extrema: all of a tie, in equal parts, and nothing of what is no number."""
    x = RNG.normal(size=(50, 9))
    if ties == "some":
        x = np.round(x)
        x[4], x[5] = 0.0, -0.0
    if ties == "one and no number":  # as many places as rows
        x[3, 2], x[7, [1, 4]] = np.nan, end(x[7])
    if ties == "no number":
        x[3], x[5, 0] = np.nan, np.nan
    if ties == "ends":
        x[RNG.random(x.shape) < 0.3] = np.inf
        x[8], x[9] = -np.inf, np.inf
    first = (np.argmin if end is np.min else np.argmax)(x, axis=1)
    expected = extremum_places(x, end(x, axis=1))
    for a, b in zip(first_places(x, first), expected, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype

    def f(a, b):
        return np.sum(end(a @ b.T, axis=1))

    with np.errstate(all="ignore"):
        b = np.eye(9)
        x[~np.isfinite(x)] = 7.0 if end is np.max else -7.0
        found, whole = (grad(f, (0, 1), optimize=o)(x, b) for o in ("2", "2 -place_extrema"))
    for one, other in zip(found, whole, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-13)


def test_places_are_found_by_the_extrema_where_these_are_read():
    text = value_and_grad(nearest, 1).lower(POINTS, CENTRES).source
    assert "extremum_places(" in text and "first_places" not in text and "argmin" not in text
    text = grad(nearest, 1).lower(POINTS, CENTRES).source
    assert "np.argmin(" in text and "= np.min(" not in text
    assert "def columns(" not in text  # a variable of the helpers has that name

    def turned(points, centres):
        return np.sum(np.min((centres @ points.T).T, axis=1))

    assert "np.argmin(" not in grad(turned).lower(POINTS, CENTRES).source
    check_grads(turned, (POINTS, CENTRES))


def test_no_rows():
    assert grad(nearest, 1)(POINTS[:0], CENTRES).tolist() == np.zeros_like(CENTRES).tolist()


def test_products_with_hessians_look_for_places_once():
    product = jvp(grad(nearest, 1), (POINTS, CENTRES), (None, np.ones_like(CENTRES)))[1]
    counts = np.bincount(
        np.argmin(np.sum((POINTS[:, None] - CENTRES) ** 2, axis=2), axis=1), minlength=40
    )
    np.testing.assert_allclose(product, np.repeat(2.0 * counts[:, None], 3, axis=1))
