"""Liveness: which statements' results are read, and which names are live at the start of a block.

Liveness is strong: a read by a dead statement keeps nothing alive, so an accumulator read only by
itself is dead.
"""

from __future__ import annotations

from srcgrad.ir.classes import dataclass, replace
from srcgrad.ir.core import (
    Assign,
    Block,
    Exit,
    For,
    If,
    Pop,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.forms import FORM, FORM_OF, changes_form, form, used_names
from srcgrad.ir.held import held_changes
from srcgrad.ir.library import acts
from srcgrad.ir.walk import names, operands, read_names, reads, writes

# Calls kept for what they do, whether or not their value is read.
EFFECTS = frozenset(
    {
        "srcgrad.support.alone",
        "srcgrad.support.apart",
        "srcgrad.support.floats",
        "srcgrad.support.in_order",
        "srcgrad.support.keywords",
        "srcgrad.support.number",
        "srcgrad.support.tail_of",
        "srcgrad.support.taken_out",
        "srcgrad.support_complex.real_only",
        "assert",
        "raise",
        "section",
        "finally.begin",
        "finally.end",
        "finally.try",
        "try.caught",
        "with.enter",
        "with.leave",
        "call",
        "builtins.print",
        "builtins.input",
    }
)


WHOLE = "%whole"  # as if live: no assignment is dead


def live_part(block: Block, whole: bool = False) -> tuple[Block, set[str]]:
    """The block without its dead statements, and the names live at its start.

    Statements that stay are the same objects. `whole`: any statement may raise, and that matters.
    """
    outside = _Loop(set(), set(), held_changes(block))
    kept, live = _block(block, {WHOLE} if whole else set(), outside)
    return kept, {name.removesuffix(FORM) for name in live}


def has_effect(stmt: Assign) -> bool:
    """True for calls that do more than give a value, as far as can be known."""
    if not isinstance(stmt.fn, str):
        return stmt.fn.acts or isinstance(stmt.fn, UserFunction) and not stmt.targets
    if not stmt.targets and not stmt.fn.endswith(".at"):
        return True  # nobody makes such a call for its value
    if stmt.fn in EFFECTS or acts(stmt.fn):
        return True
    return stmt.fn.startswith("method.") and not _is_pure_method(stmt.fn)


def _is_pure_method(fn: str) -> bool:
    return fn.removeprefix("method.") in {
        "copy",
        "conj",
        "astype",
        "flatten",
        "item",
        "tolist",
        "keys",
        "values",
        "items",
        "get",
    }


@dataclass(frozen=True, slots=True)
class _Loop:
    """Names that are live where `continue` and `break` lead to; changes of what a tape holds."""

    head: set[str]
    after: set[str]
    held: frozenset[Stmt]


def _block(block: Block, live: set[str], loop: _Loop) -> tuple[Block, set[str]]:
    """The block without what is dead given the names live after it, and the names live before
    it."""
    kept: list[Stmt] = []
    changed = False
    for stmt in reversed(block):
        new = _statement(stmt, live, loop)
        changed |= new is not stmt
        if new is not None:
            kept.append(new)
    return (tuple(reversed(kept)) if changed else block), live


def _is_same_form(stmt: Assign, live: set[str]) -> bool:
    """True for a copy `x = x.copy()` of which no more than the form is read: that stays."""
    name = stmt.targets[0] if stmt.targets else ""
    own = stmt.args == (Var(name),) and not stmt.kwargs
    return own and len(stmt.targets) == 1 and name not in live


def _statement(stmt: Stmt, live: set[str], loop: _Loop) -> Stmt | None:
    """What stays of a statement; `live` is updated in place to before it."""
    if type(stmt) is Assign:
        if not _is_read(stmt, live) and not (
            WHOLE in live or has_effect(stmt) or _writes_live(stmt, live) or stmt in loop.held
        ):
            return None
        for name in stmt.targets:
            live.discard(name)
            live.discard(name + FORM)
        if type(stmt.fn) is str and stmt.fn in FORM_OF:
            live.update(used_names(stmt, reads(stmt)))
        else:
            live.update(reads(stmt))
        return stmt
    if isinstance(stmt, Store):
        name = stmt.base.name
        shown = form(name) in live and changes_form(stmt)
        wanted = name in live or WHOLE in live or stmt in loop.held
        if not (wanted or stmt.restores or shown):
            return None
    elif isinstance(stmt, If):
        return _branch(stmt, live, loop)
    elif isinstance(stmt, (For, While)):
        return _loop(stmt, live, loop.held)
    elif isinstance(stmt, Exit):
        live &= {WHOLE}
        if stmt.kind != "return":
            live |= loop.head if stmt.kind == "continue" else loop.after
    elif isinstance(stmt, Pop):
        live -= {stmt.target, form(stmt.target)}
    live.update(used_names(stmt, reads(stmt)))
    return stmt


def _is_read(stmt: Assign, live: set[str]) -> bool:
    """True if what is bound is read later, or the form of it, which may be there already."""
    for name in stmt.targets:
        if name in live or name + FORM in live:
            return stmt.fn != "method.copy" or not _is_same_form(stmt, live)
    return False


def _writes_live(stmt: Assign, live: set[str]) -> bool:
    """`np.add.at(x_bar, ...)` and its like write into their first argument."""
    return not stmt.targets and not live.isdisjoint(names(stmt.args[:1]))


def _branch(stmt: If, live: set[str], loop: _Loop) -> If | None:
    other = set(live)
    if stmt.form == "try":
        return _attempt(stmt, live, other, loop)
    then, _ = _block(stmt.then, live, loop)
    orelse, _ = _block(stmt.orelse, other, loop)
    live |= other
    if not then and not orelse:
        return None
    live |= set(names((stmt.test,)))
    same = then is stmt.then and orelse is stmt.orelse
    return stmt if same else replace(stmt, then=then, orelse=orelse)


def _attempt(stmt: If, live: set[str], other: set[str], loop: _Loop) -> If:
    """What is tried stays whole: any statement of it may raise."""
    orelse, _ = _block(stmt.orelse, other, loop)
    live |= other | read_names(stmt.then)
    live -= {*writes(stmt), *map(form, writes(stmt))}
    return stmt if orelse is stmt.orelse else replace(stmt, orelse=orelse)


def _loop(stmt: For | While, live: set[str], held: frozenset[Stmt]) -> Stmt | None:
    after = set(live)
    inside = _Loop(live, after, held)
    while True:
        head = set(live)
        body, _ = _block(stmt.body, head, inside)
        test: Block = ()
        if isinstance(stmt, While):
            head |= set(names((stmt.cond,)))
            test, _ = _block(stmt.test, head, inside)
        if head <= live:
            break
        live |= head
    if _is_empty(body) and not (isinstance(stmt, For) and {stmt.index, form(stmt.index)} & after):
        live.clear()
        live |= after
        return None
    if isinstance(stmt, While):
        live |= reads(stmt)
        same = body is stmt.body and test is stmt.test
        return stmt if same else replace(stmt, body=body, test=test)
    live -= {stmt.index, form(stmt.index)}
    live |= set(names(operands(stmt)))
    return stmt if body is stmt.body else replace(stmt, body=body)


def _is_empty(body: Block) -> bool:
    """True for what does nothing, the marks of two sweeps that became one left aside."""
    rest = (s for s in body if not (isinstance(s, Assign) and s.fn == "section"))
    return all(isinstance(s, Exit) and s.kind != "return" for s in rest)
