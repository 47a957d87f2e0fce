"""Lists that a loop fills with the arrays of a list that is given: `a` holds two arrays."""

from __future__ import annotations

import numpy as np


def appended(a):
    out = []
    for v in a:
        out.append(v)
    return np.sum(np.stack(out) ** 2)


def comprehended(a):
    out = [v for v in a]
    return np.sum(np.stack(out) ** 2) + np.sum(a[0] * out[1])


def displayed(a):
    return np.sum(np.stack([*a, a[0], *a]) ** 2)


def parts_of_a_split(a):
    return np.sum(np.concatenate([*np.split(a[0], 2), a[1]]) ** 2)


PROGRAMS = [appended, comprehended, displayed, parts_of_a_split]


def written_through_the_new_list(a):
    out = []
    for v in a:
        out.append(v)
    out[0][0] = out[1][1] * 2.0
    return np.sum(a[0] * a[1]) + np.sum(out[0])


def written_through_the_old_list(a):
    out = []
    for v in a:
        out.append(v)
    a[0][0] = a[1][1] * 2.0
    return np.sum(out[0] * out[1])


def old_list_made_longer(a):
    out = []
    for v in a:
        out.append(v)
    a.append(out[0] * 2.0)
    return np.sum(np.stack(a) ** 2) + len(out) * np.sum(out[-1])


def made_longer_inside_another(a):
    out = []
    out.append(a)
    out[0].append(a[0] * a[1])
    return sum(np.sum(v) for v in a)


def looped_over_while_it_grows(a):
    out = []
    both = [out, out]
    for v in a:
        out.append(v)
    for v in both[0]:
        if len(out) < 6:
            out.append(v * v)
    return sum(np.sum(v) for v in both[1])


DOUBTFUL = [
    written_through_the_new_list,
    written_through_the_old_list,
    old_list_made_longer,
    made_longer_inside_another,
    looped_over_while_it_grows,
]
