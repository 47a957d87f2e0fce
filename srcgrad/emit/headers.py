"""Loop headers and tests: the user's own where they still hold, otherwise written from the IR."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from typing import TYPE_CHECKING

from srcgrad.emit.terms import Terms, dotted, name
from srcgrad.ir.core import Assign, Block, Const, For, Function, Stmt, Unit, While
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import MUTATORS, has_turns, read_names, reads, tally, writes
from srcgrad.rules.limits import CONVERGING, TOL

if TYPE_CHECKING:
    from srcgrad.emit.statements import Statements


def for_header(
    stmt: For, unit: Unit | None, printer: Statements, terms: Terms
) -> tuple[ast.expr, ast.expr, int]:
    """Target and iterable of a loop, and how many statements of its body the header stands for."""
    count = stmt.prologue
    usable = unit is not None and not unit.rewritten and not stmt.reverse
    if unit is not None and usable and (not printer.backward or has_turns(stmt)):
        own = unit.stmts[len(unit.stmts) - count :] if count else ()
        if len(own) == count <= len(stmt.body) and all(
            a is b for a, b in zip(stmt.body[:count], own, strict=True)
        ):
            node = _parsed(unit.text)
            built = any(map(_once, unit.stmts)) or _tells_places(stmt, printer.fn)
            if isinstance(node, ast.For) and (count or _is_range(node)) and not built:
                for atom in (stmt.start, stmt.stop, stmt.step):
                    printer.expr(atom)  # what only the header reads is not printed
                node = _parsed(printer.own_text(unit.text))
                assert isinstance(node, ast.For)
                return node.target, node.iter, count
    return name(printer.final(stmt.index)), range_of(stmt, printer, terms), 0


def range_of(stmt: For, printer: Statements, terms: Terms) -> ast.expr:
    """`range(...)`, its first iterations only, or reversed."""
    bounds = [printer.expr(atom) for atom in (stmt.start, stmt.stop, stmt.step)]
    if stmt.step == Const(1):
        bounds = bounds[:2] if stmt.start != Const(0) else bounds[1:2]
    result: ast.expr = ast.Call(dotted(terms.spell("builtins.range")), bounds, [])
    if stmt.limit is not None:
        limit = ast.Slice(None, printer.expr(stmt.limit), None)
        result = ast.Subscript(result, limit, ast.Load())
    if stmt.reverse:
        return ast.Call(dotted(terms.spell("builtins.reversed")), [result], [])
    return marked(stmt, result, terms)


def marked(stmt: For | While, head: ast.expr, terms: Terms) -> ast.expr:
    """What a loop runs over, or its condition, with the mark that the loop carries."""
    if stmt.converges is None:
        return head
    tol = [ast.keyword("tol", ast.Constant(stmt.converges))] if stmt.converges != TOL else []
    return ast.Call(dotted(terms.spell(CONVERGING)), [head], tol)


def _is_range(node: ast.For) -> bool:
    """Whether the header is `range(...)`, or `reversed(range(...))`."""
    return ast.unparse(node.iter).startswith(("range(", "reversed(range("))


def _tells_places(stmt: For, fn: Function) -> bool:
    """Whether something reads what the user's header has no name for: the place of an item, which
    a record or an adjoint in the same loop may want; an item that is unpacked, whose form the
    adjoint of the loop wants."""
    head, body = stmt.body[: stmt.prologue], stmt.body[stmt.prologue :]
    made = {n for n in {stmt.index}.union(*map(writes, head)) if "@" in n}
    if not made.isdisjoint(read_names(body)):
        return True
    bound, read = _counts(fn.body)
    own = Counter(name for part in (stmt, *head) for name in reads(part))
    return any(bound[name] == 1 and read[name] > own[name] for name in made)


@functools.lru_cache(maxsize=1)
def _counts(body: Block) -> tuple[Counter[str], Counter[str]]:
    """How often each name is bound, but to None where a loop may not bind it, and read."""
    bound, read = tally(body)
    for stmt in body:
        if isinstance(stmt, Assign) and stmt.fn == "copy" and stmt.args == (Const(None),):
            bound.subtract(stmt.targets)
    return bound, read


def _once(stmt: Stmt) -> bool:
    """True for what a header must not do a second time, beside a variable that holds its value."""
    if not isinstance(stmt, Assign):
        return isinstance(stmt, For)  # a list that is built
    return not isinstance(stmt.fn, str) or stmt.fn in MUTATORS or has_effect(stmt)


def _parsed(text: str) -> ast.stmt | None:
    try:
        return ast.parse(f"{text}:\n    pass").body[0]
    except SyntaxError:
        return None


def test_from_text(unit: Unit | None, test: Block, printer: Statements) -> ast.expr | None:
    """The condition of a `while` as the user wrote it, if it still means the same."""
    if unit is None or unit.rewritten or len(test) != len(unit.stmts):
        return None
    if any(a is not b for a, b in zip(test, unit.stmts, strict=True)):
        return None
    node = _parsed(unit.text)
    if not isinstance(node, ast.While):
        return None
    node = _parsed(printer.own_text(unit.text))
    assert isinstance(node, ast.While)
    return node.test
