"""Derivatives along many directions: tangent functions, and backward halves for many cotangents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ad.derive import SEED, Reversed
from srcgrad.ad.directions import Along, Callees, Single, with_directions
from srcgrad.ad.forward import Forwarded
from srcgrad.ad.leaves import bar
from srcgrad.ad.prepare import Prepared
from srcgrad.ad.tangents import dot
from srcgrad.errors import Problem, UnsupportedError
from srcgrad.ir.core import Function
from srcgrad.ir.kinds import DIRECTIONS, UNKNOWN, Dtype, Kind, join
from srcgrad.ir.walk import assigned, walk

NUMERIC = ("scalar", "array")


def along_directions(
    fn: Function,
    done: Forwarded,
    around: Mapping[str, Kind],
    callees: Callees,
    alone: bool = False,
) -> tuple[Function, dict[str, Kind]]:
    """A tangent function for many directions at once, with kinds of its variables. Raises where
    only one can be done. `alone`: without the value, where the tangents tell of what form it is.
    A function by a rule of the user's stays as it is, for one direction."""
    if fn.name in callees and callees[fn.name].single:
        return fn, {}
    tangents = {dot(name): done.params.get(name, UNKNOWN) for name in done.wrt}
    own = kinds_of_variables(done.prepared, done.params)
    results = of_temporaries(done.kinds) | own | {dot(n): kind for n, kind in own.items()}
    given = (tangents, results, callees)
    found = with_directions(fn, done.params, around, *given, alone=alone)
    if alone and isinstance(found, Along) and not found.alone and fn.doc:
        found = replace(found, fn=replace(found.fn, doc=f"Value and t{fn.doc[1:]}"))
    return _known(fn, found, results, "directions", "jvp")


def along_cotangents(
    fn: Function,
    done: Reversed,
    params: Mapping[str, Kind],
    around: Mapping[str, Kind],
    callees: Callees,
) -> tuple[Function, dict[str, Kind]]:
    """A backward half for many cotangents at once, with kinds of its variables. Raises where only
    one can be done."""
    own = kinds_of_variables(done.prepared, params)
    bars = {bar((name,)): kind for name, kind in own.items() if kind.tag in NUMERIC}
    results = of_temporaries(done.kinds) | own | bars
    seed = done.prepared.kinds.result or UNKNOWN
    found = with_directions(fn, {}, around, {SEED: seed}, results, callees, valued=False)
    return _known(fn, found, results, "cotangents", "vjp")


def _known(
    fn: Function, found: Along | Single, kinds: Mapping[str, Kind], what: str, instead: str
) -> tuple[Function, dict[str, Kind]]:
    """The function found, and kinds of the variables that it was made with."""
    if isinstance(found, Single):
        raise refusal(fn, found, what, instead)
    names = assigned(fn.body) | {p.name for p in fn.params}
    kept = {n: kinds[n] for n in names if n in kinds}
    arrays = {n: kind for n, kind in kept.items() if kind.rank is not None}
    return found.fn, {n: _longer(k) if n in found.held else k for n, k in arrays.items()}


def _longer(kind: Kind) -> Kind:
    """The kind of what has the axis of directions in front: no number any more."""
    dtype: Dtype = "?" if kind.dtype.startswith("p") else kind.dtype
    return Kind("array", dtype, (DIRECTIONS, *(kind.shape or ())))


def kinds_of_variables(prepared: Prepared, params: Mapping[str, Kind]) -> dict[str, Kind]:
    """What each variable of a function may be, anywhere in it."""
    own = dict(params)
    for stmt in walk(prepared.fn.body):
        for name, kind in prepared.kinds.writes.get(stmt, {}).items():
            own[name] = join(own[name], kind, name) if name in own else kind
    return own


def of_temporaries(kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """Kinds of temporaries, each of which is assigned in one place."""
    return {name: kind for name, kind in kinds.items() if "@b" in name}


def refusal(fn: Function, why: Single, what: str, instead: str) -> UnsupportedError:
    """The reason, with its place."""
    unit = None if why.stmt is None else fn.units.get(why.stmt.unit)
    message = f"many {what} at once: {why.reason}"
    remedy = f"take one at a time: `{instead}`"
    if unit is None:
        return UnsupportedError(Problem(fn.file, fn.line, 0, message, remedy))
    source = " " * unit.col + unit.text.splitlines()[0]
    return UnsupportedError(
        Problem(fn.file, unit.line, unit.col, message, remedy, source, len(source))
    )
