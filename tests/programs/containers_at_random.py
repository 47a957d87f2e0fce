"""Programs made at random that fill, copy and rename dicts and lists, and return sums of them.

What nothing reads but a sum at the end is where a change that one name misses would not be seen
by anything else.
"""

from __future__ import annotations

import random

HELPERS = """
def put(d, k, v):
    d[k] = v


def app(values, v):
    values.append(v)


def same(d):
    return d


def total(d):
    return sum(d.values())


"""
START = [
    "def f(x, y):",
    "    d = {'a': x[0], 'b': y[0]}",
    "    e = {'a': x[1]}",
    "    l = [x[2], y[1]]",
    "    m = [y[2]]",
    "    h = {'in': d, 'l': l}",
    "    s = x[0] * y[1]",
]
END = (
    "    return s + sum(d.values()) + 2 * sum(e.values()) + 3 * sum(l) + 4 * sum(m)"
    " + 5 * sum(h['in'].values()) + 6 * sum(h['l'])"
)
DICTS, LISTS = ("d", "e", "h['in']"), ("l", "m", "h['l']")


class Maker:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines = list(START)

    def program(self) -> str:
        for _ in range(self.rng.randrange(3, 9)):
            self.statement(1, "")
        return HELPERS + "\n".join([*self.lines, END]) + "\n"

    def number(self) -> str:
        pick, n = self.rng.choice, self.rng.randrange(3)
        return pick([
            f"x[{n}]", f"y[{n}]", "s", f"sum({pick(DICTS)}.values())", f"sum({pick(LISTS)})",
            f"{pick(LISTS)}[0]", f"{pick(DICTS)}['a']", f"{pick(DICTS)}.get('{pick('abcq')}', 0.5)",
        ])  # fmt: skip

    def value(self) -> str:
        a, b = self.number(), self.number()
        return self.rng.choice([f"{a} * 0.7", f"{a} * {b}", f"{a} + {b}", f"np.sin({a})"])

    def statement(self, depth: int, loop: str) -> None:
        pick, d, values = self.rng.choice, self.rng.choice(DICTS), self.rng.choice(LISTS)
        key = loop if loop and self.rng.random() < 0.4 else f"'{pick('abcdq')}'"
        simple = [
            f"{d}[{key}] = {self.value()}",
            f"{d}['a'] {pick(['+=', '*=', '-='])} {self.value()}",
            f"{values}.append({self.value()})",
            f"{values}[0] {pick(['=', '+=', '*='])} {self.value()}",
            f"{pick('de')} = {pick([d, f'same({d})', f'dict({d})', f'{d}.copy()'])}",
            f"{pick('de')} = {{'a': {self.value()}}}",
            f"{pick('lm')} = {pick([values, f'list({values})', f'{values}[:]'])}",
            f"{pick('lm')} = {values} + [s]",
            f"h['in'] = {pick('de')}",
            f"h['l'] = {pick('lm')}",
            f"put({d}, {key}, {self.value()})",
            f"app({values}, {self.value()})",
            f"s = s + total({d})",
            f"s = {self.value()}",
        ]
        indent = "    " * depth
        if depth > 2 or self.rng.random() < 0.8:
            self.lines.append(indent + pick(simple))
            return
        heads = [f"for k{depth} in list({d}):", f"for i{depth} in range({self.rng.randrange(3)}):"]
        head = pick([*heads, f"if {self.number()} > {pick(['0.3', '-5', '5'])}:"])
        self.lines.append(indent + head)
        for _ in range(self.rng.randrange(1, 4)):
            self.statement(depth + 1, head.split()[1] if head.startswith("for") else loop)
