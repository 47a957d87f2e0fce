"""Arrays that lie otherwise in memory: what is a view of one array is a copy of another."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import check_grads, jvp, linearize, transform, value_and_grad, vjp
from srcgrad.differences import central_differences
from srcgrad.support_layout import laid_out
from tests.agreement import assert_near

RNG = np.random.default_rng()


def argument_is_reshaped(A):
    r = A.reshape(-1)
    r[0] = 5.0 * r[1]
    return np.sum(A**2) + np.sum(r**3)


def argument_is_flattened(A):
    r = A.ravel()
    A[0, 1] = r[2] * r[3]
    return np.sum(np.sin(A)) + np.sum(r**3)


def array_like_the_argument(A):
    B = A * 1.0
    r = B.reshape(-1)
    r[1] = A[1, 1] ** 2
    return np.sum(B**2) + np.sum(r**3)


def flattened_in_a_call(A):
    A[0] *= 2.0
    return in_a_call(A) + np.sum(A)


def in_a_call(A):
    B = np.sin(A)
    B.reshape(-1)[2] = 4.0 * A[1, 0]
    r = B.ravel()
    r *= 3.0
    return np.sum(B**2)


def argument_in_a_container(given):
    A = given["A"]
    r = A.reshape(-1)
    r[0] = 5.0 * r[1]
    given["b"][0] = r[2]
    return np.sum(A**2) + np.sum(r**3) + np.sum(given["b"])


PROGRAMS = [
    argument_is_reshaped,
    argument_is_flattened,
    array_like_the_argument,
    flattened_in_a_call,
]
LAYOUTS: dict[str, Callable[[], Any]] = {
    "rows": lambda: RNG.normal(size=(3, 4)),
    "columns": lambda: np.asfortranarray(RNG.normal(size=(3, 4))),
    "every other": lambda: RNG.normal(size=(3, 8))[:, ::2],
    "turned": lambda: RNG.normal(size=(4, 6))[:, ::2].T,
    "backwards": lambda: RNG.normal(size=(3, 4))[::-1],
    "both ways": lambda: RNG.normal(size=(4, 3))[:, ::-1].T,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_argument_keeps_its_layout(program, layout):
    A = LAYOUTS[layout]()
    before, wanted = A.copy(), program(laid_out(A))
    for level in (0, 2):
        value, found = value_and_grad(program, optimize=level)(A)
        np.testing.assert_allclose(value, wanted, rtol=1e-12)
    assert_near(found, central_differences(program, (A,), 0), atol=1e-6)
    value, pullback = vjp(program, A)
    np.testing.assert_allclose(value, wanted, rtol=1e-12)
    np.testing.assert_allclose(pullback(1.0)[0], found, rtol=1e-10)
    dot = RNG.normal(size=A.shape)
    value, tangent = jvp(program, (A,), (dot,))
    np.testing.assert_allclose(value, wanted, rtol=1e-12)
    np.testing.assert_allclose(tangent, np.sum(found * dot), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(linearize(program, A)[1](dot), tangent, rtol=1e-9)
    np.testing.assert_array_equal(A, before)


@pytest.mark.parametrize("program", PROGRAMS[:3])
def test_second_order(program):
    check_grads(program, (LAYOUTS["columns"](),), order=2)


def test_arrays_of_containers():
    given = {"A": LAYOUTS["columns"](), "b": RNG.normal(size=2)}
    value, found = value_and_grad(argument_in_a_container)(given)
    (wanted,) = central_differences(argument_in_a_container, (given,))
    np.testing.assert_allclose(value, argument_in_a_container(copy.deepcopy(given)), rtol=1e-12)
    assert_near(found["A"], wanted["A"], atol=1e-6)


def test_ahead_of_time():
    source = f"import numpy as np\n\n\n{inspect.getsource(argument_is_reshaped)}"
    text = transform(source, wrt="A")
    space: dict[str, Any] = {}
    exec(text, space)
    A = LAYOUTS["every other"]()
    wanted = central_differences(argument_is_reshaped, (A,), 0)
    assert_near(space["argument_is_reshaped_grad"](A), wanted, atol=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_copy_lies_as_the_array_does(layout):
    A = LAYOUTS[layout]()
    B = laid_out(A)
    np.testing.assert_array_equal(A, B)
    assert A.strides == B.strides
    assert not np.may_share_memory(A, B)
    assert laid_out(np.broadcast_to(1.0, (2, 3))).flags.writeable
    assert laid_out(A[:0]).shape == (0, 4)
    assert laid_out([A])[0] is not A
