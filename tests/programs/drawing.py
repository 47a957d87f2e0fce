"""Programs that draw random numbers, and others that call what nobody can see into."""

from __future__ import annotations

import random

import numpy as np


def seeded_generator(x):
    rng = np.random.default_rng(0)
    a = rng.normal()
    b = rng.normal(size=3)
    return np.sum(b * x * x) + a


def draws_in_a_loop(x):
    rng = np.random.default_rng(1)
    t = 0.0
    for _ in range(4):
        z = rng.standard_normal(3)
        t = t + np.sum(x * z * rng.random())
    return t


def draw_that_nobody_reads(x):
    np.random.seed(0)
    first = np.random.normal()
    second = np.random.normal()
    return np.sum(second * x * x)


def draws_of_the_module(x):
    np.random.seed(1)
    t = 0.0
    for _ in range(3):
        t = t + np.sum(x * np.random.normal(size=3) * np.random.rand())
    return t


def permuted_copy(x):
    rng = np.random.default_rng(0)
    w = np.arange(3.0)
    s = x * w
    return np.sum(s * s * rng.permutation(w))


def standard_library_generator(x):
    source = random.Random(3)
    t = 0.0
    for _ in range(3):
        t = t + x[0] * source.gauss(0, 1) * source.random()
    return t


def old_generator_and_indices(x):
    rng = np.random.RandomState(0)
    t = 0.0
    for _ in range(3):
        i = rng.randint(0, 3)
        z = rng.randn(3)
        t = t + x[i] ** 2 * z[i] + np.sum(x * rng.rand(3))
    return t


def mini_batches(x):
    rng = np.random.default_rng(0)
    for _ in range(3):
        order = rng.permutation(3)
        for b in range(0, 3, 2):
            rows = order[b : b + 2]
            x = x - 0.1 * np.sum(x[rows] ** 2)
    return np.sum(x)


def choice_and_matrix(x):
    rng = np.random.default_rng(0)
    k = rng.choice([0, 1, 2], size=2)
    u = rng.uniform(0, 1, (2, 3))
    return np.sum(x[k]) * np.sum(u @ x)


def weights_shuffled(x):
    rng = np.random.default_rng(0)
    w = np.arange(3.0)
    s = x * w
    rng.shuffle(w)
    return np.sum(s * s)


def weights_shuffled_by_the_module(x):
    w = np.arange(3.0)
    s = x * w
    np.random.seed(0)
    np.random.shuffle(w)
    return np.sum(s * s)


def drawn_into(x):
    rng = np.random.default_rng(0)
    w = np.empty(3)
    rng.random(out=w)
    s = x * w
    rng.random(out=w)
    return np.sum(s * s * w)


def draws_in_the_header_of_a_loop(x):
    np.random.seed(0)
    t = 0.0
    for z in np.random.normal(size=3) + np.random.uniform():
        t += z * x[0] * np.random.rand()
    return t


def items_taken_in_the_header_of_a_loop(x):
    rows = [[1.0, 2.0], [3.0, 4.0]]
    t = 0.0
    for z in rows.pop():
        t += z * x[0] ** 2
    for z in rows.pop():
        t += z * x[1] ** 2
    return t


def draws_in_the_order_of_the_text(x):
    np.random.seed(0)

    def drawn(y):
        z = np.random.uniform()
        w = z * y
        return w * np.sin(z)

    return np.random.normal() + np.sum(drawn(x))


def _noisy(y):
    return y * np.random.rand()


def _noisier(y):
    return _noisy(y) + np.random.normal()


def calls_whose_value_nobody_reads(x):
    np.random.seed(0)
    y = _noisy(x)
    y = _noisier(x) * x
    first, second = _noisier(1.0), _noisy(2.0)
    for _ in range(2):
        first = _noisier(x[0])
    return np.sum(y) * np.random.rand() + second


def differentiated_mean(x):
    rng = np.random.default_rng(0)
    return rng.chisquare(x[0]) * x[0]


def differentiated_array_shuffled(x):
    rng = np.random.default_rng(0)
    y = x * 1.0
    rng.shuffle(y)
    return np.sum(y * np.arange(3))


class Buffered:
    """Gives the same array again and again, and keeps what it is given."""

    def __init__(self) -> None:
        self.buffer = np.zeros(3)

    def step(self):
        self.buffer += 1.0
        return self.buffer

    def keep(self, array):
        self.kept = array

    def total(self):
        return self.kept.sum()


def buffer_read_before_the_next_step(x, source):
    t = 0.0
    for _ in range(3):
        t = t + np.sum(x * source.step() ** 2)
    return t


def buffer_needed_after_the_next_step(x, source):
    y = source.step() * x
    z = source.step() * x
    return np.sum(y * z)


def written_after_it_was_kept(x, source):
    b = np.zeros(3)
    source.keep(b)
    b[:] = x
    return source.total() * x[0]
