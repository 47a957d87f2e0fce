"""Expressions -> statements over atoms, evaluated from left to right as Python does."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.decided import known_test, truth
from srcgrad.frontend.meeting import Arm, join
from srcgrad.frontend.names import callee, read_name, read_path, resolve
from srcgrad.frontend.parse import CHAIN
from srcgrad.frontend.statics import Library
from srcgrad.frontend.subset import refusal
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Callee, Const, If, Var
from srcgrad.rules.methods import METHODS, PACKED

OPERATORS = {
    "Add": "add",
    "Sub": "sub",
    "Mult": "mul",
    "Div": "truediv",
    "FloorDiv": "floordiv",
    "Mod": "mod",
    "Pow": "pow",
    "MatMult": "matmul",
    "BitAnd": "and_",
    "BitOr": "or_",
    "BitXor": "xor",
    "LShift": "lshift",
    "RShift": "rshift",
    "USub": "neg",
    "UAdd": "pos",
    "Invert": "invert",
    "Not": "not_",
    "Lt": "lt",
    "LtE": "le",
    "Gt": "gt",
    "GtE": "ge",
    "Eq": "eq",
    "NotEq": "ne",
    "Is": "is_",
    "IsNot": "is_not",
}

FOLDED = {"operator.add": operator.add, "operator.sub": operator.sub, "operator.mul": operator.mul}

# Expressions that can be built in a variable piece by piece; False where they cannot after all.
INTO: dict[str, Callable[[Context, Any, str], bool]] = {}


@dataclass(frozen=True, slots=True)
class Op:
    """An operation whose operands are computed, and which has no target yet."""

    fn: Callee
    args: tuple[Atom, ...]
    kwargs: tuple[tuple[str, Atom], ...] = ()


def atom(ctx: Context, node: Node, stem: str) -> Atom:
    """The value of an expression as an atom; temporaries are named after `stem`."""
    found = operation(ctx, node, stem)
    return ctx.emit(stem, found.fn, found.args, found.kwargs) if isinstance(found, Op) else found


def into(ctx: Context, node: Node, target: str) -> None:
    """Compute an expression into a variable, without a copy where an operation can name it."""
    if isinstance(node, gast.IfExp):
        return _conditional(ctx, node, target, target)
    special = INTO.get(type(node).__name__)
    if special is not None and special(ctx, node, target):
        return None
    found = operation(ctx, node, target)
    if isinstance(found, Op):
        ctx.assign((target,), found.fn, found.args, found.kwargs)
    else:
        ctx.copy(target, found)
    return None


def effect(ctx: Context, node: Node) -> None:
    """Evaluate an expression statement."""
    found = operation(ctx, node, "t")
    if isinstance(found, Op):
        ctx.assign((), found.fn, found.args, found.kwargs)


def operation(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """The outermost operation of an expression, its operands computed; or its value."""
    ctx.node = node
    handler = HANDLERS.get(type(node).__name__)
    if handler is None:
        return ctx.problem(node, *refusal(node))
    return handler(ctx, node, stem)


def _operator(node: Node) -> str:
    return f"operator.{OPERATORS[type(node).__name__]}"


def _constant(ctx: Context, node: Node, stem: str) -> Atom:
    return Const(node.value)


def _attribute(ctx: Context, node: Node, stem: str) -> Op | Atom:
    path = resolve(ctx, node)
    if path is not None:
        return read_path(ctx, path, node, stem)
    return Op(f"attr.{node.attr}", (atom(ctx, node.value, stem),))


def folded(ctx: Context, fn: str, left: Atom, right: Atom) -> Const | None:
    """Whole numbers handed to a function that is written out: `depth - 1` is a number again."""
    operation = FOLDED.get(fn)
    if operation is None or not ctx.frames:
        return None
    if not isinstance(left, Const) or not isinstance(right, Const):
        return None
    if type(left.value) is not int or type(right.value) is not int:
        return None
    return Const(operation(left.value, right.value))


def _binary(ctx: Context, node: Node, stem: str) -> Op | Atom:
    left = atom(ctx, node.left, stem)
    right = atom(ctx, node.right, stem)
    return folded(ctx, _operator(node.op), left, right) or Op(_operator(node.op), (left, right))


def _chain(ctx: Context, node: Node, stem: str) -> Op:
    """A long chain of binary operators, see `parse.py`."""
    names, first, *operands = node.args
    found = Op("copy", (atom(ctx, first, stem),))
    for name, operand in zip(names.value.split(), operands, strict=True):
        left = found.args[0] if found.fn == "copy" else ctx.emit(stem, found.fn, found.args)
        found = Op(f"operator.{OPERATORS[name]}", (left, atom(ctx, operand, stem)))
    return found


def _unary(ctx: Context, node: Node, stem: str) -> Op | Atom:
    inner = node.operand
    # `-1j` has a negative zero, which no literal spells: it stays an operation.
    if isinstance(inner, gast.Constant) and type(inner.value) in (int, float):
        if isinstance(node.op, gast.USub):
            return Const(-inner.value)
        if isinstance(node.op, gast.UAdd):
            return Const(inner.value)
    return Op(_operator(node.op), (atom(ctx, inner, stem),))


def _compare(ctx: Context, node: Node, stem: str) -> Op | Atom:
    left = atom(ctx, node.left, stem)
    result: str | None = None
    for op, operand in zip(node.ops, node.comparators, strict=True):
        if result is None:
            right = atom(ctx, operand, stem)
            found = _comparison(ctx, op, left, right, stem)
            if len(node.ops) == 1:
                return found
            result = ctx.fresh(stem)
            ctx.assign((result,), found.fn, found.args)
        else:  # `a < b < c`: the next comparison is made only where the last one holds
            with ctx.collect() as then:
                right = atom(ctx, operand, stem)
                found = _comparison(ctx, op, left, right, stem)
                ctx.copy(result, ctx.emit(stem, found.fn, found.args))
            ctx.add(If(Var(result), tuple(then), (), "and", ctx.unit))
        left = right
    assert result is not None
    return Var(result)


def _comparison(ctx: Context, op: Node, left: Atom, right: Atom, stem: str) -> Op:
    if isinstance(op, gast.In):
        return Op("operator.contains", (right, left))
    if isinstance(op, gast.NotIn):
        return Op("operator.not_", (ctx.emit(stem, "operator.contains", (right, left)),))
    return Op(_operator(op), (left, right))


def _boolean(ctx: Context, node: Node, stem: str) -> Atom:
    """`t = a`, then `t = b` where `t` is true (`and`) or false (`or`)."""
    is_and = isinstance(node.op, gast.And)
    first, *others = node.values
    value = atom(ctx, first, stem)
    while truth(ctx, value) is not None and others:  # of a function that may be `None`
        if truth(ctx, value) is not is_and:
            return value
        value = atom(ctx, others.pop(0), stem)
    if not others:
        return value
    result = ctx.fresh(stem)
    ctx.copy(result, value)
    for other in others:
        with ctx.collect() as block:
            ctx.copy(result, atom(ctx, other, stem))
        then, orelse = (tuple(block), ()) if is_and else ((), tuple(block))
        ctx.add(If(Var(result), then, orelse, "and" if is_and else "or", ctx.unit))
    return Var(result)


def _ternary(ctx: Context, node: Node, stem: str) -> Atom:
    result = ctx.fresh(stem)
    _conditional(ctx, node, result, stem)
    return Var(result)


def _conditional(ctx: Context, node: Node, target: str, stem: str) -> None:
    """`b if a else c` into a variable, which each arm assigns last."""
    decided = known_test(ctx, node.test)
    if decided is not None:
        ctx.copy(target, atom(ctx, node.body if decided else node.orelse, stem))
        return
    test = atom(ctx, node.test, stem)
    arms: list[Arm] = []
    for value in (node.body, node.orelse):
        with ctx.arm(arms):
            ctx.copy(target, atom(ctx, value, stem))
    join(ctx, arms)
    then, orelse = (tuple(arm.block) for arm in arms)
    ctx.add(If(test, then, orelse, "ifexp", ctx.unit))


def _walrus(ctx: Context, node: Node, stem: str) -> Atom:
    into(ctx, node.value, node.target.id)
    return read_name(ctx, node.target, stem)


def _subscript(ctx: Context, node: Node, stem: str) -> Op:
    base = atom(ctx, node.value, stem)
    return Op("operator.getitem", (base, atom(ctx, node.slice, stem)))


def _slice(ctx: Context, node: Node, stem: str) -> Op:
    parts = (node.lower, node.upper, node.step)
    return Op("slice", tuple(Const(None) if p is None else atom(ctx, p, stem) for p in parts))


def _display(kind: str) -> Callable[[Context, Node, str], Op]:
    return lambda ctx, node, stem: Op(kind, tuple(atom(ctx, item, stem) for item in node.elts))


def _dict(ctx: Context, node: Node, stem: str) -> Op | Atom:
    parts: list[Atom] = []
    for key, value in zip(node.keys, node.values, strict=True):
        parts += [atom(ctx, key, stem), atom(ctx, value, stem)]
    return Op("dict", tuple(parts))


def _fstring(ctx: Context, node: Node, stem: str) -> Op:
    values: list[Atom] = []
    template = _template(ctx, node, stem, values)
    return Op("fstring", (Const(template), *values))


def _template(ctx: Context, node: Node, stem: str, values: list[Atom]) -> str:
    """The f-string as a template of `str.format`; its values are appended in order."""
    text = ""
    for part in node.values:
        if isinstance(part, gast.Constant):
            text += part.value.replace("{", "{{").replace("}", "}}")
            continue
        values.append(atom(ctx, part.value, stem))
        conversion = f"!{chr(part.conversion)}" if part.conversion > 0 else ""
        spec = f":{_template(ctx, part.format_spec, stem, values)}" if part.format_spec else ""
        text += f"{{{conversion}{spec}}}"
    return text


UNSEEN = frozenset(f"builtins.{name}" for name in ("eval", "exec", "globals", "locals"))
PLAIN = "write out what it does, or call it outside and pass the result in"


def _call(ctx: Context, node: Node, stem: str) -> Op | Atom:
    func = node.func
    if isinstance(func, gast.Name) and func.id == CHAIN:
        return _chain(ctx, node, stem)
    path = resolve(ctx, func)
    if path is not None:
        fn = callee(ctx, path)
        if fn in UNSEEN and isinstance(func, gast.Name):
            return ctx.problem(node, f"`{func.id}` reads or writes names that no line shows", PLAIN)
        if fn is not None:
            starred = isinstance(fn, str) and any(isinstance(a, gast.Starred) for a in node.args)
            known = ctx.static(Library(str(fn))) if starred else None
            return Op(fn, *arguments(ctx, node, stem, known))
        return _unknown(ctx, node, stem)
    if isinstance(func, gast.Attribute):
        return _method(ctx, node, stem)
    return _unknown(ctx, node, stem)


def _unknown(ctx: Context, node: Node, stem: str) -> Op:
    """A callee that is known at run time only."""
    fn = atom(ctx, node.func, stem)
    args, kwargs = arguments(ctx, node, stem)
    return Op("call", (fn, *args), kwargs)


def _method(ctx: Context, node: Node, stem: str) -> Op:
    return method_of(ctx, atom(ctx, node.func.value, stem), node, stem)


def method_of(ctx: Context, base: Atom, node: Node, stem: str) -> Op:
    """A call of a method of a run-time value."""
    name = node.func.attr
    args, kwargs = arguments(ctx, node, stem)
    if name in PACKED and len(args) > 1:
        args = (ctx.emit(stem, "tuple", args),)
    return Op(METHODS.get(name, f"method.{name}"), (base, *args), kwargs)


def arguments(
    ctx: Context, node: Node, stem: str, fn: Atom | None = None
) -> tuple[tuple[Atom, ...], tuple[tuple[str, Atom], ...]]:
    args: list[Atom] = []
    kwargs: list[tuple[str, Atom]] = []
    for arg in node.args:
        if isinstance(arg, gast.Starred):
            args += _spread(ctx, arg, node, fn, stem)
        else:
            args.append(atom(ctx, arg, stem))
    for keyword in node.keywords:
        if keyword.arg is None:
            kwargs += _spread_keywords(ctx, keyword.value, node, fn, stem)
        else:
            kwargs.append((keyword.arg, atom(ctx, keyword.value, stem)))
    return tuple(args), tuple(kwargs)


def _spread(ctx: Context, node: Node, call: Node, fn: Atom | None, stem: str) -> list[Atom]:
    """The items of `*items` in a call of `fn`, where it is known how many there are."""
    start = len(ctx.block)
    items = SPREAD["sequence"](ctx, node.value, stem)
    if items is None:
        del ctx.block[start:]  # or the expression would be computed twice
        items = SPREAD["unpacked"](ctx, node, call, fn, stem)
    if items is None:
        ctx.problem(node, f"how many items `{ctx.file.segment(node)}` gives is not known", WRITE)
    return list(items or ())


def _spread_keywords(
    ctx: Context, node: Node, call: Node, fn: Atom | None, stem: str
) -> list[tuple[str, Atom]]:
    """The items of `**items` in a call of `fn`, where lowering knows the keys."""
    if isinstance(node, gast.Dict):
        literal = [isinstance(k, gast.Constant) and type(k.value) is str for k in node.keys]
        if all(literal):
            pairs = zip(node.keys, node.values, strict=True)
            return [(key.value, atom(ctx, value, stem)) for key, value in pairs]
    elif isinstance(node, gast.Name):
        found = SPREAD["table"](ctx, atom(ctx, node, stem), stem)
        if found is not None:
            return list(found.items())
    items = SPREAD["by_keywords"](ctx, node, call, fn, stem)
    if items is None:
        text = ctx.file.segment(node)
        ctx.problem(node, f"which keywords `**{text}` gives is not known", "write the keywords out")
    return list(items or ())


WRITE = "write the items out, `f(x[0], x[1])`, or slice with numbers, `f(*x[:2])`"
SPREAD: dict[str, Callable[..., Any]] = {}  # of `known.py` and `callees.py`, which import this file
HANDLERS: dict[str, Callable[[Context, Any, str], Op | Atom]] = {
    "Attribute": _attribute,
    "BinOp": _binary,
    "BoolOp": _boolean,
    "Call": _call,
    "Compare": _compare,
    "Constant": _constant,
    "Dict": _dict,
    "IfExp": _ternary,
    "JoinedStr": _fstring,
    "List": _display("list"),
    "Name": read_name,
    "NamedExpr": _walrus,
    "Slice": _slice,
    "Subscript": _subscript,
    "Tuple": _display("tuple"),
    "UnaryOp": _unary,
}
