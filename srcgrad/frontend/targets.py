"""Assignment: to names, items, and tuples of these."""

from __future__ import annotations

from collections.abc import Sequence

import gast

from srcgrad.frontend.context import Context, Node, stored_names, walk_scope
from srcgrad.frontend.expressions import OPERATORS, Op, atom, into
from srcgrad.frontend.lazy import as_list, unzipped
from srcgrad.frontend.objects import Instance, store, variable_of
from srcgrad.frontend.statics import static_of
from srcgrad.ir.core import ITEM, Assign, Atom, Const, Stmt, Store, Var
from srcgrad.ir.walk import AUGMENTED, MUTATORS, walk
from srcgrad.rules.registry import lookup


def stem_of(target: Node) -> str:
    """The name that temporaries of an assignment are named after."""
    while True:
        if isinstance(target, gast.Name):
            return str(target.id).partition("@")[0]
        if isinstance(target, gast.Tuple | gast.List) and target.elts:
            target = target.elts[0]
        elif isinstance(target, gast.Subscript | gast.Attribute | gast.Starred):
            target = target.value
        else:
            return "t"


def assign(ctx: Context, targets: Sequence[Node], value: Node) -> None:
    """`targets[0] = targets[1] = ... = value`."""
    first = targets[0]
    if len(targets) == 1 and _both_displays(first, value):
        return _parallel(ctx, first.elts, value.elts)
    if isinstance(first, gast.Name):
        into(ctx, value, first.id)
        result: Atom = Var(first.id)
        targets = targets[1:]
    else:
        if isinstance(first, gast.Tuple | gast.List):  # which takes all items at once
            value = as_list(ctx, unzipped(ctx, value, first))
        result = atom(ctx, value, stem_of(first))
    for target in targets:
        assign_atom(ctx, target, result)
    return None


def assign_atom(ctx: Context, target: Node, value: Atom) -> None:
    """Assign a computed value to any target."""
    if isinstance(target, gast.Name):
        ctx.copy(target.id, value)
    elif isinstance(target, gast.Subscript):
        base, index = place(ctx, target)
        ctx.add(Store(base, index, value, "set", ctx.unit))
    elif isinstance(target, gast.Tuple | gast.List):
        _unpack(ctx, target, value)
    elif isinstance(target, gast.Attribute):
        _assign_attribute(ctx, target, value)
    else:
        ctx.problem(target, "this assignment target is not supported")


def _assign_attribute(ctx: Context, target: Node, value: Atom) -> None:
    whole = atom(ctx, target.value, stem_of(target))
    base = static_of(ctx, whole)
    if base is None and target.attr in ("real", "imag"):
        part = ctx.emit(stem_of(target), f"attr.{target.attr}", (whole,))
        ctx.add(Store(part, Const(Ellipsis), value, "set", ctx.unit))
    elif base is None:
        ctx.problem(
            target, "assignment to an attribute is not supported", "use a local name, and return it"
        )
    else:
        store(ctx, base, target.attr, value, target)


def bind(ctx: Context, target: Node, op: Op, stem: str) -> None:
    """Assign the result of an operation to any target."""
    if isinstance(target, gast.Name):
        ctx.assign((target.id,), op.fn, op.args, op.kwargs)
    else:
        assign_atom(ctx, target, ctx.emit(stem, op.fn, op.args, op.kwargs))


def augment(ctx: Context, node: Node) -> None:
    """`target op= value`."""
    target, op = node.target, OPERATORS[type(node.op).__name__]
    if isinstance(target, gast.Name):
        read = gast.copy_location(gast.Name(target.id, gast.Load(), None, None), target)
        old = atom(ctx, read, target.id)
        value = atom(ctx, node.value, target.id)
        name = f"operator.i{op.removesuffix('_')}"
        ctx.assign((target.id,), name, (old, value))
    elif isinstance(target, gast.Subscript):
        stem = stem_of(target)
        base, index = place(ctx, target)
        start, old = len(ctx.block), Var(ctx.fresh(stem).replace("@", ITEM))
        if op not in ("add", "sub"):
            ctx.assign((old.name,), "operator.getitem", (base, index))
        value = atom(ctx, node.value, stem)
        if op in ("add", "sub"):
            if not any(map(may_write, walk(tuple(ctx.block[start:])))):
                ctx.add(Store(base, index, value, "add" if op == "add" else "sub", ctx.unit))
                return
            read = Assign((old.name,), "operator.getitem", (base, index), unit=ctx.unit)
            ctx.block.insert(start, read)  # the item as it was before the calls
        new = ctx.emit(stem, f"operator.{op}", (old, value))
        ctx.add(Store(base, index, new, "set", ctx.unit))
    else:
        _augment_attribute(ctx, node, op)


def may_write(stmt: Stmt) -> bool:
    """True for what may store into memory: stores, and calls that do."""
    if not isinstance(stmt, Assign):
        return isinstance(stmt, Store)
    fn = stmt.fn
    if not isinstance(fn, str) or fn == "call" or fn in MUTATORS | AUGMENTED:
        return True
    return fn.startswith("method.") and lookup(fn) is None


