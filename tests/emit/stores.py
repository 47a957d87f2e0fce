"""Random programs: stores into parts of arrays, through views, names of one memory, and lists."""

from __future__ import annotations

from random import Random

HEADS = "range(3)", "range(2, 0, -1)", "range(n)", "range(0)"
PARTS = "a[1:]", "a[:-1]", "a[::2]", "b[1:]", "b[:-1]", "M[i]", "M[1:, i]", "M[i, 1:]", "v", "p"
FULL = "a", "b", "M[i]", "M[:, i]", "q", "r[0]", "np.flip(b)"  # as long as `a`
FIVE = (
    "a[k : k + 5]",
    "b[k : k + 5]",
    "a[1:]",
    "a[:-1]",
    "b[1:]",
    "b[:-1]",
    "M[i, 1:]",
    "M[1:, i]",
    "v",
    "p",
    "np.sin(a[1:])",
)
NUMBERS = "a[i]", "b[-1]", "M[i, i]", "w", "np.sum(v * p)", "0.5", "r[0][i]"


def program(rng: Random) -> str:
    """The text of `f(a, b, M, w, n)`: arrays of six numbers, and of six rows of them."""
    lines = [
        "i = 1", "k = 1", f"v = {rng.choice(('a[1:]', 'b[:-1]', 'M[2, 1:]', 'a[1:] * 1.0'))}",
        f"p = {rng.choice(('a[:-1]', 'M[1:, 0]', 'v', 'np.ones(5)'))}",
        f"q = {rng.choice(('a', 'b', 'M[0]', 'b * 2.0'))}", "r = [b, a * w]",
    ]  # fmt: skip
    for _ in range(rng.randint(1, 2)):
        lines.append(f"for i in {rng.choice(HEADS)}:")
        lines += ["    " + line for _ in range(rng.randint(2, 6)) for line in step(rng)]
        lines += step(rng)
    end = rng.choice(("a * b", "a**2", "M * w", "q * a", "r[0] * r[-1]", "M[0] * b"))
    lines.append(f"return np.sum({end}) + np.sum(v * p) + w * a[0]")
    head = [
        "import numpy as np\n",
        "\ndef part(u):",
        "    return u[1:]\n\n",
        "def f(a, b, M, w, n):",
    ]
    return "\n".join([*head, *("    " + line for line in lines), ""])


def step(rng: Random) -> list[str]:
    five, full, number = rng.choice(FIVE), rng.choice(FULL), rng.choice(NUMBERS)
    other = rng.choice(FIVE)
    return rng.choice((
        [f"a[1:] = np.sin({five}) * {number}"],
        [f"b[:-1] = {five} * 0.3 + {other}"],
        [f"M[i, 1:] = {five} * {other} * 0.2"],
        [f"M[1:, i] += np.cos({five})"],
        [f"M[i] = 0.5 * {full} + np.sin({rng.choice(FULL)})"],
        [f"b += 0.1 * {full} * {number}"],
        [f"a[:] = np.tanh({full})"],
        [f"a[1:] += 0.3 * {five}", f"a[:-1] += 0.2 * {other}"],
        [f"v = {rng.choice(PARTS[:5])}" if rng.random() < 0.3 else f"v = {five} * 1.5"],
        ["a, b = b, a"],
        ["k = 1 - k"],
        [f"v = {rng.choice('ab')}[k : k + 5]"],
        [f"{rng.choice('abq')} = np.asarray({rng.choice('abq')})"],
        ["b = b[::-1]", f"b[1:] = b[:-1] * {number}"],
        [f"a = a.reshape(2, 3).T.reshape(6) * {number}"],
        ["p *= 0.5", "v += 0.1 * p"],
        [f"p = part({full})"],
        [f"q = np.sin({full}) * {number}"],
        [f"r[0] = {full} * 0.5"],
        ["r.append(q)", "r[-1][1:] = r[-1][:-1] * 0.5"],
        [f"w = w * 0.9 + 0.1 * {number}"],
        [f"if {number} > 0.1:", f"    b[1:] = {five} * {other}"],
        [f"a[i] = np.sin({number}) + w", f"b[i] *= {rng.choice(NUMBERS)}"],
        [f"t = {five} * {other}", "b[1:] = t * w", "a[1:] -= t"],
    ))  # fmt: skip
