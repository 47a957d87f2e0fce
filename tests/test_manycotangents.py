"""Many cotangents at once against one at a time: the same numbers, to rounding."""

from __future__ import annotations

import copy
import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, jacrev, transform, trees, vjp
from srcgrad.manydirections import ManyDirections, paired
from tests.fuzz.oracle import active, load
from tests.fuzz.program import from_seed
from tests.programs.test_programs import ROWS, differentiated, inputs
from tests.rules.harness import thinned
from tests.rules.test_end_to_end import HEAD, is_float, rows, text_of

pytestmark = pytest.mark.filterwarnings("ignore:Some rows of .p. do not sum:FutureWarning")
COUNT = 3


def seeds_for(value: Any, rng: Any) -> Any:
    """Cotangents of a value along several directions."""

    def seed(leaf: Any) -> Any:
        shape = (COUNT, *np.shape(leaf))
        if not trees.is_float_leaf(leaf):
            return np.zeros(shape)
        made = rng.normal(size=shape)
        made = made + 1j * rng.normal(size=shape) if np.iscomplexobj(leaf) else made
        return made.astype(np.asarray(leaf).dtype)

    return trees.map_leaves(seed, value)


def compared(
    f: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...], seed: int = 0
) -> str:
    """Compare the pullback of three cotangents; the reason where there is no such function."""
    names = list(inspect.signature(f).parameters)
    made = ManyDirections(f, tuple(names[k] for k in wrt), "vjps")
    lowered = made.lower(copy.deepcopy(args), {})
    if isinstance(lowered, str):
        return lowered
    value, pull = lowered.function(*copy.deepcopy(args))
    seeds = seeds_for(value, np.random.default_rng(seed))
    given = copy.deepcopy(seeds)
    found = pull(given)
    for one, other in zip(trees.flatten(given)[0], trees.flatten(seeds)[0], strict=True):
        np.testing.assert_array_equal(one, other)
    _, single = vjp(f, *copy.deepcopy(args))
    for k in range(COUNT):
        parts = single(trees.map_leaves(lambda v, s, k=k: of_one(v, s, k), value, seeds))
        for part, many in zip([parts[j] for j in wrt], found, strict=True):
            for leaf, rows_of in paired(part, many):
                if trees.is_float_leaf(leaf):
                    assert np.shape(rows_of) == (COUNT, *np.shape(leaf))
                    np.testing.assert_allclose(rows_of[k], leaf, rtol=1e-9, atol=1e-10)
    return ""


def of_one(value: Any, seeds: Any, k: int) -> Any:
    if not trees.is_float_leaf(value):
        return value
    return seeds[k] if isinstance(value, np.ndarray) else seeds[k][()]


def test_samples_of_every_rule(tmp_path: Path) -> None:
    made = {}
    for number, row in enumerate(thinned(rows())):
        text = text_of(row, number)
        if text is not None and row.name != "numpy.float32":  # cotangents are rounded on the way
            made[number] = row, (text[0].rsplit("    return", 1)[0] + "    return y\n", text[1])
    path = tmp_path / "samples_pulled.py"
    path.write_text(HEAD + "\n\n".join(text for _, (text, _) in made.values()))
    spec = importlib.util.spec_from_file_location("samples_pulled", path)
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
        except UnsupportedError:
            continue
        except ValueError as error:  # before SciPy 1.18, `sqrtm` gives complex numbers at times
            assert "with real results" in str(error), row
            continue
        except AssertionError as error:
            wrong.append(f"{row}: {str(error)[:300]}")
            continue
        right += not reason
        refused += [f"{row}: {reason}"] if "many cotangents" in reason else []
    assert not wrong, "\n".join(wrong)
    assert right > 600
    assert not refused, "\n".join(refused)


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
    for seed in (*range(300, 308), 509, 517):
        module = load(from_seed(seed, profile).text)
        f, args = module["f"], module["POINTS"][0]
        wrt = tuple(k for k in active(args) if trees.is_float_leaf(args[k]))
        try:
            with np.errstate(all="ignore"):
                accepted += wrt != () and not compared(f, args, wrt)
        except UnsupportedError:
            continue
    assert accepted >= 4


def layers(x: Any, A: Any) -> Any:
    h = x
    for _ in range(4):
        h = np.tanh(A @ h) + 0.1 * x
    return h


def test_text() -> None:
    text = transform(
        "import numpy as np\n\n\n" + inspect.getsource(layers),
        mode="vjps",
        at={"x": np.ones(3), "A": np.ones((3, 3))},
    )
    assert "h_bar = h_bar * (1 - h_1**2) @ A\n" in text
    assert "x_bar += h_bar * 0.1\n" in text
    rng = np.random.default_rng(4)
    x, A = rng.normal(size=5), rng.normal(size=(5, 5))
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    _, pull = namespace["layers_vjps"](x, A)
    (rows_of,) = pull(np.eye(5))
    step = 1e-6 * np.eye(5)
    columns = [(layers(x + e, A) - layers(x - e, A)) / 2e-6 for e in step]
    np.testing.assert_allclose(rows_of, np.stack(columns, axis=1), rtol=1e-7, atol=1e-9)
    (again,) = pull(np.eye(5))
    np.testing.assert_array_equal(rows_of, again)


@pytest.mark.parametrize("mode", ["vjp", "vjps"])
def test_the_forward_sweep_runs_once(mode: Any) -> None:
    at = {"x": np.ones(3), "A": np.ones((3, 3))}
    text = transform("import numpy as np\n\n\n" + inspect.getsource(layers), mode=mode, at=at)
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    calls, forward = [], namespace["layers_forward"]
    namespace["layers_forward"] = lambda *args: calls.append(1) or forward(*args)
    _, pull = namespace[f"layers_{mode}"](at["x"], at["A"])
    for _ in range(3):
        pull(np.eye(3) if mode == "vjps" else at["x"])
    assert calls == [1]


def nested(params: Any, x: Any) -> Any:
    h = np.tanh(x @ params["W"])
    return {"out": h * params["scale"], "sum": np.sum(h), "name": "n"}, [h[0], 2]


def test_structures() -> None:
    rng = np.random.default_rng(8)
    params = {"W": rng.normal(size=(3, 2)), "scale": 1.5, "note": "w"}
    x = rng.normal(size=(4, 3))
    J = jacrev(nested)
    (top, bottom) = J(params, x)
    assert J.reason == ""
    assert top["out"]["W"].shape == (4, 2, 3, 2)
    assert top["sum"]["W"].shape == (3, 2)
    assert isinstance(top["sum"]["scale"], float)
    assert top["name"] == "n" and bottom[1] == 2
    step = 1e-6
    for i in range(3):
        for j in range(2):
            moved = [{**params, "W": params["W"].copy()} for _ in range(2)]
            moved[0]["W"][i, j] += step
            moved[1]["W"][i, j] -= step
            one, other = (nested(p, x)[0]["out"] for p in moved)
            expected = (one - other) / (2 * step)
            np.testing.assert_allclose(top["out"]["W"][..., i, j], expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(top["out"]["scale"], np.tanh(x @ params["W"]), rtol=1e-12)
