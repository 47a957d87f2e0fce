"""Expressions as programs: each is a function in a file, beside one of its weighed sum."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

HEAD = """import math

import numpy as np

MASK = np.array([[True, False, True, True], [False, False, True, True], [True, True, False, True]])
PLACES = np.array([[0, 2, 1], [1, 0, 2]])
HALF = np.linspace(0.2, 1.1, 5)


def weighed(y):
    weights = np.reshape(np.cos(np.arange(np.size(y)) + 1.0), np.shape(y))
    return np.real(np.sum(weights * y**2))
"""
_rng = np.random.default_rng(20)


@dataclass(frozen=True)
class Case:
    """An expression of `x`, `y` and `z`, and their values."""

    text: str
    args: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.text} {' '.join(str(np.shape(arg)) for arg in self.args)}"


def case(text: str, *args: Any) -> Case:
    return Case(text, args)


def R(*shape: int) -> Any:
    """Real numbers, a Python float without a shape."""
    return _rng.normal(size=shape) if shape else float(_rng.normal())


def U(*shape: int) -> Any:
    """Positive numbers."""
    return _rng.uniform(0.2, 1.3, shape) if shape else float(_rng.uniform(0.2, 1.3))


def Z(*shape: int) -> Any:
    """Complex numbers."""
    return _rng.normal(size=shape) + 1j * _rng.normal(size=shape)


def G(*shape: int) -> Any:
    """General matrices, far from singular."""
    return _rng.normal(size=shape) + 3 * np.eye(shape[-1])


def P(*shape: int) -> Any:
    """Positive definite matrices."""
    root = _rng.normal(size=shape)
    return root @ np.swapaxes(root, -1, -2) + np.eye(shape[-1])


def H(n: int) -> Any:
    """A Hermitian positive definite matrix."""
    root = Z(n, n)
    return root @ np.conj(root.T) + np.eye(n)


def written(cases: Sequence[Case], directory: Path, name: str) -> ModuleType:
    """A module with functions `f0`, `s0`, `f1`, ... of the cases."""
    parts = [HEAD]
    for number, found in enumerate(cases):
        names = ", ".join("xyz"[: len(found.args)])
        parts.append(f"def f{number}({names}):\n    return {found.text}\n")
        parts.append(f"def s{number}({names}):\n    return weighed(f{number}({names}))\n")
    path = directory / f"{name}.py"
    path.write_text("\n\n".join(parts), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
