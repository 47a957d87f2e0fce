"""What is assumed of library functions that have no rule, by their names: they run as they are.

Functions of NumPy and SciPy compute: they write nowhere but where an argument `out` says so, and
may be left out where nobody reads the result. Functions that draw random numbers change what the
next one gives. Of any other function nothing is known.
"""

from __future__ import annotations

import functools

import numpy as np

from srcgrad.ir.core import Assign

COMPUTING = frozenset({
    "attr", "builtins", "cmath", "collections", "copy", "dataclasses", "functools", "itertools",
    "load", "math", "method", "numpy", "operator", "scipy", "srcgrad", "statistics",
})  # fmt: skip
DRAWING = ("numpy.random.", "random.", "secrets.")
# Functions of SciPy that draw from NumPy's generator, unless they are given another one.
DRAWING_OF_SCIPY = frozenset({
    "scipy.cluster.vq.kmeans", "scipy.cluster.vq.kmeans2", "scipy.optimize.basinhopping",
    "scipy.optimize.differential_evolution", "scipy.optimize.dual_annealing",
    "scipy.sparse.random", "scipy.sparse.random_array", "scipy.stats.bootstrap",
    "scipy.stats.monte_carlo_test", "scipy.stats.permutation_test",
})  # fmt: skip
# Functions that write into their first argument.
WRITING = frozenset({
    "numpy.copyto", "numpy.fill_diagonal", "numpy.place", "numpy.put", "numpy.put_along_axis",
    "numpy.putmask", "numpy.random.shuffle", "random.shuffle",
})  # fmt: skip
# Keywords by which a function is told to write into what it is given.
TOLD = frozenset({"out", "inplace", "overwrite_a", "overwrite_b", "overwrite_x", "overwrite_ab"})
ACTING = frozenset({
    "builtins.delattr", "builtins.eval", "builtins.exec", "builtins.input", "builtins.iter",
    "builtins.next", "builtins.open", "builtins.print", "builtins.setattr",
})  # fmt: skip


@functools.lru_cache(maxsize=4096)
def draws(fn: str) -> bool:
    """True for the functions of modules that draw random numbers: their results are new."""
    if fn.startswith("scipy."):
        return fn.endswith(".rvs") or fn in DRAWING_OF_SCIPY
    return fn.startswith(DRAWING)


@functools.lru_cache(maxsize=4096)
def acts(fn: str) -> bool:
    """True for functions that may do more than give a value."""
    root, dot, _ = fn.partition(".")
    return bool(dot) and root not in COMPUTING or draws(fn) or fn in ACTING


def may_write(stmt: Assign) -> bool:
    """True if a library function without a rule may write into what it is given."""
    assert isinstance(stmt.fn, str)
    if _is_writer(stmt.fn) or any(name in TOLD for name, _ in stmt.kwargs):
        return True
    return not draws(stmt.fn) and acts(stmt.fn)


def is_store(stmt: Assign) -> bool:
    """True for library functions that write into what they are given, and do nothing beside."""
    fn = str(stmt.fn)
    if acts(fn):
        return False
    ufunc = getattr(np, fn.removeprefix("numpy."), None)
    positional = isinstance(ufunc, np.ufunc) and len(stmt.args) > ufunc.nin
    return _is_writer(fn) or positional or "out" in dict(stmt.kwargs)


def _is_writer(fn: str) -> bool:
    return fn in WRITING or fn.startswith("numpy.") and fn.endswith(".at")  # np.multiply.at
