"""A failing program made small: statements and expressions taken away while it fails alike."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

from tests.fuzz.oracle import Verdict, judge

Edit = Callable[[ast.Module], None]

SKIPPED = ("func", "targets", "target", "annotation", "keywords", "decorator_list")


def shrink(text: str, *, most: int = 1500, deep: bool = False) -> tuple[str, Verdict]:
    """The smallest program found that fails like this one, and its verdict."""
    first = judge(text, deep=deep)
    if not first.fault:
        return text, first

    def fails(candidate: str) -> bool:
        found = judge(candidate, deep=deep)
        return (found.kind, sort(found)) == (first.kind, sort(first))

    small = reduced(text, fails, most)
    return small, judge(small, deep=deep)


def sort(verdict: Verdict) -> str:
    """What must stay the same: where it failed, and for exceptions their type."""
    return ": ".join(verdict.reason.split(": ")[: 2 if verdict.kind == "crashed" else 1])


def reduced(text: str, fails: Callable[[str], bool], most: int) -> str:
    """Try every edit in turn, largest first, and again as long as one helps."""
    tried = 0
    tree = ast.parse(text)
    progress = True
    while progress and tried < most:
        progress = False
        position = 0
        while tried < most:
            candidate = nth_edit(tree, position)
            if candidate is None:
                break
            position += 1
            smaller = ast.unparse(candidate) + "\n"
            if len(smaller) >= len(ast.unparse(tree) + "\n"):
                continue
            tried += 1
            if compiles(smaller) and fails(smaller):
                tree, progress = candidate, True
                position -= 1
    return ast.unparse(tree) + "\n"


def compiles(text: str) -> bool:
    try:
        compile(text, "<candidate>", "exec")
    except SyntaxError:
        return False
    return True


def nth_edit(tree: ast.Module, wanted: int) -> ast.Module | None:
    """A copy of the tree with one edit made, None when there are not so many."""
    changed = copy.deepcopy(tree)
    for count, edit in enumerate(edits(changed)):
        if count == wanted:
            edit()
            return ast.fix_missing_locations(changed)
    return None


def edits(tree: ast.Module) -> Iterator[Callable[[], None]]:
    """Every way to take something away."""
    yield from removals(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and is_points(node) and isinstance(node.value, ast.List):
            for k in range(len(node.value.elts)):
                if len(node.value.elts) > 1:
                    yield lambda elements=node.value.elts, k=k: elements.pop(k)
    for top in tree.body:
        if not (isinstance(top, ast.Assign) and is_points(top)):
            for node in ast.walk(top):
                yield from smaller_expressions(node)


def is_points(node: ast.Assign) -> bool:
    return isinstance(node.targets[0], ast.Name) and node.targets[0].id == "POINTS"


def removals(tree: ast.Module) -> Iterator[Callable[[], None]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(node, name, None)
            if not isinstance(block, list):
                continue
            for size in (8, 4, 2, 1):
                for start in range(0, len(block) - size + 1):
                    if size == 1 and essential(block[start]):
                        continue
                    yield lambda block=block, start=start, size=size, name=name: cut(
                        block, start, size, name
                    )
            for k, statement in enumerate(block):
                for inner in ("body", "orelse"):
                    parts = getattr(statement, inner, None)
                    compound = isinstance(
                        statement, ast.If | ast.For | ast.While | ast.With | ast.Try
                    )
                    if compound and parts:
                        yield lambda block=block, k=k, parts=parts: block.__setitem__(
                            slice(k, k + 1), parts
                        )


def essential(statement: ast.AST) -> bool:
    if isinstance(statement, ast.Assign):
        return is_points(statement)
    return isinstance(statement, ast.FunctionDef) and statement.name == "f"


def cut(block: list[ast.AST], start: int, size: int, name: str) -> None:
    del block[start : start + size]
    if not block and name == "body":
        block.append(ast.Pass())


def smaller_expressions(node: ast.AST) -> Iterator[Callable[[], None]]:
    """An expression becomes one of its parts, or a number."""
    for name, value in ast.iter_fields(node):
        if name in SKIPPED or name == "args" and not isinstance(value, list):
            continue
        values = value if isinstance(value, list) else [value]
        for k, each in enumerate(values):
            if not isinstance(each, ast.expr) or isinstance(each, ast.Constant | ast.Name):
                continue
            options: list[ast.AST] = [
                part for part in ast.iter_child_nodes(each) if isinstance(part, ast.expr)
            ]
            if isinstance(each, ast.Call):
                options = [*each.args]
            for option in [ast.Constant(0.5), *options]:
                if isinstance(value, list):
                    yield lambda value=value, k=k, option=option: value.__setitem__(k, option)
                else:
                    yield lambda name=name, option=option: setattr(node, name, option)
