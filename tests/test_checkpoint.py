"""Checkpointing: right derivatives, as many steps as are proven, and as little memory."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from functools import cache
from pathlib import Path
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
    jvp,
    transform,
    vjp,
)
from srcgrad.differences import central_differences
from srcgrad.support_checkpoints import make_room, next_snapshot, snapshot_places
from tests.agreement import assert_near
from tests.programs import blocks, checkpointing

LOOPS = [(f, n) for f in checkpointing.PROGRAMS for n in (0, 1, 2, 7)]


def assert_gradients(found: Any, expected: Any) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert_near(ours, theirs, rtol=1e-5, atol=1e-7)


def slopes(f: Callable[..., Any], u: Any, k: float, *rest: Any) -> Any:
    return central_differences(lambda u, k: f(u.copy(), k, *rest), (u, k), (0, 1))


@pytest.mark.parametrize(("f", "n"), LOOPS, ids=lambda x: getattr(x, "__name__", str(x)))
def test_loops(f: Callable[..., Any], n: int) -> None:
    u, k = np.random.default_rng().normal(size=4), 0.3
    given = u.copy()
    found = grad(f, (0, 1))(given, k, n)
    np.testing.assert_array_equal(given, u)
    assert_gradients(found, slopes(f, u, k, n))
    u_dot = np.cos(np.arange(4.0))
    _, tangent = jvp(f, (u, k, n), (u_dot, 0.7, None))
    np.testing.assert_allclose(tangent, np.sum(found[0] * u_dot) + 0.7 * found[1], rtol=1e-9)
    _, pull = vjp(f, u, k, n)
    for _ in range(2):  # a pullback may be called again
        assert_gradients(pull(1.0)[:2], found)


@pytest.mark.parametrize("f", blocks.PROGRAMS, ids=lambda f: f.__name__)
def test_functions(f: Callable[..., Any]) -> None:
    u, k = np.random.default_rng().normal(size=4), 0.3
    found = grad(f, (0, 1))(u, k)
    assert_gradients(found, slopes(f, u, k))
    u_dot = np.cos(np.arange(4.0))
    _, tangent = jvp(f, (u, k), (u_dot, 0.7))
    np.testing.assert_allclose(tangent, np.sum(found[0] * u_dot) + 0.7 * found[1], rtol=1e-9)


@pytest.mark.parametrize(
    ("module", "f", "rest"),
    [(checkpointing, f, (5,)) for f in checkpointing.PROGRAMS]
    + [(blocks, f, ()) for f in blocks.PROGRAMS],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_ahead_of_time(module: Any, f: Callable[..., Any], rest: tuple[Any, ...]) -> None:
    text = transform(Path(module.__file__), functions=[f.__name__], wrt=("u", "k"))
    assert "srcgrad" not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    u, k = np.random.default_rng().normal(size=4), 0.3
    found = namespace[f"{f.__name__}_grad"](u.copy(), k, *rest)
    assert_gradients(found, slopes(f, u, k, *rest))


@pytest.mark.parametrize(
    ("f", "rest"),
    [(checkpointing.values, (5,)), (checkpointing.until, (5,)), (blocks.nested_blocks, ())],
)
def test_second_order(f: Callable[..., Any], rest: tuple[Any, ...]) -> None:
    u, k = np.random.default_rng().normal(size=3), 0.3
    found = hessian(f)(u, k, *rest)
    step = 1e-5
    for i, row in enumerate(np.eye(3) * step):
        up, down = grad(f)(u + row, k, *rest), grad(f)(u - row, k, *rest)
        np.testing.assert_allclose(found[:, i], (up - down) / (2 * step), rtol=1e-5, atol=1e-7)


def test_methods() -> None:
    class Model:
        def __init__(self, scale: float) -> None:
            self.scale = scale

        @checkpoint
        def layer(self, x: Any, w: Any) -> Any:
            return np.tanh(x * w) * self.scale

        def run(self, x: Any, w: Any) -> Any:
            for _ in range(3):
                x = self.layer(x, w)
            return np.sum(x)

    model = Model(1.3)
    x = np.array([0.1, 0.5, -0.3])
    assert_gradients(grad(model.run, (0, 1))(x, 0.7), slopes(model.run, x, 0.7))


# --- how many steps


@cache
def fewest(steps: int, snapshots: int) -> int:
    """How many steps are to be taken again at least, by trying every place for a snapshot."""
    if steps <= 1:
        return 0
    if snapshots == 1:
        return steps * (steps - 1) // 2
    return min(m + fewest(steps - m, snapshots - 1) + fewest(m, snapshots) for m in range(1, steps))


def binomial(steps: int, snapshots: int) -> int:
    """The same by the formula of Griewank and Walther, with its `r` repetitions."""
    r = repetitions(steps, snapshots)
    return r * steps - math.comb(snapshots + r, r - 1) if r else 0


def repetitions(steps: int, snapshots: int) -> int:
    r = 0
    while math.comb(snapshots + r, snapshots) < steps:
        r += 1
    return r


def test_the_formula() -> None:
    for steps in range(1, 60):
        for snapshots in range(1, 7):
            assert binomial(steps, snapshots) == fewest(steps, snapshots)


def replay(saved: list[int], steps: int, snapshots: int) -> list[int]:
    """How often each step is taken again while a loop is reversed, from what was kept."""
    taken = [0] * steps
    for last in reversed(range(steps)):
        start = saved.pop()
        while start < last:
            saved.append(start)
            assert len(saved) <= snapshots
            stop = next_snapshot(start, last, snapshots - len(saved))
            for i in range(start, stop):
                taken[i] += 1
            start = stop
    assert not saved
    return taken


def test_schedule_of_known_length() -> None:
    for steps in range(1, 150):
        for snapshots in range(1, 9):
            places = snapshot_places(steps, snapshots)
            saved = [i for i in range(steps) if i in places]
            assert len(saved) <= snapshots + 1  # and the state at hand
            taken = sum(replay(saved, steps, snapshots))
            # The first sweep is one of the formula's, but for its last step.
            assert taken + steps - 1 == binomial(steps, snapshots)


def test_schedule_of_unknown_length() -> None:
    for snapshots in range(2, 7):
        for steps in range(1, 150):
            levels: list[int] = []
            saved: list[int] = []
            for i in range(steps):
                levels, gone = make_room(levels, snapshots)
                if gone >= 0:
                    saved.pop(gone)
                saved.append(i)
                assert len(saved) == len(levels) <= snapshots
            assert saved[0] == 0
            taken = replay(saved, steps, snapshots)
            assert max(taken) <= repetitions(steps, snapshots)
            assert sum(taken) <= binomial(steps, snapshots)


TEXT = """
import numpy as np
from srcgrad import checkpointed


