"""Trees to text, as a person would lay it out, and never as another tree.

Statements, blank lines and comments are printed here, expressions in `expressions`, both through
astor. Every text is parsed again and compared with its tree before it leaves: a fault nobody
foresaw becomes an `InternalError`, never a wrong derivative.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, cast

from srcgrad.emit.expressions import (
    INDENT,
    ExpressionPrinter,
    Precedence,
    get_op_symbol,
    set_precedence,
)
from srcgrad.emit.layout import WIDTH, Mark, layout
from srcgrad.emit.nodes import (
    DEFINITIONS,
    Blank,
    Comment,
    Verbatim,
    difference,
    docstring,
    fresh,
    parse,
)
from srcgrad.emit.quoting import docstring_lines, indented
from srcgrad.errors import InternalError

__all__ = ["WIDTH", "Blank", "Comment", "Verbatim", "print_expr", "print_module"]

_ENCLOSING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, Verbatim)
_IMPORTS = (ast.Import, ast.ImportFrom)


def print_module(tree: ast.Module) -> str:
    """Print a module as text that `ruff format` leaves alone (88 columns), for Python 3.10 to 3.13.

    A statement with an attribute `trailing` gets it as a comment behind it, or above it where it
    does not fit. Raises `InternalError` for a tree that has no text, or whose text reads back as
    another tree.
    """
    copy = cast(ast.Module, fresh(tree))
    text = _text(copy, layout)
    back = parse(text, "printed text")
    body, back = _without_passages(copy.body, back, text.split("\n"))
    _check(ast.Module(body, []), ast.Module(back, []), text)
    return text


def print_expr(node: ast.expr) -> str:
    """Print an expression on one line; a tuple in parentheses. Raises as `print_module` does."""
    copy = fresh(node)
    set_precedence(Precedence.Comma, copy)
    text = _text(copy, "".join)
    back = parse(f"({text})", "a printed expression")
    _check(copy, cast(ast.Expr, back[0]).value, text)
    return text


def _without_passages(
    body: list[ast.stmt], back: list[ast.stmt], lines: list[str]
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What is left to be compared: a passage at the margin whose text came back is the same tree.

    `back`: the statements that `body` was read back as. `lines`: of the text.
    """
    mine: list[ast.stmt] = []
    theirs: list[ast.stmt] = []
    place = 0
    for item in body:
        count = len(item.parsed) if isinstance(item, Verbatim) else 1
        count = 0 if isinstance(item, (Blank, Comment)) else count
        found = back[place : place + count]
        place += count
        if isinstance(item, Verbatim) and found:
            first, last = found[0].lineno, found[-1].end_lineno
            if "\n".join(lines[first - 1 : last]) == item.text:
                continue
        mine.append(item)
        theirs += found
    return mine, theirs + back[place:]


def _check(copy: ast.AST, back: ast.AST, text: str) -> None:
    found = difference(copy, back)
    if found:
        raise InternalError(f"printing changed the tree: {found}\n{text[:2000]}")


def _text(tree: ast.AST, joined: Callable[[list[str]], str]) -> str:
    """The tree's text, its pieces put together by `joined`."""
    generator = _Printer(INDENT)
    try:
        generator.visit(tree)
        return joined(generator.result)
    except RecursionError as error:
        raise InternalError("an expression is too deeply nested to be printed") from error
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise InternalError(f"a {type(tree).__name__} cannot be printed: {error!r}") from error


