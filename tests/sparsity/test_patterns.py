"""Patterns against the elements that differences find: none may be missing."""

from __future__ import annotations

import copy
import importlib.util
import inspect
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from srcgrad import SrcgradError, UnsupportedError, grad, sparse_jacobian, trees
from srcgrad.sparsity.find import find_pattern
from srcgrad.sparsity.pattern import Pattern
from tests.fuzz.oracle import active, load
from tests.fuzz.program import from_seed
from tests.programs.test_programs import ROWS, Inputs, differentiated, inputs
from tests.rules.harness import Row, thinned
from tests.rules.test_end_to_end import HEAD, is_float, rows, text_of

# Differences leave the simplex, where SciPy puts the last probability right.
pytestmark = pytest.mark.filterwarnings("ignore:Some rows of .p. do not sum:FutureWarning")


def numbers(value: Any) -> Any:
    """The floats of a value as a vector."""
    leaves = [leaf for leaf in trees.flatten(value)[0] if trees.is_float_leaf(leaf)]
    return np.concatenate([np.zeros(0), *map(np.ravel, leaves)])


def dense(f: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...]) -> Any:
    """The Jacobian by central differences: rows are numbers of the value."""
    columns = []
    for place in wrt:
        for index in np.ndindex(np.shape(args[place])):
            ends = []
            for step in (1e-6, -1e-6):
                moved = copy.deepcopy(list(args))
                array = np.array(moved[place], dtype=float)
                array[index] += step
                moved[place] = array if np.ndim(args[place]) else float(array)
                ends.append(numbers(f(*moved)))
            columns.append((ends[0] - ends[1]) / 2e-6)
    return np.array(columns).T


