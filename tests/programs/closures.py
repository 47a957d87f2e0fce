"""Functions inside functions: defaults, captures, late binding, `nonlocal`, factories, decorators.

Each program takes an array `x` and a number `s`.
"""

from __future__ import annotations

import functools

import numpy as np

SCALE = 1.5


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
