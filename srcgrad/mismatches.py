"""Where a derivative and differences disagree: how much is too much, and the table of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from srcgrad.errors import SrcgradError
from srcgrad.ir.classes import dataclass

ROWS = 12  # of the table of an error


class GradientError(SrcgradError, AssertionError):
    """A derivative that disagrees with differences. `mismatches` holds the rows of the table."""

    def __init__(self, message: str, mismatches: Sequence[Mismatch] = ()) -> None:
        self.mismatches = tuple(mismatches)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One number of a derivative and what differences say."""

    where: str  # the argument's path, or "direction k"
    index: tuple[int, ...]
    generated: complex
    expected: complex

    @property
    def error(self) -> float:
        return abs(self.generated - self.expected)


@dataclass(frozen=True, slots=True)
class Tolerance:
    rtol: float
    atol: float

    def accepts(self, generated: complex, expected: complex, scale: float) -> bool:
        """`scale` is the size of what was differenced: rounding errors are relative to it."""
        if generated == expected:
            return True
        return bool(abs(generated - expected) <= self.atol * scale + self.rtol * abs(expected))

    def same(self, forward: float, reverse: float, scale: float) -> bool:
        """Two modes compute one number by other sums: they agree but for rounding."""
        close = 1e-10 if self.rtol <= 1e-5 else self.rtol
        return abs(forward - reverse) <= close * max(scale, abs(forward), abs(reverse))


def tolerance_for(leaves: Iterable[Any], rtol: float | None, atol: float | None) -> Tolerance:
    sizes = [np.finfo(np.asarray(leaf).dtype).eps for leaf in leaves]
    eps = float(max(sizes, default=0.0))
    base = 1e-5 if eps < 1e-12 else 2e-2 if eps < 1e-5 else 1e-1
    return Tolerance(
        base if rtol is None else rtol, (1e-8 if eps < 1e-12 else base) if atol is None else atol
    )


def report(f: Callable[..., Any], rows: Sequence[Mismatch], wrong: Sequence[Mismatch]) -> str:
    name = getattr(f, "__name__", type(f).__name__)
    named = [r for r in wrong if not r.where.startswith("along")] or list(wrong)
    worst = sorted(named, key=lambda r: -r.error)[:ROWS]
    shown = [r for r in named if r in worst]
    cells = [("argument", "index", "generated", "differences", "error")]
    for row in shown:
        index = ", ".join(map(str, row.index))
        numbers = f"{row.generated:.8g}", f"{row.expected:.8g}", f"{row.error:.2e}"
        cells.append((row.where, index, *numbers))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells
    ]
    count = f"{len(wrong)} of {len(rows)} numbers"
    head = f"the derivative of {name} and differences disagree in {count}"
    more = [f"... and {len(named) - len(shown)} more"] if len(named) > len(shown) else []
    return "\n".join([head, *(f"  {line}" for line in lines + more)])
