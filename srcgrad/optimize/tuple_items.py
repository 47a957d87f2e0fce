"""An item of a tuple that has just been put together is what was put there.

    t = (a, b)                   t = (a, b)
    y = t[1]           ->        y = b

So of a function that gives a value and its tangent, and is written out, only what is used counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.walk import reads, rebuild, walk, writes


def read_items(fn: Function) -> Function:
    """The function without reads of items of tuples that it makes itself.

    Statements that stay as they are are the same objects; tuples that nothing reads any more go.
    """
    bound = Counter([p.name for p in fn.params])
    bound.update(name for stmt in walk(fn.body) for name in writes(stmt))
    made = {
        stmt.target: stmt.args
        for stmt in walk(fn.body)
        if isinstance(stmt, Assign) and stmt.fn == "tuple" and bound[stmt.target] == 1
    }
    lasting = {name: args for name, args in made.items() if all(_lasts(a, bound) for a in args)}
    if not lasting:
        return fn
    body = _block(fn.body, lasting)
    if body is fn.body:
        return fn
    read = {name for stmt in walk(body) for name in reads(stmt)}
    return replace(fn, body=_without(body, lasting.keys() - read))


def _lasts(atom: Atom, bound: Counter[str]) -> bool:
    """Whether an operand is the same wherever it is read."""
    return isinstance(atom, Const) or bound[atom.name] == 1


def _block(block: Block, made: dict[str, tuple[Atom, ...]]) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        item = _item(stmt, made)
        if item is not None and isinstance(stmt, Assign):
            out.append(replace(stmt, fn="copy", args=(item,)))
        else:
            out.append(rebuild(stmt, lambda inner: _block(inner, made)))
    same = all(a is b for a, b in zip(out, block, strict=True))
    return block if same else tuple(out)


def _item(stmt: Stmt, made: dict[str, tuple[Atom, ...]]) -> Atom | None:
    """What a statement reads of a tuple."""
    if not isinstance(stmt, Assign) or stmt.fn != "operator.getitem" or len(stmt.targets) != 1:
        return None
    base, index = stmt.args
    if not isinstance(base, Var) or not isinstance(index, Const) or type(index.value) is not int:
        return None
    items = made.get(base.name, ())
    return items[index.value] if -len(items) <= index.value < len(items) else None


def _without(block: Block, names: set[str]) -> Block:
    kept = [
        rebuild(stmt, lambda inner: _without(inner, names))
        for stmt in block
        if not (isinstance(stmt, Assign) and stmt.fn == "tuple" and stmt.targets[0] in names)
    ]
    return tuple(kept)
