"""The generated text: the same every time, clean, standing alone; and what errors say."""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, transform, value_and_grad, vjp
from srcgrad.differences import central_differences
from srcgrad.errors import UnsupportedError
from tests.agreement import assert_near
from tests.programs.raising import raises

MODULE = '''\
"""A model."""

import math

import numpy as xp
from numpy import sin as s

from srcgrad import grad

W = xp.ones(3)
K: float = 2.0
TABLE = {"lr": 0.5, "w": xp.arange(3.0)}
SIZES = [1, 2, 3]
TWICE = W * K


def helper(x):
    return xp.tanh(x) * W


def loss(x, n=3):
    """Loss."""
    y = x
    for i in range(n):
        y = helper(y) + x * K
    return xp.sum(y * TABLE["w"]) * TABLE["lr"] + xp.sum(TWICE * x)


def number(x: float, k: float = K):
    if x > 0:
        return s(x) * math.exp(x) * k
    return x * len(SIZES)


def stores(x: xp.ndarray, k):
    z = xp.zeros_like(x)
    i = 0
    while i < len(x):
        z[i] = x[i] ** 2 * k
        i += 1
    z[z > 4] = 0.0
    return xp.sum(z) / xp.max(x) + xp.std(x) + xp.prod(x)


def _private(x):
    return x
'''

