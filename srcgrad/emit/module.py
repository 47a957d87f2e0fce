"""A whole generated file: where it came from, the imports and helpers it uses, its functions."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import field, replace

import numpy as np

from srcgrad.emit.carried import (
    distant_imports,
    find_helper,
    helper,
    helper_text,
    with_callees,
)
from srcgrad.emit.defaults import default_text, named_default
from srcgrad.emit.names import Names
from srcgrad.emit.nodes import Blank, Comment, Verbatim, passage
from srcgrad.emit.pullback import Pullback, pullback_function
from srcgrad.emit.release import with_releases
from srcgrad.emit.statements import Statements
from srcgrad.emit.terms import Terms
from srcgrad.emit.twins import without_twins
from srcgrad.errors import InternalError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Const, Function, Global, Param, Stmt
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, operands, read_names, walk
from srcgrad.rules.naming import canonical_name, given_names

HELPER = "srcgrad.support"
LARGEST_CAPTURE = 100  # elements of a captured array that are written out
DEFAULT_ALIAS = {"numpy": "np"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One function to print. `kinds`: of its derivative variables. `sections`: forward and
    backward are marked. `folds`: temporaries are printed inside their readers. `half`: of a call,
    one of the pair. `releases`: arrays are let go of. `notes`: on variables, where they are
    assigned; where memory is short enough for them, all arrays are let go of. `written`: it is the
    user's own program."""

    fn: Function
    kinds: Mapping[str, Kind]
    sections: bool = True
    folds: bool = True
    half: bool = False
    releases: bool = True
    notes: Mapping[str, str] = field(default_factory=dict)
    written: bool = False


@dataclass(slots=True)
class File:
    """The imports, constants and helpers that printed functions turned out to need."""

    imports: dict[str, str] = field(default_factory=dict)  # name -> statement
    constants: dict[str, str] = field(default_factory=dict)
    helpers: dict[str, None] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)  # names that nothing is known of
    functions: dict[str, str] = field(default_factory=dict)  # user functions called, name -> key
    namespace: dict[str, object] = field(default_factory=dict)  # values that text cannot express


def file_tree(
    header: str,
    pullbacks: Iterable[Pullback],
    pieces: Iterable[Piece],
    primals: Mapping[str, str],
    primal_globals: Iterable[Global],
) -> tuple[ast.Module, File]:
    """A generated module, to be printed. `primals`: texts of user functions it calls, by name."""
    file = File()
    functions: list[ast.stmt] = []
    for pullback in pullbacks:
        if not pullback.result.is_array and not pullback.result.is_scalar:
            file.helpers.setdefault("own")
        params = tuple(named_default(p, file.namespace) for p in pullback.params)
        functions.append(pullback_function(pullback, arguments(params), "own"))
    pieces = list(pieces)
    functions += [print_function(piece, file) for piece in pieces]
    functions = without_twins(functions, {piece.fn.name for piece in pieces if piece.half})
    functions += [Verbatim(text) for text in primals.values() if text]
    for known in primal_globals:
        need(known, file)
    if file.helpers:
        file.imports["np"] = "import numpy as np"
    helpers = with_callees(file.helpers)
    for name in helpers:
        file.imports.update(distant_imports(helper(name)))
    body: list[ast.stmt] = [ast.Expr(ast.Constant(header)), *_imports(file)]
    body += [Verbatim(text) for text in in_order(file.constants)]
    body += [Verbatim(helper_text(name)) for name in helpers]
    return ast.Module([*body, *functions], []), file


def in_order(constants: Mapping[str, str]) -> list[str]:
    """Texts of constants, each after those that it reads."""
    out: list[str] = []
    pending = dict(sorted(constants.items()))
    while pending:
        free = [n for n, text in pending.items() if not (_words(text) - {n}) & pending.keys()]
        for name in free or list(pending):
            out.append(pending.pop(name))
    return out


def _imports(file: File) -> list[ast.stmt]:
    texts = sorted(set(file.imports.values()), key=_import_order)
    nodes: list[ast.stmt] = []
    for before, text in zip([None, *texts], texts, strict=False):
        if before is not None and _import_order(before)[0] != _import_order(text)[0]:
            nodes.append(Blank())  # third parties stand apart
        nodes.append(ast.parse(text).body[0])
    return nodes


