"""Stores through views of axes, or of parts of complex numbers, are seen in the array, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, check_grads, grad, value_and_grad
from srcgrad.differences import central_differences

RNG = np.random.default_rng()


def last_axis_first(T):
    Y = T * 1.0
    V = np.moveaxis(Y, -1, 0)
    V[3] = T[:, :, 0] * T[:, :, 1]
    Y[0] *= 2.0
    return np.sum(Y**2) + np.sum(V**3)


def two_axes_moved(T):
    Y = T * 1.0
    V = np.moveaxis(Y, source=(0, 1), destination=(2, 0))
    V[1] = V[0] ** 2
    return np.sum(Y**2)


def channels(T):
    image = T * 1.0
    for channel in np.moveaxis(image, -1, 0):
        channel -= channel.mean()
    return np.sum(image**3)


def coordinates(T):
    Y = T * 1.0
    x, y, z = np.moveaxis(Y, 1, 0)
    x *= y
    z[:] = x + y
    return np.sum(Y**2)


def axes_in_another_order(T):
    Y = T * 1.0
    V = Y.transpose(1, 0, 2)
    V[0] = V[1] ** 2
    W = np.transpose(Y, (2, 0, -2))
    W[1] *= T[0].T[0, 0]
    Y[0] += 1.0
    return np.sum(Y**2) + np.sum(V**3) + np.sum(W[1] * W[2])


def all_axes_turned(T):
    Y = T * 1.0
    np.transpose(Y)[1:] *= 2.0
    Y.transpose()[0] = T[:, :, 1].T ** 2
    return np.sum(Y**2)


def rolled(T):
    Y = T * 1.0
    R = np.rollaxis(Y, 2)
    R[1] = R[0] ** 2
    return np.sum(Y**2)


def turned_by_right_angles(T):
    Y = T[0] * 1.0
    R = np.rot90(Y)
    R[0] = T[1, :, 1] ** 2
    R[1, 2] += Y[0, 0]
    Q = np.rot90(Y, k=2)
    Q[0] *= 2.0
    P = np.rot90(Y, -1)
    P[1] = 3 * T[0, 0, 0]
    return np.sum(Y**2 * np.arange(4)) + np.sum(R**3)


def turned_in_another_plane(T):
    Y = T * 1.0
    R = np.rot90(Y, 1, axes=(1, 2))
    R[:, 0] = R[:, 1] * 2
    return np.sum(Y**2 * np.arange(4))


TURNED: list[Callable[..., Any]] = [
    last_axis_first,
    two_axes_moved,
    channels,
    coordinates,
    axes_in_another_order,
    all_axes_turned,
    rolled,
    turned_by_right_angles,
    turned_in_another_plane,
]


@pytest.mark.parametrize("program", TURNED)
def test_both_modes(program: Callable[..., Any]) -> None:
    T = RNG.normal(size=(2, 3, 4))
    wanted = central_differences(program, (T,), 0)
    for level in (0, 2):
        value, found = value_and_grad(program, optimize=level)(T)
        np.testing.assert_allclose(value, program(T), rtol=1e-12)
        np.testing.assert_allclose(found, wanted, atol=1e-5)
    check_grads(program, (T,), order=1)


def rolled_to_a_place(T):
    Y = T * 1.0
    R = np.rollaxis(Y, 2, 1)
    R[0] = 2.0
    return np.sum(Y)


def test_refused() -> None:
    with pytest.raises(UnsupportedError, match="written through another name"):
        grad(rolled_to_a_place)(RNG.normal(size=(2, 3, 4)))


# --- real and imaginary parts


def parts_assigned(x):
    z = np.zeros(4, dtype=complex)
    z.real = np.cos(x)
    z.imag = np.sin(x) * x[0]
    return np.sum(np.abs(np.cumsum(z)) ** 2)


def parts_changed(x):
    z = x + 1j * x[::-1]
    z.real *= 2.0
    z.imag += x**2
    return np.sum(np.abs(z) ** 2)


def parts_filled(x):
    z = np.empty(4, dtype=np.complex128)
    z.real[:] = x
    z.imag[1:] = x[1:] ** 2
    z.imag[0] = x[2]
    return np.sum(np.abs(z) ** 3)


def parts_by_name(x):
    z = np.exp(1j * x)
    r, i = np.real(z), np.imag(z)
    r[0] = i[1] * x[2]
    i[1:] *= r[:-1]
    z *= 1 + 2j
    return np.sum(r * i * np.arange(4)) + np.sum((z**2).real)


def parts_in_a_loop(x):
    z = np.exp(1j * x)
    for k in range(3):
        z.real[k] = z.imag[k + 1] ** 2
        z *= np.exp(0.3j)
    return np.sum((z**2).imag)


def parts_of_views(x):
    Z = np.outer(x, x[:3]) + 0j
    Z[0].imag = x[:3]
    Z[:, 1].real = x**2
    Z.T.imag[2] += x
    return np.sum(np.abs(Z) ** 2)


def part_of_real_numbers(x):
    y = x * 1.0
    y.real[1] = 4.0 * x[0]
    r = np.real(y)
    r *= 2.0
    y.real = y**2
    return np.sum(y**2) + np.sum(r)


PARTS: list[Callable[..., Any]] = [
    parts_assigned,
    parts_changed,
    parts_filled,
    parts_by_name,
    parts_in_a_loop,
    parts_of_views,
    part_of_real_numbers,
]


@pytest.mark.parametrize("program", PARTS)
def test_parts_of_complex_numbers(program: Callable[..., Any]) -> None:
    x = RNG.normal(size=4)
    wanted = central_differences(program, (x,), 0)
    scale = 1 + np.max(np.abs(wanted))
    for level in (0, 2):
        value, found = value_and_grad(program, optimize=level)(x)
        np.testing.assert_allclose(value, program(x), rtol=1e-12)
        np.testing.assert_allclose(found, wanted, atol=1e-5 * scale)
    check_grads(program, (x,), order=1)