def _augment_attribute(ctx: Context, node: Node, op: str) -> None:
    target = node.target
    whole = atom(ctx, target.value, stem_of(target))
    base = static_of(ctx, whole)
    if base is None and target.attr in ("real", "imag"):
        part = ctx.emit(stem_of(target), f"attr.{target.attr}", (whole,))
        new = ctx.emit(target.attr, f"operator.{op}", (part, atom(ctx, node.value, target.attr)))
        ctx.add(Store(part, Const(Ellipsis), new, "set", ctx.unit))
        return
    variable = variable_of(base, target.attr)
    number = not isinstance(base, Instance) or isinstance(
        getattr(base.obj, target.attr), int | float
    )
    if variable is None or not number or variable in ctx.statics:
        ctx.problem(
            target, "assignment to an attribute is not supported", "use a local name, and return it"
        )
        return
    old = ctx.emit(target.attr, "copy", (Var(variable),))
    value = atom(ctx, node.value, target.attr)
    ctx.assign((variable,), f"operator.i{op.removesuffix('_')}", (old, value))


def attribute_variable(ctx: Context, node: Node, stem: str) -> str | None:
    """The variable that an attribute of an object made or taken apart here is."""
    if not isinstance(node, gast.Attribute) or not isinstance(node.value, gast.Name):
        return None
    found = variable_of(static_of(ctx, atom(ctx, node.value, stem)), node.attr)
    return None if found in ctx.statics else found


def place(ctx: Context, target: Node) -> tuple[Var, Atom]:
    """Base and index of an item to be stored."""
    stem = stem_of(target)
    if isinstance(target.value, gast.Attribute):
        held = static_of(ctx, atom(ctx, target.value.value, stem))
        if isinstance(held, Instance):
            ctx.problem(
                target,
                f"stores into `{target.value.attr}` of an object from outside",
                "store into a copy",
            )
    held_in = attribute_variable(ctx, target.value, stem)
    base = atom(ctx, target.value, stem) if held_in is None else Var(held_in)
    index = atom(ctx, target.slice, stem)
    if not isinstance(base, Var):
        ctx.problem(target.value, "this cannot be stored into", "give it a name first")
        return Var(stem), index
    if base.name in ctx.globals:
        ctx.problem(
            target,
            f"stores into the global `{base.name}`",
            "pass it as an argument, or store into a copy",
        )
    return base, index


def _both_displays(target: Node, value: Node) -> bool:
    display = gast.Tuple | gast.List
    if not isinstance(target, display) or not isinstance(value, display):
        return False
    items = [*target.elts, *value.elts]
    starred = any(isinstance(item, gast.Starred) for item in items)
    return len(target.elts) == len(value.elts) and not starred


def _parallel(ctx: Context, targets: Sequence[Node], values: Sequence[Node]) -> None:
    """`a, b = x, y` without making the tuple."""
    if _independent(ctx, targets, values):
        for target, value in zip(targets, values, strict=True):
            into(ctx, value, target.id)
        return
    atoms = [atom(ctx, v, stem_of(t)) for t, v in zip(targets, values, strict=True)]
    earlier: set[str] = set()
    for i, (target, value) in enumerate(zip(targets, atoms, strict=True)):
        if isinstance(value, Var) and value.name in earlier:  # `a, b = b, a`
            atoms[i] = ctx.emit(value.name, "copy", (value,))
        earlier |= stored_names(target)
    for target, value in zip(targets, atoms, strict=True):
        assign_atom(ctx, target, value)


def _independent(ctx: Context, targets: Sequence[Node], values: Sequence[Node]) -> bool:
    """Whether assigning one by one gives the same: no later value reads an earlier target.

    A function made here may read any, or assign it, and its name does not tell.
    """
    if not all(isinstance(target, gast.Name) for target in targets):
        return False
    names = [target.id for target in targets]
    if len(set(names)) < len(names):
        return False
    for i, value in enumerate(values):
        earlier = set(names[:i])
        for node in walk_scope(value):
            if isinstance(node, gast.NamedExpr) or i and isinstance(node, gast.Lambda):
                return False
            if isinstance(node, gast.Name) and (node.id in earlier or i and node.id in ctx.statics):
                return False
    return True


def _unpack(ctx: Context, target: Node, value: Atom) -> None:
    stem = stem_of(target)
    if not target.elts:
        ctx.problem(target, "unpacking into nothing is not supported")
        return
    if any(isinstance(item, gast.Starred) for item in target.elts):
        _unpack_starred(ctx, target, value)
        return
    names: list[str] = []
    for item in target.elts:
        plain = isinstance(item, gast.Name) and item.id not in names
        names.append(item.id if plain else ctx.fresh(stem))
    ctx.known.update(names)
    if len(names) == 1:  # one target means "bind the result", so take the item
        (item,) = target.elts
        ctx.assign((names[0],), "operator.getitem", (value, Const(0)))
    else:
        ctx.assign(tuple(names), "unpack", (value,))
    for item, name in zip(target.elts, names, strict=True):
        if not isinstance(item, gast.Name) or item.id != name:
            assign_atom(ctx, item, Var(name))


def _unpack_starred(ctx: Context, target: Node, value: Atom) -> None:
    """`a, *b, c = v` takes items from the front and the back, and a list of the rest."""
    stars = [i for i, item in enumerate(target.elts) if isinstance(item, gast.Starred)]
    star, count, stem = stars[0], len(target.elts), stem_of(target)
    if isinstance(value, Var) and value.name in stored_names(target):
        value = ctx.emit(stem, "copy", (value,))
    for i, item in enumerate(target.elts):
        if i == star:
            end = Const(star + 1 - count) if star + 1 < count else Const(None)
            piece = ctx.emit(stem, "slice", (Const(star), end, Const(None)))
            rest = ctx.emit(stem, "operator.getitem", (value, piece))
            bind(ctx, item.value, Op("builtins.list", (rest,)), stem)
        else:
            position = Const(i if i < star else i - count)
            bind(ctx, item, Op("operator.getitem", (value, position)), stem)
