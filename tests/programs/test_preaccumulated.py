"""Calls of functions that call themselves: their gradients come with their values."""

import numpy as np
import pytest

from srcgrad import grad, hessian, transform, value_and_grad, vjp
from srcgrad.check import check_grads
from srcgrad.differences import central_differences
from tests.agreement import assert_all_near

RNG = np.random.default_rng()
WITHOUT = "2 -preaccumulate"


def power(s, n):
    if n == 0:
        return 1.0
    return s * power(s, n - 1)


def folded(x, w):
    if len(x) == 1:
        return x[0] * np.sum(w)
    return folded(x[1:] * w[0], w) * x[0] + folded(x[:-1], np.sin(w))


def minors(A, w):
    if A.shape[0] == 1:
        return A[0, 0]
    total = 0.0
    for j in range(A.shape[0]):
        minor = np.concatenate([A[1:, :j], A[1:, j + 1 :]], axis=1)
        total = total + (-1.0) ** j * A[0, j] * minors(minor, w) * w[0]
    return total


def there(s, n):
    return s * s if n <= 0 else back(np.sin(s), n - 1) * s


def back(s, n):
    return s if n <= 0 else there(s * 1.1, n - 1) + s


def there_and_back(x, w):
    return there(x[0] * w[1], 3) + back(x[2], 4) * w[0]


def halves(a, b, w, depth):
    middle = 0.5 * (a + b)
    whole = (b - a) * np.exp(w * middle)
    parts = (b - a) / 2 * (np.exp(w * (a + middle) / 2) + np.exp(w * (middle + b) / 2))
    if depth == 0 or abs(whole - parts) < 1e-3:
        return parts
    return halves(a, middle, w, depth - 1) + halves(middle, b, w, depth - 1)


def integral(x, w):
    return halves(0.1, 0.5 + x[0] ** 2, w[0] + 1.0, 3) * w[1]


def scalar_product(x, w, n):
    if n == 0:
        return np.sum(x * w)  # its gradients are the arguments themselves
    return scalar_product(x, w, n - 1)


def arguments_that_are_written_then(x, w):
    y = w.copy()
    r = scalar_product(x, y, 2)
    y[0] = 5.0 * x[1]
    return r * np.sum(y)


def calls_in_a_loop_that_writes(x, w):
    z, r = x * 1.0, 0.0
    for i in range(3):
        r += scalar_product(z, w, i) * 0.5
        z[i] = r
        z *= w
    return r + np.sum(z)


def one_array_given_twice(x, w):
    z = x * 1.0
    s = scalar_product(z, z, 1)
    z += 1.0
    return s + scalar_product(z, w, 2) + scalar_product(w, z, 1)


def calls_that_are_left_out(x, w):
    s = 0.0
    for i in range(4):
        if x[i] > 0.9:
            continue
        t = scalar_product(x[i:], w[i:], 1)
        if t > 2.0:
            break
        s = s + t * t
    return s


def written_inside(x, w):
    y = x.copy()
    y[0] = y[0] * 2
    if len(y) == 1:
        return np.sum(y * y) * w[0]
    v = written_inside(y[1:], w)
    y *= v
    return np.sum(y)


def results_not_used(x, w):
    a = scalar_product(x, w, 1)
    a = np.sum(x)
    return a * w[0]


OF_ARRAYS = [
    folded, there_and_back, integral, arguments_that_are_written_then, calls_in_a_loop_that_writes,
    one_array_given_twice, calls_that_are_left_out, written_inside, results_not_used,
]  # fmt: skip
PLAIN = [folded, integral, calls_in_a_loop_that_writes, one_array_given_twice]


def arrays():
    return RNG.uniform(0.3, 1.2, size=4), RNG.uniform(0.3, 1.2, size=4)


@pytest.mark.parametrize("program", OF_ARRAYS, ids=lambda f: f.__name__)
def test_gradients(program):
    x, w = arrays()
    order = 1 if program is calls_in_a_loop_that_writes else 2  # what it records is refused twice
    check_grads(program, (x, w), argnums=(0, 1), order=order)
    expected = grad(program, (0, 1), optimize=WITHOUT)(x, w)
    for a, b in zip(grad(program, (0, 1))(x, w), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    value, found = value_and_grad(program, (0, 1))(x, w)
    np.testing.assert_allclose(value, program(x, w))
    assert_all_near(found, central_differences(program, (x, w), (0, 1)))


def test_determinant():
    A, w = RNG.normal(size=(4, 4)), np.ones(1)
    found = grad(minors)(A, w)
    np.testing.assert_allclose(found, np.linalg.det(A) * np.linalg.inv(A).T, rtol=1e-9)
    text = grad(minors).lower(A, w).source
    assert "minors_and_gradient(minor, w)" in text
    assert "minors_backward" not in text and "_tape" not in text and "_gradient_2" not in text


@pytest.mark.parametrize("program", PLAIN, ids=lambda f: f.__name__)
def test_pullbacks_may_run_again(program):
    x, w = arrays()
    _, pull = vjp(program, x, w)
    first, second, twice = pull(1.0), pull(1.0), pull(2.0)
    for a, b, c in zip(first, second, twice, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_allclose(c, 2 * a)


@pytest.mark.parametrize("program", [power, there], ids=lambda f: f.__name__)
def test_second_derivatives_of_functions_that_are_asked_for_themselves(program):
    s, n = RNG.uniform(0.5, 1.0), 4
    (expected,) = central_differences(lambda s: grad(program)(s, n), (s,), (0,))
    np.testing.assert_allclose(hessian(program)(s, n), expected, rtol=1e-5)
    np.testing.assert_allclose(grad(grad(program))(s, n), expected, rtol=1e-5)


def test_files():
    text = transform(
        "import numpy as np\nfrom numpy.typing import NDArray\n\n"
        "def f(x: NDArray[np.float64], n: int) -> float:\n"
        "    if n == 0:\n"
        "        return np.sum(x)\n"
        "    return f(np.sin(x), n - 1) * f(x * x, n - 1)\n",
        functions=["f"],
        wrt=["x"],
    )
    namespace = {}
    exec(text, namespace)

    def f(x, n):
        return np.sum(x) if n == 0 else f(np.sin(x), n - 1) * f(x * x, n - 1)

    x = RNG.uniform(0.3, 1.2, size=3)
    expected = central_differences(lambda x: f(x, 3), (x,), (0,))
    assert_all_near(namespace["f_grad"](x, 3), expected)
    assert "f_and_gradient(" in text


def test_results_of_other_kinds_have_pairs():
    def rows(x, n):
        return x * 2.0 if n == 0 else np.sin(rows(x, n - 1)) * x

    def total(x):
        return np.sum(rows(x, 3))

    def narrow(x, n):
        if n == 0:
            return x[0] * x[1]
        return narrow(np.sin(x), n - 1)

    x = RNG.uniform(0.3, 1.2, size=3)
    assert "rows_backward(" in grad(total).lower(x).source
    check_grads(total, (x,))
    assert "_and_gradient(" not in grad(narrow).lower(x.astype(np.float32), 2).source
    assert "_and_gradient(" in grad(narrow).lower(x, 2).source
