"""Instances of the user's classes made in the function: what `__init__` does, written out."""

from __future__ import annotations

import dataclasses
import inspect
from types import FunctionType
from typing import Any

from srcgrad.frontend.context import Context
from srcgrad.frontend.environment import is_plain, is_user_function
from srcgrad.frontend.objects import Record, constant, function_of, set_attribute
from srcgrad.frontend.statics import Unknown
from srcgrad.ir.core import Atom


def make(
    ctx: Context, cls: type, args: tuple[Atom, ...], kwargs: tuple[tuple[str, Atom], ...], call: Any
) -> Atom:
    """`cls(*args, **kwargs)`."""
    record = Record(cls)
    receiver = ctx.static(record)
    for base in reversed(cls.__mro__[:-1]):
        for name, value in vars(base).items():
            if not name.startswith("__") and is_plain(value) and not isinstance(value, tuple):
                set_attribute(ctx, record, name, constant(ctx, value))
    init = inspect.getattr_static(cls, "__init__", None)
    if is_user_function(init) and not hasattr(cls, "__dataclass_fields__"):
        call(ctx, function_of(ctx, init), (receiver, *args), kwargs, "t")
    elif hasattr(cls, "__dataclass_fields__") and "__init__" in vars(cls):
        _fill(ctx, record, args, dict(kwargs), call)
    elif args or kwargs or init is not object.__init__:
        ctx.problem(ctx.node, f"`{cls.__name__}` cannot be made here: its `__init__` has no source")
    record.made = True
    return receiver


def _fill(
    ctx: Context, record: Record, args: tuple[Atom, ...], kwargs: dict[str, Atom], call: Any
) -> None:
    """What the `__init__` of a dataclass does."""
    cls = record.cls
    init = vars(cls)["__init__"]
    if is_user_function(init) and init.__code__.co_filename != "<string>":  # the user's own
        call(ctx, function_of(ctx, init), (ctx.static(record), *args), tuple(kwargs.items()), "t")
        return
    fields = [f for f in dataclasses.fields(cls) if f.init]
    positional = [f.name for f in fields if not f.kw_only]
    given = dict(zip(positional, args, strict=False))
    wrong = len(args) > len(positional) or bool(given.keys() & kwargs.keys())
    wrong = wrong or bool(kwargs.keys() - {f.name for f in fields})
    given |= kwargs
    for f in dataclasses.fields(cls):
        if f.init and f.name in given:
            value = given[f.name]
        elif f.default is not dataclasses.MISSING:
            value = constant(ctx, f.default)
        elif f.default_factory is not dataclasses.MISSING:
            value = _made(ctx, f.default_factory)
        else:
            wrong = wrong or f.init
            continue
        set_attribute(ctx, record, f.name, value)
    if wrong:
        ctx.problem(ctx.node, f"this call of `{cls.__name__}` does not fit its fields")
    post = inspect.getattr_static(cls, "__post_init__", None)
    if isinstance(post, FunctionType):
        call(ctx, function_of(ctx, post), (ctx.static(record),), (), "t")


def _made(ctx: Context, factory: Any) -> Atom:
    if factory in (list, dict):
        return ctx.emit("t", factory.__name__, ())
    return ctx.static(Unknown("this default of a dataclass is not supported"))
