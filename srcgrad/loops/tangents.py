"""Helpers of forward mode, by operations that have loop forms."""

from __future__ import annotations

from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Function, Stmt, Var
from srcgrad.ir.walk import rebuild

SUPPORT = "srcgrad.support_tangents"


def with_plain_tangents(fn: Function) -> Function:
    """The function with zeros, copies and stretched arrays for what makes tangents."""
    return replace(fn, body=_block(fn.body))


def _block(block: Block) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        if isinstance(stmt, Assign) and isinstance(stmt.fn, str) and stmt.fn.startswith(SUPPORT):
            out += _plain(stmt, stmt.fn.rpartition(".")[2])
        else:
            out.append(rebuild(stmt, _block))
    return tuple(out)


def _plain(stmt: Assign, helper: str) -> list[Stmt]:
    if helper == "zero_tangent":
        return [replace(stmt, fn="srcgrad.support.zeros_like")]
    if helper not in ("stretched", "tangent_memory"):
        return [stmt]
    (target,) = stmt.targets
    tangent, like = stmt.args
    shape, whole = f"{target}@b_shape", f"{target}@b_whole"
    last = "copy" if helper == "stretched" else "method.copy"
    return [
        Assign((shape,), "attr.shape", (like,), unit=stmt.unit),
        Assign((whole,), "numpy.broadcast_to", (tangent, Var(shape)), unit=stmt.unit),
        replace(stmt, fn=last, args=(Var(whole),)),
    ]
