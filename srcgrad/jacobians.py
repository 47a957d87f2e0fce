"""Jacobians, Hessians and products with them: a generated pullback, called as often as needed.

Each is an object that stands in for a function, as a `Derivative` does, and keeps one generated
pullback for each tuple of argument kinds. What the pullback is run on and how its results are put
together is all that differs between them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.api import grad
from srcgrad.argnums import ArgNums
from srcgrad.backends.lowered import Lowered
from srcgrad.columns import by_columns
from srcgrad.composites import Composite, Pulled
from srcgrad.directional import slope_along
from srcgrad.elementwise import Elementwise
from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.manydirections import ManyDirections, all_rows, many_directions
from srcgrad.pulling import checked
from srcgrad.signatures import operands_of

MANY = 8  # columns at once cost about as much as one row in so many


class Jacobian(Composite):
    """All derivatives of all numbers of the value; see `jacrev`."""

    label = "jacobian"

    def __init__(self, f: Callable[..., Any], argnums: ArgNums, backend: str) -> None:
        super().__init__(f, argnums, backend)
        self.many = ManyDirections(self.differentiated(f), self.wrt, "vjps")
        self.compiles = backend != "numpy"
        self.reason = ""

    def _at_once(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Lowered | str:
        """The pullback of many cotangents; a text that says why there is none."""
        if self.compiles:
            return "many cotangents at once: not as compiled loops"
        return self.many.lower(args, kwargs)

    def lower(self, *args: Any, **kwargs: Any) -> Lowered:
        """The pullback for arguments of these kinds: its `.source`, and `.function`."""
        found = self._at_once(args, kwargs)
        return self.pulls.lower(*args, **kwargs) if isinstance(found, str) else found

    @property
    def source(self) -> str:
        """Text of the pullback made last."""
        return self.pulls.source if self.reason else self.many.made.source

    def save(self, path: Any) -> None:
        """Write `.source` to a file, whole or not at all."""
        (self.pulls if self.reason else self.many.made).save(path)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._rows_of(*self._point(args, kwargs), args, kwargs)

    def _point(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Pulled, bool]:
        """The function at the arguments, and whether its pullback takes many cotangents."""
        lowered = self._at_once(args, kwargs)
        self.reason = lowered if isinstance(lowered, str) else ""
        if isinstance(lowered, str):
            return self.pulled(args, kwargs), False
        bound = self.bound(args, kwargs)
        value, pull = lowered.function(*args, **kwargs)
        given = [bound.arguments[name] for name in self.wrt]
        return Pulled(self, value, pull, given), True

    def _rows_of(
        self, point: Pulled, at_once: bool, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """The Jacobian at a point, row by row or by all rows together."""
        leaves, structure = trees.flatten(point.value)
        if not any(map(trees.is_float_leaf, leaves)):
            raise SrcgradError(f"{self.__name__} returns nothing that has a derivative")
        if at_once:
            try:
                parts = all_rows(point.value, point.pull, point.given)
                made = [
                    self.result(part) if trees.is_float_leaf(leaf) else leaf
                    for leaf, part in zip(leaves, parts, strict=True)
                ]
                return trees.unflatten(structure, made)
            except Exception as error:  # one at a time is what must work
                self.reason = f"many cotangents at once: {type(error).__name__}: {error}"
            point = self.pulled(args, kwargs)
        rows = [
            self.result(_rows(point, leaves, k)) if trees.is_float_leaf(leaf) else leaf
            for k, leaf in enumerate(leaves)
        ]
        return trees.unflatten(structure, rows)


def _rows(point: Pulled, leaves: Sequence[Any], k: int) -> list[Any]:
    """Derivatives of leaf `k` of the value: arrays of its shape and the argument's, by argument."""
    _, structure = trees.flatten(point.value)
    shape = np.shape(leaves[k])
    filled: list[Any] | None = None
    for index, seed in _units(leaves[k]):
        seeds = [trees.zeros_like(leaf) for leaf in leaves]
        seeds[k] = seed
        parts = point.back(trees.unflatten(structure, seeds))
        if not shape:
            return parts
        if filled is None:
            filled = [trees.map_leaves(partial(_room, shape), part) for part in parts]
        for target, part in zip(filled, parts, strict=True):
            trees.map_leaves(partial(_put, index), target, part)
    if filled is None:  # a value without elements
        filled = [trees.map_leaves(partial(_room, shape), arg) for arg in point.given]
    return filled


