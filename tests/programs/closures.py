"""Functions inside functions: defaults, captures, late binding, `nonlocal`, factories, decorators.

Each program takes an array `x` and a number `s`.
"""

from __future__ import annotations

import numpy as np


def called_twice_with_the_same_names(x, s):
    def g(z, k=2.0):
        y = z * z * k
        return np.sin(y)

    y = g(s)
    h = lambda a: a * y
    return h(g(y, 3.0)) + (lambda q: q * q)(s) + np.sum(g(x))


def late_binding(x, s):
    k = 2.0
    f = lambda z: z * k * s
    first = f(x[0])
    k = 5.0
    second = f(x[0])
    s = s * s
    return first + second * f(x[1])


def late_binding_in_a_loop(x, s):
    total = 0.0
    f = lambda z: z * i * s
    for i in range(4):
        total += f(x[i]) * f(s)
    return total * f(x[4])


def definition_in_a_loop(x, s):
    total = 0.0
    for i in range(4):

        def g(z, k=i):
            return z * z * k * v

        v = x[i] * s
        total += g(v) + g(s, 2.0)
        v = v * v
        total = total * 0.5 + g(x[i])
    return total


def default_evaluated_once(x, s):
    k = s * 2

    def g(z, a=k * k, *, b=x[0]):
        return z * a + b

    k = 100.0
    x = x * 2
    return g(s) * np.sum(x) + g(s, b=x[1]) + k


def default_that_remembers(x, s):
    def g(v, seen=np.zeros(3)):  # noqa: B008
        seen[1] += v * v
        return seen[1] * v

    return g(s) + g(x[0]) * g(s)


def accumulated_through_nonlocal(x, s):
    total = 0.0
    count = 0

    def add(v):
        nonlocal total, count
        total += v * v
        count += 1

    for i in range(3):
        add(x[i] * i)
    add(s)
    return total * count


def nonlocal_two_levels_up(x, s):
    state = s

    def outer(a):
        local = a

        def inner(b):
            nonlocal state, local
            state = state * b
            local += b

        inner(a)
        inner(local)
        return local

    first = outer(x[0])
    second = outer(x[1] * first)
    return state * first + second


def operands_changed_by_a_call(x, s):
    t = s

    def bump():
        nonlocal t
        t = t * x[0]
        return t

    y = t * bump() + t
    t += bump() * t
    z = [t, bump(), t]
    return y * z[0] + z[1] * z[2]


def factories(x, s):
    def make(a):
        def inner(z):
            return a * z * z

        a = a + 1.0
        return inner

    f, g = make(s), make(3.0)
    s = 10.0
    return f(x[0]) * g(x[1]) + f(s)


def counter_factory(x, s):
    def make(start):
        n = start

        def step(by):
            nonlocal n
            n = n * by
            return n

        return step

    a, b = make(s), make(x[0])
    first = a(2.0) * b(x[1])
    return first + a(s) * b(3.0) - a(1.0)


def pair_of_closures(x, s):
    def make(v):
        def get():
            return v

        def put(w):
            nonlocal v
            v = w

        return get, put

    get, put = make(s)
    put(get() * get())
    put(get() * x[0])
    other, _ = make(x[1])
    return get() * other()


def curried(x, s):
    add = lambda a: lambda b: lambda c: a * b + c
    return add(s)(x[0])(x[1]) * add(x[2])(s)(2.0)


def early_exits(x, s):
    def clipped(z):
        if z > 1.0:
            return z * z
        for i in range(3):
            if z * i > 0.9:
                return z * i
        return -z

    return clipped(s) + clipped(x[0] * 0.4) * clipped(s * s * x[1])


def exits_inside_a_loop(x, s):
    def first_above(values, bound):
        for v in values:
            if v > bound:
                return v * v
        else:
            bound = bound * 2
        return bound

    total = 0.0
    for i in range(3):
        total += first_above(x * s, 0.4 * i) * x[i]
        if total > 100:
            break
    return total


def no_value(x, s):
    y = x * s

    def scale(k):
        for i in range(5):
            y[i] = y[i] * k

    scale(s)
    scale(x[0])
    return np.sum(y)


def shadowed_names(x, s):
    np_ = 2.0

    def f(s, x=3.0):
        np_ = s * x

        def g(x):
            return np_ * x

        return g(s) + g(x)

    return f(x[0]) * np_ + f(s, x=x[1]) + np_ * s


def names_of_a_comprehension(x, s):
    def f(z):
        return sum([z * v for v in x])

    v = s * 2
    return f(v) * v + sum(f(v) for v in (s, x[0]))


def parameter_assigned(x, s):
    def f(z):
        z = z * z
        z += s
        return z

    y = f(s)
    return y * s + f(x[0])


def arrays_changed_by_the_callee(x, s):
    def fill(out, k):
        out[0] = k * out[1]
        out[2] += k

    y = x * 1.0
    fill(y, s)
    fill(y, y[0])
    return np.sum(y * y)
