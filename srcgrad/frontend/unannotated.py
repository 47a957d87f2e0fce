"""The text of a function without annotations: a file it is copied to need not know their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Place = tuple[int, int]  # line, and column in bytes


def without_annotations(text: str) -> str:
    """The text of a `def`, comments and layout kept."""
    if ":" not in text.partition("(")[2] and "->" not in text:
        return text
    lines = [line.encode() for line in text.split("\n")]
    spans = [span for node in ast.walk(ast.parse(text)) for span in _spans(node, lines)]
    for (line, col), (end_line, end_col) in sorted(spans, reverse=True):
        rest = lines[end_line - 1][end_col:]
        lines[line - 1 : end_line] = [lines[line - 1][:col] + rest]
    return b"\n".join(lines).decode()


def _spans(node: ast.AST, lines: list[bytes]) -> Iterator[tuple[Place, Place]]:
    """Where annotations of the parameters and of the result stand, with `:` and `->`."""
    if isinstance(node, ast.arg) and node.annotation is not None:
        yield (node.lineno, node.col_offset + len(node.arg.encode())), _end(node.annotation)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        line, col = node.returns.lineno, node.returns.col_offset
        while b"->" not in lines[line - 1][:col]:
            line -= 1
            col = len(lines[line - 1])
        arrow = lines[line - 1][:col].rindex(b"->")
        yield (line, len(lines[line - 1][:arrow].rstrip())), _end(node.returns)


def _end(node: ast.expr) -> Place:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return node.end_lineno, node.end_col_offset
