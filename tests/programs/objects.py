"""Objects made and used in a function, and objects and decorated functions of the module.

Each program takes an array `x` and a number `s`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from functools import partial

import numpy as np


class Point:
    kind = 2.0

    def __init__(self, a, b=1.0):
        self.a = a
        self.b = b

    def norm(self):
        return self.a * self.a + self.b * self.b

    def scale(self, k):
        self.a *= k
        self.b = self.b * k
        return self

    @property
    def product(self):
        return self.a * self.b

    @staticmethod
    def square(v):
        return v * v

    @classmethod
    def unit(cls, v):
        return cls(v, cls.kind)

    def __call__(self, v):
        return self.a * v + self.b

    def __add__(self, other):
        return Point(self.a + other.a, self.b + other.b)

    def __mul__(self, k):
        return Point(self.a * k, self.b * k)

    __rmul__ = __mul__


class Weighted(Point):
    def __init__(self, a, b, w):
        super().__init__(a, b)
        self.w = w

    def norm(self):
        return super().norm() * self.w


class Counter:
    total = 0.0

    def __init__(self):
        self.count = 0

    def add(self, v):
        self.total += v * v
        self.count += 1

    def mean(self):
        return self.total / self.count


@dataclass
class Params:
    w: float
    b: float = 0.5
    names: list = field(default_factory=list)

    def apply(self, v):
        return self.w * v + self.b


@dataclass(frozen=True)
class State:
    y: float
    t: float = 0.0

    def step(self, h):
        return State(self.y + h * self.y * np.cos(self.t), self.t + h)


class Layer:
    def __init__(self, w, act):
        self.w = w
        self.act = act

    def forward(self, v):
        return self.act(v * self.w)


class Model:
    def __init__(self, layers, k):
        self.first, self.second = layers
        self.k = k
        self.state = 0.0

    def predict(self, v):
        return self.second.forward(self.first.forward(v)) * self.k

    def __call__(self, v):
        return self.predict(v) + self.bias

    @property
    def bias(self):
        return 0.25 * self.k


MODEL = Model((Layer(1.5, np.tanh), Layer(0.7, lambda v: v * v)), 2.0)


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
def doubled(a, b=1.5):
    return a * a * b


@times(3.0)
@twice
def sixfold(a):
    return np.sin(a)


@functools.lru_cache(maxsize=8)
def remembered(a):
    return a * a * a


HALF = partial(np.multiply, 0.5)
RAISED = partial(lambda k, p, v: k * v**p, 2.0, 3)
TABLE = {"sq": lambda v: v * v, "sin": np.sin}
METHOD = MODEL.predict


def objects_made_here(x, s):
    p = Point(s, x[0])
    q = p
    q.scale(x[1])
    r = Point.unit(s)
    return p.norm() + r.product * Point.square(p.a) + p(x[2]) + p.kind


def attributes_in_branches_and_loops(x, s):
    p = Point(s)
    for i in range(3):
        p.a += x[i] * p.b
        if p.a > 1.5:
            p.b = p.b * s
        else:
            p.b += 0.1
    return p.norm() * p.product


def counted(x, s):
    c = Counter()
    for v in x:
        c.add(v * s)
    other = Counter()
    other.add(s)
    return c.mean() + c.total * other.mean() + other.total


def inherited(x, s):
    w = Weighted(s, x[0], x[1])
    base = Point(w.a, w.w)
    return w.norm() + base.norm() * w(s) + (1.0 if isinstance(w, Point) else 0.0)


def dataclasses_made_here(x, s):
    p = Params(s, b=x[0])
    q = Params(x[1])
    q.w = q.w * p.w
    state = State(s).step(0.1).step(0.2)
    return p.apply(x[2]) * q.apply(s) + state.y * state.t


def operators_of_objects(x, s):
    p = Point(s, x[0]) + Point(x[1]) * s
    q = 2.0 * p
    return q.norm() + p.a * q.b


def objects_captured(x, s):
    p = Point(s, x[0])

    def grow(k):
        p.a = p.a * k

    before = p.a + 0.0
    t = p.a * p.b + grow_by(p, x[1]) * p.a
    grow(s)
    grow(x[2])
    return t * p.a + before


def grow_by(p, k):
    p.a = p.a + k
    return p.a


def object_of_the_module(x, s):
    return MODEL.predict(s) + MODEL(x[0]) * MODEL.k + METHOD(x[1]) + MODEL.first.forward(x[2])


def decorated_in_the_module(x, s):
    return doubled(s) * sixfold(x[0]) + doubled(x[1], b=s) + remembered(s)


def partials_and_tables_of_the_module(x, s):
    return HALF(s) * RAISED(x[0]) + TABLE["sq"](x[1]) * TABLE["sin"](s)


def factory_of_objects(x, s):
    def make(k):
        return Point(k, s)

    p, q = make(x[0]), make(x[1])
    p.a = q.a
    return p.norm() * q.norm() + p.a


def pair_of_objects(x, s):
    points = (Point(s), Point(x[0], s))
    total = 0.0
    for p in points:
        p.scale(x[1])
        total += p.norm()
    return total * points[0].a
