"""Arrays in lists and dicts, and views of one array, that are written by one name or another."""

import numpy as np


def rows_swapped(A, b):
    rows = [b * 1, A[0] * 2, A[1] * 3]
    rows[0], rows[2] = rows[2], rows[0]
    rows[1] *= 2
    rows[0][1:] += rows[2][:-1]
    return sum(np.sum(r * r * b) for r in rows)


def rows_eliminated_with_pivots(A, b):
    rows = [A[i] * 2 for i in range(3)]
    for k in range(3):
        p = k
        for i in range(k + 1, 3):
            if abs(rows[i][k]) > abs(rows[p][k]):
                p = i
        rows[k], rows[p] = rows[p], rows[k]
        for i in range(k + 1, 3):
            rows[i] -= rows[i][k] / rows[k][k] * rows[k]
    return rows[0][0] * rows[1][1] * rows[2][2] * b[0]


def keys_swapped(A, b):
    d = {"x": b * 1, "y": b * 2}
    d["x"], d["y"] = d["y"], d["x"]
    d["x"] *= 3
    d["y"][0] = d["x"][1]
    return np.sum(d["x"] * A[0]) + np.sum(d["y"] * A[1])


def rows_turned_around(A, b):
    rows = [A[i].copy() for i in range(3)]
    rows = rows[::-1]
    rows[1][:] *= b[0]
    rows[0][1:] += rows[2][:-1]
    return sum(np.sum(r * r) for r in rows)


def rest_of_rows(A, b):
    rows = [b * 1, A[0] * 2, A[1] * 3]
    rows = rows[1:]
    rows[1] *= 2
    return sum(np.sum(r * r * b) for r in rows)


def rows_in_two_lists(A, b):
    rows = [b * 1, A[0] * 2]
    others = list(rows)
    rows[0] *= 3
    others[1][0] = 2
    return np.sum(others[0] * A[0]) + np.sum(rows[1] * A[1])


def one_row_more(A, b):
    rows = [b * 1, A[0] * 2]
    rows = rows + [b * 3]
    for r in rows:
        r *= 2
    return sum(np.sum(r * A[0]) for r in rows)


def rows_of_rows(A, b):
    rows = [[b * 1, b * 2], [b * 3, b * 4]]
    others = rows[::-1]
    others[0][1] *= 2
    others[0][0][1] *= 2
    return sum(np.sum(r * A[0]) for pair in others for r in pair) + np.sum(rows[1][1])


def keys_and_values(A, b):
    d = {"x": b * 1, "y": b * 2}
    for _, v in d.items():
        v *= A[0]
    for k in d:
        d[k] *= 2
        d[k][0] = 1.0
    return np.sum(d["x"] * A[0]) + np.sum(d["y"])


def computed_keys(A, b):
    d = {k: b * (k + 1) for k in range(3)}
    for k in d:
        d[k][0] = d[k][1] * d[k][2]
    return sum(np.sum(v * A[0]) for v in d.values())


def two_columns(A, b):
    B = A.copy()
    columns = [B[:, 0], B[:, 1]]
    columns[0][:] *= b
    return np.sum(B * A)


def all_of_two_rows(A, b):
    B = A * 1.0
    rows = [B[0], B[1]]
    B *= 2
    B[:, 0] = b
    return np.sum(rows[0] * A[0] + rows[1] ** 2)


def column_of_two_rows(A, b):
    B = A * 1.0
    rows = [B[0], B[1]]
    B.T[0][:2] = b[1:]
    return np.sum(rows[0] * A[0] + rows[1] ** 2)


def column_beside_a_row(A, b):
    B = A * 1.0
    row, column = B[0], B.T[0]
    column *= b
    row *= 2
    B.T[1] += row
    return np.sum(B * A) + np.sum(row * column)


def even_and_odd(A, b):
    a = A[0] * 1.0
    halves = [a[::2], a[1::2]]
    a *= b
    halves[0] *= 2
    halves[1][0] = a[2]
    return np.sum(a * b) + np.sum(halves[0])


