"""A call of a function that lowering knows, as a function of its own.

Its parameters are the arguments, and after them the variables of the surroundings that it reads.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from srcgrad.frontend.calls import call
from srcgrad.frontend.context import Context
from srcgrad.frontend.deleted import without_deletions
from srcgrad.frontend.exits import normalise
from srcgrad.frontend.expressions import Op
from srcgrad.frontend.statics import is_static, shown
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Block, Const, Exit, Function, Param, Stmt, Var, While
from srcgrad.ir.walk import assigned, read_names, rebuild, stored, substitute


@dataclass(frozen=True, slots=True)
class Lifted:
    """`own`: the arguments that are parameters, by the names they were given under; `names`: of
    their parameters. `captured`: variables of the surroundings, parameters `captured_names`."""

    fn: Function
    own: tuple[str, ...]
    names: Mapping[str, str]
    captured: tuple[str, ...]
    captured_names: tuple[str, ...]


def lifted(
    ctx: Context,
    name: str,
    fn: Var,
    positional: Sequence[str],
    given: Mapping[str, Atom],
    wanted: Container[str],
    stem: str,
) -> Lifted | None:
    """The call of `fn` on what is given, some by position. None, and problems, if it is refused.

    Functions and constants are no parameters, unless `wanted`.
    """
    known, statics, before = set(ctx.known), dict(ctx.statics), len(ctx.problems)
    inner = {name: _parameter(ctx, name, atom, wanted) for name, atom in given.items()}
    with ctx.inner_block() as block:
        rest = tuple((n, a) for n, a in inner.items() if n not in positional)
        result = call(ctx, fn, tuple(inner[name] for name in positional), rest, stem)
        if isinstance(result, Op):
            result = ctx.emit(stem, result.fn, result.args, result.kwargs)
        ctx.add(Exit("return", result, ctx.unit))
    body = without_deletions(ctx, normalise(ctx, tuple(block)))
    ctx.statics = statics
    if len(ctx.problems) > before or _changes_surroundings(ctx, body, known):
        return None
    made = {n: a.name for n, a in inner.items() if isinstance(a, Var) and not is_static(ctx, a)}
    captured = sorted((read_names(body) - assigned(body) - set(made.values())) & known)
    names = _plain_names([*made.values(), *captured], {*ctx.globals, *assigned(body)})
    line = ctx.units[ctx.unit].line if ctx.unit in ctx.units else 1
    params = tuple(Param(names[n]) for n in (*made.values(), *captured))
    body = _renamed(body, names)
    function = Function(name, params, body, ctx.units, ctx.globals, "", ctx.file.name, line)
    own = {name: names[variable] for name, variable in made.items()}
    return Lifted(function, tuple(made), own, tuple(captured), tuple(names[n] for n in captured))


def _parameter(ctx: Context, name: str, atom: Atom, wanted: Container[str]) -> Atom:
    """What stands for an argument in the function; a constant is one there too."""
    if is_static(ctx, atom) or isinstance(atom, Const) and name not in wanted:
        return atom
    made = ctx.variable(name)
    ctx.known.add(made)
    ctx.steady.add(made)
    return Var(made)


def _changes_surroundings(ctx: Context, body: Block, known: set[str]) -> bool:
    changed = sorted((assigned(body) | stored(body)) & known)
    if changed:
        ctx.problem(
            ctx.node,
            f"a function that is differentiated here changes `{shown(changed[0])}` of its "
            "surroundings",
            "return the new value",
        )
    return bool(changed)


def _plain_names(internal: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Names of the user's for variables of the compiler's."""
    found: dict[str, str] = {}
    for name in internal:
        stem = candidate = shown(name)
        number = 1
        while candidate in found.values() or candidate in taken and candidate != name:
            number += 1
            candidate = f"{stem}_{number}"
        found[name] = candidate
    return found


def _renamed(body: Block, names: Mapping[str, str]) -> Block:
    """The block with parameters under their names; nothing in it assigns them."""

    def atom(old: Atom) -> Atom:
        return Var(names[old.name]) if isinstance(old, Var) and old.name in names else old

    def block(inner: Block) -> Block:
        return tuple(map(statement, inner))

    def statement(stmt: Stmt) -> Stmt:
        new = rebuild(substitute(stmt, atom), block)
        return replace(new, cond=atom(new.cond)) if isinstance(new, While) else new

    return block(body)
