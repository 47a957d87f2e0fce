"""Elementwise functions as expressions of numbers, in the spelling that Numba compiles well."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from srcgrad.ir.kinds import Dtype
from srcgrad.loops.tree import call, constant, dotted, number_in

Make = Callable[[Sequence[ast.expr]], ast.expr]
WEAK: tuple[Dtype, ...] = ("pf", "pi", "b")  # Python's own numbers, whose errors are exceptions
INTS: tuple[Dtype, ...] = ("pi", "i", "b")


def _binary(op: type[ast.operator]) -> Make:
    return lambda e: ast.BinOp(e[0], op(), e[1])


def _compare(op: type[ast.cmpop]) -> Make:
    return lambda e: ast.Compare(e[0], [op()], [e[1]])


def _unary(op: type[ast.unaryop]) -> Make:
    return lambda e: ast.UnaryOp(op(), e[0])


def _call(fn: str) -> Make:
    return lambda e: call(fn, *e)


def _finite(fn: str) -> Make:
    return lambda e: call("finite", call(f"math.{fn}", *e))


def _whole(fn: str) -> Make:
    return lambda e: call("int_of", call(fn, *e))


def _chosen(e: Sequence[ast.expr]) -> ast.expr:
    return ast.IfExp(e[0], e[1], e[2])


def _clip(e: Sequence[ast.expr]) -> ast.expr:
    node = e[0]
    for fn, bound in (("np.maximum", e[1]), ("np.minimum", e[2])):
        if not (isinstance(bound, ast.Constant) and bound.value is None):
            node = call(fn, node, bound)
    return node


def of_dtype(node: ast.expr, given: Dtype, wanted: Dtype) -> ast.expr:
    """A number as the element that it becomes: an integer among floats is a float.

    Where the element is a variable, nothing else makes it one.
    """
    if wanted == "f4" and given in ("f8", "pf"):
        return call("np.float32", node)
    if wanted == "f8" and given == "f4":
        return call("np.float64", node)  # Numba's `float` leaves it as it is
    if wanted != "f8" or given not in INTS:
        return node
    known = number_in(node)
    if known is not None:
        return constant(float(known))
    if given == "b":
        return ast.IfExp(node, constant(1.0), constant(0.0))
    return call("float", node)


def _double(e: Sequence[ast.expr]) -> ast.expr:
    plain = isinstance(e[0], ast.Constant) and type(e[0].value) is float
    return e[0] if plain else call("float", e[0])


def _power(e: Sequence[ast.expr]) -> ast.expr:
    if isinstance(e[1], ast.Constant) and e[1].value == 0.5:
        return call("np.sqrt", e[0])
    return ast.BinOp(e[0], ast.Pow(), e[1])


def _bits(op: type[ast.operator]) -> Make:
    return lambda e: ast.BinOp(e[0], op(), e[1])


_ARITHMETIC: dict[str, Make] = {
    "add": _binary(ast.Add), "sub": _binary(ast.Sub), "mul": _binary(ast.Mult),
    "truediv": _binary(ast.Div), "floordiv": _binary(ast.FloorDiv), "mod": _binary(ast.Mod),
    "pow": _power,
    "and_": _bits(ast.BitAnd), "or_": _bits(ast.BitOr), "xor": _bits(ast.BitXor),
    "lt": _compare(ast.Lt), "le": _compare(ast.LtE), "gt": _compare(ast.Gt),
    "ge": _compare(ast.GtE), "eq": _compare(ast.Eq), "ne": _compare(ast.NotEq),
    "neg": _unary(ast.USub), "pos": _unary(ast.UAdd), "abs": _call("abs"),
}  # fmt: skip
_NUMPY = {
    "add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv",
    "true_divide": "truediv", "floor_divide": "floordiv", "mod": "mod", "remainder": "mod",
    "power": "pow", "negative": "neg", "positive": "pos",
    "absolute": "abs", "abs": "abs", "fabs": "abs",
    "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "equal": "eq",
    "not_equal": "ne",
}  # fmt: skip
_SAME = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos", "tan",
    "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "sign",
    "floor", "ceil", "trunc", "rint", "isfinite", "isnan", "isinf", "signbit", "conj",
    "conjugate", "real", "imag", "angle", "deg2rad", "rad2deg", "radians", "degrees", "maximum",
    "minimum", "fmax", "fmin", "fmod", "arctan2", "hypot", "copysign", "logaddexp", "logaddexp2",
    "logical_and", "logical_or", "logical_not", "logical_xor", "heaviside", "bitwise_and",
    "bitwise_or", "bitwise_xor", "sinc",
)  # fmt: skip
MATH = (
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh",
    "acosh", "atanh", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "pow", "hypot",
    "erf", "erfc", "gamma", "lgamma", "fabs", "copysign",
)  # fmt: skip
ELEMENTS: dict[str, Make] = {
    **{f"operator.{op}": make for op, make in _ARITHMETIC.items()},
    **{f"numpy.{fn}": _ARITHMETIC[op] for fn, op in _NUMPY.items()},
    **{f"numpy.{fn}": _call(f"np.{fn}") for fn in _SAME},
    "numpy.float_power": lambda e: ast.BinOp(call("float", e[0]), ast.Pow(), e[1]),
    "numpy.square": lambda e: ast.BinOp(e[0], ast.Pow(), constant(2)),
    "numpy.reciprocal": lambda e: ast.BinOp(constant(1), ast.Div(), e[0]),
    "numpy.where": _chosen,
    "numpy.clip": _clip,
    "builtins.abs": _call("abs"),
    "operator.invert": lambda e: ast.UnaryOp(ast.Not(), e[0]),
    "srcgrad.support.over": _binary(ast.Div),
    "srcgrad.support.add": _binary(ast.Add),
    "srcgrad.support_arrays.divide_or_zero": lambda e: ast.IfExp(
        ast.Compare(e[1], [ast.Eq()], [constant(0)]),
        constant(0.0),
        ast.BinOp(e[0], ast.Div(), e[1]),
    ),
    "attr.real": lambda e: ast.Attribute(e[0], "real", ast.Load()),
    "attr.imag": lambda e: ast.Attribute(e[0], "imag", ast.Load()),
}
# Of numbers only. What Python raises for, these raise for, too: NumPy's version then decides.
SCALARS: dict[str, Make] = {
    **{f"math.{fn}": _finite(fn) for fn in MATH},
    "math.floor": _whole("np.floor"),
    "math.ceil": _whole("np.ceil"),
    "builtins.round": _whole("np.rint"),
    "math.radians": _call("math.radians"),
    "math.degrees": _call("math.degrees"),
    "math.isnan": _call("math.isnan"),
    "math.isinf": _call("math.isinf"),
    "math.isfinite": _call("math.isfinite"),
    "operator.not_": _unary(ast.Not),
    "operator.is_": _compare(ast.Is),
    "operator.is_not": _compare(ast.IsNot),
    "builtins.float": _call("float"),
    "builtins.int": _call("int"),
    "builtins.bool": _call("bool"),
    "builtins.max": _call("max"),
    "builtins.min": _call("min"),
    "numpy.float64": _double,
    "operator.lshift": _call("shifted_left"),
    "operator.rshift": _call("shifted_right"),
}
IN_PLACE = {
    f"operator.i{op}": f"operator.{op}"
    for op in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor",
               "lshift", "rshift")
}  # fmt: skip
IN_PLACE |= {f"operator.i{op}": f"operator.{op}_" for op in ("and", "or")}


def of_numbers(fn: str, args: Sequence[ast.expr], dtypes: Sequence[Dtype]) -> ast.expr | None:
    """`fn(*args)` of numbers, with the errors of Python's own; None for another function."""
    make = ELEMENTS.get(fn) or SCALARS.get(fn)
    if make is None or fn == "builtins.round" and len(args) != 1:
        return None
    if fn == "numpy.where" and {*dtypes[1:]} == {"f4", "f8"}:
        args = [args[0], *(of_dtype(e, d, "f8") for e, d in zip(args[1:], dtypes[1:], strict=True))]
    if fn in ("builtins.float", "numpy.float64") and dtypes[0] == "f4":
        return of_dtype(args[0], "f4", "f8")
    if fn == "builtins.round" and dtypes[0] in INTS:
        return call("int", *args)
    if fn.startswith("operator.") and all(dtype in WEAK for dtype in dtypes):
        guarded = _of_python(fn, args, dtypes)
        if guarded is not None:
            return guarded
    if fn == "builtins.int" and dtypes[0] != "pi":
        return call("np.int64" if dtypes[0] in INTS else "int_of", *args)
    if fn in ("operator.pow", "numpy.power") and all(dtype in INTS for dtype in dtypes):
        least = number_in(args[1])
        return make(args) if least is not None and least >= 0 else call("whole_power", *args)
    if fn == "operator.invert" and dtypes[0] != "b":
        return ast.UnaryOp(ast.Invert(), args[0])
    return make(args)


