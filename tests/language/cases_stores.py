"""Stores into arrays.

Each is written as NumPy executes it: what is overwritten, read or repeated decides the gradient.
"""

import numpy as np


def store_element(x):
    """`y[i] = e`"""
    y = x * x
    y[1] = y[0] * x[2]
    y[3] = y[1] * y[3]
    return np.sum(y * x)


def store_slice(x):
    """`y[a:b] = e`"""
    y = np.sin(x)
    y[1:3] = y[0:2] * y[1:3]
    return np.sum(y**2)


def store_negative_index(x):
    """`y[-1] = e`, `y[-3:-1] = e`"""
    y = x**2
    y[-1] = y[0] * y[1]
    y[-3:-1] = y[-1] * x[:2]
    return np.sum(y**2)


def store_strided(x):
    """`y[::2] = e`, `y[::-1] = e`"""
    y = x**2
    y[::2] = y[1] * x[::2]
    y[::-1] = y * x
    return np.sum(y**2)


def store_newaxis(x):
    """`y[:, np.newaxis] = e`"""
    y = np.zeros(5)
    y[:, np.newaxis] = x[:, np.newaxis] ** 2
    y[None, 1:3] = x[3:] * x[0]
    return np.sum(y**2)


def store_ellipsis(A):
    """`y[...] = e`, `y[..., i] = e`"""
    y = np.zeros((3, 4))
    y[...] = A * A
    y[..., 1] = y[..., 0] * A[..., 2]
    return np.sum(y**2)


def store_mask(x):
    """`y[mask] = e`, a boolean mask"""
    y = x**2
    y[x > 0.9] = x[0] * 3.0
    return np.sum(y**2)


def store_mask_gathered(x):
    """`y[mask] = e[mask]`"""
    y = np.cos(x)
    mask = x > 0.8
    y[mask] = (x * y)[mask]
    return np.sum(y**2)


def store_mask_of_rows(A):
    """`y[mask_of_rows] = e`"""
    y = A**2
    y[A[:, 0] > 0.6] = A[1] * A[0, 0]
    return np.sum(y**2)


def store_integer_array(x):
    """`y[rows] = e`, an integer array"""
    y = x**2
    y[np.array([3, 1])] = x[:2] * x[4]
    return np.sum(y**2)


def store_list_of_integers(x):
    """`y[[2, 0]] = e`"""
    y = x**2
    y[[2, 0]] = x[3:] * x[1]
    return np.sum(y**2)


def store_repeated_rows(x):
    """`y[rows] = e`, a row twice: the last write stays"""
    y = x**2
    y[[0, 0, 1]] = x[1:4] ** 3
    return np.sum(y**2)


def store_mixed_index(A):
    """`y[1, [0, 2]] = e`, `y[[0, 2], 1:3] = e`"""
    y = A**2
    y[1, [0, 2]] = A[0, :2]
    y[[0, 2], 1:3] = A[1, 1:3] * A[0, 0]
    return np.sum(y**2)


def store_two_integer_arrays(A):
    """`y[rows, columns] = e`"""
    y = A**2
    y[np.arange(3), [0, 3, 1]] = A[:, 1] * A[0, 0]
    return np.sum(y**2)


def store_row_and_column(A):
    """`y[i] = e`, `y[:, j] = e` on a matrix"""
    y = np.zeros((3, 4))
    y[0] = A[1] * A[2]
    y[:, 2] = A[:, 0] ** 2
    return np.sum(y * A)


def store_broadcast_number(x):
    """`y[1:4] = number`, broadcast"""
    y = x**2
    y[1:4] = x[0] * x[4]
    return np.sum(y * x)


def store_broadcast_row(A, x):
    """`y[:] = row`, broadcast over the rows"""
    y = A * 2.0
    y[:] = x[:4]
    y[1:] = x[1:2] ** 2
    return np.sum(y * A)


def store_in_a_loop(x):
    """element stores in a loop"""
    y = np.zeros(5)
    y[0] = x[0]
    for i in range(1, 5):
        y[i] = y[i - 1] * x[i] + y[0]
    return np.sum(y**2)


def store_computed_index(x):
    """the index computed, then changed"""
    i = 1
    y = x**2
    y[i] = y[i + 1] * x[i]
    i = i + 2
    y[i] = y[i - 1] * x[i]
    return np.sum(y**2)


def store_tuple_index(A):
    """`y[index] = e`, a tuple in a variable"""
    index = (1, 2)
    y = A**2
    y[index] = y[0, 0] * A[index]
    return np.sum(y**2)


def store_slice_object(x):
    """`y[slice(a, b)] = e`"""
    part = slice(1, 4)
    y = x**2
    y[part] = y[part] * x[0]
    return np.sum(y**2)


def store_several_targets(x):
    """`y[0], y[1] = y[1], y[0]`"""
    y = x**2
    y[0], y[1] = y[1] * x[0], y[0] * x[2]
    return np.sum(y * x)


def store_chained_targets(x):
    """`y[0] = z[1] = e`"""
    y = x**2
    z = np.zeros(5)
    y[0] = z[1] = x[2] ** 2
    return np.sum(y * x) + np.sum(z * x)


def store_into_integers(x):
    """stores into an array of integers truncate"""
    y = np.zeros(5, dtype=int)
    y[:] = 3.0 * x
    return np.sum(y * x)


def augmented_overlap(x):
    """`y[1:] += y[:-1]`"""
    y = x**2
    y[1:] += y[:-1]
    return np.sum(y**2)


def augmented_overlap_product(x):
    """`y[1:] *= y[:-1]`"""
    y = x**2
    y[1:] *= y[:-1]
    return np.sum(y**2)


def augmented_repeated_rows(x):
    """`y[[0, 0, 1]] += x`: the last write stays"""
    y = x**2
    y[[0, 0, 1]] += x[1:4]
    return np.sum(y**2)


def add_at_accumulates(x):
    """`np.add.at(y, rows, e)`: all are added"""
    y = x**2
    np.add.at(y, [0, 0, 1], x[1:4])
    return np.sum(y**2)


def augmented_operators(x):
    """`+=`, `-=`, `*=`, `/=`, `**=` on an array"""
    y = x * 1.0
    y += x
    y *= x
    y -= 0.5
    y /= x + 1.0
    y **= 2
    return np.sum(y)


def augmented_modulo(x):
    """`%=`, `//=` on an array"""
    y = 3.0 * x
    y %= 0.7
    z = 3.0 * x
    z //= 0.7
    return np.sum(y * x) + np.sum(z * x)


def augmented_matmul(A, B):
    """`@=`"""
    y = A @ B
    y @= y
    return np.sum(y**2)


def augmented_mask(x):
    """`y[mask] *= e`"""
    y = x**2
    y[x > 0.9] *= x[0]
    return np.sum(y**2)


def augmented_broadcast(A, x):
    """`y += row`, broadcast"""
    y = A**2
    y += x[:4]
    y[:, 1:] *= x[:3]
    return np.sum(y**2)


def augmented_self(x):
    """`y += y`, `y *= y`"""
    y = x**2
    y += y
    y *= y
    return np.sum(y)


def augmented_reversed_self(x):
    """`y += y[::-1]`"""
    y = x**2
    y += y[::-1]
    return np.sum(y**2)


def augmented_number(s):
    """`+=` on a number rebinds"""
    a = s * s
    b = a
    a += s
    a *= b
    return a * b
