"""Objects of the user's classes: records whose attributes are variables, and objects that exist.

An instance made in the function never exists at run time: each attribute is a variable, so that
writes in branches and loops, and two names for one object, mean what they mean in Python. An
object from outside is read only; what the method at hand writes to `self` stays in variables.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import field
from types import FunctionType, MethodType
from typing import Any, TypeAlias

from srcgrad.frontend.assigned import assigned_attributes
from srcgrad.frontend.borrowed import held
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.environment import MISSING, is_plain, library_name
from srcgrad.frontend.expressions import Op
from srcgrad.frontend.interpolators import outside
from srcgrad.frontend.requests import Ruled, Rules, checkpointed_by, ruled_by, taken_by
from srcgrad.frontend.statics import (
    Function,
    Gradient,
    Library,
    Partial,
    Sequence,
    Static,
    Table,
    Unknown,
    User,
)
from srcgrad.frontend.watching import watch, watch_absence
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, UserFunction, Var

REMEDY = "do it before or after the `try`"
Call: TypeAlias = Callable[[Context, Atom, tuple[Atom, ...]], Atom]


@dataclass(eq=False)
class Class(Static):
    """A class of the user's, as the object it is."""

    cls: type

    @property
    def what(self) -> str:
        return f"the class `{self.cls.__name__}`"


@dataclass(eq=False)
class Record(Static):
    """An instance made in the function: the variable of each attribute."""

    cls: type
    attrs: dict[str, str] = field(default_factory=dict)
    made: bool = False  # its `__init__` is over
    changed: bool = False  # an attribute was assigned after that

    @property
    def what(self) -> str:
        return f"an object of class `{self.cls.__name__}`"

    def carried(self, ctx: Context) -> Record | None:
        """A copy: as good as the object itself, as long as nothing changes one of its class."""
        if self.cls in ctx.mutated or any(v in ctx.statics for v in self.attrs.values()):
            return None
        ctx.unchanging[self.cls] = None
        return self.kept(ctx)

    def take(self, ctx: Context, other: Static) -> bool:
        if not isinstance(other, Record) or other.cls is not self.cls:
            return False
        if other.attrs.keys() != self.attrs.keys() or any(
            v in ctx.statics for v in other.attrs.values()
        ):
            return False
        for name, variable in other.attrs.items():
            ctx.copy(self.attrs[name], Var(variable))
        return True

    def kept(self, ctx: Context) -> Record:
        new = Record(self.cls, made=self.made)
        for name, variable in self.attrs.items():
            set_attribute(ctx, new, name, Var(variable))
        return new


@dataclass(eq=False)
class Instance(Static):
    """An object from outside. `written`: variables of the attributes that the function assigns."""

    obj: Any
    atom: Var
    written: dict[str, str] = field(default_factory=dict)

    @property
    def run_time(self) -> Var | None:
        return None if self.written else self.atom

    @property
    def what(self) -> str:
        return f"an object of class `{type(self.obj).__name__}` that was written to"


def is_user_class(cls: Any) -> bool:
    """Whether instances of a class can be taken apart: plain Python, no magic."""
    if not isinstance(cls, type) or library_name(cls) or type(cls) is not type:
        return False
    for base in cls.__mro__[:-1]:
        own = vars(base)
        root = base.__module__.split(".")[0]
        if root in ("builtins", "numpy") or {"__getattr__", "__getattribute__"} & own.keys():
            return False
        if {"__setattr__", "__new__", "__init_subclass__"} & own.keys() and not _is_frozen(cls):
            return False
    return cls.__mro__[-1] is object


def _is_frozen(cls: type) -> bool:
    params = getattr(cls, "__dataclass_params__", None)
    return bool(params and params.frozen)


def _made_by_srcgrad(ctx: Context, obj: Any) -> Atom | None:
    """A function with a rule, a checkpointed one, or a derivative."""
    ruled = ruled_by(obj)
    if ruled is not None:
        return _with_rule(ctx, ruled, obj)
    again = checkpointed_by(obj, ctx.env.written)
    if again is not None:
        return ctx.static(User(again))
    taken = taken_by(obj)
    if taken is None:
        return None
    of = taken.fn
    fn = ctx.static(User(of)) if isinstance(of, UserFunction) else lift(ctx, of, None)
    if not isinstance(fn, Var):
        return None
    return ctx.static(Gradient(fn, taken.mode, taken.wanted, taken.single, taken.has_aux))


