"""`match` -> tests of the subject, evaluated once, and names bound where they succeed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import atom
from srcgrad.ir.core import Atom, Const, If, Var

Body: TypeAlias = Callable[[Context, list[Node]], None]
Captures: TypeAlias = list[tuple[str, Callable[[], Atom]]]  # names, and how to read their values


def lower_match(ctx: Context, node: Node, body: Body) -> None:
    """A `match` statement as `if` and `elif`."""
    before = len(ctx.block)
    number = ctx.open(node)
    subject = _subject(ctx, node.subject)
    ctx.close_header(number, node, tuple(ctx.block[before:]))
    _cases(ctx, subject, list(node.cases), body)
    ctx.unit = -1


def _subject(ctx: Context, node: Node) -> Atom:
    """The subject as a value that no case assigns. The parts of a display are known."""
    if not isinstance(node, gast.Tuple | gast.List) or any(
        isinstance(item, gast.Starred) for item in node.elts
    ):
        value = atom(ctx, node, "subject")
        user = isinstance(value, Var) and "@" not in value.name
        return ctx.emit("subject", "copy", (value,)) if user else value
    parts = tuple(_subject(ctx, item) for item in node.elts)
    whole = ctx.emit("subject", "tuple" if isinstance(node, gast.Tuple) else "list", parts)
    ctx.displays[whole] = parts
    return whole


def _cases(ctx: Context, subject: Atom, cases: list[Node], body: Body) -> None:
    if not cases:
        return
    case, *others = cases
    before = len(ctx.block)
    number = ctx.open(case.pattern)
    captures: Captures = []
    test = _test(ctx, case.pattern, subject, captures)
    if case.guard is not None:
        test = _guarded(ctx, test, captures, case.guard)
        captures = []
    _close(ctx, number, case, before)
    if test is None:
        _bind(ctx, captures, number)
        body(ctx, case.body)
        return
    with ctx.collect() as then:
        _bind(ctx, captures, number)
        body(ctx, case.body)
    with ctx.collect() as orelse:
        _cases(ctx, subject, others, body)
    ctx.add(If(test, tuple(then), tuple(orelse), "if", number))


def _close(ctx: Context, number: int, case: Node, before: int) -> None:
    line, col, _, _ = ctx.file.span(case.pattern)
    end = ctx.file.header_end(case.pattern)
    text = f"case {ctx.file.dedented(line, col, *end)}"
    ctx.close(number, case.pattern, text, "", tuple(ctx.block[before:]))


def _guarded(ctx: Context, test: Atom | None, captures: Captures, guard: Node) -> Atom:
    """The pattern's test and the guard; names are bound before the guard, whatever it says."""

    def then() -> Atom:
        unit = ctx.unit
        _bind(ctx, captures, unit)
        ctx.unit = unit
        return atom(ctx, guard, "matched")

    return then() if test is None else _all(ctx, test, then)


def _bind(ctx: Context, captures: Captures, unit: int) -> None:
    ctx.unit = unit
    for name, value in captures:
        ctx.copy(name, value())
    ctx.unit = -1 if captures else ctx.unit


def _and(ctx: Context, first: Atom | None, second: Callable[[], Atom | None]) -> Atom | None:
    """`first and second()`; None stands for a test that always succeeds."""
    return second() if first is None else _all(ctx, first, second)


def _all(ctx: Context, first: Atom, second: Callable[[], Atom | None]) -> Atom:
    result = ctx.fresh("matched")
    unit = ctx.unit
    ctx.copy(result, first)
    with ctx.collect() as then:
        value = second()
        if value is not None:
            ctx.unit = unit
            ctx.copy(result, value)
    ctx.unit = unit
    if then:
        ctx.add(If(Var(result), tuple(then), (), "and", unit))
    return Var(result)


def _test(ctx: Context, node: Node, subject: Atom, captures: Captures) -> Atom | None:
    """Whether the subject fits a pattern; None if it always does."""
    if isinstance(node, gast.MatchAs):
        found = None
        if node.pattern is not None:
            found = _test(ctx, node.pattern, subject, captures)
        if node.name is not None:
            captures.append((node.name, lambda: subject))
        return found
    if isinstance(node, gast.MatchValue):
        return ctx.emit("matched", "operator.eq", (subject, atom(ctx, node.value, "matched")))
    if isinstance(node, gast.MatchSingleton):
        return ctx.emit("matched", "operator.is_", (subject, Const(node.value)))
    if isinstance(node, gast.MatchOr):
        return _either(ctx, node, subject)
    if isinstance(node, gast.MatchSequence):
        return _sequence(ctx, node, subject, captures)
    if isinstance(node, gast.MatchMapping):
        return _mapping(ctx, node, subject, captures)
    return ctx.problem(
        node, "a class pattern is not supported", "test with `isinstance` in an `if`"
    )


