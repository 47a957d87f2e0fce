"""Stores through integer arrays and `np.add.at`: elements that are named twice, or perhaps."""

from __future__ import annotations

import numpy as np


def at_with_repeats(x):
    y = np.zeros(4)
    np.add.at(y, [0, 1, 1, 3, 0, 0], x**2)
    return np.sum(y**3)


def subtract_at(x):
    y = x * 1.0
    np.subtract.at(y, np.array([0, 0, 5]), x[:3] ** 2)
    return np.sum(y**3)


def last_write_wins(x):
    y = np.zeros(3)
    y[[0, 0, 1, 2, 1, 0]] = x**2
    return np.sum(y**3)


def last_sum_wins(x):
    y = x[:3] * 1.0
    y[[0, 0, 1, 2, 1, 0]] += x**2
    return np.sum(y**3)


def last_product_wins(x):
    y = x[:3] * 1.0
    y[[0, 0, 1, 2, 1, 0]] *= x**2
    return np.sum(y**3)


def rows_swapped(x):
    A = np.reshape(x, (3, 2)).copy()
    A[[0, 2]] = A[[2, 0]]
    A[[0, 1]] *= A[[1, 1]]
    return np.sum(A * np.arange(6.0).reshape(3, 2) ** 2)


def index_and_values_backwards(x):
    i = np.array([0, 0, 2])[::-1]
    y = np.zeros(3)
    y[i] = (x[:3] ** 2)[::-1]
    return np.sum(y**3)


def columns_named_twice(x):
    A = np.zeros((3, 4))
    A[:, [1, 1, 2]] = np.reshape(x[:3], (3, 1)) * x[3:]
    return np.sum(A**3)


def mesh_of_indices(x):
    A = np.zeros((3, 4))
    A[np.ix_([0, 2], [1, 3, 1])] = np.reshape(x, (2, 3)) ** 2
    return np.sum(A**3)


def counted_rows_stretched(x):
    A = np.zeros((2, 3))
    A[np.arange(2), np.array([[0, 1], [0, 1], [2, 1]])] = np.reshape(x, (3, 2)) ** 2
    return np.sum(A**3)


def transposed_values(x):
    i = np.array([[0, 1, 0], [1, 2, 2]])
    y = np.zeros(3)
    y[i] = np.reshape(x, (3, 2)).T ** 2
    return np.sum(y**3)


def accumulated_in_a_loop(x):
    c = np.zeros(6)
    s = 0.0
    for k in range(3):
        np.add(c, x, out=c)
        np.sin(c, out=c)
        s = s + np.sum(c**2)
    return s


def counted_rows_read_twice(x):
    y = x[np.arange(2),] * 1.0
    z = np.reshape(x, (2, 3))
    w = z[np.arange(2), np.zeros((3, 2), int)]
    return np.sum(w**2) + np.sum(y)


def counted_from_below_zero(x):
    w = x[:2][np.arange(-2, 2)]
    return np.sum(w**2 * np.arange(4.0))


def by_order(x):
    p = np.argsort(x)
    y = np.zeros(6)
    y[p] = x**2
    y[p[:2]] = x[3:5]
    return np.sum(y**3 * np.arange(6.0))


def masks_and_their_places(x):
    m = x > 0.7
    y = np.zeros(6)
    y[m] = x[m] ** 2
    y[np.nonzero(m)] += 1.0
    y[np.flatnonzero(~m)] = x[~m]
    return np.sum(y**2)


def triangle_and_rows(x):
    y = np.zeros((3, 2))
    y[np.tril_indices(2)] = x[:3] ** 2
    y[np.array([0, 0]), :] += np.reshape(x[2:], (2, 2))
    return np.sum(y**3)


def at_one_place_and_a_slice(x):
    y = x * x
    o = y
    np.add.at(o, 2, x[1])
    np.add.at(y, slice(0, 2), x[1] ** 2)
    return np.sum(y**3)


def pivot_swapped(x):
    A = np.reshape(x[:4], (2, 2)) + 2 * np.eye(2)
    p = int(np.argmax(np.abs(A[:, 0])))
    A[[0, p]] = A[[p, 0]]
    A[0], A[p] = (A[p].copy(), A[0].copy())
    A[1] -= A[0] * (A[1, 0] / A[0, 0])
    return np.sum(A**2 * np.arange(4.0).reshape(2, 2))


def gathered_and_scattered(x):
    y = np.zeros(3)
    k = np.array([0, 1, 0, 2, 2, 1])
    np.add.at(y, k, x**2)
    w = y[k] / x
    np.subtract.at(y, k, w)
    return np.sum(y**2)


def numbers_to_many_places(x):
    t = np.zeros(3)
    t[np.array([0, 0, 1])] = 5.0
    t[np.array([1, 1])] = x[0]
    t[np.array([[0, 2], [2, 0]])] = x[1] ** 2
    return np.sum(t**2)


def sums_and_differences_of_chosen(x):
    y = np.ones(3)
    idx = np.array([0, 1, 1, 2, 0, 2])
    y[idx] = x
    z = y[idx] * x
    y[idx] += z
    y[idx] -= z * z
    return np.sum(y**3)


def rows_and_columns_twice(x):
    A = np.ones((3, 3))
    A[[0, 0, 2]] = np.reshape(x[:3], (3, 1)) * np.ones(3)
    A[:, [2, 2]] *= np.reshape(x, (3, 2))
    return np.sum(A**2)


