"""Memory budgets: derivatives as they were, in less memory; and plans that say what is kept."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import (
    SrcgradError,
    UnsupportedError,
    checkpoint,
    checkpointed,
    grad,
    hessian,
    value_and_grad,
    vjp,
)
from srcgrad.budget import Loop, choose, flat

N, STEPS = 1000, 60
STATE = 8 * N


def values(u, k, n):
    for i in range(n):
        u = np.sin(u) * k + 0.1 * u * np.cos(u + i)
    return np.sum(u)


def in_place(u, k, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
        u[0] = np.sin(u[0])
    return np.sum(u**2)


def until(u, k, n):
    i = 0
    while i < n:
        v = np.sin(u) * k
        u = v + u * np.cos(v)
        i += 1
    return np.sum(u)


def left(u, k, n):
    for i in range(10 * n):
        u = np.sin(u) * k + u
        if i == n:
            break
    return np.sum(u)


def nested(u, k, n):
    for _ in range(n):
        w = u
        for j in range(n // 3):
            w = np.sin(w) * k + 0.01 * w * j
        u = u + w
    return np.sum(u)


def one_after_another(u, k, n):
    for _ in range(n):
        u = np.sin(u) * k + u
    v = np.tanh(u)
    for _ in range(2 * n):
        v = np.cos(v) * v
        u = u * 1.01
    return np.sum(v * u)


def simulated(u, k, n):
    for i in range(n):
        u = np.sin(u) * k + u
        a = np.exp(-u * u)
        b = a * u + np.cos(a)
        u = u + 0.1 * b * a
        if i % 2:
            u = u * 0.9
        u = u - k * b
    return u


def in_functions(u, k, n):
    for _ in range(5):
        u = simulated(u, k, n) * 0.3
    return np.sum(u)


def of_containers(u, k, n):
    state = {"u": u, "parts": [u * k, 0.5]}
    for _ in range(n):
        state["u"] = np.sin(state["u"]) * k + state["parts"][0]
        state["parts"] = [state["u"] * 0.9, k]
    return np.sum(state["u"])


def drawn(u, k, n):
    rng = np.random.default_rng(0)
    for _ in range(n):
        u = np.sin(u) * k + u * rng.normal(size=u.size)
    return np.sum(u)


PROGRAMS = (
    values,
    in_place,
    until,
    left,
    nested,
    one_after_another,
    in_functions,
    of_containers,
    drawn,
)


def start() -> Any:
    return np.random.default_rng().uniform(size=N)


def peak(f: Callable[..., Any], *args: Any) -> int:
    f(*args)
    tracemalloc.start()
    f(*args)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_the_same_in_less_memory(f: Callable[..., Any]) -> None:
    u, k, budget = start(), 0.3, 36 * STATE
    plain, kept = grad(f, (0, 1)), grad(f, (0, 1), memory_budget=budget)
    expected, found = plain(u, k, STEPS), kept(u, k, STEPS)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    plan = kept.plan(u, k, STEPS)
    assert plan.met and plan.need <= budget < plan.everything
    # Beside what is recorded there are the temporaries of a step, its gradient and the arguments.
    assert peak(kept, u, k, STEPS) < budget + 16 * STATE < peak(plain, u, k, STEPS)
    value, pull = vjp(f, u, k, STEPS, memory_budget=budget)
    np.testing.assert_allclose(value, f(u.copy(), k, STEPS))
    for _ in range(2):
        for ours, theirs in zip(pull(1.0)[:2], expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_what_is_weighed_is_what_is_kept(f: Callable[..., Any]) -> None:
    """The run that records nothing counts the bytes of the run that records everything."""
    plan = grad(f, (0, 1), memory_budget=10**9).plan(start(), 0.3, STEPS)
    assert plan.snapshots == () and plan.need == plan.everything
    found = peak(grad(f, (0, 1)), start(), 0.3, STEPS)
    assert 0.8 * found < plan.everything + 8 * STATE
    assert plan.everything < 1.2 * found


def test_plans_are_for_shapes_and_numbers() -> None:
    f = grad(values, memory_budget=20 * STATE)
    u = start()
    assert f.plan(u, 0.3, 3).snapshots == ()
    assert f.plan(u[:50], 0.3, STEPS).snapshots == ()
    ((_, _, few),) = f.plan(u, 0.3, STEPS).snapshots
    assert 10 < few < 20
    table = str(f.plan(u, 0.3, STEPS))
    assert "for i in range(n): " in table and f"{few} states of 7.91 KiB in {STEPS} steps" in table
    np.testing.assert_allclose(f(u, 0.3, STEPS), grad(values)(u, 0.3, STEPS))
    assert f.source == f.lower(u, 0.3, STEPS).source
    assert f"snapshot_places(n, {few})" in f.source


def test_every_way_to_ask() -> None:
    u = start()

    @grad(argnums=("u", "k"), memory_budget=20 * STATE)
    def decorated(u, k, n):
        return values(u, k, n)

    class Model:
        def __init__(self) -> None:
            self.k = 0.3

        def run(self, u, n):
            return values(u, self.k, n), u[:2]

    model = Model()
    expected = grad(values, (0, 1))(u, 0.3, STEPS)
    np.testing.assert_allclose(decorated(u, k=0.3, n=STEPS)[0], expected[0])
    value, found = value_and_grad(values, memory_budget=20 * STATE)(u, 0.3, STEPS)
    np.testing.assert_allclose(value, values(u, 0.3, STEPS))
    np.testing.assert_allclose(found, expected[0])
    found, aux = grad(model.run, has_aux=True, memory_budget=20 * STATE)(u, STEPS)
    np.testing.assert_allclose(found, expected[0])
    np.testing.assert_array_equal(aux, u[:2])
    again = pickle.loads(pickle.dumps(decorated))
    np.testing.assert_allclose(again(u, 0.3, STEPS)[1], expected[1])
    assert copy.deepcopy(decorated) is decorated


def test_second_derivatives_keep_what_plain_loops_keep() -> None:
    u = np.array([0.3, 0.5])
    ours = hessian(grad(values, memory_budget=0).primal)(u, 0.3, 4)
    np.testing.assert_allclose(ours, hessian(values)(u, 0.3, 4))
    named = grad(values, memory_budget=0)
    for outer in (
        lambda u: np.sum(grad(values, memory_budget=0)(u, 0.3, 4)),
        lambda u: np.sum(named(u, 0.3, 4)),
    ):
        np.testing.assert_allclose(grad(outer)(u), hessian(values)(u, 0.3, 4).sum(axis=0))


def test_where_nothing_can_be_saved() -> None:
    def returned(u, k, n):
        for i in range(10 * n):
            u = np.sin(u) * k + u
            if i == n:
                return np.sum(u)
        return np.sum(u * u)

    def by_elements(u, k, n):
        t = 0.0
        for i in range(u.size):
            t = t + np.sin(u[i]) * k * t + u[i]
        return t

    def collected(u, k, n):
        path = np.zeros((n, u.size))
        for i in range(n):
            u = np.sin(u) * k + u
            path[i] = u
        return np.sum(path * path)

    told = (
        (returned, "a checkpointed loop is left by `return`"),
        (by_elements, "a step uses small parts of what it would copy"),
        (collected, "one state is as large as all that it records"),
    )
    for f, reason in told:
        u = start()
        with pytest.warns(UserWarning, match="a memory budget is too small"):
            plan = grad(f, memory_budget=STATE).plan(u, 0.3, STEPS)
        assert not plan.met and plan.snapshots == ()
        assert reason in str(plan)
        np.testing.assert_allclose(
            grad(f, memory_budget=STATE)(u, 0.3, STEPS), grad(f)(u, 0.3, STEPS)
        )


def test_checkpoints_of_the_program_stay() -> None:
    @checkpoint
    def block(u, k):
        for _ in range(4):
            u = np.sin(u) * k + u
        return u

    def f(u, k, n):
        for _ in checkpointed(range(n), snapshots=3):
            u = np.sin(u) * k + u
        for _ in range(n):
            u = block(u, k)
        return np.sum(u)

    u = start()
    kept = grad(f, memory_budget=20 * STATE)
    np.testing.assert_allclose(kept(u, 0.3, STEPS), grad(f)(u, 0.3, STEPS), rtol=1e-10)
    assert len(kept.plan(u, 0.3, STEPS).snapshots) == 1
    assert "snapshot_places(n, 3)" in kept.source


def test_the_run_that_counts_is_not_seen() -> None:
    def drawing(u, k, rng):
        for _ in range(4):
            u = np.sin(u) * k * rng.normal() + np.random.normal()
        return np.sum(u)

    def printing(u, k, n):
        print("here")
        return values(u, k, n)

    u = start()
    found = []
    for f in (grad(drawing), grad(drawing, memory_budget=10**6)):
        rng = np.random.default_rng(3)
        np.random.seed(1)
        found.append((f(u, 0.3, rng), rng.normal(), np.random.normal()))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(UnsupportedError, match="run once to see what it keeps"):
        grad(printing, memory_budget=10**6)(u, 0.3, STEPS)


def test_what_is_no_budget() -> None:
    for budget in (-1, 1.5, "1 GB"):
        with pytest.raises(SrcgradError, match="a number of bytes"):
            grad(values, memory_budget=budget)  # type: ignore[call-overload]


def test_choices() -> None:
    """The largest loop first; what is left goes to those that keep snapshots."""

    def loops() -> tuple[Loop, ...]:
        inner = Loop("f", 3, 3, "for k", runs=10, steps=1000, state=10, kept=50_000)
        outer = Loop("f", 2, 2, "for j", runs=1, steps=10, state=10, kept=1000, inner=[inner])
        return Loop("f", 1, 1, "for i", runs=1, steps=100, state=10, kept=10_000), outer

    assert choose("f", 61_000, 0, loops()).snapshots == ()
    found = choose("f", 20_000, 0, loops())
    assert [loop.snapshots for loop in flat(found.loops)] == [None, 10, None]
    assert found.need == 10_000 + 100 + 5100
    found = choose("f", 6000, 0, loops())
    assert [loop.snapshots for loop in flat(found.loops)][1:] == [10, None]
    assert found.met and found.need > 6000 - 10 or found.loops[0].snapshots == 100 - 1
    found = choose("f", 400, 0, loops())
    assert None not in [loop.snapshots for loop in flat(found.loops)] and found.met
    assert not choose("f", 20, 0, loops()).met


def test_a_loop_that_is_refused_without_others() -> None:
    """Each plan is tried: what is accepted for all loops need not be for one of them."""

    def f(x):
        z = x * 0.9
        a = z * x
        for _ in range(3):
            for _ in range(3):
                x = x * 1.0
            a = a / (1 + x * x)
        c = a / (1 + z * z)
        for _ in range(3):
            a += 0.1 * a
            x = a - 0.3 * x
        e = np.cos(np.where(c > 0.3, z, c))
        return np.sum(c * z) + np.sum(e * e)

    x = np.random.default_rng().uniform(size=6)
    with pytest.warns(UserWarning, match="a memory budget is too small"):
        found = grad(f, memory_budget=0)(x)
    np.testing.assert_allclose(found, grad(f)(x), rtol=1e-12)
