"""The shape of an array that a loop makes anew is read of the parameter that has the same shape.

    for _ in range(steps):                        for _ in range(steps):
        q = q - c * u * (q - roll(q, 1))              q = ...
    return sum(q * arange(q.size))          ->    return sum(q * arange(u.size))

A derivative that needs no more of `q` than its shape then needs no forward sweep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Block, For, Function, Stmt, Var, While
from srcgrad.ir.kinds import Kind, Shape
from srcgrad.ir.walk import assigned, rebuild, walk

SHAPES = ("attr.ndim", "attr.shape", "attr.size", "numpy.ndim", "numpy.shape", "numpy.size")


def with_lasting_shapes(fn: Function, kinds: KindFacts, params: Mapping[str, Kind]) -> Function:
    """The function with shapes read of parameters, where that is the same."""
    loops = [stmt for stmt in walk(fn.body) if isinstance(stmt, (For, While))]
    changing = assigned(tuple(loops))
    bound = assigned(fn.body)
    lasting: dict[Shape, str] = {}
    for name, kind in params.items():
        if name not in bound and kind.is_array and kind.shape:
            lasting.setdefault(kind.shape, name)
    if not changing or not lasting:
        return fn

    def statement(stmt: Stmt) -> Stmt:
        stmt = rebuild(stmt, block)
        if not isinstance(stmt, Assign) or stmt.fn not in SHAPES or len(stmt.args) != 1:
            return stmt
        source = stmt.args[0]
        if not isinstance(source, Var) or source.name not in changing:
            return stmt
        kind = kinds.before(stmt, source)
        same = lasting.get(kind.shape) if kind.is_array and kind.shape else None
        return stmt if same is None else replace(stmt, args=(Var(same),))

    def block(part: Block) -> Block:
        new = tuple(map(statement, part))
        return part if all(a is b for a, b in zip(new, part, strict=True)) else new

    body = block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)
