"""A module read from its text alone: it is never imported, and nothing of it runs.

Libraries are imported, since their objects say what a name means. A module of the user's which this
one imports is found beside it, or in its package, and read in the same way.
"""

from __future__ import annotations

import ast
import importlib
import os
import tokenize
from collections.abc import Callable, Container, Iterator, Mapping
from functools import cached_property
from typing import Any

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.carried import carried_definition
from srcgrad.frontend.changed import changed_in_place
from srcgrad.frontend.constants import NotConstant, constant_value
from srcgrad.frontend.decorations import again, decorations, derivative, given_rules, ruled
from srcgrad.frontend.descend import descend
from srcgrad.frontend.environment import (
    MISSING,
    OPAQUE,
    Binding,
    Definition,
    Foreign,
    Import,
    assignment_text,
    imports_of,
    library_member,
    library_name,
)
from srcgrad.frontend.finding import IMPORTED, library, path_of
from srcgrad.frontend.function import function_with_rule, lower_function
from srcgrad.frontend.requests import Nested, Requests
from srcgrad.frontend.source import Located, Source
from srcgrad.frontend.text import TextFile, read_file
from srcgrad.frontend.toplevel import bound_names
from srcgrad.ir.core import Function, Global, UserFunction


class StaticModule:
    """`functions` maps the functions of the module to their keys, in the order of the text.

    `decorated` says which of them the module differentiates; `public` are those without underscore.
    """

    def __init__(self, file: TextFile, modules: Modules) -> None:
        self.file = file
        self._modules = modules
        self._binders: dict[str, ast.stmt | None] = {}  # None: bound in a way that is not followed
        self._bindings: dict[str, Binding | None] = {}
        self._stars: list[ast.ImportFrom] = []
        self._given = set(given_rules(file))
        for stmt in file.tree.body:
            self._note(stmt)
        self._nodes = {n: s for n, s in self._binders.items() if isinstance(s, ast.FunctionDef)}
        self.functions = {name: f"{file.name}:{name}" for name in self._nodes}
        modules.owners.update((key, (self, name)) for name, key in self.functions.items())
        self.public = tuple(name for name in self.functions if not name.startswith("_"))
        self.decorated = dict(decorations(self, self._nodes))

    def lower(self, key: str) -> Function:
        """A function of this module, or one it reaches, as IR.

        Raises `UnsupportedError` with all problems of the function.
        """
        found = self._modules.lowered.get(key)
        if found is None:
            module, located = self._locate(key)
            defaults = dict(_defaults(module, located.node))
            rules = self.requests.rules.get(key)
            if rules is None:
                found = lower_function(located, module, defaults)
            else:
                found = function_with_rule(located, module, defaults, rules)
            self._modules.lowered[key] = found
        return found

    def typed_dict(self, name: str) -> dict[str, str] | None:
        """Annotations of a `TypedDict` class of this module by key; None if the name is none."""
        for stmt in self.file.tree.body:
            if isinstance(stmt, ast.ClassDef) and stmt.name == name:
                bases = [ast.unparse(base).split(".")[-1] for base in stmt.bases]
                if bases != ["TypedDict"]:
                    return None
                fields = [inner for inner in stmt.body if isinstance(inner, ast.AnnAssign)]
                return {ast.unparse(f.target): ast.unparse(f.annotation) for f in fields}
        return None

    def source(self, key: str) -> Source:
        """The text of the function."""
        return self._locate(key)[1].source()

    def _locate(self, key: str) -> tuple[StaticModule, Located]:
        module, name = self._modules.owners[key]
        return module, Located(module.file, module._nodes[name], name)

    @property
    def requests(self) -> Requests:
        return self._modules.requests

    @property
    def nested(self) -> Mapping[str, Nested]:
        return self._modules.requests.nested

    def adopt(self, name: str, text: str, load: Callable[[], Any]) -> str:
        """The key of a function in a generated text, which becomes a part of the program."""
        module = self._modules.add(text, f"<derivative {name}>")
        return module.functions[name]

    # --- what binds the names of the module

    def _note(self, stmt: ast.stmt) -> None:
        if isinstance(stmt, ast.Import | ast.ImportFrom):
            for found in imports_of(stmt):
                if found.attr == "*" and isinstance(stmt, ast.ImportFrom):
                    self._stars.append(stmt)
                self._binders[found.name] = stmt
        elif isinstance(stmt, ast.FunctionDef):
            self._binders[stmt.name] = stmt
            self._note_globals(stmt)
        elif isinstance(stmt, ast.Assign | ast.AnnAssign):
            targets = stmt.targets if isinstance(stmt, ast.Assign) else [stmt.target]
            plain = (
                len(targets) == 1 and isinstance(targets[0], ast.Name) and stmt.value is not None
            )
            for name in bound_names(stmt):
                self._binders[name] = stmt if plain else None
        else:
            self._note_globals(stmt)
            for name in bound_names(stmt):
                self._binders[name] = None

    def _note_globals(self, stmt: ast.stmt) -> None:
        """Names that a function declares `global` and assigns may change at any time."""
        if "global" not in self.file.text:
            return
        nodes = descend(stmt)
        declared = {n for node in nodes if isinstance(node, ast.Global) for n in node.names}
        if declared:
            assigned = {name for node in nodes for name in bound_names(node)}
            self._binders.update(dict.fromkeys(sorted(declared & assigned)))

    # --- Environment

    def lookup(self, name: str) -> Binding | None:
        if name not in self._bindings:
            self._bindings[name] = None  # a definition that reads itself has no value
            self._bindings[name] = self._resolve(name)
        return self._bindings[name]

    def member(self, obj: Any, attr: str) -> Any:
        if isinstance(obj, StaticModule):
            found = obj.lookup(attr)
            return MISSING if found is None or found.builtin else found.obj
        if isinstance(obj, Foreign):
            return Foreign(f"{obj.dotted}.{attr}")
        return library_member(obj, attr)

    def user_function(self, obj: Any) -> UserFunction | None:
        return obj if isinstance(obj, UserFunction) else None

    def written(self, obj: Any) -> UserFunction | None:
        return self.user_function(obj)

    def takes_stars(self, fn: UserFunction) -> bool:
        args = self._locate(fn.key)[1].node.args
        return args.vararg is not None or args.kwarg is not None

    def definition(self, fn: UserFunction) -> Definition:
        module, located = self._locate(fn.key)
        defaults = dict(_defaults(module, located.node))
        return Definition(located.file, located.node, located.name, module, defaults)

    def guard(self, name: str) -> tuple[Any, str, Any] | None:
        return None

    def _resolve(self, name: str) -> Binding | None:
        if name in self._given:  # a rule that only running the module would tell
            return Binding(Global(name, "opaque", "", None), OPAQUE)
        starred = self._from_star(name)
        if starred is not None:
            return starred
        if name in self._binders:
            stmt = self._binders[name]
            if isinstance(stmt, ast.Import | ast.ImportFrom):
                (found, *_) = [i for i in imports_of(stmt) if i.name == name]
                return self.imported(found)
            if isinstance(stmt, ast.FunctionDef) and not stmt.decorator_list:
                helper = carried_definition(stmt)
                if helper is not None:
                    glob = Global(name, "module", "", helper)
                    return Binding(glob, helper, library_name(helper))
                user = UserFunction(name, self.functions[name])
                return Binding(Global(name, "function", "", user), user)
            held = (read(self, name, stmt) for read in (ruled, again, derivative))
            taken = next((found for found in held if found is not None), None)
            if taken is not None:
                return Binding(Global(name, "opaque", "", None), taken)
            if isinstance(stmt, ast.Assign | ast.AnnAssign):
                return self._value(name, stmt)
            return Binding(Global(name, "opaque", "", None), OPAQUE)
        builtin = getattr(importlib.import_module("builtins"), name, MISSING)
        if builtin is not MISSING:
            glob = Global(name, "module", "", builtin)
            return Binding(glob, builtin, f"builtins.{name}", builtin=True)
        if name in ("__file__", "__name__", "__package__"):
            return Binding(Global(name, "opaque", "", None), OPAQUE)
        return Binding(Global(name, "opaque", "", None), OPAQUE) if "*" in self._binders else None

    def _from_star(self, name: str) -> Binding | None:
        """What `from m import *` gives a name, where the module does not bind it below that."""
        own = self._binders.get(name)
        if not self._stars or name in self._binders and own is None:
            return None
        for stmt in reversed(self._stars):  # the last one counts
            if own is not None and stmt.lineno < own.lineno:
                return None
            module = self._modules.find(self.file.name, stmt.module or "", stmt.level)
            if _exports(module, name):
                return self.imported(Import(stmt.module or "", name, name, stmt.level))
        return None

    @cached_property
    def _changed(self) -> frozenset[str]:
        return changed_in_place(self.file.tree)

    @property
    def all(self) -> Container[str] | None:
        """`__all__`, where it is a literal."""
        stmt = self._binders.get("__all__")
        try:
            return ast.literal_eval(stmt.value) if isinstance(stmt, ast.Assign) else None
        except ValueError:
            return None

    def imported(self, found: Import) -> Binding:
        name, text = found.name, found.text
        if found.attr is None:
            module = self._modules.find(self.file.name, found.bound_module, 0)
            return Binding(Global(name, "module", text, module), module, found.bound_module)
        module = self._modules.find(self.file.name, found.module, found.level)
        obj = self.member(module, found.attr)
        if obj is MISSING:  # a module inside a package
            inner = f"{found.module}.{found.attr}".lstrip(".")
            obj = self._modules.find(self.file.name, inner, found.level)
        if isinstance(module, StaticModule):
            return _from_user_module(module, found, obj)
        dotted = library_name(obj) or f"{found.module}.{found.attr}"
        return Binding(Global(name, "module", text, obj), obj, dotted)

    def _value(self, name: str, stmt: ast.Assign | ast.AnnAssign) -> Binding:
        assert stmt.value is not None
        needs: list[str] = []
        try:
            value = constant_value(stmt.value, self, needs)
        except NotConstant:
            return self._computed(name, stmt)
        if library_name(value):  # another name for a library's function
            module, _, attr = library_name(value).rpartition(".")
            text = Import(module, attr, name).text
            return Binding(Global(name, "module", text, value), value, library_name(value))
        glob = Global(name, "value", self.file.segment(stmt), value)
        return Binding(glob, value, needs=tuple(needs))

    def _computed(self, name: str, stmt: ast.Assign | ast.AnnAssign) -> Binding:
        """A table or array: its own text is carried, if that reads only what can be carried too."""
        assert stmt.value is not None
        opaque = Binding(Global(name, "opaque", "", None), OPAQUE)
        if name in self._changed:
            return opaque
        needs = sorted({n.id for n in ast.walk(stmt.value) if isinstance(n, ast.Name)} - {name})
        for other in needs:
            found = self.lookup(other)
            if found is None or not (found.builtin or found.glob.text):
                return opaque
        text = self.file.segment(stmt)
        return Binding(Global(name, "opaque", text, None), OPAQUE, needs=tuple(needs))


