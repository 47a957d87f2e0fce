"""Second derivatives where the text of the gradient has no tangent: reverse over forward mode."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, hessian, jvp, value_and_grad
from srcgrad.directional import called_along

RNG = np.random.default_rng()


def stepped(x: np.ndarray, s: float, A: np.ndarray) -> float:
    """A view that is written, of an array that the turns replace: the gradient records both."""
    y = x.copy()
    for i in range(3):
        v = y[:2]
        v *= np.sin(A[i]) * s
        y[2] += np.sum(v * x[1:])
        x = x * y
    x[0] = s
    return np.sum(x * y) + np.sum(A[:, 0] * y[0])


def arguments() -> tuple[Any, ...]:
    return RNG.uniform(0.4, 1.4, 3), float(RNG.uniform(0.5, 1.5)), RNG.uniform(0.3, 1.2, (3, 2))


def moved(args: tuple[Any, ...], k: int, index: Any, step: float) -> list[Any]:
    given = [np.array(a) if isinstance(a, np.ndarray) else a for a in args]
    if isinstance(given[k], float):
        given[k] += step
    else:
        given[k][index] += step
    return given


def differences(args: tuple[Any, ...], i: int, k: int) -> np.ndarray:
    of, gradient = np.shape(args[k]), grad(stepped, i)
    found = np.empty((*np.shape(args[i]), *of))
    for index in itertools.product(*map(range, of)):
        up, down = (np.asarray(gradient(*moved(args, k, index, e))) for e in (1e-6, -1e-6))
        found[(..., *index)] = (up - down) / 2e-6
    return found


def test_the_text_has_no_tangent() -> None:
    args = arguments()
    with pytest.raises(UnsupportedError, match="read after memory"):
        called_along(grad(stepped), args, {"x": args[0]})


@pytest.mark.parametrize("argnums", [0, 1, 2, (1,), (0, 1, 2), (2, 0)], ids=str)
def test_hessian(argnums: int | tuple[int, ...]) -> None:
    args = arguments()
    found = hessian(stepped, argnums)(*args)
    chosen = (argnums,) if isinstance(argnums, int) else argnums
    blocks = ((found,),) if isinstance(argnums, int) else found
    for (a, i), (b, k) in itertools.product(enumerate(chosen), repeat=2):
        np.testing.assert_allclose(blocks[a][b], differences(args, i, k), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("argnums", [0, (0, 2), (1,)], ids=str)
@pytest.mark.parametrize("along", [(0,), (1, 2), (0, 1, 2)], ids=str)
def test_tangents_of_gradients(argnums: Any, along: tuple[int, ...]) -> None:
    args = arguments()
    dots = [RNG.normal(size=np.shape(a)) if k in along else None for k, a in enumerate(args)]
    value, tangent = jvp(grad(stepped, argnums), args, dots)
    parts = (tangent,) if isinstance(argnums, int) else tangent
    gradient = grad(stepped, argnums)(*args)
    np.testing.assert_equal(value, gradient)
    values = (value,) if isinstance(argnums, int) else value
    chosen = (argnums,) if isinstance(argnums, int) else argnums
    for part, own, i in zip(parts, values, chosen, strict=True):
        expected = sum(
            np.tensordot(differences(args, i, k), dots[k], np.ndim(args[k])) for k in along
        )
        np.testing.assert_allclose(part, expected, rtol=1e-5, atol=1e-6)
        assert type(part) is type(own)


def test_what_is_no_gradient_is_refused() -> None:
    args = arguments()
    with pytest.raises(UnsupportedError):
        jvp(value_and_grad(stepped), args, (args[0], None, None))
    with pytest.raises(UnsupportedError):
        made = grad(stepped)
        made(*args)
        jvp(pickle.loads(pickle.dumps(made)), args, (args[0], None, None))
