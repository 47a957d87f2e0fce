"""A program from a seed: a module with a function `f`, and the points to differentiate it at."""

from __future__ import annotations

import random
from dataclasses import dataclass

# The productions register themselves.
from tests.fuzz import (
    arrays,
    bindings,
    containers,
    control,
    functions,
    graphs,
    numbers,
    stores,
    stretched,
)
from tests.fuzz.grammar import features
from tests.fuzz.kinds import Array, Fields, Integer, Items, Kind, Mask, Number, Rows
from tests.fuzz.writer import Session, Writer

TABLES = (arrays, bindings, containers, control, functions, graphs, numbers, stores, stretched)
HEAD = """import math
from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
"""
POINTS = 2  # the second one often takes other branches than the first


@dataclass(frozen=True)
class Program:
    """`text` defines `f` and `POINTS`, a list of argument lists."""

    text: str


def from_seed(seed: int, profile: str = "all") -> Program:
    return generate(random.Random(seed), profile)


def generate(draw: random.Random, profile: str = "all") -> Program:
    """One program, drawn from anything that is like `random.Random`."""
    session = Session(draw, features(draw, profile))
    params = parameters(session)
    shapes = [kind.shape for kind in params.values() if isinstance(kind, Array)]
    if "helpers" in session.features:
        for _ in range(draw.randint(1, 2)):
            functions.helper(session, shapes)
    w = Writer(session, params, Number())
    w.fuel = draw.randint(4, 14)
    for _ in range(w.fuel):
        w.statement()
    w.add(f"return {result(w)}")
    points = [", ".join(argument(draw, kind) for kind in params.values()) for _ in range(POINTS)]
    f = "\n".join([f"def f({', '.join(params)}):", *w.lines])
    listed = "\n".join(f"    ({point},)," for point in points)
    single = ["SINGLE = True"] if "single" in session.features else []
    tail = "\n".join([f"POINTS = [\n{listed}\n]", *single])
    return Program(
        "\n\n\n".join([HEAD, *session.module, f, tail]).replace("\n\n\n\n", "\n\n\n") + "\n"
    )


def parameters(session: Session) -> dict[str, Kind]:
    """The parameters of `f`."""
    draw, allowed = session.random, session.features
    length = draw.randint(3, 5)
    params: dict[str, Kind] = {"x": Array((length,))}
    if "parameters" in allowed:
        more: list[tuple[str, Kind, float]] = [
            ("s", Number(), 0.7),
            ("w", Array((length,)), 0.3),
            ("n", Integer(1, 4), 0.3),
        ]
        if "matrices" in allowed:
            more.append(("A", Array((draw.randint(2, 3), draw.choice([length, 2, 3]))), 0.6))
        if "masks" in allowed:
            more.append(("keep", Mask((length,)), 0.3))
        if "gather" in allowed:
            more.append(("rows", Rows(draw.randint(2, 4), 3), 0.6))
        if "containers as arguments" in allowed:
            more.append(("parts", Items(Number(), draw.randint(1, 3), "outside"), 0.5))
            more.append(("given", Fields("dict", (("a", Number()), ("b", Array((length,))))), 0.5))
            more.append(("pair", Fields("tuple", (("0", Number()), ("1", Array((3,))))), 0.3))
        params |= {name: kind for name, kind, often in more if draw.random() < often}
    if "matrices" in allowed and "A" not in params and draw.random() < 0.3:
        params = {"A": Array((2, 3))}
    return params


def result(w: Writer) -> str:
    """A number that depends on what is in sight, each with a weight of its own."""
    names = w.names(Array, Number, Items, Fields)
    chosen = w.random.sample(names, min(len(names), w.random.randint(2, 5)))
    parts = [term(w, name, w.kinds[name]) for name in chosen]
    return " + ".join([*(f"{w.literal()} * {part}" for part in parts), w.number(1)])


def term(w: Writer, name: str, kind: Kind) -> str:
    if isinstance(kind, Array):
        return w.pick(f"np.sum(np.sin({name}))", f"np.sum({name})", f"np.sum({name} ** 2)")
    if isinstance(kind, Items):
        return f"sum({name})" if kind.item == Number() else f"sum(np.sum(e) for e in {name})"
    if isinstance(kind, Fields):
        key, _part = w.random.choice(kind.parts)
        return f"np.sum({kind.access(name, key)})"
    return name


def argument(draw: random.Random, kind: Kind) -> str:
    """A value of a kind, as text."""
    if isinstance(kind, Array):
        if len(kind.shape) == 1:
            return f"np.array([{', '.join(number(draw) for _ in range(kind.shape[0]))}])"
        lines = (
            f"[{', '.join(number(draw) for _ in range(kind.shape[1]))}]"
            for _ in range(kind.shape[0])
        )
        return f"np.array([{', '.join(lines)}])"
    if isinstance(kind, Mask):
        return f"np.array({[draw.random() < 0.5 for _ in range(kind.shape[0])]})"
    if isinstance(kind, Rows):
        return f"np.array({[draw.randrange(kind.below) for _ in range(kind.length)]})"
    if isinstance(kind, Integer):
        return str(draw.randint(kind.low, kind.high))
    if isinstance(kind, Items):
        return f"[{', '.join(number(draw) for _ in range(kind.least))}]"
    if isinstance(kind, Fields):
        parts = [(key, argument(draw, part)) for key, part in kind.parts]
        if kind.form == "tuple":
            return f"({', '.join(text for _, text in parts)},)"
        return "{" + ", ".join(f'"{key}": {text}' for key, text in parts) + "}"
    return number(draw)


def number(draw: random.Random) -> str:
    return repr(round(draw.uniform(-1.2, 1.5), 3))
