"""Large arrays that are read no more give their memory to others, and change nothing by it."""

import numpy as np
import pytest

from srcgrad import grad, jacrev, jvp, support_selection, transform
from srcgrad.check import check_grads

RNG = np.random.default_rng()
WITHOUT = "2 -reuse_buffers -spare_buffers"

pytestmark = pytest.mark.usefixtures("small_arrays_too")


def row_means(x, w):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum(w * (e / np.sum(e, axis=1, keepdims=True)))


def distances(x, w):
    squares = np.sum(x**2, axis=1)[:, None] + np.sum(w**2, axis=1)
    return np.sum(np.sqrt(squares - 2.0 * (x @ w.T) + 1.0))


def weighted(x, w):
    z = w * x
    return np.sum(np.sum(z**2, axis=1) ** 2)


def in_steps(x, w):
    y = x * 1.0
    for _ in range(3):
        z = np.sin(y) * w
        y = y + z / 2.0
    return np.sum(y * y)


# These read the memory, or hold it, after the operation that might take it.


def seen_through_a_view(x, w):
    z = x * w
    part = z[1:, 1:]
    y = z + 1.0
    return np.sum(y * y) + np.sum(part**3)


def kept_in_a_list(x, w):
    kept = []
    z = x * w
    for n in range(3):
        kept.append(z)
        z = z * (0.5 + n)
    return np.sum(kept[0] * kept[1]) + np.sum(z * kept[2])


def under_two_names(x, w):
    z = x * w
    same = z
    y = z * x
    return np.sum(y) + np.sum(same**2)


def read_in_a_branch(x, w):
    z = x * w
    y = z * 2.0
    if w[0, 0] > -9.0:
        y = y + z
    return np.sum(y * y)


def given_back(x, w):
    z = x * w
    y = np.transpose(z)
    return np.sum(z * x) + np.sum(y @ w)


def stored_in_a_row(x, w):
    z = x * w
    table = np.zeros((2, *x.shape))
    table[0] = z
    table[1] = z * x
    return np.sum(table**2)


REUSED = [row_means, distances, weighted]
HELD = [
    in_steps, seen_through_a_view, kept_in_a_list, under_two_names, read_in_a_branch, given_back,
    stored_in_a_row,
]  # fmt: skip


def arguments():
    return RNG.normal(size=(4, 5)), RNG.normal(size=(4, 5))


@pytest.mark.parametrize("program", [*REUSED, *HELD], ids=lambda f: f.__name__)
def test_gradients(program):
    order = 1 if program is kept_in_a_list else 2  # its adjoint takes items out of a list
    check_grads(program, arguments(), argnums=(0, 1), order=order)


