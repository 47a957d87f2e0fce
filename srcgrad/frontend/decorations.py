"""What a module read from its text says of its functions: decorators, and names of derivatives."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.descend import descend
from srcgrad.frontend.environment import Binding
from srcgrad.frontend.requests import Again, Ruled, Taken
from srcgrad.frontend.text import TextFile
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import UserFunction

_DERIVATIVES = {
    f"srcgrad{inner}.{name}": name for inner in ("", ".api") for name in ("grad", "value_and_grad")
}
_CHECKPOINT = ("srcgrad.checkpoint", "srcgrad.checkpoint.checkpoint")
_PUSHING = ("srcgrad.custom_jvp", "srcgrad.custom.custom_jvp")
_CUSTOM = ("srcgrad.custom_vjp", "srcgrad.custom.custom_vjp")


@dataclass(frozen=True, slots=True)
class Decoration:
    """A function decorated with `grad` or `value_and_grad`: the mode, and what it is taken of."""

    mode: str
    argnums: Any = 0  # as written: positions, names, or tuples of them


class Module(Protocol):
    """The module, as far as it is asked here."""

    file: TextFile

    @property
    def functions(self) -> Mapping[str, str]: ...

    def lookup(self, name: str) -> Binding | None: ...

    def user_function(self, obj: Any) -> UserFunction | None: ...


def decorations(
    module: Module, nodes: Mapping[str, ast.FunctionDef]
) -> Iterator[tuple[str, Decoration]]:
    for name, node in nodes.items():
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            mode = _mode(module, call.func if call else decorator)
            if mode:
                yield name, Decoration(mode, _argnums(module, call))


def _mode(module: Module, node: ast.expr) -> str:
    return _DERIVATIVES.get(_dotted(module, node), "")


def _dotted(module: Module, node: ast.expr) -> str:
    """The name in a library of what an expression names."""
    attrs: list[str] = []
    while isinstance(node, ast.Attribute):
        attrs.append(node.attr)
        node = node.value
    found = module.lookup(node.id) if isinstance(node, ast.Name) else None
    return ".".join([found.dotted, *reversed(attrs)]) if found else ""


def derivative(module: Module, name: str, stmt: ast.stmt | None) -> Taken | None:
    """What a name holds that is decorated with `grad`, or is `grad(f, argnums)`."""
    if isinstance(stmt, ast.FunctionDef):
        (decorator, *others) = stmt.decorator_list
        call = decorator if isinstance(decorator, ast.Call) else None
        fn: UserFunction | None = UserFunction(name, module.functions[name])
        mode = "" if others else _mode(module, call.func if call else decorator)
    else:
        call = getattr(stmt, "value", None)
        if not isinstance(call, ast.Call) or not call.args:
            return None
        mode, fn = _mode(module, call.func), _function(module, call.args[0])
        call = ast.Call(call.func, call.args[1:], call.keywords)
    keywords = call.keywords if call else []
    if not mode or fn is None or any(k.arg != "argnums" for k in keywords):
        return None
    argnums = _argnums(module, call)
    single = isinstance(argnums, int | str)
    wanted = (argnums,) if isinstance(argnums, int | str) else tuple(argnums)
    return Taken(fn, "grad" if mode == "grad" else "value_and_grad", wanted, single)


def ruled(module: Module, name: str, stmt: ast.stmt | None) -> Ruled | None:
    """A function decorated with `@custom_vjp(rule)` or `@custom_jvp(rule)`."""
    decorators = stmt.decorator_list if isinstance(stmt, ast.FunctionDef) else []
    call = decorators[0] if len(decorators) == 1 else None
    if not isinstance(call, ast.Call) or len(call.args) != 1:
        return None
    rule = _function(module, call.args[0])
    kind = _dotted(module, call.func)
    if rule is None or kind not in (*_CUSTOM, *_PUSHING):
        return None
    tangent = None
    if call.keywords:
        named = len(call.keywords) == 1 and call.keywords[0].arg == "tangent" and kind in _CUSTOM
        tangent = _function(module, call.keywords[0].value) if named else None
        if tangent is None:
            return None
    own = UserFunction(name, module.functions[name])
    return Ruled(own, rule, kind in _PUSHING, tangent)


def again(module: Module, name: str, stmt: ast.stmt | None) -> Again | None:
    """A function decorated with `@checkpoint`, or a name for `checkpoint(f)`."""
    if isinstance(stmt, ast.FunctionDef):
        marks = [_dotted(module, decorator) for decorator in stmt.decorator_list]
        own = UserFunction(name, module.functions[name])
        return Again(own) if len(marks) == 1 and marks[0] in _CHECKPOINT else None
    call = getattr(stmt, "value", None)
    if not isinstance(call, ast.Call) or len(call.args) != 1 or call.keywords:
        return None
    of = _function(module, call.args[0])
    return Again(of) if of is not None and _dotted(module, call.func) in _CHECKPOINT else None


def given_rules(file: TextFile) -> Iterator[str]:
    """Names of functions that a module gives a rule: `derivative_of(f)`."""
    for node in descend(file.tree) if "derivative_of" in file.text else ():
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called == "derivative_of":
                yield node.args[0].id


def _function(module: Module, node: ast.expr) -> UserFunction | None:
    found = module.lookup(node.id) if isinstance(node, ast.Name) else None
    return None if found is None else module.user_function(found.obj)


def _argnums(module: Module, call: ast.Call | None) -> Any:
    if call is None:
        return 0
    given = [k.value for k in call.keywords if k.arg in ("argnums", "wrt")] or call.args[:1]
    try:
        return ast.literal_eval(given[0]) if given else 0
    except ValueError:
        problem = module.file.problem(given[0], "`argnums` must be written as a literal here")
        raise UnsupportedError(problem) from None
