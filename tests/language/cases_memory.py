"""Memory written by functions, shared by arguments, and read by tests and indices."""

import numpy as np


def _doubled(v):
    v *= 2.0


def _filled(v, e):
    v[0] = e * e
    return v


def _tail(v):
    return v[2:]


def copyto(x):
    """`np.copyto(y, e)`"""
    y = np.zeros(5)
    np.copyto(y, x * x)
    return np.sum(y**2)


def copyto_where(x):
    """`np.copyto(y, e, where=mask)`"""
    y = x**2
    np.copyto(y, x[0] * x, where=x > 0.9)
    return np.sum(y**2)


def fill_diagonal(A):
    """`np.fill_diagonal(y, e)`"""
    y = A[:, :3] ** 2
    np.fill_diagonal(y, A[0, 0] * A[1, 1])
    return np.sum(y**2)


def put(x):
    """`np.put(y, rows, e)`"""
    y = x**2
    np.put(y, [1, 3], x[:2] * x[4])
    return np.sum(y**2)


def place(x):
    """`np.place(y, mask, e)`"""
    y = x**2
    np.place(y, x > 0.9, x[:1] * 2.0)
    return np.sum(y**2)


def fill(x):
    """`y.fill(e)`"""
    y = x**2
    y.fill(x[0] * x[1])
    return np.sum(y * x)


def sort_in_place(x):
    """`y.sort()`"""
    y = x**2
    y.sort()
    return np.sum(y * x)


def out_of_ufunc(x):
    """`np.multiply(a, b, out=y)`"""
    y = np.zeros(5)
    np.multiply(x, x, out=y)
    np.sin(y, out=y)
    return np.sum(y**2)


def out_positional(x):
    """`np.multiply(a, b, y)`"""
    y = np.zeros(5)
    np.multiply(x, x, y)
    return np.sum(y**2)


def out_assigned(x):
    """`z = np.multiply(a, b, out=y)`, then `y` and `z`"""
    y = np.zeros(5)
    z = np.multiply(x, x, out=y)
    z[0] = x[1]
    return np.sum(y**2)


def out_slice_of_ufunc(x):
    """`np.add(a, b, out=y[1:])`"""
    y = x**2
    np.add(y[:-1], x[1:], out=y[1:])
    return np.sum(y**2)


def out_of_reduction(A):
    """`np.sum(y, axis=0, out=z)`"""
    z = np.zeros(4)
    np.sum(A**2, axis=0, out=z)
    return np.sum(z**2)


def where_of_ufunc(x):
    """`np.sqrt(x, where=mask, out=y)`"""
    y = x**2
    np.sqrt(x, where=x > 0.9, out=y)
    return np.sum(y**2)


def argument_written(x):
    """the argument itself is written"""
    x[1:] *= x[:-1]
    x[0] = x[4] ** 2
    return np.sum(x**2)


def same_array_twice(x, u):
    """one array under two parameters, read
    At: x, x"""
    return np.sum(x * u * u)


def same_array_twice_written(x, u):
    """one array under two parameters, one of them written
    At: x, x"""
    x[0] = u[1] * u[2]
    return np.sum(x * u)


def callee_writes_argument(x):
    """a callee that writes into its argument"""
    y = x**2
    _doubled(y)
    _doubled(y[1:3])
    return np.sum(y**2)


def callee_returns_argument(x):
    """a callee that returns the argument it wrote"""
    y = x**2
    z = _filled(y, x[4])
    z[1] = y[0] * x[1]
    return np.sum(y * z)


def callee_returns_view(x):
    """a callee that returns a view, written here"""
    y = x**2
    v = _tail(y)
    v[0] = x[0] * x[1]
    return np.sum(y**2)


def written_after_use(x):
    """an array overwritten after it was read"""
    y = x**2
    z = np.exp(y)
    y[:] = 0.5 * y
    return np.sum(z * y)


def mask_overwritten(x):
    """a mask overwritten after it was used"""
    mask = x > 0.9
    y = x**2
    y[mask] = x[0] * x[1]
    mask[:] = False
    return np.sum(y[mask]) + np.sum(y**2)


def condition_overwritten(x):
    """a test whose operand is overwritten after it"""
    y = x - 0.9
    if y[0] > 0:
        y[0] = -(x[1] ** 2)
    else:
        y[0] = x[1] ** 3
    return np.sum(y**2)


def index_overwritten(x):
    """an array of indices overwritten after it was used"""
    rows = np.array([2, 0, 2])
    y = x[rows] ** 2
    rows[:] = 1
    return np.sum(y) * x[rows[0]]


def trip_count_overwritten(s, n):
    """a trip count overwritten in and after its loop"""
    a = s
    for _ in range(n):
        a = a * s + 1.0
        n = n - 1
    n = 0
    return a * a + n


def work_array_every_step(x):
    """a work array reused in every step"""
    work = np.zeros(5)
    y = x * 1.0
    for _ in range(3):
        work[:] = y * x
        work[1:] += work[:-1]
        y = np.sin(work)
    return np.sum(y**2)


def buffers_swapped(x):
    """two buffers swapped in every step"""
    old, new = x * 1.0, np.zeros(5)
    for _ in range(3):
        new[1:-1] = old[1:-1] * (old[2:] + old[:-2])
        new[0] = old[0]
        old, new = new, old
    return np.sum(old**2)


def time_steps_in_rows(x):
    """`u[t + 1] = f(u[t])`"""
    y = np.zeros((4, 5))
    y[0] = x
    for t in range(3):
        y[t + 1] = y[t] * np.roll(y[t], 1)
    return np.sum(y**2)


def slices_of_unequal_steps(x):
    """`y[::2] = y[0:3]`: NumPy copies them out of order"""
    y = x * 1.0
    y[::2] = y[: (len(y) + 1) // 2]
    return np.sum(y * y)


def slices_of_equal_steps(x):
    """`y[1:] = y[:-1]`, `y[::-1] = y`"""
    y = x * 1.0
    y[1:] = y[:-1]
    y[::-1] = y[:]
    return np.sum(y * y * x)
