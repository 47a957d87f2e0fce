"""`srcgrad show`, `check` and `graph`."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.conftest import Run

AT_LINE = ("--at", "w=1", "x=4", "b=-3", "y=3")
AT_LAYER = ("--at", "p={'W': [[0.5, -1.0], [0.25, 2.0]], 'b': [0.1, 0.2]}", "x=[[1.0, 2.0]]")


def test_show_prints_plain_text_into_a_pipe(run: Run) -> None:
    result = run("show", "model.py:loss")
    assert result.code == 0
    assert "def loss_grad(" in result.out and "\x1b" not in result.out


def test_show_colours_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run("show", "model.py:loss").out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    coloured = run("show", "model.py:loss").out
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("show", "model.py:loss").out == plain


def test_check_of_a_right_gradient(run: Run) -> None:
    result = run("check", "model.py:loss", *AT_LINE, "--wrt", "w,x,b,y")
    assert (result.code, result.err) == (0, "")
    rows = [line.split() for line in result.out.splitlines()]
    assert rows[0] == ["loss", "=", "4"]
    assert [row[:2] for row in rows[2:6]] == [["w", "-16"], ["x", "-4"], ["b", "-4"], ["y", "4"]]
    assert rows[-1] == ["all", "4", "agree"]


def test_check_of_nested_arrays(run: Run) -> None:
    result = run("check", "model.py:layer", *AT_LAYER)
    assert (result.code, result.err) == (0, "")
    assert "p['W'][1, 0]" in result.out
    assert "all 6 agree" in result.out


def test_check_of_an_array_and_of_several_results(run: Run, tmp_path: Path) -> None:
    (tmp_path / "many.py").write_text(
        "def outer(x, y):\n    return x[:, None] * y\n\n\n"
        "def pair(x: float):\n    return x * x, 3 * x, 7\n"
    )
    result = run("check", "many.py:outer", "--wrt", "x,y", "--at", "x=[1.0, 2.0]", "y=[3, 4, 5]")
    assert (result.code, result.err) == (0, "")
    assert "all 5 agree" in result.out
    result = run("check", "many.py:pair", "--at", "x=2")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[2].split()[:2] == ["x", "7"]


def test_check_tells_a_wrong_gradient(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "def loss_vjp(w, x, b, y):\n    r = w*x + b - y\n    return r*r, lambda d: (2*d*r,)\n"
    monkeypatch.setattr("srcgrad.cli.transform", lambda *args, **kwargs: text)
    result = run("check", "model.py:loss", *AT_LINE)
    assert result.code == 1
    assert "WRONG" in result.out and "1 of 1 wrong" in result.out


def test_check_tells_a_wrong_value(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "def loss_vjp(w, x, b, y):\n    return 8*w, lambda d: (8*d,)\n"
    monkeypatch.setattr("srcgrad.cli.transform", lambda *args, **kwargs: text)
    result = run("check", "model.py:loss", *AT_LINE)
    assert result.code == 1
    assert "the value is 8.0, that of the program is 4.0" in result.err


def test_graph_prints_the_table_and_draws_the_picture(run: Run, tmp_path: Path) -> None:
    result = run("graph", "model.py:loss", *AT_LINE, "-o", "graph.svg")
    assert (result.code, result.err) == (0, "")
    assert "gradient with respect to w: -16" in result.out
    root = ET.parse(tmp_path / "graph.svg").getroot()
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "−16" in texts and "^2" in texts


def test_graph_of_a_network_without_a_picture(run: Run, tmp_path: Path) -> None:
    result = run("graph", "model.py:layer", *AT_LAYER, "--wrt", "p")
    assert (result.code, result.err) == (0, "")
    assert 'gradient with respect to p["W"]: ' in result.out
    assert [path.name for path in tmp_path.iterdir()] == ["model.py"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("show", "model.py"), "is not of the form FILE:FUNCTION"),
        (("show", "model.py:nope"), "no function `nope`"),
        (("show", "absent.py:f"), "No such file or directory"),
        (("check", "model.py:loss"), "srcgrad: loss needs --at w=... x=... b=... y=..."),
        (("check", "model.py:loss", *AT_LINE, "--wrt", "q"), "loss has no parameter `q`"),
        (("graph", "model.py:loss", "--at", "w=1"), "loss needs a value for `x`, `b`, `y`"),
        (("graph", "model.py:loss", *AT_LINE, "z=1"), "loss has no parameter `z`"),
        (("graph", "model.py:loss", *AT_LINE, "y='a'"), "model.py:11:5: TypeError at these inputs"),
        (("check", "model.py:layer", "--at", "p=1.0", "x=2.0"), "layer"),
    ],
)
def test_refusals(run: Run, args: tuple[str, ...], message: str) -> None:
    result = run(*args)
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err


def test_nothing_runs_the_file(run: Run) -> None:
    for args in (
        ("transform", "model.py"),
        ("show", "model.py:loss"),
        ("check", "model.py:loss", *AT_LINE),
        ("graph", "model.py:loss", *AT_LINE),
    ):
        result = run(*args)
        assert result.code == 0
        assert "was executed" not in result.out + result.err or args[0] == "transform"
    assert "model" not in sys.modules
