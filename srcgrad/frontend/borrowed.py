"""Globals of the generated module that no name of the function at hand stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from srcgrad.frontend.environment import Binding, Environment, is_plain, respelled
from srcgrad.ir.core import Global, Var

if TYPE_CHECKING:
    from srcgrad.frontend.context import Context


def foreign_binding(ctx: Context, env: Environment, name: str) -> Binding | None:
    """A free name of a function that is written out here: under its own name, if that is free.

    `@` in the name of a global tells it from any name here; it is recorded without.
    """
    found = env.lookup(name)
    if found is None or found.builtin:
        return found
    guard = env.guard(name)
    if guard is not None and guard not in ctx.guards:
        ctx.guards.append(guard)
    glob = found.glob
    if glob.kind == "function":  # recorded where a call of it is left in the program
        return replace(found, glob=replace(glob, name=""))
    own, count = name, 1
    while not _is_free(ctx, own, found):
        count += 1
        own = f"{name}_{count}"
    if own != name:
        text = respelled(glob, own)
        if text is None or found.needs:
            ctx.problem(ctx.node, f"`{name}` means another thing in the caller", "rename it")
        found = replace(found, glob=replace(glob, name=own, text=text or ""))
    ctx.globals[own] = found.glob
    for other in found.needs:
        foreign_binding(ctx, env, other)
    return found


def _is_free(ctx: Context, name: str, found: Binding) -> bool:
    glob = found.glob
    if name in ctx.locals:
        return False
    known = ctx.globals.get(name)
    if known is None:
        binding = ctx.imports.get(name) or ctx.env.lookup(name)
        known = None if binding is None or binding.builtin else binding.glob
    if known is None or known.kind != glob.kind:
        return known is None
    if glob.kind == "opaque" and glob.value is None:  # a table, where nothing is executed
        same_text = not found.needs and known.text == respelled(glob, name)
        return known is glob or same_text
    return known.value is glob.value or glob.kind == "function" and known.value == glob.value


def held(ctx: Context, value: Any) -> Var:
    """A value that no name of the function holds, as a global of the generated module."""
    for name, known in ctx.globals.items():
        if known.value is value and known.kind in ("value", "opaque"):
            return Var(name)
    count = 1
    while (
        ctx.is_local(f"held_{count}")
        or ctx.env.lookup(f"held_{count}") is not None
        or f"held_{count}" in ctx.globals
    ):
        count += 1
    kind: Literal["value", "opaque"] = "value" if is_plain(value) else "opaque"
    ctx.globals[f"held_{count}"] = Global(f"held_{count}", kind, "", value)
    return Var(f"held_{count}")
