"""Functions that take derivatives, as text that runs alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, UnsupportedError, grad, hvp, jvp, standalone, value_and_grad

RNG = np.random.default_rng()
X, Y = RNG.normal(size=(20, 3)), RNG.normal(size=20)


def loss(w: Any, x: Any, y: Any) -> Any:
    return np.mean((x @ w - y) ** 2)


def trained(x: Any, y: Any, rate: float = 0.1, steps: int = 30) -> Any:
    w = np.zeros(x.shape[1])
    for _ in range(steps):
        w = w - rate * grad(loss)(w, x, y)
    return w


def newton(start: Any) -> Any:
    def cubic(x: Any) -> Any:
        return x**3 - 2.0 * x - 5.0

    x = start
    for _ in range(6):
        x = x - cubic(x) / jvp(cubic, (x,), (1.0,))[1]
    return x


def of_both(x: Any) -> Any:
    value, slope = value_and_grad(lambda v: np.sum(np.sin(v) ** 2))(x)
    return value * slope


def shrunk(x: Any) -> Any:
    while np.sqrt(np.sum(x**2)) > 1.0:
        x = x - 0.1 * grad(lambda v: np.sum(v**2))(x)
    return x


def without(x: Any) -> Any:
    return np.sum(np.sin(x))


class Walker:
    steps = 0

    def walk(self, x: Any) -> Any:
        self.steps = self.steps + 1
        return x - grad(without)(x)


@dataclass
class Point:
    x: float
    y: float


def moved(p: Point) -> Any:
    p.x = 2.0 * p.y
    return grad(np.sin)(p.x)


CASES = [(trained, (X, Y)), (newton, (2.0,)), (of_both, (Y,)), (shrunk, (Y,)), (without, (Y,))]


@pytest.mark.parametrize("f, args", CASES, ids=[f.__name__ for f, _ in CASES])
def test_the_same_values(f: Any, args: Any, tmp_path: Path) -> None:
    alone = standalone(f)
    np.testing.assert_array_equal(alone(*args), f(*args))
    alone.save(tmp_path / "made.py")
    np.savez(tmp_path / "args.npz", *args)
    run = (
        "import sys; sys.modules['srcgrad'] = None; import numpy as np, made; "
        "given = np.load('args.npz'); args = [given[k] for k in given]; "
        "args = [a if a.ndim else float(a) for a in args]; "
        f"np.save('found.npy', made.{f.__name__}_value(*args))"
    )
    subprocess.run([sys.executable, "-c", run], cwd=tmp_path, check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), f(*args))


def test_memory_that_names_share() -> None:
    def shared(x: Any) -> Any:
        y = x[1:]
        y += 1.0
        return grad(without)(x)

    def inner(x: Any) -> Any:
        z = x.copy()
        for _ in range(2):
            y = z[1:]
            y += 1.0
        return grad(without)(z)

    def outer(w: Any, x: Any) -> Any:
        return np.sum(w * inner(x))

    x, other = Y.copy(), Y.copy()
    np.testing.assert_array_equal(standalone(shared)(x), shared(other))
    np.testing.assert_array_equal(x, other)
    np.testing.assert_array_equal(grad(outer)(Y, Y), inner(Y))  # a call with no derivative


def test_its_options_stay() -> None:
    alone = standalone(trained)
    np.testing.assert_array_equal(alone(X, Y, steps=3), trained(X, Y, steps=3))
    assert "srcgrad" not in alone.source.partition('"""\n')[2]


def test_as_a_decorator() -> None:
    @standalone
    def descended(x: Any) -> Any:
        return x - 0.1 * grad(lambda v: np.sum(v**4))(x)

    np.testing.assert_allclose(descended(Y), Y - 0.4 * Y**3)


def test_what_is_not_read_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"`srcgrad.jacobians.hvp` is called"):
        standalone(lambda x: hvp(without)(x, x))(Y)
    with pytest.raises(UnsupportedError, match="assigns the attribute `steps` of an object"):
        standalone(Walker().walk)(Y)
    with pytest.raises(UnsupportedError, match=r"assign[a-z]* (the|to an) attribute"):
        standalone(moved)(Point(1.0, 2.0))
    with pytest.raises(SrcgradError, match="is not available"):
        standalone(trained, backend="cuda")
