"""Before differentiation: names of shared memory are brought in step, calls that write into their
arguments are written out, parameters that are written are copied, `x += e` becomes `x = x + e`.

The last is the same function where no other name of x's memory is read after the write; where one
is, it becomes the store `x[...] += e`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import partial
from types import BuiltinFunctionType, FunctionType, ModuleType

from srcgrad.ad.arraylike import with_arrays
from srcgrad.ad.assume import with_numbers
from srcgrad.ad.augmented import with_augmented
from srcgrad.ad.decided_tests import with_decided_tests
from srcgrad.ad.factoring import with_kept_factors
from srcgrad.ad.items import with_plain_items
from srcgrad.ad.kept_tests import KeptTests
from srcgrad.ad.lasting import with_lasting_shapes
from srcgrad.ad.ownmemory import MEMORY, copies, depends_on_layout, guards
from srcgrad.ad.plain_tests import with_plain_tests
from srcgrad.ad.synchronise import in_step
from srcgrad.ad.versions import with_versions
from srcgrad.ad.write_out import write_out
from srcgrad.ad.writers import with_stores
from srcgrad.analysis.alias import AliasFacts, EffectsOf, find_aliases, is_in_place
from srcgrad.analysis.complexes import ComplexFacts, Numbers, find_complex
from srcgrad.analysis.gathered import Gathered
from srcgrad.analysis.kinds import CalleeKind, KindFacts, infer_kinds
from srcgrad.analysis.steady import find_unsteady
from srcgrad.analysis.sums import sums_of_arrays
from srcgrad.analysis.unknowncalls import doubtful_calls
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Block,
    Const,
    Function,
    Global,
    Stmt,
    Store,
    StoreOp,
    UserFunction,
    Var,
)
from srcgrad.ir.kinds import UNKNOWN, Kind, is_stretched, promote
from srcgrad.ir.walk import operands, read_names, rebuild, same, walk

ASSUMPTIONS = 4  # an item taken for a number may show that another one must be
CODE = (type, FunctionType, BuiltinFunctionType, ModuleType)
Problems = dict[Stmt, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a function's analyses need to know of the rest of the program."""

    # of what a function reads of its surroundings, as do the callees that are written out in it
    globals_of: Callable[[Function], Mapping[str, Kind]]
    callee_kind: CalleeKind
    effects_of: EffectsOf
    numbers: Numbers = Numbers.UNTOLD  # in values of which nothing is known
    assumed: frozenset[str] = frozenset()  # parameters that are taken for real numbers
    # arrays of their surroundings that the functions read which a function calls
    outside: Callable[[Function], Mapping[str, Global]] = lambda _: {}
    gathered: Callable[[], Gathered] = Gathered  # containers that the program fills and reads


@dataclass(frozen=True, slots=True)
class Prepared:
    """A function ready to be differentiated, with its facts. `copied`: parameters it works on
    copies of. `layout`: it gives something else for arrays that lie otherwise in memory. `fills`:
    statements that may put values into containers of the surroundings that are read, too.
    `doubtful`: those that may do what nobody knows to what they are given."""

    fn: Function
    kinds: KindFacts
    aliases: AliasFacts
    copied: frozenset[str]
    complexes: ComplexFacts
    layout: bool = False
    fills: frozenset[Stmt] = frozenset()
    doubtful: frozenset[Stmt] = frozenset()


OUTSIDE = "an array of the surrounding scope is written", "take a copy first: `x = x.copy()`"
Outline = Callable[[Function, KindFacts, AliasFacts], tuple[Function, Problems]]


