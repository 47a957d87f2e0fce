"""What free names stand for: library objects, constants, the user's functions, or anything else.

Two environments answer alike. The live one reads a function's closure, globals and builtins. The
static one (`modules.py`) reads the text of a module and imports libraries only, never user code.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import FunctionType, MethodType, ModuleType
from typing import Any, Protocol

import gast
import numpy as np

from srcgrad.frontend.carried import carried_helper
from srcgrad.frontend.requests import Requests
from srcgrad.frontend.source import locate
from srcgrad.frontend.text import TextFile
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Global, UserFunction
from srcgrad.ir.surroundings import Named, looked_up
from srcgrad.rules.naming import canonical_name

# Functions of these are called, never read: their derivatives are rules.
LIBRARIES = frozenset(sys.stdlib_module_names | {"numpy", "scipy", "srcgrad"}) - {"__main__"}

_STDLIB = os.path.dirname(os.__file__)

MISSING = object()
OPAQUE = object()


@dataclass(frozen=True, slots=True)
class Foreign:
    """An object that is known by its dotted name alone."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Binding:
    """A free name: what the program records of it, and the object it stands for.

    `needs` are the names that `glob.text` reads in turn.
    """

    glob: Global
    obj: Any
    dotted: str = ""  # where a library keeps the object
    builtin: bool = False
    needs: tuple[str, ...] = ()


class Environment(Protocol):
    """Resolves names and attributes of modules. `requests`: derivatives that the program takes."""

    @property
    def requests(self) -> Requests: ...

    def lookup(self, name: str) -> Binding | None: ...

    def imported(self, found: Import) -> Binding:
        """What an import of a library inside a function binds. Raises `ImportError`."""
        ...

    def member(self, obj: Any, attr: str) -> Any:
        """An attribute of a module or library object; `MISSING`, or `OPAQUE` of other objects."""
        ...

    def user_function(self, obj: Any) -> UserFunction | None: ...

    def written(self, obj: Any) -> UserFunction | None:
        """As `user_function`, for wrappers too: these are written out where they are called."""
        ...

    def takes_stars(self, fn: UserFunction) -> bool:
        """Whether a function has to be written out: it takes `*args` or `**kwargs`, or wraps."""
        ...

    def definition(self, fn: UserFunction) -> Definition:
        """A function of the user's as it stands in its file. Raises `SourceError`."""
        ...

    def guard(self, name: str) -> tuple[Any, str, Any] | None:
        """Where a free name was looked up, and what was found; None if it cannot change."""
        ...


@dataclass(frozen=True, slots=True)
class Definition:
    """A function in its file, with the meaning of its free names."""

    file: TextFile
    node: Any
    name: str
    env: Environment
    defaults: Mapping[str, Any]  # values of its parameters' defaults, where they are known


def is_plain(value: Any) -> bool:
    """True for the values a program may hold as constants."""
    if isinstance(value, tuple):
        return all(is_plain(item) for item in value)
    plain = (bool, int, float, complex, str, bytes)
    return value is None or type(value) in plain or isinstance(value, np.generic | np.ndarray)


def is_user_function(obj: Any) -> bool:
    """True for functions that are read: written in Python, by the user, and not a wrapper."""
    return not hasattr(obj, "__wrapped__") and _is_users(obj)


def _is_users(obj: Any) -> bool:
    if not isinstance(obj, FunctionType) or canonical_name(obj, strict=False):
        return False
    module: str | None = obj.__module__
    if hasattr(obj, "__wrapped__"):  # `functools.wraps` gave it the name of another module
        module = obj.__globals__.get("__name__")
    root = (module or "").split(".")[0]
    if root in sys.stdlib_module_names:  # unless a file of the user's has taken the name
        return not obj.__code__.co_filename.startswith(_STDLIB)
    return root not in LIBRARIES


def library_name(obj: Any) -> str:
    """The dotted name under which a library keeps an object; empty if none does."""
    if isinstance(obj, Foreign):
        return obj.dotted
    if isinstance(obj, str) or not callable(obj):
        return ""
    name = canonical_name(obj, strict=False)
    if name:
        return name
    if isinstance(obj, MethodType):  # of an object of a library: `scipy.stats.norm.pdf`
        owner = canonical_name(obj.__self__, strict=False)
        return f"{owner}.{obj.__name__}" if owner else ""
    module, path = getattr(obj, "__module__", None), getattr(obj, "__qualname__", "")
    if not isinstance(module, str) or module.split(".")[0] not in LIBRARIES:
        return ""
    public = module.partition("._")[0]  # where users find what a private module defines
    for name in (public, module):
        if getattr(sys.modules.get(name), path, None) is obj:
            return f"{name}.{path}"
    return ""


