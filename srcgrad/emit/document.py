"""A small language of line breaks, and the printer that chooses which of them to take.

A group is printed flat when it fits, else every break that belongs to it is taken. The measuring
follows `ruff format`: what stands behind a group counts only up to its own next possible break.
Cost is linear in the text for any fixed width, and nothing recurses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Line:
    """A possible break; when not taken, `flat` is printed."""

    flat: str = ""


@dataclass(frozen=True, slots=True)
class Indent:
    """Four columns deeper; with `when`, only if that group is broken."""

    body: Doc
    when: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Breaks taken together. With `when`, a group only if the group of that number is broken."""

    body: Doc
    number: int = 0
    when: int = 0


@dataclass(frozen=True, slots=True)
class IfBreak:
    """One of two texts, as the group `number` (or, with 0, the enclosing group) is broken."""

    broken: Doc
    flat: Doc = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """Brackets that may break while the group `number` around them counts as flat."""

    body: Doc
    number: int


@dataclass(frozen=True, slots=True)
class BestFit:
    """An operand that gets parentheses only if it then fits."""

    body: Doc
    number: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The first variant that fits: the first one flat, others up to their first break."""

    variants: tuple[Doc, ...]


Doc: TypeAlias = (
    "str | Line | Indent | Group | IfBreak | Spread | BestFit | Choice | tuple[Doc, ...]"
)
LINE, SOFT = Line(" "), Line()
STEP = 4


def join(separator: Sequence[Doc], items: Sequence[Doc]) -> tuple[Doc, ...]:
    """`items` with the separator between them."""
    found: list[Doc] = []
    for place, entry in enumerate(items):
        found.extend((*separator, entry) if place else (entry,))
    return tuple(found)


Entry = tuple[int, bool, Doc]  # indentation, whether breaks are taken, what to print


@dataclass
class Renderer:
    """Prints one document."""

    width: int
    out: list[str] = field(default_factory=list)
    column: int = 0
    measured: bool = False  # an enclosing flat group was measured with all that is inside
    broken: dict[int, bool] = field(default_factory=dict)
    stack: list[Entry] = field(default_factory=list)

    def render(self, doc: Doc, indent: int) -> str:
        """The text of `doc`, its first line at column `indent` with the indentation left out."""
        self.column = indent
        self.stack.append((indent, True, doc))
        while self.stack:
            self._step(*self.stack.pop())
        return "".join(self.out)

    def _step(self, indent: int, taken: bool, doc: Doc) -> None:
        push = self.stack.append
        if isinstance(doc, str):
            self.out.append(doc)
            self.column += len(doc)
        elif isinstance(doc, tuple):
            self.stack.extend((indent, taken, part) for part in reversed(doc))
        elif isinstance(doc, Line):
            self._line(indent, taken, doc)
        elif isinstance(doc, Indent):
            deeper = not doc.when or self.broken.get(doc.when, False)
            push((indent + STEP if deeper else indent, taken, doc.body))
        elif isinstance(doc, Group):
            self._group(indent, taken, doc)
        elif isinstance(doc, IfBreak):
            broken = self.broken.get(doc.number, False) if doc.number else taken
            push((indent, taken, doc.broken if broken else doc.flat))
        elif isinstance(doc, Spread):
            if not self.broken.get(doc.number, False):
                self.measured = False
            push((indent, taken, doc.body))
        elif isinstance(doc, BestFit):
            self._best_fit(indent, doc)
        else:
            self._choice(indent, doc)

    def _line(self, indent: int, taken: bool, doc: Line) -> None:
        if not taken:
            self.out.append(doc.flat)
            self.column += len(doc.flat)
            return
        self.out.append("\n" + " " * indent)
        self.column = indent
        self.measured = False

    def _group(self, indent: int, taken: bool, doc: Group) -> None:
        if doc.when and not self.broken.get(doc.when, False):
            self.stack.append((indent, taken, doc.body))
            return
        if taken or not self.measured:
            self.broken[doc.number] = False
            self.measured = True
            taken = not self._fits((indent, False, doc.body))
        self.broken[doc.number] = taken
        self.stack.append((indent, taken, doc.body))

    def _best_fit(self, indent: int, doc: BestFit) -> None:
        self.broken[doc.number] = False
        self.measured = True
        if not self._fits((indent, False, doc.body)):
            self.broken[doc.number] = True
            inner: Doc = ("(", Indent((SOFT, doc.body)), SOFT, ")")
            if self._fits((indent, True, inner), every_line=True):
                self.stack.append((indent, True, inner))
                return
            self.broken[doc.number] = False
        self.stack.append((indent, False, doc.body))

    def _choice(self, indent: int, doc: Choice) -> None:
        for place, variant in enumerate(doc.variants):
            entry = (indent, place > 0, variant)
            if place + 1 == len(doc.variants) or self._fits(entry):
                self.measured = place == 0
                self.stack.append(entry)
                return

    def _fits(self, entry: Entry, every_line: bool = False) -> bool:
        """Whether `entry`, and what follows on its last line, stays within the width."""
        column, rest = self.column, len(self.stack)
        work: list[tuple[int, bool, bool, Doc]] = [(entry[0], entry[1], every_line, entry[2])]
        while True:
            if not work:
                if not rest:
                    return True
                rest -= 1
                indent, taken, doc = self.stack[rest]
                every = False
            else:
                indent, taken, every, doc = work.pop()
            if isinstance(doc, Line) and taken:
                if not every:
                    return True
                column = indent
            elif isinstance(doc, (str, Line)):
                column += len(doc if isinstance(doc, str) else doc.flat)
                if column > self.width:
                    return False
            elif isinstance(doc, tuple):
                work.extend((indent, taken, every, part) for part in reversed(doc))
            else:
                work.append(self._inside(indent, taken, every, doc))

    def _inside(
        self,
        indent: int,
        taken: bool,
        every: bool,
        doc: Indent | Group | IfBreak | Spread | BestFit | Choice,
    ) -> tuple[int, bool, bool, Doc]:
        """What to measure in place of `doc`."""
        if isinstance(doc, Indent):
            deeper = not doc.when or self.broken.get(doc.when, False)
            return (indent + STEP if deeper else indent, taken, every, doc.body)
        if isinstance(doc, IfBreak):
            broken = self.broken.get(doc.number, False) if doc.number else taken
            return (indent, taken, every, doc.broken if broken else doc.flat)
        if isinstance(doc, Spread) and not self.broken.get(doc.number, False):
            return (indent, True, True, doc.body)
        if isinstance(doc, Choice):
            return (indent, taken, every, doc.variants[-1 if taken else 0])
        if isinstance(doc, (Group, BestFit)) and doc.number:
            self.broken[doc.number] = taken
        return (indent, taken, every, doc.body)
