"""Sparse matrices as files: they run alone, give what live ones give, notice what they miss."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, sparse_hessian, sparse_jacobian

RNG = np.random.default_rng()
RUN = """
import sys
sys.modules["srcgrad"] = None
import numpy as np
import made
args = np.load("args.npz")
matrix = made.{name}(*[args[key] for key in args])
np.save("found.npy", matrix.toarray())
"""


def banded(x: Any, k: Any = 2.0) -> Any:
    y = 2.0 * x
    y[1:] -= k * x[:-1] * x[1:]
    return y


def sums(x: Any) -> Any:
    return np.sum(x.reshape(-1, 4) ** 2, axis=1)


def two(x: Any, c: Any) -> Any:
    return np.sin(x) * c[0] + x.T * c[1]


def springs(u: Any) -> Any:
    return np.sum(np.diff(u, axis=0) ** 4) + np.sum(np.diff(u, axis=1) ** 4)


def linked(a: Any, b: Any) -> Any:
    return np.sum(a[1:] * a[:-1] * b)


def picked(x: Any, i: Any) -> Any:
    return x[i] ** 2


CASES = [
    (sparse_jacobian(banded), (RNG.normal(size=9), np.array(1.5)), "banded_jacobian"),
    (sparse_jacobian(banded), (RNG.normal(size=500), np.array(1.5)), "banded_jacobian"),
    (sparse_jacobian(sums), (RNG.normal(size=24),), "sums_jacobian"),
    (sparse_jacobian(two, (0, 1)), (RNG.normal(size=(3, 3)), RNG.normal(size=2)), "two_jacobian"),
    (sparse_hessian(springs), (RNG.normal(size=(4, 5)),), "springs_hessian"),
    (sparse_hessian(linked, (0, 1)), (RNG.normal(size=6), RNG.normal(size=5)), "linked_hessian"),
    (sparse_jacobian(picked), (RNG.normal(size=9), np.array([3, 3, 1, 8])), "picked_jacobian"),
]


@pytest.mark.parametrize(
    "matrix, args, name", CASES, ids=[f"{c[2]}{k}" for k, c in enumerate(CASES)]
)
def test_a_file_runs_alone(matrix: Any, args: Any, name: str, tmp_path: Path) -> None:
    matrix.freeze(tmp_path / "made.py", *args)
    fresh = [arg if arg.dtype.kind == "i" else RNG.normal(size=arg.shape) for arg in args]
    np.savez(tmp_path / "args.npz", *fresh)
    subprocess.run([sys.executable, "-c", RUN.format(name=name)], cwd=tmp_path, check=True)
    found = np.load(tmp_path / "found.npy")
    np.testing.assert_allclose(found, matrix(*fresh).toarray(), rtol=1e-12, atol=1e-12)
    assert (tmp_path / "made.npz").exists() == (args[0].size > 400)


def load(path: Path) -> dict[str, Any]:
    space: dict[str, Any] = {"__file__": str(path)}
    exec(compile(path.read_text(encoding="utf-8"), path.name, "exec"), space)
    return space


def test_other_arguments_are_noticed(tmp_path: Path) -> None:
    x = RNG.normal(size=9)
    sparse_jacobian(picked).freeze(tmp_path / "made.py", x, np.array([3, 3, 1, 8]))
    made = load(tmp_path / "made.py")["picked_jacobian"]
    with pytest.raises(ValueError, match="the pattern misses elements"):
        made(x, np.array([3, 0, 1, 8]))
    with pytest.raises(ValueError, match=r"x has the shape \(4,\), not \(9,\)"):
        made(x[:4], np.array([3, 0, 1, 3]))


def test_single_precision(tmp_path: Path) -> None:
    x = RNG.normal(size=9).astype(np.float32)
    sparse_jacobian(banded).freeze(tmp_path / "made.py", x)
    found = load(tmp_path / "made.py")["banded_jacobian"](x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.toarray(), sparse_jacobian(banded)(x).toarray(), rtol=1e-5)


def test_refused(tmp_path: Path) -> None:
    x = RNG.normal(size=9)

    def first(x: Any) -> Any:
        return x**2 if x[0] > 0 else x[::-1] ** 2

    def of_dict(p: Any) -> Any:
        return p["a"] ** 2

    def taken(x: Any) -> Any:
        COLOURS = 2.0 * x
        return COLOURS**2

    cases = [
        (sparse_jacobian(first), x, "the pattern hangs on"),
        (sparse_jacobian(of_dict), {"a": x}, "p is a dict"),
        (sparse_jacobian(taken), x, "the program has the name `COLOURS`"),
        (sparse_hessian(lambda x: np.sum(x**3), colouring="acyclic"), x, "by substitution"),
    ]
    for matrix, arg, message in cases:
        with pytest.raises(SrcgradError, match=message):
            matrix.freeze(tmp_path / "made.py", arg)
        assert not list(tmp_path.iterdir())
    with pytest.raises(SrcgradError, match="is not the name of a"):
        sparse_jacobian(banded).freeze(tmp_path / "made", x)