def library_member(obj: Any, attr: str) -> Any:
    """`MISSING` where a module lacks the attribute, `OPAQUE` where `obj` is no namespace."""
    if isinstance(obj, ModuleType):
        return getattr(obj, attr, MISSING)
    name = library_name(obj)  # `np.add.at`, `dict.fromkeys`
    return Foreign(f"{name}.{attr}") if name else OPAQUE


@dataclass(frozen=True, slots=True)
class Import:
    """One name that an import statement binds."""

    module: str
    attr: str | None  # None: the module itself
    name: str
    level: int = 0

    @property
    def text(self) -> str:
        if self.attr is None:
            plain = self.name == self.module.split(".")[0]
            return f"import {self.module}" if plain else f"import {self.module} as {self.name}"
        alias = "" if self.name == self.attr else f" as {self.name}"
        return f"from {'.' * self.level}{self.module} import {self.attr}{alias}"

    @property
    def bound_module(self) -> str:
        """`import a.b` binds `a`, `import a.b as c` binds `a.b`."""
        root = self.module.split(".")[0]
        return root if self.name == root else self.module


def imports_of(stmt: Any) -> Iterator[Import]:
    if isinstance(stmt, ast.Import | gast.Import):
        for alias in stmt.names:
            yield Import(alias.name, None, alias.asname or alias.name.split(".")[0])
    elif isinstance(stmt, ast.ImportFrom | gast.ImportFrom):
        for alias in stmt.names:
            yield Import(stmt.module or "", alias.name, alias.asname or alias.name, stmt.level)


def object_import(obj: Any, name: str) -> str:
    """The import that brings a library object under a name."""
    module, _, attr = library_name(obj).rpartition(".")
    return Import(module, attr, name).text if module in sys.modules else ""


def assignment_text(name: str, value: Any) -> str:
    """A Python value as a statement; empty where its text would not give it back."""
    if isinstance(value, np.generic | np.ndarray):
        return ""
    try:
        same = repr(ast.literal_eval(repr(value))) == repr(value)
    except (ValueError, SyntaxError):  # inf, nan
        return f'{name} = float("{value!r}")' if isinstance(value, float) else ""
    return f"{name} = {value!r}" if same else ""


def respelled(glob: Global, name: str) -> str | None:
    """The text that gives a global under another name; None where there is none."""
    if glob.kind == "module":
        if isinstance(glob.value, ModuleType):
            return Import(glob.value.__name__, None, name).text
        if isinstance(glob.value, MethodType) and library_name(glob.value):
            return ""  # it is called by its whole name
        return object_import(glob.value, name) or None
    if glob.kind == "value":
        return assignment_text(name, glob.value)
    return "" if glob.value is not None else None


