"""Contexts in the backward sweep: warnings that the user silenced stay silent.

Other managers are entered and left by the forward sweep alone.
"""

from __future__ import annotations

from srcgrad.ad.builder import Builder
from srcgrad.ir.core import Assign, Block, Const, Function, Stmt, Var
from srcgrad.ir.walk import blocks, walk

ERRSTATE, CATCH = "numpy.errstate", "warnings.catch_warnings"
_FILTERS = frozenset({"warnings.simplefilter", "warnings.filterwarnings"})
_IGNORE = Const("ignore")


class Contexts:
    """What the adjoints of entering and leaving a context do."""

    def __init__(self, fn: Function, build: Builder) -> None:
        self.build = build
        self.setups: dict[Stmt, list[Assign]] = {}  # by either end: what silences inside
        self.ends: set[Stmt] = set()
        assigns = [s for s in walk(fn.body) if isinstance(s, Assign) and len(s.targets) == 1]
        makers = {s.target: s for s in assigns if s.fn in (ERRSTATE, CATCH)}
        stack = [fn.body]
        while stack:
            block = stack.pop()
            self.collect(block, makers)
            stack += [inner for stmt in block for inner in blocks(stmt)]

    def collect(self, block: Block, makers: dict[str, Assign]) -> None:
        opened: list[tuple[Stmt, list[Assign]]] = []
        for stmt in block:
            if not isinstance(stmt, Assign):
                continue
            if stmt.fn == "with.enter":
                maker = makers.get(getattr(stmt.args[0], "name", ""))
                opened.append((stmt, [] if maker is None else [_quiet(maker)]))
            elif stmt.fn == "with.leave" and opened:
                enter, setup = opened.pop()
                if any(s.kwargs or s.fn in _FILTERS for s in setup):
                    self.setups[enter] = self.setups[stmt] = setup
                    self.ends.add(stmt)
            elif opened and stmt.fn in _FILTERS and stmt.args[:1] == (_IGNORE,):
                setup = opened[-1][1]
                if setup and setup[0].fn == CATCH:
                    setup.append(stmt)

    def adjoint(self, stmt: Assign) -> bool:
        """True if the statement enters or leaves a context, which the backward sweep turns
        round."""
        if stmt.fn not in ("with.enter", "with.leave"):
            return False
        setup = self.setups.get(stmt, [])
        if setup and stmt not in self.ends:
            self.build.code.append(Assign((), "with.leave", (), unit=stmt.unit))
        elif setup:
            maker, *filters = setup
            name = self.build.fresh("context%bar")
            self.build.code.append(Assign((name,), maker.fn, (), maker.kwargs, stmt.unit))
            self.build.code.append(Assign((), "with.enter", (Var(name),), unit=stmt.unit))
            for made in filters:
                self.build.code.append(Assign((), made.fn, made.args, made.kwargs, stmt.unit))
        return True


def _quiet(maker: Assign) -> Assign:
    """The same context, as far as it silences: it must not raise or record in between."""
    silent = tuple((key, value) for key, value in maker.kwargs if value == _IGNORE)
    return Assign(maker.targets, maker.fn, (), silent, maker.unit)
