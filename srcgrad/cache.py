"""Derivatives kept on disk, so that a program makes them once and not anew in every run.

An entry is found by what was asked for, and says what it was made from: the functions, each by its
code and the text of its file, and what every name stood for that was looked up in them. It is used
only if all of that is so again. What is made from anything else than functions, library objects
and plain constants (arrays, classes, instances, other modules of the user's) is not kept at all:
nobody could say cheaply whether it is still the same.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import linecache
import os
import pickle
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from srcgrad import cachefolder
from srcgrad.backends.lowered import Guard, Lowered
from srcgrad.backends.numpy import compile_source
from srcgrad.derivative import Made
from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Kind
from srcgrad.ir.surroundings import Named, Place, looked_up
from srcgrad.options import Request
from srcgrad.signatures import Written

FORMAT = 2  # of entries
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


class NotKept(Exception):
    """The derivative depends on something of which a later run could not say whether it changed."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the derivative of a function, asked for in one way, has its place on disk."""

    folder: Path
    key: str
    primal: FunctionType

    def find(self) -> Lowered | None:
        """The derivative, if it was kept and would be made the same way again."""
        entry = cachefolder.read(self.folder, self.key)
        if entry is None:
            return None
        try:
            guards = _same_again(entry, self.primal)
        except (NotKept, LookupError, TypeError, ValueError):
            return None
        if guards is None:
            return None
        text, name = entry["text"], entry["name"]
        plain = Lowered(text, compile_source(text, name), guards, {}, entry["file"])
        return self._loops(plain, entry["loops"]) if "loops" in entry else plain

    def _loops(self, plain: Lowered, loops: Mapping[str, str]) -> Lowered | None:
        """The compiled version of an entry: Numba finds its code in the folder, or makes it."""
        from srcgrad.backends.numba import NotCompiled, compile_loops

        text, name = loops["text"], loops["name"]
        shape = pickle.loads(base64.b64decode(loops["shape"]))
        try:
            function = compile_loops(shape, text, name, {}, (), plain.plain, self.room())
        except NotCompiled:
            return None
        return Lowered(text, function, plain.guards, {}, plain.file, plain, shape)

    def keep(self, lowered: Lowered, named: Iterable[Named], imported: Iterable[Any]) -> None:
        """Keep a derivative that was just made. `named`: every name that was looked up for it.
        `imported`: modules that functions import themselves."""
        if lowered.fallback is not None and lowered.shape is None:
            return
        with suppress(NotKept):
            cachefolder.write(self.folder, self.key, self._entry(lowered, named, imported))

    def room_for(
        self, plain: Lowered, named: Iterable[Named], imported: Iterable[Any]
    ) -> Path | None:
        """A folder for the compiled code of a derivative, if that can be kept."""
        try:
            self._entry(plain, named, imported)
        except NotKept:
            return None
        return self.room()

    def room(self) -> Path | None:
        """A folder for files of the entry."""
        return cachefolder.room(self.folder, self.key)

    def _entry(
        self, lowered: Lowered, named: Iterable[Named], imported: Iterable[Any]
    ) -> dict[str, Any]:
        """What is written for a derivative. Raises `NotKept`."""
        if _has_given_rules():
            raise NotKept
        plain = lowered.fallback or lowered
        _check_namespace(plain)
        nodes, functions = _described(self.primal, list(named))
        entry: dict[str, Any] = {
            "text": plain.source,
            "name": plain.plain.__name__,
            "file": plain.file,
            "functions": nodes,
            "guards": [_place(guard, functions) for guard in plain.guards],
            "imports": [_meaning("global", module, functions) for module in imported],
        }
        if lowered.shape is not None:
            _check_namespace(lowered)
            shape = base64.b64encode(pickle.dumps(lowered.shape)).decode()
            loops = {"text": lowered.source, "name": lowered.plain.__name__, "shape": shape}
            entry["loops"] = loops
        return entry


def slot_for(
    primal: Any,
    request: Request,
    kinds: Mapping[str, Kind | Written],
    late: bool,
    backend: str,
    asked: bool,
) -> Slot | None:
    """The place of a derivative; None where none is to be kept."""
    folder = cachefolder.chosen_folder(asked)
    if folder is None or type(primal) is not FunctionType or _has_given_rules():
        return None
    try:
        known = [(name, _spelled(kind)) for name, kind in sorted(kinds.items())]
        made_from = (code_of(primal), replace(request, kinds={}), known, late, backend)
    except NotKept:
        return None
    tools = (FORMAT, own_version(), sys.version, np.__version__)
    key = hashlib.sha256(repr((tools, made_from)).encode()).hexdigest()
    return Slot(folder, f"{primal.__name__[:40]}-{key[:40]}", primal)


