"""Which programs have a form as loops, and whether that gives the gradient of the NumPy backend."""

from __future__ import annotations

import builtins
import copy
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from srcgrad import SrcgradError, UnsupportedError, trees, value_and_grad
from srcgrad.compiled import write_loops
from srcgrad.frontend import read_live
from srcgrad.ir.values import kind_of_value
from srcgrad.options import Request
from tests.kernels.cases import CASES
from tests.programs.test_programs import ROWS, differentiated, inputs

REFUSED = Path(__file__).with_name("refused.txt")


class Program(NamedTuple):
    """A program, its arguments by seed, and the positions differentiated."""

    name: str
    function: Callable[..., Any]
    arguments: Callable[[int], tuple[Any, ...]]
    wrt: tuple[int, ...]

    def expected(self, args: tuple[Any, ...]) -> Any:
        """Value and gradient by the NumPy backend."""
        return value_and_grad(self.function, self.wrt)(*copy.deepcopy(args))


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


# --- the text of loops, run by Python itself


def survey_text(program: Program, seed: int = 1) -> Outcome:
    """Write a program as loops, run the text as plain Python, and compare."""
    args = program.arguments(seed)
    try:
        expected = program.expected(args)
    except SrcgradError:
        return Outcome("refused", "by srcgrad itself")
    names = list(inspect.signature(program.function).parameters)
    kinds = {n: kind_of_value(a, n) for n, a in zip(names, args, strict=False)}
    live = read_live(program.function, None, {})
    wrt = tuple(names[i] for i in program.wrt)
    request = Request("value_and_grad", wrt, False, kinds)
    try:
        (loops,) = write_loops(live, [(live.root, request)])
    except UnsupportedError as error:
        return Outcome("refused", error.problems[0].message.removeprefix('backend "numba": '))
    text, name, _, namespace = loops.written.text, loops.written.name, None, loops.numpy.namespace
    module: dict[str, Any] = {"__name__": "loops", "__file__": "<loops>"}
    module["__builtins__"] = {**vars(builtins), "__import__": without_numba}
    module |= namespace
    exec(text, module)
    given = copy.deepcopy(args)
    leaves: list[Any] = []
    for kind, arg in zip(loops.kinds, given, strict=False):
        flatten(kind, arg, leaves)
    try:
        with np.errstate(all="ignore"):
            found = module[name](*leaves, *(namespace[n] for n in loops.captured))
    except (ArithmeticError, LookupError, ValueError) as error:
        return Outcome("left to NumPy", f"{type(error).__name__}: {error}")
    return compared_with(put_together(loops.result, found), expected, given, args)


def without_numba(name: str, *args: Any) -> Any:
    if name == "numba":
        raise ImportError(name)
    return builtins.__import__(name, *args)


def flatten(kind: Any, value: Any, out: list[Any]) -> None:
    if kind.is_container and kind.element is not None:
        out.append(tuple(value))
    elif kind.is_container:
        for key, item in kind.items or ():
            flatten(item, value[key], out)
    else:
        out.append(value)


def put_together(result: Any, value: Any) -> Any:
    if result is None:
        return value
    keys, tag, parts = result
    items = [put_together(part, item) for part, item in zip(parts, value, strict=True)]
    if tag == "dict":
        return dict(zip(keys, items, strict=True))
    return items if tag == "list" else tuple(items)


# --- compiled


def survey(program: Program, seed: int = 1) -> Outcome:
    """Compile one program, and compare what it gives with the NumPy backend."""
    args = program.arguments(seed)
    try:
        expected = program.expected(args)
    except SrcgradError:
        return Outcome("refused", "by srcgrad itself")
    derivative = value_and_grad(program.function, program.wrt, backend="numba")
    try:
        compiled = getattr(derivative.lower(*args).function, "compiled", None)
    except UnsupportedError as error:
        return Outcome("refused", error.problems[0].message.removeprefix('backend "numba": '))
    except Exception as error:
        return Outcome("WRONG", f"{type(error).__name__}: {error}")
    if compiled is None:
        return Outcome("left to NumPy", "for arguments of these lengths")
    given = copy.deepcopy(args)
    try:
        found = compiled(*given)
    except Exception as error:
        return Outcome("left to NumPy", f"{type(error).__name__}: {str(error).splitlines()[0]}")
    return compared_with(found, expected, given, args)


def compared_with(found: Any, expected: Any, given: Any, args: Any) -> Outcome:
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
