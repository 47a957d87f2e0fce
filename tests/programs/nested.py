"""Programs that take derivatives: of functions of theirs, of closures, of derivatives."""

from functools import partial

import numpy as np

from srcgrad import grad, value_and_grad


def sum_inside(x):
    return x * grad(lambda y: x + y)(1.0)


def product_inside(x):
    return x * grad(lambda y: x * y)(1.0)


def inner_variable_under_its_own_name(x):
    return grad(lambda x: x**3)(x) * x


def two_levels_of_capture(x):
    return grad(lambda y: y**2 * grad(lambda z: x * y * z**2)(y))(x + 1.0)


def third_derivative(x):
    return grad(grad(grad(lambda y: np.sin(y) * x)))(x)


def same_function_at_two_levels(x):
    def scaled(y, s):
        return y**2 * s

    return grad(lambda y: scaled(y, grad(scaled)(y, x)))(x)


def one_text_two_cells(x):
    def power(n):
        return lambda y: y**n * x

    return grad(power(2))(x) * grad(power(3))(x)


def derivative_by_an_argument_and_by_a_capture(x):
    def f(y):
        return np.exp(x * y)

    return grad(f)(2.0) + grad(grad(f))(x)


def step(f, x, rate):
    return x - rate * grad(f)(x)


def handed_to_a_function(x):
    y = x
    for _ in range(3):
        y = step(lambda u: np.sum((u - x) ** 4 + u**2 * x), y, 0.1)
    return np.sum(y * x)


def trained(rate, w, A, t):
    """A training loop; its derivatives are those of the learning rate and of the start."""

    def loss(w):
        return np.mean((np.tanh(A @ w) - t) ** 2)

    for _ in range(4):
        value, slope = value_and_grad(loss)(w)
        w = w - rate * slope
    return loss(w) + value


def with_momentum(w, A):
    def loss(w):
        return np.sum(np.sin(A @ w))

    slopes = grad(loss)
    v = np.zeros_like(w)
    for k in range(3):
        g = slopes(w)
        if np.sum(g**2) > 1e-3:
            v = 0.9 * v + g
        w = w - 0.05 * v / (k + 1)
    return np.sum(w**2)


def parameters_in_a_dict(W, b):
    def loss(p):
        return np.sum(np.tanh(p["W"] @ p["b"]) ** 2)

    p = {"W": W, "b": b}
    for _ in range(2):
        g = grad(loss)(p)
        p = {"W": p["W"] - 0.1 * g["W"], "b": p["b"] - 0.1 * g["b"]}
    return loss(p)


def root_by_newton(x):
    def residual(u):
        return np.cosh(u) - x * u

    u = 0.3
    while True:
        d = residual(u)
        if abs(d) < 1e-13:
            return u
        u = u - d / grad(residual)(u)


def best_response(x):
    """The value of a minimum, and what moves it."""

    def f(y):
        return (y - x**2) ** 2 + 0.1 * y**4

    y = 0.0
    for _ in range(30):
        y = y - grad(f)(y) / grad(grad(f))(y)
    return f(y) * x


def by_name_and_keyword(x):
    def f(a, b, c=2.0):
        return np.sum(a * b**2) * c

    of_b, of_a = grad(f, argnums=("b", "a"))(x, b=x * 2.0)
    return np.sum(of_a * of_b)


def of_a_partial(x):
    def f(a, b):
        return a**2 * b**3

    return grad(partial(f, x))(x * 2.0)


def with_aux(x):
    def f(y):
        return y**2 * x, y + x

    g, shifted = grad(f, has_aux=True)(x * 3.0)
    return g * shifted


def of_a_library_function(x):
    return grad(np.tanh)(x) * x


def stores_inside(x):
    def f(y):
        z = np.zeros(3)
        for i in range(3):
            z[i] = y[i] * x[2 - i] ** 2
        z[1:] = z[:-1] * z[1:]
        return np.sum(z**2)

    return np.sum(grad(f)(x * 0.5) * x)


def chosen_by_a_branch(x):
    def f(y):
        return y**2 if y > x else y**3

    return grad(f)(1.0) * x + grad(f)(x - 1.0)


energy_slope = grad(lambda a: np.sin(a) * a)


@grad
def decorated(a, b):
    return a**2 * b


both = value_and_grad(lambda a, b: np.sum(a * b) ** 2, (0, "b"))


def derivatives_of_the_module(x, y):
    value, (of_a, of_b) = both(x, y)
    return value + np.sum(of_a * of_b) + energy_slope(x[0]) * decorated(x[1], y[1])


class Spring:
    def __init__(self, stiffness):
        self.stiffness = stiffness

    def energy(self, y):
        return y**3 * self.stiffness


def method_of_an_object(x):
    spring = Spring(x)
    return grad(spring.energy)(x)


# --- refused


def changes_its_surroundings(x):
    c = x

    def f(y):
        nonlocal c
        c = c * y
        return c

    return grad(f)(2.0) * c


def writes_into_its_surroundings(x):
    kept = x * 1.0

    def f(y):
        part = kept[1:]
        part[0] = y * y
        return np.sum(part) * y

    return grad(f)(x[0]) + kept[1]


def needed_to_make_itself(x):
    def level(k, z):
        if k > x:
            return z**3
        return grad(lambda u: level(k + 1, u) * z)(z)

    return level(x * 0.0, x)


def known_at_run_time(x):
    def f(y):
        return y * x

    return grad([f, np.sin][int(x)])(x)


def with_respect_to_nothing(x):
    return grad(lambda y, z=1.0: y * z, argnums="z")(x)
