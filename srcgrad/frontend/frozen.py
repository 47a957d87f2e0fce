"""Distributions with parameters: `stats.norm(m, s).pdf(x)` is `stats.norm.pdf(x, m, s)`.

Only the call with everything in it has a derivative: that is what the program becomes.
"""

from __future__ import annotations

from srcgrad.frontend.context import Context
from srcgrad.frontend.statics import Library, Partial, Static, snapshot
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Var
from srcgrad.rules.registry import TABLE

_FIRST = ("pdf", "pmf")  # whose parameters are those of the distribution, after the point


@dataclass(eq=False)
class Frozen(Static):
    """A distribution of `scipy.stats`, called with parameters."""

    family: str
    kwargs: tuple[tuple[str, Atom], ...]

    @property
    def what(self) -> str:
        return "a distribution"

    def attribute(self, ctx: Context, name: str) -> Atom:
        dotted = f"{self.family}.{name}"
        if dotted in TABLE:
            return ctx.static(Partial(ctx.static(Library(dotted)), (), self.kwargs))
        made = ctx.emit("distribution", self.family, (), self.kwargs)
        return ctx.emit(name, f"attr.{name}", (made,))


def freeze(
    ctx: Context, args: tuple[Atom, ...], kwargs: tuple[tuple[str, Atom], ...], family: str
) -> Var:
    params = next(TABLE[f"{family}.{m}"].params for m in _FIRST if f"{family}.{m}" in TABLE)[1:]
    given = (*zip(params, args, strict=False), *kwargs)
    return ctx.static(Frozen(family, tuple((name, snapshot(ctx, atom)) for name, atom in given)))


FAMILIES = sorted(
    name.rpartition(".")[0]
    for name in TABLE
    if name.startswith("scipy.stats.") and name.rpartition(".")[2] in _FIRST
)
