"""Write small user functions out where they are called.

A function of a few assignments and one `return` costs less to inline than to call, and its
derivative
reads better inside that of its caller: `relu(x @ W + b)` is differentiated as
`np.maximum(x @ W + b, 0)`. Longer ones, and all with control flow, become functions of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace

from srcgrad.ir.calls import arguments
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Exit,
    Function,
    Global,
    Stmt,
    UserFunction,
    Var,
)
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import AUGMENTED, MUTATORS, rebuild, same, writes
from srcgrad.optimize.tuple_items import read_items

MAX_STATEMENTS = 12

Lower = Callable[[str], Function]


def inline_calls(fn: Function, lower: Lower, most: int = MAX_STATEMENTS) -> Function:
    """The function with callees of at most so many statements written out.

    `lower` gives a callee by its key.
    """
    written = _Inliner(fn, lower, (), most).run()
    return fn if written is fn else read_items(written)


def is_small(fn: Function, most: int = MAX_STATEMENTS) -> bool:
    """True for a straight line of pure assignments that ends in its only `return`."""
    *body, last = fn.body
    if len(fn.body) > most or not isinstance(last, Exit) or last.value is None:
        return False
    if any(p.kind in ("varargs", "varkw") for p in fn.params):
        return False
    return all(isinstance(s, Assign) and _is_plain(s) for s in body)


def _is_plain(stmt: Assign) -> bool:
    if not stmt.targets or has_effect(stmt):
        return False
    if isinstance(stmt.fn, str):
        return stmt.fn not in MUTATORS and stmt.fn not in AUGMENTED
    return isinstance(stmt.fn, UserFunction)


@dataclass(slots=True)
class _Inliner:
    fn: Function
    lower: Lower
    path: tuple[str, ...]  # keys of the functions being inlined into
    most: int
    globals: dict[str, Global] = field(default_factory=dict)
    count: int = 0
    own: set[str] = field(default_factory=set)  # names that mean something else than in a callee

    def run(self) -> Function:
        self.globals = dict(self.fn.globals)
        body = self.block(self.fn.body)
        return (
            self.fn if body is self.fn.body else replace(self.fn, body=body, globals=self.globals)
        )

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            if isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction):
                out += self.call(stmt, stmt.fn) or [stmt]
            else:
                out.append(rebuild(stmt, self.block))
        return same(block, out)

    def call(self, stmt: Assign, callee: UserFunction) -> list[Stmt] | None:
        if callee.key in self.path or len(stmt.targets) != 1:
            return None
        fn = self.lower(callee.key)
        kept = fn.rule is not None or fn.again or fn.hook is not None
        if kept or not is_small(fn, self.most):
            return None
        fn = _Inliner(fn, self.lower, (*self.path, callee.key), self.most).run()
        given = arguments(fn, stmt)
        if given is None or not is_small(fn, self.most) or not self.take_globals(fn):
            return None
        return self.written_out(fn, stmt, given)

    def take_globals(self, fn: Function) -> bool:
        """Free names of the callee become the caller's, if none means another thing there."""
        if not self.own:
            self.own = {p.name for p in self.fn.params} | {
                n for s in self.fn.body for n in writes(s) if "@" not in n
            }
        for name, known in fn.globals.items():
            other = self.globals.get(name)
            if name in self.own or other is not None and not other.means(known):
                return False
        self.globals.update(fn.globals)
        return True

    def written_out(self, fn: Function, stmt: Assign, given: dict[str, Atom]) -> list[Stmt]:
        stem = stmt.target.split("@")[0]
        names = dict(given)
        out: list[Stmt] = []

        def atom(old: Atom) -> Atom:
            return names.get(old.name, old) if isinstance(old, Var) else old

        for inner in fn.body:
            if isinstance(inner, Exit):
                assert inner.value is not None
                value = atom(inner.value)
                last = out[-1] if out else None
                if isinstance(last, Assign) and last.targets == (getattr(value, "name", ""),):
                    out[-1] = replace(last, targets=stmt.targets)
                else:
                    out.append(Assign(stmt.targets, "copy", (value,), unit=stmt.unit))
            elif isinstance(inner, Assign):
                args = tuple(map(atom, inner.args))
                kwargs = tuple((key, atom(value)) for key, value in inner.kwargs)
                targets = []
                for name in inner.targets:
                    self.count += 1
                    targets.append(f"{stem}@i{len(self.path)}{self.count}")
                    names[name] = Var(targets[-1])
                out.append(Assign(tuple(targets), inner.fn, args, kwargs, unit=stmt.unit))
        return out
