"""Variables with an axis of length 1 that a loop, or a branch, stretches."""

from __future__ import annotations

from tests.fuzz.control import room
from tests.fuzz.grammar import STATEMENTS
from tests.fuzz.kinds import Array
from tests.fuzz.writer import Writer

SHORT = (
    "{a}[:1]", "np.sum({a}, axis=0, keepdims=True)", "np.mean({a}, keepdims=True)",
    "np.full({one}, {number})", "np.max({a}, axis=0, keepdims=True)", "{a}[:1] * {number}",
    "np.ones({one})", "{a}[1:2].copy()", "np.tanh({a}[-1:])",
)  # fmt: skip
COLUMNS = (
    "{a}[:, :1]", "np.sum({a}, axis=1, keepdims=True)", "{a}[:, -1][:, None]",
    "np.mean({a}, axis=-1, keepdims=True) * {number}",
)  # fmt: skip
STEPS = (
    "{c} + {a}", "{c} - {a}", "{a} - {c}", "{a} - {c} * {number}", "-{c} + {b}", "{c} * {a}",
    "0.5 * {c} + 0.5 * {a}", "{c} / 2 + {a} * {b}", "{c} - 0.1 * ({c} - {a})", "{c} * 0.9 + {a}",
    "np.tanh({c} + {a})", "np.maximum({c}, {a})", "np.where({a} > {b}, {c}, {a})",
    "{c} + {c} * {a}", "np.minimum({c}, {a}) + {c}", "{a} + np.mean({c})",
    "({c} + {a}) / (1.0 + {c}**2)", "np.add({c}, {a})", "np.multiply({a}, {c})",
    "{c} + np.sum({a} * {c})", "{c} if {test} else {a}",
)  # fmt: skip


@STATEMENTS("loops", 1.5)
def stretched(w: Writer) -> bool | None:
    """`c = c + a`, where `c` is shorter than `a` at first."""
    name = w.any([n for n in w.arrays() if w.shape(n) and min(w.shape(n)) > 1])
    if not name or not room(w):
        return None
    shape = w.shape(name)
    given = {"a": name, "b": w.any(w.of(Array(shape))), "one": (1,) * len(shape)}

    def text(*forms: str) -> str:
        return w.random.choice(forms).format(**given, number=w.number(0), test=w.test(0))

    new = given["c"] = w.new(Array(shape), plain=True)
    w.add(f"{new} = {text(*SHORT, *(COLUMNS if len(shape) == 2 else ()))}")
    header = w.pick("for _ in range(2):", "for _ in range(3):", "for _ in [0.5, 0.7]:")
    with w.block(w.pick(header, header, f"if {w.test(0)}:"), loop=True):
        for _ in range(w.random.randint(1, 2)):
            w.add(f"{new} = {text(*STEPS)}")
    w.add(f"{new} = {new} + np.zeros({shape})")
    w.bind(new, Array(shape))
    return True
