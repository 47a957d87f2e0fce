"""Functions that write into their arguments: `out=`, `copyto`, `fill`, `sort` and their like."""

from __future__ import annotations

import numpy as np


def out_by_position_and_in_a_tuple(x):
    c = np.zeros(6)
    np.add(x, x, c)
    np.multiply(c, x, out=(c,))
    return np.sum(c**2)


def out_is_a_view(x):
    c = x * x
    v = c[1:4]
    np.sin(v, out=v)
    return np.sum(c**3)


def out_overlaps_operands(x):
    c = x * x
    v = c[1:4]
    np.multiply(c[:3], c[2:5], out=v)
    return np.sum(c**3) + np.sum(v)


def result_is_out(x):
    c = x.copy()
    d = np.exp(c, out=c)
    np.divide(c, x, out=c)
    return np.sum(c * d)


def quotient_where(x):
    y = np.zeros(6)
    np.divide(1.0, x - x[0], out=y, where=x != x[0])
    return np.sum(y**2)


def logarithm_where(x):
    y = np.ones(6)
    np.log(x, out=y, where=x > 0.6)
    return np.sum(y * x)


def reduction_into_a_column(x):
    y = np.ones((2, 3))
    np.sum(np.reshape(x, (2, 3)) ** 2, axis=1, out=y[:, 1])
    return np.sum(y**3)


def products_into_their_operands(x):
    a = np.reshape(x, (2, 3))
    c = np.empty((2, 2))
    np.dot(a, a.T, out=c)
    np.matmul(c, c, c)
    return np.sum(c**2)


def diagonals(x):
    y = np.zeros((3, 3))
    np.fill_diagonal(y, x[:3] ** 2)
    np.fill_diagonal(y[1:], x[3])
    return np.sum(y**3)


def filled(x):
    y = x * x
    y.fill(x[2])
    y[0] = x[1]
    return np.sum(y**3)


def copied_where(x):
    y = x * x
    np.copyto(y, x[::-1], where=x > 0.8)
    return np.sum(y**3)


def put_into_places(x):
    y = x * x
    np.put(y, [0, 3], x[4:])
    np.put(y, [1, 1], x[2:4])
    return np.sum(y**3)


def put_where(x):
    y = x * x
    np.putmask(y, x > 0.8, x**3)
    np.place(y, x < 0.3, [x[1]])
    return np.sum(y**3)


def view_sorted(x):
    y = x * x
    v = y[::2]
    v.sort()
    return np.sum(y * np.arange(6.0))


def at_through_a_view(x):
    y = x * x
    a = y[1:]
    np.add.at(a, [0, 0, 2], y[:3])
    z = y * 2
    np.multiply(y, y, out=y)
    return np.sum(y * z)


def clipped_in_place(x):
    y = np.zeros(6)
    np.cumsum(x * x, out=y)
    np.clip(y, 0.5, 2.0, out=y)
    np.maximum(y, x, out=y)
    return np.sum(y**2)


def two_names(x):
    a = x * 1.0
    b = a
    np.multiply(a, b, out=b)
    b += a
    return np.sum(a**2)


def exponential_into(out, x):
    np.exp(x, out=out)
    return out


def helper_with_out(x):
    c = np.zeros(6)
    d = exponential_into(c[2:], x[:4])
    exponential_into(c[:4], d)
    return np.sum(c**2) + np.sum(d)


def neighbours_overlap(x):
    y = np.zeros(8)
    y[1:-1] = x
    np.add(y[2:], y[:-2], out=y[1:-1])
    y[[0, -1]] = y[[-2, 1]]
    return np.sum(y**2 * np.arange(8.0))


def placed_first_values(x):
    y = np.zeros(4)
    np.place(y, np.array([True, False, True, False]), x**2)
    return np.sum(y**3)


def diagonal_then_product(x):
    y = np.zeros((4, 3))
    np.fill_diagonal(y, x[:3])
    z = y @ y.T
    np.fill_diagonal(z, 1.0)
    return np.sum(z**2) + np.sum(y)


def root_where_negative(x):
    y = x * x
    np.negative(y, y)
    np.sqrt(-y, out=y, where=y < -0.5)
    return np.sum(y**3)


def stretched_where(x):
    y = np.ones((2, 6))
    np.divide(x, np.array([[0.0], [2.0]]), out=y, where=np.array([[False], [True]]))
    return np.sum(y**3)


def while_loop_with_where(x):
    y = np.zeros(6)
    i = 0
    while i < 6:
        np.add(y, x[i], out=y, where=x > x[i])
        y[[i, 0]] = y[[0, i]]
        i += 1
    return np.sum(y**2 * np.arange(6.0))


def copied_within(x):
    y = x * x
    np.copyto(y[1:], y[:-1])
    np.copyto(y[::2], x[:3] * y[::2])
    return np.sum(y**3)


def copied_in_a_loop(x):
    y = np.zeros(6)
    for k in range(4):
        np.copyto(y, x * k)
        np.multiply(y, y, out=y)
        y[...] = y + np.sin(y)
    return np.sum(y**2)


