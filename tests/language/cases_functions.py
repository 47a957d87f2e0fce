"""Functions as values: nested, captured, passed and returned."""

import functools
import logging
import math
import operator
import warnings

import numpy as np

_log = logging.getLogger(__name__)


def _square(a):
    return a * a


def _cube(a):
    return a**3


def _twice(f, a):
    return f(f(a))


def _power(a, n):
    return 1.0 if n == 0 else a * _power(a, n - 1)


def _even(a, n):
    return a if n == 0 else _odd(a * a, n - 1)


def _odd(a, n):
    return math.sin(a) if n == 0 else _even(a + 1.0, n - 1)


def _checked(x, name="x"):
    if not np.all(np.isfinite(x)):
        raise ValueError(f"{name} has values that are not finite")
    _checked_shape(x)


def _checked_shape(x):
    assert x.ndim == 1, "one axis"


def _scaled(f):
    @functools.wraps(f)
    def scaled(a):
        return 3.0 * f(a)

    return scaled


@_scaled
def _decorated(a):
    return a * a


@functools.lru_cache
def _cached(a):
    return a * a


def _product(a, b):
    return a * b


def _stretched(a, factor=2.0, *, shift=0.0):
    return a * factor + shift


def _total(*parts, **named):
    return sum(parts) + named["last"]


def _early(a):
    for _ in range(5):
        a = a * a + 0.1
        if a > 1.0:
            return a * 2.0
    return a


def call_of_function(s):
    """a call of a function of the module"""
    return _square(s) * _cube(_square(s))


def call_with_keywords(s):
    """a call with defaults and keywords"""
    return _stretched(s) * _stretched(s, shift=s) * _stretched(factor=s, a=2.0)


def call_with_early_return(s):
    """a callee with a loop and an early return"""
    return _early(s) * _early(2.0 * s)


def recursion(s):
    """recursion"""
    return _power(s, 3) * s


def recursion_of_itself(s, n=3):
    """a function that calls itself"""
    if n == 0:
        return s
    return s * recursion_of_itself(s * s, n - 1)


def mutual_recursion(s):
    """mutual recursion"""
    return _even(s, 3) * _even(s, 2)


def lambda_called(s):
    """a lambda"""
    f = lambda a: a * a + s
    return f(s) * f(2.0)


def lambdas_of_one_line(s):
    """several lambdas on one line"""
    f, g = lambda a: a * s, lambda a: a + s
    return f(g(s)) * g(f(2.0))


def lambda_called_at_once(s):
    """`(lambda a: a * a)(s)`"""
    return (lambda a, b=2.0: a * a * b)(s)


def function_chosen(s):
    """a function chosen at run time"""
    f = _square if s > 0.8 else _cube
    return f(s) * s


def function_in_dict(s):
    """functions in a dict"""
    table = {"square": _square, "cube": _cube}
    return table["square"](s) * table["cube"](s)


def functions_in_a_loop(s):
    """`for f in (f1, f2)`"""
    a = s
    for f in (_square, _cube, math.sin):
        a = f(a) + s
    return a


def function_passed(s):
    """a function passed to a function"""
    return _twice(_square, s) + _twice(lambda a: a * s, s)


def function_argument(f, s):
    """a function given as an argument
    At: _square, s"""
    return f(s) * s


def function_returned(s):
    """a function that returns a function"""

    def make(k):
        return lambda a: a * k

    return make(s)(s) + make(2.0)(s)


def function_composed(s):
    """functions composed by a function"""

    def compose(f, g):
        return lambda a: f(g(a))

    return compose(_square, math.sin)(s)


def partial(s):
    """`functools.partial`"""
    f = functools.partial(_stretched, factor=s)
    return f(s) * f(2.0, shift=s)


def reduce(x):
    """`functools.reduce`"""
    return functools.reduce(lambda a, b: a * b + 1.0, x)


