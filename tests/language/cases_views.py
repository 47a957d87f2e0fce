"""Views and aliases.

A view and its array are written and read in any order.
"""

import numpy as np


def view_read_before_store(x):
    """a slice read, then its array written"""
    v = x[1:3]
    a = np.sum(v * v)
    x[1] = a
    return np.sum(x**3)


def view_read_after_store(x):
    """a slice read after its array was written"""
    y = x**2
    v = y[1:3]
    y[1] = 2.0 * x[0] * x[4]
    return np.sum(v * v)


def array_read_after_store_through_view(x):
    """an array read after a store through its slice"""
    y = x**2
    v = y[1:4]
    v[0] = x[0] * x[4]
    v *= x[1]
    return np.sum(y**2)


def view_of_view(x):
    """a view of a view, written"""
    y = x**2
    v = y[1:][::2]
    v[1] = x[0] * v[0]
    return np.sum(y**2)


def view_of_view_read(x):
    """a view of a view, read after the array was written"""
    y = x**2
    v = y[1:]
    w = v[1:]
    y[2:4] = x[:2] * x[4]
    return np.sum(v * x[1:]) + np.sum(w**2)


def view_transposed_written(A):
    """`.T`, written"""
    y = A**2
    y.T[0] = A[:, 1] * A[:, 2]
    return np.sum(y**2)


def view_transposed_named(A):
    """`v = y.T`, written, then `y` read"""
    y = A**2
    v = y.T
    v[0] = v[1] * v[2]
    return np.sum(y**2)


def view_transposed_read(A):
    """`v = y.T` read after `y` was written"""
    y = A**2
    v = y.T
    y[0] = A[1] * A[2]
    return np.sum(v**2)


def view_reshaped_written(A):
    """`v = y.reshape(-1)`, a view here, written"""
    y = A**2
    v = y.reshape(-1)
    v[1:3] = v[3:5] * A[0, 0]
    return np.sum(y**2)


def reshape_that_copies(A):
    """`v = y.T.reshape(-1)`, a copy here, written"""
    y = A**2
    v = y.T.reshape(-1)
    v[1:3] = v[3:5] * A[0, 0]
    return np.sum(y**2) + np.sum(v**2)


def view_ravelled_written(A):
    """`v = y.ravel()`, written"""
    y = A**2
    v = y.ravel()
    v[0] = A[2, 2] ** 2
    return np.sum(y**2)


def flattened_copy(A):
    """`v = y.flatten()`, a copy, written"""
    y = A**2
    v = y.flatten()
    v[0] = A[2, 2] ** 2
    return np.sum(y**2) + np.sum(v**2)


def view_diagonal_read(A):
    """`np.diagonal(y)` read after a store"""
    y = A[:, :3] ** 2
    d = np.diagonal(y)
    y[1, 1] = A[0, 0] * A[2, 3]
    return np.sum(d**2)


def diag_read(A):
    """`np.diag(y)` read before a store"""
    y = A[:, :3] ** 2
    d = np.sum(np.diag(y) ** 2)
    y[1, 1] = d
    return np.sum(y**2)


def view_swapaxes(A):
    """`y.swapaxes(0, 1)`, written"""
    y = A**2
    v = y.swapaxes(0, 1)
    v[2] = v[0] * A[:, 1]
    return np.sum(y**2)


def view_moveaxis(A):
    """`np.moveaxis`, `np.transpose` written"""
    y = A**2
    np.moveaxis(y, 0, 1)[1] = A[:, 0]
    np.transpose(y)[2] = A[:, 0] * A[:, 3]
    return np.sum(y**2)


def view_expanded(x):
    """`y[None]`, `np.expand_dims`, written"""
    y = x**2
    y[None][0, 1] = x[0] * x[3]
    np.expand_dims(y, 0)[0, 2] = x[0] * y[1]
    return np.sum(y**2)


def view_broadcast_read(x):
    """`np.broadcast_to(y, shape)` read after a store"""
    y = x**2
    v = np.broadcast_to(y, (3, 5))
    y[0] = x[1] * x[2]
    return np.sum(v**2)


def view_real(x):
    """`.real` of an array, written"""
    y = x**2
    y.real[1] = x[0] * x[2]
    return np.sum(y**2)


def view_imag(x):
    """`.real`, `.imag` of a complex array, written"""
    z = x + 0j
    z.imag[:] = x[::-1] ** 2
    return np.sum(z.real * z.imag)


def rows_by_iteration_written(A):
    """`for row in y: row *= e`"""
    y = A**2
    for row in y:
        row *= A[0]
    return np.sum(y**2)


def rows_by_iteration_read(A):
    """`for row in y` with stores into `y`"""
    y = A**2
    total = 0.0
    for row in y:
        y[1] = A[0] * A[1]
        total += np.sum(row**2)
    return total


def rows_unpacked_written(A):
    """`a, b, c = y`, the rows written"""
    y = A**2
    a, b, c = y
    a[0] = A[1, 1] ** 2
    b *= A[0]
    return np.sum(y**2) + np.sum(c)


def same_memory_asarray(x):
    """`np.asarray(y)` is `y`"""
    y = x**2
    v = np.asarray(y)
    v[0] = x[1] * x[2]
    return np.sum(y**2)


def other_memory_array(x):
    """`np.array(y)` is a copy"""
    y = x**2
    v = np.array(y)
    v[0] = x[1] * x[2]
    return np.sum(y**2) + np.sum(v**3)


def copy_is_apart(x):
    """`y.copy()`, then both written"""
    y = x**2
    v = y.copy()
    v[0] = y[1] * x[2]
    y[0] = v[1] * v[0]
    return np.sum(y * v)


def name_is_no_copy(x):
    """`v = y`, written through either name"""
    y = x**2
    v = y
    v[0] = x[1] * x[2]
    y[1] = v[0] * x[3]
    return np.sum(y * v)


def rebinding_is_no_store(x):
    """`y = y * y` leaves the old array"""
    y = x**2
    v = y
    y = y * y
    y[0] = v[1] * x[0]
    return np.sum(y * v)


def one_of_two(x):
    """`v = a if c else b`, written"""
    a, b = x * 1.0, x * 2.0
    v = a if x[0] > 0.5 else b
    v[1] = x[0] * x[2]
    return np.sum(a * a) + np.sum(b * v)


def one_of_two_parts(x):
    """`v = y[1:] if c else y[:-1]`, written"""
    y = x * 1.0
    v = y[1:] if x[0] > 0.5 else y[:-1]
    v[1] = x[0] * x[2]
    return np.sum(y * y)
