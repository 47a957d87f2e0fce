"""Many seeds: judged, counted, and every fault shown with its program."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from tests.fuzz.oracle import Verdict, judge
from tests.fuzz.program import from_seed

EVERY = 100  # of so many programs, one goes through the command line


@dataclass
class Tally:
    """What became of the programs of a campaign."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    ahead: Counter[str] = field(default_factory=Counter)
    forward: Counter[str] = field(default_factory=Counter)
    deeper: Counter[str] = field(default_factory=Counter)
    faults: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, seed: int, text: str, verdict: Verdict) -> None:
        self.counts[verdict.kind] += 1
        if verdict.ahead:
            self.ahead["right" if verdict.ahead == "right" else "refused"] += 1
        if verdict.forward:
            self.forward["right" if verdict.forward.startswith("right") else "refused"] += 1
        if verdict.deeper:
            self.deeper["right" if verdict.deeper == "right" else "refused"] += 1
        if verdict.reason:
            self.reasons.setdefault(verdict.kind, Counter())[verdict.reason] += 1
        if verdict.fault:
            self.faults.append({"seed": seed, **asdict(verdict), "text": text})

    def lines(self, most: int = 25) -> Iterator[str]:
        total = sum(self.counts.values())
        yield f"{total} programs in {self.seconds:.0f} s: {dict(self.counts)}"
        yield f"the text alone, of those that are right: {dict(self.ahead)}"
        yield f"forward mode, of those that are right: {dict(self.forward)}"
        yield f"second derivatives, of those that are right: {dict(self.deeper)}"
        for kind, reasons in sorted(self.reasons.items()):
            yield f"\n{kind}:"
            for reason, times in reasons.most_common(most):
                yield f"{times:6d}  {reason}"

    def as_json(self) -> dict[str, Any]:
        reasons = {kind: dict(found) for kind, found in self.reasons.items()}
        return {
            "counts": dict(self.counts),
            "reasons": reasons,
            "ahead": dict(self.ahead),
            "forward": dict(self.forward),
            "deeper": dict(self.deeper),
            "faults": self.faults,
            "seconds": self.seconds,
        }


def one(seed: int, profile: str, deep: bool = False) -> tuple[int, str, Verdict]:
    text = from_seed(seed, profile).text
    return seed, text, judge(text, command=seed % EVERY == 0, deep=deep)


def run(
    first: int,
    count: int,
    profile: str = "all",
    jobs: int = 1,
    show: bool = True,
    deep: bool = False,
) -> Tally:
    """Judge the programs of `count` seeds. Faults are printed as they are found, if `show`."""
    tally, start = Tally(), time.perf_counter()
    seeds = range(first, first + count)
    task = partial(one, profile=profile, deep=deep)
    if jobs > 1:
        with multiprocessing.Pool(jobs, maxtasksperchild=500) as pool:
            results = list(_each(pool.imap_unordered(task, seeds, 10), show))
    else:
        results = list(_each(map(task, seeds), show))
    for result in sorted(results, key=lambda r: r[0]):
        tally.add(*result)
    tally.seconds = time.perf_counter() - start
    return tally


def _each(
    results: Iterator[tuple[int, str, Verdict]], show: bool
) -> Iterator[tuple[int, str, Verdict]]:
    for seed, text, verdict in results:
        if show and verdict.fault:
            print(f"--- seed {seed}: {verdict.kind}, {verdict.reason}\n{verdict.detail}\n{text}")
        yield seed, text, verdict
