"""Statements that `ast` has no class for, and trees made safe to print.

astor keeps the precedence of a parent on the child node, so a node that occurs twice in a tree is
printed wrongly. Every tree is therefore copied before it is printed. The copy also settles what
has two spellings: a negative constant becomes a negation, an empty set becomes `set()`.
Nothing here recurses: a sum of thousands of terms is a tree just as deep.
"""

from __future__ import annotations

import ast
import functools
import inspect
import math
from typing import Any, ClassVar, cast

from srcgrad.errors import InternalError

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DOCUMENTED = (ast.Module, *DEFINITIONS)
_SPECIAL = (*_DOCUMENTED, ast.JoinedStr, ast.Delete)
# What the grammar of 3.10 derives from the rest of the tree, or does not know.
_IGNORED = frozenset({"ctx", "type_comment", "kind", "type_ignores", "type_params"})
# Fields that are lists wherever they occur and are often left out. (`args` of a function is none.)
_LISTS = {"decorator_list", "defaults", "keywords", "kw_defaults", "kwonlyargs", "orelse"}
_LISTS |= {"args", "bases", "finalbody", "handlers", "ifs", "posonlyargs", "type_ignores"}
_LISTS |= {"type_params"}
_LOAD = ast.Load()
_STATELESS = frozenset().union(
    *(
        base.__subclasses__()
        for base in (ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context)
    )
)


class Comment(ast.stmt):
    """A comment of one or more lines, at the indentation of its block; `text` has no `#`."""

    _fields: ClassVar[tuple[str, ...]] = ("text",)
    text: str

    def __init__(self, text: str = "") -> None:
        self.text = text


class Verbatim(ast.stmt):
    """The user's own statements, dedented: indented for the block and otherwise untouched."""

    _fields: ClassVar[tuple[str, ...]] = ("text",)
    text: str
    parsed: list[ast.stmt]  # set when the tree is copied

    def __init__(self, text: str = "") -> None:
        self.text = text


class Blank(ast.stmt):
    """An empty line. Dropped at either end of a block."""


def trail(node: ast.AST, comment: str) -> None:
    """Give a statement a comment that is printed behind it."""
    node.__dict__["trailing"] = comment


def parse(text: str, what: str) -> list[ast.stmt]:
    """Parse `text` as Python 3.10; raises `InternalError`, naming `what`, when it does not parse.

    `feature_version` is best effort: it refuses new statements, not new f-string quoting.
    """
    try:
        return ast.parse(text, feature_version=(3, 10)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InternalError(f"{what} does not parse: {error}\n{text[:2000]}") from error


@functools.lru_cache(maxsize=1024)
def passage(text: str) -> list[ast.stmt]:
    """A passage of the user's source, parsed. Not to be changed: it is kept."""
    return parse(text, "a passage of the user's source")


def fresh(tree: ast.AST) -> ast.AST:
    """Return a copy of `tree` without shared nodes, with constants that Python can spell.

    Raises `InternalError` for a constant that has no literal (infinity, nan, a NumPy scalar, a
    tuple), and for type parameters, which 3.10 does not know.
    """
    pending: list[tuple[ast.AST, ast.AST]] = []
    root: ast.AST = _shell(tree, pending)
    while pending:
        old, new = pending.pop()
        given, fields = old.__dict__, new.__dict__
        for name in old._fields:
            value: Any = given.get(name)
            kind = type(value)
            if kind is list:
                value = [_shell(v, pending) if isinstance(v, ast.AST) else v for v in value]
                if value and name == "type_params":
                    raise InternalError("type parameters cannot be printed for Python 3.10")
            elif value is None:
                # A field that the tree's author left out: 3.10 has no defaults for them.
                value = [] if name in _LISTS else None
            elif kind is not str and isinstance(value, ast.AST):
                value = _shell(value, pending)
            fields[name] = value
        if isinstance(new, Verbatim):
            new.parsed = passage(new.text)
    return root


def _shell(node: Any, pending: list[tuple[ast.AST, ast.AST]]) -> Any:
    """A copy of a node, to be filled later where it has more than a name."""
    cls: Any = type(node)
    if cls is ast.Name:
        return ast.Name(node.id, _LOAD)
    if not node._fields:  # an operator or a context: it has no state, not even precedence
        return node
    old: Any = _source(node) if cls is ast.Constant or cls is ast.Set else node
    cls = type(old)
    new = cls.__new__(cls)  # not a call: without its fields a node warns on 3.13
    if cls is ast.Constant:
        new.__dict__["value"] = old.value
        return new
    if "trailing" in node.__dict__:
        new.__dict__["trailing"] = node.__dict__["trailing"]
    pending.append((old, new))
    return new


def _source(node: ast.AST) -> ast.AST:
    """`node` in the one spelling that its text will parse back to."""
    if isinstance(node, ast.Constant):
        return _literal(node)
    if isinstance(node, ast.Set) and not node.elts:
        return ast.Call(func=ast.Name(id="set", ctx=ast.Load()), args=[], keywords=[])
    return node


def _literal(node: ast.Constant) -> ast.expr:
    """A constant as literals without a sign."""
    value = node.value
    if value is None or value is Ellipsis or type(value) in (bool, str, bytes):
        return node
    if type(value) is complex:
        return _complex_literal(node, value)
    if type(value) not in (int, float) or not math.isfinite(cast(float, value)):
        raise InternalError(f"{value!r} of type {type(value).__name__} is not a literal")
    if math.copysign(1, cast(float, value)) > 0:
        return node
    return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=-cast(float, value)))


