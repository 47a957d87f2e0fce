"""Comprehensions have a scope of their own: which names it binds, and giving them other ones."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

import gast

from srcgrad.frontend.context import COMPREHENSIONS, SCOPES, Context, Node, stored_names
from srcgrad.frontend.descend import children


def bound_names(node: Node) -> set[str]:
    """The names that the `for` clauses of a comprehension assign."""
    targets = [clause.target for clause in node.generators]
    return {
        n.id
        for target in targets
        for n in gast.walk(target)
        if isinstance(n, gast.Name) and not isinstance(n.ctx, gast.Load)
    }


def outer_names(nodes: Iterable[Node], reads: bool = False) -> set[str]:
    """Names that occur outside the comprehensions that bind them: of the function, or global.

    `reads`: those that are read only.
    """
    found: set[str] = set()
    stack: list[tuple[Node, frozenset[str]]] = [(node, frozenset()) for node in nodes]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, gast.Name):
            if not reads or isinstance(node.ctx, gast.Load):
                found |= {node.id} - bound
        elif isinstance(node, SCOPES):  # not looked into closely
            found |= {n.id for n in gast.walk(node) if isinstance(n, gast.Name)}
        elif isinstance(node, COMPREHENSIONS):
            inner = bound | bound_names(node)
            first = node.generators[0].iter  # evaluated outside
            stack.append((first, bound))
            parts = [part for clause in node.generators for part in _parts(clause)]
            stack += [(part, inner) for part in (*parts, *_elements(node)) if part is not first]
        else:
            stack += [(inner, bound) for inner in children(node)]
    return found


def own_scope(ctx: Context, node: Node) -> Node:
    """The comprehension with each name it binds made a local that nothing else uses.

    A name keeps its spelling where it occurs nowhere else in the function.
    """
    names: dict[str, str] = {}
    for name in sorted(bound_names(node)):
        if name in ctx.outer or name in ctx.locals or name in ctx.globals:
            names[name] = ctx.fresh(name)
        ctx.locals.add(names.get(name, name))
    return _renamed(node, names) if names else node


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    node = copy.deepcopy(node)
    first = node.generators[0]
    for clause in node.generators:
        for part in _parts(clause):
            if part is not first.iter:
                _rename(part, names)
    for part in _elements(node):
        _rename(part, names)
    return node


def _rename(node: Node, names: Mapping[str, str]) -> None:
    if isinstance(node, gast.Name):
        node.id = names.get(node.id, node.id)
    elif isinstance(node, gast.MatchAs | gast.MatchStar):
        node.name = names.get(node.name, node.name)
        rename_all(gast.iter_child_nodes(node), names)
    elif isinstance(node, gast.Lambda):
        taken = {n.id for n in gast.walk(node.args) if isinstance(n, gast.Name)}
        rename_all(gast.iter_child_nodes(node), {k: v for k, v in names.items() if k not in taken})
    elif isinstance(node, COMPREHENSIONS):
        first = node.generators[0].iter
        _rename(first, names)
        own = bound_names(node)
        rest = {k: v for k, v in names.items() if k not in own}
        parts = [part for clause in node.generators for part in _parts(clause)]
        rename_all((p for p in (*parts, *_elements(node)) if p is not first), rest)
    else:
        rename_all(gast.iter_child_nodes(node), names)


def rename_all(nodes: Iterable[Node], names: Mapping[str, str]) -> None:
    """Give names other spellings, in place."""
    for node in nodes:
        _rename(node, names)


def _parts(clause: Node) -> list[Node]:
    return [clause.target, clause.iter, *clause.ifs]


def _elements(node: Node) -> list[Node]:
    return [node.key, node.value] if isinstance(node, gast.DictComp) else [node.elt]


def read_past_loops(statements: list[Node]) -> set[str]:
    """Names that are read anywhere but in the bodies of loops that assign them."""
    found = set()
    stack = [(node, frozenset[str]()) for node in statements]
    while stack:
        node, own = stack.pop()
        if type(node) is gast.Name:
            if type(node.ctx) is gast.Load and node.id not in own:
                found.add(node.id)
        elif type(node) is gast.For:
            inner = own | stored_names(node.target)
            stack += [(part, inner) for part in node.body]
            stack += [(part, own) for part in (node.target, node.iter, *node.orelse)]
        else:
            stack += [(part, own) for part in children(node)]
    return found
