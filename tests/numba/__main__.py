"""The long run: every kernel and program of the suite on the Numba backend, and a table of reasons.

Run: python -m tests.numba [NAME...]
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.numba.survey import programs, survey


def main() -> int:
    counts: Counter[str] = Counter()
    reasons: dict[str, list[str]] = {}
    for program in programs():
        if len(sys.argv) > 1 and program.name not in sys.argv[1:]:
            continue
        start = time.perf_counter()
        word, reason = survey(program)
        counts[word] += 1
        if word == "right":
            print(f"right    {program.name} ({time.perf_counter() - start:.1f} s)", flush=True)
        else:
            reasons.setdefault(f"{word}: {reason}", []).append(program.name)
            if word == "WRONG":
                print(f"WRONG    {program.name}: {reason}", flush=True)
    print()
    for reason in sorted(reasons):
        print(f"{reason}\n    {', '.join(reasons[reason])}")
    print(", ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 1 if counts["WRONG"] else 0


if __name__ == "__main__":
    sys.exit(main())
