"""The text of a module for a compiler of loops."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from srcgrad.emit.module import arguments, in_order
from srcgrad.emit.names import Names
from srcgrad.emit.nodes import Blank, Comment, Verbatim
from srcgrad.emit.printer import print_module
from srcgrad.emit.surroundings import File, need
from srcgrad.ir.core import Function, Global, Param
from srcgrad.ir.walk import assigned, read_names

IMPORT = """try:
    from numba import njit
except ImportError:  # the text runs as plain Python, too

    def njit(**options):
        return lambda function: function"""
PARALLEL = "prange"
IMPORT_PARALLEL = """try:
    from numba import njit, prange
    from numba.core.cpu import ParallelOptions
except ImportError:  # the text runs as plain Python, too
    prange, ParallelOptions = range, dict

    def njit(**options):
        return lambda function: function


# Loops over `prange` run on several cores, and nothing else does.
ALONE = ParallelOptions(
    dict.fromkeys(
        ("comprehension", "fusion", "inplace_binop", "numpy", "reduction", "setitem", "stencil"),
        False,
    )
)"""
# Compiled code is kept on disk where the text is a file.
COMPILE = "njit(error_model='numpy', cache=__file__.endswith('.py'))"
COMPILE_ANEW = "njit(error_model='numpy')"
COMPILE_PARALLEL = COMPILE.replace("))", "), parallel=ALONE)")


def naming(fn: Function, reserved: Iterable[str] = ()) -> Names:
    """Final names for the variables of a function, none of them reserved."""
    own = {p.name for p in fn.params} | assigned(fn.body) | read_names(fn.body) | set(fn.globals)
    taken = {n for n in own if "@" not in n and "%" not in n}
    own_names = {fn.name, "np", "math", "njit", PARALLEL, "ParallelOptions", "ALONE"}
    return Names(taken | own_names | {*reserved})


def print_loops(
    header: str,
    helpers: Iterable[str],
    functions: Iterable[tuple[ast.FunctionDef, tuple[Param, ...], Mapping[str, Global]]],
    parts: Iterable[ast.FunctionDef] = (),
) -> tuple[str, dict[str, Any]]:
    """The module's text, and the values of the names that it reads."""
    file = File()
    trees: list[ast.stmt] = []
    for tree, params, globals_ in functions:
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for name in sorted(used & globals_.keys()):
            if globals_[name].kind == "value":
                need(globals_[name], file)
        given = tree.args
        if [a.arg for a in given.args[: len(params)]] == [p.name for p in params]:
            given = arguments(params)  # with their defaults
            given.args += tree.args.args[len(given.args) :]
        body = _commented(tree.body)
        trees.append(ast.FunctionDef(tree.name, given, body, [], None, lineno=0))
    several = list(parts)
    for loop in several:
        loop.decorator_list = [ast.parse(COMPILE_PARALLEL, mode="eval").body]
    trees = [*(ast.parse(text).body[0] for text in helpers), *several, *trees]
    recursive = _recursive(trees)
    for part in trees:
        if isinstance(part, ast.FunctionDef) and not part.decorator_list:
            mark = COMPILE_ANEW if part.name in recursive else COMPILE
            part.decorator_list = [ast.parse(mark, mode="eval").body]
    used = {node.id for part in trees for node in ast.walk(part) if isinstance(node, ast.Name)}
    imports: list[ast.stmt] = []
    if "math" in used:
        imports += [ast.parse("import math").body[0], Blank()]
    imports.append(ast.parse("import numpy as np").body[0])
    body = [
        ast.Expr(ast.Constant(header)),
        *imports,
        Blank(),
        Verbatim(IMPORT_PARALLEL if PARALLEL in used else IMPORT),
    ]
    body += [Blank(), *(Verbatim(text) for text in in_order(file.constants))]
    return print_module(ast.Module([*body, *trees], [])), file.namespace


def _recursive(trees: list[ast.stmt]) -> set[str]:
    """Functions that call themselves, and those that call them: Numba crashes on compiled code of
    theirs that it reads from disk (numba/numba#6061)."""
    calls = {
        tree.name: {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for tree in trees
        if isinstance(tree, ast.FunctionDef)
    }
    reached = {name: used & calls.keys() for name, used in calls.items()}
    before: dict[str, set[str]] = {}
    while reached != before:
        before = reached
        reached = {name: some.union(*(before[n] for n in some)) for name, some in before.items()}
    own = {name for name, some in reached.items() if name in some}
    return own | {name for name, some in reached.items() if some & own}


def _commented(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements with marks of sections as comments."""
    out: list[ast.stmt] = []
    for stmt in body:
        mark = _mark(stmt)
        if mark is None:
            out.append(stmt)
            continue
        out += [Blank(), Comment(mark[1:])]
    return out


def _mark(stmt: ast.stmt) -> str | None:
    """The text of a mark: `"# forward"` as a statement."""
    value = stmt.value if isinstance(stmt, ast.Expr) else None
    text = value.value if isinstance(value, ast.Constant) else None
    return text if isinstance(text, str) and text.startswith("#") else None
