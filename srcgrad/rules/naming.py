"""Canonical names of library functions: one name for one object, however the user spelled it."""

from __future__ import annotations

import builtins
import cmath
import math
import operator
import sys
from typing import Any

import numpy as np

from srcgrad.distant import Distant

# Searched in order. The name under which NumPy documents a function is its canonical one.
MODULES: tuple[tuple[str, Any], ...] = (
    ("operator", operator),
    ("builtins", builtins),
    ("math", math),
    ("cmath", cmath),
    ("numpy", np),
    ("numpy.linalg", np.linalg),
    ("numpy.fft", np.fft),
    ("numpy.random", np.random),
    ("numpy.lib.stride_tricks", np.lib.stride_tricks),
)
_PREFERRED = {"absolute": "abs"}
_OLD = {"numpy.row_stack": "numpy.vstack"}  # another function, which warns and does the same


def _index() -> dict[int, str]:
    names: dict[int, str] = {}
    for prefix, module in MODULES:
        # Some of what NumPy lists are modules that it would import now.
        for name in sorted(vars(module).keys() & dir(module)):
            if name.startswith("_"):
                continue
            obj = getattr(module, name, None)
            if not callable(obj):
                continue
            own = getattr(obj, "__name__", name)
            own = _PREFERRED.get(own, own)
            best = own if getattr(module, own, None) is obj else name
            dotted = f"{prefix}.{best}"
            names.setdefault(id(obj), _OLD.get(dotted, dotted))
    return names


_NAMES = _index()


GIVEN: dict[int, tuple[Any, str]] = {}  # functions that a user gave a rule, by identity


def given_names() -> set[str]:
    """The names of functions that a user gave a rule."""
    return {name for _, name in GIVEN.values()}


def canonical_name(fn: Any, strict: bool = True) -> str:
    """`np.absolute` -> `"numpy.abs"`. With `strict`, an object of no known module raises KeyError.

    A string stands for itself: structural operations (`"tuple"`, `"slice"`) have no object.
    """
    if isinstance(fn, (str, Distant)):
        return fn if isinstance(fn, str) else fn.dotted
    name = _NAMES.get(id(fn))
    if name is None and id(fn) in GIVEN:
        name = GIVEN[id(fn)][1]
    if name is None and str(getattr(fn, "__module__", "")).startswith("srcgrad.support"):
        name = f"{fn.__module__}.{fn.__name__}"
    if name is None:
        name = _instance_name(fn)
    if name is None and strict:
        raise KeyError(f"{fn!r} has no canonical name")
    return name or ""


def _instance_name(obj: Any) -> str | None:
    """The name of an object of SciPy's own: a distribution (`scipy.stats.norm`), a ufunc."""
    if isinstance(obj, np.ufunc):
        special, own = sys.modules.get("scipy.special"), obj.__name__
        return f"scipy.special.{own}" if getattr(special, own, None) is obj else None
    home = getattr(type(obj), "__module__", None)
    if not isinstance(home, str) or not home.startswith("scipy."):
        return None
    module = home.partition("._")[0]  # where users find what a private module defines
    found = vars(sys.modules[module]).items() if module in sys.modules else ()
    return next((f"{module}.{name}" for name, other in found if other is obj), None)
