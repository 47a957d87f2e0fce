"""Loops over what `itertools` and NumPy give one by one; lists sorted and copied."""

import copy
import itertools

import numpy as np


def pairs_of_a_product(x):
    t = 0.0
    for i, j in itertools.product(range(2), range(3)):
        t += x[i] * x[j] ** 2
    return t


def pairs_of_positions(x):
    t = 0.0
    for i, j in itertools.combinations(range(4), 2):
        t += x[i] * x[j] ** 2
    return t


def chained(x):
    t = 0.0
    for v in itertools.chain(x[:2], x[3:]):
        t += v**2
    return t


def neighbours(x):
    t = 0.0
    for a, b in itertools.pairwise(x):
        t += a * b**2
    return t


def pairs_of_items(x):
    t = 0.0
    for a, b in itertools.combinations(x, 2):
        t += a * b**2
    return t


def list_sorted_in_place(x):
    l = [x[0], x[2], x[1]]
    l.sort()
    return l[0] * l[1] ** 2


def first_and_rest(x):
    a, *rest = x
    return a * sum(v**2 for v in rest)


def indices_of_an_array(x):
    A = np.outer(x, x)
    t = 0.0
    for i, j in np.ndindex(A.shape):
        t += A[i, j] ** 2
    return t


def numbered_elements(x):
    A = np.outer(x, x)
    t = 0.0
    for (i, j), v in np.ndenumerate(A):
        t += v**2 * (i + j)
    return t


def set_of_seen(x):
    s = set()
    t = 0.0
    for i in (1, 2, 1, 3):
        if i in s:
            continue
        s.add(i)
        t += x[i] ** 2
    return t


def running_sums(x):
    acc = list(itertools.accumulate(x))
    return acc[1] * acc[3]


def running_products(x):
    acc = list(itertools.accumulate([x[0], x[1], x[2]], lambda a, b: a * b))
    return acc[1] * acc[2]


def array_made_a_list(x):
    y = x.tolist()
    return y[0] * y[1] + x[2].item()


def copies_by_library(x):
    y = copy.deepcopy(x)
    y[0] = 3 * y[1]
    z = copy.copy(y)
    z[1] = 2.0
    return np.sum(y * z)
