"""Wherever a function was defined, its text is found and is the right one, or there is a reason."""

from __future__ import annotations

import codecs
import contextlib
import doctest
import functools
import importlib
import io
import linecache
import os
import py_compile
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from srcgrad import SourceError, UnsupportedError, grad, transform
from srcgrad.frontend import read_live

Import = Callable[[str], Any]
CUBE = "def cube(x):\n    return x**3\n"


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Import]:
    """Import a module from the folder of the test, and forget it afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def load(name: str) -> Any:
        importlib.invalidate_caches()
        sys.modules.pop(name, None)
        return importlib.import_module(name)

    yield load
    for name in set(sys.modules) - before:
        del sys.modules[name]


def cell(text: str, name: str) -> dict[str, Any]:
    """Run a text that linecache knows, as interactive shells do."""
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), space)
    return space


# --- files


def test_a_module_and_a_package(tmp_path: Path, on_path: Import) -> None:
    (tmp_path / "single.py").write_text(CUBE)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("from .inner import cube\n")
    (tmp_path / "pack" / "inner.py").write_text(CUBE)
    assert grad(on_path("single").cube)(2.0) == 12.0
    assert grad(on_path("pack").cube)(2.0) == 12.0


def test_a_script(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(f"{CUBE}\nfrom srcgrad import grad\nprint(grad(cube)(2.0))\n")
    assert grad(runpy.run_path(str(path))["cube"])(2.0) == 12.0
    root = Path(__file__).parents[2]
    run = functools.partial(subprocess.run, capture_output=True, text=True, cwd=tmp_path)
    done = run([sys.executable, "script.py"], env={**os.environ, "PYTHONPATH": str(root)})
    assert (done.stdout, done.stderr) == ("12.0\n", "")


def test_a_module_in_a_zip_file(tmp_path: Path, on_path: Import) -> None:
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as archive:
        archive.writestr("in_zip.py", f"SCALE = 2.0\n{CUBE}")
    sys.path.insert(0, str(tmp_path / "zipped.zip"))
    try:
        assert grad(on_path("in_zip").cube)(2.0) == 12.0
    finally:
        sys.path.remove(str(tmp_path / "zipped.zip"))


def test_a_compiled_file_without_its_source(tmp_path: Path, on_path: Import) -> None:
    path = tmp_path / "compiled.py"
    path.write_text(CUBE)
    py_compile.compile(str(path), cfile=str(tmp_path / "compiled.pyc"), doraise=True)
    path.unlink()
    cube = on_path("compiled").cube
    with pytest.raises(SourceError, match=r"no source text for `cube`.*define it in a file"):
        grad(cube)(2.0)


@pytest.mark.parametrize(
    "change", [("x**3", "x**2"), ("x**3", "x**3 + x"), ("cube(x)", "cube(y)"), ("cube", "other")]
)
def test_a_file_edited_after_import(
    tmp_path: Path, on_path: Import, change: tuple[str, str]
) -> None:
    path = tmp_path / "edited.py"
    path.write_text(CUBE)
    cube = on_path("edited").cube
    path.write_text(CUBE.replace(*change))
    os.utime(path, (0, 0))
    with pytest.raises(SourceError, match="has changed since it was imported"):
        grad(cube)(2.0)


def test_a_file_edited_elsewhere(tmp_path: Path, on_path: Import) -> None:
    path = tmp_path / "moved.py"
    path.write_text(CUBE)
    cube = on_path("moved").cube
    path.write_text(f"# moved\n\nSCALE = 1.0\n\n\n{CUBE}")
    os.utime(path, (0, 0))
    assert grad(cube)(2.0) == 12.0


def test_a_file_edited_to_what_is_not_python(tmp_path: Path, on_path: Import) -> None:
    path = tmp_path / "broken.py"
    path.write_text(CUBE)
    cube = on_path("broken").cube
    path.write_text("def cube(x:\n    return")
    os.utime(path, (0, 0))
    with pytest.raises((SourceError, UnsupportedError)):
        grad(cube)(2.0)


def test_a_file_deleted_after_import(tmp_path: Path, on_path: Import) -> None:
    path = tmp_path / "deleted.py"
    path.write_text(CUBE)
    cube = on_path("deleted").cube
    path.unlink()
    with pytest.raises(SourceError, match="no source text"):
        grad(cube)(2.0)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8-sig", "koi8-r", "shift_jis"])
def test_an_encoding_other_than_utf_8(tmp_path: Path, on_path: Import, encoding: str) -> None:
    word = {"koi8-r": "шаг", "shift_jis": "数"}.get(encoding, "é")
    cookie = "" if encoding == "utf-8-sig" else f"# -*- coding: {encoding} -*-\n"
    text = (
        f'{cookie}def scaled(x):\n    {word} = "{word}"; y = x * 3.0  # {word}\n    return y * y\n'
    )
    path = tmp_path / f"encoded_{encoding.replace('-', '_')}.py"
    path.write_bytes(text.encode(encoding))
    f = on_path(path.stem).scaled
    assert grad(f)(2.0) == 36.0
    units = read_live(f).lower(read_live(f).root).units.values()
    assert [(u.text, u.comment) for u in units][1] == ("y = x * 3.0", word)
    written: dict[str, Any] = {}
    exec(transform(path), written)
    assert written["scaled_grad"](2.0) == 36.0


def test_other_line_ends_and_byte_order_marks(tmp_path: Path, on_path: Import) -> None:
    path = tmp_path / "windows.py"
    path.write_bytes(codecs.BOM_UTF8 + CUBE.replace("\n", "\r\n").encode())
    assert grad(on_path("windows").cube)(2.0) == 12.0
    assert "\r" not in transform(path)


def test_form_feeds_and_continuation_lines(tmp_path: Path, on_path: Import) -> None:
    path = tmp_path / "feeds.py"
    path.write_text("A = 1\n\f\ndef f(x):\n    y = x * \\\n        x\n\f\n    return (y +\n x)\n")
    assert grad(on_path("feeds").f)(2.0) == 5.0


def test_no_newline_at_the_end(tmp_path: Path, on_path: Import) -> None:
    (tmp_path / "short.py").write_text("def cube(x): return x**3")
    assert grad(on_path("short").cube)(2.0) == 12.0


def test_tabs(tmp_path: Path, on_path: Import) -> None:
    (tmp_path / "tabs.py").write_text("if True:\n\tdef cube(x):\n\t\ty = x*x\n\t\treturn y*x\n")
    assert grad(on_path("tabs").cube)(2.0) == 12.0


# --- shells and texts


def test_cells_of_a_notebook() -> None:
    first = cell("k = 2.0\n\ndef f(x):\n    return k * x**2\n", "/tmp/ipykernel_17/3141.py")
    again = cell("def f(x):\n    return x**3\n", "<ipython-input-2-2718281828>")
    assert grad(first["f"])(3.0) == 12.0
    assert grad(again["f"])(3.0) == 27.0


def test_a_cell_run_again_under_its_name() -> None:
    old = cell("def f(x):\n    return x**2\n", "<ipython-input-5-1>")["f"]
    new = cell("def f(x):\n    return x**3\n", "<ipython-input-5-1>")["f"]
    assert grad(new)(3.0) == 27.0
    with pytest.raises(SourceError, match="has changed"):
        grad(old)(3.0)


def test_lines_of_the_interactive_interpreter() -> None:
    names = [f"<python-input-{n}>" for n in (0, 1)]
    spaces = [cell(f"def f(x):\n    return x**{n + 2}\n", name) for n, name in enumerate(names)]
    assert [grad(space["f"])(3.0) for space in spaces] == [6.0, 27.0]


def test_text_on_standard_input_is_refused() -> None:
    space: dict[str, Any] = {}
    exec(compile(CUBE, "<stdin>", "exec"), space)
    with pytest.raises(SourceError, match=r"no source text for `cube`.*__source__"):
        grad(space["cube"])(2.0)


def documented(x):
    """
    >>> from srcgrad import grad
    >>> def f(x):
    ...     y = x * x
    ...     return y * x
    >>> grad(f)(2.0)
    12.0
    >>> def f(x):
    ...     return x**2
    >>> grad(f)(3.0), grad(lambda x: 2.0 * x)(1.0)
    (6.0, 2.0)
    """


def test_examples_of_a_docstring() -> None:
    [example] = doctest.DocTestFinder(recurse=False).find(documented, "documented")
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        result = doctest.DocTestRunner(verbose=False).run(example)
    assert (result.failed, result.attempted) == (0, 5), report.getvalue()


def test_text_run_without_a_name() -> None:
    space: dict[str, Any] = {}
    exec(CUBE, space)
    with pytest.raises(SourceError, match="no source text for `cube`"):
        grad(space["cube"])(2.0)
    space["cube"].__source__ = CUBE
    assert grad(space["cube"])(2.0) == 12.0


def test_transform_of_a_text_needs_no_file() -> None:
    written: dict[str, Any] = {}
    exec(transform(CUBE), written)
    assert written["cube_grad"](2.0) == 12.0


# --- lambdas and definitions in odd places


LAMBDAS = {"a": lambda x: x * x, "b": [lambda x: x**3, lambda x: x**3 * 2.0]}


def first(f: Any, *_: Any) -> Any:
    return f


def test_lambdas_in_calls_and_containers() -> None:
    assert grad(lambda x: x * x)(3.0) == 6.0
    assert grad(first(lambda x: x**3, lambda x: x**2))(2.0) == 12.0
    assert [grad(f)(2.0) for f in (LAMBDAS["a"], *LAMBDAS["b"])] == [4.0, 12.0, 24.0]
    assert [grad(f)(2.0) for f in [lambda x: x, lambda x: x + x, lambda y: y]] == [1.0, 2.0, 1.0]
    spread = first(
        lambda x: (
            x * x  # over
            + x  # lines
        )
    )
    assert grad(spread)(2.0) == 5.0
    assert grad(functools.partial(lambda k, x: k * x * x, 3.0))(2.0) == 12.0


def test_lambdas_with_a_default_apart_by_it() -> None:
    fs = [lambda x, k=2.0: x * k, lambda x, k=3.0: x * k]
    for f, slope in zip(fs, (2.0, 3.0), strict=True):
        try:
            assert grad(f)(1.0) == slope
        except SourceError as error:  # never the other one
            assert "cannot tell" in str(error)


def passed_on(f: Any) -> Any:
    @functools.wraps(f)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs)

    return wrapper


def tagged(f: Any) -> Any:
    f.tag = 1
    return f


class Holder:
    if True:

        @staticmethod
        @tagged
        def cube(
            x,
        ):
            # a comment to the left of nothing
            return x**3

    def method(self, x):
        return x**2


def test_indented_and_decorated_definitions() -> None:
    @tagged
    @tagged
    def inner(x):
        return x**2

    assert grad(inner)(3.0) == 6.0
    assert grad(Holder.cube)(2.0) == 12.0
    assert grad(Holder().method)(3.0) == 6.0
    text = dedent("    @tagged\n    def f(x): return x**2\n")
    assert grad(cell(f"tagged = lambda f: f\n{text}", "<decorated>")["f"])(3.0) == 6.0


def test_a_wrapper_is_refused_or_right() -> None:
    @passed_on
    def inner(x):
        return x**2

    assert grad(inner)(3.0) == 6.0


def test_functions_of_one_name() -> None:
    def f(x):
        return x**2

    old = f

    def f(x):
        return x**3

    assert (grad(old)(3.0), grad(f)(3.0)) == (6.0, 27.0)
    made = [make(k) for k in (2.0, 3.0)]
    assert [grad(g)(1.0) for g in made] == [2.0, 3.0]


def make(k: float) -> Any:
    def f(x):
        return k * x

    return f
