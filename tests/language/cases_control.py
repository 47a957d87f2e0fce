"""Control flow."""

import math

import numpy as np


def for_range(x):
    """`for i in range(a, b, c)`"""
    a = 1.0
    for i in range(1, 5, 2):
        a = a * x[i] + i
    return a


def for_range_backwards(x):
    """`range(4, -1, -1)`"""
    a = 1.0
    for i in range(4, -1, -1):
        a = math.sin(a) * x[i]
    return a


def for_zero_trips(s, n):
    """a loop that may run no times
    At: s, 0"""
    a = s
    for _ in range(n):
        a = a * s
    return a * s


def for_over_array(x):
    """`for v in x`"""
    a = 1.0
    for v in x:
        a = a * v + v
    return a


def for_over_list(s):
    """`for k in [1.0, 2.0]`"""
    a = s
    for k in [1.0, 2.0, 0.5]:
        a = a * s + k
    return a


def for_zip_strict(x):
    """`zip(x, y, strict=True)`"""
    total = 0.0
    for v, w in zip(x[:-1], x[1:], strict=True):
        total += v * w
    return total


def for_zip_enumerate(x):
    """`enumerate`, `zip`, `reversed`"""
    a = 0.0
    for i, (v, w) in enumerate(zip(x, reversed(x))):
        a += i * v * w
    return a


def for_over_strings(s):
    """a loop over a string"""
    a = s
    for letter in "abca":
        if letter == "a":
            a = a * s
    return a


def for_break_continue_else(x):
    """`break`, `continue`, `else`, nested"""
    y = np.zeros(5)
    for i in range(5):
        for j in range(i):
            if x[j] > 1.2:
                continue
            y[i] += x[j] * x[i]
            if y[i] > 1.5:
                break
        else:
            y[i] = y[i] * 2.0 + x[i]
    return np.sum(y * y)


def while_loop(s):
    """`while`"""
    a = s
    while a < 10.0:
        a = a * (1.5 + s)
    return a


def while_break_continue_else(s):
    """`while` with `break`, `continue`, `else`"""
    a, n = s, 0
    while n < 6:
        n += 1
        if n == 2:
            continue
        a = a * (1.2 + s)
        if a > 40.0:
            break
    else:
        a = a * s
    return a


def while_true(s):
    """`while True` left by `break`"""
    a = s
    while True:
        a = a * a + 0.5
        if a > 3.0:
            break
    return a


def while_zero_trips(s):
    """a `while` that does not run"""
    a = s * s
    while a > 100.0:
        a = a / s
    return a * s


# fmt: off
def while_one_line(s):
    """`while a < 5: a = a * a + 1`, on one line"""
    a = s; b = s * s
    while a < 5: a = a * a + b
    return a
# fmt: on


def loop_variable_after(x):
    """the loop variable after the loop"""
    a = 1.0
    for i in range(4):
        a = a * x[i]
    return a * x[i]


def loop_value_after(x):
    """the last element after `for v in x`"""
    a = 1.0
    for v in x:
        a = a * v
    return a * v


def loop_variable_reassigned(x):
    """the loop variable reassigned inside"""
    a = 1.0
    for i in range(3):
        i = i + 1
        a = a * x[i]
    return a * i


def loop_variable_of_two_loops(x):
    """one variable for two nested loops"""
    a = 1.0
    for i in range(2):
        for i in range(3):
            a = a * x[i] + i
        a = a + x[i]
    return a


def returns_in_branches(s):
    """several returns"""
    if s > 0.8:
        return s**3
    elif s > 0.5:
        return math.sin(s)
    return s * s


def returns_of_different_shapes(x):
    """returns of different shapes"""
    if x[0] > 1.0:
        return x[1:3] ** 2
    return np.sum(x**3)


def return_from_loop(x):
    """a return from inside two loops"""
    a = 1.0
    for i in range(3):
        for j in range(3):
            a = a * x[i] + x[j]
            if a > 3.0:
                return a * x[j]
    return a


def statements_after_return(s):
    """statements that are never reached"""
    a = s * s
    return a
    a = a * 3.0
    return a


def chained_comparison(s):
    """`0 < s < 1 <= t`"""
    if 0.0 < s < 0.8 <= 1.0:
        return s * s
    return s**3


def walrus(s):
    """`(y := e)`"""
    if (y := s * s) > 0.5:
        return y * s
    return (z := y + s) * z


def walrus_in_a_loop(x):
    """`while (n := n - 1) >= 0`"""
    n = 3
    a = x[0]
    b = 1.0
    while (n := n - 1) >= 0:
        a, b = a * x[n] + b, a
    return a * b


def pop_in_a_loop(x):
    """`while xs and (v := xs.pop()) > e`"""
    stack = [x[0], x[1], x[2]]
    s = 0.0
    while stack and (v := stack.pop()) > -50.0:
        s = s + v * v
    return s


def short_circuit_test(x):
    """`and`, `or`, `not` in tests"""
    n = 0
    a = 1.0
    while n < 5 and not (x[n] > 1.4 or a > 50.0):
        a = a * (x[n] + 1.0)
        n += 1
    return a


def short_circuit_value(s):
    """`a or b`, `a and b` as values"""
    a = s or 2.0
    b = s > 10.0 and s
    c = 0.0 or s * s
    return a * c + b


def conditional_expression(s):
    """`a if test else b`"""
    a = s * s if s > 0.8 else math.exp(s)
    return a * (s if a > 1.0 else 2.0 * s)


def match_number(s, n):
    """`match` on a number"""
    match n:
        case 1:
            return s
        case 2 | 3:
            return s * s
        case _:
            return s**3


def match_sequence(s, t):
    """`match` on a sequence"""
    match (s, t):
        case (a, b) if a > b:
            return a * a * b
        case (a, b):
            return a * b * b


def match_text(s):
    """`match` on a string"""
    mode = "cube"
    match mode:
        case "square":
            return s * s
        case "cube":
            return s**3


def assertion(s):
    """`assert`"""
    assert s > 0.0, f"{s} is not positive"
    return s * s


def raise_not_taken(s):
    """`raise` in a branch that is not taken"""
    if s < 0.0:
        raise ValueError("negative")
    return math.sqrt(s)


def try_except(s):
    """`try`, `except`, not taken"""
    try:
        a = s * s
    except ZeroDivisionError:
        a = s
    return a * s


def try_except_taken(s):
    """`try`, `except`, taken"""
    try:
        a = {}["missing"] * s
    except KeyError:
        a = s * s
    return a * s


def try_finally(s):
    """`try`, `finally`"""
    a = s * s
    try:
        a = a * s
    finally:
        a = a + s
    return a * a


def try_else(s):
    """`try`, `except`, `else`"""
    table = {"a": 2.0}
    try:
        k = table["b"]
    except KeyError:
        k = 3.0
    else:
        k = k + s
    return k * s * s


def with_errstate(x):
    """`with np.errstate(...)`"""
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(x)
    return np.sum(y * x)


def delete_name(s):
    """`del name`"""
    a = s * s
    b = a * s
    del a
    return b * s


def pass_and_docstring(s):
    """`pass`, a docstring, constants as statements"""
    "not used"
    if s > 0.5:
        pass
    ...
    return s * s


def delete_name_read(s):
    """`del name`, and a read of it"""
    a = s * s
    if s > 100.0:
        del a
    return a * s


def generator_unpacked(x):
    """`a, b, c = (e for v in xs)`"""
    a, b, c = (v * v for v in x[:3])
    return a * b + c
