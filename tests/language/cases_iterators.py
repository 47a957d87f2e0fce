"""What gives items one by one."""

import itertools

import numpy as np


def itertools_functions(x):
    """`itertools.product`, `itertools.accumulate`"""
    total = 0.0
    for i, j in itertools.product(range(2), range(3)):
        total += x[i] * x[j]
    return total * list(itertools.accumulate([x[0], x[1]]))[1]


def items_of_a_product(x):
    """`itertools.product(x, y)` over differentiated values"""
    total = 0.0
    for a, b in itertools.product(x, x[1:]):
        total += a * np.sin(b)
    return total


def chain_of_iterables(x):
    """`itertools.chain(*rows)`, `chain.from_iterable`, `pairwise`, `islice`"""
    total = 0.0
    for v in itertools.chain(*[x, x[1:]]):
        total += v * v
    for v in itertools.chain.from_iterable([x[:2], x]):
        total += np.sin(v)
    for a, b in itertools.pairwise(itertools.islice(x, 1, None)):
        total += a * b * b
    return total


def endless_in_zip(x):
    """`itertools.count`, `cycle` and `repeat` in `zip`"""
    total = 0.0
    for n, sign, v in zip(itertools.count(1), itertools.cycle([1, -1]), x):
        total += sign * v**n
    return total


def product_of_what_changes(x):
    """a change of what `itertools` gives items of, in the loop"""
    y = x.copy()
    for a, b in itertools.product(y, x):
        y[1] = a * b
    return y[1]


def columns_of_rows(s, t):
    """`zip(*rows)`"""
    rows = [[s, t], [t * t, 2.0]]
    turned = [list(row) for row in zip(*rows)]
    return turned[0][1] * turned[1][0] + turned[1][1] * s


def lists_of_pairs(x):
    """`list(zip(a, b))`, `list(enumerate(a))`, `list(reversed(a))`"""
    pairs, numbered = list(zip(x, x[1:])), list(enumerate(x))
    return pairs[0][1] * numbered[2][1] * list(reversed(x))[0]
