"""Writes derivative statements: fresh temporaries, kinds, small simplifications, shared values.

Simplification here is what a person does without thinking while writing an adjoint: `1.0 * e`
is `e`, `x ** (2 - 1)` is `x`. Each is done only where the dtype and shape provably stay the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from srcgrad.ad.kindtable import KindTable
from srcgrad.ad.sharing import is_worth_sharing
from srcgrad.ad.turning import TURNS, turned
from srcgrad.analysis.complexes import Numbers, made_of, of_kind
from srcgrad.analysis.kinds import const_kind
from srcgrad.analysis.operations import OpKinds
from srcgrad.analysis.positive import is_positive
from srcgrad.ir.core import (
    Assign,
    Atom,
    Callee,
    Const,
    Derived,
    Pop,
    Stmt,
    Store,
    StoreOp,
    UserFunction,
    Var,
)
from srcgrad.ir.forms import SHAPE_OF
from srcgrad.ir.kinds import SLICE, UNKNOWN, Kind, join
from srcgrad.rules.registry import lookup, viewed

Key = tuple[Callee, tuple[Any, ...], tuple[tuple[str, Any], ...]]
# Helpers of `srcgrad.support` whose result never shares memory with their arguments.
FRESH_HELPERS = frozenset({
    "matmul_adjoint_a", "matmul_adjoint_b", "dot_adjoint_a", "dot_adjoint_b", "tensordot_adjoint_a",
    "tensordot_adjoint_b", "overlap_add", "share_extremum", "scatter_take", "scatter_along_axis",
    "einsum_scatter", "solve_adjoint_a", "solve_adjoint_b", "zeros_like", "own", "add",
})  # fmt: skip
OVER = "srcgrad.support.over"
UNBROADCAST = "srcgrad.support.unbroadcast"
REAL = Numbers.REAL
ARITHMETIC = {
    "operator.add": lambda a, b: a + b,
    "operator.sub": lambda a, b: a - b,
    "operator.mul": lambda a, b: a * b,
}


class Builder:
    """Collects statements into `code`, which the caller swaps for each one it differentiates."""

    def __init__(
        self,
        primal_kind: Callable[[str], Kind],
        primal_numbers: Callable[[Atom], Numbers] = lambda atom: Numbers.UNTOLD,
        primal_def: Callable[[str], Assign | None] = lambda name: None,
        form_of: Callable[[Atom], Atom] = lambda atom: atom,
    ) -> None:
        self.code: list[Stmt] = []
        self.kinds = KindTable()  # of derivative variables
        self.complexes: dict[str, Numbers] = {}  # what derivative variables may hold
        self.primal_kind = primal_kind
        self.primal_numbers = primal_numbers
        self.primal_def = primal_def
        self.form_of = form_of  # what has the shape of a variable of the program
        self.unit = -1
        self.stem = "out"
        self.defs: dict[str, Assign] = {}  # of derivative temporaries
        self.shared: dict[Key, Var] = {}
        self.readers: dict[str, set[Key]] = {}
        self.arrays: set[str] = set()  # variables that are more than a number somewhere
        self.lists: dict[str, Kind] = {}  # adjoints of lists of which items are read
        self.held: dict[str, Atom] = {}  # variable -> the value it was last bound to
        self.values: dict[str, set[Key]] = {}  # variable -> operations whose shared value it holds
        self.taken: set[Atom] = set()  # what variables were bound to
        self.counts: dict[str, int] = {}
        self.changes: dict[str, int] = {}  # how often a variable was assigned or stored into
        self.read_at: dict[str, int] = {}  # temporary `-x` -> the changes of x by then
        self.is_owned: Callable[[Atom], bool] = lambda atom: False  # by an adjoint; see `Adjoints`
        self.ops = OpKinds({}, lambda fn, stmt, kind_of: UNKNOWN)
        self.is_worth_sharing = functools.cache(is_worth_sharing)

    def kind(self, atom: Atom) -> Kind:
        if isinstance(atom, Const):
            return const_kind(atom.value)
        known = self.kinds.get(atom.name)
        return known if known is not None else self.primal_kind(atom.name)

    def numbers(self, atom: Atom) -> Numbers:
        """What the numbers in a value may be: real, complex or untold."""
        told = of_kind(self.kind(atom))
        if told is not None:
            return told
        known = self.complexes.get(atom.name) if isinstance(atom, Var) else None
        return self.primal_numbers(atom) if known is None else known

    def fresh(self, stem: str | None = None) -> str:
        """A new temporary, named after what it belongs to."""
        stem = stem or self.stem
        self.counts[stem] = self.counts.get(stem, 0) + 1
        return f"{stem}@b{self.counts[stem]}"

    def emit(
        self,
        fn: Callee,
        args: Iterable[Atom],
        kwargs: Iterable[tuple[str, Atom]] = (),
        kind: Kind | None = None,
    ) -> Atom:
        """The value of `fn(*args, **kwargs)`: an operand if it simplifies, else a temporary."""
        args, kwargs = tuple(args), tuple(kwargs)
        if isinstance(fn, str):
            position = SHAPE_OF.get(fn)
            if position is not None and position < len(args):
                same = self.form_of(args[position])
                args = (*args[:position], same, *args[position + 1 :])
            simple = self.signs(fn, args, kwargs, kind)
            simple = self.simplify(fn, args) if simple is None and not kwargs else simple
            if simple is not None:
                return simple
        key = self.key(fn, args, kwargs) if self.is_worth_sharing(fn) else None
        if key is not None and key in self.shared:
            return self.shared[key]
        if fn in ("tuple", "list", "dict"):
            self.escape(args)
        target = self.fresh()
        stmt = Assign((target,), fn, args, kwargs, unit=self.unit)
        kind = self.ops.result(stmt, self.kind, "") if kind is None else kind
        self.kinds[target] = kind
        if of_kind(kind) is None:
            self.complexes[target] = made_of(stmt, self.numbers)
        self.defs[target] = stmt
        if fn in ("operator.neg", *TURNS) and isinstance(args[0], Var):
            self.read_at[target] = self.changes.get(args[0].name, 0)
        self.code.append(stmt)
        if key is not None:
            self.shared[key] = Var(target)
            for atom in (*args, *(atom for _, atom in kwargs)):
                for read in (atom, *self.spelled(atom)):
                    if isinstance(read, Var):
                        self.readers.setdefault(read.name, set()).add(key)
        return Var(target)

    def key(self, fn: Callee, args: Iterable[Atom], kwargs: Iterable[tuple[str, Atom]]) -> Key:
        """What an operation is known by: `solve(a.T, g)` is the same wherever `a.T` is written."""
        given = tuple([self.spelled(atom) or (atom,) for atom in args])
        return fn, given, tuple([(name, self.spelled(atom) or (atom,)) for name, atom in kwargs])

    def spelled(self, atom: Atom) -> tuple[Any, ...]:
        """A transpose, which is written anew where it is read: its name, and of what it is."""
        made = self.defs.get(atom.name) if isinstance(atom, Var) else None
        return (made.fn, *made.args) if made is not None and made.fn == "attr.T" else ()

    def escape(self, atoms: Iterable[Atom]) -> None:
        """Arrays that go into a container may be written through it: they are shared no more."""
        known = [atom for atom in atoms if isinstance(atom, Var)]
        held = {self.held.get(atom.name, atom) for atom in known if not self.kind(atom).is_scalar}
        gone = {atom.name for atom in (*held, *known) if isinstance(atom, Var)} if held else set()
        for name in gone:
            keys = list(self.values.get(name, ()))
            if name in self.defs:
                made = self.defs[name]
                keys.append(self.key(made.fn, made.args, made.kwargs))
            for key in keys:
                if key in self.shared and self.shared[key].name == name:
                    del self.shared[key]

    def unshare(self, names: Iterable[str]) -> None:
        """Variables that are about to change stand for no shared value any more."""
        for name in names:
            for key in self.values.pop(name, ()):
                self.shared.pop(key, None)

    def item(self, value: Atom, holder: Kind, key: Any, kind: Kind) -> Atom:
        """An item of a primal container: `value[key]`, or `value.key` of a dataclass."""
        if holder.tag == "dict" and holder.fields is not None:
            return self.emit(f"attr.{key}", (value,), kind=kind)
        return self.emit("operator.getitem", (value, Const(key)), kind=kind)

    def component(self, path: Sequence[Any]) -> Atom:
        """What a variable's name, and keys into its container, lead to."""
        value: Atom = Var(path[0])
        for key in path[1:]:
            held = self.kind(value)
            value = self.item(value, held, key, held.item(key))
        return value

    def note_item(self, name: str, kind: Kind) -> None:
        """An item of this kind is read of the list whose adjoint has the name."""
        known = self.lists.get(name)
        element = kind if known is None else join(known.element or UNKNOWN, kind)
        self.lists[name] = Kind("list", element=element)

    def assign(self, target: str, atom: Atom, kind: Kind) -> None:
        """Bind a derivative variable; what was shared from its old value is forgotten."""
        self.forget({target})
        self.kinds[target] = kind
        self.complexes[target] = max(self.complexes.get(target, REAL), self.numbers(atom))
        if not kind.is_scalar:
            self.arrays.add(target)
        self.code.append(Assign((target,), "copy", (atom,), unit=self.unit))
        self.held[target] = atom
        self.taken.add(atom)
        self.rename(atom, target)

    def number_in(self, atom: Atom) -> Atom:
        """The literal that a variable holds here, or the atom itself."""
        held = self.held.get(atom.name, atom) if isinstance(atom, Var) else atom
        return held if isinstance(held, Const) else atom

    def rename(self, atom: Atom, target: str) -> None:
        """A shared value that got a variable is known by that from now on."""
        stmt = self.defs.get(atom.name) if isinstance(atom, Var) else None
        if stmt is not None and self.is_worth_sharing(stmt.fn):
            key = self.key(stmt.fn, stmt.args, stmt.kwargs)
            if self.shared.get(key) == atom and Var(target) not in stmt.args:
                self.shared[key] = Var(target)
                self.values.setdefault(target, set()).add(key)

    def store(self, base: str, index: Atom, value: Atom, op: StoreOp) -> None:
        positive = self.negated(value) if op == "add" else None
        if positive is not None:
            value, op = positive, "sub"
        self.forget({base})
        self.escape((value,))
        self.code.append(Store(Var(base), index, value, op, unit=self.unit))

    def pop(self, tape: str, target: str) -> None:
        self.forget({target})
        self.code.append(Pop(tape, target, unit=self.unit))

    def forget(self, names: Iterable[str]) -> None:
        """Drop shared values that read any of these names: they hold something else now."""
        pending = list(names)
        for name in pending:
            self.held.pop(name, None)
            self.changes[name] = self.changes.get(name, 0) + 1
        while pending:
            name = pending.pop()
            for key in self.values.pop(name, ()):
                self.shared.pop(key, None)
            for key in self.readers.pop(name, ()):
                gone = self.shared.pop(key, None)
                if gone is not None:
                    pending.append(gone.name)

    def forget_all(self) -> None:
        """Forget every shared value: control flow starts or ends here."""
        self.shared.clear()
        self.readers.clear()
        self.held.clear()
        self.values.clear()

    def is_made(self, atom: Atom) -> bool:
        """True if the value was just computed and has no variable yet."""
        return isinstance(atom, Var) and atom.name in self.defs

    def is_taken(self, atom: Atom) -> bool:
        """True for a temporary that a variable was bound to."""
        return atom in self.taken and self.is_made(atom)

    def is_fresh(self, atom: Atom) -> bool:
        """True if the value was made by an operation that gives new memory, and has one name."""
        if not isinstance(atom, Var) or atom.name not in self.defs or atom in self.taken:
            return False
        stmt = self.defs[atom.name]
        fn = stmt.fn
        if isinstance(fn, (UserFunction, Derived)):
            return False
        if fn.startswith("srcgrad."):
            return fn.rpartition(".")[2] in FRESH_HELPERS
        prim = lookup(fn)
        holds_others = self.kinds[atom.name].is_container
        if prim is None or holds_others:
            return False
        return not viewed(prim, stmt.args, dict(stmt.kwargs))

    def is_elementwise(self, atom: Atom) -> bool:
        """True if the value was made by arithmetic, which gives numbers and arrays only."""
        stmt = self.defs.get(atom.name) if isinstance(atom, Var) else None
        if stmt is None or not isinstance(stmt.fn, str):
            return False
        prim = lookup(stmt.fn)
        return stmt.fn.endswith(".unbroadcast") or prim is not None and prim.elementwise

    def signs(
        self,
        fn: str,
        args: tuple[Atom, ...],
        kwargs: tuple[tuple[str, Atom], ...],
        kind: Kind | None,
    ) -> Atom | None:
        """Bring minus signs outward, where they become a subtraction. Exact in floating point."""
        if fn not in ARITHMETIC and fn not in ("operator.truediv", "numpy.sum"):
            return None
        inner = [self.negated(atom) for atom in args[:2]]
        if inner.count(None) == len(inner):
            return None
        if fn == "numpy.sum" and inner[0] is not None:
            return self.emit("operator.neg", (self.emit(fn, (inner[0], *args[1:]), kwargs, kind),))
        if fn in ("operator.mul", "operator.truediv"):
            a, b = (arg if atom is None else atom for atom, arg in zip(inner, args, strict=True))
            product = self.emit(fn, (a, b), (), kind)
            return product if None not in inner else self.emit("operator.neg", (product,), (), kind)
        if fn == "operator.add":
            other, one = (args[0], inner[1]) if inner[1] is not None else (args[1], inner[0])
            assert one is not None
            return self.emit("operator.sub", (other, one), (), kind)
        if fn == "operator.sub" and inner[1] is not None:
            return self.emit("operator.add", (args[0], inner[1]), (), kind)
        return None

    def negated(self, atom: Atom) -> Atom | None:
        """x where the operand is the temporary `-x`; None for anything else."""
        if not isinstance(atom, Var):
            return None
        made = self.held.get(atom.name, atom)
        stmt = self.defs.get(made.name) if isinstance(made, Var) else None
        if stmt is None or stmt.fn != "operator.neg":
            return None
        inner = stmt.args[0]
        if not isinstance(inner, Var) or inner.name in self.defs:
            lent = self.is_taken(inner) and not self.kind(inner).is_scalar  # and may be added to
            return None if lent else inner
        number = made != atom and not self.kind(atom).is_array  # which keeps its sign
        same = self.changes.get(inner.name, 0) == self.read_at.get(stmt.target)
        return inner if same and not number else None  # a variable may hold something else by now

    def simplify(self, fn: str, args: tuple[Atom, ...]) -> Atom | None:
        """An operand or literal equal to the operation, dtype and shape included, if any is."""
        if fn in ARITHMETIC and all(
            _is_int(a) or isinstance(a, Const) and isinstance(a.value, float) for a in args
        ):
            a, b = (arg.value for arg in args if isinstance(arg, Const))
            return Const(ARITHMETIC[fn](a, b))
        if fn == "operator.neg":
            return self.simplify_neg(args[0])
        if fn in TURNS:
            return turned(self, fn, args)
        if fn == "operator.mul":
            for one, other in (args, args[::-1]):
                if _is_one(one) and self.keeps_dtype(other, one):
                    return other
                if isinstance(one, Const) and one.value == -1 and self.keeps_dtype(other, one):
                    return self.emit("operator.neg", (other,))
        if (
            fn == "operator.pow"
            and _is_int(args[1])
            and _is_one(args[1])
            and self.keeps_dtype(*args)
        ):
            return args[0]
        if fn == "operator.truediv" and _is_one(args[1]) and self.keeps_dtype(*args):
            return args[0]
        if fn == "numpy.flip" and len(args) == 1 and self.kind(args[0]).rank == 1:
            back = self.emit("slice", (Const(None), Const(None), Const(-1)), kind=SLICE)
            return self.emit("operator.getitem", (args[0], back), kind=self.kind(args[0]))
        if fn == UNBROADCAST and self.kind(args[0]).keeps_shape_of(self.kind(args[1])):
            return args[0]
        if fn == OVER and is_positive(args[1], self.made_by):
            return self.emit("operator.truediv", args)
        return None

    def made_by(self, name: str) -> Assign | None:
        """What made a temporary of the derivative, or a variable of the program."""
        return self.defs.get(name) or self.primal_def(name)

    def still_made(self, atom: Atom) -> Assign | None:
        """What makes a value, if it would make the same again."""
        made = self.held.get(atom.name, atom) if isinstance(atom, Var) else atom
        stmt = self.defs.get(made.name) if isinstance(made, Var) else None
        if stmt is None:
            return None
        known = self.shared.get(self.key(stmt.fn, stmt.args, stmt.kwargs))
        return stmt if known in (made, atom) else None

    def simplify_neg(self, atom: Atom) -> Atom | None:
        if isinstance(atom, Const) and type(atom.value) in (int, float):
            return Const(-atom.value)
        found = self.negated(atom)  # not memory that changes: the value may be read later
        return None if found is not None and self.is_owned(found) else found

    def keeps_dtype(self, atom: Atom, factor: Atom) -> bool:
        """True if multiplying `atom` by the literal `factor` leaves its dtype as it is."""
        kind = self.kind(atom)
        known = kind.is_float or (_is_int(factor) and kind.dtype in ("i", "pi"))
        return known and kind.tag in ("scalar", "array")


def _is_int(atom: Atom) -> bool:
    return isinstance(atom, Const) and type(atom.value) is int


def _is_one(atom: Atom) -> bool:
    return isinstance(atom, Const) and type(atom.value) in (int, float) and atom.value == 1
