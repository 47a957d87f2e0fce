"""Random numbers in what is run again: the same are drawn, and generators are left as they were."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from srcgrad import UnsupportedError, checkpoint, checkpointed, grad, jvp, transform, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import replayed

MAKERS = (
    np.random.default_rng,
    np.random.RandomState,
    lambda seed: np.random.Generator(np.random.MT19937(seed)),
)


def states(rng: Any) -> str:
    """What every generator that the programs use would draw next."""
    return repr((rng.normal(), replayed.COMMON.normal(), np.random.normal(), random.random()))


def run(f: Callable[..., Any], make: Callable[[int], Any], *args: Any) -> tuple[Any, str]:
    """The value at generators that start anew, and the state in which it leaves them."""
    rng = make(11)
    replayed.COMMON.bit_generator.state = np.random.default_rng(5).bit_generator.state
    np.random.seed(1)
    random.seed(2)
    found = f(*args, rng)
    return found, states(rng)


@pytest.mark.parametrize("f", replayed.PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("make", MAKERS, ids=("generator", "old", "twister"))
def test_the_same_numbers(f: Callable[..., Any], make: Callable[[int], Any]) -> None:
    if f is replayed.in_place and make is np.random.RandomState:
        make = np.random.default_rng  # a RandomState has no `integers`
    u, k = np.random.default_rng().normal(size=4), 0.4
    _, left = run(f, make, u.copy(), k)
    expected = central_differences(lambda u, k: run(f, make, u.copy(), k)[0], (u, k), (0, 1))
    found, after = run(grad(f, (0, 1)), make, u, k)
    assert after == left
    for ours, theirs in zip(found, expected, strict=True):
        assert_near(ours, theirs, rtol=1e-4, atol=1e-6)
    u_dot = np.cos(np.arange(4.0))
    (_, tangent), after = run(lambda u, k, rng: jvp(f, (u, k, rng), (u_dot, 0.7, None)), make, u, k)
    assert after == left
    np.testing.assert_allclose(tangent, np.sum(found[0] * u_dot) + 0.7 * found[1], rtol=1e-9)


@pytest.mark.parametrize("f", replayed.PROGRAMS, ids=lambda f: f.__name__)
def test_a_pullback_may_be_called_again(f: Callable[..., Any]) -> None:
    u, k = np.random.default_rng().normal(size=4), 0.4
    expected, _ = run(grad(f, (0, 1)), np.random.default_rng, u, k)
    (_, pull), _left = run(lambda *args: vjp(f, *args), np.random.default_rng, u, k)
    for _ in range(2):
        for ours, theirs in zip(pull(1.0)[:2], expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("f", replayed.PROGRAMS[:-1], ids=lambda f: f.__name__)
def test_ahead_of_time(f: Callable[..., Any]) -> None:
    text = transform(Path(replayed.__file__), functions=[f.__name__], wrt=("u", "k"))
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    u, k = np.random.default_rng().normal(size=4), 0.4
    given = namespace[f"{f.__name__}_grad"]
    found, after = run(given, np.random.default_rng, u.copy(), k)
    expected, left = run(grad(f, (0, 1)), np.random.default_rng, u, k)
    assert after == left
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_global_name_is_not_known_ahead_of_time() -> None:
    with pytest.raises(UnsupportedError, match="this call is made again when"):
        transform(Path(replayed.__file__), functions=["of_a_global_name"], wrt=("u", "k"))


def refusal(f: Callable[..., Any]) -> str:
    with pytest.raises(UnsupportedError) as raised:
        grad(f)(np.ones(3), 0.5)
    return str(raised.value)


def test_what_no_state_tells() -> None:
    def fresh(u, k):
        for _ in checkpointed(range(4), snapshots=2):
            u = u * k + np.random.default_rng().normal()
        return np.sum(u)

    def of_a_list(u, k):
        sources = [np.random.default_rng(1), np.random.default_rng(2)]
        for i in checkpointed(range(4), snapshots=2):
            u = u * k + sources[i % 2].normal()
        return np.sum(u)

    def spawned(u, k):
        rng = np.random.default_rng(1)
        for _ in checkpointed(range(4), snapshots=2):
            u = u * k + rng.spawn(1)[0].normal()
        return np.sum(u)

    def frozen(u, k):
        law = stats.norm(0.0, 1.0)
        for _ in checkpointed(range(4), snapshots=2):
            u = u * k + law.rvs()
        return np.sum(u)

    @checkpoint
    def reseeded(u):
        np.random.seed(1)
        return u * np.random.normal()

    def again(u, k):
        return np.sum(reseeded(u) * k)

    for f in (fresh, of_a_list, spawned, frozen, again):
        assert "this call is made again when" in refusal(f)


def test_generators_of_a_loop() -> None:
    def condition(u, k):
        rng = np.random.default_rng(3)
        while checkpointed(rng.random() < 0.9, snapshots=3):
            u = np.sin(u) * k * rng.normal()
        return np.sum(u)

    def assigned(u, k):
        rng = np.random.default_rng(1)
        for i in checkpointed(range(4), snapshots=2):
            u = u * k * rng.normal()
            rng = np.random.default_rng(i)
        return np.sum(u)

    assert "the condition of a checkpointed loop draws random numbers" in refusal(condition)
    assert "the generator `rng` is assigned in a checkpointed loop" in refusal(assigned)
