"""A file of the user's as text: its tree, its comments, and the characters of any node.

Positions in trees count UTF-8 bytes. Everything that leaves this file counts characters.
"""

from __future__ import annotations

import ast
import bisect
import functools
import io
import tokenize
from dataclasses import field
from typing import Any

from srcgrad.errors import Problem, UnsupportedError
from srcgrad.ir.classes import dataclass


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its text without `#`, and whether it has its line to itself."""

    text: str
    whole_line: bool


@dataclass(frozen=True, eq=False)
class TextFile:
    """The text of one file. Build it with `read_file`, which keeps the files read last."""

    name: str
    text: str
    tree: ast.Module
    lines: list[str] = field(repr=False)  # with their ends; line n is lines[n - 1]
    comments: dict[int, Comment] = field(repr=False)
    inside_string: frozenset[int] = field(repr=False)  # lines that start inside a string
    colons: list[tuple[int, int]] = field(repr=False)  # that end a header, by line and column

    def line(self, number: int) -> str:
        return self.lines[number - 1].rstrip("\n") if 0 < number <= len(self.lines) else ""

    def column(self, line: int, offset: int) -> int:
        """A column in characters, from one in bytes."""
        text = self.line(line)
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))

    def span(self, node: Any) -> tuple[int, int, int, int]:
        """First line, first column, last line, end column of a node, in characters."""
        start, end = node.lineno, node.end_lineno
        first = self.column(start, node.col_offset)
        return start, first, end, self.column(end, node.end_col_offset)

    def segment(self, node: Any) -> str:
        """The characters of a node, as they stand."""
        return self.between(*self.span(node))

    def between(self, line: int, col: int, end_line: int, end_col: int) -> str:
        if line == end_line:
            return self.line(line)[col:end_col]
        middle = [self.line(n) for n in range(line + 1, end_line)]
        return "\n".join([self.line(line)[col:], *middle, self.line(end_line)[:end_col]])

    def dedented(self, line: int, col: int, end_line: int, end_col: int) -> str:
        """The characters of a range, its later lines moved left by its column.

        Lines that start inside a string stay, for their blanks belong to the string.
        """
        head, *rest = self.between(line, col, end_line, end_col).split("\n")
        out = [head]
        for number, text in enumerate(rest, line + 1):
            blanks = len(text) - len(text.lstrip(" \t\f"))
            out.append(text if number in self.inside_string else text[min(blanks, col) :])
        return "\n".join(out)

    def header_end(self, node: Any) -> tuple[int, int]:
        """Position of the colon that ends the header of a compound statement."""
        line, col, _, _ = self.span(node)
        return self.colons[bisect.bisect_left(self.colons, (line, col))]

    def comment_on(self, line: int) -> str:
        found = self.comments.get(line)
        return "" if found is None or found.whole_line else found.text

    def comments_above(self, line: int) -> tuple[str, ...]:
        """Whole-line comments that stand above a line; blank lines between are skipped."""
        found: list[str] = []
        number = line - 1
        while number > 0:
            comment = self.comments.get(number)
            if comment is not None and comment.whole_line:
                found.append(comment.text)
            elif self.line(number).strip():
                break
            number -= 1
        return tuple(reversed(found))

    def problem(self, node: Any, message: str, remedy: str = "") -> Problem:
        """A problem at a node; the caret marks its first line."""
        line, col, end_line, end_col = self.span(node)
        text = self.line(line)
        end = end_col if end_line == line else len(text)
        return Problem(self.name, line, col, message, remedy, text, end)


@functools.lru_cache(maxsize=64)
def read_file(name: str, text: str) -> TextFile:
    """Parse a file. Raises `UnsupportedError` with the position where it is not Python."""
    tree = _parse(name, text)
    comments: dict[int, Comment] = {}
    inside: set[int] = set()
    colons: list[tuple[int, int]] = []
    lines = text.split("\n")
    depth = 0
    lambdas: list[int] = []  # depths of lambdas whose colon is still to come
    fstring = getattr(tokenize, "FSTRING_MIDDLE", None)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        line, col = token.start
        if token.type == tokenize.COMMENT:
            whole = not lines[line - 1][:col].strip()
            comments[line] = Comment(token.string[1:].removeprefix(" ").rstrip(), whole)
        elif token.type in (tokenize.STRING, fstring):
            inside.update(range(line + 1, token.end[0] + 1))
        elif token.type == tokenize.NAME and token.string == "lambda":
            lambdas.append(depth)
        elif token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == ":" and lambdas and lambdas[-1] == depth:
                lambdas.pop()
            elif token.string == ":" and depth == 0:
                colons.append((line, col))
    return TextFile(name, text, tree, lines, comments, frozenset(inside), colons)


def _parse(name: str, text: str) -> ast.Module:
    try:
        return ast.parse(text, name)
    except SyntaxError as error:
        line, col = error.lineno or 1, max((error.offset or 1) - 1, 0)
        shown = (error.text or "").split("\n")[0]
        message = f"invalid syntax: {error.msg}"
        raise UnsupportedError(Problem(name, line, col, message, "", shown)) from None
    except ValueError as error:  # null bytes
        raise UnsupportedError(Problem(name, 1, 0, f"not Python source: {error}")) from None
    except (RecursionError, MemoryError):
        message = "an expression of this file is nested too deeply to be parsed"
        raise UnsupportedError(Problem(name, 1, 0, message, "split it over statements")) from None
