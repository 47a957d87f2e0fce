"""Medians of interleaved calls, and the memory of a call.

Contenders take turns, so that a change of the machine's speed meets all of them; each has an equal
share of the time, and slow ones fewer turns, spread over the whole. Processor time is measured, all
threads together: the process has one core, and what else the machine does is not counted.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Mapping
from statistics import median
from time import process_time
from typing import Any

Call = Callable[[], Any]
SHORTEST = 1e-3  # a sample is at least so long, in seconds
SLOW = 1.0  # calls as long as this are measured twice, once they are known to be
TURNS = 3, 40


def seconds(call: Call, times: int = 1) -> float:
    start = process_time()
    for _ in range(times):
        call()
    return (process_time() - start) / times


def medians(calls: Mapping[str, tuple[Call, float]], budget: float) -> dict[str, float]:
    """Median seconds of each call, in about `budget` seconds together; given with it is what one
    call took."""
    gc.collect()
    repeats = {name: repetitions(*call) for name, call in calls.items()}
    share = budget / max(1, len(calls))
    turns = {
        name: min(TURNS[1], max(2 if once > SLOW else TURNS[0], int(share / (once * times))))
        for name, (once, times) in repeats.items()
    }
    samples: dict[str, list[float]] = {name: [] for name in calls}
    rounds = max(turns.values(), default=0)
    for number in range(rounds):
        for name, (call, _) in calls.items():
            if (number + 1) * turns[name] // rounds > number * turns[name] // rounds:
                samples[name].append(seconds(call, repeats[name][1]))
    return {name: median(column) for name, column in samples.items()}


def repetitions(call: Call, once: float) -> tuple[float, int]:
    """Seconds of a call, and how many calls make one sample."""
    if once < SLOW:
        once = min(once, seconds(call))
    return once, max(1, round(SHORTEST / max(once, 1e-8)))


def peak(call: Call) -> int:
    """Most bytes of Python's and NumPy's memory in use at once during a call, more than before."""
    gc.collect()
    tracemalloc.start()
    try:
        result = call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        del result
        tracemalloc.stop()
