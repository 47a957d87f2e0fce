"""Free names: what they stand for, in a live function and in a text."""

from __future__ import annotations

import math as m
from math import pi as PI
from pathlib import Path
from typing import Any

import numpy as np
from numpy import sin as sine

from srcgrad.frontend import read_live, read_text
from srcgrad.ir.core import Assign, Function, Global, UserFunction
from srcgrad.ir.show import show
from tests.frontend.lowering import lower

RATE = 0.1
WEIGHTS = np.array([1.0, 2.0])
LIMIT = float("inf")
SETTINGS = {"a": 1}
tangent = np.tanh


def half(x: Any) -> Any:
    return x / 2


def model(x: Any) -> Any:
    y = sine(x) * tangent(x) + PI * m.e + RATE * WEIGHTS
    return half(y) * LIMIT * SETTINGS["a"] * len(y) * np.sum(x)


def kinds(fn: Function) -> dict[str, tuple[str, str]]:
    return {name: (g.kind, g.text) for name, g in fn.globals.items()}


def test_live_names() -> None:
    program = read_live(model)
    fn = program.lower(program.root)
    assert kinds(fn) == {
        "sine": ("module", "from numpy import sin as sine"),
        "tangent": ("module", "from numpy import tanh as tangent"),
        "PI": ("module", "from math import pi as PI"),
        "m": ("module", "import math as m"),
        "RATE": ("value", "RATE = 0.1"),
        "WEIGHTS": ("value", ""),
        "half": ("function", ""),
        "LIMIT": ("value", 'LIMIT = float("inf")'),
        "SETTINGS": ("opaque", ""),
        "np": ("module", "import numpy as np"),
    }
    assert fn.globals["WEIGHTS"].value is WEIGHTS
    text = show(fn)
    assert "numpy.sin(x)" in text and "load.math.pi()" in text and "<half>(y)" in text
    callee = next(s.fn for s in fn.body if isinstance(s, Assign) and isinstance(s.fn, UserFunction))
    assert "operator.truediv(x, 2)" in show(program.lower(callee.key))
    assert program.function(callee.key) is half


def test_closures_and_functions_of_one_name() -> None:
    def make(k: float) -> Any:
        def scale(x: Any) -> Any:
            return k * x

        return scale

    double, triple = make(2.0), make(3.0)

    def both(x: Any) -> Any:
        return double(x) + triple(x)

    program = read_live(both)
    calls = [s.fn for s in program.lower(program.root).body if isinstance(s, Assign)]
    keys = [fn.key for fn in calls if isinstance(fn, UserFunction)]
    values = [program.lower(key).globals["k"].value for key in keys]
    assert values == [2.0, 3.0]


def test_a_cached_function_is_the_function() -> None:
    import functools

    @functools.lru_cache
    def cached(x: Any) -> Any:
        return x

    def f(x: Any) -> Any:
        return cached(x)

    program = read_live(f)
    fn = program.lower(program.root)
    assert fn.globals["cached"].kind == "opaque"  # guarded: another object makes this stale
    assert "<cached>(x)" in show(fn)


STATIC = """
import numpy as np
from numpy import sin as s
from math import pi
import torch
from .nowhere import thing

N = 3
SCALE = N * np.sqrt(2.0) / pi
KERNEL = np.array([[1, 2], [3, 4]], dtype=float)
tanh = np.tanh
UNKNOWN = compute()
if N > 2:
    CASE = 1
COUNT = 0

def count():
    global COUNT
    COUNT = COUNT + 1

def g(x):
    return x

def f(x):
    y = s(x) * tanh(x) * SCALE + KERNEL + pi
    return g(y) + UNKNOWN + CASE + torch.relu(thing) + COUNT
"""


def test_static_names() -> None:
    fn = lower(STATIC)
    found = kinds(fn)
    assert found["s"] == ("module", "from numpy import sin as s")
    assert found["SCALE"] == ("value", "SCALE = N * np.sqrt(2.0) / pi")
    assert found["N"] == ("value", "N = 3")  # the text of SCALE reads it
    assert found["tanh"] == ("module", "from numpy import tanh")
    assert found["g"][0] == "function"
    assert {found[name][0] for name in ("UNKNOWN", "CASE", "COUNT")} == {"opaque"}
    assert fn.globals["KERNEL"].value.dtype == float
    assert fn.globals["SCALE"].value == 3 * np.sqrt(2.0) / PI
    text = show(fn)
    assert "numpy.sin(x)" in text and "numpy.tanh(x)" in text and "torch.relu(thing)" in text


def test_the_module_is_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    effect = f"open({str(mark)!r}, 'w').close()\n"
    (tmp_path / "helpers.py").write_text(effect + "K = 2.0\n\ndef g(x):\n    return K * x\n")
    text = (
        effect
        + "import helpers as h\nfrom helpers import g, K\n\n"
        + ("def f(x):\n    return g(x) + h.g(x) * h.K + K\n")
    )
    module = read_text(text, str(tmp_path / "model.py"))
    fn = module.lower(module.functions["f"])
    callees = [s.fn for s in fn.body if isinstance(s, Assign) and isinstance(s.fn, UserFunction)]
    assert [c.name for c in callees] == ["g", "g"] and callees[0].key == callees[1].key
    inner = module.lower(callees[0].key)
    assert inner.globals["K"] == Global("K", "value", "K = 2.0", 2.0)
    assert module.source(callees[0].key).file == str(tmp_path / "helpers.py")
    assert "operator.mul(out@2, 2.0)" in show(fn)
    assert not mark.exists()


def test_what_a_module_declares() -> None:
    module = read_text(
        "import srcgrad\nfrom srcgrad import grad, value_and_grad as vg\n"
        "@grad\ndef a(x): return x\n"
        "@srcgrad.grad(argnums=('x', 'y'))\ndef b(x, y): return x\n"
        "@vg(argnums=1)\ndef c(x, y): return a(x)\n"
        "def _d(x): return x\n",
        "model.py",
    )
    assert list(module.functions) == ["a", "b", "c", "_d"]
    assert module.public == ("a", "b", "c")
    found = {name: (d.mode, d.argnums) for name, d in module.decorated.items()}
    assert found == {"a": ("grad", 0), "b": ("grad", ("x", "y")), "c": ("value_and_grad", 1)}
    calling = module.lower(module.functions["c"])
    assert calling.globals["a"].kind == "opaque"  # the name means the derivative, not the function
