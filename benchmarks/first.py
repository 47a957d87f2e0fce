"""Seconds from a fresh process that has NumPy to the first gradient: what importing a tool takes,
and what it does before it can answer.

Every tool gets processes of its own, with compiled modules kept as an installation keeps them, and
the medians of processor time are printed: to import it + to find the gradient. Values are compared.
Run: python benchmarks/first.py [--page docs/performance.md]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from comparison.one_core import on_one_core

ROOT = Path(__file__).resolve().parent.parent
MODULES = {
    "srcgrad": "srcgrad", "numba": "srcgrad", "autograd": "autograd", "tangent": "tangent",
    "jax": "jax", "torch": "torch",
}  # fmt: skip
CASES = ("scalars, 10 operations", "ten_operations"), ("logsumexp of 1,000", "logsumexp")
TIMES = 5


def case_of(name: str, tool: str) -> Any:
    """No other tool is imported for it."""
    from comparison.case import Case

    torch = import_module("comparison.micro_torch") if tool == "torch" else None
    args = (np.random.default_rng(0).normal(size=1000),) if name == "logsumexp" else (0.7, 1.3)
    primal = getattr(import_module("comparison.micro"), name)
    return Case(name, primal, args, tuple(range(len(args))), torch=getattr(torch, name, None))


def child(name: str, tool: str) -> None:
    """Print what this process takes, and what it finds."""
    from comparison.contenders import Refused, missing, ready

    start = process_time()
    if missing(tool):
        print(json.dumps(None))
        return
    import_module(MODULES[tool])
    imported = process_time()
    try:
        values = ready(tool, case_of(name, tool))[1]
    except Refused:
        print(json.dumps(None))
        return
    found = [imported - start, process_time() - imported, [v.tolist() for v in values]]
    print(json.dumps(found))


def in_processes(name: str, tool: str, bytecode: str) -> list[Any] | None:
    """What a fresh process takes to import and to answer, the medians of several; its answer."""
    env = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONPATH": str(ROOT)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, __file__, name, tool]
    runs = []
    for _ in range(TIMES + 1):  # the first one compiles modules
        out = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
        runs.append(json.loads(out.splitlines()[-1]))
    if None in runs:
        return None
    return [median(run[0] for run in runs[1:]), median(run[1] for run in runs[1:]), runs[0][2]]


def table() -> str:
    from comparison import tables

    rows = []
    with tempfile.TemporaryDirectory() as bytecode:
        for title, name in CASES:
            found = {tool: in_processes(name, tool, bytecode) for tool in MODULES}
            expected = (found["srcgrad"] or [None])[-1]
            cells = []
            for tool, run in found.items():
                if run is None:
                    cells.append("-")
                    continue
                np.testing.assert_allclose(run[2], expected, rtol=1e-6, err_msg=tool)
                cells.append(f"{run[0]:.2f} + {run[1]:.2f}")
            rows.append([title, *cells])
    return tables.table(["seconds", *(tables.NAMES[tool] for tool in MODULES)], rows)


def main() -> None:
    if len(sys.argv) == 3 and not sys.argv[1].startswith("-"):
        child(*sys.argv[1:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, help="write the table into this page of the manual")
    options = parser.parse_args()
    on_one_core()
    text = table()
    print(text)
    if options.page:
        from run import rewrite

        rewrite(options.page, "first", text)


if __name__ == "__main__":
    main()
