"""Tables of what was measured, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import geometric_mean

from .measure import Row

NAMES = {
    "primal": "primal",
    "hand": "by hand",
    "hand_numba": "by hand, Numba",
    "srcgrad": "srcgrad",
    "numba": "srcgrad, Numba",
    "autograd": "autograd",
    "tangent": "tangent-ad",
    "jax": "JAX",
    "torch": "PyTorch",
}


def all_of(rows: Sequence[Row], tools: Sequence[str]) -> list[str]:
    """Times, first calls, memory, and what is missing."""
    parts = [
        times(rows, tools),
        beside(rows),
        first_calls(rows, tools),
        memory(rows),
        reasons(rows),
    ]
    return [part for part in parts if part]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns."""
    widths = [max(len(line[k]) for line in (head, *rows)) for k in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = zip(cells, widths, strict=True)
        return " | ".join([first[0].ljust(first[1]), *(c.rjust(w) for c, w in rest)])

    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(f"| {text} |" for text in (line(head), " | ".join(marks), *map(line, rows)))


def times(rows: Sequence[Row], tools: Sequence[str]) -> str:
    """Milliseconds of each tool, and how many times the primal's in the mean."""
    lines = [[row.name, *(milliseconds(row, tool) for tool in tools)] for row in rows]
    for other in ("primal", "hand"):
        if other in tools:
            means = [mean(rows, tool, other) for tool in tools]
            lines.append([f"geometric mean, to {NAMES[other]}", *means])
    return table(["milliseconds", *(NAMES[tool] for tool in tools)], lines)


def milliseconds(row: Row, tool: str) -> str:
    if tool not in row.times:
        wrong = row.missing.get(tool, "").startswith("WRONG")
        return "wrong" if wrong else "-"
    text = significant(row.times[tool] * 1e3)
    base = row.times.get("primal")
    if tool == "primal" or base is None:
        return text
    return f"{text} ({significant(row.times[tool] / base, 2)}x)"


def mean(rows: Sequence[Row], tool: str, other: str) -> str:
    """The geometric mean of a ratio, over the cases that have both times."""
    both = [row.times for row in rows if tool in row.times and other in row.times]
    if tool == other or not both:
        return ""
    ratio = geometric_mean(times[tool] / times[other] for times in both)
    return f"{significant(ratio)}x of {len(both)}"


def beside(rows: Sequence[Row]) -> str:
    """Compiled loops beside those by hand, and beside JAX, for small and larger sizes."""
    sizes: dict[str, list[Row]] = {"all": list(rows)}
    for size, title in (("S", "small"), ("M", "medium")):
        sizes |= (
            {title: found} if (found := [r for r in rows if r.name.endswith(f", {size}")]) else {}
        )
    pairs = ("numba", "hand_numba"), ("jax", "numba"), ("jax", "hand_numba")
    lines = []
    for tool, other in pairs:
        means = [mean(group, tool, other) for group in sizes.values()]
        if any(means):
            lines.append([f"{NAMES[tool]} / {NAMES[other]}", *means])
    return table(["geometric means", *sizes], lines) if lines else ""


def first_calls(rows: Sequence[Row], tools: Sequence[str]) -> str:
    """Seconds from the program to its first gradient: transforming, tracing, compiling."""
    tools = [tool for tool in tools if tool not in ("primal", "hand")]
    lines = [
        [row.name, *(significant(row.first[t]) if t in row.first else "-" for t in tools)]
        for row in rows
    ]
    return table(["first call, seconds", *(NAMES[tool] for tool in tools)], lines)


def memory(rows: Sequence[Row]) -> str:
    """Peak memory of the generated gradient beside the one written by hand."""
    rows = [row for row in rows if {"hand", "srcgrad"} <= row.memory.keys()]
    lines = []
    for row in rows:
        hand, ours = row.memory["hand"], row.memory["srcgrad"]
        lines.append([row.name, megabytes(hand), megabytes(ours), significant(ours / hand, 2)])
    if not rows:
        return ""
    if len(rows) > 1:
        ratio = geometric_mean(row.memory["srcgrad"] / row.memory["hand"] for row in rows)
        lines.append(["geometric mean", "", "", significant(ratio, 2)])
    return table(["peak memory, MB", "by hand", "srcgrad", "ratio"], lines)


def megabytes(count: int) -> str:
    return f"{count / 1e6:.3f}"


def significant(number: float, digits: int = 3) -> str:
    """A number in so many digits, never in powers of ten."""
    if number >= 10 ** (digits - 1):
        return f"{number:.0f}"
    for decimals in range(digits, 7):
        text = f"{number:.{decimals - 1}f}"
        if len(text.replace(".", "").lstrip("0")) >= digits:
            return text
    return f"{number:.6f}"


def reasons(rows: Sequence[Row]) -> str:
    """Why cells are empty, one line for each reason and tool; places are names of files."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for tool, why in row.missing.items():
            why = re.sub(r"\S*/(\w+\.py)", r"\1", why)
            grouped.setdefault((tool, why), []).append(row.name)
    return "\n".join(
        f"- {NAMES[tool]}, {'; '.join(names)}: `{why}`" for (tool, why), names in grouped.items()
    )
