"""Programs with code of the user's on gradients, and what their gradients are by hand."""

from functools import partial

import numpy as np

from srcgrad import checkpointed, gradient_of, on_gradient

SEEN: list = []


def clipped(x, w, c):
    h = np.tanh(x * w)
    with on_gradient(h) as h_bar:
        size = np.sqrt(np.sum(h_bar**2))
        if size > c:
            h_bar = h_bar * (c / size)
    return np.sum(h**2) * 10


def clipped_by_hand(x, w, c):
    h = np.tanh(x * w)
    h_bar = 20 * h
    size = np.sqrt(np.sum(h_bar**2))
    h_bar = h_bar * min(1.0, c / size) * (1 - h**2)
    return h_bar * w, np.sum(h_bar * x), 0.0


def in_a_loop(x, w, c):
    for i in range(3):
        x = np.sin(x) * w
        with on_gradient(x) as x_bar:
            x_bar *= c + i
    return np.sum(x)


def in_a_loop_by_hand(x, w, c):
    states = [x]
    for _ in range(3):
        states.append(np.sin(states[-1]) * w)
    x_bar, w_bar = np.ones_like(x), 0.0
    for i in reversed(range(3)):
        x_bar = x_bar * (c + i)
        w_bar += np.sum(x_bar * np.sin(states[i]))
        x_bar = x_bar * np.cos(states[i]) * w
    return x_bar, w_bar, 0.0


def of_an_argument(x, w, c):
    with on_gradient(w) as w_bar:
        w_bar = w_bar + c * w
    return np.sum(x * w) * w


def of_an_argument_by_hand(x, w, c):
    return np.ones_like(x) * w * w, 2 * np.sum(x) * w + c * w, 0.0


def only_a_part(x, w, c):
    y = x * w
    before = np.sum(y)
    with on_gradient(y) as y_bar:
        y_bar[0] = 0.0
    return np.sum(y**2) + before * c


def only_a_part_by_hand(x, w, c):
    y_bar = 2 * x * w
    y_bar[0] = 0.0
    y_bar = y_bar + c
    return y_bar * w, np.sum(y_bar * x), np.sum(x * w)


def overwritten(x, w, c):
    a = x * 2.0
    y = np.sin(x) * w
    with on_gradient(y) as y_bar:
        y_bar = y_bar * a * c
    a[:] = 7.0
    y[1:] *= a[1:]
    return np.sum(y)


def overwritten_by_hand(x, w, c):
    y_bar = np.ones_like(x)
    y_bar[1:] *= 7.0
    y_bar = y_bar * 2 * x * c
    return y_bar * np.cos(x) * w, np.sum(y_bar * np.sin(x)), 0.0


def inner(y, c):
    z = y * y
    with on_gradient(z) as z_bar:
        z_bar = np.minimum(z_bar, c)
    return np.sum(z * 3.0)


def in_functions(x, w, c):
    def local(y):
        z = np.exp(y)
        with on_gradient(z) as z_bar:
            z_bar = 2 * z_bar
        return np.sum(z)

    return inner(x * w, c) + local(x)


def in_functions_by_hand(x, w, c):
    z_bar = min(3.0, c)
    return 2 * z_bar * x * w * w + 2 * np.exp(x), np.sum(2 * z_bar * x * x * w), 0.0


def in_steps(x, w, c):
    for i in checkpointed(range(4), snapshots=2):
        x = np.sin(x) * w
        with on_gradient(x) as x_bar:
            x_bar = x_bar * (c + i)
    return np.sum(x)


def in_steps_by_hand(x, w, c):
    states = [x]
    for _ in range(4):
        states.append(np.sin(states[-1]) * w)
    x_bar, w_bar = np.ones_like(x), 0.0
    for i in reversed(range(4)):
        x_bar = x_bar * (c + i)
        w_bar += np.sum(x_bar * np.sin(states[i]))
        x_bar = x_bar * np.cos(states[i]) * w
    return x_bar, w_bar, 0.0


def at_most(bound, g):
    return np.minimum(g, bound)


def often(g):
    if np.sum(g * g) > 0.0:
        return g * np.sum(g)
    return None


def handed_on(x, w, c):
    h = gradient_of(np.tanh(x * w), partial(at_most, c))
    return np.sum(h**2) * 3 + np.sum(gradient_of(w * x, hook=often))


def handed_on_by_hand(x, w, c):
    h = np.tanh(x * w)
    h_bar = np.minimum(6 * h, c) * (1 - h**2) + float(x.size)
    return h_bar * w, np.sum(h_bar * x), 0.0


def step_by_step(x, w, c):
    y = np.zeros(4)
    for i in range(4):
        y[i] = x[i] * w
        y = gradient_of(y, lambda g: g * (c + i))
    return np.sum(y**2)


def step_by_step_by_hand(x, w, c):
    y_bar, x_bar, w_bar = 2 * x * w, np.zeros(4), 0.0
    for i in reversed(range(4)):
        y_bar = y_bar * (c + i)
        x_bar[i] = y_bar[i] * w
        w_bar += y_bar[i] * x[i]
        y_bar[i] = 0.0
    return x_bar, w_bar, 0.0


PROGRAMS = (
    (clipped, clipped_by_hand),
    (in_a_loop, in_a_loop_by_hand),
    (of_an_argument, of_an_argument_by_hand),
    (only_a_part, only_a_part_by_hand),
    (overwritten, overwritten_by_hand),
    (in_functions, in_functions_by_hand),
    (in_steps, in_steps_by_hand),
    (handed_on, handed_on_by_hand),
    (step_by_step, step_by_step_by_hand),
)


def collected(x, w):
    h = gradient_of(np.tanh(x * w), SEEN.append)
    h[0] = 2 * h[1]
    h = gradient_of(h, SEEN.append)
    h = gradient_of(h, lambda g: print("gradient", g.shape))
    return np.sum(h**2)


def watched(x, w):
    h = np.tanh(x * w)
    with on_gradient(h) as h_bar:
        SEEN.append(np.sum(h_bar))
        print("gradient", h_bar.shape)
    return np.sum(h**2)
