"""docs/functions.md: what may be called with what, and what is differentiable in it.

It is read off the table of rules; for formulas that are written for each call, off the samples.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from pathlib import Path

from srcgrad.ad.writers import HANDLERS
from srcgrad.frontend.calls import ON_ATOMS
from srcgrad.frontend.higher import ON_NODES
from srcgrad.rules.interpolation import LINEAR
from srcgrad.rules.methods import METHODS
from srcgrad.rules.registry import TABLE, Primitive, formulas_for
from srcgrad.rules.solvers import SOLVERS
from tests.rules.harness import make_case
from tests.rules.samples import SMOOTH

DOCUMENT = Path(__file__).parents[2] / "docs" / "functions.md"
AREAS = {
    "numpy": "NumPy",
    "numpy.linalg": "`numpy.linalg`",
    "numpy.fft": "`numpy.fft`",
    **{
        f"numpy.polynomial.{name}": f"`numpy.polynomial.{name}`"
        for name in ("polynomial", "chebyshev", "legendre", "hermite", "hermite_e", "laguerre")
    },
    "numpy.lib.stride_tricks": "`numpy.lib.stride_tricks`",
    "ufunc": "Methods of ufuncs",
    "draw": "Random numbers: methods of generators, functions of `numpy.random`",
    "method": "Methods of arrays that are no functions",
    "math": "`math`",
    "scipy.fft": "`scipy.fft`",
    "scipy.integrate": "`scipy.integrate`",
    "scipy.interpolate": "`scipy.interpolate`",
    "scipy.linalg": "`scipy.linalg`",
    "scipy.ndimage": "`scipy.ndimage`",
    "scipy.optimize": "`scipy.optimize`",
    "scipy.signal": "`scipy.signal`",
    "scipy.sparse": "`scipy.sparse`",
    "scipy.sparse.linalg": "`scipy.sparse.linalg`",
    "scipy.spatial.distance": "`scipy.spatial.distance`",
    "scipy.special": "`scipy.special`",
    "scipy.stats": "`scipy.stats`",
    "builtins": "Built-in functions",
}
_HEAD = """# Functions

The functions that have a rule, with the arguments that are supported. Any other argument is an
error where the derivative is made, before anything runs; so is a differentiated value for an
argument that the function is not differentiable in. `x.sum()` and other methods of arrays take what
the functions take. Where a function is not smooth, [one table](nonsmooth.md) says what comes out. A
function that is missing can be [added](adding-a-rule.md).

This file is written by `python -m tests.rulecount --write`, and a test compares it.
"""


def text() -> str:
    """The whole document."""
    by_area: dict[str, list[Primitive]] = defaultdict(list)
    for name, prim in sorted(TABLE.items()):
        by_area[_area(name)].append(prim)
    parts = [_HEAD]
    for key, title in AREAS.items():
        made = key == "scipy.interpolate"  # objects: their calls are differentiated
        smooth = [prim for prim in by_area[key] if made or not prim.is_zero]
        flat = [prim for prim in by_area[key] if prim.is_zero and not made]
        if not smooth and not flat:
            continue
        parts.append(f"\n## {title}\n")
        if smooth:
            parts.append("\n| call | differentiable in |\n|---|---|\n")
            parts += [_line(prim) for prim in smooth]
        if flat:
            names = ", ".join(f"`{_short(prim.name)}`" for prim in flat)
            parts.append(f"\nNothing flows through {names}.\n")
    same = sorted(name for name, function in METHODS.items() if function in TABLE)
    listed = ", ".join(f"`{name}`" for name in same if not METHODS[name].startswith("method."))
    parts.append(f"\n## Methods of arrays that are functions too\n\n{listed}.\n")
    stores = ", ".join(f"`{_short(name)}`" for name in sorted(HANDLERS) if _is_plain(name))
    parts.append(f"\n## Functions that write into an array\n\nThey are stores: {stores}.\n")
    taking = ", ".join(
        f"`{_short(name)}`" for name in sorted({*ON_ATOMS, *ON_NODES}) if _is_plain(name)
    )
    parts.append(f"\n## Functions that are given functions\n\nThey are written out: {taking}.\n")
    return "".join(parts)


def _leaf(name: str) -> str:
    return name.rpartition(".")[2]


def _is_plain(name: str) -> bool:
    return name.startswith("numpy.") and name not in TABLE


def _area(name: str) -> str:
    module = name.rpartition(".")[0]
    if module.startswith("numpy.") and module not in AREAS:
        return "ufunc"
    return "scipy.stats" if module.startswith("scipy.stats.") else module


def _short(name: str) -> str:
    return (
        name.removeprefix("numpy.")
        .removeprefix("math.")
        .removeprefix("builtins.")
        .removeprefix("scipy.")
    )


def _line(prim: Primitive) -> str:
    inputs = [p.removeprefix("*") for p in prim.params]
    found = _differentiable(prim.name)
    shown = ", ".join(f"`{p}`" for p in inputs if p in found) or "nothing"
    if prim.name.startswith("scipy.interpolate."):
        shown = "the points of a call" + (f", {shown}" if found else "")
    return f"| `{_short(prim.name)}({_signature(prim)})` | {shown} |\n"


def _signature(prim: Primitive) -> str:
    parts, starred = [], False
    for param in prim.params:
        starred = starred or param.startswith("*")
        if param in prim.keyword_only and not starred:
            parts.append("*")
            starred = True
        default = f"={prim.defaults[param]!r}" if param in prim.defaults else ""
        parts.append(f"{param}{default}")
    return ", ".join(parts)


def _differentiable(name: str) -> frozenset[str]:
    if name in SOLVERS:  # in what the function reads, too
        how = SOLVERS[name]
        ends = {"t_span"} if "t0" in how.inputs else set()
        return frozenset({how.fn, "args", *how.inputs, *ends})
    if name.startswith("scipy.interpolate."):  # in the points of its call, too
        linear = (*LINEAR, "interp1d", "RegularGridInterpolator")
        return frozenset(TABLE[name].params[1:2] if _leaf(name) in linear else ())
    rules = TABLE[name].rules
    written = {param for rule in rules for param in rule.formulas}
    return frozenset(written) | _by_samples().get(name, frozenset())


@functools.cache
def _by_samples() -> dict[str, frozenset[str]]:
    """Parameters with a formula in some sample."""
    found: dict[str, set[str]] = defaultdict(set)
    for sample in SMOOTH:
        formulas = formulas_for(sample.prim, make_case(sample).call)
        found[sample.name].update(formulas or ())
    return {name: frozenset(params) for name, params in found.items()}
