"""Generators of random numbers: what their methods give, and which of them write.

What a generator gives is new memory, and what it is given stays as it is, `shuffle` and `out` left
aside. So it may be called anywhere, also in loops: it runs in the forward sweep alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from srcgrad.ir.core import Atom, Const
from srcgrad.ir.kinds import UNKNOWN, Dim, Dtype, Kind, scalar

GENERATORS = frozenset({
    "numpy.random.default_rng", "numpy.random.Generator", "numpy.random.RandomState",
    "random.Random",
})  # fmt: skip
# Position of the argument `size`; before it stand parameters, which give no shape if they are
# numbers.
SIZE = {
    "random": 0, "random_sample": 0, "standard_cauchy": 0, "standard_exponential": 0,
    "standard_normal": 0, "exponential": 1, "geometric": 1, "poisson": 1, "rayleigh": 1,
    "standard_t": 1, "standard_gamma": 1, "chisquare": 1, "beta": 2, "binomial": 2, "gamma": 2,
    "gumbel": 2, "integers": 2, "laplace": 2, "logistic": 2, "lognormal": 2, "normal": 2,
    "randint": 2, "uniform": 2, "vonmises": 2, "wald": 2,
}  # fmt: skip
COUNTED = frozenset({"rand", "randn"})  # the arguments are the shape
NAMED = frozenset({"size", "loc", "scale", "low", "high", "lam", "n", "p", "shape", "a", "b"})
INTEGERS = frozenset({"binomial", "geometric", "integers", "poisson", "randint"})


def drawn_by(fn: str, kinds: Sequence[Kind]) -> bool:
    """True for a method of a generator, or a call of it."""
    return (
        (fn == "call" or fn.startswith("method.")) and bool(kinds) and kinds[0].tag == "generator"
    )


def drawn(
    method: str,
    args: Sequence[Atom],
    kwargs: Mapping[str, Atom],
    kind_of: Callable[[Atom], Kind],
    fresh: Callable[[], str],
) -> Kind:
    """Kind of what a method of a generator gives, or the function of that name."""
    dtype: Dtype = "i" if method in INTEGERS else "f8"
    if method in COUNTED and args and not kwargs:
        return _array(dtype, [kind_of(atom) for atom in args], fresh)
    if method not in SIZE or len(args) > SIZE[method] + 1 or kwargs.keys() - NAMED:
        return scalar("pf") if method in COUNTED and not args else UNKNOWN
    given = {**kwargs, **dict(zip((*map(str, range(SIZE[method])), "size"), args, strict=False))}
    size = kind_of(given.pop("size", Const(None)))
    if size.tag == "none":
        numbers = all(kind_of(atom).is_scalar for atom in given.values())
        single: Dtype = "i" if method == "integers" else "pi" if method in INTEGERS else "pf"
        return scalar(single) if numbers else UNKNOWN
    lengths = [kind for _, kind in size.items or ()] if size.tag == "tuple" else [size]
    return UNKNOWN if size.tag == "tuple" and size.items is None else _array(dtype, lengths, fresh)


def _array(dtype: Dtype, lengths: Sequence[Kind], fresh: Callable[[], str]) -> Kind:
    if not all(kind.is_scalar for kind in lengths):
        return UNKNOWN
    shape = (Dim(fresh()) if kind.value is None else kind.value for kind in lengths)
    return Kind("array", dtype, tuple(shape))
