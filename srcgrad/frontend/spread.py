"""What a call spreads over its parameters, where the text tells how many items there must be.

`f(*x[:3])` spreads three items, and `f(*xs)` as many as `f` has parameters left. They are taken as
`a, b, c = x[:3]` takes them, which refuses another number of items at run time. `f(**p)` takes the
parameters that are left by their names, those with defaults where they are there.
"""

from __future__ import annotations

import inspect
import math

import gast
import numpy as np

from srcgrad.frontend.calls import definition
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import atom
from srcgrad.frontend.lazy import name_of
from srcgrad.frontend.statics import Closure, Library, User, static_of
from srcgrad.ir.core import Assign, Atom, Const, Var

Items = list[Atom]
KEYWORDS = "srcgrad.support.keywords"


def unpacked(ctx: Context, node: Node, call: Node, fn: Atom | None, stem: str) -> Items | None:
    """The items of `*items`, taken one by one; None where nothing tells how many there are."""
    sliced = _length_of_slice(node.value)
    count = sliced or _places_left(ctx, node, call, fn)
    if count is None or count < (1 if sliced else 2):  # taking the first item checks no length
        return None
    value = atom(ctx, node.value, stem)
    if not isinstance(value, Var):
        return None
    if count == 1:
        return [ctx.emit(stem, "operator.getitem", (value, Const(0)))]
    names = tuple(ctx.fresh(stem) for _ in range(count))
    ctx.assign(names, "unpack", (value,))
    return [Var(name) for name in names]


def by_keywords(
    ctx: Context, node: Node, call: Node, fn: Atom | None, stem: str
) -> list[tuple[str, Atom]] | None:
    """The items of `**items`, taken by the names of the parameters that are left; None where they
    are not known."""
    names = _names_left(ctx, call, fn)
    value = atom(ctx, node, stem) if names else None
    if not names or not isinstance(value, Var) or static_of(ctx, value) is not None:
        return None
    ctx.add(Assign((), KEYWORDS, (value, *map(Const, names))))
    of = name_of(value.name, node)
    return [(name, atom(ctx, _item(of, name, other), stem)) for name, other in names.items()]


def _item(of: Node, name: str, other: Const | None) -> Node:
    """`p["b"]`, or `p["b"] if "b" in p else 1.0` of a parameter with a default."""
    key = gast.copy_location(gast.Constant(name, None), of)
    item = gast.copy_location(gast.Subscript(of, key, gast.Load()), of)
    if other is None:
        return item
    test = gast.copy_location(gast.Compare(key, [gast.In()], [of]), of)
    default = gast.copy_location(gast.Constant(other.value, None), of)
    return gast.copy_location(gast.IfExp(test, item, default), of)


def _names_left(ctx: Context, call: Node, fn: Atom | None) -> dict[str, Const | None] | None:
    """The parameters of a function of the user's that a call leaves to its only `**items`, and
    their defaults."""
    found = _known(ctx, fn)
    spread = [keyword for keyword in call.keywords if keyword.arg is None]
    if found is None or len(spread) > 1 or any(map(_is_starred, call.args)):
        return None
    spec = found.node.args
    places = [name.id for name in (*spec.posonlyargs, *spec.args)]
    given, named = len(call.args), {keyword.arg for keyword in call.keywords}
    if spec.vararg or spec.kwarg or not len(spec.posonlyargs) <= given <= len(places):
        return None
    others = [*places[given:], *(name.id for name in spec.kwonlyargs)]
    left = {name: found.defaults.get(name) for name in others if name not in named}
    known = {n: other for n, other in left.items() if other is None or isinstance(other, Const)}
    return known if len(known) == len(left) else None


def _operands(dotted: str) -> int | None:
    """How many operands a function of numbers or arrays takes, none of them optional:
    `np.hypot`."""
    module, _, name = dotted.rpartition(".")
    if module == "numpy":
        found = getattr(np, name, None)
        return found.nin if isinstance(found, np.ufunc) else None
    found = getattr(math, name, None) if module == "math" else None
    try:
        params = inspect.signature(found).parameters.values() if callable(found) else ()
    except ValueError:  # it has several forms
        return None
    plain = all(p.kind is p.POSITIONAL_ONLY and p.default is p.empty for p in params)
    return len(params) if plain and params else None


def _is_starred(node: Node) -> bool:
    return isinstance(node, gast.Starred)


def _known(ctx: Context, fn: Atom | None) -> Closure | None:
    """A function of the user's whose text is known."""
    found = None if fn is None else static_of(ctx, fn)
    if isinstance(found, User):
        found = definition(ctx, found)
    return found if isinstance(found, Closure) else None


def _length_of_slice(node: Node) -> int | None:
    """How many items `x[1:3]` has at most."""
    if not isinstance(node, gast.Subscript) or not isinstance(node.slice, gast.Slice):
        return None
    part = node.slice
    lower = 0 if part.lower is None else _whole(part.lower)
    upper = None if part.upper is None else _whole(part.upper)
    if part.step is not None or lower is None or upper is None:
        return None
    return upper - lower if upper > lower else None


def _whole(node: Node) -> int | None:
    plain = isinstance(node, gast.Constant) and type(node.value) is int
    return node.value if plain else None


def _places_left(ctx: Context, node: Node, call: Node, fn: Atom | None) -> int | None:
    """How many parameters of a function of the user's are left for the only `*items` of a call.

    None where a default may take the place of an item, or `*args` takes any number.
    """
    others = [arg for arg in call.args if arg is not node]
    library = None if fn is None else static_of(ctx, fn)
    if isinstance(library, Library) and not call.keywords:
        count = _operands(library.dotted)
        return None if count is None or any(map(_is_starred, others)) else count - len(others)
    found = _known(ctx, fn)
    if found is None or found.node.args.vararg is not None:
        return None
    named = {keyword.arg for keyword in call.keywords}
    if None in named or any(map(_is_starred, others)):
        return None
    spec = found.node.args
    places = [name.id for name in (*spec.posonlyargs, *spec.args)]
    optional = places[len(places) - len(spec.defaults) :] if spec.defaults else []
    if not named.issuperset(optional):
        return None
    return len([name for name in places if name not in named]) - len(others)
