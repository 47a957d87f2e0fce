"""Forms that loops take for speed, attacked: stencils that gather, rows, joined arrays, tapes."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import transform, trees
from srcgrad.loops.helpers import HELPERS
from tests.loops.survey import Outcome, Program, survey_text

DRAW = np.random.default_rng(11)


def stencil(x):
    y = x * 1.0
    for _ in range(3):
        y[1:-1] = y[:-2] + 2 * y[1:-1] - y[2:] * x[1:-1]
    return np.sum(y**2)


def stencil_of_two(a, b):
    for _ in range(2):
        b[1:-1, 1:-1] = a[:-2, 1:-1] * a[2:, 1:-1] - 3 * a[1:-1, 2:] + b[1:-1, 1:-1]
        a[1:-1, 1:-1] = b[:-2, 1:-1] + b[2:, 2:] - b[1:-1, :-2]
    return np.sum(a * a) + np.sum(b)


def rows(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.sum(p * p) + np.sum(np.log(p[:, 0]))


def columns(x):
    e = np.exp(x - np.max(x, axis=0))
    return np.sum(np.tanh(e) / np.sum(e, axis=0))


def rows_changed_behind_a_sum(x):
    y = np.exp(x)
    s = np.sum(y, axis=1)
    y[:, 0] = 0.5
    return np.sum(y * s[:, None]) + np.sum(np.min(y, axis=1))


def sums_of_all_kinds(a):
    s, t, m = np.sum(a, axis=1), np.sum(a * a, axis=0), np.max(a, axis=1)
    e = np.exp(a - m[:, None])
    z = np.sum(e, axis=1)
    a = a * s[:, None] + t
    return np.sum(np.log(z)) + np.sum(a / z[:, None]) + np.mean(a)


def triangles(x, n):
    s = x
    for i in range(n):
        t = s * s
        for j in range(i):
            s = np.sin(s) * t + j
        for _ in range(i + 1, n):
            s = s * 0.9 + t * s
    for k in range(n - 1, -1, -1):
        s = s * np.cos(s) + k
    return s


def recorded_in_branches(x, n):
    s = 1.0
    for i in range(n):
        if x[i] > 0.4:
            s = s * x[i]
            continue
        s = np.sin(s) * x[i]
        for _ in range(1, 3):
            s = s * s * 0.5 + x[i]
    return s


def numbers_and_rows_on_one_tape(x):
    y = x * 1.0
    for k in range(1, len(x)):
        y[:k] += y[k] * np.flip(y[:k]) * x[:k]
        y[k] = y[k] * y[k - 1]
    return np.sum(y)


def turned(r):
    return np.sum(np.flip(r, axis=0) * r) + np.sum(np.fliplr(r) * np.flipud(r) * np.flip(r) ** 2)


def joined(a, b):
    c, d = np.concatenate([a, b * 2]), np.concatenate([a, a * a], axis=1)
    e, f = np.stack([a, a**2], axis=1), np.vstack([a, b])
    h = np.stack([a, a * 3])
    long = np.sum(c**2) + np.sum(d[:, 1:] ** 2) + np.sum(f**2)
    return long + np.sum(e[:, 1] * e[:, 0] * 3) + np.sum(h[1] * h[0])


def crossed(a, b):
    return np.sum(np.cross(a, b) ** 2 * a)


def constant_parts(x):
    return np.sum(x[:3] ** 2) + np.mean(x[1:4]) * x[:2].size


def layers(params, x):
    h = x
    for W, b in params:
        h = np.tanh(h @ W + b)
    return np.sum(h**2)


def items_with_other_numbers(params):
    s = 0.0
    for i, p in enumerate(params):
        s = s + np.sum(p * s) + i
    return s


def items_of_a_dict(params, x):
    s = np.sum(params["a"] * x)
    for q in params["b"]:
        s = s * q + params["b"][0]
    return s


def number_then_array(x, n):
    for _ in range(n):
        x = x + np.sin(x) * x
    return np.sum(x)


def lists_as_indices(x):
    return np.sum(x[[0, 0]] * np.arange(3.0)) + np.sum(x[[2, 1]] ** 2)


def matrix(n, m):
    return DRAW.random((n, m))


LAYERS = [(matrix(3, 4), DRAW.random(4)), (matrix(4, 2), DRAW.random(2))]
RIGHT = [
    (stencil, (DRAW.random(9),)),
    (stencil, (DRAW.random(2),)),
    (stencil, (DRAW.random(3),)),
    (stencil_of_two, (matrix(6, 5), matrix(6, 5))),
    (stencil_of_two, (matrix(2, 5), matrix(2, 5))),
    (stencil_of_two, (matrix(3, 2), matrix(3, 2))),
    (rows, (matrix(4, 6),)),
    (rows, (matrix(4, 1),)),
    (rows, (matrix(0, 3),)),
    (columns, (matrix(4, 6),)),
    (columns, (matrix(1, 6),)),
    (rows_changed_behind_a_sum, (matrix(4, 6),)),
    (sums_of_all_kinds, (matrix(3, 4),)),
    (triangles, (0.3, 4)),
    (triangles, (0.3, 1)),
    (recorded_in_branches, (DRAW.random(6), 6)),
    (recorded_in_branches, (DRAW.random(6), 0)),
    (numbers_and_rows_on_one_tape, (DRAW.random(6),)),
    (turned, (matrix(3, 4),)),
    (joined, (matrix(4, 2), matrix(3, 2))),
    (crossed, (matrix(4, 3), matrix(4, 3))),
    (crossed, (matrix(4, 3), matrix(1, 3))),
    (crossed, (matrix(4, 3), DRAW.random(3))),
    (constant_parts, (matrix(5, 3),)),
    (layers, (LAYERS, matrix(5, 3))),
    (items_with_other_numbers, ([DRAW.random(3), 2, DRAW.random(3)],)),
    (items_of_a_dict, ({"a": DRAW.random(3), "b": [1.5, 2.5]}, DRAW.random(3))),
    (number_then_array, (DRAW.random(5), 3)),
    (number_then_array, (DRAW.random(5), 0)),
    (lists_as_indices, (matrix(3, 3),)),
]
# What the loops take for granted does not hold: NumPy's version gives the result, or the error.
LEFT = [
    (stencil, (DRAW.random(1),)),
    (stencil, (DRAW.random(0),)),
    (triangles, (0.3, -2)),
    (constant_parts, (matrix(2, 3),)),
]


def outcome(function, args) -> Outcome:
    wrt = tuple(i for i, a in enumerate(args) if trees.has_float_leaf(a))
    return survey_text(Program("", function, lambda n: args, wrt))


def named(value):
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("function", "args"), RIGHT, ids=named)
def test_right(function, args) -> None:
    assert outcome(function, args) == Outcome("right")


@pytest.mark.parametrize(("function", "args"), LEFT, ids=named)
def test_left_to_numpy(function, args) -> None:
    assert outcome(function, args).word == "left to NumPy"


# --- the functions that loops call


@pytest.fixture(scope="module")
def helpers():
    """`exp_of` and its like, as the text has them."""
    module = {"np": np, "njit": lambda **options: lambda function: function, "__file__": ""}
    for text in HELPERS.values():
        exec(text, module)
    return module


ENDS = (0.0, -0.0, 1e-300, 709.78, 709.79, 1000.0, -708.5, -745.1, -746.0, 1e300, -1e300)
UNDEFINED = (np.inf, -np.inf, np.nan)


@pytest.mark.parametrize("name", ["exp", "tanh"])
def test_functions_to_the_last_bits(helpers, name) -> None:
    ours, theirs = helpers[f"{name}_of"], getattr(np, name)
    points = [*ENDS, *UNDEFINED, *DRAW.normal(size=300), *100 * DRAW.normal(size=300)]
    with np.errstate(all="ignore"):
        found = np.array([ours(float(x)) for x in points])
        expected = theirs(np.array(points))
    np.testing.assert_allclose(found, expected, rtol=7e-16, atol=0)
    defined = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[defined]), np.signbit(expected[defined]))


@pytest.mark.parametrize("size", range(10))
@pytest.mark.parametrize("bad", [None, *UNDEFINED])
def test_extrema_of_rows(helpers, size, bad) -> None:
    for place in range(size):
        x = DRAW.normal(size=size)
        if bad is not None:
            x[place] = bad
        np.testing.assert_array_equal(helpers["max_of"](x), np.max(x))
        np.testing.assert_array_equal(helpers["min_of"](x), np.min(x))
    assert helpers["max_of"](np.zeros(0)) == -np.inf


def test_names_of_helpers_are_taken() -> None:
    text = "import numpy as np\ndef f(sum_of: float):\n    return sum_of * sum_of\n"
    with pytest.raises(Exception, match="`sum_of` is the name of a function that loops call"):
        transform(text, backend="numba")
