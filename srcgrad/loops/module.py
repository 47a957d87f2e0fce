"""The text of a module for Numba: the derivative as loops, and the few functions it calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from srcgrad.errors import Problem
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Function, Global, Unit
from srcgrad.ir.kinds import OBJECT, Dim, Kind, Length
from srcgrad.ir.walk import assigned, read_names
from srcgrad.loops.again import Again
from srcgrad.loops.calls import deeper
from srcgrad.loops.carried import HELPERS
from srcgrad.loops.columns import in_row_order
from srcgrad.loops.contraction import contracted
from srcgrad.loops.counting import counted
from srcgrad.loops.fold import folded, without_unread
from srcgrad.loops.fusion import fused, of_one_piece, with_titles
from srcgrad.loops.hoisting import hoisted
from srcgrad.loops.lengths import Lengths
from srcgrad.loops.lower import Loops, arrays_in
from srcgrad.loops.merging import merged_rows
from srcgrad.loops.names import Uses
from srcgrad.loops.parallel import in_parallel
from srcgrad.loops.parts import parted
from srcgrad.loops.preparing import Ready, global_kind, prepared
from srcgrad.loops.records import together
from srcgrad.loops.recurrences import multiplied
from srcgrad.loops.recursion import Called
from srcgrad.loops.rows import in_rows
from srcgrad.loops.shifted import unshifted
from srcgrad.loops.spelling import spelled
from srcgrad.loops.state import REMEDY, NeverHolds, NoLoops
from srcgrad.loops.tree import (
    add,
    assign,
    call,
    differ,
    integer,
    name,
    names_in,
    number_in,
    raising,
    when,
)
from srcgrad.loops.values import Array, Items, Number, Parts, Structure, Value, length_of, whole

SMALL = 64  # the length of an axis that loops may be written for


@dataclass(frozen=True, slots=True)
class LoopFunction:
    """A function as loops: its tree, and the globals that it reads."""

    tree: ast.FunctionDef
    globals: Mapping[str, Global]
    captured: tuple[str, ...] = ()  # arrays of the surroundings, given behind the parameters
    apart: tuple[tuple[str, ...], ...] = ()  # of each the first shares no memory with the others
    result: Structure = None  # how the items of what it returns are to be put together
    writes: bool = False  # into an array that it is given
    whole: Mapping[str, Kind] = field(default_factory=dict)  # tuples that are not taken apart
    parts: Sequence[ast.FunctionDef] = ()  # its loops that run on several cores


class Unsuited(Exception):
    """The function has no form as loops; `problem` says where and why.

    `only_here`: not for arguments of these lengths.
    """

    def __init__(self, problem: Problem, only_here: bool = False) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.only_here = only_here


def loop_function(
    fn: Function,
    kinds: Mapping[str, Kind],
    names: Callable[[Function], Any],
    calls: Mapping[str, Called] | None = None,
    parallel: bool = False,
) -> LoopFunction:
    """A derivative as loops, for parameters of these kinds, which calls these functions.

    `parallel`: loops may run on several cores. Raises `Unsuited`.
    """
    calls = calls or {}
    own = {p.name for p in fn.params} | assigned(fn.body)
    clash = sorted(HELPERS.keys() & (own | set(fn.globals)) | calls.keys() & own)
    if clash:
        message = f'backend "numba": `{clash[0]}` is the name of a function that loops call'
        raise Unsuited(Problem(fn.file, fn.line, 0, message, "give it another name"))
    ready = None
    try:
        ready = prepared(fn, kinds, calls)
        draft = drafted(ready, names, calls, parallel)
        exact = with_seen(kinds, draft.low.lengths)
        if exact is not None:
            return loop_function(fn, exact, names, calls, parallel)
        return written(ready.fn, draft, ready.given)
    except NeverHolds as error:
        message = f'backend "numba": {error}'
        raise Unsuited(Problem(fn.file, fn.line, 0, message, REMEDY), True) from error
    except NoLoops as error:
        raise Unsuited(problem_of(ready.fn if ready else fn, error)) from error
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        message = f'backend "numba": a fault of srcgrad: {type(error).__name__}: {error}'
        raise Unsuited(Problem(fn.file, fn.line, 0, message, REMEDY)) from error


@dataclass(frozen=True, slots=True)
class Draft:
    """Loops as they come, statement by statement, and what stands before them."""

    low: Loops
    entry: list[tuple[str, ast.stmt]]  # lengths of arguments, by variable
    captured: tuple[str, ...]
    depth: list[ast.stmt]
    checks: list[ast.stmt]


def drafted(
    ready: Ready, names: Callable[[Function], Any], calls: Mapping[str, Called], parallel: bool
) -> Draft:
    """The loops, with what is better computed again than kept."""
    fn, facts, lengths, given, kept = ready
    again = Again()
    for turn in range(6):  # the first time shows which arrays are better computed again
        low = Loops(fn, facts, lengths, Uses(fn, facts, names(fn)), again=again, shelves=kept)
        low.calls, low.parallel = calls, parallel
        draft = draft_of(fn, low, given)
        following = low.again.chosen()
        if following is again or not (following.wanted or following.kept):
            break
        again = following if turn < 4 else Again(never=True)
    return draft


def with_seen(kinds: Mapping[str, Kind], lengths: Lengths) -> dict[str, Kind] | None:
    """Kinds with lengths as they were seen, of axes that were taken to be equal and are not."""
    seen = {n.symbol: n.seen for k in kinds.values() for n in k.shape or () if isinstance(n, Dim)}

    def size(length: Length) -> int | None:
        if isinstance(length, int):
            return length
        known = seen.get(length.symbol)
        return None if known is None else known + length.offset

    wrong: set[str] = set()
    for a, b in lengths.equations:
        if None not in (size(a), size(b)) and size(a) != size(b):
            wrong |= {n.symbol for n in (a, b) if isinstance(n, Dim)}
    small = {symbol: n for symbol in wrong if (n := seen[symbol]) is not None and n <= SMALL}
    if not small:
        return None

    def exact(kind: Kind) -> Kind:
        shape = tuple(small.get(n.symbol, n) if isinstance(n, Dim) else n for n in kind.shape or ())
        return replace(kind, shape=shape) if kind.is_array and kind.shape else kind

    return {var: exact(kind) for var, kind in kinds.items()}


def draft_of(fn: Function, low: Loops, kinds: Mapping[str, Kind]) -> Draft:
    entry: list[tuple[str, ast.stmt]] = []
    given = {p.name: parameter(low, p.name, kinds.get(p.name, OBJECT), entry) for p in fn.params}
    arrays = {n: k for n, k in ((n, global_kind(g)) for n, g in fn.globals.items()) if k.is_array}
    captured = tuple(sorted(arrays.keys() & read_names(fn.body)))
    for var in captured:
        given[var] = parameter(low, var, arrays[var], entry)
    depth = [deeper(low)] if fn.name in low.calls else []
    low.block(fn.body)
    low.close()
    return Draft(low, entry, captured, depth, [*checks_of(low), *apart_of(low, given)])


def written(fn: Function, draft: Draft, kinds: Mapping[str, Kind]) -> LoopFunction:
    """The function with its loops put together, in good order."""
    low, entry, checks = draft.low, draft.entry, draft.checks
    given_names = {*low.leaves, *(target for target, _ in entry)}
    body = of_one_piece(low.out, low.uses.indices)
    body = spelled(body, [*(stmt for _, stmt in entry), *checks], given_names)
    body = without_unread(body, {p.name for p in fn.params})
    body = unshifted(body, low.uses.indices, floats_of(low), low.uses.fresh)
    body = contracted(fused(body, low.uses.indices), low.uses.indices)
    body = contracted(merged_rows(body, low.uses.indices), low.uses.indices)
    floats = [n for n, v in leaves_of(low) if v.dtype == "f8"]
    lengths = [target for target, stmt in entry if is_length(stmt)]
    sizes = [n.id for n in low.measured.values() if isinstance(n, ast.Name)]
    body = in_row_order(body, low.uses.indices, low.uses.index, floats, lengths)
    body = in_rows(body, low.uses.indices, floats, sizes, low.uses.fresh)
    body = contracted(body, low.uses.indices)
    body = multiplied(folded(body, {p.name for p in fn.params}))
    body = in_parallel(body) if low.parallel else body
    body = counted(hoisted(body, given_names, lengths, low.uses.fresh), sizes)
    body = with_titles(together(body, low.uses.fresh))
    body, parts = parted(body, fn.name, low.uses.fresh)
    used = names_in([*body, *checks])
    start = [stmt for target, stmt in entry if target in used]
    doc: list[ast.stmt] = [ast.Expr(ast.Constant(fn.doc))]
    given = [ast.arg(n) for n in (*low.leaves, *[low.level] * len(draft.depth))]
    args = ast.arguments([], given, None, [], [], None, [])
    tree = ast.FunctionDef(
        fn.name, args, [*doc, *draft.depth, *start, *checks, *body], [], None, lineno=0
    )
    around = {n: g for n, g in fn.globals.items() if n not in draft.captured}
    changed = {low.uses.group(n) for _, n in low.uses.changes}
    writes = any(low.uses.group(p.name) in changed for p in fn.params)
    whole = {p.name: kinds[p.name] for p in fn.params if kinds[p.name].element is not None}
    return LoopFunction(
        tree, around, draft.captured, tuple(low.apart), low.result, writes, whole, parts
    )


def parameter(
    low: Loops, var: str, kind: Kind, entry: list[tuple[str, ast.stmt]], final: str = ""
) -> Value:
    """What a parameter stands for; the items of a container are parameters of their own."""
    final = final or var
    low.given.add(final)
    value: Value
    if kind.is_container and kind.element is not None:
        value = Items(final, kind.element, low.uses.group(var), kind.value)
    elif kind.is_container and kind.items is not None:
        names = item_names(final, kind)
        items = [
            parameter(low, item, k, entry, low.uses.fresh(item))
            for item, (_, k) in zip(names, kind.items, strict=True)
        ]
        keys = tuple(key for key, _ in kind.items)
        value = Parts(tuple(items), keys if kind.tag == "dict" else None, kind.tag)
    elif kind.is_array and kind.shape is not None:
        value = whole(final, kind.shape, kind.dtype, low.uses.group(var))
        low.arrays.append(value)
        for axis, length in enumerate(kind.shape):
            if isinstance(length, Dim) and length.symbol not in low.measured:
                size = low.uses.fresh(f"{final}_n{axis}")
                low.measured[length.symbol] = name(size)
                low.owners[length.symbol] = final, axis
                entry.append((size, assign(size, length_of(final, axis))))
    else:
        value = Number(name(final), kind.dtype, kind.value)
        if kind.is_scalar and kind.dtype == "pi" and isinstance(kind.value, Dim):
            size = final
            if low.uses.bindings[var] > 1 or var in low.uses.headers:
                size = low.uses.fresh(f"{final}_given")
                entry.append((size, assign(size, name(final))))
            low.measured[kind.value.symbol] = name(size)
    low.leaves += [] if isinstance(value, Parts) else [final]
    low.env[var] = value
    return value


def is_length(stmt: ast.stmt) -> bool:
    """Whether a variable is bound to the length of an array, not to a number."""
    return isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Subscript)


def leaves_of(low: Loops) -> list[tuple[str, Array]]:
    """Parameters that are arrays, those of containers one by one."""
    return [(v.base, v) for v in low.arrays if v.base in low.given]


def floats_of(low: Loops) -> set[str]:
    """Parameters that are float64, arrays of it included."""
    arrays = {base for base, array in leaves_of(low) if array.dtype == "f8"}
    numbers = [v for v in low.env.values() if isinstance(v, Number) and v.dtype in ("f8", "pf")]
    return arrays | {v.expr.id for v in numbers if isinstance(v.expr, ast.Name)}


def item_names(var: str, kind: Kind) -> list[str]:
    """Names for the items of a container: `params_W1`."""
    return [f"{var}_{re.sub(r'[^0-9A-Za-z_]', '_', str(key))}" for key, _ in kind.items or ()]


def checks_of(low: Loops) -> list[ast.stmt]:
    """What the loops take for granted of lengths: if it does not hold, NumPy's version decides."""
    out: list[ast.stmt] = []
    unequal: dict[str, ast.expr] = {}
    for test in told_lengths(low):
        unequal.setdefault(ast.unparse(test), test)
    for a, b in low.lengths.equations:
        test = differ(measured(low, a), measured(low, b))
        unequal.setdefault(ast.unparse(test), test)
    if unequal:
        out.append(when(either(list(unequal.values())), raising("ValueError", "lengths differ")))
    for axis, least in sorted(low.lengths.parts, key=lambda part: (part[0].symbol, part[1])):
        room = low.difference(axis, least)
        if room is not None and not low.holds(room):
            low.refuse_always()
    outside = list(strongest(low.demands.values()).values())
    if outside:
        out.append(when(either(outside), raising("IndexError", "index out of range")))
    return out


