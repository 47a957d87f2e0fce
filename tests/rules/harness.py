"""Check rules by numbers: formulas against central differences, kinds against real results.

A row is a primitive with sample arguments. `lit(v)` marks an argument as written in the call; any
other is a variable. Formulas are evaluated as Python, in the namespace that the registry gives
them.
"""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.core import Atom, Const, Var
from srcgrad.ir.kinds import NONE, OBJECT, STR, Dim, Dtype, Kind, Length
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import TABLE, Primitive, bind, formulas_for, make_call
from srcgrad.support import unbroadcast


@dataclass(frozen=True)
class Lit:
    """An argument written in the call."""

    value: Any


def lit(value: Any) -> Lit:
    return Lit(value)


def newer(*names: str) -> list[Any]:
    """Functions that an old NumPy may not have: those that this one has."""
    return [getattr(np, name) for name in names if hasattr(np, name)]


@dataclass(frozen=True)
class Row:
    """A primitive with sample arguments.

    `loose`: the kind of the result need not be known. `step`: of the differences. `fixed`: numbers
    that have no formula though they do change the result: refused where they are differentiated.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    loose: bool = False
    step: float = 1e-6
    fixed: tuple[str, ...] = ()

    @property
    def prim(self) -> Primitive:
        return TABLE[self.name]

    def __str__(self) -> str:
        parts = [_brief(a) for a in self.args] + [
            f"{k}={_brief(v)}" for k, v in self.kwargs.items()
        ]
        return f"{self.name}({', '.join(parts)})"


def row(
    fn: Any,
    *args: Any,
    loose: bool = False,
    step: float = 1e-6,
    fixed: tuple[str, ...] = (),
    **kwargs: Any,
) -> Row:
    return Row(canonical_name(fn), args, kwargs, loose, step, fixed)


def _brief(arg: Any) -> str:
    if isinstance(arg, Lit):
        return repr(arg.value)
    if isinstance(arg, np.ndarray):
        return f"{arg.dtype.char}{list(arg.shape)}"
    return type(arg).__name__


def thinned(rows: Iterable[Row]) -> list[Row]:
    """The first row of each function, and every fifth: those that go through the whole compiler.

    The formulas of all of them are checked; what the compiler makes of them is alike.
    """
    seen: set[str] = set()
    out = []
    for number, found in enumerate(rows):
        if found.name not in seen or number % 5 == 0:
            out.append(found)
        seen.add(found.name)
    return out


# --- kinds ---------------------------------------------------------------------------------------

_PYTHON: dict[type, Dtype] = {bool: "b", int: "pi", float: "pf", complex: "pc"}
_SIZES: dict[str, Dtype] = {
    "f2": "f2",
    "f4": "f4",
    "f8": "f8",
    "f16": "f16",
    "c8": "c8",
    "c16": "c16",
}


def dtype_class(value: Any) -> Dtype:
    if type(value) in _PYTHON:
        return _PYTHON[type(value)]
    dtype = np.asarray(value).dtype
    if dtype.kind in "biu":
        return "b" if dtype.kind == "b" else "i"
    return _SIZES.get(f"{dtype.kind}{dtype.itemsize}", "?")


def kind_of(value: Any, name: str) -> Kind:
    """The kind of a sample argument, its lengths named after it."""
    if isinstance(value, np.ndarray):
        lengths: list[Length] = [
            1 if n == 1 else Dim(f"{name}.{axis}", 0, n) for axis, n in enumerate(value.shape)
        ]
        return Kind("array", dtype_class(value), tuple(lengths))
    if isinstance(value, (list, tuple)):
        items = tuple((i, kind_of(v, f"{name}[{i}]")) for i, v in enumerate(value))
        return Kind("list" if isinstance(value, list) else "tuple", items=items)
    if isinstance(value, dict):
        return Kind("dict", items=tuple((k, kind_of(v, f"{name}.{k}")) for k, v in value.items()))
    if isinstance(value, (bool, int, float, complex, np.generic)):
        length = value if type(value) is int else None
        return Kind("scalar", dtype_class(value), (), value=length)
    if isinstance(value, str):
        return STR
    if isinstance(value, type) and issubclass(value, np.generic):
        return OBJECT.with_dtype(dtype_class(value(0)))
    return NONE if value is None else OBJECT


def lengths_in(value: Any, name: str) -> dict[str, int]:
    """What the symbols of `kind_of` stand for."""
    if isinstance(value, np.ndarray):
        return {f"{name}.{axis}": n for axis, n in enumerate(value.shape)}
    found: dict[str, int] = {}
    if isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            found |= lengths_in(item, f"{name}[{i}]")
    return found


def assert_kind(kind: Kind, value: Any, lengths: Mapping[str, int]) -> None:
    """Everything that `kind` says of `value` is true."""
    if kind.dtype != "?" and kind.tag in ("scalar", "array", "unknown"):
        assert dtype_class(value) == kind.dtype, f"dtype {dtype_class(value)}, not {kind.dtype}"
    if kind.tag == "scalar":
        assert not isinstance(value, np.ndarray), "an array, not a scalar"
        assert np.ndim(value) == 0
    elif kind.tag == "array":
        assert isinstance(value, np.ndarray), f"{type(value)}, not an array"
        if kind.shape is not None:
            assert value.ndim == len(kind.shape), f"rank {value.ndim}, not {len(kind.shape)}"
            for n, length in zip(value.shape, kind.shape, strict=True):
                _assert_length(length, n, lengths)
    elif kind.tag in ("tuple", "list"):
        assert isinstance(value, tuple if kind.tag == "tuple" else list)
        items = [k for _, k in kind.items] if kind.items is not None else None
        items = items if items is not None else [kind.element or Kind("unknown")] * len(value)
        for item_kind, item in zip(items, value, strict=True):
            assert_kind(item_kind, item, lengths)
    elif kind.tag in ("none", "str"):
        assert value is None if kind.tag == "none" else isinstance(value, str)
    if kind.value is not None:
        _assert_length(kind.value, value, lengths)


def _assert_length(length: Length, actual: int, lengths: Mapping[str, int]) -> None:
    if isinstance(length, Dim):
        if length.symbol not in lengths:
            return  # a length of which nothing is known
        length = lengths[length.symbol] + length.offset
    assert actual == length, f"length {actual}, not {length}"


# --- formulas ------------------------------------------------------------------------------------


@dataclass
class Case:
    """A row made ready: the call as rules see it, and the function to run."""

    row: Row
    values: dict[str, Any]
    call: Call
    lengths: dict[str, int]

    def run(self, values: Mapping[str, Any]) -> Any:
        """The primal result; arguments are copied, since some operators write to them."""
        args, kwargs = self._arguments(values)
        return resolve(self.row.name)(*copy.deepcopy(args), **copy.deepcopy(kwargs))

    def _arguments(self, values: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        atoms = list(self.call.args.items())
        count = len(self.row.args)
        return [values[n] for n, _ in atoms[:count]], {
            n: values[self.row.prim.also.get(n, n)] for n in self.row.kwargs
        }

    def formulas(self) -> Mapping[str, Formula]:
        found = formulas_for(self.row.prim, self.call)
        assert found is not None, "there is no rule for this call"
        return found

    def cotangent(
        self, formula: Formula, g: Any, y: Any, values: Mapping[str, Any], of: str
    ) -> Any:
        defaults = dict(self.row.prim.defaults)
        names = {**formula.namespace, **defaults, **values, "g": g, "d": g, "y": y}
        code = compile(
            ast.Expression(ast.fix_missing_locations(copy.deepcopy(formula.body))), "", "eval"
        )
        bar = eval(code, names)
        return unbroadcast(bar, values[of]) if self.row.prim.elementwise else bar


def resolve(name: str) -> Callable[..., Any]:
    """The function that a canonical name stands for."""
    module, _, attribute = name.rpartition(".")
    if module == "attr":
        return functools.partial(_get, attribute)
    if module == "method":
        return functools.partial(_method, attribute)
    if module.count(".") and hasattr(np, module.removeprefix("numpy.")):
        return getattr(getattr(np, module.removeprefix("numpy.")), attribute)
    return Distant(name).found()  # type: ignore[no-any-return]


def _get(attribute: str, value: Any) -> Any:
    return getattr(value, attribute)


def _method(name: str, value: Any, *args: Any) -> Any:
    return getattr(value, name)(*args)


def make_case(sample: Row, known: Callable[[Kind], Kind] = lambda kind: kind) -> Case:
    """`known` says how much of the kinds of its arguments the call is told."""
    values: dict[str, Any] = {}
    kinds: dict[str, Kind] = {}
    lengths: dict[str, int] = {}

    def atom(arg: Any, name: str) -> Atom:
        if isinstance(arg, Lit):
            return Const(arg.value)
        lengths.update(lengths_in(arg, name))
        kinds[name] = known(kind_of(arg, name))
        return Var(name)

    args = tuple(atom(arg, f"a{i}") for i, arg in enumerate(sample.args))
    kwargs = {name: atom(arg, name) for name, arg in sample.kwargs.items()}
    bound = bind(sample.prim, args, kwargs)
    given = [*sample.args, *sample.kwargs.values()]
    for name, arg in zip(bound, given, strict=True):
        values[name] = arg.value if isinstance(arg, Lit) else arg

    def kind(of: Atom) -> Kind:
        return kinds[of.name] if isinstance(of, Var) else kind_of(of.value, "")

    return Case(sample, values, make_call(sample.prim, bound, kind), lengths)


# --- differences ---------------------------------------------------------------------------------


def leaves(value: Any) -> list[Any]:
    """The numbers and arrays of a nest of lists, tuples and dicts."""
    if isinstance(value, dict):
        return leaves(list(value.values()))
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def is_float(value: Any) -> bool:
    return all(
        isinstance(v, float) or np.asarray(v).dtype.kind == "f" for v in leaves(value)
    ) and bool(leaves(value))


def flat(value: Any) -> Any:
    return np.concatenate([np.ravel(leaf) for leaf in leaves(value)]).astype(float)


def rebuilt(value: Any, numbers: Any) -> Any:
    """A value like `value`, its numbers taken from a vector."""
    rest = list(numbers)

    def take(old: Any) -> Any:
        if isinstance(old, dict):
            return {key: take(item) for key, item in old.items()}
        if isinstance(old, (list, tuple)):
            items = [take(item) for item in old]
            return old._make(items) if hasattr(old, "_make") else type(old)(items)
        if isinstance(old, np.ndarray):
            return np.array([rest.pop(0) for _ in range(old.size)], dtype=float).reshape(old.shape)
        return type(old)(rest.pop(0))

    return take(value)


def differences(case: Case, of: str, g: Any) -> Any:
    """The cotangent of one argument by central differences, as a vector."""
    x, eps = flat(case.values[of]), case.row.step
    out = np.empty_like(x)
    for i in range(len(x)):
        sides = []
        for step in (eps, -eps):
            moved = x.copy()
            moved[i] += step
            y = case.run({**case.values, of: rebuilt(case.values[of], moved)})
            sides.append(float(np.dot(flat(g), flat(y))))
        out[i] = (sides[0] - sides[1]) / (2 * eps)
    return out
