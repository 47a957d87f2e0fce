"""A weighted sum of matrix products along many directions is one product.

    posed_dot = local @ turns_dot + places_dot[:, :, None, :]
    out_dot = np.sum(posed_dot * weights[:, :, None], axis=1)

becomes

    weighted = np.multiply(np.swapaxes(local, 1, 2), weights[:, None, :], order="C")
    out_dot = np.einsum("jmli,jmk->ikl", np.moveaxis(turns_dot, 0, -1), weighted, optimize=True)
    out_dot += np.einsum("jli,jk->ikl", np.moveaxis(places_dot, 0, -1), weights, optimize=True)

or, with a row for `places_dot` below those of `turns_dot` and one of ones below those of `local`,
one product. What has no directions is multiplied first, once for all of them, and what would have
had both the directions and the axis of the sum is never made. Axes are in the order in which a
product of matrices reads them, and the directions last in memory, as they are in a Jacobian: what
is large is copied nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, If, Stmt, Var
from srcgrad.ir.kinds import DIRECTIONS, Kind
from srcgrad.ir.library import acts, may_write
from srcgrad.ir.liveness import live_part
from srcgrad.ir.walk import AUGMENTED, MUTATORS, rebuild, same, walk
from srcgrad.optimize.known import Known
from srcgrad.optimize.matrix_products import Products, Refused, Terms, shape_of


def sum_matrices(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with these sums as one product each. Statements that stay are the same."""
    if not any(kind.shape and kind.shape[0] == DIRECTIONS for kind in kinds.values()):
        return fn
    body = _Sums(Known(fn, kinds)).block(fn.body)
    if body is fn.body:
        return fn
    catches = any(isinstance(stmt, If) and stmt.form == "try" for stmt in walk(body))
    return replace(fn, body=live_part(body, catches)[0])


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
            except Refused:
                out.append(new)
            made[new.target] = new
        out = [stmt for stmt in out if stmt not in gone]
        return same(block, out)


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
        axis = dict(stmt.kwargs).get("axis")
        if stmt.fn != "numpy.sum" or len(stmt.args) != 1 or len(stmt.kwargs) != 1:
            raise Refused
        if not isinstance(axis, Const) or type(axis.value) is not int or axis.value < 1:
            raise Refused
        self.axis = axis.value

    def code(self) -> tuple[list[Stmt], set[Stmt]]:
        """What takes the place of the sum, and the statements that were only there for it."""
        product = self.maker(self.stmt.args[0])
        if product is None or product.fn != "operator.mul":
            raise Refused
        whole = shape_of(self.known, Var(product.target))
        if self.axis >= len(whole) - 2:
            raise Refused
        kept = set(self.used)
        for value, weight in (product.args, product.args[::-1]):
            terms: Terms = []
            self.split(value, True, terms)
            if any(isinstance(term, Assign) for _, term in terms):
                products = Products(self.known, self.made, self.stmt, whole, self.axis, weight)
                return products.added(terms), self.used
            self.used = set(kept)
        raise Refused

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