def reduce_of_operator(x):
    """`functools.reduce(operator.mul, parts, 1.0)`"""
    return functools.reduce(operator.mul, [x[0], x[1] * x[2]], 1.0)


def wraps_decorator(s):
    """a decorator with `functools.wraps`"""
    return _decorated(s) * s


def lru_cache_decorator(s):
    """`functools.lru_cache`"""
    return _cached(s) * s


def decorator_inside(s):
    """a decorator on a nested `def`"""

    def doubled(f):
        return lambda a: 2.0 * f(a)

    @doubled
    def inner(a):
        return a * s

    return inner(s)


def map_values(x):
    """`map`"""
    return sum(map(lambda a: a * a, x))


def map_two(x, u):
    """`map` over two sequences"""
    return sum(map(operator.mul, x, u))


def filter_values(x):
    """`filter`"""
    return sum(filter(lambda a: a > 0.9, x * x))


def sorted_by_key(x):
    """`sorted` with a key"""
    a, b, c = sorted([x[0], x[1], x[2]], key=lambda v: -v)
    return a * b * b + c


def max_by_key(x):
    """`max` with a key"""
    return max([x[0], x[1], x[2]], key=lambda v: -v) ** 2


def operator_functions(s, t):
    """`operator.mul`, `operator.add`, `operator.neg`"""
    return operator.mul(s, operator.add(t, s)) - operator.neg(t) * operator.pow(s, 2)


def operator_getters(x):
    """`operator.itemgetter`, `operator.getitem`"""
    second = operator.itemgetter(1)
    return second(x) * operator.getitem(x, 2)


def star_call(s, t):
    """`f(*parts, **named)`"""
    parts, named = (s,), {"factor": t, "shift": s}
    return _stretched(*parts, **named)


def star_call_of_slice(x):
    """`f(*x[:2])`, `f(*xs)` where `f` takes as many as there are"""
    xs = [x[0], x[1] * x[2]]
    return _product(*x[:2]) + _product(*xs)


def star_parameters_of_callee(s, t):
    """a callee with `*args` and `**kwargs`"""
    return _total(s, t * s, last=t) * s


def star_parameters(s, *rest):
    """`*args` in the signature
    At: s, t, 2.0"""
    return s * rest[0] * rest[1]


def star_star_parameters(s, **options):
    """`**kwargs` in the signature
    At: s, k=t"""
    return s * s * options["k"]


def keyword_only(s, *, k, m=2.0):
    """keyword-only parameters
    At: s, k=t"""
    return s * s * k * m


def positional_only(s, t, /):
    """positional-only parameters"""
    return s * t * t


def default_values(s, k=2.0, name="square"):
    """default values"""
    return s * s * k if name == "square" else s


def builtin_functions(x):
    """`sum`, `max`, `min`, `abs`, `len`, `pow`, `float`"""
    parts = [x[0], -x[1], x[2]]
    return sum(parts) * max(parts) + min(parts) ** 2 + abs(parts[1]) * len(parts) + pow(x[3], 3)


def builtin_any_all(s):
    """`any`, `all`, `isinstance`, `round`, `int` in tests"""
    if any([s > 5.0, s > 0.1]) and all([isinstance(s, float), int(s) < 9]):
        return s * s
    return s


def vectorize(x):
    """`np.vectorize`"""
    f = np.vectorize(lambda a: a * a if a > 0.9 else a)
    return np.sum(f(x) * x)


def apply_along_axis(A):
    """`np.apply_along_axis`"""
    return np.sum(np.apply_along_axis(lambda row: row * row[0], 1, A))


def checked_arguments(x):
    """a call for its effect: of a function that checks"""
    _checked(x)
    for i in range(2):
        x = x * x
        _checked(x, name=f"square {i}")
    return np.sum(x)


def warned_and_logged(x):
    """`warnings.warn`, `log.debug`"""
    y = x * x
    _log.debug("y is %s", y)
    if np.max(y) > 1e6:
        warnings.warn(f"{y} is large")
    return np.sum(y * y)
