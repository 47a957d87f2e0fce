"""Derivatives kept on disk: what is found again, and above all what is not.

A program is a folder of files, imported anew for each run; `made` counts the derivatives that the
compiler wrote, so that a hit cannot be mistaken for another compilation.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from srcgrad import cachefolder, making

ROOT = Path(__file__).resolve().parent.parent

MODEL = """\
import numpy as np

from srcgrad import grad

K = 2.0


def g(x):
    return np.sin(x) * K


def f(x, n=2):
    return np.sum(g(x)) * n
"""
MAIN = """\
import sys

import numpy as np

import model
from srcgrad import grad

value = grad(model.f)(np.array([0.5, 1.0]))
"""
SHOWN = 'print(*map(float, value), "srcgrad.driver" in sys.modules)\n'
COS = [0.8775825618903728, 0.5403023058681398]  # of 0.5 and 1.0


class Project:
    """A folder with `model.py` and `main.py`, and a cache beside it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.write("model.py", MODEL)
        self.write("main.py", MAIN)
        self.write("shown.py", MAIN + SHOWN)
        self.patch = monkeypatch
        self.made = 0
        lowered_for = making.lowered_for

        def counted(*args: Any) -> Any:
            self.made += 1
            return lowered_for(*args)

        monkeypatch.setattr(making, "lowered_for", counted)
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)  # it knows seconds only

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def change(self, old: str, new: str, name: str = "model.py") -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def run(self, said: str | None = None) -> tuple[list[float], bool]:
        """The gradient, and whether anything was made in this run."""
        for name in ("main", "model", "other"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        self.patch.setenv("SRCGRAD_CACHE", str(self.cache) if said is None else said)
        self.made = 0
        value = importlib.import_module("main").value
        return [float(v) for v in value], self.made > 0

    def start(self) -> tuple[list[float], bool]:
        """The same, in a process of its own."""
        env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{self.folder}"}
        env["SRCGRAD_CACHE"] = str(self.cache)
        done = subprocess.run(
            [sys.executable, "-B", "-W", "error", "shown.py"],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        *values, made = done.stdout.split()
        return [float(v) for v in values], made == "True"

    def entries(self) -> list[Path]:
        return sorted(self.cache.glob("*.json"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def times(factor: float) -> list[float]:
    return [pytest.approx(factor * c, rel=1e-12) for c in COS]


def test_a_second_run_makes_nothing(project: Project) -> None:
    assert project.run() == (times(4), True)
    assert project.run() == (times(4), False)
    assert len(project.entries()) == 1


def test_a_second_process_loads_no_compiler(project: Project) -> None:
    assert project.start() == (times(4), True)
    assert project.start() == (times(4), False)


CHANGES = {
    "the function": ("np.sum(g(x)) * n", "np.sum(g(x)) * n * 3", 12),
    "a callee": ("np.sin(x) * K", "np.sin(x) * K * 3", 12),
    "a constant": ("K = 2.0", "K = 6.0", 12),
    "a default": ("n=2", "n=6", 12),
    "the kind of a constant": ("K = 2.0", "K = 6", 12),
    "what a name means": ("def g(x)", "def sin2(x): return 3 * np.sin(x)\n\n\ndef g(x)", 4),
    "a builtin": ("def g(x)", "def float(x): return x\n\n\ndef g(x)", 4),
    "a library": ("import numpy as np\n", "import numpy as np\nimport math as sin\n", 4),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(project: Project, what: str) -> None:
    old, new, factor = CHANGES[what]
    project.run()
    project.change(old, new)
    assert project.run() == (times(factor), True)
    assert project.run() == (times(factor), False)


OUTSIDE = {
    "a constant": ("model.K = 6.0", 12),
    "a constant, of another type": ("model.K = np.float64(6.0)", 12),
    "a callee": ("model.g = lambda x: 3 * np.sin(x) * model.K", 12),
    "a callee's constant": ("model.g.__globals__['K'] = 6.0", 12),
    "a default": ("model.f.__defaults__ = (6,)", 12),
    "a new global": ("model.np = type(sys)('np'); model.np.sum = np.sum\nmodel.np.sin = np.sin", 4),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_what_the_files_do_not_show_is_seen(project: Project, what: str) -> None:
    code, factor = OUTSIDE[what]
    project.run()
    project.change("value = ", f"{code}\nvalue = ", "main.py")
    assert project.run() == (times(factor), True)


def test_a_builtin_that_a_module_takes_the_name_of(project: Project) -> None:
    project.change("np.sum(g(x)) * n", "np.sum(g(x)) * float(n)")
    assert project.run() == (times(4), True)
    project.change("value = ", "model.float = lambda n: 3.0 * n\nvalue = ", "main.py")
    assert project.run() == (times(12), True)


def test_other_kinds_and_requests_have_entries_of_their_own(project: Project) -> None:
    project.run()
    project.change("np.array([0.5, 1.0])", "np.array([0.5, 1.0], np.float32)", "main.py")
    assert project.run()[1]
    project.change("grad(model.f)", "grad(model.f, ('x',))", "main.py")
    project.change("float32))", "float32))[0]", "main.py")
    assert project.run()[1]
    assert len(project.entries()) == 3
    assert not project.run()[1]


CLOSURES = """\
import numpy as np


def make(factor):
    def f(x):
        return np.sum(np.sin(x)) * factor

    return f


f = make(4.0)
"""


def test_captured_values_are_seen(project: Project) -> None:
    project.write("model.py", CLOSURES)
    assert project.run() == (times(4), True)
    assert project.run() == (times(4), False)
    project.change("grad(model.f)", "grad(model.make(12.0))", "main.py")
    assert project.run() == (times(12), True)


def test_a_version_that_was_found_is_stale_when_its_surroundings_change(project: Project) -> None:
    project.run()
    project.change(
        "value = grad(model.f)(np.array([0.5, 1.0]))",
        "df = grad(model.f)\ndf(np.array([0.5, 1.0]))\n"
        "model.K = 6.0\nvalue = df(np.array([0.5, 1.0]))",
        "main.py",
    )
    assert project.run() == (times(12), True)


UNKEPT = {
    "an array": ("K = 2.0", "K = np.array([2.0, 2.0])"),
    "a NumPy number": ("K = 2.0", "K = np.float64(2.0)"),
    "a class": (
        "np.sin(x) * K",
        "np.sin(x) * C().k\n\n\nclass C:\n    def __init__(self):\n        self.k = 2.0",
    ),
    "an instance": (
        "K = 2.0",
        "class C:\n    def __init__(self):\n        self.k = 2.0\n\n\nc = C()\nK = 2.0",
    ),
    "a dict": ("K = 2.0", "D = {'k': 2.0}\nK = 2.0"),
    "a module of the user's": ("import numpy as np\n", "import numpy as np\nimport other\n"),
    "a rule": (
        "def g(x)",
        "from srcgrad import custom_vjp\n\n\n@custom_vjp(lambda g, y, x: 2 * g)\ndef two(x):\n"
        "    return 2 * x\n\n\ndef g(x)",
    ),
    "a derivative": (
        "def g(x)",
        "def h(x):\n    return x * x\n\n\nh1 = grad(h)\n\n\ndef g(x)",
    ),
    "a wrapped function": (
        "def g(x)",
        "import functools\n\n\ndef twice(fn):\n    @functools.wraps(fn)\n    def call(x):\n"
        "        return fn(x)\n\n    return call\n\n\n@twice\ndef g(x)",
    ),
}
USES = {
    "an instance": ("* K", "* c.k"),
    "a dict": ("* K", "* D['k']"),
    "a module of the user's": ("* K", "* other.K"),
    "a rule": ("np.sin(x) * K", "two(np.sin(x))"),
    "a derivative": ("* K", "* h1(1.0)"),
}


@pytest.mark.parametrize("what", UNKEPT)
def test_what_cannot_be_compared_is_not_kept(project: Project, what: str) -> None:
    project.write("other.py", "K = 2.0\n")
    project.change(*UNKEPT[what])
    if what in USES:
        project.change(*USES[what])
    assert project.run() == (times(4), True)
    assert not [path for path in project.entries() if path.name.startswith("f-")]


@pytest.mark.parametrize("damage", ["", "{", "\n", "half", "other", "empty"])
def test_what_is_not_whole_is_not_read(project: Project, damage: str) -> None:
    project.run()
    (path,) = project.entries()
    digest, _, body = path.read_text(encoding="utf-8").partition("\n")
    told = json.loads(body)
    told["text"] = told["text"].replace("return", "return 2 *")
    damaged = {
        "half": f"{digest}\n{body[: len(body) // 2]}",
        "other": f"{digest}\n{json.dumps(told)}",
        "empty": f"{cachefolder._digest('{}')}\n{{}}",
    }
    path.write_text(damaged.get(damage, damage), encoding="utf-8")
    assert project.run() == (times(4), True)
    assert project.run() == (times(4), False)


def test_many_processes_may_write_at_once(project: Project) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: project.start()[0], range(3)))
    assert found == [times(4)] * 3
    assert project.start() == (times(4), False)
    assert [path.suffix for path in project.cache.iterdir()] == [".json"]


@pytest.mark.parametrize("said", ["", "off", "0"])
def test_nothing_is_kept_unasked(project: Project, said: str) -> None:
    assert project.run(said) == (times(4), True)
    found = sorted(path.name for path in project.folder.iterdir())
    assert found == ["main.py", "model.py", "shown.py"]


def test_one_derivative_may_be_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.folder / "users"))
    monkeypatch.setenv("LOCALAPPDATA", str(project.folder / "users"))
    monkeypatch.setenv("HOME", str(project.folder / "users"))
    project.change("grad(model.f)", "grad(model.f, cache=True)", "main.py")
    assert project.run("") == (times(4), True)
    assert project.run("") == (times(4), False)
    assert project.run("off") == (times(4), True)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_a_folder_that_others_may_write_is_not_read(project: Project) -> None:
    project.run()
    project.cache.chmod(0o777)
    assert project.run() == (times(4), True)
    project.cache.chmod(0o700)
    assert project.run() == (times(4), False)


def test_the_oldest_entries_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cachefolder, "MOST_ENTRIES", 3)
    for number in range(5):
        cachefolder.write(tmp_path / "c", f"k{number}", number)
        os.utime(tmp_path / "c" / f"k{number}.json", (number, number))
    assert [cachefolder.read(tmp_path / "c", f"k{n}") for n in range(5)] == [None, None, 2, 3, 4]
    monkeypatch.setattr(cachefolder, "MOST_BYTES", 100)
    cachefolder.write(tmp_path / "c", "last", "x" * 30)
    assert cachefolder.read(tmp_path / "c", "last") == "x" * 30
    assert len(list((tmp_path / "c").iterdir())) == 1
