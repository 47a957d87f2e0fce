"""For people at a terminal: source with colours, and a gradient beside its measure.

The colours come from the standard library's own tokenizer.
"""

from __future__ import annotations

import builtins
import io
import keyword
import os
import tokenize
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

import numpy as np

from srcgrad import trees

_RESET = "\x1b[0m"
_COLOURS = {
    "keyword": "\x1b[1;35m",
    "defined": "\x1b[1;34m",
    "builtin": "\x1b[36m",
    "number": "\x1b[33m",
    "string": "\x1b[32m",
    "comment": "\x1b[2;37m",
}
# From Python 3.12 on an f-string is several tokens.
_STRING_PARTS = ("STRING", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
_STRINGS = {getattr(tokenize, name) for name in _STRING_PARTS if hasattr(tokenize, name)}
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


def wants_colour(stream: TextIO) -> bool:
    """True for a terminal, unless the user said NO_COLOR (see no-color.org) or it cannot."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def highlight(source: str) -> str:
    """`source` with ANSI colours. Without them it is the same text, character for character.

    Text that does not tokenize is returned as it is.
    """
    lines = list(io.StringIO(source))  # as the tokenizer counts them: form feeds end no line
    try:
        spans = list(_spans(source))
    except (tokenize.TokenError, SyntaxError):
        return source
    out: list[str] = []
    row, col = 1, 0
    for kind, start, end in spans:
        out.append(_between(lines, (row, col), start))
        # Colours end with the line: pagers start each line afresh.
        text = _between(lines, start, end)
        out += [_paint(part, _COLOURS[kind]) for part in io.StringIO(text)]
        row, col = end
    out.append(_between(lines, (row, col), (len(lines) + 1, 0)))
    return "".join(out)


def _paint(text: str, colour: str) -> str:
    body = text.rstrip("\n")
    return f"{colour}{body}{_RESET}{text[len(body) :]}" if body else text


def _spans(source: str) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    """Coloured stretches: kind, start and end as (row, column), in order."""
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = _kind(token, before)
        if kind:
            yield kind, token.start, token.end
        before = token.string


def _kind(token: tokenize.TokenInfo, before: str) -> str:
    if token.type == tokenize.COMMENT:
        return "comment"
    if token.type == tokenize.NUMBER:
        return "number"
    if token.type in _STRINGS:
        return "string"
    if token.type != tokenize.NAME:
        return ""
    if before in ("def", "class"):
        return "defined"
    if keyword.iskeyword(token.string):
        return "keyword"
    return "builtin" if token.string in _BUILTINS and before != "." else ""


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """The characters from one (row, column) to another."""
    (row, col), (last, stop) = start, end
    if row == last:
        return lines[row - 1][col:stop] if row <= len(lines) else ""
    parts = [lines[row - 1][col:]] if row <= len(lines) else []
    parts += lines[row : last - 1]
    if last <= len(lines):
        parts.append(lines[last - 1][:stop])
    return "".join(parts)


# --- gradient checks

_ROWS = 20
_RTOL, _ATOL = 1e-5, 1e-8  # what central differences in float64 can tell apart


def comparison(
    names: Sequence[str], gradients: Sequence[Any], expected: Sequence[Any], value: float
) -> tuple[str, bool]:
    """A table of gradients, one for each name, against central differences; whether they agree.

    Gradients are trees of numbers and arrays. Of many entries the worst are shown. `value` is that
    of the function: differences of large values are coarse.
    """
    rows = []
    for name, ours, theirs in zip(names, gradients, expected, strict=True):
        pairs = zip(trees.flatten(ours)[0], trees.flatten(theirs)[0], strict=True)
        for path, (a, b) in zip(trees.paths(theirs, name), pairs, strict=True):
            if trees.is_float_leaf(b):
                rows += [
                    (path, i, np.asarray(a)[i], np.asarray(b)[i]) for i in np.ndindex(np.shape(b))
                ]
    coarse = _ATOL * max(1.0, abs(value))
    wrong = [row for row in rows if not np.isclose(row[2], row[3], rtol=_RTOL, atol=coarse)]
    shown = (
        sorted(wrong or rows, key=lambda row: -_error(row))[:_ROWS] if len(rows) > _ROWS else rows
    )
    cells = [("parameter", "generated", "differences", "error")]
    for path, index, a, b in shown:
        where = f"{path}[{', '.join(map(str, index))}]" if index else path
        error = f"{abs(a - b):.1e}" + (
            "" if np.isclose(a, b, rtol=_RTOL, atol=coarse) else "  WRONG"
        )
        cells.append((where, f"{a:.10g}", f"{b:.10g}", error))
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells
    ]
    if len(shown) < len(rows):
        lines.append(f"... and {len(rows) - len(shown)} more")
    verdict = f"{len(wrong)} of {len(rows)} wrong" if wrong else f"all {len(rows)} agree"
    return "\n".join([*lines, verdict, ""]), not wrong


def _error(row: tuple[str, tuple[int, ...], Any, Any]) -> float:
    error = float(abs(row[2] - row[3]))
    return float("inf") if np.isnan(error) else error
