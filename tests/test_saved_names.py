"""What the names of a module mean where nothing of it is executed: as when it is imported."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, transform
from srcgrad.differences import central_differences

HELPERS = """
import numpy as np

__all__ = ["sum", "RATE", "TABLE", "twice", "sin"]
BASE = 2.5
RATE = BASE * 2
TABLE = [1.0, 3.0]


def sum(v):
    return np.prod(v)


def abs(v):
    return v * 10


def twice(v):
    return v * RATE


def sin(v):
    return v**2
"""

# The module, and the value that `f` returns.
IMPORTS = {
    "another name": ("from helpers import RATE as rate", "x * rate"),
    "two names": ("from helpers import RATE as rate, RATE\n\nBASE = 7.0", "x * rate * RATE * BASE"),
    "own constant of that name": ("from helpers import RATE as r\n\nRATE = 9.0", "x * r * RATE"),
    "table": ("from helpers import TABLE as t\n\nTABLE = [5.0]", "x * t[1] * TABLE[0]"),
    "star before builtins": ("from helpers import *", "sum(np.array([x, x, 2.0])) * RATE"),
    "star brings what __all__ says": ("from helpers import *", "abs(x) * twice(x)"),
    "the last star counts": ("from math import *\nfrom helpers import *", "sin(x)"),
    "math after that": ("from helpers import *\nfrom math import *", "sin(x) * pi"),
    "star above a function": (
        "from helpers import *\n\n\ndef twice(v):\n    return v**3", "twice(x)"
    ),
    "star below a function": (
        "def twice(v):\n    return v**3\n\n\nfrom helpers import *", "twice(x)"
    ),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`agree(head, value)`: the gradient of a file's `f` is that of `f` as it is imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "helpers.py").write_text(HELPERS)
    for name in ("helpers", "prog"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    def agree(head: str, value: str, params: str = "x: float") -> None:
        text = f"import numpy as np\n{head}\n\n\ndef f({params}):\n    return {value}\n"
        (tmp_path / "prog.py").write_text(text)
        importlib.invalidate_caches()
        exec(transform(tmp_path / "prog.py", functions=["f"]), made := {})
        at = float(np.random.default_rng().uniform(0.5, 2.0))
        expected = central_differences(importlib.import_module("prog").f, (at,), 0)
        assert made["f_grad"](at) == pytest.approx(expected, rel=1e-6)

    yield agree
    for name in ("helpers", "prog"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("case", IMPORTS)
def test_imports_mean_what_python_says(case: str, project: Any) -> None:
    project(*IMPORTS[case])


DEFAULTS = {
    "table": ("TABLE = [2.0, 4.0]", "TABLE", "k[1]"),
    "array": ("W = np.linspace(1.0, 2.0, 3)", "W", "k[2]"),
    "expression": ("RATE = 3.0", "np.ones(2) * RATE", "k[1]"),
    "constant": ("RATE = 3.0", "RATE * 2", "k"),
    "imported": ("from helpers import RATE as rate", "[rate]", "k[0]"),
}


@pytest.mark.parametrize("case", DEFAULTS)
def test_what_a_default_reads_is_in_the_file(case: str, project: Any) -> None:
    head, default, value = DEFAULTS[case]
    project(head, f"x * {value}", f"x: float, k={default}")


# --- tables that the module changes

CHANGED = {
    "item": "T = [1.0, 2.0]\nT[0] = 5.0",
    "part of an array": "T = np.zeros(3)\nT[:2] = 4.0",
    "method": "T = [3.0, 1.0]\nT.sort()",
    "growth": "T = [3.0]\nT.insert(0, 8.0)",
    "loop": "T = [0.0] * 3\nfor i in range(3):\n    T[i] = i + 1.0",
    "out": "T = np.arange(1.0, 3.0)\nnp.multiply(T, 2.0, out=T)",
    "library": "T = np.zeros(2)\nnp.copyto(T, 6.0)",
    "function": "T = [1.0]\n\n\ndef change():\n    T[0] = 8.0\n\n\nchange()",
    "handed over": "T = [1.0]\n\n\ndef change(v):\n    v[0] = 8.0\n\n\nchange(T)",
    "other name": "T = np.ones(3)\nhalf = T[:2]\nhalf[0] = 6.0",
    "deeper": "D = {'a': [1.0]}\nT = D['a']\nD['a'][0] = 2.0",
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_table_that_is_changed_is_refused(case: str, project: Any) -> None:
    with pytest.raises(UnsupportedError, match="`T` has no value that the text"):
        project(CHANGED[case], "x * T[0]")


UNCHANGED = {
    "read": "T = [1.0, 2.0]\nlast = T[-1]\nprint(T)",
    "of a function's own": "T = [1.0]\n\n\ndef g(T):\n    T[0] = 2.0\n    return T",
    "another one": "T = np.ones(2)\nU = np.zeros(2)\nU[0] = T[0]",
    "method of a library": "T = np.ones(2)\nnp.random.seed(0)",
    "copy": "T = np.ones(2)\nU = np.array(T)\nU[0] = 5.0",
}


@pytest.mark.parametrize("case", UNCHANGED)
def test_a_table_that_stays_is_carried(case: str, project: Any) -> None:
    project(UNCHANGED[case], "x * T[0]")
