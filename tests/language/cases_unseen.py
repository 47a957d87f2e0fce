"""Effects and reads that no line shows."""

import contextlib
import copy
import json
import math
import operator

import numpy as np

_kept = []
_table = np.zeros(5)


def _note(a):
    _kept.append(a)
    return a * a


def _stored(v):
    _table[:] = v
    return _table


@contextlib.contextmanager
def _scope():
    yield 2.0


def array_of_integers_augmented(x):
    """`+=` of numbers truncated to integers"""
    y = np.arange(5)
    np.add(y, (3.0 * x).astype(int), out=y)
    return np.sum(y * x)


def array_of_small_integers(x):
    """`np.zeros(n, np.uint8)`, `np.zeros(n, "int16")`, written"""
    y, z = np.zeros(5, np.uint8), np.zeros(5, "int16")
    y[:] = 3.0 * x
    z[1:] = 5.0 * x[:4]
    return np.sum(y * x) + np.sum(z * x)


def array_type_as_argument(x, kind):
    """`np.zeros(n, dtype=kind)`, a type given as an argument
    At: x, int"""
    y = np.zeros(5, dtype=kind)
    y[:] = 3.0 * x
    return np.sum(y * x)


def array_of_integers_element(x):
    """`y[i] = e` into an array of integers"""
    y = np.array([1, 2, 3])
    y[1] = x[0] * 4.0
    return np.sum(y * x[:3])


def array_of_bools_written(x):
    """`y[i] = e` into an array of bools"""
    y = np.zeros(5, dtype=bool)
    y[1:3] = x[:2]
    return np.sum(y * x)


def full_of_integers(x):
    """`np.full_like(integers, e)`"""
    y = np.full_like(np.arange(5), 3.0 * x[0])
    return np.sum(y * x)


def zeros_like_integers(x):
    """`np.zeros_like(integers)`, written"""
    y = np.zeros_like(np.arange(5))
    y[2] = x[1] * 3.0
    return np.sum(y * x)


def array_with_integer_type(x):
    """`np.array([e], dtype=int)`"""
    y = np.array([x[0] * 3.0, x[1]], dtype=int)
    return np.sum(y * x[:2])


def json_round_trip(s):
    """a number through `json` and back"""
    return json.loads(json.dumps(s)) * s


def formatted_round_trip(s):
    """a number through an f-string and back"""
    return float(f"{s}") * s


def item_and_tolist(x):
    """`.item()`, `.tolist()`"""
    a, b, *_ = x.tolist()
    return x[0].item() * a * b


def deepcopied(x):
    """`copy.deepcopy`, `copy.copy`"""
    y = copy.deepcopy(x)
    y[0] = x[1] * x[2]
    return np.sum(copy.copy(y) * x)


def context_manager(s):
    """`with` of a manager that gives a number"""
    with _scope() as k:
        a = s * s * k
    return a * s


def suppressed(s):
    """`contextlib.suppress` that leaves its block"""
    a = s * s
    with contextlib.suppress(KeyError):
        a = a * {}["missing"]
    return a * s


def callee_keeps_value(s):
    """a callee that keeps a value in a global list"""
    return _note(s) * s


def callee_writes_global(x):
    """a callee that writes into a global array"""
    return np.sum(_stored(x * x) * x)


def locals_read(s):
    """`locals()`"""
    a = s * s
    return locals()["a"] * s


def globals_written(s):
    """`globals()[name] = e`"""
    globals()["_last"] = s * s
    return _kept_last() * s


def _kept_last():
    return globals()["_last"]


def frombuffer_shares(x):
    """`np.ndarray(buffer=y)`"""
    y = x * x
    v = np.ndarray(5, buffer=y)
    v[0] = x[1] * x[2]
    return np.sum(y * x)


def view_method(x):
    """`y.view()`, written"""
    y = x * x
    v = y.view()
    v[0] = x[1] * x[2]
    return np.sum(y * x)


def split_written(x):
    """`np.split`, the parts written"""
    y = x[:4] * x[:4]
    a, b = np.split(y, 2)
    a[0] = b[1] * x[4]
    return np.sum(y * y)


def atleast_written(x):
    """`np.atleast_2d`, written"""
    y = x * x
    np.atleast_2d(y)[0, 1] = x[2] * x[3]
    return np.sum(y * y)