def _either(ctx: Context, node: Node, subject: Atom) -> Atom | None:
    first, *others = node.patterns
    captures: Captures = []
    test = _test(ctx, first, subject, captures)
    if test is None:
        return None
    result = ctx.fresh("matched")
    unit = ctx.unit
    ctx.copy(result, test)
    for other in others:
        with ctx.collect() as block:
            value = _test(ctx, other, subject, captures)
            ctx.copy(result, Const(True) if value is None else value)
        ctx.add(If(Var(result), (), tuple(block), "or", unit))
    if captures:
        ctx.problem(node, "names bound by alternatives are not supported", "write a case for each")
    return Var(result)


def _instance(ctx: Context, subject: Atom, dotted: str) -> Var:
    kind = ctx.emit("matched", f"load.{dotted}", ())
    return ctx.emit("matched", "builtins.isinstance", (subject, kind))


def _sequence(ctx: Context, node: Node, subject: Atom, captures: Captures) -> Atom | None:
    """Sequences are those of `collections.abc`, but no strings: NumPy's arrays are none."""
    stars = [i for i, item in enumerate(node.patterns) if isinstance(item, gast.MatchStar)]
    count = len(node.patterns) - len(stars)
    test: Atom | None

    def not_text() -> Atom:
        types = tuple(
            ctx.emit("matched", f"load.builtins.{name}", ())
            for name in ("str", "bytes", "bytearray")
        )
        kinds = ctx.emit("matched", "tuple", types)
        text = ctx.emit("matched", "builtins.isinstance", (subject, kinds))
        return ctx.emit("matched", "operator.not_", (text,))

    def length() -> Atom:
        found = ctx.emit("matched", "builtins.len", (subject,))
        return ctx.emit("matched", f"operator.{'ge' if stars else 'eq'}", (found, Const(count)))

    parts = ctx.displays.get(subject)
    if parts is None:
        test = _and(ctx, _instance(ctx, subject, "collections.abc.Sequence"), not_text)
        test = _and(ctx, test, length)
    elif len(parts) != count and (not stars or len(parts) < count):
        return Const(False)
    else:
        test = None
    for i, item in enumerate(node.patterns):
        if isinstance(item, gast.MatchStar):
            _star(ctx, item, subject, i, len(node.patterns), captures)
            continue
        place = Const(i if not stars or i < stars[0] else i - len(node.patterns))
        test = _and(ctx, test, _part(ctx, item, subject, place, captures))
    return test


def _star(
    ctx: Context, node: Node, subject: Atom, place: int, count: int, captures: Captures
) -> None:
    """`*rest`: a list of what the patterns around it leave."""
    if node.name is None:
        return
    end = Const(place + 1 - count) if place + 1 < count else Const(None)

    def value() -> Atom:
        piece = ctx.emit("subject", "slice", (Const(place), end, Const(None)))
        items = ctx.emit("subject", "operator.getitem", (subject, piece))
        return ctx.emit("subject", "builtins.list", (items,))

    captures.append((node.name, value))


def _mapping(ctx: Context, node: Node, subject: Atom, captures: Captures) -> Atom | None:
    if node.rest is not None:
        ctx.problem(node, "`**` in a pattern is not supported", "read the items you need")
    test: Atom | None = _instance(ctx, subject, "collections.abc.Mapping")
    for key, item in zip(node.keys, node.patterns, strict=True):
        place = atom(ctx, key, "matched")

        def present(place: Atom = place) -> Atom:
            return ctx.emit("matched", "operator.contains", (subject, place))

        test = _and(ctx, test, present)
        test = _and(ctx, test, _part(ctx, item, subject, place, captures))
    return test


def _part(
    ctx: Context, node: Node, subject: Atom, place: Atom, captures: Captures
) -> Callable[[], Atom | None]:
    """The test of an item. Its names read the item anew where they are bound."""

    def item() -> Atom:
        parts = ctx.displays.get(subject)
        if parts is not None and isinstance(place, Const):
            return parts[int(place.value)]
        return ctx.emit("subject", "operator.getitem", (subject, place))

    def test() -> Atom | None:
        if isinstance(node, gast.MatchAs) and node.pattern is None:
            if node.name is not None:
                captures.append((node.name, item))
            return None
        inner: Captures = []
        found = _test(ctx, node, item(), inner)
        captures.extend((name, value) for name, value in inner)
        return found

    return test
