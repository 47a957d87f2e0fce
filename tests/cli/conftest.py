"""A folder with a small model file, and the command run in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from srcgrad.cli import main

MODEL = '''"""A line and a network. Reading this file must not run it."""
import numpy as np

print("this file was executed")
raise SystemExit("this file was executed")

RATE = 0.5


def loss(w: float, x: float, b: float, y: float):
    return (w * x + b - y) ** 2


def layer(p, x):
    h = np.tanh(x @ p["W"] + p["b"])  # hidden
    return RATE * np.sum(h)


def _private(x):
    return x * x
'''


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `srcgrad ARGS...` in a folder that holds model.py; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SRCGRAD_DEBUG", raising=False)
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")

    def command(*args: str) -> Result:
        try:
            code = main(args)
        except SystemExit as usage:
            assert isinstance(usage.code, int)
            code = usage.code
        return Result(code, *capsys.readouterr())

    return command
