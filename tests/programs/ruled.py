"""Functions that carry rules of their own, and programs that call them or stop a gradient."""

import ctypes

import numpy as np

from srcgrad import custom_vjp, grad, stop_gradient


def softplus_rule(g, y, x):
    return g * np.exp(x - y)


@custom_vjp(softplus_rule)
def softplus(x):
    return np.logaddexp(0.0, x)


def power_rule(g, y, a, n):
    return g * n * a ** (n - 1), None


@custom_vjp(power_rule)
def power(a, n):
    """No rule is known for what it calls, and none is needed."""
    return np.float64(ctypes.c_double(a**n).value)


def clipped_rule(g, y, x):
    return np.clip(g, -1.0, 1.0)


@custom_vjp(clipped_rule)
def clipped_backwards(x):
    return x * 1.0


def in_a_loop(x, s):
    total = 0.0
    for _ in range(2):
        x = softplus(x) * s
        total = total + np.sum(x**3)
    return total


def of_numbers(s, t):
    return power(s * t, 3) * softplus(t) + power(s, 2)


def another_derivative(x):
    return np.sum(clipped_backwards(x) ** 2)


def inside_a_derivative(s):
    return grad(lambda u: softplus(u * s) * u)(s)


def stopped_state(x):
    y, total = x * 2.0, 0.0
    for _ in range(3):
        y = stop_gradient(y) * x + np.sin(y)
        total = total + np.sum(y)
    return total


def stopped_dict(s, t):
    held = stop_gradient({"s": s, "t": t})
    return s * held["t"] + held["s"] * 3.0


def bounded_rule(g, y, x):
    """Not linear in the cotangent: it is for reverse mode."""
    return np.minimum(g, 2.0) * np.cos(x)


def bounded_tangent(y, x, x_dot):
    return np.cos(x) * x_dot


@custom_vjp(bounded_rule, tangent=bounded_tangent)
def with_both(x):
    return np.sin(x)


def of_both(x, w):
    return np.sum(with_both(x * w) * w)


def product_rule(g, y, pair):
    return {"a": g * pair["b"], "b": g * pair["a"]}


@custom_vjp(product_rule)
def product(pair):
    return pair["a"] * pair["b"]


def of_dicts(x, w):
    return np.sum(product({"a": np.sin(x), "b": x * w}))


# --- rules that are wrong


def none_rule(g, y, x):
    return None


@custom_vjp(none_rule)
def without_derivative(x):
    return x * 2.0


def narrow_rule(g, y, x):
    return np.sum(g)


@custom_vjp(narrow_rule)
def of_another_shape(x):
    return x * 2.0


@custom_vjp(softplus_rule)
def gives_its_argument(x):
    return x


@custom_vjp(softplus_rule)
def writes(x):
    x[0] = 1.0
    return x * 2.0
