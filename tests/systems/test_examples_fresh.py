"""The committed derivatives of the examples are what the compiler writes today."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import regenerate

from srcgrad.cli import main

ROOT = Path(__file__).parents[2]
GENERATED = sorted(path.name for path in (ROOT / "examples").glob("*_grad.py"))


def test_every_example_has_its_derivative() -> None:
    expected = {
        "affine",
        "big_network",
        "chain",
        "convnet",
        "descent",
        "digits_network",
        "heat",
        "jacobians",
        "line",
        "matmul",
        "nodes",
        "one_weight",
        "particle",
        "polynomial",
        "predators",
        "relu",
        "saddle",
        "shopping",
        "sigmoid",
        "softmax",
        "wave",
    }
    assert {name.removesuffix("_grad.py") for name in GENERATED} == expected


@pytest.mark.parametrize("name", GENERATED)
def test_regenerates_to_the_same_bytes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ROOT / "examples" / name
    command = regenerate.command_of(path)
    monkeypatch.chdir(ROOT)
    assert main([*command, "--check"]) == 0
    # Written elsewhere, through a copy of the tree's layout, the bytes are the same.
    (tmp_path / "examples").mkdir()
    source = path.with_name(name.replace("_grad.py", ".py"))
    (tmp_path / "examples" / source.name).write_bytes(source.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert main(command) == 0
    assert (tmp_path / "examples" / name).read_bytes() == path.read_bytes(), shlex.join(command)


def test_a_stale_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").mkdir()
    for name in ("line.py", "line_grad.py"):
        text = (ROOT / "examples" / name).read_text(encoding="utf-8")
        if name == "line.py":
            text = text.replace("** 2", "** 3")
        (tmp_path / "examples" / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = (tmp_path / "examples" / "line_grad.py").read_bytes()
    command = regenerate.command_of(tmp_path / "examples" / "line_grad.py")
    assert main([*command, "--check"]) == 1
    assert (tmp_path / "examples" / "line_grad.py").read_bytes() == before
