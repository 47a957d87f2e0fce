"""One operation as a Python expression: the IR's callees back in the spelling a person uses."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence

from srcgrad.ir.core import Atom, Callee, Const, UserFunction, Var

BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "truediv": ast.Div, "floordiv": ast.FloorDiv,
    "mod": ast.Mod, "pow": ast.Pow, "matmul": ast.MatMult, "and_": ast.BitAnd, "or_": ast.BitOr,
    "xor": ast.BitXor, "lshift": ast.LShift, "rshift": ast.RShift,
}  # fmt: skip
COMPARE: dict[str, type[ast.cmpop]] = {
    "lt": ast.Lt, "le": ast.LtE, "gt": ast.Gt, "ge": ast.GtE, "eq": ast.Eq, "ne": ast.NotEq,
    "is_": ast.Is, "is_not": ast.IsNot,
}  # fmt: skip
UNARY: dict[str, type[ast.unaryop]] = {
    "neg": ast.USub, "pos": ast.UAdd, "invert": ast.Invert, "not_": ast.Not,
}  # fmt: skip


LOAD = ast.Load()  # one for all nodes: it has no state


def name(text: str) -> ast.Name:
    return ast.Name(text, LOAD)


def dotted(text: str) -> ast.expr:
    """`np.linalg.solve` as an expression."""
    head, *rest = text.split(".")
    node: ast.expr = name(head)
    for part in rest:
        node = ast.Attribute(node, part, LOAD)
    return node


class Terms:
    """Builds expressions. `spell` gives the text of a library name and notes the import it
    needs, `callee` the name of a function of the user's."""

    def __init__(
        self,
        names: Callable[[str], str],
        spell: Callable[[str], str],
        callee: Callable[[UserFunction], str],
    ) -> None:
        self.names = names
        self.spell = spell
        self.callee = callee

    def atom(self, atom: Atom) -> ast.expr:
        if isinstance(atom, Var):
            return name(self.names(atom.name))
        value = atom.value
        if isinstance(value, float) and not math.isfinite(value):
            text = dotted(self.spell("numpy.nan" if math.isnan(value) else "numpy.inf"))
            return ast.UnaryOp(ast.USub(), text) if value < 0 else text
        return ast.Constant(value)

    def operation(
        self,
        fn: Callee,
        args: Sequence[ast.expr],
        kwargs: Sequence[tuple[str, ast.expr]],
        atoms: Sequence[Atom],
    ) -> ast.expr:
        """The expression `fn(*args, **kwargs)`."""
        if isinstance(fn, UserFunction):
            return self.call(name(self.callee(fn)), args, kwargs)
        if not isinstance(fn, str):
            return self.call(name(self.names(fn.name)), args, kwargs)
        family, _, op = fn.partition(".")
        if family == "operator" and not kwargs:
            return self.operator(op, args)
        if fn in ("copy", "unpack"):
            return args[0]
        if fn == "tuple":
            return ast.Tuple(list(args), LOAD)
        if fn == "list":
            return ast.List(list(args), LOAD)
        if fn == "dict":
            return ast.Dict(list(args[::2]), list(args[1::2]))
        if fn == "slice":
            parts = [
                None if isinstance(a, Const) and a.value is None else e
                for a, e in zip(atoms, args, strict=True)
            ]
            return ast.Slice(*parts)
        if fn == "fstring":
            return self.fstring(atoms[0], args[1:])
        if family == "load":
            return dotted(self.spell(op))
        if family == "attr":
            return ast.Attribute(args[0], op, LOAD)
        if family == "method":
            return self.call(ast.Attribute(args[0], op, LOAD), args[1:], kwargs)
        if fn == "call":
            return self.call(args[0], args[1:], kwargs)
        return self.call(dotted(self.spell(fn)), args, kwargs)

    def call(
        self, fn: ast.expr, args: Sequence[ast.expr], kwargs: Sequence[tuple[str, ast.expr]]
    ) -> ast.expr:
        plain = [without_slices(arg) for arg in args]
        return ast.Call(
            fn, plain, [ast.keyword(key, without_slices(value)) for key, value in kwargs]
        )

    def operator(self, op: str, args: Sequence[ast.expr]) -> ast.expr:
        plain = op.removeprefix("i") if op.startswith("i") and op[1:] in BINARY else op
        if plain in BINARY:
            return ast.BinOp(args[0], BINARY[plain](), args[1])
        if op in UNARY:
            return ast.UnaryOp(UNARY[op](), args[0])
        if op in COMPARE:
            return ast.Compare(args[0], [COMPARE[op]()], [args[1]])
        if op == "contains":
            return ast.Compare(args[1], [ast.In()], [args[0]])
        if op == "getitem":
            return ast.Subscript(args[0], args[1], LOAD)
        return self.call(dotted(self.spell(f"operator.{op}")), args, ())

    def fstring(self, template: Atom, values: Sequence[ast.expr]) -> ast.expr:
        """`f"W{i}"` from its template `"W{}"`."""
        assert isinstance(template, Const)
        call = ast.Attribute(ast.Constant(template.value), "format", LOAD)
        return self.call(call, values, ())


class _Slices(ast.NodeTransformer):
    def visit_Slice(self, node: ast.Slice) -> ast.expr:
        parts = [part or ast.Constant(None) for part in (node.lower, node.upper, node.step)]
        return ast.Call(name("slice"), parts, [])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value = self.visit(node.value)
        return node  # a slice between brackets stays one


def has_slice(node: ast.expr) -> bool:
    """Whether `a:b` stands outside of brackets. The arguments of a call are known to be without."""
    pending: list[ast.AST] = [node]
    while pending:
        part = pending.pop()
        if type(part) is ast.Name or type(part) is ast.Constant:
            continue
        if isinstance(part, ast.BinOp):
            pending += (part.left, part.right)
        elif isinstance(part, ast.Call):
            pending.append(part.func)
        elif isinstance(part, (ast.Subscript, ast.Attribute)):
            pending.append(part.value)
        elif isinstance(part, ast.UnaryOp):
            pending.append(part.operand)
        elif isinstance(part, ast.Slice):
            return True
        else:
            pending.extend(ast.iter_child_nodes(part))
    return False


def without_slices(node: ast.expr) -> ast.expr:
    """The expression with `a:b` outside of brackets written as `slice(a, b, None)`."""
    if not has_slice(node):
        return node
    result = _Slices().visit(node)
    assert isinstance(result, ast.expr)
    return result
