"""Sums of many short rows: the same values to the bit, in the program's own statements too."""

import numpy as np
import pytest

from srcgrad import check_grads, grad, jvp, transform, value_and_grad
from srcgrad.ir import values
from srcgrad.optimize import sum_rows
from srcgrad.support_selection import row_sums

RNG = np.random.default_rng()
WITHOUT = "2 -sum_rows"
SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 1e300, -1e300, 5e-324, 1e-17]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows", [0, 1, 2, 7, 100, 3001, 20_000])
@pytest.mark.parametrize("width", range(1, 8))
def test_sums_to_the_bit(dtype, rows, width):
    """The number of elements below which NumPy adds in order is eight."""
    x = RNG.normal(size=(rows, width + 3)) * 10.0 ** RNG.integers(-9, 9, size=(rows, width + 3))
    chosen = RNG.random(x.shape) < 0.1
    x[chosen] = RNG.choice(SPECIAL, chosen.sum())
    with np.errstate(all="ignore"):
        x = x.astype(dtype)
        part = x[:, 1 : 1 + width]
        forms = [np.ascontiguousarray(part), np.asfortranarray(part), part, part[::-1], part[::2]]
        forms += [
            part[:, ::-1],
            x.T.copy()[1 : 1 + width].T,
            np.broadcast_to(part[:, :1], part.shape),
        ]
        forms.append(np.where(RNG.random(part.shape) < 0.9, dtype(-0.0), part))
        for form in forms:
            expected, found = np.sum(form, axis=1), row_sums(form)
            known = ~np.isnan(expected)  # bits of what is no number are nowhere promised
            np.testing.assert_array_equal(known, ~np.isnan(found))
            assert found.dtype == dtype and found.shape == expected.shape
            assert found[known].tobytes() == expected[known].tobytes()
            np.testing.assert_array_equal(row_sums(form, keepdims=True)[:, 0], found)


@pytest.fixture
def few_are_many(monkeypatch):
    """Every array counts as large, so that differences are quick."""
    monkeypatch.setattr(values, "LARGE", 1)
    monkeypatch.setattr(sum_rows, "MANY", 2)


def lengths(x, y):
    return np.sum(np.sqrt(np.sum(x * x, axis=1, keepdims=True)) * y)


def spelled_in_other_ways(x, y):
    a = np.exp(x).sum(axis=-1)
    b = np.sin(x * y).sum(1, keepdims=False)
    return np.sum(a * b * np.sum(y, 1))


def written_into(x, y):
    total = np.sum(x, axis=1)
    total[1:] *= total[:-1]
    out = np.sum(y, axis=1, keepdims=True)
    out += total[:, None]
    return np.sum(np.exp(0.1 * out)) + np.sum(total**2)


def in_a_loop(x, y):
    for _ in range(3):
        x = x / (1.0 + np.sum(x * y, axis=1, keepdims=True) ** 2)
    return np.sum(x * x)


PROGRAMS = [lengths, spelled_in_other_ways, written_into, in_a_loop]


@pytest.mark.parametrize("f", PROGRAMS)
@pytest.mark.parametrize("width", [2, 3, 5])
def test_programs(few_are_many, f, width):
    x, y = RNG.normal(size=(2, 9, width))
    given = value_and_grad(f, (0, 1)).lower(x, y)
    assert "row_sums(" in given.source
    value, _ = given.function(x.copy(), y.copy())
    assert value == f(x.copy(), y.copy())  # to the bit
    check_grads(f, (x, y), argnums=(0, 1), order=2)
    expected = grad(f, (0, 1), optimize=WITHOUT)(x, y)
    for a, b in zip(grad(f, (0, 1))(x, y), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_other_orders(few_are_many):
    x, y = RNG.normal(size=(2, 9, 3))
    for order in "CF":
        a, b = np.asarray(x, order=order), np.asarray(y, order=order)
        value, x_bar = value_and_grad(lengths)(a, b)
        assert value == lengths(a, b)
        np.testing.assert_allclose(x_bar, grad(lengths, optimize=WITHOUT)(x, y), rtol=1e-13)
    tangent = jvp(lengths, (x, y), (y, x))[1]
    np.testing.assert_allclose(
        tangent, np.sum(grad(lengths)(x, y) * y) + np.sum(grad(lengths, 1)(x, y) * x)
    )


def test_single_precision_and_none(few_are_many):
    x, y = (a.astype(np.float32) for a in RNG.normal(size=(2, 9, 3)))
    assert grad(lengths)(x, y).dtype == np.float32
    assert grad(written_into)(np.ones((0, 3)), np.ones((0, 3))).shape == (0, 3)


def test_long_rows_other_axes_and_stacks_stay(few_are_many):
    def others(x):
        return np.sum(np.exp(np.sum(x, axis=0))) + np.sum(np.exp(np.sum(x[:, :1], axis=1)))

    def kept(x):
        return np.sum(np.exp(np.sum(x, axis=1)))

    x = RNG.normal(size=(9, 3))
    assert "row_sums(" not in grad(others).lower(x).source
    assert "row_sums(" not in grad(kept).lower(RNG.normal(size=(9, 6))).source
    assert "row_sums(" not in grad(kept).lower(RNG.normal(size=(9, 3, 3))).source
    assert "row_sums(" not in grad(kept).lower(np.ones((9, 3), dtype=complex).real.tolist()).source
    assert "row_sums(" in grad(kept).lower(x).source
    assert "row_sums(" not in grad(kept, optimize=WITHOUT).lower(x).source
    assert "row_sums(" not in grad(kept, optimize=1).lower(x).source


def test_few_rows_stay():
    def f(x):
        return np.sum(np.exp(np.sum(x, axis=1)))

    assert "row_sums(" not in grad(f).lower(np.ones((100, 3))).source
    assert "row_sums(" in grad(f).lower(np.ones((2000, 3))).source


def test_the_text_is_differentiated_again(few_are_many):
    """In a new text, and by the one that was made."""
    x, y = RNG.normal(size=(2, 9, 3))
    text = grad(lengths).lower(x, y).source
    namespace = {}
    exec(transform(text, functions=["lengths_grad"], wrt="x", mode="jvp"), namespace)
    zero = np.zeros_like(y)
    found = namespace["lengths_grad_jvp"](x, y, y)[1]
    expected = jvp(grad(lengths, optimize=0), (x, y), (y, zero))[1]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(jvp(grad(lengths), (x, y), (y, zero))[1], expected, rtol=1e-9)
