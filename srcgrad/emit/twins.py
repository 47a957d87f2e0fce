"""Halves of calls that came out alike are printed once.

A function that is called with arguments of several kinds has a pair for each of them, and so has a
recursive one whose first call knows more. Two of them are alike if their texts are, up to the names
of halves that are alike in turn: the coarsest such partition, found by refinement as in
Hopcroft and Karp's minimisation of automata.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

NAMES = re.compile(r"\bid='(\w+)'")


def without_twins(functions: list[ast.stmt], halves: Collection[str]) -> list[ast.stmt]:
    """The functions of a module without those that another one stands for. Calls are renamed."""
    defs = {f.name: f for f in functions if isinstance(f, ast.FunctionDef) and f.name in halves}
    texts = {name: _text(f) for name, f in defs.items() if _count(f, defs.values()) > 1}
    if not texts:
        return functions
    classes = dict.fromkeys(texts, 0)
    while True:
        found = {name: _masked(text, classes) for name, text in texts.items()}
        numbers = {key: number for number, key in enumerate(dict.fromkeys(found.values()))}
        refined = {name: numbers[key] for name, key in found.items()}
        if len(numbers) == len(set(classes.values())):
            break
        classes = refined
    shortest: dict[int, str] = {}
    for name in sorted(refined, key=lambda name: (len(name), name)):
        shortest.setdefault(refined[name], name)
    twin = {name: shortest[number] for name, number in refined.items()}
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Name):
                node.id = twin.get(node.id, node.id)
    return [f for f in functions if twin.get(getattr(f, "name", ""), "") in ("", _name(f))]


def _count(one: ast.FunctionDef, defs: Collection[ast.FunctionDef]) -> int:
    """How many may be like this one; those of one function have one description."""
    doc = ast.get_docstring(one, clean=False)
    return sum(ast.get_docstring(other, clean=False) == doc for other in defs)


def _name(function: ast.stmt) -> str:
    return function.name if isinstance(function, ast.FunctionDef) else ""


def _text(function: ast.FunctionDef) -> str:
    """All of a function but its name."""
    parts = [ast.dump(function.args), *map(ast.dump, function.body)]
    return "\n".join(parts)


def _masked(text: str, classes: dict[str, int]) -> str:
    def number(found: re.Match[str]) -> str:
        name = found[1]
        return f"id={classes[name]}" if name in classes else found[0]

    return NAMES.sub(number, text)
