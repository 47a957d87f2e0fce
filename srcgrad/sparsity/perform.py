"""Do one operation of a program for real, and say what its result depends on."""

from __future__ import annotations

import builtins
import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from srcgrad.errors import SrcgradError
from srcgrad.ir.core import Const
from srcgrad.ir.library import WRITING
from srcgrad.rules.registry import BindError, Primitive, bind, lookup
from srcgrad.sparsity.passing import Application, passed_on
from srcgrad.sparsity.sets import STEPS, as_array, is_empty, join, union
from srcgrad.sparsity.shadow import Shadow, Tagged, leaves, owner, plain, tagged

# What these give is the same for all values of the inputs: types, shapes, whether there is a value.
FIXED = frozenset({
    "builtins.len", "builtins.isinstance", "builtins.callable", "builtins.hasattr", "builtins.type",
    "builtins.print", "operator.is_", "operator.is_not", "attr.shape", "attr.ndim", "attr.size",
    "attr.dtype", "attr.itemsize", "attr.nbytes", "numpy.shape", "numpy.ndim", "numpy.size",
    "numpy.zeros_like", "numpy.ones_like", "numpy.empty_like", "numpy.iscomplexobj",
    "numpy.isrealobj", "numpy.isscalar", "numpy.result_type", "numpy.may_share_memory",
    "srcgrad.support.same_length", "srcgrad.support.zeros_like",
})  # fmt: skip
INPLACE = frozenset({
    "operator.iadd", "operator.isub", "operator.imul", "operator.itruediv", "operator.ifloordiv",
    "operator.imod", "operator.ipow", "operator.imatmul", "operator.iand", "operator.ior",
    "operator.ixor", "operator.ilshift", "operator.irshift",
})  # fmt: skip
CHANGING = frozenset({  # methods that write into their array
    "method.sort", "method.fill", "method.put", "method.partition", "method.resize",
    "method.itemset", "method.setfield", "method.byteswap",
})  # fmt: skip
COUNTING = frozenset({  # the shape of the result hangs on the values given
    "numpy.nonzero", "numpy.flatnonzero", "numpy.argwhere", "numpy.unique", "numpy.trim_zeros",
    "numpy.compress", "numpy.extract", "numpy.bincount", "numpy.intersect1d", "numpy.union1d",
    "numpy.setdiff1d", "method.nonzero", "method.compress", "numpy.repeat", "numpy.delete",
})  # fmt: skip
HIDING = frozenset({  # what these give shares memory that its `base` does not tell
    "numpy.nditer", "numpy.nested_iters", "numpy.frombuffer", "numpy.ndarray", "numpy.memmap",
    "numpy.from_dlpack", "numpy.getbuffer", "attr.data", "attr.ctypes", "builtins.memoryview",
})  # fmt: skip
SEEN = frozenset({  # where functions come from that keep nothing
    "numpy", "scipy", "math", "cmath", "operator", "builtins", "srcgrad", "attr", "method", "draw",
})  # fmt: skip
# Functions of containers: items go in and out as they are.
ON_CONTAINERS = frozenset({
    "operator.getitem", "operator.delitem", "builtins.len", "builtins.list", "builtins.tuple",
    "builtins.dict", "builtins.zip", "builtins.enumerate", "builtins.reversed",
    "builtins.isinstance", "builtins.type", "builtins.set", "builtins.iter",
})  # fmt: skip


class Unknown(SrcgradError):
    """What the dependencies of a program cannot be told through."""


@functools.cache
def resolve(name: str) -> Any:
    """The object of a dotted name: `numpy.add.outer`, `scipy.special.erf`."""
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        return functools.reduce(getattr, parts[count:], found)
    raise Unknown(f"sparsity: `{name}` is not known")


