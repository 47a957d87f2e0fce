"""Tables, matrices and states as lists of lists, or of arrays, read and written by elements."""

import numpy as np


def determinant(x):
    M = [[x[i] * x[j] + (3.0 if i == j else 0.0) for j in range(3)] for i in range(3)]
    for k in range(3):
        for i in range(k + 1, 3):
            f = M[i][k] / M[k][k]
            for j in range(k, 3):
                M[i][j] -= f * M[k][j]
    d = 1.0
    for k in range(3):
        d *= M[k][k]
    return d


def longest(x, n=3):
    T = [[0.0] * (n + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            T[i][j] = max(T[i - 1][j], T[i][j - 1]) + x[i - 1] * x[j - 1]
    return T[n][n]


def edits(x, n=3):
    E = [[0.0] * (n + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            c = 0.0 if i == j else x[j - 1] * x[i - 1]
            E[i][j] = min(E[i - 1][j] + x[0], E[i][j - 1] + x[1], E[i - 1][j - 1] + c)
    return E[n][n]


def of_literal_size(x):
    T = [[0.0] * 4 for _ in range(4)]
    for i in range(1, 4):
        for j in range(1, 4):
            T[i][j] = max(T[i - 1][j], T[i][j - 1]) + x[i - 1] * x[j - 1]
    return T[3][3] * T[2][1]


def same_element(x):
    """The element that is written is read by other indices, too, in some turns."""
    T = [[x[i] * x[j] for j in range(3)] for i in range(3)]
    for i in range(3):
        for k in range(3):
            T[i][k] = T[i][i] * T[k][i] + T[k][k]
    return sum(T[i][j] * x[i] for i in range(3) for j in range(3))


def row_with_a_name(x):
    T = [[x[i] * x[j] for j in range(3)] for i in range(3)]
    for i in range(1, 3):
        row = T[i]
        up = T[i - 1]
        for j in range(3):
            row[j] = row[j] * up[j] + row[(j + 1) % 3]
        up[0] = row[2] * up[1]
        row[1] += up[0]
    return T[0][0] + T[1][1] * T[2][2] + T[2][0] * T[1][2]


def rows_of_many_lengths(x):
    T = [[x[i]] * (i + 1) for i in range(3)]
    for i in range(3):
        for j in range(i + 1):
            T[i][j] = T[i][j] * T[i - 1][0] if i else T[i][j] ** 2
    return sum(map(sum, T))


def in_branches(x):
    T = [[x[i] + j for j in range(3)] for i in range(3)]
    for i in range(3):
        for j in range(3):
            if T[i][j] > 0.5:
                T[i][j] = T[j][i] ** 2
            elif i > 0:
                T[i - 1][j] += T[i][j] * x[0]
    return T[0][1] * T[1][0] + T[2][2]


def stack_of_pairs(x):
    stack = [[x[0], x[1]]]
    for _ in range(3):
        top = stack[-1]
        stack.append([top[0] * x[2], top[1] + top[0]])
        stack[-1][0] += stack[-2][1]
    while len(stack) > 1:
        top = stack.pop()
        stack[-1][1] += top[0] * top[1]
    return stack[0][1]


def rows_of_arrays(x):
    R = [x * k for k in range(1, 4)]
    for i in range(3):
        R[i][0] = R[i - 1][2] * R[i][1]
        R[i] *= R[0][1]
        R[i - 1][1:] += R[i][:2]
    return sum(np.sum(r * r) for r in R)


def rows_that_grow(x):
    rows = [x[:2] * 2 for _ in range(3)]
    s = 0.0
    for i in range(3):
        s = s + rows[i][0] * rows[i][1]
        rows[i] = x * 3
        s = s + rows[i][2] ** 2
    return s


def integers_at_first(x):
    T = [[0] * 4 for _ in range(4)]
    for i in range(4):
        T[i][i] = x[i % 3] * 2
        for j in range(i):
            T[i][j] = T[j][i] * x[0] + T[i][i]
            T[j][i] += T[i][j]
    return T[0][3] * T[3][0] + T[1][2]


def by_a_function(x):
    def bump(row, k, v):
        row[k] += v * row[0]

    T = [[x[i], x[0] * i] for i in range(3)]
    for i in range(3):
        bump(T[i], 1, T[i - 1][0])
    return sum(r[0] * r[1] for r in T)


def made_in_every_turn(x):
    s = 0.0
    for k in range(3):
        T = [[x[k], x[0]], [x[1], x[2]]]
        for i in range(2):
            T[i][0] = T[1 - i][1] * T[i][1]
        s += T[0][0] * T[1][0]
    return s


def columns(x):
    T = [[x[i] * x[j] + i for j in range(3)] for i in range(3)]
    U = [[row[i] for row in T] for i in range(3)]
    for i in range(3):
        U[i][0] += T[0][i] * U[i][1]
    return sum(u[0] for u in U) * T[1][1]


def product(x, n=3):
    A = [[x[i] * (j + 1) for j in range(n)] for i in range(n)]
    C = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                C[i][j] += A[i][k] * A[k][j]
    return sum(C[i][i] for i in range(n)) * C[0][2]


def shortest_paths(x):
    D = [[abs(x[i] - 2 * x[j]) for j in range(3)] for i in range(3)]
    for k in range(3):
        for i in range(3):
            for j in range(3):
                D[i][j] = min(D[i][j], D[i][k] + D[k][j])
    return sum(sum(r) for r in D)


def put_in_front(x):
    rows = [[x[0], x[1]]]
    for _ in range(3):
        rows.insert(0, [rows[0][1] * x[2], rows[-1][0]])
        rows[1][1] += rows[0][0]
    return sum(r[0] * r[1] for r in rows)


def states(x):
    hs = [x]
    for _ in range(3):
        h = hs[-1]
        new = np.zeros(3)
        new[0] = h[1] * h[2]
        new[1] = np.sin(h[0])
        new[2] = h[0] + h[1]
        hs.append(new)
    return sum(np.sum(h) for h in hs)


def lists_in_a_dict(x, n=4):
    s = {"h": [x[0]] * n, "c": [0.0] * n}
    for i in range(1, n):
        s["h"][i] = x[i - 1] * s["c"][i - 1] + s["h"][i - 1]
        s["c"][i] = s["h"][i - 1] * x[0]
    return s["h"][-1] * s["c"][-1] + s["c"][2]


def arrays_in_a_dict(x):
    s = {"h": x.copy(), "c": np.zeros(4)}
    for i in range(1, 3):
        s["c"][i] = s["h"][i] * s["c"][i - 1] + s["h"][i - 1]
        s["h"][i] *= s["c"][i]
    return s["c"][2] * s["h"][1] + np.sum(s["h"])


def two_lists_in_a_list(x, n=4):
    h = [0.0] * n
    c = [x[2]] * n
    both = [h, c]
    for i in range(1, n):
        both[0][i] = x[i - 1] * both[1][i - 1] + 0.1
        both[1][i] = both[0][i - 1] * x[0]
    return both[0][-1] + both[1][-1] * both[0][1]
