"""Functions handed to functions: of the module, of the library, partial, in tables and loops.

Each program takes an array `x` and a number `s`.
"""

from __future__ import annotations

import functools
import operator
from functools import partial, reduce

import numpy as np

K = 2.0


def _integrate(f, a, b, n=6):
    h = (b - a) / n
    total = 0.0
    for i in range(n):
        total += f(a + (i + 0.5) * h)
    return total * h * K / 2.0


def _newton(f, fprime, v, steps=5):
    for _ in range(steps):
        v = v - f(v) / fprime(v)
    return v


def _apply(f, *args, **kw):
    return f(*args, **kw)


def _compose(*fs):
    def composed(v):
        for f in fs:
            v = f(v)
        return v

    return composed


def _twice(f):
    return lambda v: f(f(v))


def _square(v):
    return v * v


def _rk4(f, y, t, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def _adaptive(f, a, b, depth):
    m = (a + b) / 2
    if depth == 0:
        return (b - a) * f(m)
    return _adaptive(f, a, m, depth - 1) + _adaptive(f, m, b, depth - 1)


def integral_of_a_closure(x, s):
    return _integrate(lambda z: np.sin(z * s), 0.0, x[0]) + _integrate(np.cos, 0.0, s, n=4)


def roots(x, s):
    root = _newton(lambda v: v**3 - s, lambda v: 3 * v**2, 1.0)
    return root * _newton(np.sin, np.cos, 3.0) * x[0]


def steps_of_an_equation(x, s):
    def f(t, y):
        return -s * y + t

    y = x * 1.0
    for i in range(4):
        y = _rk4(f, y, i * 0.1, 0.1)
    return np.sum(y * y)


def nested_integrals(x, s):
    inner = lambda u: _integrate(lambda v: v * u * s, 0.0, u, 3)
    return _integrate(inner, 0.0, x[0], 3)


def recursion_with_a_function(x, s):
    return _adaptive(lambda z: z * z * s, 0.0, x[0], 2)


def partials(x, s):
    f = partial(_integrate, np.sin, b=s)
    g = functools.partial(lambda a, b, c: a * b - c, s, c=x[0])
    h = partial(g, 2.0)
    s = 5.0
    return f(0.0) + g(x[1]) * h() + partial(partial(_apply, np.power), x[2])(s)


def reductions(x, s):
    a = reduce(lambda p, q: p * q + s, [s, x[0], 3.0])
    b = functools.reduce(lambda p, q: p * q + s, x, 1.0)
    c = reduce(operator.mul, x)
    return a + b * c


def maps(x, s):
    a = sum(map(lambda z: z * s, x))
    b = list(map(lambda p, q: p * q, x, [s, 2.0, s]))
    c = sum(filter(lambda z: z > 1.0, x))
    d = 0.0
    for v in map(np.sin, x):
        d += v * v
    return a * b[0] + b[1] * b[2] + c + d + max(map(lambda z: -z * s, x))


def loop_over_functions(x, s):
    total = 0.0
    for f in (np.sin, np.cos, lambda z: z * s):
        total += f(x[0])
    for k, f in enumerate([np.sin, np.tanh]):
        total *= k + f(s)
    for f, v in zip((np.exp, _square), x):
        total += f(v) * v
    return total


def loop_over_functions_left_early(x, s):
    total = s
    for f in (np.sin, _square, np.cos, lambda z: z * s):
        total = total * 0.5 + f(total * x[0])
        if total > 1.2:
            break
    else:
        total = total * 2
    return total


def tables(x, s):
    table = {"sin": np.sin, "sq": lambda z: z * z * s, "tw": _twice(_square)}
    total = 0.0
    for name in ("sq", "sin", "tw"):
        total += table[name](x[0]) * s
    names = ["sin", "sq"]
    fs = [np.sin, np.cos, lambda z: z * s]
    for i in range(-1, 3):
        total += fs[i](x[i]) * table[names[i % 2]](s)
    return total


def composition(x, s):
    f = _compose(np.sin, lambda z: z * s, _square)
    g = reduce(lambda p, q: lambda v: q(p(v)), [np.cos, _square, lambda v: v + s])
    return f(x[0]) * g(x[1]) + _twice(_twice(lambda z: z * s))(x[2])


def list_of_functions_grown(x, s):
    fs = []
    fs = [np.sin]
    fs.append(lambda z: z * s)
    fs.append(_twice(_square))
    total = 1.0
    for f in fs:
        total *= f(x[0])
    return total + len(fs)


def operators_as_values(x, s):
    op = operator.add if s > 0.7 else operator.mul
    return op(x[0], s) * _apply(operator.truediv, x[1], s) + _apply(np.clip, x[2], a_min=0, a_max=s)


def methods_as_values(x, s):
    total = 0.0
    for reduce_ in (np.sum, np.max, np.mean, np.prod):
        total += reduce_(x * s)
    return total


def same_function_or_not(x, s):
    total = 0.0
    for f in (np.sin, np.cos, np.sin):
        total += f(s) * (2.0 if f is np.sin else x[0])
    return total


def sorted_by_a_key(x, s):
    pairs = sorted(range(5), key=lambda i: -x[i])
    best = max(range(5), key=lambda i: (x[i] - 1.0) ** 2)
    total = 0.0
    for rank, i in enumerate(pairs):
        total += x[i] * rank * s
    return total * x[best]


def array_sorted_by_a_key(x, s):
    total = 0.0
    for rank, v in enumerate(sorted(x, key=lambda v: (v - s) ** 2)):
        total += v * v * rank
    return total + min(x, key=lambda v: -v) * max((s, x[0]), key=abs)
