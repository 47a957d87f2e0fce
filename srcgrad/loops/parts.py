"""Loops over `prange` as functions of their own, so that Numba has them alone before it.

What it does to a function that runs on several cores, it does to the whole of it; some of that is
wrong where two names have one array. A loop that is given its arrays has one name for each.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from srcgrad.loops.carried import HELPERS
from srcgrad.loops.dependence import PARALLEL
from srcgrad.loops.places import stored_names
from srcgrad.loops.tree import call, names_in, nodes_of

AROUND = {"np", "math", PARALLEL, *HELPERS, *dir(builtins)}


def parted(
    body: list[ast.stmt], stem: str, fresh: Callable[[str], str]
) -> tuple[list[ast.stmt], list[ast.FunctionDef]]:
    """The statements with calls for such loops, and the functions called, by names after `stem`."""
    parts: list[ast.FunctionDef] = []
    return _block(body, stem, fresh, parts), parts


def _block(
    block: list[ast.stmt], stem: str, fresh: Callable[[str], str], parts: list[ast.FunctionDef]
) -> list[ast.stmt]:
    out: list[ast.stmt] = []
    for stmt in block:
        if isinstance(stmt, ast.For) and PARALLEL in names_in([stmt.iter]):
            part = _part(stmt, fresh(f"{stem}_part"))
            parts.append(part)
            out.append(ast.Expr(call(part.name, *(_name(a) for a in part.args.args))))
            continue
        for field in ("body", "orelse"):
            inner = getattr(stmt, field, None)
            if inner:
                setattr(stmt, field, _block(inner, stem, fresh, parts))
        out.append(stmt)
    return out


def _part(loop: ast.For, name: str) -> ast.FunctionDef:
    bound = stored_names([loop])
    read = [n.id for n in nodes_of(loop) if isinstance(n, ast.Name)]
    given = [n for n in dict.fromkeys(read) if n not in bound and n not in AROUND]
    args = ast.arguments([], [ast.arg(n) for n in given], None, [], [], None, [])
    doc = ast.Expr(ast.Constant("A loop on several cores, which writes into what it is given."))
    return ast.FunctionDef(name, args, [doc, loop], [], None, lineno=0)


def _name(arg: ast.arg) -> ast.expr:
    return ast.Name(arg.arg, ast.Load())
