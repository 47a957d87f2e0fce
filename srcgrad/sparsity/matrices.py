"""Sparse Jacobians and Hessians: a pattern, colours for it, and a product for each colour."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.api import grad
from srcgrad.argnums import ArgNums
from srcgrad.backends.lowered import Lowered
from srcgrad.composites import Composite
from srcgrad.directional import called_along
from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.ir.classes import dataclass
from srcgrad.jacobians import _usable, hvp
from srcgrad.manydirections import ManyDirections, along, many_directions
from srcgrad.signatures import bound_arguments, signature_of
from srcgrad.sparsity.acyclic import planned_acyclic
from srcgrad.sparsity.items import Items, Readings
from srcgrad.sparsity.pattern import Pattern
from srcgrad.sparsity.recover import Plan, planned, planned_symmetric
from srcgrad.sparsity.surroundings import copied, held_by, trees_equal
from srcgrad.sparsity.vectors import Layout
from srcgrad.support_tangents import zero_tangent

KEPT = 8  # patterns of one function
ROOM = 1 << 22  # numbers in the tangents of one run


@dataclass(frozen=True, slots=True)
class _Found:
    """A plan, and what it was made for."""

    key: tuple[Any, ...]
    others: list[Any]  # other arguments, then values of global names
    copies: list[Any]  # of these, as they were
    plan: Plan

    def holds(self, key: tuple[Any, ...], others: list[Any]) -> bool:
        """Whether the pattern is that of another call."""
        now = [*others, *self.others[len(others) :]]
        return self.key == key and trees_equal(self.copies, now)


class SparseJacobian(Composite):
    """The Jacobian as a matrix of SciPy's; see `sparse_jacobian`."""

    label = "sparse jacobian"
    reads = True  # rows may be found by what the function reads of its arguments first

    def __init__(
        self, f: Callable[..., Any], argnums: ArgNums, backend: str, pattern: Any = None
    ) -> None:
        super().__init__(f, argnums, backend)
        kept = pattern is None or isinstance(pattern, Plan)
        self.given: Plan | None = pattern if kept else self._plan(Pattern.of(pattern))
        self._found: list[_Found] = []
        self._readings: dict[tuple[Any, ...], Readings] = {}

    def _plan(self, pattern: Pattern) -> Plan:
        return planned(pattern)

    def _function(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What the matrix is the Jacobian of, as a function whose program can be read."""
        return self.primal

    def pattern(self, *args: Any, **kwargs: Any) -> Pattern:
        """Where the matrix may have elements that are not 0, for these arguments."""
        return self.plan(*args, **kwargs).pattern

    def plan(self, *args: Any, **kwargs: Any) -> Plan:
        """The pattern with its colours, for these arguments."""
        return self._planned(*self._promoted(args, kwargs))

    def _promoted(
        self, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with floats for integers that are differentiated: `3` means 3.0."""
        given = signature_of(self).bind(*args, **kwargs)
        for name in self.wrt:
            if type(given.arguments.get(name)) is int:
                given.arguments[name] = float(given.arguments[name])
        return given.args, given.kwargs

    def _planned(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Plan:
        if self.given is not None:
            return self.given
        key, others = self._key(args, kwargs)
        for found in self._found:
            if found.holds(key, others):
                return found.plan
        if self.primal is None:
            raise SrcgradError(f"{self!r} was unpickled without its function: give `pattern=`")
        from srcgrad.sparsity.find import find_pattern  # the compiler: not before it is needed

        function = self._function(args, kwargs)
        read = find_pattern(function, args, kwargs, self.wrt, self.reads)
        plan = self._by_items(read.items, args, kwargs)
        if plan is None:
            plan = self._plan(read.pattern)
            self._check(plan, args, kwargs)
        if not read.pattern.hangs_on:
            values = [*others, *read.surroundings]
            found = _Found(key, values, [trees.map_leaves(copied, v) for v in values], plan)
            self._found = [found, *self._found][:KEPT]
        return plan

    def _by_items(
        self, items: Items | None, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Plan | None:
        """A plan by what the function reads of its arguments first, where that is cheaper and the
        function of that can be written."""
        plan = None if items is None else items.plan()
        if plan is not None:
            try:
                self._check(plan, args, kwargs)
            except Exception:  # as it stands, the function has a Jacobian in any case
                return None
        return plan

    def _key(
        self, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], list[Any]]:
        """What a pattern holds for: kinds and shapes of what is differentiated; all of the rest."""
        given = signature_of(self).bind(*args, **kwargs)
        given.apply_defaults()
        parts = [trees.flatten(given.arguments[name]) for name in self.wrt]
        key = [
            (structure, *((type(leaf), np.shape(leaf)) for leaf in leaves))
            for leaves, structure in parts
        ]
        others = [v for n, v in given.arguments.items() if n not in self.wrt]
        if self.primal is not None:
            others += held_by(self.primal)
        return (self._version(args, kwargs), *key), others

    def _version(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Lowered:
        """The generated function for these arguments: another one, where a global is another."""
        return self.lower(*args, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        csr_matrix = importlib.import_module("scipy.sparse").csr_matrix  # SciPy is optional
        args, kwargs = self._promoted(args, kwargs)
        plan = self._planned(args, kwargs)
        elements = plan.elements(self._products(plan, args, kwargs))
        if self.given is not None:
            self._compare(plan, elements, args, kwargs)
        pattern = plan.pattern
        return csr_matrix((elements, pattern.indices, pattern.indptr), shape=pattern.shape)

    def freeze(self, path: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        """Write a module with a function that gives this matrix, for arguments of these shapes.

        The pattern and the colours are in it, or in an `.npz` beside it where they are long; it
        does not need srcgrad. Raises `SrcgradError` for patterns that hang on the arguments, and
        for arguments or values that are neither arrays nor numbers.
        """
        from srcgrad.sparsity.frozen import Source, freeze

        args, kwargs = self._promoted(args, kwargs)
        plan = self._planned(args, kwargs)
        if plan.way == "items":  # what it reads, it reads by these arguments
            plan = self._plan(plan.pattern)
        given = bound_arguments(signature_of(self), args, kwargs, self.wrt, False)
        value = self._differentiable()(*args, **kwargs)
        named = {name: given.arguments[name] for name in self.wrt}
        kind = self.label.split()[1]
        title = f"Sparse {kind.capitalize()} of `{self.__name__}` by {', '.join(self.wrt)}."
        lowered = self._at_once_lowered(plan, args, kwargs)
        freeze(path, Source(lowered, named, value, title, f"{self.__name__}_{kind}"), plan)

    def _at_once_lowered(
        self, plan: Plan, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Lowered:
        """What gives all products of a plan in one run."""
        function = self._differentiable()
        many = ManyDirections(function, self.wrt, "vjps" if plan.way == "rows" else "jvps")
        lowered = many.lower(args, kwargs)
        if isinstance(lowered, str):
            raise SrcgradError(f"freeze: {lowered}")
        return lowered

    # products with the matrix
    def _products(self, plan: Plan, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """One row for each colour."""
        if plan.way == "items":
            return self._read_rows(plan, args, kwargs)
        backward = plan.way == "rows"
        way = self._backward if backward else self._forward
        products = way(plan.seeds(), args, kwargs)
        what = ("columns", "numbers in the arguments") if backward else ("rows", "in the value")
        self._fits(plan.pattern.shape[backward], products.shape[1], *what)
        return products

    def _read_rows(self, plan: Plan, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Rows of the matrix by the arguments and by what is read of them first."""
        layout = self._layout(args, kwargs)
        self._fits(plan.pattern.shape[1], layout.size, "columns", "numbers in the arguments")
        used = (section.used for section in plan.sections)
        key, function = (*plan.positions, *used), self._differentiable()
        if key not in self._readings:
            self._readings[key] = Readings(function, self.wrt, plan)
        return self._readings[key].rows(plan, layout.given, args, kwargs)

    def _layout(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Layout:
        given = signature_of(self).bind(*args, **kwargs)
        given.apply_defaults()
        return Layout([given.arguments[name] for name in self.wrt])

    def _forward(self, seeds: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Columns of the matrix summed as the seeds say."""
        given = self._layout(args, kwargs)
        self._fits(seeds.shape[1], given.size, "columns", "numbers in the arguments")
        many = many_directions(self._differentiable(), self.wrt).lower(args, kwargs)
        if len(seeds) and isinstance(many, Lowered):
            with suppress(Exception):  # what the program itself raises comes again below
                return self._at_once(many, seeds, given, args, kwargs)
        products = []
        for seed in seeds:
            dots = given.trees_of(seed, zero_tangent)
            products.append(self._pushed(dict(zip(self.wrt, dots, strict=True)), args, kwargs))
        return np.array(products) if products else np.zeros((0, self._rows(args, kwargs)))

    def _at_once(
        self,
        many: Lowered,
        seeds: Any,
        given: Layout,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        """Products along many directions in one run, or in a few where they are long."""
        products = []
        step = max(4, ROOM // max(given.size, 1))
        for start in range(0, len(seeds), step):
            part = seeds[start : start + step]
            dots = given.trees_of(part, zero_tangent)
            _, found = along(many, args, kwargs, dots, len(part))
            rows = [tangent.reshape(len(part), -1) for tangent in found]
            products.append(np.concatenate(rows, axis=1))
        return np.concatenate(products)

    def _pushed(self, dots: dict[str, Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value, tangent = called_along(self._differentiable(), tuple(args), dots, dict(kwargs))
        return Layout([value]).vector_of([tangent])

    def _differentiable(self) -> Any:
        if self.primal is None:
            raise SrcgradError(f"{self!r} was unpickled without its function")
        return self.primal

    def _rows(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> int:
        value, _ = self.pulls(*args, **kwargs)
        return Layout([value]).size

    def _backward(self, seeds: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Rows of the matrix summed as the seeds say."""
        point = self.pulled(args, kwargs)
        layout, given = Layout([point.value]), self._layout(args, kwargs)
        self._fits(seeds.shape[1], layout.size, "rows", "numbers in the value")
        rows = [
            given.vector_of(point.back(layout.trees_of(seed, trees.zeros_like)[0]))
            for seed in seeds
        ]
        return np.array(rows) if rows else np.zeros((0, given.size))

    def _fits(self, found: int, size: int, what: str, of: str) -> None:
        if found != size:
            raise SrcgradError(f"the pattern has {found} {what}, and there are {size} {of}")

    # checks
    def _check(self, plan: Plan, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Look for what the rules of patterns may have missed: a product that does not fit."""
        elements = plan.elements(self._products(plan, args, kwargs))
        self._compare(plan, elements, args, kwargs)

    def _compare(
        self, plan: Plan, elements: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """One more product, in a random direction, must be that of the matrix found."""
        pattern = plan.pattern
        rng = np.random.default_rng()
        if plan.by_rows:
            seed = rng.uniform(0.5, 1.5, pattern.shape[0])
            product = self._backward(seed[None], args, kwargs)[0]
            places, factors = pattern.indices, seed[pattern.rows]
        else:
            seed = rng.uniform(0.5, 1.5, pattern.shape[1])
            product = self._forward(seed[None], args, kwargs)[0]
            places, factors = pattern.rows, seed[pattern.indices]
        size = len(product)
        expected = np.bincount(places, elements * factors, size)
        scale = np.bincount(places, np.abs(elements * factors), size)
        eps = max(float(np.finfo(product.dtype).eps), self._layout(args, kwargs).eps)
        tolerance = eps ** (2 / 3) * (scale + np.abs(product)) + eps * np.max(scale, initial=0)
        off = np.abs(product - expected) > tolerance
        if np.any(off):
            raise SrcgradError(
                f"{self.label} of {self.__name__}: the pattern misses elements, for instance in "
                f"{'column' if plan.by_rows else 'row'} {int(np.argmax(off))}"
            )


COLOURINGS: dict[str, Callable[[Pattern], Plan]] = {
    "star": planned_symmetric,
    "acyclic": planned_acyclic,
}


class SparseHessian(SparseJacobian):
    """The Hessian of a scalar function as a matrix of SciPy's; see `sparse_hessian`."""

    label = "sparse hessian"
    reads = False

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: ArgNums,
        backend: str,
        pattern: Any = None,
        colouring: str = "star",
    ) -> None:
        self.colouring = colouring
        super().__init__(f, argnums, backend, pattern)

    def differentiated(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return grad(f, self.wrt[0] if self.single else self.wrt)

    def _differentiable(self) -> Any:
        return self.differentiated(super()._differentiable())

    def _function(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return self._version(args, kwargs).function

    def _version(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Lowered:
        lowered: Lowered = self._differentiable().lower(*args, **kwargs)
        return lowered

    def _plan(self, pattern: Pattern) -> Plan:
        if pattern.shape[0] != pattern.shape[1]:
            raise SrcgradError("the pattern of a Hessian is square")
        return COLOURINGS[self.colouring](pattern.symmetric())

    def _pushed(self, dots: dict[str, Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Forward over reverse; where that is refused, as `hvp` does it."""
        try:
            return super()._pushed(dots, args, kwargs)
        except UnsupportedError:
            direction = [dots[name] for name in self.wrt]
            product = hvp(self.primal, self.wrt[0] if self.single else self.wrt)
            found = product(*args, direction[0] if self.single else tuple(direction), **kwargs)
            return self._layout(args, kwargs).vector_of([found] if self.single else found)


def sparse_jacobian(
    f: Any = None, argnums: ArgNums = 0, *, pattern: Any = None, backend: str = "numpy"
) -> Any:
    """The Jacobian of a function as a sparse matrix, by few products with it.

    One row for each number of the value, one column for each number of the arguments, in the order
    of their leaves. The result is a `scipy.sparse.csr_matrix` that stores every position of the
    pattern, zeros included. `.pattern(*args)` gives the pattern, `.plan(*args)` its colours. The
    pattern is found by running the program with sets of inputs beside its values, once for each
    shape; again at each call, where the way of the run hangs on the inputs. `pattern` gives it: a
    `Pattern`, a plan, a sparse matrix, or an array that is not 0 where elements are. Then each call
    tests it in a random direction, and raises `SrcgradError` where it misses elements.
    """
    return _usable(_with_pattern(SparseJacobian, pattern), f, argnums, backend)


def sparse_hessian(
    f: Any = None,
    argnums: ArgNums = 0,
    *,
    pattern: Any = None,
    colouring: str = "star",
    backend: str = "numpy",
) -> Any:
    """The Hessian of a scalar function as a sparse matrix; see `sparse_jacobian`.

    The pattern is that of the Jacobian of the gradient. Products of the Hessian are read by a star
    colouring, which needs fewer of them than the matrix has columns that meet; `"acyclic"` needs
    fewer still, and finds elements one after another by substitution, which adds up rounding.
    Raises `SrcgradError` for any other `colouring`.
    """
    if colouring not in COLOURINGS:
        raise SrcgradError(f"colouring={colouring!r}: one of {', '.join(COLOURINGS)}")
    return _usable(_with_pattern(SparseHessian, pattern, colouring), f, argnums, backend)


def _with_pattern(cls: Any, *given: Any) -> Any:
    return lambda f, argnums, backend: cls(f, argnums, backend, *given)
