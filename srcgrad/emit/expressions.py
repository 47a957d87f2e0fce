"""Expressions to text through astor, with what astor gets wrong or ugly replaced.

astor is maintained but not released: 0.8.1 of 2019 loses parentheses in slices, misplaces the
defaults of positional-only parameters and warns on import. Each fault is overridden by a method
below. This file alone imports astor; `printer` checks every text that leaves.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Sequence
from typing import Any, cast

from srcgrad.emit.nodes import merged
from srcgrad.emit.quoting import escaped, quoted
from srcgrad.errors import InternalError

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from astor.code_gen import SourceGenerator, set_precedence
    from astor.op_util import Precedence, get_op_precedence, get_op_symbol

__all__ = ["INDENT", "ExpressionPrinter", "Precedence", "get_op_symbol", "set_precedence"]

INDENT = "    "
_NUMBER: int = get_op_precedence(ast.Constant(0))


# astor ships no types, so its class is `Any` here.
class ExpressionPrinter(SourceGenerator):  # type: ignore[misc]
    """astor's generator; `inner` is set inside an f-string, where strings take single quotes.

    What most of a text consists of, names, calls and operators, is written more directly than by
    astor, which looks up the method for each node by its name.
    """

    inner = False
    # astor's own attributes, for the type checker.
    indentation: int
    new_lines: int
    result: list[str]
    indent_with: str

    def __init__(self, indent_with: str) -> None:
        super().__init__(indent_with)
        self.write = self._write
        self._visitors: dict[type, Callable[[ast.AST], object]] = {}

    def visit(self, node: ast.AST) -> None:
        kind = type(node)
        visitor: Any = self._visitors.get(kind)
        if visitor is None:
            visitor = getattr(self, f"visit_{kind.__name__}", super().visit)
            self._visitors[kind] = visitor
        visitor(node)

    def _write(self, *parts: ast.AST | str | Callable[[], object] | None) -> None:
        """Print nodes and pieces of text; a function is called."""
        for part in parts:
            if type(part) is str:  # most are
                pass
            elif type(part) is ast.Name:
                part = part.id
            elif isinstance(part, ast.AST):
                self.visit(part)
                continue
            elif callable(part):
                part()
                continue
            if self.new_lines:
                self.result += ("\n" * self.new_lines, self.indent_with * self.indentation)
                self.new_lines = 0
            if part:
                self.result.append(part)

    def _opens(self, node: ast.expr, level: int) -> bool:
        """Whether an operation of this level takes parentheses where it stands; opens them."""
        opens: bool = level < getattr(node, "_pp", Precedence.highest)
        self._write("(" if opens else "")
        return opens

    # --- constants --------------------------------------------------------------------------------

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, (str, bytes)):
            self.write(quoted(value, self.inner))
        elif value is Ellipsis:
            self.write("...")
        elif value is None or isinstance(value, bool):
            self.write(repr(value))
        else:
            opens = self._opens(node, _NUMBER)
            # `ruff format` takes the sign of an exponent away: 1e50.
            self._write(repr(value).replace("e+", "e"), ")" if opens else "")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        parts = self._joined(node)
        expressions = "".join(part for part in parts if part.startswith("{"))
        literals = "".join(part for part in parts if not part.startswith("{"))
        if "'" in expressions and '"' in expressions:
            raise InternalError("both quotes in an f-string's expressions need Python 3.12")
        few = literals.count('"') <= literals.count("'") and not self.inner
        quote = '"' if "'" in expressions or ('"' not in expressions and few) else "'"
        text = "".join(
            part if part.startswith("{") else part.replace(quote, f"\\{quote}").removeprefix("\0")
            for part in parts
        )
        self.write(f"f{quote}{text}{quote}")

    def _joined(self, node: ast.JoinedStr) -> list[str]:
        """The parts of an f-string: an expression starts with a brace, a literal with a NUL."""
        parts: list[str] = []
        for part in merged(node):
            if isinstance(part, ast.FormattedValue):
                parts.append(self._formatted(part))
            else:
                literal = escaped(cast(str, cast(ast.Constant, part).value))
                parts.append("\0" + literal.replace("{", "{{").replace("}", "}}"))
        return parts

    def _formatted(self, part: ast.FormattedValue) -> str:
        printer = ExpressionPrinter(INDENT)
        printer.inner = True
        set_precedence(Precedence.Comma, part.value)
        printer.visit(part.value)
        text = "".join(printer.result)
        if "\\" in text:
            raise InternalError("a backslash in an f-string's expression needs Python 3.12")
        text = f" {text}" if text.startswith("{") else text
        text += f"!{chr(part.conversion)}" if part.conversion != -1 else ""
        if part.format_spec is not None:
            spec = self._joined(cast(ast.JoinedStr, part.format_spec))
            text += ":" + "".join(piece.removeprefix("\0") for piece in spec)
        return f"{{{text}}}"

    # --- displays ---------------------------------------------------------------------------------

    def visit_Starred(self, node: ast.Starred) -> None:
        set_precedence(Precedence.BitOr, node.value)
        self.write("*", node.value)

    def visit_Dict(self, node: ast.Dict) -> None:
        with self.delimit("{}"):
            for place, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
                set_precedence(Precedence.Comma if key else Precedence.BitOr, value)
                set_precedence(Precedence.Comma, key)
                self.write(", " if place else "", key or "", ": " if key else "**", value)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> None:
        set_precedence(Precedence.Comma, node.elt)
        super().visit_ListComp(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        set_precedence(Precedence.Comma, node.elt)
        super().visit_SetComp(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        set_precedence(Precedence.Comma, node.key, node.value)
        super().visit_DictComp(node)

    # --- operators --------------------------------------------------------------------------------

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Pow):
            self._power(node)
            return
        level = get_op_precedence(node.op)
        opens = self._opens(node, level)
        left: ast.expr = node
        chain: list[ast.BinOp] = []
        # A loop, so that a sum of thousands of terms prints.
        while isinstance(left, ast.BinOp) and get_op_precedence(left.op) == level:
            chain.append(left)
            left = left.left
        set_precedence(level, left)
        self._write(left)
        for link in reversed(chain):
            set_precedence(level + 1, link.right)
            self._write(get_op_symbol(link.op, " %s "), link.right)
        self._write(")" if opens else "")

    def _power(self, node: ast.BinOp) -> None:
        with self.delimit(node, node.op):
            set_precedence(Precedence.Pow + 1, node.left)
            set_precedence(Precedence.PowRHS, node.right)
            hug = _is_operand(node.left, False) and _is_operand(node.right, True)
            self.write(node.left, "**" if hug else " ** ", node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        power = isinstance(node.operand, ast.BinOp) and isinstance(node.operand.op, ast.Pow)
        with self.delimit(node, node.op) as delimiters:
            set_precedence(Precedence.highest if power else delimiters.p, node.operand)
            symbol = get_op_symbol(node.op)
            self.write(symbol, " " if symbol.isalpha() else "", node.operand)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        with self.delimit(node) as delimiters:
            set_precedence(delimiters.p, node.body)
            arguments = node.args
            empty = not (
                arguments.posonlyargs
                or arguments.args
                or arguments.vararg
                or arguments.kwonlyargs
                or arguments.kwarg
            )
            self.write("lambda" if empty else "lambda ")
            self.visit_arguments(arguments)
            self.write(": ", node.body)

    def visit_Call(self, node: ast.Call) -> None:
        count = len(node.args) + len(node.keywords)
        set_precedence(Precedence.Comma if count > 1 else Precedence.call_one_arg, *node.args)
        set_precedence(Precedence.Comma, *(keyword.value for keyword in node.keywords))
        self._write(node.func, "(")
        comma = ""
        for arg in node.args:
            self._write(comma, arg)
            comma = ", "
        for keyword in node.keywords:
            self._write(comma, keyword.arg or "", "=" if keyword.arg else "**", keyword.value)
            comma = ", "
        self._write(")")

    # --- subscripts -------------------------------------------------------------------------------

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.write(node.value, "[")
        index = node.slice
        elements = index.elts if isinstance(index, ast.Tuple) else []
        starred = any(isinstance(element, ast.Starred) for element in elements)
        if starred and any(isinstance(element, ast.Slice) for element in elements):
            raise InternalError("a starred index beside a slice needs Python 3.11")
        if elements and not starred:
            self._indices(elements)
            self.write("," if len(elements) == 1 else "")
        else:
            self._indices([index])
        self.write("]")

    def _indices(self, items: Sequence[ast.expr]) -> None:
        for place, item in enumerate(items):
            set_precedence(Precedence.Comma, item)
            self.write(", " if place else "", item)

    def visit_Slice(self, node: ast.Slice) -> None:
        bounds = (node.lower, node.upper, node.step)
        set_precedence(Precedence.Comma, *bounds)
        wide = not all(bound is None or _is_bound(bound) for bound in bounds)
        self.conditional_write(node.lower)
        self.write(" :" if wide and node.lower else ":")
        if node.upper is not None:
            self.write(" " if wide else "", node.upper)
        if node.step is not None:
            spaced = wide and node.upper is not None
            self.write(" :" if spaced else ":", " " if wide else "", node.step)

    # --- parameters ---

    def visit_arguments(self, node: ast.arguments) -> None:
        positional = [*node.posonlyargs, *node.args]
        first_default = len(positional) - len(node.defaults)
        written = 0
        for place, arg in enumerate(positional):
            default = node.defaults[place - first_default] if place >= first_default else None
            written = self._parameter(written, arg, default)
            if place + 1 == len(node.posonlyargs):
                self.write(", /")
        if node.vararg is not None:
            written = self._parameter(written, node.vararg, None, "*")
        elif node.kwonlyargs:
            self.write(", *" if written else "*")
            written += 1
        for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            written = self._parameter(written, arg, default)
        if node.kwarg is not None:
            self._parameter(written, node.kwarg, None, "**")

    def _parameter(
        self, written: int, arg: ast.arg, default: ast.expr | None, star: str = ""
    ) -> int:
        self.write(", " if written else "", star, arg.arg)
        if arg.annotation is not None:
            set_precedence(Precedence.Comma, arg.annotation)
            self.write(": ", arg.annotation)
        if default is not None:
            set_precedence(Precedence.Comma, default)
            self.write(" = " if arg.annotation is not None else "=", default)
        return written + 1


def _is_operand(node: ast.expr, signed: bool) -> bool:
    """Whether `**` hugs the operand: a name, a number, an attribute of a name, on the right
    also one of them with a sign."""
    if isinstance(node, ast.UnaryOp) and signed:
        return not isinstance(node.op, ast.Not) and _is_operand(node.operand, True)
    while isinstance(node, ast.Attribute):
        node = node.value
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, (str, bytes)) and node.value is not Ellipsis
    return isinstance(node, ast.Name)


def _is_bound(node: ast.expr) -> bool:
    """Whether a slice with this bound is written without blanks around its colon."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return _is_bound(node.operand)
    return isinstance(node, (ast.Name, ast.Constant))
