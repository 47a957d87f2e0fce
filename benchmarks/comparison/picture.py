"""Curves as an SVG file, both axes logarithmic, each line named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

from .growth import Panel
from .tables import NAMES

WIDTH, HEIGHT = 330, 300  # of one panel
LEFT, RIGHT, TOP, BOTTOM = 52, 76, 34, 44  # its margins
COLOURS = {
    "primal": "#8a8a8a",
    "hand": "#222222",
    "srcgrad": "#c1272d",
    "autograd": "#0a7d5a",
    "jax": "#2166ac",
    "torch": "#b5651d",
}
STYLE = (
    "text { font: 11px sans-serif; fill: #333 } .title { font-weight: bold }"
    " .grid { stroke: #e4e4e4 } .line { fill: none; stroke-width: 1.8 }"
)


def svg(panels: Sequence[Panel]) -> str:
    """The panels side by side, on one vertical scale."""
    values = [v for panel in panels for line in panel.lines.values() for v in line if v]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {HEIGHT}">',
        f"<style>{STYLE}</style>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, panel in enumerate(panels):
        parts.append(f'<g transform="translate({number * WIDTH} 0)">')
        parts += Drawing(panel, low, high).parts()
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


class Drawing:
    """One panel in its own coordinates."""

    def __init__(self, panel: Panel, low: int, high: int) -> None:
        self.panel = panel
        self.low, self.high = low, high
        self.first, self.last = log10(panel.sizes[0]), log10(panel.sizes[-1])

    def x(self, size: float) -> float:
        share = (log10(size) - self.first) / (self.last - self.first)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, seconds: float) -> float:
        share = (log10(seconds) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def parts(self) -> list[str]:
        return [*self.axes(), *self.curves(), *self.names()]

    def axes(self) -> list[str]:
        middle = (LEFT + WIDTH - RIGHT) / 2
        found = [
            f'<text class="title" x="{LEFT}" y="18">{self.panel.title}</text>',
            f'<text x="{middle:.1f}" y="{HEIGHT - 8}" text-anchor="middle">'
            f"{self.panel.across}</text>",
        ]
        for power in range(self.low, self.high + 1):
            y = self.y(10.0**power)
            found.append(
                f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            )
            found.append(
                f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{duration(power)}</text>'
            )
        for power in range(ceil(self.first), floor(self.last) + 1):
            x = self.x(10.0**power)
            found.append(
                f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">'
                f'10<tspan dy="-4" font-size="8">{power}</tspan></text>'
            )
        return found

    def curves(self) -> list[str]:
        found = []
        for tool, line in self.panel.lines.items():
            points = [
                f"{self.x(size):.1f},{self.y(value):.1f}"
                for size, value in zip(self.panel.sizes, line, strict=True)
                if value
            ]
            found.append(
                f'<polyline class="line" stroke="{COLOURS[tool]}" points="{" ".join(points)}"/>'
            )
        return found

    def names(self) -> list[str]:
        """At the ends of the lines, moved apart where they would overlap."""
        ends = sorted(
            (self.y(line[-1]), tool) for tool, line in self.panel.lines.items() if line[-1]
        )
        found, above = [], -1e9
        for y, tool in ends:
            above = max(y, above + 12)
            found.append(
                f'<text x="{WIDTH - RIGHT + 6}" y="{above + 4:.1f}" '
                f'style="fill: {COLOURS[tool]}">{NAMES[tool]}</text>'
            )
        return found


def duration(power: int) -> str:
    """A power of ten of seconds, in words."""
    units = {0: "s", -1: "ms", -2: "us", -3: "ns"}
    group = min(0, floor(power / 3))
    return f"{10 ** (power - 3 * group)} {units[group]}"
