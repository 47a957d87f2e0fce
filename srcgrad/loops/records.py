"""Lists that grow and shrink together, as one list of tuples.

Each of them gets an item in the same turn of a loop, and loses it in the same turn of another one.
A compiler does for each step of a list what it does for a call.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from srcgrad.loops.tree import assign, call, name, names_in, nodes_of

Block = list[ast.stmt]
_PLAIN = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)
_JUMPS = (ast.Break, ast.Continue, ast.Return)


@dataclass(slots=True)
class _List:
    """Where a list is made, where an item is put, and where it is taken."""

    made: list[tuple[Block, ast.Assign]] = field(default_factory=list)
    put: list[tuple[Block, ast.stmt, ast.expr]] = field(default_factory=list)
    taken: list[tuple[Block, ast.stmt, str]] = field(default_factory=list)
    like: list[ast.comprehension] = field(default_factory=list)  # zeros for each item

    @property
    def is_plain(self) -> bool:
        return len(self.made) == len(self.put) == len(self.taken) == 1

    @property
    def places(self) -> tuple[int, int, int, str]:
        """What lists must have in common to be one."""
        source = self.made[0][1].value
        of = ast.unparse(source.generators[0].iter) if isinstance(source, ast.ListComp) else ""
        return id(self.made[0][0]), id(self.put[0][0]), id(self.taken[0][0]), of


def together(body: Block, fresh: Callable[[str], str]) -> Block:
    """The body with one list for those that are used alike."""
    found: dict[str, _List] = {}
    mentions: Counter[str] = Counter()
    _collect(body, found, mentions)
    plain = {
        var: uses
        for var, uses in found.items()
        if uses.is_plain and mentions[var] == 3 + len(uses.like)
        and uses.put[0][0] is not uses.taken[0][0]
    }  # fmt: skip
    for zeros in (False, True):  # zeros like others come when those are one
        groups: dict[tuple[int, int, int, str], list[str]] = {}
        for var, uses in plain.items():
            if isinstance(uses.made[0][1].value, ast.ListComp) == zeros:
                groups.setdefault(uses.places, []).append(var)
        for group in groups.values():
            lists = {var: found[var] for var in group}
            _drop_moved(lists)
            if len(lists) > 1:
                _join(list(lists.values()), fresh("records"))
    return body


def _collect(block: Block, found: dict[str, _List], mentions: Counter[str]) -> None:
    for stmt in block:
        inner = [part for part in (getattr(stmt, f, None) for f in ("body", "orelse")) if part]
        if inner:
            for part in inner:
                _collect(part, found, mentions)
            head = [getattr(stmt, f) for f in ("test", "iter", "target") if hasattr(stmt, f)]
            for node in head:
                mentions.update(n.id for n in nodes_of(node) if isinstance(n, ast.Name))
            continue
        mentions.update(n.id for n in nodes_of(stmt) if isinstance(n, ast.Name))
        _note(block, stmt, found)


def _note(block: Block, stmt: ast.stmt, found: dict[str, _List]) -> None:
    if isinstance(stmt, ast.Expr):
        base, args = _step(stmt.value, "append")
        if base and len(args) == 1:
            found.setdefault(base, _List()).put.append((block, stmt, args[0]))
        return
    target = stmt.targets[0] if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1 else None
    if not isinstance(stmt, ast.Assign) or not isinstance(target, ast.Name):
        return
    if isinstance(stmt.value, ast.List) and not stmt.value.elts:
        found.setdefault(target.id, _List()).made.append((block, stmt))
    if isinstance(stmt.value, ast.ListComp) and isinstance(stmt.value.elt, ast.Constant):
        found.setdefault(target.id, _List()).made.append((block, stmt))
        (each,) = stmt.value.generators
        if isinstance(each.iter, ast.Name) and not each.ifs:
            found.setdefault(each.iter.id, _List()).like.append(each)
    base, args = _step(stmt.value, "pop")
    if base and not args:
        found.setdefault(base, _List()).taken.append((block, stmt, target.id))


def _step(node: ast.expr, method: str) -> tuple[str, Sequence[ast.expr]]:
    """The list and the arguments of a call of a method."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords:
        base = node.func.value
        if node.func.attr == method and isinstance(base, ast.Name):
            return base.id, node.args
    return "", ()


