"""Where a matrix may have elements that are not zero, and a picture of that."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from srcgrad.errors import SrcgradError
from srcgrad.ir.classes import dataclass
from srcgrad.sparsity.sets import VARIES, Set

SIDE = 480  # of a picture, in pixels


@dataclass(frozen=True, eq=False)
class Pattern:
    """Positions of a matrix, row by row: those of row `i` are `indices[indptr[i]:indptr[i + 1]]`.

    `hangs_on` says what the pattern hangs on in the function, such as a branch on a value; it holds
    for arguments that go the same way. Empty: it holds for all arguments of these shapes.
    """

    shape: tuple[int, int]
    indptr: Any
    indices: Any
    hangs_on: str = ""

    @classmethod
    def of_rows(cls, rows: Sequence[Set], width: int, hangs_on: str = "") -> Pattern:
        """From the set of columns of each row."""
        found = [sorted(row - {VARIES} if VARIES in row else row) for row in rows]
        indptr = np.concatenate([[0], np.cumsum([len(row) for row in found], dtype=int)])
        flat = [column for row in found for column in row]
        return cls((len(rows), width), indptr, np.array(flat, dtype=int), hangs_on)

    @classmethod
    def of(cls, given: Any) -> Pattern:
        """From a pattern, a sparse matrix (its stored elements) or an array (what is not 0)."""
        if isinstance(given, Pattern):
            return given
        if hasattr(given, "tocsr"):
            matrix = given.tocsr().copy()
            matrix.sum_duplicates()
            return cls(matrix.shape, matrix.indptr.astype(int), matrix.indices.astype(int))
        dense = np.asarray(given) != 0
        if dense.ndim != 2:
            raise SrcgradError("a pattern is a matrix")
        indptr = np.concatenate([[0], np.cumsum(dense.sum(axis=1))])
        return cls(dense.shape, indptr, np.nonzero(dense)[1])

    @property
    def nnz(self) -> int:
        """How many positions there are."""
        return len(self.indices)

    @property
    def rows(self) -> Any:
        """The row of each position."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))

    @property
    def longest_row(self) -> int:
        """The largest number of positions in one row."""
        return int(np.diff(self.indptr).max(initial=0))

    def transposed(self) -> Pattern:
        """The pattern of the transposed matrix."""
        order = np.argsort(self.indices, kind="stable")
        counts = np.bincount(self.indices, minlength=self.shape[1])
        indptr = np.concatenate([[0], np.cumsum(counts)])
        return Pattern(self.shape[::-1], indptr, self.rows[order], self.hangs_on)

    def symmetric(self) -> Pattern:
        """The pattern with what is missing on the other side of the diagonal."""
        other = self.transposed()
        size = self.shape[0]
        keys = np.unique(
            np.concatenate([self.rows * size + self.indices, other.rows * size + other.indices])
        )
        counts = np.bincount(keys // size, minlength=size) if size else np.zeros(0, dtype=int)
        indptr = np.concatenate([[0], np.cumsum(counts)])
        return Pattern(self.shape, indptr, keys % max(size, 1), self.hangs_on)

    def toarray(self) -> Any:
        """A matrix of booleans."""
        made = np.zeros(self.shape, dtype=bool)
        made[self.rows, self.indices] = True
        return made

    def show(self, path: str | os.PathLike[str] | None = None) -> str:
        """A picture as SVG text, written to a file if one is named. Notebooks show it.

        A large matrix is drawn in squares of several rows and columns, darker for more elements.
        """
        text = _drawn(self)
        if path is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return text

    def _repr_svg_(self) -> str:
        return _drawn(self)

    def __repr__(self) -> str:
        where = f", hangs on {self.hangs_on}" if self.hangs_on else ""
        return f"<srcgrad pattern {self.shape[0]} x {self.shape[1]}, {self.nnz} elements{where}>"


def _drawn(pattern: Pattern) -> str:
    height, width = pattern.shape
    unit = max(1, -(-max(height, width) // 120))  # rows and columns in one square
    across = -(-width // unit)
    cells, counts = np.unique(
        pattern.rows // unit * max(across, 1) + pattern.indices // unit, return_counts=True
    )
    side = SIDE / max(1, -(-max(height, width) // unit))
    size = f"{across * side:g}", f"{-(-height // unit) * side:g}"
    full = max(unit, 1)  # as many as a diagonal has in a square
    squares = [
        f'<rect x="{cell % across * side:g}" y="{cell // across * side:g}" width="{side:g}" '
        f'height="{side:g}" fill-opacity="{min(1.0, 0.3 + 0.7 * count / full):.2g}"/>'
        for cell, count in zip(cells.tolist(), counts.tolist(), strict=True)
    ]
    title = f"{height} x {width}, {pattern.nnz} elements"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
            f'viewBox="0 0 {size[0]} {size[1]}">',
            f"<title>{title}</title>",
            f'<rect width="{size[0]}" height="{size[1]}" fill="white" stroke="black"/>',
            '<g fill="#1f4e79">',
            *squares,
            "</g>",
            "</svg>",
            "",
        ]
    )
