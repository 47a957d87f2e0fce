"""`check_grads`: a derivative against central differences, and a table of what disagrees.

The function's output is paired with a random cotangent, which makes a scalar of any structure. Its
gradient, as generated, is then compared with differences along random directions, and coordinate by
coordinate while there are few of them.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.differences import EPS, as_double, as_scalar, central_differences, random_like, slope
from srcgrad.directional import jvp
from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.mismatches import GradientError, Mismatch, Tolerance, report, tolerance_for
from srcgrad.pulling import pulled_back
from srcgrad.rules.registry import lookup
from srcgrad.secondorder import first_derivatives

__all__ = ["GradientError", "Mismatch", "central_differences", "check_grads", "check_rule"]

DIRECTIONS = 3
FEW = 64  # numbers in the arguments up to which every coordinate is compared


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    modes: Sequence[str] | None = None,
    order: int = 1,
    *,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
    gradient: Callable[..., Any] | None = None,
    argnums: int | tuple[int, ...] | None = None,
    complex_step: bool = False,
) -> None:
    """Check the derivatives of `f` at `args` against central differences in float64.

    Every argument with a float in it is checked, or those of `argnums`. `f` may return any
    structure. With `gradient`, that function is checked in place of the one srcgrad makes: it
    returns what `grad(f, argnums)` would, `argnums` being 0 unless given, and `f` is scalar.
    `modes`: "forward" is compared with differences, and with "reverse" where both are given, to
    ten digits; by default reverse mode is checked, and forward mode where it is not refused.
    `order=2` checks the gradient's derivative too, for a scalar `f`. `complex_step` differentiates
    along the imaginary axis, exact to rounding, where `f` is analytic. Tolerances follow the
    lowest precision among the arguments: 1e-5 for float64, 2e-2 for float32.

    Raises `GradientError`, an `AssertionError`, with a table of the numbers that disagree.
    """
    asked = _modes(modes)
    if gradient is not None and order > 1:
        raise SrcgradError("order=2 checks what srcgrad makes: it cannot be given `gradient`")
    chosen = argnums if argnums is not None else 0 if gradient else None
    wanted = _argnums(args, chosen)
    tolerance = tolerance_for([x for i in wanted for x in _floats(args[i])], rtol, atol)
    problem = _Problem(f, tuple(args), wanted, np.random.default_rng(seed))
    generated: tuple[Any, ...] | None = None
    if gradient is not None:
        result = gradient(*_copies(args))
        generated = (result,) if isinstance(chosen, int) else tuple(result)
    elif "reverse" in asked:
        generated = problem.pulled_back(tolerance)
    if generated is not None:
        problem.compare(generated, tolerance, eps or EPS, complex_step)
    if gradient is None and "forward" in asked:
        with contextlib.suppress(*((UnsupportedError,) if modes is None else ())):
            problem.push_forward(generated, tolerance, eps or EPS, complex_step)
    again: dict[str, Any] = {"eps": eps, "rtol": rtol, "atol": atol, "complex_step": complex_step}
    for first, at, of in first_derivatives(f, args, wanted, asked, seed) if order > 1 else ():
        check_grads(first, at, modes, order - 1, seed=seed + 1, argnums=of, **again)


def _modes(modes: Sequence[str] | None) -> Sequence[str]:
    asked = ("reverse", "forward") if modes is None else modes
    if unknown := set(asked) - {"reverse", "forward"}:
        raise SrcgradError(f"unknown mode {min(unknown)!r}: modes are 'reverse' and 'forward'")
    if not asked:
        raise SrcgradError("no mode to check: modes are 'reverse' and 'forward'")
    return asked


class _Problem:
    """A function at a point, its output paired with a random cotangent."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], wanted: tuple[int, ...], rng: Any
    ) -> None:
        self.f = f
        self.args = args
        self.wanted = wanted
        self.rng = rng
        self.names = _names(f, args)
        self.cotangent: Any = None  # of the output; None: the output itself is the scalar
        self.points = [trees.map_leaves(as_double, arg) for arg in args]

    def pulled_back(self, tolerance: Tolerance) -> tuple[Any, ...]:
        """Gradients of the arguments wanted, as srcgrad makes them."""
        value, pullback = pulled_back(self.f, _copies(self.args), self.wanted)
        plain = self.f(*_copies(self.args))
        _compare_values(value, plain, tolerance)
        self.cotangent = trees.map_leaves(self._random_like, plain)
        gradients = pullback(self.cotangent)
        return tuple(gradients[i] for i in self.wanted)

    def push_forward(
        self,
        gradients: tuple[Any, ...] | None,
        tolerance: Tolerance,
        eps: float,
        complex_step: bool,
    ) -> None:
        """Raise `GradientError` where tangents disagree with differences, or with gradients."""
        plain = self.f(*_copies(self.args))
        if self.cotangent is None:
            self.cotangent = trees.map_leaves(self._random_like, plain)
        scale = max(1.0, abs(self._scalar(*_copies(self.points))))
        rows, wrong = [], []
        for count in range(DIRECTIONS):
            dots = [
                trees.map_leaves(self._random_like, arg) if i in self.wanted else None
                for i, arg in enumerate(self.args)
            ]
            value, tangent = jvp(self.f, _copies(self.args), dots)
            _compare_values(value, plain, tolerance)
            found = float(np.real(_pair(self.cotangent, tangent)))
            by_steps = self._slope(dots, eps, complex_step)
            rows.append(Mismatch(f"along direction {count}, forward", (), found, by_steps))
            wrong += [] if tolerance.accepts(found, by_steps, scale) else rows[-1:]
            if gradients is not None:
                pulled = float(np.real(_pair(list(gradients), [dots[i] for i in self.wanted])))
                rows.append(Mismatch(f"along direction {count}, both modes", (), found, pulled))
                wrong += [] if tolerance.same(found, pulled, scale) else rows[-1:]
        if wrong:
            raise GradientError(report(self.f, rows, wrong), wrong)

    def _slope(self, dots: list[Any], eps: float, complex_step: bool) -> float:
        """What differences say along tangents of the arguments; None stands for zeros."""
        directions = [
            trees.map_leaves(trees.zeros_like, point) if dot is None else _as_doubles(dot)
            for point, dot in zip(self.points, dots, strict=True)
        ]
        step = slope(self._scalar, self.points, directions, eps=eps, complex_step=complex_step)
        return float(step)

    def compare(
        self, gradients: tuple[Any, ...], tolerance: Tolerance, eps: float, complex_step: bool
    ) -> None:
        """Raise `GradientError` where gradients have another form or other numbers."""
        for argnum, gradient in zip(self.wanted, gradients, strict=True):
            _compare_form(gradient, self.args[argnum], self.names[argnum])
        scale = max(1.0, abs(self._scalar(*_copies(self.points))))
        rows = self._along_directions(gradients, eps, complex_step)
        if sum(np.size(leaf) for i in self.wanted for leaf in _floats(self.points[i])) <= FEW:
            rows += self._by_coordinate(gradients, eps, complex_step)
        wrong = [r for r in rows if not tolerance.accepts(r.generated, r.expected, scale)]
        if wrong:
            raise GradientError(report(self.f, rows, wrong), wrong)

    def _scalar(self, *args: Any) -> Any:
        out = self.f(*args)
        return as_scalar(out) if self.cotangent is None else _pair(self.cotangent, out)

    def _along_directions(
        self, gradients: tuple[Any, ...], eps: float, complex_step: bool
    ) -> list[Mismatch]:
        rows = []
        for count in range(DIRECTIONS):
            directions = [
                trees.map_leaves(self._random_like if i in self.wanted else trees.zeros_like, point)
                for i, point in enumerate(self.points)
            ]
            chosen = [directions[i] for i in self.wanted]
            generated = float(np.real(_pair(list(gradients), chosen)))
            expected = slope(
                self._scalar, self.points, directions, eps=eps, complex_step=complex_step
            )
            rows.append(Mismatch(f"along direction {count}", (), generated, expected))
        return rows

    def _by_coordinate(
        self, gradients: tuple[Any, ...], eps: float, complex_step: bool
    ) -> list[Mismatch]:
        rows = []
        expected = central_differences(
            self._scalar, self.points, self.wanted, eps=eps, complex_step=complex_step
        )
        for argnum, ours, theirs in zip(self.wanted, gradients, expected, strict=True):
            leaves = zip(trees.flatten(ours)[0], trees.flatten(theirs)[0], strict=True)
            for path, (a, b) in zip(trees.paths(theirs, self.names[argnum]), leaves, strict=True):
                if trees.is_float_leaf(b):
                    for index in np.ndindex(np.shape(b)):
                        found, true = np.asarray(a)[index].item(), np.asarray(b)[index].item()
                        rows.append(Mismatch(path, index, found, true))
        return rows

    def _random_like(self, leaf: Any) -> Any:
        return random_like(leaf, self.rng)


