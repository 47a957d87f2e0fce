"""How operations and values are written: in the circle, in the table, on an edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

# Operator, and the symbol of the circle, by the last part of the canonical name.
INFIX = {
    "add": ("+", "+"), "iadd": ("+", "+"), "sub": ("-", "−"), "isub": ("-", "−"),
    "mul": ("*", "×"), "imul": ("*", "×"), "truediv": ("/", "÷"), "itruediv": ("/", "÷"),
    "pow": ("**", "^"), "ipow": ("**", "^"), "matmul": ("@", "@"), "imatmul": ("@", "@"),
    "mod": ("%", "%"), "imod": ("%", "%"), "floordiv": ("//", "//"), "ifloordiv": ("//", "//"),
    "subtract": ("-", "−"), "multiply": ("*", "×"), "divide": ("/", "÷"),
    "true_divide": ("/", "÷"), "power": ("**", "^"), "float_power": ("**", "^"),
}  # fmt: skip
_UNARY = {
    "neg": ("-{}", "×−1"), "pos": ("+{}", "+"), "negative": ("-{}", "×−1"),
    "square": ("{}**2", "^2"), "reciprocal": ("1 / {}", "1/x"), "T": ("{}.T", "T"),
}  # fmt: skip
_STORES = {"operator.setitem": "=", "increment": "+=", "decrement": "-="}
_INFIX_OWNERS = ("operator", "numpy")


def last(name: str) -> str:
    return name.rpartition(".")[2]


def operation_text(name: str, operands: Sequence[str], keywords: Sequence[str] = ()) -> str:
    """`w * x`, `exp(t)`, `x[0]`: the operation as the source would write it."""
    short = last(name)
    if name == "operator.getitem":
        return f"{operands[0]}[{_index(operands[1])}]"
    if name in _STORES:
        return f"{operands[0]}[{_index(operands[1])}] {_STORES[name]} {operands[2]}"
    if name.split(".")[0] in _INFIX_OWNERS and short in INFIX and len(operands) == 2:
        return f"{operands[0]} {INFIX[short][0]} {operands[1]}"
    if short in _UNARY and len(operands) == 1:
        return _UNARY[short][0].format(operands[0])
    if name.startswith("attr."):
        return f"{operands[0]}.{short}"
    return f"{short}({', '.join([*operands, *keywords])})"


def _index(text: str) -> str:
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def circle_text(name: str, numbers: Sequence[str | None]) -> str:
    """The symbol of an operation. `numbers` holds the literal operands, None for the others."""
    short = last(name)
    if name.split(".")[0] in _INFIX_OWNERS and short in INFIX and len(numbers) == 2:
        symbol = INFIX[short][1]
        left, right = (None if n is None else n.replace("-", "−") for n in numbers)
        if right is not None:
            return f"{symbol}{right}"
        if left is not None:
            commutes = symbol in ("+", "×")
            return f"{symbol}{left}" if commutes else f"{left}{'/' if symbol == '÷' else symbol}x"
        return symbol
    if short in _UNARY and len(numbers) == 1:
        return _UNARY[short][1]
    if name == "operator.getitem":
        index = _index(numbers[1] or "")
        return f"[{index}]" if 0 < len(index) <= 7 else "[ ]"
    if name in _STORES:
        return f"[ ]{_STORES[name]}".replace("-", "−")
    return "√" if short == "sqrt" else short


def number_text(value: Any, digits: int = 6) -> str:
    """A number, rounded to `digits` significant digits; `1` for 1.0."""
    if isinstance(value, (bool, np.bool_, str, type(None))):
        return str(value)
    if isinstance(value, (complex, np.complexfloating)):
        return f"{complex(value):.{digits}g}"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.{digits}g}" if value else "0"
    return repr(value)


def value_text(value: Any, digits: int = 6, room: int = 24) -> str:
    """Any value in about `room` characters: large arrays by shape and norm."""
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return number_text(value[()], digits)
        text = _nested(value.tolist(), min(digits, 4)) if value.size <= 9 else ""
        if text and len(text) <= room:
            return text
        shape = "×".join(map(str, value.shape)) if value.ndim > 1 else f"({value.size},)"
        return f"{shape} |{np.linalg.norm(np.asarray(value, dtype=complex)):.4g}|"
    if isinstance(value, (tuple, list)):
        text = _nested(list(value), min(digits, 4))
        return text if len(text) <= room else f"{type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return f"dict of {len(value)}"
    return number_text(value, digits)


def is_shortened(text: str) -> bool:
    """True if `value_text` gave the shape and norm of an array in place of its numbers."""
    return text.endswith("|")


def _nested(value: Any, digits: int) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(item, digits) for item in value)}]"
    if isinstance(value, np.ndarray):
        return value_text(value, digits)
    return number_text(value, digits)
