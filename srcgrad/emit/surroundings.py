"""What a printed function reads of its surroundings: how it is spelled, and what the file needs."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from srcgrad.emit.carried import find_helper
from srcgrad.emit.meanings import Meanings, renamed_import, respelled
from srcgrad.emit.nodes import passage
from srcgrad.errors import InternalError
from srcgrad.ir.core import Global, UserFunction
from srcgrad.rules.naming import canonical_name, given_names

HELPER = "srcgrad.support"
LARGEST_CAPTURE = 100  # elements of a captured array that are written out
DEFAULT_ALIAS = {"numpy": "np"}


@dataclass(slots=True)
class File:
    """The imports, constants and helpers that printed functions turned out to need."""

    meanings: Meanings = field(default_factory=Meanings)
    imports: dict[str, str] = field(default_factory=dict)  # name -> statement
    constants: dict[str, str] = field(default_factory=dict)
    helpers: dict[str, None] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)  # second names of helpers
    missing: dict[str, None] = field(default_factory=dict)  # names that nothing is known of
    functions: dict[str, str] = field(default_factory=dict)  # user functions called, name -> key
    namespace: dict[str, object] = field(default_factory=dict)  # values that text cannot express


@dataclass(slots=True)
class Surroundings:
    """Of one function. `bound`: its variables. `taken`: these, and all other names in it."""

    globals: Mapping[str, Global]
    file: File
    bound: Collection[str]
    taken: set[str]
    spellings: dict[str, str] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)  # names of functions, by key

    def use(self, name: str) -> str:
        """The name in the file of what a free name stands for, which is in it from now on."""
        final = self.spellings.get(name)
        if final is None:
            known = self.globals[name]
            final = self.spellings[name] = self.file.meanings.settle(
                known, self.taken, self.bound if "@" in name else ()
            )
            self.taken.add(final)
            need(replace(known, name=final, text=self._text(known, final)), self.file)
        return final

    def _text(self, known: Global, final: str) -> str:
        """The statement that gives a name its meaning; `L = K * pi` wants its `K`, too."""
        if not known.text:
            return ""
        if known.kind == "module" or known.text.startswith("from "):
            return known.text if final == known.name else renamed_import(known.text, final)
        return self.own_text(known.text)

    def own_text(self, text: str, definition: str = "") -> str:
        """The user's own text as the file has it. What it reads of its surroundings is there."""
        header = text.startswith(("if ", "for ", "while "))
        words = words_of(f"{text}:\n    pass" if header else text)
        found = {name: self.use(name) for name in sorted(words & self.globals.keys())}
        return respelled(text, {n: new for n, new in found.items() if n != new}, definition)

    def callee(self, fn: UserFunction) -> str:
        """How a function of the user's is called, however the user's text does."""
        if fn.key not in self.called:
            found = Global(fn.name, "function", "", fn)
            name = self.file.meanings.settle(found, self.taken, self.bound)
            self.called[fn.key] = name
            self.taken.add(name)
            need(replace(found, name=name), self.file)
        return self.called[fn.key]

    # libraries
    def spell(self, dotted: str) -> str:
        """A library name as the file spells it; its import is noted."""
        if dotted.startswith(HELPER):
            name = dotted.rpartition(".")[2]
            self.file.helpers.setdefault(name)
            return self.beside_variables(name)
        root, _, rest = dotted.partition(".")
        if root == "builtins":
            return self.spell_builtin(rest)
        if dotted in given_names():
            return self.spell_given(dotted)
        for name, known in sorted(self.globals.items()):
            own = getattr(known.value, "__name__", None) if known.kind == "module" else None
            if own == root and _is_module(known):
                return f"{self.use(name)}.{rest}"
        if root == "scipy":
            return self.spell_scipy(dotted)
        alias = DEFAULT_ALIAS.get(root, root)
        return f"{self.imported(alias, ('import', root))}.{rest}"

    def beside_variables(self, helper: str) -> str:
        """A helper's name, or a second one where a variable of the function has that name."""
        name = helper
        while name in self.bound or name != helper and name in self.taken:
            name += "_"
        if name != helper:
            self.file.aliases[name] = helper
        return name

    def imported(self, alias: str, parts: tuple[str, ...]) -> str:
        """A name for a module or a part of one, which is imported by it or by the like of it."""
        *start, leaf = parts
        file = self.file
        while True:
            text = " ".join([*start, leaf] + ([] if alias == leaf else ["as", alias]))
            there = file.imports.get(alias)
            if there == text or there is None and alias not in self.taken:
                break
            alias += "_"
        file.imports[alias] = text
        file.meanings.known.setdefault(alias, Global(alias, "module", text))
        return alias

    def spell_builtin(self, name: str) -> str:
        known = self.file.meanings.known
        other = name in known and known[name].value is not getattr(builtins, name)
        if name not in self.bound and not other:
            known[name] = Global(name, "module", "", getattr(builtins, name))
            return name
        self.file.imports["builtins"] = "import builtins"  # the name is that of something else
        return f"builtins.{name}"

    def spell_given(self, dotted: str) -> str:
        """A function that a user gave a rule: under its name here, or imported by its own."""
        for name, known in sorted(self.globals.items()):
            if known.kind == "module" and _dotted(known) == dotted:
                return self.use(name)
        module, _, leaf = dotted.rpartition(".")
        for name, known in sorted(self.globals.items()):
            if _is_module(known) and known.value.__name__ == module:
                return f"{self.use(name)}.{leaf}"
        return self.imported(leaf, ("from", module, "import", leaf))

    def spell_scipy(self, dotted: str) -> str:
        """A function of a part of SciPy, which is imported alone; `norm.pdf` of a distribution."""
        for name, known in sorted(self.globals.items()):
            own = _dotted(known)
            if own and dotted.startswith(f"{own}."):
                return f"{self.use(name)}.{dotted.removeprefix(f'{own}.')}"
        package, _, rest = dotted.partition(".")
        short, _, leaf = rest.partition(".")
        if rest.startswith("sparse.linalg."):
            package, short, leaf = "scipy.sparse", "linalg", rest.removeprefix("sparse.linalg.")
        return f"{self.imported(short, ('from', package, 'import', short))}.{leaf}"