def f(u, n, s):
    for i in checkpointed(range(n), snapshots=s):
        u = np.sin(u) + 0.1 * u * i
    return np.sum(u)


def g(u, n, s):
    i = 0
    while checkpointed(i < n, snapshots=s):
        u = np.sin(u) + 0.1 * u * i
        i += 1
    return np.sum(u)
"""


@pytest.mark.parametrize("name", ["f", "g"])
@pytest.mark.parametrize(("n", "s"), [(1, 2), (6, 2), (10, 3), (35, 4), (40, 3), (100, 5)])
def test_steps_of_a_derivative(name: str, n: int, s: int) -> None:
    namespace: dict[str, Any] = {}
    exec(transform(TEXT, functions=["f", "g"]), namespace)
    counts = {"forward": 0, "backward": 0}

    def counted(part: str, key: str) -> None:
        inner = namespace[key]

        def call(*args: Any) -> Any:
            counts[part] += 1
            return inner(*args)

        namespace[key] = call

    counted("forward", f"{name}_step")
    counted("backward", f"{name}_step_backward")
    namespace[f"{name}_grad"](np.ones(2), n, s)
    assert counts["backward"] == n
    if name == "f":
        assert counts["forward"] == binomial(n, s) + 1
    else:
        assert n <= counts["forward"] <= binomial(n, s) + n


def peak(f: Callable[..., Any], *args: Any) -> int:
    f(*args)
    tracemalloc.start()
    f(*args)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory() -> None:
    u, n, state = np.linspace(0.0, 1.0, 20_000), 120, 160_000

    def plain(u: Any, n: int) -> Any:
        for i in range(n):
            u = np.sin(u) + 0.1 * u * i
        return np.sum(u)

    def kept(u: Any, n: int) -> Any:
        for i in checkpointed(range(n), snapshots=5):
            u = np.sin(u) + 0.1 * u * i
        return np.sum(u)

    def online(u: Any, n: int) -> Any:
        i = 0
        while checkpointed(i < n, snapshots=5):
            u = np.sin(u) + 0.1 * u * i
            i += 1
        return np.sum(u)

    def stored(u: Any, n: int) -> Any:
        u = u.copy()
        for i in checkpointed(range(n), snapshots=5):
            u[1:] = np.sin(u[:-1]) + 0.1 * u[1:] * i
        return np.sum(u)

    @checkpoint
    def block(u: Any, n: int) -> Any:
        for i in range(n // 10):
            u = np.sin(u) + 0.1 * u * i
        return u

    def in_blocks(u: Any, n: int) -> Any:
        for _ in range(10):
            u = block(u, n)
        return np.sum(u)

    np.testing.assert_allclose(grad(kept)(u, n), grad(plain)(u, n), rtol=1e-12)
    np.testing.assert_allclose(grad(online)(u, n), grad(plain)(u, n), rtol=1e-12)
    assert peak(grad(plain), u, n) > n * state
    for f in (kept, online, stored):
        found = peak(grad(f), u, n)
        assert found < (5 + 11) * state  # snapshots, and what one step computes
        assert peak(grad(f), u, 2 * n) < found + state  # however many steps there are
    assert peak(grad(in_blocks), u, n) < (10 + 3 * 12 + 8) * state


# --- what is refused


def refusal(f: Callable[..., Any]) -> str:
    with pytest.raises(UnsupportedError) as raised:
        grad(f)(np.ones(3), 0.5)
    return str(raised.value)


def test_memory_with_several_names_is_refused() -> None:
    def f(u, k):
        v = u.copy()
        w = v[1:]
        for _ in checkpointed(range(4), snapshots=2):
            v[1:] += k * v[:-1] ** 2
        return np.sum(w**2) + np.sum(v)

    assert "memory that has several names is written in a checkpointed loop" in refusal(f)


def test_what_acts_is_refused() -> None:
    def printing(u, k):
        for _ in checkpointed(range(4), snapshots=2):
            print(k)
            u = u * k
        return np.sum(u)

    @checkpoint
    def told(x):
        print(x)
        return x * 2

    def deep(u, k):
        return np.sum(told(u * k))

    for f in (printing, deep):
        assert "this call is made again when" in refusal(f)


def test_what_is_read_after_a_loop() -> None:
    def unset(u, k):
        for _ in checkpointed(range(4), snapshots=2):
            t = u * k
            u = np.sin(t)
        return np.sum(t)

    def index(u, k):
        for i in checkpointed(range(4), snapshots=2):
            u = u * k / (i + 1)
        return np.sum(u) * i

    def returning(u, k):
        for _ in checkpointed(range(4), snapshots=2):
            if np.sum(u) > 100:
                return k
            u = u * k
        return np.sum(u)

    def trying(u, k):
        for i in checkpointed(range(4), snapshots=2):
            try:
                u = u * k / (i - 2)
            except ZeroDivisionError:
                u = u * u
        return np.sum(u)

    assert "a `try` in a checkpointed loop" in refusal(trying)
    assert "`t` has no value before a checkpointed loop" in refusal(unset)
    assert "the index `i` of a checkpointed loop is read after it" in refusal(index)
    assert "a checkpointed loop is left by `return`" in refusal(returning)


def test_functions_that_write_are_refused() -> None:
    assert "writes into its argument" in refusal(blocks.of_a_loop)


def test_snapshots_are_counted() -> None:
    def none(u, k):
        for _ in checkpointed(range(4), snapshots=0):
            u = u * k
        return np.sum(u)

    def one(u, k, s):
        while checkpointed(np.sum(u) > 0.1, snapshots=s):
            u = u * k
        return np.sum(u)

    assert "at least one snapshot" in refusal(none)
    with pytest.raises(ValueError, match="at least two snapshots"):
        grad(one)(np.ones(3), 0.5, 1)
    with pytest.raises(SrcgradError, match="checkpoint takes a function"):
        checkpoint(3)  # type: ignore[arg-type]


def test_the_functions_themselves() -> None:
    x = np.array([0.3, -0.2])
    np.testing.assert_array_equal(blocks.layer(x, 0.5), blocks.layer.primal(x, 0.5))
    assert [*checkpointed(range(3), snapshots=2)] == [0, 1, 2]
    assert grad(blocks.layer)(0.3, 0.5) == grad(blocks.layer.primal)(0.3, 0.5)
    assert "checkpointed" in repr(blocks.layer)
