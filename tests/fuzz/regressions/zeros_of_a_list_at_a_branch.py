"""The zeros of a list at a branch have the length that it has there, not the one at the end."""

import numpy as np


def f1(A):
    p = [A[0, 0]]
    q = p
    if max(p) < A[1, 1]:
        p.append(0.56)
        q.append(A[1, 2])
    p[-1] += p[-1]
    q[0] = A[0, 1]
    return 0.57 * sum(p) + 0.92 * sum(q)


def f2(A):
    p = [A[0, 0]]
    q = p
    q.append(A[1, 2])
    p[-1] += p[-1]
    return 0.57 * sum(p) + 0.92 * sum(q)


def f3(A):
    p = [A[0, 0]]
    q = p
    if A[0, 0] < A[1, 1]:
        q.append(A[1, 2])
    q[0] = A[0, 1] * A[0, 0]
    return 0.57 * sum(p) + 0.92 * sum(q)


def f4(A):
    p = [A[0, 0]]
    q = p
    if A[0, 0] < A[1, 1]:
        p.append(A[1, 2])
        q.append(A[1, 1])
    return 0.57 * sum(p) + 0.92 * sum(q)


def f5(A):
    p = [A[0, 0]]
    q = p
    for i in range(2):
        p.append(A[1, 2] * i)
        q.append(A[1, 1])
        p[i] = q[i] * p[0]
    return 0.57 * sum(p) + 0.92 * sum(q)


def f6(A):
    p = [A[0, 0], 1.0]
    q = p
    if A[0, 0] < A[1, 1]:
        q.pop()
        p.append(A[1, 1])
    p.insert(0, A[0, 1])
    return 0.57 * sum(p) + 0.92 * sum(x * x for x in q)


def f(A):
    return f1(A) + f2(A) + f3(A) + f4(A) + f5(A) + f6(A)


POINTS = [(np.array([[0.158, 0.3, 0.768], [0.673, 0.897, 1.029]]),)]