def squeeze_written(x):
    """`np.squeeze`, written"""
    y = (x * x)[None]
    v = np.squeeze(y)
    v[1] = x[2] * x[3]
    return np.sum(y * y)


def astype_without_copy(x):
    """`y.astype(float, copy=False)`, written"""
    y = x * x
    v = y.astype(float, copy=False)
    v[1] = x[2] * x[3]
    return np.sum(y * y)


def ascontiguous_written(x):
    """`np.ascontiguousarray(y)`, written"""
    y = x * x
    v = np.ascontiguousarray(y)
    v[1] = x[2] * x[3]
    return np.sum(y * y)


def nan_to_num_in_place(x):
    """`np.nan_to_num(y, copy=False)`"""
    y = np.log(x - 0.9)
    np.nan_to_num(y, copy=False, nan=1.0)
    return np.sum(y * x)


def array_without_copy(x):
    """`np.array(y, copy=None)`, written"""
    y = x * x
    v = np.array(y, copy=None)
    v[1] = x[2] * x[3]
    return np.sum(y * y)


def clip_out(x):
    """`y.clip(a, b, out=y)`"""
    y = x * x
    y.clip(0.5, 1.5, out=y)
    return np.sum(y * y)


def cumsum_out(x):
    """`np.cumsum(y, out=y)`"""
    y = x * x
    np.cumsum(y, out=y)
    return np.sum(y * y)


def dot_out(A, B):
    """`np.dot(A, B, out=y)`"""
    y = np.zeros((3, 3))
    np.dot(A, B, out=y)
    return np.sum(y * y)


def multiply_at(x):
    """`np.multiply.at`"""
    y = x * x
    np.multiply.at(y, [0, 0, 1], x[:3])
    return np.sum(y * x)


def ufunc_methods(x):
    """`np.add.reduce`, `np.multiply.outer`, `np.add.accumulate`"""
    y = np.multiply.outer(x, x)
    return np.add.reduce(np.add.accumulate(x * x)) * np.sum(y)


def put_along_axis(A):
    """`np.put_along_axis`"""
    y = A * A
    np.put_along_axis(y, np.array([[1], [0], [2]]), A[:, :1] ** 3, 1)
    return np.sum(y * y)


def shuffled_in_place(x):
    """`Generator.shuffle`"""
    y = x * x
    np.random.default_rng(1).shuffle(y)
    return np.sum(y * x)


def partition_in_place(x):
    """`y.partition(k)`"""
    y = x * x
    y.partition(2)
    return y[2] * x[0]


def math_of_parts(s):
    """`math.frexp`, `math.modf`: parts of a number"""
    fraction, whole = math.modf(3.0 * s)
    return fraction * s + whole * s


def divmod_of_numbers(s):
    """`divmod`"""
    a, b = divmod(3.0 * s, 0.7)
    return a * s + b * b


def rows_deleted(x):
    """`np.delete`, `np.insert`, `np.append`"""
    y = np.append(np.delete(x * x, 1), x[0])
    return np.sum(np.insert(y, 2, x[3] * x[4]) ** 2)


def item_deleted(x):
    """`del parts[i]`"""
    parts = [x[0], x[1], x[2]]
    del parts[0]
    return parts[0] * parts[1]


def setitem_called(x):
    """`y.__setitem__(i, e)`"""
    y = x * x
    y.__setitem__(1, x[0] * x[2])
    return np.sum(y * x)


def itemset_by_operator(x):
    """`operator.setitem(y, i, e)`"""
    y = x * x
    operator.setitem(y, 1, x[0] * x[2])
    return np.sum(y * x)


def imul_called(x):
    """`y.__imul__(e)`"""
    y = x * x
    y.__imul__(x)
    return np.sum(y * x)


def drawn_in_a_loop(x):
    """`rng.normal(...)` in a loop"""
    rng = np.random.default_rng(5)
    t = 0.0
    for _ in range(3):
        t = t + np.sum(x * rng.normal(size=5)) * x[0]
    return t


def drawn_and_shuffled(x):
    """`rng.shuffle(w)` of memory that an adjoint reads"""
    rng = np.random.default_rng(5)
    w = np.arange(5.0)
    s = x * w
    rng.shuffle(w)
    return np.sum(s * s)


def drawn_with_a_mean(x):
    """`rng.normal(mu)` with `mu` differentiated"""
    rng = np.random.default_rng(5)
    return rng.normal(x[0], 1.0) * x[1]
