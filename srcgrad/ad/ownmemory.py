"""Parameters that a function writes: it works on copies, which nothing else shares memory with.

`r = x.reshape(-1)` is a view of some arrays and a copy of others. Where that is to be seen, the
copy has the strides of the argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from srcgrad import support, support_layout
from srcgrad.analysis.alias import EffectsOf
from srcgrad.ir.core import Assign, Function, Stmt, UserFunction, Var
from srcgrad.ir.kinds import Kind, held
from srcgrad.ir.walk import walk
from srcgrad.rules.naming import canonical_name

APART = canonical_name(support.apart)
LAID = canonical_name(support_layout.laid_out)
MEMORY = ("array", "list", "dict", "tuple", "unknown")
OWN = canonical_name(support.own)


def copies(
    fn: Function, copied: Iterable[str], params: Mapping[str, Kind], layout: bool
) -> list[Stmt]:
    """Parameters as copies. `layout`: what the function gives depends on the strides of arrays."""
    out: list[Stmt] = []
    for name in fn_order(fn, copied):
        kind = params[name]
        how = "method.copy" if kind.is_array else OWN
        if layout and kind.tag in ("array", "unknown"):
            how = LAID
        out.append(Assign((name,), how, (Var(name),)))
    return out


def depends_on_layout(fn: Function, effects_of: EffectsOf) -> bool:
    """Whether a view of some arrays, and copy of others, is written or read after a write."""
    calls = [stmt for stmt in walk(fn.body) if isinstance(stmt, Assign)]
    return any(
        effects_of(stmt.fn)[0].layout
        if isinstance(stmt.fn, UserFunction)
        else stmt.fn == "numpy.may_share_memory"
        for stmt in calls
    )


def guards(fn: Function, copied: frozenset[str], kinds: Mapping[str, Kind]) -> list[Stmt]:
    """Where a parameter is written, other arguments must not share its memory: that is checked."""
    arrays = [n for n, k in kinds.items() if k.tag in MEMORY and holds_arrays(k)]
    out: list[Stmt] = []
    for name in fn_order(fn, copied):
        if name not in arrays:
            continue
        arrays.remove(name)  # the next one need not be compared with it again
        if arrays or not kinds[name].is_array:
            out.append(Assign((), APART, (Var(name), *map(Var, arrays))))
    return out


def holds_arrays(kind: Kind) -> bool:
    """True unless there is surely no array in it."""
    if kind.is_container:
        return any(holds_arrays(item) for item in held(kind))
    return kind.tag in ("array", "unknown")


def fn_order(fn: Function, names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [param.name for param in fn.params if param.name in wanted]