def _units(leaf: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Each position in an array, and the array that is one there and zero elsewhere."""
    if not isinstance(leaf, np.ndarray):
        yield (), type(leaf)(1)
        return
    for index in np.ndindex(leaf.shape):
        seed = np.zeros_like(leaf, subok=False)
        seed[index] = 1
        yield index, seed


def _room(shape: tuple[int, ...], part: Any) -> Any:
    if not trees.is_float_leaf(part):
        return part
    return np.empty(shape + np.shape(part), np.asarray(part).dtype)


def _put(index: tuple[int, ...], target: Any, part: Any) -> Any:
    if isinstance(target, np.ndarray) and trees.is_float_leaf(part):
        target[index] = part
    return target


class Picked(Jacobian):
    """A Jacobian by columns where there are fewer of them than rows; see `jacobian`."""

    def __init__(self, f: Callable[..., Any], argnums: ArgNums, backend: str) -> None:
        super().__init__(f, argnums, backend)
        self.last: tuple[Any, int] | None = None  # forms of arguments, and the size of the value

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self.bound(args, kwargs)
        given = [bound.arguments[name] for name in self.wrt]
        if self.primal is None or not all(map(_is_real, given)):
            return super().__call__(*args, **kwargs)
        columns = sum(map(np.size, given))
        rows, point = self._rows(given, args, kwargs)
        if columns < rows or columns < MANY * rows and isinstance(self._at_once(args, kwargs), str):
            found = self._columns(bound, columns < rows)
            if found is not None and (self.last is None or self._is_of(found, rows * columns)):
                return found
            if found is not None and point is None:  # the value is another one than it was
                self.last = None
                return self(*args, **kwargs)
        return (
            super().__call__(*args, **kwargs)
            if point is None
            else self._rows_of(*point, args, kwargs)
        )

    def _rows(
        self, given: Sequence[Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[int, tuple[Pulled, bool] | None]:
        """How many numbers there are in the value, 0 for what is no array or number; and the
        function at the arguments, if that took running it. It is taken to have as many as it had
        for arguments of the same forms."""
        forms = [*map(_form, args), *((name, _form(arg)) for name, arg in kwargs.items())]
        if self.last is not None and self.last[0] == forms:
            return self.last[1], None
        point = self._point(args, kwargs)
        value = point[0].value
        rows = np.size(value) if _is_real(value) else 0
        self.last = forms, rows
        return rows, point

    def _is_of(self, found: Any, size: int) -> bool:
        """Whether a Jacobian by columns is that of as many numbers as were expected."""
        parts = [found] if self.single else found
        return all(map(_is_real, parts)) and sum(map(np.size, parts)) == size

    def _columns(self, bound: inspect.BoundArguments, always: bool) -> Any:
        """The Jacobian in forward mode; None where that is not possible, or would need a run for
        each number of the arguments and is not asked for `always`."""
        f = self._forward()
        given = operands_of(bound)
        many = (many_directions(f, (name,)).lower(*given) for name in self.wrt)
        try:
            if always or all(isinstance(lowered, Lowered) for lowered in many):
                return by_columns(f, bound, self.wrt, self.single)[0]
        except UnsupportedError:  # in forward mode
            pass
        return None

    def _forward(self) -> Callable[..., Any]:
        """The function whose columns are taken."""
        assert self.primal is not None
        return self.primal


def _form(arg: Any) -> Any:
    """What is quickly seen of an argument, and mostly tells the size of the value."""
    return arg.shape if isinstance(arg, np.ndarray) else type(arg)


def _is_real(value: Any) -> bool:
    """Whether a value is a real floating-point number or array."""
    return trees.is_float_leaf(value) and not np.iscomplexobj(value)


class Hessian(Picked):
    """All second derivatives of a scalar function; see `hessian`."""

    label = "hessian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self.bound(args, kwargs)
        given = [bound.arguments[name] for name in self.wrt]
        try:
            found = super().__call__(*args, **kwargs)
        except UnsupportedError as refused:
            if self.primal is None or not all(map(_is_real, given)):
                raise
            return self._by_products(args, kwargs, given, refused)
        if all(map(_is_real, given)):
            return found
        return trees.restructure(found, given[0] if self.single else tuple(given))

    def _by_products(
        self,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: Sequence[Any],
        refused: UnsupportedError,
    ) -> Any:
        """Column by column, where the gradient itself has no derivative."""
        assert self.primal is not None
        columns: list[list[list[Any]]] = [[] for _ in given]
        for k, arg in enumerate(given):
            still = dict(zip(self.wrt, map(trees.zeros_like, given), strict=True))
            for _, unit in _units(arg):
                dots = {**still, self.wrt[k]: unit}
                try:
                    columns[k].append(slope_along(self.primal, args, kwargs, dots))
                except UnsupportedError:
                    raise refused from None
        made = tuple(
            tuple(_side_by_side(columns[k], i, row, column) for k, column in enumerate(given))
            for i, row in enumerate(given)
        )
        return made[0][0] if self.single else made

    def _forward(self) -> Callable[..., Any]:
        return self.differentiated(super()._forward())

    def _rows(
        self, given: Sequence[Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[int, tuple[Pulled, bool] | None]:
        return sum(map(np.size, given)), None

    def differentiated(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return grad(f, self.wrt[0] if self.single else self.wrt)


def _side_by_side(columns: Sequence[Sequence[Any]], i: int, row: Any, column: Any) -> Any:
    """Second derivatives by two arguments, from gradients along each number of one of them."""
    made = _room(np.shape(row), column)
    for number, (index, _) in enumerate(_units(column)):
        made[(..., *index)] = columns[number][i]
    return made if made.ndim else made[()]


class Product(Composite):
    """A Hessian times a direction; see `hvp`."""

    label = "Hessian product"

    def __init__(self, f: Callable[..., Any], argnums: ArgNums, backend: str) -> None:
        super().__init__(f, argnums, backend)
        names = [*self.__signature__.parameters.values()]
        if not any(p.kind is p.VAR_POSITIONAL for p in names):
            self.__signature__ = _with_direction(names)

    def differentiated(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return grad(f, self.wrt[0] if self.single else self.wrt)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not args:
            raise SrcgradError(f"{self.label} of {self.__name__}: the last argument is a direction")
        bound = self.bound(args[:-1], kwargs)
        try:
            gradient, pull = self.pulls(*args[:-1], **kwargs)
        except UnsupportedError as refused:
            return self._over_forward(args, kwargs, refused)
        point = Pulled(self, gradient, pull, [bound.arguments[name] for name in self.wrt])
        return self.result(point.back(checked(args[-1], gradient, "direction", "gradient")))

    def _over_forward(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], refused: UnsupportedError
    ) -> Any:
        """The gradient of the derivative along the direction, where the gradient itself has no
        derivative: forward mode writes simpler text than reverse mode."""
        if self.primal is None:
            raise refused
        try:
            tangents = dict(zip(self.wrt, [args[-1]] if self.single else args[-1], strict=True))
            return self.result(slope_along(self.primal, args[:-1], kwargs, tangents))
        except UnsupportedError:
            raise refused from None


def _with_direction(parameters: Sequence[inspect.Parameter]) -> inspect.Signature:
    taken = {p.name for p in parameters}
    name = next(n for n in ("v", "direction", *(f"v{k}" for k in range(99))) if n not in taken)
    first = [p for p in parameters if p.kind < inspect.Parameter.KEYWORD_ONLY]
    last = [p for p in parameters if p.kind >= inspect.Parameter.KEYWORD_ONLY]
    first = [p.replace(kind=p.POSITIONAL_ONLY, default=p.empty) for p in first]
    return inspect.Signature(
        [*first, inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY), *last]
    )


def _usable(cls: type[Composite], f: Any, argnums: ArgNums, backend: str) -> Any:
    """As `grad`: also a decorator, with or without arguments."""
    if f is None or isinstance(f, int | str | tuple):
        given = argnums if f is None else f
        return lambda fn: cls(fn, given, backend)
    return cls(f, argnums, backend)


def jacrev(f: Any = None, argnums: ArgNums = 0, *, backend: str = "numpy") -> Any:
    """The Jacobian of a function by reverse mode: one forward sweep, then rows.

    All rows come from few runs of a pullback that takes many cotangents at once, where its code can
    have an axis for them; else from one run for each number of the value, and `.reason` says why.

    The result has the structure of the value, each leaf holding the structure of the argument (a
    tuple of these where `argnums` is a tuple), whose leaves have the shape of the value's leaf
    followed by that of the argument's, in the argument's dtype. Leaves that are not float pass
    through. Cheap where the value is small. Raises `SrcgradError` for complex numbers.
    """
    return _usable(Jacobian, f, argnums, backend)


def jacobian(f: Any = None, argnums: ArgNums = 0, *, backend: str = "numpy") -> Any:
    """The Jacobian of a function: as `jacrev` gives it, by the cheaper mode.

    That is forward mode where arguments and value are arrays and numbers, and the value has more
    numbers in it than the arguments; `.reason` as for `jacrev`.
    """
    return _usable(Picked, f, argnums, backend)


def hessian(f: Any = None, argnums: ArgNums = 0, *, backend: str = "numpy") -> Any:
    """The matrix of second derivatives of a scalar function: the Jacobian of its gradient.

    For an argument of shape `s` an array of shape `s + s`; of nested arguments, and of tuples for
    `argnums`, the structure of the argument twice, one inside the other.
    """
    return _usable(Hessian, f, argnums, backend)


def hvp(f: Any = None, argnums: ArgNums = 0, *, backend: str = "numpy") -> Any:
    """Products of the Hessian of a scalar function with a direction: `hvp(f)(*args, v)`.

    The direction `v` comes last. It has the structure of the gradient, so it is a tuple where
    `argnums` is; the result has that structure too. The Hessian is never formed.
    """
    return _usable(Product, f, argnums, backend)


def vhp(f: Any = None, argnums: ArgNums = 0, *, backend: str = "numpy") -> Any:
    """Products of a cotangent of the gradient with the Hessian: `vhp(f)(*args, v)`; see `hvp`."""
    return _usable(Product, f, argnums, backend)


def elementwise_grad(f: Any = None, argnums: ArgNums = 0, *, backend: str = "numpy") -> Any:
    """The derivative of a function of arrays that works element by element, in the array's shape.

    Raises `SrcgradError` where an element of the value depends on other elements of the argument:
    this is tested once for each shape, with one more pullback.
    """
    return _usable(Elementwise, f, argnums, backend)
