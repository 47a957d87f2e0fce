"""A callee of which little is known adds to its argument's adjoint: the zeros are the adjoint."""

import numpy as np


def window(kind, count):
    if not isinstance(kind, str):
        return np.asarray(kind)
    return np.hanning(count + 2)[1:-1]


def parts_of(x, win, step):
    starts = range(0, np.shape(x)[-1] - len(win) + 1, step)
    return np.stack([x[..., i : i + len(win)] for i in starts], -2) * win


def added_up(g, size, win, step, negate):
    g = g * win
    if negate:
        g = -g
    x = np.zeros((*np.shape(g)[:-2], size), dtype=g.dtype)
    for i in range(np.shape(g)[-2]):
        x[..., i * step : i * step + len(win)] += g[..., i, :]
    return x


def transformed(h, n, count):
    return np.real(np.fft.fft(h, n))[..., :count]


def f(g):
    win = window("hann", 4)
    of_x = np.fft.rfft(parts_of(np.arange(11.0) * 0.3, win, 2), 4)
    share = np.expand_dims(g, -2) * np.array([1.0, 2.0, 3.0])
    parts = transformed(share * np.conj(of_x), 4, len(win))
    return np.sum(added_up(parts, 11, win, 2, False) ** 2)


POINTS = [(np.array([0.3, 1.0, 0.4]),)]
