"""Writes the body of one function: its lines, and the names in sight with what they hold.

A name keeps its kind while it is in sight; names bound in a block are forgotten at its end. So
every program that is written runs, up to what its numbers do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.fuzz.grammar import ARRAYS, NUMBERS, STATEMENTS, TESTS
from tests.fuzz.kinds import Array, Fields, Function, Integer, Items, Kind, Number, Shape

INDENT = "    "
PREFIXES = {Number: "t", Array: "y", Integer: "i", Items: "parts", Fields: "d", Function: "fn"}


@dataclass
class Session:
    """What the functions of one program share."""

    random: random.Random
    features: frozenset[str]
    module: list[str] = field(default_factory=list)  # definitions above `f`
    helpers: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Fields] = field(default_factory=dict)  # records, by name
    count: int = 0

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"


class Writer:
    """One function. `captured` are names of the function around it: read, never bound."""

    def __init__(
        self,
        session: Session,
        params: dict[str, Kind],
        result: Kind,
        captured: dict[str, Kind] | None = None,
        depth: int = 1,
    ) -> None:
        self.session = session
        self.random = session.random
        self.features = session.features
        self.kinds: dict[str, Kind] = {**(captured or {}), **params}
        self.fixed = set(captured or ())  # never bound again
        self.kept: set[str] = set()  # names that a function inside reads: they keep their kinds
        self.readonly: set[str] = set()  # arrays that no store may go to
        self.result = result
        self.lines: list[str] = []
        self.depth = depth
        self.blocks = [session.fresh("")]
        self.homes: dict[str, str] = dict.fromkeys(params, self.blocks[0])
        self.loops = 0
        self.trying = 0
        self.fuel = 6  # statements that may still be written

    # --- chance -----------------------------------------------------------------------------------

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def literal(self) -> str:
        return str(round(self.random.uniform(0.3, 1.4), 2))

    # --- names ------------------------------------------------------------------------------------

    def names(self, *kinds: type) -> list[str]:
        return [name for name, kind in self.kinds.items() if isinstance(kind, kinds)]

    def of(self, kind: Kind) -> list[str]:
        return [name for name, known in self.kinds.items() if known == kind]

    def arrays(self, rank: int | None = None, written: bool = False) -> list[str]:
        return [
            name
            for name, kind in self.kinds.items()
            if isinstance(kind, Array)
            and (rank is None or len(kind.shape) == rank)
            and not (written and (name in self.readonly or name in self.fixed))
        ]

    def shape(self, name: str) -> Shape:
        kind = self.kinds[name]
        assert isinstance(kind, Array)
        return kind.shape

    def any(self, names: Sequence[str]) -> str | None:
        return self.random.choice(names) if names else None

    def new(self, kind: Kind, plain: bool = False) -> str:
        """A name for a value of this kind; sometimes one in sight, which is bound anew."""
        mine = [
            name
            for name, home in self.homes.items()
            if home == self.blocks[-1] and name in self.kinds and name not in self.fixed | self.kept
        ]
        if mine and not plain and self.maybe(0.08):
            name = self.random.choice(mine)
        else:
            name = self.session.fresh(PREFIXES.get(type(kind), "v"))
        return name

    def bind(self, name: str, kind: Kind, readonly: bool = False) -> None:
        if name not in self.kinds:
            self.homes[name] = self.blocks[-1]
        self.kinds[name] = kind
        self.readonly.discard(name)
        if readonly:
            self.readonly.add(name)

    def rebindable(self, kind: Kind) -> list[str]:
        return [name for name in self.of(kind) if name not in self.fixed]

    # --- lines ------------------------------------------------------------------------------------

    def add(self, line: str) -> bool:
        self.lines.append(INDENT * self.depth + line)
        return True

    @contextmanager
    def block(self, header: str, loop: bool = False) -> Iterator[None]:
        """An indented block under its header; what it binds is out of sight after it."""
        self.add(header)
        kinds, readonly, fixed = dict(self.kinds), set(self.readonly), set(self.fixed)
        self.depth += 1
        self.loops += loop
        self.blocks.append(self.session.fresh(""))
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.add("pass")
        self.blocks.pop()
        self.loops -= loop
        self.depth -= 1
        self.kinds, self.readonly, self.fixed = kinds, readonly, fixed

    def body(self, most: int = 3) -> None:
        """Some statements."""
        for _ in range(self.random.randint(1, most)):
            self.statement()

    def statement(self) -> None:
        if self.fuel > 0:
            self.fuel -= 1
            STATEMENTS.draw(self)

    # --- expressions ------------------------------------------------------------------------------

    def number(self, fuel: int = 2) -> str:
        return NUMBERS.draw(self, fuel, leaves=self._leaf(fuel)) or self.literal()

    def array(self, shape: Shape, fuel: int = 2) -> str:
        found = ARRAYS.draw(self, shape, fuel, leaves=self._leaf(fuel))
        if found is not None:
            return str(found)
        return self.number(0) if shape == () else f"np.full({shape}, {self.number(0)})"

    def test(self, fuel: int = 1) -> str:
        return TESTS.draw(self, fuel, leaves=self._leaf(fuel)) or "True"

    def _leaf(self, fuel: int) -> bool:
        return fuel <= 0 or self.maybe(0.25)

    def value(self, kind: Kind, fuel: int = 2) -> str:
        """An expression of a kind."""
        if isinstance(kind, Array):
            return self.array(kind.shape, fuel)
        if isinstance(kind, Integer):
            return str(self.random.randint(kind.low, kind.high))
        if isinstance(kind, Fields):
            return self.display(kind, fuel)
        return self.number(fuel)

    def display(self, kind: Fields, fuel: int) -> str:
        parts = [(key, self.value(part, fuel - 1)) for key, part in kind.parts]
        if kind.form == "tuple":
            return f"({', '.join(text for _, text in parts)},)"
        if kind.form == "dict":
            return "{" + ", ".join(f'"{key}": {text}' for key, text in parts) + "}"
        return f"{kind.form}({', '.join(text for _, text in parts)})"
