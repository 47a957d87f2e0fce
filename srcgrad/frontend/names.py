"""Names and dotted paths in expressions: which object is meant, how it is read or called."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.environment import LIBRARIES, MISSING, OPAQUE, Foreign, is_plain, library_name
from srcgrad.frontend.statics import Library, User, shown
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Callee, Const, Var
from srcgrad.rules.registry import lookup


@dataclass(frozen=True, slots=True)
class Path:
    """The object that a name or a dotted path of modules stands for."""

    obj: Any
    dotted: str  # its name in a library; "" for the user's own
    root: str  # the free name it starts with
    depth: int  # how many attributes follow


def resolve(ctx: Context, node: Node) -> Path | None:
    """The object of a dotted path from a free name through modules, if the node is one."""
    attrs: list[str] = []
    nodes: list[Node] = []
    while isinstance(node, gast.Attribute):
        attrs.append(node.attr)
        nodes.append(node)
        node = node.value
    if not isinstance(node, gast.Name) or ctx.is_local(node.id):
        return None
    found = ctx.binding(node.id)
    if found is None:
        return None
    obj, dotted = found.obj, found.dotted
    for attr, place in zip(reversed(attrs), reversed(nodes), strict=True):
        inner = ctx.env.member(obj, attr)
        if inner is OPAQUE:
            return None
        if inner is MISSING:
            ctx.problem(place, f"`{ctx.file.segment(place.value)}` has no attribute `{attr}`")
            return Path(None, "", node.id, len(attrs))
        prefix = library_name(obj) or (obj.__name__ if isinstance(obj, ModuleType) else dotted)
        dotted = library_name(inner) or (f"{prefix}.{attr}" if prefix else "")
        obj = inner
    return Path(obj, dotted, node.id, len(attrs))


def callee(ctx: Context, path: Path) -> Callee | None:
    """How a program calls the object; None for one that is known at run time only."""
    user = ctx.env.user_function(path.obj)
    if user is not None:
        return user
    return library_name(path.obj) or (path.dotted if callable(path.obj) else None) or None


def read_name(ctx: Context, node: Node, stem: str) -> Atom:
    """The value of a name."""
    name = node.id
    if name in ctx.statics:
        ctx.rewritten += 1
        value = ctx.statics[name]
        return ctx.static(value.kept(ctx) if name in ctx.carried else value, shown(name))
    if ctx.is_local(name):
        if name not in ctx.known:
            ctx.problem(
                node, f"`{name.partition('@')[0]}` is read before it has a value", "assign it first"
            )
            ctx.known.add(name)  # said once
        changing = name in ctx.volatile or name in ctx.cells
        return ctx.emit(stem, "copy", (Var(name),)) if changing else Var(name)
    found = ctx.binding(name)
    if found is None and name in ctx.globals:
        return Var(name)  # held: no name of the program stands for it
    if found is None:
        return ctx.problem(node, f"name `{name}` is not defined")
    if found.glob.kind == "function":
        return ctx.static(User(found.glob.value, found.glob.name), found.glob.name)
    if isinstance(found.obj, Foreign) and found.dotted.startswith("srcgrad."):
        return ctx.static(Library(found.dotted), stem)  # a decorator
    if isinstance(found.obj, ModuleType | Foreign) or not found.dotted:
        return Var(found.glob.name)
    return read_path(ctx, Path(found.obj, found.dotted, name, 0), node, stem)


def read_path(ctx: Context, path: Path, node: Node, stem: str) -> Atom:
    """The value of an object that a dotted path names."""
    if path.obj is None or path.obj is Ellipsis:
        return Const(path.obj)
    method = isinstance(path.obj, Foreign) and lookup(path.dotted) is not None
    if path.dotted and (callable(path.obj) or method):
        return ctx.static(Library(path.dotted), stem)
    if path.dotted and not _is_users(path):
        return ctx.emit(stem, f"load.{path.dotted}", ())
    if is_plain(path.obj) and type(path.obj) in (bool, int, float, complex, str):
        return Const(path.obj)  # a constant of another module of the user's
    if path.dotted:
        return ctx.emit(stem, f"load.{path.dotted}", ())
    return ctx.problem(
        node,
        f"`{ctx.file.segment(node)}` of another module cannot be read here",
        "pass it as an argument, or import its name",
    )


def _is_users(path: Path) -> bool:
    return path.dotted.split(".")[0] not in LIBRARIES
