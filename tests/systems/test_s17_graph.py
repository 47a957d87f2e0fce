"""S17: the computational graph of S1 and S4, as a table and as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import graph_pictures
import pytest


@pytest.mark.parametrize("name", sorted(graph_pictures.GRAPHS))
def test_picture_is_self_contained(name: str, tmp_path: Path) -> None:
    text = graph_pictures.draw(name, tmp_path).read_text(encoding="utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    links = text.replace("http://www.w3.org/", "")
    assert "http" not in links


def numbers(text: str) -> set[float]:
    """Every number that stands by itself in a text."""
    found = set()
    for word in text.replace("|", " ").replace(",", " ").replace("=", " ").split():
        try:
            found.add(float(word))
        except ValueError:
            continue
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("line", {4.0, 1.0, -2.0, -4.0, -16.0}, id="S1"),
        pytest.param("shopping", {12.0, 17.0, 13200.0, 1.0}, id="S4"),
        pytest.param("shopping_with_goods", {12.0, 17.0, 50.0, 1.0}, id="S4 with goods"),
    ],
)
def test_table_holds_the_values_and_gradients(
    name: str, expected: set[float], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph_pictures.draw(name, tmp_path)
    assert expected <= numbers(capsys.readouterr().out)
