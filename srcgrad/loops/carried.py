"""Functions that loops call, as texts: they stand in the module that needs them.

Their names are taken: a program that uses one of them for something else is left to NumPy.
"""

from __future__ import annotations

HELPERS = {
    "finite": '''
def finite(x):
    """`x`; Python raises where a function of its numbers has no finite value."""
    if not np.isfinite(x):
        raise OverflowError("a number is not finite")
    return x
''',
    "nonzero": '''
def nonzero(x):
    """`x`, a divisor that is one of Python's own numbers."""
    if x == 0:
        raise ZeroDivisionError("division by zero")
    return x
''',
    "int_power": '''
def int_power(a, n):
    """`a ** n` of integers that stay within 64 bits."""
    if n < 0 or abs(float(a)) ** n > 4e18:
        raise OverflowError("a power of integers leaves 64 bits")
    return a**n
''',
    "int_sum": '''
def int_sum(total, a, b):
    """`total`, a sum or difference of integers that stays within 64 bits."""
    if abs(float(a)) + abs(float(b)) > 4e18:
        raise OverflowError("a sum of integers leaves 64 bits")
    return total
''',
    "int_product": '''
def int_product(a, b):
    """`a * b` of integers that stay within 64 bits."""
    if abs(float(a) * float(b)) > 4e18:
        raise OverflowError("a product of integers leaves 64 bits")
    return a * b
''',
    "whole_power": '''
def whole_power(a, n):
    """`a ** n` of NumPy's integers."""
    if n < 0:
        raise ValueError("integers to negative integer powers are not allowed")
    return a**n
''',
    "int_of": '''
def int_of(x):
    """`int(x)` where that has 64 bits."""
    if not abs(x) < 9e18:
        raise OverflowError("an integer leaves 64 bits")
    return int(x)
''',
    "shifted_left": '''
def shifted_left(a, n):
    """`a << n` of integers, within 64 bits."""
    if n < 0 or n > 62 or abs(float(a)) > float(4611686018427387904 >> n):
        raise OverflowError("a shift leaves 64 bits")
    return a << n
''',
    "shifted_right": '''
def shifted_right(a, n):
    """`a >> n` of integers, by less than 64 bits."""
    if n < 0 or n > 63:
        raise ValueError("a shift by less than 0 or more than 63 bits")
    return a >> n
''',
    "share_memory": '''
def share_memory(a, b):
    """Whether two arrays may have memory in common, as `np.may_share_memory` finds it."""
    if a.size == 0 or b.size == 0:
        return False
    a_low = a_high = np.int64(a.ctypes.data)
    for i in range(a.ndim):
        reach = (a.shape[i] - 1) * a.strides[i]
        a_low, a_high = a_low + min(reach, 0), a_high + max(reach, 0)
    b_low = b_high = np.int64(b.ctypes.data)
    for i in range(b.ndim):
        reach = (b.shape[i] - 1) * b.strides[i]
        b_low, b_high = b_low + min(reach, 0), b_high + max(reach, 0)
    return a_low < b_high + b.itemsize and b_low < a_high + a.itemsize
''',
    # These run on several elements at once, which the functions of the C library do not.
    "sum_of": '''
@njit(error_model="numpy", cache=__file__.endswith(".py"), fastmath={"reassoc"})
def sum_of(x):
    """The sum of a row, in any order."""
    total = 0.0
    for i in range(x.shape[0]):
        total += x[i]
    return total
''',
    "dot_of": '''
@njit(error_model="numpy", cache=__file__.endswith(".py"), fastmath={"reassoc"})
def dot_of(x, y, n):
    """The sum of `x[i] * y[i]`, in any order."""
    total = 0.0
    for i in range(n):
        total += x[i] * y[i]
    return total
''',
    "dot_back": '''
@njit(error_model="numpy", cache=__file__.endswith(".py"), fastmath={"reassoc"})
def dot_back(x, y, last, n):
    """The sum of `x[last - i] * y[i]`, in any order."""
    total = 0.0
    for i in range(n):
        total += x[np.uint64(last - i)] * y[i]  # unsigned: none is counted from the end
    return total
''',
    "max_of": '''
def max_of(x):
    """The greatest element of a row, or NaN where there is one."""
    a = b = c = d = -np.inf
    n = x.shape[0] - x.shape[0] % 4
    for i in range(0, n, 4):
        a = x[i] if x[i] > a or x[i] != x[i] else a
        b = x[i + 1] if x[i + 1] > b or x[i + 1] != x[i + 1] else b
        c = x[i + 2] if x[i + 2] > c or x[i + 2] != x[i + 2] else c
        d = x[i + 3] if x[i + 3] > d or x[i + 3] != x[i + 3] else d
    for i in range(n, x.shape[0]):
        a = x[i] if x[i] > a or x[i] != x[i] else a
    for e in (b, c, d):
        a = e if e > a or e != e else a
    return a
''',
    "min_of": '''
def min_of(x):
    """The least element of a row, or NaN where there is one."""
    a = b = c = d = np.inf
    n = x.shape[0] - x.shape[0] % 4
    for i in range(0, n, 4):
        a = x[i] if x[i] < a or x[i] != x[i] else a
        b = x[i + 1] if x[i + 1] < b or x[i + 1] != x[i + 1] else b
        c = x[i + 2] if x[i + 2] < c or x[i + 2] != x[i + 2] else c
        d = x[i + 3] if x[i + 3] < d or x[i + 3] != x[i + 3] else d
    for i in range(n, x.shape[0]):
        a = x[i] if x[i] < a or x[i] != x[i] else a
    for e in (b, c, d):
        a = e if e < a or e != e else a
    return a
''',
    "exp_of": '''
def exp_of(x):
    """`np.exp(x)` but for the last bit: `2**n * exp(r)` with `abs(r) <= log(2) / 2`."""
    x = -1000.0 if x < -1000.0 else 1000.0 if x > 1000.0 else x
    n = np.rint(x * 1.4426950408889634)
    r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10
    y = 1.6059043836821613e-10 * r + 2.08767569878681e-09
    y = (y * r + 2.505210838544172e-08) * r + 2.755731922398589e-07
    y = (y * r + 2.7557319223985893e-06) * r + 2.48015873015873e-05
    y = (y * r + 0.0001984126984126984) * r + 0.001388888888888889
    y = (y * r + 0.008333333333333333) * r + 0.041666666666666664
    y = (y * r + 0.16666666666666666) * r + 0.5
    y = (y * r + 1.0) * r + 1.0
    half = np.int64(n) >> 1
    rest = np.int64(n) - half
    y *= np.int64((half + 1023) << 52).view(np.float64)
    return y * np.int64((rest + 1023) << 52).view(np.float64)
''',
    "tanh_of": '''
def tanh_of(x):
    """`np.tanh(x)` but for the last bits, by `exp` or, near zero, by a quotient of polynomials."""
    z = abs(x)
    q = x * x
    p = (-0.9643991794250522 * q - 99.28772310019185) * q - 1614.6876844170845
    p /= ((q + 112.81167849163293) * q + 2235.4883906010045) * q + 4844.063053251255
    near = z + z * q * p
    far = 1.0 - 2.0 / (exp_of(2.0 * z) + 1.0)
    return np.copysign(near if z < 0.625 else far, x)
''',
}
# A function of one's own in place of NumPy's, in loops over elements.
IN_ROWS = {"numpy.exp": "exp_of", "numpy.tanh": "tanh_of"}
PLAIN = {name: fn.replace("numpy", "np") for fn, name in IN_ROWS.items()}
