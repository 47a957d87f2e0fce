"""Programs of every statement kind, as a user would write them: control flow, stores and lists."""

from __future__ import annotations

import math

import numpy as np


def store_through_slices_after_a_nonlinear_read(x):
    y = x.copy()
    z = np.sin(y)
    y[1:3] = z[0:2] * y[1:3]
    y[0] = y[1] * y[2]
    w = np.exp(y)
    y[:] = 0.5 * y
    return np.sum(w * y)


def view_read_before_a_store(x):
    v = x[1:3]
    s = np.sum(v * v)
    x[1] = s
    return np.sum(x**3)


def view_read_after_a_store(x):
    v = x[1:3]
    x[1] = 2.0 * x[0]
    return np.sum(v * v)


def nested_loops_with_break_continue_else(x):
    y = np.zeros(5)
    for i in range(5):
        for j in range(i):
            if x[j] > 0.8:
                continue
            y[i] += x[j] * x[i]
            if y[i] > 1.0:
                break
        else:
            y[i] = y[i] * 2.0 + x[i]
    return np.sum(y * y)


def while_with_break(x, s):
    n = 0
    while s < 10.0:
        s = s * 1.5 + x[n]
        n += 1
        if n > 3:
            break
    return s * n


def tuple_assignment_in_a_loop(x):
    a, b = (x[0], x[1])
    for i in range(4):
        a, b = (b, a * b + math.sin(a))
    return a * b


def rows_and_elements_by_iteration(A):
    t = 0.0
    for row in A:
        for v in row:
            t += v * v * t + v
    return t


def augmented_assignments_on_an_array(x):
    y = x * x
    y += x
    y *= 2.0
    y /= x + 1
    y -= 0.5
    return np.sum(y**2)


def zip_enumerate_reversed(x):
    out = 0.0
    for i, (a, b) in enumerate(zip(x, x[1:])):
        out += a * b * i
    for r in reversed(x):
        out = out * r + 1.0
    return out


def fac(x, n):
    if n == 0:
        return 1.0
    return x * fac(x, n - 1)


def recursion(s):
    return fac(s, 4) + fac(s * s, 2)


def swap(t):
    a, b = t
    return (b, a * b)


def swap_through_a_function(s):
    t = (s, 2.0 * s)
    for i in range(3):
        t = swap(t)
    return t[0] + t[1]


def dict_and_list_of_parts(x):
    d = {"a": x[0], "b": x[1:3]}
    l = [d["a"], np.sum(d["b"])]
    return l[0] * l[1]


def stores_through_masks(x):
    mask = x > 0.9
    y = x.copy()
    y[mask] = 0.0
    y[~mask] *= 2.0
    return np.sum(y * x)


def gather_with_repeats(x):
    idx = np.array([0, 0, 2])
    return np.sum(x[idx] ** 2)


def array_that_shrinks_in_a_loop(x):
    h = x
    for k in range(3):
        h = h[1:] * h[:-1]
    return np.sum(h)


def conditional_and_short_circuit_values(s):
    y = 0.0 if s < 0 else s * s
    z = s > 0.5 and s * y or 3.0
    return y + z


def variable_of_one_iteration_only(x):
    t = x[0]
    for i in range(3):
        if i == 1:
            u = t * t
        if i >= 1:
            t = t + math.sin(u) * u
    return t


def parameter_stored_into(x):
    x[0] = x[1]
    x[1] = x[0] * x[2]
    x = x * 2.0
    x[2] = 1.0
    return np.sum(x * x)


def stores_into_rows_and_columns(x, A):
    y = np.zeros((3, 4))
    y[:, 1] = A[:, 0]
    y[1] = A[2] * 2
    y[0, ::2] += A[1, 1:3]
    return np.sum(np.tanh(y)) + np.sum(x)


def work_array_in_every_step(x):
    u = x.copy()
    w = np.zeros_like(u)
    for t in range(3):
        w[1:-1] = u[2:] * u[:-2]
        w[0] = u[0]
        w[-1] = u[-1]
        u = u + 0.1 * w
    return np.sum(u)


def stencil_from_a_copy(x):
    u = x.copy()
    for t in range(3):
        un = u.copy()
        u[1:-1] = un[1:-1] + 0.1 * un[2:] * un[:-2]
    return np.sum(u * u)


def two_buffers_swapped(x):
    u = x
    v = np.zeros_like(x)
    for t in range(3):
        v[:] = u * u
        u, v = (v, u)
    return np.sum(u)


def loop_variable_of_two_loops(s, n=3):
    r = 1.0
    for i in range(n, 0, -1):
        r = r * s + i
        for i in range(2):
            r = r * s
        r = r + i * s
    return r


def return_from_a_loop(x):
    best = x[0]
    for v in x:
        if v > best:
            best = v
        elif v < 0:
            return v
    return best * best


def chained_assignment_and_walrus(s):
    a = b = s * 2
    a *= b
    b = a * b
    return (c := (a * b)) * c


def starred_assignment(x):
    a, *b = x
    return a * np.sum(np.array(b))


def list_filled_in_a_loop(x):
    l = []
    for v in x:
        l.append(v * v)
    return sum(l)


def list_emptied_in_a_loop(x):
    l = []
    for v in x:
        l.append(v * v)
    s = 0.0
    while len(l) > 0:
        t = l.pop()
        s = s * t + math.sin(t)
    return s


def list_pushed_and_popped(x):
    l = []
    l.append(x[0])
    l.append(x[1] * x[0])
    a = l.pop()
    l.append(a * a)
    return sum(l) * l[0]


def layers_in_a_list(x, A):
    layers = []
    for k in range(1, 4):
        layers.append((A.T @ A * k, np.sin(A[0] * k)))
    h = x[:4]
    for W, b in layers:
        h = np.tanh(W @ h) * b
    return np.sum(h**2)
