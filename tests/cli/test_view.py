"""Highlighting changes colours and nothing else."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest

from srcgrad.view import comparison, highlight, wants_colour


def uncoloured(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


SOURCES = [
    'def f(x, *, n=2):\n    """Doc\n    over lines."""\n    # note\n    return x**n + 1.5e-3j\n',
    "x = f'{a!r:>{w}} and {b}'\r\ny = 'ü' + len(s)\n",
    "if True:\n\tpass",
    "x = (1,\n     2)\n\n\n",
    "x = 1\n\x0cy = '\u2028'\nz = 2\n",
    "",
    "\n\n",
    "x = 'unfinished",
    "def f(:\n  )",
    "   indented\n wrongly\n",
]


@pytest.mark.parametrize("source", SOURCES)
def test_the_text_stays(source: str) -> None:
    assert uncoloured(highlight(source)) == source


def test_kinds_of_words() -> None:
    text = highlight("def f(x):\n    return x.len + len(x, 1)  # note\n")
    assert "\x1b[1;35mdef\x1b[0m \x1b[1;34mf\x1b[0m(x)" in text
    assert "x.len + \x1b[36mlen\x1b[0m(x, \x1b[33m1\x1b[0m)" in text
    assert "\x1b[2;37m# note\x1b[0m\n" in text


def test_colours_end_with_each_line() -> None:
    text = highlight('"""a\nb"""\n')
    assert text == '\x1b[32m"""a\x1b[0m\n\x1b[32mb"""\x1b[0m\n'


def test_files_and_dumb_terminals_have_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour(Terminal()) and not wants_colour(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())


def test_comparison_of_many_entries_shows_the_worst() -> None:
    ours, theirs = np.zeros(50), np.zeros(50)
    theirs[[7, 9]] = (1e-3, 1.0)
    text, good = comparison(["x"], [ours], [theirs], 0.0)
    assert not good
    assert [line.split()[0] for line in text.splitlines()] == [
        "parameter", "x[9]", "x[7]", "...", "2",
    ]  # fmt: skip


def test_comparison_takes_nan_for_wrong() -> None:
    text, good = comparison(["x"], [float("nan")], [1.0], 0.0)
    assert not good
    assert "WRONG" in text


def test_comparison_allows_for_large_values() -> None:
    assert comparison(["x"], [1.0], [1.001], 1e6)[1]
    assert not comparison(["x"], [1.0], [1.001], 1.0)[1]
