"""A fixed corpus of random programs that share memory: right or refused, live and ahead of time."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.programs.random_memory import outcome


@pytest.mark.parametrize("block", range(8))
def test_right_or_refused(block: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(block * 20, block * 20 + 20):
        kind, said = outcome(seed, ahead=seed % 4 == 0)
        assert kind != "WRONG", said
        counts[kind] += 1
    assert counts["right"] >= 10, counts
