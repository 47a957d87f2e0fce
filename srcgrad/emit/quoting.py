"""Strings, docstrings and the user's passages as text, quoted as `ruff format` quotes them."""

from __future__ import annotations

import inspect
import io
import tokenize


def escaped(value: str | bytes) -> str:
    """The inside of a literal on one line, with neither kind of quote escaped."""
    text = repr(value)
    text = text[1:] if isinstance(value, bytes) else text
    # `repr` escapes single quotes, and only where it puts the text between them.
    return text[1:-1].replace("\\'", "'") if text[0] == "'" else text[1:-1]


def quoted(value: str | bytes, single: bool) -> str:
    """A literal on one line: double quotes unless they need more escapes, or `single` is asked."""
    body = escaped(value)
    singles, doubles = body.count("'"), body.count('"')
    quote = "'" if doubles > singles or (single and doubles >= singles) else '"'
    prefix = "b" if isinstance(value, bytes) else ""
    return prefix + quote + body.replace(quote, f"\\{quote}") + quote


def docstring_lines(text: str, indent: str) -> str:
    """A docstring in three double quotes, its lines after the first at `indent`.

    The closing quotes of a docstring of several lines stand on a line of their own, and so do
    the opening ones where they did: the first line's indentation would be lost otherwise.
    """
    lines = [_printable(line.rstrip()) for line in inspect.cleandoc(text).strip().split("\n")]
    if len(lines) == 1:
        closing = " " if lines[0].endswith('"') else ""
        return f'"""{lines[0]}{closing}"""'
    if not text.lstrip(" \t").split("\n")[0].strip():
        lines.insert(0, "")
    moved = [lines[0], *(indent + line if line else "" for line in lines[1:]), f'{indent}"""']
    return '"""' + "\n".join(moved)


def _printable(line: str) -> str:
    shown = (c if c.isprintable() and c != "\\" else repr(c)[1:-1] for c in line)
    return "".join(shown).replace('"""', '\\"\\"\\"')


def indented(text: str, indent: str) -> str:
    """The user's dedented passage at `indent`; the insides of long strings are not moved."""
    lines = text.strip("\n").split("\n")
    if not indent:
        return "\n".join(lines)
    fixed = _inside_strings("\n".join(lines)) if len(lines) > 1 else set()
    moved = [
        line if number in fixed or not line.strip() else indent + line
        for number, line in enumerate(lines, start=1)
    ]
    return "\n".join([moved[0].removeprefix(indent), *moved[1:]])


def _inside_strings(text: str) -> set[int]:
    """Numbers of the lines that begin inside a string."""
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
        name = tokenize.tok_name[token.type]
        if name == "STRING" or name.endswith("STRING_MIDDLE"):
            found.update(range(token.start[0] + 1, token.end[0] + 1))
    return found
