"""Functions without a form as loops of their own, by others that have one.

That is done before loops are written. What is raised is named.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import replace
from string import Formatter

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store
from srcgrad.ir.walk import assigned, names, rebuild, walk
from srcgrad.loops.replacing import ZERO, Out
from srcgrad.loops.running import cumprod_adjoint, cumprod_tangent, others, running
from srcgrad.loops.state import NoLoops
from srcgrad.loops.variances import deviation, reduced_count, variance


def written_out(fn: Function, facts: KindFacts) -> Function:
    """The function with such statements written out."""
    stmts = [stmt for stmt in walk(fn.body) if isinstance(stmt, Assign)]
    if not any(stmt.fn in FORMS for stmt in stmts):
        return fn
    makers = {target: stmt for stmt in stmts for target in stmt.targets}
    taken = {*assigned(fn.body), *(p.name for p in fn.params)}

    def change(block: Block) -> Block:
        return tuple(new for stmt in block for new in one(rebuild(stmt, change)))

    def one(stmt: Stmt) -> Block:
        writer = FORMS.get(str(getattr(stmt, "fn", "")))
        if writer is None or not isinstance(stmt, Assign):
            return (stmt,)
        out = Out(stmt, facts, makers, taken)
        return tuple(out.block) if writer(out) else (stmt,)

    return replace(fn, body=change(fn.body))


def diag_adjoint(out: Out) -> bool:
    """A diagonal put into a matrix of zeros, or taken from one."""
    g, v, k = out.stmt.args
    rank = out.kind(v).rank
    if k != ZERO or rank not in (1, 2) or out.kind(v).dtype != "f8":
        return False
    made = out.new("numpy.zeros_like", v)
    for i in out.loop(ZERO, out.new("builtins.len", g if rank == 2 else v)):
        places = i, out.new("tuple", i, i)
        own, there = places if rank == 2 else reversed(places)
        value = out.new("operator.getitem", g, own)
        out.block.append(Store(made, there, value, unit=out.stmt.unit))
    return out.last("copy", made)


def both_quotients(out: Out) -> bool:
    """`divmod(a, b)`."""
    if len(out.stmt.args) != 2 or out.stmt.kwargs:
        return False
    pair = [out.new(f"operator.{op}", *out.stmt.args) for op in ("floordiv", "mod")]
    if len(out.stmt.targets) != 2:
        return out.last("tuple", *pair)
    for target, value in zip(out.stmt.targets, pair, strict=True):
        out.block.append(replace(out.stmt, targets=(target,), fn="copy", args=(value,)))
    return True


def raised(out: Out) -> bool:
    """An exception of Python's own by its name, and what its text says before the run.

    What it is raised from is left to NumPy's version, which raises it.
    """
    (error, *_) = names(out.stmt.args)
    made = out.makers[error]
    name = str(made.fn).removeprefix("load.").removeprefix("builtins.")
    known = getattr(builtins, name, None)
    if not isinstance(known, type) or not issubclass(known, Exception):
        raise NoLoops(
            out.stmt,
            "an exception that is not one of Python's own has no loop form",
            'raise one of Python\'s own, as ValueError, or use backend="numpy"',
        )
    return out.last("raise", Const(name), Const(told(made.args, out.makers)))


def told(args: tuple[Atom, ...], makers: dict[str, Assign]) -> str:
    """The text of an exception, with dots for what only the run knows."""
    if len(args) != 1:
        return ""
    (text,) = args
    if isinstance(text, Const):
        return str(text.value)
    made = makers.get(text.name)
    if made is None or made.fn != "fstring":
        return ""
    form, *_ = made.args
    pieces = Formatter().parse(str(form.value)) if isinstance(form, Const) else ()
    return "".join(before if what is None else f"{before}..." for before, what, *_ in pieces)


FORMS: dict[str, Callable[[Out], bool]] = {
    "numpy.var": variance,
    "numpy.std": variance,
    "srcgrad.support_arrays.reduced_count": reduced_count,
    "srcgrad.support_arrays.deviation": deviation,
    "numpy.cumprod": running,
    "numpy.cumsum": running,
    "srcgrad.support_arrays.cumprod_adjoint": cumprod_adjoint,
    "srcgrad.support_pushforwards.cumprod_tangent": cumprod_tangent,
    "srcgrad.support_arrays.product_of_others": others,
    "srcgrad.support_arrays.diag_adjoint": diag_adjoint,
    "builtins.divmod": both_quotients,
    "numpy.divmod": both_quotients,
    "raise": raised,
}
