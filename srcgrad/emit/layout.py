"""Long lines broken as `ruff format` and black break them, at 88 columns.

A formatter as a last step would do the same, but then a derivative's text would depend on which
version of it is installed. Short lines, nearly all, pass through untouched.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from srcgrad.emit.document import (
    LINE,
    SOFT,
    BestFit,
    Choice,
    Doc,
    Group,
    IfBreak,
    Indent,
    Renderer,
    Spread,
    join,
)
from srcgrad.emit.outline import (
    AND,
    ATTRIBUTE,
    BOOLEAN,
    NONE,
    Bracket,
    Clauses,
    Leaf,
    Node,
    Operation,
    Piece,
    Prefixed,
    Word,
    flat,
    item,
    pieces,
    split,
)

WIDTH = 88
_TOP, _PAREN = -1, 0  # levels; others are numbers of groups with optional parentheses
_ASSIGNMENTS = ("=", *(f"{op}=" for op in ("+", "-", "*", "/", "//", "%", "@", "&", "|", "^")))
_ASSIGNMENTS += ("<<=", ">>=", "**=")
_KEYWORD = re.compile(
    r"(return|if|elif|while|del|raise|assert|except|for|with|async for|async with|yield)\b ?|@"
)


class Mark(str):
    """A piece of text with a meaning: `raw` text that is not laid out, or a `trailing` comment."""

    __slots__ = ("kind",)
    kind: str

    def __new__(cls, kind: str, text: str) -> Mark:
        mark = super().__new__(cls, text)
        mark.kind = kind
        return mark


def layout(parts: Iterable[str]) -> str:
    """Join the printer's pieces, breaking lines over `WIDTH`.

    A piece of newlines only starts a line, and a piece of blanks follows it. Ends in one newline.
    """
    out: list[str] = []
    line: list[str] = []
    for part in parts:
        if part and part[0] == "\n" and type(part) is str:
            out.append(_line(line))
            out.append(part)
            line = []
        else:
            line.append(part)
    out.append(_line(line))
    return "".join(out).strip("\n") + "\n"


def _line(parts: list[str]) -> str:
    text = "".join(parts)
    if Mark not in map(type, parts):
        return text if len(text) <= WIDTH else _broken(text)
    marks = [part for part in parts if isinstance(part, Mark)]
    if marks[0].kind == "raw":
        return text
    text = "".join(part for part in parts if not isinstance(part, Mark))
    comment = "# " + " ".join(marks[0].split())
    if len(text) + 2 + len(comment) <= WIDTH:
        return f"{text}  {comment}"
    indent = text[: len(text) - len(text.lstrip())]
    return f"{indent}{comment}\n" + (text if len(text) <= WIDTH else _broken(text))


def _broken(text: str) -> str:
    body = text.lstrip(" ")
    indent = len(text) - len(body)
    doc = _Builder().statement(body)
    return " " * indent + Renderer(WIDTH).render(doc, indent)


class _Builder:
    """Turns the outline of a statement into a document."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    # --- statements -------------------------------------------------------------------------------

    def statement(self, text: str) -> Doc:
        inside = pieces(text)
        first = inside[0].text if isinstance(inside[0], Word) else ""
        if first in ("import", "from"):
            return self._import(text)
        ending = ""
        if isinstance(inside[-1], Word) and inside[-1].text == ":":
            inside, ending = inside[:-1], ":"
        second = inside[1].text if len(inside) > 1 and isinstance(inside[1], Word) else ""
        if "def" in (first, second) or first == "class":
            return (self._header(inside), ending)
        keyword = _KEYWORD.match(text)
        if keyword is None:
            return self._assignment(inside)
        inside = pieces(text[keyword.end() : len(text) - len(ending)])
        return (keyword[0], self._clause(keyword[0].strip(), inside), ending)

    def _clause(self, keyword: str, inside: list[Piece]) -> Doc:
        if keyword in ("for", "async for"):
            place = next(i for i, p in enumerate(inside) if isinstance(p, Word) and p.text == "in")
            return (flat(inside[:place]), " in ", self._value(inside[place + 1 :]))
        if keyword == "raise":
            cause = split(inside, "from")
            docs = [self._expression(item(part), never_best=True) for part in cause]
            return join((" from ",), docs)
        if keyword == "assert":
            test, *message = (item(part) for part in split(inside, ","))
            docs = [self._expression(test), *map(self._message, message)]
            return join((", ",), docs)
        if keyword in ("with", "async with"):
            return self._with(split(inside, ","))
        if keyword in ("@", "except"):
            value, *names = split(inside, "as")
            doc = self._expression(item(value), never_best=True)
            return (doc, *(f" as {flat(name)}" for name in names))
        return self._value(inside)

    def _message(self, node: Node) -> Doc:
        """What an assertion says: a string moves to its own line before the test is broken."""
        call = isinstance(node, Leaf) and len(node.parts) > 1 and str(node.parts[0]).isidentifier()
        return self._expression(node) if call else self._parenthesized(node)

    def _with(self, parts: list[list[Piece]]) -> Doc:
        items: list[Doc] = []
        for part in parts:
            context, *names = split(part, "as")
            doc = (
                self._expression(item(context)) if len(parts) == 1 else self._node(item(context), 0)
            )
            items.append((doc, *(f" as {flat(name)}" for name in names)))
        if len(items) == 1:
            return items[0]
        body = Indent((SOFT, *join((",", LINE), items), IfBreak(",")))
        return Group((IfBreak("("), body, SOFT, IfBreak(")")))

    def _import(self, text: str) -> Doc:
        head, found, names = text.partition(" import ")
        if not found or names == "*":
            return text
        items = join((",", LINE), names.split(", "))
        group = Group((IfBreak("("), Indent((SOFT, *items, IfBreak(","))), SOFT, IfBreak(")")))
        return (head, found, group)

    def _header(self, inside: list[Piece]) -> Doc:
        """`def` and `class` break in their own brackets."""
        place = next((i for i, p in enumerate(inside) if isinstance(p, Bracket)), None)
        if place is None:
            return flat(inside)
        group, rest = inside[place], inside[place + 1 :]
        assert isinstance(group, Bracket)
        head, tail = flat(inside[:place]), " " * bool(rest) + flat(rest)
        if not group.items and rest:
            return (head, "() -> ", self._value(rest[1:]))
        return (head, self._bracket(group, _TOP, parameters=True), tail)

    def _assignment(self, inside: list[Piece]) -> Doc:
        sides = split(inside, *_ASSIGNMENTS)
        if len(sides) == 1:
            return self._statement_value(inside)
        ends = itertools.accumulate(len(side) + 1 for side in sides[:-1])
        marks = [flat(inside[end - 1 : end]) for end in ends]
        docs: list[Doc] = []
        for place, mark in enumerate(marks[:-1]):
            docs += [self._target(sides[place]), f" {mark} "]
        target, mark, value = sides[-2], f" {marks[-1]} ", sides[-1]
        last = target[-1]
        splittable = isinstance(last, Bracket) or len(split(target, ",")) > 1
        tree = None if len(split(value, ",")) > 1 else item(value)
        if splittable and isinstance(tree, Leaf) and _is_best_fit(tree):
            return (*docs, self._right_to_left(target, mark, tree))
        return (*docs, self._target(target), mark, self._value(value))

    def _target(self, inside: list[Piece]) -> Doc:
        parts = split(inside, ",")
        if len(parts) > 1:
            return self._open_tuple(parts)
        if any(isinstance(p, Word) and p.text == ":" for p in inside):
            return flat(inside)
        return Group(self._expression(item(inside), never_best=True))

    def _right_to_left(self, target: list[Piece], mark: str, value: Leaf) -> Doc:
        """`target[...] = value`: the value in parentheses, then breaks in the target."""
        number = next(self._numbers)
        left = flat(target) + mark
        plain = self._node(value, _PAREN)
        parenthesized: Doc = (left, "(", Indent((SOFT, plain)), SOFT, ")")
        variants: list[Doc] = [(left, plain)]
        if any(isinstance(part, Bracket) for part in value.parts):
            variants.append((left, Spread(plain, number)))
        variants += [parenthesized, (self._target(target), mark, self._expression(value))]
        return Choice(tuple(variants))

    def _statement_value(self, inside: list[Piece]) -> Doc:
        if len(split(inside, ",")) > 1:
            return self._value(inside)
        return self._expression(item(inside), never_best=True)

    def _value(self, inside: list[Piece]) -> Doc:
        parts = split(inside, ",")
        return self._open_tuple(parts) if len(parts) > 1 else self._expression(item(inside))

    def _open_tuple(self, parts: list[list[Piece]]) -> Doc:
        items = join((",", LINE), [self._node(item(part), _PAREN) for part in parts if part])
        body = Indent((SOFT, *items, IfBreak(",")))
        return Group((IfBreak("("), body, SOFT, IfBreak(")")))

    # --- optional parentheses ---------------------------------------------------------------------

    def _expression(self, node: Node, never_best: bool = False) -> Doc:
        """A value that stands alone: with parentheses around it where that is how it breaks."""
        if isinstance(node, Prefixed) and node.prefix.startswith("lambda"):
            return self._node(node, _TOP)
        chain = isinstance(node, Leaf) and len(node.links()) > 1
        if isinstance(node, Leaf) and not _is_signed(node) and (never_best or not chain):
            if isinstance(node.parts[0], Bracket) or never_best:
                return self._node(node, _TOP)
            number = next(self._numbers)
            return BestFit(self._node(node, number), number)
        if not _may_omit(node):
            return self._parenthesized(node)
        number = next(self._numbers)
        body = Indent((SOFT, self._node(node, number)), when=number)
        return Group((IfBreak("("), body, SOFT, IfBreak(")")), number=number)

    def _parenthesized(self, node: Node) -> Doc:
        if isinstance(node, Leaf) and isinstance(node.parts[0], Bracket) and len(node.links()) < 2:
            return self._node(node, _TOP)
        body = Indent((SOFT, self._node(node, _PAREN)))
        return Group((IfBreak("("), body, SOFT, IfBreak(")")))

    # --- expressions ------------------------------------------------------------------------------

    def _node(self, node: Node, level: int) -> Doc:
        if isinstance(node, Leaf):
            return self._leaf(node, level)
        if isinstance(node, Operation):
            return self._operation(node, level)
        if isinstance(node, Prefixed):
            if not node.prefix.startswith("lambda"):
                return (node.prefix, self._node(node.value, level))
            long = isinstance(node.value, Operation)
            body = self._parenthesized(node.value) if long else self._node(node.value, _TOP)
            return (node.prefix, body)
        if isinstance(node, Clauses):
            docs: list[Doc] = [(key, self._node(value, level)) for key, value in node.parts]
            return Group(join((LINE,), docs))
        return tuple(p if isinstance(p, str) else self._node(p, level) for p in node.parts)

    def _leaf(self, node: Leaf, level: int) -> Doc:
        links = node.links()
        chain = len(links) > 1 and level != _TOP
        docs: list[Doc] = []
        for place, part in enumerate(node.parts):
            if chain and place in links:
                docs.append(IfBreak(SOFT, "", level) if level > 0 else SOFT)
            docs.append(part if isinstance(part, str) else self._bracket(part, level))
        return Group(tuple(docs), when=max(level, 0)) if chain else tuple(docs)

    def _operation(self, node: Operation, level: int) -> Doc:
        docs = self._operands(node, level)
        return docs if level == _TOP else Group(docs, when=max(level, 0))

    def _operands(self, node: Operation, level: int) -> tuple[Doc, ...]:
        line: Doc = " " if level == _TOP else LINE
        if level > 0:
            line = IfBreak(LINE, " ", level)
        docs: list[Doc] = []
        for operator, operand in zip(("", *node.operators), node.operands, strict=True):
            docs += [line, f"{operator} "] if operator else []
            # `and` breaks together with the `or` around it.
            together = isinstance(operand, Operation) and (node.level, operand.level) == (
                BOOLEAN,
                AND,
            )
            if isinstance(operand, Operation) and together:
                docs += self._operands(operand, level)
            else:
                docs.append(self._node(operand, level))
        return tuple(docs)

    def _bracket(self, group: Bracket, level: int, parameters: bool = False) -> Doc:
        if not group.items:
            return group.opening + group.closing
        docs = [self._node(entry, _PAREN) for entry in group.items]
        comma: Doc = IfBreak(",")
        if len(docs) == 1 and not parameters:
            comma = "," if group.comma else ""
        inner: Doc = (*join((",", LINE), docs), comma)
        hugged = group.joined and not (parameters and len(docs) == 1)
        body = Indent((SOFT, Group(inner) if hugged else inner))
        whole = Group((group.opening, body, SOFT, group.closing))
        return Spread(whole, level) if level > 0 else whole


