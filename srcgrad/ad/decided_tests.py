"""Tests whether something is None, where it is: the branch that runs is all there is.

    if w is None:        ->  w = np.ones(len(x))      where no weights are given
        w = np.ones(len(x))

What an annotation promises may be None all the same, `k: float = None`: nothing is told of that.
"""

from __future__ import annotations

from dataclasses import replace

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Block, Const, Exit, Function, If, Stmt, Var
from srcgrad.ir.walk import rebuild, same, walk

_OUTCOMES = {"operator.is_": True, "operator.is_not": False}


def with_decided_tests(fn: Function, kinds: KindFacts) -> Function:
    """The function without branches that its arguments rule out; itself if there are none."""
    if not any(isinstance(stmt, Assign) and stmt.fn in _OUTCOMES for stmt in walk(fn.body)):
        return fn
    body = _block(fn.body, kinds)
    return fn if body is fn.body else replace(fn, body=body)


def _block(block: Block, kinds: KindFacts) -> Block:
    new: list[Stmt] = []
    told: dict[str, bool] = {}  # the outcome of the test that was just made
    for stmt in block:
        taken = _taken(stmt, told)
        if taken is not None:
            new += _block(taken, kinds)
            if new and isinstance(new[-1], Exit):
                break  # nothing stands after it
        else:
            new.append(rebuild(stmt, lambda inner: _block(inner, kinds)))
        told = _outcome(stmt, kinds) if isinstance(stmt, Assign) else {}
    return same(block, new)


def _taken(stmt: Stmt, told: dict[str, bool]) -> Block | None:
    """The branch that is known to run."""
    if not isinstance(stmt, If) or stmt.form not in ("if", "ifexp"):
        return None
    outcome = told.get(stmt.test.name) if isinstance(stmt.test, Var) else None
    return None if outcome is None else stmt.then if outcome else stmt.orelse


def _outcome(stmt: Assign, kinds: KindFacts) -> dict[str, bool]:
    says = _OUTCOMES.get(stmt.fn) if isinstance(stmt.fn, str) else None
    if says is None or len(stmt.targets) != 1 or stmt.args[1:] != (Const(None),):
        return {}
    return {stmt.target: says} if kinds.before(stmt, stmt.args[0]).tag == "none" else {}