class _Printer(ExpressionPrinter):
    """Adds statements, blank lines and comments."""

    # --- blocks and blank lines -------------------------------------------------------------------

    def visit_Module(self, node: ast.Module) -> None:
        self._block(node.body, node)

    def body(self, statements: list[ast.stmt]) -> None:
        self.indentation += 1
        self._block(statements, None)
        self.indentation -= 1

    def _definition_body(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.indentation += 1
        self._block(node.body, node)
        self.indentation -= 1

    def _block(self, statements: list[ast.stmt], owner: ast.stmt | ast.Module | None) -> None:
        """Print statements with the blank lines that black puts between them."""
        items = _without_outer_blanks(statements)
        documented = owner is not None and docstring(items) is not None
        leads = _leads(items)
        blanks = 0
        before: ast.stmt | None = None
        for place, item in enumerate(items):
            if isinstance(item, Blank):
                blanks = 1
                continue
            if before is None:
                blanks = int(owner is None and isinstance(_first(leads[0]), DEFINITIONS))
            else:
                behind_text = documented and place == 1 and not isinstance(owner, ast.FunctionDef)
                blanks = max(blanks, int(behind_text), self._gap(before, item, leads[place]))
            self.new_lines = max(self.new_lines, 1 + blanks)
            if place == 0 and documented:
                self._docstring(cast(str, docstring(items)))
            else:
                self._statement(item)
            before, blanks = item, 0

    def _gap(self, before: ast.stmt, item: ast.stmt, lead: ast.stmt) -> int:
        """Blank lines between two statements; `lead` is what the comments at `item` introduce."""
        wide = 1 if self.indentation else 2
        last = _last(before)
        if isinstance(last, DEFINITIONS):
            return wide
        if isinstance(before, Comment):
            return 0
        first = _first(lead)
        if isinstance(first, DEFINITIONS):
            return wide
        return int(isinstance(last, _IMPORTS) and not isinstance(first, _IMPORTS))

    def _statement(self, node: ast.stmt) -> None:
        trailing = getattr(node, "trailing", "")
        if not trailing:
            self.visit(node)
        elif isinstance(node, (*DEFINITIONS, *_ENCLOSING)):
            self.visit_Comment(Comment(trailing))
            self.visit(node)
        else:
            self.visit(node)
            self.result.append(Mark("trailing", trailing))

    def _docstring(self, text: str) -> None:
        self.write("")
        self.result.append(Mark("raw", docstring_lines(text, INDENT * self.indentation)))

    def visit_Comment(self, node: Comment) -> None:
        for line in node.text.split("\n"):
            self.statement(node, Mark("raw", f"# {line}".rstrip()))

    def visit_Verbatim(self, node: Verbatim) -> None:
        self.statement(node, "")
        self.result.append(Mark("raw", indented(node.text, INDENT * self.indentation)))

    # --- definitions ------------------------------------------------------------------------------

    def visit_FunctionDef(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, is_async: bool = False
    ) -> None:
        self._decorators(node.decorator_list)
        self.statement(node, "async def " if is_async else "def ", node.name, "(")
        self.visit_arguments(node.args)
        self.write(")")
        if node.returns is not None:
            set_precedence(Precedence.Comma, node.returns)
            self.write(" -> ", node.returns)
        self.write(":")
        self._definition_body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._decorators(node.decorator_list)
        self.statement(node, "class ", node.name)
        if node.bases or node.keywords:
            call = ast.Call(func=ast.Name(id=""), args=node.bases, keywords=node.keywords)
            self.visit_Call(call)
        self.write(":")
        self._definition_body(node)

    def _decorators(self, decorators: list[ast.expr]) -> None:
        for decorator in decorators:
            set_precedence(Precedence.Comma, decorator)
            self.statement(decorator, "@", decorator)

    # --- statements -------------------------------------------------------------------------------

    def visit_If(self, node: ast.If) -> None:
        set_precedence(node, node.test)
        self.statement(node, "if ", node.test, ":")
        self.body(node.body)
        orelse = node.orelse
        while len(orelse) == 1 and isinstance(orelse[0], ast.If):
            nested = orelse[0]
            set_precedence(nested, nested.test)
            self.statement(nested, "elif ", nested.test, ":")
            self.body(nested.body)
            orelse = nested.orelse
        self.else_body(orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor, is_async: bool = False) -> None:
        set_precedence(node, node.target)
        self._only_open_pairs(node.target)
        set_precedence(Precedence.Comma, node.iter)
        keyword = "async for " if is_async else "for "
        self.statement(node, keyword, node.target, " in ", node.iter, ":")
        self.body_or_else(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.newline(node)
        for side in (*node.targets, node.value):
            set_precedence(node, side)
            self._only_open_pairs(side)
        for target in node.targets:
            self.write(target, " = ")
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        set_precedence(node, node.target, node.value)
        self._only_open_pairs(node.value)
        self.statement(node, node.target, get_op_symbol(node.op, " %s= "), node.value)

    def visit_Return(self, node: ast.Return) -> None:
        set_precedence(node, node.value)
        self._only_open_pairs(node.value)
        self.statement(node, "return")
        self.conditional_write(" ", node.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        set_precedence(node, node.value)
        self._only_open_pairs(node.value)
        self.statement(node, node.value)

    def _only_open_pairs(self, node: ast.expr | None) -> None:
        """Keep the parentheses of a tuple of one: `(a,) = b`; longer tuples may go without."""
        if isinstance(node, ast.Tuple) and len(node.elts) == 1:
            set_precedence(Precedence.Comma, node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self.statement(node, "del ")
        self.comma_list(node.targets)

    def visit_Raise(self, node: ast.Raise) -> None:
        set_precedence(Precedence.Comma, node.exc, node.cause)
        self.statement(node, "raise")
        if self.conditional_write(" ", node.exc):
            self.conditional_write(" from ", node.cause)

    def visit_withitem(self, node: ast.withitem) -> None:
        set_precedence(Precedence.Comma, node.context_expr, node.optional_vars)
        self.write(node.context_expr)
        self.conditional_write(" as ", node.optional_vars)


def _without_outer_blanks(statements: list[ast.stmt]) -> list[ast.stmt]:
    start, stop = 0, len(statements)
    while start < stop and isinstance(statements[start], Blank):
        start += 1
    while stop > start and isinstance(statements[stop - 1], Blank):
        stop -= 1
    return statements[start:stop]


def _leads(items: list[ast.stmt]) -> list[ast.stmt]:
    """For each statement itself, for a comment the statement that it stands directly above."""
    leads = list(items)
    for place in range(len(items) - 2, -1, -1):
        if isinstance(items[place], Comment) and not isinstance(items[place + 1], Blank):
            leads[place] = leads[place + 1]
    return leads


def _first(node: ast.stmt) -> ast.stmt:
    return node.parsed[0] if isinstance(node, Verbatim) and node.parsed else node


def _last(node: ast.stmt) -> ast.stmt:
    """The statement whose end is the end of `node`; a definition is its own."""
    while isinstance(node, _ENCLOSING):
        if isinstance(node, Verbatim) and node.parsed:
            node = node.parsed[-1]
            continue
        blocks: Any = (getattr(node, name, None) for name in ("finalbody", "orelse", "body"))
        block = next((block for block in blocks if block), None)
        if not block:
            break
        node = block[-1]
    return node
