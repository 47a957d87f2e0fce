"""Loops that converge: what is not at its limit warns, and what has none is refused."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, checkpointed, converging, grad, jvp, transform, vjp


@pytest.fixture(autouse=True)
def no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def unfinished(b: Any) -> Any:
    x = np.ones_like(b)
    for _ in converging(range(3)):
        x = np.cos(0.9 * x) + b
    return np.sum(x)


def left_elsewhere(b: Any) -> Any:
    x = np.ones_like(b)
    for _ in converging(range(300)):
        new = np.cos(0.5 * x) * b
        if np.max(np.abs(new - x)) < 1e-13:
            x = 2 * new
            break
        x = new
    return np.sum(x)


def counting(b: Any) -> Any:
    x, k = np.ones_like(b), 1.0
    for _ in converging(range(50)):
        x = np.cos(0.5 * x) * b / k
        k += 1.0
    return np.sum(x)


def growing(b: Any) -> Any:
    x = np.ones_like(b)
    for _ in converging(range(30)):
        x = 2 * x * x + b
    return np.sum(x)


def one_of_many(b: Any) -> Any:
    x = np.sin(b)
    for _ in converging(range(400)):
        x = x - 0.3 * (np.sum(x) - 1.0)
    return np.sum(x**2)


@pytest.mark.parametrize("f", [unfinished, left_elsewhere, counting], ids=lambda f: f.__name__)
def test_what_did_not_converge_warns(f: Callable[..., Any]) -> None:
    b, v = np.array([0.3, 0.5]), np.ones(2)
    for run in (lambda: grad(f)(b), lambda: jvp(f, (b,), (v,)), lambda: vjp(f, b)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that of the adjoint, too
            message = f"the loop on line .* of `{f.__name__}` did not converge"
            with pytest.warns(RuntimeWarning, match=message):
                run()


def test_an_adjoint_that_does_not_settle_warns() -> None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        with pytest.warns(RuntimeWarning, match="the derivative of a loop did not converge"):
            grad(growing)(np.array([0.3, 0.5]))


def test_a_limit_that_depends_on_where_the_loop_began_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.warns(RuntimeWarning, match="the derivative of a loop did not converge"):
            grad(one_of_many)(np.array([0.3, 0.5]))


def halved(b: Any) -> Any:
    low, high = -10.0, 10.0
    for _ in converging(range(100)):
        middle = 0.5 * (low + high)
        if np.sum(np.tanh(middle + b)) > 0.1:
            high = middle
        else:
            low = middle
    return low * high


def test_what_its_equation_does_not_tell_warns() -> None:
    """That an interval stays as it is does not say where it lies."""
    b = np.array([0.3, 0.5])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.warns(RuntimeWarning, match="the derivative of a loop did not converge"):
            grad(halved)(b)
        with pytest.warns(RuntimeWarning, match="does not come back to its limit from beside it"):
            jvp(halved, (b,), (b,))
        with pytest.warns(RuntimeWarning, match="does not come back to its limit from beside it"):
            jvp(one_of_many, (b,), (b,))


def test_what_was_at_its_limit_is_no_boundary() -> None:
    """Nothing changes here but the derivative must."""

    def still(x: Any, b: Any) -> Any:
        for _ in converging(range(50)):
            x = 0.5 * x + b
        return np.sum(x**3)

    x, b = np.array([2.0, 4.0]), np.array([1.0, 2.0])
    found = grad(still, (0, 1))(x, b)
    np.testing.assert_array_equal(found[0], np.zeros(2))
    np.testing.assert_allclose(found[1], 2 * 3 * (2 * b) ** 2, rtol=1e-12)


def test_a_text_that_stands_alone_warns(tmp_path: Path) -> None:
    program = (
        "import numpy as np\nfrom srcgrad import converging\n\n\n"
        "def f(b):\n    x = 1.0\n    for _ in converging(range(2)):\n"
        "        x = np.cos(x) * b\n    return x\n"
    )
    (tmp_path / "alone.py").write_text(transform(program), encoding="utf-8")
    code = "import sys; sys.modules['srcgrad'] = None; import alone; alone.f_grad(0.5)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "RuntimeWarning: the loop on line 7 of `f` did not converge" in done.stderr


# --- what is refused


def refusal(f: Callable[..., Any]) -> str:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(np.ones(3))
    with pytest.raises(UnsupportedError):
        jvp(f, (np.ones(3),), (np.ones(3),))
    return str(caught.value)


def test_steps_that_are_not_the_same() -> None:
    def index(b: Any) -> Any:
        x = b
        for k in converging(range(9)):
            x = np.cos(x) / (k + 1)
        return np.sum(x)

    def count(b: Any) -> Any:
        x, k = b, 1
        while converging(k < 50):
            x = np.cos(x) / k
            k += 1
        return np.sum(x)

    def noise(b: Any) -> Any:
        rng, x = np.random.default_rng(0), b
        for _ in converging(range(9)):
            x = np.cos(x) * b + rng.normal(size=3)
        return np.sum(x)

    assert "depends on the number of the step" in refusal(index)
    assert "the whole number `k` changes in the steps of a converging loop" in refusal(count)
    assert "this call draws random numbers" in refusal(noise)


def test_values_that_have_no_limit() -> None:
    def returned(b: Any) -> Any:
        x = b
        for _ in converging(range(9)):
            new = np.cos(x) * b
            if np.max(np.abs(new - x)) < 1e-9:
                return np.sum(new)
            x = new
        return np.sum(x)

    def found(b: Any) -> Any:
        x, result = b, b
        for _ in converging(range(9)):
            new = np.cos(x) * b
            if np.max(np.abs(new - x)) < 1e-9:
                result = new
                break
            x = new
        return np.sum(result)

    def kept(b: Any) -> Any:
        x, seen = b, []
        for _ in converging(range(9)):
            x = np.cos(x) * b
            seen.append(np.sum(x))
        return np.sum(x) + seen[0]

    def at_once(b: Any) -> Any:
        x = b
        while converging(True):
            x = np.cos(x) * b
            break
        return np.sum(x)

    assert "a converging loop is left by `return`" in refusal(returned)
    assert "`result` is assigned only where a converging loop is left" in refusal(found)
    assert "`seen`, which a converging loop changes, holds no number or array" in refusal(kept)
    assert "a converging loop is left in its first step" in refusal(at_once)


def test_marks_that_are_not_understood() -> None:
    def both(b: Any) -> Any:
        x = b
        for _ in checkpointed(converging(range(9)), snapshots=2):
            x = np.cos(x) * b
        return np.sum(x)

    def computed(b: Any) -> Any:
        x, tol = b, 1e-9
        for _ in converging(range(9), tol=tol):
            x = np.cos(x) * b
        return np.sum(x)

    def elsewhere(b: Any) -> Any:
        steps = converging(range(9))
        x = b
        for _ in steps:
            x = np.cos(x) * b
        return np.sum(x)

    assert "keeps no states that could be checkpointed" in refusal(both)
    assert "this call of `converging` is not known" in refusal(computed)
    assert "`converging` stands around what a `for` runs over" in refusal(elsewhere)