def cleared_after_use(x):
    y = x * x
    if x[0] > 0.7:
        np.add(y, x, out=y)
    else:
        y[...] = x**3
    z = y * 1.0
    y[...] = 0.0
    return np.sum(z * x) + np.sum(y)


def reversed_in_a_loop(x):
    y = x * x
    s = 0.0
    for k in range(3):
        s = s + np.sum(y**2)
        y[...] = y[::-1] * x
    return s


def whole_stretched(x):
    y = np.zeros((2, 3))
    z = np.reshape(x, (2, 3))
    y[...] = z[0]
    y[...] += z
    return np.sum(y**3)


def whole_from_a_number(x):
    y = np.zeros(6)
    y[...] = x[0] ** 2
    y[...] = np.sum(y) * x
    return np.sum(y**2)


def at_in_a_loop_under_a_view(x):
    o = np.zeros(6)
    acc = x * 0.0
    for k in range(3):
        v = o[k : k + 2]
        np.add.at(o, [k, k, k + 1], x[:3] * x[k])
        acc = acc + o
        np.multiply(v, 2.0, out=v)
    return np.sum(acc**2)


def dead_name_written(x):
    y = x * x
    o = y
    np.add.at(o, [0, 0], x[:2])
    return np.sum(y**2)


def dead_view_written(x):
    y = x * x
    o = y[1:]
    np.add.at(o, [0, 0], x[:2] * y[:2])
    o = 0
    return np.sum(y**2)


def scatter_and_square(a, v):
    np.add.at(a, [0, 2, 0], v[:3])
    np.copyto(a[3:], v[3:] ** 2)


def helper_that_writes(x):
    y = x * x
    scatter_and_square(y, x * y)
    scatter_and_square(y, y * 1.0)
    return np.sum(y**2)


def doubled_and_cut(a):
    a[...] = a * 2
    return np.maximum(a, 1.0, out=a)


def helper_that_gives_back(x):
    y = x * x
    z = doubled_and_cut(y)
    return np.sum(y * z * x)


def result_multiplied_in_place(x):
    y = np.zeros(6)
    r = np.add(x, 1.0, out=y)
    r *= x
    s = np.sum(y * r)
    np.negative(y, out=r)
    return s + np.sum(y**3)


def reductions_into_views(x):
    out = np.empty(3)
    np.mean(np.reshape(x, (3, 2)) ** 2, axis=1, out=out)
    np.max(np.reshape(x, (3, 2)), axis=1, out=out[::-1])
    m = np.empty((3, 3))
    np.outer(out, out, out=m)
    return np.sum(m**2)


def reshaped_buffer(x):
    a = x * x
    b = a.reshape(2, 3)
    np.add(b, b[::-1], out=b)
    np.power(a, 2, out=a, where=a > 0.8)
    return np.sum(a * b.ravel())


def sum_of_products_into(x):
    a = np.zeros(6)
    np.einsum("i,i->i", x, x, out=a)
    np.take(x, [0, 0, 2, 3, 1, 1], out=a[:])
    return np.sum(a**2)


def buffers_in_containers(x):
    xs = [x * 1.0, x * 2.0]
    for a in xs:
        np.multiply(a, a, out=a)
    d = {"a": x * 3.0}
    np.add(d["a"], xs[0], out=d["a"])
    d["a"][[0, 0]] = xs[1][:2]
    return np.sum(d["a"] * xs[1])


def sorted_twice(x):
    y = x * x
    y.sort()
    y[:3].sort()
    z = np.sort(y)[::-1]
    np.subtract(z, y, out=z)
    return np.sum(z * x)


def overwritten_after_it_was_read(x):
    y = x.copy()
    np.multiply(y, 2.0, out=y)
    s = y[0]
    np.multiply(y, y, out=y)
    y[0] = s * y[1]
    return np.sum(y)


def joined_into(x):
    c = np.concatenate([x, x])
    np.concatenate([x * x, x], out=c)
    np.stack([c[0], c[1]], out=c[:2])
    return np.sum(c**2)


def argument_written(x):
    np.add(x, x, out=x)
    np.add.at(x, [0, 0], x[2:4])
    x[[1, 1]] = x[4:]
    return np.sum(x**3)


def ufunc_under_another_name(x):
    y = x * x
    f = np.multiply
    f(y, x, out=y)
    f(y, y, y)
    return np.sum(y)


def chain_of_outs(x):
    y = np.zeros(6)
    np.subtract(x[1:], x[:-1], out=y[1:])
    np.abs(y, out=y)
    np.sqrt(y + 0.1, out=y)
    lo, hi = (np.min(y), np.max(y))
    np.clip(y, lo + 0.01, hi - 0.01, out=y)
    return np.sum(y**3)


def nan_left_out(x):
    y = np.full(6, np.nan)
    np.reciprocal(x, out=y, where=x > 0)
    z = np.array([np.inf, 1, 1, np.nan, 2, 3.0])
    w = np.zeros(6)
    np.multiply(x, z, out=w, where=np.isfinite(z))
    return np.sum(y * w)