def lift(ctx: Context, obj: Any, atom: Var | None) -> Atom | None:
    """A Python object as a static value, if it is one; `atom` reads it at run time."""
    made = _made_by_srcgrad(ctx, obj)
    if made is not None:
        return made
    if type(obj).__module__.startswith("srcgrad."):  # what a text alone tells of a name
        return None
    if isinstance(obj, functools.partial):
        fn = lift(ctx, obj.func, None)
        args = [constant(ctx, value) for value in obj.args]
        kwargs = {name: constant(ctx, value) for name, value in obj.keywords.items()}
        if not isinstance(fn, Var):
            return None
        return ctx.static(Partial(fn, tuple(args), tuple(kwargs.items())))
    if isinstance(obj, MethodType) and not library_name(obj):
        fn = lift(ctx, obj.__func__, None)
        if not isinstance(fn, Var):
            return None
        receiver = constant(ctx, obj.__self__)
        return ctx.static(Partial(fn, (receiver,)))
    while hasattr(obj, "cache_info") and hasattr(obj, "__wrapped__"):  # functools.lru_cache
        obj = obj.__wrapped__
    if isinstance(obj, FunctionType) and not library_name(obj):
        user = ctx.env.written(obj)
        return None if user is None else ctx.static(User(user, ""))
    if isinstance(obj, type):
        if ctx.whole_objects:
            return None
        return ctx.static(Class(obj)) if is_user_class(obj) else None
    if library_name(obj):
        return ctx.static(Library(library_name(obj)))
    interpolator = None if atom is None else outside(ctx, obj, atom)
    if interpolator is not None:
        return ctx.static(interpolator)
    if type(obj) is tuple and not is_plain(obj):
        return ctx.static(Sequence("tuple", [constant(ctx, item) for item in obj]))
    if type(obj) is list and obj and all(map(callable, obj)):
        watch(ctx, obj, range(len(obj)))
        return ctx.static(Sequence("tuple", [constant(ctx, fn) for fn in obj]))
    if type(obj) is dict and any(callable(v) for v in obj.values()):
        return _lifted_dict(ctx, obj)
    if is_user_class(type(obj)) and atom is not None:
        return _instance(ctx, obj, atom)
    return None


def _with_rule(ctx: Context, ruled: Ruled, obj: Any) -> Var | None:
    """A function that carries a rule."""
    own, rule, tangent = (
        part if isinstance(part, UserFunction) or part is None else ctx.env.written(part)
        for part in (ruled.primal, ruled.rule, ruled.tangent)
    )
    if own is None or rule is None or tangent is None and ruled.tangent is not None:
        return None
    ctx.env.requests.add_rule(own.key, Rules(rule, ruled.pushes, tangent), obj)
    return ctx.static(User(own))


def _instance(ctx: Context, obj: Any, atom: Var) -> Var:
    ctx.objects[atom.name] = obj
    return ctx.static(Instance(obj, atom))


def _lifted_dict(ctx: Context, obj: dict[Any, Any]) -> Atom | None:
    if not all(type(key) in (str, int) for key in obj):
        return None
    watch(ctx, obj, obj)
    return ctx.static(Table({Const(key): constant(ctx, value) for key, value in obj.items()}))


def constant(ctx: Context, value: Any) -> Atom:
    """A value that an object holds, as an atom."""
    if value is None or type(value) in (bool, int, float, complex, str):
        return Const(value)
    if is_user_class(type(value)):
        return _instance(ctx, value, held(ctx, value))
    return lift(ctx, value, None) or held(ctx, value)


# --- attributes


def attribute(ctx: Context, base: Static, name: str, node: Node, call: Call) -> Atom | Op:
    """`base.name`."""
    variable = variable_of(base, name)
    if variable is not None:
        found = ctx.statics.get(variable)
        return ctx.emit(name, "copy", (Var(variable),)) if found is None else ctx.static(found)
    if isinstance(base, Super):
        return base.attribute(ctx, name, node, call)
    if isinstance(base, Instance):
        return _of_instance(ctx, base, name, node, call)
    if isinstance(base, Record | Class):
        return of_class(ctx, base, name, node, call)
    if isinstance(base, Function) and base.run_time is not None:
        return Op(f"attr.{name}", (base.run_time,))
    reason = base.reason if isinstance(base, Unknown) else f"an attribute of {base.what}"
    return ctx.problem(node, reason, "compute what it holds in each branch")


def variable_of(base: Static | None, name: str) -> str | None:
    """The variable that an attribute is, if it is one."""
    if isinstance(base, Record):
        return base.attrs.get(name)
    return base.written.get(name) if isinstance(base, Instance) else None


@dataclass(eq=False)
class Super(Static):
    """`super()` in a method: the methods of the classes after the one it stands in."""

    cls: type
    receiver: Var
    of: type

    def attribute(self, ctx: Context, name: str, node: Node, call: Call) -> Atom:
        mro = self.of.__mro__
        for base in mro[mro.index(self.cls) + 1 :]:
            if name in vars(base):
                if base is object:
                    return ctx.static(Ignored())
                fn = function_of(ctx, vars(base)[name])
                if fn is not None:
                    return ctx.static(Partial(fn, (self.receiver,)))
                break
        return ctx.problem(node, f"`super().{name}` is not supported", "name the class")


@dataclass(eq=False)
class Ignored(Static):
    """`object.__init__`: does nothing."""


