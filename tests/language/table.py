"""docs/language.md, written from what became of every case by `python -m tests.language`."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from tests.language.cases import Case, read_cases
from tests.language.outcomes import CRASH, KNOWN_ARGUMENTS, REFUSED, SUPPORTED, WRONG, Outcome
from tests.language.outcomes import outcome as run

DOCUMENT = Path(__file__).parents[2] / "docs" / "language.md"
HEAD = f"""\
# The language, construct by construct

What of Python and NumPy can be differentiated. Each row was run: *{SUPPORTED}* means that the
gradient is what central differences say, called directly and as the text of `transform` where
srcgrad cannot be imported, and that the arguments are left as they were. *{REFUSED}* means an
error with the place and the reason, before anything runs. *{KNOWN_ARGUMENTS}*: refused by
`transform` where nothing is known of the arguments. The programs stand below their table.

This file is written by `python -m tests.language`, and a test runs every row again.
"""
ROW = re.compile(r"^\| (?P<construct>.*) \| (?P<status>[^|]*?)(?:: .*)? \| `(?P<name>\w+)` \|$")


def document(found: list[tuple[Case, Outcome]]) -> str:
    parts = [HEAD, f"{summary(found)}\n"]
    for area, rows in groupby(found, key=lambda pair: pair[0].area):
        cases = list(rows)
        table = "\n".join(row(case, outcome) for case, outcome in cases)
        programs = "\n\n\n".join(case.example for case, _ in cases)
        parts.append(f"## {area}\n\n| construct | | program |\n|---|---|---|\n{table}\n")
        parts.append(f"```python\n{programs}\n```\n")
    return "\n".join(parts)


def row(case: Case, outcome: Outcome) -> str:
    reason = f": {outcome.reason}" if outcome.status != SUPPORTED else ""
    reason = re.sub(r"\s+", " ", re.sub(r" at 0x\w+", "", reason)).replace("|", "\\|")
    construct = case.construct.replace("|", "\\|")
    return f"| {construct} | {outcome.status}{reason} | `{case.name}` |"


def summary(found: list[tuple[Case, Outcome]]) -> str:
    counts = {
        status: sum(outcome.status == status for _, outcome in found)
        for status in (SUPPORTED, KNOWN_ARGUMENTS, REFUSED, WRONG, CRASH)
    }
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    return f"{len(found)} constructs: {told}."


def statuses() -> dict[str, str]:
    """What docs/language.md says of each case."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    return {m["name"]: m["status"] for line in lines if (m := ROW.match(line))}


def write() -> list[tuple[Case, Outcome]]:
    found = [(case, run(case)) for case in read_cases()]
    DOCUMENT.write_text(document(found), encoding="utf-8")
    return found