@functools.cache
def own_version() -> tuple[tuple[str, int, int], ...]:
    """The files of srcgrad itself: a rule that was mended must not leave old derivatives behind."""
    root = os.path.dirname(os.path.abspath(__file__))
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(".py"):
                known = os.stat(os.path.join(folder, name))
                found.append((f"{folder[len(root) :]}/{name}", known.st_size, known.st_mtime_ns))
    return tuple(sorted(found))


def _has_given_rules() -> bool:
    """True where the user gave rules of their own, which any derivative may have used."""
    naming = sys.modules.get("srcgrad.rules.naming")
    return bool(getattr(naming, "GIVEN", None))


# --- what is compared


def _spelled(kind: Kind | Written) -> str:
    """A kind as a text that no other kind has."""
    if isinstance(kind, Written):
        raise NotKept
    _check(kind)
    return repr(kind)


def _check(kind: Kind) -> None:
    for key, item in kind.items or ():
        if type(key) not in _PLAIN:
            raise NotKept
        _check(item)
    if kind.element is not None:
        _check(kind.element)
    if kind.cls is not None:  # its methods and fields count as well
        raise NotKept


def _plain(value: Any) -> str:
    """A constant as a text that no other constant has."""
    if type(value) is tuple:
        return f"({', '.join(map(_plain, value))})"
    if type(value) not in _PLAIN:
        raise NotKept
    return f"{type(value).__name__} {value!r}"


def code_of(fn: FunctionType) -> str:
    """Digest of all that a function is, but for what its free names stand for."""
    if vars(fn).keys() - {Made.NAME}:
        raise NotKept  # a wrapper, or something that an object was told beside its code
    kwdefaults = sorted((fn.__kwdefaults__ or {}).items())
    defaults = [_plain(v) for v in fn.__defaults__ or ()], [(n, _plain(v)) for n, v in kwdefaults]
    names = fn.__module__, fn.__qualname__, fn.__name__
    said = repr((names, defaults, _code(fn.__code__)))
    return hashlib.sha256(said.encode()).hexdigest()


def _code(code: CodeType) -> tuple[Any, ...]:
    constants = [_code(c) if isinstance(c, CodeType) else _constant(c) for c in code.co_consts]
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    place = code.co_filename, code.co_firstlineno, code.co_name
    return (place, counts, names, code.co_code, constants)


def _constant(value: Any) -> str:
    if isinstance(value, frozenset):
        return f"frozenset {sorted(map(_constant, value))}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_constant, value))})"
    return f"{type(value).__name__} {value!r}"


def _text_of(fn: FunctionType) -> str:
    """Digest of the text of the function's file: derivatives repeat lines, comments, imports."""
    linecache.checkcache(fn.__code__.co_filename)
    lines = linecache.getlines(fn.__code__.co_filename, fn.__globals__)
    if not lines:
        raise NotKept
    return hashlib.sha256("".join(lines).encode()).hexdigest()


# --- describing what was read


def _described(
    primal: FunctionType, named: list[Named]
) -> tuple[list[dict[str, Any]], list[FunctionType]]:
    """The functions that were read, from the primal on, each with the meaning of its names."""
    functions, nodes = [primal], list[dict[str, Any]]()
    by_function: dict[int, list[Named]] = {}
    for one in named:
        by_function.setdefault(id(one[0]), []).append(one)
    for fn in functions:  # grows
        names: list[list[Any]] = []
        for _, name, place, obj in by_function.pop(id(fn), []):
            told = [name, place, _meaning(place, obj, functions)]
            if told not in names:
                names.append(told)
        nodes.append({"code": code_of(fn), "text": _text_of(fn), "names": names})
    if by_function:  # of a function that was made on the way
        raise NotKept
    return nodes, functions


