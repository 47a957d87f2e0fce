"""Comprehensions and generator expressions -> loops.

`[e for a in x if c]` becomes a list that a loop appends to. A generator expression is taken apart
by the function that consumes it: `sum` adds up, `any` and `all` leave their loop early, others
read a list of the items.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import HANDLERS, INTO, atom
from srcgrad.frontend.lazy import library_call, local, name_of
from srcgrad.frontend.loops import lower_for
from srcgrad.frontend.names import resolve
from srcgrad.frontend.scopes import own_scope
from srcgrad.ir.core import Assign, Const, Exit, If, Store, Var

# Consumers that read every item before they do anything else: a list does as well.
_LISTED = frozenset(
    {
        "builtins.enumerate",
        "builtins.frozenset",
        "builtins.max",
        "builtins.min",
        "builtins.sorted",
        "builtins.tuple",
        "math.fsum",
        "numpy.fromiter",
    }
)
_LISTED_METHODS = frozenset({"extend", "join", "update"})
_SUMS = {"builtins.sum": ("operator.add", 0), "math.prod": ("operator.mul", 1)}
_DISPLAYS = {"builtins.list": gast.ListComp, "builtins.set": gast.SetComp}


def build(ctx: Context, node: Node, name: str) -> None:
    """Compute a comprehension into a variable that it does not read."""
    node, stem = own_scope(ctx, node), name.partition("@")[0]
    if isinstance(node, gast.DictComp):
        ctx.assign((name,), "dict", ())
        loops(ctx, node, lambda: _item(ctx, node, name, stem))
        return
    is_set = isinstance(node, gast.SetComp)
    ctx.assign((name,), "builtins.set" if is_set else "list", ())
    method = "method.add" if is_set else "method.append"
    loops(ctx, node, lambda: ctx.assign((), method, (Var(name), atom(ctx, node.elt, stem))))


def _item(ctx: Context, node: Node, name: str, stem: str) -> None:
    key = atom(ctx, node.key, stem)
    ctx.add(Store(Var(name), key, atom(ctx, node.value, stem), "set", ctx.unit))


def _comprehension(ctx: Context, node: Node, stem: str) -> Var:
    name = ctx.fresh(stem)
    build(ctx, node, name)
    return Var(name)


def _into(ctx: Context, node: Node, target: str) -> bool:
    """Build in the variable that an assignment names, unless the items read it."""
    if any(isinstance(n, gast.Name) and n.id == target for n in gast.walk(node)):
        return False
    build(ctx, node, target)
    return True


# --- loops


def loops(ctx: Context, node: Node, innermost: Callable[[], None], leave: str = "") -> None:
    """The loops of a comprehension around what is done with an item.

    `leave`: the name of a flag; a loop ends when the one inside has set it.
    """
    unit, clauses = ctx.unit, node.generators
    elements = [node.key, node.value] if isinstance(node, gast.DictComp) else [node.elt]

    def level(depth: int) -> None:
        if depth == len(clauses):
            innermost()
            return
        clause = clauses[depth]
        if clause.is_async:
            ctx.problem(clause.target, "`async for` cannot be differentiated", "write plain `for`")
        inside = [part for c in clauses[depth + 1 :] for part in (c.target, c.iter, *c.ifs)]
        loop = _for(clause, [*clause.ifs, *inside, *elements])

        def body(ctx: Context, _: Sequence[Node]) -> None:
            ctx.unit = unit
            _conditions(ctx, clause.ifs, lambda: level(depth + 1))

        lower_for(ctx, loop, body, _header(ctx, clause))
        ctx.unit = unit
        if leave and depth:
            ctx.add(If(Var(leave), (Exit("break", unit=unit),), (), "if", unit))

    level(0)


def _for(clause: Node, inside: Sequence[Node]) -> Node:
    """A `for` statement; its body only tells which names it reads and assigns."""
    body = [gast.Expr(part) for part in inside]
    loop = gast.For(clause.target, clause.iter, body, [], None)
    gast.copy_location(loop, clause.target)
    loop.end_lineno, loop.end_col_offset = clause.iter.end_lineno, clause.iter.end_col_offset
    return loop


def _header(ctx: Context, clause: Node) -> str:
    """The clause as the header of a loop; no header where its names are not the user's."""
    if ctx.file.segment(clause.target).startswith("*"):  # an item of a display
        return f"... {ctx.file.segment(clause.target)}"
    target, iterable = (ctx.file.segment(part) for part in (clause.target, clause.iter))
    if target == iterable:  # it stands where the iterable does: `list(zip(a, b))`
        return f"... {iterable}"
    text = f"for {target} in {iterable}"
    names = [n.id for n in gast.walk(clause) if isinstance(n, gast.Name)]
    return f"... {text}" if any("@" in name for name in names) else text


def _conditions(ctx: Context, tests: Sequence[Node], then: Callable[[], None]) -> None:
    if not tests:
        then()
        return
    test = atom(ctx, tests[0], "test")
    with ctx.collect() as block:
        _conditions(ctx, tests[1:], then)
    ctx.add(If(test, tuple(block), (), "if", ctx.unit))


