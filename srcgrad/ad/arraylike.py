"""Lists and tuples given to functions of arrays are made arrays first, as these functions do.

A formula of arrays would mean another thing for a list, `2 * xs` being twice as long; and the
cotangent of an array is an array, which the adjoint of `np.array` hands out to the items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Function, Stmt, Var
from srcgrad.ir.kinds import Kind, held
from srcgrad.ir.walk import operands, rebuild, same
from srcgrad.rules.creation import stacked_kind
from srcgrad.rules.registry import (
    BindError,
    Primitive,
    bind,
    formulas_for,
    lookup,
    make_call,
)

# Functions whose rules take sequences as they are.
OF_SEQUENCES = frozenset(
    f"numpy.{name}"
    for name in (
        "array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray", "block",
        "column_stack", "concatenate", "dstack", "hstack", "linalg.multi_dot", "meshgrid",
        "select", "stack", "sum", "vstack",
    )
)  # fmt: skip
# Operators that lists do not have: the other operand is an array, or a NumPy number.
OF_NUMBERS = frozenset(
    f"operator.{name}"
    for name in (
        "sub", "truediv", "floordiv", "mod", "pow", "matmul", "isub", "itruediv", "ipow", "imatmul",
    )
)  # fmt: skip
# Parameters for which a list of integers is an array of them; for others it is a shape, or axes.
ARRAYS = frozenset({
    "a", "arr", "ary", "b", "c", "condition", "fp", "indices", "m", "p", "v", "values", "weights",
    "x", "x1", "x2", "xp", "y", "z",
})  # fmt: skip
ARITHMETIC = OF_NUMBERS | {"operator.add", "operator.mul", "operator.iadd", "operator.imul"}


def with_arrays(fn: Function, kinds: KindFacts) -> Function:
    """The function with `np.array(xs)` in place of a list or tuple `xs` of numbers or arrays."""
    body = _Arrays(kinds).block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


@dataclass(slots=True)
class _Arrays:
    kinds: KindFacts
    count: int = 0

    def block(self, block: Block) -> Block:
        new = tuple(made for stmt in block for made in self.statement(stmt))
        return same(block, new)

    def statement(self, stmt: Stmt) -> tuple[Stmt, ...]:
        if not isinstance(stmt, Assign):
            return (rebuild(stmt, self.block),)
        lists = self.lists(stmt)
        if not lists:
            return (stmt,)
        code: list[Stmt] = []
        made: dict[Atom, Atom] = {}
        for atom in lists:
            self.count += 1
            stem = stmt.targets[0] if stmt.targets else "t"
            name = f"{stem.split('@')[0]}@l{self.count}"
            code.append(Assign((name,), "numpy.array", (atom,), unit=stmt.unit))
            made[atom] = Var(name)
        args = tuple(made.get(atom, atom) for atom in stmt.args)
        kwargs = tuple((key, made.get(atom, atom)) for key, atom in stmt.kwargs)
        return (*code, replace(stmt, args=args, kwargs=kwargs))

    def lists(self, stmt: Assign) -> list[Atom]:
        """Operands that an operation takes for arrays, and that are lists or tuples."""
        prim = lookup(stmt.fn) if isinstance(stmt.fn, str) else None
        found = [(atom, self.kinds.before(stmt, atom)) for atom in operands(stmt)]
        if prim is None or not any(kind.tag in ("list", "tuple") for _, kind in found):
            return []
        given = dict(found)
        if prim.name in OF_SEQUENCES or not prim.name.startswith(("numpy.", "operator.")):
            return []
        if prim.name.startswith("operator."):
            first = given.get(stmt.args[0])
            if prim.name == "operator.mod" and not (first and (first.is_array or first.is_scalar)):
                return []  # a text is filled in with the items of a tuple
            arrays = any(kind.is_array for kind in given.values())
            if not (arrays or prim.name in OF_NUMBERS):
                return []
            if prim.name in ARITHMETIC:
                return [atom for atom, kind in found if kind.tag in ("list", "tuple")]
        try:
            bound = bind(prim, stmt.args, dict(stmt.kwargs))
        except BindError:
            return []
        wanted = _array_parameters(prim, bound, given)
        taken = [bound[name] for name in wanted if given[bound[name]].tag in ("list", "tuple")]
        return list(dict.fromkeys(taken))


def _array_parameters(
    prim: Primitive, bound: Mapping[str, Atom], given: Mapping[Atom, Kind]
) -> list[str]:
    """Parameters that formulas differentiate or read as arrays."""
    whole = {atom for name, atom in bound.items() if name in ARRAYS or _holds_floats(given[atom])}
    call = make_call(prim, bound, lambda atom: _stacked(given[atom], atom in whole))
    formulas = formulas_for(prim, call) or {}
    read = {name for formula in formulas.values() for name in formula.reads}
    return [
        name for name, atom in bound.items() if name in formulas or name in read and atom in whole
    ]


def _stacked(kind: Kind, whole: bool) -> Kind:
    return stacked_kind(kind) if whole and kind.tag in ("list", "tuple") else kind


def _holds_floats(kind: Kind) -> bool:
    """True unless the items are known to be ints, as in a shape or a tuple of axes."""
    items = held(kind) if kind.tag in ("list", "tuple") else []
    return any(not item.is_discrete or _holds_floats(item) for item in items)
