"""`try` in forward mode: an exception of a tangent must not decide what the program does.

The body is tried as it stands. Where it was done, its tangents follow; where they need values that
the body has overwritten by then, they come with the body itself, run a second time.
"""

from __future__ import annotations

from srcgrad.ad.arrange import Part, may_follow
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ir.core import Assign, Block, If, Stmt, Var
from srcgrad.ir.liveness import has_effect, live_part
from srcgrad.ir.walk import MUTATORS, assigned, walk

# What has not raised does not raise again; a body changes only lists of its own.
HARMLESS = frozenset({"assert", "raise", *MUTATORS})


def tangents_alone(parts: list[Part]) -> list[Stmt] | None:
    """The tangents of a body, to stand behind it; None where they cannot."""
    plain = all(part.stmts == [part.stmt] or not part.stmts for part in parts)
    if not plain or any(part.keep for part in parts) or not may_follow(parts):
        return None
    return [stmt for part in parts for stmt in part.code]


def saved(context: Context, build: Builder, stmt: If) -> tuple[list[Stmt], list[Stmt]]:
    """What a second run of the body needs of before: code that keeps it, code that brings it back.

    Calls that act must not be repeated; they are refused.
    """
    for inner in walk(stmt.then):
        if isinstance(inner, Assign) and has_effect(inner) and inner.fn not in HARMLESS:
            message = "this call in a `try` would be repeated in forward mode"
            context.refuse(inner, message, "move it out of the `try`, or use `grad`")
    keep: list[Stmt] = []
    back: list[Stmt] = []
    for name in sorted(_read_first(stmt.then) & assigned(stmt.then)):
        if "@" in name and not context.bound_before(stmt, name):
            continue  # of a call that is written out there: it begins without a value
        old = build.fresh(f"{name.split('@')[0]}%old")
        keep.append(Assign((old,), "copy", (Var(name),)))
        back.append(Assign((name,), "copy", (Var(old),)))
    return keep, back


def _read_first(block: Block) -> set[str]:
    """Names whose values of before a block reads."""
    return live_part(block, whole=True)[1]
