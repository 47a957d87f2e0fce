"""Random programs over an array `x` and a number `s`: stores, views, swaps, branches, loops,
exits."""

from __future__ import annotations

import random

INDICES = ("0", "1", "-1", "1:3", ":2", "2:", "::2", ":")
VECTORS = (
    "{a} * {b}", "{a} + {b}", "{a} * {s}", "np.tanh({a}) - {b}", "{a}.copy()",
    "np.where({a} > {b}, {a}, 0.5 * {b})", "{a}[::-1] * 1.0", "np.cos({a}) * {b}",
    "np.roll({a}, 1) * {s}", "{a} / (1.0 + {b} ** 2)", "{a}",
)  # fmt: skip
NUMBERS = (
    "{} * {}", "{} + {}", "{} - {}", "{} * 0.5 + {} * 0.3", "np.tanh({}) * {}",
    "{} / (1.5 + {} ** 2)",
)  # fmt: skip


class Generator:
    """Writes one program from a seed."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)
        self.lines = ["def f(x, s):", "    y = x * 0.7", "    t = s * 1.3"]

    def program(self) -> str:
        for _ in range(self.pick.randint(4, 9)):
            self.statement(1, False)
        ends = ("s * np.sum(x * y) + t", "np.sum(y) + s", "t * s + np.sum(np.sin(x))")
        self.lines.append(f"    return {self.pick.choice(ends)}")
        return "\n".join(self.lines) + "\n"

    def choice(self, *options: str) -> str:
        return self.pick.choice(options)

    def number(self) -> str:
        vector = self.choice("x", "y")
        element = f"{vector}[{self.choice('0', '1', '-1', '2')}]"
        plain = self.choice("s", "t")
        literal = str(round(self.pick.uniform(0.3, 1.5), 2))
        others = (element, f"np.sum({vector})", f"np.sin({plain})", literal)
        return plain if self.pick.random() < 0.5 else self.pick.choice(others)

    def value(self) -> str:
        return self.pick.choice(NUMBERS).format(self.number(), self.number())

    def vector(self) -> str:
        names = {"a": self.choice("x", "y"), "b": self.choice("x", "y"), "s": self.number()}
        return self.pick.choice(VECTORS).format(**names)

    def statement(self, depth: int, in_loop: bool) -> None:
        simple = (
            lambda: f"{self.choice('s', 't')} = {self.value()}",
            lambda: f"{self.choice('s', 't')} {self.choice('+=', '-=', '*=')} {self.number()}",
            lambda: f"{self.choice('x', 'y')} = {self.vector()}",
            lambda: f"{self.choice('x', 'y')} {self.choice('+=', '*=')} {self.choice('x', 'y')}",
            lambda: f"{self.choice('x', 'y')}[{self.pick.choice(INDICES)}] = {self.number()}",
            lambda: f"{self.choice('x', 'y')}[{self.pick.choice(INDICES)}] *= {self.number()}",
            lambda: f"{self.choice('x', 'y')}[{self.choice('x', 'y')} > 0.6] = {self.number()}",
            lambda: f"s, t = t, {self.value()}",
            lambda: f"{self.choice('x', 'y')}[1:] = {self.choice('x', 'y')}[:-1] * {self.number()}",
        )
        chance = self.pick.random()
        if chance < 0.12 and depth < 4:
            self.branch(depth, in_loop)
        elif chance < 0.22 and depth < 3:
            self.add(depth, f"for i{depth} in range({self.choice('2', '3', '0', '1')}):")
            self.body(depth + 1, True)
        elif chance < 0.27 and in_loop:
            self.add(depth, f"if {self.number()} > {self.number()}:")
            self.add(depth + 1, self.choice("break", "continue"))
        else:
            self.add(depth, self.pick.choice(simple)())

    def branch(self, depth: int, in_loop: bool) -> None:
        self.add(depth, f"if {self.number()} > {self.number()}:")
        self.body(depth + 1, in_loop)
        if self.pick.random() < 0.5:
            self.add(depth, "else:")
            self.body(depth + 1, in_loop)

    def body(self, depth: int, in_loop: bool) -> None:
        for _ in range(self.pick.randint(1, 4)):
            self.statement(depth, in_loop)

    def add(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)
