"""Random programs that share memory: views of views, aliases, swaps, callees that write.

`python -m tests.programs.random_memory FIRST COUNT` runs the programs of that many seeds, and
prints how many were right, refused (by reason), left out, and wrong.
"""

from __future__ import annotations

import linecache
import random
import re
import sys
from collections import Counter
from typing import Any

import numpy as np

from srcgrad import UnsupportedError, grad, transform

HEAD = "import numpy as np\n\n\ndef g(u, k):\n    u[1:] += k * u[:-1]\n\n\ndef f(x):\n"
Shape = tuple[int, ...]


class Writer:
    """Writes one program; `shapes` are the arrays in sight."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines = ["    y = x * 1.0"]
        self.shapes: dict[str, Shape] = {"x": (4,), "y": (4,)}
        self.count = 0

    def text(self) -> str:
        for _ in range(self.random.randint(3, 12)):
            self.statement(1, "")
        chosen = self.random.sample(sorted(self.shapes), min(3, len(self.shapes)))
        parts = [f"np.sum(np.sin({name}) * {i + 1})" for i, name in enumerate(chosen)]
        return HEAD + "\n".join([*self.lines, "    return " + " + ".join(parts)]) + "\n"

    def add(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)

    def new(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def pick(self, shape: Shape | None = None) -> str:
        names = [n for n, s in self.shapes.items() if shape is None or s == shape]
        return self.random.choice(names) if names else ""

    def element(self, name: str, index: str) -> str:
        shape = self.shapes[name]
        if index and len(shape) == 1 and shape[0] >= 2 and self.random.random() < 0.35:
            return f"{name}[{index}]"
        return f"{name}[{', '.join(str(self.random.randrange(n)) for n in shape)}]"

    def number(self, index: str) -> str:
        name = self.pick()
        e = self.element(name, index)
        forms = [e, f"np.sin({e})", f"{e} * 0.5", f"np.tanh({e}) + 0.3", f"np.mean({name})"]
        return self.random.choice([*forms, f"{e} * {e} * 0.2"])

    def array(self, shape: Shape, index: str) -> str:
        name, other = self.pick(shape), self.pick(shape)
        if not name:
            return self.number(index)
        forms = [f"np.sin({name})", f"{name} * 0.7", f"np.tanh({name} * {other})"]
        number = self.number(index)
        return self.random.choice([*forms, f"{name} * {number}", f"{name} + {number}"])

    def view(self, index: str) -> tuple[str, Shape]:
        name = self.pick()
        shape = self.shapes[name]
        forms: list[tuple[str, Shape]] = [(name, shape)]
        if len(shape) == 1 and shape[0] >= 2:
            start = self.random.randrange(shape[0] - 1)
            stop = self.random.randrange(start + 1, shape[0] + 1)
            forms += [(f"{name}[{start}:{stop}]", (stop - start,)), (f"{name}[::-1]", shape)]
        if shape == (4,):
            forms.append((f"{name}.reshape(2, 2)", (2, 2)))
        if len(shape) == 2:
            row, column = self.random.randrange(shape[0]), self.random.randrange(shape[1])
            forms += [(f"{name}.T", shape[::-1]), (f"{name}[{index or row}]", shape[1:])]
            forms += [(f"{name}[:, {column}]", shape[:1])]
            forms += [(f"{name}.ravel()", (shape[0] * shape[1],))]
        return self.random.choice(forms)

    def fresh(self, index: str) -> tuple[str, Shape]:
        shape: Shape = self.random.choice([(4,), (2, 2), (3,)])
        name = self.pick(shape)
        full = f"np.full({shape}, {self.number(index)})"
        return self.random.choice([f"{name} * 1.1", f"{name}.copy()"] if name else [full]), shape

    def statement(self, depth: int, index: str) -> None:
        chance = self.random.random()
        if chance < 0.33:
            value, shape = self.view(index) if chance < 0.25 else self.fresh(index)
            reused = [n for n in self.shapes if n not in "xy" and depth == 1]
            name = self.random.choice(reused) if reused and chance < 0.05 else self.new()
            self.add(depth, f"{name} = {value}")
            self.shapes[name] = shape
        elif chance < 0.6:
            self.store(depth, index)
        elif chance < 0.75:
            name = self.pick()
            op = self.random.choice(["+=", "*=", "-="])
            self.add(depth, f"{name} {op} {self.array(self.shapes[name], index)}")
        elif chance < 0.8:
            a = self.pick()
            b = self.pick(self.shapes[a])
            if a != b and "x" not in (a, b):
                self.add(depth, f"{a}, {b} = {b}, {a}")
        elif chance < 0.86:
            self.add(depth, f"g({self.pick((4,))}, {self.number(index)})")
        elif depth < 3:
            self.compound(depth, index, chance < 0.93)

    def store(self, depth: int, index: str) -> None:
        name, chance = self.pick(), self.random.random()
        op, value = self.random.choice(["=", "+=", "*="]), self.number(index)
        if chance < 0.5:
            self.add(depth, f"{self.element(name, index)} {op} {value}")
        elif chance < 0.8 and self.shapes[name][0] >= 2:
            place = self.random.choice([":", ":1", "1:", "::2"])
            self.add(depth, f"{name}[{place}] {op} {value}")
        else:
            self.add(depth, f"{name}[{name} > 0.5] = {value}")

    def compound(self, depth: int, index: str, loop: bool) -> None:
        inner = "ij"[depth - 1] if loop else index
        header = f"for {inner} in range(2):" if loop else f"if {self.number(index)} > 0.4:"
        self.block(depth, header, inner)
        if loop and self.random.random() < 0.4:
            leave = self.random.choice(["break", "continue"])
            self.add(depth + 1, f"if {self.number(inner)} > 0.4:")
            self.add(depth + 2, leave)
            self.block(depth, "", inner)
        elif not loop and self.random.random() < 0.6:
            self.block(depth, "else:", inner)

    def block(self, depth: int, header: str, index: str) -> None:
        outer = dict(self.shapes)
        if header:
            self.add(depth, header)
        for _ in range(self.random.randint(1, 3)):
            self.statement(depth + 1, index)
        self.add(depth + 1, "pass")
        self.shapes = outer


def differences(f: Any, x: np.ndarray, step: float) -> np.ndarray:
    return np.array([(f(x + e) - f(x - e)) / (2 * step) for e in np.eye(4) * step])


def outcome(seed: int, ahead: bool = False) -> tuple[str, str]:
    """`right`, `refused`, `left out` or `WRONG`, and what there is to say."""
    text = Writer(seed).text()
    file = f"<memory {seed}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace: dict[str, Any] = {}
    exec(compile(text, file, "exec"), namespace)
    f = namespace["f"]
    x = np.random.default_rng(seed).uniform(-1.0, 1.5, 4)
    before = x.copy()
    coarse, fine = differences(f, x, 3e-6), differences(f, x, 1e-6)
    smooth = np.all(np.isfinite(fine)) and np.max(np.abs(fine)) < 1e6
    if not smooth or not np.allclose(coarse, fine, rtol=1e-5, atol=1e-6):
        return "left out", ""
    try:
        found = [grad(f)(x)]
    except UnsupportedError as error:
        return "refused", re.sub(r"\b(v\d+|x|y)\b", "_", error.problems[0].message)
    if ahead:
        try:
            written: dict[str, Any] = {}
            exec(transform(text, functions=["f"], filename="m.py"), written)
            found.append(written["f_grad"](x.copy()))
        except UnsupportedError:
            pass
    same = all(np.allclose(g, fine, rtol=2e-5, atol=1e-5) for g in found)
    if not same or not np.array_equal(x, before):
        return "WRONG", f"seed {seed}: {found}, differences say {fine}\n{text}"
    return "right", ""


def main(first: int, count: int) -> int:
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for seed in range(first, first + count):
        try:
            kind, said = outcome(seed, ahead=seed % 4 == 0)
        except Exception as error:  # a fault to be shown with its program, like a wrong value
            kind, said = "WRONG", f"seed {seed}: {error!r}\n{Writer(seed).text()}"
        counts[kind] += 1
        reasons.update([said] if kind == "refused" else [])
        if kind == "WRONG":
            print(said)
    print(dict(counts), *reasons.most_common(), sep="\n")
    return int(counts["WRONG"] > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
