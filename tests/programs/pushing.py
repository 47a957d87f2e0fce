"""Functions that carry a rule for tangents, and programs that call them."""

import ctypes

import numpy as np

from srcgrad import custom_jvp, custom_vjp, grad, stop_gradient


def softplus_tangent(y, x, x_dot):
    return np.exp(x - y) * x_dot


@custom_jvp(softplus_tangent)
def softplus(x):
    return np.logaddexp(0.0, x)


def blend_tangent(y, a, x, n, a_dot, x_dot, n_dot):
    z_dot = a_dot * x + a * x_dot
    return np.where(x > 0, z_dot, 0.5 * z_dot) * n


@custom_jvp(blend_tangent)
def blend(a, x, n):
    """No rule is known for what it calls, and none is needed."""
    return np.where(x > 0, a * x, 0.5 * a * x) * ctypes.c_long(n).value


def norm_tangent(y, x, x_dot):
    total = 0.0
    for i in range(len(x)):
        total = total + x[i] * x_dot[i]
    return total / y


@custom_jvp(norm_tangent)
def norm(x):
    return np.float64(ctypes.c_double(float(np.sqrt(np.sum(x * x)))).value)


def inverse_rule(g, y, A):
    return -y.T @ g @ y.T


@custom_vjp(inverse_rule)
def inverse(A):
    return np.linalg.solve(A, np.eye(len(A)))


def neighbours_tangent(y, x, x_dot):
    out = np.zeros_like(x)
    for i in range(len(x) - 1):
        out[i] = x_dot[i] * x[i + 1] + x[i] * x_dot[i + 1]
    out[-1] += 2.0 * x_dot[-1]
    return out


@custom_jvp(neighbours_tangent)
def neighbours(x):
    return np.append(x[:-1] * x[1:], 2.0 * x[-1])


def with_stores(x, s):
    return np.sum(neighbours(x * s) ** 2)


def in_a_loop(x, s):
    total = 0.0
    for _ in range(2):
        x = softplus(x) * s
        total = total + np.sum(x**3)
    return total


def several_arguments(x, s):
    return np.sum(blend(s, x, 3) ** 2) + np.sum(blend(2.0, x * s, 1))


def with_a_loop(x, s):
    return norm(x * s) * norm(np.sin(x)) + s


def of_a_matrix(x, s):
    A = np.outer(x, x) + s * np.eye(len(x))
    return np.sum(inverse(A) * np.outer(x, np.cos(x)))


def inside_a_derivative(x, s):
    return grad(lambda u: np.sum(softplus(u * s) * u))(x)[0]


PROGRAMS = (
    with_stores,
    in_a_loop,
    several_arguments,
    with_a_loop,
    of_a_matrix,
    inside_a_derivative,
)


# --- rules that cannot be transposed


def clipped_rule(g, y, x):
    return np.clip(g, -1.0, 1.0)


@custom_vjp(clipped_rule)
def clipped(x):
    return x * 1.0


def decayed_rule(g, y, x):
    return g + 0.1 * x


@custom_vjp(decayed_rule)
def decayed(x):
    return x * 1.0


def squared_tangent(y, x, x_dot):
    return x_dot * abs(x_dot)


@custom_jvp(squared_tangent)
def squared(x):
    return x * 1.0


def tested_tangent(y, x, x_dot):
    if np.sum(x_dot) > 0:
        return x_dot
    return 2 * x_dot


@custom_jvp(tested_tangent)
def tested(x):
    return x * 1.0


def signed_tangent(y, x, x_dot):
    return x * np.sign(x_dot)


@custom_jvp(signed_tangent)
def signed(x):
    return x * 1.0


def largest_tangent(y, x, x_dot):
    return x * x_dot[np.argmax(x_dot)]


@custom_jvp(largest_tangent)
def largest(x):
    return x * 1.0


def blocked_tangent(y, x, x_dot):
    return x * stop_gradient(x_dot)


@custom_jvp(blocked_tangent)
def blocked(x):
    return x * 1.0


def shifted_tangent(y, x, x_dot):
    return x_dot + x


@custom_jvp(shifted_tangent)
def shifted(x):
    return x * 1.0


def misshapen_tangent(y, x, x_dot):
    return np.sum(x_dot)


@custom_jvp(misshapen_tangent)
def misshapen(x):
    return x * 1.0


def missing_tangent(y, x, x_dot):
    return None


@custom_jvp(missing_tangent)
def missing(x):
    return x * 1.0