def split_indices(x):
    A = np.ones((2, 3, 2))
    A[0, [0, 0], :] = np.reshape(x[:4], (2, 2))
    A[[1, 1], :, [0, 1]] = np.reshape(x, (2, 3)) ** 2
    A[[0, 0], 1:, [1, 1]] += x[:2]
    return np.sum(A**3)


def column_of_indices(x):
    A = np.ones((3, 4))
    i = np.array([[0], [2]])
    j = np.array([[1, 3, 1]])
    A[i, j] = np.reshape(x, (2, 3)) ** 2
    A[i, j] += x[:3]
    return np.sum(A**3)


def elimination(x):
    n = 3
    A = np.reshape(x, (3, 2)) @ np.reshape(x, (2, 3)) + np.diag(x[:3] + 3)
    b = x[3:].copy()
    k = 0
    for k in range(n):
        p = k + int(np.argmax(np.abs(A[k:, k])))
        A[[k, p]] = A[[p, k]]
        b[[k, p]] = b[[p, k]]
        for r in range(k + 1, n):
            f = A[r, k] / A[k, k]
            A[r] -= f * A[k]
            b[r] -= f * b[k]
    for k in range(n - 1, -1, -1):
        b[k] = (b[k] - A[k, k + 1 :] @ b[k + 1 :]) / A[k, k]
    return np.sum(b**2)


def place_from_argmax(x):
    y = np.arange(6) * 1.0
    k = np.argmax(x)
    y[k] = x[k]
    y[np.array(k)] *= x[0]
    i = np.array([k, k])
    y[i] = y[i] * x[1:3]
    return np.sum(y**2)


def masks_and_counts_into(x):
    m = np.zeros(6, bool)
    np.greater(x, 0.7, out=m)
    k = np.zeros(6, int)
    np.add(k, 1, out=k, where=m)
    return np.sum(x * k * m)


def inverse_permutation(x):
    y = np.zeros(6)
    o = x.argsort()
    y[o] = np.arange(6.0) * x
    inv = np.empty_like(o)
    inv[o] = np.arange(6)
    y[inv] *= x
    return np.sum(y**2)


def counted_rows_with_labels(x):
    y = np.zeros((6, 2))
    j = (x > 0.7).astype(int)
    y[np.arange(6), j] = x**2
    y[np.arange(3), j[:3]] += x[3:]
    y[np.arange(3)] *= x[0]
    return np.sum(y**3)


def along_a_vector(x):
    y = np.zeros(6)
    np.put_along_axis(y, np.argsort(x), x**2, 0)
    return np.sum(y**2 * np.arange(6.0))


def along_rows(x):
    y = np.ones((2, 3))
    z = np.reshape(x, (2, 3))
    np.put_along_axis(y, np.argsort(z, axis=1)[:, :2], z[:, 1:] ** 2, axis=1)
    return np.sum(y**2 * np.arange(3.0))


def along_columns(x):
    y = np.ones((2, 3))
    z = np.reshape(x, (2, 3))
    np.put_along_axis(y, np.argmax(z, axis=0)[None], x[0], axis=0)
    np.put_along_axis(y, np.array([[1, 1, 0]]), x[3:] ** 2, axis=-1)
    return np.sum(y**2 * np.arange(3.0))


def index_changed(x):
    i = np.arange(3)
    i[0] = 2
    y = np.zeros(4)
    y[i] = x[:3] ** 2
    return np.sum(y**3) + np.sum(x[i] ** 3)


def index_halved(x):
    i = np.arange(3)
    i += 1
    i //= 2
    y = np.zeros(4)
    y[i] = x[:3] ** 2
    return np.sum(y**3) + np.sum(x[i] ** 3)


def index_changed_through_another_name(x):
    i = np.arange(3)
    j = i
    j[1:] = 0
    y = np.zeros(4)
    y[i] = x[:3] ** 2
    return np.sum(y**3) + np.sum(x[i] ** 3)


def list_index_changed(x):
    i = [0, 1, 2]
    i[0] = 2
    y = np.zeros(4)
    y[i] = x[:3] ** 2
    return np.sum(y**3) + np.sum(x[i] ** 3)


def list_index_grown(x):
    i = [0, 1]
    i.append(1)
    y = np.zeros(4)
    y[i] = x[:3] ** 2
    return np.sum(y**3) + np.sum(x[i] ** 3)


def index_in_a_tuple_changed(x):
    i = np.arange(3)
    t = (i, i[::-1])
    i[:] = 0
    A = np.reshape(x[:4], (2, 2)) @ np.ones((2, 3))
    A = np.concatenate([A, A])
    B = A * 1.0
    B[t] = x[3:] ** 2
    return np.sum(B**3) + np.sum(A[t] ** 3)


def index_minimum_into(x):
    i = np.arange(6).reshape(2, 3)[0]
    k = np.minimum(i, 1, out=i)
    return np.sum(x[i] ** 3)


def index_changed_in_a_loop(x):
    s = 0.0
    for k in range(3):
        i = np.arange(3)
        i[:k] = 2
        s = s + np.sum(x[i] ** 3)
    return s


def places_from_both_ends(x):
    y = np.zeros(2)
    y[[0, -2]] = x[:2]
    z = x[:2] * 1.0
    z[[0, 1]] = z[[1, 0]] * x[2]
    return np.sum(y**2) + np.sum(z**3 * np.array([1.0, 2.0]))


def index_changed_by_a_function(x):
    i = np.arange(3)

    def ch(a):
        a[0] = 1

    ch(i)
    return np.sum(x[i] ** 3)


def index_shuffled_and_filled(x):
    i = np.arange(3)
    np.random.default_rng(0).shuffle(i)
    i.fill(1)
    return np.sum(x[i] ** 3)
