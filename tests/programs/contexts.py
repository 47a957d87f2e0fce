"""Programs with `with`, each over a vector and a number; `LOG` tells what was entered and left."""

from __future__ import annotations

import contextlib
import warnings

import numpy as np

LOG = []


class Timer:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        LOG.append("in " + self.name)
        return len(self.name)

    def __exit__(self, kind, value, traceback):
        LOG.append("out " + self.name)
        return False


@contextlib.contextmanager
def scale(k):
    LOG.append("scale")
    yield k * 2
    LOG.append("end")


def silenced_division(x, s):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0.8, np.log(x), x / s)
    return np.sum(y)


def manager_that_gives_a_number(x, s):
    with Timer("ab") as n:
        y = x * s * n
    return np.sum(y**2)


def three_contexts(x, s):
    with scale(3) as k, contextlib.nullcontext():
        s = s * k
        with Timer("z"):
            x = x * s
    return np.sum(x) * k


def break_and_continue_inside(x, s):
    for v in x:
        with Timer("q") as n:
            if v > 1.2:
                break
            if v < 0.7:
                continue
            s = s * v
        s = s + n
    return s


def return_inside(x, s):
    with np.errstate(over="ignore"):
        return np.sum(np.exp(x * s))


def return_from_a_loop_inside(x, s):
    with Timer("a"):
        for v in x:
            if v * s > 1.0:
                return v * s * s
    return s


def warnings_caught(x, s):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = x * s
    return np.sum(np.sqrt(y))


def contexts_in_a_while_loop(x, s):
    t = 0.0
    i = 0
    while i < 3:
        with np.errstate(all="ignore"), Timer("w") as n:
            t = t + np.sin(s * i) * n
            i += 1
    return t * x[0]


def return_in_both_arms(x, s):
    with Timer("a") as n:
        if s > 0.5:
            return x[0] * s * n
        else:
            return x[1]


def list_and_context_inside(x, s):
    with Timer("a"):
        y = [v * s for v in x]
        with Timer("b"):
            if s > 10:
                return s
            z = sum(y)
    return z * s


def output_redirected(x, s):
    with np.printoptions(precision=3), contextlib.redirect_stdout(None):
        print(1)
        y = x**2 * s
    return np.sum(y)


def nullcontext_with_a_value(x, s):
    lock = contextlib.nullcontext(2.0)
    with lock as (q):
        return s * x[1]
