"""Functions inside functions, and what they capture."""

import numpy as np


def nested_def(s):
    """a `def` inside a function"""

    def inner(a):
        return a * s

    return inner(s) * inner(2.0)


def nested_def_loop(x):
    """a nested `def` with a loop and branches"""

    def norm(v):
        total = 0.0
        for a in v:
            if a > 0.9:
                total += a * a
        return total

    return norm(x) * norm(x * x)


def nested_twice(s):
    """a `def` inside a `def`"""

    def outer(a):
        def inner(b):
            return a * b * s

        return inner(a) + inner(s)

    return outer(s * s)


def closure_late(s):
    """a closure reads the variable as it is when called"""
    k = s

    def inner(a):
        return a * k

    k = s * s
    b = inner(2.0)
    k = s**3
    return b + inner(3.0)


def closures_in_a_loop(s):
    """closures made in a loop share its variable"""
    parts = []
    for i in range(3):
        parts.append(lambda a: a * i * s)
    return parts[0](s) + parts[1](2.0)


def default_as_capture(s):
    """`def inner(a, k=k)` keeps the value"""
    k = s

    def inner(a, k=k):
        return a * k

    k = 10.0
    return inner(s) * k


def mutable_default(s):
    """a mutable default, kept from call to call"""

    def inner(a, seen=[]):
        seen.append(a)
        return a * len(seen)

    return inner(s) + inner(s * s)


def nonlocal_sum(x):
    """`nonlocal`"""
    total = 0.0

    def add(a):
        nonlocal total
        total = total + a * a

    for v in x:
        add(v)
    return total * total


def captured_list(x):
    """a nested function that appends to a captured list"""
    found = []

    def keep(a):
        found.append(a * a)

    for v in x:
        keep(v)
    return found[0] * found[-1]


def captured_array_written(x):
    """a nested function that writes into a captured array"""
    y = np.zeros(5)

    def put(i, a):
        y[i] = a * a

    for i in range(5):
        put(i, x[i])
    return np.sum(y**2)
