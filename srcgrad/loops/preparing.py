"""What is done with a derivative before loops are written from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Function, Global
from srcgrad.ir.kinds import OBJECT, Dim, Kind
from srcgrad.ir.values import kind_of_value
from srcgrad.loops.facts import infer as infer_kinds
from srcgrad.loops.forwarding import forwarded
from srcgrad.loops.lengths import Lengths
from srcgrad.loops.openlists import as_arrays, lists_of, whole_params
from srcgrad.loops.program import alive, merged, recomputed, settled, versioned
from srcgrad.loops.recursion import Called
from srcgrad.loops.smallarrays import taken_apart
from srcgrad.loops.standins import spread, still_spread, with_stand_ins
from srcgrad.loops.tapes import Shelf, apart, shelves
from srcgrad.loops.truths import with_truths
from srcgrad.loops.unrolling import unrolled
from srcgrad.loops.widths import refuse_narrow
from srcgrad.loops.written_out import written_out

SHORT = range(1, 5)  # lengths of axes for which numbers stand for elements


class Ready(NamedTuple):
    """A function that can be written as loops, what is known of it, and its arrays of tapes."""

    fn: Function
    facts: KindFacts
    lengths: Lengths
    given: dict[str, Kind]
    shelves: dict[str, Shelf]


def prepared(fn: Function, kinds: Mapping[str, Kind], calls: Mapping[str, Called]) -> Ready:
    """The function in the form that loops are written from."""
    around = {n: global_kind(g) for n, g in fn.globals.items()}
    arrays = {n: k for n, k in around.items() if k.is_array}
    params = [p.name for p in fn.params]
    lengths = Lengths(symbols_of({**arrays, **kinds}))
    given = {n: with_value(n, k) for n, k in kinds.items()}
    infer = partial(infer_kinds, calls=calls)
    facts = infer(fn, given, around, lengths, {})
    plain = written_out(fn, facts)
    if plain is not fn:
        fn, lengths = plain, Lengths(lengths.fixed)
        facts = infer(fn, given, around, lengths, {})
    fn = unrolled(fn, facts)
    fn = versioned(apart(fn))
    lengths = Lengths(lengths.fixed)
    for _ in range(2):  # what was united by the end holds from the start
        facts = infer(fn, given, around, lengths, {})
        fn = as_arrays(fn, lists_of(fn, facts, params))
    from_start = spread(fn, facts, lengths)
    if from_start:
        facts = infer(fn, given, around, lengths, from_start)
        from_start = still_spread(fn, facts, from_start)
        facts = infer(fn, given, around, lengths, from_start)
    fn = with_stand_ins(settled(fn, facts, lengths), facts, lengths)
    fn = taken_apart(fn, infer(fn, given, around, lengths, from_start))
    facts = infer(fn, given, around, lengths, from_start)
    lists = lists_of(fn, facts, params)
    fn = merged(alive(recomputed(forwarded(fn, lists), facts)))
    facts = infer(fn, given, around, lengths, from_start)
    exact = with_truths(fn, facts, {**around, **given})
    if exact is not fn:
        fn = exact
        facts = infer(fn, given, around, lengths, from_start)
    refuse_narrow(fn, facts, kinds, around)
    kept = shelves(fn, facts, lengths)
    return Ready(fn, facts, lengths, given | whole_params(fn, given, facts), kept)


def symbols_of(kinds: Mapping[str, Kind]) -> set[str]:
    """Lengths of array parameters and values of integer ones: each means one number."""
    found = set()
    for var, kind in kinds.items():
        if kind.is_array:
            found |= {n.symbol for n in kind.shape or () if isinstance(n, Dim)}
        elif kind.is_scalar and kind.dtype == "pi":
            found.add(var)
    return found


def with_value(var: str, kind: Kind) -> Kind:
    if kind.is_scalar and kind.dtype == "pi" and kind.value is None:
        return replace(kind, value=Dim(var))
    return kind


def global_kind(known: Global) -> Kind:
    if known.kind == "value" and known.value is not None:
        return of_short_axes(kind_of_value(known.value, known.name))
    return OBJECT


def of_short_axes(kind: Kind) -> Kind:
    """The kind of an array with the lengths that it has, where all of them are short."""
    sizes = [n.seen if isinstance(n, Dim) else n for n in kind.shape or ()]
    known = tuple(n for n in sizes if isinstance(n, int) and n in SHORT)
    fits = kind.is_array and known and len(known) == len(sizes)
    return replace(kind, shape=known) if fits else kind
