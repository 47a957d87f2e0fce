"""Before loops are written: copies merged, helpers replaced, what is dead dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    For,
    Function,
    Pop,
    Push,
    Stmt,
    Store,
    Var,
    While,
)
from srcgrad.ir.liveness import live_part
from srcgrad.ir.walk import blocks, names, operands, rebuild, substitute, walk, writes
from srcgrad.loops.lengths import Lengths


def merged(fn: Function) -> Function:
    """`t = f(x); y = t` as `y = f(x)`, where nothing else reads the temporary."""
    reads: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for stmt in walk(fn.body):
        reads.update(names(operands(stmt)))
        cond = getattr(stmt, "cond", None)
        reads.update(names((cond,)))
        made.update(writes(stmt))
    once = {n for n in made if made[n] == 1 and reads[n] == 1 and ("@" in n or "%" in n)}
    return replace(fn, body=_merge(fn.body, once))


def _merge(block: Block, once: set[str]) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        stmt = rebuild(stmt, lambda inner: _merge(inner, once))
        stmt = without_helper(stmt)
        source = _copied(stmt)
        place = _maker(out, source, stmt) if source in once else None
        if place is None:
            out.append(stmt)
        else:
            made = out[place]
            assert isinstance(made, Assign) and isinstance(stmt, Assign)
            out[place] = replace(made, targets=stmt.targets)
    return tuple(out)


def _copied(stmt: Stmt) -> str:
    if isinstance(stmt, Assign) and stmt.fn == "copy" and len(stmt.targets) == 1:
        (source,) = stmt.args
        return source.name if isinstance(source, Var) else ""
    return ""


def _maker(out: list[Stmt], source: str, stmt: Stmt) -> int | None:
    """Where the temporary was made, if the variable may get its value there."""
    (target,) = writes(stmt)
    for place in range(len(out) - 1, max(-1, len(out) - 12), -1):
        before = out[place]
        if isinstance(before, Assign) and before.targets == (source,):
            return place
        touched = {*writes(before), *names(operands(before))}
        if target in touched or not isinstance(before, (Assign, Store)):
            return None
    return None


def without_helper(stmt: Stmt) -> Stmt:
    """Statements for helpers of the text for NumPy, where a statement says the same."""
    if not isinstance(stmt, Assign):
        return stmt
    if stmt.fn == "srcgrad.support.accumulate" and not stmt.targets:
        base, index, value = stmt.args
        if not isinstance(base, Const):
            return Store(base, index, value, "at", stmt.unit)
    if stmt.fn == "srcgrad.support.add":
        return replace(stmt, fn="operator.add")
    return stmt


# --- one variable for each value


def versioned(fn: Function) -> Function:
    """The function with variables that are bound again renamed, where a block does it in order."""
    params = {p.name for p in fn.params}
    return replace(fn, body=_Versions(fn.body, params).body)


class _Versions:
    """Renames variables whose bindings all stand in one block, in order."""

    def __init__(self, body: Block, params: set[str]) -> None:
        self.total: Counter[str] = Counter()
        for stmt in walk(body):
            self.total.update(_mentions(stmt))
        self.count: Counter[str] = Counter()
        self.params = params
        self.body = self.block(body, outer=True)

    def block(self, block: Block, outer: bool = False) -> Block:
        bound: Counter[str] = Counter()
        nested: set[str] = set()
        inside: Counter[str] = Counter()
        first: dict[str, bool] = {}
        for stmt in block:
            for name in names(operands(stmt)):
                first.setdefault(name, False)
            inner = [s for b in blocks(stmt) for s in walk(b)]
            for each in inner:
                nested.update(writes(each))
                for name in _mentions(each):
                    first.setdefault(name, False)
                inside.update(_mentions(each))
            cond = getattr(stmt, "cond", None)
            for name in names((cond,)):
                first.setdefault(name, False)
            if isinstance(stmt, (Assign, Pop)):
                bound.update(writes(stmt))
            else:
                nested.update(writes(stmt))
            for name in writes(stmt):
                first.setdefault(name, True)
            inside.update(_mentions(stmt))
        wanted = {
            name
            for name, count in bound.items()
            if name not in nested
            and count + (name in self.params) > 1
            and (outer or first[name] and inside[name] == self.total[name])
        }
        return self.renamed(block, wanted)

    def renamed(self, block: Block, wanted: set[str]) -> Block:
        current: dict[str, str] = {}
        out: list[Stmt] = []

        def change(atom: Atom) -> Atom:
            if isinstance(atom, Var) and atom.name in current:
                return Var(current[atom.name])
            return atom

        for stmt in block:
            stmt = substituted(stmt, change)
            stmt = rebuild(stmt, self.block)
            found = [name for name in writes(stmt) if name in wanted]
            for name in found:
                self.count[name] += 1
                number = self.count[name] - (name not in self.params)
                current[name] = f"{name}@v{number}" if number else name
            if isinstance(stmt, Assign) and found:
                stmt = replace(stmt, targets=tuple(current.get(t, t) for t in stmt.targets))
            elif isinstance(stmt, Pop) and found:
                stmt = replace(stmt, target=current[stmt.target])
            out.append(stmt)
        return tuple(out)


def _mentions(stmt: Stmt) -> list[str]:
    cond = getattr(stmt, "cond", None)
    return [*names(operands(stmt)), *writes(stmt), *names((cond,))]


def substituted(stmt: Stmt, change: Callable[[Atom], Atom]) -> Stmt:
    """The statement with all its operands changed, nested blocks included."""
    stmt = substitute(stmt, change)
    if isinstance(stmt, Push):
        stmt = replace(stmt, value=change(stmt.value))
    elif isinstance(stmt, For) and stmt.limit is not None:
        stmt = replace(stmt, limit=change(stmt.limit))
    elif isinstance(stmt, While):
        stmt = replace(stmt, cond=change(stmt.cond))
    return rebuild(stmt, lambda inner: tuple(substituted(s, change) for s in inner))


# --- shapes that are known to be equal


def settled(fn: Function, facts: KindFacts, lengths: Lengths) -> Function:
    """The function without sums over stretched axes where nothing was stretched."""

    def change(block: Block) -> Block:
        return tuple(rebuild(one(stmt), change) for stmt in block)

    def one(stmt: Stmt) -> Stmt:
        if not isinstance(stmt, Assign) or stmt.fn != "srcgrad.support.unbroadcast":
            return stmt
        g, x = (facts.before(stmt, atom) for atom in stmt.args)
        if g.is_scalar and x.is_scalar:
            return replace(stmt, fn="copy", args=stmt.args[:1])
        if g.is_array and x.is_array and g.shape is not None and x.shape is not None:
            same = len(g.shape) == len(x.shape) and all(map(lengths.same, g.shape, x.shape))
            if same:
                return replace(stmt, fn="copy", args=stmt.args[:1])
        return stmt

    return replace(fn, body=change(fn.body))


# --- recordings that nobody reads

_POP = "srcgrad.pop"  # a recorded value as a result that may be dead


def alive(fn: Function) -> Function:
    """The function without dead statements, and without recordings of which no value is read."""
    while True:
        fn = replace(fn, body=live_part(fn.body)[0])
        plain = live_part(_with_pops(fn.body))[0]
        read = {
            names_[0] for stmt in walk(plain) if isinstance(stmt, Assign) and stmt.fn == _POP
            for names_ in [list(names(stmt.args))]
        }  # fmt: skip
        recorded = {stmt.tape for stmt in walk(fn.body) if isinstance(stmt, (Push, Pop))}
        if recorded <= read:
            return fn
        fn = replace(fn, body=_without(fn.body, recorded - read))


def _with_pops(block: Block) -> Block:
    return tuple(
        Assign((s.target,), _POP, (Var(s.tape),)) if isinstance(s, Pop) else rebuild(s, _with_pops)
        for s in block
    )


def _without(block: Block, tapes: set[str]) -> Block:
    """The block without these recordings."""
    kept = []
    for stmt in block:
        if isinstance(stmt, (Push, Pop)) and stmt.tape in tapes:
            continue
        if isinstance(stmt, Assign) and tapes.intersection(stmt.targets):
            continue
        kept.append(rebuild(stmt, lambda inner: _without(inner, tapes)))
    return tuple(kept)


# --- recorded numbers that never change

_RECOMPUTED = frozenset(f"operator.{op}" for op in ("add", "sub", "mul", "truediv", "pow", "neg"))


def recomputed(fn: Function, facts: KindFacts) -> Function:
    """The function without recordings of numbers that are made of what never changes."""
    bound: Counter[str] = Counter(p.name for p in fn.params)
    makers: dict[str, list[Assign]] = {}
    pushed: dict[str, set[Atom]] = {}
    for stmt in walk(fn.body):
        bound.update(writes(stmt))
        if isinstance(stmt, Push):
            pushed.setdefault(stmt.tape, set()).add(stmt.value)
        elif isinstance(stmt, Assign):
            for name in stmt.targets:
                makers.setdefault(name, []).append(stmt)
    outer = {n for s in fn.body if isinstance(s, Assign) for n in s.targets}
    outer |= {p.name for p in fn.params}
    fixed = {n for n in outer if bound[n] == 1}
    found: dict[str, Assign] = {}
    for tape, values in pushed.items():
        made = [m for value in values if isinstance(value, Var) for m in makers.get(value.name, ())]
        if len(values) == 1 and len(made) == 1 and _is_fixed(made[0], facts, fixed):
            found[tape] = made[0]

    def change(block: Block) -> Block:
        return tuple(rebuild(one(stmt), change) for stmt in block)

    def one(stmt: Stmt) -> Stmt:
        if isinstance(stmt, Pop) and stmt.tape in found:
            return replace(found[stmt.tape], targets=(stmt.target,), unit=stmt.unit)
        return stmt

    return replace(fn, body=change(fn.body))


def _is_fixed(stmt: Assign, facts: KindFacts, fixed: set[str]) -> bool:
    """Whether a statement gives the same number whenever it runs."""
    return (
        len(stmt.targets) == 1
        and stmt.fn in _RECOMPUTED
        and facts.after(stmt, stmt.target).is_scalar
        and fixed.issuperset(names(stmt.args))
        and all(facts.before(stmt, atom).is_scalar for atom in stmt.args)
    )
