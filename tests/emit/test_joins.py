"""Joined arrays: the adjoint of each part is a slice, where the display of the parts is known."""

import numpy as np
import pytest

from srcgrad import grad, transform
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def shifted(a, y):
    x = a[0, :3]
    z = np.concatenate([x[:1], x[1:] * y[:-1], y**2])
    return np.sum(z**2)


def padded(x, y):
    z = np.concatenate([x * y[:, None], np.zeros((3, 2)), x[:, 1:]], axis=1)
    return np.sum(np.sin(z) * np.arange(9.0))


def before(x, y):
    z = np.concatenate([np.exp(x), x[:, :1]], axis=-1)
    return np.sum(z**3) * y[0]


def around(x, y):
    z = np.hstack([y * 2, np.zeros(1), x[0] * y[0]])
    return np.sum(z**2 * np.arange(8.0))


def on_top(x, y):
    return np.sum(np.vstack([x, x[:2] ** 2, np.outer(y, x[0])]) ** 3)


def rows(x, y):
    return np.sum(np.vstack([y, y**2, x[:, 0]]) * np.arange(3.0)[:, None] ** 2)


def columns(x, y):
    return np.sum(np.column_stack([y, y**2, x[:, 0]]) ** 2 * np.arange(3.0))


def stacked(x, y):
    z = np.stack([x * y[:, None], x**2], axis=1)
    return np.sum(z[:, 0] * z[:, 1])


def stacked_last(x, y):
    return np.sum(np.stack((x, y[:, None] * x), axis=-1) * np.array([2.0, 3.0]))


def in_a_loop(x, y):
    for i in range(3):
        y = np.concatenate([y[:i], y[i:] * x[0, i], y[:1]])
    return np.sum(y**2)


def empty_part(x, y):
    z = np.concatenate([y[3:] * 2, x[0] ** 2, np.zeros(0)])
    return np.sum(z**2)


def one_part(x, y):
    return np.sum(np.concatenate([x * y[:, None]]) ** 2)


def twice_the_same(x, y):
    return np.sum(np.concatenate([y, y * y, y]) ** 3)


def stored_into(x, y):
    z = np.concatenate([y, x[0]])
    z[2:5] *= y
    z[0] = 0.0
    return np.sum(z**2)


def kept_as_well(x, y):
    z = np.concatenate([y, y**2])
    w = z * 2 + np.concatenate([z[:3], z[3:] ** 2])
    return np.sum(w * z)


def reassigned(x, y):
    parts = [y * x[0, 0], y]
    y = x[1]
    z = np.concatenate(parts)
    return np.sum(z**2) + np.sum(y)


def counted(x, y):
    return np.sum(np.concatenate([np.arange(3), y * x[0, 1]]) ** 2)


SLICED = [
    shifted, padded, before, around, on_top, rows, columns, stacked, stacked_last, in_a_loop,
    empty_part, one_part, twice_the_same, stored_into, kept_as_well, counted,
]  # fmt: skip


@pytest.mark.parametrize("program", [*SLICED, reassigned], ids=lambda program: program.__name__)
def test_gradients(program):
    args = RNG.normal(size=(3, 4)), RNG.normal(size=3)
    check_grads(program, args)
    text = grad(program, (0, 1)).lower(*args).source
    assert "split_like" not in text or program is reassigned
    assert "moveaxis" not in text


def test_parts_of_which_nothing_is_known():
    text = "import numpy as np\ndef f(x, y):\n    return np.sum(np.concatenate([x, y]) ** 2)\n"
    names = {}
    exec(transform(text, wrt=["x", "y"]), names)
    x, y = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 3))
    for found, given in zip(names["f_grad"](x, y), (x, y), strict=True):
        np.testing.assert_allclose(found, 2 * given)
