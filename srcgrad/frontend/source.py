"""From a function object to the text it was compiled from: the right text, or an error.

A file may have changed since it was imported, and several lambdas may stand on one line. So the
text found is compiled again, and its code compared with the function's own.
"""

from __future__ import annotations
import __future__

import ast
import functools
import linecache
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any, TypeAlias

from srcgrad.errors import SourceError
from srcgrad.frontend.text import TextFile, read_file
from srcgrad.frontend.unannotated import without_annotations
from srcgrad.ir.classes import dataclass

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_FUTURE = functools.reduce(
    int.__or__, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one function: a `def` without its decorators, dedented."""

    text: str
    name: str
    file: str
    line: int  # of the `def`, 1-based
    col: int


@dataclass(frozen=True, eq=False, slots=True)
class Located:
    """A function's node in its file."""

    file: TextFile
    node: FunctionNode
    name: str

    def source(self) -> Source:
        line, col, _, _ = self.file.span(self.node)
        if not isinstance(self.node, ast.Lambda):
            text = without_annotations(self.file.dedented(*self.file.span(self.node)))
            return Source(text, self.name, self.file.name, line, col)
        head = self.file.between(line, col, *self.file.span(self.node.body)[:2])
        params = head.removeprefix("lambda").strip().removesuffix("(").rstrip().removesuffix(":")
        text = f"def {self.name}({params.strip()}):\n    {lambda_body(self.file, self.node)}"
        return Source(text, self.name, self.file.name, line, col)


def lambda_body(file: TextFile, node: Any) -> str:
    """The body of a lambda as a `return` statement."""
    text = file.segment(node.body)
    return f"return ({text})" if "\n" in text else f"return {text}"


def locate(fn: FunctionType) -> Located:
    """Find the function's node. Raises `SourceError` if the text is missing or is another one."""
    code = fn.__code__
    own = getattr(fn, "__source__", None)
    if isinstance(own, str):  # the user's word that this is the function's source
        return _only_function(read_file(code.co_filename, own), fn)
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, fn.__globals__)
    if not lines:
        raise _missing(fn)
    file = read_file(code.co_filename, "".join(lines))
    nodes = list(_candidates(file, code))
    if not nodes:
        # From 3.13 on `<string>` is the text of `python -c`, whatever was executed under that name.
        raise _missing(fn) if code.co_filename == "<string>" else _changed(fn)
    if isinstance(nodes[0], ast.Lambda):
        return Located(file, _choose_lambda(file, nodes, fn), _lambda_name(file, nodes))
    return Located(
        file, min(nodes, key=lambda n: abs(_first_line(n) - code.co_firstlineno)), fn.__name__
    )


def _only_function(file: TextFile, fn: FunctionType) -> Located:
    for node in file.tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == fn.__code__.co_name:
            return Located(file, node, fn.__name__)
    raise SourceError(f"the attribute `__source__` of `{fn.__qualname__}` does not define it")


def _missing(fn: FunctionType) -> SourceError:
    return SourceError(
        f"no source text for `{fn.__qualname__}` ({fn.__code__.co_filename}): define it in a file "
        "or a notebook cell, or set its text as the attribute `__source__`"
    )


def _changed(fn: FunctionType) -> SourceError:
    return SourceError(
        f"{fn.__code__.co_filename} has changed since it was imported: its text is not what "
        f"`{fn.__qualname__}` was compiled from; import it again"
    )


def _candidates(file: TextFile, code: CodeType) -> Iterator[FunctionNode]:
    """Nodes whose compiled code is the function's. Lines may have moved; lambdas stay in theirs."""
    flags = code.co_flags & _FUTURE
    compiled = _codes(file.name, file.text, flags).get(code.co_name, ())
    lines = {other.co_firstlineno for other in compiled if _same(other, code)}
    if not lines and _has_rewritten_asserts(code):
        compiled = _codes(file.name, file.text, flags, True).get(code.co_name, ())
        lines = {other.co_firstlineno for other in compiled if _same(other, code)}
    for node in _functions(file.name, file.text).get(code.co_name, ()):
        if _first_line(node) in lines:
            if isinstance(node, ast.Lambda) and node.lineno != code.co_firstlineno:
                continue
            yield node


@functools.lru_cache(maxsize=32)
def _codes(name: str, text: str, flags: int, rewritten: bool = False) -> dict[str, list[CodeType]]:
    """Every code object of a file, by name; on request with `assert`s as pytest rewrites them."""
    found: dict[str, list[CodeType]] = {}
    try:
        source = _rewritten_asserts(name, text) if rewritten else text
        stack = [compile(source, name, "exec", flags=flags, dont_inherit=True)]
    except SyntaxError:  # a `return` outside a function, and the like: the parser lets it pass
        return {}
    while stack:
        code = stack.pop()
        found.setdefault(code.co_name, []).append(code)
        stack.extend(const for const in code.co_consts if isinstance(const, CodeType))
    return found