def _from_user_module(module: StaticModule, found: Import, obj: Any) -> Binding:
    """A name imported from another module of the user's keeps what it is there."""
    if isinstance(obj, StaticModule):
        return Binding(Global(found.name, "module", found.text, obj), obj, found.module)
    there = module.lookup(found.attr or "")
    if there is None:
        return Binding(Global(found.name, "opaque", "", None), OPAQUE)
    kind, text = there.glob.kind, there.glob.text
    if kind == "module":
        text = found.text
    elif kind == "value" and there.needs:  # the text speaks of names that mean other things here
        text = assignment_text(found.name, there.glob.value)
    elif there.needs:
        text = ""
    elif text.startswith(attr := found.attr or ""):
        text = found.name + text[len(attr) :]
    if kind in ("value", "opaque") and not text:
        return Binding(Global(found.name, "opaque", "", None), OPAQUE)
    return Binding(Global(found.name, kind, text, there.glob.value), obj, there.dotted)


def _exports(module: Any, name: str) -> bool:
    """Whether `from module import *` brings a name."""
    if isinstance(module, Foreign) or module is MISSING:
        return False
    if isinstance(module, StaticModule):
        told = module.all
        found = None if told is None and name.startswith("_") else module.lookup(name)
        bound = found is not None and not found.builtin
        return bound if told is None else bound and name in told
    told = getattr(module, "__all__", None)
    return name in told if told is not None else name in vars(module) and not name.startswith("_")


