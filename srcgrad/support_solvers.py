"""Carried helpers for what solves an equation: roots, minima, integrals, differential equations.

As in `srcgrad.support`: plain NumPy and SciPy, their source goes into the files that use them.
Functions that they are given end in `_grad` (the gradient of a product with weights, which come
first) or `_jvp` (value and tangent).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support_systems import factored, solve_by, solve_turned_by

scipy = Distant("scipy")


def root_adjoint(g: Any, x: Any, residual: Any, residual_grad: Any, *args: Any) -> Any:
    """Cotangents of `args` from that of `x`, where `residual(x, *args)` is 0.

    `J dx + K dargs = 0`, so they are `-K.T w` with `J.T w = g`.
    """
    units = np.reshape(np.eye(np.size(x)), (np.size(x), *np.shape(x)))
    rows = np.array([np.ravel(residual_grad(unit, x, *args)[0]) for unit in units])
    factors = factored(rows)
    x = solved(x, solve_by(factors, rows, np.ravel(residual(x, *args))))
    w = np.reshape(solve_turned_by(factors, rows, np.ravel(g)), np.shape(x))
    return residual_grad(-w, x, *args)[1:]


def scalar_root_adjoint(g: Any, x: Any, residual: Any, residual_grad: Any, *args: Any) -> Any:
    """Cotangents of `args` from that of the number `x`, where `residual(x, *args)` is 0."""
    slope = residual_grad(1.0, x, *args)[0]
    x = solved(x, residual(x, *args) / slope)
    return residual_grad(-g / slope, x, *args)[1:]


def root_tangent(
    x: Any, residual: Any, residual_jvp: Any, moved_jvp: Any, count: Any, *given: Any
) -> Any:
    """Tangent of `x`, where `residual(x, *args)` is 0, from those of arguments.

    `given`: so many arguments, then tangents. `residual_jvp` pushes that of `x`, `moved_jvp` these.
    """
    args = given[:count]
    units = np.reshape(np.eye(np.size(x)), (np.size(x), *np.shape(x)))
    columns = np.array([np.ravel(residual_jvp(x, *args, unit)[1]) for unit in units]).T
    factors = factored(columns)
    x = solved(x, solve_by(factors, columns, np.ravel(residual(x, *args))))
    moved = solve_by(factors, columns, np.ravel(moved_jvp(x, *given)[1]))
    return np.reshape(-moved, np.shape(x))


def scalar_root_tangent(
    x: Any, residual: Any, residual_jvp: Any, moved_jvp: Any, count: Any, *given: Any
) -> Any:
    """Tangent of the number `x`, where `residual(x, *args)` is 0, from those of arguments.

    `given`: so many arguments, then tangents. `residual_jvp` pushes that of `x`, `moved_jvp` these.
    """
    args = given[:count]
    slope = residual_jvp(x, *args, 1.0)[1]
    x = solved(x, residual(x, *args) / slope)
    return -moved_jvp(x, *given)[1] / slope


def solved(x: Any, step: Any) -> Any:
    """The solution `x`. Raises where a further step of Newton's method would still move it."""
    if np.iscomplexobj(x):
        raise TypeError("the derivative of a complex solution: solve for its parts")
    if not np.max(np.abs(step), initial=0.0) <= 1e-3 * (1.0 + np.max(np.abs(x), initial=0.0)):
        raise ArithmeticError("the equation is not solved here, so that nothing follows from it")
    return x


def quad_adjoint(
    g: Any, like: Any, a: Any, b: Any, points: Any, integrand_grad: Any, *args: Any
) -> Any:
    """Cotangent of the argument `like` of an integral: the integrals of its derivatives."""
    bars = [
        g * integral(part_of, a, b, points, j, integrand_grad, *args) for j in range(np.size(like))
    ]
    return np.reshape(np.array(bars), np.shape(like))


def part_of(x: Any, j: Any, integrand_grad: Any, *args: Any) -> Any:
    """One number of the gradient of an integrand."""
    return np.ravel(integrand_grad(x, *args))[j]


def quad_tangent(a: Any, b: Any, points: Any, integrand_jvp: Any, *given: Any) -> Any:
    """Tangent of an integral from those of arguments."""
    return integral(pushed, a, b, points, integrand_jvp, *given)


def pushed(x: Any, integrand_jvp: Any, *given: Any) -> Any:
    """The tangent of an integrand."""
    return integrand_jvp(x, *given)[1]


