"""What a view's parent holds, made from the view: `np.moveaxis(v, 1, 0)` of `np.moveaxis(y, 0, 1)`.

A view that turns, moves or mirrors axes holds all elements of its parent, and so does a view of the
real parts where there are no others. The real or imaginary parts of complex numbers are put
together with those that the parent has.
"""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.analysis.links import PARTS, Link
from srcgrad.ir.core import Assign, Atom, Const, Stmt, Var

# The operation that undoes one with the same arguments.
SAME = {
    "attr.T": "attr.T",
    "attr.mT": "attr.mT",
    "numpy.matrix_transpose": "numpy.matrix_transpose",
    "numpy.flipud": "numpy.flipud",
    "numpy.fliplr": "numpy.fliplr",
    "numpy.flip": "numpy.flip",
    "numpy.swapaxes": "numpy.swapaxes",
}
_PARAMS = {
    "numpy.moveaxis": ("source", "destination"),
    "numpy.rollaxis": ("axis", "start"),
    "numpy.rot90": ("k", "axes"),
    "numpy.transpose": ("axes",),
}


def turned_back(link: Link, fresh: Callable[[str], str]) -> tuple[list[Stmt], Var]:
    """The code that makes what the parent holds, and the variable that has it."""
    code: list[Stmt] = []
    child = Var(link.child)

    def emit(fn: str, *args: Atom, **kwargs: Atom) -> Var:
        made = Var(fresh(link.parent))
        code.append(Assign((made.name,), fn, args, tuple(kwargs.items())))
        return made

    if link.fn in PARTS:
        other: Atom = emit(PARTS[link.fn], Var(link.parent))
        pair = (child, other) if link.fn.endswith("real") else (other, child)
        return code, emit("operator.add", pair[0], emit("operator.mul", Const(1j), pair[1]))
    given = dict(zip(_PARAMS.get(link.fn, ()), link.args[1:], strict=False)) | dict(link.kwargs)
    axes = given.get("axes", Const(None))
    if link.fn == "numpy.moveaxis":
        back = emit(link.fn, child, given["destination"], given["source"])
    elif link.fn == "numpy.rollaxis":
        back = emit("numpy.moveaxis", child, Const(0), given["axis"])
    elif link.fn == "numpy.rot90":
        turns = emit("operator.neg", given.get("k", Const(1)))
        back = emit(link.fn, child, turns, **({"axes": axes} if "axes" in given else {}))
    elif link.fn == "numpy.transpose" and axes == Const(None):
        back = emit(link.fn, child)
    elif link.fn == "numpy.transpose":
        places = emit("numpy.arange", emit("attr.ndim", child))
        back = emit("numpy.moveaxis", child, places, axes)
    else:
        back = emit(SAME[link.fn], child, *link.args[1:], **dict(link.kwargs))
    return code, back