def _of_python(fn: str, args: Sequence[ast.expr], dtypes: Sequence[Dtype]) -> ast.expr | None:
    ints = all(dtype in INTS for dtype in dtypes)
    if fn in ("operator.truediv", "operator.floordiv", "operator.mod"):
        if isinstance(args[1], ast.Constant) and args[1].value:
            return None
        checked = call("nonzero", args[1])
        return ELEMENTS[fn]([args[0], checked])
    if fn == "operator.pow":
        if ints and number_in(args[0]) not in (1, -1):
            return call("int_power", *args)
        if ints:
            return call("int_power", *args)
        return call("finite", ast.BinOp(args[0], ast.Pow(), args[1]))
    if fn == "operator.mul" and ints and not any(isinstance(e, ast.Constant) for e in args):
        return call("int_product", *args)
    return None


def load(fn: str) -> ast.expr | None:
    """`load.numpy.pi` and its like."""
    names = {
        "load.numpy.pi": "np.pi", "load.math.pi": "math.pi", "load.numpy.e": "np.e",
        "load.math.e": "math.e", "load.numpy.inf": "np.inf", "load.math.inf": "math.inf",
        "load.numpy.nan": "np.nan", "load.math.nan": "math.nan", "load.math.tau": "math.tau",
        "load.numpy.euler_gamma": "np.euler_gamma",
    }  # fmt: skip
    return dotted(names[fn]) if fn in names else None
