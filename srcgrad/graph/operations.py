"""Perform one operation of a traced program, and record it if its result depends on an input.

Only operations of the rule registry run, and a few structural ones: nothing of the traced file is
imported or executed.
"""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad.graph.nodes import Application
from srcgrad.graph.pullbacks import parameters
from srcgrad.graph.record import Record
from srcgrad.graph.values import Ref, is_open, kind_of, leaves, plain, wrap
from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.rules.naming import MODULES
from srcgrad.rules.registry import BindError, Primitive, bind, lookup, make_call

Look = Callable[[Atom], Ref]
_MODULES = dict(MODULES)
_OPERATORS = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)
INPLACE = frozenset(f"operator.i{name}" for name in _OPERATORS)


class Refused(Exception):
    """An operation that the graph cannot show: the reason, and what to do instead."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


def perform(record: Record, stmt: Assign, name: str, look: Look) -> Ref:
    """The result of a library function or operator on traced values. Raises `Refused`."""
    refs = [look(atom) for atom in stmt.args]
    target = stmt.targets[0] if len(stmt.targets) == 1 else "@"
    grouped = _on_containers(name, refs)
    if grouped is not None:
        return grouped
    if name == "operator.getitem":
        return _item(record, stmt, target, refs[0], refs[1])
    prim = lookup(name)
    if prim is None:
        raise Refused(f"`{_spelling(name)}` has no derivative rule")
    bound = _bind(prim, stmt)
    named = {key: plain(look(atom)) for key, atom in stmt.kwargs}
    value = _run(name, [plain(ref) for ref in refs], named)
    everything = [look(atom) for atom in bound.values()]
    if prim.is_zero or not any(_depends(ref) for ref in everything):
        label = _label(record, stmt, target, value, refs)
        return wrap(value, lambda item, _: Ref(item, None, "" if item is not value else label), "")
    application = _apply(prim, bound, look, value)
    if parameters(application) is None:
        raise Refused(f"this call of `{_spelling(name)}` has no derivative rule")
    keywords = [(key, look(atom)) for key, atom in stmt.kwargs]
    positional = [(key, look(atom)) for key, atom in bound.items() if key not in dict(stmt.kwargs)]
    return record.operation(target, value, application, positional, keywords)


def _bind(prim: Primitive, stmt: Assign) -> dict[str, Atom]:
    try:
        return bind(prim, stmt.args, dict(stmt.kwargs))
    except BindError as error:
        raise Refused(str(error)) from None


def _apply(prim: Primitive, bound: dict[str, Atom], look: Look, value: Any) -> Application:
    """A call at hand: its kinds are those of its values, down to each length."""
    call = make_call(prim, bound, lambda atom: kind_of(plain(look(atom))))
    reason = prim.refuse(call) if prim.refuse else None
    if reason:
        raise Refused(reason)
    values = {**prim.defaults, **{param: plain(look(atom)) for param, atom in bound.items()}}
    for param in prim.params:
        if param.startswith("*"):
            values[param[1:]] = [values[key] for key in call.variadic(param[1:])]
    return Application(prim, prim.name, replace(call, result=kind_of(value)), values)


def _run(name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Call the real function. Arrays are never changed in place: a changed one is a new value."""
    owner, _, short = name.rpartition(".")
    if owner == "attr":
        return getattr(args[0], short)
    if owner == "method":
        return getattr(args[0], short)(*args[1:], **kwargs)
    first = [args[0].copy()] if name in INPLACE and isinstance(args[0], np.ndarray) else args[:1]
    return resolve(name)(*first, *args[1:], **kwargs)


def resolve(name: str) -> Any:
    """The Python object of a canonical name, `numpy.linalg.norm`."""
    owner, _, short = name.rpartition(".")
    if owner in _MODULES:
        return getattr(_MODULES[owner], short)
    if owner.split(".")[0] not in ("numpy", "math", "srcgrad"):
        raise Refused(f"`{name}` is not a function of a library that srcgrad knows")
    module = importlib.import_module(owner) if owner.startswith("srcgrad") else None
    return (
        operator.attrgetter(name.split(".", 1)[1])(np) if module is None else getattr(module, short)
    )