CALLS = """
import sys
sys.modules["srcgrad"] = None
import numpy as np
import model_grad as g
x = np.array([0.5, 1.0, 2.0])
print([np.round(v, 9).tolist() for v in (
    g.loss_grad(x), g.loss_grad(x, n=1), g.number_grad(0.5), g.number_grad(-0.5, 1.0),
    g.stores_grad(x, 1.5))])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    (path / "model.py").write_text(MODULE)
    return path


def run(folder: Path, code: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


TRANSFORM = """
import sys
from srcgrad import transform
print(transform(sys.argv[1], functions=["rk4_lorenz"]))
print(transform(sys.argv[2], functions=["conv2d_windows", "conv2d_loops"]))
"""


def test_same_text_in_every_process() -> None:
    """The order of a set of names differs from process to process; the text must not."""
    kernels = Path(__file__).parent / "kernels"
    paths = [str(kernels / name) for name in ("time_stepping.py", "learning.py")]
    found = set()
    for seed in "123":
        env = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", TRANSFORM, *paths]
        found.add(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
    assert len(found) == 1


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "vjp"])
def test_the_text_does_not_depend_on_the_hash_seed(folder: Path, mode: str) -> None:
    code = f"from srcgrad import transform; print(transform('model.py', mode={mode!r}))"
    texts = {run(folder, code, PYTHONHASHSEED=seed) for seed in ("0", "1", "7")}
    assert len(texts) == 1
    first = transform(folder / "model.py", mode=mode, filename="model.py")
    assert transform(folder / "model.py", mode=mode, filename="model.py") == first
    assert texts == {first + "\n"}


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "vjp"])
@pytest.mark.parametrize("function", ["loss", "number", "stores"])
def test_the_text_is_clean_and_formatted(folder: Path, mode: str, function: str) -> None:
    text = transform(folder / "model.py", functions=[function], mode=mode, filename="model.py")
    assert_clean(text, folder / f"{function}_{mode}.py")


def test_all_functions_in_one_file_are_clean(folder: Path) -> None:
    assert_clean(transform(folder / "model.py", filename="model.py"), folder / "all_grad.py")


def assert_clean(text: str, path: Path) -> None:
    path.write_text(text)
    for command in (["check"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", command[0], "--isolated", *command[1:], str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    tops = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            tops |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            tops.add((node.module or ".").split(".")[0])
    assert tops <= {"numpy", "math"}


def test_the_file_gives_the_numbers_without_srcgrad(folder: Path) -> None:
    (folder / "model_grad.py").write_text(transform(folder / "model.py", filename="model.py"))
    found = eval(run(folder, CALLS))
    space: dict[str, Any] = {}
    exec(MODULE, space)
    from srcgrad.differences import central_differences

    x = np.array([0.5, 1.0, 2.0])
    points = [("loss", [x]), ("loss", [x, 1]), ("number", [0.5]), ("number", [-0.5, 1.0])]
    for result, (name, args) in zip(found, [*points, ("stores", [x, 1.5])], strict=True):
        (expected,) = central_differences(space[name], args, (0,))
        assert_near(result, expected, rtol=1e-5, atol=1e-7)


SCALE = 1.5
WEIGHTS = np.array([1.0, 2.0, 3.0])


def weighted(x):
    return np.sum(np.tanh(x * SCALE) * WEIGHTS)


def test_a_saved_derivative_stands_alone_or_says_why_not(tmp_path: Path) -> None:
    df, x = grad(weighted), np.array([0.1, 0.2, 0.3])
    expected = df(x)
    df.save(tmp_path / "saved.py")
    code = "import sys; sys.modules['srcgrad'] = None; import saved, numpy as np; "
    code += "print(saved.weighted_grad(np.array([0.1, 0.2, 0.3])).tolist())"
    np.testing.assert_allclose(eval(run(tmp_path, code)), expected)
    assert_clean(df.source, tmp_path / "clean.py")


# --- errors


def shape_error(x):
    y = x * 2
    z = y @ x.reshape(2, 2)
    return np.sum(z)


def callee(v):
    w = v.reshape(7)
    return np.sum(w)


@pytest.mark.parametrize(
    ("f", "text", "kind"),
    [
        (shape_error, "reshape(2, 2)", ValueError),
        (callee, "v.reshape(7)", ValueError),
        (raises, "raise ValueError", ValueError),
    ],
)
@pytest.mark.parametrize("make", [grad, value_and_grad])
def test_a_traceback_shows_the_users_line(f: Any, text: str, kind: type, make: Any) -> None:
    with pytest.raises(kind) as plain:
        f(np.ones(3))
    with pytest.raises(kind) as error:
        make(f)(np.ones(3))
    assert str(error.value) == str(plain.value)
    lines, first = inspect.getsourcelines(f)
    line = next(first + i for i, one in enumerate(lines) if text in one)
    frames = traceback.extract_tb(error.value.__traceback__)
    shown = [(frame.filename, frame.lineno) for frame in frames]
    notes = "\n".join(getattr(error.value, "__notes__", []))
    file = inspect.getsourcefile(f)
    assert (file, line) in shown or f"{file}:{line}" in notes
    generated = [frame for frame in frames if frame.filename.startswith("<srcgrad")]
    assert generated
    assert all(frame.line for frame in generated)


def test_an_assertion_of_the_user_stays() -> None:
    with pytest.raises(AssertionError, match="must be negative"):
        grad(raises)(np.array([0.5, 0.0]))
    assert grad(raises)(np.array([-0.5, 0.0])).tolist() == [1, 1]


def early_problems(x):
    values = (v * 2 for v in x)
    try:
        y = np.sum(x)
        z = y / x[7]
    except ValueError:
        z = y
    del x.T
    with contextlib.suppress(ValueError):
        y = y * 2
    return y + z + len(values)


def late_problems(x):
    a = np.union1d(x, x)
    b = np.sum(np.setdiff1d(x, x))
    c = np.median(x, overwrite_input=True)
    d = np.histogram(x)
    return np.sum(np.abs(a)) + b + c + d[0]


@pytest.mark.parametrize(
    ("f", "places"),
    [
        (early_problems, ["(v * 2 for", "except ValueError:", "del x.T", "with contextlib"]),
        (late_problems, ["np.union1d", "np.setdiff1d", "np.median", "np.histogram"]),
    ],
)
def test_all_problems_are_told_at_once_with_place_and_remedy(
    f: Callable[..., Any], places: list[str]
) -> None:
    with pytest.raises(UnsupportedError) as error:
        grad(f)(np.ones(3))
    lines, first = inspect.getsourcelines(f)
    wanted = {first + i for i, line in enumerate(lines) if any(p in line for p in places)}
    problems = error.value.problems
    assert {p.line for p in problems} >= wanted
    for problem in problems:
        assert problem.file == __file__
        assert problem.message
        assert problem.remedy
        assert problem.source.rstrip() == linecache.getline(__file__, problem.line).rstrip()
        head, code, caret = str(problem).splitlines()[:3]
        assert head.startswith(f"{__file__}:{problem.line}:{problem.col + 1}: ")
        assert code.strip() == problem.source.strip()
        assert re.fullmatch(r" +\^+", caret)


def test_vjp_tells_problems_too() -> None:
    with pytest.raises(UnsupportedError, match="union1d"):
        vjp(late_problems, np.ones(3))


def test_a_system_is_solved_once_for_all_of_its_cotangents() -> None:
    """`a.T` is written anew where it is read, and is the same all the same."""

    def f(a, b):
        return np.sum(np.linalg.solve(a, b) ** 2)

    a, b = np.array([[2.0, 0.3], [0.1, 1.5]]), np.array([1.0, -2.0])
    text = grad(f, (0, 1)).lower(a, b).source
    assert text.count("np.linalg.solve(a.T, ") == 1
    a_bar, b_bar = grad(f, (0, 1))(a, b)
    y = np.linalg.solve(a, b)
    np.testing.assert_allclose(b_bar, np.linalg.solve(a.T, 2 * y))
    np.testing.assert_allclose(a_bar, -np.outer(b_bar, y))

    def rebound(a, b):
        y = np.linalg.solve(a, b)
        a = a * y
        return np.sum(np.linalg.solve(a, b) * y)

    text = grad(rebound, (0, 1)).lower(a, b).source
    assert text.count("np.linalg.solve(a.T, ") == 2
    for k, (ours, theirs) in enumerate(
        zip(grad(rebound, (0, 1))(a, b), central_differences(rebound, (a, b), (0, 1)), strict=True)
    ):
        assert_near(ours, theirs, rtol=1e-6, err_msg=str(k))
