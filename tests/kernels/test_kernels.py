"""Every kernel against central differences: live, ahead of time and alone, or refused by name.

The kernels are written as their authors would write them for speed and clarity, not to suit the
compiler. What it refuses stands in a table, and must be refused in the words of that table.
"""

from __future__ import annotations

import builtins
import copy
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, transform, trees, value_and_grad
from srcgrad.differences import central_differences
from tests.kernels.cases import CASES, Case
from tests.kernels.refused import REFUSED, REFUSED_AHEAD

PAIRS = [(module, case) for module, cases in CASES.items() for case in cases]
LIVE = [pair for pair in PAIRS if pair[1].name not in REFUSED]
AHEAD = [pair for pair in LIVE if pair[1].name not in REFUSED_AHEAD and pair[1].ahead]
WITHOUT = [case.name for _, case in PAIRS if not case.ahead]
OF_FILES = {m: [c for module, c in AHEAD if module is m] for m in CASES}
SEEDS = (11, 12)
# In a process where srcgrad cannot be imported: the gradients of all kernels of one file.
ALONE = """
import pickle, sys
sys.modules["srcgrad"] = None
namespace = {"__name__": "written"}
exec(open(sys.argv[1]).read(), namespace)
with open(sys.argv[2], "rb") as file:
    calls = pickle.load(file)
found = {name: namespace[name + "_grad"](*args) for name, args in calls.items()}
with open(sys.argv[3], "wb") as file:
    pickle.dump(found, file)
"""


def of(value: Any) -> str:
    return value.name if isinstance(value, Case) else value.__name__.rsplit(".", 1)[-1]


def arguments(case: Case, seed: int) -> tuple[Any, ...]:
    return case.make(np.random.default_rng(seed))


def positions(kernel: Callable[..., Any], case: Case) -> tuple[int, ...]:
    names = list(inspect.signature(kernel).parameters)
    return tuple(names.index(name) for name in case.wrt)


def differences(kernel: Callable[..., Any], args: tuple[Any, ...], wrt: tuple[int, ...]) -> Any:
    """Central differences of two steps, extrapolated: some kernels are strongly curved."""

    def called(*at: Any) -> Any:
        return kernel(*copy.deepcopy(at))

    fine, coarse = (central_differences(called, args, wrt, eps=eps) for eps in (1e-5, 2e-5))
    leaves, structure = trees.flatten(fine)
    pairs = zip(leaves, trees.flatten(coarse)[0], strict=True)
    better = [(4 * a - b) / 3 if trees.is_float_leaf(a) else a for a, b in pairs]
    return trees.unflatten(structure, better)


def agree(found: Any, expected: Any, rtol: float, scale: float) -> None:
    """Structure and shapes are the same, numbers to `rtol` of the larger of them and `scale`."""
    ours, structure = trees.flatten(found)
    theirs, expected_structure = trees.flatten(expected)
    assert structure == expected_structure
    for a, b in zip(ours, theirs, strict=True):
        if trees.is_float_leaf(b):
            assert np.shape(a) == np.shape(b)
            size = max(scale, float(np.max(np.abs(b), initial=0.0)))
            np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * size / 10)


def importing(name: str, *args: Any) -> Any:
    assert name.partition(".")[0] != "srcgrad", f"a written module imports {name}"
    return builtins.__import__(name, *args)


def run(text: str) -> dict[str, Any]:
    guarded = {**vars(builtins), "__import__": importing}
    namespace: dict[str, Any] = {"__name__": "written", "__builtins__": guarded}
    exec(text, namespace)
    return namespace


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("module", "case"), LIVE, ids=of)
def test_live(module: ModuleType, case: Case, seed: int) -> None:
    kernel = getattr(module, case.name)
    args, wrt = arguments(case, seed), positions(kernel, case)
    before = copy.deepcopy(args)
    expected = differences(kernel, args, wrt)
    value, gradient = value_and_grad(kernel, wrt)(*args)
    for now, old in zip(args, before, strict=True):
        for a, b in zip(trees.flatten(now)[0], trees.flatten(old)[0], strict=True):
            np.testing.assert_array_equal(a, b)
    plain = kernel(*copy.deepcopy(args))
    assert np.ndim(plain) == 0 and np.isfinite(plain)
    np.testing.assert_allclose(value, plain, rtol=1e-13)
    agree(gradient, expected, 1e-6, max(1.0, abs(plain)))