def _as_doubles(tree: Any) -> Any:
    return trees.map_leaves(as_double, tree)


def _compare_values(value: Any, plain: Any, tolerance: Tolerance) -> None:
    """The value computed with a derivative is the function's own."""
    pairs = zip(trees.flatten(value)[0], trees.flatten(plain)[0], strict=True)
    for path, (a, b) in zip(trees.paths(plain, "the value"), pairs, strict=True):
        if not trees.is_float_leaf(b):
            continue
        if not np.allclose(a, b, tolerance.rtol, tolerance.atol, equal_nan=True):
            raise GradientError(f"{path} is {b!r}, but {a!r} when computed with its derivative")


def _compare_form(gradient: Any, argument: Any, name: str) -> None:
    """Structure, shape and dtype of a gradient are those of its argument."""
    leaves, structure = trees.flatten(argument)
    found, found_structure = trees.flatten(gradient)
    if found_structure != structure:
        raise GradientError(f"{name}: the gradient has another structure: {gradient!r}")
    for path, leaf, other in zip(trees.paths(argument, name), leaves, found, strict=True):
        if not trees.is_float_leaf(leaf):
            continue
        ours, theirs = np.asarray(other), np.asarray(leaf)
        if (ours.shape, ours.dtype) != (theirs.shape, theirs.dtype):
            raise GradientError(
                f"{path}: the gradient has shape {ours.shape} and dtype {ours.dtype}, "
                f"the argument {theirs.shape} and {theirs.dtype}"
            )


