"""Many directions at once against one at a time: the same numbers, to rounding."""

from __future__ import annotations

import copy
import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import (
    UnsupportedError,
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacrev,
    transform,
    trees,
)
from srcgrad.backends.lowered import Lowered
from srcgrad.directional import jvp
from srcgrad.manydirections import along, many_directions
from tests.fuzz.oracle import active, load
from tests.fuzz.program import from_seed
from tests.programs.test_programs import ROWS, Inputs, differentiated, inputs
from tests.rules.harness import thinned
from tests.rules.test_end_to_end import HEAD, is_float, rows, text_of

# Differences leave the simplex, where SciPy puts the last probability right.
pytestmark = pytest.mark.filterwarnings("ignore:Some rows of .p. do not sum:FutureWarning")
COUNT = 3


def by_one(
    f: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...], dots: list[Any]
) -> list[Any]:
    """Tangents of the floats of the value, one direction after another."""
    runs = []
    for k in range(COUNT):
        tangents: list[Any] = [None] * len(args)
        for place, dot in zip(wrt, dots, strict=True):
            tangents[place] = dot[k]
        value, tangent = jvp(f, copy.deepcopy(args), tangents)
        leaves = zip(trees.flatten(value)[0], trees.flatten(tangent)[0], strict=True)
        runs.append([np.asarray(t) for v, t in leaves if trees.is_float_leaf(v)])
    return [np.stack(parts) for parts in zip(*runs, strict=True)]


def compared(
    f: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...], seed: int = 0
) -> str:
    """Compare all tangents along three directions; the reason where there is no such function."""
    names = list(inspect.signature(f).parameters)
    rng = np.random.default_rng(seed)
    dots = [rng.normal(size=(COUNT, *np.shape(args[k]))) for k in wrt]
    expected = by_one(f, args, wrt, dots)
    lowered = many_directions(f, tuple(names[k] for k in wrt)).lower(copy.deepcopy(args), {})
    if isinstance(lowered, str):
        return lowered
    given = copy.deepcopy(dots)
    _, found = along(lowered, copy.deepcopy(args), {}, given, COUNT)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-10)
    for dot, old in zip(given, dots, strict=True):
        np.testing.assert_array_equal(dot, old)
    return ""