def _complex_literal(node: ast.Constant, value: complex) -> ast.expr:
    """`a + bj`; a lost sign of zero would be a wrong constant, so it is refused."""
    real, imag = value.real, value.imag
    finite = math.isfinite(real) and math.isfinite(imag)
    lost = (real == 0 and math.copysign(1, real) < 0) or (imag == 0 and math.copysign(1, imag) < 0)
    if not finite or lost:
        raise InternalError(f"{value!r} is not a literal")
    if real == 0 and imag >= 0:
        return node
    op = ast.Add() if imag >= 0 else ast.Sub()
    return ast.BinOp(
        left=ast.Constant(value=real), op=op, right=ast.Constant(value=complex(0.0, abs(imag)))
    )


def difference(expected: ast.AST, actual: ast.AST) -> str | None:
    """Where two trees differ, as a sentence, or None; comments and layout do not count."""
    pending: list[tuple[Any, Any, ast.AST]] = [(expected, actual, expected)]
    while pending:
        left, right, owner = pending.pop()
        if type(left) is list:
            left = _statements(left) if left and isinstance(left[0], ast.stmt) else left
            if not isinstance(right, list) or len(left) != len(right):
                return f"a list inside {type(owner).__name__} has another length"
            pending += [
                (a, b, owner) for a, b in zip(left, right, strict=True) if not _are_leaves(a, b)
            ]
        elif isinstance(left, ast.AST):
            cls = type(left)
            if cls is not type(right):
                return f"{cls.__name__} was read back as {type(right).__name__}"
            if issubclass(cls, _SPECIAL):
                found = _different_fields(left, right, pending)
                if found is not None:
                    return found
                continue
            mine, theirs = left.__dict__, right.__dict__
            for name in _COMPARED.get(cls) or _compared(cls):
                a, b = mine.get(name), theirs.get(name)
                if a is not b and not _are_leaves(a, b):
                    pending.append((a, b, left))
        elif type(left) is not type(right) or left != right:
            return f"{left!r} inside {type(owner).__name__} was read back as {right!r}"
    return None


_COMPARED: dict[type[ast.AST], tuple[str, ...]] = {}


def _compared(cls: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a node that count."""
    found = _COMPARED[cls] = tuple(name for name in cls._fields if name not in _IGNORED)
    return found


def _are_leaves(a: Any, b: Any) -> bool:
    """True for the same identifier, name or operator, of which a tree mostly consists."""
    cls = type(a)
    if cls is not type(b):
        return False
    if cls is ast.Name:
        return bool(a.id == b.id)
    if cls is str:
        return bool(a == b)
    return cls is list and not a and not b or cls in _STATELESS


def _different_fields(
    left: ast.AST, right: ast.AST, pending: list[tuple[Any, Any, ast.AST]]
) -> str | None:
    """What differs at once in nodes whose text may be parsed as other fields; the rest waits."""
    documented = isinstance(left, _DOCUMENTED) and _documentation(left) is not None
    if documented and _documentation(left) != _documentation(right):
        return f"the docstring {_documentation(left)!r} was read back otherwise"
    skip = 1 if documented else 0
    for name in left._fields:
        if name not in _IGNORED:
            pending.append((_field(left, name, skip), _field(right, name, skip), left))
    return None


def _field(node: ast.AST, name: str, skip: int) -> Any:
    value = getattr(node, name, None)
    if name == "body" and skip:
        return _statements(cast("list[Any]", value))[skip:]
    if name == "values" and isinstance(node, ast.JoinedStr):
        return merged(node)
    if isinstance(node, ast.Delete) and isinstance(node.targets[0], ast.Tuple):
        # Long lists take parentheses, which delete no less and no more.
        return node.targets[0].elts if len(node.targets) == 1 else value
    return value


def _statements(items: list[Any]) -> list[Any]:
    """A block as its text will parse: without comments, the user's passages parsed."""
    found: list[Any] = []
    for item in items:
        if isinstance(item, Verbatim):
            found.extend(item.parsed)
        elif not isinstance(item, (Comment, Blank)):
            found.append(item)
    return found


def merged(node: ast.JoinedStr) -> list[ast.expr]:
    """The parts of an f-string, neighbouring literal parts joined: versions split differently."""
    parts: list[ast.expr] = []
    for part in node.values:
        last = parts[-1] if parts else None
        if isinstance(part, ast.Constant) and isinstance(last, ast.Constant):
            parts[-1] = ast.Constant(value=f"{last.value!s}{part.value!s}")
        elif not (isinstance(part, ast.Constant) and part.value == ""):
            parts.append(part)
    return parts


def docstring(block: list[ast.stmt]) -> str | None:
    """The text of a docstring at the head of `block`, if it has one."""
    first = block[0] if block else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value.value if isinstance(first.value.value, str) else None
    return None


def _documentation(node: ast.AST) -> str | None:
    """A docstring up to its indentation and the blanks at its ends, which printing settles."""
    text = docstring(_statements(getattr(node, "body", [])))
    if text is None:
        return None
    return "\n".join(line.rstrip() for line in inspect.cleandoc(text).strip().split("\n"))
