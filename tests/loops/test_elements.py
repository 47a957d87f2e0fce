"""Elements that become variables: which do, and that they keep the type of the array."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.loops.contraction import contracted
from srcgrad.loops.fold import folded

# --- integers that are stored among floats


def stored(x, n):
    t = np.empty(x.shape[0])
    t[:] = n
    return np.sum(x * t**-1)


def stored_one_by_one(x, n):
    t = np.zeros(x.shape)
    t[1:] = n + 1
    t[0] = n
    return np.sum(x * t**-1)


def stored_by_a_mask(x, n):
    t = np.ones(x.shape)
    t[x > 0.5] = n
    return np.sum(x * t**-1)


def stored_truths(x, n):
    t = np.empty(x.shape[0])
    t[:] = x > 0.5
    return np.sum(x * (t + n) ** -1)


def converted(x, n):
    return np.sum(x * (np.arange(x.shape[0]).astype(float) + n) ** -1)


def filled(x, n):
    return np.sum(x * np.full(x.shape[0], n, dtype=float) ** -1)


def beyond_64_bits(x, n):
    t = np.empty(x.shape[0])
    t[:] = n * 2**20
    return np.sum(x * (t * t * t * t))


def one_element(x, n):
    t = np.zeros(1)
    t[0] = n
    return np.sum(x) * t[0] ** -1


INTEGERS = [stored, stored_one_by_one, stored_by_a_mask, stored_truths, converted, filled,
            beyond_64_bits, one_element]  # fmt: skip


@pytest.mark.parametrize("function", INTEGERS, ids=lambda f: f.__name__)
def test_integers_among_floats_are_floats(function) -> None:
    pytest.importorskip("numba")
    x = np.random.default_rng().random(5)
    compiled = grad(function, backend="numba")
    assert compiled.lower(x, 3).fallback is not None
    # alone: NumPy's version does not step in
    found = compiled.lower(x, 3).function.compiled(x, 3)
    np.testing.assert_allclose(found, grad(function)(x, 3), rtol=1e-14)


# --- which arrays become variables


def after(before: str) -> str:
    return ast.unparse(contracted(ast.parse(before).body, ["ii", "jj"]))


def test_an_array_of_one_element_is_a_variable() -> None:
    assert after(
        "a = np.empty(1)\na[0] = x\nb = np.zeros((1, 1))\nb[0, 0] += a[0]\ny = b[0, 0]"
    ) == ("a = x\nb = 0.0\nb += a\ny = b")


def test_an_element_that_each_turn_stores_is_a_variable() -> None:
    before = """
row = np.empty(n)
for i in range(m):
    for ii in range(n):
        row[ii] = x[i, ii]
        y[ii] += row[ii] * row[ii]
"""
    expected = """for i in range(m):
    for ii in range(n):
        row = x[i, ii]
        y[ii] += row * row"""
    assert after(before) == expected


KEPT = {
    "read before": "y[ii] += row[ii]\n        row[ii] = x[i, ii]",
    "read by its own store": "row[ii] = x[i, ii] + row[ii]",
    "added to": "row[ii] += x[i, ii]",
    "stored in some turns": "if i > 0:\n            row[ii] = 1.0\n        y[ii] += row[ii]",
    "at another place": "row[ii] = x[i, ii]\n        y[ii] += row[ii - 1]",
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT.keys())
def test_what_one_turn_leaves_to_another_stays(body: str) -> None:
    before = f"row = np.empty(n)\nfor i in range(m):\n    for ii in range(n):\n        {body}"
    assert after(before) == ast.unparse(ast.parse(before))


STAY = {
    "integers": "a = np.empty(1, np.int64)\na[0] = x\ny = a[0]",
    "seen whole": "a = np.empty(1)\na[0] = x\ny = f(a)",
    "asked for its length": "a = np.empty(1)\na[0] = x\ny = a[0] + a.shape[0]",
    "a row of it": "a = np.empty((1, 1))\na[0, 0] = x\ny = sum_of(a[0])",
    "made in two places": "a = np.empty(1)\na[0] = x\nif x > 0:\n    a = np.zeros(1)\ny = a[0]",
    "returned": "a = np.empty(1)\na[0] = x\nreturn a",
}


@pytest.mark.parametrize("before", STAY.values(), ids=STAY.keys())
def test_an_array_of_one_element_stays(before: str) -> None:
    assert after(before) == ast.unparse(ast.parse(before))


# --- second names


def test_a_second_name_is_the_first() -> None:
    body = ast.parse("a = f(x)\nb = a\ny[0] = g(b) * b\ny[1] = g(a)").body
    assert ast.unparse(folded(body, {"x"})) == "a = f(x)\ny[0] = g(a) * a\ny[1] = g(a)"


NAMES = {
    "bound again": "a = f(x)\nb = a\na = g(a)\nreturn (a, b, b)",
    "changed": "a = f(x)\nb = a\nb += 1\nreturn (a, b, a)",
    "a parameter": "b = x\nx = g(b)\nreturn (x, b, b)",
    "in a loop": "a = f(x)\nfor i in range(n):\n    b = a\n    y[i] = g(b) * b\nreturn (a, y)",
}


@pytest.mark.parametrize("before", NAMES.values(), ids=NAMES.keys())
def test_another_name_stays(before: str) -> None:
    assert ast.unparse(folded(ast.parse(before).body, {"x"})) == ast.unparse(ast.parse(before))


# --- functions that texts share


def soft(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum((e / np.sum(e, axis=1, keepdims=True)) ** 2)


def soft_of_twice(x):
    e = np.exp(2 * x - np.max(x, axis=1, keepdims=True))
    return np.sum((e / np.sum(e, axis=1, keepdims=True)) ** 3)


def test_functions_of_the_text_are_compiled_once_and_can_be_called() -> None:
    pytest.importorskip("numba")
    from srcgrad.backends.numba import SHARED

    x = np.random.default_rng().normal(size=(4, 6))
    for function in (soft, soft_of_twice):
        compiled = grad(function, backend="numba")
        np.testing.assert_allclose(compiled(x), grad(function)(x), rtol=1e-12)
        wide = np.repeat(x, 2, axis=1)[:, ::2]  # compiled anew, for parts of arrays
        np.testing.assert_allclose(compiled(wide), grad(function)(x), rtol=1e-12)
        of_text = compiled.lower(x).plain.__globals__["sum_of"]
        assert of_text is not SHARED["sum_of"]
        assert of_text(x[0]) == pytest.approx(np.sum(x[0]))
    assert len(SHARED["sum_of"].signatures) == 1
