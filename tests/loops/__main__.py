"""The long run: every kernel and program of the suite on the Numba backend, and a table of reasons.

Run: python -m tests.loops [--text] [--write] [NAME...]

With `--text` the loops are run by Python itself, which needs no Numba; `--write` notes in
refused.txt what has no form as loops.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.loops.survey import REFUSED, programs, survey, survey_text


def main() -> int:
    counts: Counter[str] = Counter()
    reasons: dict[str, list[str]] = {}
    flags = {word for word in sys.argv[1:] if word.startswith("--")}
    names = set(sys.argv[1:]) - flags
    run = survey_text if flags & {"--text", "--write"} else survey
    for program in programs():
        if names and program.name not in names:
            continue
        start = time.perf_counter()
        word, reason = run(program)
        counts[word] += 1
        if word == "right":
            print(f"right    {program.name} ({time.perf_counter() - start:.1f} s)", flush=True)
        else:
            reasons.setdefault(f"{word}: {reason}", []).append(program.name)
            if word == "WRONG":
                print(f"WRONG    {program.name}: {reason}", flush=True)
    print()
    lines = []
    for reason in sorted(reasons):
        lines.append(f"{reason}\n    {', '.join(reasons[reason])}")
    print("\n".join(lines))
    if "--write" in flags:
        REFUSED.write_text("\n".join(lines) + "\n")
    print(", ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 1 if counts["WRONG"] else 0


if __name__ == "__main__":
    sys.exit(main())