def _import_order(text: str) -> tuple[bool, bool, str, str]:
    module = text.split()[1]
    third_party = module.split(".")[0] in ("numpy", "scipy")
    return third_party, text.startswith("from"), module, text


def print_function(piece: Piece, file: File) -> ast.FunctionDef:
    fn = piece.fn
    bound = {p.name for p in fn.params} | assigned(fn.body)
    read = read_names(fn.body)
    own = bound | read | set(fn.globals)
    taken = {n for n in own if "@" not in n and "%" not in n} | {fn.name}
    taken |= {n for unit in fn.units.values() for n in _words(unit.text)}
    names = Names(taken)
    terms = Terms(names, lambda dotted: spell(dotted, fn, file, taken, bound))
    printer = Statements(fn, names, terms, piece.kinds, lambda text: note(text, fn, file))
    if not piece.folds:
        printer.folds = frozenset()
    called = dict.fromkeys([stmt.fn for stmt in walk(fn.body) if isinstance(stmt, Assign)])
    for callee in called:
        if isinstance(callee, str) and callee.startswith(HELPER):
            file.helpers.setdefault(callee.rpartition(".")[2])
    for name in sorted(read & fn.globals.keys()):
        need(fn.globals[name], file)
    for callee in called:
        if not isinstance(callee, str) and callee.name in fn.globals:
            need(fn.globals[callee.name], file)
    need_of_constants(fn, file)
    printer.notes = piece.notes
    body = split_sections(printer, fn, piece.sections)
    if piece.releases:
        body = with_releases(body, _arrays(piece, names), bool(piece.notes))
    doc = ast.Expr(ast.Constant(fn.doc))
    params = tuple(replace(named_default(p, file.namespace), name=names(p.name)) for p in fn.params)
    return ast.FunctionDef(fn.name, arguments(params), [doc, *body], [], None, lineno=0)


def _arrays(piece: Piece, names: Names) -> dict[str, int]:
    """Final names of variables that are known to be arrays, with their rank; 0 if that is not.

    An adjoint that is an array somewhere has no kind; where nothing is known, none of them has.
    """
    arrays = {n: k for n, k in piece.kinds.items() if k.is_array and k.shape != ()}
    known = {names.final.get(n, n): kind.rank or 0 for n, kind in arrays.items()}
    if known:
        bars = (n for n in names.final if n.endswith("%bar") and n not in piece.kinds)
        known.update((names.final[n], 0) for n in bars)
    return known


def split_sections(printer: Statements, fn: Function, sections: bool) -> list[ast.stmt]:
    """The body with its two sweeps marked, where there are two."""
    out: list[ast.stmt] = []
    marks = [i for i, s in enumerate(fn.body) if isinstance(s, Assign) and s.fn == "section"]
    if not marks or not sections:
        return printer.block(fn.body)
    for start, end in zip(marks, [*marks[1:], len(fn.body)], strict=True):
        label = section_name(fn.body[start])
        printer.backward = label == "backward"
        printer.unit = -1
        part = printer.block(fn.body[start + 1 : end])
        if part:
            out += [Blank()] if out else []
            out += [Comment(label), *part]
    return out


def section_name(mark: Stmt) -> str:
    """`forward` or `backward`, as a section mark says."""
    (name,) = operands(mark)
    return str(name.value) if isinstance(name, Const) else ""


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
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


def arguments(params: tuple[Param, ...]) -> ast.arguments:
    """The parameter list, defaults included."""

    def of(*kinds: str) -> list[Param]:
        return [p for p in params if p.kind in kinds]

    rest: dict[str, ast.arg | None] = {"varargs": None, "varkw": None}
    rest |= {kind: ast.arg(p.name) for kind in rest for p in of(kind)}
    positional, plain, keyword = of("positional"), of("plain"), of("keyword")
    defaults = [
        ast.parse(text, mode="eval").body
        for text in map(default_text, [*positional, *plain])
        if text is not None
    ]
    texts = map(default_text, keyword)
    kw_defaults = [None if t is None else ast.parse(t, mode="eval").body for t in texts]
    return ast.arguments(
        [ast.arg(p.name) for p in positional],
        [ast.arg(p.name) for p in plain],
        rest["varargs"],
        [ast.arg(p.name) for p in keyword],
        kw_defaults,
        rest["varkw"],
        defaults,
    )