def _meaning(place: Place, obj: Any, functions: list[FunctionType]) -> list[Any]:
    """What a name stands for, in a form that another run can compare with its own."""
    if place in ("builtin", "missing"):
        return [place]
    if isinstance(obj, ModuleType):
        return ["module", _library(obj.__name__, obj), _version(obj.__name__)]
    if isinstance(obj, tuple) or type(obj) in _PLAIN:
        return ["value", _plain(obj)]
    if isinstance(obj, FunctionType) and not _is_of_library(obj):
        known = next((i for i, fn in enumerate(functions) if fn is obj), None)
        if known is None:
            known = len(functions)
            functions.append(obj)
        return ["function", known]
    dotted = next((name for name in _names_of(obj) if _object_at(name) is obj), "")
    return ["module", _library(dotted, obj), _version(dotted)]


def _library(dotted: str, obj: Any) -> str:
    root = dotted.split(".")[0]
    known = root in sys.stdlib_module_names or root in ("numpy", "scipy", "srcgrad")
    if not known or root == "__main__" or _object_at(dotted) is not obj:
        raise NotKept
    file = getattr(sys.modules[root], "__file__", None) or ""
    stdlib = os.path.dirname(os.__file__)
    if root in sys.stdlib_module_names and file and not file.startswith(stdlib):
        raise NotKept  # a file of the user's has taken the name
    return dotted


def _check_namespace(lowered: Lowered) -> None:
    """What the text reads must be in the text, where it is a plain constant."""
    for name, value in lowered.namespace.items():
        _plain(value)
        if not lowered.writes_out(name):
            raise NotKept


def _is_of_library(fn: FunctionType) -> bool:
    try:
        return bool(_library(f"{fn.__module__}.{fn.__qualname__}", fn))
    except NotKept:
        return False


def _names_of(obj: Any) -> Iterator[str]:
    """Where a library may have an object."""
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", "")
    module = getattr(obj, "__module__", None)
    if isinstance(module, str):
        yield f"{module}.{name}"
    yield f"numpy.{name}"
    yield f"scipy.special.{name}"


def _object_at(dotted: str) -> Any:
    """What a dotted name stands for, of modules that were imported already."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        obj: Any = sys.modules.get(".".join(parts[:length]))
        if obj is not None:
            for part in parts[length:]:
                obj = getattr(obj, part, None)
            return obj
    return None


def _version(dotted: str) -> str:
    return str(getattr(sys.modules.get(dotted.split(".")[0]), "__version__", ""))


def _place(guard: Guard, functions: list[FunctionType]) -> list[Any]:
    """A guard as the number of a function that has the name, itself or among its globals, cells."""
    space, name, _ = guard
    for number, fn in enumerate(functions):
        if space is fn:
            return [number, name, "own"]
        if space is fn.__kwdefaults__:
            return [number, name, "default"]
        if space is fn.__globals__:
            return [number, name, "global"]
        if space is _cells(fn).get(name):
            return [number, name, "cell"]
    raise NotKept


def _cells(fn: FunctionType) -> dict[str, Any]:
    return dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))


# --- comparing it with what is here now


def _same_again(entry: Mapping[str, Any], primal: FunctionType) -> tuple[Guard, ...] | None:
    """The guards of an entry, if all that it was made from is so here; else None."""
    nodes = entry["functions"]
    functions: dict[int, FunctionType] = {0: primal}
    for number, node in enumerate(nodes):
        fn = functions[number]
        if code_of(fn) != node["code"] or _text_of(fn) != node["text"]:
            return None
        for name, place, meaning in node["names"]:
            own, obj = looked_up(fn, name)
            if own != place or not _means(obj, meaning, functions):
                return None
    if len({id(fn) for fn in functions.values()}) != len(nodes):
        return None
    for what, dotted, version in entry["imports"]:
        if what != "module" or _object_at(dotted) is None or _version(dotted) != version:
            return None
    return tuple(_guard(functions[number], name, place) for number, name, place in entry["guards"])


def _means(obj: Any, meaning: list[Any], functions: dict[int, FunctionType]) -> bool:
    what, *told = meaning
    if what == "function":
        return type(obj) is FunctionType and functions.setdefault(told[0], obj) is obj
    if what == "value":
        return bool(_plain(obj) == told[0])
    if what == "module":
        return _object_at(told[0]) is obj and _version(told[0]) == told[1]
    return True  # the place, which is the same, tells it


def _guard(fn: FunctionType, name: str, place: str) -> Guard:
    if place == "own":
        return fn, name, getattr(fn, name)
    if place == "default" and fn.__kwdefaults__:
        return fn.__kwdefaults__, name, fn.__kwdefaults__[name]
    space: Any = fn.__globals__ if place == "global" else _cells(fn)[name]
    return space, name, space[name] if place == "global" else space.cell_contents