def _spelling(name: str) -> str:
    return name.removeprefix("method.").removeprefix("attr.").removeprefix("builtins.")


def _depends(ref: Ref) -> bool:
    return any(leaf.node is not None for _, leaf in leaves(ref))


def _label(record: Record, stmt: Assign, target: str, value: Any, refs: Sequence[Ref]) -> str:
    """How a value that depends on no input is called: counters stay plain numbers."""
    if "@" not in target and not isinstance(value, int):
        return target
    if isinstance(value, (int, float)) and not all(isinstance(atom, Const) for atom in stmt.args):
        return ""
    return record.expression(str(stmt.fn), refs)


def _item(record: Record, stmt: Assign, target: str, base: Ref, index: Ref) -> Ref:
    """`base[index]`: of a container its item, of an array an operation."""
    key = plain(index)
    if is_open(base):
        found = base.value[key]
        return Ref(found) if isinstance(key, slice) else found
    value = base.value[key]
    if base.node is None:
        return Ref(value, None, _label(record, stmt, target, value, [base, index]))
    values = {"base": base.value, "index": key}
    application = Application(None, "operator.getitem", None, values)
    return record.operation(target, value, application, [("base", base), ("index", index)])


def _on_containers(name: str, refs: Sequence[Ref]) -> Ref | None:
    """Operations on containers of traced values; None if this is none of them."""
    if not refs or not is_open(refs[0]):
        return None
    whole = refs[0].value
    short = name.rpartition(".")[2]
    if name.startswith("method."):
        return _method(short, whole, refs[1:])
    if name == "builtins.len":
        return Ref(len(whole))
    if name in ("builtins.list", "builtins.tuple") and not isinstance(whole, dict):
        return Ref(list(whole) if short == "list" else tuple(whole))
    if name in ("builtins.list", "builtins.tuple"):
        return Ref([Ref(key) for key in whole])
    if isinstance(whole, dict) or short not in ("add", "iadd", "mul", "imul"):
        return None
    other = refs[1]
    if short == "iadd" and isinstance(whole, list) and is_open(other):
        whole.extend(other.value)
        return refs[0]
    if is_open(other) and type(other.value) is type(whole):
        return Ref(whole + other.value)
    return Ref(whole * plain(other)) if isinstance(plain(other), int) else None


def _method(name: str, whole: Any, refs: Sequence[Ref]) -> Ref:
    if isinstance(whole, dict):
        if name == "keys":
            return Ref([Ref(key) for key in whole])
        if name == "values":
            return Ref(list(whole.values()))
        if name == "items":
            return Ref([Ref((Ref(key), value)) for key, value in whole.items()])
        if name == "get":
            default = refs[1] if len(refs) > 1 else Ref(None)
            found: Ref = whole.get(plain(refs[0]), default)
            return found
    if name == "copy":
        return Ref(whole.copy())
    if isinstance(whole, list) and name == "append":
        whole.append(refs[0])
        return Ref(None)
    if isinstance(whole, list) and name == "extend":
        whole.extend(refs[0].value)
        return Ref(None)
    if isinstance(whole, list) and name == "pop":
        last: Ref = whole.pop(*(plain(ref) for ref in refs))
        return last
    raise Refused(f"the method `{name}` of a {type(whole).__name__} cannot be traced")


def store(record: Record, name: str, base: Ref, index: Ref, value: Ref, op: str) -> Ref:
    """`base[index] = value` and its kin, as a new value of `base`."""
    key, new = plain(index), plain(value)
    if isinstance(base.value, np.ndarray):
        written = base.value.copy()
        if op == "set":
            written[key] = new
        elif op == "add":
            written[key] += new
        else:
            written[key] -= new
        if not (_depends(base) or _depends(value)):
            return Ref(written, None, base.label or name)
        sign = {"add": 1.0, "sub": -1.0}.get(op, 1.0)
        values = {"base": base.value, "index": key, "value": new, "sign": sign}
        kind = {"set": "operator.setitem", "add": "increment", "sub": "decrement"}[op]
        operands = [("base", base), ("index", index), ("value", value)]
        return record.operation(name, written, Application(None, kind, None, values), operands)
    raise Refused(
        "a store into this object cannot be traced", "store into an array, a list or a dict"
    )