def prepare(
    fn: Function,
    params: Mapping[str, Kind],
    around: Surroundings,
    lower: Callable[[str], Function],
    outlines: Iterable[Outline] = (),
    versions: bool = False,
    factors: bool | None = None,
) -> Prepared:
    """Analyse `fn` for parameters of these kinds and bring it into the form that reverse mode
    takes.

    Calls that write into their arguments are written out, names of shared memory are brought in
    step, written parameters are copied, `x += e` that nobody else sees becomes `x = x + e`.
    Loops with a mark become calls by `outlines`. `versions`: values that are overwritten get names
    of their own, all of them. `factors`: matrices are factored once, in loops too if it is true.
    """
    known = Analyses(params, around)
    fn = with_decided_tests(fn, known.kinds(fn))
    fn = with_plain_tests(_with_filling_calls(fn, known, lower))
    lasting = partial(with_lasting_shapes, params=params)
    for plain in (with_stores, with_arrays, with_plain_items, with_augmented, lasting):
        fn = plain(fn, known.kinds(fn))
    if factors is not None:
        fn = with_kept_factors(fn, known.kinds(fn), factors)
    kinds, aliases = known.both(fn)
    while any(aliases.entangled.values()) or aliases.problems and aliases.entangled:
        everything = not any(aliases.entangled.values())
        calls = {s for s, writes in aliases.entangled.items() if writes or everything}
        written = write_out(fn, calls, lower)
        if written is fn:
            break
        written = with_plain_tests(written)
        fn = with_stores(written, known.kinds(written))
        kinds, aliases = known.both(fn)
    fn, kinds, aliases = assume_numbers(fn, kinds, aliases, known)
    problems = {**find_unsteady(fn, kinds, aliases), **aliases.problems}
    problems |= dict.fromkeys(writes_outside(fn, aliases, params), OUTSIDE)
    stored = aliases.written_params()
    for outlined in outlines:
        calling, found = outlined(fn, kinds, aliases)
        problems.update(found)
        if calling is not fn:
            fn, (kinds, aliases) = calling, known.both(calling)
    if any(aliases.syncs.values()):
        fn = replace(fn, body=in_step(fn.body, aliases.syncs))
        kinds, aliases = known.both(fn, final=True)
    copied = (aliases.written_params() | stored) & set(params)
    layout = depends_on_layout(fn, around.effects_of)
    rewrite = _Rewriter(kinds, aliases.shared_writes, fn.body)
    body = rewrite.block(fn.body)
    if copied or body is not fn.body:
        outside = around.outside(fn) if copied else {}
        checks = guards(fn, copied, seen(fn, params, around, outside))
        body = (*checks, *copies(fn, copied, params, layout), *body)
        fn = replace(fn, body=body, globals={**fn.globals, **outside})
    renamed = with_versions(fn, None if versions else kinds)
    kinds, fresh = known.both(renamed, final=True)
    if renamed is not fn and fresh.problems:  # more names may share memory that is written
        kinds, fresh = known.both(fn, final=True)
    else:
        fn = renamed
    kinds = known.summed(fn, kinds)
    fresh.problems.update({s: why for s, why in problems.items() if s not in fresh.problems})
    fresh.problems.update({**aliases.problems, **rewrite.problems})
    complexes = complex_facts(fn, kinds, params, around)
    fills = frozenset(around.gathered().fills(fn))
    doubtful = frozenset(doubtful_calls(fn, kinds, around.effects_of))
    return Prepared(fn, kinds, fresh, copied, complexes, layout, fills, doubtful)


def writes_outside(fn: Function, aliases: AliasFacts, params: Mapping[str, Kind]) -> Iterator[Stmt]:
    """Statements that write into arrays of the surroundings, or of objects that are given."""
    held = {name for name, kind in params.items() if kind.tag == "object"}
    outside = aliases.written_params() & (held | set(fn.globals))
    for stmt, sites in aliases.written.items() if outside else ():
        if any(site.param in outside for site in sites):
            yield stmt


def _with_filling_calls(
    fn: Function, known: Analyses, lower: Callable[[str], Function]
) -> Function:
    """Calls that change a container are written out before anything is made of what is known of
    it."""
    while True:
        kinds = known.kinds(fn)
        calls = {
            stmt
            for stmt in walk(fn.body)
            if isinstance(stmt, Assign)
            and isinstance(stmt.fn, UserFunction)
            and any(kinds.before(stmt, atom).is_container for atom in operands(stmt))
            and _fills(stmt, kinds, known.around.effects_of)
        }
        written = write_out(fn, calls, lower) if calls else fn
        if written is fn:
            return fn
        fn = written


