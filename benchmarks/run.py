"""srcgrad's gradients beside primals, adjoints by hand and other tools, each suite in one process.

Values are compared before times. The process runs on one core, and contenders take turns, so that
their ratios survive a machine that does other things.

    python benchmarks/run.py [--suite micro|loops|objectives] [--tools hand,srcgrad,jax]
                             [--json FILE] [--seconds PER_CASE] [--case NAME]
    python benchmarks/run.py --page docs/performance.md   # the tables in this page anew
    python benchmarks/run.py --picture docs/growth.svg    # growth with size, steps and parameters
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

SUITES = "micro", "loops", "objectives"
ROOT = Path(__file__).resolve().parent.parent


def one_core() -> None:
    """Before NumPy is imported: its threads are counted then."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--suite", choices=SUITES, help="one suite (default: each in turn)")
    parser.add_argument("--tools", help="a list with commas (default: all that are installed)")
    parser.add_argument("--json", type=Path, help="also write what was measured into this file")
    parser.add_argument("--seconds", type=float, default=1.0, help="of measuring, for each case")
    parser.add_argument("--case", help="only cases whose name contains this")
    parser.add_argument("--page", type=Path, help="write the tables into this page of the manual")
    parser.add_argument("--picture", type=Path, help="draw how times grow into this SVG file")
    return parser.parse_args()


def in_turn(options: argparse.Namespace) -> int:
    """Each suite in a process of its own."""
    rows = []
    for suite in SUITES:
        command = [sys.executable, __file__, "--suite", suite, *sys.argv[1:]]
        code = subprocess.run(command).returncode
        if code:
            return code
        if options.json:
            rows += json.loads(options.json.read_text(encoding="utf-8"))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


def chosen_tools(names: str | None) -> list[str]:
    """The tools that are asked for and installed; why the others are left out is printed."""
    from comparison.contenders import TOOLS, missing

    tools = []
    for tool in TOOLS:
        if tool != "primal" and names and tool not in names.split(","):
            continue
        why = missing(tool)
        if why:
            print(f"left out: {tool}: {why}")
        else:
            tools.append(tool)
    return tools


def one_suite(options: argparse.Namespace) -> int:
    from comparison import tables
    from comparison.measure import measure, start
    from comparison.suites import SUITES as CASES

    load = os.getloadavg()[0]
    tools = chosen_tools(options.tools)
    cases = [case for case in CASES[options.suite]() if (options.case or "") in case.name]
    for tool in tools:
        start(tool)
    rows = []
    of_program = {}
    for number, case in enumerate(cases, 1):
        print(f"{number} of {len(cases)}: {case.name}", file=sys.stderr)
        earlier = of_program.get(case.primal)
        rows.append(measure(options.suite, case, tools, options.seconds, earlier))
        of_program[case.primal] = rows[-1]
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}."
    text = "\n\n".join([where, *tables.all_of(rows, tools)])
    print(f"\n## {options.suite}\n\n{text}", flush=True)
    if options.page:
        rewrite(options.page, options.suite, text)
    if options.json:
        text = json.dumps([row.as_json() for row in rows], indent=1)
        options.json.write_text(text, encoding="utf-8")
    return 0


def rewrite(page: Path, suite: str, text: str) -> None:
    """Between the marks of the suite, which the page must have."""
    before, mark, rest = page.read_text(encoding="utf-8").partition(f"<!-- {suite} -->\n")
    _, end, after = rest.partition(f"<!-- end of {suite} -->")
    if not (mark and end):
        raise SystemExit(f"{page} has no marks for {suite}")
    page.write_text(f"{before}{mark}\n{text}\n\n{end}{after}", encoding="utf-8")


def picture(options: argparse.Namespace) -> int:
    from comparison.growth import panels
    from comparison.picture import svg

    drawn = panels(chosen_tools(options.tools), options.seconds)
    options.picture.write_text(svg(drawn), encoding="utf-8")
    return 0


def main() -> int:
    options = arguments()
    sys.path.insert(0, str(ROOT))  # the tree that this file belongs to, not what is installed
    if options.suite is None and not options.picture:
        return in_turn(options)
    one_core()
    if options.picture:
        return picture(options)
    return one_suite(options)


if __name__ == "__main__":
    raise SystemExit(main())
