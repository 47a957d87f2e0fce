"""A whole generated file: where it came from, the imports and helpers it uses, its functions."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

import numpy as np

from srcgrad.emit.carried import distant_imports, helper, helper_text, with_callees
from srcgrad.emit.defaults import default_text, named_default
from srcgrad.emit.meanings import Meanings
from srcgrad.emit.names import Names
from srcgrad.emit.nodes import Blank, Comment, Verbatim
from srcgrad.emit.pullback import Pullback, pullback_function
from srcgrad.emit.release import with_releases
from srcgrad.emit.statements import Statements
from srcgrad.emit.surroundings import HELPER, File, Surroundings, words_of
from srcgrad.emit.terms import Terms
from srcgrad.emit.twins import without_twins
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Const, Function, Global, Param, Stmt, UserFunction
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, has_turns, operands, read_names, walk


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


@dataclass(frozen=True, slots=True)
class Copied:
    """A function of the user's that is called as it is: its text and what that reads; or, `of`,
    the name that the file has for it already."""

    fn: UserFunction
    text: str = ""
    globals: Mapping[str, Global] = field(default_factory=dict)
    of: str = ""


def file_tree(
    header: str,
    pullbacks: Iterable[Pullback],
    pieces: Sequence[Piece],
    primals: Mapping[str, Copied],
) -> tuple[ast.Module, File]:
    """A generated module, to be printed. `primals`: user functions it calls, by name."""
    reserved: set[str] = set()
    while True:
        known = {n: Global(n, "function", "", copied.fn) for n, copied in primals.items()}
        known["np"] = Global("np", "module", "import numpy as np", np)
        own = frozenset(piece.fn.name for piece in pieces)
        file = File(Meanings(own, reserved, known))
        functions = _functions(pullbacks, pieces, primals, file)
        helpers = with_callees(file.helpers)
        clashes = file.meanings.others(helpers) - reserved
        if not clashes:
            break
        reserved |= clashes  # the user's functions and constants get other names
        primals = {n: copied for n, copied in primals.items() if n not in reserved}
    if file.helpers:
        file.imports["np"] = "import numpy as np"
    for name in helpers:
        file.imports.update(distant_imports(helper(name)))
    body: list[ast.stmt] = [ast.Expr(ast.Constant(header)), *_imports(file)]
    body += [Verbatim(text) for text in in_order(file.constants)]
    body += [Verbatim(helper_text(name)) for name in helpers]
    body += [Verbatim(f"{name} = {of}") for name, of in sorted(file.aliases.items())]
    return ast.Module([*body, *functions], []), file


def _functions(
    pullbacks: Iterable[Pullback],
    pieces: Sequence[Piece],
    primals: Mapping[str, Copied],
    file: File,
) -> list[ast.stmt]:
    functions: list[ast.stmt] = []
    for pullback in pullbacks:
        if not pullback.result.is_array and not pullback.result.is_scalar:
            file.helpers.setdefault("own")
        params = tuple(named_default(p, file.namespace) for p in pullback.params)
        functions.append(pullback_function(pullback, arguments(params), "own"))
    functions += [print_function(piece, file) for piece in pieces]
    functions = without_twins(functions, {piece.fn.name for piece in pieces if piece.half})
    return functions + [_copy(name, copied, file) for name, copied in primals.items()]


def _copy(name: str, copied: Copied, file: File) -> ast.stmt:
    """The user's function as it stands, under the name that it has in the file."""
    if copied.of:
        return Verbatim(f"{name} = {copied.of}")
    around = Surroundings(copied.globals, file, (), set(words_of(copied.text)))
    text = around.own_text(copied.text, name)
    for other in sorted(copied.globals):
        around.use(other)
    return Verbatim(text)


def in_order(constants: Mapping[str, str]) -> list[str]:
    """Texts of constants, each after those that it reads."""
    out: list[str] = []
    pending = dict(sorted(constants.items()))
    while pending:
        free = [n for n, text in pending.items() if not (words_of(text) - {n}) & pending.keys()]
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
    taken |= {n for unit in fn.units.values() for n in words_of(unit.text)}
    names = Names(taken)
    around = Surroundings(fn.globals, file, bound, names.taken)
    terms = Terms(names, around.spell, around.callee)
    printer = Statements(fn, names, terms, piece.kinds, around.own_text)
    if not piece.folds:
        printer.folds = frozenset()
    for stmt in walk(fn.body):
        if isinstance(stmt, Assign) and isinstance(stmt.fn, str) and stmt.fn.startswith(HELPER):
            file.helpers.setdefault(stmt.fn.rpartition(".")[2])
    for name in sorted(read & fn.globals.keys()):
        names.final[name] = around.use(name)
    printer.notes = piece.notes
    body = split_sections(printer, fn, piece.sections)
    if piece.releases:
        body = with_releases(body, _arrays(piece, names), bool(piece.notes))
    doc = ast.Expr(ast.Constant(fn.doc))
    params = tuple(replace(_header(p, file, around), name=names(p.name)) for p in fn.params)
    return ast.FunctionDef(fn.name, arguments(params), [doc, *body], [], None, lineno=0)


def _header(param: Param, file: File, around: Surroundings) -> Param:
    """A parameter; the names that the text of its default reads are in the file, too."""
    param = named_default(param, file.namespace)
    text = default_text(param)
    if text is None or text != param.default:
        return param
    return replace(param, default=around.own_text(text))


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
            own = not out and any(map(has_turns, fn.body[start:end]))  # of each turn
            out += [Blank()] if out else []
            out += part if own else [Comment(label), *part]
    return out


def section_name(mark: Stmt) -> str:
    """`forward` or `backward`, as a section mark says."""
    (name,) = operands(mark)
    return str(name.value) if isinstance(name, Const) else ""


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