@pytest.mark.parametrize(("module", "case"), AHEAD, ids=of)
def test_ahead_of_time(module: ModuleType, case: Case) -> None:
    kernel = getattr(module, case.name)
    args, wrt = arguments(case, 13), positions(kernel, case)
    text = transform(Path(module.__file__ or ""), functions=[case.name], wrt=case.wrt)
    found = run(text)[f"{case.name}_grad"](*copy.deepcopy(args))
    _, gradient = value_and_grad(kernel, wrt)(*args)
    agree(found, gradient, 1e-10, 1.0)


@pytest.mark.parametrize("module", CASES, ids=of)
def test_whole_file_alone(module: ModuleType, tmp_path: Path) -> None:
    """All kernels of a file in one text, with respect to their first parameters."""
    cases = OF_FILES[module]
    written, given, found = (tmp_path / name for name in ("written.py", "given", "found"))
    names = [case.name for case in cases]
    written.write_text(transform(Path(module.__file__ or ""), functions=names))
    calls = {case.name: arguments(case, 14) for case in cases}
    given.write_bytes(pickle.dumps(calls))
    subprocess.run([sys.executable, "-c", ALONE, written, given, found], check=True)
    gradients = pickle.loads(found.read_bytes())
    assert list(gradients) == names
    for case in cases:
        assert positions(getattr(module, case.name), case)[0] == 0
        _, gradient = value_and_grad(getattr(module, case.name))(*calls[case.name])
        agree(gradients[case.name], gradient, 1e-10, 1.0)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name: str) -> None:
    module, case = next(pair for pair in PAIRS if pair[1].name == name)
    kernel = getattr(module, name)
    try:
        value_and_grad(kernel, positions(kernel, case))(*arguments(case, 11))
    except UnsupportedError as error:
        _check_words(error, module, REFUSED[name])
    else:
        pytest.fail(f"{name} is differentiated now: take it off the table REFUSED")


@pytest.mark.parametrize("name", sorted({*REFUSED, *REFUSED_AHEAD}.difference(WITHOUT)))
def test_refused_ahead(name: str) -> None:
    module, case = next(pair for pair in PAIRS if pair[1].name == name)
    try:
        transform(Path(module.__file__ or ""), functions=[name], wrt=case.wrt)
    except UnsupportedError as error:
        _check_words(error, module, {**REFUSED, **REFUSED_AHEAD}[name])
    else:
        pytest.fail(f"{name} is differentiated ahead of time now: take it off its table")


def _check_words(error: UnsupportedError, module: ModuleType, fragment: str) -> None:
    """The place, the reason and the remedy of the refusal."""
    problems = [p for p in error.problems if fragment in p.message]
    assert problems, f"refused, but not for {fragment!r}:\n{error}"
    for problem in error.problems:
        assert Path(problem.file).name == Path(module.__file__ or "").name
        assert problem.source in Path(problem.file).read_text().splitlines()[problem.line - 1]
        assert problem.remedy, f"no remedy is given:\n{problem}"
    assert f"{problems[0].line}:" in str(error) and problems[0].remedy in str(error)


def test_tables_name_kernels() -> None:
    names = [case.name for _, case in PAIRS]
    assert len(names) == len(set(names))
    assert not set(REFUSED) & set(REFUSED_AHEAD)
    assert {*REFUSED, *REFUSED_AHEAD} <= set(names)
