"""`try`: what may stand in its body, and what an exception leaves behind of it.

An exception may end the body anywhere. Its backward sweep then does not run, so what it has
recorded so far is dropped, and it must not have changed anything that is seen outside.
"""

from __future__ import annotations

from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ir.core import Assign, Block, If, Push, Stmt, Var
from srcgrad.ir.walk import stored, walk

FRESH = frozenset({"list", "dict", "builtins.set"})
_REMEDY = "build new values in the `try`, and store them after it"


def note_attempts(context: Context) -> None:
    """Refuse bodies of `try` that change memory from outside."""
    for stmt in walk(context.fn.body):
        if isinstance(stmt, If) and stmt.form == "try":
            for place in _changes(context, stmt.then):
                context.refuse(place, "memory is changed inside a `try`", _REMEDY)


def _changes(context: Context, then: Block) -> list[Stmt]:
    inside = list(walk(then))
    made = {context.aliases.made[s] for s in inside if s in context.aliases.made}
    fresh: dict[str, bool] = {}
    for stmt in inside:
        if isinstance(stmt, Assign):
            for name in stmt.targets:
                fresh[name] = fresh.get(name, True) and stmt.fn in FRESH
    found = []
    for stmt in inside:
        outside = context.aliases.written.get(stmt, frozenset()) - made
        own = {name for name in stored((stmt,)) if fresh.get(name)}
        containers = stored((stmt,)) - own if not context.aliases.written.get(stmt) else set()
        if outside and not own or containers:
            found.append(stmt)
    return found


def is_safe_end(then: Block, stmt: Stmt) -> bool:
    """True if nothing can fail behind a statement of the body."""
    if not any(other is stmt for other in then):
        return False
    behind = list(then)[[other is stmt for other in then].index(True) + 1 :]
    return all(isinstance(s, Assign) and s.fn == "copy" for s in behind)


def forgetting(stmt: If, build: Builder) -> tuple[list[Stmt], If, set[str]]:
    """The statement with what it has recorded dropped where it fails; what that needs before.

    A value recorded before it is overwritten is brought back: the first one is that of before. The
    third result names variables where that cannot be told.
    """
    tapes: dict[str, list[Push]] = {}
    for inner in walk(stmt.then):
        if isinstance(inner, Push):
            tapes.setdefault(inner.tape, []).append(inner)
    before: list[Stmt] = []
    drops: list[Stmt] = []
    mixed: set[str] = set()
    for tape, pushes in sorted(tapes.items()):
        length, some = build.fresh(f"{tape}%length"), build.fresh(f"{tape}%some")
        before.append(Assign((length,), "builtins.len", (Var(tape),)))
        values = {push.value.name for push in pushes if isinstance(push.value, Var)}
        if all(push.overwritten for push in pushes) and len(values) == 1:
            (name,) = values
            count = build.fresh(f"{tape}%count")
            drops.append(Assign((count,), "builtins.len", (Var(tape),)))
            drops.append(Assign((some,), "operator.gt", (Var(count), Var(length))))
            back = Assign((name,), "operator.getitem", (Var(tape), Var(length)))
            drops.append(If(Var(some), (back,)))
        else:
            mixed |= values
        drops.append(Assign((), "try.forget", (Var(tape), Var(length))))
    caught, *rest = stmt.orelse
    new = If(stmt.test, stmt.then, (caught, *drops, *rest), stmt.form, stmt.unit)
    return before, new, mixed