def _drop_moved(lists: dict[str, _List]) -> None:
    """Leave those out of which a step cannot be made with the others': items are put where the
    last one is, and taken where the first one is."""
    while len(lists) > 1:
        steps = {stmt for uses in lists.values() for _, stmt, _ in (*uses.put, *uses.taken)}
        puts = [_place(uses.put[0][0], uses.put[0][1]) for uses in lists.values()]
        takes = [_place(uses.taken[0][0], uses.taken[0][1]) for uses in lists.values()]
        bad = []
        targets = Counter(uses.taken[0][2] for uses in lists.values())
        for var, uses in lists.items():
            (block, stmt, value), (other, last, target) = uses.put[0], uses.taken[0]
            behind = [s for s in block[_place(block, stmt) + 1 : max(puts)] if s not in steps]
            before = [s for s in other[min(takes) : _place(other, last)] if s not in steps]
            fixed = all(isinstance(n, _PLAIN) for n in nodes_of(value))
            fixed = fixed and names_in([value]).isdisjoint(_bound(behind))
            free = target not in names_in(before) and targets[target] == 1
            seen = not names_in([*behind, *before]).isdisjoint(lists)
            if seen or not (fixed and free) or _jumps(behind) or _jumps(before):
                bad.append(var)
        if not bad:
            return
        for var in bad:
            del lists[var]


def _place(block: Block, stmt: ast.stmt) -> int:
    return next(k for k, other in enumerate(block) if other is stmt)


def _bound(stmts: Block) -> set[str]:
    """Names that statements bind, loops' included."""
    return {
        node.id
        for stmt in stmts
        for node in nodes_of(stmt)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _jumps(stmts: Block) -> bool:
    return any(isinstance(node, _JUMPS) for stmt in stmts for node in nodes_of(stmt))


def _join(lists: list[_List], new: str) -> None:
    made, put, taken = lists[0].made[0][0], lists[0].put[0][0], lists[0].taken[0][0]
    last = max((uses.put[0][1] for uses in lists), key=lambda stmt: _place(put, stmt))
    first = min((uses.taken[0][1] for uses in lists), key=lambda stmt: _place(taken, stmt))
    values = ast.Tuple([uses.put[0][2] for uses in lists], ast.Load())
    targets = ast.Tuple([ast.Name(uses.taken[0][2], ast.Store()) for uses in lists], ast.Store())
    pop = call(f"{new}.pop")
    start = lists[0].made[0][1]
    _replace(made, [uses.made[0][1] for uses in lists], start, assign(new, _start(lists)))
    for each in (each for uses in lists for each in uses.like):
        each.iter = name(new)
    _replace(put, [uses.put[0][1] for uses in lists], last, ast.Expr(call(f"{new}.append", values)))
    _replace(taken, [uses.taken[0][1] for uses in lists], first,
             ast.Assign([targets], pop, lineno=0))  # fmt: skip


def _start(lists: list[_List]) -> ast.expr:
    """What the one list is at first."""
    values = [uses.made[0][1].value for uses in lists]
    zeros = [value.elt for value in values if isinstance(value, ast.ListComp)]
    if not isinstance(values[0], ast.ListComp):
        return ast.List([], ast.Load())
    return ast.ListComp(ast.Tuple(list(zeros), ast.Load()), values[0].generators)


def _replace(block: Block, old: list[ast.stmt], place: ast.stmt, new: ast.stmt) -> None:
    """One statement in the place of one of those that leave."""
    block[:] = [new if s is place else s for s in block if s is place or s not in old]