def _may_omit(node: Node) -> bool:
    """Whether breaking in the brackets at either end of `node` reads well enough.

    That is so for at most one operator of the loosest level, between operands of which the first
    begins with brackets or the last ends with them, subscripts not counted.
    """
    seen = _Seen()
    seen.visit(node)
    if not seen.brackets or seen.count > 1:
        return False
    return seen.level >= ATTRIBUTE or _bracketed(seen.last, -1) or _bracketed(seen.first, 0)


class _Seen:
    """What `_may_omit` asks of an expression."""

    def __init__(self) -> None:
        self.level, self.count, self.brackets = NONE, 0, False
        self.first: Leaf | None = None
        self.last: Leaf | None = None
        self._begun = False

    def visit(self, node: Node) -> None:
        if isinstance(node, Operation):
            # `and` counts with `or`; a conditional has two operators, `if` and `else`.
            level = BOOLEAN if node.level == AND else node.level
            self._operator(level, len(node.operators))
            for operand in node.operands:
                self.visit(operand)
        elif isinstance(node, Leaf):
            if not self._begun and not _is_signed(node):
                self.first = node
            self._begun = True
            self.last = node
            self.brackets |= any(isinstance(part, Bracket) for part in node.parts)
            for before, part in zip(node.parts, node.parts[1:], strict=False):
                if isinstance(before, Bracket) and isinstance(part, str):
                    self._operator(ATTRIBUTE, 1)
        elif isinstance(node, Prefixed):
            self._begun = True
            if node.prefix.startswith("lambda"):
                self.last = None
            else:
                self.visit(node.value)

    def _operator(self, level: int, count: int) -> None:
        if level < self.level:
            self.level, self.count = level, count
        elif level == self.level:
            self.count += count


def _is_best_fit(node: Leaf) -> bool:
    """Whether parentheses are a last resort: no chain, and none of its own."""
    return not isinstance(node.parts[0], Bracket) and len(node.links()) < 2


def _is_signed(node: Leaf) -> bool:
    return isinstance(node.parts[0], str) and node.parts[0][0] in "-+~"


def _bracketed(leaf: Leaf | None, place: int) -> bool:
    part = leaf.parts[place] if leaf is not None else ""
    if not isinstance(part, Bracket) or not part.items:
        return False
    return not (part.joined and (part.opening == "[" or place == 0))
