"""NumPy's objects that are indexed to join arrays: `np.r_[a, 1:3]` and `np.c_[a, b]`."""

from __future__ import annotations

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import HANDLERS, Op, atom
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


_PLAIN = HANDLERS["Subscript"]
HANDLERS["Subscript"] = _joined
