"""A fixed corpus of random programs, in every profile, live and ahead of time.

More: `python -m tests.fuzz run FIRST COUNT`. A fault that is found there becomes a file in
`regressions/`, and is run by `test_regressions.py` from then on.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.campaign import run
from tests.fuzz.oracle import judge
from tests.fuzz.strategy import programs

# Programs of each profile, and how many of them are right at least.
CORPUS = {
    "all": (60, 30),
    "control": (40, 30),
    "memory": (40, 20),
    "arithmetic": (60, 50),
    "syntax": (30, 20),
    "containers": (30, 10),
    "functions": (30, 10),
}
DEEP = ("arithmetic",)  # with second derivatives
FIRST = 100_000


@pytest.mark.parametrize("profile", CORPUS)
def test_right_or_refused(profile: str) -> None:
    count, least = CORPUS[profile]
    tally = run(FIRST, count, profile, show=False, deep=profile in DEEP)
    assert not tally.faults, "\n".join(f"{f['detail']}\n{f['text']}" for f in tally.faults)
    assert tally.counts["right"] >= least, tally.counts


@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_drawn_by_hypothesis(text: str) -> None:
    verdict = judge(text)
    assert not verdict.fault, f"{verdict.detail}\n{text}"
