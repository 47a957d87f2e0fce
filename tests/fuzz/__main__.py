"""`python -m tests.fuzz run FIRST COUNT`, `... shrink SEED`, `... show SEED`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from srcgrad import transform
from tests.fuzz.campaign import run
from tests.fuzz.grammar import PROFILES
from tests.fuzz.oracle import judge
from tests.fuzz.program import from_seed
from tests.fuzz.shrink import shrink


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    sub = commands.add_parser("run", help="judge the programs of COUNT seeds")
    sub.add_argument("first", type=int)
    sub.add_argument("count", type=int)
    sub.add_argument("--jobs", type=int, default=1)
    sub.add_argument("--json", type=Path, metavar="FILE", help="counts and faults, for a program")
    sub.add_argument("--quiet", action="store_true", help="do not print failing programs")
    for name, text in (("shrink", "make a failing program small"), ("show", "print a program")):
        sub = commands.add_parser(name, help=text)
        sub.add_argument("seed", help="a seed, or a file with `f` and `POINTS`")
    for sub in commands.choices.values():
        sub.add_argument("--deep", action="store_true", help="second derivatives, too")
        sub.add_argument("--profile", choices=sorted(PROFILES), default="all")
    return top


def main() -> int:
    options = parser().parse_args()
    if options.command == "run":
        tally = run(
            options.first,
            options.count,
            options.profile,
            options.jobs,
            not options.quiet,
            options.deep,
        )
        print(*tally.lines(), sep="\n")
        if options.json:
            options.json.write_text(json.dumps(tally.as_json(), indent=1))
        return int(bool(tally.faults))
    is_seed = options.seed.isdigit()
    text = (
        from_seed(int(options.seed), options.profile).text
        if is_seed
        else Path(options.seed).read_text()
    )
    if options.command == "shrink":
        text, verdict = shrink(text, deep=options.deep)
        print(f"# {verdict.kind}: {verdict.reason}\n{text}\n{verdict.detail}")
        return int(verdict.fault)
    print(text)
    print(judge(text, deep=options.deep))
    print(transform(text, functions=["f"], filename="program.py"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
