"""Random programs: local arrays that are filled in loops, and of which only sums are read.

No statement of the program reads an array after it was filled but sums whose value the gradient
does not need: it is the adjoint that reads it, from a record.
"""

from __future__ import annotations

from random import Random

from tests.emit.turns import indented

NEW = (
    "np.zeros(3)", "np.ones(3)", "x * 1.0", "np.zeros_like(x)", "np.array([1.0, 2.0, 3.0])",
    "w.copy()", "b.copy()", "c",
)  # fmt: skip
PLACES = "0", "1", "2", "1:", ":2", ":", "{i}"
SIGNS = "=", "=", "+=", "*="
VALUES = (
    "x[{i}] * w[{i}]", "np.sin(x[{i}])", "w[1] * x[0]", "s", "x[{i}] ** 2", "float({i})",
    "b[0] * x[{i}]", "c[1] + w[{i}]", "y[{i}]",
)  # fmt: skip
READS = (
    "t += np.sum(b * b)", "t += np.sum(b * c)", "t += b[1] * b[2]", "t = t + np.sum(np.sin(c))",
    "t += np.dot(b, w)", "s = s + b[0]", "t -= np.sum(v * v)", "y = b * 2.0", "t += np.sum(y * y)",
    "kept.append(b)", "t += kept[0][1] ** 2",
)  # fmt: skip
TESTS = "x[{i}] > 0", "{i} > 0", "w[0] > 0"
ENDS = "t", "t * t", "t + np.sum(b * x)"


def program(rng: Random) -> str:
    """The text of `f(x, w)`, of three numbers each."""
    lines = [
        "t, s, i = 0.0, 0.5, 1", "b, c, v = np.zeros(3), np.ones(3), np.ones(3)",
        "y, kept = w * 1.0, [np.ones(3)]",
        "for i in range(3):", *indented(block(rng, 0, "i", True)),
    ]  # fmt: skip
    if rng.random() < 0.3:
        lines += block(rng, 1, "1", False)
    lines.append(f"return {rng.choice(ENDS)}")
    return "\n".join(["import numpy as np", "", "", "def f(x, w):", *indented(lines), ""])


def block(rng: Random, depth: int, i: str, in_loop: bool) -> list[str]:
    lines: list[str] = []
    for _ in range(rng.randint(1, 5)):
        what = rng.random()
        if what < 0.2:
            lines.append(f"{rng.choice('bc')} = {rng.choice(NEW)}")
        elif what < 0.5:
            place, value = rng.choice(PLACES).format(i=i), rng.choice(VALUES).format(i=i)
            lines.append(f"{rng.choice('bc')}[{place}] {rng.choice(SIGNS)} {value}")
        elif what < 0.55:
            lines.append(f"v = {rng.choice('bc')}[{rng.choice(('1:', ':2', ':'))}]")
        elif what < 0.6:
            value = rng.choice(VALUES).format(i=i)
            lines.append(f"v[{rng.choice(('0', '1'))}] {rng.choice(('=', '+='))} {value}")
        elif what < 0.78:
            lines.append(rng.choice(READS))
        elif what < 0.88 and depth < 2:
            lines.append(f"if {rng.choice(TESTS).format(i=i)}:")
            lines += indented(block(rng, depth + 1, i, in_loop))
            if in_loop and rng.random() < 0.2:
                lines.append(f"    {rng.choice(('continue', 'break'))}")
            elif rng.random() < 0.4:
                lines += ["else:", *indented(block(rng, depth + 1, i, in_loop))]
        elif depth < 2:
            k = rng.choice("ijk")
            lines.append(f"for {k} in range({rng.choice((3, 2))}):")
            lines += [*indented(block(rng, depth + 1, k, True)), f"{k} = 1"]
    return lines or ["s = s * 1.1"]
