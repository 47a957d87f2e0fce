"""A product that is only summed up is summed as it is made.

    t = g * x                            x_bar = np.einsum("ij,ij->j", g, x)
    x_bar = np.sum(t, axis=0)     ->     y_bar = np.dot(v, w)
    y_bar = np.sum(v * w)

The product needs no memory then, and is not read once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from string import ascii_lowercase

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, stretches
from srcgrad.ir.walk import reads, rebuild, same
from srcgrad.optimize.known import Known
from srcgrad.optimize.sum_matrices import sum_matrices

LETTERS = ascii_lowercase[8:]


def sum_products(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with sums of products as `np.einsum`, in the derivative's own statements.

    Statements that stay as they are are the same objects.
    """
    fn = sum_matrices(fn, kinds)
    return replace(fn, body=_Sums(Known(fn, kinds)).block(fn.body))


class _Sums:
    def __init__(self, known: Known) -> None:
        self.known = known
        self.gone: set[Stmt] = set()  # what was only there to be summed up
        self.early: dict[Stmt, list[Stmt]] = {}  # product -> what stands in its place

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        products: dict[str, Assign] = {}  # while memory is as it was
        before: dict[str, Assign] = {}  # those made before an adjoint was stored into
        users: dict[str, list[str]] = {}  # variable -> products that read it
        for stmt in block:
            new = rebuild(stmt, self.block)
            if not isinstance(new, Assign) or len(new.targets) != 1:
                is_own = isinstance(new, Store) and new.base.name.endswith("%bar")
                before = {**before, **products} if is_own else {}
                products = {}
                out.append(new)
                continue
            if not self.is_early(new, before):
                found = self.divided(new, products) or self.summed(new, products)
                out += found or (new,)
            for name in users.pop(new.target, ()):
                products.pop(name, None)
            if self.is_product(new):
                products[new.target] = new
                for name in reads(new):
                    users.setdefault(name, []).append(new.target)
        out = [part for stmt in out for part in self.early.get(stmt, (stmt,))]
        out = [stmt for stmt in out if stmt not in self.gone]
        return same(block, out)

    def is_early(self, stmt: Assign, before: Mapping[str, Assign]) -> bool:
        """True for a sum that is put where its product was made, memory being other now."""
        value = stmt.args[0] if stmt.fn == "numpy.sum" and stmt.args else None
        product = before.get(value.name) if isinstance(value, Var) else None
        axis = dict(stmt.kwargs).get("axis", Const(None))
        if product is None or product.unit != stmt.unit or not isinstance(axis, Const):
            return False
        code = self.summed(stmt, before) if self.known.bound[stmt.target] == 1 else None
        if code is not None:
            self.early[product] = code
        return code is not None

    def is_product(self, stmt: Assign) -> bool:
        name = stmt.target
        made = stmt.fn in ("operator.mul", "operator.truediv")
        return made and self.known.is_single(name) and "@b" in name

    def divided(self, stmt: Assign, products: Mapping[str, Assign]) -> list[Stmt] | None:
        """The sum of quotients by what is the same along the axes: divided when it is summed up."""
        options = dict(stmt.kwargs)
        if stmt.fn != "numpy.sum" or options.get("keepdims") != Const(True):
            return None
        value, axes = stmt.args[0], self.axes(options.get("axis"))
        quotient = products.get(value.name) if isinstance(value, Var) else None
        if quotient is None or quotient.fn != "operator.truediv" or axes is None:
            return None
        whole, same = map(self.known.kind, quotient.args)
        if whole is None or same is None or not whole.rank or not same.rank:
            return None
        before = whole.rank - same.rank  # axes that what divides does not have
        inside = [axis for axis in axes if before <= axis < whole.rank]
        lengths = same.shape or ()
        if before < 0 or inside != axes or any(lengths[axis - before] != 1 for axis in axes):
            return None
        inner = replace(stmt, targets=(f"{stmt.target}q",), args=quotient.args[:1])
        over = (Var(inner.target), quotient.args[1])
        code = self.summed(inner, products) or [inner]
        self.gone.add(quotient)
        return [*code, replace(stmt, fn="operator.truediv", args=over, kwargs=())]

    def summed(self, stmt: Assign, products: Mapping[str, Assign]) -> list[Stmt] | None:
        """The sum along axes of a product of arrays, both of known rank."""
        options = dict(stmt.kwargs)
        if stmt.fn != "numpy.sum" or not stmt.args or not isinstance(stmt.args[0], Var):
            return None
        product = products.get(stmt.args[0].name)
        if product is None or product.fn != "operator.mul" or len(stmt.args) != 1:
            return None
        if not options.keys() <= {"axis", "keepdims"}:
            return None
        if options.get("keepdims", Const(False)) not in (Const(True), Const(False)):
            return None
        if options.get("axis", Const(None)) == Const(None) and self.is_dot(product):
            self.gone.add(product)
            return [replace(stmt, fn="numpy.dot", args=product.args, kwargs=())]
        ranks = [self.rank(atom) for atom in product.args]
        axes = self.axes(options.get("axis"))
        if axes is None or None in ranks:
            return None
        rank = max(r for r in ranks if r is not None)
        if len(axes) >= rank or rank > len(LETTERS) or any(axis >= rank for axis in axes):
            return None
        self.gone.add(product)
        letters = LETTERS[:rank]
        parts = ",".join(letters[rank - (r or 0) :] for r in ranks)
        kept = "".join(letter for i, letter in enumerate(letters) if i not in axes)
        args = (Const(f"{parts}->{kept}"), *product.args)
        if options.get("keepdims") != Const(True):
            return [replace(stmt, fn="numpy.einsum", args=args, kwargs=())]
        inner = f"{product.target}s"
        whole = Assign((inner,), "numpy.einsum", args, unit=stmt.unit)
        axis = options["axis"]
        return [whole, replace(stmt, fn="numpy.expand_dims", args=(Var(inner), axis), kwargs=())]

    def is_dot(self, product: Assign) -> bool:
        """True for vectors of the same length."""
        shapes = []
        for atom in product.args:
            kind = self.known.kind(atom)
            if kind is None or not kind.is_array or kind.dtype != "f8" or kind.rank != 1:
                return False
            shapes.append(kind.shape or ())
        (a,), (b,) = shapes
        return not stretches(a, b)

    def rank(self, atom: Atom) -> int | None:
        """Of an array of double precision: sums of shorter numbers are added up in pairs."""
        kind = self.known.kind(atom)
        known = kind is not None and kind.is_array and kind.dtype in ("f8", "c16")
        return kind.rank or None if kind is not None and known else None

    def axes(self, atom: Atom | None) -> list[int] | None:
        if isinstance(atom, Const):
            return [atom.value] if type(atom.value) is int and atom.value >= 0 else None
        made = self.known.maker(atom)
        if made is None or made.fn != "tuple":
            return None
        parts = [self.axes(part) if isinstance(part, Const) else None for part in made.args]
        return None if None in parts else [axis for part in parts if part for axis in part]
