"""Tables of productions, and the features of the language that a program may use.

A production writes one form of an expression or of a statement. It belongs to a feature, and
returns None where it does not fit. Each program draws which features it may use: programs with few
features are accepted more often, and mix those few more deeply, than programs with a little of
everything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# How often a program may use a feature.
FEATURES: dict[str, float] = {
    "basic": 1.0,
    "accumulate": 0.7,  # `t += e` on numbers, `y *= e` on arrays
    "stores": 0.75,
    "views": 0.4,
    "aliases": 0.35,
    "masks": 0.35,
    "gather": 0.25,
    "scatter": 0.15,  # stores through integer arrays
    "newaxis": 0.15,
    "matrices": 0.55,
    "reductions": 0.6,
    "axes": 0.35,
    "products": 0.35,
    "selection": 0.4,
    "shaping": 0.35,
    "ordering": 0.15,
    "swaps": 0.25,
    "unpacking": 0.25,
    "walrus": 0.1,
    "branches": 0.65,
    "loops": 0.65,
    "while": 0.25,
    "exits": 0.45,
    "returns": 0.25,
    "iteration": 0.35,
    "lists": 0.3,
    "dicts": 0.22,
    "tuples": 0.25,
    "records": 0.15,
    "comprehensions": 0.25,
    "helpers": 0.45,
    "writing helpers": 0.2,
    "view helpers": 0.12,
    "lambdas": 0.2,
    "closures": 0.18,
    "objects": 0.15,
    "recursion": 0.08,
    "try": 0.15,
    "with": 0.12,
    "match": 0.12,
    "writers": 0.15,  # np.add.at, out=, np.copyto, fill
    "math": 0.3,
    "globals": 0.15,
    "algebra": 0.15,  # solve, inv, det, norms
    "parameters": 0.7,  # more than one
    "containers as arguments": 0.2,
    "graphs": 0.1,  # short statements whose operands are shared
    "single": 0.1,  # float32 arguments, too
}

_CONTROL = ("basic", "accumulate", "stores", "swaps", "branches", "loops", "exits", "parameters")
_MEMORY = (
    *("basic", "accumulate", "stores", "views", "aliases", "masks", "matrices", "swaps"),
    *("branches", "loops", "exits", "writing helpers", "reductions"),
)
_SYNTAX = ("basic", "accumulate", "try", "with", "match", "branches", "loops", "exits", "returns")
_SYNTAX += ("comprehensions", "helpers", "parameters", "math")

# What is computed from one another again and again, without control flow: adjoints share memory.
_ARITHMETIC = (
    *("basic", "accumulate", "matrices", "parameters", "reductions", "axes", "products"),
    *("selection", "shaping", "newaxis", "algebra", "ordering", "aliases", "views", "writers"),
)

PROFILES: dict[str, Mapping[str, float]] = {
    "all": FEATURES,
    "control": dict.fromkeys(_CONTROL, 0.9) | {"basic": 1.0},
    "memory": dict.fromkeys(_MEMORY, 0.8) | {"basic": 1.0, "stores": 1.0, "views": 1.0},
    "arithmetic": dict.fromkeys(_ARITHMETIC, 0.2) | {"basic": 1.0, "graphs": 1.0, "shaping": 0.6},
    "syntax": dict.fromkeys(_SYNTAX, 0.8) | {"basic": 1.0},
    "containers": FEATURES
    | {"lists": 0.9, "dicts": 0.7, "tuples": 0.6, "records": 0.4, "containers as arguments": 0.6},
    "functions": FEATURES
    | {"helpers": 0.9, "writing helpers": 0.5, "lambdas": 0.6, "closures": 0.6, "objects": 0.5},
}


def features(draw: random.Random, profile: str) -> frozenset[str]:
    """Those of one program."""
    return frozenset(name for name, often in PROFILES[profile].items() if draw.random() < often)


@dataclass(frozen=True)
class _Row:
    feature: str
    weight: float
    leaf: bool
    write: Callable[..., Any]


class Table:
    """The productions of one symbol of the grammar."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []

    def __call__(self, feature: str, weight: float = 1.0, leaf: bool = False) -> Callable[..., Any]:
        assert feature in FEATURES, feature

        def register(write: Callable[..., Any]) -> Callable[..., Any]:
            self.rows.append(_Row(feature, weight, leaf, write))
            return write

        return register

    def draw(self, w: Any, *args: Any, leaves: bool = False) -> Any:
        """The result of a production that fits, drawn by weight; None when none is found soon."""
        rows = [r for r in self.rows if r.feature in w.features and (r.leaf or not leaves)]
        for _ in range(12):
            row = w.random.choices(rows, [r.weight for r in rows])[0]
            result = row.write(w, *args)
            if result is not None:
                return result
        return None


NUMBERS = Table()
ARRAYS = Table()
TESTS = Table()
STATEMENTS = Table()