def two_halves(A, b):
    a = np.concatenate([A[0], b])
    n = len(b)
    low, high = a[:n], a[n:]
    low *= 2
    high -= low * b
    low[n - 1] = 1.0
    return np.sum(a * a) + np.sum(low * high)


def halves_at_every_place(A, b):
    a = np.concatenate([A[0], b])
    s = 0.0
    for k in range(1, 5):
        low, high = a[:k], a[k:]
        low *= 1.1
        high[0] = high[0] * low[-1]
        s = s + np.sum(low) * np.sum(high)
    return np.sum(a * a) + s


def steps_of_parameters(A, b):
    parameters = [A.copy(), b.copy()]
    for _ in range(3):
        slopes = [np.sin(p) for p in parameters]
        for p, slope in zip(parameters, slopes, strict=True):
            p -= 0.1 * slope
    return np.sum(parameters[0] @ parameters[1])


# Containers that hold one array twice: the write is seen at the other place.
def array_twice_a_turn_ago(A, b):
    now = [b * 1.0, b * 2.0]
    s = 0.0
    for i in range(3):
        before = now
        a = b * (i + 1)
        now = [a, a]
        before[0] *= 2.0
        s = s + np.sum(before[1] * A[i])
    return s


def array_twice_in_the_last_tuple(A, b):
    now = (b * 1.0, b * 2.0)
    s = 0.0
    for i in range(3):
        before = now
        a = b * (i + 1)
        now = (a, a)
        u, v = before
        u *= 2
        s = s + np.sum(v * A[i])
    return s


def array_twice_after_a_store(A, b):
    rows = [b * 1, b * 2]
    rows[1] = rows[0]
    rows[0] *= 3
    return np.sum(rows[0] * A[0]) + np.sum(rows[1] * A[1])


def not_quite_swapped(A, b):
    rows = [b * 1, b * 2]
    rows[0], rows[1] = rows[1], rows[1]
    rows[0] *= 3
    return np.sum(rows[0] * A[0]) + np.sum(rows[1] * A[1])


def array_twice_in_a_sum(A, b):
    rows = [b * 1, b * 2]
    rows = rows[::-1] + rows
    rows[0] *= 3
    return np.sum(rows[0] * A[0]) + np.sum(rows[3] * A[1])


def array_in_every_turn(A, b):
    kept = []
    x = b.copy()
    for _ in range(3):
        kept.append(x)
        x += 0.3 * np.sin(x)
    return sum(np.sum(h * A[0]) for h in kept) + np.sum(x)


# Places that look apart, and are not.
def all_of_an_array_twice(A, b, n=None):
    a = b * 1.0
    low, high = a[:n], a[n:]
    low *= 2
    return np.sum(high * A[0])


def bounds_in_a_tuple(A, b):
    a = b * 1.0
    ends = (None, 1)
    low, high = a[: ends[0]], a[ends[0] :]
    low *= 2
    return np.sum(high * A[0])


def bound_that_changes(A, b):
    a = b * 1.0
    taken = [1, 2]
    low = a[: len(taken)]
    taken.pop()
    high = a[len(taken) :]
    low *= 2
    return np.sum(high * A[0, 1:])


def bound_read_anew(A, b):
    a = b * 1.0
    ends = np.array([2])
    low = a[: ends[0]]
    ends[0] = 1
    high = a[ends[0] :]
    high *= 2
    return np.sum(low * A[0]) * np.sum(a)


def bound_made_anew(A, b):
    a = b * 1.0
    s = 0.0
    n = 2
    low = a[:n]
    for _ in range(2):
        n = n - 1
        high = a[n:]
        high *= 2
        s = s + np.sum(low * A[n])
    return s


def first_and_last(A, b):
    a = b * 1.0
    first, middle, last = a[0:1], a[1:-1], a[-1:]
    last *= 2
    first *= 3
    middle -= first + last
    return np.sum(a * A[0]) + np.sum(last * first)
