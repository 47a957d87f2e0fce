"""What products pass on: which elements of the operands meet in an element of the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.sparsity.sets import as_array, from_list, gathered, join, union

if TYPE_CHECKING:
    from srcgrad.sparsity.passing import Application


def _operands(call: Application) -> list[Any]:
    return [as_array(call.like(name)) for name in call.bound]


def matmul(call: Application) -> Any:
    """Rows of the first operand meet columns of the second."""
    given = list(call.bound.values())[:2]
    if hasattr(given[0], "tocsr"):
        return _sparse_times(given[0].tocsr(), _operands(call)[1])
    if hasattr(given[1], "tocsr"):
        return _sparse_times(given[1].T.tocsr(), _operands(call)[0].T).T
    a, b = _operands(call)[:2]
    if call.name.endswith("dot") and max(a.ndim, b.ndim) > 2:
        return None  # pairs all rows with all columns
    if a.ndim == 0 or b.ndim == 0:
        return join(a, b)
    rows = gathered(a, -1)
    columns = gathered(b, -2 if b.ndim > 1 else -1)
    if b.ndim == 1:
        columns = columns.reshape(())
        rows = rows[..., 0]
    elif a.ndim == 1:
        rows = rows.reshape(())
        columns = columns[..., 0, :]
    return join(rows, columns)


def _sparse_times(matrix: Any, sets: Any) -> Any:
    """A sparse matrix lets through what its stored elements name."""
    flat = sets.reshape(sets.shape[0], -1)
    starts, columns = matrix.indptr, matrix.indices
    found = [
        union(line)
        for row in range(matrix.shape[0])
        for line in flat[columns[starts[row] : starts[row + 1]]].T
    ]
    return from_list(found, (matrix.shape[0], *sets.shape[1:]))


def outer(call: Application) -> Any:
    """Every element of the one meets every element of the other."""
    a, b = _operands(call)[:2]
    return join.outer(a.reshape(-1), b.reshape(-1))


def outer_of_ufunc(call: Application) -> Any:
    a, b = _operands(call)[:2]
    return join.outer(a, b)


def einsum(call: Application) -> Any:
    """An element of the result gathers over all letters that it does not have."""
    subscripts, *operands = (value for value in call.bound.values())
    if not isinstance(subscripts, str) or "." in subscripts:
        return None
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    if not arrow or len(set(output)) != len(output):
        return None
    found = None
    for letters, operand in zip(inputs.split(","), operands, strict=True):
        if len(set(letters)) != len(letters):
            return None
        sets = as_array(call.shadow.like(operand))
        axes = tuple(k for k, letter in enumerate(letters) if letter not in output)
        sets = gathered(sets, axes) if axes else sets
        sets = sets.reshape([n for k, n in enumerate(sets.shape) if k not in axes])
        kept = [letter for letter in letters if letter in output]
        order = sorted(range(len(kept)), key=lambda k: output.index(kept[k]))
        sets = sets.transpose(order)
        index = tuple(slice(None) if letter in kept else None for letter in output)
        found = sets[index] if found is None else join(found, sets[index])
    return np.broadcast_to(as_array(found), np.shape(call.value))


PRODUCTS: dict[str, Callable[[Application], Any]] = {
    "operator.matmul": matmul,
    "numpy.matmul": matmul,
    "numpy.linalg.matmul": matmul,
    "numpy.dot": matmul,
    "method.dot": matmul,
    "numpy.outer": outer,
    "numpy.linalg.outer": outer,
    "numpy.einsum": einsum,
} | {
    f"numpy.{name}.outer": outer_of_ufunc
    for name in ("add", "subtract", "multiply", "divide", "maximum", "minimum", "hypot", "arctan2")
}
