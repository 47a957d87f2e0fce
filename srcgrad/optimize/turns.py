"""What turns of a loop and of its adjoint need of each other, and of what is around them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Derived,
    Exit,
    For,
    Function,
    If,
    Pop,
    Push,
    Stmt,
    Store,
    Var,
    While,
)
from srcgrad.ir.forms import form_read
from srcgrad.ir.kinds import Kind
from srcgrad.ir.library import may_write
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import (
    AUGMENTED,
    MUTATORS,
    assigned,
    names,
    operands,
    reads,
    stored,
    tally,
    walk,
    writes,
)
from srcgrad.optimize.known import SUMS, is_new
from srcgrad.optimize.places import base_and_index


def exposed(block: Block) -> tuple[set[str], set[str]]:
    """Names that a block may read before it binds them, and those that it surely binds."""
    found: set[str] = set()
    bound: set[str] = set()
    for stmt in block:
        found |= reads(stmt) - bound
        if isinstance(stmt, For):
            found |= exposed(stmt.body)[0] - bound - {stmt.index}
        elif isinstance(stmt, While):
            inner, made = exposed(stmt.test)
            found |= inner - bound
            bound |= made
            found |= {*names((stmt.cond,))} | exposed(stmt.body)[0]
        elif isinstance(stmt, If):
            then, orelse = exposed(stmt.then), exposed(stmt.orelse)
            found |= (then[0] | orelse[0]) - bound
            bound |= then[1] & orelse[1]
        else:
            bound.update(writes(stmt))
    return found, bound


class Plain:
    """`kinds`: of variables that have but one. `quiet`: functions of the module that change
    nothing but what they make."""

    def __init__(self, kinds: Mapping[str, Kind], quiet: Collection[str]) -> None:
        self.kinds, self.quiet = kinds, quiet

    def block(self, block: Block, returns: bool = False) -> bool:
        """True if all that a block does is to bind names, to store, and to record."""
        for stmt in walk(block):
            if isinstance(stmt, Exit):
                if not (returns and stmt.kind == "return"):
                    return False
            elif isinstance(stmt, If):
                if stmt.form == "try":
                    return False
            elif isinstance(stmt, Store):
                if stmt.restores or stmt.sync:
                    return False
            elif isinstance(stmt, Assign) and not self.call(stmt):
                return False
        return True

    def call(self, stmt: Assign) -> bool:
        if isinstance(stmt.fn, Derived):
            return stmt.fn.name in self.quiet and bool(stmt.targets)
        if not isinstance(stmt.fn, str) or stmt.sync or not stmt.targets:
            return False
        if stmt.fn in AUGMENTED:  # `x += e` of a number makes another one
            first = self.kinds.get(next(names(stmt.args), ""))
            return first is not None and first.is_scalar
        return stmt.fn not in MUTATORS and not has_effect(stmt) and not may_write(stmt)


def quiet_functions(functions: Iterable[tuple[Function, Mapping[str, Kind]]]) -> frozenset[str]:
    """Those that change nothing but what they make, and the records that they are given."""
    left = {fn.name: (fn, kinds) for fn, kinds in functions}
    while True:
        loud = [
            name
            for name, (fn, kinds) in left.items()
            if not Plain(kinds, left).block(unmarked(fn.body), returns=True)
            or not all(map(Sharing(fn).is_fresh, stored(fn.body)))
        ]
        if not loud:
            return frozenset(left)
        for name in loud:
            del left[name]


def unmarked(block: Block) -> Block:
    return tuple(s for s in block if not (isinstance(s, Assign) and s.fn == "section"))


def straight(block: Block) -> Iterator[Stmt]:
    """The statements of a block that run at most once, those of branches among them."""
    for stmt in block:
        yield stmt
        if isinstance(stmt, If):
            yield from straight(stmt.then)
            yield from straight(stmt.orelse)


class Sharing:
    """Which names of a function may stand for one piece of memory."""

    def __init__(self, fn: Function) -> None:
        self.given = {p.name for p in fn.params}
        self.makers: dict[str, list[Stmt]] = defaultdict(list)
        self.readers: dict[str, list[Stmt]] = defaultdict(list)
        for stmt in walk(fn.body):
            for name in writes(stmt):
                self.makers[name].append(stmt)
            for name in reads(stmt):
                self.readers[name].append(stmt)

    def is_fresh(self, name: str, depth: int = 4) -> bool:
        """True if whatever a name stands for was made for it, and is part of nothing else."""
        made = self.makers[name]
        if name in self.given or not made or not depth:
            return False
        for stmt in made:
            if isinstance(stmt, Pop) and self.recorded(stmt) == {name}:
                continue
            if not isinstance(stmt, Assign) or len(stmt.targets) != 1:
                return False
            if stmt.fn == "copy" and isinstance(stmt.args[0], Var):
                if not self.is_fresh(stmt.args[0].name, depth - 1):
                    return False
            elif not is_new(stmt):
                return False
        return True

    def recorded(self, pop: Pop) -> set[str]:
        """The variables of which a tape has the values."""
        pushes = (s for s in self.readers[pop.tape] if isinstance(s, Push))
        return {s.value.name if isinstance(s.value, Var) else "" for s in pushes}

    def others(self, name: str) -> set[str] | None:
        """The names that may share the memory of a fresh one; None where it is recorded."""
        found, todo = {name}, [name]
        while todo:
            name = todo.pop()
            for stmt in self.makers[name]:  # a second name of what it is made of
                if isinstance(stmt, Assign) and stmt.fn == "copy":
                    todo += [n for n in names(stmt.args) if n not in found]
                    found.update(names(stmt.args))
            for reader in self.readers[name]:
                if isinstance(reader, Push):
                    return None
                if isinstance(reader, Store):  # an array takes the numbers, a list the thing
                    held = reader.value == Var(name) and not self.is_fresh(reader.base.name)
                    more = {reader.base.name} if held else set()
                elif isinstance(reader, Assign):
                    apart = is_new(reader) or reader.fn in SUMS
                    more = set() if apart else set(reader.targets)
                else:
                    more = set()
                todo += more - found
                found |= more
        return found


def is_sum(name: str, block: Block) -> bool:
    """True if all that a block does with a number or an array is to add to it."""
    parts: set[str] = set()  # `t = name + e`, before `name = t`
    copies: list[str] = []
    for stmt in walk(block):
        if name not in reads(stmt) and name not in writes(stmt):
            continue
        if isinstance(stmt, Store):
            if stmt.op == "set" or name in names((stmt.index, stmt.value)):
                return False
        elif not isinstance(stmt, Assign) or len(stmt.targets) != 1 or stmt.kwargs:
            return False
        elif stmt.fn == "copy" and stmt.target == name:
            copies += names(stmt.args)
        elif not _adds_to(name, stmt):
            return False
        elif stmt.target != name:
            parts.add(stmt.target)
    bound, read = tally(block)
    once = all(bound[part] == read[part] == 1 for part in parts)
    return once and sorted(copies) == sorted(parts)


def _adds_to(name: str, stmt: Assign) -> bool:
    if stmt.fn not in ("operator.add", "operator.sub") or len(stmt.args) != 2:
        return False
    first, second = (atom == Var(name) for atom in stmt.args)
    return first != second and (first or stmt.fn == "operator.add")


def is_by_rows(name: str, index: str, block: Block) -> bool:
    """True if a block reads and stores nothing of an array but at `[index]` and `[index, ...]`."""
    made: dict[str, list[Stmt]] = defaultdict(list)
    for stmt in walk(block):
        for target in writes(stmt):
            made[target].append(stmt)

    def leads(atom: Atom | None) -> bool:
        if not isinstance(atom, Var):
            return False
        stmts = made.get(atom.name, [])
        if atom.name == index:
            return not stmts
        return len(stmts) == 1 and all(
            isinstance(s, Assign) and s.fn == "tuple" and s.args and leads(s.args[0]) for s in stmts
        )

    for stmt in walk(block):
        if name in writes(stmt):
            return False
        if name not in reads(stmt):
            continue
        base, place = base_and_index(stmt)
        if base != Var(name) or not leads(place) or list(names(operands(stmt))).count(name) != 1:
            return False
    return True


def counts_up(loop: For) -> bool:
    """True if the index is never negative, and never the same twice."""
    start, step = loop.start, loop.step
    if not isinstance(start, Const) or not isinstance(step, Const):
        return False
    return (
        type(start.value) is int and start.value >= 0 and type(step.value) is int and step.value > 0
    )


def contents_read(block: Block) -> set[str]:
    """Names of which a block reads more than the shape."""
    return {n for s in walk(block) for n in reads(s) if n != form_read(s)}


def tapes(block: Block, kind: type[Push] | type[Pop]) -> Mapping[str, int]:
    """How often a block records on a tape, or reads from it."""
    found: dict[str, int] = defaultdict(int)
    for stmt in walk(block):
        if isinstance(stmt, (Push, Pop)) and isinstance(stmt, kind):
            found[stmt.tape] += 1
    return found


def recorded(block: Block) -> set[str]:
    """The tapes that a block records on, or reads from."""
    return {stmt.tape for stmt in walk(block) if isinstance(stmt, (Push, Pop))}


def records(forward: Block, backward: Block) -> Iterator[tuple[Push, Pop]]:
    """What one turn records once for its adjoint, in a variable that keeps the value until it is
    wanted back."""
    last: dict[str, int] = {}  # where a name is bound
    first: dict[str, int] = {}
    pushes = {s.tape: s for s in straight(forward) if isinstance(s, Push)}
    pops = {s.tape: s for s in straight(backward) if isinstance(s, Pop)}
    once = tapes(forward, Push), tapes(backward, Pop)
    places: dict[Stmt, int] = {}
    for place, stmt in enumerate(walk(forward)):
        places[stmt] = place
        last |= dict.fromkeys(writes(stmt), place)
    for place, stmt in enumerate(walk(backward)):
        places[stmt] = place
        for name in writes(stmt):
            first.setdefault(name, place)
    for tape in pushes.keys() & pops.keys():
        push, pop = pushes[tape], pops[tape]
        if once[0][tape] != 1 or once[1][tape] != 1 or not isinstance(push.value, Var):
            continue
        name = push.value.name
        kept = last.get(name, -1) < places[push] and places[pop] <= first.get(name, places[pop])
        if kept:
            yield push, pop


class Repeated:
    """What the adjoint of a turn computes again, as the turn has computed it."""

    def __init__(self, forward: Block, backward: Block) -> None:
        self.forward, self.backward = forward, backward
        self.memory = stored((*forward, *backward))
        self.count = Counter(name for stmt in walk(forward) for name in writes(stmt))
        self.made = {
            stmt.target: (place, stmt)
            for place, stmt in enumerate(forward)
            if isinstance(stmt, Assign) and len(stmt.targets) == 1
        }
        self.last: dict[str, int] = {}
        for place, stmt in enumerate(forward):
            self.last |= dict.fromkeys(assigned((stmt,)), place)

    def found(self) -> list[Assign]:
        again: list[Assign] = []
        bound: set[str] = set()  # before, in the adjoint
        for stmt in self.backward:
            if isinstance(stmt, Assign) and self.is_again(stmt, bound):
                again.append(stmt)
            else:
                bound |= assigned((stmt,))
        return again

    def is_again(self, stmt: Assign, bound: set[str]) -> bool:
        if len(stmt.targets) != 1 or not isinstance(stmt.fn, str):
            return False
        place, same = self.made.get(stmt.target, (0, None))
        if same is None or self.count[stmt.target] != 1:
            return False
        if (same.fn, same.args, same.kwargs) != (stmt.fn, stmt.args, stmt.kwargs):
            return False
        used = reads(stmt)
        intact = all(self.last.get(name, -1) < place for name in used)
        return intact and used.isdisjoint(bound | self.memory) and stmt.target not in self.memory