def _defaults(module: StaticModule, node: Any) -> Iterator[tuple[str, Any]]:
    """Values of the defaults that are constants."""
    args = node.args
    plain = [*args.posonlyargs, *args.args]
    pairs = [*zip(plain[len(plain) - len(args.defaults) :], args.defaults, strict=True)]
    pairs += [
        (a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None
    ]
    for arg, default in pairs:
        try:
            yield arg.arg, constant_value(default, module, [])
        except NotConstant:
            continue


class Modules:
    """The modules read together: one table of their functions, each file read once."""

    def __init__(self) -> None:
        self.owners: dict[str, tuple[StaticModule, str]] = {}
        self.lowered: dict[str, Function] = {}
        self.requests = Requests()
        self._files: dict[str, StaticModule] = {}

    def add(self, text: str, filename: str) -> StaticModule:
        module = StaticModule(read_file(filename, text), self)
        self._files[os.path.abspath(filename)] = module
        return module

    def find(self, importer: str, name: str, level: int) -> Any:
        """What an import statement in the file `importer` means by a module's name."""
        path = path_of(importer, name, level)
        if path is None:
            root = name.split(".")[0]
            return library(name) if root in IMPORTED and not level else Foreign(name)
        known = self._files.get(os.path.abspath(path))
        if known is not None:
            return known
        try:
            return self.add(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError, UnsupportedError):
            return Foreign(name)


def read_text(text: str, filename: str) -> StaticModule:
    """Read a module from its text. `filename` says where its imports are sought.

    Raises `UnsupportedError` with the position if the text is not Python.
    """
    return Modules().add(text, filename)


def open_file(path: str | os.PathLike[str]) -> StaticModule:
    """A file of the user's, read and never imported. Raises `OSError` and `UnsupportedError`."""
    with tokenize.open(path) as file:
        return read_text(file.read(), str(path))
