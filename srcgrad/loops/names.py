"""How variables of a function are used: how often they are read, what may share their memory, and
how they are called in the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Block, Exit, For, Function, Pop, Push, Stmt, Store, Var, While
from srcgrad.ir.walk import blocks, names, operands, stored, walk, writes
from srcgrad.loops.openlists import lists_of

# Calls whose result may be, or may hold, memory of their arguments.
SHARING = frozenset({
    "copy", "unpack", "tuple", "list", "dict", "operator.getitem", "attr.T", "numpy.transpose",
    "numpy.reshape", "method.reshape", "numpy.ravel", "method.ravel", "numpy.broadcast_to",
    "numpy.expand_dims", "numpy.squeeze", "numpy.swapaxes", "numpy.asarray", "numpy.flip",
    "numpy.moveaxis", "srcgrad.support.unbroadcast", "srcgrad.support_arrays.expand_reduced",
    "srcgrad.support.number", "numpy.diagonal", "attr.real", "attr.imag", "method.transpose",
    "method.squeeze", "numpy.atleast_1d", "numpy.atleast_2d", "numpy.split", "method.swapaxes",
    "numpy.ascontiguousarray", "numpy.rollaxis", "attr.flat", "numpy.array_split", "numpy.rot90",
    "numpy.fliplr", "numpy.flipud", "numpy.real", "numpy.imag", "numpy.diag", "numpy.nan_to_num",
    "method.astype", "numpy.trim_zeros", "method.view", "method.diagonal", "method.pop",
    "builtins.list", "method.conj",
})  # fmt: skip
READERS = ("operator.getitem", "method.pop")  # of their first operand


class Naming(Protocol):
    """Final names: each variable's, and new ones that nothing else has."""

    final: dict[str, str]

    def __call__(self, name: str) -> str: ...

    def unique(self, name: str) -> str: ...


