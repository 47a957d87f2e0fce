"""The pattern of the Jacobian of a function at given arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.analysis.gathers import gathers, parts
from srcgrad.callables import core_of, spelled
from srcgrad.errors import SrcgradError
from srcgrad.frontend import read_live
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Stmt
from srcgrad.signatures import bound_arguments, is_library, signature_of
from srcgrad.sparsity.items import Items
from srcgrad.sparsity.pattern import Pattern
from srcgrad.sparsity.run import Machine, bound
from srcgrad.sparsity.sets import EMPTY, Set, from_list
from srcgrad.sparsity.shadow import Tagged, leaves
from srcgrad.texts import linked_to

LARGEST = 50_000_000  # elements


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern; the values of global names that the program has read; what it reads of its
    arguments first, some of it several times, if that was asked for."""

    pattern: Pattern
    surroundings: list[Any]
    items: Items | None = None


def find_pattern(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    wrt: tuple[str, ...],
    with_items: bool = False,
) -> Found:
    """Which numbers of the value depend on which numbers of the arguments named.

    Never misses one. It may have more than there are: the run does not look at the values that
    multiply each other, and takes a function without a table entry to mix all that it is given.
    Raises `UnsupportedError` for programs that it cannot follow.
    """
    given = bound_arguments(signature_of(f), args, kwargs, wrt, is_library(f))
    core = spelled(core_of(f), list(given.arguments), {}, {})
    read = read_live(core.function, core.args[0] if core.method else None)
    program = linked_to(read)
    machine = Machine(program.lower)
    for name in given.arguments.keys() - set(wrt):
        given.arguments[name] = trees.map_leaves(_copied, given.arguments[name])
    count, ends = 0, [0]
    for name in wrt:  # columns are in their order
        given.arguments[name], count = _marked(given.arguments[name], count, machine, name)
        ends.append(count)
    function = program.lower(read.root)
    arguments = bound(function, [*core.args, *given.args], {**core.keywords, **given.kwargs})
    reader = Reader(machine, count)
    value = parts(function) if with_items else None
    if with_items:
        reader.watch(gathers(function, wrt))
    if value is not None:
        machine.watched[value.joined] = reader.joined
    result = machine.run(function, arguments)
    rows = _rows(result, machine)
    if sum(map(len, rows)) > LARGEST:
        raise SrcgradError(f"the Jacobian has more than {LARGEST:.0e} elements: it is not sparse")
    surroundings = list(machine.surroundings.values())
    pattern = Pattern.of_rows(rows, reader.count, machine.local)
    if not reader.positions:
        return Found(pattern, surroundings)
    items = Items(reader.positions, tuple(np.diff(ends).tolist()), pattern)
    if value is not None and sum(reader.sizes) == len(rows):
        weights = tuple(zip(reader.sizes, value.weights, strict=True))
        items = replace(items, parts=weights, weight=value.whole)
    return Found(items.outer()[0], surroundings, items)


class Reader:
    """Numbers that are read of the arguments are counted on as inputs of their own."""

    def __init__(self, machine: Machine, count: int) -> None:
        self.machine, self.count = machine, count
        self.source = np.arange(count)  # which number of the arguments each input is
        self.positions: dict[str, Any] = {}  # by variable: which numbers of the arguments they are
        self.sizes: list[int] = []  # of what the value is joined from

    def watch(self, statements: Mapping[str, Stmt]) -> None:
        for name, stmt in statements.items():
            self.machine.watched[stmt] = functools.partial(self.read, name)

    def joined(self, items: Any) -> None:
        """How many numbers there are in each part of the value."""
        floats = all(isinstance(item, np.ndarray) and trees.is_float_leaf(item) for item in items)
        self.sizes = [item.size for item in items] if floats else []

    def read(self, name: str, value: Any) -> None:
        """What a statement has read, if some of it is read again and again."""
        sets = self.machine.shadow.of(value) if isinstance(value, np.ndarray) else None
        if sets is None or any(len(s) != 1 for s in sets.flat):
            return
        places = np.array([place for (place,) in sets.flat])
        if places.min(initial=0) < 0 or len(np.unique(places)) == len(places):
            return
        places = self.source[places]
        self.positions[name] = places.reshape(value.shape)
        self.source = np.concatenate([self.source, places])
        own = [frozenset({k}) for k in range(self.count, self.count + value.size)]
        self.count += value.size
        self.machine.shadow.mark(value, from_list(own, value.shape))


def _copied(leaf: Any) -> Any:
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def _marked(value: Any, count: int, machine: Machine, name: str) -> tuple[Any, int]:
    """An argument each of whose numbers is an input, counted on from `count`."""

    def leaf(found: Any) -> Any:
        nonlocal count
        if not trees.is_float_leaf(found):
            return _copied(found)
        size = np.size(found)
        own = [frozenset({k}) for k in range(count, count + size)]
        count += size
        if not isinstance(found, np.ndarray):
            return Tagged(found, own[0])
        made = found.copy()
        machine.shadow.mark(made, from_list(own, made.shape))
        return made

    _refuse_objects(value, name)
    return trees.map_leaves(leaf, value), count


def _refuse_objects(value: Any, name: str) -> None:
    if trees.is_dataclass(value):
        raise SrcgradError(
            f"sparsity: argument `{name}` holds a {type(value).__name__}; take arrays, and tuples, "
            "lists and dicts of them"
        )
    for _, child in trees.children(value) or ():
        _refuse_objects(child, name)


def _rows(result: Any, machine: Machine) -> list[Set]:
    """The set of each number of the value, in order."""
    rows: list[Set] = []
    for leaf in leaves(result):
        value = leaf.value if isinstance(leaf, Tagged) else leaf
        if trees.children(value) is not None or isinstance(leaf, Tagged) and np.ndim(value):
            raise SrcgradError("sparsity: the value holds an object that depends on the arguments")
        if not trees.is_float_leaf(value):
            continue
        if isinstance(leaf, np.ndarray):
            sets = machine.shadow.of(leaf)
            rows += [EMPTY] * leaf.size if sets is None else list(sets.flat)
        else:
            rows.append(leaf.sets if isinstance(leaf, Tagged) else EMPTY)
    return rows