def test_samples_of_every_rule(tmp_path: Path) -> None:
    made = {}
    for number, row in enumerate(thinned(rows())):
        text = text_of(row, number)
        if text is not None:
            made[number] = row, (text[0].rsplit("    return", 1)[0] + "    return y\n", text[1])
    path = tmp_path / "samples_as_text.py"
    path.write_text(HEAD + "\n\n".join(text for _, (text, _) in made.values()))
    spec = importlib.util.spec_from_file_location("direction_samples", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    right, refused, wrong = 0, [], []
    for number, (row, (_, args)) in made.items():
        wrt = tuple(k for k, arg in enumerate(args) if is_float(arg))
        if not wrt:
            continue
        try:
            with np.errstate(all="ignore"):
                reason = compared(getattr(module, f"f{number}"), tuple(args), wrt)
        except UnsupportedError:  # in forward mode altogether
            continue
        except ValueError as error:  # before SciPy 1.18, `sqrtm` gives complex numbers at times
            assert "with real results" in str(error), row
            continue
        except AssertionError as error:
            wrong.append(f"{row}: {str(error)[:300]}")
            continue
        right += not reason
        refused += [f"{row}: {reason}"] if reason else []
    assert not wrong, "\n".join(wrong)
    assert right > 600
    assert len(refused) <= 10, "\n".join(refused)


def test_programs() -> None:
    refused = []
    for program, make in ROWS:
        args = make(**inputs(1))
        reason = compared(program, args, differentiated(args))
        if reason:
            refused.append(f"{program.__name__}: {reason}")
    assert not refused, "\n".join(refused)


@pytest.mark.parametrize("profile", ["all", "memory", "control"])
def test_random_programs(profile: str) -> None:
    accepted = 0
    for seed in range(300, 312):
        module = load(from_seed(seed, profile).text)
        f, args = module["f"], module["POINTS"][0]
        wrt = tuple(k for k in active(args) if trees.is_float_leaf(args[k]))
        try:
            with np.errstate(all="ignore"):
                accepted += wrt != () and not compared(f, args, wrt)
        except UnsupportedError:  # in forward mode altogether
            continue
    assert accepted >= 4


def numbers_read_and_overwritten(x: Any) -> Any:
    y = x.copy()
    for k in range(3):
        t = y[k]
        y[k] = t * y[k + 1]
        y[k + 1] = t * t
    return y


def numbers_and_arrays(x: Any, k: float, A: Any) -> Any:
    y = np.zeros_like(x)
    y[1:-1] = k * (x[2:] - x[:-2])
    h = np.tanh(A @ x + y)
    for _ in range(3):
        h = h + k * np.sum(h**2) * x
    return np.outer(h, x) / np.max(h), k, (h[0], [h, 2.0])


def number_returned(x: Any) -> Any:
    y = x.copy()
    first = y[0]
    y[0] = 2.0 * y[1]
    return first, y


def helper(x: Any, scale: float, steps: int) -> Any:
    for _ in range(steps):
        x = x - scale * x**3
    if steps > 3:
        return x * scale
    y = x.copy()
    y[0] *= scale
    for k in range(1, len(y)):
        y[k] += y[k - 1] * x[k]
    return y


def calling(x: Any, s: float) -> Any:
    first = helper(x, s, 2)
    return helper(first, 0.1, 3) + helper(x, 0.2, 5)


def lists_and_stacks(x: Any, s: float) -> Any:
    parts = []
    for k in range(len(x)):
        parts.append(x[k] * s)
    row = np.array([s, x[0], 1.0, s * s])
    return np.stack(parts), np.concatenate([x, row]), np.vstack([x, x * s]), np.hstack([x, row])


def axes(A: Any, v: Any) -> Any:
    return (
        A.T @ v[:3],
        np.sum(A, axis=0),
        np.mean(A, axis=-1, keepdims=True),
        A.reshape(2, -1)[:, 1:3].ravel(),
        np.swapaxes(A[:, :, None] * v, 0, 1),
        np.einsum("ij,j->i", A, v),
        np.where(A > 0, A, v)[::-1],
        np.cumsum(A, axis=1)[np.array([0, 2]), 1],
        A[A > 0.5],
    )


@pytest.mark.parametrize(
    ("f", "args", "wrt"),
    [
        (numbers_read_and_overwritten, (np.array([0.5, 1.5, 2.0, 3.0]),), (0,)),
        (
            numbers_and_arrays,
            (np.linspace(0.1, 0.9, 5), 0.7, np.linspace(-1.0, 1.0, 25).reshape(5, 5)),
            (0, 1, 2),
        ),
        (number_returned, (np.array([0.5, 1.5, 2.0]),), (0,)),
        (calling, (np.array([0.5, 0.3, 0.2]), 0.4), (0, 1)),
        (lists_and_stacks, (np.array([0.5, 0.3, 0.2, 0.9]), 0.4), (0, 1)),
        (axes, (np.linspace(-0.4, 1.1, 12).reshape(3, 4), np.linspace(0.2, 1.7, 4)), (0, 1)),
    ],
)
def test_exactly(f: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...]) -> None:
    assert compared(f, args, wrt) == ""
    assert compared(f, args, wrt[:1], 1) == ""


def tied(x: Any, order: Any) -> Any:
    return x[order, :, order] * 2.0  # NumPy puts the axis of such an index in front


def test_indices_that_are_not_moved() -> None:
    args = (np.arange(27.0).reshape(3, 3, 3), np.array([0, 2]))
    assert compared(tied, args, (0,)) == ""  # one direction after another, in this place


def test_text() -> None:
    text = transform(
        "import numpy as np\n\n\ndef f(x, k):\n    return k * np.sum(x**2) * x\n",
        mode="jvps",
        wrt=["x", "k"],
        at={"x": np.ones(3), "k": 2.0},
    )
    assert "def f_jvps(x, k, x_dot, k_dot):" in text
    assert "np.sum(x_dot * (2 * x), axis=1)" in text
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    x = np.array([1.0, 2.0, 3.0])
    value, tangents = namespace["f_jvps"](x, 2.0, np.eye(3), np.zeros(3))
    np.testing.assert_allclose(value, 28.0 * x)
    np.testing.assert_allclose(tangents, 28.0 * np.eye(3) + 4.0 * np.outer(x, x))


UNTOLD = """
def f(x, k):
    y = x[k] * 2.0
    x = x.copy()
    x[k:] += y[1:2]
    x[0] = y[0] * y[-1]
    return x[::-1, ..., 0], y
"""


def test_ranks_that_no_text_tells() -> None:
    text = transform(UNTOLD, mode="jvps")
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    exec(UNTOLD, namespace)
    rng = np.random.default_rng(5)
    x, x_dot = rng.normal(size=(3, 3, 3)), rng.normal(size=(4, 3, 3, 3))
    _, tangents = namespace["f_jvps"](x, 1, x_dot)
    for k in range(4):
        plus, minus = (namespace["f"](x + h * x_dot[k], 1) for h in (1e-6, -1e-6))
        for found, one, other in zip(tangents, plus, minus, strict=True):
            np.testing.assert_allclose(found[k], (one - other) / 2e-6, rtol=1e-6, atol=1e-8)