def spell(dotted: str, fn: Function, file: File, taken: set[str], bound: set[str]) -> str:
    """A library name as the file spells it; its import is noted."""
    if dotted.startswith(HELPER):
        name = dotted.rpartition(".")[2]
        file.helpers.setdefault(name)
        return name
    root, _, rest = dotted.partition(".")
    if root == "builtins":
        if rest not in bound:
            return rest
        file.imports["builtins"] = "import builtins"  # the function has a variable of that name
        return dotted
    if dotted in given_names():
        return spell_given(dotted, fn, file, taken)
    for name, known in sorted(fn.globals.items()):
        if (
            known.kind == "module"
            and getattr(known.value, "__name__", None) == root
            and _is_module(known)
        ):
            file.imports[name] = known.text
            return f"{name}.{rest}"
    if root == "scipy":
        return spell_scipy(dotted, fn, file, taken)
    alias = DEFAULT_ALIAS.get(root, root)
    while alias in taken and alias not in file.imports:
        alias += "_"
    file.imports[alias] = f"import {root}" if alias == root else f"import {root} as {alias}"
    return f"{alias}.{rest}"


def spell_given(dotted: str, fn: Function, file: File, taken: set[str]) -> str:
    """A function that a user gave a rule: under the name it has here, or imported by its own."""
    for name, known in sorted(fn.globals.items()):
        if known.kind == "module" and _dotted(known) == dotted:
            file.imports[name] = known.text
            return name
    module, _, leaf = dotted.rpartition(".")
    for name, known in sorted(fn.globals.items()):
        if _is_module(known) and known.value.__name__ == module:
            file.imports[name] = known.text
            return f"{name}.{leaf}"
    alias = leaf
    while alias in taken and alias not in file.imports:
        alias += "_"
    renamed = "" if alias == leaf else f" as {alias}"
    file.imports[alias] = f"from {module} import {leaf}{renamed}"
    return alias


def spell_scipy(dotted: str, fn: Function, file: File, taken: set[str]) -> str:
    """A function of a part of SciPy, which is imported by itself; `norm.pdf` of a distribution."""
    for name, known in sorted(fn.globals.items()):
        own = _dotted(known)
        if own and dotted.startswith(f"{own}."):
            file.imports[name] = known.text
            return f"{name}.{dotted.removeprefix(f'{own}.')}"
    package, _, rest = dotted.partition(".")
    short, _, leaf = rest.partition(".")
    if rest.startswith("sparse.linalg."):
        package, short, leaf = "scipy.sparse", "linalg", rest.removeprefix("sparse.linalg.")
    alias = short
    while alias in taken and alias not in file.imports:
        alias += "_"
    file.imports[alias] = f"from {package} import {short}" + (
        "" if alias == short else f" as {alias}"
    )
    return f"{alias}.{leaf}"


def _dotted(known: Global) -> str:
    """The name in SciPy of a module or of one of its objects that a program imports."""
    if known.kind != "module":
        return ""
    own = getattr(known.value, "__name__", None) if _is_module(known) else None
    found = own or getattr(known.value, "dotted", None) or canonical_name(known.value, strict=False)
    return found if isinstance(found, str) else ""


def _is_module(known: Global) -> bool:
    return inspect.ismodule(known.value)


def note(text: str, fn: Function, file: File) -> None:
    """The user's own text is printed: what its free names stand for has to be in the file."""
    for name in sorted(_words(text if not _is_header(text) else f"{text}:\n    pass")):
        known = fn.globals.get(name)
        if known is not None:
            need(known, file)


def _is_header(text: str) -> bool:
    return text.startswith(("if ", "for ", "while "))


def need(known: Global, file: File) -> None:
    if known.kind == "module" and str(getattr(known.value, "__module__", "")).startswith(HELPER):
        file.helpers.setdefault(known.name)
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


def need_of_constants(fn: Function, file: File) -> None:
    """What the texts of constants read, `K` of `L = K * pi`, is in the file, too."""
    done: set[str] = set()
    while pending := sorted(file.constants.keys() - done):
        for name in pending:
            note(file.constants[name], fn, file)
        done.update(pending)


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
