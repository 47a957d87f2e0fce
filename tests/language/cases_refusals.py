"""What is refused by design, and what only looks like it."""

import random

import numpy as np

_count = 0


def _unreadable(a):
    return eval("a * a")


def yield_values(s):
    """`yield`"""

    def parts():
        yield s
        yield s * s

    return sum(parts())


async def _awaited(a):
    return a * a


def async_callee(s):
    """`async`"""
    _awaited(s).close()
    return s * s


def class_inside(s):
    """a class definition inside a function"""

    class Holder:
        value = s

    return Holder.value * s


def exec_text(s):
    """`eval`, `exec` on differentiated values"""
    return eval("s * s", {"s": s})


def callee_with_eval(s):
    """a callee that calls `eval`"""
    return _unreadable(s)


def global_written(s):
    """`global`, written"""
    global _count
    _count = _count + 1
    return s * s


def unknown_c_function(x):
    """a C function without a rule, on differentiated values"""
    return np.sum(np.spacing(x) ** 2)


def unknown_c_function_inactive(s):
    """a C function without a rule, on other values"""
    k = len(str(random.Random(3).random())) > 2
    return s * s if k else s


def unresolvable_call(s):
    """a call of what cannot be known"""
    f = getattr(np, "sin" if s > 0 else "cos")
    return f(s)


def string_of_value(s):
    """a number through a string and back"""
    return float(str(s)) * s


def sorted_indices(x):
    """`np.argsort`: indices carry no derivative"""
    rows = np.argsort(x)
    return np.sum(x[rows] * np.arange(5.0))


def rounded(s):
    """`round`, `int`, `//`: steps have the derivative 0"""
    return s * round(s) + int(3.0 * s) * s + (s // 0.3) * s


def print_value(s):
    """`print`, once in a call"""
    print(end="")
    return s * s


def getattr_constant(s):
    """`getattr` of a constant name"""
    return getattr(np, "sin")(s)


def lambda_with_mutable_default(s):
    """`lambda` with a default that is mutated"""
    f = lambda a, seen={}: a * seen.setdefault("k", 2.0)
    return f(s) * f(s)


def object_array(s):
    """arrays of objects"""
    y = np.array([s, None], dtype=object)
    return y[0] * s


def list_sort(x):
    """`list.sort`"""
    parts = [x[0], x[1], x[2]]
    parts.sort()
    return parts[0] * parts[1] ** 2


def list_reverse(x):
    """`list.reverse`"""
    parts = [x[0], x[1], x[2]]
    parts.reverse()
    return parts[0] * parts[1] ** 2


def resize_in_place(x):
    """`y.resize(n)`"""
    y = x * x
    y.resize(3, refcheck=False)
    return np.sum(y)


def shape_assigned(x):
    """`y.shape = ...`"""
    y = x * x
    y.shape = (5, 1)
    return np.sum(y * x)


def memory_view(x):
    """`memoryview`, `np.frombuffer`"""
    y = x * x
    v = np.frombuffer(y)
    return np.sum(v * x)


def flat_written(A):
    """`y.flat[i] = e`"""
    y = A**2
    y.flat[1] = A[0, 0] * A[1, 1]
    return np.sum(y**2)


def nditer_written(x):
    """`np.nditer`"""
    y = x * x
    for v in np.nditer(y, op_flags=["readwrite"]):
        v[...] = v * 2.0
    return np.sum(y)


def lib_stride_tricks(x):
    """`np.lib.stride_tricks.sliding_window_view`"""
    y = x * x
    return np.sum(np.lib.stride_tricks.sliding_window_view(y, 3) ** 2)


def structured_array(x):
    """structured arrays"""
    y = np.zeros(5, dtype=[("a", float), ("b", float)])
    y["a"] = x * x
    return np.sum(y["a"])


def masked_array(x):
    """masked arrays"""
    y = np.ma.masked_array(x * x, mask=x > 0.9)
    return y.sum()
