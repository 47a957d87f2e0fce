"""Compiled derivatives kept on disk: what is found again, and what is compiled anew.

Each run is a process of its own, for Numba looks at the disk once in a process. It prints the
gradient, whether srcgrad made it anew, and whether Numba compiled anything for it.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from srcgrad.api import transform
from tests.test_cache import COS, MODEL, ROOT, times

pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")

RUN = """\
import sys

import numpy as np
from numba.core import event

compiled = []


class Listener(event.Listener):
    def on_start(self, what):
        compiled.append(what)

    def on_end(self, what):
        pass


event.register("numba:compile", Listener())
from srcgrad import grad

{code}
print(*np.ravel(value))
print("srcgrad.driver" in sys.modules, len(compiled))
"""
PLAIN = """\
import model

df = grad(model.f, backend="numba")
value = df(np.array([0.5, 1.0]))
assert df.lower(np.array([0.5, 1.0])).fallback is not None
"""


@dataclass
class Project:
    """A folder with `model.py`, and a cache beside it."""

    folder: Path

    def __post_init__(self) -> None:
        self.write("model.py", MODEL)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        text = (self.folder / "model.py").read_text(encoding="utf-8")
        assert old in text
        self.write("model.py", text.replace(old, new))

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def run(self, code: str = PLAIN, **env: str) -> tuple[list[float], bool, bool]:
        """The gradient, whether it was made, and whether anything was compiled for it."""
        self.write("main.py", RUN.format(code=code))
        path = f"{ROOT}{os.pathsep}{self.folder}"
        own = {"PYTHONPATH": path, "SRCGRAD_CACHE": str(self.cache), **env}
        done = subprocess.run(
            [sys.executable, "-B", "-W", "error", "main.py"],
            cwd=self.folder,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        numbers, told = done.stdout.strip().splitlines()
        made, count = told.split()
        return [float(v) for v in numbers.split()], made == "True", int(count) > 0


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_second_process_makes_and_compiles_nothing(project: Project) -> None:
    assert project.run() == (times(4), True, True)
    assert project.run() == (times(4), False, False)
    project.change("K = 2.0", "K = 6.0")
    assert project.run() == (times(12), True, True)
    assert project.run() == (times(12), False, False)


def test_arguments_of_another_layout(project: Project) -> None:
    """Numba compiles for those when they come, and finds that code again, too."""
    code = PLAIN + "value = [value, df(np.array([0.5, 3.0, 1.0])[::2])]\n"
    code += "assert len(df.lower(x := np.ones(2)).function.compiled.args[0].signatures) == 2\n"
    assert project.run(code) == (times(4) * 2, True, True)
    assert project.run(code) == (times(4) * 2, False, False)


def test_what_is_damaged_is_made_again(project: Project) -> None:
    project.run()
    for kept in [*project.cache.rglob("*.nbc"), *project.cache.rglob("*.nbi")]:
        kept.write_bytes(kept.read_bytes()[:40])
    assert project.run() == (times(4), False, True)
    assert project.run() == (times(4), False, True)
    assert project.run() == (times(4), False, False)


def test_without_the_folder_code_is_compiled(project: Project) -> None:
    project.run()
    (entry,) = project.cache.glob("*.json")
    for path in sorted(project.cache.rglob("*"), reverse=True):
        if path != entry:
            path.rmdir() if path.is_dir() else path.unlink()
    entry.with_suffix("").write_text("")  # nor can it be made again
    assert project.run() == (times(4), False, True)
    project.cache.chmod(0o777)  # nobody knows who has written into this one
    assert project.run() == (times(4), True, True)


SAME_NAMES = """\
import model, other

x = np.array([0.5, 1.0])
value = grad(model.f, backend="numba")(x) + 10 * grad(other.f, backend="numba")(x)
"""


def test_functions_of_one_name_and_signature(project: Project) -> None:
    """Both are the first that Numba compiles in their process, which is how it names them."""
    other = MODEL.replace("K = 2.0", "K = 3.0").replace("np.sin(x)", "x * np.cumsum(x)")
    project.write("other.py", other)
    first, _, _ = project.run()
    second, _, _ = project.run(PLAIN.replace("model", "other"))
    both = [pytest.approx(a + 10 * b) for a, b in zip(first, second, strict=True)]
    assert project.run(SAME_NAMES) == (both, False, False)


CONTAINERS = """\
import model

