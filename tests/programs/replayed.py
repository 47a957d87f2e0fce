"""Programs that draw random numbers in what is run again to be reversed."""

import random

import numpy as np
from scipy import stats

from srcgrad import checkpoint, checkpointed

COMMON = np.random.default_rng(3)


def noise(u, k, source):
    z = source.normal(size=4)
    return k * z * u


def steps(u, k, rng: np.random.Generator):
    for i in checkpointed(range(9), snapshots=2):
        u = np.sin(u) + k * rng.normal(size=4) * u + 0.1 * i
    return np.sum(u)


def until(u, k, rng: np.random.Generator):
    for i in checkpointed(range(40), snapshots=3):
        u = np.sin(u) + noise(u, k, rng)
        if rng.random() < 0.1:
            break
    return np.sum(u) * rng.normal()


def in_place(u, k, rng: np.random.Generator):
    source = rng
    for i in checkpointed(range(7), snapshots=2):
        j = source.integers(4)
        u[j] += k * np.sin(u[(j + 1) % 4]) * rng.normal()
        u[0] *= k
    return np.sum(u)


@checkpoint
def dropped(u, k, rng: np.random.Generator):
    keep = rng.random(4) < 0.7
    return np.tanh(u * k) * keep + u * rng.permutation(4)


def layers(u, k, rng: np.random.Generator):
    for _ in range(3):
        u = dropped(u, k, rng)
    return np.sum(u)


def nested(u, k, rng: np.random.Generator):
    for i in checkpointed(range(4), snapshots=2):
        u = dropped(u + rng.normal(), k, rng)
        for _ in checkpointed(range(i + 2), snapshots=2):
            u = np.sin(u) * k + rng.normal()
        u = u * rng.normal()
    return np.sum(u)


def sampled(u, k, rng: np.random.Generator):
    """What is drawn varies with its parameters."""
    for _ in checkpointed(range(5), snapshots=2):
        u = np.sin(rng.normal(u, k * k))
    return np.sum(u)


def of_modules(u, k, rng):
    np.random.seed(4)
    random.seed(5)
    for _ in checkpointed(range(7), snapshots=2):
        u = np.sin(u) + k * np.random.normal(size=4) * u * random.random() + stats.norm.rvs()
    return np.sum(u) * np.random.rand() * random.gauss(0, 1)


def seeded_in_steps(u, k, rng):
    for i in checkpointed(range(7), snapshots=2):
        own = np.random.default_rng(i + 3)
        other = random.Random(7)
        u = np.sin(u) + k * own.normal(size=4) * u + other.gauss(0, 1)
    return np.sum(u)


@checkpoint
def common(u, k):
    return u * k * COMMON.normal(size=4)


def of_a_global_name(u, k, rng):
    for _ in checkpointed(range(5), snapshots=2):
        u = np.sin(u) + COMMON.normal() * k
    return np.sum(common(u, k))


PROGRAMS = (
    steps,
    until,
    in_place,
    layers,
    nested,
    sampled,
    of_modules,
    seeded_in_steps,
    of_a_global_name,
)
