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

# Functions whose adjoints are views of what they are given, or keep it.
SHAPING = (
    "np.sort({a}, axis=0)", "np.flip({a})", "np.roll({a}, 1)", "np.squeeze({a}[None])",
    "np.gradient({a}, axis=0)", "np.pad({a}, 1)[tuple([slice(1, -1)] * {a}.ndim)]",
    "{a}.ravel().reshape({a}.shape)", "np.broadcast_to({a}, (2,) + {a}.shape)[1]", "np.real({a})",
    "np.nan_to_num({a})", "np.moveaxis({a}[..., None], -1, 0)[0]",
    "np.repeat({a}, 2, axis=0)[::2]", "np.tile({a}, 1)", "np.clip({a}, -0.7, 0.9)",
    "np.take({a}, np.arange(len({a}))[::-1], axis=0)", "{a}[:]", "np.array({a})",
    "np.asarray({a})", "np.ascontiguousarray({a})", "np.atleast_1d({a})", "+{a}",
    "{a} / (1.0 + np.linalg.norm({a}))", "np.fft.ifft(np.fft.fft({a})).real", "{a}.real",
    "np.array([r for r in {a}])", "np.array(list({a}))", "np.stack(list({a}))", "np.abs({a})**2",
    "np.concatenate([{a}[1:], {a}[:1]])", "np.split({a}, [1])[0] + {a}",
    "np.where(True, {a}, 1.0)", "np.cumprod(np.cos({a}), axis=0)", "np.prod({a}, axis=0) + {a}",
    "np.max({a}, axis=0) - {a}", "np.einsum('...->...', {a})", "np.multiply({a}, 1.0)",
    "np.add({a}, 0.0)", "{a} * 1", "0.0 + {a}", "np.full_like({a}, np.sum({a}))",
    "np.ones_like({a}) * {a}", "np.exp({a} - np.max({a}))",
)  # fmt: skip
JOINING = (
    "np.concatenate([{a}, {b}])[len({b}):]", "np.stack([{a}, {b}]).sum(0)",
    "np.where({a} > 0.2, {b}, {a})", "np.einsum('...,...->...', {a}, {b})", "np.add({a}, {b})",
    "np.subtract({b}, {a})", "sum([{a}, {b}])", "np.vstack([{a}[None], {b}[None]])[1]",
    "np.minimum({b}, {a})", "np.array([{a}, {b}])[0]", "{a} if np.sum({a}) > 0.3 else {b}",
    "np.dot({a}.ravel(), {b}.ravel()) * {a}", "({a}.T @ {b}).sum() - {b}",
    "np.sum([{a}, {b}], axis=0)", "np.array([{a}, {b}]).mean(axis=0)",
    "np.arctan2({a}, {b} + 3.0)", "np.power(1.5 + np.cos({a}), {b})",
    "np.multiply({a}, {b}, out=np.empty_like({a}))", "np.broadcast_arrays({a}, {b})[0]",
    "({a}, {b})[1]", "np.maximum({a}, {b}) - np.minimum({a}, {b})",
    "np.outer({a}, {b}).sum() + {a}", "np.inner({a}.ravel(), {b}.ravel()) + {b}",
)  # fmt: skip


@STATEMENTS("graphs", 25)
def of_some(w: Writer) -> bool | None:
    """Operands are often what was computed last."""
    name = w.any(w.arrays()[-4:])
    if not name:
        return None
    shape = w.shape(name)
    other = w.any(w.of(Array(shape)))
    plain = OF_TWO if w.maybe(0.65) else OF_ONE
    more = JOINING if plain is OF_TWO else SHAPING
    form = w.random.choice(more if "shaping" in w.features and w.maybe(0.6) else plain)
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
