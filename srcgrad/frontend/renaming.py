"""Copies of a function's tree under other names, so that it can be lowered inside another one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import gast

from srcgrad.frontend.context import COMPREHENSIONS, Node, stored_names, walk_scope
from srcgrad.frontend.descend import descend
from srcgrad.frontend.scopes import bound_names

Fresh: TypeAlias = Callable[[str], str]
Names: TypeAlias = Mapping[str, Node]  # a name's new spelling, or a literal in its place

_FUNCTIONS = (gast.FunctionDef, gast.AsyncFunctionDef, gast.Lambda)
_CAPTURES = (gast.MatchAs, gast.MatchStar, gast.MatchMapping)


def statements(function: Node) -> list[Node]:
    return [function.body] if isinstance(function, gast.Lambda) else list(function.body)


def parameters(args: Node) -> list[str]:
    """Names of all parameters, in order, `*args` and `**kwargs` last."""
    plain = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return [node.id for node in (*plain, args.vararg, args.kwarg) if node is not None]


def local_names(function: Node) -> set[str]:
    """The names that a function binds itself."""
    body = statements(function)
    outside = {
        name
        for node in walk_scope(*body)
        if isinstance(node, gast.Nonlocal | gast.Global)
        for name in node.names
    }
    return (set(parameters(function.args)) | stored_names(*body) | _captured(body)) - outside


def _captured(body: list[Node]) -> set[str]:
    """Names that the patterns of `match` and the handlers of `try` bind."""
    found: set[str] = set()
    for node in walk_scope(*body):
        if isinstance(node, _CAPTURES):
            name = getattr(node, "rest", None) or getattr(node, "name", None)
            found |= {name} if name else set()
    return found


def free_names(function: Node) -> set[str]:
    """Names that a function reads, or assigns as `nonlocal`, and does not bind."""
    found: set[str] = set()
    stack: list[tuple[Node, frozenset[str]]] = [
        (part, frozenset(local_names(function))) for part in statements(function)
    ]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, gast.Name):
            found |= {node.id} - bound
        elif isinstance(node, gast.Nonlocal | gast.Global):
            found |= set(node.names) - bound
        elif isinstance(node, _FUNCTIONS):
            inner = bound | local_names(node)
            stack += [(part, inner) for part in statements(node)]
            stack += [(part, bound) for part in _evaluated_outside(node)]
        elif isinstance(node, COMPREHENSIONS):
            inner = bound | bound_names(node)
            first = node.generators[0].iter
            stack += [(part, inner) for part in gast.walk(node) if part is not node]
            stack.append((first, bound))
        else:
            stack += [(part, bound) for part in gast.iter_child_nodes(node)]
    return found


def _evaluated_outside(function: Node) -> list[Node]:
    args = function.args
    found = [*args.defaults, *(d for d in args.kw_defaults if d is not None)]
    return [*found, *getattr(function, "decorator_list", ())]


def assigned_inside(function: Node) -> set[str]:
    """Names that functions inside this one declare `nonlocal`."""
    found = set()
    for part in statements(function):
        for node in descend(part):
            if type(node) is gast.Nonlocal:
                found |= set(node.names)
    return found


def starred_names(nodes: Iterable[Node]) -> set[str]:
    """Names that calls spread over their parameters."""
    found: set[str] = set()
    for call in [node for node in descend(*nodes) if type(node) is gast.Call]:
        given = [arg.value for arg in call.args if isinstance(arg, gast.Starred)]
        given += [keyword.value for keyword in call.keywords if keyword.arg is None]
        found |= {node.id for node in given if isinstance(node, gast.Name)}
    return found


def has_functions(function: Node) -> bool:
    inside = (node for part in statements(function) for node in gast.walk(part))
    return any(isinstance(node, _FUNCTIONS) for node in inside)


def renamed(node: Node, names: Names, fresh: Fresh) -> Node:
    """A copy with free occurrences of names replaced. Comprehensions get names of their own."""
    if isinstance(node, gast.Name):
        return _name(node, names)
    if isinstance(node, _FUNCTIONS):
        return _function(node, names, fresh)
    if isinstance(node, COMPREHENSIONS):
        return _comprehension(node, names, fresh)
    new = copy.copy(node)
    for name, value in gast.iter_fields(node):
        if isinstance(value, gast.AST):
            setattr(new, name, renamed(value, names, fresh))
        elif isinstance(value, list):
            setattr(new, name, [_item(item, names, fresh) for item in value])
    if isinstance(new, gast.Nonlocal):
        new.names = [_spelling(n, names) for n in node.names]
    if isinstance(new, _CAPTURES):
        for attr in ("name", "rest"):
            if getattr(new, attr, None):
                setattr(new, attr, _spelling(getattr(new, attr), names))
    return new


def _item(item: Node, names: Names, fresh: Fresh) -> Node:
    return renamed(item, names, fresh) if isinstance(item, gast.AST) else item


def _name(node: Node, names: Names) -> Node:
    found = names.get(node.id)
    if found is None:
        return node
    if isinstance(found, str):
        new = copy.copy(node)
        new.id = found
        return new
    return gast.copy_location(copy.copy(found), node)


def _spelling(name: str, names: Names) -> str:
    found = names.get(name, name)
    return found if isinstance(found, str) else name


def _function(node: Node, names: Names, fresh: Fresh) -> Node:
    new = copy.copy(node)
    own = local_names(node)
    inner = {name: value for name, value in names.items() if name not in own}
    new.args = copy.copy(node.args)
    new.args.defaults = [renamed(d, names, fresh) for d in node.args.defaults]
    new.args.kw_defaults = [
        None if d is None else renamed(d, names, fresh) for d in node.args.kw_defaults
    ]
    if isinstance(node, gast.Lambda):
        new.body = renamed(node.body, inner, fresh)
        return new
    new.name = _spelling(node.name, names)
    new.decorator_list = [renamed(d, names, fresh) for d in node.decorator_list]
    new.body = [renamed(part, inner, fresh) for part in node.body]
    return new


def _comprehension(node: Node, names: Names, fresh: Fresh) -> Node:
    new = copy.copy(node)
    inner = {**names, **{name: fresh(name) for name in sorted(bound_names(node))}}
    new.generators = []
    for position, clause in enumerate(node.generators):
        other = copy.copy(clause)
        other.target = renamed(clause.target, inner, fresh)
        other.iter = renamed(clause.iter, inner if position else names, fresh)
        other.ifs = [renamed(test, inner, fresh) for test in clause.ifs]
        new.generators.append(other)
    for field in ("key", "value", "elt"):
        if hasattr(node, field):
            setattr(new, field, renamed(getattr(node, field), inner, fresh))
    return new


def names_of(nodes: Iterable[Node]) -> set[str]:
    return {n.id for node in nodes for n in gast.walk(node) if isinstance(n, gast.Name)}