@functools.lru_cache(maxsize=32)
def _functions(name: str, text: str) -> dict[str, list[FunctionNode]]:
    """Every function of a file, by the name its code has."""
    found: dict[str, list[FunctionNode]] = {}
    for node in ast.walk(read_file(name, text).tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Lambda):
            found.setdefault("<lambda>", []).append(node)
    return found


def _first_line(node: FunctionNode) -> int:
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def _constants(code: CodeType) -> list[tuple[str, str]]:
    return [(type(c).__name__, repr(c)) for c in code.co_consts if not isinstance(c, CodeType)]


def _same(a: CodeType, b: CodeType) -> bool:
    """Equal but for line numbers."""
    facts = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_argcount")
    if any(getattr(a, fact) != getattr(b, fact) for fact in facts):
        return False
    inner = [_inner(code) for code in (a, b)]
    if _constants(a) != _constants(b) or len(inner[0]) != len(inner[1]):
        return False
    return all(_same(x, y) for x, y in zip(*inner, strict=True))


def _has_rewritten_asserts(code: CodeType) -> bool:
    return "@py_assert" in "".join(code.co_varnames) or any(
        map(_has_rewritten_asserts, _inner(code))
    )


def _rewritten_asserts(name: str, text: str) -> ast.Module:
    """The tree with `assert`s as pytest rewrites them in test modules, to compare code exactly."""
    tree = ast.parse(text, name)
    pytest = sys.modules.get("_pytest.assertion.rewrite")
    if pytest is not None:
        pytest.rewrite_asserts(tree, text.encode())
    return tree


def _choose_lambda(file: TextFile, nodes: list[FunctionNode], fn: FunctionType) -> FunctionNode:
    """The lambda of a line that holds several."""
    names = fn.__code__.co_varnames[: fn.__code__.co_argcount]
    fitting = [n for n in nodes if tuple(a.arg for a in _positional(n)) == names]
    if len(fitting) > 1:
        alone = [n for n in fitting if _matches_alone(n, fn.__code__)]
        fitting = alone or fitting
    if len(fitting) > 1 and hasattr(fn.__code__, "co_positions"):
        fitting = [n for n in fitting if _holds(n, fn.__code__)] or fitting
    if len({ast.dump(n) for n in fitting}) == 1:
        return fitting[0]
    place = f"{file.name}:{fn.__code__.co_firstlineno}"
    raise SourceError(f"{place}: cannot tell the lambdas of this line apart; write a `def` instead")


def _positional(node: FunctionNode) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args]


def _matches_alone(node: FunctionNode, code: CodeType) -> bool:
    """Whether the lambda has the code's names and constants, compiled by itself.

    Where it reads no variable of a function around it, the instructions are the same too.
    """
    assert isinstance(node, ast.Lambda)
    outer = compile(ast.Expression(node), "<lambda>", "eval")
    alone = next(c for c in outer.co_consts if isinstance(c, CodeType))
    if _read(alone) != _read(code) or _nesting(alone) != _nesting(code):
        return False
    same_code = bool(code.co_freevars) or alone.co_code == code.co_code
    return same_code and _constants(alone) == _constants(code)


def _inner(code: CodeType) -> list[CodeType]:
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def _nesting(code: CodeType) -> list[Any]:
    """How functions stand inside others."""
    return [_nesting(inner) for inner in _inner(code)]


def _read(code: CodeType) -> set[str]:
    """Names that a function reads of its surroundings, or functions inside it for it."""
    names = {*code.co_names, *code.co_freevars}
    own = {*code.co_varnames, *code.co_cellvars}
    return names.union(*(_read(inner) - own for inner in _inner(code)))


def _holds(node: FunctionNode, code: CodeType) -> bool:
    """Whether every instruction of the code lies inside the lambda."""
    start = (node.lineno, node.col_offset)
    end = (node.end_lineno or 0, node.end_col_offset or 0)
    for line, end_line, col, end_col in code.co_positions():
        if None in (line, end_line, col, end_col) or end_col == 0:
            continue
        if not (start <= (line or 0, col or 0) and (end_line or 0, end_col or 0) <= end):
            return False
    return True


def _lambda_name(file: TextFile, nodes: list[FunctionNode]) -> str:
    """The name a lambda is assigned to, or `function`."""
    for stmt in ast.walk(file.tree):
        if (
            isinstance(stmt, ast.Assign)
            and stmt.value in nodes
            and isinstance(stmt.targets[0], ast.Name)
        ):
            return stmt.targets[0].id
    return "function"
