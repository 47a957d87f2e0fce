"""What the generator knows of a value: enough to write only programs that run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Number:
    """A float."""


@dataclass(frozen=True)
class Integer:
    """A Python int between two bounds, both included."""

    low: int
    high: int


@dataclass(frozen=True)
class Array:
    """An array of floats. Shapes are known, so every index that is written fits."""

    shape: Shape


@dataclass(frozen=True)
class Mask:
    """An array of bools."""

    shape: Shape


@dataclass(frozen=True)
class Rows:
    """A vector of integers, each an index of an axis of length `below`."""

    length: int
    below: int


@dataclass(eq=False)
class Items:
    """A list. Names of one list share this object; its length only shrinks in the block `home`."""

    item: Kind
    least: int
    home: str


@dataclass(frozen=True)
class Fields:
    """A tuple, a dict, or a record of the class `form`; `parts` pairs each key with its kind."""

    form: str
    parts: tuple[tuple[str, Kind], ...]

    def access(self, name: str, key: str) -> str:
        """The text that reads one part."""
        if self.form == "tuple":
            return f"{name}[{key}]"
        return f'{name}["{key}"]' if self.form == "dict" else f"{name}.{key}"


@dataclass(frozen=True)
class Function:
    """A function of positional parameters. `writes`: it stores into an array given."""

    params: tuple[Kind, ...]
    result: Kind
    writes: bool = False


Kind: TypeAlias = Number | Integer | Array | Mask | Rows | Items | Fields | Function
