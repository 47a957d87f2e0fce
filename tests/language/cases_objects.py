"""Objects: methods, attributes, dataclasses and classes."""

import functools
import math
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np


@dataclass
class Point:
    a: float
    b: float

    def norm(self):
        return math.sqrt(self.a * self.a + self.b * self.b)

    @property
    def product(self):
        return self.a * self.b

    @staticmethod
    def squared(v):
        return v * v

    @classmethod
    def diagonal(cls, v):
        return cls(v, v)

    def __mul__(self, other):
        return Point(self.a * other, self.b * other)

    def __call__(self, v):
        return self.a * v + self.b


@dataclass(frozen=True, slots=True)
class Frozen:
    w: np.ndarray
    k: float = 2.0


@dataclass
class Layer:
    w: np.ndarray
    name: str = "first"
    size: int = field(default=5)


class Pair(NamedTuple):
    a: float
    b: float


class Model:
    def __init__(self, k):
        self.k = k
        self.count = 0

    def apply(self, v):
        return v * v * self.k


class Config:
    rate = 2.0


_model = Model(1.5)


def dataclass_read(p):
    """fields of a dataclass, read
    At: Point(s, t)"""
    return p.a * p.a * p.b


def dataclass_frozen(p):
    """a frozen dataclass with slots
    At: Frozen(x, s)"""
    return np.sum(p.w**2) * p.k


def dataclass_inactive(p):
    """a dataclass with str and int fields
    At: Layer(x)"""
    return np.sum(p.w**2) * p.size if p.name == "first" else 0.0


def dataclass_nested(p):
    """a dataclass in a dataclass in a list
    At: [Point(Point(s, t), 2.0)]"""
    return p[0].a.a * p[0].a.b ** 2 * p[0].b


def dataclass_made(s, t):
    """a dataclass made inside"""
    p = Point(s * s, t)
    return p.a * p.b


def dataclass_result(s, t):
    """a dataclass returned"""
    return Point(s * t, s * s)


def dataclass_replaced(p):
    """`dataclasses.replace`
    At: Point(s, t)"""
    q = replace(p, a=p.a * p.b)
    return q.a * q.b


def dataclass_field_written(p):
    """a field of a dataclass, assigned
    At: Point(s, t)"""
    p.a = p.a * p.b
    return p.a * p.b


def dataclass_array_written(p):
    """an array in a dataclass, written
    At: Layer(x)"""
    p.w[1:] *= p.w[:-1]
    return np.sum(p.w**2)


def dataclass_method(p):
    """a method of a dataclass
    At: Point(s, t)"""
    return p.norm() * p.a


def dataclass_property(p):
    """a property
    At: Point(s, t)"""
    return p.product * p.a


def dataclass_static_and_class_method(p):
    """a static method, a class method
    At: Point(s, t)"""
    return p.squared(p.a) * Point.squared(p.b) * Point.diagonal(p.a).b


def dataclass_operator(p):
    """`__mul__` of a class
    At: Point(s, t)"""
    q = p * p.a
    return q.a * q.b


def dataclass_called(p):
    """`__call__` of a class
    At: Point(s, t)"""
    return p(2.0) * p(p.a)


def object_attribute(s):
    """an attribute of a global object, read"""
    return s * s * _model.k


def object_method(s):
    """a method of a global object"""
    return _model.apply(s) * s


def object_attribute_written(s):
    """an attribute of a global object, assigned"""
    _model.count = _model.count + 1
    return s * s


def class_attribute(s):
    """an attribute of a class, read"""
    return s * s * Config.rate


def object_made(s):
    """an object of a plain class, made inside"""
    m = Model(s)
    return m.apply(s)


def namedtuple_argument(p):
    """a named tuple as an argument
    At: Pair(s, t)"""
    a, b = p
    return p.a * a * b


def namedtuple_result(s):
    """a named tuple returned"""
    return Pair(s * s, s)


def namedtuple_replaced(p):
    """`_replace` of a named tuple
    At: Pair(s, t)"""
    return p._replace(a=p.b * p.b).a * p.a


def array_methods(x):
    """methods of arrays"""
    return x.sum() * x.mean() + x.dot(x) + (x * x).max() + x.reshape(5, 1).T.ravel().sum()


def array_attributes(A):
    """attributes of arrays: `.shape`, `.T`, `.size`, `.ndim`, `.dtype`"""
    y = np.zeros(A.shape, dtype=A.dtype)
    for i in range(A.shape[0]):
        y[i] = A.T[:, i] ** A.ndim / A.size
    return y.sum()


def given_ufunc():
    """`grad(np.tanh)`
    At: s"""
    return np.tanh


def given_ufunc_arrays():
    """`vjp(np.multiply, a, b)`
    At: x, u"""
    return np.multiply


def given_reduction():
    """`grad(np.sum)`
    At: A"""
    return np.sum


def given_linear_algebra():
    """`grad(np.linalg.norm)`
    At: x"""
    return np.linalg.norm


def given_math():
    """`grad(math.sin)`
    At: s"""
    return math.sin


def given_operator():
    """`vjp(operator.mul, a, b)`
    At: s, t"""
    import operator

    return operator.mul


def given_builtin():
    """`grad(abs)`
    At: s"""
    return abs


def given_bound_array_method():
    """a bound method of an array
    At: np.ones(5) * s"""
    return np.arange(5.0).dot


def given_lambda():
    """a lambda
    At: s"""
    return lambda a: a * a * a


def given_lambda_of_many():
    """one of several lambdas on a line
    At: s"""
    return [lambda a: a * a, lambda a: a * 2.0, lambda a: a**3][2]


def given_closure():
    """a closure
    At: s"""
    k = 2.5

    def inner(a):
        return a * a * k

    return inner


def given_bound_method():
    """a bound method
    At: s"""
    return _model.apply


def given_callable_object():
    """a callable object
    At: s"""
    return Point(2.0, 3.0)


def given_partial():
    """`functools.partial`
    At: s"""
    return functools.partial(lambda k, a: a * a * k, 3.0)


def given_static_method():
    """a static method
    At: s"""
    return Point.squared


def given_wrapped():
    """a function behind `functools.lru_cache`
    At: s"""

    @functools.lru_cache
    def inner(a):
        return a * a

    return inner
