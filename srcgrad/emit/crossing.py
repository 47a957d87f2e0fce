"""Which stores leave what a temporary reads as it is, so that it may be printed behind them.

    t = y_bar[1:] * k[:-1]
    z_bar[:-1] = y_bar[1:] * x       ->      z_bar[:-1] = y_bar[1:] * x
    x_bar += t                               x_bar += y_bar[1:] * k[:-1]

Memory is known by the statement that makes it. What comes from elsewhere (parameters, items of
lists, results of calls), and what may be a list, may be any memory but that of arrays which are
seen by their own names and views alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from srcgrad.ir.core import Assign, Atom, Function, Push, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.reach import Reach
from srcgrad.ir.walk import AUGMENTED, names, operands, walk, writes
from srcgrad.rules.registry import lookup, viewed

ELSEWHERE = ""  # memory that was not made by a statement of the function
COPIES = ("method.copy", "method.astype", "numpy.copy")


class Memory:
    """`kinds`: of variables that have but one."""

    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self.sources: dict[str, set[str]] = {p.name: {ELSEWHERE} for p in fn.params}
        self.new: dict[str, set[str]] = {}  # memory that a variable is the first to name
        self.of = Reach(self._step).of  # the memory that a variable may name
        self.arrays = {name for name, kind in kinds.items() if kind.is_array}
        self.others: set[str] = set()  # that need not be arrays
        kept: set[str] = set()
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign) and stmt.fn == "release":
                continue
            kept |= set(self._kept(stmt))
            for name in writes(stmt):
                self._note(stmt, name)
        self.kept = frozenset().union(*map(self.of, kept))

    def _note(self, stmt: Stmt, name: str) -> None:
        """What a variable may be after a statement that binds it."""
        sources = self.sources.setdefault(name, set())
        shared = _shared(stmt)
        if not isinstance(stmt, Assign) or shared is None:
            sources |= {ELSEWHERE, *names(operands(stmt))}
            return
        sources |= set(names(shared))
        self.new.setdefault(name, set()).add(name)
        if name not in self.kinds and self._gives_array(stmt, shared):
            self.arrays.add(name)
        else:
            self.others.add(name)

    def _gives_array(self, stmt: Assign, shared: tuple[Atom, ...]) -> bool:
        """True for an operation whose result is an array or a number, and no container."""
        fn = stmt.fn if isinstance(stmt.fn, str) else ""
        if shared:
            return self.arrays.issuperset(names(shared))
        if fn.startswith("operator."):
            return not self.arrays.isdisjoint(names(stmt.args))
        return fn.startswith("numpy.")

    def _kept(self, stmt: Stmt) -> Iterator[str]:
        """Variables whose memory another one may name afterwards, and not be a view of it."""
        if isinstance(stmt, Push):
            yield from names((stmt.value,))
        elif isinstance(stmt, Store):
            base = self.kinds.get(stmt.base.name)
            if stmt.op == "set" and not (base is not None and base.is_array):
                yield from names((stmt.value,))
        elif isinstance(stmt, Assign) and _shared(stmt) is None:
            yield from names(operands(stmt))

    def _step(self, name: str) -> tuple[set[str], set[str]]:
        """The memory that a variable names first, and the variables whose memory it may name."""
        if self._is_number(name):
            return set(), set()
        sources = self.sources.get(name, {ELSEWHERE})
        elsewhere = {ELSEWHERE} if ELSEWHERE in sources or not self._is_array(name) else set()
        return self.new.get(name, set()) | elsewhere, sources - {ELSEWHERE}

    def _is_number(self, name: str) -> bool:
        kind = self.kinds.get(name)
        return kind is not None and kind.is_scalar

    def _is_array(self, name: str) -> bool:
        return name in self.arrays and (name in self.kinds or name not in self.others)

    def is_apart(self, base: str, read: Iterable[str]) -> bool:
        """True if a store into `base` changes nothing that these variables name."""
        own = self.of(base)
        others = frozenset[str]().union(*map(self.of, read))
        if own & others:
            return False
        seen_elsewhere = ELSEWHERE in own and others & self.kept
        return not (seen_elsewhere or ELSEWHERE in others and own & self.kept)


def _shared(stmt: Stmt) -> tuple[Atom, ...] | None:
    """Operands whose memory the one result may have; None where more is not known."""
    if not isinstance(stmt, Assign) or len(stmt.targets) != 1:
        return None
    if stmt.fn in COPIES:
        return ()
    if stmt.fn in ("copy", "tuple", "slice"):
        return stmt.args
    if stmt.fn == "operator.getitem" or stmt.fn in AUGMENTED:
        return stmt.args[:1]
    prim = lookup(stmt.fn) if isinstance(stmt.fn, str) else None
    if prim is None:
        return None
    out = tuple(atom for key, atom in stmt.kwargs if key == "out")
    return (*viewed(prim, stmt.args, dict(stmt.kwargs)), *out)


def written(stmt: Stmt) -> str | None:
    """The variable whose memory a statement writes into, and nothing else; None for others."""
    if isinstance(stmt, Store):
        return stmt.base.name
    if isinstance(stmt, Assign) and len(stmt.targets) == 1:
        out = [atom for key, atom in stmt.kwargs if key == "out"]
        if len(out) == 1 and isinstance(out[0], Var) and isinstance(stmt.fn, str):
            prim = lookup(stmt.fn)
            return out[0].name if prim is not None else None
    return None
