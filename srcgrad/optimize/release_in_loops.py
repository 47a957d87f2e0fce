"""Large arrays that each turn of an adjoint loop makes go before the next ones are made.

    for _ in reversed(range(steps)):         for _ in reversed(range(steps)):
        A_1_bar = A_bar[1:-1] / 3.0              A_1_bar = A_bar[1:-1] / 3.0
        B_bar[2:] += A_1_bar                     B_bar[2:] += A_1_bar
        B_1_bar = B_bar[1:-1] / 3.0      ->      del A_1_bar
        A_bar[2:] += B_1_bar                     B_1_bar = B_bar[1:-1] / 3.0
                                                 A_bar[2:] += B_1_bar
                                                 del B_1_bar

Their names would keep them until the next turn binds them again, and as much memory beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, For, Function, Stmt, Var
from srcgrad.ir.kinds import Kind, is_large
from srcgrad.ir.walk import read_names, rebuild, same
from srcgrad.optimize.known import Known, is_new, start_of_backward

RELEASE = "release"
FEWEST = 2  # of one array the next turn's takes the place soon enough


def release_in_loops(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose adjoint loops let go of large arrays.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    if not any(is_large(kind) for kind in kinds.values()):
        return fn
    start = start_of_backward(fn)
    known = Known(fn, kinds)
    after = _block(fn.body[start:], known)
    return fn if after is fn.body[start:] else replace(fn, body=(*fn.body[:start], *after))


def _block(block: Block, known: Known) -> Block:
    out = [
        _loop(stmt, known) if isinstance(stmt, For) else rebuild(stmt, lambda b: _block(b, known))
        for stmt in block
    ]
    return same(block, out)


def _loop(loop: For, known: Known) -> For:
    body = _block(loop.body, known)
    last: dict[str, int] = {}
    count: dict[str, int] = {}  # readers of a name, in these statements
    for place, stmt in enumerate(body):
        for name in read_names((stmt,)):
            last[name] = place
            count[name] = count.get(name, 0) + 1
    going: dict[int, list[str]] = {}
    for place, stmt in enumerate(body):
        name = _made(stmt, known)
        # What is read once is printed inside its reader, and has no name.
        if name and count.get(name, 0) == known.read[name] > 1 and last[name] > place:
            going.setdefault(last[name], []).append(name)
    if not loop.reverse or sum(map(len, going.values())) < FEWEST:
        return loop if body is loop.body else replace(loop, body=body)
    out: list[Stmt] = []
    for place, stmt in enumerate(body):
        out.append(stmt)
        out += [Assign((name,), RELEASE, ()) for name in going.get(place, ())]
    return replace(loop, body=tuple(out))


def _made(stmt: Stmt, known: Known) -> str:
    """The name of a large array that a statement makes, or names."""
    if not isinstance(stmt, Assign) or len(stmt.targets) != 1 or "%bar" not in stmt.targets[0]:
        return ""
    made = known.maker(stmt.args[0]) if stmt.fn == "copy" else stmt
    if made is None or not is_new(made) or known.bound[stmt.target] != 1:
        return ""
    if made is not stmt and known.read[made.target] != 1:
        return ""
    return stmt.target if is_large(known.inferred(Var(stmt.target))) else ""