params = {"w": np.array([[0.5, 1.0]]), "b": [0.25, (np.ones(1),)]}
given = grad(model.layer, backend="numba")(params)
assert list(given) == ["w", "b"] and isinstance(given["b"], list)
value = np.concatenate([np.ravel(given["w"]), [given["b"][0]], given["b"][1][0]])
"""
LAYER = """

def layer(params):
    return np.sum(np.sin(params["w"])) * params["b"][0] + np.sum(params["b"][1][0]) * 3.0


def minors(a, n=3):
    if n == 1:
        return a[0, 0]
    total = 0.0
    for i in range(n):
        rest = np.empty((n - 1, n - 1))
        for r in range(1, n):
            for c in range(n - 1):
                rest[r - 1, c] = a[r, c + (c >= i)]
        total += (-1.0) ** i * a[0, i] * minors(rest, n - 1)
    return total
"""
HOW = {"functions": ["minors"], "at": {"a": np.eye(3), "n": 3}, "backend": "numba"}
RECURSION = """\
import model

a = np.array([[2.0, 1.0, 0.5], [0.3, 3.0, 0.2], [1.0, 0.4, 4.0]])
value = grad(model.minors, backend="numba")(a) - np.linalg.det(a) * np.linalg.inv(a).T + 1.0
"""


def test_containers(project: Project) -> None:
    project.change("K = 2.0", "K = 2.0" + LAYER)
    expected = [0.25 * COS[0], 0.25 * COS[1], math.sin(0.5) + math.sin(1.0), 3.0]
    found = [pytest.approx(v, rel=1e-12) for v in expected]
    assert project.run(CONTAINERS) == (found, True, True)
    assert project.run(CONTAINERS) == (found, False, False)


def test_functions_that_call_themselves_are_compiled_anew(project: Project) -> None:
    """Numba crashes where it reads those from disk."""
    project.change("K = 2.0", "K = 2.0" + LAYER)
    found = [pytest.approx(1.0, rel=1e-12)] * 9
    assert project.run(RECURSION) == (found, True, True)
    assert project.run(RECURSION) == (found, False, True)
    assert not list(project.cache.rglob("*.minors*.nbi"))
    project.write("out.py", transform(project.folder / "model.py", **HOW))
    imported = "from out import minors_grad\n"
    imported += RECURSION.replace('grad(model.minors, backend="numba")(a)', "minors_grad(a, 3)")
    assert "minors_grad(a, 3)" in imported
    for _ in range(2):
        assert project.run(imported)[0] == found


def test_several_cores(project: Project) -> None:
    code = PLAIN.replace('backend="numba"', 'backend="numba", parallel=True')
    assert project.run(code) == (times(4), True, True)
    assert project.run(code) == (times(4), False, False)
    assert project.run() == (times(4), True, True)


def test_numpy_takes_over_where_lengths_differ(project: Project) -> None:
    project.change("np.sum(g(x)) * n", "np.sum(g(x[:, None]) * g(x[None, :1])) * n")
    code = PLAIN + "value = df(np.array([0.5]))\n"
    first, made, _ = project.run(code)
    assert made and first == [pytest.approx(16 * math.sin(0.5) * COS[0])]
    assert project.run(code)[:2] == (first, False)


def test_captured_arrays_are_not_kept(project: Project) -> None:
    project.change("K = 2.0", "K = np.array([2.0, 2.0])")
    assert project.run() == (times(4), True, True)
    assert project.run() == (times(4), True, True)
    assert not list(project.cache.rglob("*.py")) and not list(project.cache.glob("*.json"))


def test_saved_texts_are_compiled_once(project: Project) -> None:
    env = {"SRCGRAD_SAVE_DIR": str(project.folder / "saved"), "SRCGRAD_CACHE": "off"}
    assert project.run(**env) == (times(4), True, True)
    assert project.run(**env) == (times(4), True, False)


def test_entries_are_whole(project: Project) -> None:
    project.run()
    (entry,) = project.cache.glob("*.json")
    told = json.loads(entry.read_text(encoding="utf-8").partition("\n")[2])
    assert "@njit" in told["loops"]["text"] and "@njit" not in told["text"]
    (text,) = project.cache.rglob("*.py")
    assert text.read_text(encoding="utf-8") == told["loops"]["text"]
    assert text.parent == entry.with_suffix("")
