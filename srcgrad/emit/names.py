"""Final names: `x_bar` for an adjoint, `x_tape` for recorded values, `L_1, L_2` for hoisted
temporaries.

Inside the compiler a derived name carries its origin: `x%bar` belongs to `x`, `L@3` is the third
temporary of the statement that assigns `L`. Here each gets a readable name that nothing else uses,
as a
pure function of the program.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

SUFFIXES = {"bar": "bar", "tape": "tape", "saved": "old", "old": "old", "value": "value"}
KEPT = re.compile(r"(residuals|gradient)\d+$")  # of a call
TEMPORARY = re.compile(r"^([bitv]?\d+|v\d+w(\.[bitv]?\d+)+)$")
WRITTEN_OUT = re.compile(r"^v\d+w$")  # variables of a function that was written out
OUTLINED = re.compile(r"^c\d*$")  # variables of checkpointed loops


class Names:
    """Maps internal names to final ones. Names of the user's are never changed."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.final: dict[str, str] = {}
        self.bases: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        known = self.final.get(name)
        if known is None:
            known = self.final[name] = self.make(name)
        return known

    def make(self, name: str) -> str:
        if "%" not in name and "@" not in name:
            return name
        base, *suffixes = name.split("%")
        stem = self.base(base)
        if not suffixes or suffixes == [""]:
            numbered = TEMPORARY.match(base.rpartition("@")[2])
            return stem if numbered else self.unique(stem)
        number = ""
        for suffix in suffixes:
            suffix, _, extra = suffix.partition("@")
            letters = suffix.rstrip("0123456789")
            number = suffix[len(letters) :] or number
            shown = SUFFIXES.get(letters, letters)
            if name == "out%value":
                return self.unique("out")
            stem = f"{stem}_{shown}{number}"
            if extra:
                return self.numbered(stem)
        return self.unique(stem)

    def base(self, base: str) -> str:
        """The readable stem of a temporary or of a component of a container."""
        first, _, mark = base.rpartition("@")
        if not first:
            return base
        if base not in self.bases:
            if TEMPORARY.match(mark):
                stem = first if "@" not in first else self.base(first)
                self.bases[base] = self.numbered(stem)
            elif kept := KEPT.match(mark):
                self.bases[base] = f"{first}_{kept[1]}"
            elif mark.startswith(".") or OUTLINED.match(mark) or WRITTEN_OUT.match(mark):
                self.bases[base] = first
            else:
                self.bases[base] = f"{self.base(first)}_{mark.strip('[]').replace('.', '_')}"
        return self.bases[base]

    def numbered(self, stem: str) -> str:
        while True:
            self.counts[stem] = self.counts.get(stem, 0) + 1
            name = f"{stem}_{self.counts[stem]}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def unique(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self.taken or keyword.iskeyword(candidate):
            number += 1
            candidate = f"{name}_{number}"
        self.taken.add(candidate)
        return candidate
