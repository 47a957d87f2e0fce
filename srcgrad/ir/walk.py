"""Reading programs: what a statement reads and assigns, and walks over blocks."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import is_

from srcgrad.ir.classes import replace
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Exit,
    For,
    If,
    Pop,
    Push,
    Stmt,
    Store,
    Var,
    While,
)

# Methods that change the container or array they belong to.
# `x += e` and its like, which write into an array where x is one.
AUGMENTED = frozenset(
    f"operator.i{op}"
    for op in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or",
               "xor", "lshift", "rshift", "concat")
)  # fmt: skip
MUTATORS = frozenset(
    f"method.{name}"
    for name in (
        "append", "extend", "insert", "pop", "remove", "clear", "reverse", "update", "setdefault",
        "popitem", "add", "discard", "fill", "sort", "put", "resize", "partition", "itemset",
    )
)  # fmt: skip
MUTATORS |= {"operator.delitem"}
# What changes the length or order of a list, with the numbers of operands it may have.
LIST_STEPS = {
    "method.append": (2,),
    "method.extend": (2,),
    "method.insert": (3,),
    "method.pop": (1, 2),
    "method.clear": (1,),
    "method.reverse": (1,),
    "operator.delitem": (2,),
}


def is_temporary(name: str) -> bool:
    """True for names the compiler made that mean nothing on a line of their own."""
    # `W1@.params%bar`, the adjoint of params["W1"], means something
    return "@" in name and "@." not in name and "@v" not in name


def is_list_step(stmt: Stmt) -> bool:
    """True for `xs.append(v)`, `v = xs.pop()` and the like, on a variable."""
    if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str) or stmt.kwargs:
        return False
    counts = LIST_STEPS.get(stmt.fn, ())
    return len(stmt.args) in counts and isinstance(stmt.args[0], Var)


def names(atoms: Iterable[Atom | None]) -> Iterator[str]:
    """Names of the variables among atoms."""
    for atom in atoms:
        if type(atom) is Var:
            yield atom.name


def operands(stmt: Stmt) -> tuple[Atom, ...]:
    """The atoms a statement reads itself, nested blocks left out."""
    if type(stmt) is Assign:  # most are
        args, kwargs = stmt.args, stmt.kwargs
        return (*args, *(atom for _, atom in kwargs)) if kwargs else args
    return _other_operands(stmt)


def _other_operands(stmt: Stmt) -> tuple[Atom, ...]:
    if isinstance(stmt, Store):
        return (stmt.base, stmt.index, stmt.value)
    if isinstance(stmt, For):
        more = (atom for atom in (stmt.limit, stmt.snapshots) if atom is not None)
        return (stmt.start, stmt.stop, stmt.step, *more)
    if isinstance(stmt, If):
        return () if stmt.form == "try" else (stmt.test,)
    if isinstance(stmt, Exit):
        return () if stmt.value is None else (stmt.value,)
    if isinstance(stmt, Push):
        return (Var(stmt.tape), stmt.value)
    if isinstance(stmt, Pop):
        return (Var(stmt.tape),)
    if isinstance(stmt, While) and stmt.snapshots is not None:
        return (stmt.snapshots,)
    return ()  # While reads its condition inside its own test block


def substitute(stmt: Stmt, change: Callable[[Atom], Atom]) -> Stmt:
    """The statement with its own operands changed, nested blocks left out."""
    if isinstance(stmt, Assign):
        kwargs = tuple((key, change(value)) for key, value in stmt.kwargs)
        return replace(stmt, args=tuple(map(change, stmt.args)), kwargs=kwargs)
    if isinstance(stmt, Store):
        base = change(stmt.base)
        base = base if isinstance(base, Var) else stmt.base
        return replace(stmt, base=base, index=change(stmt.index), value=change(stmt.value))
    if isinstance(stmt, For):
        start, stop, step = map(change, (stmt.start, stmt.stop, stmt.step))
        snapshots = None if stmt.snapshots is None else change(stmt.snapshots)
        return replace(stmt, start=start, stop=stop, step=step, snapshots=snapshots)
    if isinstance(stmt, While) and stmt.snapshots is not None:
        return replace(stmt, snapshots=change(stmt.snapshots))
    if isinstance(stmt, If):
        return replace(stmt, test=change(stmt.test))
    if isinstance(stmt, Exit) and stmt.value is not None:
        return replace(stmt, value=change(stmt.value))
    return stmt


def reads(stmt: Stmt) -> frozenset[str]:
    """Names of the variables a statement reads itself, nested blocks left out."""
    try:
        return stmt.names_read
    except AttributeError:  # asked for the first time
        found = frozenset([atom.name for atom in operands(stmt) if type(atom) is Var])
        stmt.names_read = found
        return found


def writes(stmt: Stmt) -> tuple[str, ...]:
    """Names a statement binds itself; a `Store` binds none."""
    if type(stmt) is Assign:
        return stmt.targets
    if type(stmt) is Store:
        return ()
    if isinstance(stmt, For):
        return (stmt.index,)
    if isinstance(stmt, Pop):
        return (stmt.target,)
    if isinstance(stmt, If) and stmt.form == "try":
        return tuple(names((stmt.test,)))
    return ()


COMPOUND: frozenset[type[Stmt]] = frozenset({For, While, If})


def blocks(stmt: Stmt) -> tuple[Block, ...]:
    """The nested blocks of a statement, in the order of execution."""
    if type(stmt) not in COMPOUND:
        return ()
    if isinstance(stmt, For):
        return (stmt.body,)
    if isinstance(stmt, While):
        return (stmt.test, stmt.body)
    if isinstance(stmt, If):
        return (stmt.then, stmt.orelse)
    return ()


def within(stmt: Stmt) -> tuple[Stmt, ...]:
    """The statement and every one nested in it, in textual order."""
    if type(stmt) not in COMPOUND:
        return (stmt,)
    try:
        return stmt.nested
    except AttributeError:  # asked for the first time
        found = (stmt, *chain.from_iterable(map(walk, blocks(stmt))))
        stmt.nested = found
        return found


def walk(block: Block) -> Iterator[Stmt]:
    """Every statement of a block, nested ones included, in textual order. Not recursive in
    length."""
    if COMPOUND.isdisjoint(map(type, block)):
        return iter(block)
    return chain.from_iterable(map(within, block))


# What the next three find is kept for the block that was asked of last: most passes leave a program
# as it is, and the next one asks the same.
@functools.lru_cache(maxsize=1)
def contents(block: Block) -> frozenset[object]:
    """The functions that are called anywhere in a block, and the types of its other statements."""
    return frozenset([stmt.fn if type(stmt) is Assign else type(stmt) for stmt in walk(block)])


@functools.lru_cache(maxsize=1)
def makers(block: Block) -> Mapping[str, Assign]:
    """For each variable that is assigned alone anywhere in a block, the last statement that does
    so."""
    return {
        stmt.targets[0]: stmt
        for stmt in walk(block)
        if type(stmt) is Assign and len(stmt.targets) == 1
    }


@functools.lru_cache(maxsize=1)
def _tally(block: Block) -> tuple[Counter[str], Counter[str]]:
    stmts = tuple(walk(block))  # a counter counts a chain in C
    bound = Counter(chain.from_iterable(map(writes, stmts)))
    return bound, Counter(chain.from_iterable(map(reads, stmts)))


def tally(block: Block) -> tuple[Counter[str], Counter[str]]:
    """How often each name is bound, and how often it is read, anywhere in a block."""
    bound, read = _tally(block)
    return bound.copy(), read.copy()


def assigned(block: Block) -> set[str]:
    """Names bound anywhere in a block."""
    found: set[str] = set()
    for stmt in walk(block):
        if type(stmt) is Assign:
            found.update(stmt.targets)
        elif type(stmt) is not Store:
            found.update(writes(stmt))
    return found


def indexed(block: Block) -> set[str]:
    """Variables of which the block reads items or parts."""
    return {
        stmt.args[0].name
        for stmt in walk(block)
        if isinstance(stmt, Assign)
        and stmt.fn == "operator.getitem"
        and isinstance(stmt.args[0], Var)
    }


def stored(block: Block) -> set[str]:
    """Names of the arrays and containers changed in place anywhere in a block."""
    found: set[str] = set()
    for stmt in walk(block):
        if isinstance(stmt, Store):
            found.add(stmt.base.name)
        elif isinstance(stmt, Assign) and stmt.fn in MUTATORS:
            found.update(names(stmt.args[:1]))
    return found


def read_names(block: Block) -> set[str]:
    """Names read anywhere in a block."""
    found: set[str] = set()
    for stmt in walk(block):
        found |= reads(stmt)
        if isinstance(stmt, While):
            found |= set(names((stmt.cond,)))
    return found


def has_turns(stmt: Stmt) -> bool:
    """True for a loop of which each turn is followed by its adjoint."""
    return isinstance(stmt, For) and any(
        isinstance(inner, Assign) and inner.fn == "section" for inner in stmt.body
    )


def surely_runs(loop: Stmt) -> bool:
    """True for a loop of one turn or more that is left behind the last one."""
    if not isinstance(loop, For) or loop.limit is not None:
        return False
    if any(isinstance(stmt, Exit) for stmt in walk(loop.body)):
        return False
    bounds = [b.value for b in (loop.start, loop.stop, loop.step) if isinstance(b, Const)]
    whole = len(bounds) == 3 and all(type(b) is int for b in bounds) and bounds[2]
    return bool(whole) and len(range(*bounds)) > 0


def leaves_by(block: Block, kind: str) -> bool:
    """True if an `Exit` of this kind belongs to the loop or function whose body the block is."""
    for stmt in block:
        if isinstance(stmt, Exit) and stmt.kind == kind:
            return True
        if isinstance(stmt, If) and any(leaves_by(b, kind) for b in blocks(stmt)):
            return True
    return False


def same(block: Block, new: Sequence[Stmt]) -> Block:
    """The block itself where these are its statements, else a block of these."""
    unchanged = len(new) == len(block) and all(map(is_, new, block))
    return block if unchanged else tuple(new)


def rebuild(stmt: Stmt, change: Callable[[Block], Block]) -> Stmt:
    """The statement with its nested blocks changed; itself where nothing changes."""
    if type(stmt) not in COMPOUND:
        return stmt
    if isinstance(stmt, For):
        body = change(stmt.body)
        return stmt if body is stmt.body else replace(stmt, body=body)
    if isinstance(stmt, While):
        test, body = change(stmt.test), change(stmt.body)
        same = test is stmt.test and body is stmt.body
        return stmt if same else replace(stmt, test=test, body=body)
    if isinstance(stmt, If):
        then, orelse = change(stmt.then), change(stmt.orelse)
        same = then is stmt.then and orelse is stmt.orelse
        return stmt if same else replace(stmt, then=then, orelse=orelse)
    return stmt
