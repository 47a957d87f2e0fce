"""The text found is the text that was compiled, or there is an error."""

from __future__ import annotations

import ast
import importlib.util
import linecache
import os
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from srcgrad.errors import SourceError
from srcgrad.frontend import read_live
from srcgrad.frontend.source import locate
from srcgrad.ir.show import show

Loader = Callable[[str], ModuleType]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    """Write a module and import it."""

    def load(text: str) -> ModuleType:
        path = tmp_path / "model.py"
        path.write_text(dedent(text), encoding="utf-8")
        spec = importlib.util.spec_from_file_location("model", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def rewrite(module: ModuleType, old: str, new: str) -> None:
    assert module.__file__ is not None
    path = Path(module.__file__)
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, (0, 0))  # a time of its own, however coarse the clock


def shown(fn: Any) -> str:
    program = read_live(fn)
    return show(program.lower(program.root))


@pytest.mark.parametrize("new", ["x - 1", "x + 2", "y + 1", "x + 1 + 1"])
def test_an_edited_function_is_refused(load: Loader, new: str) -> None:
    module = load("def f(x, y):\n    return x + 1\n")
    rewrite(module, "x + 1", new)
    with pytest.raises(SourceError, match="has changed since it was imported"):
        read_live(module.f)


def test_an_edit_elsewhere_does_not_matter(load: Loader) -> None:
    module = load("A = 1\ndef f(x):\n    return x + 1\n")
    rewrite(module, "A = 1", "A = 2\n\n\nB = 3")
    program = read_live(module.f)
    assert program.source(program.root).line == 5


def test_functions_without_text_say_what_to_do() -> None:
    space: dict[str, Any] = {}
    exec("def f(x):\n    return x\n", space)
    with pytest.raises(SourceError, match="__source__"):
        read_live(space["f"])
    space["f"].__source__ = "def f(x):\n    return x\n"
    assert "return x" in shown(space["f"])


def test_text_in_linecache_is_found() -> None:
    text, name = "def f(x):\n    return x * 2\n", "<made by a test>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space: dict[str, Any] = {}
    exec(compile(text, name, "exec"), space)
    assert "operator.mul(x, 2)" in shown(space["f"])


def test_builtins_have_no_source() -> None:
    with pytest.raises(SourceError, match="not a function written in Python"):
        read_live(len)


def test_a_function_with_assert_under_pytest() -> None:
    def f(x: float) -> float:
        assert x > 0, "positive"
        return x

    assert "assert(" in shown(f)


def test_lambdas_of_one_line_are_told_apart(load: Loader) -> None:
    module = load("fs = [lambda x: x + 1, lambda x: x + 2, lambda y: y, lambda x: (x +\n    3)]\n")
    assert [shown(fn).split("\n")[1].split("= ")[-1] for fn in module.fs] == [
        "operator.add(x, 1)",
        "operator.add(x, 2)",
        "return y".rjust(12),
        "operator.add(x, 3)",
    ]


def test_lambdas_inside_each_other_are_told_apart(load: Loader) -> None:
    """What the inner ones read of their surroundings, the outer ones read for them."""
    text = "def made(g, h):\n    return lambda x: g(lambda x: g(lambda x: h(x, 1.0)))\n"
    outer = load(text).made(lambda f: f, None)
    texts = [ast.unparse(locate(f).node) for f in (outer, outer(0), outer(0)(0))]
    whole = "lambda x: g(lambda x: g(lambda x: h(x, 1.0)))"
    assert texts == [whole, whole[12:-1], whole[24:-2]]


def test_a_lambda_becomes_a_function(load: Loader) -> None:
    module = load("square = lambda x, n=2: (\n    x**n\n)\n")
    program = read_live(module.square)
    fn, source = program.lower(program.root), program.source(program.root)
    assert (fn.name, source.text) == ("square", "def square(x, n=2):\n    return x**n")
    assert (fn.params[1].default, fn.params[1].value) == ("2", 2)
    assert [unit.text for unit in fn.units.values()] == ["return x**n"]


def test_methods_and_indented_definitions_are_dedented(load: Loader) -> None:
    module = load('''
        def decorate(fn): return fn

        class A:
            @decorate
            def f(self, x):
                """Doc."""
                y = (x +
                     self.w)
                s = """a
          b"""
                return y
    ''')
    program = read_live(module.A().f)
    text = program.source(program.root).text
    assert text.splitlines()[0] == "def f(self, x):"
    assert text.splitlines()[2:6] == ["    y = (x +", "         self.w)", '    s = """a', '  b"""']


def test_a_form_feed_and_other_alphabets(load: Loader) -> None:
    module = load("\f\ndef f(x):\n    s = 'äö'; y = x * 2  # λ\n    return y\n")
    fn = read_live(module.f).lower("model:f")
    assert [(u.text, u.col, u.comment) for u in fn.units.values()][:2] == [
        ("s = 'äö'", 4, "λ"),
        ("y = x * 2", 14, "λ"),
    ]


def test_lambdas_alike_but_for_an_operator(load: Loader) -> None:
    module = load("def make(k):\n    return lambda x: x + k, lambda x: x - 1, lambda x: x + 1\n")
    texts = [shown(fn).split("= ")[1].split("\n")[0] for fn in module.make(2)]
    assert texts == ["operator.add(x, k)", "operator.sub(x, 1)", "operator.add(x, 1)"]


def test_annotations_stay_behind_when_a_text_is_copied() -> None:
    from srcgrad.frontend.unannotated import without_annotations

    text = """def f(
    x: dict[str, "Ä"] = {},  # kept: this
    *args: int,
    k: Callable[
        [int], float
    ] = None,
) -> tuple[
    int, ...
]:
    def inner(y: float) -> float: return y
    z: int = 3
    return {"a": x}"""
    expected = """def f(
    x = {},  # kept: this
    *args,
    k = None,
):
    def inner(y): return y
    z: int = 3
    return {"a": x}"""
    assert without_annotations(text) == expected
    plain = "def f(x, y=1):\n    return x  # a: b -> c"
    assert without_annotations(plain) == plain
