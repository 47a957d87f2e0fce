"""Derivatives that are more than gradients, by hand and by the tools that are installed.

The diagonal of a Hessian with the gradient, a dense Jacobian of few columns, a sparse one: those of
k-means, hand tracking and bundle adjustment. Values are compared with those of srcgrad before times
are taken. The sparse Jacobian is a matrix of SciPy's; by hand it is the elements of that in order,
and by JAX and PyTorch the blocks of each view, of which a matrix is still to be made.

Run:
    python benchmarks/beside.py [SECONDS_PER_CALL]
    python benchmarks/beside.py --page docs/performance.md     # the table in this page anew
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from comparison.one_core import on_one_core

ROOT = Path(__file__).resolve().parent.parent
SLOW = 10.0  # seconds of one call: it is not called again


def timed(call: Callable[[], Any]) -> float:
    """Processor time: what else the machine does is not counted."""
    start = process_time()
    call()
    return process_time() - start


def in_turn(calls: dict[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    """Milliseconds of each call, after the first. They take turns: machines vary."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    spent = dict.fromkeys(calls, 0.0)
    while any(total < seconds for total in spent.values()):
        for name, call in calls.items():
            if spent[name] < seconds:
                start = perf_counter()
                times[name].append(timed(call))
                spent[name] += perf_counter() - start
    return {name: 1e3 * median(found) for name, found in times.items()}


def row(task: Any, tools: list[str], seconds: float) -> list[str]:
    """The cells of a table: the name, then milliseconds by each tool and what ratio that is."""
    import numpy as np

    calls: dict[str, Callable[[], Any]] = {}
    expected: Any = None
    for tool in tools:
        if tool not in task.makers:
            continue
        call, form = task.makers[tool](*task.args)
        found = np.asarray(form(call()))
        expected = found if expected is None else expected
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7)
        if timed(call) < SLOW:
            calls[tool] = call
    times = in_turn(calls, seconds)
    own = times["srcgrad"]
    cells = [f"{times[t]:.1f} ({times[t] / own:.2g}x)" if t in times else "-" for t in tools]
    return [task.name, f"{own:.1f}", *cells[1:]]


def table(seconds: float) -> str:
    from comparison import derivatives, tables

    tools = [*derivatives.TOOLS[:2]]
    for tool in derivatives.TOOLS[2:]:
        try:
            derivatives.tool_of(tool)
            tools.append(tool)
        except ImportError:
            print(f"left out: {tables.NAMES[tool]}: it is not installed")
    head = ["milliseconds (to srcgrad)", *(tables.NAMES[tool] for tool in tools)]
    return tables.table(head, [row(task, tools, seconds) for task in derivatives.tasks()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", nargs="?", type=float, default=1.0, help="for each call")
    parser.add_argument("--page", type=Path, help="write the table into this page of the manual")
    options = parser.parse_args()
    on_one_core()
    sys.path.insert(0, str(ROOT))  # the tree that this file belongs to, not what is installed
    text = table(options.seconds)
    print(text)
    if options.page:
        from run import rewrite

        rewrite(options.page, "beside", text)


if __name__ == "__main__":
    main()
