"""Programs with `try`, each over a vector and a number: some parts fail, some do not."""

from __future__ import annotations

import math

import numpy as np


def _square(v):
    if v < 0.9:
        raise ValueError("no")
    return v * v


def _clipped(v, s):
    try:
        if v > 1.3:
            raise ValueError
        return v * s
    finally:
        s = 0


def logarithm_that_fails(x, s):
    try:
        y = math.log(s - 10)
    except ValueError:
        y = s * s
    return y * np.sum(x)


def index_behind_the_end(x, s):
    out = 0.0
    for i in range(7):
        try:
            a = x[i] * s
            b = a * a
            out = out + b * np.sin(a)
        except IndexError:
            out = out * s
    return out


def all_four_clauses(x, s):
    try:
        t = s * 2
        if t > 0.5:
            raise ValueError("big")
        y = t
    except ValueError as e:
        y = s**3 * len(str(e))
    else:
        y = y * 5
    finally:
        s = s * 2
    return y * s + x[0]


def return_in_the_body(x, s):
    try:
        return math.sqrt(s - 5) * x[0]
    except (ValueError, TypeError):
        return s * x[1]


def continue_in_a_handler(x, s):
    d = {"a": s}
    for k in ("a", "b", "a", "c"):
        try:
            v = d[k]
        except KeyError:
            continue
        s = s * v
    return s * x[0]


def two_handlers_and_a_loop_inside(x, s):
    out = s
    for v in x:
        try:
            if v > 1.2:
                raise KeyError
            if v > 0.9:
                raise IndexError("x")
            t = 0.0
            for w in x:
                t = t + w * v * out
            out = np.sin(t)
        except KeyError:
            out = out * 1.5
        except IndexError as e:
            out = out * v
    return out


def finally_alone(x, s):
    try:
        y = x * s
    finally:
        z = s * 3
    return np.sum(y) * z


def break_before_finally(x, s):
    for v in x:
        try:
            if v > 1.0:
                break
            s = s * v
        finally:
            s = s + 1
    return s


def floating_point_errors(x, s):
    try:
        with np.errstate(all="raise"):
            y = np.sum(x) / np.float64(0.0) * s
    except FloatingPointError:
        y = np.sum(x * x) * s
    return y


def break_in_the_body(x, s):
    while True:
        try:
            y = math.sqrt(1.0 - s)
            break
        except ValueError:
            s = s * 0.5
    return y * x[0]


def handler_and_finally_in_a_loop(x, s):
    for v in x:
        try:
            s = math.log(v - 0.9) * s
        except ValueError:
            s = s * v
        finally:
            s = s * 1.1
    return s


def try_in_a_branch_of_a_loop(x, s):
    y = 0.0
    for i, v in enumerate(x):
        if i % 2:
            try:
                y = y + math.log(v - 0.9) * y
            except ValueError:
                y = y * v + s
        s = s * y + 1
    return s


def callee_that_raises(x, s):
    out = 1.0
    for v in x:
        try:
            out = _square(v) * out * s
        except ValueError:
            pass
    return out


def failure_behind_a_callee(x, s):
    # residuals of a callee, and a failure after it
    out = 1.0
    for v in x:
        for k in range(3):
            try:
                t = _square(v * s + 0.2 * k) * out
                out = math.log(t - 0.5) + t
            except ValueError:
                out = out * 0.9
                continue
    return out


def failure_in_an_inner_loop(x, s):
    y = s
    for v in x:
        try:
            w = v * y
            u = w * w
            for k in range(3):
                u = u * w + y
                if u > 3.0:
                    raise OverflowError
            y = np.sin(u)
        except OverflowError:
            y = y * v
        finally:
            y = y * y + 0.1
    return y


def else_in_a_loop(x, s):
    tot = 0.0
    for v in x:
        if v > 0.8:
            try:
                q = np.exp(v * s)
                if q > 2.5:
                    raise ValueError
                tot = tot * q + q * q
            except ValueError:
                tot = tot + v
            else:
                tot = tot * 2
        s = s + tot * 0.01
    return tot * s


def endless_loop_left_by_an_exception(x, s):
    y = [v * s for v in x]
    i = 0
    out = s
    while True:
        try:
            out = out * y[i] * y[i + 2]
        except IndexError:
            break
        i += 1
    return out


def try_in_a_handler(x, s):
    try:
        y = math.log(s - 3) * s
    except ValueError:
        try:
            y = math.log(s - 2)
        except ValueError:
            y = s**2 * x[1]
    return y


def return_in_a_handler(x, s):
    for v in x:
        try:
            r = _clipped(v, s)
        except ValueError:
            return v * s * s
        s = s * r
    return s


def try_inside_a_context(x, s):
    with np.errstate(all="raise"):
        try:
            y = np.sqrt(x - 1.0)
        except FloatingPointError:
            y = x**2
    return np.sum(y) * s


def list_filled_by_handlers(x, s):
    acc = []
    for v in x:
        try:
            if v > 1:
                raise ValueError
            w = v * s
        except ValueError:
            acc.append(v * s * s)
        else:
            acc.append(w)
    return sum(acc)