def _fills(stmt: Assign, kinds: KindFacts, effects_of: EffectsOf) -> bool:
    """Whether a call writes into a container that it is given."""
    assert isinstance(stmt.fn, UserFunction)
    effects, names = effects_of(stmt.fn)
    given = dict(zip(names, stmt.args, strict=False)) | dict(stmt.kwargs)
    written = [given[name] for name in effects.writes if name in given]
    if not all(isinstance(atom, Var) for atom in written):
        return False  # a literal that is handed over, and may be written: it is refused later
    return any(kinds.before(stmt, atom).is_container for atom in written)


def complex_facts(
    fn: Function, kinds: KindFacts, params: Mapping[str, Kind], around: Surroundings
) -> ComplexFacts:
    """Where complex numbers may stand; that a parameter is taken for real is no knowledge."""
    outer = around.globals_of(fn)
    given = {**outer, **params}
    if around.assumed:
        given |= {name: Kind("scalar", "?", ()) for name in around.assumed}
        kinds = infer_kinds(fn, {n: given[n] for n in params}, outer, around.callee_kind)
    return find_complex(fn, kinds, given, around.numbers)


def assume_numbers(
    fn: Function,
    kinds: KindFacts,
    aliases: AliasFacts,
    known: Analyses,
) -> tuple[Function, KindFacts, AliasFacts]:
    """Take items of unknown kind for numbers where that is what stands in the way."""
    tried, facts = fn, (kinds, aliases)
    for _ in range(ASSUMPTIONS):
        if not facts[1].problems:
            return tried, *facts
        checked = with_numbers(tried, *facts)
        if checked is tried:
            break
        tried, facts = checked, known.both(checked)
    return (fn, kinds, aliases) if facts[1].problems else (tried, *facts)


def seen(
    fn: Function, params: Mapping[str, Kind], around: Surroundings, outside: Iterable[str]
) -> dict[str, Kind]:
    """What a function can see, itself or through what it calls: the kinds, by name."""
    read = read_names(fn.body)
    own = {n: kind for n, kind in around.globals_of(fn).items() if n in read}
    return {**own, **params, **dict.fromkeys(outside, UNKNOWN)}


@dataclass(slots=True)
class Analyses:
    """Kinds and aliases of the forms that a function takes on the way; each form is looked at
    once."""

    params: Mapping[str, Kind]
    around: Surroundings
    fn: Function | None = None
    found: KindFacts = field(default_factory=KindFacts)
    aliases: AliasFacts | None = None
    globals: Mapping[str, Kind] = field(default_factory=dict)

    def kinds(self, fn: Function) -> KindFacts:
        if fn is not self.fn:
            if self.fn is None or fn.globals is not self.fn.globals:
                self.globals = self.around.globals_of(fn)
            self.found = infer_kinds(fn, self.params, self.globals, self.around.callee_kind)
            self.fn, self.aliases = fn, None
        return self.found

    def summed(self, fn: Function, kinds: KindFacts) -> KindFacts:
        """The kinds, with sums of arrays that begin with a number taken for arrays."""
        found, around = sums_of_arrays(fn, kinds), self.around
        if not found:
            return kinds
        return infer_kinds(fn, self.params, around.globals_of(fn), around.callee_kind, found)

    def both(self, fn: Function, final: bool = False) -> tuple[KindFacts, AliasFacts]:
        kinds = self.kinds(fn)
        # Where no statements are proposed, it makes no difference that none may be.
        if self.aliases is None or any(self.aliases.syncs.values()):
            memory = {
                name: kind
                for name, kind in {**self.globals, **self.params}.items()
                if kind.tag in MEMORY or kind.tag == "object" and _is_foreign(fn, name)
            }
            self.aliases = find_aliases(fn, kinds, self.around.effects_of, memory, final)
        return kinds, self.aliases


def _is_foreign(fn: Function, name: str) -> bool:
    """True for objects that may hold memory: not for modules, functions and classes."""
    known = fn.globals.get(name)
    if known is None or known.kind != "opaque":
        return known is None
    made = known.value is not None and not isinstance(known.value, CODE)
    return made or known.text.startswith(name)


