"""A weighted sum of matrix products along many directions is one product.

    posed_dot = local @ turns_dot + places_dot[:, :, None, :]
    out_dot = np.sum(posed_dot * weights[:, :, None], axis=1)

becomes

    out_dot = np.einsum("jkm,ijml->ikl", local * weights[:, :, None], turns_dot, optimize=True)
    out_dot += np.einsum("ijl,jk->ikl", places_dot, weights, optimize=True)

What has no directions is multiplied first, once for all of them, and what would have had both the
directions and the axis of the sum is never made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from string import ascii_lowercase

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.kinds import DIRECTIONS, Kind, Length, stretches
from srcgrad.ir.library import acts, may_write
from srcgrad.ir.walk import AUGMENTED, MUTATORS, rebuild
from srcgrad.optimize.known import Known

LETTERS = ascii_lowercase[8:]
Terms = list[tuple[bool, Assign | Atom]]  # whether it is added; a product of matrices or a value


def sum_matrices(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with these sums as one product each. Statements that stay are the same."""
    if not any(kind.shape and kind.shape[0] == DIRECTIONS for kind in kinds.values()):
        return fn
    return replace(fn, body=_Sums(Known(fn, kinds)).block(fn.body))


class _Refused(Exception):
    """The sum stays as it is."""


class _Sums:
    def __init__(self, known: Known) -> None:
        self.known = known

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        made: dict[str, Assign] = {}  # while memory is as it was
        gone: set[Stmt] = set()
        for stmt in block:
            new = rebuild(stmt, self.block)
            if not isinstance(new, Assign) or not _is_quiet(new):
                made = {}
                out.append(new)
                continue
            try:
                code, used = _Sum(self.known, made, new).code()
                gone |= used
                out += code
            except _Refused:
                out.append(new)
            made[new.target] = new
        out = [stmt for stmt in out if stmt not in gone]
        same = len(out) == len(block) and all(a is b for a, b in zip(out, block, strict=True))
        return block if same else tuple(out)


def _is_quiet(stmt: Assign) -> bool:
    """True for what binds one variable and writes nowhere else."""
    fn = stmt.fn
    if not isinstance(fn, str) or len(stmt.targets) != 1 or fn in AUGMENTED or fn in MUTATORS:
        return False
    return not may_write(stmt) and not acts(fn)


