"""A charged particle that falls between charges: where must one of them stand to catch it?

The force is the gradient of a potential; the place is found by Newton's method, on derivatives of
the whole simulation.
"""

import numpy as np

from srcgrad import grad


def potential(x, charges):
    return np.sum(1.0 / np.sqrt(np.sum((x - charges) ** 2, axis=1)))


def landing(w):
    """Squared distance from the origin at which the particle reaches the ground."""
    charges = np.array([[10.0, 10.0 - w], [10.0, 0.0]])
    x, v, dt = np.array([0.0, 8.0]), np.array([0.75, 0.0]), 0.1
    force = grad(potential)
    while True:
        a = -force(x, charges)
        ahead = x + dt * v
        if ahead[1] <= 0:
            break
        x, v = ahead, v + dt * a
    return (x[0] - x[1] / v[1] * v[0]) ** 2


def control(w, steps=5):
    """The control that brings the particle closest to the origin, near the one given."""
    slope = grad(landing)
    for _ in range(steps):
        w = w - slope(w) / grad(slope)(w)
    return w
