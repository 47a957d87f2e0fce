"""Generated functions look like functions from a file: source, tracebacks, the user's line."""

from __future__ import annotations

import inspect
import linecache
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from srcgrad.backends.numpy import (
    compile_source,
    origin,
    register,
    user_traceback,
    write_atomic,
)
from srcgrad.errors import InternalError, SrcgradError

TEXT = """\
def loss_grad(x):
    y = scale / x

    # :4 return r @ r
    if y > 1:
        r_bar = y / 0.0
        return r_bar
    return y
"""

MODEL = """\
def loss(x):

    r = 1 / x
    return r @ r
"""


def test_namespaces_are_apart() -> None:
    one = compile_source(TEXT, "loss_grad", {"scale": 1.0})
    two = compile_source(TEXT, "loss_grad", {"scale": 0.5})
    assert (one(2.0), two(2.0)) == (0.5, 0.25)
    assert one.__code__ is two.__code__  # compiled once


def test_source_is_shown() -> None:
    function = compile_source(TEXT, "loss_grad", filename_hint="loss")
    assert function.__code__.co_filename.startswith("<srcgrad loss ")
    linecache.checkcache()
    assert inspect.getsource(function) == TEXT


def test_source_can_be_registered_again() -> None:
    function = compile_source(TEXT, "loss_grad")
    filename = function.__code__.co_filename
    linecache.clearcache()
    register(TEXT, filename)
    assert inspect.getsource(function) == TEXT


def test_texts_have_names_of_their_own() -> None:
    names = {
        compile_source(text, "loss_grad").__code__.co_filename for text in (TEXT, TEXT + "\n", TEXT)
    }
    assert len(names) == 2


def test_future_flags_do_not_leak_into_the_text() -> None:
    function = compile_source("def f(x: float): return x\n", "f")
    assert function.__annotations__ == {"x": float}


def test_a_text_that_is_not_python_is_an_internal_error() -> None:
    with pytest.raises(InternalError, match="return return"):
        compile_source("def f(x):\n    return return\n", "f")


def test_real_files_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRCGRAD_SAVE_DIR", str(tmp_path / "generated"))
    function = compile_source(TEXT, "loss_grad", {"scale": 1.0})
    path = Path(function.__code__.co_filename)
    assert path.parent == (tmp_path / "generated").resolve()
    assert path.read_text() == TEXT
    assert inspect.getsource(function) == TEXT
    assert function(2.0) == 0.5


def test_a_folder_that_cannot_be_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SRCGRAD_SAVE_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(SrcgradError, match="SRCGRAD_SAVE_DIR"):
        compile_source(TEXT, "loss_grad")


def test_writing_is_atomic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.py"
    write_atomic(path, "one\n")
    path.chmod(0o640)
    write_atomic(path, "zwö\n")
    assert path.read_bytes() == "zwö\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640

    def fail(*args: Any) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_atomic(path, "three\n")
    assert path.read_text(encoding="utf-8") == "zwö\n"
    assert [p.name for p in tmp_path.iterdir()] == ["out.py"]


@pytest.mark.parametrize(
    ("line", "found"), [(2, None), (5, (4, "return r @ r")), (8, (4, "return r @ r"))]
)
def test_origin_is_the_comment_above(line: int, found: tuple[int, str] | None) -> None:
    assert origin(TEXT, line) == found


def test_origin_stays_in_its_function() -> None:
    assert origin(TEXT + "\n\ndef g(x):\n    return x\n", 12) is None


def _failure(tmp_path: Path, x: float) -> tuple[BaseException, list[traceback.FrameSummary], str]:
    model = tmp_path / "model.py"
    model.write_text(MODEL)
    function = compile_source(TEXT, "loss_grad", {"scale": 1.0}, "loss")
    with pytest.raises(ZeroDivisionError) as info:
        function(x)
    error = info.value
    linecache.clearcache()
    trace = user_traceback(error, TEXT, str(model), function, "loss")
    error.__traceback__ = trace
    text = "".join(traceback.format_exception(type(error), error, trace))
    return error, traceback.extract_tb(trace), text


def test_the_users_line_stands_before_the_generated_one(tmp_path: Path) -> None:
    error, frames, text = _failure(tmp_path, 0.5)
    user, generated = frames[-2:]
    assert (user.name, user.lineno, user.line) == ("loss", 4, "return r @ r")
    assert (generated.name, generated.lineno, generated.line) == ("loss_grad", 6, "r_bar = y / 0.0")
    if sys.version_info >= (3, 11):
        assert error.__notes__[0].endswith("model.py:4: return r @ r")
        user_part = text[text.index("return r @ r") :].splitlines()
        assert "^" not in user_part[1]  # carets would point at other words


def test_the_primal_sweep_has_no_frame_of_the_users(tmp_path: Path) -> None:
    _, frames, _ = _failure(tmp_path, 0.0)
    assert [frame.name for frame in frames][-1] == "loss_grad"
    assert "loss" not in [frame.name for frame in frames]
