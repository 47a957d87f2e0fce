"""Optimisers as users write them: state beside parameters, in lists that are made in a loop."""

import numpy as np


def momentum_in_lists(x):
    parts = [x[:2] * 1.0, x[1:] * 1.0]
    speeds = [np.zeros_like(part) for part in parts]
    for _ in range(2):
        for part, speed in zip(parts, speeds, strict=True):
            speed *= 0.9
            speed += part**3
            part -= 0.1 * speed
    return np.sum(parts[0] * speeds[1])


class _Momentum:
    def __init__(self, parts):
        self.parts = parts
        self.speeds = [part * 0.0 for part in parts]

    def step(self, slopes):
        for part, speed, slope in zip(self.parts, self.speeds, slopes, strict=True):
            speed *= 0.9
            speed += slope
            part -= 0.1 * speed


def momentum_in_an_object(x):
    parts = [x[:2] * 1.0, x[1:] * 1.0]
    optimiser = _Momentum(parts)
    for _ in range(3):
        optimiser.step([part**3 for part in parts])
    return np.sum(parts[0] * parts[1])


def rows_made_in_a_loop(x):
    rows = []
    for k in range(1, 3):
        rows.append(x[k:] * x[0])
    for row in rows:
        row *= 2.0
        row += x[0]
    return np.sum(rows[0]) * rows[1][0]
