"""The table and the picture of a graph: what they say, and that nothing covers anything."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from srcgrad.errors import SrcgradError
from srcgrad.graph import Graph, svg, table
from tests.graph.builder import BILL, LINE, do, give, program, run

SVG = "{http://www.w3.org/2000/svg}"
SIGMOID = program(
    "w0 x0 w1 x1 w2",
    do("z@1", "operator.mul", "w0", "x0"),
    do("z@2", "operator.mul", "w1", "x1"),
    do("z@3", "operator.add", "z@1", "z@2"),
    do("z", "operator.add", "z@3", "w2"),
    do("q", "operator.neg", "z"),
    do("e", "numpy.exp", "q"),
    do("d", "operator.add", "e", 1),
    do("s", "operator.truediv", 1, "d"),
    do("t@1", "operator.sub", 1, "s"),
    do("t", "operator.mul", "s", "t@1"),
    give("t"),
)


def graphs() -> dict[str, Graph]:
    chain = [do(f"x{i + 1}", "operator.mul", f"x{i}", f"x{i // 2}") for i in range(12)]
    x = np.arange(12.0).reshape(4, 3)
    return {
        "line": run(LINE, w=1, x=4, b=-3, y=3),
        "bill": run(BILL, rate=1100, shipping=5, goods=33),
        "sigmoid": run(SIGMOID, w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0),
        "tangled": run(program("x0", *chain, give("x12")), x0=1.1),
        "arrays": run(
            program(
                "x w b",
                do("h@1", "operator.matmul", "x", "w"),
                do("h", "operator.add", "h@1", "b"),
                do("s", "numpy.sum", "h"),
                give("s"),
            ),
            x=x,
            w=np.ones((3, 2)),
            b=np.zeros(2),
        ),
    }


def test_table_of_a_line() -> None:
    lines = table(run(LINE, w=1, x=4, b=-3, y=3)).splitlines()
    assert lines[0].split() == [
        "node", "operation", "forward", "local", "derivative", "upstream", "downstream",
    ]  # fmt: skip
    assert lines[6].split() == ["z0", "w", "*", "x", "4", "d/d", "w:", "4", "-4", "w:", "-16"]
    assert lines[-5] == "loss(w, x, b, y) = 4"
    assert lines[-4] == "gradient with respect to w: -16"


def test_table_of_arrays_is_short() -> None:
    text = table(graphs()["arrays"])
    assert "4×3 |22.49|" in text
    assert "g @ w.T" in text
    assert max(map(len, text.splitlines())) < 140


def test_picture_of_a_line_has_values_above_and_gradients_below() -> None:
    root = ET.fromstring(svg(graphs()["line"]))
    texts = [(t.get("class"), t.text, float(t.get("y") or 0)) for t in root.iter(f"{SVG}text")]
    values = [text for css, text, _ in texts if css == "value"]
    gradients = [text for css, text, _ in texts if css == "gradient"]
    assert values == ["1", "4", "4", "−3", "1", "3", "−2", "4"]
    assert gradients == ["−16", "−4", "−4", "−4", "−4", "4", "−4", "1"]
    above = [y for css, _, y in texts if css == "value"]
    below = [y for css, _, y in texts if css == "gradient"]
    assert all(b - a == pytest.approx(23) for a, b in zip(above, below, strict=True))


def test_picture_names_operations_by_their_signs() -> None:
    root = ET.fromstring(svg(graphs()["sigmoid"]))
    symbols = [t.text for t in root.iter(f"{SVG}text") if t.get("class") == "symbol"]
    assert symbols == ["×", "×", "+", "+", "×−1", "exp", "+1", "1/x", "1−x", "×"]


@pytest.mark.parametrize("name", ["line", "bill", "sigmoid", "tangled", "arrays"])
def test_nothing_overlaps(name: str) -> None:
    boxes = list(_boxes(ET.fromstring(svg(graphs()[name]))))
    assert len(boxes) > 5
    for i, (first, *a) in enumerate(boxes):
        for second, *b in boxes[i + 1 :]:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, f"{first!r} {a} and {second!r} {b}"


def _boxes(root: ET.Element) -> object:
    """Text and circles as (text, left, top, right, bottom), text by a mean width of characters."""
    for text in root.iter(f"{SVG}text"):
        css, content = text.get("class") or "", text.text or ""
        if css in ("title", "legend", "symbol"):
            continue
        x, y = float(text.get("x") or 0), float(text.get("y") or 0)
        width = len(content) * (9.5 if "leaf" in css else 7.0)
        left = x - width / 2 if css in ("value", "gradient", "name") else x - width
        left = x if "result" in css else left
        yield content, left, y - 10, left + width, y + 2
    for box in root.iter(f"{SVG}rect"):
        if box.get("class") == "node":
            x, y, w, h = (float(box.get(key) or 0) for key in ("x", "y", "width", "height"))
            yield "circle", x, y, x + w, y + h


def test_picture_is_self_contained_and_stable() -> None:
    text = svg(graphs()["sigmoid"])
    assert text == svg(graphs()["sigmoid"])
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_names_are_escaped() -> None:
    picked = program(
        "p", do("y", "operator.getitem", "p", "'<&>'"), do("z", "operator.neg", "y"), give("z")
    )
    root = ET.fromstring(svg(run(picked, p={"<&>": 2.0})))
    assert 'p["<&>"]' in [t.text for t in root.iter(f"{SVG}text")]


def test_large_graphs_are_not_drawn() -> None:
    steps = [do("x", "operator.add", "x", 1) for _ in range(500)]
    with pytest.raises(SrcgradError, match="501 nodes; a picture is drawn of at most 400"):
        svg(run(program("x", *steps, give("x")), x=1.0))
