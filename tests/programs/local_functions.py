"""Functions inside functions: stars, decorators, choices between functions, calls in tests.

Each program takes an array `x` and a number `s`.
"""

from __future__ import annotations

import functools

import numpy as np

SCALE = 1.5


def stars(x, s):
    def f(a, b, *rest, k=1.0, **other):
        total = a * b * k
        for r in rest:
            total += r * r
        return total * len(rest) * other["m"] + other.get("q", 2.0)

    def g(*args, **kw):
        return f(*args, **kw) + args[0]

    return g(s, x[0], x[1], x[2], m=s, k=2.0) + g(s, s, s, m=1.0, q=s)


def positional_and_keyword_only(x, s):
    def f(a, /, b, *, c=2.0):
        return a * b + c

    return f(s, x[0]) * f(x[1], b=s, c=s)


def decorated(x, s):
    def twice(f):
        @functools.wraps(f)
        def wrapper(*args, **kw):
            return f(*args, **kw) * 2

        return wrapper

    def times(k):
        def decorate(f):
            def wrapper(*args):
                return k * f(*args)

            return wrapper

        return decorate

    @twice
    @times(s)
    def g(a, b=1.0):
        return a * a * b

    return g(s, x[0]) + g(x[1])


def cached(x, s):
    @functools.lru_cache(maxsize=None)
    def f(a):
        return a * a * s

    @functools.cache
    def g(a):
        return f(a) * a

    return f(s) * g(x[0])


def chosen_by_a_test(x, s):
    f = np.sin if s > 0.5 else (lambda z: z * z * z)
    if x[0] > 1.0:
        g = np.cos
    else:

        def g(z):
            return z * f(z)

    return f(x[1]) * g(s) + (np.exp if x[2] > 1 else np.tanh)(s)


def chosen_in_a_loop(x, s):
    total = 0.0
    for i in range(5):
        if i % 2:
            f = lambda z: z * z * i
        elif x[i] > 1.0:
            f = np.sin
        else:
            f = lambda z: z
        total += f(x[i]) * f(s)
    return total


def chosen_by_a_return(x, s):
    def pick(k):
        if k > 1.0:
            return np.sin
        scale = k * s
        return lambda z: z * scale

    f, g = pick(x[0]), pick(x[1])
    return f(s) * g(x[2])


def optional_function(x, s):
    def apply(v, f=None):
        if f is None:
            return v * v
        return f(v)

    def apply_or(v, f=None):
        g = f or (lambda z: z * s)
        return g(v) if callable(g) else 0.0

    return apply(s) + apply(x[0], np.sin) + apply_or(x[1]) * apply_or(x[2], np.cos)


def fixed_point_of_a_closure(x, s):
    def iterate(f, v):
        old = v + 1.0
        n = 0
        while abs(v - old) > 1e-12 and n < 60:
            old = v
            v = f(v)
            n += 1
        return v

    return iterate(lambda v: np.cos(v * 0.5) * s * 0.5, x[0]) + iterate(np.cos, 1.0)


def lambdas_in_one_line(x, s):
    f, g = (lambda z: z * s), (lambda z, k=s: z + k)
    table = {"a": f, "b": lambda z: g(z) * z}
    pair = (lambda z: z * 2, np.tanh)
    return table["a"](x[0]) + table["b"](x[1]) * pair[1](pair[0](s)) - pair[-1](f(g(s)))


def test_of_a_while_calls(x, s):
    def error(v):
        w = v * v - s
        return abs(w)

    v, n = x[0], 0
    while error(v) > 1e-3 and n < 40:
        v = 0.5 * (v + s / v)
        n += 1
    return v * x[1]


def conditional_expression_calls(x, s):
    f = lambda z: z * z
    y = f(s) if s > 0.6 else f(x[0]) * f(s)
    return y and f(y) or f(s)


def global_read_inside(x, s):
    def f(z):
        return z * SCALE

    return f(s) * f(x[0])


def mutual_calls(x, s):
    def f(z):
        return g(z) * z

    def g(z):
        return z + s

    return f(x[0]) * f(s)
