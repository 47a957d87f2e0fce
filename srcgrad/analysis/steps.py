"""Statements that bring one name of a piece of memory in step with another: down a link, or up."""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.analysis.links import GETITEM, PARTS, TURNED, Link
from srcgrad.analysis.turned import turned_back
from srcgrad.ir.core import Assign, Const, If, Stmt, Store, Var


def made_again(link: Link, fresh: Callable[[str], str]) -> list[Stmt]:
    """`v = y[1:3]`, where v is that view of y already."""
    again = Assign((link.child,), link.fn, link.args, link.kwargs, sync=True)
    return [again] if not link.maybe else _where_shared(link, [again], fresh)


def written_back(link: Link, fresh: Callable[[str], str]) -> list[Stmt]:
    """`y[1:3] = v`, where the memory of y holds v already."""
    parent, child = Var(link.parent), Var(link.child)
    code: list[Stmt] = []
    turned = child
    if link.fn in TURNED or link.fn in PARTS:
        code, turned = turned_back(link, fresh)
    elif link.fn not in ("copy", GETITEM):
        turned, shape = Var(fresh(link.parent)), fresh(link.parent)
        code = [
            Assign((shape,), "attr.shape", (parent,)),
            Assign((turned.name,), "numpy.reshape", (child, Var(shape))),
        ]
    if link.fn == "copy":
        code.append(Assign((link.parent,), "copy", (child,), sync=True))
    else:
        place = link.args[1] if link.fn == GETITEM else Const(Ellipsis)
        code.append(Store(parent, place, turned, sync=True))
    return code if not link.maybe else _where_shared(link, code, fresh)


def _where_shared(link: Link, code: list[Stmt], fresh: Callable[[str], str]) -> list[Stmt]:
    """Only where the operation gave a view; a copy has no need of it."""
    test = fresh(link.child).replace("@s", "@v") + "s"  # a variable: the backward sweep reads it
    both = (Var(link.child), Var(link.parent))
    return [Assign((test,), "numpy.may_share_memory", both), If(Var(test), tuple(code))]
