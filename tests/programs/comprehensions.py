"""Comprehensions and generator expressions, each a program over a vector and a number."""

from __future__ import annotations

import math

import numpy as np


def array_of_products(x, s):
    y = np.array([a * s for a in x])
    return np.sum(y**2)


def sum_with_a_condition(x, s):
    return sum(a**2 * s for a in x if a > 0.7)


def two_loops_and_a_name_taken_outside(x, s):
    a = s * 2
    t = [a * b for a in x for b in x if a < b]
    return sum(t) * a


def rows_of_rows(x, s):
    rows = [[a * b * s for b in x] for a in x]
    return np.sum(np.array(rows) ** 2)


def any_and_all_leave_early(x, s):
    if any(a > 1.0 for a in x):
        s = s * 2
    if all(a > b for a in x for b in x[:2] if b != a):
        s = s * 3
    return s * sum(np.sin(a) for a in x)


def range_start_maximum_minimum(x, s):
    return (
        sum((x[i] * x[i - 1] for i in range(1, len(x))), s)
        + max(a * s for a in x)
        + min(a * s for a in x)
    )


def running_total_by_walrus(x, s):
    t = 0.0
    y = [t := t + a * s for a in x]
    return t * y[1]


def product_of_items(x, s):
    return math.prod(a * s for a in x)


def the_iterable_has_the_name_of_the_items(x, s):
    x = [x * s for x in x]
    x = [x * s for x in x]
    return x[0] * x[1] + sum(x)


def pairs_by_zip_and_enumerate(x, s):
    p = [(a, b) for a, b in zip(x, reversed(x))]
    return sum(a * b for a, b in p) * sum(i * a for i, a in enumerate(x, 1))


def sorted_positions_and_a_tuple(x, s):
    ks = sorted(i for i in range(len(x)) if i != 2)
    q = tuple(a * s for a in x)
    return sum(x[k] * q[k] for k in ks)


def dict_and_set_of_integers(x, s):
    d = {i: i * 2 for i in range(3)}
    u = {i % 2 for i in range(5)}
    return s * d[2] * len(u)


def list_replaced_in_a_branch_of_a_loop(x, s):
    t = 0.0
    for i in range(3):
        w = [a * s + i for a in x]
        if i == 1:
            w = [b * b for b in w if b > 0.5]
        t = t + sum(w) * s
    return t


def stacked_waves(x, s):
    return np.sum(np.stack([np.sin(x * k) for k in range(1, 4)]) * s)


def sum_inside_a_sum(x, s):
    return sum(x[i] * sum(x[j] * s for j in range(i)) for i in range(len(x)))


def joined_text_and_a_conditional_sum(x, s):
    c = " ".join(str(i) for i in range(3))
    return s * len(c) + (sum(a for a in x) if s > 0 else sum(a * a for a in x))


def loop_over_a_generator(x, s):
    out = 0.0
    for v in (a * s for a in x):
        out = out + v * v
    return out


def sum_of_arrays(x, s):
    return np.sum(sum(x * k for k in range(3)) * s)


def elements_above_the_diagonal(x, s):
    A = np.outer(x, x)
    return sum(A[i, j] * s for i in range(5) for j in range(5) if i < j)


def walrus_in_the_test_of_a_conditional(x, s):
    return np.sum(np.concatenate([x * k, x * s]) ** 2) if (k := len([a for a in x if a > 0])) else s


def squares_of_sums_of_views(x, s):
    ws = [x[:2], x[2:]]
    return sum(np.sum(w * s) ** 2 for w in ws)


def count_by_sum(x, s):
    n = sum(1 for a in x if a > 0.8)
    return s * n + sum(x)


def layers_of_a_network(x, s):
    h = x
    for W in [np.outer(x, x) * k for k in (0.1, 0.2)]:
        h = np.tanh(W @ h)
    return np.sum(h) * s


def loop_over_a_filtered_list_of_pairs(x, s):
    return sum(a * b for a, b in [(u, v * s) for u in x for v in x if u > v])