def integral(f: Any, a: Any, b: Any, points: Any, *args: Any) -> Any:
    """An integral to ten digits, where that is possible."""
    return scipy.integrate.quad(
        f, a, b, args, epsabs=1e-13, epsrel=1e-10, limit=200, points=points
    )[0]


def ode_end(rates: Any, t: Any, end: Any, z: Any, stiff: Any, floor: Any, *args: Any) -> Any:
    """The solution of a differential equation at the end of an interval, to ten digits."""
    method = "Radau" if stiff else "DOP853"
    found = scipy.integrate.solve_ivp(
        rates, (t, end), z, method, t_eval=[end], args=args, rtol=1e-10, atol=floor
    )
    return found.y[:, 0]


def flattened(parts: Any) -> Any:
    """Numbers and arrays as one vector."""
    return np.concatenate([np.ravel(part) for part in parts])


def ode_adjoint(
    g: Any,
    y: Any,
    times: Any,
    t0: Any,
    y0: Any,
    rates: Any,
    rates_grad: Any,
    stiff: Any,
    *args: Any,
) -> Any:
    """Cotangents of `y0`, `t0`, the times and arguments, from those of the values `y` at the times.

    The path is computed anew, and the adjoint equation is solved along it, backwards from time to
    time.
    """
    start = 1.0 * np.ravel(y0)
    n = len(start)
    floor = 1e-12 * np.max(np.abs(np.vstack((y, start))), axis=0) + 1e-300
    method = "Radau" if stiff else "DOP853"
    path = scipy.integrate.solve_ivp(
        lambda t, z: rates(t, z, *args),
        (t0, times[-1]),
        start,
        method,
        dense_output=True,
        rtol=1e-10,
        atol=floor,
    )
    if not path.success:
        raise ArithmeticError(path.message)
    if not np.all(np.abs(path.sol(times).T - y) <= 0.2 * np.max(np.abs(y), axis=0) + 1e-6):
        raise ArithmeticError("the values are far from the solution: the solver may have failed")
    shapes = [np.shape(bar) for bar in rates_grad(np.zeros(n), t0, start, *args)]
    z = np.zeros(sum([int(np.prod(shape)) for shape in shapes]))
    times_bar = np.zeros(len(times))
    for k in range(len(times) - 1, -1, -1):
        end = times[k - 1] if k > 0 else t0
        times_bar[k] = g[k] @ rates(times[k], y[k], *args)
        z[:n] += g[k]
        if times[k] != end:
            floor = 1e-12 * np.max(np.abs(z)) + 1e-300
            z = ode_end(
                lambda t, z: -flattened(rates_grad(z[:n], t, path.sol(t), *args)),
                times[k],
                end,
                z,
                stiff,
                floor,
            )
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])
    bars = [np.reshape(p, s) for p, s in zip(np.split(z, cuts[:-1]), shapes, strict=True)]
    t0_bar = -(bars[0] @ rates(t0, start, *args))
    return [np.reshape(bars[0], np.shape(y0)), t0_bar, times_bar, *bars[1:]]


def ode_tangent(
    y: Any,
    times: Any,
    t0: Any,
    y0: Any,
    times_dot: Any,
    t0_dot: Any,
    y0_dot: Any,
    stiff: Any,
    rates: Any,
    rates_jvp: Any,
    count: Any,
    *given: Any,
) -> Any:
    """Tangent of the values `y` at the times, from those of times, `t0` and `y0`, and arguments.

    `given`: so many arguments, then tangents.
    """
    args = given[:count]
    start = 1.0 * np.ravel(y0)
    n = len(start)
    slope = np.asarray(rates(t0, start, *args))
    z_dot = 0.0 * start if y0_dot is None else np.ravel(y0_dot)
    z = np.concatenate([start, z_dot if t0_dot is None else z_dot - slope * t0_dot])
    y_dot, t = [], t0
    for k in range(len(times)):
        if times[k] != t:
            floor = tolerances(y, start, z)
            z = ode_end(rates_and_tangents, t, times[k], z, stiff, floor, rates_jvp, count, *given)
            t = times[k]
        along = 0.0 if times_dot is None else times_dot[k]
        y_dot.append(z[n:] + along * np.asarray(rates(t, y[k], *args)))
    return np.array(y_dot)


def rates_and_tangents(t: Any, z: Any, rates_jvp: Any, count: Any, *given: Any) -> Any:
    """The rates of a solution and of its tangent, which `z` holds one after the other."""
    n = len(z) // 2
    args, dots = given[:count], given[count:]
    value, dot = rates_jvp(t, z[:n], *args, z[n:], *dots)
    return np.concatenate([np.asarray(value), np.asarray(dot)])


