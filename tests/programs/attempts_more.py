"""Programs with `try`, each over a vector and a number: handlers of every sort."""

from __future__ import annotations

import math

import numpy as np


def _middle(v, o):
    for k in range(3):
        o = o * v + k * 0.1
        if o > 2.0:
            raise ArithmeticError(str(k))
    return o


def return_before_finally(x, s):
    try:
        return s * x[0]
    finally:
        s = s * 5


def break_in_a_handler(x, s):
    for v in x:
        try:
            if v > 1.2:
                raise ValueError
            s = s * v
        except ValueError:
            break
        finally:
            s = s + 0.5
    return s


def two_tries_in_a_loop(x, s):
    out = 0.0
    i = 0
    while i < 8:
        i += 1
        try:
            v = x[i]
        except IndexError:
            v = s
            if i > 6:
                continue
        try:
            t = math.sqrt(v - 0.8)
        except ValueError:
            t = v * v
        else:
            out = out + t
        out = out * 0.9 + t * v * s
    return out


def tuple_of_exceptions(x, s):
    try:
        n = int("12a")
    except (TypeError, ValueError) as e:
        n = len(e.args)
    return n * s


def matrix_that_is_not_definite(x, s):
    try:
        y = np.linalg.cholesky(np.outer(x, x) - np.eye(5))
    except np.linalg.LinAlgError:
        y = np.outer(x, x) * s
    return np.sum(y)


def unpacking_that_fails(x, s):
    try:
        a, b, c = x
        b = b * c
    except ValueError:
        a, b, *_ = x
    return a * b * s


def first_of_a_sum(x, s):
    best = None
    for v in x:
        try:
            best = best + v * s
        except TypeError:
            best = v
    return best * best


def nothing_and_certain_failure(x, s):
    try:
        pass
    except ValueError:
        s = s * 2
    try:
        raise ValueError("x")
    except ValueError:
        s = s * 3
    return s * x[0]


def callee_that_fails_after_recording(x, s):
    # a callee that raises in the middle, after recording
    out = s
    for v in x:
        try:
            out = _middle(v, out)
        except ArithmeticError:
            out = out * out * 0.3
    return out


def list_and_branch_inside(x, s):
    try:
        if s > 0.5:
            y = s * 2
        else:
            y = s * 3
        z = [y * v for v in x]
        t = sum(z) + z[9]
    except IndexError:
        t = s * s
    return t


def old_value_kept_by_the_program(x, s):
    y = s
    for v in x:
        y_old = y
        try:
            y = y * v
            y = y + math.log(v - 0.8)
            y = y * y
        except ValueError:
            y = y_old * 1.1
    return y


def arrays_that_do_not_fit(x, s):
    y = x.copy()
    try:
        y = y * s
        y = y[1:] * y[:3]
    except ValueError:
        y = x * x * s
    return np.sum(y)


def _looked_up(table, key, v):
    for _ in range(2):
        found = table[key]
        v = v * 2
    return v


def callee_that_raises_for_nothing(x, s):
    table = {"a": 1}
    try:
        y = _looked_up(table, "z", s)
    except KeyError:
        y = s * s
    return y * x[0]