def _pair(left: Any, right: Any) -> Any:
    """Sum of products over the float leaves of two trees, without conjugation."""
    total: Any = 0.0
    for a, b in zip(trees.flatten(left)[0], trees.flatten(right)[0], strict=True):
        if trees.is_float_leaf(a) and trees.is_float_leaf(b):
            total = total + np.sum(np.asarray(as_double(a)) * np.asarray(as_double(b)))
    return total


def _copies(args: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(trees.map_leaves(_copied, arg) for arg in args)


def _copied(leaf: Any) -> Any:
    return leaf if callable(leaf) else copy.deepcopy(leaf)  # methods would bring their objects


def _floats(tree: Any) -> list[Any]:
    return [leaf for leaf in trees.flatten(tree)[0] if trees.is_float_leaf(leaf)]


def _argnums(args: Sequence[Any], argnums: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if argnums is not None:
        return (argnums,) if isinstance(argnums, int) else tuple(argnums)
    wanted = tuple(i for i, arg in enumerate(args) if trees.has_float_leaf(arg))
    if not wanted:
        raise SrcgradError("no argument holds a float: there is nothing to check")
    return wanted


def _names(f: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    try:
        names = list(inspect.signature(f).bind(*args).arguments)
    except (TypeError, ValueError):
        names = []
    return names if len(names) == len(args) else [f"args[{i}]" for i in range(len(args))]


def check_rule(
    f: Callable[..., Any],
    *args: Any,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
) -> None:
    """Check the rule of a function at `args`, in both modes, as `check_grads` does.

    Of a rule for elementwise functions, the result has to have the shape to which the arguments
    broadcast; it is checked with each argument replaced by one of its elements, too. Raises
    `GradientError` where a derivative is wrong, `SrcgradError` where `f` has no rule.
    """
    prim = lookup(f)
    if prim is None:
        raise SrcgradError(f"{f!r} has no rule: see derivative_of")
    samples = [args]
    if prim.elementwise:
        shape = np.broadcast_shapes(*map(np.shape, args))
        if np.shape(f(*_copies(args))) != shape:
            raise GradientError(
                f"{prim.name} is declared elementwise, and its result is not {shape}"
            )
        for k, value in enumerate(args):
            if np.ndim(value) and np.size(value):
                samples.append((*args[:k], np.ravel(value)[0], *args[k + 1 :]))
    for sample in samples:
        check_grads(f, sample, eps=eps, rtol=rtol, atol=atol, seed=seed)
