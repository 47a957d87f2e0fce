"""From a function's node to a gast tree: the same tree under every version of Python.

gast's own conversion is recursive, and a sum of a few hundred terms is a tree as deep. Such a chain
of binary operators becomes one flat node first.
"""

from __future__ import annotations

import ast
from typing import Any

import gast

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.descend import children
from srcgrad.frontend.text import TextFile

# A call of this name stands for a chain of operators: its arguments are a string with the names of
# the operators, then the operands. No program can hold the name.
CHAIN = "@chain"
_LONG = 40


def to_gast(file: TextFile, node: ast.AST) -> Any:
    """The gast tree of a function. Raises `UnsupportedError` where it is nested too deeply."""
    flatten_chains(node)
    try:
        return gast.ast_to_gast(node)
    except RecursionError:
        problem = file.problem(node, "an expression or block is nested too deeply", "split it up")
        raise UnsupportedError(problem) from None


def flatten_chains(tree: ast.AST) -> None:
    """Make each long chain `a + b - c ...` below `tree` one flat node, in place."""
    stack = [tree]
    while stack:
        node = stack.pop()
        for name, value in node.__dict__.items():
            if type(value) is ast.BinOp:
                setattr(node, name, _flattened(value))
            elif type(value) is list:
                value[:] = [_flattened(v) if type(v) is ast.BinOp else v for v in value]
        stack += children(node)


def _flattened(node: ast.BinOp) -> ast.expr:
    operators: list[str] = []
    operands: list[ast.expr] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        operators.append(type(left.op).__name__)
        operands.append(left.right)
        left = left.left
    if len(operands) < _LONG:
        return node
    names = ast.copy_location(ast.Constant(" ".join(reversed(operators))), node)
    func = ast.copy_location(ast.Name(CHAIN, ast.Load()), node)
    return ast.copy_location(ast.Call(func, [names, left, *reversed(operands)], []), node)
