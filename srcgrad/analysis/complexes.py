"""Which values may be complex, where their kinds do not tell.

Real programs get the text of real programs; where complex numbers may stand, formulas have to hold
for them too. Nothing is assumed: a value is known to be real, or the program shows complex numbers
(`1j`, `dtype=complex`, `.conj()`, a Fourier transform), or nothing tells; then the text is written
for real numbers, and checks that it gets them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from enum import IntEnum

import numpy as np

from srcgrad.analysis.kinds import KindFacts, const_kind
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, For, Function, Stmt, Store, UserFunction, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, is_list_step, operands, stored, walk
from srcgrad.rules.registry import lookup
from srcgrad.rules.results import COMPLEX


class Numbers(IntEnum):
    """What the numbers in a value may be."""

    REAL = 0
    UNTOLD = 1
    COMPLEX = 2  # or real: both have to be right


# Their results are real whatever they are given; kinds alone know that of known dtypes only.
GIVES_REALS = frozenset({
    "numpy.abs", "numpy.real", "numpy.imag", "attr.real", "attr.imag", "numpy.angle", "numpy.var",
    "numpy.std", "numpy.linalg.norm", "builtins.abs", "builtins.float", "numpy.linalg.eigvalsh",
})  # fmt: skip
# Used where numbers may be complex, and of no use elsewhere.
SIGNS = frozenset({
    "numpy.real", "numpy.imag", "attr.real", "attr.imag", "numpy.angle", "numpy.conj",
    "numpy.conjugate", "method.conj", "builtins.complex", "load.builtins.complex",
    "numpy.linalg.eig", "numpy.linalg.eigvals", "numpy.roots", "numpy.iscomplexobj",
    "numpy.real_if_close",
    "scipy.special.wofz", "scipy.special.sph_harm_y", "scipy.signal.csd", "scipy.signal.stft",
    "scipy.signal.istft", "scipy.signal.hilbert",
})  # fmt: skip
SIGNS_BEGIN = (
    *("numpy.fft.", "cmath.", "numpy.complex", "load.numpy.complex", "numpy.emath."),
    *(f"scipy.fft.{name}" for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")),
)
CONTAINERS = ("tuple", "list", "dict")
NEVER = ("none", "str", "slice", "ellipsis", "generator")


def shows_complex(fn: Function, lower: Callable[[str], Function]) -> bool:
    """True if complex numbers are written or expected in a function, or in one that it calls."""
    pending, seen = [fn], {fn.name}
    while pending:
        at = pending.pop()
        values = (known.value for known in at.globals.values() if known.kind == "value")
        if any(np.iscomplexobj(v) for v in values if isinstance(v, complex | np.ndarray)):
            return True
        for stmt in walk(at.body):
            if _is_sign(stmt):
                return True
            called = stmt.fn if isinstance(stmt, Assign) else None
            if isinstance(called, UserFunction) and called.key not in seen:
                seen.add(called.key)
                pending.append(lower(called.key))
    return False


def _is_sign(stmt: Stmt) -> bool:
    for atom in operands(stmt):
        if type(atom) is Const and isinstance(atom.value, complex):
            return True
    if type(stmt) is not Assign or type(stmt.fn) is not str:
        return False
    dtype = dict(stmt.kwargs).get("dtype") if stmt.kwargs else None
    if isinstance(dtype, Const) and isinstance(dtype.value, str) and "c" in dtype.value:
        return True
    return _is_sign_name(stmt.fn)


@functools.lru_cache(maxsize=4096)
def _is_sign_name(fn: str) -> bool:
    return fn in SIGNS or fn.startswith(SIGNS_BEGIN)


def of_kind(kind: Kind) -> Numbers | None:
    """What a kind says; None where it does not."""
    if kind.dtype in COMPLEX:
        return Numbers.COMPLEX
    if kind.tag in CONTAINERS:
        held = [item for _, item in kind.items or ()] + ([kind.element] if kind.element else [])
        found = [of_kind(item) for item in held]
        known = [numbers for numbers in found if numbers is not None]
        if Numbers.COMPLEX in known:
            return Numbers.COMPLEX
        return max(known, default=None) if len(known) == len(found) else None
    return Numbers.REAL if kind.dtype != "?" or kind.tag in NEVER else None


@dataclass(slots=True)
class ComplexFacts:
    """What the numbers in each variable may be, wherever it is assigned."""

    kinds: KindFacts
    unknown: Numbers = Numbers.UNTOLD  # of what nothing is known of
    names: dict[str, Numbers] = field(default_factory=dict)

    def before(self, stmt: Stmt, atom: Atom) -> Numbers:
        """Of an operand, as the statement reads it."""
        told = of_kind(self.kinds.before(stmt, atom))
        return told if told is not None else self.of(atom)

    def after(self, stmt: Assign, name: str) -> Numbers:
        """Of a variable that the statement has just bound."""
        told = of_kind(self.kinds.after(stmt, name))
        if told is not None:
            return told
        return made_of(stmt, lambda atom: self.before(stmt, atom), self.unknown)

    def of(self, atom: Atom) -> Numbers:
        """Of a variable wherever it is read."""
        if isinstance(atom, Const):
            return of_kind(const_kind(atom.value)) or Numbers.REAL
        return self.names.get(atom.name, self.unknown)


def find_complex(
    fn: Function, kinds: KindFacts, given: Mapping[str, Kind], unknown: Numbers
) -> ComplexFacts:
    """Where complex numbers may stand in `fn`; `given`: kinds of its parameters and globals."""
    facts = ComplexFacts(kinds, unknown)
    for name, kind in given.items():
        told = of_kind(kind)
        facts.names[name] = unknown if told is None else told
    for name in assigned(fn.body) | stored(fn.body):
        facts.names.setdefault(name, Numbers.REAL)
    changed = True
    while changed:
        changed = False
        for stmt in walk(fn.body):
            for name, numbers in _bound(facts, stmt):
                if numbers > facts.names.get(name, -1):
                    facts.names[name] = numbers
                    changed = True
    return facts


def _bound(facts: ComplexFacts, stmt: Stmt) -> Iterator[tuple[str, Numbers]]:
    """What a statement gives to the variables it binds or writes."""
    if isinstance(stmt, For):
        yield stmt.index, Numbers.REAL
    elif isinstance(stmt, Store):
        yield stmt.base.name, facts.before(stmt, stmt.value)
    elif isinstance(stmt, Assign):
        for name in stmt.targets:
            yield name, facts.after(stmt, name)
        if is_list_step(stmt) and isinstance(stmt.args[0], Var):
            given = (facts.before(stmt, atom) for atom in stmt.args)
            yield stmt.args[0].name, max(given)


def made_of(
    stmt: Assign, numbers: Callable[[Atom], Numbers], unknown: Numbers | None = None
) -> Numbers:
    """What an operation makes whose result has no known dtype, from what its operands may be.

    `unknown`: what functions without a rule may add to that.
    """
    if type(stmt.fn) is str and stmt.fn in GIVES_REALS:
        return Numbers.REAL
    given = max(map(numbers, operands(stmt)), default=Numbers.REAL)
    if not isinstance(stmt.fn, str):
        return max(given, unknown or given)
    if _is_sign(stmt) and not stmt.fn.startswith("load."):
        return Numbers.COMPLEX
    if unknown is None or unknown <= given:
        return given
    known = lookup(stmt.fn) is not None or "." not in stmt.fn or stmt.fn.startswith("operator.")
    return given if known else unknown