# --- consumers of generator expressions


def _call(ctx: Context, node: Node, stem: str) -> object:
    """A call; one of a function that consumes a generator expression is taken apart."""
    if not any(isinstance(arg, gast.GeneratorExp) for arg in node.args):
        pairs = _pairs(ctx, node)
        return _plain_call(ctx, node, stem) if pairs is None else _comprehension(ctx, pairs, stem)
    path = resolve(ctx, node.func)
    name = "" if path is None else path.dotted
    first, *others = node.args
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    alone = isinstance(first, gast.GeneratorExp) and not others and not keywords
    if name in _SUMS and isinstance(first, gast.GeneratorExp):
        start = others[0] if others else keywords.get("start")
        if len(others) + len(keywords) == (start is not None):
            return _accumulate(ctx, first, start, _SUMS[name], stem)
    if name in ("builtins.any", "builtins.all") and alone:
        return _quantifier(ctx, first, name == "builtins.any", stem)
    if name in _DISPLAYS and alone:
        return _comprehension(ctx, _as(_DISPLAYS[name], first), stem)
    if name == "builtins.dict" and alone and _is_pair(first.elt):
        return _comprehension(ctx, _as_dict(first), stem)
    method = path is None and isinstance(node.func, gast.Attribute)
    if name in _LISTED or method and node.func.attr in _LISTED_METHODS:
        node = copy.copy(node)
        node.args = [
            _as(gast.ListComp, arg) if isinstance(arg, gast.GeneratorExp) else arg
            for arg in node.args
        ]
    return _plain_call(ctx, node, stem)


def _pairs(ctx: Context, node: Node) -> Node | None:
    """`dict(zip(a, b))` and `dict(enumerate(a))` as `{k: v for k, v in ...}`."""
    given = node.args[0] if len(node.args) == 1 and not node.keywords else None
    if library_call(ctx, given) not in ("builtins.zip", "builtins.enumerate"):
        return None
    if library_call(ctx, node) != "builtins.dict":
        return None
    key, value = (name_of(local(ctx, "item"), node) for _ in range(2))
    target = gast.copy_location(gast.Tuple([key, value], gast.Store()), node)
    clause = gast.comprehension(target, given, [], 0)
    return gast.copy_location(gast.DictComp(key, value, [clause]), node)


def _accumulate(
    ctx: Context, node: Node, start: Node | None, how: tuple[str, int], stem: str
) -> Var:
    """`s = start; for ...: s = s + e`."""
    op, neutral = how
    result = ctx.fresh(stem)
    # The items are made after the start, but the first iterable is evaluated before: a name or
    # a literal does not tell the difference.
    if start is not None and not isinstance(start, gast.Name | gast.Constant):
        ctx.problem(start, "this start of a sum over a generator is not supported", "name it first")
    value = Const(neutral) if start is None else atom(ctx, start, stem)
    ctx.copy(result, value)
    node = own_scope(ctx, node)

    def add() -> None:
        item = atom(ctx, node.elt, stem)
        ctx.assign((result,), op, (Var(result), item))

    loops(ctx, node, add)
    return Var(result)


def _quantifier(ctx: Context, node: Node, is_any: bool, stem: str) -> Var:
    """`any` and `all`: a flag, and loops that end when it is settled."""
    result = ctx.fresh(stem)
    ctx.copy(result, Const(not is_any))
    settled = result if is_any else ctx.fresh("settled")
    if not is_any and len(node.generators) > 1:
        ctx.copy(settled, Const(False))
    node = own_scope(ctx, node)

    def test() -> None:
        value = atom(ctx, node.elt, stem)
        unit = ctx.unit
        leave: list[Assign | Exit] = [Assign((result,), "copy", (Const(is_any),), unit=unit)]
        if not is_any and len(node.generators) > 1:
            leave.append(Assign((settled,), "copy", (Const(True),), unit=unit))
        block = (*leave, Exit("break", unit=unit))
        then, orelse = (block, ()) if is_any else ((), block)
        ctx.add(If(value, then, orelse, "if", unit))

    loops(ctx, node, test, settled)
    return Var(result)


def _as(kind: type[Node], node: Node) -> Node:
    return gast.copy_location(kind(node.elt, node.generators), node)


def _as_dict(node: Node) -> Node:
    key, value = node.elt.elts
    return gast.copy_location(gast.DictComp(key, value, node.generators), node)


def _is_pair(node: Node) -> bool:
    plain = isinstance(node, gast.Tuple) and len(node.elts) == 2
    return plain and not any(isinstance(item, gast.Starred) for item in node.elts)


_plain_call = HANDLERS["Call"]
HANDLERS["Call"] = _call  # type: ignore[assignment]
for _name in ("ListComp", "SetComp", "DictComp"):
    HANDLERS[_name] = _comprehension
    INTO[_name] = _into
