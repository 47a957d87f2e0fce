"""One row of a table: every tool's gradient of one case, compared, then timed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from .case import Case, leaves, mapped
from .contenders import Refused, ready
from .micro import square
from .timing import Call, medians, peak, seconds

LIMIT = 8.0  # seconds of one gradient; longer ones are not measured
NOT_COMPILED = "autograd", "torch"  # their first calls take no longer than others
SMALL = 0.05  # nor are larger sizes, where the small one takes so long


@dataclass
class Row:
    """What was measured of a case: seconds, bytes, and why the rest is missing."""

    suite: str
    name: str
    times: dict[str, float] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(
    suite: str, case: Case, tools: Sequence[str], budget: float, earlier: Row | None = None
) -> Row:
    """`earlier` is of the same program in a smaller size."""
    row = Row(suite, case.name)
    calls: dict[str, tuple[Call, float]] = {}
    reference: list[Any] | None = None
    for tool in tools:
        try:
            if earlier and earlier.times.get(tool, 0.0) > SMALL:
                raise Refused(f"takes {earlier.times[tool]:.2f} s for the small size")
            call, result, row.first[tool] = ready(tool, case)
            if tool != "primal":
                reference = compare(tool, case, result, reference)
            once = row.first[tool] if tool in NOT_COMPILED else 0.0
            once = once if once > LIMIT else seconds(call)
            if once > LIMIT:
                raise Refused(f"takes longer than {LIMIT} s")
        except Refused as error:
            row.first.pop(tool, None)
            row.missing[tool] = str(error)
        else:
            calls[tool] = call, once
    row.times = medians(calls, budget)
    row.memory = {tool: peak(calls[tool][0]) for tool in ("hand", "srcgrad") if tool in calls}
    return row


def start(tool: str) -> None:
    """What a tool does once in a process, such as reading its own modules, is counted with its
    import, which `benchmarks/first.py` measures, and not with the first call of any case."""
    with contextlib.suppress(Refused):
        ready(tool, Case("square", square, (0.5,)))


def compare(tool: str, case: Case, result: list[Any], reference: list[Any] | None) -> list[Any]:
    """The reference, which the first gradient becomes if differences confirm it.

    A wrong value is no time: it is told instead of one.
    """
    if reference is None and case.result == "value":
        return result
    if reference is None:
        error = directional_error(case, result, 1e-6)
        if error > 1e-5:  # or a kink lies between
            error = directional_error(case, result, 1e-8)
        if error > 1e-5:
            raise Refused(f"WRONG: {error:.1e} from central differences")
        return result
    if len(result) != len(reference):
        raise Refused("WRONG: another number of gradients")
    for ours, theirs in zip(result, reference, strict=True):
        if ours.shape != np.shape(theirs):
            raise Refused(f"WRONG: shape {ours.shape} instead of {np.shape(theirs)}")
        if not np.allclose(ours, theirs, rtol=1e-6, atol=1e-9):
            raise Refused(f"WRONG: off by up to {np.max(np.abs(ours - theirs)):.1e}")
    return reference


def directional_error(case: Case, gradient: list[Any], h: float) -> float:
    """Relative distance of the gradient, along a random direction, from central differences."""
    rng = np.random.default_rng(7)
    directions = {
        n: mapped(lambda leaf: np.asarray(rng.normal(size=np.shape(leaf))), case.args[n])
        for n in case.wrt
    }

    def moved(step: float) -> Any:
        args = list(case.copies())
        for n in case.wrt:
            args[n] = added(args[n], iter(leaves(directions[n])), step)
        return case.primal(*args)

    expected = (moved(h) - moved(-h)) / (2 * h)
    terms = [
        g * v for g, v in zip(gradient, leaves([directions[n] for n in case.wrt]), strict=True)
    ]
    if case.result == "jacobian":  # by one vector
        (term,) = terms
        actual, scale = np.sum(term, axis=-1), np.max(np.sum(np.abs(term), axis=-1))
    else:
        actual = sum(np.sum(term) for term in terms)
        scale = max(np.sum(np.abs(term)) for term in terms)
    return float(np.max(np.abs(actual - expected)) / max(1.0, scale))


def added(arg: Any, directions: Iterator[Any], h: float) -> Any:
    """The argument, moved."""
    return mapped(lambda leaf: leaf + h * next(directions)[()], arg)