def _of_instance(ctx: Context, base: Instance, name: str, node: Node, call: Call) -> Atom | Op:
    value = getattr(base.obj, "__dict__", {}).get(name, MISSING)
    if value is MISSING:
        value = _slot(base.obj, name)
    if value is MISSING:
        watch_absence(ctx, base.obj, name)
        return of_class(ctx, base, name, node, call)
    if callable(value) or is_user_class(type(value)):
        inner = ctx.variable(name)
        found = lift(ctx, value, Var(inner))
        if found is not None:
            ctx.guards.append((vars(base.obj), name, value))
            if isinstance(ctx.fixed.get(getattr(found, "name", "")), Instance | Function):
                ctx.assign((inner,), f"attr.{name}", (base.atom,))
            return found
    return Op(f"attr.{name}", (base.atom,))


def _slot(obj: Any, name: str) -> Any:
    slot = inspect.getattr_static(type(obj), name, None)
    return getattr(obj, name, MISSING) if inspect.ismemberdescriptor(slot) else MISSING


def of_class(
    ctx: Context, base: Record | Instance | Class, name: str, node: Node, call: Call
) -> Atom | Op:
    """An attribute that the class gives: a method, a property, a value."""
    cls = base.cls if isinstance(base, Record | Class) else type(base.obj)
    found = inspect.getattr_static(cls, name, MISSING)
    receiver = ctx.static(base)
    for owner in [c for c in cls.__mro__ if name in vars(c)][:1]:
        ctx.guards.append((vars(owner), name, found))
    if isinstance(found, property | functools.cached_property):
        getter = found.fget if isinstance(found, property) else found.func
        fn = None if isinstance(base, Class) else function_of(ctx, getter)
        return ctx.problem(node, _unreadable(name)) if fn is None else call(ctx, fn, (receiver,))
    if isinstance(found, staticmethod):
        fn = function_of(ctx, found.__func__)
        return fn or ctx.problem(node, _unreadable(name))
    if isinstance(found, classmethod):
        fn = function_of(ctx, found.__func__)
        if fn is None:
            return ctx.problem(node, _unreadable(name))
        return ctx.static(Partial(fn, (ctx.static(Class(cls)),)))
    if callable(found) and not isinstance(found, type):
        fn = function_of(ctx, found)
        if fn is None:
            return ctx.problem(node, _unreadable(name))
        return fn if isinstance(base, Class) else ctx.static(Partial(fn, (receiver,)))
    if found is MISSING or inspect.isdatadescriptor(found):
        return ctx.problem(node, f"`{cls.__name__}` has no attribute `{name}` here")
    return constant(ctx, found)


def function_of(ctx: Context, fn: Any) -> Var | None:
    found = lift(ctx, fn, None)
    return found if isinstance(found, Var) else None


def _unreadable(name: str) -> str:
    return f"`{name}` is no function whose source can be read here"


def store(ctx: Context, base: Static, name: str, value: Atom, node: Node) -> None:
    """`base.name = value`."""
    if ctx.attempts:
        ctx.problem(node, "an attribute is assigned where an exception is caught", REMEDY)
    if isinstance(base, Record):
        if base.made and _is_frozen(base.cls):
            ctx.problem(node, f"`{base.cls.__name__}` is frozen")
        if base.made:
            ctx.mutated[base.cls] = None
            base.changed = True
        if not base.made or hasattr(base, "whole"):
            ctx.changes = ctx.changes or name
        if base.made and base.cls in ctx.unchanging:
            ctx.problem(
                node,
                f"an object of class `{base.cls.__name__}` is changed, and a loop replaces another",
                "make a new object instead",
            )
        descriptor = inspect.getattr_static(base.cls, name, None)
        if inspect.isdatadescriptor(descriptor) and not inspect.ismemberdescriptor(descriptor):
            ctx.problem(node, f"`{name}` is a property, and cannot be assigned here")
        set_attribute(ctx, base, name, value)
    elif isinstance(base, Instance) and name in base.written:
        ctx.changes = ctx.changes or name
        ctx.copy(base.written[name], value)
    elif isinstance(base, Instance):
        message = f"assigns the attribute `{name}` of an object from outside"
        ctx.problem(node, message, "return the new value instead")
    else:
        ctx.problem(node, "assignment to an attribute of this is not supported")


def set_attribute(ctx: Context, record: Record, name: str, value: Atom) -> None:
    if name not in record.attrs:
        record.attrs[name] = ctx.variable(name)
        ctx.cells.add(record.attrs[name])
    ctx.copy(record.attrs[name], value)


def receiver_of(ctx: Context, name: str, obj: Any) -> None:
    """`self` of the method at hand: attributes that methods assign become variables here."""
    if not is_user_class(type(obj)):
        return
    found = Instance(obj, Var(name))
    ctx.objects[name] = obj
    own = getattr(obj, "__dict__", {})
    for attr in sorted(assigned_attributes(type(obj)) & own.keys()):
        variable = ctx.variable(attr)
        static = lift(ctx, own[attr], None) if callable(own[attr]) else None
        if static is None:
            ctx.add(Assign((variable,), f"attr.{attr}", (Var(name),)))
            ctx.known.add(variable)
        else:
            ctx.copy(variable, static)
        ctx.cells.add(variable)
        found.written[attr] = variable
    ctx.statics[name] = found