class _Rewriter:
    def __init__(self, kinds: KindFacts, seen: set[Stmt], body: Block) -> None:
        self.kinds = kinds
        self.seen = seen  # writes that another name of the memory sees
        self.with_kept = KeptTests(kinds, body)
        self.values = 0
        self.problems: dict[Stmt, tuple[str, str]] = {}

    def block(self, block: Block) -> Block:
        new = tuple(
            made for stmt in block for part in self.with_kept(stmt) for made in self.parts(part)
        )
        return same(block, new)

    def parts(self, stmt: Stmt) -> tuple[Stmt, ...]:
        stays = stmt in self.seen or self.is_rounded(stmt) or self.is_point(stmt)
        return self.in_place(stmt) if stays else (self.statement(stmt),)

    def is_rounded(self, stmt: Stmt) -> bool:
        """True for `x32 *= y64`, `x32 += integers`, `z64 *= z128`: rounded to the dtype of x."""
        if not isinstance(stmt, Assign) or not is_in_place(stmt):
            return False
        own, other = (self.kinds.before(stmt, atom) for atom in stmt.args)
        if not own.is_array or own.dtype[0] not in "fc":
            return False
        wide = promote(own.dtype, other.dtype)
        if wide == "?":  # the other may be wider
            return own.dtype in ("f2", "f4", "c8")
        return wide[0] == own.dtype[0] and wide != own.dtype

    def is_point(self, stmt: Stmt) -> bool:
        """True for `c += e` of an array without axes: `c + e` would be a number."""
        if not isinstance(stmt, Assign) or not is_in_place(stmt):
            return False
        own = self.kinds.before(stmt, stmt.args[0])
        return own.is_array and own.shape == ()

    def statement(self, stmt: Stmt) -> Stmt:
        if not isinstance(stmt, Assign):
            return rebuild(stmt, self.block)
        if not is_in_place(stmt):
            return stmt
        assert isinstance(stmt.fn, str)
        own, other = (self.kinds.before(stmt, atom) for atom in stmt.args)
        if own.is_scalar:
            return stmt
        known = own.is_array and "?" not in (own.dtype, other.dtype)
        if known and promote(own.dtype, other.dtype) != own.dtype:
            return stmt  # NumPy raises: the dtype of the target cannot hold the result
        if own.is_array and is_stretched(own.shape, other.shape):
            return stmt  # as it does here
        return replace(stmt, fn=_plain(stmt.fn), augments=True)

    def in_place(self, stmt: Stmt) -> tuple[Stmt, ...]:
        """`x += e` as a store, where x has another name that is read later."""
        if isinstance(stmt, Store):  # others read what it leaves, if the name itself is not read
            return (replace(stmt, restores=True),)
        if not isinstance(stmt, Assign) or not is_in_place(stmt):
            return (self.statement(stmt),)
        assert isinstance(stmt.fn, str)
        base, value = stmt.args
        assert isinstance(base, Var)
        kind = self.kinds.before(stmt, base)
        if kind.tag == "list" and stmt.fn == "operator.iadd":
            extend = Assign((), "method.extend", (base, value), unit=stmt.unit)
            return (extend, Assign(stmt.targets, "copy", (base,), unit=stmt.unit))
        if not kind.is_array:
            self.problems[stmt] = (
                "an augmented assignment to memory with several names, whose kind is not known",
                "annotate the parameters, or write `x = x + e` on a copy",
            )
            return (stmt,)
        same = stmt.targets == (base.name,)
        bound = () if same else (Assign(stmt.targets, "copy", (base,), unit=stmt.unit),)
        whole, plain = Const(Ellipsis), _plain(stmt.fn)
        if plain in ("operator.add", "operator.sub"):
            op: StoreOp = "add" if plain == "operator.add" else "sub"
            return (Store(base, whole, value, op, unit=stmt.unit, restores=True), *bound)
        self.values += 1
        name = f"{base.name.split('@')[0]}@u{self.values}"
        made = Assign((name,), plain, (base, value), unit=stmt.unit)
        stored = Store(base, whole, Var(name), unit=stmt.unit, restores=True)
        return (made, stored, *bound)


def _plain(fn: str) -> str:
    op = fn.removeprefix("operator.i")
    return f"operator.{op}_" if op in ("and", "or") else f"operator.{op}"
