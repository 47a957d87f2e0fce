"""The structure of one line of Python, as far as breaking it needs it.

The printer's lines are regular: binary operators stand between blanks, signs do not, and no
literal contains a line break. So brackets, commas and blanks tell the structure, and no parser is
needed. Only lines that are too long come here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from srcgrad.ir.classes import dataclass

# How tightly operators bind; a line is broken at the loosest. Nothing is above ATTRIBUTE.
TERNARY, BOOLEAN, AND, ATTRIBUTE, NONE = 1, 2, 3, 20, 99
_LEVELS = (
    (TERNARY, "if else"),
    (BOOLEAN, "or"),
    (AND, "and"),
    (5, "< > <= >= == != in is"),
    (6, "|"),
    (7, "^"),
    (8, "&"),
    (9, "<< >>"),
    (10, "+ -"),
    (11, "* / // % @"),
    (13, "**"),
)
_LEVEL = {symbol: level for level, symbols in _LEVELS for symbol in symbols.split()}
_TOKEN = re.compile(
    r"""(?P<blank>\ ?)(?P<text>
      [A-Za-z]{0,2}(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')   # a string
    | (?:\d|\.\d)(?:[eE][+-](?=\d)|[\w.])*                   # a number
    | \w+ | \*\*= | //= | >>= | <<= | \.\.\. | -> | := | \*\* | // | >> | <<
    | [-+*/%@&|^=!<>]= | \S )""",
    re.VERBOSE,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_KEYWORDS = {"and", "as", "await", "else", "for", "from", "if", "in", "is", "lambda", "not", "or"}
_KEYWORDS |= {"return", "yield"}


@dataclass(frozen=True, slots=True)
class Word:
    """A token outside brackets; `spaced` when a blank stands before it."""

    text: str
    spaced: bool


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracketed group; `joined` when it calls or indexes what stands before it."""

    opening: str
    items: tuple[Node, ...]
    comma: bool  # a comma behind the last item
    joined: bool
    spaced: bool

    @property
    def closing(self) -> str:
        return _CLOSING[self.opening]

    @property
    def is_tuple(self) -> bool:
        return self.comma or len(self.items) != 1


Piece: TypeAlias = "Word | Bracket"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An operand: names, signs, attributes, calls and subscripts without a break between them."""

    parts: tuple[str | Bracket, ...]

    def links(self) -> list[int]:
        """The parts that continue a chain: `.b` in `a(x).b(y)`, and in `(x).b`."""
        found = []
        for place, part in enumerate(self.parts[1:], start=1):
            before = self.parts[place - 1]
            if isinstance(part, str) and isinstance(before, Bracket) and part[0] == ".":
                found += [place] if before.joined or before.opening == "(" else []
        return found


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands with the operators between them, all of one level."""

    level: int
    operands: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A value behind a prefix that stays with it: `key=`, `not `, `lambda x: `, `*`."""

    prefix: str
    value: Node
    unary: bool = False


@dataclass(frozen=True, slots=True)
class Clauses:
    """A comprehension: its element and its `for` and `if` clauses."""

    parts: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Glued:
    """Nodes with fixed text between them: the bounds of a slice."""

    parts: tuple[str | Node, ...]


Node: TypeAlias = "Leaf | Operation | Prefixed | Clauses | Glued"


def pieces(text: str) -> list[Piece]:
    """The words and bracketed groups of `text`, without recursion over what is inside."""
    stack: list[tuple[str, bool, bool, list[Piece]]] = []
    current: list[Piece] = []
    for match in _TOKEN.finditer(text):
        token, spaced = match["text"], bool(match["blank"])
        if token in _CLOSING:
            before = current[-1] if current else None
            word = before.text if isinstance(before, Word) else ""
            operand = isinstance(before, Bracket) or word[-1:].isalnum() or word[-1:] in "_\"'."
            joined = before is not None and operand and not spaced and word not in _KEYWORDS
            stack.append((token, joined, spaced, current))
            current = []
        elif token in ")]}":
            opening, joined, spaced, outer = stack.pop()
            items, comma = _items(current, opening, joined)
            outer.append(Bracket(opening, items, comma, joined, spaced))
            current = outer
        else:
            current.append(Word(token, spaced))
    return current


def _items(inside: list[Piece], opening: str, joined: bool) -> tuple[tuple[Node, ...], bool]:
    groups = split(inside, ",")
    comma = len(groups) > 1 and not groups[-1]
    groups = groups if groups[-1] else groups[:-1]
    sliced = opening == "[" and joined
    return tuple(_sliced(g) if sliced else item(g) for g in groups), comma


def split(inside: Sequence[Piece], *marks: str) -> list[list[Piece]]:
    """`inside` cut at the words `marks`, but not at those of a lambda or a loop's targets."""
    groups: list[list[Piece]] = [[]]
    hidden = False
    for piece in inside:
        text = piece.text if isinstance(piece, Word) else ""
        if text in ("lambda", "for"):
            hidden = True
        if text in marks and not hidden:
            groups.append([])
            continue
        if text in (":", "in"):
            hidden = False
        groups[-1].append(piece)
    return groups


def item(inside: Sequence[Piece]) -> Node:
    """An element of a call or display: `value`, `key=value`, `*value`, `key: value`."""
    for place, piece in enumerate(inside):
        if not isinstance(piece, Word):
            continue
        if piece.text == "lambda":
            break
        if piece.text in ("=", ":", ":=") and place + 1 < len(inside):
            stop = place + 1
            prefix = flat(inside[:stop]) + (" " if _blank(inside[stop]) else "")
            sides = split(inside[stop:], "=") if piece.text == ":" else []
            if len(sides) == 2:  # a parameter with its annotation and default
                default = Glued((expression(sides[0]), " = ", expression(sides[1])))
                return Prefixed(prefix, default)
            return Prefixed(prefix, item(inside[stop:]))
    first = inside[0]
    if isinstance(first, Word) and first.text in ("*", "**") and len(inside) > 1:
        return Prefixed(first.text, expression(inside[1:]))
    return expression(inside)


def _sliced(inside: Sequence[Piece]) -> Node:
    bounds = split(inside, ":")
    if len(bounds) == 1:
        return expression(inside)
    parts: list[str | Node] = []
    end = 0
    for place, bound in enumerate(bounds):
        if place:
            colon = " :" if parts and inside[end - 1].spaced else ":"
            parts.append(colon + (" " if bound and _blank(bound[0]) else ""))
        if bound:
            parts.append(expression(bound))
        end += len(bound) + 1
    return Glued(tuple(parts))


def expression(inside: Sequence[Piece]) -> Node:
    """The structure of an expression without commas."""
    found = _comprehension(inside)
    if found is not None:
        return found
    first = inside[0]
    if isinstance(first, Word) and first.text in ("lambda", "yield", "await"):
        return _prefixed(inside)
    loosest, places = NONE, list[int]()
    for place, piece in enumerate(inside):
        if not isinstance(piece, Word):
            continue
        if piece.text == "lambda":
            break
        level = _operator(inside, place)
        if level < loosest:
            loosest, places = level, []
        if level == loosest != NONE:
            places.append(place)
    # `not` binds looser than comparisons: it comes first only where no and, or, if is around.
    if isinstance(first, Word) and first.text == "not" and loosest > AND:
        return Prefixed("not ", expression(inside[1:]), unary=True)
    return _operation(inside, loosest, places) if places else _leaf(inside)


def _operator(inside: Sequence[Piece], place: int) -> int:
    """The level of the binary operator that starts at `place`, or NONE."""
    piece = inside[place]
    if not isinstance(piece, Word) or not piece.spaced or place == 0:
        return NONE
    if piece.text == "not":
        follower = inside[place + 1]
        before = inside[place - 1]
        taken = isinstance(before, Word) and (before.text in _KEYWORDS or before.text == "is")
        is_in = isinstance(follower, Word) and follower.text == "in"
        return _LEVEL["in"] if is_in and not taken else NONE
    if piece.text == "in" and _text(inside[place - 1]) == "not":
        return NONE
    follower_spaced = place + 1 < len(inside) and _blank(inside[place + 1])
    return _LEVEL.get(piece.text, NONE) if follower_spaced else NONE


def _operation(inside: Sequence[Piece], level: int, places: list[int]) -> Node:
    operands: list[Node] = []
    operators: list[str] = []
    start = 0
    for place in [*places, len(inside)]:
        operands.append(expression(inside[start:place]))
        if place < len(inside):
            start = place + 1
            word = _text(inside[place])
            if _text(inside[start]) in ("in", "not") and word in ("not", "is"):
                word += " " + _text(inside[start])
                start += 1
            operators.append(word)
    return Operation(level, tuple(operands), tuple(operators))


def _comprehension(inside: Sequence[Piece]) -> Node | None:
    if not any(isinstance(piece, Word) and piece.text == "for" for piece in inside):
        return None
    parts: list[tuple[str, Node]] = []
    start, keyword = 0, ""
    seen_for = False
    for place, piece in enumerate([*inside, Word("if", True)]):
        text = _text(piece)
        clause = text == "for" or (text == "if" and (seen_for or place == len(inside)))
        if clause:
            segment = inside[start:place]
            parts.append((keyword, _target(segment) if keyword == "for " else item(segment)))
            keyword, start = f"{text} ", place + 1
            seen_for = seen_for or text == "for"
    return Clauses(tuple(parts))


def _target(segment: Sequence[Piece]) -> Node:
    place = next(i for i, piece in enumerate(segment) if _text(piece) == "in")
    return Prefixed(flat(segment[: place + 1]) + " ", expression(segment[place + 1 :]))


def _prefixed(inside: Sequence[Piece]) -> Node:
    stop = 1
    if _text(inside[0]) == "lambda":
        stop = 1 + next(i for i, piece in enumerate(inside) if _text(piece) == ":")
    if stop == len(inside):
        return _leaf(inside)
    return Prefixed(flat(inside[:stop]) + " ", expression(inside[stop:]), unary=True)


def _leaf(inside: Sequence[Piece]) -> Leaf:
    parts: list[str | Bracket] = []
    for place, piece in enumerate(inside):
        blank = " " if place and _blank(piece) else ""
        if isinstance(piece, Bracket) and not blank:
            parts.append(piece)
        elif isinstance(piece, Bracket):
            parts.extend((blank, piece))
        elif parts and isinstance(parts[-1], str):
            parts[-1] += blank + piece.text
        else:
            parts.append(blank + piece.text)
    return Leaf(tuple(parts))


def _text(piece: Piece) -> str:
    return piece.text if isinstance(piece, Word) else ""


def _blank(piece: Piece) -> bool:
    return piece.spaced


def flat(inside: Sequence[Piece]) -> str:
    """The text of pieces on one line."""
    return "".join(
        (" " if place and piece.spaced else "")
        + (piece.text if isinstance(piece, Word) else flat_node(Leaf((piece,))))
        for place, piece in enumerate(inside)
    )


def flat_node(node: Node) -> str:
    """The text of a node on one line."""
    if isinstance(node, Leaf):
        return "".join(
            part if isinstance(part, str) else _flat_bracket(part) for part in node.parts
        )
    if isinstance(node, Operation):
        operators = [*(f" {operator} " for operator in node.operators), ""]
        operands = [flat_node(operand) for operand in node.operands]
        return "".join(a + b for a, b in zip(operands, operators, strict=True))
    if isinstance(node, Prefixed):
        return node.prefix + flat_node(node.value)
    if isinstance(node, Clauses):
        return " ".join(keyword + flat_node(value) for keyword, value in node.parts)
    return "".join(part if isinstance(part, str) else flat_node(part) for part in node.parts)


def _flat_bracket(group: Bracket) -> str:
    inner = ", ".join(flat_node(entry) for entry in group.items)
    return f"{group.opening}{inner}{',' if group.comma else ''}{group.closing}"
