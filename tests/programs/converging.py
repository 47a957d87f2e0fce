"""Loops that go on until their values stay as they are: `f(a, x, b)`, with `a` of 4 x 4 numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad import checkpointed, converging

WEIGHTS = np.array([1.0, -2.0, 0.5, 3.0])


def left_with_the_new_value(a: Any, x: Any, b: Any) -> Any:
    for _ in converging(range(200)):
        new = np.tanh(a @ x + b)
        if np.max(np.abs(new - x)) < 1e-15:
            x = new
            break
        x = new
    return np.sum(x**2 * WEIGHTS)


def left_before(a: Any, x: Any, b: Any) -> Any:
    for _ in converging(range(200)):
        new = np.tanh(a @ x + b)
        if np.max(np.abs(new - x)) < 1e-15:
            break
        x = new
    return np.sum(x**2 * WEIGHTS) + np.sum(new)


def tested_before(a: Any, x: Any, b: Any) -> Any:
    change, k = np.inf, 0
    while converging(change > 1e-15):
        new = np.tanh(a @ x + b)
        change = np.max(np.abs(new - x))
        x = new
        k += 1
    return np.sum(x**2 * WEIGHTS) + 0 * k


def two_names(a: Any, x: Any, b: Any) -> Any:
    new = np.tanh(a @ x + b)
    while converging(np.linalg.norm(new - x) > 1e-15, tol=1e-5):
        x = new
        new = np.tanh(a @ x + b)
    return np.sum(new**2 * WEIGHTS)


def a_number_of_steps(a: Any, x: Any, b: Any) -> Any:
    for k in converging(range(300)):
        if np.sum(x) > 1e9:
            x = x / 2
            continue
        if b[0] > 0:
            new = np.tanh(a @ x + b)
        else:
            new = np.tanh(2 * a @ x + b)
        if k > 3:
            print(end="")
            if np.max(np.abs(new - x)) < 1e-15:
                x = new
                break
        x = new
    else:
        x = x + 0.0
    return np.sum(x**2 * WEIGHTS)


def element_by_element(a: Any, x: Any, b: Any) -> Any:
    x = x.copy()
    for _ in converging(range(100)):
        for i in range(4):
            x[i] = np.tanh(a[i] @ x + b[i])
    return np.sum(x**2 * WEIGHTS)


def in_place(a: Any, x: Any, b: Any) -> Any:
    for _ in converging(range(100)):
        x[...] = np.tanh(a @ x + b)
    return np.sum(x**2 * WEIGHTS)


def with_momentum(a: Any, x: Any, b: Any) -> Any:
    v = np.zeros_like(x)
    for _ in converging(range(400)):
        v = 0.3 * v - 0.5 * (x - np.tanh(a @ x + b))
        x = x + v
    return np.sum(x**2 * WEIGHTS)


def newton(a: Any, x: Any, b: Any) -> Any:
    y, c = 1.0 + b[0] ** 2, x[1] ** 2 + 1.0
    while converging(abs(y * y - c) > 1e-14):
        y = y - (y * y - c) / (2 * y)
    return y * a[0, 0] * y


def number_to_array(a: Any, x: Any, b: Any) -> Any:
    y = 0.0
    for _ in converging(range(100)):
        y = np.tanh(a @ (y + x * 0) + b)
    return np.sum(y * x)


def update(a: Any, y: Any, b: Any) -> Any:
    return np.tanh(a @ y + b)


def by_a_function(a: Any, x: Any, b: Any) -> Any:
    for _ in converging(range(100)):
        x = update(a, x, b)
    return np.sum(x**2 * WEIGHTS)


def limit(a: Any, x: Any, b: Any) -> Any:
    for _ in converging(range(300)):
        new = update(a, x, b)
        if np.max(np.abs(new - x)) < 1e-14:
            break
        x = new
    return new


def in_a_function(a: Any, x: Any, b: Any) -> Any:
    return np.sum(limit(a, x, b) ** 2 * WEIGHTS) + np.sum(limit(a, b, x) * np.sin(b))


def one_in_another(a: Any, x: Any, b: Any) -> Any:
    for _ in converging(range(60)):
        y = x * 0.0
        for _ in converging(range(60)):
            y = 0.3 * np.sin(y) + 0.1 * x
        x = np.tanh(a @ y + b)
    return np.sum(x**2 * WEIGHTS)


def in_a_loop(a: Any, x: Any, b: Any) -> Any:
    total = 0.0
    for t in range(3):
        for _ in converging(range(100)):
            x = np.tanh(a @ x + b * (t + 1.0))
        total = total + np.sum(x * WEIGHTS)
    return total


def in_a_checkpointed_loop(a: Any, x: Any, b: Any) -> Any:
    y = 0.1 * x
    for _ in checkpointed(range(5), snapshots=2):
        for _ in converging(range(80)):
            x = np.tanh(a @ x + y)
        y = np.sin(x) + b
    return np.sum(y * WEIGHTS)


def around_a_checkpointed_loop(a: Any, x: Any, b: Any) -> Any:
    for _ in converging(range(80)):
        y = x
        for _ in checkpointed(range(4), snapshots=2):
            y = np.tanh(a @ y + b)
        x = y
    return np.sum(x**2 * WEIGHTS)


def with_a_boundary(a: Any, x: Any, b: Any) -> Any:
    u = np.zeros((6, 6))
    u[0, 1:5] = b
    u[1:5, 0] = x
    for _ in converging(range(2000)):
        new = u.copy()
        around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
        new[1:-1, 1:-1] = 0.25 * (around + 0.1 * a * np.cos(u[1:-1, 1:-1]))
        change = np.max(np.abs(new - u))
        u = new
        if change < 1e-15:
            break
    return np.sum(u**2 * np.arange(6.0))


def relaxed_in_place(a: Any, x: Any, b: Any) -> Any:
    u, v = np.append(x, b), np.ones(8)
    for _ in converging(range(500)):
        for i in range(1, 7):
            u[i] = 0.4 * (u[i - 1] + u[i + 1]) + 0.1 * np.sin(a[i % 4, 0]) * v[i]
            v[i] = np.tanh(u[i])
    return np.sum(u**2) + np.sum(v**3)


def chosen_elements(a: Any, x: Any, b: Any) -> Any:
    on = np.array([True, False, True, False])
    for _ in converging(range(200)):
        x = np.where(on, np.tanh(a @ x + b), x)
    return np.sum(x**2 * WEIGHTS)


def not_differentiated(a: Any, x: Any, b: Any) -> Any:
    y = np.ones(4)
    for _ in converging(range(100)):
        y = np.cos(0.5 * y)
    for _ in converging(range(9)):
        k = int(np.sum(y))
    return np.sum(y * (a @ b)) + np.sum(limit(np.full((4, 4), 0.1), np.ones(4), y)) * k * x[0]


PROGRAMS = [
    left_with_the_new_value,
    left_before,
    tested_before,
    two_names,
    a_number_of_steps,
    element_by_element,
    in_place,
    with_momentum,
    newton,
    number_to_array,
    by_a_function,
    in_a_function,
    one_in_another,
    in_a_loop,
    in_a_checkpointed_loop,
    around_a_checkpointed_loop,
    with_a_boundary,
    relaxed_in_place,
    chosen_elements,
    not_differentiated,
]