def need(known: Global, file: File) -> None:
    """Note what a name of the file stands for."""
    if known.kind == "module" and str(getattr(known.value, "__module__", "")).startswith(HELPER):
        own = known.value.__name__
        file.helpers.setdefault(own)
        if known.name != own:
            file.aliases[known.name] = own
    elif known.text == f"from srcgrad import {known.name}" and find_helper(known.name):
        file.helpers.setdefault(known.name)  # marks a loop, where the input is not executed
    elif known.kind == "module":
        file.imports[known.name] = known.text
    elif known.kind == "function":
        file.functions[known.name] = known.value.key
    elif not hasattr(builtins, known.name) or known.kind == "value":
        text = known.text or array_text(known.name, known.value)
        if text:
            file.constants[known.name] = text
            if "np." in text:
                file.imports["np"] = "import numpy as np"
        if not text and known.value is None and known.kind == "opaque":
            file.missing[known.name] = None
        elif known.value is not None or known.kind == "value":
            file.namespace[known.name] = known.value


def _dotted(known: Global) -> str:
    """The name in SciPy of a module or of one of its objects that a program imports."""
    if known.kind != "module":
        return ""
    own = getattr(known.value, "__name__", None) if _is_module(known) else None
    found = own or getattr(known.value, "dotted", None) or canonical_name(known.value, strict=False)
    return found if isinstance(found, str) else ""


def _is_module(known: Global) -> bool:
    return inspect.ismodule(known.value)


@functools.lru_cache(maxsize=4096)
def words_of(text: str) -> frozenset[str]:
    try:  # the statement is parsed anyway where it is printed as it stands
        pending: list[ast.AST] = [*passage(text)]
    except InternalError:
        try:
            pending = [ast.parse(textwrap.dedent(text) if text[-1:] != ":" else text + " pass")]
        except SyntaxError:
            return frozenset()
    found: set[str] = set()
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif not isinstance(node, ast.Constant):
            pending += ast.iter_child_nodes(node)
    return frozenset(found)


def array_text(name: str, value: object) -> str:
    """A captured NumPy value as a statement; empty for one too large or strange to write out."""
    if isinstance(value, np.generic) and value.dtype.kind in "fiub" and np.isfinite(value):
        return f"{name} = np.{value.dtype.name}({value.item()!r})"
    if not isinstance(value, np.ndarray) or value.size > LARGEST_CAPTURE:
        return ""
    if value.dtype.kind not in "fiub" or not np.all(np.isfinite(value)) or value.dtype.itemsize > 8:
        return ""
    default = np.array(value.tolist()).dtype == value.dtype
    dtype = "" if default else f", dtype=np.{value.dtype.name}"
    return f"{name} = np.array({value.tolist()!r}{dtype})"
