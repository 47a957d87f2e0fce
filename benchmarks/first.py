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
KEPT = ("srcgrad", "numba", "jax")  # tools that keep on disk what they compiled, if they are told
CASES = {
    "scalars, 10 operations": "micro.ten_operations",
    "logsumexp of 1,000": "micro.logsumexp",
    "jacobi_1d": "loops.jacobi_1d",
    "cholesky": "loops.cholesky",
}
TIMES = 3


def case_of(name: str, tool: str) -> Any:
    """No other tool is imported for it."""
    from comparison.case import Case

    family, name = name.split(".")
    rng = np.random.default_rng(0)
    square = rng.normal(size=(40, 40))
    args, wrt = {
        "ten_operations": ((0.7, 1.3), (0, 1)),
        "logsumexp": ((rng.normal(size=1000),), (0,)),
        "jacobi_1d": ((rng.random(3000), rng.random(3000), 100), (0, 1)),
        "cholesky": ((square @ square.T + 40.0 * np.eye(40),), (0,)),
    }[name]
    primal = getattr(import_module(f"comparison.{family}"), name)
    written = {}
    if tool == "torch" or (tool, family) == ("jax", "loops"):
        written[tool] = getattr(import_module(f"comparison.{family}_{tool}"), name)
    return Case(name, primal, args, wrt, writes=family == "loops", **written)


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


def in_processes(name: str, tool: str, bytecode: str, kept: str = "") -> list[Any] | None:
    """What a fresh process takes to import and to answer, the medians of several; its answer.

    `kept`: a folder for what tools keep on disk.
    """
    env = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONPATH": str(ROOT)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env["SRCGRAD_CACHE"] = kept or "off"
    if kept:
        env["JAX_COMPILATION_CACHE_DIR"] = kept
        env["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
        env["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
    command = [sys.executable, __file__, name, tool]
    runs = []
    for _ in range(TIMES + 1):  # the first one compiles modules, and fills the folder
        out = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
        runs.append(json.loads(out.splitlines()[-1]))
    if None in runs:
        return None
    return [median(run[0] for run in runs[1:]), median(run[1] for run in runs[1:]), runs[0][2]]


def table() -> str:
    from comparison import tables

    rows = []
    with tempfile.TemporaryDirectory() as bytecode, tempfile.TemporaryDirectory() as kept:
        for title, name in CASES.items():
            found = [in_processes(name, tool, bytecode) for tool in MODULES]
            found += [in_processes(name, tool, bytecode, kept) for tool in KEPT]
            expected = (found[0] or [None])[-1]
            cells = []
            for run in found:
                if run is None:
                    cells.append("-")
                    continue
                for one, other in zip(run[2], expected, strict=True):
                    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)
                cells.append(f"{run[0]:.2f} + {run[1]:.2f}")
            rows.append([title, *cells])
    names = [tables.NAMES[tool] for tool in MODULES]
    again = [f"{tables.NAMES[tool]}, kept" for tool in KEPT]
    count = 1 + len(names)
    first = tables.table(["seconds", *names], [row[:count] for row in rows])
    second = tables.table(["seconds", *again], [[row[0], *row[count:]] for row in rows])
    return f"{first}\n\n{second}"


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
