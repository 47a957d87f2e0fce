"""Functions that write into their arguments, as stores: `np.add(a, b, out=c)` is `c[...] = a + b`.

NumPy reads every operand before it writes the first element of the result, and so does a store of
a value computed before. What a function does beyond that is left as it is, and refused later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeGuard

import numpy as np

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, rebuild, same, walk
from srcgrad.rules.registry import lookup

Code = tuple[Stmt, ...]
ELLIPSIS = Const(Ellipsis)
# What each function that writes into its argument is made into by
HANDLERS = {
    "numpy.copyto": "copyto",
    "numpy.fill_diagonal": "fill_diagonal",
    "numpy.put": "put",
    "method.put": "put",
    "numpy.put_along_axis": "put_along_axis",
    "numpy.place": "place",
    "numpy.putmask": "putmask",
    "numpy.add.at": "at",
    "numpy.subtract.at": "at",
    "numpy.nan_to_num": "nan_to_num",
    "method.fill": "fill",
    "method.sort": "sort",
    "method.partition": "sort",
    "method.__setitem__": "setitem",
    "operator.setitem": "setitem",
}


def with_stores(fn: Function, kinds: KindFacts) -> Function:
    """The function with stores in place of calls that write into arrays."""
    run = _Writers(kinds, assigned(fn.body))
    run.singles = {stmt.targets[0]: stmt.args[0] for stmt in walk(fn.body) if _is_single(stmt)}
    body = run.block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


class _Writers:
    def __init__(self, kinds: KindFacts, taken: set[str]) -> None:
        self.kinds = kinds
        self.taken = taken
        self.count = 0
        self.singles: dict[str, Atom] = {}  # temporaries that are tuples of one item

    def block(self, block: Block) -> Block:
        new = tuple(made for stmt in block for made in self.statement(stmt))
        return same(block, new)

    def statement(self, stmt: Stmt) -> Code:
        if not isinstance(stmt, Assign):
            return (rebuild(stmt, self.block),)
        if not isinstance(stmt.fn, str):
            return (stmt,)
        handler: Callable[[Assign], Code | None] = getattr(self, HANDLERS.get(stmt.fn, "with_out"))
        return handler(stmt) or (stmt,)

    # pieces
    def kind(self, stmt: Assign, atom: Atom) -> Kind:
        return self.kinds.before(stmt, atom)

    def fresh(self, base: Atom) -> str:
        stem = base.name.split("@")[0] if isinstance(base, Var) else "value"
        while True:
            self.count += 1
            if f"{stem}@w{self.count}" not in self.taken:
                return f"{stem}@w{self.count}"

    def call(self, stmt: Assign, fn: str, *args: Atom) -> tuple[Stmt, Var]:
        name = self.fresh(args[0])
        return Assign((name,), fn, args, unit=stmt.unit), Var(name)

    def store(self, stmt: Assign, base: Var, index: Atom, value: Atom) -> Stmt:
        return Store(base, index, value, unit=stmt.unit)

    def none(self, stmt: Assign) -> Code:
        """The call itself gives None."""
        if not stmt.targets:
            return ()
        return (replace(stmt, fn="copy", args=(Const(None),), kwargs=()),)

    def arguments(self, stmt: Assign, *names: str) -> dict[str, Atom] | None:
        """Arguments by name; None where they do not fit, or the first is no array variable."""
        given = dict(zip(names, stmt.args, strict=False)) | dict(stmt.kwargs)
        if len(stmt.args) > len(names) or given.keys() - set(names):
            return None
        base = given.get(names[0])
        if not isinstance(base, Var) or self.kind(stmt, base).tag not in ("array", "unknown"):
            return None
        return given

    # functions with a result to write into
    def with_out(self, stmt: Assign) -> Code | None:
        """`fn(..., out=c)`, or a ufunc with `c` after its operands."""
        given = dict(stmt.kwargs)
        out, args = given.pop("out", None), stmt.args
        out = self.singles.get(out.name, out) if isinstance(out, Var) else out
        ufunc = _ufunc(str(stmt.fn))
        if ufunc is None and lookup(stmt.fn) is None:
            return None  # without `out` it may give something else: `rng.random(out=c)`
        if out is None and ufunc is not None and len(args) == ufunc.nin + 1 and ufunc.nout == 1:
            out, args = args[-1], args[:-1]
        if out == Const(None):
            return (replace(stmt, args=args, kwargs=tuple(given.items())),)
        if not isinstance(out, Var) or self.kind(stmt, out).tag not in ("array", "unknown"):
            return None
        if self.kind(stmt, out).is_discrete and ufunc is None:
            return None
        if "where" in given and ufunc is not None:
            return self.masked(stmt, out, args, given)
        name = self.fresh(out)
        value = replace(stmt, targets=(name,), args=args, kwargs=tuple(given.items()))
        return value, self.store(stmt, out, ELLIPSIS, Var(name)), *self.given_back(stmt, out)

    def given_back(self, stmt: Assign, out: Var) -> Code:
        """The result of such a call is the array it wrote into."""
        if stmt.targets in ((), (out.name,)):
            return ()
        return (replace(stmt, fn="copy", args=(out,), kwargs=()),)

    def masked(
        self, stmt: Assign, out: Var, args: tuple[Atom, ...], given: dict[str, Atom]
    ) -> Code | None:
        """`np.sqrt(x, where=mask, out=c)`: only there is anything computed."""
        mask = given.pop("where")
        if mask == Const(True):
            return self.with_out(replace(stmt, args=args, kwargs=(*given.items(), ("out", out))))
        if not isinstance(mask, Var) or given:
            return None
        shape_of, shape = self.call(stmt, "attr.shape", out)
        chosen_at, chosen = self.call(stmt, "numpy.broadcast_to", mask, shape)
        code: list[Stmt] = [shape_of, chosen_at]
        operands: list[Atom] = []
        for arg in args:
            if isinstance(arg, Const) or self.kind(stmt, arg).is_scalar:
                operands.append(arg)
                continue
            wide_at, wide = self.call(stmt, "numpy.broadcast_to", arg, shape)
            part_at, part = self.call(stmt, "operator.getitem", wide, chosen)
            code += [wide_at, part_at]
            operands.append(part)
        name = self.fresh(out)
        code.append(replace(stmt, targets=(name,), args=tuple(operands), kwargs=()))
        code.append(self.store(stmt, out, chosen, Var(name)))
        return *code, *self.given_back(stmt, out)

    def nan_to_num(self, stmt: Assign) -> Code | None:
        """`np.nan_to_num(y, copy=False)` writes into y."""
        given = dict(stmt.kwargs)
        if given.pop("copy", Const(True)) != Const(False) or not isinstance(stmt.args[0], Var):
            return None
        name, base = self.fresh(stmt.args[0]), stmt.args[0]
        value = replace(stmt, targets=(name,), kwargs=tuple(given.items()))
        return value, self.store(stmt, base, ELLIPSIS, Var(name)), *self.given_back(stmt, base)

    # functions that only write
    def copyto(self, stmt: Assign) -> Code | None:
        given = self.arguments(stmt, "dst", "src", "casting", "where")
        if given is None or "src" not in given or "casting" in given:
            return None
        base, value, mask = given["dst"], given["src"], given.get("where", Const(True))
        assert isinstance(base, Var)
        if mask == Const(True):
            return self.store(stmt, base, ELLIPSIS, value), *self.none(stmt)
        if not isinstance(mask, Var):
            return None
        shape_of, shape = self.call(stmt, "attr.shape", base)
        chosen_at, chosen = self.call(stmt, "numpy.broadcast_to", mask, shape)
        code = [shape_of, chosen_at]
        if isinstance(value, Var) and not self.kind(stmt, value).is_scalar:
            wide_at, wide = self.call(stmt, "numpy.broadcast_to", value, shape)
            part_at, value = self.call(stmt, "operator.getitem", wide, chosen)
            code += [wide_at, part_at]
        return *code, self.store(stmt, base, chosen, value), *self.none(stmt)

    def fill(self, stmt: Assign) -> Code | None:
        given = self.arguments(stmt, "a", "value")
        if given is None or "value" not in given:
            return None
        base = given["a"]
        assert isinstance(base, Var)
        return self.store(stmt, base, ELLIPSIS, given["value"]), *self.none(stmt)

    def fill_diagonal(self, stmt: Assign) -> Code | None:
        """Of a matrix, with a number or one number for each place."""
        given = self.arguments(stmt, "a", "val", "wrap")
        if given is None or "val" not in given or "wrap" in given:
            return None
        base, value = given["a"], given["val"]
        assert isinstance(base, Var)
        kind = self.kind(stmt, base)
        number = isinstance(value, Const) or self.kind(stmt, value).is_scalar
        if kind.rank not in (2, None):
            return None
        shape_of, shape = self.call(stmt, "attr.shape", base)
        rows, columns = self.fresh(base), self.fresh(base)
        both_at = Assign((rows, columns), "unpack", (shape,), unit=stmt.unit)  # of two axes only
        count_at, count = self.call(stmt, "builtins.min", Var(rows), Var(columns))
        places_at, places = self.call(stmt, "numpy.arange", count)
        index_at, index = self.call(stmt, "tuple", places, places)
        code: Code = (shape_of, both_at, count_at, places_at, index_at)
        if not number:  # of a few values NumPy makes many, taking them in turn: that is refused
            wide_at, value = self.call(stmt, "numpy.broadcast_to", value, count)
            code = (*code, wide_at)
        return *code, self.store(stmt, base, index, value), *self.none(stmt)

    def put(self, stmt: Assign) -> Code | None:
        """`np.put(a, positions, values)`: positions in the flattened array."""
        given = self.arguments(stmt, "a", "ind", "v")
        if given is None or not {"ind", "v"} <= given.keys():
            return None
        base, index, value = given["a"], given["ind"], given["v"]
        assert isinstance(base, Var)
        kind = self.kind(stmt, base)
        if kind.rank is None or self.kind(stmt, index).rank not in (0, 1, None):
            return None
        count_at, count = self.call(stmt, "numpy.size", index)
        code, value = self.first(stmt, value, count)
        code = (count_at, *code) if code else ()
        if kind.rank == 1:
            return *code, self.store(stmt, base, index, value), *self.none(stmt)
        shape_of, shape = self.call(stmt, "attr.shape", base)
        places_at, places = self.call(stmt, "numpy.unravel_index", index, shape)
        stored = self.store(stmt, base, places, value)
        return *code, shape_of, places_at, stored, *self.none(stmt)

    def put_along_axis(self, stmt: Assign) -> Code | None:
        """Of a vector or a matrix: the other axis is counted through."""
        given = self.arguments(stmt, "arr", "indices", "values", "axis")
        if given is None or len(given) != 4:
            return None
        base, index, value, axis = (given[n] for n in ("arr", "indices", "values", "axis"))
        assert isinstance(base, Var)
        rank = self.kind(stmt, base).rank
        if rank == 1 and axis in (Const(0), Const(-1)):
            return self.store(stmt, base, index, value), *self.none(stmt)
        if rank != 2 or axis not in (Const(0), Const(1), Const(-1), Const(-2)):
            return None
        by_rows = axis in (Const(1), Const(-1))
        shape_of, shape = self.call(stmt, "attr.shape", base)
        count_at, count = self.call(stmt, "operator.getitem", shape, Const(0 if by_rows else 1))
        others_at, others = self.call(stmt, "numpy.arange", count)
        code: Code = (shape_of, count_at, others_at)
        if by_rows:
            column_at, others = self.call(stmt, "numpy.expand_dims", others, Const(1))
            code = (*code, column_at)
        pair = (others, index) if by_rows else (index, others)
        index_at, places = self.call(stmt, "tuple", *pair)
        return *code, index_at, self.store(stmt, base, places, value), *self.none(stmt)

    def place(self, stmt: Assign) -> Code | None:
        """`np.place(a, mask, values)`, with as many values as places."""
        given = self.arguments(stmt, "arr", "mask", "vals")
        if given is None or not {"mask", "vals"} <= given.keys():
            return None
        base = given["arr"]
        assert isinstance(base, Var)
        value = given["vals"]
        if self.kind(stmt, value).is_scalar or isinstance(value, Const):
            return self.store(stmt, base, given["mask"], value), *self.none(stmt)
        count_at, count = self.call(stmt, "numpy.count_nonzero", given["mask"])
        code, value = self.first(stmt, value, count)
        return count_at, *code, self.store(stmt, base, given["mask"], value), *self.none(stmt)

    def first(self, stmt: Assign, values: Atom, count: Atom) -> tuple[Code, Atom]:
        """As many of the values as there are places; NumPy takes no notice of the others."""
        given = self.kind(stmt, values)
        if given.is_scalar or isinstance(values, Const) or given.is_array and given.rank == 0:
            return (), values
        flat_at, flat = self.call(stmt, "numpy.ravel", values)
        slice_at, part = self.call(stmt, "slice", Const(None), count, Const(None))
        part_at, taken = self.call(stmt, "operator.getitem", flat, part)
        return (flat_at, slice_at, part_at), taken

    def putmask(self, stmt: Assign) -> Code | None:
        given = self.arguments(stmt, "a", "mask", "values")
        if given is None or not {"mask", "values"} <= given.keys():
            return None
        base, mask, value = given["a"], given["mask"], given["values"]
        assert isinstance(base, Var)
        if isinstance(value, Const) or self.kind(stmt, value).is_scalar:
            return self.store(stmt, base, mask, value), *self.none(stmt)
        if self.kind(stmt, value).shape is None or (
            self.kind(stmt, value).shape != self.kind(stmt, base).shape
        ):
            return None
        part_at, part = self.call(stmt, "operator.getitem", value, mask)
        return part_at, self.store(stmt, base, mask, part), *self.none(stmt)

    def at(self, stmt: Assign) -> Code | None:
        """`np.add.at(a, index, value)`: an element that is named twice gets both."""
        given = self.arguments(stmt, "a", "indices", "b")
        if given is None or len(given) != 3:
            return None
        base, value = given["a"], given["b"]
        assert isinstance(base, Var)
        code: Code = ()
        if stmt.fn == "numpy.subtract.at":
            made, value = self.call(stmt, "operator.neg", value)
            code = (made,)
        stored = Store(base, given["indices"], value, "at", unit=stmt.unit)
        return *code, stored, *self.none(stmt)

    def sort(self, stmt: Assign) -> Code | None:
        """`y.sort()`, `y.partition(k)`"""
        base = stmt.args[0]
        if not isinstance(base, Var) or not self.kind(stmt, base).is_array:
            return None
        name = self.fresh(base)
        fn = f"numpy.{str(stmt.fn)[7:]}"
        value = replace(stmt, targets=(name,), fn=fn)
        return value, self.store(stmt, base, ELLIPSIS, Var(name)), *self.none(stmt)

    def setitem(self, stmt: Assign) -> Code | None:
        if len(stmt.args) != 3 or stmt.kwargs or not isinstance(stmt.args[0], Var):
            return None
        base, index, value = stmt.args
        assert isinstance(base, Var)
        return self.store(stmt, base, index, value), *self.none(stmt)


def _is_single(stmt: Stmt) -> TypeGuard[Assign]:
    """True for `t = (c,)` of a temporary: `out=(c,)` is `out=c`."""
    if not isinstance(stmt, Assign) or stmt.fn != "tuple" or len(stmt.args) != 1:
        return False
    return "@" in stmt.target and "@v" not in stmt.target


def _ufunc(fn: str) -> np.ufunc | None:
    found = getattr(np, fn.removeprefix("numpy."), None) if fn.startswith("numpy.") else None
    return found if isinstance(found, np.ufunc) else None