def tolerances(y: Any, start: Any, z: Any) -> Any:
    """Absolute tolerances for the solution `y`, and for the tangent in the rest of `z`."""
    own = 1e-12 * np.max(np.abs(np.vstack((y, start))), axis=0) + 1e-300
    rest = z[len(start) :]
    return np.concatenate([own, 0.0 * rest + 1e-12 * np.max(np.abs(rest)) + 1e-14])


def odeint_adjoint(g: Any, y: Any, t: Any, y0: Any, rates: Any, rates_grad: Any, *args: Any) -> Any:
    """Cotangents of `y0`, `t` and arguments of `odeint`."""
    stiff = is_stiff(rates, y0, t, *args)
    bars = ode_adjoint(g, y, t, t[0], y0, rates, rates_grad, stiff, *args)
    y0_bar, first, t_bar = bars[:3]
    t_bar[0] += first
    return [y0_bar, t_bar, *bars[3:]]


def odeint_tangent(
    y: Any,
    t: Any,
    y0: Any,
    t_dot: Any,
    y0_dot: Any,
    rates: Any,
    rates_jvp: Any,
    count: Any,
    *given: Any,
) -> Any:
    """Tangent of the value of `odeint`."""
    args = given[:count]
    stiff = is_stiff(rates, y0, t, *args)
    t0_dot = None if t_dot is None else t_dot[0]
    return ode_tangent(
        y, t, t[0], y0, t_dot, t0_dot, y0_dot, stiff, rates, rates_jvp, count, *given
    )


def is_stiff(rates: Any, y0: Any, t: Any, *args: Any) -> Any:
    """Whether `odeint` finds an equation stiff."""
    info = scipy.integrate.odeint(rates, y0, t, args, full_output=True, tfirst=True)[1]
    return 2 in info["mused"]


def ivp_adjoint(
    g: Any,
    out: Any,
    t0: Any,
    y0: Any,
    t_eval: Any,
    method: Any,
    rates: Any,
    rates_grad: Any,
    *args: Any,
) -> Any:
    """Cotangents of `y0`, the ends of the span, the times and arguments of `solve_ivp`."""
    times, y = out
    first, g = g[0], g[1].T
    if t_eval is None and (np.any(g[1:-1]) or np.any(first)):
        raise ValueError("the solver chose these times: give t_eval")
    stiff = method in ("Radau", "BDF", "LSODA")
    if t_eval is None:
        times, y, g = times[[0, -1]], y[:, [0, -1]], g[[0, -1]]
    bars = ode_adjoint(g, y.T, times, t0, y0, rates, rates_grad, stiff, *args)
    y0_bar, t0_bar, times_bar = bars[:3]
    if t_eval is None:
        return [y0_bar, t0_bar + times_bar[0], times_bar[-1], None, *bars[3:]]
    return [y0_bar, t0_bar, 0.0, times_bar, *bars[3:]]


def ivp_tangent(
    out: Any,
    t0: Any,
    t1: Any,
    y0: Any,
    t_eval: Any,
    method: Any,
    t0_dot: Any,
    t1_dot: Any,
    y0_dot: Any,
    t_eval_dot: Any,
    rates: Any,
    rates_jvp: Any,
    count: Any,
    *given: Any,
) -> Any:
    """Tangents of times and values of `solve_ivp`; NaN where the solver chose the time."""
    times, y = out
    stiff = method in ("Radau", "BDF", "LSODA")
    if t_eval is not None:
        found = ode_tangent(
            y.T,
            np.asarray(t_eval),
            t0,
            y0,
            t_eval_dot,
            t0_dot,
            y0_dot,
            stiff,
            rates,
            rates_jvp,
            count,
            *given,
        )
        return (np.zeros_like(times), found.T)
    ends = np.array([0.0 if t0_dot is None else t0_dot, 0.0 if t1_dot is None else t1_dot])
    last = np.array([0, -1])
    found = ode_tangent(
        y[:, last].T,
        np.array([t0, t1]),
        t0,
        y0,
        ends,
        t0_dot,
        y0_dot,
        stiff,
        rates,
        rates_jvp,
        count,
        *given,
    )
    y_dot = np.full(np.shape(y), np.nan)
    y_dot[:, last] = found.T
    return (np.full(np.shape(times), np.nan), y_dot)
