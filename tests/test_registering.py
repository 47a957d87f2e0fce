"""`derivative_of` and `check_rule`: rules of the user's for functions that are not read."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

from srcgrad import (
    GradientError,
    SrcgradError,
    UnsupportedError,
    check_grads,
    check_rule,
    derivative_of,
    grad,
    jvp,
    transform,
)
from srcgrad.rules.naming import GIVEN
from srcgrad.rules.registry import TABLE
from srcgrad.rules.tangents import TANGENTS

LIBRARY = """
import numpy as np


def softplus(x):
    return eval("np.logaddexp(0.0, x)")


def scaled(a, b, scale=2.0):
    return eval("a * b**scale")


def applied(m, v):
    return eval("m @ v")


def sized(x, shape):
    return eval("x * shape**2")


def turned(x, axis):
    return eval("np.sin(x) * axis")


def stored(x, out):
    out[:] = x


def local():
    def inner(x):
        return x

    return inner
"""
X, W = np.array([0.3, 0.4, 0.9]), np.array([1.0, 2.0, 0.5])
SCALE = 2.0


@pytest.fixture
def lib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module of functions that cannot be read; their rules are forgotten after the test."""
    (tmp_path / "outer_library.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = dict(TABLE), dict(TANGENTS), dict(GIVEN)
    yield importlib.import_module("outer_library")
    sys.modules.pop("outer_library")
    for table, old in zip((TABLE, TANGENTS, GIVEN), before, strict=True):
        table.clear()
        table.update(old)  # type: ignore[arg-type]


def test_an_elementwise_rule_serves_both_modes_and_orders(lib: Any) -> None:
    @derivative_of(lib.softplus)
    def rule(d, y, x):
        """The slope is that of the logistic function."""
        return d * np.exp(x - y)

    def program(x, w):
        return np.sum(lib.softplus(x * w) ** 2)

    check_rule(lib.softplus, X)
    check_grads(program, (X, W), modes=("reverse", "forward"), order=2)
    assert rule(1.0, 0.0, 0.0) == 1.0


def test_rules_of_several_operands(lib: Any) -> None:
    derivative_of(lib.scaled)(
        lambda d, y, a, b, s: (d * b**s, d * a * s * b ** (s - 1.0), d * y * np.log(b))
    )

    def program(x, w, s):
        whole = lib.scaled(x, np.reshape(w, (3, 1)), scale=s) + lib.scaled(x, w)
        return np.sum(whole * lib.scaled(w, 3.0, s))

    check_rule(lib.scaled, X, W, 1.3)
    check_grads(program, (X, W, 1.5), modes=("reverse", "forward"))


def test_cotangents_and_tangents(lib: Any) -> None:
    derivative_of(lib.applied)(lambda g, y, m, v: (np.outer(g, v), m.T @ g))
    check_rule(lib.applied, np.outer(X, W), X)
    check_grads(lambda x: np.sum(lib.applied(np.outer(x, x), x) ** 2), (X,))
    derivative_of(lib.applied)(lambda t, y, m, v: (t @ v, m @ t))
    check_grads(lib.applied, (np.outer(X, W), X), modes=("reverse", "forward"))


@pytest.mark.parametrize("name", ["sized", "turned"])
def test_names_that_numpy_gives_to_sizes_are_arguments_like_others(lib: Any, name: str) -> None:
    fn = getattr(lib, name)
    rules: dict[str, Callable[..., Any]] = {
        "sized": lambda d, y, x, shape: (d * shape**2, d * 2.0 * x * shape),
        "turned": lambda d, y, x, axis: (d * np.cos(x) * axis, d * np.sin(x)),
    }
    derivative_of(fn)(rules[name])
    check_rule(fn, X, W)

    def one_only(x, w):
        return np.sum(fn(x, w))

    check_grads(one_only, (X, W), modes=("reverse", "forward"))


@pytest.mark.parametrize("name", ["sized", "turned"])
def test_an_argument_without_a_formula_is_refused(lib: Any, name: str) -> None:
    fn = getattr(lib, name)
    derivative_of(fn)(lambda d, y, x, size: (d * y / x, None))
    with pytest.raises(UnsupportedError, match=r"`size` of .* is differentiated, and has no rule"):
        grad(lambda w: np.sum(fn(X, w)))(W)
    with pytest.raises(UnsupportedError, match="is differentiated"):
        jvp(lambda w: np.sum(fn(X, w)), (W,), (W,))


def test_a_function_of_scipy(lib: Any) -> None:
    derivative_of(special.wrightomega)(lambda d, y, x: d * y / (1.0 + y))
    check_rule(special.wrightomega, X)
    check_grads(lambda x: np.sum(special.wrightomega(x) * special.gamma(x)), (X,), order=2)


def test_a_wrong_rule_is_found(lib: Any) -> None:
    derivative_of(lib.softplus)(lambda d, y, x: d * np.exp(y - x))
    with pytest.raises(GradientError, match="differences disagree"):
        check_rule(lib.softplus, X)
    derivative_of(lib.applied)(lambda d, y, m, v: (d * v, d * m))
    with pytest.raises(GradientError, match="is declared elementwise"):
        check_rule(lib.applied, np.outer(X, W), X)
    with pytest.raises(SrcgradError, match="has no rule"):
        check_rule(lib.scaled, X, W)


def test_generated_files_import_the_function(lib: Any, tmp_path: Path) -> None:
    derivative_of(lib.softplus)(lambda d, y, x: d * np.exp(x - y) * SCALE / 2.0)
    program = "import numpy as np\nfrom outer_library import softplus\n\n\n"
    program += "def loss(x):\n    return np.sum(softplus(x))\n"
    text = transform(program)
    assert "from outer_library import softplus" in text
    assert "srcgrad" not in text.partition("import")[2]
    (tmp_path / "generated.py").write_text(text + "\n\nprint(loss_grad(np.array([0.0])))\n")
    done = subprocess.run(
        [sys.executable, "generated.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[0.5]"


def test_a_rule_that_only_running_the_text_would_tell() -> None:
    text = """
import numpy as np
from srcgrad import derivative_of


def f(x):
    return x**2


@derivative_of(f)
def rule(d, y, x):
    return d * 2 * x


def loss(x):
    return f(x)
"""
    with pytest.raises(UnsupportedError, match="`f`"):
        transform(text, functions=["loss"])


def two_steps(d, y, x):
    z = np.exp(x)
    return d * z


def with_condition(d, y, x):
    return d if x > 0 else -d


def unknown_function(d, y, x):
    return d * np.array2string(x)


MALFORMED: list[tuple[Any, str]] = [
    (two_steps, "more than `return` and one expression"),
    (with_condition, "a rule is made of operators, calls and items"),
    (unknown_function, "has no rule of its own"),
    (lambda x, y: x, "takes d, g or t"),
    (lambda x, y, z: x, "its first parameter is d"),
    (lambda d, z, x: d, "the second is the value y"),
    (lambda d, y, *x: d, "takes d, g or t"),
    (lambda d, y, x: (d, d), "must return one formula"),
    (lambda d, y, x, z: (d, d), "must take d, g or t, y, and all of"),
    (lambda d, y, g: d, "calls a parameter g"),
    (lambda d, y, out: d, "calls a parameter out"),
    (lambda d, y, x: d * undefined_name, "reads undefined_name"),  # noqa: F821
    (np.sin, "is a function or a lambda"),
]


@pytest.mark.parametrize(("rule", "reason"), MALFORMED)
def test_malformed_rules(lib: Any, rule: Any, reason: str) -> None:
    before = set(TABLE)
    with pytest.raises(SrcgradError, match=reason):
        derivative_of(lib.softplus)(rule)
    assert set(TABLE) == before


def test_what_takes_no_rule(lib: Any) -> None:
    with pytest.raises(SrcgradError, match="has a rule already"):
        derivative_of(np.tanh)
    with pytest.raises(SrcgradError, match="takes a function"):
        derivative_of(3.0)  # type: ignore[arg-type]
    with pytest.raises(SrcgradError, match="not found as a name of a module"):
        derivative_of(lib.local())
    with pytest.raises(SrcgradError, match="may write into its argument `out`"):
        derivative_of(lib.stored)(lambda d, y, x, into: (d, None))
