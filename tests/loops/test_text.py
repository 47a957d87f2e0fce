"""The text of loops, run by Python itself: every kernel and program, against the NumPy backend.

What has no form as loops stands in refused.txt, which `python -m tests.loops --write` writes.
"""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, transform
from tests.loops.survey import REFUSED, Outcome, Program, programs, survey_text

PROGRAMS = {program.name: program for program in programs()}


def reasons() -> dict[str, str]:
    """Why a program is no loops, by its name."""
    found = {}
    reason = ""
    for line in REFUSED.read_text().splitlines():
        if line.startswith("    "):
            found.update(dict.fromkeys(line.strip().split(", "), reason))
        else:
            reason = line
    return found


KNOWN = reasons()


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in KNOWN])
def test_program(name: str) -> None:
    assert survey_text(PROGRAMS[name], seed=2) == Outcome("right")


def test_table_of_refusals_is_fresh() -> None:
    """A few rows of each kind: the whole table takes as long as to write it."""
    assert set(KNOWN) <= set(PROGRAMS)
    for name in list(KNOWN)[::8]:
        word, reason = survey_text(PROGRAMS[name])
        assert f"{word}: {reason}" == KNOWN[name], name


# --- programs that were wrong once


def bound_again(x):
    x = np.tanh(x) * x
    if x[2] <= x[0]:
        x = x
    return 0.43 * np.sum(x**2)


def prefix_in_a_loop(w, s):
    x = w[:]
    for _ in range(2):
        t = 0.0
        for e in x[:2]:
            t = t + np.sin(e)
        w[4] = np.sin(t) * s
    return np.sum(np.sin(w))


def read_behind_a_mask(x, y):
    z = x * 2.0
    z[z > 1.0] = 0.5
    return np.sum(z * y)


def shifted_onto_itself(x):
    x = x.copy()
    x[1:] = x[:-1] * 2.0
    return np.sum(x**3)


def read_again_after_a_sum(x):
    a = x * 2.0
    s = np.sum(a)
    a *= s
    b = a + s
    a[1:3] = b[0:2]
    return np.sum(a * b)


TABLE = np.array([0.3, 1.2, -0.7])


def written_beside_a_table(x):
    t = np.tanh(x[1]) * TABLE[-1] if x[1] > 0.0 else x[-1]
    if x[2] < 10.0:
        x[1] = x[2]
    return t + np.sum(np.sin(x))


def weights_of_a_prefix(x):
    total = 0.0
    for k in range(1, len(x)):
        w = np.exp(-x[:k])
        w = w / np.sum(w)
        total += np.dot(w, x[1 : k + 1]) * x[k]
    return total


def columns_of_a_turned_part(A):
    B = A[::-1, ::2]
    C = B[:, 0] * B[:, 1]
    return np.sum(C**2)


def gathered_and_scattered(x, places):
    y = x[places]
    z = np.zeros(6)
    for k in range(len(places)):
        z[places[k]] += y[k] ** 2
    return np.sum(z * z)


def negative_places_of_a_part(x, places):
    y = x[2:]
    k, s = -1, 0.0
    for _ in range(2):
        s += y[k] ** 2
        k = k - 1
    return s + np.sum(y[places] ** 3)


DRAW = np.random.default_rng(7)
ONCE_WRONG = [
    (bound_again, (np.array([-0.666, 1.232, -0.938]),)),
    (prefix_in_a_loop, (DRAW.random(5), 0.7)),
    (read_behind_a_mask, (DRAW.random(5), DRAW.random(5))),
    (shifted_onto_itself, (DRAW.random(5),)),
    (read_again_after_a_sum, (DRAW.random(4),)),
    (columns_of_a_turned_part, (DRAW.random((4, 4)),)),
    (written_beside_a_table, (DRAW.random(4),)),
    (weights_of_a_prefix, (DRAW.random(9),)),
    (negative_places_of_a_part, (DRAW.random(7), np.array([-1, 0, -5]))),
    (gathered_and_scattered, (DRAW.random(6), np.array([1, 1, 5, 0]))),
]


@pytest.mark.parametrize(("function", "args"), ONCE_WRONG, ids=lambda v: getattr(v, "__name__", ""))
def test_memory(function, args) -> None:
    wrt = tuple(
        i
        for i, a in enumerate(args)
        if isinstance(a, float) or getattr(a, "dtype", None) == np.float64
    )
    assert survey_text(Program("", function, lambda n: args, wrt)) == Outcome("right")


# --- what is seen from outside

SOURCE = """
import numpy as np

def loss(x: np.ndarray, n: int):
    return np.sum(x[:n] ** 2)
"""


def test_text_needs_kinds() -> None:
    with pytest.raises(UnsupportedError, match="nothing is known of the argument `x`"):
        transform(SOURCE, backend="numba")


def test_text_runs_without_numba() -> None:
    x = np.arange(4.0)
    text = transform(SOURCE, at={"x": x, "n": 3}, backend="numba")
    assert "@njit" in text and text == transform(SOURCE, at={"x": x, "n": 3}, backend="numba")
    module = {"__file__": "<text>", "__name__": "text"}
    exec(text, module)
    np.testing.assert_allclose(module["loss_grad"](x, 3), [0.0, 2.0, 4.0, 0.0])
    with pytest.raises(IndexError):
        module["loss_grad"](x, 9)


def test_unknown_backend() -> None:
    with pytest.raises(Exception, match='there are "numpy" and "numba"'):
        grad(shifted_onto_itself, backend="fortran")


@pytest.mark.parametrize("mode", ["vjp", "vjps", "pull", "jvps", "tangents"])
def test_modes_without_loops_are_refused(mode) -> None:
    text = "import numpy as np\n\n\ndef f(x: float):\n    return x * np.sin(x)\n"
    with pytest.raises(UnsupportedError, match=r"<text>:4:1: .*no compiled form: use (grad|jvp)"):
        transform(text, mode=mode, backend="numba")
