"""Statements on values that have the axis of directions, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Const, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import names, operands
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import lookup
from srcgrad.support_directions import in_array, no_view_of_number, once_each, to_rank

WHOLE = Const(None)
TO_RANK = canonical_name(to_rank)
ONCE_EACH = canonical_name(once_each)
IN_ARRAY = canonical_name(in_array)
NO_VIEW = canonical_name(no_view_of_number)
REPEATED = ("list", "tuple", "dict", "unknown")  # what the run has to repeat


class Unwritten(Exception):
    """An operation that cannot be done for many directions at once."""

    def __init__(self, reason: str, stmt: Stmt | None = None) -> None:
        super().__init__(reason)
        self.stmt = stmt


class Lanes:
    """Writes statements for the one at hand. `held`: the variables that have the axis."""

    def __init__(self, facts: KindFacts, held: set[str], taken: Iterable[str], count: Var) -> None:
        self.facts = facts
        self.held = held
        self.taken = set(taken)
        self.size = count
        self.counted = False
        self.rewrites = False  # some tangent is written in place
        self.apart = False  # what is read at hand is a number in the program, and no view
        self.perhaps: Atom | None = None  # as `apart`, if this operand is a number
        self.numbers: dict[str, int] = {}
        self.defs: dict[str, Assign] = {}

    def start(self, stmt: Stmt, out: list[Stmt]) -> None:
        """The statement at hand, and where what replaces it goes."""
        self.stmt = stmt
        self.out = out
        if isinstance(stmt, Assign) and len(stmt.targets) == 1 and "@" in stmt.targets[0]:
            self.defs[stmt.targets[0]] = stmt

    # what is known
    def kind(self, atom: Atom) -> Kind:
        """Kind of an operand without the axis."""
        return self.facts.before(self.stmt, atom)

    def has(self, atom: Atom) -> bool:
        """True for an operand that has the axis."""
        return isinstance(atom, Var) and atom.name in self.held

    def touches(self, stmt: Assign) -> bool:
        """True if an operand has the axis."""
        return not self.held.isdisjoint(names(operands(stmt)))

    def rank(self, atom: Atom) -> int:
        """The rank of an operand without the axis."""
        rank = self.kind(atom).rank
        if rank is None:
            raise Unwritten("the rank of an operand is not known", self.stmt)
        return rank

    def refuse(self, reason: str) -> Unwritten:
        return Unwritten(reason, self.stmt)

    # writing
    def emit(self, fn: str, *args: Atom, **kwargs: Atom) -> Var:
        """A temporary of an operation."""
        stmt = self.stmt
        stem = "out"
        if isinstance(stmt, Assign) and stmt.targets:
            stem = stmt.targets[0]
        elif isinstance(stmt, Store):
            stem = stmt.base.name
        made = self.named(stem)
        self.out.append(Assign((made.name,), fn, args, tuple(kwargs.items()), unit=stmt.unit))
        return made

    def named(self, like: str) -> Var:
        """A new temporary, named after a variable."""
        stem = like.split("@")[0]
        while True:
            number = self.numbers[stem] = self.numbers.get(stem, 0) + 1
            name = f"{stem}@b{number}"
            if name not in self.taken:
                self.taken.add(name)
                return Var(name)

    def done(self, fn: str, *args: Atom, **kwargs: Atom) -> None:
        """The operation that gives the target of the statement at hand."""
        stmt = self.stmt
        assert isinstance(stmt, Assign)
        if self.apart and self.rewrites:
            self.apart = False
            self.done("method.copy", self.emit(fn, *args, **kwargs))
            return
        if self.perhaps is not None and self.rewrites:
            of, self.perhaps = self.perhaps, None
            self.done(NO_VIEW, self.emit(fn, *args, **kwargs), of)
            return
        same = fn == stmt.fn and args == stmt.args and tuple(kwargs.items()) == stmt.kwargs
        new = Assign(stmt.targets, fn, args, tuple(kwargs.items()), unit=stmt.unit)
        self.out.append(stmt if same else new)

    def directions(self) -> Var:
        """How many directions there are."""
        self.counted = True
        return self.size

    def whole(self) -> Var:
        """`:` in an index"""
        return self.emit("slice", WHOLE, WHOLE, WHOLE)

    def tuple(self, *atoms: Atom) -> Var:
        return self.emit("tuple", *atoms)

    def lifted(self, atom: Atom, rank: int) -> Atom:
        """An operand that is to be stretched to a rank: `x[:, None]` where it has the axis."""
        missing = rank - self.rank(atom)
        if not self.has(atom) or missing <= 0:
            return atom
        index = self.tuple(self.whole(), *[Const(None)] * missing)
        return self.emit("operator.getitem", atom, index)

    def flat(self, atom: Atom) -> Var:
        """An operand with the axis as a vector for each direction."""
        shape = self.tuple(self.directions(), Const(-1))
        return self.emit("numpy.reshape", atom, shape)

    def lifted_at_run_time(self, atoms: Sequence[Atom], fn: str) -> list[Atom]:
        """Operands of one operation whose ranks the run has to look up."""
        if fn.startswith("operator.i"):
            raise self.refuse("the rank of an operand is not known")
        ranks: list[Atom] = []
        for atom in atoms:
            kind = self.kind(atom)
            if kind.is_container:
                raise self.refuse("the rank of an operand is not known")
            if kind.rank is not None:
                ranks.append(Const(kind.rank))
                continue
            found = self.emit("numpy.ndim", atom)
            ranks.append(self.emit("operator.sub", found, Const(1)) if self.has(atom) else found)
        rank = self.emit("builtins.max", *ranks)
        return [self.emit(TO_RANK, a, rank) if self.has(a) else a for a in atoms]

    def full(self, atom: Atom) -> Atom:
        """An operand with the axis: one that has none, once for each direction."""
        if self.has(atom):
            return atom
        kind = self.kind(atom)
        if kind.tag in ("none", "str"):
            return atom
        if kind.is_scalar:
            return self.emit("numpy.full", self.directions(), atom)
        made = self.defs.get(atom.name) if isinstance(atom, Var) else None
        if kind.tag in ("list", "tuple") and made is not None and made.fn == kind.tag:
            return self.emit(kind.tag, *self.items(made))  # written in the statement itself
        if kind.is_array:
            return self.repeated(atom)
        if kind.tag not in REPEATED:
            raise self.refuse(f"a {kind.tag} is needed once for each direction")
        return self.emit(ONCE_EACH, atom, self.directions())

    def own(self, atom: Atom) -> Atom:
        """A tangent that is returned: a number is one for each direction, in memory of its own."""
        found = self.full(atom)
        made = self.defs.get(atom.name) if isinstance(atom, Var) else None
        while made is not None and made.fn == "copy" and isinstance(made.args[0], Var):
            made = self.defs.get(made.args[0].name)
        if found is not atom or not self.kind(atom).is_scalar:
            return found
        prim = lookup(made.fn) if made is not None and isinstance(made.fn, str) else None
        if made is not None and made.fn != "operator.getitem" and prim is not None:
            return found if prim.view is None else self.emit("method.copy", found)
        return self.emit("method.copy", found)

    def repeated(self, atom: Atom) -> Var:
        """Copies of an array, one for each direction."""
        first = self.emit("operator.getitem", atom, Const(None))
        return self.emit("numpy.repeat", first, self.directions(), axis=Const(0))

    def widen(self, stmt: Assign) -> None:
        """A value without the axis for a variable that has it."""
        like = stmt.fn in ("numpy.zeros_like", "numpy.ones_like") and len(operands(stmt)) == 1
        if like and self.kind(stmt.args[0]).is_array:
            lengths = self.emit("attr.shape", stmt.args[0])
            shape = self.emit("operator.add", self.tuple(self.directions()), lengths)
            self.done(str(stmt.fn), *stmt.args, shape=shape)
            return
        if stmt.fn in ("list", "tuple", "dict"):
            self.done(str(stmt.fn), *self.items(stmt))
            return
        if len(stmt.targets) != 1:
            raise self.refuse("several values are unpacked")
        kind = self.facts.after(stmt, stmt.target)
        if kind.tag in ("none", "str"):
            self.out.append(stmt)
            return
        if not kind.is_scalar and not kind.is_array and kind.tag not in REPEATED:
            raise self.refuse(f"a {kind.tag} is needed once for each direction")
        value = self.emit(str(stmt.fn), *stmt.args, **dict(stmt.kwargs))
        if kind.tag in REPEATED:
            self.done(ONCE_EACH, value, self.directions())
        elif kind.is_scalar:
            self.done("numpy.full", self.directions(), value)
        else:
            first = self.emit("operator.getitem", value, Const(None))
            self.done("numpy.repeat", first, self.directions(), axis=Const(0))

    def items(self, stmt: Assign) -> list[Atom]:
        """Items of a new container, all with the axis; keys of a dict stay."""
        if stmt.fn == "dict":
            return [self.full(atom) if place % 2 else atom for place, atom in enumerate(stmt.args)]
        return [self.full(atom) for atom in stmt.args]
