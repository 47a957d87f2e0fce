"""Before differentiation: parameters that are written are copied, `x += e` on arrays becomes `x = x
+ e`.

Both keep what the caller passed in as it was. The second is the same function because a name that
shares x's memory is never read after the write; the alias analysis has refused programs where one
is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from srcgrad import support
from srcgrad.analysis.alias import AliasFacts, EffectsOf, find_aliases, is_in_place
from srcgrad.analysis.kinds import CalleeKind, KindFacts, infer_kinds
from srcgrad.ir.core import Assign, Block, Const, Function, If, Stmt, Store, StoreOp, Var
from srcgrad.ir.kinds import Kind, promote
from srcgrad.ir.walk import assigned, rebuild
from srcgrad.rules.naming import canonical_name

APART = canonical_name(support.apart)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a function's analyses need to know of the rest of the program."""

    globals: Mapping[str, Kind]
    callee_kind: CalleeKind
    effects_of: EffectsOf


@dataclass(frozen=True, slots=True)
class Prepared:
    """A function ready to be differentiated, with its facts. `copied`: parameters it works on
    copies of."""

    fn: Function
    kinds: KindFacts
    aliases: AliasFacts
    copied: frozenset[str]


def prepare(fn: Function, params: Mapping[str, Kind], around: Surroundings) -> Prepared:
    """Analyse `fn` for parameters of these kinds and bring it into the form that reverse mode
    takes."""
    kinds, aliases = analyse(fn, params, around)
    copied = aliases.written_params() & set(params)
    rewrite = _Rewriter(kinds)
    body = rewrite.block(fn.body)
    if not copied and body is fn.body:
        return Prepared(fn, kinds, aliases, copied)
    copies = [Assign((name,), "method.copy", (Var(name),)) for name in fn_order(fn, copied)]
    new = replace(fn, body=(*guards(fn, copied, {**around.globals, **params}), *copies, *body))
    kinds, fresh = analyse(new, params, around)
    fresh.problems.update(aliases.problems)
    return Prepared(new, kinds, fresh, copied)


def guards(fn: Function, copied: frozenset[str], kinds: Mapping[str, Kind]) -> list[Stmt]:
    """Where a parameter is written, other arguments must not share its memory: that is checked."""
    arrays = [n for n, k in kinds.items() if k.tag in ("array", "unknown")]
    out: list[Stmt] = []
    for name in fn_order(fn, copied):
        others = [other for other in arrays if other != name]
        if name in arrays and others:
            out.append(Assign((), APART, (Var(name), *map(Var, others))))
    return out


def fn_order(fn: Function, names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [param.name for param in fn.params if param.name in wanted]


def analyse(
    fn: Function, params: Mapping[str, Kind], around: Surroundings
) -> tuple[KindFacts, AliasFacts]:
    kinds = infer_kinds(fn, params, around.globals, around.callee_kind)
    arrays = [
        name
        for name, kind in {**around.globals, **params}.items()
        if kind.tag in ("array", "list", "dict", "tuple", "unknown")
    ]
    return kinds, find_aliases(fn, kinds, around.effects_of, arrays)


class _Rewriter:
    def __init__(self, kinds: KindFacts) -> None:
        self.kinds = kinds
        self.tests = 0

    def block(self, block: Block) -> Block:
        new = tuple(made for stmt in block for made in self.with_test(self.statement(stmt)))
        same = len(new) == len(block) and all(a is b for a, b in zip(new, block, strict=True))
        return block if same else new

    def with_test(self, stmt: Stmt) -> tuple[Stmt, ...]:
        """A test that its own branches overwrite is kept for the backward sweep."""
        if not isinstance(stmt, If) or not isinstance(stmt.test, Var) or stmt.form == "try":
            return (stmt,)
        if stmt.test.name not in assigned((stmt,)):
            return (stmt,)
        self.tests += 1
        name = f"test@t{self.tests}"
        keep = Assign((name,), "copy", (stmt.test,), unit=stmt.unit)
        return keep, replace(stmt, test=Var(name))

    def statement(self, stmt: Stmt) -> Stmt:
        if not isinstance(stmt, Assign):
            return rebuild(stmt, self.block)
        if not is_in_place(stmt):
            return stmt
        assert isinstance(stmt.fn, str)
        own, other = (self.kinds.before(stmt, atom) for atom in stmt.args)
        if own.is_scalar:
            return stmt
        plain = _plain(stmt.fn)
        if own.is_array and "?" not in (own.dtype, other.dtype):
            base = stmt.args[0]
            if promote(own.dtype, other.dtype) != own.dtype and isinstance(base, Var):
                return self.keeping_dtype(stmt, base, plain)
        return replace(stmt, fn=plain)

    def keeping_dtype(self, stmt: Assign, base: Var, plain: str) -> Stmt:
        """`x32 += y64` rounds to the dtype of x: only a store does."""
        if plain in ("operator.add", "operator.sub"):
            op: StoreOp = "add" if plain == "operator.add" else "sub"
            return Store(base, Const(Ellipsis), stmt.args[1], op, unit=stmt.unit)
        self.kinds.problems[stmt] = (
            "an in-place operation rounds its result to the narrower dtype of its target",
            "convert the operand to the dtype of the target first",
        )
        return stmt


def _plain(fn: str) -> str:
    op = fn.removeprefix("operator.i")
    return f"operator.{op}_" if op in ("and", "or") else f"operator.{op}"