class LiveEnvironment:
    """The names of a function object. `users` numbers the user functions met."""

    def __init__(self, fn: FunctionType, file: TextFile, users: Users) -> None:
        self.fn = fn
        self.users = users
        cells = zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True)
        self.closure = dict(cells)
        self.file = file
        self.imports = _imports_in(file)

    @property
    def requests(self) -> Requests:
        return self.users.requests

    def lookup(self, name: str) -> Binding | None:
        place, obj = looked_up(self.fn, name)
        self.users.named.append((self.fn, name, place, obj))
        if place == "missing":
            return None
        return builtin(name) if place == "builtin" else self.bind(name, obj)

    def bind(self, name: str, obj: Any) -> Binding:
        found = [i for i in self.imports.get(name, []) if not i.level]
        texts = "\n".join(dict.fromkeys(i.text for i in found))
        if isinstance(obj, ModuleType):
            root = obj.__name__.split(".")[0]
            spelled = Import(
                obj.__name__, None, name if "." in obj.__name__ or name != root else root
            )
            return Binding(Global(name, "module", texts or spelled.text, obj), obj, obj.__name__)
        helper = carried_helper(obj)
        if helper is not None:
            return Binding(Global(name, "module", "", helper), helper, library_name(helper))
        user = self.user_function(obj)
        if user is not None:
            return Binding(Global(name, "function", "", user), obj)
        dotted = next((f"{i.module}.{i.attr}" for i in found if i.attr), "")
        if dotted.split(".")[0] not in LIBRARIES:
            dotted = ""
        if dotted or library_name(obj):
            text = texts or object_import(obj, name)
            return Binding(Global(name, "module", text, obj), obj, library_name(obj) or dotted)
        if is_plain(obj):
            return Binding(Global(name, "value", self.value_text(name, obj), obj), obj)
        return Binding(Global(name, "opaque", "", obj), obj)

    def imported(self, found: Import) -> Binding:
        obj: Any = importlib.import_module(found.module)
        self.users.imported.append(obj)
        if found.attr is not None:
            obj = getattr(obj, found.attr, MISSING)
            if obj is MISSING:
                obj = importlib.import_module(f"{found.module}.{found.attr}")
        else:
            obj = sys.modules[found.bound_module]
        binding = self.bind(found.name, obj)
        return replace(binding, glob=replace(binding.glob, kind="module", text=found.text))

    def value_text(self, name: str, value: Any) -> str:
        """The file's own assignment where it gives this very value, else the value written out."""
        found = [
            text for text, other in _literals(self.file).get(name, ()) if repr(other) == repr(value)
        ]
        return found[0] if found else assignment_text(name, value)

    def member(self, obj: Any, attr: str) -> Any:
        return library_member(obj, attr)

    def user_function(self, obj: Any) -> UserFunction | None:
        return self.users.number(obj) if is_user_function(obj) else None

    def written(self, obj: Any) -> UserFunction | None:
        return self.users.number(obj) if _is_users(obj) else None

    def takes_stars(self, fn: UserFunction) -> bool:
        obj = self.users.functions[fn.key]
        return bool(obj.__code__.co_flags & 0x0C) or hasattr(obj, "__wrapped__")

    def definition(self, fn: UserFunction) -> Definition:
        obj = self.users.functions[fn.key]
        located = locate(obj)
        env = LiveEnvironment(obj, located.file, self.users)
        return Definition(located.file, located.node, located.name, env, default_values(obj))

    def guard(self, name: str) -> tuple[Any, str, Any] | None:
        if name in self.closure:
            return self.closure[name], name, self.closure[name].cell_contents
        space = self.fn.__globals__
        return (space, name, space[name]) if name in space else None


def builtin(name: str) -> Binding:
    """A builtin, whatever a module has made of its name."""
    obj = getattr(builtins, name)
    return Binding(Global(name, "module", "", obj), obj, f"builtins.{name}", builtin=True)


@functools.lru_cache(maxsize=64)
def _imports_in(file: TextFile) -> Mapping[str, list[Import]]:
    """The imports anywhere in a file, by the names that they bind."""
    found: dict[str, list[Import]] = {}
    for stmt in ast.walk(file.tree):
        if isinstance(stmt, ast.Import | ast.ImportFrom):
            for one in imports_of(stmt):
                found.setdefault(one.name, []).append(one)
    return found


def default_values(fn: FunctionType) -> dict[str, Any]:
    """Defaults of a function's parameters."""
    code = fn.__code__
    names = code.co_varnames[: code.co_argcount]
    given = fn.__defaults__ or ()
    values = dict(zip(names[len(names) - len(given) :], given, strict=True))
    return values | dict(fn.__kwdefaults__ or {})


@functools.lru_cache(maxsize=64)
def _literals(file: TextFile) -> dict[str, list[tuple[str, Any]]]:
    """Top-level assignments of literals: their text and value, by name."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for stmt in file.tree.body:
        if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1:
            target, value = stmt.targets[0], stmt.value
            if isinstance(target, ast.Name):
                try:
                    pair = (file.segment(stmt), ast.literal_eval(value))
                except (ValueError, TypeError, SyntaxError, RecursionError):
                    continue
                found.setdefault(target.id, []).append(pair)
    return found


class Users:
    """The user functions that a program reaches, each under a key."""

    def __init__(self) -> None:
        self.functions: dict[str, FunctionType] = {}
        self.requests = Requests()
        self.named: list[Named] = []  # every name looked up
        self.imported: list[Any] = []  # modules that functions import
        self._keys: dict[int, str] = {}

    def number(self, fn: FunctionType) -> UserFunction:
        """A function object keeps its key; another one of the same name gets a number."""
        key = self._keys.get(id(fn))
        if key is None:
            base = key = f"{fn.__module__}:{fn.__qualname__}"
            count = 1
            while key in self.functions:
                count += 1
                key = f"{base}#{count}"
            self._keys[id(fn)] = key
            self.functions[key] = fn  # keeps the object alive, so its id stays its own
        return UserFunction(fn.__name__ if fn.__name__.isidentifier() else "function", key)
