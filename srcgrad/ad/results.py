"""The gradient as the caller gets it: the structure, shape and dtype of the argument, memory of its
own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from srcgrad import support, support_complex
from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import problem_at
from srcgrad.ad.leaves import OWN, Leaf, Tree
from srcgrad.ad.numbers import made_real
from srcgrad.analysis.complexes import Numbers, of_kind
from srcgrad.analysis.kinds import KindFacts
from srcgrad.errors import Problem
from srcgrad.ir.core import Atom, Const, Exit, Function, Var
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import walk
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.results import COMPLEX

LIKE_ARGUMENT = canonical_name(support_complex.like_argument)
SHAPED = canonical_name(support.shaped)
SCALAR_TYPES = {
    "f2": "numpy.float16",
    "f4": "numpy.float32",
    "f16": "numpy.longdouble",
    "pf": "builtins.float",
    "pc": "builtins.complex",
    "c8": "numpy.complex64",
    "c16": "numpy.complex128",
}


def argument_problems(fn: Function, kinds: Mapping[str, Kind], wrt: Iterable[str]) -> list[Problem]:
    """A complex derivative is one with respect to complex numbers and arrays of them."""
    found = []
    for name in wrt:
        kind = kinds.get(name, UNKNOWN)
        if kind.tag not in ("scalar", "array") or kind.dtype not in COMPLEX:
            message = f"holomorphic needs complex arguments; `{name}` is none, or not known to be"
            remedy = f"pass a complex number or array as `{name}`"
            found.append(Problem(fn.file, fn.line, 0, message, remedy))
    return found


def result_problems(
    fn: Function, kinds: KindFacts, has_aux: bool, holomorphic: bool = False
) -> list[Problem]:
    """`grad` needs a real scalar: a return that provably gives none is a problem, each by
    itself."""
    found: list[Problem] = []
    for stmt in walk(fn.body):
        if not isinstance(stmt, Exit) or stmt.kind != "return" or stmt.value is None:
            continue
        kind = kinds.before(stmt, stmt.value)
        if has_aux and (kind.tag != "tuple" or len(kind.items or ()) != 2):
            found.append(problem_at(fn, stmt, "has_aux needs a result `(value, aux)`"))
            continue
        kind = kind.item(0) if has_aux else kind
        if kind.dtype in COMPLEX and not holomorphic:
            message = "grad needs a real result; this returns a complex one"
            remedy = "return its real part or absolute value, use vjp, or say `holomorphic=True`"
            found.append(problem_at(fn, stmt, message, remedy))
        elif kind.tag not in ("unknown", "scalar") and not (kind.is_array and not kind.shape):
            what = {"array": f"an array of rank {kind.rank}", "none": "None"}
            given = what.get(kind.tag, f"a {kind.tag}")
            message = f"grad needs a scalar result; this returns {given}"
            one = kind.is_array and set(kind.shape or ()) == {1}
            how = "return the number in it (.item())" if one else "reduce it to a number (np.sum)"
            remedy = f"{how}, or use vjp"
            found.append(problem_at(fn, stmt, message, remedy))
    return found


class Results:
    """Builds what a derivative returns for each parameter, from the adjoints at the function's
    start."""

    def __init__(self, build: Builder, adjoints: Adjoints) -> None:
        self.build = build
        self.adjoints = adjoints

    def gradient(self, name: str, kind: Kind) -> Atom:
        """The gradient with respect to a parameter of this kind."""
        self.build.stem = f"{name}%bar"
        made = self.value(self.adjoints.take(name), kind, Var(name))
        if of_kind(kind) is None and self.build.numbers(Var(name)) is Numbers.COMPLEX:
            return self.build.emit(LIKE_ARGUMENT, (made, Var(name)), kind=kind)
        return made

    def value(self, tree: Tree | None, kind: Kind, arg: Atom) -> Atom:
        if kind.is_discrete:
            return arg
        if kind.is_container and kind.items is not None and not isinstance(tree, Leaf):
            return self.container(tree, kind, arg)
        if tree is None:
            return (
                Const(0.0)
                if kind.is_scalar and kind.dtype in ("pf", "f8", "?")
                else self.zeros(kind, arg)
            )
        assert isinstance(tree, Leaf)
        if of_kind(kind) is Numbers.REAL:
            tree = replace(tree, atom=made_real(self.build, tree.atom))
        if kind.is_scalar:
            return self.scalar(tree.atom, kind)
        if kind.is_array:
            return self.array(tree, kind, arg)
        if tree.lazy:
            tree = self.adjoints.expand(tree, arg)
        atom = tree.atom if tree.owned else self.build.emit(OWN, (tree.atom,))
        loose = kind.is_container or isinstance(arg, Var) and arg.name in self.adjoints.replaced
        return self.build.emit(SHAPED, (atom, arg), kind=kind) if loose else atom

    def zeros(self, kind: Kind, arg: Atom) -> Atom:
        if kind.is_scalar:
            return self.scalar(Const(0.0), kind)
        return self.adjoints.zeros(kind, arg).atom

    def container(self, tree: Tree | None, kind: Kind, arg: Atom) -> Atom:
        parts: list[Atom] = []
        for key, item in kind.items or ():
            part = tree.get(key) if isinstance(tree, dict) else None
            own = item.is_container and item.items is None  # its structure is that of the argument
            needs_arg = part is None or own or not item.is_scalar and not _is_plain(part)
            inner: Atom = Const(None)
            if needs_arg or item.is_array:
                inner = self.build.item(arg, kind, key, item)
            atom = self.value(part, item, inner)
            parts.extend((Const(key), atom) if kind.tag == "dict" else (atom,))
        return self.build.emit(kind.tag, parts)

    def scalar(self, atom: Atom, kind: Kind) -> Atom:
        """A number of the argument's own type."""
        made = self.build.kind(atom).dtype
        if (
            kind.dtype in ("?", made)
            or kind.dtype in ("pf", "f8")
            and made in ("pf", "f8", "pi", "?")
        ):
            return atom
        cast = SCALAR_TYPES.get(kind.dtype)
        return self.build.emit(cast, (atom,)) if cast is not None else atom

    def array(self, leaf: Leaf, kind: Kind, arg: Atom) -> Atom:
        if leaf.lazy or kind.shape == ():
            return self.build.emit("numpy.full_like", (arg, leaf.atom), kind=kind)
        made = self.build.kind(leaf.atom)
        if isinstance(leaf.atom, Const):
            return self.build.emit("numpy.full_like", (arg, leaf.atom), kind=kind)
        narrower = kind.dtype == "f8" and made.dtype in ("f2", "f4")  # that of a narrow partner
        if narrower or kind.dtype in NARROW and made.dtype != kind.dtype:
            dtype = self.build.emit("attr.dtype", (arg,))
            return self.build.emit("method.astype", (leaf.atom, dtype), kind=kind)
        return leaf.atom if leaf.owned else self.build.emit("method.copy", (leaf.atom,), kind=kind)


NARROW = ("f2", "f4", "f16", "c8", "c16")


def _is_plain(part: Tree) -> bool:
    return isinstance(part, Leaf) and not part.lazy
