"""Programs with `match`, each over a vector and a number."""

from __future__ import annotations

import numpy as np


def alternatives_and_a_guard(x, s):
    match len(x):
        case 3 | 4:
            y = s
        case 5 if s > 100:
            y = 2 * s
        case 5:
            y = s**3
        case _:
            y = 0.0
    return y * np.sum(x)


def names_matched_in_a_loop(x, s):
    out = 0.0
    for name in ("sin", "cos", "tan", None):
        match name:
            case "sin":
                out = out + np.sin(s)
            case "cos":
                out = out * np.cos(s)
            case None:
                out = out * x[0]
            case other:
                out = out + len(other)
    return out


def pair_with_a_guard(x, s):
    match (s, x):
        case (a, b) if a > 0.5:
            return a * np.sum(b)
        case (a, _):
            return a
        case _:
            return 0.0


def nested_sequences(x, s):
    match [x[0], [s, 2.0]]:
        case [a, [b, 3.0]]:
            return a
        case [a, [b, 2.0] as c]:
            return a * b * c[1]
    return s


def mapping_of_a_kind(x, s):
    d = {"kind": "quad", "k": s}
    match d:
        case {"kind": "lin", "k": k}:
            return k * x[0]
        case {"kind": "quad", "k": k}:
            return k * k * x[1]
        case _:
            raise ValueError("no")


def an_array_is_no_sequence(x, s):
    match x:
        case [a, b, c, d, e]:
            return a
        case _:
            return s * s * x[0]


def exits_in_cases(x, s):
    t = s
    for i in range(4):
        match i, i % 2 == 0:
            case 0, _:
                continue
            case _, True:
                t = t * x[i]
            case 3, False:
                break
            case (n, False) if n:
                t = t + n * s
    return t


def subject_assigned_by_a_case(x, s):
    s = s * 2
    match s:
        case s if s > 100:
            pass
        case t:
            s = t * t
    return s * x[0]


def literals_of_every_sort(x, s):
    match "ab":
        case [a, b]:
            return s
        case "ab":
            pass
        case _:
            s = s * 3
    match -1.5:
        case -1.5:
            s = s * 2
    match True:
        case 1:
            s = s * 5
    match True:
        case False:
            s = s * 7
        case True:
            s = s * 11
    return s * x[0]


def stars_in_patterns(x, s):
    match [s, x[0], x[1], 3]:
        case [a, *_, 4]:
            return a
        case [a, b, *_]:
            return a * b
    return 1.0