@pytest.mark.parametrize("program", [*REUSED, *HELD], ids=lambda f: f.__name__)
def test_the_same_numbers_as_without(program):
    x, w = arguments()
    kept = x.copy(), w.copy()
    found = grad(program, (0, 1))(x, w)
    expected = grad(program, (0, 1), optimize=WITHOUT)(x, w)
    for a, b in zip((*found, x, w), (*expected, *kept), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("program", REUSED, ids=lambda f: f.__name__)
def test_memory_is_used_again(program):
    assert "out=" in grad(program, (0, 1)).lower(*arguments()).source
    assert "out=" not in grad(program, (0, 1), optimize=WITHOUT).lower(*arguments()).source


def test_statements_of_the_user_stay_as_they_are():
    def f(x):
        y = x * 2.0
        z = np.exp(y)
        return np.sum(z * x)

    text = grad(f).lower(RNG.normal(size=(4, 5))).source
    assert "    y = x * 2.0\n    z = np.exp(y)\n" in text


def test_what_holds_a_buffer_is_computed_before():
    """`2.0 * e` reads what the sum before it overwrites: it is no part of that expression."""

    def f(x, w):
        e = x * w
        return np.sum((e + w) * x) + np.sum(e * 2.0)

    args = arguments()
    check_grads(f, args, argnums=(0, 1))
    text = grad(f, (0, 1)).lower(*args).source
    namespace = {}
    exec(text, namespace)
    for a, b in zip(namespace["f_grad"](*args), grad(f, (0, 1), optimize=0)(*args), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_other_types_and_shapes():
    def f(x, w):
        z = w * 2.0
        y = x[:, None] * z
        return np.sum(y**2)

    x, w = RNG.normal(size=4), RNG.normal(size=5)
    check_grads(f, (x, w), argnums=(0, 1))
    narrow = grad(weighted, (0, 1))(*(arg.astype(np.float32) for arg in arguments()))
    assert [g.dtype for g in narrow] == [np.float32, np.float32]
    turned = (RNG.normal(size=(4, 5)) + 1j, RNG.normal(size=(4, 5)))
    z = jvp(lambda x, w: np.abs(np.sum(x * w * w)), turned, turned)
    assert np.isfinite(z).all()


def test_directions_and_rows():
    x, w = arguments()

    def f(x):
        z = x * w
        return np.sum(np.exp(z) * z, axis=1)

    found = jacrev(f)(x)
    columns = [(f(x + h) - f(x - h)) / 2e-6 for h in 1e-6 * np.eye(20).reshape(20, 4, 5)]
    np.testing.assert_allclose(found, np.stack(columns, -1).reshape(4, 4, 5), rtol=1e-6, atol=1e-7)


def test_sizes_that_are_small_are_left_alone(monkeypatch):
    monkeypatch.undo()

    def f(x, w):
        z = w * x
        return np.sum(np.sum(z**2, axis=1) ** 2)

    small = grad(f, (0, 1)).lower(*arguments()).source
    large = grad(f, (0, 1)).lower(RNG.normal(size=(90, 90)), RNG.normal(size=(90, 90)))
    assert "out=" not in small
    assert "out=" in large.source


def test_lengths_that_are_not_known_are_not_taken_for_large(tmp_path):
    file = tmp_path / "program.py"
    file.write_text("def f(x, w):\n    z = w * x\n    return (z * z).sum()\n")
    assert "out=" not in transform(file, functions=["f"], wrt=["x", "w"])


# What a mask lets through is multiplied by it, bit by bit.


def limited(x, w):
    z = x * w
    y = np.where(z > 0, z, 0.0)
    return np.sum(y * y * x)


def limited_below(x, w):
    return np.sum(np.where(x * w > 0.1, 0.0, np.sin(x)) * w)


def chosen(x, w):
    return np.sum(np.where(x > w, x * x, w * x))


def chosen_by_rows(x, w):
    return np.sum(np.where(x[:, :1] > 0, x * w, 0.0) ** 2)


def of_two_shapes(x, w):
    step = x[1:] - x[:-1]
    rows = np.where(step * w[1:] > 0.1, 0.0, step)
    step = x[:, 1:] - x[:, :-1]
    columns = np.where(step * w[:, 1:] > 0.1, 0.0, step)
    return np.sum(rows * rows) + np.sum(columns * w[:, 1:])


MASKED = [of_two_shapes, limited, limited_below, chosen, chosen_by_rows]


@pytest.mark.parametrize("program", MASKED, ids=lambda f: f.__name__)
def test_masks(program):
    args = arguments()
    check_grads(program, args, argnums=(0, 1), order=2)
    assert "kept_where(" in grad(program, (0, 1)).lower(*args).source
    expected = grad(program, (0, 1), optimize="2 -keep_bits")(*args)
    for a, b in zip(grad(program, (0, 1))(*args), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_masks_are_made_the_way_they_are_read():
    def named(x, w):
        mask = x > w
        return np.sum(np.where(mask, 0.0, x * w) ** 2)

    args = arguments()
    text = grad(of_two_shapes, (0, 1)).lower(*args).source
    assert text.count("~") == 2
    assert "mask = x > w" in grad(named, (0, 1)).lower(*args).source


def test_names_of_two_shapes_are_told_apart():
    text = grad(of_two_shapes, (0, 1)).lower(*arguments()).source
    assert "step_1 = x[1:] - x[:-1]" in text and "kept_where(rows_1, step_1)" in text


def test_infinite_cotangents_are_masked():
    def f(x, w):
        return np.sum(np.where(x > 0, np.sqrt(np.abs(x)), 0.0) * w)

    x, w = np.array([[0.0, 4.0, -1.0]] * 3), np.array([[np.inf, 1.0, np.nan]] * 3)
    with np.errstate(invalid="ignore"):
        found, expected = (grad(f, optimize=said)(x, w) for said in (2, 0))
    np.testing.assert_array_equal(found, expected)
    g = np.array([np.inf, -np.inf, np.nan, -2.0, 0.0, -0.0])
    for keep in (np.arange(6) % 2 == 0, np.arange(6) < 3, np.zeros(6, bool), np.ones(6, bool)):
        kept = support_selection.kept_where(keep, g)
        np.testing.assert_array_equal(kept, np.where(keep, g, 0.0))
        assert not np.signbit(kept[~keep]).any()
        assert not np.shares_memory(kept, g)


def test_masked_in_the_memory_of_what_is_read_no_more():
    def f(x, w):
        flux = np.where(x * w > 0, 0.0, x)
        return np.sum((flux[1:] - flux[:-1]) * w[1:])

    x, w = arguments()
    check_grads(f, (x, w), argnums=(0, 1))
    text = grad(f, (0, 1)).lower(x, w).source
    assert "flux_bar, out=flux_bar)" in text
    expected = grad(f, (0, 1), optimize=WITHOUT)(x, w)
    for a, b in zip(grad(f, (0, 1))(x, w), expected, strict=True):
        np.testing.assert_array_equal(a, b)
    g = np.array([np.inf, np.nan, -2.0, 0.0])
    kept = support_selection.kept_where(np.array([False, True, True, False]), g, out=g)
    assert np.shares_memory(kept, g)
    np.testing.assert_array_equal(g, [0.0, np.nan, -2.0, 0.0])


def fluxes(x, w):
    flux = x[1:] * w[1:] - x[:-1]
    out = flux[1:] - flux[:-1]
    return np.sum(out * out * w[:-2])


def filled_and_held(x, w):
    z = x * w
    part = z[1:]
    y = np.zeros_like(z)
    y[1:] = part * x[1:]
    ones = np.ones_like(z)
    return np.sum(y * y) + np.sum(part * ones[1:]) + np.sum(ones * x)


@pytest.mark.parametrize("program", [fluxes, filled_and_held], ids=lambda f: f.__name__)
def test_zeros_in_memory_that_was_used(program):
    args = arguments()
    check_grads(program, args, argnums=(0, 1), order=2)
    expected = grad(program, (0, 1), optimize=WITHOUT)(*args)
    for a, b in zip(grad(program, (0, 1))(*args), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_zeros_are_stored():
    text = grad(fluxes, (0, 1)).lower(*arguments()).source
    assert "    flux[...] = 0.0\n    flux_bar = flux\n" in text
    assert "slice(" not in text  # no index is parted from what it is for
