"""Programs made at random: arrays, their views, and lists and dicts that hold them.

Every line may write memory that another name stands for, and the sum at the end reads all of it.
"""

from __future__ import annotations

import random

HELPERS = """
def scale(a, s):
    a *= s


def put(p, k, v):
    p[k] = v


def bump(rows, v):
    for r in rows:
        r += v


def same(a):
    return a


def total(rows):
    t = 0.0
    for r in rows:
        t = t + np.sum(r * np.array([1.0, 0.5, 2.0]))
    return t


"""
START = {  # a line that shares memory with those before it, and one in its place that does not
    "    a = x * 1.0": "",
    "    b = y * 1.0": "",
    "    A = np.outer(x, y)": "",
    "    v = a": "    v = a * 1.5",
    "    l = [a * 2.0, b * 1.0]": "",
    "    m = [A[0], A[1]]": "    m = [A[0] * 1.0, A[1] + 1]",
    "    p = {'w': b, 'u': x + y}": "    p = {'w': b * 2, 'u': x + y}",
    "    t = (a, b * 3.0)": "    t = (a * 2, b * 3.0)",
    "    s = x[0] * y[1]": "",
}
END = (
    "    return s + total([a, b, v]) + 2 * total(l) + 3 * total(m) + 4 * total([p['w'], p['u']])"
    " + 5 * total(list(t)) + 6 * total(A)"
)
VECTORS = (
    "a", "b", "v", "l[0]", "l[1]", "l[-1]", "m[0]", "m[1]", "p['w']", "p['u']", "t[0]", "t[1]",
    "A[0]", "A[2]", "A[:, 1]", "A.T[0]",
)  # fmt: skip


class Maker:
    """The program of a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        apart = 0.3 * (seed % 4)  # how often names begin with memory of their own
        chosen = ((line, own) for line, own in START.items())
        draw = self.rng.random
        self.lines = ["def f(x, y):", *(o if o and draw() < apart else n for n, o in chosen)]

    def program(self) -> str:
        for _ in range(self.rng.randrange(3, 9)):
            self.statement(1, "")
        return HELPERS + "\n".join([*self.lines, END]) + "\n"

    def vector(self, row: str = "") -> str:
        base = self.rng.choice([*VECTORS, row] if row else VECTORS)
        return base + self.rng.choice(["", "", "", "[::-1]", "[:]"])

    def number(self, place: str = "2") -> str:
        pick = self.rng.choice
        element = f"{pick(VECTORS)}[{pick(['0', '1', '-1', place])}]"
        return pick([element, "s", f"np.sum({self.vector()})", "0.5", "x[1]", "y[2]"])

    def value(self, row: str) -> str:
        a, b = self.vector(row), self.vector(row)
        return self.rng.choice([
            f"{a} * 0.7", f"{a} * {b}", f"{a} + {b}", f"np.sin({a})", f"{a} * {self.number()}",
            f"{a}.copy()", f"{a} - x",
        ])  # fmt: skip

    def written(self, row: str, place: str) -> list[str]:
        """Lines that write into memory."""
        pick = self.rng.choice
        base = pick([*VECTORS, *[row] * 4] if row else VECTORS)
        part = pick([":2", "1:", ":", "::2"])
        return [
            f"{base}[{place}] {pick(['=', '+=', '*='])} {self.number(place)}",
            f"{base}[{part}] *= {self.number()}",
            f"{base}[:] = {self.value(row)}",
            f"{base}[:2] {pick(['=', '+='])} {self.vector(row)}[1:]",
            f"{pick('abv')} {pick(['+=', '*=', '-='])} {self.value(row)}",
            f"{pick('lm')}[{pick(['0', '1', '-1'])}] {pick(['+=', '*='])} {self.value(row)}",
            f"p['{pick('wu')}'] {pick(['+=', '*='])} {self.value(row)}",
            f"A[{pick(['0', '1', ':, 0', place])}] {pick(['=', '+=', '*='])} {self.vector(row)}",
            f"A {pick(['+=', '*='])} {pick([self.vector(row), self.number()])}",
            f"np.{pick(['add', 'multiply'])}({self.vector(row)}, {self.vector()}, out={base})",
            f"scale({self.vector(row)}, {self.number()})",
            f"bump({pick(['l', 'm', 't', 'p.values()', f'[{base}]'])}, {self.number()})",
        ]

    def named(self, row: str) -> list[str]:
        """Lines that make a name, or a place in a container, stand for something else."""
        pick, vector, value = self.rng.choice, self.vector(row), self.value(row)
        name, rows, either = pick("abv"), pick("lm"), pick([vector, value])
        lists = [rows, f"list({rows})", f"{rows}[:]", f"[r * 1.0 for r in {rows}]", "list(t)"]
        dicts = ["dict(p)", "p.copy()", "{**p}", "{k: q * 1.5 for k, q in p.items()}", "p"]
        matrices = ["A * 0.5", "A.T", "A[::-1]", f"np.stack([{vector}, a, b])", "A[:]"]
        return [
            f"{name} = {pick([vector, value, f'same({vector})', f'np.asarray({vector})'])}",
            f"{name} = {value}",
            f"{name} = {pick(['l', 'm', 't'])}[0]",
            f"{rows}[{pick(['0', '1', '-1'])}] = {either}",
            f"{rows}[0], {rows}[1] = {rows}[1], {rows}[0]",
            f"{rows}.append({either})",
            f"{pick('lm')} = {pick([*lists, f'{rows}[::-1]', f'[{vector}, {self.vector()}]'])}",
            f"p['{pick('wu')}'] = {either}",
            f"p = {pick(dicts)}",
            f"put(p, '{pick('wu')}', {vector})",
            f"t = {pick([f'({vector}, {self.vector()})', 't[::-1]', '(t[1], a)', 'tuple(l[:2])'])}",
            f"A = {pick(matrices)}",
            f"a, b = b, {pick(['a', vector])}",
            "l, m = m, l",
        ]

    def statement(self, depth: int, loop: str) -> None:
        rng, indent = self.rng, "    " * depth
        row = loop if loop.startswith("r") else ""
        place = loop if loop.startswith("i") else rng.choice(["0", "1", "-1"])
        if depth > 2 or rng.random() < 0.75:
            sums = [f"s = s + np.sum({self.value(row)})", f"s = s * {self.number()}"]
            lines = rng.choice([self.written(row, place), self.named(row), sums])
            self.lines.append(indent + rng.choice(lines))
            return
        i, r, q = f"i{depth}", f"r{depth}", f"q{depth}"
        rows = rng.choice(["l", "m", "t", "A", "A.T", "p.values()", "l[:]", f"[{self.vector()}]"])
        heads = {
            f"for {i} in range({rng.randrange(4)}):": i,
            f"for {r} in {rows}:": r,
            f"for {r}, {q} in zip(l, {rng.choice(['A', 't', 'm'])}):": r,
            f"if {self.number()} > {rng.choice(['0.1', '-5', '5'])}:": loop,
        }
        head = rng.choice(list(heads))
        self.lines.append(indent + head)
        for _ in range(rng.randrange(1, 4)):
            self.statement(depth + 1, heads[head])
