"""Random programs with `try`, `with`, `match` and comprehensions, in loops and branches."""

from __future__ import annotations

import random

NUMBERS = ("s", "t", "u", "v", "x[0]", "x[1]", "0.7", "1.3")
VALUES = (
    "{a} * {b}", "{a} + {b}", "np.sin({a}) * {b}", "{a} - 0.4 * {b}", "{a} * {a} * 0.5",
    "sum(w * {a} for w in x if w > {b})", "max(w * {a} for w in x)", "chopped({a}) * {b}",
    "[w * {a} for w in x][1] + {b}", "{a} / (1.5 + {b} * {b})", "fails({a}) + {b}",
    "sum([w * k * {a} for k, w in enumerate(x) if k != 1]) * 0.3",
)  # fmt: skip
TESTS = (
    "{a} > {b}", "any(w > {a} for w in x)", "all(w < {a} for w in x)", "{a} < {b} < {c}",
    "{a} > 1 or {b} < 0.5",
)  # fmt: skip
HEAD = """import numpy as np


def chopped(a):
    with np.errstate(all="ignore"):
        if a > 1.1:
            return a * 0.5
        return a * a


def fails(a):
    b = a * a
    for k in range(3):
        b = b * a + 0.1
        if b > 1.2:
            raise KeyError(k)
    return b


"""


class Generator:
    """Writes one program from a seed."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)
        self.lines = ["def f(x, s):", "    t = s * 1.1", "    u = x[1] * s", "    v = s + 0.1"]
        self.fresh = 0

    def program(self) -> str:
        for _ in range(self.pick.randint(3, 6)):
            self.statement(1, False, 0)
        self.lines.append("    return s * t + u * v")
        return HEAD + "\n".join(self.lines) + "\n"

    def fill(self, text: str) -> str:
        return text.format(**{k: self.pick.choice(NUMBERS) for k in "abc"})

    def value(self) -> str:
        return self.fill(self.pick.choice(VALUES[:-2] if self.pick.random() < 0.6 else VALUES))

    def safe(self) -> str:
        return self.fill(self.pick.choice([v for v in VALUES if "fails" not in v]))

    def test(self) -> str:
        return self.fill(self.pick.choice(TESTS))

    def add(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def statement(self, depth: int, in_loop: bool, trying: int) -> None:
        kinds = ["assign"] * 4
        if depth < 4:
            kinds += ["if", "for", "with", "match"] + ["try"] * (3 if not trying else 0)
        if in_loop and depth > 2 and not trying:
            kinds.append("exit")
        getattr(self, self.pick.choice(kinds))(depth, in_loop, trying)

    def block(self, depth: int, in_loop: bool, trying: int) -> None:
        for _ in range(self.pick.randint(1, 2)):
            self.statement(depth, in_loop, trying)

    def assign(self, depth: int, in_loop: bool, trying: int) -> None:
        value = self.value() if trying else self.safe()
        self.add(depth, f"{self.pick.choice('stuv')} = {value}")

    def exit(self, depth: int, in_loop: bool, trying: int) -> None:
        self.add(depth, f"if {self.test()}:")
        self.add(depth + 1, self.pick.choice(("break", "continue", "return s * u")))

    def branch(self, depth: int, in_loop: bool, trying: int) -> None:
        self.add(depth, f"if {self.test()}:")
        self.block(depth + 1, in_loop, trying)

    def with_(self, depth: int, in_loop: bool, trying: int) -> None:
        self.add(depth, 'with np.errstate(all="ignore"):')
        self.block(depth + 1, in_loop, trying)

    def loop(self, depth: int, in_loop: bool, trying: int) -> None:
        self.fresh += 1
        self.add(depth, f"for i{self.fresh} in range({self.pick.randint(2, 3)}):")
        self.block(depth + 1, True, trying)

    def cases(self, depth: int, in_loop: bool, trying: int) -> None:
        self.add(depth, f"match int({self.test()}), int({self.test()}):")
        for pattern in ("1, 1", f"0, _ if {self.test()}", "_"):
            self.add(depth + 1, f"case {pattern}:")
            self.block(depth + 2, in_loop, trying)

    def attempt(self, depth: int, in_loop: bool, trying: int) -> None:
        self.fresh += 1
        own, target = f"w{self.fresh}", self.pick.choice("stuv")
        self.add(depth, "try:")
        self.add(depth + 1, f"{own} = {self.value()}")
        if self.pick.random() < 0.5:
            self.add(depth + 1, f"for k{self.fresh} in range(2):")
            self.add(depth + 2, f"{own} = {own} * {self.pick.choice(NUMBERS)} + {own} * {own}")
        if self.pick.random() < 0.7:
            self.add(depth + 1, f"if {self.test()}:")
            self.add(depth + 2, f"raise {self.pick.choice(('KeyError', 'ValueError'))}")
        self.add(depth + 1, f"{target} = {own} * {self.fill('{a}')} + fails({self.fill('{a}')})")
        self.add(depth, "except KeyError:")
        self.block(depth + 1, in_loop, 0)
        if in_loop and self.pick.random() < 0.3:
            self.add(depth + 1, self.pick.choice(("break", "continue")))
        self.add(depth, "except ValueError as error:")
        self.add(depth + 1, f"{target} = {self.safe()} + len(error.args)")
        if self.pick.random() < 0.4:
            self.add(depth, "else:")
            self.block(depth + 1, in_loop, 0)
        if self.pick.random() < 0.4:
            self.add(depth, "finally:")
            self.add(depth + 1, f"{self.pick.choice('stuv')} = {self.safe()}")


for _name, _method in (("if", "branch"), ("with", "with_"), ("for", "loop"), ("match", "cases")):
    setattr(Generator, _name, getattr(Generator, _method))
setattr(Generator, "try", Generator.attempt)
