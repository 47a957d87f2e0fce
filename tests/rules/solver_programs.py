"""Programs that solve equations with functions of SciPy, for `test_solvers.py`."""

from __future__ import annotations

import numpy as np
from scipy.integrate import odeint, quad, solve_ivp
from scipy.optimize import (
    brentq,
    fixed_point,
    fsolve,
    least_squares,
    minimize,
    minimize_scalar,
    newton,
    root,
    root_scalar,
    toms748,
)

TIMES = np.linspace(0.0, 2.0, 5)


def lotka(y, t, a, b):
    u, v = y
    return [a * u - b * u * v, -v + 0.5 * u * v * t]


def two_species(y0, a, b):
    ys = odeint(lotka, y0, TIMES, args=(a, b), rtol=1e-11, atol=1e-11)
    return np.sum(ys**2 * np.array([1.0, 2.0]))


def times_of_odeint(y0, a, t):
    def rhs(y, t):
        return -a * y + np.sin(t) * np.roll(y, 1)

    ys = odeint(rhs, y0, t, rtol=1e-11, atol=1e-11)
    return np.sum(np.cos(ys) * np.arange(ys.size).reshape(ys.shape))


def oscillator(x, v, k):
    ys = odeint(lambda y, t: [y[1], -k * y[0]], [x, v], TIMES, rtol=1e-11, atol=1e-11)
    return ys[-1, 0] + ys[2, 1] ** 2


def network(w, y0, s):
    ys = odeint(lambda t, y: np.tanh(w @ y) * s, y0, TIMES, tfirst=True, rtol=1e-11, atol=1e-11)
    return np.sum(ys[1:] ** 2)


def end_of_path(y0, a, end):
    sol = solve_ivp(lambda t, y: -a * y**2 + t, (0.0, end), y0, rtol=1e-11, atol=1e-11)
    return np.sum(sol.y[:, -1] * np.array([1.0, 2.0, 3.0]))


def damped(t, y, a):
    return -a * y + np.cos(t)


def stiff_path(y0, a, t0, ts):
    sol = solve_ivp(
        damped, (t0, 3.0), y0, t_eval=ts, args=(a,), method="Radau", rtol=1e-10, atol=1e-11
    )
    return np.sum(sol.y**2 * sol.t)


def wave(a, b, c):
    value, _ = quad(lambda x, c: np.exp(-c * x**2) * np.sin(a * x), a, b, args=(c,))
    return value**2


def tail(w):
    return quad(lambda x: np.exp(-x * w[0]) * w[1] / (1 + w[2] * x**2), 0.0, np.inf)[0]


def kinked(a, b):
    return quad(lambda x: np.abs(x - 1.0) * a + x * b, 0.0, 2.0, points=[1.0])[0]


def cubic(a, b):
    return brentq(lambda x: x**3 + a * x - b, 0.0, 5.0) * a


def residual(x, a, b):
    return a @ x + 0.1 * x**3 - b


def system(a, b):
    found = root(residual, np.zeros(3), args=(a, b), tol=1e-13)
    return np.sum(found.x**2) + np.sum(found.fun)


def by_fsolve(a, b):
    return np.sum(fsolve(residual, np.zeros(3), args=(a, b), xtol=1e-13) ** 2)


def by_newton(a, x0):
    return newton(lambda x: np.exp(x) - a * x - 3.0, x0) ** 2


def many_by_newton(a):
    return np.sum(newton(lambda x: np.exp(x) - a * x - 3.0, np.ones(3)) ** 2)


def settled(a, b):
    start = np.array([0.3, 0.4, 0.5])
    return np.sum(fixed_point(lambda x: 0.5 * np.cos(a * x) + b, start, xtol=1e-13) ** 2)


def crossing(a):
    return root_scalar(lambda x, a: np.cos(x) - a * x, args=(a,), bracket=(0.0, 2.0)).root


def by_toms(a):
    return toms748(lambda x: np.cos(x) - a * x, 0.0, 2.0)


def cost(x, a, h):
    return 0.5 * x @ h @ x + np.sum(np.cosh(x)) - a @ x


def least(a, h):
    found = minimize(cost, np.zeros(3), args=(a, h), method="BFGS", tol=1e-10)
    return np.sum(found.x**2) + found.fun


def least_number(a):
    return minimize_scalar(lambda x: (x - a) ** 2 + np.exp(x * a), tol=1e-10).x


def fitted(t, y, k):
    def misfit(p):
        return p[0] * np.exp(-p[1] * t * k) - y

    start = np.array([1.0, 0.5])
    found = least_squares(misfit, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    return found.x[0] * 3 + found.x[1]


def solved_in_a_loop(a):
    x = 1.0
    for k in range(3):
        x = brentq(lambda z, k=k, x=x: z**3 + a * z - x - k, 0.0, 5.0)
    return x


def chosen(a, b):
    if a > b:
        return brentq(lambda x: x**3 + a * x - 1.0, 0.0, 5.0)
    return quad(lambda x: np.cos(a * x), 0.0, b)[0]


def slope_of_cost(x, a, h):
    return 0.5 * (h + h.T) @ x + np.sinh(x) - a


def least_with_slope(a, h):
    found = minimize(cost, np.zeros(3), args=(a, h), jac=slope_of_cost, method="BFGS", tol=1e-10)
    return np.sum(found.x**3)


def by_newton_with_slope(a):
    return newton(lambda x: x**3 - a, 1.0, fprime=lambda x: 3 * x**2, fprime2=lambda x: 6 * x)


def system_with_slope(a):
    found = root(lambda x, a: x**3 - a, np.ones(2), (a,), jac=lambda x, a: np.diag(3 * x**2))
    return np.sum(found.x)


def shifted(x, a, b=3.0):
    return x**3 + a * x - b


def with_a_default(a):
    return brentq(shifted, 0.0, 5.0, args=(a,)) + brentq(shifted, 0.0, 5.0, args=(a, 2 * a))


def at_nested_parameters(p):
    return brentq(lambda x: x**3 + p["a"] * x - p["b"][0], 0.0, 5.0)
