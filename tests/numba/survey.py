"""Which programs the Numba backend takes, and whether it gives the gradient of the NumPy backend."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from srcgrad import SrcgradError, UnsupportedError, trees, value_and_grad
from tests.kernels.cases import CASES
from tests.programs.test_programs import ROWS, differentiated, inputs


class Program(NamedTuple):
    """A program, its arguments by seed, and the positions differentiated."""

    name: str
    function: Callable[..., Any]
    arguments: Callable[[int], tuple[Any, ...]]
    wrt: tuple[int, ...]


class Outcome(NamedTuple):
    """What became of a program: "right", "refused", "left to NumPy" or "WRONG", and why."""

    word: str
    reason: str = ""


def programs() -> Iterator[Program]:
    """All kernels and all programs of the suite, each once."""
    for module, cases in CASES.items():
        for case in cases:
            function = getattr(module, case.name)
            names = list(inspect.signature(function).parameters)
            wrt = tuple(map(names.index, case.wrt))
            yield Program(
                case.name, function, lambda n, c=case: c.make(np.random.default_rng(n)), wrt
            )
    seen = set()
    for function, make in ROWS:
        if function.__name__ not in seen:
            seen.add(function.__name__)
            args = make(**inputs(1))
            yield Program(
                function.__name__,
                function,
                lambda n, make=make: make(**inputs(n)),
                differentiated(args),
            )


def survey(program: Program, seed: int = 1) -> Outcome:
    """Compile one program, and compare what it gives with the NumPy backend."""
    args = program.arguments(seed)
    try:
        expected = value_and_grad(program.function, program.wrt)(*copy.deepcopy(args))
    except SrcgradError:
        return Outcome("refused", "by srcgrad itself")
    derivative = value_and_grad(program.function, program.wrt, backend="numba")
    try:
        compiled = derivative.lower(*args).function.compiled  # type: ignore[attr-defined]
    except UnsupportedError as error:
        message = error.problems[0].message.removeprefix('backend "numba": ')
        return Outcome("refused", message)
    except Exception as error:
        return Outcome("WRONG", f"{type(error).__name__}: {error}")
    given = copy.deepcopy(args)
    try:
        found = compiled(*given)
    except Exception as error:
        return Outcome("left to NumPy", f"{type(error).__name__}: {str(error).splitlines()[0]}")
    difference = compared(found, expected) or compared(given, args, exact=True)
    return Outcome("WRONG", difference) if difference else Outcome("right")


def compared(found: Any, expected: Any, exact: bool = False) -> str:
    """How a result differs from what is expected; empty where it does not."""
    ours, structure = trees.flatten(found)
    theirs, wanted = trees.flatten(expected)
    if structure != wanted:
        return "another structure"
    for a, b in zip(ours, theirs, strict=True):
        if np.shape(a) != np.shape(b):
            return f"shape {np.shape(a)} instead of {np.shape(b)}"
        if isinstance(b, np.ndarray) and a.dtype != b.dtype:
            return f"dtype {a.dtype} instead of {b.dtype}"
        if not trees.is_float_leaf(b):
            continue
        size = max(1.0, float(np.max(np.abs(b), initial=0.0)))
        worst = float(np.max(np.abs(np.asarray(a) - np.asarray(b)), initial=0.0))
        if not worst <= (0.0 if exact else 1e-9) * size:
            return f"differs by {worst:.3g}"
    return ""
