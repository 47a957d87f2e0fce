"""Lists that the result of a call is, or holds, and that are filled by one name of the two."""

import itertools


def _under_letters(value):
    return dict.fromkeys("ab", value)


def under_all_keys(x):
    shared = []
    d = dict.fromkeys("ab", shared)
    d["a"].append(x[0])
    return d["b"][0] * x[1]


def under_all_keys_by_a_function(x):
    d = _under_letters([])
    d["a"].append(x[0])
    return d["b"][0] * x[1]


def counted_by_a_name(x):
    columns = [[], []]
    counted = enumerate(columns)
    for k, column in counted:
        column.append(x[k])
    return columns[0][0] * columns[1][0]


def larger_of_two(x):
    a, b = [3], [1]
    larger = max(a, b)
    larger.append(x[0])
    return a[1] * x[1]


def larger_of_two_pairs(x):
    a, b = [3], [1]
    larger = max((a, 0), (b, 1))
    larger[0].append(x[0])
    return a[1] * x[1]


def smaller_pair(x):
    return min((x[0], x[1]), (x[1], x[2]))[1] ** 2


def larger_list(x):
    return max([x[0], x[1]], [x[1], x[2]])[1] ** 2


def lists_of_a_copied_list(x):
    lists = [[], []]
    copied = [*lists]
    copied[0].append(x[0])
    return lists[0][0] * x[1]


def lists_in_pairs(x):
    lists, others = [[], []], [[], []]
    pairs = list(zip(lists, others, strict=True))
    pairs[0][1].append(x[0])
    return others[0][0] * x[1]


def lists_in_combinations(x):
    lists = [[], [], []]
    pairs = list(itertools.combinations(lists, 2))
    pairs[0][1].append(x[0])
    return lists[1][0] * x[1]
