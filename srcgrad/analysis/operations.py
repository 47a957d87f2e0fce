"""Kinds of what one operation binds: structural operations here, library functions by their
rules."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

from srcgrad.analysis.containers import joined, repeated
from srcgrad.analysis.drawing import GENERATORS, drawn, drawn_by
from srcgrad.analysis.indexing import MESH, element_kind, is_marked, renamed
from srcgrad.ir.core import Assign, Atom, Const, Derived, Stmt, UserFunction
from srcgrad.ir.kinds import (
    FLOAT,
    GENERATOR,
    OBJECT,
    STR,
    UNKNOWN,
    Dim,
    Dtype,
    Kind,
    Length,
    Tag,
    common_kind,
    held,
)
from srcgrad.rules.call import Call
from srcgrad.rules.registry import BindError, Primitive, bind, lookup, make_call

REMEDY = "leave it out, or write the same with supported functions"
SEQUENCES = ("list", "tuple")
TYPES: dict[str, Dtype] = {  # given as `dtype=`
    "load.builtins.int": "i",
    "load.builtins.bool": "b",
    "load.builtins.float": "f8",
    "load.numpy.bool": "b",
    "load.builtins.complex": "c16",
    "load.numpy.complex128": "c16",
    "load.numpy.complex64": "c8",
    "load.numpy.float64": "f8",
    "load.numpy.float32": "f4",
    **{f"load.numpy.{sign}int{size}": "i" for sign in ("", "u") for size in (8, 16, 32, 64)},
}
# Functions of which `OpKinds.result` tells what they give, be it for some operands only.
TOLD_HERE = GENERATORS | {
    "operator.add", "operator.mul", "operator.getitem", "srcgrad.support.own", "copy.copy",
    "copy.deepcopy",
}  # fmt: skip
KindOf = Callable[[Atom], Kind]
Problems = dict[Stmt, tuple[str, str]]
BoundCall = tuple[Primitive, Call]


class OpKinds:
    """Kinds of the targets of an `Assign`; problems with a call are noted, to be raised if it is
    active."""

    def __init__(
        self,
        problems: Problems,
        callee: Callable[[UserFunction, Assign, KindOf], Kind],
        calls: dict[Stmt, BoundCall] | None = None,
    ) -> None:
        self.problems = problems
        self.calls = calls  # notes calls of primitives, where that is wanted
        self.callee = callee
        self.ids: dict[Stmt, int] = {}

    def targets(self, stmt: Assign, kind_of: KindOf, suffix: str) -> dict[str, Kind]:
        """Kinds of the targets. `suffix` marks fresh symbols with the loops they are made in."""
        result = self.result(stmt, kind_of, suffix)
        if stmt.augments and result.is_array and kind_of(stmt.args[0]).is_array:
            result = replace(result, shape=kind_of(stmt.args[0]).shape)
        if len(stmt.targets) == 1:
            return {stmt.target: result}
        return {
            name: self.unpacked(result, i, self.fresh(stmt, suffix, i))
            for i, name in enumerate(stmt.targets)
        }

    def fresh(self, stmt: Stmt, suffix: str, part: int = 0) -> Callable[[], str]:
        """Symbols that depend on the statement alone, so that every pass makes the same."""
        number = self.ids.setdefault(stmt, len(self.ids))
        count = iter(range(1000))
        return lambda: f"len{number}.{part}.{next(count)}{suffix}"

    def unpacked(self, whole: Kind, position: int, fresh: Callable[[], str]) -> Kind:
        if whole.is_array:
            return element_kind(whole, Kind("scalar", "pi", (), value=position), fresh)
        return whole.item(position)

    def result(self, stmt: Assign, kind_of: KindOf, suffix: str) -> Kind:
        fn = stmt.fn
        if isinstance(fn, UserFunction):
            return renamed(self.callee(fn, stmt, kind_of), self.fresh(stmt, suffix))
        if isinstance(fn, Derived):
            return UNKNOWN
        kinds = [kind_of(atom) for atom in stmt.args]
        if _is_plain(fn):
            return self.computed(stmt, fn, kind_of, suffix)
        if fn in ("copy", "unpack", "srcgrad.support.own", "copy.copy", "copy.deepcopy"):
            return kinds[0]
        if fn in ("tuple", "list"):
            tag: Tag = "tuple" if fn == "tuple" else "list"
            return Kind(tag, items=tuple(enumerate(kinds)))
        if fn == "dict":
            return _dict_kind(stmt, kinds)
        if fn == "slice":
            return Kind("slice", items=tuple(zip(("start", "stop", "step"), kinds, strict=True)))
        if fn == "operator.add" and all(kind.tag in SEQUENCES for kind in kinds):
            return renamed(joined(*kinds), self.fresh(stmt, suffix))
        if fn == "operator.mul" and any(kind.tag in SEQUENCES for kind in kinds):
            items, count = sorted(kinds, key=lambda kind: kind.tag not in SEQUENCES)
            if count.is_array:
                return Kind("array")
            return renamed(repeated(items, count), self.fresh(stmt, suffix))
        if fn == "fstring":
            return STR
        if fn in GENERATORS:
            return GENERATOR
        if drawn_by(fn, kinds) or fn.startswith("numpy.random."):
            method, args = fn.rpartition(".")[2], stmt.args[fn.startswith("method.") :]
            return drawn(method, args, dict(stmt.kwargs), kind_of, self.fresh(stmt, suffix))
        if fn == "method.pop" and kinds and kinds[0].tag == "list":
            return renamed(common_kind(held(kinds[0]), "item") or UNKNOWN, self.fresh(stmt, suffix))
        if fn == "operator.getitem":
            index = stmt.args[1]
            key = index.value if isinstance(index, Const) else None
            return element_kind(kinds[0], kinds[1], self.fresh(stmt, suffix), key)
        if fn.startswith("attr.") and kinds[0].field_key(fn[5:]) is not None:
            return kinds[0].item(kinds[0].field_key(fn[5:]))
        if fn == "load.numpy.mgrid":
            return MESH
        if fn.startswith("load."):
            name = fn.split(".")[-1]
            if name in ("pi", "e", "inf", "nan", "tau"):
                return FLOAT
            return replace(OBJECT, dtype=TYPES[fn]) if fn in TYPES else OBJECT
        return self.computed(stmt, fn, kind_of, suffix)

    def computed(self, stmt: Assign, fn: str, kind_of: KindOf, suffix: str) -> Kind:
        """What a library function gives."""
        found = self.primitive(stmt, fn, kind_of)
        lengths = found.shape or ()
        return renamed(found, self.fresh(stmt, suffix)) if any(map(is_marked, lengths)) else found

    def primitive(self, stmt: Assign, fn: str, kind_of: KindOf) -> Kind:
        prim = lookup(fn)
        if prim is None:
            return UNKNOWN
        try:
            kwargs = dict(stmt.kwargs) if stmt.kwargs else {}
            call = make_call(prim, bind(prim, stmt.args, kwargs), kind_of)
        except BindError as error:
            self.problems[stmt] = (str(error), REMEDY)
            return UNKNOWN
        if self.calls is not None:
            self.calls[stmt] = prim, call
        reason = prim.refuse(call) if prim.refuse else None
        if reason:
            self.problems[stmt] = (reason, REMEDY)
        else:
            self.problems.pop(stmt, None)
        return _with_length(fn, stmt, kind_of, call.result)


@functools.lru_cache(maxsize=4096)
def _is_plain(fn: str) -> bool:
    """True for a library function of which its rule says all, whatever it is given."""
    beside = fn.startswith(("attr.", "load.", "method.", "numpy.random."))
    return "." in fn and not beside and fn not in TOLD_HERE


def _dict_kind(stmt: Assign, kinds: list[Kind]) -> Kind:
    keys = stmt.args[::2]
    if all(isinstance(key, Const) for key in keys):
        values = kinds[1::2]
        pairs = {
            key.value: kind
            for key, kind in zip(keys, values, strict=True)
            if isinstance(key, Const)
        }
        return Kind("dict", items=tuple(pairs.items()))
    return Kind("dict")


def _with_length(fn: str, stmt: Assign, kind_of: KindOf, result: Kind) -> Kind:
    """Follow lengths through `n + 1`, `n - 1`: what `len(x)` and `x.shape` gave stays symbolic."""
    if (
        fn not in ("operator.add", "operator.sub")
        or not result.is_scalar
        or result.value is not None
    ):
        return result
    a, b = (kind_of(atom).value for atom in stmt.args)
    value = shift(a, b, 1 if fn == "operator.add" else -1)
    return result if value is None else replace(result, value=value)


def shift(a: Length | None, b: Length | None, sign: int) -> Length | None:
    """`a + sign * b` where that is a known or symbolic length."""
    if isinstance(a, int) and isinstance(b, int):
        return a + sign * b
    if isinstance(a, Dim) and isinstance(b, int):
        return a.shifted(sign * b)
    if sign > 0 and isinstance(a, int) and isinstance(b, Dim):
        return b.shifted(a)
    return None
