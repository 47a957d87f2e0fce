"""Draws the computational graphs of some examples and prints their tables.

Every node is shown with its forward value, its local derivatives and the gradients that arrive and
leave. The same can be had from the command line:
srcgrad graph examples/line.py:loss --at w=1 x=4 b=-3 y=3 -o loss.svg

Run: python examples/graph_pictures.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from srcgrad.cli import main as srcgrad

HERE = Path(__file__).parent

GRAPHS = {
    "line": ("line.py:loss", ["w=1", "x=4", "b=-3", "y=3"]),
    "shopping": ("shopping.py:bill", ["rate=1100", "shipping=5"]),
    "shopping_with_goods": (
        "shopping.py:bill_with_goods",
        ["rate=1100", "shipping=5", "goods=33"],
    ),
    "sigmoid": ("sigmoid.py:sigmoid_nodes", ["x=0.5"]),
    "paths": ("chain.py:paths", ["x=2", "y=0.5"]),
}


def draw(name: str, folder: Path) -> Path:
    """Print the table of one graph and save its picture; gives the path of the picture."""
    target, values = GRAPHS[name]
    picture = folder / f"{name}.svg"
    code = srcgrad(["graph", str(HERE / target), "--at", *values, "-o", str(picture)])
    if code:
        raise SystemExit(code)
    return picture


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for name in GRAPHS:
        print(f"\n{name}")
        print(f"saved {draw(name, folder)}")


if __name__ == "__main__":
    main()