class Performer:
    """Operations on values whose sources are known. `local` is called with what a run hangs on."""

    def __init__(self, shadow: Shadow, local: Callable[[str], None]) -> None:
        self.shadow = shadow
        self.local = local

    def perform(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The result of an operation, with its sources."""
        if args and isinstance(args[0], (list, tuple, dict)) and _keeps_items(name, args):
            return self.on_container(name, args, kwargs)
        function = _function(name, args)
        rest = list(args[1:] if name.startswith(("method.", "attr.")) else args)
        if name == "operator.getitem":
            return self.item(args[0], args[1])
        if name in ("builtins.list", "builtins.tuple") and isinstance(args[0], np.ndarray):
            items = [self.item(args[0], k) for k in range(len(args[0]))]
            return items if name == "builtins.list" else tuple(items)
        given = (*args, *kwargs.values())
        touched = any(map(self.shadow.touches, given))
        _refuse_hidden(name, args, touched)
        before = self.done_in_place(name, args, kwargs) if touched else None
        value = function(*map(plain, rest), **{key: plain(item) for key, item in kwargs.items()})
        if not touched or name in FIXED or isinstance(value, Tagged):
            return value
        self.note_counts(name, given)
        if before is not None:
            target, sets = before
            self.shadow.mark(target, sets)
            return value
        if any(value is other for other in args[1:]) and isinstance(value, np.ndarray):
            self.shadow.mark(value, self.shadow.all_of(given))  # told to write into it
            return value
        prim = lookup(name)
        if prim is not None and prim.elementwise and _are_numbers(value, given) and not prim.silent:
            return tagged(value, union(leaf.sets for leaf in given if isinstance(leaf, Tagged)))
        if prim is not None and prim.is_zero:
            return self.give(value, STEPS, args)
        sets = None if prim is None else self.told(prim, function, args, kwargs, value)
        return self.give(value, self.shadow.all_of(given) if sets is None else sets, given)

    def on_container(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Items of containers keep their own sources; keys and counts are plain."""
        if name == "operator.getitem" or name.startswith("method.") and args[1:]:
            key = args[-1] if name == "operator.getitem" else args[1]
            if name in ("operator.getitem", "method.get", "method.pop", "method.insert"):
                self.hangs_on(key, "an index")
                key = plain(key)
                rest = [key] if name == "operator.getitem" else [key, *args[2:]]
                return _function(name, args)(*(args[:1] if name[0] == "o" else ()), *rest)
        first = () if name.startswith(("method.", "attr.")) else args[:1]
        return _function(name, args)(*first, *args[1:], **kwargs)

    # arrays
    def item(self, base: Any, index: Any) -> Any:
        """`base[index]`"""
        self.hangs_on(index, "an index")
        key = plain(index)
        value = plain(base)[key]
        if isinstance(base, Tagged):
            return self.give(value, base.sets, (base,))
        if not isinstance(base, np.ndarray):
            return self.give(value, self.shadow.all_of(base), (base,))
        sets = self.shadow.of(base)
        return value if sets is None else self.give(value, sets[key], (base,))

    def store(self, base: Any, index: Any, value: Any, op: str) -> None:
        """`base[index] = value`, and what it adds to what is there."""
        self.hangs_on(index, "an index")
        key = plain(index)
        if isinstance(base, (list, dict)):
            if op != "set":
                value = self.perform(f"operator.i{op}", (base[key], value), {})
            base[key] = value
            return
        if not isinstance(base, np.ndarray):
            raise Unknown("sparsity: a store into what is no array, list or dict")
        new = self.sets_to_store(value)
        if self.shadow.of(base) is not None or not is_empty(new):
            self.mark_item(self.shadow.begun(base), key, new, op)
        _store(base, key, plain(value), op)

    def sets_to_store(self, value: Any) -> Any:
        found = self.shadow.like(value)
        return as_array(np.array(found, dtype=object) if isinstance(found, list) else found).copy()

    def mark_item(self, whole: Any, key: Any, new: Any, op: str) -> None:
        """The sets of the elements that a store names."""
        if op == "at":
            join.at(whole, key, new)
            return
        there = whole[key]
        if isinstance(there, frozenset):
            whole[key] = union([*new.flat, *([there] if op != "set" else [])])
        else:
            whole[key] = new if op == "set" else join(there, new)

    def done_in_place(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Any, Any] | None:
        """The array that a function writes into, and its sets afterwards. Taken before it does."""
        everything = functools.partial(self.shadow.all_of, (*args, *kwargs.values()))
        target = kwargs.get("out")
        if isinstance(target, tuple):
            target = target[0] if len(target) == 1 else None
        if target is not None or "out" in kwargs:
            if not isinstance(target, np.ndarray):
                raise Unknown(f"sparsity: `out` of `{name}`")
            return target, everything()
        first = args[0] if args else None
        if not isinstance(first, np.ndarray):
            return None
        if name in INPLACE:
            if name == "operator.imatmul":
                return first, everything()
            return first, join(as_array(self.shadow.like(first)), self.sets_to_store(args[1]))
        if name in CHANGING or name in WRITING or name.endswith(".at"):
            return first, everything()
        return None

    def note_counts(self, name: str, given: Sequence[Any]) -> None:
        """Note results whose shapes, and choices that whole numbers make, hang on the inputs."""
        if name in COUNTING or name == "numpy.where" and len(given) == 1:
            self.local("how many elements there are")
        for leaf in leaves(list(given)):
            if isinstance(leaf, Tagged) and isinstance(leaf.value, (int, np.integer)):
                self.local("a whole number")

    # what results depend on
    def told(
        self,
        prim: Primitive,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        value: Any,
    ) -> Any:
        """Sets of the result of a function that rules know; None if nothing is known better than
        that all depends on all."""
        places = _places(prim.name, len(args), tuple(kwargs))
        if places is None:
            return None
        given = {p: args[k] if isinstance(k, int) else kwargs[k] for p, k in places.items()}
        call = Application(
            prim.name,
            function,
            given,
            tuple(p for p, place in places.items() if isinstance(place, int)),
            {place: p for p, place in places.items() if isinstance(place, str)},
            prim.defaults,
            value,
            self.shadow,
            prim.elementwise,
            prim.silent,
        )
        try:
            found = passed_on(call)
        except (TypeError, ValueError, IndexError, LookupError, AttributeError):
            return None  # of a form that the tables do not foresee
        if found is None or found[0] is None:
            return None
        told = found[1] | prim.silent
        others = [v for p, v in given.items() if not {p, p.split("[")[0]} & told]
        self.hangs_on(others, "an argument that picks elements")
        rest = union(map(self.shadow.all_of, others))
        if isinstance(found[0], list):
            parts = [as_array(join(part, rest)) for part in found[0]]
            return parts if len(parts) == len(value) else None
        sets = as_array(join(found[0], rest))
        return sets if _fits(sets, value) else None

    def give(self, value: Any, sets: Any, operands: Sequence[Any]) -> Any:
        """A result with its sources. One in memory that is known has them already."""
        if isinstance(value, np.ndarray):
            inside = [leaf for leaf in leaves(list(operands)) if isinstance(leaf, np.ndarray)]
            if not any(owner(value) is owner(leaf) for leaf in inside):
                known = self.shadow.of(value)  # memory that an object held
                self.shadow.mark(value, sets if known is None else join(known, as_array(sets)))
            return value
        if value is None or isinstance(value, (str, bytes, type)):
            return value
        if isinstance(value, (tuple, list)):
            if isinstance(sets, np.ndarray) and sets.ndim and len(sets) == len(value):
                sets = list(sets)
            if not isinstance(sets, list):
                sets = [union(as_array(sets).flat)] * len(value)
            items = [self.give(v, s, operands) for v, s in zip(value, sets, strict=True)]
            return type(value)(items) if type(value) in (tuple, list) else _alike(value, items)
        found = union(as_array(sets).flat)
        if type(value) is dict:
            return {key: self.give(item, found, operands) for key, item in value.items()}
        return tagged(value, found)

    def hangs_on(self, value: Any, what: str) -> None:
        """Note that the run would be another one if a value were."""
        if self.shadow.touches(value):
            self.local(what)


def _keeps_items(name: str, args: Sequence[Any]) -> bool:
    """True for operations on a container that leave its items as they are."""
    if name in ("operator.add", "operator.iadd"):
        return isinstance(args[1], (list, tuple))
    if name in ("operator.mul", "operator.imul"):
        return isinstance(args[1], int)
    return name in ON_CONTAINERS or name.startswith(("method.", "attr."))


def _refuse_hidden(name: str, args: Sequence[Any], touched: bool) -> None:
    """Refuse what may share memory, or keep what it is given, where a shadow cannot see it."""
    owner_, _, short = name.rpartition(".")
    root = name.split(".")[0]
    if name in HIDING or touched and root not in SEEN:
        raise Unknown(f"sparsity: `{short}` may keep or share what it is given")
    if owner_ != "method" or not touched:
        return
    held = plain(args[0])
    home = type(held).__module__.split(".")[0]
    known = isinstance(held, (np.ndarray, np.generic, int, float, complex, str, list, tuple, dict))
    if not known and (home not in ("numpy", "scipy") or short == "shuffle"):
        raise Unknown(f"sparsity: `{short}` of an object that may keep what it is given")


def _function(name: str, args: Sequence[Any]) -> Callable[..., Any]:
    """What to call with plain arguments; the object of a method is in it already."""
    owner_, _, short = name.rpartition(".")
    if owner_ == "attr":
        return lambda: getattr(args[0] if isinstance(args[0], tuple) else plain(args[0]), short)
    if owner_ in ("method", "draw"):
        found = getattr(args[0] if isinstance(args[0], (list, dict)) else plain(args[0]), short)
        return found if owner_ == "method" else lambda _, *rest, **kw: found(*rest, **kw)
    found = getattr(builtins, short) if owner_ == "builtins" else resolve(name)
    return cast(Callable[..., Any], found)


def _are_numbers(value: Any, given: Sequence[Any]) -> bool:
    """True for an operation on numbers, without arrays and containers."""
    known = (Tagged, int, float, np.generic)
    return not isinstance(value, (np.ndarray, tuple)) and all(isinstance(v, known) for v in given)


@functools.lru_cache(maxsize=4096)
def _places(name: str, count: int, keys: tuple[str, ...]) -> dict[str, int | str] | None:
    """Where each parameter is given: by position or by keyword. None if the call does not fit."""
    prim = lookup(name)
    assert prim is not None
    try:
        atoms = bind(prim, tuple(map(Const, range(count))), {key: Const(key) for key in keys})
    except BindError:
        return None
    return {param: atom.value for param, atom in atoms.items() if isinstance(atom, Const)}


def _alike(value: Any, items: list[Any]) -> Any:
    """A named tuple, or another sequence, of other items."""
    return tuple.__new__(type(value), items) if isinstance(value, tuple) else items


def _fits(sets: Any, value: Any) -> bool:
    """Whether there is one set for each number of a value."""
    shape = value.shape if isinstance(value, np.ndarray) else ()
    if isinstance(value, list):
        return bool(sets.ndim and len(sets) == len(value))
    return not isinstance(value, tuple) and sets.shape == shape


def _store(base: Any, key: Any, value: Any, op: str) -> None:
    if op == "at":
        np.add.at(base, key, value)
    elif op == "add":
        base[key] += value
    elif op == "sub":
        base[key] -= value
    else:
        base[key] = value