def missing(f: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...]) -> Any:
    """Elements that differences find and the pattern does not have."""
    names = list(inspect.signature(f).parameters)
    with np.errstate(all="ignore"):
        pattern = find_pattern(f, args, {}, tuple(names[k] for k in wrt)).pattern
        found = dense(f, args, wrt)
    assert pattern.shape == found.shape
    return np.argwhere(np.isfinite(found) & (np.abs(found) > 1e-5) & ~pattern.toarray())


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, dict[int, Any]]:
    """One file with a function for each sample call of each rule."""
    made: dict[int, tuple[Row, tuple[str, list[Any]]]] = {}
    for number, row in enumerate(thinned(rows())):
        text = text_of(row, number)
        if text is not None:
            made[number] = row, (text[0].rsplit("    return", 1)[0] + "    return y\n", text[1])
    path = tmp_path_factory.mktemp("patterns") / "samples_as_text.py"
    path.write_text(HEAD + "\n\n".join(text for _, (text, _) in made.values()))
    spec = importlib.util.spec_from_file_location("pattern_samples", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, made


def test_samples_of_every_rule(samples: tuple[ModuleType, dict[int, Any]]) -> None:
    module, made = samples
    right, wrong = 0, []
    for number, (row, (_, args)) in made.items():
        function = getattr(module, f"f{number}")
        wrt = tuple(k for k, arg in enumerate(args) if is_float(arg))
        if not wrt or np.iscomplexobj(numbers(function(*copy.deepcopy(args)))):
            continue
        found = missing(function, tuple(args), wrt)
        right += not len(found)
        wrong += [f"{row}: {found[0].tolist()}"] if len(found) else []
    assert not wrong, "\n".join(wrong)
    assert right > 400


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("program", "make"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_programs(program: Callable[..., Any], make: Inputs, seed: int) -> None:
    """The function itself, and its gradient: the pattern of the Hessian."""
    args = make(**inputs(seed))
    wrt = differentiated(args)
    before = copy.deepcopy(args)
    if program.__name__ == "views_of_new_memory":
        with pytest.raises(UnsupportedError, match="`ndarray` may keep or share"):
            missing(program, args, wrt)
        return
    assert not len(missing(program, args, wrt))
    try:
        slope = grad(program, wrt).lower(*args).function
    except UnsupportedError:
        slope = None
    if slope is not None:
        assert not len(missing(slope, args, wrt))
    for arg, old in zip(args, before, strict=True):
        np.testing.assert_array_equal(arg, old)


@pytest.mark.parametrize("profile", ["all", "memory", "control"])
def test_random_programs(profile: str) -> None:
    """A gradient that is not zero is in the pattern of the function."""
    known = 0
    for seed in range(400, 412):
        module = load(from_seed(seed, profile).text)
        f, args = module["f"], module["POINTS"][0]
        names = list(inspect.signature(f).parameters)
        wrt = tuple(active(args))
        try:
            with np.errstate(all="ignore"):
                slopes = grad(f, wrt)(*copy.deepcopy(args))
                pattern = find_pattern(f, args, {}, tuple(names[k] for k in wrt)).pattern
        except SrcgradError:
            continue
        slope = numbers(slopes)
        found = np.flatnonzero((slope != 0) & np.isfinite(slope))
        assert set(found.tolist()) <= set(pattern.indices.tolist()), (profile, seed)
        known += 1
    assert known >= 4


def rows_of(f: Callable[..., Any], *args: Any, wrt: tuple[str, ...] = ("x",)) -> list[str]:
    """The pattern, one text of 1 and . for each row."""
    pattern = find_pattern(f, args, {}, wrt).pattern
    return ["".join(".1"[int(there)] for there in row) for row in pattern.toarray()]


def stencil(x: Any) -> Any:
    y = np.zeros_like(x)
    y[1:-1] = x[2:] * x[:-2]
    y[1:-1] -= x[1:-1]
    y *= 2.0
    return y


def through_views(x: Any) -> Any:
    y = x.reshape(2, 3).T.copy()
    first = y[0]
    first += y[1]  # a row of `y`
    y[2, 0] = first[1] ** 2
    return y.ravel()


def loops_and_lists(x: Any) -> Any:
    parts = []
    for k in range(len(x) - 1):
        parts.append(x[k] * x[k + 1])
    parts[0] += 1.0
    return np.array(parts)


def products(x: Any) -> Any:
    A = x.reshape(2, 2)
    return np.concatenate([(A @ np.ones(2)), np.outer(x[:2], x[:1]).ravel(), A.sum(axis=0)])


def steps_only(x: Any) -> Any:
    return np.where(x > 0, np.floor(x), x[::-1])


@pytest.mark.parametrize(
    ("f", "size", "expected"),
    [
        (stencil, 4, ["....", "111.", ".111", "...."]),
        (
            through_views,
            6,
            ["11....", "...11.", ".1....", "....1.", "...11.", ".....1"],
        ),
        (loops_and_lists, 4, ["11..", ".11.", "..11"]),
        (products, 4, ["11..", "..11", "1...", "11..", "1.1.", ".1.1"]),
        (steps_only, 3, ["..1", ".1.", "1.."]),
    ],
)
def test_exact_patterns(f: Callable[..., Any], size: int, expected: list[str]) -> None:
    assert rows_of(f, np.arange(1.0, size + 1)) == expected


def test_sparse_matrices_and_einsum() -> None:
    A = scipy.sparse.csr_array(np.eye(4, k=1) + np.eye(4))

    def f(x: Any) -> Any:
        return A @ x

    def g(x: Any, B: Any) -> Any:
        return np.einsum("ij,kj->ik", x, B).ravel()

    assert rows_of(f, np.ones(4)) == ["11..", ".11.", "..11", "...1"]
    assert rows_of(g, np.ones((2, 2)), np.ones((3, 2))) == ["11.."] * 3 + ["..11"] * 3


def test_containers_and_scalars() -> None:
    def f(p: Any) -> Any:
        return {"a": p["w"][0] * p["b"], "n": 3, "rest": (p["w"][1:], 2.0)}

    p = {"w": np.ones(3), "b": 2.0}
    assert rows_of(f, p, wrt=("p",)) == ["1..1", ".1..", "..1.", "...."]


def branching(x: Any) -> Any:
    y = x * 2.0
    if x[0] > 0:
        y[1] = x[2]
    return y


def selecting(x: Any) -> Any:
    return x[np.argsort(x)]


def test_what_a_pattern_hangs_on() -> None:
    pattern = find_pattern(branching, (np.ones(3),), {}, ("x",)).pattern
    assert "a branch in line" in pattern.hangs_on and "if x[0] > 0" in pattern.hangs_on
    pattern = find_pattern(selecting, (np.array([2.0, 1.0]),), {}, ("x",)).pattern
    assert "an index" in pattern.hangs_on
    assert find_pattern(stencil, (np.ones(4),), {}, ("x",)).pattern.hangs_on == ""


def picking(x: Any) -> Any:
    return np.take(x, np.argmax(x)) * x


def counting(x: Any) -> Any:
    y = np.zeros_like(x)
    for k in range(len(np.flatnonzero(x > 1.0))):
        y[k] = x[-1]
    return y


def sized(x: Any) -> Any:
    return np.full(int(x[0]) + 1, x[1])


@pytest.mark.parametrize("f", [picking, counting, sized])
def test_choices_that_no_branch_makes(f: Callable[..., Any]) -> None:
    assert find_pattern(f, (np.array([1.0, 2.0, 3.0]),), {}, ("x",)).pattern.hangs_on
    J = sparse_jacobian(f)
    for x in (np.array([1.3, 2.0, 3.0]), np.array([4.2, 0.5, 0.7]), np.array([2.2, 5.0, 0.3])):
        found = J(x).toarray()
        np.testing.assert_allclose(found, dense(f, (x,), (0,)), rtol=1e-6, atol=1e-9)


def failing(x: Any) -> Any:
    y = x * 1.0
    try:
        y[0] = x[len(x)]
    except IndexError:
        y[0] = x[1]
    return y


def test_attempts() -> None:
    assert rows_of(failing, np.ones(3)) == [".1.", ".1.", "..1"]


def kept_in_a_queue(x: Any) -> Any:
    items: Any = deque()
    items.append(x[0])
    return items[0] * x


def written_by_an_iterator(x: Any) -> Any:
    y = np.zeros(3)
    for item in np.nditer(y, op_flags=["readwrite"]):
        item[...] = x[0]
    return y


def shuffled(x: Any) -> Any:
    y = x * 2.0
    np.random.default_rng(0).shuffle(y)
    return y


@pytest.mark.parametrize("f", [kept_in_a_queue, written_by_an_iterator, shuffled])
def test_what_a_shadow_cannot_see(f: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match="sparsity"):
        find_pattern(f, (np.array([0.5, 1.5, 2.5]),), {}, ("x",))


def test_refusals() -> None:
    def raising(x: Any) -> Any:
        if len(x) > 2:
            raise ValueError("too long")
        return x

    with pytest.raises(UnsupportedError, match="an exception is raised"):
        find_pattern(raising, (np.ones(3),), {}, ("x",))


def test_pictures_and_forms(tmp_path: Path) -> None:
    given = Pattern.of(np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]))
    np.testing.assert_array_equal(given.toarray(), [[1, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(given.transposed().toarray(), given.toarray().T)
    assert repr(given) == "<srcgrad pattern 2 x 3, 3 elements>"
    text = given.show(tmp_path / "pattern.svg")
    assert text == (tmp_path / "pattern.svg").read_text()
    assert text.startswith("<svg") and text.count("<rect x=") == 3
    large = Pattern.of(scipy.sparse.identity(5000, format="csr"))
    assert large.show().count("<rect x=") == -(-5000 // 42)
