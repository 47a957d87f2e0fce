"""Calls of solvers: roots, minima, integrals and differential equations, against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import odeint, quad, solve_ivp
from scipy.optimize import brentq, minimize, newton, root

from srcgrad import UnsupportedError, check_grads, grad, jvp, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.rules import solver_programs as programs

_random = np.random.default_rng(23)


def real(*shape: int) -> Any:
    return _random.normal(size=shape)


SYSTEM = 2 * np.eye(3) + 0.3 * real(3, 3)
GRID = np.linspace(0.0, 2.0, 6)
PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (programs.two_species, (np.array([1.0, 0.5]), 1.2, 0.7)),
    (programs.times_of_odeint, (real(3), 1.1, np.array([0.0, 0.4, 1.0, 1.7]))),
    (programs.oscillator, (1.1, 0.3, 2.0)),
    (programs.network, (real(2, 2), real(2), 1.5)),
    (programs.end_of_path, (1 + real(3) ** 2, 0.7, 1.5)),
    (programs.stiff_path, (real(3), 0.7, 0.1, np.array([0.5, 1.0, 2.9]))),
    (programs.wave, (0.3, 1.7, 1.2)),
    (programs.tail, (np.array([1.1, 0.7, 0.6]),)),
    (programs.kinked, (1.3, 0.4)),
    (programs.cubic, (1.2, 2.3)),
    (programs.system, (SYSTEM, real(3))),
    (programs.by_fsolve, (SYSTEM, real(3))),
    (programs.by_newton, (1.3, 2.0)),
    (programs.many_by_newton, (np.array([1.0, 1.2, 0.8]),)),
    (programs.settled, (0.8, 0.3)),
    (programs.crossing, (1.3,)),
    (programs.by_toms, (1.3,)),
    (programs.solved_in_a_loop, (1.4,)),
    (programs.chosen, (1.4, 0.5)),
    (programs.chosen, (0.3, 0.5)),
    (programs.by_newton_with_slope, (1.3,)),
    (programs.system_with_slope, (np.array([1.0, 2.0]),)),
    (programs.with_a_default, (1.3,)),
]
# What a minimiser finds is good to half the digits, so that differences need wide steps.
MINIMA: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (programs.least, (real(3), 2 * np.eye(3) + 0.1)),
    (programs.least_with_slope, (real(3), 2 * np.eye(3) + 0.1)),
    (programs.least_number, (0.6,)),
    (programs.fitted, (GRID, 2 * np.exp(-0.6 * GRID) + 0.05 * real(6), 1.1)),
]


def _ids(value: Any) -> str | None:
    return value.__name__ if callable(value) else None


def slopes(program: Callable[..., Any], args: tuple[Any, ...], step: float) -> list[Any]:
    """Central differences with steps of this length."""
    return [_slope(program, args, k, step) for k in range(len(args))]


def _slope(program: Callable[..., Any], args: tuple[Any, ...], k: int, step: float) -> Any:
    x = np.asarray(args[k], dtype=float)
    found = []
    for unit in step * np.eye(x.size):
        ends = [x + s * unit.reshape(x.shape) for s in (1, -1)]
        ends = ends if x.ndim else [end.item() for end in ends]
        up, down = (program(*args[:k], end, *args[k + 1 :]) for end in ends)
        found.append((up - down) / (2 * step))
    return np.reshape(found, x.shape)


@pytest.mark.parametrize(("program", "args"), PROGRAMS + MINIMA, ids=_ids)
def test_both_modes(program: Callable[..., Any], args: tuple[Any, ...]) -> None:
    wide = any(program is other for other, _ in MINIMA)
    expected = slopes(program, args, 1e-3 if wide else 1e-5)
    tolerance = {"rtol": 1e-4, "atol": 3e-5} if wide else {"rtol": 2e-6, "atol": 1e-7}
    gradients = grad(program, tuple(range(len(args))))(*args)
    for found, slope in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(found, slope, **tolerance)
    dots = tuple(real(*np.shape(a)) if np.ndim(a) else 0.7 for a in args)
    value, tangent = jvp(program, args, dots)
    np.testing.assert_allclose(value, program(*args), rtol=1e-7)
    along = sum(np.sum(g * dot) for g, dot in zip(gradients, dots, strict=True))
    np.testing.assert_allclose(tangent, along, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("mode", ["grad", "jvp"])
@pytest.mark.parametrize(("program", "args"), PROGRAMS + MINIMA, ids=_ids)
def test_ahead_of_time(program: Callable[..., Any], args: tuple[Any, ...], mode: Any) -> None:
    name, wrt = program.__name__, program.__code__.co_varnames[: len(args)]
    namespace: dict[str, Any] = {}
    exec(transform(programs.__file__, functions=[name], wrt=wrt, mode=mode), namespace)
    gradients = grad(program, tuple(range(len(args))))(*args)
    if mode == "grad":
        found = namespace[f"{name}_grad"](*args)
        for one, other in zip(found, gradients, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
        return
    dots = tuple(np.cos(a) for a in args)
    _, tangent = namespace[f"{name}_jvp"](*args, *dots)
    along = sum(np.sum(g * dot) for g, dot in zip(gradients, dots, strict=True))
    np.testing.assert_allclose(tangent, along, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("program", "args", "wrt"),
    [
        (programs.cubic, (1.2, 2.3), 0),
        (programs.system, (SYSTEM, real(3)), 1),
        (programs.settled, (0.8, 0.3), 0),
        (programs.wave, (0.3, 1.7, 1.2), 2),
    ],
    ids=_ids,
)
def test_second_derivative(program: Callable[..., Any], args: tuple[Any, ...], wrt: int) -> None:
    once = grad(program, wrt)

    def weighed(*given: Any) -> Any:
        found = once(*given)
        return np.sum(found * np.cos(np.arange(np.size(found))))

    expected = central_differences(weighed, args, (wrt,))[0]
    dot = np.cos(np.arange(np.size(args[wrt]))) if np.ndim(args[wrt]) else 1.0
    tangents = tuple(dot if k == wrt else None for k in range(len(args)))
    assert_near(jvp(once, args, tangents)[1], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("program", "args", "wrt"),
    [
        (programs.two_species, (np.array([1.0, 0.5]), 1.2, 0.7), 0),
        (programs.end_of_path, (np.array([1.0, 2.0, 1.5]), 0.7, 1.5), 0),
    ],
    ids=_ids,
)
def test_second_derivatives_of_tangents(
    program: Callable[..., Any], args: tuple[Any, ...], wrt: int
) -> None:
    """Both modes over the tangent equation; that of a gradient, too, for over the adjoint equation
    there is none."""
    tangents = tuple(0.3 + 0.5 * np.asarray(a) if k == wrt else None for k, a in enumerate(args))

    def along(*given: Any) -> Any:
        return jvp(program, given, tangents)[1]

    def whole(y0: Any, a: Any, b: Any) -> Any:
        return jvp(lambda v: program(v, a, b), (y0,), (0.3 + 0.5 * args[wrt],))[1]

    expected = slopes(along, args, 1e-4)[wrt]
    assert_near(grad(whole, wrt)(*args), expected, rtol=1e-5, atol=1e-6)
    tangent = jvp(whole, args, tangents)[1]
    assert_near(tangent, np.sum(expected * tangents[wrt]), rtol=1e-5, atol=1e-6)
    gradient, along_it = jvp(grad(program, wrt), args, tangents)
    assert_near(gradient, grad(program, wrt)(*args), rtol=1e-12)
    assert_near(along_it, expected, rtol=1e-5, atol=1e-6)


def unsolved(a: Any) -> Any:
    return np.sum(root(lambda x: x**2 + a, np.array([1.0, 0.5])).x)


def test_what_was_not_solved_raises() -> None:
    with pytest.raises(ArithmeticError, match="not solved"):
        grad(unsolved)(2.0)


def test_nested_parameters() -> None:
    args = ({"a": 1.2, "b": [2.0]},)
    check_grads(programs.at_nested_parameters, args, modes=("reverse", "forward"))


def failing(a: Any) -> Any:
    slow = odeint(lambda y, t: -1000 * (y - np.cos(a * t)), 0.0, GRID, mxstep=3)
    return slow[-1, 0]


@pytest.mark.filterwarnings("ignore:Excess work")
def test_values_that_are_no_solution_raise() -> None:
    with pytest.raises(ArithmeticError, match="far from the solution"):
        grad(failing)(1.2)


def times_of_the_solver(a: Any) -> Any:
    return np.sum(solve_ivp(lambda t, y: -a * y, (0.0, 1.0), [1.0]).y)


def test_values_at_times_that_the_solver_chose() -> None:
    with pytest.raises(ValueError, match="give t_eval"):
        grad(times_of_the_solver)(2.0)
    assert np.isnan(jvp(times_of_the_solver, (2.0,), (1.0,))[1])


def bounded(a: Any) -> Any:
    return minimize(lambda x: np.sum((x - a) ** 2), np.zeros(2), bounds=[(0, 1), (0, 1)]).x[0]


def with_events(a: Any) -> Any:
    sol = solve_ivp(lambda t, y: -a * y, (0.0, 1.0), [1.0], events=lambda t, y: y[0] - 0.5)
    return sol.y[0, -1]


def given_function(f: Any, a: Any) -> Any:
    return a * brentq(f, 0.0, a)


def unknown_args(a: Any, args: Any) -> Any:
    return brentq(lambda x, b: x - a * b, 0.0, 1.0, args=args)


def tolerance(a: Any) -> Any:
    return odeint(lambda y, t: -y, 1.0, GRID, rtol=a)[-1, 0]


def slope_that_reads_more(a: Any) -> Any:
    return newton(lambda x: x**3 - 2.0, 1.0, fprime=lambda x: 3 * x**2 + 0.0 * a)


def value_and_slope(a: Any) -> Any:
    return minimize(lambda x: (x[0] ** 2 - a, 2 * x), np.ones(1), jac=True).x[0]


def error_of_quad(a: Any) -> Any:
    return quad(lambda x: a * x, 0.0, 1.0)[1]


def test_a_function_that_is_an_argument() -> None:
    np.testing.assert_allclose(grad(given_function, 1)(np.cos, 2.0), np.pi / 2)


@pytest.mark.parametrize(
    ("program", "args", "wrt", "reason"),
    [
        (bounded, (0.5,), 0, "`bounds` of scipy.optimize.minimize"),
        (with_events, (0.5,), 0, "keyword `events`"),
        (unknown_args, (0.5, (0.5,)), 0, "`args` of scipy.optimize.brentq"),
        (tolerance, (1e-5,), 0, "`rtol` of scipy.integrate.odeint is differentiated"),
        (slope_that_reads_more, (1.0,), 0, "`fprime` of scipy.optimize.newton reads `a`"),
        (value_and_slope, (1.0,), 0, "`jac` of scipy.optimize.minimize"),
        (error_of_quad, (0.5,), 0, "the error that `quad` estimates"),
    ],
    ids=_ids,
)
def test_refused(program: Any, args: tuple[Any, ...], wrt: int, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        grad(program, wrt)(*args)
