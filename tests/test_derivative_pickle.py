"""A derivative travels as text: who loads it has neither the function nor its module."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from srcgrad.backends.numpy import compile_source
from srcgrad.derivative import Derivative, Kinds, Lowered
from srcgrad.errors import SrcgradError

GENERAL = "def f_grad(x, k=2):\n    return ['general', x]\n"
SPECIAL = "def f_grad(x, k=2):\n    return ['special', x, table]\n"
TABLE = np.arange(3.0)


def lowered(text: str) -> Lowered:
    space = {"table": TABLE}
    return Lowered(text, compile_source(text, "f_grad", space), ((space, "table", TABLE),), space)


def compiler(kinds: Kinds) -> Lowered:
    return lowered(SPECIAL if kinds else GENERAL)


def known_only(kinds: Kinds) -> Lowered:
    if not kinds:
        raise SrcgradError("rank not known")
    return lowered(SPECIAL)


def make(compile_with: Any = compiler) -> Derivative[Any, Any]:
    return Derivative(lambda x, k=2: k * x, compile_with, wrt=("x",), label="grad")


def test_versions_made_before_go_along() -> None:
    df = make()
    df(1.0)
    df(3)
    again = pickle.loads(pickle.dumps(df))
    assert again(2.0)[:2] == ["special", 2.0]
    assert np.array_equal(again(2.0)[2], TABLE)
    kind, value, _ = again(4)
    assert (kind, type(value), value) == ("special", float, 4.0)


def test_other_kinds_fall_back_on_the_general_version() -> None:
    df = make()
    df(1.0)
    again = pickle.loads(pickle.dumps(df))
    assert again(np.float32(1)) == ["general", 1.0]
    assert again(x=5)[0] == "general"
    with pytest.raises(SrcgradError, match="argument `x`"):
        again(np.arange(3))


def test_without_a_general_version_other_kinds_are_refused() -> None:
    df = make(known_only)
    with pytest.raises(SrcgradError, match="call it once"):
        pickle.dumps(df)
    df(1.0)
    again = pickle.loads(pickle.dumps(df))
    assert again(1.0)[0] == "special"
    with pytest.raises(SrcgradError, match="call it with such before pickling"):
        again(np.ones(2))


def test_a_copy_of_a_copy_has_all_versions() -> None:
    df = make()
    df(1.0)
    again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(df))))
    assert again.source == SPECIAL
    assert again(2.0)[0] == "special"
    assert again(np.ones(1))[0] == "general"
    assert (again.__name__, again.label, again.wrt) == ("<lambda>", "grad", ("x",))


def test_a_fresh_process_needs_no_module_of_the_users() -> None:
    df = make()
    df(1.0)
    script = "import pickle, sys; print(pickle.load(sys.stdin.buffer)(3.0)[:2])"
    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(df), capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == "['special', 3.0]"
