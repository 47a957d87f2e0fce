"""`derivative_of(f)`: a rule of the user's, in the form of the rules of the table.

@derivative_of(mylib.softplus)
def rule(d, y, x):
    return d * np.exp(x - y)

The first parameter says what the rule is: `d`, the derivative in either mode, of a function that
works element by element; `g`, the cotangent of the value; `t`, the tangent of an argument.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import field
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import numpy as np

from srcgrad.errors import SourceError, SrcgradError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.library import TOLD
from srcgrad.rules.call import Call
from srcgrad.rules.naming import GIVEN
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import TABLE, Primitive, Rule, broadcast_kind
from srcgrad.rules.tangents import TANGENTS, Tangent

R = TypeVar("R", bound=Callable[..., Any])
_FORMS = ("d", "g", "t")
_TAKEN = TOLD | {*_FORMS, "where"}
_LITERALS = (bool, int, float, str, type(None))
_PLAIN = (
    *(ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Attribute),
    *(ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.keyword, ast.expr_context),
    *(ast.operator, ast.unaryop, ast.cmpop),
)


def derivative_of(fn: Callable[..., Any], name: str = "") -> Callable[[R], R]:
    """Give a function of any library, or one of your own, a rule: `@derivative_of(f)`.

    The rule is one expression, and is written into derivatives as it stands. It takes `d`, `g` or
    `t`, then the value `y`, then all parameters of `f`, and gives what each argument adds, as a
    tuple, with None for those that have no derivative; of one parameter, that alone.

    `d`: a function that works element by element; the formula serves both modes, and broadcasting
        is not its concern. `g`: cotangents, each of the shape of its argument. `t`: what the
        tangent `t` of each argument adds to that of the value, for forward mode.

    `name`: the module and name of `f`, where these are not told by `f`. How `f` works is not looked
    at; it must not write into its arguments. Raises `SrcgradError` for a rule that is none.
    """
    dotted = _dotted(fn, name)

    def register(rule: R) -> R:
        form, params, formulas = _read(rule)
        _add(fn, dotted, form, params, formulas)
        return rule

    return register


def _dotted(fn: Any, name: str) -> str:
    """Where a function is found: its module and its name."""
    from srcgrad.frontend.environment import library_name

    if not callable(fn) or isinstance(fn, type):
        raise SrcgradError(f"derivative_of takes a function, not {fn!r}")
    known = name or library_name(fn) or _home(fn)
    if known in TABLE and id(fn) not in GIVEN:
        raise SrcgradError(f"{known} has a rule already")
    module, _, leaf = known.rpartition(".")
    if getattr(sys.modules.get(module), leaf, None) is not fn:
        shown = getattr(fn, "__qualname__", repr(fn))
        raise SrcgradError(
            f"derivative_of: {shown} is not found as a name of a module, from where a derivative "
            "would import it; give `name`, or use custom_vjp"
        )
    return known


def _home(fn: Any) -> str:
    """The module and name of a function; of one that does not tell, where it is found."""
    leaf = getattr(fn, "__qualname__", getattr(fn, "__name__", ""))
    module = getattr(fn, "__module__", None)
    if isinstance(module, str):
        return f"{module}.{leaf}"
    homes = [n for n, m in sorted(sys.modules.items()) if vars(m).get(leaf) is fn]
    public = [n for n in homes if "._" not in n] or homes
    return f"{public[0]}.{leaf}" if public else leaf


def _read(rule: Any) -> tuple[str, list[str], list[Formula | None]]:
    """The form of a rule, the parameters that follow `y`, and a formula for each of them."""
    if not isinstance(rule, FunctionType):
        raise SrcgradError("the rule is a function or a lambda: `@derivative_of(f)` above it")
    shown = rule.__qualname__
    given = inspect.signature(rule).parameters.values()
    params = [p.name for p in given if p.kind == p.POSITIONAL_OR_KEYWORD]
    if len(params) != len(given) or len(params) < 3:
        raise SrcgradError(f"the rule {shown} takes d, g or t, the value y, and the arguments")
    if params[0] not in _FORMS or params[1] != "y":
        raise SrcgradError(
            f"the rule {shown} begins with ({params[0]}, {params[1]}): its first parameter is d "
            "(elementwise), g (a cotangent) or t (a tangent), the second is the value y"
        )
    if taken := _TAKEN & set(params[2:]):
        raise SrcgradError(
            f"the rule {shown} calls a parameter {min(taken)}, which means another thing in rules: "
            "give it another name there"
        )
    expression, wanted = _expression(rule, shown), params[2:]
    parts = expression.elts if isinstance(expression, ast.Tuple) else [expression]
    if len(parts) != len(wanted):
        raise SrcgradError(
            f"the rule {shown} must return one formula for each of {', '.join(wanted)}, as a tuple"
        )
    resolver = _Resolver(rule, shown, set(params))
    found: list[Formula | None] = []
    for part in parts:
        if isinstance(part, ast.Constant) and part.value is None:
            found.append(None)
            continue
        body = resolver.visit(part)
        body = _renamed(body, "t", "d") if params[0] == "t" else body
        found.append(Formula(tuple(params), body, resolver.names))
    return params[0], wanted, found


def _renamed(body: ast.expr, old: str, new: str) -> ast.expr:
    for node in ast.walk(body):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new
    return body


def _expression(rule: FunctionType, shown: str) -> ast.expr:
    """The one expression that a rule consists of."""
    from srcgrad.frontend.source import locate  # with gast, which is loaded where it is needed

    try:
        node = locate(rule).node
    except SourceError as error:
        raise SrcgradError(f"the rule {shown} has no source text: {error}") from error
    if isinstance(node, ast.Lambda):
        return node.body
    doc = ast.get_docstring(node) is not None
    last, *others = node.body[1:] if doc and len(node.body) > 1 else node.body
    if others or not isinstance(last, ast.Return) or last.value is None:
        raise SrcgradError(f"the rule {shown} is more than `return` and one expression")
    return last.value


class _Resolver(ast.NodeTransformer):
    """Replaces what a formula reads of its module: functions by their names, numbers by values."""

    def __init__(self, rule: FunctionType, shown: str, params: set[str]) -> None:
        self.space = {**vars(builtins), **rule.__globals__}
        cells = zip(rule.__code__.co_freevars, rule.__closure__ or (), strict=True)
        self.space |= {name: cell.cell_contents for name, cell in cells}
        self.shown, self.params = shown, params
        self.names: dict[str, Any] = {}

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, _PLAIN) or isinstance(node, ast.Compare) and len(node.ops) > 1:
            raise SrcgradError(
                f"the rule {self.shown} uses {ast.unparse(node)!r}: a rule is made of operators, "
                "calls and items"
            )
        if isinstance(node, ast.Name | ast.Attribute):
            return self.path(node)
        return self.generic_visit(node)

    def path(self, node: ast.Name | ast.Attribute) -> ast.expr:
        from srcgrad.frontend.environment import library_name

        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id in self.params:
            if isinstance(node, ast.Attribute):
                node.value = self.visit(node.value)
            return node
        text = ast.unparse(node)
        try:
            found = self.space[root.id]
            for attr in text.split(".")[1:]:
                found = getattr(found, attr)
        except (KeyError, AttributeError) as error:
            raise SrcgradError(f"the rule {self.shown} reads {text}, which is not known") from error
        if type(found) in (bool, int, float, str, type(None)) or found is Ellipsis:
            return ast.Constant(found)
        dotted = library_name(found) or _home(found)
        if isinstance(found, ModuleType) or dotted not in TABLE:
            raise SrcgradError(f"the rule {self.shown} reads {text}, which has no rule of its own")
        alias = dotted.replace(".", "_")
        self.names[alias] = dotted
        return ast.Name(alias, ast.Load())


@dataclass(frozen=True, slots=True)
class _Signature:
    """Parameters under the names that the rule gives them. `also`: by the names of the function."""

    defaults: Mapping[str, Any]
    keyword_only: frozenset[str] = frozenset()
    positional_only: bool = False
    also: Mapping[str, str] = field(default_factory=dict)


def _signature(fn: Any, names: list[str], dotted: str) -> _Signature:
    """How a function is called, as far as that is known."""
    try:
        own = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):  # of C: its rule says how many there are
        return _Signature({}, positional_only=True)
    if isinstance(fn, np.ufunc) or any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in own):
        return _Signature({}, positional_only=True)
    if len(own) != len(names):
        raise SrcgradError(
            f"the rule of {dotted} must take d, g or t, y, and all of "
            f"({', '.join(p.name for p in own)}); it takes ({', '.join(names)})"
        )
    pairs = list(zip(own, names, strict=True))
    if taken := TOLD & {p.name for p in own}:
        raise SrcgradError(f"{dotted} may write into its argument `{min(taken)}`: it takes no rule")
    return _Signature(
        {name: p.default for p, name in pairs if type(p.default) in _LITERALS},
        frozenset(name for p, name in pairs if p.kind == p.KEYWORD_ONLY),
        any(p.kind == p.POSITIONAL_ONLY for p in own),
        {p.name: name for p, name in pairs if p.name != name},
    )


def _kind(call: Call) -> Kind:
    """Of an elementwise function the shape is known; its dtype is its own affair."""
    return broadcast_kind(call).with_dtype("?")


def _add(fn: Any, dotted: str, form: str, names: list[str], formulas: list[Formula | None]) -> None:
    known = {n: f for n, f in zip(names, formulas, strict=True) if f is not None}
    how = _signature(fn, names, dotted)
    before = TABLE.get(dotted)
    if before is not None and before.params != tuple(names):
        raise SrcgradError(f"the rules of {dotted} name its parameters differently")
    rules = before.rules if before is not None else ()
    TABLE[dotted] = Primitive(
        dotted,
        tuple(names),
        how.defaults,
        how.keyword_only,
        _kind if form == "d" else before.kind if before is not None else lambda call: UNKNOWN,
        rules=rules if form == "t" else (Rule(known),),
        elementwise=form == "d" or before is not None and before.elementwise,
        view=None if isinstance(fn, np.ufunc) else "*",  # it may give back what it is given
        positional_only=how.positional_only,
        also=how.also,
    )
    GIVEN[id(fn)] = (fn, dotted)
    if form == "t":
        TANGENTS[dotted] = (Tangent("formulas", formulas=known, knows=frozenset(names)),)
