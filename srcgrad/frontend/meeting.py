"""Where control flow meets: which values lowering still knows after branches and loops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcgrad.frontend.statics import Choice, Static, Unknown, shown
from srcgrad.ir.core import Assign, Const, Exit, Stmt, Var

if TYPE_CHECKING:
    from srcgrad.frontend.context import Context


@dataclass
class Arm:
    """What a branch leaves: its statements, and the static values at its end."""

    block: list[Stmt]
    statics: dict[str, Static]

    @property
    def falls(self) -> bool:
        """Whether the statement after the branch may be reached; True when in doubt."""
        last = self.block[-1] if self.block else None
        return not (isinstance(last, Exit) or isinstance(last, Assign) and last.fn == "raise")


def join(ctx: Context, arms: list[Arm]) -> None:
    """Static values after a branch: those on which the arms agree, and choices between others."""
    live = [arm for arm in arms if arm.falls] or arms
    out: dict[str, Static] = {}
    for name in sorted(set().union(*(arm.statics for arm in live))):
        found = [arm.statics.get(name) for arm in live]
        known = [one for one in found if one is not None and not isinstance(one, Unknown)]
        if all(one is found[0] for one in found) and found[0] is not None:
            out[name] = found[0]
        elif len(known) == len(live):
            out[name] = _choose(ctx, name, live)
        else:
            out[name] = Unknown(f"`{shown(name)}` holds a function or an object on some paths only")
    ctx.statics = out


def _choose(ctx: Context, name: str, arms: list[Arm]) -> Choice:
    which = ctx.variable(f"{shown(name)}_choice")
    options = []
    for position, arm in enumerate(arms):
        arm.block.append(Assign((which,), "copy", (Const(position),), unit=ctx.unit))
        options.append(ctx.static(arm.statics[name]))
    return Choice(Var(which), tuple(options))


def forget(ctx: Context, changed: set[str]) -> None:
    """At the head of a loop: what its body may give another value is not known."""
    for name in sorted(changed & ctx.statics.keys()):
        if name in ctx.carried:
            continue
        carried = ctx.statics[name].carried(ctx)
        if carried is not None:
            ctx.carried[name] = ctx.statics[name] = carried
            continue
        reason = (
            f"`{shown(name)}` holds another function or object in another iteration of this loop"
        )
        ctx.statics[name] = Unknown(reason)


def settle(ctx: Context, before: Mapping[str, Static]) -> None:
    """After a block that may not have run, or not as often as it was lowered."""
    for name in before.keys() | ctx.statics.keys():
        if ctx.statics.get(name) is not before.get(name):
            ctx.statics[name] = Unknown(
                f"`{shown(name)}` holds a function or an object on some paths only"
            )
