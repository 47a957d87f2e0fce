"""Conditions of `while` that change something, read by the body or by the next test."""

import numpy as np


def square_of_what_was_read(b):
    i = 0
    s = 0.0
    while i < 2 and (d := b[i]) < 4.0:
        s += d * d
        i += 1
    return s


def counted_before_the_test(b):
    i = -1
    s = 1.0
    while (i := i + 1) < 3:
        s = s * b[i]
    return s


def counted_down(b):
    i = 3
    s = 1.0
    while (i := i - 1) >= 0:
        s = s * b[i]
    return s


def popped_positions(b):
    st = [0, 2, 1]
    s = 1.0
    while i := st.pop():
        s = s * b[i]
    return s


def counted_by_a_closure(b):
    i = 0
    s = b[0]

    def more():
        nonlocal i
        i += 1
        return i < 3

    while more():
        s = s * b[i]
    return s


def turned_by_a_closure(b):
    w = np.arange(3)
    s = 1.0

    def sh():
        w[:] = np.roll(w, 1)
        return w[0] != 0

    while sh():
        s = s * b[w[0]]
    return s


def newton_step_in_the_test(b):
    n = 0
    r = abs(b[0]) + 1
    while n < 5 and abs(d := (r * r - 2) / (2 * r)) > 1e-2:
        r = r - d
        n += 1
    return r


def _step(s):
    s[0] *= s[1]
    return s[0]


def written_by_a_function(b):
    s = b.copy()
    n = 0
    while n < 2 and _step(s) < 9.0:
        n += 1
    return s[0]


def popped_values(b):
    q = [b[0], b[1]]
    s = 0.0
    while q and (v := q.pop()) > -10:
        s += v * v
    return s


def counter_read_afterwards(b):
    i = 0
    s = 1.0
    while (i := i + 1) < 3:
        s = s * b[i]
    return s * i


def summed_in_one_arm(b):
    i = 0
    s = 0.0
    v = b[0]
    while i < 2 or (v := v + b[i % 3]) < 0.5 and i < 3:
        s += v * b[i % 3]
        i += 1
        if i > 5:
            break
    return s * v


def tested_by_a_conditional(b):
    n = 0
    s = 0.0
    while (v := b[n]) < 100 if n < 3 else False:
        s += v * v
        n += 1
    else:
        s *= 2
    return s


def left_and_cut_short(b):
    i = 0
    s = 1.0
    while (i := i + 1) < 8:
        if i == 2:
            continue
        if i == 5:
            break
        s = s * b[i % 3]
    else:
        s = 7.0
    return s * i


def appended_by_a_closure(b):
    L = [b[0]]
    i = 0

    def f(i):
        L.append(L[-1] * b[i])
        return True

    while i < 3 and f(i):
        i += 1
    return sum(L)


def summed_by_a_closure(b):
    s = 0.0
    i = 0

    def more():
        nonlocal s
        s = s + b[i] * b[i]
        return s < 100

    while i < 3 and more():
        i += 1
    return s


def loop_in_a_loop(b):
    s = 1.0
    x = b[0]
    while abs(x * x - 2 * s) > 3.0:
        x = x * 0.5
        while (s := s + 1) < 4:
            x = x * 1.1
    return x * s


def shortened_from_both_ends(b):
    L = list(b)
    s = 0.0
    while len(L) > 2 or (L and L.pop() > 0):
        s += L.pop(0) * 3
    return s


def taken_out_and_put_back(b):
    st = [b[0]]
    t = 0.0
    while st and (v := st.pop()) < 3:
        st.append(v * 2 + 1)
        t = t + v
    return t
