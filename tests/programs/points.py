"""Arrays without axes, written in place: by `+=`, `c[()]` and `c[...]`, under several names."""

import numpy as np


def accumulated_sum(b):
    c = np.array(0.0)
    c += b.sum()
    d = c
    c += 1
    return c * d


def stored_whole(b):
    c = np.zeros(())
    c += b.sum()
    c[()] = c * 2
    return c * b[0]


def stored_by_dots(b):
    c = np.zeros_like(b[0])
    c += b.sum()
    c[...] = c * 2
    d = c
    d *= b[1]
    return c * d


def maximum_scaled(b):
    z = np.asarray(b.max())
    z += b[0]
    w = z
    z *= b[1]
    return z * w


def summed_by_items(b):
    acc = np.array(0.0)
    for v in b:
        acc[()] += v
    return acc * 2


def summed_under_two_names(b):
    acc = np.zeros(())
    c = acc
    for v in b:
        acc += v
    acc *= b[0]
    return c * 2.0


def scaled_by_an_item(b):
    acc = np.array(1.0)
    acc[()] *= b[0]
    return acc * acc


def loop_of_both(b):
    acc = np.array(1.0)
    for v in b:
        acc[...] = acc * v + 1
        acc[()] *= 2
    return acc.item()


def squeezed(b):
    z = np.squeeze(b[:1])
    z = z.copy()
    z += b[1]
    w = z
    z *= b[2]
    return z * w


def element_with_dots(b):
    z = b[0, ...].copy()
    z += b[1]
    w = z
    z *= b[2]
    return z * w


def inner_product(b):
    z = np.tensordot(b, b[::-1], 1)
    z += b[1]
    w = z
    z *= b[2]
    return z * w


def chosen(b):
    z = np.where(b[0] > 0, b[0], b[1])
    z += b[1]
    w = z
    z *= b[2]
    return z * w


def filled(b):
    z = np.full((), b[0])
    z += b[1]
    w = z
    z *= b[2]
    return z * w


def reshaped(b):
    z = b[:1].reshape(()).copy()
    z += b[1]
    w = z
    z *= b[2]
    return z * w


def number(b):
    z = b[0] * 2
    w = z
    z += b[1]
    return z * w


def number_of_an_array(b):
    z = np.array(b[0]) * 2  # np.float64
    w = z
    z += b[1]
    return z * w


def shared_by_two_numbers(b):
    x, y = b[0], b[1]
    s = 0.0
    for k in range(3):
        s += x * k
    q = np.ravel(x + y)
    return s + np.sum(q**2)


def shared_behind_a_branch(b):
    x, y = b[0], b[1]
    s = x * 2
    q = np.atleast_1d(x + y)
    if x > -5:
        s += x
    return s + q[0]