class _Sum:
    """`stmt` as one product. `made`: the statements before it, by what they bind."""

    def __init__(self, known: Known, made: Mapping[str, Assign], stmt: Assign) -> None:
        self.known, self.made, self.stmt = known, made, stmt
        self.used: set[Stmt] = set()
        self.out: list[Stmt] = []
        axis = dict(stmt.kwargs).get("axis")
        if stmt.fn != "numpy.sum" or len(stmt.args) != 1 or len(stmt.kwargs) != 1:
            raise _Refused
        if not isinstance(axis, Const) or type(axis.value) is not int or axis.value < 1:
            raise _Refused
        self.axis = axis.value

    def code(self) -> tuple[list[Stmt], set[Stmt]]:
        """What takes the place of the sum, and the statements that were only there for it."""
        product = self.maker(self.stmt.args[0])
        if product is None or product.fn != "operator.mul":
            raise _Refused
        self.whole = self.shape(Var(product.target))
        if self.axis >= len(self.whole) - 2:
            raise _Refused
        kept = set(self.used)
        for value, weight in (product.args, product.args[::-1]):
            terms: Terms = []
            self.split(value, True, terms)
            if any(isinstance(term, Assign) for _, term in terms):
                self.weight, self.weights = weight, self.shape(weight)
                return self.added(terms), self.used
            self.used = set(kept)
        raise _Refused

    def maker(self, atom: Atom) -> Assign | None:
        """The statement that makes what is read here alone."""
        used: set[Stmt] = set()
        while isinstance(atom, Var) and atom.name in self.made and self.is_single(atom.name):
            found = self.made[atom.name]
            used.add(found)
            if found.fn != "copy":
                self.used |= used
                return found
            (atom,) = found.args
        return None

    def is_single(self, name: str) -> bool:
        """True for what a derivative makes once and reads once."""
        own = "%dot" in name or "%bar" in name
        return own and self.known.bound[name] == 1 and self.known.read[name] == 1

    def shape(self, atom: Atom) -> tuple[Length, ...]:
        """That of an array of double precision, which no other statement binds."""
        kind = self.known.kind(atom)
        if not isinstance(atom, Var) or self.known.bound[atom.name] != 1 or kind is None:
            raise _Refused
        if not kind.is_array or kind.dtype != "f8" or not kind.shape:
            raise _Refused
        return kind.shape

    def split(self, atom: Atom, plus: bool, terms: Terms) -> None:
        """The terms of a sum, those that are products of matrices by what makes them."""
        kept = set(self.used)
        found = self.maker(atom)
        if found is not None and found.fn == "operator.matmul":
            terms.append((plus, found))
        elif found is not None and found.fn in ("operator.add", "operator.sub"):
            first, second = found.args
            self.split(first, plus, terms)
            self.split(second, plus == (found.fn == "operator.add"), terms)
        else:
            self.used = kept
            terms.append((plus, atom))

    def added(self, terms: Terms) -> list[Stmt]:
        """The sums of all terms, added."""
        total: Atom | None = None
        for plus, term in terms:
            found = self.matrices(term) if isinstance(term, Assign) else self.plain(term)
            if total is None:
                total = found if plus else self.emit("operator.neg", found)
            else:
                total = self.emit("operator.add" if plus else "operator.sub", total, found)
        assert total is not None
        return [*self.out, replace(self.stmt, fn="copy", args=(total,), kwargs=())]

    def emit(self, fn: str, *args: Atom, **kwargs: Atom) -> Var:
        name = f"{self.stmt.target.partition('@b')[0]}@b{self.number()}"
        self.out.append(Assign((name,), fn, args, tuple(kwargs.items()), unit=self.stmt.unit))
        return Var(name)

    def number(self) -> str:
        """What no other temporary has behind its name."""
        return f"{self.stmt.target.rpartition('@b')[2]}m{len(self.out)}"

    def matrices(self, stmt: Assign) -> Var:
        """Of `fixed @ turned`: the weights times what is fixed, then one product."""
        fixed, turned = stmt.args
        left, right = self.shape(fixed), self.shape(turned)
        rank = len(self.whole)
        if right[0] != DIRECTIONS or len(right) != rank or left[0] == DIRECTIONS:
            raise _Refused
        if not 2 < len(left) < rank or not len(self.weights) <= len(left):
            raise _Refused
        if self.weights[-1] != 1 or self.axis < rank - len(left):
            raise _Refused
        self.spans((*left[:-1], 1), right, self.weights)
        letters, inner = LETTERS[:rank], LETTERS[rank]
        first = letters[rank - len(left) : -1] + inner
        second = letters[:-2] + inner + letters[-1]
        weighted = self.emit("operator.mul", fixed, self.weight)
        return self.product(first, weighted, second, turned, letters)

    def plain(self, value: Atom) -> Var:
        """Of a value: its product with the weights. Axes of length 1 are left out where they meet
        others, so that it is one of matrices."""
        own, rank = self.shape(value), len(self.whole)
        if self.weights[0] == DIRECTIONS:
            raise _Refused
        self.spans(own, self.weights)
        letters = LETTERS[:rank]
        kept, others = [True] * len(own), [True] * len(self.weights)
        for back in range(1, min(len(own), len(self.weights)) + 1):
            if self.weights[-back] == 1:
                others[-back] = False
            elif own[-back] == 1:
                kept[-back] = False
        first, given = self.without(value, kept, letters)
        second, weight = self.without(self.weight, others, letters)
        return self.product(first, given, second, weight, letters)

    def without(self, atom: Atom, kept: list[bool], letters: str) -> tuple[str, Atom]:
        """An operand without some axes of length 1, and the letters of the others."""
        own = letters[len(letters) - len(kept) :]
        left = "".join(letter for letter, keep in zip(own, kept, strict=True) if keep)
        gone = [Const(axis) for axis, keep in enumerate(kept) if not keep]
        if not gone:
            return left, atom
        axis = gone[0] if len(gone) == 1 else self.emit("tuple", *gone)
        return left, self.emit("numpy.squeeze", atom, axis=axis)

    def spans(self, *shapes: tuple[Length, ...]) -> None:
        """Some operand must have the axis of the sum in its whole length."""
        back = self.axis - len(self.whole)
        lengths = [shape[back] for shape in shapes if len(shape) >= -back]
        if all(stretches(length, self.whole[back]) for length in lengths):
            raise _Refused

    def product(self, first: str, a: Atom, second: str, b: Atom, letters: str) -> Var:
        summed = letters[self.axis]
        kept = "".join(x for x in letters if x in first + second and x != summed)
        text = Const(f"{first},{second}->{kept}")
        return self.emit("numpy.einsum", text, a, b, optimize=Const(True))
