"""First derivatives of a function as functions of their own, to be checked in their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.api import _compiler, grad
from srcgrad.callables import taking_exactly
from srcgrad.derivative import Derivative
from srcgrad.differences import random_like
from srcgrad.finishing import copied
from srcgrad.options import Mode
from srcgrad.signatures import positional_names, signature_of

First = tuple[Callable[..., Any], tuple[Any, ...], tuple[int, ...]]


def first_derivatives(
    f: Callable[..., Any],
    args: Sequence[Any],
    wanted: tuple[int, ...],
    modes: Sequence[str],
    seed: int,
) -> Iterator[First]:
    """Each with arguments, and the positions of those to differentiate.

    Of a function of one real number its gradient. Of any other one the cotangents of its arguments,
    a function of the cotangent of the value too, and the tangent, one of the arguments' tangents.
    """
    value = f(*(trees.map_leaves(copied, arg) for arg in args))
    if isinstance(value, float | np.floating):
        yield grad(f, wanted), tuple(args), wanted
        return
    rng = np.random.default_rng(seed)
    f, count = taking_exactly(f, args), len(args)
    names = positional_names(signature_of(f), count)
    wrt = tuple(names[k] for k in wanted)
    if "reverse" in modes:
        cotangent = trees.map_leaves(lambda leaf: random_like(leaf, rng), value)
        seeded = (count,) if trees.has_float_leaf(cotangent) else ()
        yield _made(f, "pull", wrt, args), (*args, cotangent), (*wanted, *seeded)
    if "forward" in modes:
        dots = [trees.map_leaves(lambda leaf: random_like(leaf, rng), args[k]) for k in wanted]
        more = tuple(range(count, count + len(dots)))
        yield _made(f, "jvp", wrt, args), (*args, *dots), (*wanted, *more)


def _made(
    f: Callable[..., Any], mode: Mode, wrt: tuple[str, ...], args: Sequence[Any]
) -> Callable[..., Any]:
    signature = signature_of(f)
    made: Derivative[..., Any] = Derivative(
        f, _compiler(f, mode, wrt, False), wrt=wrt, label=mode, signature=signature
    )
    return made.lower(*args).function