class Uses:
    """Facts about the variables of one function, and its final names."""

    def __init__(self, fn: Function, facts: KindFacts, final: Naming) -> None:
        self.facts = facts
        self.names = final
        params = [p.name for p in fn.params]
        self.reads: Counter[str] = Counter()
        self.bindings: Counter[str] = Counter(params)
        self.headers: set[str] = set()
        self.local: set[str] = set()
        self.parents: dict[str, str] = {}
        self.tapes: set[str] = set()
        self.plain: set[str] = set()
        self.indices: list[str] = []
        self.written: set[str] = set()  # groups of memory that some statement changes
        self.made: set[str] = set()  # variables for arrays that the function makes
        self.steady: set[str] = set()
        self.places: dict[Stmt, int] = {}
        self.lists = lists_of(fn, facts, [p.name for p in fn.params])
        self.count(fn)
        self.find_local(fn.body)
        changed = stored(fn.body)
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign) and isinstance(stmt.fn, str) and may_change(stmt):
                changed.update(names(stmt.args[:1]))
        self.written = set(map(self.group, changed))
        self.changes = list(self.with_new_elements(fn))
        for name, count in self.bindings.items():
            if count <= (name not in self.headers):  # the index of a loop stays within its body
                self.steady.add(self.final(name))

    def count(self, fn: Function) -> None:
        self.plain = _plain_tuples(fn.body)
        for stmt in walk(fn.body):
            self.reads.update(names(operands(stmt)))
            if isinstance(stmt, While):
                self.reads.update(names((stmt.cond,)))
            self.bindings.update(writes(stmt))
            if isinstance(stmt, For):
                self.headers.add(stmt.index)
                self.bindings[stmt.index] -= 1
            if isinstance(stmt, (Push, Pop)):
                self.tapes.add(stmt.tape)
            self.share(stmt)

    def share(self, stmt: Stmt) -> None:
        if isinstance(stmt, (Push, Pop)):
            other = stmt.target if isinstance(stmt, Pop) else None
            if isinstance(stmt, Push) and isinstance(stmt.value, Var):
                other = stmt.value.name
            if other is not None:
                self.unite(stmt.tape, other)
        elif isinstance(stmt, Store) and stmt.base.name in self.lists:
            for name in names((stmt.value,)):
                self.unite(stmt.base.name, name)
        elif isinstance(stmt, Assign) and stmt.fn == "method.append":
            base, *rest = names(stmt.args)
            for name in rest:
                self.unite(base, name)
        elif isinstance(stmt, Assign) and shares(stmt):
            if stmt.fn == "tuple" and stmt.target in self.plain:
                return
            first = stmt.args[:1] if self.keeps_first(stmt) else stmt.args
            for name in names(first):
                for target in stmt.targets:
                    if not self.facts.after(stmt, target).is_scalar:
                        self.unite(name, target)

    def keeps_first(self, stmt: Assign) -> bool:
        """Whether the result shares memory with the first operand alone."""
        if not isinstance(stmt.fn, str):
            return False
        in_place = may_change(stmt) and bool(stmt.targets)
        return stmt.fn in READERS or in_place and self.facts.before(stmt, stmt.args[0]).is_array

    def with_new_elements(self, fn: Function) -> Iterator[tuple[int, str]]:
        """Arrays of which a statement changes elements, and where it stands in the function."""
        for place, stmt in enumerate(walk(fn.body)):
            self.places[stmt] = place
            changed: tuple[str, ...] = ()
            if isinstance(stmt, Store) and (stmt.base.name not in self.lists or stmt.op != "set"):
                changed = (stmt.base.name,)
            elif isinstance(stmt, Assign) and type(stmt.fn) is str and may_change(stmt):
                changed = () if stmt.fn == "method.append" else tuple(names(stmt.args[:1]))
            yield from ((place, name) for name in changed)

    def may_copy(self, stmt: Stmt, group: str, repeated: bool) -> bool:
        """Whether no element changes behind a statement, of arrays that may share memory.

        `repeated`: it stands in a loop.
        """
        first = -1 if repeated else self.places[stmt]
        return not any(place > first and self.group(n) == group for place, n in self.changes)

    def unite(self, a: str, b: str) -> None:
        a, b = self.group(a), self.group(b)
        if a != b:
            self.parents[b] = a

    def group(self, name: str) -> str:
        """Stands for all names that may share memory with this one."""
        while name in self.parents:
            name = self.parents[name]
        return name

    def find_local(self, body: Block) -> None:
        """Variables bound once and read only behind that, in the same block or inside of it."""
        inside: Counter[str] = Counter()
        for block in _blocks(body):
            inside.clear()
            # from the end: what was read behind each statement
            for stmt in reversed(block):
                for name in writes(stmt):
                    if self.bindings[name] == 1 and inside[name] == self.reads[name]:
                        self.local.add(name)
                inside.update(names(operands(stmt)))
                for nested in walk(tuple(s for b in blocks(stmt) for s in b)):
                    inside.update(names(operands(nested)))
                    if isinstance(nested, While):
                        inside.update(names((nested.cond,)))
                if isinstance(stmt, While):
                    inside.update(names((stmt.cond,)))

    # --- questions

    def is_single(self, name: str) -> bool:
        return self.bindings[name] == 1 and name not in self.headers

    def is_local(self, name: str) -> bool:
        return name in self.local and name not in self.headers

    def is_steady(self, final: str) -> bool:
        """Whether a Python variable keeps its value as long as a local one is read."""
        return final in self.steady

    # --- names

    def final(self, name: str) -> str:
        return self.names(name)

    def fresh(self, stem: str) -> str:
        new = self.names.unique(stem)
        self.steady.add(new)
        return new

    def memory(self, name: str) -> str:
        """The variable for a new array: the one it is assigned to, if that is all it ever is."""
        final = self.final(name)
        new = (
            final if self.is_single(name) and final not in self.made else self.fresh(f"{final}_new")
        )
        self.made.add(new)
        return new

    def index(self, axis: int) -> str:
        while len(self.indices) <= axis:
            self.indices.append(self.fresh("ijklmnpq"[len(self.indices)] * 2))
        return self.indices[axis]


def shares(stmt: Assign) -> bool:
    """Whether a result may be memory of an argument."""
    if not isinstance(stmt.fn, str):
        return True
    in_place = stmt.fn.startswith("operator.i") and stmt.fn not in (
        "operator.is_", "operator.is_not", "operator.invert"
    )  # fmt: skip
    return stmt.fn in SHARING or in_place


def may_change(stmt: Assign) -> bool:
    """Whether a call may change its first argument."""
    assert isinstance(stmt.fn, str)
    return not stmt.targets or shares(stmt) and stmt.fn.startswith("operator.i")


def _plain_tuples(body: Block) -> set[str]:
    """Tuples that are indices or results: what they hold does not meet there."""
    found = set()
    others = set()
    for stmt in walk(body):
        if isinstance(stmt, Assign) and stmt.fn == "tuple":
            found.add(stmt.target)
        harmless: set[str] = set()
        if isinstance(stmt, Exit):
            harmless = set(names(operands(stmt)))
        elif isinstance(stmt, Store):
            harmless = set(names((stmt.index,)))
        elif isinstance(stmt, Assign) and stmt.fn in ("operator.getitem", "numpy.add.at"):
            harmless = set(names(stmt.args[1:2]))
        others |= set(names(operands(stmt))) - harmless
    return found - others


def _blocks(body: Block) -> Iterator[Block]:
    yield body
    for stmt in walk(body):
        yield from blocks(stmt)