def sums_of_lists(x: Any, A: Any) -> Any:
    return np.sum([x, x * 2.0], 0), sum([A, x]), sum([x, x**2])


def test_lists_are_no_arrays() -> None:
    """With as many directions as rows, wrong axes would fit."""
    x, A = np.array([0.5, 1.5, 2.0]), np.arange(9.0).reshape(3, 3)
    assert compared(sums_of_lists, (x, A), (0, 1)) == ""
    assert compared(lambda x: sum([x, x**2]), (x,), (0,)) == ""


def extended(x: Any) -> Any:
    items = [x[0]]
    items.extend(x[1:] * x[0])
    return np.array(items) * x


@custom_vjp(lambda g, y, x: np.cos(x) * g)
def waved(x: Any) -> Any:
    return np.sin(x)


@custom_jvp(lambda y, x, x_dot: x_dot * np.exp(x))
def grown(x: Any) -> Any:
    return np.exp(x)


def ruled(x: Any) -> Any:
    return waved(x) * x + grown(x)


def test_rules_are_called_for_one_direction_after_another() -> None:
    x = np.linspace(0.2, 1.1, 4)
    expected = np.diag(np.sin(x) + x * np.cos(x) + np.exp(x))
    assert compared(ruled, (x,), (0,)) == ""
    for J in (jacfwd(ruled), jacrev(ruled), jacobian(ruled)):
        np.testing.assert_allclose(J(x), expected, rtol=1e-13)


def test_jacobians_and_reasons() -> None:
    x = np.linspace(0.2, 1.1, 6)

    def smooth(x: Any) -> Any:
        return np.sin(x) * np.sum(x)

    J = jacfwd(smooth)
    np.testing.assert_allclose(J(x), jacrev(smooth)(x), rtol=1e-13)
    assert J.reason == ""

    J = jacfwd(extended)
    np.testing.assert_allclose(J(x), jacrev(extended)(x), rtol=1e-13)
    assert "many directions at once: a list is extended by what may be no list" in J.reason


def test_more_directions_than_one_run_has() -> None:
    def f(x: Any, w: Any) -> Any:
        return np.cumsum(np.sin(x)) * w["scale"] + np.sum(w["shift"])

    x, w = np.linspace(0.2, 1.1, 150), {"shift": np.linspace(0.0, 1.0, 99), "scale": 2.0}
    J = jacfwd(f, (0, 1))
    found, expected = J(x, w), jacrev(f, (0, 1))(x, w)
    assert J.reason == ""
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    for key in w:
        np.testing.assert_allclose(found[1][key], expected[1][key], rtol=1e-12)


def test_hessians() -> None:
    def f(x: Any, A: Any) -> Any:
        y = np.zeros_like(x)
        y[1:] = x[:-1] * x[1:]
        return np.sum(np.tanh(A @ x) * y) + x[0] ** 3

    rng = np.random.default_rng(6)
    x, A = rng.normal(size=5), rng.normal(size=(5, 5))
    assert isinstance(many_directions(grad(f), ("x",)).lower((x, A), {}), Lowered)
    found = hessian(f)(x, A)
    np.testing.assert_allclose(found, jacrev(grad(f))(x, A), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found, found.T, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("program", "make"), ROWS[::4], ids=lambda v: getattr(v, "__name__", ""))
def test_hessians_of_programs(program: Callable[..., Any], make: Inputs) -> None:
    """The gradient of a program, along many directions and one at a time."""
    args = make(**inputs(2))
    wrt = differentiated(args)[:1]
    try:
        compared(grad(program, wrt[0]), args, wrt)
    except UnsupportedError:
        with pytest.raises(UnsupportedError):
            jvp(
                grad(program, wrt[0]),
                args,
                [None if k not in wrt else args[k] for k in range(len(args))],
            )


def test_stacks_of_lists_have_a_rank() -> None:
    """A list of unknown length, whose items are alike: no helper looks ranks up in the run."""

    def f(x: Any, count: int) -> Any:
        rows = [x]
        for _ in range(count):
            rows.append(np.sin(rows[-1]) * x[0])
        return np.stack(rows)[:, None, :] * x + np.stack(rows, axis=-1)[0, 0]

    x = np.random.default_rng(8).normal(size=3)
    found = many_directions(f, ("x",)).lower((x, 4), {})
    assert isinstance(found, Lowered) and "def " in found.source and "to_rank" not in found.source
    np.testing.assert_allclose(jacfwd(f)(x, 4), jacrev(f)(x, 4), rtol=1e-12)
    step = 1e-6 * np.eye(3)
    expected = [(f(x + h, 4) - f(x - h, 4)) / 2e-6 for h in step]
    np.testing.assert_allclose(jacfwd(f)(x, 4), np.stack(expected, axis=-1), atol=1e-8)
