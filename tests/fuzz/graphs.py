"""Short statements on arrays in sight, each read by several others.

What one of them computes is an operand, a residual and, negated or as it is, an adjoint of the
others: so their adjoints come to share memory, which longer expressions seldom bring about.
"""

from __future__ import annotations

from tests.fuzz.bindings import assign, target
from tests.fuzz.grammar import STATEMENTS
from tests.fuzz.kinds import Array
from tests.fuzz.writer import Writer

OF_ONE = (
    "np.sin({a})", "np.tanh({a})", "np.exp(-{a}**2)", "-{a}", "-({a})*2.0", "{a}**2", "2.0-{a}",
    "{a}*0.5", "-np.cos({a})", "{a}.copy()", "np.where({a}>0.5, {a}, 0.0)", "{a}.T.T",
    "np.where({a}>0.5, 0.0, {a})", "np.sqrt({a}**2+1)", "{a}-np.mean({a})", "{a}/np.sum({a}**2+1)",
    "{a}*np.sum({a})", "np.abs({a})", "{a}[::-1]", "np.cumsum({a}, axis=0)", "-{a}[::-1]",
    "np.maximum({a}, 0.1)", "{a}.reshape(-1).reshape({a}.shape)", "{a}-np.sum({a}, axis=0)",
)  # fmt: skip
OF_TWO = (
    "{a}-{b}", "{a}-{b}", "{b}-{a}", "{a}+{b}", "{a}*{b}", "-({a}-{b})", "({a}-{b})**2",
    "2.0-({a}-{b})**2", "{a}/({b}**2+1.0)", "{a}*{b}-{a}", "{a}-{b}*0.5", "np.maximum({a}, {b})",
    "np.where({a}>{b}, {a}, {b})", "{a}*np.sum({b})", "{a}-np.mean({b})", "np.sum({a}*{b})-{a}",
    "np.hypot({a}, {b}+2.0)", "{a}-np.max({b})", "np.stack([{a}, {b}])[0]-{b}",
    "np.concatenate([{a}, {b}])[:len({a})]*{b}",
)  # fmt: skip


@STATEMENTS("graphs", 25)
def of_some(w: Writer) -> bool | None:
    """Operands are often what was computed last."""
    name = w.any(w.arrays()[-4:])
    if not name:
        return None
    shape = w.shape(name)
    other = w.any(w.of(Array(shape)))
    form = w.random.choice(OF_TWO if w.maybe(0.65) else OF_ONE)
    text = form.format(a=name, b=other)
    if w.maybe(0.5):
        text = form.format(a=other, b=name)
    return assign(w, target(w, Array(shape), 0.15), Array(shape), text)


@STATEMENTS("graphs", 4)
def changed(w: Writer) -> bool | None:
    """An array takes in another one of its shape."""
    name = w.any([n for n in w.arrays(written=True) if n in w.homes])
    if not name:
        return None
    other = w.any(w.of(Array(w.shape(name))))
    return w.add(f"{name} {w.pick('+=', '-=', '*=')} {other}{w.pick('', ' * 0.5')}")
