"""Second spellings of NumPy's functions: `np.r_[a, 1:3]` and `np.c_[a, b]` join arrays, and
`np.einsum(a, [0, 1], b, [1, 2])` is `np.einsum("AB,BC", a, b)`."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

import gast

from srcgrad.frontend import special as _special  # noqa: F401  (its handler of subscripts)
from srcgrad.frontend.calls import ON_ATOMS, Kwargs
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import HANDLERS, Op, atom
from srcgrad.frontend.known import items_of
from srcgrad.frontend.names import resolve
from srcgrad.ir.core import Atom, Const, Var

JOINERS = ("numpy.r_", "numpy.c_")


def _joined(ctx: Context, node: Node, stem: str) -> Op | Atom:
    path = resolve(ctx, node.value)
    if path is None or path.dotted not in JOINERS:
        return _PLAIN(ctx, node, stem)
    ctx.rewritten += 1
    items = node.slice.elts if isinstance(node.slice, gast.Tuple) else [node.slice]
    parts = [_part(ctx, item, stem, path.dotted) for item in items]
    whole = ctx.emit(stem, "tuple", tuple(parts))
    last = () if path.dotted == "numpy.r_" else (("axis", Const(-1)),)
    return Op("numpy.concatenate", (whole,), last)


def _part(ctx: Context, item: Node, stem: str, dotted: str) -> Var:
    if isinstance(item, gast.Constant) and isinstance(item.value, str):
        ctx.problem(item, f"a directive of `{dotted}`", "call `np.concatenate`")
    if isinstance(item, gast.Starred):
        ctx.problem(item, f"a starred item of `{dotted}`", "write the items out")
    value = _counted(ctx, item, stem) if isinstance(item, gast.Slice) else atom(ctx, item, stem)
    if dotted == "numpy.r_":
        return ctx.emit(stem, "numpy.atleast_1d", (value,))
    turned = ctx.emit(stem, "numpy.atleast_2d", (ctx.emit(stem, "numpy.transpose", (value,)),))
    return ctx.emit(stem, "numpy.transpose", (turned,))  # a vector becomes a column


def _counted(ctx: Context, node: Node, stem: str) -> Var:
    """`a:b:c` is a range, `a:b:5j` are five numbers from `a` to `b`."""
    start = Const(0) if node.lower is None else atom(ctx, node.lower, stem)
    if node.upper is None:
        ctx.problem(node, "a slice without an end", "write the end")
        return ctx.emit(stem, "numpy.arange", (start,))
    stop, step = atom(ctx, node.upper, stem), node.step
    if isinstance(step, gast.Constant) and isinstance(step.value, complex):
        return ctx.emit(stem, "numpy.linspace", (start, stop, Const(int(abs(step.value)))))
    by = Const(1) if step is None else atom(ctx, step, stem)
    return ctx.emit(stem, "numpy.arange", (start, stop, by))


def _einsum(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """Subscripts as lists of numbers, each after its operand, are written as one text."""
    if not args or isinstance(args[0], Const):
        return Op("numpy.einsum", args, kwargs)
    last = args[-1:] if len(args) % 2 else ()
    lists = [items_of(ctx, value, "t") for value in (*args[1::2], *last)]
    known = [[_letter(item) for item in items] for items in lists if items is not None]
    parts = ["".join(letters) for letters in known if all(letters)]
    if len(parts) < len(lists):
        return Op("numpy.einsum", args, kwargs)
    ctx.rewritten += 1
    text = ",".join(parts[: len(args) // 2]) + "".join(
        f"->{part}" for part in parts[len(args) // 2 :]
    )
    operands = args[: len(args) - len(last)][::2]
    return Op("numpy.einsum", (Const(text), *operands), kwargs)


def _letter(item: Atom) -> str:
    """The letter that NumPy takes a number for; empty where it takes none."""
    if not isinstance(item, Const):
        return ""
    if item.value is Ellipsis:
        return "..."
    letters = ascii_uppercase + ascii_lowercase
    return letters[item.value] if type(item.value) is int and 0 <= item.value < 52 else ""


_PLAIN = HANDLERS["Subscript"]
HANDLERS["Subscript"] = _joined
ON_ATOMS["numpy.einsum"] = _einsum
