"""Numbers that are surely greater than 0, whatever the inputs: `sqrt(1 + x * x)`.

NaN counts as positive: nothing is said of it. Products and exponentials may underflow to 0.
"""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.ir.core import Assign, Atom, Const, Var

ROOTS = ("math.sqrt", "numpy.sqrt", "math.cbrt")
NEVER_NEGATIVE = (*ROOTS, "math.exp", "numpy.exp", "builtins.abs", "numpy.abs", "math.fabs")
AT_LEAST_ONE = ("math.cosh", "numpy.cosh")
DEPTH = 8  # of expressions looked through

MadeBy = Callable[[str], Assign | None]


def is_positive(atom: Atom, made_by: MadeBy, depth: int = DEPTH) -> bool:
    """True if a real number is proven to be greater than 0. `made_by`: the only definition."""
    if isinstance(atom, Const):
        return isinstance(atom.value, (int, float)) and atom.value > 0
    stmt = made_by(atom.name)
    if stmt is None or depth == 0:
        return False
    if stmt.fn == "operator.add":
        a, b = stmt.args
        one, other = (is_positive(term, made_by, depth - 1) for term in (a, b))
        return (one and (other or is_never_negative(b, made_by, depth - 1))) or (
            other and is_never_negative(a, made_by, depth - 1)
        )
    if stmt.fn in ROOTS or stmt.fn == "copy":
        return is_positive(stmt.args[0], made_by, depth - 1)
    if stmt.fn == "operator.mul":  # by a literal only: `1e-300 * 1e-300` is 0
        factors = [arg.value for arg in stmt.args if isinstance(arg, Const)]
        large = all(isinstance(f, (int, float)) and f >= 1 for f in factors)
        rest = [arg for arg in stmt.args if isinstance(arg, Var)]
        return bool(factors) and large and is_positive(rest[0], made_by, depth - 1)
    return stmt.fn in AT_LEAST_ONE


def is_never_negative(atom: Atom, made_by: MadeBy, depth: int) -> bool:
    """True if a real number is proven to be 0 or greater."""
    if isinstance(atom, Const):
        return isinstance(atom.value, (int, float)) and atom.value >= 0
    stmt = made_by(atom.name)
    if stmt is None or depth == 0:
        return False
    if stmt.fn in NEVER_NEGATIVE:
        return True
    if stmt.fn == "operator.mul" and stmt.args[0] == stmt.args[1]:
        return True
    if stmt.fn == "operator.pow":
        power = stmt.args[1]
        return isinstance(power, Const) and isinstance(power.value, int) and power.value % 2 == 0
    if stmt.fn in ("operator.add", "operator.mul", "operator.truediv", "copy"):
        return all(is_never_negative(arg, made_by, depth - 1) for arg in stmt.args)
    return is_positive(atom, made_by, depth - 1)
