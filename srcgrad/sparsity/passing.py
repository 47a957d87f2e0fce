"""What functions pass on: the sets of a result from those of the arguments.

Three tables by name: functions that move elements, that reduce axes, and that mix the elements of
one axis. Elementwise functions are known from the rules. What is in none of these depends, in every
element, on everything it is given, which is never too little.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcgrad.ir.classes import dataclass
from srcgrad.sparsity.products import PRODUCTS
from srcgrad.sparsity.sets import as_array, filled, gathered, join, only_sets
from srcgrad.sparsity.shadow import Shadow, Tagged, plain


@dataclass(frozen=True, slots=True)
class Application:
    """A call that was done: arguments by parameter, and the value that came out."""

    name: str
    function: Callable[..., Any]
    bound: Mapping[str, Any]
    args: tuple[str, ...]  # parameters given by position
    kwargs: Mapping[str, str]  # parameters given by keyword, by its spelling
    defaults: Mapping[str, Any]
    value: Any
    shadow: Shadow
    elementwise: bool = False
    silent: frozenset[str] = frozenset()  # parameters read for their shape alone

    def plain(self, name: str, default: Any = None) -> Any:
        """The value of a parameter, or its default."""
        if name in self.bound:
            return plain(self.bound[name])
        return self.defaults.get(name, default)

    def like(self, name: str) -> Any:
        """Sets in the place of the elements of an argument."""
        value = self.bound[name]
        if name.split("[")[0] in self.silent:
            return filled(np.shape(plain(value)))
        return self.shadow.like(value)


def _names(text: str, prefix: str = "numpy.") -> list[str]:
    return [name if "." in name else prefix + name for name in text.split()]


# Elements that are moved: functions by the parameter that holds them.
_MOVED = {
    "a": "attr.T attr.mT method.copy method.astype method.flatten transpose swapaxes moveaxis "
    "rollaxis reshape ravel squeeze expand_dims roll repeat resize take compress copy diagonal "
    "astype",
    "x": "attr.T attr.mT matrix_transpose linalg.matrix_transpose linalg.diagonal atleast_1d "
    "atleast_2d atleast_3d astype positive ascontiguousarray asfortranarray require",
    "m": "tril triu fliplr flipud flip rot90",
    "v": "diag diagflat",
    "A": "tile",
    "arr": "take_along_axis extract delete",
    "array": "broadcast_to pad",
    "arrays": "concatenate stack vstack hstack column_stack dstack block",
    "arr values": "append insert",
    "object": "array asarray asanyarray",
    "fill_value": "full full_like",
    "ary": "split array_split vsplit hsplit dsplit",
    "xi": "meshgrid",
    "choicelist default": "select",
    "choices": "choose",
}
MOVES = {name: tuple(params.split()) for params, names in _MOVED.items() for name in _names(names)}
REDUCED = frozenset(
    _names(
        "sum mean var std max min amax amin ptp prod nansum nanmean nanprod nanmax nanmin nanvar "
        "nanstd median nanmedian add.reduce multiply.reduce maximum.reduce minimum.reduce "
        "logaddexp.reduce hypot.reduce linalg.norm linalg.vector_norm scipy.special.logsumexp "
        "scipy.linalg.norm average"
    )
)
# What mixes along one axis, and what that axis is where the call does not say.
MIXED = dict.fromkeys(_names("scipy.special.softmax scipy.special.log_softmax"), None) | (
    dict.fromkeys(
        _names(
            "sort fft.fft fft.ifft unwrap cross linalg.cross scipy.fft.dct scipy.fft.idct "
            "scipy.fft.dst scipy.fft.idst scipy.signal.lfilter scipy.signal.detrend"
        ),
        -1,
    )
)
RUNNING = frozenset(
    _names(
        "cumsum cumprod nancumsum nancumprod cumulative_sum cumulative_prod add.accumulate "
        "multiply.accumulate maximum.accumulate minimum.accumulate"
    )
)
LONG = 3000  # elements of a running sum beyond which each is taken to depend on all


def moved(call: Application, params: tuple[str, ...]) -> Any:
    """The function itself, done to the sets."""
    first = next(p for p in params if p in call.bound)
    if call.name in ("numpy.array", "numpy.asarray", "numpy.asanyarray"):
        return only_sets(np.array(call.like(first), dtype=object))
    if call.name in ("numpy.full", "numpy.full_like"):
        return np.broadcast_to(as_array(call.like(first)), np.shape(call.value))
    if call.name in ("method.astype", "numpy.astype", "numpy.require"):
        return as_array(call.like(first))

    def given(name: str) -> Any:
        return call.like(name) if name in params else plain(call.bound[name])

    def sets_of(name: str) -> Any:
        value = given(name)
        return as_array(value) if isinstance(value, frozenset) else value

    kwargs = {key: sets_of(name) for key, name in call.kwargs.items() if name != "dtype"}
    owner, _, short = call.name.rpartition(".")
    if owner in ("method", "attr"):
        made = getattr(sets_of(first), short)
        made = made(*map(sets_of, call.args[1:]), **kwargs) if owner == "method" else made
    else:
        made = call.function(*map(sets_of, call.args), **kwargs)
    if isinstance(call.value, (list, tuple)):
        return [only_sets(as_array(item)) for item in made]
    return only_sets(as_array(made))


def elementwise(call: Application) -> Any:
    """Operands are stretched to one shape, and meet element by element."""
    sets = functools.reduce(join, (as_array(call.like(name)) for name in call.bound))
    if isinstance(call.value, tuple):
        return [as_array(sets)] * len(call.value)
    return np.broadcast_to(as_array(sets), np.shape(call.value))


def reduced(call: Application) -> Any:
    """Each element of the result depends on what it was reduced from."""
    name = next(iter(call.bound))
    if call.name == "numpy.average" and call.plain("weights") is not None:
        return None
    return gathered(call.like(name), call.plain("axis")).reshape(np.shape(call.value))


def mixed(call: Application, default: int | None) -> Any:
    """Elements along an axis depend on all elements along that axis."""
    axis = call.plain("axis")
    axis = default if axis is None else axis
    if call.name.endswith("cross") and set(call.bound) != {"a", "b"}:
        return None
    found = None
    for name, value in call.bound.items():
        if isinstance(value, (np.ndarray, Tagged)):
            sets = gathered(call.like(name), axis)
            found = sets if found is None else join(found, sets)
    return None if found is None else np.broadcast_to(found, np.shape(call.value))


def running(call: Application) -> Any:
    """Each element depends on those before it."""
    sets = as_array(call.like(next(iter(call.bound))))
    axis = call.plain("axis")
    if axis is None:
        sets, axis = sets.reshape(-1), 0
    if sets.shape[axis] > LONG:
        return np.broadcast_to(gathered(sets, axis), np.shape(call.value))
    made = join.accumulate(sets, axis=axis)
    return made if made.shape == np.shape(call.value) else None


def differences(call: Application) -> Any:
    """`np.diff`: neighbours, as often as is asked for."""
    sets = as_array(call.like("a"))
    axis = call.plain("axis", -1)
    for _ in range(call.plain("n", 1)):
        ahead = np.take(sets, range(1, sets.shape[axis]), axis)
        sets = join(ahead, np.take(sets, range(sets.shape[axis] - 1), axis))
    return sets


def unbroadcast(call: Application) -> Any:
    """A cotangent summed to the shape of an operand."""
    given = as_array(call.like("g"))
    shape = np.shape(call.value)
    extra = given.ndim - len(shape)
    summed = [k for k in range(given.ndim) if k < extra or shape[k - extra] != given.shape[k]]
    return gathered(given, tuple(summed)).reshape(shape)


def summed(call: Application) -> Any:
    """`sum` of a container, item by item."""
    items = call.like(next(iter(call.bound)))
    return functools.reduce(join, map(as_array, items)) if isinstance(items, list) else None


PARTED = frozenset(_names("modf frexp divmod builtins.divmod"))  # elementwise, in several parts

# Functions by name, with the parameters that they account for; None: all that are given.
ACCOUNTED: dict[str, tuple[Callable[[Application], Any], tuple[str, ...] | None]] = {
    "numpy.diff": (differences, ("a",)),
    "builtins.sum": (summed, ("x",)),
    "srcgrad.support.unbroadcast": (unbroadcast, ("g",)),
}


def passed_on(call: Application) -> tuple[Any, frozenset[str]] | None:
    """Sets of the result, and the parameters that they account for; None if not told."""
    name = call.name
    everything = frozenset(call.bound)
    if call.elementwise or name in PARTED:
        return elementwise(call), everything
    if name in MOVES:
        params = tuple(p for p in call.bound if p.split("[")[0] in MOVES[name])
        params = params or tuple(call.bound)[:1]
        return moved(call, params), frozenset(params)
    if name in REDUCED:
        return reduced(call), frozenset(tuple(call.bound)[:1])
    if name in MIXED:
        return mixed(call, MIXED[name]), everything
    if name in RUNNING:
        return running(call), frozenset(tuple(call.bound)[:1])
    if name in PRODUCTS:
        return PRODUCTS[name](call), everything
    if name in ACCOUNTED:
        rule, params_ = ACCOUNTED[name]
        return rule(call), everything if params_ is None else frozenset(params_)
    return None
