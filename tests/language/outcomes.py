"""What becomes of a program, found by running it: right, refused with a reason, wrong, or a crash.

Right means: the gradient, live and ahead of time, is what central differences say; the arguments
are as they were; no two results share memory.
"""

from __future__ import annotations

import builtins
import copy
import itertools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import SourceError, UnsupportedError, grad, transform, trees, vjp
from srcgrad.derivative import signature_of
from srcgrad.differences import central_differences
from tests.language.cases import Case

SUPPORTED = "supported"
KNOWN_ARGUMENTS = "supported, given arguments"  # and refused where nothing is known of them
REFUSED = "refused"
WRONG = "WRONG"
CRASH = "CRASH"
SEEDS = (1, 2)
# Refusals of derivatives when they run.
AT_RUN_TIME = (
    "an argument that is written shares memory",
    "an item is written that is no number",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    status: str
    reason: str = ""  # of a refusal, or what is wrong
    error: Exception | None = None


class Wrong(Exception):
    """A derivative that is not what differences say, or that touches what is not its own."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A case at a point: what its gradients should be."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    wrt: tuple[str, ...]
    weights: Any  # of the result's leaves; None: the result is one number
    expected: tuple[Any, ...]

    def check(self, found: tuple[Any, ...], args: tuple[Any, ...], how: str) -> None:
        for before, after in zip(self.args, args, strict=True):
            if not same(before, after):
                raise Wrong(f"{how}: an argument was changed from {before} to {after}")
        named = self.named()
        for name, ours, theirs in zip(self.wrt, found, self.expected, strict=True):
            ours = trees.map_leaves(of_float, named[name], ours)
            theirs = trees.map_leaves(of_float, named[name], theirs)
            if not same(ours, theirs, rtol=1e-5, atol=1e-7):
                raise Wrong(f"{how}: the gradient of {name} is {ours}, differences say {theirs}")
        if overlap(trees.flatten([found, args])[0]) and not overlap(trees.flatten(args)[0]):
            raise Wrong(f"{how}: two results, or a result and an argument, share memory")

    def named(self) -> dict[str, Any]:
        return dict(zip(signature_of(self.f).parameters, self.args, strict=False))

    def copies(self) -> tuple[Any, ...]:
        return copy.deepcopy(self.args)


def of_float(argument: Any, gradient: Any) -> Any:
    """The gradient of a leaf; text ahead of time may give numbers to leaves that are not float."""
    return gradient if trees.is_float_leaf(argument) else argument


def overlap(leaves: list[Any]) -> bool:
    arrays = [leaf for leaf in leaves if isinstance(leaf, np.ndarray)]
    return any(np.shares_memory(a, b) for a, b in itertools.combinations(arrays, 2))


def same(a: Any, b: Any, rtol: float = 0.0, atol: float = 0.0) -> bool:
    """Whether two trees hold the same numbers in the same structure."""
    ours, theirs = trees.flatten(a), trees.flatten(b)
    if ours[1] != theirs[1]:
        return False
    for x, y in zip(ours[0], theirs[0], strict=True):
        if not trees.is_float_leaf(y):
            if not isinstance(y, np.ndarray) and type(y).__eq__ is object.__eq__:
                continue
            if not np.array_equal(x, y):
                return False
        elif np.shape(x) != np.shape(y) or not np.allclose(x, y, rtol, atol):
            return False
    return True


def pose(case: Case, f: Callable[..., Any], namespace: dict[str, Any], seed: int) -> Problem:
    """The case at fresh arguments, and its gradients by differences."""
    args, kwargs = case.arguments(f, namespace, seed)
    named = list(signature_of(f).parameters.values())
    places = [
        i
        for i, (arg, p) in enumerate(zip(args, named, strict=False))
        if trees.has_float_leaf(arg) and p.kind is not p.VAR_POSITIONAL
    ]

    def call(*given: Any) -> Any:
        return f(*copy.deepcopy(given), **copy.deepcopy(kwargs))

    value = call(*args)
    weights = None
    if trees.children(value) is not None or np.shape(value) != ():
        rng = np.random.default_rng(seed)
        weights = trees.map_leaves(lambda leaf: drawn(leaf, rng), value)

    def scalar(*given: Any) -> Any:
        result = call(*given)
        return result if weights is None else paired(weights, result)

    expected = central_differences(scalar, args, tuple(places))
    leaves = trees.flatten(expected)[0]
    if not all(np.all(np.isfinite(g)) for g in filter(trees.is_float_leaf, leaves)):
        raise AssertionError(f"{case.name} is not smooth where it is tried")
    wrt = tuple(named[i].name for i in places)
    return Problem(f, args, kwargs, wrt, weights, expected)


def drawn(leaf: Any, rng: np.random.Generator) -> Any:
    if not trees.is_float_leaf(leaf):
        return leaf
    draw = rng.standard_normal(np.shape(leaf))
    return draw if isinstance(leaf, np.ndarray) else type(leaf)(draw)


def paired(weights: Any, result: Any) -> float:
    leaves = zip(trees.flatten(weights)[0], trees.flatten(result)[0], strict=True)
    return float(sum(np.sum(w * leaf) for w, leaf in leaves if trees.is_float_leaf(leaf)))


def live(problem: Problem) -> None:
    """Raises `Wrong`, or what srcgrad or the derivative raises."""
    args = problem.copies()
    if problem.weights is None:
        found = grad(problem.f, problem.wrt)(*args, **problem.kwargs)
    else:
        _, pullback = vjp(problem.f, *args)
        cotangents = dict(zip(problem.named(), pullback(problem.weights), strict=False))
        found = tuple(cotangents[name] for name in problem.wrt)
    problem.check(found, args, "live")


def ahead_of_time(case: Case, problem: Problem) -> None:
    """The text that `transform` writes, run where srcgrad cannot be imported."""
    mode: Any = "grad" if problem.weights is None else "vjp"
    text = transform(case.program, functions=[case.name], wrt=problem.wrt, mode=mode)
    namespace: dict[str, Any] = {"__builtins__": {**vars(builtins), "__import__": without_srcgrad}}
    exec(text, namespace)
    args = problem.copies()
    if mode == "grad":
        found = namespace[f"{case.name}_grad"](*args, **problem.kwargs)
    else:
        found = namespace[f"{case.name}_vjp"](*args)[1](problem.weights)
    problem.check(found, args, "ahead of time")


def without_srcgrad(name: str, *args: Any, **kwargs: Any) -> Any:
    if name.split(".")[0] == "srcgrad":
        raise ImportError("srcgrad")
    return __import__(name, *args, **kwargs)


def outcome(case: Case) -> Outcome:
    """Run a case: `SEEDS` points live, the first one ahead of time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f, namespace = case.load()
        problems = [pose(case, f, namespace, seed) for seed in SEEDS]
        found = judged(lambda: [live(problem) for problem in problems])
        if found.status in (WRONG, CRASH) or case.given:
            return found
        ahead = judged(lambda: ahead_of_time(case, problems[0]))
    if ahead.status in (WRONG, CRASH):
        return ahead
    if found.status == SUPPORTED and ahead.status == REFUSED:
        return Outcome(KNOWN_ARGUMENTS, ahead.reason, ahead.error)
    return found


def judged(run: Callable[[], Any]) -> Outcome:
    try:
        run()
    except Wrong as error:
        return Outcome(WRONG, str(error))
    except UnsupportedError as error:
        return Outcome(REFUSED, error.problems[0].message, error)
    except SourceError as error:
        return Outcome(REFUSED, str(error), error)
    except TypeError as error:
        if "an item is written that is no number" in str(error):  # a test in the text
            return Outcome(REFUSED, str(error), error)
        return Outcome(CRASH, f"TypeError: {error}")
    except Exception as error:
        if any(reason in str(error) for reason in AT_RUN_TIME):
            return Outcome(REFUSED, str(error))  # only a call can tell
        return Outcome(CRASH, f"{type(error).__name__}: {error}", error)
    return Outcome(SUPPORTED)