def apart_of(low: Loops, given: Mapping[str, Value]) -> list[ast.stmt]:
    """Checks that arguments which are written share no memory with others."""
    tests: dict[frozenset[str], ast.expr] = {}
    for first, *others in low.apart:
        for written_into in arrays_in(given[first]):
            for other in (array for var in others for array in arrays_in(given[var])):
                pair = written_into.base, other.base
                tests.setdefault(frozenset(pair), call("share_memory", *map(name, pair)))
    text = "an argument that is written shares memory with another"
    found = list(tests.values())
    return [when(either(found), raising("ValueError", text))] if found else []


def told_lengths(low: Loops) -> Iterator[ast.expr]:
    """Tests that arrays are not of the shape that their kinds tell: an annotation may be wrong."""
    for array in low.arrays:
        for axis, length in enumerate(array.shape):
            own = length_of(array.base, axis)
            if isinstance(length, int):
                yield differ(own, integer(length))
            elif low.owners.get(length.symbol) != (array.base, axis):
                yield differ(own, measured(low, length))


def either(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)


def strongest(values: Iterable[ast.expr]) -> dict[str, ast.expr]:
    """Tests that some number is negative: of `n - 1` and `n - 2` the second says all."""
    found: dict[str, tuple[int, ast.expr]] = {}
    for value in values:
        base, offset = value, 0
        if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Sub)):
            number = number_in(value.right)
            if number is not None:
                base, offset = value.left, number if isinstance(value.op, ast.Add) else -number
        key = ast.unparse(base)
        if key not in found or offset < found[key][0]:
            found[key] = offset, base
    return {
        key: ast.Compare(base, [ast.Lt()], [integer(-offset)])
        for key, (offset, base) in found.items()
    }


def measured(low: Loops, length: Length) -> ast.expr:
    """A length by its own parameter, whatever it was found to equal."""
    if isinstance(length, int):
        return integer(length)
    return add(low.measured[length.symbol], integer(length.offset))


def problem_of(fn: Function, error: NoLoops) -> Problem:
    unit: Unit | None = fn.units.get(error.stmt.unit)
    line, col, text = (unit.line, unit.col, unit.text) if unit else (fn.line, 0, "")
    return Problem(
        fn.file,
        line,
        col,
        f'backend "numba": {error.reason}',
        error.remedy,
        text.splitlines()[0] if text else "",
    )


def helpers_of(trees: Iterable[ast.AST]) -> dict[str, str]:
    """The texts of the functions that loops call, by name."""
    used = names_in(trees)
    if "tanh_of" in used:
        used.add("exp_of")
    return {key: text for key, text in HELPERS.items() if key in used}


__all__ = ["LoopFunction", "Unsuited", "helpers_of", "loop_function"]
